"""Scrobbles of Last.fm's in tables of text: with a header in any order, or none.

| made by | header | time |
|---|---|---|
| lastfm.ghan.nl | `uts,utc_time,artist,artist_mbid,album,album_mbid,track,track_mbid` | seconds |
| lastfmstats.com | `Artist;Album;AlbumId;Track;Date#USER` | milliseconds |
| lastfm-to-csv | none: artist, album, track, time | as people write it, to the minute |

Add here another header. What the fields mean is `lastfm_rows.py`.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
import pyarrow as pa
from pyarrow import csv as arrow_csv

from pipelines.listening.privacy_export.parser import NotAnExport, Part
from pipelines.listening.sources.lastfm_rows import MINUTES, Scrobbles, without_time
from pipelines.listening.sources.pieces import Pieces, column
from pipelines.listening.sources.source import Reading, Source

SEPARATORS = (",", ";", "\t")

ARTIST, ALBUM, TRACK, MBID = "artist", "album", "track", "mbid"
SECONDS, MILLISECONDS, WRITTEN, CLOCK, OTHER = "seconds", "milliseconds", "written", "clock", ""

_MEANINGS = {
    "artist": ARTIST,
    "artist_name": ARTIST,
    "album": ALBUM,
    "album_name": ALBUM,
    "track": TRACK,
    "track_name": TRACK,
    "title": TRACK,
    "track_mbid": MBID,
    "uts": SECONDS,
    "utc_time": WRITTEN,
}
"""What the columns of a header mean, whose names are compared in small letters."""

_MILLISECONDS = re.compile(r"date(#.*)?")
"""The column of the time in a table of lastfmstats, which ends with the listener's name."""

_WRITTEN = re.compile(MINUTES)
_DAY = re.compile(r"\d{1,2} [A-Za-z]{3} \d{4}")
_OF_DAY = re.compile(r"\s*\d{1,2}:\d\d")

HEADERLESS = (ARTIST, ALBUM, TRACK, WRITTEN)

LOOKED_AT = 40
"""How many lines are looked at: a headerless table may begin with what was playing."""

LINES_OF_A_ROW = 8
"""The most lines that a row takes whose names have line breaks: else a quote does not end."""

BACK = 16
"""How many line breaks are tried as the end of a piece, from the last one back."""


@dataclass(frozen=True)
class Layout:
    """How a table is written.

    Attributes:
        separator: between two values.
        columns: what each column means, `OTHER` where nothing that is needed.
        header: whether the first line is one.
    """

    separator: str
    columns: tuple[str, ...]
    header: bool


def layout_of(head: bytes) -> Layout | None:
    """How a table of scrobbles is written; None where it is none.

    Args:
        head: its first bytes.
    """
    text = head.decode(errors="replace").lstrip("\ufeff\r\n ")
    lines = [line for line in islice(text.splitlines(), LOOKED_AT) if line.strip()]
    if not lines:
        return None
    for separator in SEPARATORS:
        rows = [_values(line, separator) for line in lines]
        if columns := _of_header(rows[0], rows[1:]):
            return Layout(separator, columns, header=True)
        if columns := _of_rows(rows):
            return Layout(separator, columns, header=False)
    return None


def _values(line: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=separator), [])
    except csv.Error:
        return []


