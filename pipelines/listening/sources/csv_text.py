"""Tables that other programs write as CSV, as columns of text; and what text means as a value.

A source names the columns that it wants, and no other one is ever decoded. Add here what many
files have in common, such as another way to be damaged. What a column means is its source's
business.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from pipelines.listening.privacy_export.encodings import REPLACEMENT, as_utf8, legible
from pipelines.listening.privacy_export.parser import DamagedFile

PIECE_BYTES = 8 * 2**20
"""Bytes that are decoded at once."""

MAX_LINES = 20
"""The most lines of one value: where more would be, a quote is missing."""

MAX_LINE_BYTES = 4 * 2**20
"""A line that does not end until then ends no more."""

SEPARATORS = ",;\t|"

_DAMAGED_LINE = b"?"
_BLANK_LINES = re.compile(rb"\n[ \t]*(?=\n)")
_AT_BEGIN = b"\xef\xbb\xbf \t\r\n"


@dataclass(frozen=True)
class CsvRows:
    """Some consecutive rows of a file.

    Attributes:
        columns: those that were asked for, as text; "" is null. What the file lacks is null too.
        problems: why a row could not be read, by its index; its texts are null.
        first: number of the first row, counted from 1 after the header.
        encoding: what the text was taken for, where it is not written in Unicode.
        lost_characters: how many characters of it are none in that encoding.
        damage: why the file ends too early; "" where it does not.
    """

    columns: pa.Table
    problems: Mapping[int, str] = field(default_factory=dict)
    first: int = 1
    encoding: str = ""
    lost_characters: int = 0
    damage: str = ""


@dataclass(frozen=True)
class Header:
    """The names of a file's columns.

    Attributes:
        names: in lower case and without blanks around them.
        separator: what stands between them.
    """

    names: tuple[str, ...]
    separator: str

    def has(self, *names: str) -> bool:
        """Whether all these columns are there, however their case.

        Args:
            names: of columns.
        """
        return {name.lower() for name in names} <= set(self.names)


def header_of(text: bytes) -> Header:
    """The header of a table, by its first line.

    Args:
        text: the beginning of a file, in UTF-8.
    """
    line = text.lstrip(_AT_BEGIN).replace(b"\r", b"\n").partition(b"\n")[0].decode(errors="replace")
    split = {one: _fields(line, one) for one in SEPARATORS}
    separator = max(SEPARATORS, key=lambda one: len(split[one]))
    return Header(tuple(name.strip().lower() for name in split[separator]), separator)


def read_csv(
    chunks: Iterable[bytes], wanted: Mapping[str, Sequence[str]], *, piece: int = PIECE_BYTES
) -> Iterator[CsvRows]:
    """The rows of a table with a header, piece by piece.

    Args:
        chunks: its bytes, split anywhere; may end with `DamagedFile`.
        wanted: for each column of the result, what files call it: the first that is not empty
            counts.
        piece: bytes to decode at once.
    """
    pieces = _pieces(as_utf8(chunks), piece)
    begin, damage = next(pieces, (b"", ""))
    begin = begin.lstrip(_AT_BEGIN)
    header = header_of(begin)
    first, encoding = 1, ""
    for text, end in chain([(begin.partition(b"\n")[2], damage)], pieces):
        read = legible(text, before=encoding)
        encoding = encoding or read.encoding
        rows, problems = _decoded(read.text, header, wanted)
        yield CsvRows(rows, problems, first, encoding, read.lost, end)
        first += len(rows)


def _pieces(chunks: Iterator[bytes], size: int) -> Iterator[tuple[bytes, str]]:
    """Whole records, and why there are no more of them where the file is cut off."""
    held, damage, ended = b"", "", False
    while not ended:
        parts, length = [held], len(held)
        wanted = max(size, 2 * length)
        while length < wanted and not ended:
            try:
                parts.append(next(chunks))
                length += len(parts[-1])
            except (StopIteration, DamagedFile) as end:
                ended, damage = True, str(end)
        # A line break that is split between two chunks becomes two, of which one is blank.
        text = b"".join(parts).replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        cut = len(text) if ended else _record_end(text)
        held = text[cut:]
        if cut or ended:
            yield text[:cut], damage


def _record_end(text: bytes) -> int:
    """Where the last record ends that is surely whole; 0 where none is."""
    ends = np.flatnonzero(np.frombuffer(text, np.uint8) == ord("\n"))
    if not len(ends):
        return len(text) if len(text) > MAX_LINE_BYTES else 0
    odd = _odd_lines(text)
    odd = odd[odd < len(ends)]
    # An odd number of quotes: the last value may go on beyond these bytes.
    if len(odd) % 2 and odd[-1] >= len(ends) - MAX_LINES:
        return int(ends[odd[-1] - 1]) + 1 if odd[-1] else 0
    return int(ends[-1]) + 1


def _odd_lines(text: bytes) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Indices of the lines with an odd number of quotes."""
    if b'"' not in text:
        return np.empty(0, np.int64)
    letters = np.frombuffer(text, np.uint8)
    quotes = np.flatnonzero(letters == ord('"'))
    ends = np.append(np.flatnonzero(letters == ord("\n")), len(letters))
    return np.flatnonzero(np.diff(np.searchsorted(quotes, ends), prepend=0) % 2)


