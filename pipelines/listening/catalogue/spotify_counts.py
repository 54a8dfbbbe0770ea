"""How often everyone played a track on Spotify, from a file: Spotify's Web API does not tell it.

Add here how rows of such a file become counts of tracks. Reading files and writing to the lake is
`ingest/play_count_files.py`; whose count it is, the insight `play_counts`.
"""

from collections.abc import Sequence
from datetime import date

import pyarrow as pa

from pipelines.listening.catalogue.audio_features import (
    EXAMPLES,
    NEAR_NAMES,
    NO_IDENTITY,
    RejectedRows,
    track_id_sql,
)
from pipelines.listening.catalogue.identifiers import isrc_sql
from pipelines.listening.catalogue.names import normal_sql
from pipelines.listening.schema.reference_tables import SPOTIFY_PLAY_COUNTS
from pipelines.listening.schema.sql import query

COLUMNS = {
    **{name: (name, *NEAR_NAMES[name]) for name in ("track_id", "isrc", "artists", "track_name")},
    "plays": ("plays", "play_count", "playcount", "spotify_play_count", "spotify_plays", "streams"),
    "as_of": ("as_of", "date", "asof", "counted_on"),
}
"""What a file may call its columns, the nearest name first; blanks and signs count as "_"."""

NO_COUNT = "no whole number of plays"
NO_DATE = "as_of is no date such as 2026-11-28"
NOT_YET = "as_of lies ahead, and no later file could ever replace the count"


def missing_columns(names: Sequence[str]) -> list[str]:
    """Descriptions of the columns that a file lacks; empty if it has all that are needed."""
    has, lacks = set(names), []
    if not (has & {"track_id", "isrc"} or has >= {"artists", "track_name"}):
        lacks.append("track_id, or isrc, or artists and track_name")
    if "plays" not in has:
        lacks.append("plays")
    return lacks


def parse_counts(rows: pa.Table, latest: date) -> tuple[pa.Table, tuple[RejectedRows, ...]]:
    """One row per track, and the rows that were left out.

    Args:
        rows: any of `COLUMNS`, all as text, and `row`, each row's int64 position in the file.
        latest: the last day of which a count may be.

    Returns:
        `spotify_play_counts` rows, and why others are none.
    """
    for name in COLUMNS:
        if name not in rows.column_names:
            rows = rows.append_column(name, pa.nulls(len(rows), pa.string()))
    read = query(_READ, params=[latest], rows=rows)
    refused = []
    for reason in (NO_IDENTITY, NO_COUNT, NO_DATE, NOT_YET):
        bad = query("FROM read WHERE reason = $1 ORDER BY row", params=[reason], read=read)
        if len(bad):
            examples = tuple(f"row {row}" for row in bad["row"].slice(0, EXAMPLES).to_pylist())
            refused.append(RejectedRows(reason, len(bad), examples))
    good = query("FROM read WHERE reason IS NULL", read=read)
    return merge_counts(SPOTIFY_PLAY_COUNTS.empty(), good), tuple(refused)


def merge_counts(known: pa.Table, new: pa.Table) -> pa.Table:
    """Of each track the latest count, and of equally late ones the largest."""
    columns = SPOTIFY_PLAY_COUNTS.schema.names
    merged = query(_MERGED, known=known.select(columns), new=new.select(columns))
    return SPOTIFY_PLAY_COUNTS.conform(merged)


_PLAIN = "nullif(trim({0}), '')"

_WHOLE = r"[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,3}(?:[ _][0-9]{3})+"
"""A number, perhaps with its thousands set apart: in "1,5" the comma stands for something else."""

_READ = f"""
WITH texts AS (
    SELECT row, {", ".join(f"{_PLAIN.format(name)} AS {name}" for name in COLUMNS)} FROM rows
),
typed AS (
    SELECT row, {track_id_sql("track_id")} AS track_id, {isrc_sql("isrc")} AS isrc,
        {normal_sql("split_part(artists, ';', 1)")} || '|' || {normal_sql("track_name")}
            AS name_key,
        if(regexp_full_match(plays, '{_WHOLE}'),
            TRY_CAST(regexp_replace(plays, '[,_ ]', '', 'g') AS BIGINT), NULL) AS plays,
        as_of AS told, TRY_CAST(as_of AS DATE) AS as_of
    FROM texts
)
SELECT *, coalesce(track_id, isrc, name_key) AS track_key,
    CASE WHEN coalesce(track_id, isrc, name_key) IS NULL THEN '{NO_IDENTITY}'
        WHEN plays IS NULL THEN '{NO_COUNT}'
        WHEN told IS NOT NULL AND as_of IS NULL THEN '{NO_DATE}'
        WHEN as_of > $1 THEN '{NOT_YET}' END AS reason
FROM typed
"""  # noqa: S608 built from constants

_MERGED = """
WITH every AS (FROM known UNION ALL FROM new)
FROM every
QUALIFY row_number() OVER (
    PARTITION BY track_key ORDER BY as_of DESC NULLS LAST, plays DESC, track_id, isrc, name_key
) = 1
"""
