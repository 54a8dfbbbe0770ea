"""Fills in what describes a play's track from other plays, where the play's own source has nulls.

Add a column to `FILLED` if it describes the track. Columns of the play itself are never filled.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.arrays import Bools, Ints
from pipelines.listening.catalogue.kinds import TOLD, UNKNOWN
from pipelines.listening.catalogue.names import normal_names
from pipelines.listening.catalogue.tracks_and_artists import OWN_KEY, names_of, tracks_by_name
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


ARTIST = ("artist_id", "artist_name", "artists")
"""Columns that are filled together where the play names another artist than its track has, so that
they agree with `artist_key`: an export names the album's, which may be "Various Artists"."""


@dataclass(frozen=True)
class Filled:
    """Plays with the columns of their tracks filled in.

    Attributes:
        plays: `plays` rows with `kind_source`, `recording_id` and `artist_key`.
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
    other_artist = _other_artist(plays, tracks, rows)
    for name in FILLED:
        column = plays[name]
        missing = column.is_null().to_numpy() | (other_artist & (name in ARTIST))
        if missing.any():
            at = plays.schema.get_field_index(name)
            column = _fill(column, tracks[name], rows, missing)
            plays = plays.set_column(at, plays.schema.field(at), column)
    plays = _with_kinds(plays, tracks, rows)
    recording = pc.fill_null(tracks["recording_id"].take(rows), pc.fill_null(plays["play_id"], ""))
    plays = plays.append_column("recording_id", recording)
    return Filled(plays.append_column("artist_key", tracks["artist_key"].take(rows)), track_of)


def _other_artist(plays: pa.Table, tracks: pa.Table, rows: pa.Array) -> Bools:
    """Where a play without an artist's id names another one than its track has, who is somebody."""
    told = pc.if_else(pc.is_valid(tracks["artist_key"]), normal_names(tracks["artist_name"]), None)
    other = pc.not_equal(normal_names(plays["artist_name"]), told.take(rows))
    holds = pc.and_(pc.is_null(plays["artist_id"]), pc.fill_null(other, False))
    return np.asarray(holds.to_numpy(), np.bool_)


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
    mute = numbered_plays.filter(pc.and_(*(pc.is_null(plays[name]) for name in columns[1:3])))
    keys = pa.table({"track_key": tracks["track_key"], "row": np.arange(len(tracks))})
    rows = query(
        _TRACK_OF,
        plays=numbered_plays,
        mute=pa.table({"position": mute["position"], "by_name": names_of(mute)}),
        tracks=keys,
        named=tracks_by_name(tracks),
    )["row"]
    return np.asarray(rows.to_numpy(), np.int64)


def _fill(
    column: pa.ChunkedArray, known: pa.ChunkedArray, rows: pa.Array, missing: Bools
) -> pa.ChunkedArray:
    at = np.flatnonzero(missing)
    filled = known.take(rows.take(pa.array(at)))
    # Arrow cannot fill nulls of list columns, so both columns are concatenated and indexed.
    both = pa.chunked_array([*column.chunks, *filled.chunks], column.type)
    indices = np.arange(len(column))
    indices[at] = len(column) + np.arange(len(at))
    return both.take(pa.array(indices))


_TRACK_OF = f"""
WITH keyed AS (
    SELECT position, {OWN_KEY} AS track_key FROM plays
),
by_names AS (
    SELECT position, t.row FROM mute JOIN named USING (by_name) JOIN tracks t USING (track_key)
)
SELECT coalesce(own.row, by_names.row, -1) AS row
FROM keyed LEFT JOIN tracks own USING (track_key) LEFT JOIN by_names USING (position)
ORDER BY position
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
    SELECT row, sha256(
            ROW(recording_id, artist_key, kind, kind_source, {", ".join(FILLED)})::VARCHAR
        ) AS digest
    FROM tracks
),
-- How often, since a row of names may come to be another one of the same month's tracks.
played_in AS (
    SELECT strftime(day, '%Y-%m') AS month, row, count(*) AS times FROM played GROUP BY ALL
)
SELECT month, sha256(string_agg(digest || times, ' ' ORDER BY digest, times)) AS digest
FROM played_in JOIN described USING (row) GROUP BY month ORDER BY month
"""  # noqa: S608 built from constants
