"""Which track each named song is: by a link, by its names, by nearly its names, or by a person.

A track counts only where it is certain: a pasted id, the same artist and title but for what people
leave out (`songs.py`), or a slip of the pen in a name of some length. What may be another song, a
live version or another artist is doubtful, and a person chooses between up to three candidates.
Audio features and genres are those that reference data tells of the same recording, never those of
Spotify's answers, which must not be fed to models, and never of a song that is merely alike.

Add here what becomes of a song that is certain or doubtful. What makes it so is `likeness.py`,
where tracks are from `pool.py`, how texts are taken apart `song_text.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.catalogue.audio_features import genres_of
from pipelines.listening.schema.sql import query
from pipelines.listening.schema.survey_tables import CANDIDATES, COMPARED, SONGS
from pipelines.listening.survey.likeness import exact_ones, meanings, near_ones, spelled_once
from pipelines.listening.survey.pool import NO_FOUND, SEARCH, Pool, pool
from pipelines.listening.survey.song_text import likeliest
from pipelines.listening.survey.songs import key_of_id, song_keys

LINK = "link"
"""The source of a track that somebody gave the id of."""

MATCHED, CHOSEN, DOUBTFUL = "matched", "chosen", "doubtful"
UNMATCHED, WAITING = "unmatched", "waiting"
"""Values of `state`."""

MOST_CANDIDATES = 3

WANTED = pa.schema(
    [
        pa.field("song_key", pa.string(), nullable=False),
        pa.field("track_id", pa.string()),
        pa.field("artist_name", pa.string()),
        pa.field("track_name", pa.string()),
        pa.field("people", pa.int64(), nullable=False),
    ]
)
"""Songs to ask Spotify's catalogue for: by id where there is one, else by names."""

Choice = Mapping[str, str | None] | None
"""The track that a person chose: track_id, isrc, artist_name and track_name; None for none."""


@dataclass(frozen=True)
class Matched:
    """The songs that people named, and what is not known of them.

    Attributes:
        songs: `survey_songs` rows.
        candidates: `survey_candidates` rows.
        wanted: rows of `WANTED`, the songs of most people first.
        written_keys: the keys of all songs as they are written, by which `survey_found` has them.
    """

    songs: pa.Table
    candidates: pa.Table
    wanted: pa.Table
    written_keys: frozenset[str]


def match(
    named: pa.Table,
    tracks: pa.Table,
    features: pa.Table,
    artist_genres: pa.Table,
    *,
    found: pa.Table = NO_FOUND,
    choices: Mapping[str, Choice] = MappingProxyType({}),
    searches: bool = False,
) -> Matched:
    """Find the track of each song.

    Args:
        named: columns pseudonym, place, artist_name, track_name and track_id, as people wrote them.
        tracks: `unique_tracks` rows of all listeners, at least `pool.TRACK_COLUMNS`.
        features: `audio_features` rows, at least `pool.FEATURE_COLUMNS`.
        artist_genres: `artist_genres` rows.
        found: `survey_found` rows.
        choices: what people chose, by the key of the song as it is written, or as it was matched.
        searches: whether what is unknown is going to be searched for.
    """
    asked = _asked(named)
    every = pool(tracks, features, found)
    known = asked.append_column("match", _by_link(asked, every))
    said = meanings(known)
    exact = exact_ones(said, every)
    rest = said.filter(
        pc.invert(pc.is_in(said["song"], pc.unique(exact.filter(exact["certain"])["song"])))
    )
    near = near_ones(rest, every)
    best = spelled_once(query(_BEST, asked=known, exact=exact, near=near), every)
    likely = query(_KEYED, best=best, pool=every.tracks)
    names = (likely[name].combine_chunks() for name in ("artist_name", "track_name"))
    decided = query(
        _DECIDED,
        best=best.append_column("best_key", song_keys(*names)),
        pool=every.tracks,
        choices=_choices(choices),
        found=found,
    )
    described = _described(decided, every, features, artist_genres, searches=searches)
    people = query(_PEOPLE, named=named, songs=described)
    return Matched(
        songs=SONGS.conform(people.select(SONGS.schema.names).cast(SONGS.schema)),
        candidates=CANDIDATES.conform(
            query(_CANDIDATES, songs=described, exact=exact, near=near, pool=every.tracks).cast(
                CANDIDATES.schema
            )
        ),
        wanted=query(_WANTED, songs=people, found=found).cast(WANTED),
        written_keys=frozenset(best["written_key"].to_pylist()),
    )


