"""Which tracks have the names that somebody wrote, exactly or nearly, and how certain that is.

Names are compared with all tracks at once, in SQL. Add here how names may differ and still be the
same, or how they may not. Which of these tracks a song then is, is decided in `matching.py`; what a
text may mean is `song_text.py`.
"""

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.catalogue.names import normal_names
from pipelines.listening.catalogue.recordings import first_of_artists
from pipelines.listening.schema.sql import query
from pipelines.listening.survey.pool import Pool, neighbours, with_folded_names
from pipelines.listening.survey.song_text import readings
from pipelines.listening.survey.songs import VERSIONS, compact, loose_titles, without_guests


def meanings(asked: pa.Table) -> pa.Table:
    """Everything that a song without a known id may mean, folded.

    Columns song, artist (null where it may stand in the title), words, full, loose and base of the
    title, and part: whether only a part of the artists is meant.
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


def exact_ones(said: pa.Table, every: Pool) -> pa.Table:
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


def near_ones(said: pa.Table, every: Pool) -> pa.Table:
    """Tracks that have nearly the names.

    Returns:
        Columns as those of `exact_ones`, and is_slip: whether the names differ by slips alone.
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


def spelled_once(best: pa.Table, every: Pool) -> pa.Table:
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
