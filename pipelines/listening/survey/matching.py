"""Which track each named song is: by a link, by its names, by nearly its names, or by a person.

A track counts only where it is certain: a pasted id, the same artist and title but for what people
leave out (`songs.py`), or a slip of the pen in a name of some length. What may be another song, a
live version or another artist is doubtful, and a person chooses between up to three candidates.
Audio features and genres are those that reference data tells of the same recording, never those of
Spotify's answers, which must not be fed to models, and never of a song that is merely alike.

Add here what makes a song certain or doubtful. Where tracks are from is `pool.py`, how texts are
taken apart `song_text.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.catalogue.audio_features import genres_of
from pipelines.listening.catalogue.names import normal_names
from pipelines.listening.catalogue.recordings import first_of_artists
from pipelines.listening.schema.sql import query
from pipelines.listening.schema.survey_tables import CANDIDATES, COMPARED, SONGS
from pipelines.listening.survey.pool import (
    NO_FOUND,
    SEARCH,
    Pool,
    neighbours,
    pool,
    with_folded_names,
)
from pipelines.listening.survey.song_text import likeliest, readings
from pipelines.listening.survey.songs import (
    VERSIONS,
    compact,
    key_of_id,
    loose_titles,
    song_keys,
    without_guests,
)

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
    said = _readings(known)
    exact = _exact(said, every)
    rest = said.filter(
        pc.invert(pc.is_in(said["song"], pc.unique(exact.filter(exact["certain"])["song"])))
    )
    near = _near(rest, every)
    best = _spelled_once(query(_BEST, asked=known, exact=exact, near=near), every)
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


def _readings(asked: pa.Table) -> pa.Table:
    """Everything that a song without a known id may mean, folded.

    Columns song, artist (null where it may stand in the title), full, loose, base, words and
    versions of the title, and whether only a part of the artists is meant.
    """
    rows: list[tuple[int, str | None, str, bool]] = []
    for song, artist, title, match in zip(
        *(asked[name].to_pylist() for name in ("song", "artist_name", "track_name", "match")),
        strict=True,
    ):
        if not title or match is not None:
            continue
        if not artist:
            rows += [(song, by, name, False) for by, name in readings(title)]
            rows.append((song, None, title, False))
            continue
        rows += [(song, artist, title, False), (song, title, artist, False)]
        host, first = without_guests(artist), first_of_artists(artist)
        if host != artist:
            rows.append((song, host, title, False))
        if first:
            rows.append((song, first, title, True))
    names = ("song", "artist_name", "track_name", "part")
    types = (pa.int64(), pa.string(), pa.string(), pa.bool_())
    columns = zip(*rows, strict=True) if rows else [()] * len(names)
    said = pa.table(
        {
            name: pa.array(column, type_)
            for name, column, type_ in zip(names, columns, types, strict=True)
        }
    )
    return query(_ONCE, said=with_folded_names(said))


_ONCE = """
SELECT song, artist, min(part) AS part, words, "full", loose, base FROM said
GROUP BY song, artist, words, "full", loose, base ORDER BY ALL
"""


def _exact(said: pa.Table, every: Pool) -> pa.Table:
    """Tracks that have exactly the names, as far as people write them.

    Returns:
        Columns song, pool, similarity, certain, and order: the likelier ones first.
    """
    return query(_EXACT, said=said, pool=every.tracks, artists=every.artists)


_LOOSE, _BASE, _PART = 1, 100, 1000
"""What it costs that only the title without additions is the same, the track's without its
subtitle, or one of several artists. What somebody wrote in brackets is not left out for certain: it
may be a version."""

_FORMS = f"""
    SELECT {{of}}, "full" AS title, 0 AS cost FROM {{rows}}
    UNION ALL SELECT {{of}}, loose, {_LOOSE} FROM {{rows}} WHERE loose <> "full"
    UNION ALL SELECT {{of}}, base, {{base}} FROM {{rows}} WHERE base IS NOT NULL AND base <> loose