def _asked(named: pa.Table) -> pa.Table:
    """Each different song once: columns song (its row), what is written, written_key."""
    rows = query(
        "SELECT artist_name, track_name, track_id, count(*) AS times FROM named "
        "GROUP BY ALL ORDER BY artist_name, track_name, track_id",
        named=named,
    )
    artists, titles = rows["artist_name"].to_pylist(), rows["track_name"].to_pylist()
    for at, (artist, title) in enumerate(zip(artists, titles, strict=True)):
        if title and not artist and (reading := likeliest(title)):
            artists[at], titles[at] = reading
    likely = pa.array(artists, pa.string()), pa.array(titles, pa.string())
    keys = [
        key_of_id(id_) if id_ else key
        for key, id_ in zip(
            song_keys(*likely).to_pylist(), rows["track_id"].to_pylist(), strict=True
        )
    ]
    columns = {
        "song": pa.array(np.arange(len(rows))),
        "likely_artist": likely[0],
        "likely_title": likely[1],
        "written_key": pa.array(keys, pa.string()),
    }
    for name, column in columns.items():
        rows = rows.append_column(name, column)
    return rows


def _by_link(asked: pa.Table, every: Pool) -> pa.Array:
    """The row of the pool that a song's id names; null where there is none."""
    return query(_BY_LINK, asked=asked, pool=every.tracks)["match"].combine_chunks()


_BY_LINK = f"""
WITH ids AS (SELECT track_id, min(pool) AS pool FROM pool WHERE track_id IS NOT NULL GROUP BY ALL),
-- Spotify may answer with another id of the same track.
told AS (
    SELECT song_key, min(pool) AS pool FROM pool WHERE source = '{SEARCH}' GROUP BY song_key
)
SELECT coalesce(ids.pool, told.pool) AS match
FROM asked LEFT JOIN ids USING (track_id)
    LEFT JOIN told ON asked.track_id IS NOT NULL AND song_key = written_key
ORDER BY song
"""  # noqa: S608 built from constants


def _choices(choices: Mapping[str, Choice]) -> pa.Table:
    rows = [
        {"song_key": key, "is_none": choice is None, **(choice or {})}
        for key, choice in sorted(choices.items())
    ]
    names = ("song_key", "is_none", "track_id", "isrc", "artist_name", "track_name")
    types = (pa.string(), pa.bool_(), *[pa.string()] * 4)
    return pa.Table.from_pylist(rows, schema=pa.schema(list(zip(names, types, strict=True))))


_BEST = """
WITH guesses AS (
    SELECT song, pool, similarity, "order" FROM exact WHERE certain
    UNION ALL SELECT song, pool, similarity, "order" FROM near
    WHERE certain AND song NOT IN (SELECT song FROM exact WHERE certain)
),
best AS (
    SELECT song, arg_min(pool, "order") AS pool, arg_min(similarity, "order") AS similarity
    FROM guesses GROUP BY song
),
doubts AS (
    SELECT DISTINCT song FROM (SELECT song FROM exact UNION ALL SELECT song FROM near)
)
SELECT asked.* EXCLUDE (match), coalesce(asked.match, best.pool) AS best,
    asked.match IS NOT NULL OR asked.track_id IS NULL AS is_that_track,
    if(asked.track_id IS NULL, round(best.similarity, 6), NULL) AS similarity,
    doubts.song IS NOT NULL AS is_doubtful
FROM asked LEFT JOIN best USING (song) LEFT JOIN doubts USING (song) ORDER BY song
"""

_KEYED = """
SELECT pool.artist_name, pool.track_name FROM best LEFT JOIN pool ON pool = best ORDER BY song
"""

