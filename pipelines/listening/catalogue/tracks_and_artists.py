"""One row per track and per artist, from all plays; and what top lists say of them.

Add here what describes a track or an artist over all plays. Rankings and figures by month are
insights.
"""

from collections.abc import Iterable, Mapping
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.catalogue.described import NOTHING_TOLD, with_facts, with_guesses
from pipelines.listening.catalogue.kinds import NO_REFERENCE, SPOKEN, infer_kinds
from pipelines.listening.catalogue.names import nobody_sql, normal_names, normal_sql
from pipelines.listening.catalogue.recording_ids import named_by_place, recording_ids
from pipelines.listening.schema.sql import query
from pipelines.listening.schema.tables import (
    KNOWN_ARTISTS,
    PLAYS,
    TOP_LISTS,
    UNIQUE_ARTISTS,
    UNIQUE_TRACKS,
)

OWN_KEY = "coalesce(track_id, track_uri, artist_name || ' - ' || track_name, track_name, play_id)"
"""DuckDB SQL for a play's `track_key` by its own columns alone."""


def unique_tracks(
    plays: pa.Table, reference: pa.Table = NO_REFERENCE, described: pa.Table = NOTHING_TOLD
) -> pa.Table:
    """One row per track, with what its plays tell of it.

    It is described as the latest play that a poll showed describes it, since exports know less: of
    the artists only the album's; else as the latest that names somebody. A track with only names,
    as in account data, is merged into the one with an id and the same names. `artist_key` is
    decided in `_ARTIST_KEYS`, `recording_id` in `recording_ids.py`, what is no music in `kinds.py`.
    What no play tells is filled from the catalogue, as `described.py` says.

    Args:
        plays: `plays` rows, all of them.
        reference: `audio_features` rows, at least `artists`: they tell which names are artists.
        described: `described_tracks` rows.
    """
    numbered = plays.append_column("row", pa.array(np.arange(len(plays))))
    each = with_facts(query(_EACH, plays=numbered), described)
    each = each.append_column("by_name", names_of(each))
    merged = query(_MERGED, each=each, named=tracks_by_name(each))
    names = {
        "artist": normal_names(merged["artist_name"]),
        "title": normal_names(merged["track_name"]),
    }
    names["place"] = named_by_place(merged["track_name"], names["title"])
    for name, column in names.items():
        merged = merged.append_column(name, column)
    tracks = query(_ARTIST_KEYS, tracks=merged)
    tracks = tracks.append_column("recording_id", recording_ids(tracks))
    tracks = infer_kinds(tracks, plays, reference)
    # Last, since a guess must not decide which tracks are one.
    tracks = with_guesses(tracks.select(UNIQUE_TRACKS.schema.names), described)
    return UNIQUE_TRACKS.conform(tracks.cast(UNIQUE_TRACKS.schema))


def names_of(rows: pa.Table) -> pa.Array:
    """The normal names of each row's artist and title in one, null where one of them is.

    Args:
        rows: columns artist_name and track_name.
    """
    names = (normal_names(rows[name]) for name in ("artist_name", "track_name"))
    return pc.binary_join_element_wise(*names, "|")


def tracks_by_name(tracks: pa.Table) -> pa.Table:
    """Which track a row is meant that has only names: the first heard that has an id and the names.

    What is heard later does not change it. "Various Artists" are not enough to tell a track, unless
    it is the only one.

    Args:
        tracks: columns track_key, track_id, track_name, artist_id, artist_name, first_played_at.

    Returns:
        Columns by_name, as `names_of` gives it, and track_key.
    """
    known = tracks.filter(pc.is_valid(tracks["track_id"]))
    columns = {name: known[name] for name in ("track_key", "artist_id", "artist_name")}
    first = {"first_played_at": known["first_played_at"], "by_name": names_of(known)}
    return query(_BY_NAME, tracks=pa.table(columns | first))


def unique_artists(tracks: pa.Table, known: pa.Table) -> pa.Table:
    """One row per first artist of music that was played.

    Args:
        tracks: `unique_tracks` rows, which have the totals over all plays.
        known: `known_artists` rows.
    """
    rows = _query(_ARTISTS, UNIQUE_ARTISTS.schema, tracks=tracks, known=known)
    return UNIQUE_ARTISTS.conform(rows)


