"""Fills in what describes a play's track from other plays, where the play's own source has nulls.

Add a column to `FILLED` if it describes the track. Columns of the play itself are never filled.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.arrays import Ints
from pipelines.listening.catalogue.kinds import TOLD, UNKNOWN
from pipelines.listening.catalogue.recordings import pair_sql
from pipelines.listening.catalogue.tracks_and_artists import OWN_KEY
from pipelines.listening.schema.sql import query

FILLED = (
    "track_id",
    "track_uri",
    "track_name",
    "album_id",
    "album_name",
    "album_type",
    "release_date",
    "isrc",
    "artist_id",
    "artist_name",
    "artists",
    "release_year",
    "duration_ms",
    "explicit",
)


@dataclass(frozen=True)
class Filled:
    """Plays with the columns of their tracks filled in.

    Attributes:
        plays: `plays` rows with `kind_source` and `recording_id`.
        track_of: for each play the row index of its track; -1 where it has none.
    """

    plays: pa.Table
    track_of: Ints


def fill(plays: pa.Table, tracks: pa.Table) -> Filled:
    """Fill in ids, names, artists and kinds.

    Args:
        plays: `plays` rows.
        tracks: `unique_tracks` rows, of these plays or of more.
    """
    track_of = _track_rows(plays, tracks)
    rows = pa.array(track_of, mask=track_of < 0)
    for name in FILLED:
        column = plays[name]
        if column.null_count:
            at = plays.schema.get_field_index(name)
            column = _fill_nulls(column, tracks[name], rows)
            plays = plays.set_column(at, plays.schema.field(at), column)
    plays = _with_kinds(plays, tracks, rows)
    recording = pc.fill_null(tracks["recording_id"].take(rows), pc.fill_null(plays["play_id"], ""))
    return Filled(plays.append_column("recording_id", recording), track_of)


def _with_kinds(plays: pa.Table, tracks: pa.Table, rows: pa.Array) -> pa.Table:
    """Where a play's own source does not know its kind, that of its track; and which is which."""
    own, at = plays["kind"], plays.schema.get_field_index("kind")
    unknown = pc.equal(own, UNKNOWN)
    kind = pc.if_else(unknown, pc.fill_null(tracks["kind"].take(rows), UNKNOWN), own)
    source = pc.if_else(unknown, tracks["kind_source"].take(rows), TOLD)
    return plays.set_column(at, plays.schema.field(at), kind).append_column("kind_source", source)


def _track_rows(plays: pa.Table, tracks: pa.Table) -> Ints:
    """For each play the row index of its track; -1 where it has none."""
    columns = ["play_id", "track_id", "track_uri", "track_name", "artist_name"]
    numbered_plays = plays.select(columns).append_column(
        "position", pa.array(np.arange(len(plays)))
    )
    numbered_tracks = tracks.append_column("row", pa.array(np.arange(len(tracks))))
    rows = query(_TRACK_OF, plays=numbered_plays, tracks=numbered_tracks)["row"]
    return np.asarray(rows.to_numpy(), np.int64)


def _fill_nulls(column: pa.ChunkedArray, known: pa.ChunkedArray, rows: pa.Array) -> pa.ChunkedArray:
    nulls = np.flatnonzero(column.is_null().to_numpy())
    filled = known.take(rows.take(pa.array(nulls)))
    # Arrow cannot fill nulls of list columns, so both columns are concatenated and indexed.
    both = pa.chunked_array([*column.chunks, *filled.chunks], column.type)
    indices = np.arange(len(column))
    indices[nulls] = len(column) + np.arange(len(nulls))
    return both.take(pa.array(indices))


_TRACK_OF = f"""
WITH keyed AS (
    SELECT position, {OWN_KEY} AS track_key, track_id IS NULL AND track_uri IS NULL AS by_name_only,
        artist_name, track_name
    FROM plays
),
by_key AS (SELECT keyed.*, t.row FROM keyed LEFT JOIN tracks t USING (track_key)),
-- As in unique_tracks: a row that has only names is the best known track of that name.
unmatched AS (
    SELECT DISTINCT artist_name, track_name,
        {pair_sql("artist_name", "track_name")} AS name
    FROM by_key WHERE row IS NULL AND by_name_only
),
known AS (
    SELECT {pair_sql("artist_name", "track_name")} AS name,
        arg_max(row, (plays, track_key)) AS row
    FROM tracks WHERE track_id IS NOT NULL AND EXISTS (FROM unmatched) GROUP BY name
),
by_name AS (SELECT unmatched.artist_name, unmatched.track_name, known.row
    FROM unmatched JOIN known USING (name))
SELECT coalesce(k.row, n.row, -1) AS row
FROM by_key k LEFT JOIN by_name n
    ON k.row IS NULL AND k.by_name_only
    AND k.artist_name = n.artist_name AND k.track_name = n.track_name
ORDER BY k.position
"""  # noqa: S608 built from constants


def track_digests_by_month(plays: pa.Table, tracks: pa.Table) -> dict[str, str]:
    """For each month a digest of the descriptions of all tracks played in it.

    If it has not changed, nothing new can be filled in.

    Args:
        plays: `plays` rows of whole months.
        tracks: `unique_tracks` rows of all plays.
    """
    played = pa.table({"day": plays["local_date"], "row": _track_rows(plays, tracks)})
    numbered = tracks.append_column("row", pa.array(np.arange(len(tracks))))
    rows = query(_DIGESTS, played=played, tracks=numbered)
    return dict(zip(rows["month"].to_pylist(), rows["digest"].to_pylist(), strict=True))


_DIGESTS = f"""
WITH described AS (
    SELECT row,
        sha256(ROW(recording_id, kind, kind_source, {", ".join(FILLED)})::VARCHAR) AS digest
    FROM tracks
),
-- How often, since a row of names may come to be another one of the same month's tracks.
played_in AS (
    SELECT strftime(day, '%Y-%m') AS month, row, count(*) AS times FROM played GROUP BY ALL
)
SELECT month, sha256(string_agg(digest || times, ' ' ORDER BY digest, times)) AS digest
FROM played_in JOIN described USING (row) GROUP BY month ORDER BY month
"""  # noqa: S608 built from constants
