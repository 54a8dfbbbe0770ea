"""From a source's columns to rows of `streaming_history`: what holds of the plays of any source.

Add here a check that every source needs. What a source's own fields mean is its module's business.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.privacy_export.formats import MAX_MS_PLAYED, MAX_NAME_BYTES, SCHEMA
from pipelines.listening.privacy_export.parser import FUTURE_TOLERANCE, Part, refused_text
from pipelines.listening.schema.tables import REFUSED_HISTORY, UTC_MS
from pipelines.listening.sources.source import START, Reading, Source
from pipelines.listening.time.intervals import millis

FIRST_SCROBBLE = datetime(2002, 1, 1, tzinfo=UTC)
"""Audioscrobbler, the first service that noted plays, began in 2002: an older time is a clock's."""

TEXTS = ("track_name", "artist_name", "album_name")


def part_of(
    source: Source,
    name: str,
    columns: Mapping[str, pa.Array],
    reading: Reading,
    *,
    text: Callable[[int], Mapping[str, object]],
    first: int = 1,
    problems: Mapping[int, str] | None = None,
    needs_artist: bool = True,
    needs_title: bool = True,
) -> Part:
    """Rows of one file, in its order; those that cannot be a play are refused with the reason.

    Args:
        source: whose rows.
        name: name of the file.
        columns: columns of `streaming_history` of equal length, as many as the source has; all
            texts are strings, the rest has the table's types. The time stands in `started_at` or
            `played_at`; where both are null, the row has none. Empty texts become null, impossible
            lengths too.
        reading: what is known beside the file.
        text: for the index of a row, what may be kept of it where it is refused: nothing private.
        first: number of the first row in the file, counted from 1.
        problems: why rows are refused that the parser could not read, by index.
        needs_artist: whether a row without an artist is refused.
        needs_title: whether a row without a title is refused.
    """
    count = len(next(iter(columns.values())))
    given = {field.name: _typed(columns.get(field.name), field.type, count) for field in SCHEMA}
    for column in ("ms_played", "duration_ms"):
        given[column] = _possible_length(given[column], positive=column == "duration_ms")
    if source.stamp == START:
        given["started_at"] = (
            pc.coalesce(given["started_at"], given["played_at"])
            if ("started_at" not in columns)
            else given["started_at"]
        )
    # Where nobody knows for how long a play ran, its end is not known, and it is as of its start.
    ran = pc.coalesce(given["ms_played"], 0).cast(pa.int64()).cast(pa.duration("ms"))
    given["played_at"] = pc.coalesce(given["played_at"], pc.add(given["started_at"], ran))
    given |= {
        "source": pa.repeat(pa.scalar(source.name), count),
        "kind": given["kind"].fill_null("track"),
        "file": pa.repeat(pa.scalar(name), count),
        "row": pa.array(np.arange(first, first + count), pa.int32()),
    }
    needed = {"track_name": needs_title, "artist_name": needs_artist}
    why = dict(problems or {}) | {
        at: reason
        for reason, bad in reversed(_checks(given, reading.latest, needed))
        for at in pc.indices_nonzero(bad.fill_null(False)).to_pylist()
        if at not in (problems or {})
    }
    rows = pa.Table.from_arrays([given[field.name] for field in SCHEMA], schema=SCHEMA)
    if why:
        kept = np.ones(count, np.bool_)
        kept[list(why)] = False
        rows = rows.filter(pa.array(kept))
    listed = sorted(why.items())[: reading.listed]
    refused = REFUSED_HISTORY.from_rows(
        [
            {"file": name, "row": first + at, "reason": reason, "text": refused_text(text(at))}
            for at, reason in listed
        ]
    )
    return Part(rows, refused, len(why))


def _typed(values: pa.Array | None, type_: pa.DataType, count: int) -> pa.Array:
    if values is None:
        return pa.nulls(count, type_)
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    if pa.types.is_string(type_):
        values = values.cast(type_)
        return pc.if_else(pc.equal(pc.utf8_trim_whitespace(values), ""), None, values)
    return values.cast(type_)


def _possible_length(lengths: pa.Array, *, positive: bool) -> pa.Array:
    low = pc.greater(lengths, 0) if positive else pc.greater_equal(lengths, 0)
    return pc.if_else(pc.and_(low, pc.less_equal(lengths, MAX_MS_PLAYED)), lengths, None)


def _checks(
    rows: Mapping[str, pa.Array], latest: datetime, needed: Mapping[str, bool]
) -> list[tuple[str, pa.Array]]:
    """Reasons to refuse rows, each with the rows that it holds of; the first one is told."""
    told = pc.coalesce(rows["started_at"], rows["played_at"])
    since_1970 = told.cast(pa.int64())
    last = millis(latest + FUTURE_TOLERANCE)
    return [
        ("has no time", pc.is_null(told)),
        (
            f"its time is before {FIRST_SCROBBLE:%Y}",
            pc.less(since_1970, millis(FIRST_SCROBBLE)),
        ),
        ("its time lies in the future", pc.greater(since_1970, last)),
        *(
            (f"has no {what}", pc.is_null(rows[name]))
            for name, what in (("track_name", "title"), ("artist_name", "artist"))
            if needed[name]
        ),
        *(
            (
                f"{column} is longer than any name",
                pc.greater(pc.binary_length(rows[column]), MAX_NAME_BYTES),
            )
            for column in TEXTS
        ),
    ]


def instants_of(seconds: pa.Array, *, per_second: int = 1) -> pa.Array:
    """Numbers since 1970 as instants; null where the number is none that a clock could show.

    Args:
        seconds: numbers, whole or not.
        per_second: how many of the unit are a second: 1000 for milliseconds.

    Returns:
        timestamp[ms, UTC].
    """
    ms = pc.multiply(seconds.cast(pa.float64(), safe=False), 1000 / per_second)
    possible = pc.and_(pc.greater(ms, -(2**52)), pc.less(ms, 2**52))
    return pc.if_else(possible, ms, None).cast(pa.int64(), safe=False).cast(UTC_MS)
