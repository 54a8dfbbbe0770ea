"""Libre.fm: the CSV of all scrobbles, with comments before its header.

Some are written in UTF-7, an encoding of e-mail, in which a number sign is `+ACM-`. How a table is
taken apart is `csv_text.py`.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.privacy_export.encodings import as_utf8
from pipelines.listening.privacy_export.parser import NotAnExport, Part
from pipelines.listening.schema.tables import REFUSED_HISTORY
from pipelines.listening.sources.csv_text import CsvRows, header_of, read_csv
from pipelines.listening.sources.rows import instants_of, part_of
from pipelines.listening.sources.source import NAMES, START, Reading, Source, SourceFile

NEEDED = ("artist", "track", "time")

WANTED = {"artist": ["artist"], "track": ["track"], "album": ["album"], "time": ["time"]}

UTF7 = b"+ACM-"
COMMENTS = (b"#", UTF7)

MAX_COMMENT_BYTES = 64 * 2**10

_NUMBER = r"^\s*\d{1,15}(?:\.\d{1,9})?\s*$"
_SHIFTED = re.compile(rb"\+[A-Za-z0-9/]*-")


def recognises(name: str, head: bytes) -> bool:  # noqa: ARG001 the content decides
    """Whether a file begins like a table of Libre.fm's.

    Args:
        name: its path, which may be anything.
        head: its first bytes.
    """
    header = _without_comments(head)
    return header is not None and header_of(header).has(*NEEDED)


def read(file: SourceFile, reading: Reading) -> Iterator[Part]:
    """The scrobbles of one table.

    Args:
        file: the file.
        reading: what is known beside it.

    Raises:
        NotAnExport: where it is none after all.
    """
    damage = ""
    for rows in read_csv(_table(file), WANTED):
        damage = rows.damage
        part = _part(rows, file.name, reading)
        yield replace(part, encoding=rows.encoding, lost_characters=rows.lost_characters)
    if damage:
        refused = REFUSED_HISTORY.from_rows(
            [{"file": file.name, "row": 0, "reason": damage, "text": "{}"}]
        )
        yield replace(part, rows=part.rows.slice(0, 0), refused=refused, lost=1, damaged=True)


def _part(rows: CsvRows, name: str, reading: Reading) -> Part:
    told = {key: rows.columns[key].combine_chunks() for key in WANTED}
    number = pc.if_else(pc.match_substring_regex(told["time"], _NUMBER), told["time"], None)
    columns = {
        "started_at": instants_of(pc.utf8_trim_whitespace(number).cast(pa.float64())),
        "track_name": told["track"],
        "artist_name": told["artist"],
        "album_name": told["album"],
    }
    return part_of(
        LIBREFM,
        name,
        columns,
        reading,
        text=lambda at: {key: told[key][at].as_py() for key in WANTED},
        first=rows.first,
        problems=rows.problems,
    )


def _table(file: SourceFile) -> Iterator[bytes]:
    """The table from its header on, in UTF-8."""
    chunks = as_utf8(file.chunks())
    begin = b""
    for chunk in chunks:
        begin += chunk
        if len(begin) > MAX_COMMENT_BYTES:
            break
    if not begin.strip():
        raise NotAnExport(f"{file.name} is empty")
    table = _without_comments(begin)
    if table is None:
        raise NotAnExport(f"{file.name} is no table with {', '.join(NEEDED)}")
    is_utf7 = begin.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(UTF7)
    yield from _of_utf7([table], chunks) if is_utf7 else [table]
    yield from () if is_utf7 else chunks


def _without_comments(text: bytes) -> bytes | None:
    """A text from its first line that is no comment; None where there is none."""
    text = text.removeprefix(b"\xef\xbb\xbf")
    while text := text.lstrip(b" \t\r\n"):
        if not text.startswith(COMMENTS):
            return text
        text = re.split(rb"[\r\n]", text, maxsplit=1)[-1] if re.search(rb"[\r\n]", text) else b""
    return None


def _of_utf7(*parts: Iterable[bytes]) -> Iterator[bytes]:
    """A text in UTF-8, line by line: a line that is not written in UTF-7 is kept as it is."""
    held = b""
    for part in parts:
        for chunk in part:
            *lines, held = (held + chunk).split(b"\n")
            yield b"".join(_line(line) + b"\n" for line in lines)
    yield _line(held)


def _line(line: bytes) -> bytes:
    if not line.isascii() or not _SHIFTED.search(line):
        return line
    try:
        return line.decode("utf-7").encode()
    except UnicodeError:
        return line


LIBREFM = Source(
    name="librefm",
    title="Libre.fm",
    rank=14,
    place=24,
    stamp=START,
    precision=timedelta(seconds=1),
    measures=False,
    covers=False,
    identities=(NAMES,),
    recognise=recognises,
    read=read,
)

SOURCES = (LIBREFM,)