"""  # noqa: S608 built from constants

_EXACT = f"""
WITH asked_titles AS ({_FORMS.format(of="song, artist, part", rows="said", base=_PART)}),
asked AS (
    SELECT song, coalesce(artist, '') || title AS key,
        min(cost + if(part, {_PART}, 0)) AS cost
    FROM asked_titles GROUP BY ALL
),
titles AS ({_FORMS.format(of="pool", rows="pool", base=_BASE)}),
named AS (SELECT pool, artist, title, cost FROM titles JOIN artists USING (pool)),
keys AS (
    SELECT pool, artist || title AS key, cost FROM named
    UNION ALL SELECT pool, title || artist, cost FROM named
),
hits AS (
    SELECT song, pool, min(asked.cost + keys.cost) AS cost FROM asked JOIN keys USING (key)
    GROUP BY ALL
),
best AS (
    SELECT hits.*, min(cost) OVER (PARTITION BY song) AS least, pool.artist, pool.loose
    FROM hits JOIN pool USING (pool)
),
-- Several titles that a part of a title may be are none.
meant AS (
    SELECT song, count(DISTINCT (artist, loose)) AS songs FROM best
    WHERE cost = least GROUP BY song
)
SELECT song, pool,
    CASE WHEN cost >= {_PART} THEN 0.9 WHEN cost >= {_BASE} THEN 0.95 ELSE 1.0 END AS similarity,
    cost = least AND cost < {_PART} AND (cost < {_BASE} OR songs = 1) AS certain,
    cost * (1::BIGINT << 40) + pool AS "order"
FROM best JOIN meant USING (song)
"""  # noqa: S608 built from constants


def _near(said: pa.Table, every: Pool) -> pa.Table:
    """Tracks that have nearly the names.

    Returns:
        Columns as those of `_exact`.
    """
    songs = query(_SONGS, pool=every.tracks)
    texts = query(_TEXTS, said=said)
    pairs = neighbours(texts["text"].combine_chunks(), songs["text"].combine_chunks())
    pairs = pa.table(
        {
            "song": texts["song"].combine_chunks().take(pairs["asked"].combine_chunks()),
            "pool": songs["pool"].combine_chunks().take(pairs["name"].combine_chunks()),
        }
    )
    known = {"known_titles": every.tracks, "known_artists": every.artists}
    return query(_NEAR, said=said, pairs=pairs, pool=every.tracks, artists=every.artists, **known)


def _spelled_once(best: pa.Table, every: Pool) -> pa.Table:
    """Songs with the same `written_key` where they are one without a track, but for a slip.

    So a song that nothing knows is one song too, that of the spelling of most people.
    """
    unknown = query(_UNKNOWN, best=best)
    artists, titles = (unknown[name].combine_chunks() for name in ("artist_name", "track_name"))
    words = normal_names(titles)
    folded = {
        "artist": compact(normal_names(artists)),
        "words": words,
        "full": compact(words),
        "loose": compact(loose_titles(titles)),
    }
    for name, column in folded.items():
        unknown = unknown.append_column(name, column)
    texts = pc.binary_join_element_wise(folded["artist"], folded["loose"], " ")
    pairs = neighbours(texts, texts).rename_columns(["song", "pool"])
    near = query(
        _NEAR,
        said=unknown.drop_columns("pool").append_column("song", unknown["pool"]),
        pairs=pairs.filter(pc.not_equal(pairs["song"], pairs["pool"])),
        pool=unknown,
        artists=unknown.select(["pool", "artist"]),
        known_titles=every.tracks,
        known_artists=every.artists,
    )
    rows = query(_SPELLINGS, near=near, unknown=unknown).to_pylist()
    keys = {row["written_key"]: row["better_key"] for row in rows}  # each of more people
    written = []
    for key in best["written_key"].to_pylist():
        while key in keys:
            key = keys[key]  # noqa: PLW2901
        written.append(key)
    at = best.schema.get_field_index("written_key")
    return best.set_column(at, "written_key", pa.array(written, pa.string()))


_UNKNOWN = """
SELECT row_number() OVER (ORDER BY written_key) - 1 AS pool, written_key, sum(times) AS times,
    arg_min(likely_artist, song) AS artist_name, arg_min(likely_title, song) AS track_name,
    false AS part