def known_artists(known: pa.Table, lists: Iterable[tuple[date, pa.Table]]) -> pa.Table:
    """The latest top list's description of each artist; new responses have none.

    Args:
        known: `known_artists` rows from earlier lists, or none.
        lists: dates with their `top_artists` rows, in any order.
    """
    parts = [known]
    for day, rows in lists:
        columns = rows.select(["artist_id", "popularity", "followers", "genres"])
        days = pa.array([day] * len(rows), pa.date32())
        # Nulls are allowed here: the query drops artists without an id.
        parts.append(columns.append_column("told_on", days))
    rows = pa.concat_tables(parts, promote_options="permissive")
    return KNOWN_ARTISTS.conform(_query(_LATEST, KNOWN_ARTISTS.schema, described=rows))


def top_lists(kept: pa.Table, lists: Mapping[tuple[date, str, str], pa.Table]) -> pa.Table:
    """Top lists as rows, one for each list that is not empty.

    Args:
        kept: `top_lists` rows of earlier dates, or none.
        lists: `top_tracks` or `top_artists` rows by date, kind and time range; they replace those
            in `kept`.
    """
    rows = [TOP_LISTS.from_rows([])]
    for (day, kind, time_range), ranked in lists.items():
        columns = {"date": pa.scalar(day, pa.date32()), "kind": kind, "time_range": time_range}
        first = ranked.filter(pc.field("rank") <= KEPT_ENTRIES)
        entries = query(_ENTRIES[kind], first=first)
        for name, value in reversed(columns.items()):
            entries = entries.add_column(0, name, pa.repeat(value, len(entries)))
        rows.append(entries.cast(TOP_LISTS.schema))
    fresh = pa.concat_tables(rows)
    rest = query(
        "FROM kept ANTI JOIN fresh USING (date, kind, time_range)", kept=kept, fresh=fresh
    ).cast(TOP_LISTS.schema)
    return TOP_LISTS.conform(pa.concat_tables([rest, fresh]))


def _query(sql: str, schema: pa.Schema, **tables: pa.Table) -> pa.Table:
    return query(sql, **tables).select(schema.names).cast(schema)


_DESCRIPTION = [
    name
    for name in UNIQUE_TRACKS.schema.names
    if name in PLAYS.schema.names and name not in {"isrc", "duration_ms", "ms_played"}
]
"""Columns that are as the play says that describes the track."""

_EACH = f"""
WITH keyed AS (
    SELECT *, {OWN_KEY} AS own_key,
        artist_name IS NOT NULL AND NOT ({nobody_sql("artist_name", "artist_id")}) AS is_somebody
    FROM plays
),
played AS (
    SELECT own_key,
        arg_max(row, (played_at, play_id)) AS latest,
        coalesce(
            arg_max(row, (played_at, play_id)) FILTER (artist_id IS NOT NULL),
            arg_max(row, (played_at, play_id)) FILTER (is_somebody),
            latest
        ) AS polled,
        arg_max(isrc, (played_at, play_id)) FILTER (isrc IS NOT NULL) AS isrc,
        arg_max(duration_ms, (played_at, play_id)) FILTER (duration_ms IS NOT NULL) AS duration_ms,
        count(*) FILTER (counts) AS plays,
        coalesce(sum(ms_played), 0) AS ms_played,
        count(*) - count(ms_played) AS unknown_lengths,
        min(played_at) AS first_played_at,
        max(played_at) AS last_played_at
    FROM keyed GROUP BY own_key
),
-- Exports do not tell a track's length: it is what most plays heard that reached the end. A single
-- one only where it followed upon another track or was chosen: others may go on in the middle.
whole AS (
    SELECT own_key, ms_played AS ms, count(*) AS times FROM keyed
    WHERE reason_end = 'trackdone' AND ms_played >= 1000
    GROUP BY ALL
    HAVING times > 1
        OR bool_or(reason_start IN ('trackdone', 'fwdbtn', 'backbtn', 'clickrow', 'nextbtn'))
),
lasting AS (SELECT own_key, arg_max(ms, (times, ms)) AS ms FROM whole GROUP BY own_key)
SELECT played.* EXCLUDE (own_key), own_key AS track_key, coalesce(played.duration_ms, ms) AS length,
    {", ".join(f'coalesce(told."{name}", late."{name}") AS "{name}"' for name in _DESCRIPTION)}
FROM played LEFT JOIN lasting USING (own_key)
    JOIN plays told ON told.row = polled
    JOIN plays late ON late.row = latest
"""  # noqa: S608 built from constants of this module

