"""Plays out of the files of Spotify's privacy exports: bytes in, Arrow tables out.

Cutting a file of any size into rows, and what becomes of rows that are damaged, lives here. What
the keys of a row mean is `formats.py`; where the bytes come from is `pipelines/ingest/archive.py`.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import NamedTuple

import msgspec
import pyarrow as pa

from pipelines.listening.api.objects import decode, without
from pipelines.listening.privacy_export.formats import (
    KNOWN_KEYS,
    MOST_LOST,
    TOO_LONG,
    Format,
    Row,
    fields_of,
    format_of,
    table_of,
    times_of,
    too_long,
)
from pipelines.listening.schema.tables import REFUSED_HISTORY

PIECE = 2 * 2**20
"""Bytes that are decoded at once: enough for Arrow to work in bulk. Measured."""

UNREADABLE = 64 * 2**20
"""Bytes after which a stretch without one readable row is given up."""

CLOCKS_DIFFER = timedelta(days=2)
"""How far a play may lie after the present: clocks and time zones differ."""

TEXT = 2_000
"""The most characters of a refused row that are kept."""

CUTS = 8
"""How many ends of rows are tried, from the last one back. A title may hold one that is none."""

UNDECODABLE = (ValueError, RecursionError)
BLANKS = b" \t\r\n"
BOM = b"\xef\xbb\xbf"

# JSON's grammar for one object of scalars; possessive, so that no text makes it slow.
_STRING = rb'"(?:[^"\\\x00-\x1f]|\\.)*+"'
_SCALAR = rb"(?:" + _STRING + rb"|-?[0-9][0-9.eE+-]*+|true|false|null)"
_PAIR = rb"\s*+" + _STRING + rb"\s*+:\s*+" + _SCALAR + rb"\s*+"
_FLAT = re.compile(rb"\{(?:" + _PAIR + rb"(?:," + _PAIR + rb")*+|\s*+)\}")
_TOLD = re.compile(rb"(?<=[{,\s])(" + _STRING + rb")\s*+:\s*+(" + _SCALAR + rb")(?=\s*+(?:[,}]|$))")
_HALVES = re.compile(  # of a character that was written as two: msgspec takes them for damage
    rb"\\\\|\\u[dD][89abAB]..\\u[dD][c-fC-F]..|(?P<half>\\u[dD][89a-fA-F]..)"
)
_ROW_END = re.compile(rb"\}(\s*+),")

_RAW_ROWS = msgspec.json.Decoder(list[msgspec.Raw])


class NotAnExport(ValueError):
    """A file that holds no listening history: one line with its name and what is wrong."""


class DamagedFile(Exception):
    """Raised by a source of chunks, after those that it could read: one line, what is wrong."""


@dataclass(frozen=True)
class Part:
    """What some consecutive rows of one file gave.

    Attributes:
        rows: columns of HISTORY without `ordinal` and `imported_at`, in the file's order.
        refused: REFUSED_HISTORY: rows that are not in `rows`, and rows that are, but not in full.
        lost: how many of `refused` are not in `rows`.
        damaged: among them are stretches of which nobody knows how many rows they were.
    """

    rows: pa.Table
    refused: pa.Table
    lost: int
    damaged: bool = False


def read(
    name: str, chunks: Iterable[bytes], *, latest: datetime, piece: int = PIECE
) -> Iterator[Part]:
    """The plays in one file of an export.

    Whether it is extended history or account data is told by its rows, not by its name. Every
    row is in `rows`, in `refused`, or (where a field that only describes it is odd) in both.
    Memory is bounded by `piece`, or by 64 MiB where that much of the file is damaged.

    Args:
        name: of the file, for the column `file`; where it says music, plays are tracks.
        chunks: its bytes, cut anywhere. May end with `DamagedFile`: what came before is read.
        latest: the present; a play that ended more than 2 days after it is refused.
        piece: bytes that are decoded at once.

    Raises:
        NotAnExport: where the file is empty, is no JSON list, or holds no row of history.
    """
    source = _Source(iter(chunks), piece)
    _open(source, name)
    format_ = _format(source, name)
    if format_ is None:
        return
    file, first, lost = _File(name, format_, latest + CLOCKS_DIFFER), 1, 0
    while not source.done and lost <= MOST_LOST:
        source.fill()
        if (rows := _quickly(source, format_)) is not None:
            count, part = len(rows), file.part(rows, range(first, first + len(rows)))
        else:
            items = _cut(source)
            count, part = len(items), file.mended_part(items, first)
        first += count
        lost += part.lost
        if count:
            yield part
    if lost > MOST_LOST:
        source.damage = f"more than {MOST_LOST:,} rows are none: the rest is left aside"
    if source.damage:
        yield replace(file.part([], [], {0: _Refusal(source.damage, "{}")}), damaged=True)


@dataclass(frozen=True)
class _Damage:
    """A stretch of a file in which no row can be read."""

    text: bytes
    reason: str = "is no JSON object"


_Item = msgspec.Raw | _Damage


class _Refusal(NamedTuple):
    reason: str
    text: str


@dataclass
class _Source:
    """The bytes of a file that are not yet made into rows.

    Attributes:
        chunks: what follows the buffer.
        piece: how much of it to hold.
        buffer: begins where a row begins.
        ended: nothing follows the buffer.
        damage: why it ended too early, where that is known and not yet told.
        done: nothing is left to be read.
    """

    chunks: Iterator[bytes]
    piece: int
    buffer: bytes = b""
    ended: bool = False
    damage: str = ""

    @property
    def done(self) -> bool:
        return self.ended and not self.buffer

    def fill(self) -> None:
        """Read on; twice as much as there is, where that was not enough to find a row."""
        held, size = [self.buffer], len(self.buffer)
        wanted = max(self.piece, 2 * size)
        while size < wanted and not self.ended:
            try:
                held.append(next(self.chunks))
                size += len(held[-1])
            except (StopIteration, DamagedFile) as end:
                self.ended, self.damage = True, str(end)
        self.buffer = b"".join(held)


def _open(source: _Source, name: str) -> None:
    """Read to behind the bracket that opens the list."""
    text = b""
    while not text and not source.ended:
        source.fill()
        text = source.buffer = source.buffer.removeprefix(BOM).lstrip(BLANKS)
    if not text:
        raise NotAnExport(source.damage or f"{name} is empty")
    if not text.startswith(b"["):
        what = "is JSON, but no list of plays" if _starts_json(source) else "is no JSON"
        raise NotAnExport(f"{name} {what}")
    source.buffer = text[1:]


def _starts_json(source: _Source) -> bool:
    if not source.ended:
        return source.buffer.startswith(b"{")
    try:
        msgspec.json.decode(source.buffer, type=msgspec.Raw)
    except UNDECODABLE:
        return False
    return True


def _format(source: _Source, name: str) -> Format | None:
    """The format of the first row that has one; null for an empty list. No row is taken out."""
    ahead = replace(source)
    items = _cut(ahead)
    while not items and not ahead.done:
        source.fill()
        ahead = replace(source)
        items = _cut(ahead)
    rows = [item for item in items if isinstance(item, msgspec.Raw)]
    found = next(filter(None, (format_of(_keys(row), name) for row in rows)), None)
    if found or not items:
        return found
    cut_off = "is no JSON, or cut off before its first row ends"
    what = "no row in it is one of a listening history" if rows else cut_off
    raise NotAnExport(f"{name}: {what}{source.damage and '; ' + source.damage}")


def _keys(row: msgspec.Raw) -> Collection[str]:
    try:
        return msgspec.json.decode(row, type=dict[str, msgspec.Raw]).keys()
    except ValueError:
        return ()


def _quickly(source: _Source, format_: Format) -> list[Row] | None:
    """Rows up to the last that ends in the buffer; null unless all are as they should be."""
    for cut, rest in islice(_cuts(source), 1):
        try:
            rows = format_.decoder.decode(_listed(source.buffer, cut))
        except UNDECODABLE:
            return None
        source.buffer = source.buffer[rest:]
        return rows
    return None


def _cut(source: _Source) -> list[_Item]:
    """Rows up to the last that ends in the buffer, whatever they are, and damage between them."""
    for cut, rest in _cuts(source):
        try:
            rows = _RAW_ROWS.decode(_listed(source.buffer, cut))
        except UNDECODABLE:  # not the end of a row, or damaged before it
            continue
        source.buffer = source.buffer[rest:]
        return [_Damage(bytes(row), TOO_LONG) if too_long(row) else row for row in rows]
    return _salvage(source)


def _listed(text: bytes, cut: int) -> bytes:
    return b"".join((b"[", memoryview(text)[:cut], b"]"))  # one copy of it, not three


def _cuts(source: _Source) -> Iterator[tuple[int, int]]:
    """Where rows may end, and where the next one then begins, from the last one back.

    Only decoding proves a cut: one inside a string leaves that open.
    """
    text = source.buffer
    if source.ended:
        body = text.rstrip(BLANKS)
        if body.endswith(b"]"):
            yield len(body) - 1, len(text)
        return
    end, tried = len(text), 0
    while tried < CUTS and (end := text.rfind(b"}", 0, end)) >= 0:
        if found := _ROW_END.match(text, end):
            tried += 1
            yield end + 1, found.end()


def _salvage(source: _Source) -> list[_Item]:
    """Every flat object that can be found, and the stretches between them."""
    text, at = source.buffer, 0
    items: list[_Item] = []
    for found in _FLAT.finditer(text):
        items += _stretch(text[at : found.start()])
        items.append(msgspec.Raw(_HALVES.sub(_whole, found.group())))
        at = found.end()
    rest = text[at:].lstrip(BLANKS + b",")
    if not source.ended and len(rest) < UNREADABLE:
        source.buffer = rest
        return items
    source.buffer = b""
    rest = rest.rstrip(BLANKS)
    if not source.ended or rest.endswith(b"]"):
        return items + _stretch(rest.removesuffix(b"]"))
    reason = "the file is cut off here" + (source.damage and f": {source.damage}")
    source.damage = ""
    return [*items, _Damage(rest, reason)]


def _whole(found: re.Match[bytes]) -> bytes:
    return rb"\ufffd" if found["half"] else found.group()


def _stretch(text: bytes) -> list[_Item]:
    return [_Damage(text)] if text.strip(BLANKS + b",") else []


@dataclass(frozen=True)
class _File:
    """What all rows of a file have in common."""

    name: str
    format: Format
    latest: datetime

    def part(
        self,
        rows: Sequence[Row],
        numbers: Sequence[int],
        refused: Mapping[int, _Refusal] | None = None,
    ) -> Part:
        """Rows that could be decoded, less those at a time that cannot be."""
        told = fields_of(rows, self.format)
        times, problems = times_of(told[self.format.time], self.latest)
        if problems:
            refusals = {
                numbers[at]: self._untimely(rows[at], what) for at, what in problems.items()
            }
            good = [at for at in range(len(rows)) if at not in problems]
            return self.part(
                [rows[at] for at in good],
                [numbers[at] for at in good],
                {**(refused or {}), **refusals},
            )
        table = table_of(told, times, numbers, self.format, self.name)
        refused = refused or {}
        return Part(table, self._refused(refused), len(refused.keys() - set(numbers)))

    def mended_part(self, items: Sequence[_Item], first: int) -> Part:
        """Items one by one: those that are no row are refused, odd fields are left out."""
        rows: dict[int, Row] = {}
        refused: dict[int, _Refusal] = {}
        for number, item in enumerate(items, first):
            if isinstance(item, _Damage):
                refused[number] = _Refusal(item.reason, _text(_pairs(item.text)))
                continue
            try:
                rows[number], dropped = decode(item, self.format.row)
            except msgspec.DecodeError as problem:
                refused[number] = _Refusal(str(problem), _text(_scalars(item)))
            else:
                if dropped:
                    refused[number] = _Refusal(without(dropped), _text(_scalars(item)))
        damaged = any(isinstance(item, _Damage) for item in items)
        return replace(self.part(list(rows.values()), list(rows), refused), damaged=damaged)

    def _untimely(self, row: Row, problem: str) -> _Refusal:
        return _Refusal(f"{self.format.time} {problem}", _text(msgspec.structs.asdict(row)))

    def _refused(self, refused: Mapping[int, _Refusal]) -> pa.Table:
        return REFUSED_HISTORY.from_rows(
            [
                {"file": self.name, "row": number, "reason": why.reason, "text": why.text}
                for number, why in sorted(refused.items())
            ]
        )


def _scalars(raw: msgspec.Raw) -> dict[str, object]:
    """What can be read of a row: nothing of values that are no scalars."""
    try:
        told = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
    except ValueError:
        return _pairs(bytes(raw))
    return _decoded(told.items())


def _pairs(text: bytes) -> dict[str, object]:
    """What can be read of a damaged stretch: pairs that begin and end where a pair should."""
    pairs = _TOLD.findall(text[: 8 * TEXT])
    return _decoded((key[1:-1].decode(errors="replace"), value) for key, value in pairs)


def _decoded(pairs: Iterable[tuple[str, bytes | msgspec.Raw]]) -> dict[str, object]:
    told: dict[str, object] = {}
    for key, value in pairs:
        if key in KNOWN_KEYS:
            with suppress(ValueError):
                told[key] = msgspec.json.decode(value, type=str | int | float | bool | None)
    return told


def _text(told: Mapping[str, object]) -> str:
    """Pairs as a JSON object, without nulls, and without those for which there is no room."""
    kept, room = dict[str, object](), TEXT
    for key, value in told.items():
        size = len(msgspec.json.encode({key: value}).decode())
        if value is not None and size <= room:
            kept[key] = value
            room -= size
    return msgspec.json.encode(kept).decode()
