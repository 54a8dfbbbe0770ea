"""The text of a file, damaged or saved by some other program, in pieces to be parsed at once.

Add here how text is cut for any format. What a piece means is the module of its source.
"""

from collections.abc import Iterable
from dataclasses import replace

import pyarrow as pa

from pipelines.listening.privacy_export.encodings import REPLACEMENT, as_utf8, legible
from pipelines.listening.privacy_export.formats import SCHEMA
from pipelines.listening.privacy_export.parser import DamagedFile, NotAnExport, Part
from pipelines.listening.schema.tables import REFUSED_HISTORY

PIECE = 4 * 2**20
"""Bytes that are parsed at once: enough for Arrow to be efficient."""


class Pieces:
    """A file's text, taken from its beginning.

    Args:
        name: of the file.
        chunks: its bytes, split anywhere; may end with `DamagedFile`.

    Attributes:
        name: of the file.
        buffer: what was read and not taken.
        exhausted: whether nothing comes after the buffer.
        damage: why the file ends before its end; "" where it does not.
    """

    def __init__(self, name: str, chunks: Iterable[bytes]) -> None:
        self.name = name
        self.buffer = b""
        self.exhausted = False
        self.damage = ""
        self._chunks = iter(as_utf8(chunks))
        self._encoding = ""
        self._encodings: set[str] = set()
        self._lost = 0

    def begin(self, size: int) -> bytes:
        """The first bytes that were not taken, at least so many where there are as many.

        Args:
            size: how many.
        """
        self.fill(size)
        return self.buffer

    def fill(self, size: int = PIECE) -> None:
        """Read on until the buffer has so many bytes, or the file ends.

        Args:
            size: how many.
        """
        parts, length = [self.buffer], len(self.buffer)
        while length < size and not self.exhausted:
            try:
                part = next(self._chunks, None)
            except DamagedFile as problem:
                part, self.damage = None, str(problem)
            if part is None:
                self.exhausted = True
            else:
                parts.append(part)
                length += len(part)
        self.buffer = b"".join(parts)

    def take(self, size: int) -> bytes:
        """The first bytes of the buffer as valid UTF-8, which are then gone.

        Args:
            size: how many; whole characters.
        """
        text, self.buffer = self.buffer[:size], self.buffer[size:]
        found = legible(text, self._encoding)
        self._encoding = found.encoding
        self._encodings |= {found.encoding} - {""}
        self._lost += found.lost
        return (
            found.text.replace(b"\0", REPLACEMENT.encode()) if b"\0" in found.text else found.text
        )

    def described(self, part: Part) -> Part:
        """A part with how its text was read.

        Args:
            part: made of what was taken since the last one.
        """
        lost, self._lost = self._lost, 0
        encoding = ", ".join(sorted(self._encodings))
        return replace(part, encoding=encoding, lost_characters=lost)

    def end(self, stated: int | None = None, *, any_rows: bool = True) -> Part:
        """What there is to say of the file as a whole, when all of it was taken.

        Args:
            stated: how many rows it says that it has.
            any_rows: whether any row was found in it.

        Raises:
            NotAnExport: where there was none, and the file is damaged.
        """
        if self.damage and not any_rows:
            raise NotAnExport(f"{self.name} is damaged: {self.damage}")
        refused = REFUSED_HISTORY.from_rows(
            [{"file": self.name, "row": 0, "reason": self.damage, "text": "{}"}]
            if self.damage
            else []
        )
        damaged = bool(self.damage)
        return Part(SCHEMA.empty_table(), refused, int(damaged), damaged=damaged, stated=stated)


def column(values: list[str | None]) -> pa.Array:
    """Texts as a column.

    Args:
        values: of Python.
    """
    return pa.array(values, pa.string())
