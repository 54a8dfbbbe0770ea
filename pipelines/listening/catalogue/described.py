"""What Spotify's catalogue is asked about tracks of the ledger, and what its answers change.

Exports know a track by its id, or by its names alone. By id an answer is a fact, and fills whatever
no play tells. What a search finds is a guess, as another song may have these names: it describes a
track, and never says which one it is. So it fills album, date and length, and neither ids nor an
ISRC nor artists, by which tracks would become one recording or one artist.

Add here which tracks are asked for, and which columns are filled. How answers are read is
`api/catalogue_answers.py`, how they are asked for `ingest/catalogue.py`.
"""

import re
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.catalogue.kinds import SPOKEN
from pipelines.listening.catalogue.names import (
    nobody_sql,
    normal_name,
    normal_names,
    normal_sql,
)
from pipelines.listening.catalogue.recording_ids import SAME_LENGTH_MS
from pipelines.listening.schema.sql import query
from pipelines.listening.schema.tables import DESCRIBED_TRACKS

BY_ID, BY_SEARCH = "id", "search"
"""Values of `asked_by`."""

NOTHING_TOLD = DESCRIBED_TRACKS.empty()

_AGAIN_AFTER_DAYS = """
CASE WHEN place > 0 THEN 365
    WHEN status IN (400, 404) OR (status = 200 AND asked_by = 'search') THEN 180 ELSE 7 END
"""
"""A track that Spotify does not know may come to be known; what it refuses for another reason, such
as that it is in a bad way, is asked for again soon."""

WANTED_COLUMNS = (
    *("track_id", "track_uri", "track_name", "artist_id", "artist_name", "kind", "album_id"),
    *("release_date", "isrc", "duration_ms", "plays", "ms_played", "last_played_at"),
)
"""Columns of `unique_tracks` that say what is missing, and how much that matters."""


def search_query(artist: str, title: str) -> str:
    """The query that finds a track by its names; it holds them, so that nothing else has to."""
    return f'track:"{_quotable(title)}" artist:"{_quotable(artist)}"'


def searched_names(words: str) -> tuple[str, str] | None:
    """Artist and title in a query of `search_query`, as names are compared; None in any other."""
    match = re.fullmatch(r'track:"([^"]*)" artist:"([^"]*)"', words)
    return (normal_name(match[2]), normal_name(match[1])) if match else None


def searched_for(artist: str, title: str) -> str:
    """`asked_for` of a search, of names as they are compared."""
    return f"{artist}|{title}"


def _quotable(name: str) -> str:
    return name.replace('"', " ")


def wanted_tracks(tracks: pa.Table, described: pa.Table, now: datetime) -> pa.Table:
    """The tracks to ask for, in the order in which that is of most use: the most played first.

    These are tracks with an id or with names alone of which something is missing, and which were
    not asked for before, or long ago.

    Args:
        tracks: `unique_tracks` rows, at least `WANTED_COLUMNS`.
        described: `described_tracks` rows.
        now: the present.

    Returns:
        Columns asked_by, asked_for, track_id, artist_name and track_name.
    """
    artist, title = (
        pc.replace_substring(tracks[name], '"', " ") for name in ("artist_name", "track_name")
    )
    names = pc.binary_join_element_wise(normal_names(artist), normal_names(title), "|")
    named = pc.and_(
        pc.not_equal(pc.utf8_trim_whitespace(artist), ""),
        pc.not_equal(pc.utf8_trim_whitespace(title), ""),
    )
    tracks = tracks.append_column("by_name", pc.if_else(named, names, None))
    asked = described.select(["asked_by", "asked_for", "asked_at", "status", "place"])
    moment = pa.table({"now": pa.array([now], pa.timestamp("us", tz="UTC"))})
    return query(_WANTED, tracks=tracks, asked=asked, moment=moment)


_WANTED = f"""
WITH lacking AS (
    SELECT *, CASE
        WHEN track_id IS NOT NULL AND (
            isrc IS NULL OR release_date IS NULL OR album_id IS NULL OR duration_ms IS NULL
        ) AND regexp_full_match(track_id, '[0-9A-Za-z]+') THEN '{BY_ID}'
        WHEN track_id IS NULL AND track_uri IS NULL AND by_name IS NOT NULL AND (
            release_date IS NULL OR album_id IS NULL OR duration_ms IS NULL
        ) AND NOT ({nobody_sql("artist_name", "artist_id")}) THEN '{BY_SEARCH}'
    END AS asked_by
    FROM tracks WHERE kind IN ('track', 'unknown')
),
each AS (
    SELECT asked_by, if(asked_by = '{BY_ID}', track_id, by_name) AS asked_for,
        any_value(track_id) AS track_id,
        min(artist_name) AS artist_name,
        arg_min(track_name, (artist_name, track_name)) AS track_name,
        sum(plays) AS plays, sum(ms_played) AS ms_played, max(last_played_at) AS last_played_at
    FROM lacking WHERE asked_by IS NOT NULL GROUP BY ALL
),
answered AS (
    SELECT asked_by, asked_for,
        max(asked_at + to_days({_AGAIN_AFTER_DAYS})) AS again_at
    FROM asked GROUP BY ALL
)
SELECT asked_by, asked_for, track_id, artist_name, track_name
FROM each LEFT JOIN answered USING (asked_by, asked_for)
WHERE again_at IS NULL OR again_at <= (SELECT now FROM moment)
ORDER BY plays DESC, ms_played DESC, last_played_at DESC, asked_by, asked_for
"""  # noqa: S608 built from constants


