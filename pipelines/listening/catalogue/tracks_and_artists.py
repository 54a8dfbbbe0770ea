"""One row per track and per artist, from all plays; and what top lists say of them.

Add here what describes a track or an artist over all plays. Rankings and figures by month are
insights.
"""

from collections.abc import Iterable, Mapping
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.catalogue.kinds import NO_REFERENCE, SPOKEN, infer_kinds
from pipelines.listening.catalogue.recordings import pair_sql
from pipelines.listening.schema.sql import query
from pipelines.listening.schema.tables import (
    KNOWN_ARTISTS,
    TOP_LISTS,
    UNIQUE_ARTISTS,
    UNIQUE_TRACKS,
)

OWN_KEY = "coalesce(track_id, track_uri, artist_name || ' - ' || track_name, track_name, play_id)"
"""DuckDB SQL for a play's `track_key` by its own columns alone."""


def unique_tracks(plays: pa.Table, reference: pa.Table = NO_REFERENCE) -> pa.Table:
    """One row per track, with the description of its latest play.

    `recording_id` is the same for one song under several ids or on several albums: its ISRC; else
    the ISRC of the most played track with the same normalized artist and title; else these. A
    track with only names, as in account data, is merged into the one with an id and the same names.

    Args:
        plays: `plays` rows, all of them.
        reference: `audio_features` rows, at least `artists`: they tell which names are artists.
    """
    numbered = plays.append_column("row", pa.array(np.arange(len(plays))))
    rows = infer_kinds(query(_TRACKS, plays=numbered), plays, reference)
    return UNIQUE_TRACKS.conform(rows.select(UNIQUE_TRACKS.schema.names).cast(UNIQUE_TRACKS.schema))


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


_TRACKS = f"""
WITH keyed AS (
    SELECT *, {OWN_KEY} AS own_key
    FROM plays
),
played AS (
    SELECT own_key,
        arg_max(row, (played_at, play_id)) AS latest,
        count(*) FILTER (counts) AS plays,
        coalesce(sum(ms_played), 0) AS ms_played,
        min(played_at) AS first_played_at,
        max(played_at) AS last_played_at
    FROM keyed GROUP BY own_key
),
named AS (
    SELECT played.*, track_id, track_uri,
        {pair_sql("artist_name", "track_name")} AS by_name
    FROM played JOIN plays ON row = latest
),
-- Account data has names only: its tracks are the most played track with that name.
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
-- Exports have no ISRC: tracks share that of another track with the same name.
coded AS (
    SELECT by_name, arg_max(isrc, (summed.plays, track_key)) AS isrc
    FROM summed JOIN plays ON row = latest
    WHERE isrc IS NOT NULL AND kind = 'track' GROUP BY by_name
)
SELECT plays.* EXCLUDE (ms_played), summed.* EXCLUDE (latest, by_name),
    coalesce('isrc:' || upper(coalesce(plays.isrc, coded.isrc)), 'name:' || by_name, track_key)
        AS recording_id
FROM summed JOIN plays ON row = latest LEFT JOIN coded USING (by_name)
"""  # noqa: S608 built from constants of this module

_ARTISTS = f"""
WITH keyed AS (
    SELECT *, coalesce(artist_id, lower(artist_name)) AS artist_key
    FROM tracks
    WHERE kind NOT IN {SPOKEN} AND coalesce(artist_id, artist_name) IS NOT NULL
),
played AS (
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
SELECT played.*, known.* EXCLUDE (artist_id)
FROM played LEFT JOIN known USING (artist_id)
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