FROM best
WHERE best IS NULL AND track_id IS NULL AND likely_artist IS NOT NULL AND likely_title IS NOT NULL
GROUP BY written_key ORDER BY pool
"""

_SPELLINGS = """
-- In two steps, or all songs would be compared with all by how often they are named.
WITH slips AS MATERIALIZED (
    SELECT near.pool, written_key, times FROM near JOIN unknown ON unknown.pool = near.song
    WHERE is_slip
)
SELECT slips.written_key,
    arg_max(unknown.written_key, (unknown.times, unknown.written_key)) AS better_key
FROM slips JOIN unknown USING (pool)
WHERE (unknown.times, unknown.written_key) > (slips.times, slips.written_key)
GROUP BY slips.written_key
"""

_SONGS = """
SELECT min(pool) AS pool, artist || ' ' || loose AS text FROM pool
GROUP BY artist, loose ORDER BY pool
"""

_TEXTS = """
SELECT song, coalesce(any_value(artist || ' ' || loose ORDER BY part, artist, loose),
    any_value(words ORDER BY words)) AS text
FROM said GROUP BY song ORDER BY song
"""

_DOUBTFUL_FROM = 0.65
"""A candidate's names are at least so similar to the song's."""

_EITHER_FROM = 0.5
"""And so is each of the two: not every song of an artist is a candidate."""

_SLIPS = """
CASE WHEN length({name}) <= 4 THEN 0 WHEN length({name}) <= 8 THEN 1
    WHEN length({name}) <= 14 THEN 2 ELSE 3 END
