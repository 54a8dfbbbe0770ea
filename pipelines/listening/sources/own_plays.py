"""The table `plays` as `playledger export` writes it, so that a listener can move to another lake.

A moved play keeps what it was: its values, how its length is known and the sources that told of it
(`told_by`). What `streaming_history` has no column for is kept as JSON in `moved`, out of which
`ledger/moved.py` restores it. Add here what a new version of the export writes otherwise.

Which time is covered is not moved: what lies between the plays is not known in the other lake until
an export of Spotify's is imported there.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import json as arrow_json

from pipelines.listening.privacy_export.encodings import as_utf8, legible
from pipelines.listening.privacy_export.formats import MAX_ROW_BYTES, SCHEMA
from pipelines.listening.privacy_export.parser import DamagedFile, NotAnExport, Part
from pipelines.listening.schema.context_tables import LABELLED_PLAYS
from pipelines.listening.schema.sql import query
from pipelines.listening.schema.tables import (
    HISTORY,
    PLAYS,
    REFUSED_HISTORY,
    UNIQUE_ARTISTS,
    UNIQUE_TRACKS,
)
from pipelines.listening.sources.csv_text import (
    PIECE_BYTES,
    header_of,
    instant_sql,
    read_csv,
    truth_sql,
    whole_sql,
)
from pipelines.listening.sources.registry import all_sources
from pipelines.listening.sources.rows import part_of
from pipelines.listening.sources.source import (
    END,
    ISRC,
    MBID,
    NAMES,
    URI,
    Reading,
    Source,
    SourceFile,
)

NEEDED = {"play_id", "played_at", "ms_played", "source", "track_name"}
"""Columns that the export of every version has."""

OTHER_TABLES = (HISTORY, LABELLED_PLAYS, UNIQUE_TRACKS, UNIQUE_ARTISTS)
"""Tables of the same export that also tell of plays, but not each once, or not in full."""

COMPUTED = {
    "listener", "local_time", "local_date", "local_hour", "local_weekday", "counts",
    "release_year",
}  # fmt: skip
"""Columns that follow from others, or from whose play it is."""

READ = tuple(one for one in PLAYS.fields if one.name not in COMPUTED)

MOVED = tuple(
    one.name for one in READ if one.name not in {"play_id", "source", *HISTORY.schema.names}
)
"""Columns that are kept in `moved`."""

_BLANKS = b"\xef\xbb\xbf \t\r\n"
_BETWEEN_ROWS = re.compile(rb"(?m)^[ \t\[,]+|[ \t,\]]+$")


def recognises(name: str, head: bytes) -> bool:  # noqa: ARG001 as every `Recognise`
    """Whether a file is an exported table `plays`, by its columns.

    Args:
        name: its path.
        head: its first bytes.
    """
    columns = _columns(head)
    labels = {*LABELLED_PLAYS.schema.names} - {*PLAYS.schema.names}
    return columns >= NEEDED and not columns & labels


def is_other_table(name: str, head: bytes) -> bool:
    """Whether a file is another table of such an export: its plays are in `plays`.

    Args:
        name: its path.
        head: its first bytes.
    """
    columns = _columns(head)
    required = [{f.name for f in table.fields if not f.nullable} for table in OTHER_TABLES]
    return any(columns >= one for one in required) and not recognises(name, head)


def _columns(head: bytes) -> set[str]:
    """The columns of a table, as its header or its first object names them."""
    text = head.lstrip(_BLANKS + b"[")
    if not text.startswith(b"{"):
        return {*header_of(head).names}
    try:
        return {*json.JSONDecoder().raw_decode(text.decode(errors="replace"))[0]}
    except (ValueError, RecursionError):
        return set()


def read(file: SourceFile, reading: Reading) -> Iterator[Part]:
    """The plays of one file, CSV or JSON.

    Args:
        file: the file.
        reading: what is known beside it.

    Raises:
        NotAnExport: where the file has not a single row.
    """
    first, damage = 1, ""
    for rows in _tables(file):
        if rows.count:
            part = _part(file, reading, rows, first)
            yield replace(part, encoding=rows.encoding, lost_characters=rows.lost_characters)
        first += rows.count
        damage = rows.damage
    if first == 1 and damage:
        raise NotAnExport(damage)
    if damage:
        refused = REFUSED_HISTORY.from_rows(
            [{"file": file.name, "row": 0, "reason": damage, "text": "{}"}]
        )
        yield Part(SCHEMA.empty_table(), refused, 1, damaged=True)


@dataclass(frozen=True)
class _Rows:
    """Consecutive rows of a file: the columns `READ`, times as text, lists as JSON.

    Attributes:
        told: the rows.
        problems: why a row could not be read, by its index; its values are null.
        encoding: what the text was taken for, where it is not written in Unicode.
        lost_characters: how many characters of it are none in that encoding.
        damage: why the file ends too early; "" where it does not.
    """

    told: pa.Table
    problems: dict[int, str] = field(default_factory=dict)
    encoding: str = ""
    lost_characters: int = 0
    damage: str = ""

    @property
    def count(self) -> int:
        return len(self.told)


def _tables(file: SourceFile) -> Iterator[_Rows]:
    chunks = iter(as_utf8(file.chunks()))
    begin = b""
    while not begin.lstrip(_BLANKS) and (piece := next(chunks, None)) is not None:
        begin += piece
    if begin.lstrip(_BLANKS)[:1] in {b"[", b"{"}:
        yield from _of_json(file.name, begin, chunks)
        return
    for rows in read_csv(_after(begin, chunks), {one.name: (one.name,) for one in READ}):
        told = query(_FROM_CSV, rows=rows.columns)
        yield _Rows(told, dict(rows.problems), rows.encoding, rows.lost_characters, rows.damage)


def _after(begin: bytes, chunks: Iterable[bytes]) -> Iterator[bytes]:
    yield begin
    yield from chunks


def _part(file: SourceFile, reading: Reading, rows: _Rows, first: int) -> Part:
    columns = query(_COLUMNS, told=rows.told)

    def text(index: int) -> dict[str, object]:
        kept = ("track_name", "artist_name", "played_at", "ms_played")
        return {name: rows.told[name][index].as_py() for name in kept}

    return part_of(
        OWN,
        file.name,
        {name: columns[name] for name in columns.column_names} | _told_by(rows.told["source"]),
        reading,
        text=text,
        first=first,
        problems=rows.problems,
        needs_artist=False,
        needs_title=False,
    )


def _told_by(sums: pa.ChunkedArray) -> dict[str, pa.Array]:
    """The sources that told of each play, and how exact the best of them told its time."""
    known = {one.name: one.precision // timedelta(milliseconds=1) for one in all_sources()}
    different = pc.unique(sums)
    names = [
        [name for name in (one or "").split("+") if name in known] for one in different.to_pylist()
    ]
    at = pc.index_in(sums, different).combine_chunks()
    told_by = pa.array(["+".join(some) or None for some in names], pa.string())
    best = [min(known[name] for name in some) if some else None for some in names]
    return {"told_by": told_by.take(at), "precision_ms": pa.array(best, pa.int32()).take(at)}


# JSON: an array with an object per row on a line of its own, objects one per line, or any array.


def _json_type(type_: pa.DataType) -> pa.DataType:
    if pa.types.is_integer(type_):
        return pa.int64()
    if pa.types.is_boolean(type_) or pa.types.is_nested(type_):
        return type_
    return pa.string()


_JSON_SCHEMA = pa.schema([(one.name, _json_type(one.type)) for one in READ])

_PYTHON_TYPES: dict[pa.DataType, Any] = {pa.int64(): int, pa.bool_(): bool, pa.string(): str}

_JsonRow = msgspec.defstruct(
    "_JsonRow",
    [
        (one.name, _PYTHON_TYPES.get(one.type, list[dict[str, str | None]]) | None, None)
        for one in _JSON_SCHEMA
    ],
)
"""One row, for finding out which of many cannot be read."""


def _of_json(name: str, begin: bytes, chunks: Iterator[bytes]) -> Iterator[_Rows]:
    held, damage, encoding = begin, "", ""
    by_line: bool | None = None
    ended = False
    while not ended:
        parts, size = [held], len(held)
        wanted = max(PIECE_BYTES, 2 * size)
        while not ended and (size < wanted or by_line is False):
            try:
                parts.append(next(chunks))
                size += len(parts[-1])
            except (StopIteration, DamagedFile) as end:
                ended, damage = True, str(end)
        held = b"".join(parts)
        if by_line is None:
            by_line = _starts_with_a_row(held)
        if not by_line and not ended:
            continue
        cut = len(held) if ended else held.rfind(b"\n") + 1
        readable = legible(held[:cut], before=encoding)
        held = held[cut:]
        encoding = encoding or readable.encoding
        told, problems = _json_rows(
            readable.text if by_line else _one_line_each(name, readable.text)
        )
        yield _Rows(told, problems, encoding, readable.lost, damage)


def _starts_with_a_row(text: bytes) -> bool:
    """Whether the first line with an object has it in full."""
    lines = (_BETWEEN_ROWS.sub(b"", line) for line in text[:MAX_ROW_BYTES].split(b"\n"))
    try:
        msgspec.json.decode(next(filter(None, lines), b""), type=dict[str, msgspec.Raw])
    except (ValueError, RecursionError):
        return False
    return True


def _one_line_each(name: str, text: bytes) -> bytes:
    try:
        rows = msgspec.json.decode(text, type=list[msgspec.Raw])
    except (ValueError, RecursionError):
        raise NotAnExport(f"{name} is damaged, or no list of plays") from None
    # Line breaks stand only between values: in a text they are escaped.
    return b"\n".join(bytes(row).replace(b"\r", b" ").replace(b"\n", b" ") for row in rows)


def _json_rows(text: bytes) -> tuple[pa.Table, dict[int, str]]:
    """Rows from lines with one object each, and the problems of some by their index."""
    text = _BETWEEN_ROWS.sub(b"", text.replace(b"\r", b""))
    lines = [line for line in text.split(b"\n") if line]
    problems: dict[int, str] = {}
    try:
        rows = _decoded(lines)
    except pa.ArrowInvalid:
        for at, line in enumerate(lines):
            try:
                msgspec.json.decode(line, type=_JsonRow)
            except (ValueError, RecursionError) as problem:
                problems[at] = f"cannot be read: {problem}"
        rows = _decoded([b"{}" if at in problems else line for at, line in enumerate(lines)])
    return query(_FROM_JSON, rows=rows), problems


def _decoded(lines: list[bytes]) -> pa.Table:
    if not lines:
        return _JSON_SCHEMA.empty_table()
    text = b"\n".join([*lines, b""])
    return arrow_json.read_json(
        pa.BufferReader(text),
        arrow_json.ReadOptions(use_threads=False, block_size=len(text) + 1),
        arrow_json.ParseOptions(
            explicit_schema=_JSON_SCHEMA,
            newlines_in_values=False,
            unexpected_field_behavior="ignore",
        ),
    )


def _from_csv_sql(one: pa.Field) -> str:
    if pa.types.is_integer(one.type):
        return whole_sql(one.name)
    return truth_sql(one.name) if pa.types.is_boolean(one.type) else one.name


def _from_json_sql(one: pa.Field) -> str:
    return f"to_json({one.name})::VARCHAR" if pa.types.is_nested(one.type) else one.name


def _select_sql(value_sql: Callable[[pa.Field], str]) -> str:
    columns = ", ".join(f"{value_sql(one)} AS {one.name}" for one in READ)
    return f"SELECT {columns} FROM rows"  # noqa: S608 of the table's own columns


_FROM_CSV = _select_sql(_from_csv_sql)
_FROM_JSON = _select_sql(_from_json_sql)


def _column_sql(one: pa.Field) -> str:
    if pa.types.is_timestamp(one.type):
        return instant_sql(one.name) + "::TIMESTAMP_MS"
    return f"try_cast({one.name} AS INTEGER)" if one.type == pa.int32() else one.name


def _moved_sql(one: pa.Field) -> str:
    is_json = pa.types.is_nested(one.type)
    return f"CASE WHEN json_valid({one.name}) THEN {one.name}::JSON END" if is_json else one.name


_COLUMNS = f"""
SELECT
    {", ".join(f"{_column_sql(one)} AS {one.name}" for one in READ if one.name not in MOVED)},
    play_id AS told_id,
    list_transform(
        CASE WHEN json_valid(artists) THEN from_json(artists, '[{{"name": "VARCHAR"}}]') END,
        lambda artist: artist.name
    ) AS artist_names,
    -- Merging with nothing leaves out nulls.
    json_merge_patch('{{}}'::JSON, json_object({
    ", ".join(f"'{one.name}', {_moved_sql(one)}" for one in READ if one.name in MOVED)
}))::VARCHAR AS moved
FROM told
"""  # noqa: S608 built from constants

OWN = Source(
    name="playledger",
    title="Playledger",
    rank=4,
    place=90,
    stamp=END,
    precision=timedelta(milliseconds=1),
    measures=True,
    covers=False,
    identities=(URI, ISRC, MBID, NAMES),
    recognise=recognises,
    read=read,
    beside=is_other_table,
)

SOURCES = (OWN,)