_DECIDED = """
WITH ids AS (
    SELECT track_id, min(pool) AS pool FROM pool WHERE track_id IS NOT NULL GROUP BY ALL
),
codes AS (SELECT isrc, min(pool) AS pool FROM pool WHERE isrc IS NOT NULL GROUP BY ALL),
chosen AS (
    SELECT choices.*, coalesce(ids.pool, codes.pool) AS pool
    FROM choices LEFT JOIN ids USING (track_id) LEFT JOIN codes USING (isrc)
),
searched AS (SELECT DISTINCT song_key FROM found)
SELECT best.* EXCLUDE (best_key),
    chosen.song_key IS NOT NULL AS is_chosen, coalesce(chosen.is_none, false) AS is_none,
    chosen.track_id AS chosen_id, chosen.isrc AS chosen_isrc,
    chosen.artist_name AS chosen_artist, chosen.track_name AS chosen_title,
    if(chosen.song_key IS NULL, best, chosen.pool) AS pool,
    searched.song_key IS NOT NULL AS is_searched
FROM best
    LEFT JOIN choices AS as_written ON as_written.song_key = written_key
    LEFT JOIN choices AS as_matched ON as_matched.song_key = best_key AND best IS NOT NULL
    LEFT JOIN chosen ON chosen.song_key = coalesce(as_written.song_key, as_matched.song_key)
    LEFT JOIN searched ON searched.song_key = written_key
ORDER BY song
"""


def _described(
    decided: pa.Table, every: Pool, features: pa.Table, artist_genres: pa.Table, *, searches: bool
) -> pa.Table:
    """Songs with their tracks, and what reference data tells of these."""
    states = _STATES.format(unknown=WAITING if searches else UNMATCHED)
    rows = query(states, decided=decided, pool=every.tracks)
    names = [rows[name].combine_chunks() for name in ("artist_name", "track_name")]
    keys = pc.if_else(rows["has_track"], song_keys(*names), rows["written_key"])
    keys = pc.if_else(pc.is_null(rows["track_name"]), rows["written_key"], keys)
    rows = rows.append_column("own_key", keys)
    references = query(_REFERENCES, songs=rows, pool=every.tracks)["reference"]
    told = features.select([*_TOLD]).take(references.combine_chunks())
    artists = pc.if_else(rows["has_track"], rows["artist_name"], None)
    by_artist = genres_of(artists, artist_genres)
    genres = pc.if_else(rows["has_track"], pc.coalesce(told["genres"], by_artist), None)
    rows = rows.append_column("genres", genres)
    for one in COMPARED:
        rows = rows.append_column(one.name, told[one.name])
    return query(_SAME, songs=rows.append_column("told_year", told["release_year"]))


_TOLD = ("release_year", "genres", *(one.name for one in COMPARED))

_STATES = f"""
SELECT song, decided.artist_name AS written_artist, decided.track_name AS written_title,
    decided.track_id AS written_id, written_key, pool.pool,
    is_chosen AND NOT is_none AS is_chosen, is_none, is_searched,
    (pool.pool IS NOT NULL OR decided.track_id IS NOT NULL OR is_chosen) AND NOT is_none
        AS has_track,
    CASE WHEN is_none THEN likely_artist
        ELSE coalesce(pool.artist_name, chosen_artist, likely_artist) END AS artist_name,
    CASE WHEN is_none THEN likely_title
        ELSE coalesce(pool.track_name, chosen_title, likely_title) END AS track_name,
    CASE WHEN is_chosen THEN coalesce(chosen_id, pool.track_id)
        ELSE coalesce(decided.track_id, pool.track_id) END AS track_id,
    CASE WHEN is_chosen THEN coalesce(pool.isrc, chosen_isrc)
        WHEN is_that_track THEN pool.isrc END AS isrc,
    CASE WHEN is_none THEN '{UNMATCHED}' WHEN is_chosen THEN '{CHOSEN}'
        WHEN decided.track_id IS NOT NULL OR pool.pool IS NOT NULL THEN '{MATCHED}'
        WHEN is_doubtful THEN '{DOUBTFUL}' WHEN is_searched THEN '{UNMATCHED}'
        ELSE '{{unknown}}' END AS state,
    CASE WHEN is_none THEN NULL WHEN decided.track_id IS NOT NULL AND NOT is_chosen THEN '{LINK}'
        ELSE coalesce(pool.source, if(is_chosen, '{LINK}', NULL)) END AS source,
    CASE WHEN NOT is_chosen AND decided.track_id IS NULL AND pool.pool IS NOT NULL
        THEN similarity END AS similarity,
    pool.year
FROM decided LEFT JOIN pool USING (pool) ORDER BY song
"""  # noqa: S608 built from constants