def with_facts(tracks: pa.Table, described: pa.Table) -> pa.Table:
    """Tracks with what Spotify says of their ids, where no play tells it.

    An artist's name stays as plays tell it, also where that is only the album's, unless it is
    nobody's.

    Args:
        tracks: columns that describe a track, and `length`.
        described: `described_tracks` rows.
    """
    told = described.filter(
        (pc.field("asked_by") == BY_ID) & (pc.field("place") > 0)  # one row of each id
    )
    return query(_FACTS, tracks=tracks, told=told) if len(told) else tracks


_TOLD_OF_AN_ID = (
    *("track_name", "album_id", "album_name", "album_type", "release_date", "isrc", "artists"),
    *("duration_ms", "popularity", "explicit"),
)

_FACTS = f"""
WITH joined AS (
    SELECT told.*, tracks.track_key,
        tracks.artist_id IS NULL AND told.artist_id IS NOT NULL AS is_new,
        tracks.artist_name IS NULL OR ({nobody_sql("tracks.artist_name", "NULL")}) AS is_nobody,
        {normal_sql("tracks.artist_name")} = {normal_sql("told.artist_name")} AS is_same
    FROM tracks JOIN told ON told.asked_for = tracks.track_id
)
SELECT tracks.* REPLACE (
    {", ".join(f"coalesce(tracks.{name}, told.{name}) AS {name}" for name in _TOLD_OF_AN_ID)},
    if(tracks.release_date IS NULL, told.release_year, tracks.release_year) AS release_year,
    coalesce(tracks.duration_ms, told.duration_ms, tracks.length) AS length,
    if(is_new AND (is_same OR is_nobody), told.artist_id, tracks.artist_id) AS artist_id,
    if(is_new AND is_nobody, told.artist_name, tracks.artist_name) AS artist_name
)
FROM tracks LEFT JOIN joined told USING (track_key)
"""  # noqa: S608 built from constants


def with_guesses(tracks: pa.Table, described: pa.Table) -> pa.Table:
    """Tracks with what a search found by their names, where they have no id and nothing tells it.

    A hit counts only where its length is that of the track, as far as both are known. Of several,
    one on the track's album comes first, then one that is on no compilation, then Spotify's first.

    Args:
        tracks: `unique_tracks` rows.
        described: `described_tracks` rows.
    """
    hits = described.filter((pc.field("asked_by") == BY_SEARCH) & (pc.field("place") > 0))
    if not len(hits):
        return tracks
    names = (normal_names(tracks[name]) for name in ("artist_name", "track_name"))
    tracks = tracks.append_column("by_name", pc.binary_join_element_wise(*names, "|"))
    return query(_GUESSES, tracks=tracks, hits=hits)


_GUESSES = f"""
WITH asked AS (
    SELECT track_key, by_name, duration_ms, {normal_sql("album_name")} AS album
    FROM tracks
    WHERE track_id IS NULL AND track_uri IS NULL AND kind NOT IN {SPOKEN}
),
fitting AS (
    SELECT asked.track_key, hits.*,
        coalesce(asked.album = {normal_sql("hits.album_name")}, asked.album IS NULL) AS same_album
    FROM asked JOIN hits ON hits.asked_for = asked.by_name
    WHERE coalesce(abs(hits.duration_ms - asked.duration_ms) <= {SAME_LENGTH_MS}, true)
),
best AS (
    SELECT *,
        max(duration_ms) OVER one - min(duration_ms) OVER one <= {SAME_LENGTH_MS} AS same_length
    FROM fitting
    WINDOW one AS (PARTITION BY track_key)
    QUALIFY row_number() OVER (
        PARTITION BY track_key
        ORDER BY NOT same_album, coalesce(album_type = 'compilation', false), place
    ) = 1
)
SELECT tracks.* EXCLUDE (by_name) REPLACE (
    coalesce(tracks.album_id, if(same_album, best.album_id, NULL)) AS album_id,
    coalesce(tracks.album_name, if(same_album, best.album_name, NULL)) AS album_name,
    coalesce(tracks.album_type, if(same_album, best.album_type, NULL)) AS album_type,
    coalesce(tracks.release_date, if(same_album, best.release_date, NULL)) AS release_date,
    if(tracks.release_date IS NULL AND same_album, best.release_year, tracks.release_year)
        AS release_year,
    coalesce(tracks.duration_ms, if(same_length, best.duration_ms, NULL)) AS duration_ms
)
FROM tracks LEFT JOIN best USING (track_key)
"""  # noqa: S608 built from constants
