"""The inputs of insights: the tables that the base files in `pipelines/insights/base/` select from.

Add here what a base file needs of a table, or of the settings. Reading from the lake is
`assets/insights.py`; computing is SQL.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.arrays import MISSING
from pipelines.listening.catalogue.kinds import SPOKEN
from pipelines.listening.schema.sql import query
from pipelines.listening.schema.tables import UTC_MS
from pipelines.listening.sources.registry import told_by
from pipelines.listening.time.local_time import Zone, is_northern, local_time_sql

LABELLED_PLAYS_COLUMNS = (
    "local_date",
    "local_hour",
    "local_weekday",
    "kind",
    "track_id",
    "track_name",
    "album_type",
    "release_date",
    "artist_id",
    "artist_name",
    "release_year",
    "duration_ms",
    "explicit",
    "ms_played",
    "counts",
    "skipped",
    "played_from_type",
    "played_from_uri",
    "played_from_name",
    "source",
    "recording_id",
    "artist_key",
    "session_id",
    "context",
    "context_confidence",
    "mine",
)
"""The columns of `labelled_plays` that base files may select."""

PLAYLIST_TRACKS_COLUMNS = (
    *("track_id", "track_uri", "track_name", "artist_name", "isrc", "release_date"),
    *("release_year", "album_type", "duration_ms", "popularity"),
)
"""The columns of `playlist_tracks` that an item of a playlist tells."""

PLAYLIST_ENTRIES_COLUMNS = (
    *("playlist_id", "position", "kind", "state", "artist_id", "album_name", "explicit"),
    *("relinked_from", "added_at", "added_by", *PLAYLIST_TRACKS_COLUMNS),
)
"""The columns of `playlist_entries` that insights may select."""

WINDOW_DAYS = 28
"""The window of heavy rotation, as in `base/rotation_days.sql`."""


@dataclass(frozen=True)
class Rotation:
    """What counts as heavy rotation, over the 28 days up to a day.

    Attributes:
        plays: minimum number of plays of 30 seconds or more.
        days: minimum number of different days with such a play.
        rank: maximum rank by these plays.
    """

    plays: int = 8
    days: int = 4
    rank: int = 30


DEFAULT_ROTATION = Rotation()


def number_plays(plays: pa.Table) -> pa.Table:
    """The input `labelled_plays`.

    Args:
        plays: `labelled_plays` rows in order of time, at least `LABELLED_PLAYS_COLUMNS`.

    Returns:
        These with what `told_by` gives; `place`, their row number; `spoken`, true for what is not
        music; and the codes
        `session`, `recording` and `artist` (the first artist of music). Codes of
        recordings and artists are in alphabetical order, so that they may break ties.
    """
    rows = plays.select(LABELLED_PLAYS_COLUMNS)
    spoken = pc.is_in(rows["kind"], pa.array(SPOKEN))
    artist = pc.if_else(spoken, pa.scalar(None, pa.string()), rows["artist_key"])
    added = {
        **told_by(rows["source"]),
        "place": pa.array(np.arange(len(rows))),
        "spoken": spoken,
        "session": rows["session_id"].combine_chunks().dictionary_encode().indices,
        "recording": _numbered(rows["recording_id"]),
        "artist": _numbered(artist),
    }
    for name, column in added.items():
        rows = rows.append_column(name, column)
    return rows


def _numbered(names: pa.ChunkedArray) -> pa.Array:
    """A code for each name, in alphabetical order; null stays null."""
    encoded = names.combine_chunks().dictionary_encode()
    return pc.rank(encoded.dictionary).cast(pa.int32()).take(encoded.indices)


def known_tracks(tracks: pa.Table, known: pa.Table) -> pa.Table:
    """The input `known_tracks`: tracks with their sound, genres and popularity.

    Args:
        tracks: `unique_tracks` rows, with Spotify's popularity.
        known: reference data of each track, as `contexts.labels.reference_data_of` gives it. What
            Spotify tells too has another name: popularity becomes `reference_popularity`.
    """
    told = set(tracks.column_names)
    for name in known.column_names:
        tracks = tracks.append_column(f"reference_{name}" if name in told else name, known[name])
    return tracks


def playlist_tracks(entries: pa.Table) -> pa.Table:
    """The different tracks of playlists, to be the input `playlist_tracks` with `known_tracks`.

    Args:
        entries: what `with_recordings` gives.

    Returns:
        Of each track what its first item tells of it, with `artist_key`, `track` and `recording`.
    """
    codes = entries["track"].fill_null(MISSING).to_numpy()
    first = np.full(codes.max(initial=MISSING) + 1, MISSING)
    rows = np.flatnonzero(codes != MISSING)[::-1]
    first[codes[rows]] = rows
    columns = [*PLAYLIST_TRACKS_COLUMNS, "artist_key", "track", "recording"]
    return entries.select(columns).take(pa.array(first))


def settings(
    plays: pa.Table,
    covered: tuple[datetime | None, datetime] | None,
    zones: Sequence[Zone],
    rotation: Rotation,
) -> pa.Table:
    """The input `settings`, one row.

    Args:
        plays: what `number_plays` gives.
        covered: the first moment that is covered (None: all that came before, which began with the
            first play that a covering source has) and the last one; None where no time is.
        zones: the listener's time zones, in order of time.
        rotation: what counts as heavy rotation.

    Returns:
        `through`, the last covered day, which may be later than the last play's; `covered_from` and
        `covered_to`, both ends of covered time on the listener's clock, null where no time is;
        `northern`, whether July is summer, null where that is not known; and `rotation_plays`,
        `rotation_days`, `rotation_rank`.
    """
    ends = pa.table({"moment": pa.array(covered or [None, None], UTC_MS)})
    local = query(f"SELECT {local_time_sql('moment', zones)} AS told FROM ends", ends=ends)["told"]  # noqa: S608 zone names are checked
    if covered and covered[0] is None:
        first = pc.min(plays.filter(plays["covered"])["local_date"]).as_py()
        local = pa.chunked_array(
            [[first and datetime.combine(first, time()), local[1].as_py()]], local.type
        )
    days = [local[1].as_py() and local[1].as_py().date(), pc.max(plays["local_date"]).as_py()]
    return pa.table(
        {
            "through": pa.array([max(filter(None, days), default=None)], pa.date32()),
            "covered_from": local.slice(0, 1),
            "covered_to": local.slice(1, 1),
            "northern": pa.array([is_northern(zones)], pa.bool_()),
            **{f"rotation_{name}": [value] for name, value in vars(rotation).items()},
        }
    )