_REFERENCES = """
WITH known AS (FROM pool WHERE reference IS NOT NULL),
by_id AS (SELECT track_id, arg_min(reference, pool) AS reference FROM known GROUP BY ALL),
by_isrc AS (SELECT isrc, arg_min(reference, pool) AS reference FROM known GROUP BY ALL),
by_name AS (SELECT artist, "full", arg_min(reference, pool) AS reference FROM known GROUP BY ALL),
by_song AS (SELECT artist, loose, arg_min(reference, pool) AS reference FROM known GROUP BY ALL)
SELECT CASE WHEN has_track THEN coalesce(
    by_id.reference, by_isrc.reference, by_name.reference, by_song.reference
) END AS reference
FROM songs
    LEFT JOIN pool USING (pool)
    LEFT JOIN by_id ON songs.track_id = by_id.track_id
    LEFT JOIN by_isrc ON songs.isrc = by_isrc.isrc
    LEFT JOIN by_name ON pool.artist = by_name.artist AND pool."full" = by_name."full"
    LEFT JOIN by_song ON pool.artist = by_song.artist AND pool.loose = by_song.loose
ORDER BY song
"""

_SAME = """
SELECT *, coalesce(year, told_year) AS release_year,
    CASE WHEN has_track AND isrc IS NOT NULL THEN min(own_key) OVER (PARTITION BY has_track, isrc)
        ELSE own_key END AS song_key
FROM songs ORDER BY song
"""

_PEOPLE = """
SELECT named.pseudonym, named.place, songs.*
FROM named JOIN songs ON named.artist_name IS NOT DISTINCT FROM written_artist
    AND named.track_name IS NOT DISTINCT FROM written_title
    AND named.track_id IS NOT DISTINCT FROM written_id
"""

_CANDIDATES = f"""
WITH doubtful AS (SELECT song, song_key FROM songs WHERE state = '{DOUBTFUL}'),
near_ones AS (
    SELECT song_key, pool, similarity, "order" FROM exact JOIN doubtful USING (song)
    UNION ALL SELECT song_key, pool, similarity, "order" FROM near JOIN doubtful USING (song)
),
each AS (
    SELECT song_key, artist, loose, arg_min(pool, (-similarity, pool)) AS pool,
        max(similarity) AS similarity
    FROM near_ones JOIN (SELECT pool, artist, loose FROM pool) USING (pool) GROUP BY ALL
)
SELECT song_key, row_number() OVER (
        PARTITION BY song_key ORDER BY similarity DESC, pool
    )::SMALLINT AS rank,
    artist_name, track_name, track_id, isrc, source, round(similarity, 6) AS similarity
FROM each JOIN (
    SELECT pool, artist_name, track_name, track_id, isrc, source FROM pool
) USING (pool)
QUALIFY rank <= {MOST_CANDIDATES}
"""  # noqa: S608 built from constants

_WANTED = f"""
WITH asked AS (SELECT DISTINCT song_key FROM found),
wanted AS (
    FROM songs ANTI JOIN asked ON asked.song_key = written_key
    WHERE NOT is_none AND (
        state IN ('{WAITING}', '{DOUBTFUL}', '{UNMATCHED}')
        OR (written_id IS NOT NULL AND pool IS NULL AND NOT is_chosen)
    )
),
spelled AS (
    SELECT written_key, artist_name, track_name, count(*) AS times FROM wanted GROUP BY ALL
),
called AS (
    SELECT written_key, arg_min(
        {{'artist': artist_name, 'title': track_name}}, (-times, track_name, artist_name)
    ) AS names
    FROM spelled GROUP BY written_key
)
SELECT written_key AS song_key, min(written_id) AS track_id,
    any_value(names.artist) AS artist_name, any_value(names.title) AS track_name,
    count(DISTINCT pseudonym) AS people
FROM wanted JOIN called USING (written_key)
GROUP BY written_key
ORDER BY people DESC, song_key
"""  # noqa: S608 built from constants
