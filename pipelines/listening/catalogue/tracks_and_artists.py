"""Tracks and artists as things of their own: one row each, out of all plays.

What the ledger knows of a track from any of its plays comes together here. Rankings and figures
by month do not belong here.
"""

from collections.abc import Iterable, Mapping
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.catalogue.recordings import pair_sql
from pipelines.listening.schema.sql import query
from pipelines.listening.schema.tables import (
    KNOWN_ARTISTS,
    TOP_LISTS,
    UNIQUE_ARTISTS,
    UNIQUE_TRACKS,
)

OWN_KEY = "coalesce(track_id, track_uri, artist_name || ' - ' || track_name, track_name, play_id)"
"""DuckDB SQL for the track that a play tells of by itself, as `track_key` names it."""


def unique_tracks(plays: pa.Table) -> pa.Table:
    """One row per track, described as its latest play describes it.

    `recording_id` is the same for one song under several ids or on several albums: its ISRC; else
    that of the most played track with the same artist and title, without case, accents and
    punctuation; else these. A track of which only names are known, as in account data, is the one
    with an id that bears them.
    """
    placed = plays.append_column("place", pa.array(np.arange(len(plays))))
    return UNIQUE_TRACKS.conform(_query(_TRACKS, UNIQUE_TRACKS.schema, plays=placed))


def unique_artists(tracks: pa.Table, known: pa.Table) -> pa.Table:
    """One row per first artist of a track that was played.

    Args:
        tracks: `unique_tracks` rows, which already sum up all plays.
        known: `known_artists` rows.
    """
    rows = _query(_ARTISTS, UNIQUE_ARTISTS.schema, tracks=tracks, known=known)
    return UNIQUE_ARTISTS.conform(rows)


def known_artists(known: pa.Table, lists: Iterable[tuple[date, pa.Table]]) -> pa.Table:
    """What the latest top list says of each artist; answers of the new shape say nothing.

    Args:
        known: `known_artists` rows from earlier lists, or none.
        lists: dates with their `top_artists` rows, in any order.
    """
    parts = [known]
    for day, rows in lists:
        columns = rows.select(["artist_id", "popularity", "followers", "genres"])
        days = pa.array([day] * len(rows), pa.date32())
        # Not yet checked for nulls: artists without an id are dropped by the query.
        parts.append(columns.append_column("told_on", days))
    rows = pa.concat_tables(parts, promote_options="permissive")
    return KNOWN_ARTISTS.conform(_query(_LATEST, KNOWN_ARTISTS.schema, told=rows))


def top_lists(kept: pa.Table, lists: Mapping[tuple[date, str, str], pa.Table]) -> pa.Table:
    """Lists of top tracks and artists as rows, one for each list that is not empty.

    Args:
        kept: `top_lists` rows of earlier dates, or none.
        lists: by date, kind and time range `top_tracks` or `top_artists` rows; they take the
            place of those kept.
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


_TRACKS = f"""
WITH keyed AS (
    SELECT *, {OWN_KEY} AS own_key
    FROM plays
),
heard AS (
    SELECT own_key,
        arg_max(place, (played_at, play_id)) AS latest,
        count(*) FILTER (counts) AS plays,
        coalesce(sum(ms_played), 0) AS ms_played,
        min(played_at) AS first_played_at,
        max(played_at) AS last_played_at
    FROM keyed GROUP BY own_key
),
named AS (
    SELECT heard.*, track_id, track_uri,
        {pair_sql("artist_name", "track_name")} AS by_name
    FROM heard JOIN plays ON place = latest
),
-- Account data knows tracks by name only: they are the best known track of that name.
known AS (
    SELECT by_name, arg_max(own_key, (plays, own_key)) AS known_key
    FROM named WHERE track_id IS NOT NULL GROUP BY by_name
),
resolved AS (
    SELECT named.*, coalesce(
        if(track_id IS NULL AND track_uri IS NULL, known_key, NULL), own_key
    ) AS track_key
    FROM named LEFT JOIN known USING (by_name)
),
summed AS (
    SELECT track_key,
        arg_max(latest, own_key = track_key) AS latest,
        arg_max(by_name, own_key = track_key) AS by_name,
        sum(plays) AS plays,
        sum(ms_played) AS ms_played,
        min(first_played_at) AS first_played_at,
        max(last_played_at) AS last_played_at
    FROM resolved GROUP BY track_key
),
-- Exports tell no ISRC: a song that one of its tracks has a code for is the same by its name.
coded AS (
    SELECT by_name, arg_max(isrc, (summed.plays, track_key)) AS isrc
    FROM summed JOIN plays ON place = latest
    WHERE isrc IS NOT NULL AND kind = 'track' GROUP BY by_name
)
SELECT plays.* EXCLUDE (ms_played), summed.* EXCLUDE (latest, by_name),
    coalesce('isrc:' || upper(coalesce(plays.isrc, coded.isrc)), 'name:' || by_name, track_key)
        AS recording_id
FROM summed JOIN plays ON place = latest LEFT JOIN coded USING (by_name)
"""  # noqa: S608 built from constants of this module

_ARTISTS = """
WITH keyed AS (
    SELECT *, coalesce(artist_id, lower(artist_name)) AS artist_key
    FROM tracks WHERE coalesce(artist_id, artist_name) IS NOT NULL
),
heard AS (
    SELECT artist_key,
        any_value(artist_id) AS artist_id,
        arg_max(artist_name, (last_played_at, track_key)) AS artist_name,
        sum(plays) AS plays,
        sum(ms_played) AS ms_played,
        count(*) AS tracks,
        min(first_played_at) AS first_played_at,
        max(last_played_at) AS last_played_at
    FROM keyed GROUP BY artist_key
)
SELECT heard.*, known.* EXCLUDE (artist_id)
FROM heard LEFT JOIN known USING (artist_id)
"""

_LATEST = """
SELECT * FROM told
WHERE artist_id IS NOT NULL
    AND (popularity IS NOT NULL OR followers IS NOT NULL OR genres IS NOT NULL)
QUALIFY row_number() OVER (
    PARTITION BY artist_id
    ORDER BY told_on DESC, popularity DESC NULLS LAST, followers DESC NULLS LAST, genres::VARCHAR
) = 1
"""

KEPT_ENTRIES = 50
"""Spotify's largest page. Its longer lists differ in length, and side by side over years they would
be most of the lake; each date's snapshot has all of its entries."""

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