def _of_header(names: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[str, ...] | None:
    plain = [name.strip().lower() for name in names]
    columns = [_MEANINGS.get(name, OTHER) for name in plain]
    for at, name in enumerate(plain):
        if _MILLISECONDS.fullmatch(name):
            examples = [row[at].strip() for row in rows if len(row) > at]
            if "#" in name or "albumid" in plain:
                columns[at] = MILLISECONDS
            elif any(_WRITTEN.fullmatch(one) for one in examples):
                columns[at] = WRITTEN
    named = {*columns}
    needed = {ARTIST, TRACK} <= named and {SECONDS, MILLISECONDS, WRITTEN} & named
    once = all(columns.count(one) == 1 for one in named - {OTHER})
    return tuple(columns) if needed and once else None


def _of_rows(rows: Sequence[Sequence[str]]) -> tuple[str, ...] | None:
    """The columns of a table without a header, where any row ends with a time."""
    for row in rows:
        if len(row) == len(HEADERLESS) and _WRITTEN.fullmatch(row[-1].strip()):
            return HEADERLESS
        if len(row) == len(HEADERLESS) + 1 and (
            _DAY.fullmatch(row[-2].strip()) and _OF_DAY.fullmatch(row[-1])
        ):
            return (*HEADERLESS, CLOCK)  # the comma within the time was taken for one between
    return None


def read(pieces: Pieces, reading: Reading, source: Source) -> Iterator[Part]:
    """The rows of a table.

    Args:
        pieces: its text.
        reading: what is known beside it.
        source: the declaration.

    Raises:
        NotAnExport: where it is no such table.
    """
    layout = layout_of(pieces.begin(64 * 2**10)[: 64 * 2**10])
    if layout is None:
        raise NotAnExport(f"{pieces.name} is no table of scrobbles")
    first, header = 1, layout.header
    while True:
        pieces.fill()
        if not pieces.buffer:
            break
        text = pieces.take(_cut(pieces))
        if b"\n" not in text:  # as a Macintosh once wrote it
            text = text.replace(b"\r", b"\n")
        if header:
            text, header = _without_header(text), False
        scrobbles = _scrobbles(text, layout)
        part = scrobbles.part(source, pieces.name, reading, first)
        yield pieces.described(part)
        reading = replace(reading, listed=max(0, reading.listed - len(part.refused)))
        first += len(scrobbles.track)
    yield pieces.end(any_rows=first > 1)


def _without_header(text: bytes) -> bytes:
    return text.lstrip(b"\r\n ").partition(b"\n")[2]


def _cut(pieces: Pieces) -> int:
    """Where the next piece ends: after a line, and not within quotes if that can be told."""
    text = pieces.buffer
    if pieces.exhausted:
        return len(text)
    last = end = text.rfind(b"\n") + 1
    quotes = text.count(b'"', 0, end)
    for _ in range(BACK):
        if not quotes % 2 or not end:
            break
        before = text.rfind(b"\n", 0, end - 1) + 1
        quotes -= text.count(b'"', before, end)
        end = before
    return end or last or len(text)


def _scrobbles(text: bytes, layout: Layout) -> Scrobbles:
    """The scrobbles of a piece: all at once, or row by row where a row is not like the others."""
    found = _at_once(text, layout)
    columns, problems = (found, {}) if found is not None else _one_by_one(text, layout)
    if CLOCK in columns:
        day, clock = columns[WRITTEN].to_pylist(), columns.pop(CLOCK).to_pylist()
        columns[WRITTEN] = column(
            [f"{one},{two}" if one and two else None for one, two in zip(day, clock, strict=True)]
        )
    written, exact = columns.get(WRITTEN), columns.get(SECONDS)
    milliseconds = columns.get(MILLISECONDS)
    count = len(columns[TRACK])
    return Scrobbles(
        track=columns[TRACK],
        artist=columns[ARTIST],
        album=columns.get(ALBUM, pa.nulls(count, pa.string())),
        mbid=columns.get(MBID),
        seconds=exact,
        milliseconds=milliseconds,
        written=written,
        playing=without_time(exact, milliseconds, written),
        problems=problems,
    )


def _at_once(text: bytes, layout: Layout) -> dict[str, pa.Array] | None:
    """The columns of a piece; None where a row has another number of values or a lone quote."""
    if not text.strip():
        return {one: pa.array([], pa.string()) for one in layout.columns if one}
    if _has_odd_line(text):
        return None
    odd: list[arrow_csv.InvalidRow] = []

    def note(row: arrow_csv.InvalidRow) -> str:
        odd.append(row)
        return "skip"

    # Columns that mean nothing need names too, and each name once.
    names = [one or f"-{at}" for at, one in enumerate(layout.columns)]
    wanted = [one for one in layout.columns if one]
    table = arrow_csv.read_csv(
        pa.BufferReader(text),
        arrow_csv.ReadOptions(use_threads=False, block_size=len(text) + 1, column_names=names),
        arrow_csv.ParseOptions(delimiter=layout.separator, invalid_row_handler=note),
        arrow_csv.ConvertOptions(
            include_columns=wanted,
            column_types=dict.fromkeys(wanted, pa.string()),
            strings_can_be_null=False,
        ),
    ).combine_chunks()
    if odd:
        return None
    return {one: _whole(table[one]) for one in wanted}


def _whole(chunked: pa.ChunkedArray) -> pa.Array:
    return chunked.chunk(0) if chunked.num_chunks else pa.array([], pa.string())


def _has_odd_line(text: bytes) -> bool:
    """Whether quotes do not end in the line in which they begin."""
    if b'"' not in text:
        return False
    characters = np.frombuffer(text, np.uint8)
    quotes = np.flatnonzero(characters == ord('"'))
    ends = np.append(np.flatnonzero(characters == ord("\n")), len(text))
    until = np.searchsorted(quotes, ends)
    return bool((np.diff(until, prepend=0) % 2).any())


def _one_by_one(text: bytes, layout: Layout) -> tuple[dict[str, pa.Array], dict[int, str]]:
    """The columns of a piece, and why some of its rows cannot be read."""
    lines = text.decode().splitlines(keepends=True)
    rows: list[list[str | None]] = []
    problems: dict[int, str] = {}
    at, width = 0, len(layout.columns)
    while at < len(lines):
        if not lines[at].strip():
            at += 1
            continue
        values, taken, problem = _row(lines, at, layout)
        at += taken
        if problem:
            problems[len(rows)] = problem
        rows.append([*values[:width], *[None] * (width - len(values))])
    columns = zip(*rows, strict=True) if rows else ([] for _ in layout.columns)
    arrays = {
        meaning: column(list(values))
        for meaning, values in zip(layout.columns, columns, strict=True)
        if meaning
    }
    return arrays, problems


def _row(lines: Sequence[str], at: int, layout: Layout) -> tuple[list[str], int, str]:
    """The values of the row that begins with a line, its number of lines, and what is wrong."""
    width = len(layout.columns)
    first: list[str] | None = None
    for taken in range(1, min(LINES_OF_A_ROW, len(lines) - at) + 1):
        try:
            [values] = csv.reader(lines[at : at + taken], delimiter=layout.separator, strict=True)
        except (csv.Error, ValueError):
            continue
        if len(values) == width:
            return values, taken, ""
        first = first or (values if taken == 1 else None)
    if first is not None:
        return first, 1, f"has {len(first)} values instead of {width}"
    return [lines[at].strip()], 1, "is damaged: a quote in it does not end"