_BY_NAME = f"""
SELECT by_name, arg_min(track_key, (first_played_at, track_key)) AS track_key
FROM tracks WHERE by_name IS NOT NULL GROUP BY by_name
HAVING count(*) = 1 OR NOT bool_or({nobody_sql("artist_name", "artist_id")})
"""  # noqa: S608 built from constants

_MERGED = """
WITH asked AS (
    SELECT track_key, if(track_id IS NULL AND track_uri IS NULL, by_name, NULL) AS by_name
    FROM each
),
resolved AS (
    SELECT each.* REPLACE (coalesce(named.track_key, each.track_key) AS track_key)
    FROM each JOIN asked USING (track_key) LEFT JOIN named ON asked.by_name = named.by_name
),
summed AS (
    SELECT track_key, sum(plays) AS plays, sum(ms_played) AS ms_played,
        sum(unknown_lengths) AS unknown_lengths,
        min(first_played_at) AS first_played_at, max(last_played_at) AS last_played_at
    FROM resolved GROUP BY track_key
)
SELECT summed.*, each.* EXCLUDE (
    track_key, plays, ms_played, unknown_lengths, first_played_at, last_played_at
)
FROM summed JOIN each USING (track_key)
"""

_ARTIST_KEYS = f"""
-- Two spellings of an id are one artist, two ids of a name are two. A name without an id is that of
-- the one id with that name, if there is exactly one; else it is an artist of its own. So when a
-- second artist of the name is polled, what only exports tell of is no longer counted as the first.
WITH told AS (
    SELECT artist_name AS name, artist_id AS id FROM tracks
    UNION ALL
    SELECT one.name, one.id FROM (SELECT unnest(artists) AS one FROM tracks)
),
spelled AS (
    SELECT {normal_sql("name")} AS artist, id
    FROM (SELECT DISTINCT name, id FROM told WHERE name IS NOT NULL AND id IS NOT NULL)
),
known AS (
    SELECT artist, min(id) AS id FROM spelled GROUP BY artist HAVING count(DISTINCT id) = 1
)
SELECT tracks.*,
    CASE WHEN NOT ({nobody_sql("artist_name", "artist_id")})
        THEN coalesce(artist_id, known.id, artist) END AS artist_key
FROM tracks LEFT JOIN known USING (artist)
"""  # noqa: S608 built from constants

_ARTISTS = f"""
WITH keyed AS (
    SELECT * FROM tracks WHERE artist_key IS NOT NULL AND kind NOT IN {SPOKEN}
),
played AS (
    SELECT artist_key,
        max(artist_id) AS artist_id,
        arg_max(artist_name, (last_played_at, track_key)) AS artist_name,
        sum(plays) AS plays,
        sum(ms_played) AS ms_played,
        sum(unknown_lengths) AS unknown_lengths,
        count(*) AS tracks,
        min(first_played_at) AS first_played_at,
        max(last_played_at) AS last_played_at
    FROM keyed GROUP BY artist_key
),
-- Of whom polls tell as a second artist alone: their key is the id all the same.
credited AS (SELECT DISTINCT unnest(artists).id AS id FROM tracks)
SELECT played.* REPLACE (coalesce(played.artist_id, credited.id) AS artist_id),
    known.* EXCLUDE (artist_id)
FROM played
    LEFT JOIN credited ON credited.id = artist_key
    LEFT JOIN known ON known.artist_id = artist_key
"""  # noqa: S608 built from constants

_LATEST = """
SELECT * FROM described
WHERE artist_id IS NOT NULL
    AND (popularity IS NOT NULL OR followers IS NOT NULL OR genres IS NOT NULL)
QUALIFY row_number() OVER (
    PARTITION BY artist_id
    ORDER BY told_on DESC, popularity DESC NULLS LAST, followers DESC NULLS LAST, genres::VARCHAR
) = 1
"""

KEPT_ENTRIES = 50
"""Spotify's largest page. Longer lists differ in length, and over years they would be most of the
lake; each date's snapshot has all of its entries."""

_ENTRIES = {
    "tracks": """
        SELECT list({
            'id': track_id, 'name': track_name, 'popularity': popularity, 'followers': NULL::BIGINT
        } ORDER BY rank) AS entries
        FROM first HAVING count(*) > 0
    """,
    "artists": """
        SELECT list({
            'id': artist_id, 'name': artist_name, 'popularity': popularity, 'followers': followers
        } ORDER BY rank) AS entries
        FROM first HAVING count(*) > 0
    """,
}