def _decoded(
    text: bytes, header: Header, wanted: Mapping[str, Sequence[str]]
) -> tuple[pa.Table, dict[int, str]]:
    """The wanted columns of some lines, and the problems of rows by their index."""
    text = _BLANK_LINES.sub(b"", b"\n" + text).strip(b"\n").replace(b"\0", REPLACEMENT.encode())
    schema = pa.schema([(name, pa.string()) for name in wanted])
    if not text.strip():
        return schema.empty_table(), {}
    text = _whole_records(text, header)
    names = [f"{at} {name}" for at, name in enumerate(header.names)]
    of_name = dict(zip(reversed(header.names), reversed(names), strict=True))
    found = {
        column: [of_name[name.lower()] for name in some if name.lower() in of_name]
        for column, some in wanted.items()
    }
    used = sorted({name for some in found.values() for name in some})
    bad: dict[int, str] = {}

    def refuse(row: arrow_csv.InvalidRow) -> str:
        damaged = row.text.encode() == _DAMAGED_LINE
        fields = f"has {row.actual_columns} fields instead of {row.expected_columns}"
        bad[row.number - 1] = "has a quote that does not end" if damaged else fields
        return "skip"

    read = arrow_csv.read_csv(
        pa.BufferReader(text),
        arrow_csv.ReadOptions(use_threads=False, block_size=len(text) + 1, column_names=names),
        arrow_csv.ParseOptions(
            delimiter=header.separator, newlines_in_values=True, invalid_row_handler=refuse
        ),
        arrow_csv.ConvertOptions(
            include_columns=used or names[:1],
            column_types=dict.fromkeys(names, pa.string()),
            null_values=[""],
            strings_can_be_null=True,
        ),
    )
    count = len(read) + len(bad)
    good = np.ones(count, np.bool_)
    good[list(bad)] = False
    at = pa.array(np.cumsum(good) - 1, mask=~good)
    columns = [
        _first_told([read[name] for name in some], at) if some else pa.nulls(count, pa.string())
        for some in found.values()
    ]
    return pa.table(columns, schema=schema), bad


def _first_told(columns: Sequence[pa.ChunkedArray], at: pa.Array) -> pa.Array:
    whole = [one.combine_chunks().take(at) for one in columns]
    return pc.coalesce(*whole)


def _whole_records(text: bytes, header: Header) -> bytes:
    """The same records; a line with a quote that does not end becomes damage of its own."""
    odd = _odd_lines(text)
    if not len(odd):
        return text
    lines = text.split(b"\n")
    partners = dict(pairwise(odd.tolist()))
    used = -1
    for begin in odd.tolist():
        if begin <= used:
            continue
        end = partners.get(begin, begin)
        is_near = begin < end < begin + MAX_LINES
        if is_near and _width(b"\n".join(lines[begin : end + 1]), header) == len(header.names):
            used = end
        else:
            lines[begin] = _DAMAGED_LINE
    return b"\n".join(lines)


def _width(record: bytes, header: Header) -> int:
    return len(_fields(record.decode(errors="replace"), header.separator))


def _fields(line: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=separator), [])
    except csv.Error:
        return []


def instant_sql(text: str) -> str:
    """DuckDB SQL: a text as a TIMESTAMP in UTC, which it means without a zone; null for none.

    Args:
        text: an expression of type VARCHAR.
    """
    # An hour is needed: DuckDB takes a date for its midnight.
    return (
        f"CASE WHEN regexp_matches({text}, '^\\s*\\d{{4}}-\\d\\d-\\d\\d[ T]\\d\\d:\\d\\d')"
        f" THEN try_cast({text} AS TIMESTAMPTZ) AT TIME ZONE 'UTC' END"
    )


def whole_sql(text: str) -> str:
    """DuckDB SQL: a text as a whole number (BIGINT), which may be written as 1.0; null for none.

    Args:
        text: an expression of type VARCHAR.
    """
    return f"coalesce(try_cast({text} AS BIGINT), try_cast(try_cast({text} AS DOUBLE) AS BIGINT))"


def truth_sql(text: str) -> str:
    """DuckDB SQL: a text such as true, False or 1 as a BOOLEAN; null for anything else.

    Args:
        text: an expression of type VARCHAR.
    """
    return f"try_cast(trim({text}) AS BOOLEAN)"