"""
"""So many letters may be wrong in a name without that it becomes another: "Stay" is not "Say"."""

_NUMBERS = r"\d+|\b[ivx]+\b"
"""Part 1 is not part 2, nor II III."""

_SHORT = 3
"""In a word of so few letters no two are wrong: "Po Ve Po" is not "Po Nee Po"."""

_COMMON = 3
"""A word of so many titles is no slip of the pen: who writes "Funny" does not mean "Sunny"."""


def _near_enough(one: str, other: str) -> str:
    """SQL for whether two names may be alike at all; most pairs are not."""
    longest = f"{_EITHER_FROM} * greatest(length({one}), length({other}))"
    return (
        f"CASE WHEN abs(length({one}) - length({other})) > {longest} THEN false "
        f"ELSE levenshtein({one}, {other}) <= {longest} + 2 END"
    )


_NEAR = rf"""
WITH told AS (
    SELECT said.*, pairs.pool FROM said JOIN pairs USING (song) WHERE artist IS NOT NULL
),
tracks AS (
    SELECT DISTINCT pool, artist, loose, words FROM pool SEMI JOIN pairs USING (pool)
),
-- A swap of letters counts twice here, which is found much sooner for all that is far off.
artists_compared AS (
    SELECT told.*, artists.artist AS track_artist FROM told JOIN artists USING (pool)
    WHERE {_near_enough("told.artist", "artists.artist")}
),
near_ones AS (
    SELECT song, pool, told.artist AS said_artist, told.loose AS said_title,
        told.words AS said_words, told.part, tracks.loose AS title, tracks.words,
        track_artist AS artist
    FROM artists_compared AS told JOIN tracks USING (pool)
    WHERE starts_with(tracks.loose, told.loose) OR starts_with(told.loose, tracks.loose)
        OR {_near_enough("told.loose", "tracks.loose")}
),
compared AS (
    SELECT *, damerau_levenshtein(said_artist, artist) AS artist_slips,
        damerau_levenshtein(said_title, title) AS title_slips
    FROM near_ones
),
scored AS (
    SELECT *,
        1 - artist_slips / greatest(length(said_artist), length(artist)) AS artist_like,
        greatest(1 - title_slips / greatest(length(said_title), length(title)),
            -- A version, or a part of a title.
            CASE WHEN least(length(title), length(said_title)) >= 4 AND
                (starts_with(title, said_title) OR starts_with(said_title, title)) THEN 0.6 END
        ) AS title_like
    FROM compared
),
-- What has no artist is compared by its title, and as artist and title in one.
whole AS (
    SELECT song, loose FROM said WHERE artist IS NULL
        AND song NOT IN (SELECT song FROM said WHERE artist IS NOT NULL)
),
mute AS (
    SELECT whole.song, pairs.pool, greatest(
        (0.5 + 1 - levenshtein(whole.loose, tracks.loose)
            / greatest(length(whole.loose), length(tracks.loose))) / 2,
        0.95 - least(
            levenshtein(whole.loose, artists.artist || tracks.loose),
            levenshtein(whole.loose, tracks.loose || artists.artist)
        ) / greatest(length(whole.loose), length(artists.artist) + length(tracks.loose))
    ) AS similarity
    FROM whole JOIN pairs USING (song) JOIN tracks USING (pool) JOIN artists USING (pool)
),
-- Songs with exactly this title; of all others there would be as many by every artist.
titled AS (
    SELECT said.song, pool.pool, 0.75 AS similarity FROM said JOIN pool ON said.loose = pool.loose
    WHERE said.artist IS NULL
),
every AS (
    SELECT song, pool, (artist_like + title_like) / 2 AS similarity,
        NOT part AND artist_slips + title_slips <= 3
            AND artist_slips <= ({_SLIPS.format(name="artist")})
            AND title_slips <= ({_SLIPS.format(name="title")})
            AND (title_slips <= 1 OR len(list_filter(
                list_distinct(string_split(said_words, ' ')), lambda word: length(word) <= {_SHORT}
                    AND NOT contains(' ' || words || ' ', ' ' || word || ' ')
            )) = 0)
            AND regexp_extract_all(said_words, '{_NUMBERS}')
                = regexp_extract_all(words, '{_NUMBERS}')
            AND list_sort(regexp_extract_all(said_words, '{VERSIONS}'))
                = list_sort(regexp_extract_all(words, '{VERSIONS}')) AS is_slip,
        artist_slips, title_slips, said_artist, said_words, words
    FROM scored WHERE least(artist_like, title_like) >= {_EITHER_FROM}
    UNION ALL BY NAME SELECT song, pool, similarity, false AS is_slip FROM mute
    UNION ALL BY NAME SELECT song, pool, similarity, false AS is_slip FROM titled
),
kept AS (FROM every WHERE similarity >= {_DOUBTFUL_FROM}),
slipped AS (
    SELECT DISTINCT said_words, words, unnest(list_filter(
        string_split(said_words, ' '), lambda word: NOT contains(' ' || words || ' ', word)
    )) AS word
    FROM kept WHERE is_slip AND title_slips > 0
),
vocabulary AS (
    SELECT word FROM (
        SELECT artist, loose, unnest(string_split(words, ' ')) AS word FROM known_titles
    ) SEMI JOIN slipped USING (word)
    GROUP BY word HAVING count(DISTINCT (artist, loose)) >= {_COMMON}
),
words_meant AS (
    SELECT DISTINCT said_words, words FROM slipped SEMI JOIN vocabulary USING (word)
),
artists_meant AS (SELECT DISTINCT artist AS said_artist FROM known_artists),
judged AS (
    SELECT kept.song, kept.pool, max(similarity) AS similarity, bool_or(
        is_slip
        AND (title_slips = 0 OR words_meant.words IS NULL)
        AND (artist_slips = 0 OR artists_meant.said_artist IS NULL)
    ) AS is_slip, coalesce(min(artist_slips + title_slips), 99) AS slips
    FROM kept LEFT JOIN words_meant USING (said_words, words)
        LEFT JOIN artists_meant USING (said_artist)
    GROUP BY ALL
),
songs AS (
    SELECT judged.*, pool.artist, pool.loose,
        dense_rank() OVER (PARTITION BY song ORDER BY similarity DESC) AS rank
    FROM judged JOIN pool USING (pool)
),
-- Two songs that are nearly as alike are both possible.
rivals AS (
    SELECT one.song, one.pool FROM songs one JOIN songs other
        ON one.song = other.song AND (one.artist, one.loose) <> (other.artist, other.loose)
    WHERE one.is_slip AND other.slips <= one.slips + 1
)
SELECT songs.song, songs.pool, songs.similarity,
    songs.is_slip, songs.is_slip AND rivals.pool IS NULL AS certain,
    ((1 - songs.similarity) * 1e6)::BIGINT * (1::BIGINT << 40) + songs.pool AS "order"
FROM songs LEFT JOIN (SELECT DISTINCT song, pool FROM rivals) rivals USING (song, pool)
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
