"""Which tracks of unknown kind are podcasts, inferred from everything that is known of their names.

Account data has names alone, and old files mix songs and episodes: what it calls an artist may be
a show. Each such name is judged as a whole, by all plays there are, so the answer is the same
whatever was imported first. When unsure it is music: a podcast among the artists can be seen, a
song that is missing cannot. Add a sign here that tells podcasts from music; what a source itself
says of a play is `plays.kind`, and is never changed.
"""

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.catalogue import kind_words as words
from pipelines.listening.catalogue.names import normal_sql
from pipelines.listening.schema.sql import query
from pipelines.listening.time.intervals import MINUTE

UNKNOWN = "unknown"
SPOKEN = ("episode", "audiobook")
"""What is not music."""

TOLD, INFERRED = "told", "inferred"
"""Values of `kind_source`."""

NO_REFERENCE = pa.table({"artists": pa.array([], pa.list_(pa.string()))})


def any_unknown(rows: pa.Table) -> bool:
    """Whether there is a play, or a track, whose kind has to be inferred."""
    return bool(pc.any(pc.equal(rows["kind"], UNKNOWN)).as_py())


def infer_kinds(tracks: pa.Table, plays: pa.Table, reference: pa.Table = NO_REFERENCE) -> pa.Table:
    """Tracks with their kind and `kind_source`.

    A track of unknown kind is, by the first of these that knows:

    1. what another play with the same artist (or show) and title was told to be;
    2. an episode if its name was told to be a show's, music if it was told to be an artist's, by
       another play or by reference data; of an artist who is also a show, what is long or has an
       episode's title is an episode;
    3. an episode if its name is a podcast's by `_SHOWS`;
    4. music if it has a title.

    What account data calls the artist of an episode is its show, so that is its `album_name` too.

    Args:
        tracks: columns of `unique_tracks`.
        plays: `plays` rows, all of them.
        reference: `audio_features` rows, at least `artists`.
    """
    if not any_unknown(tracks):
        return tracks.append_column("kind_source", pa.repeat(pa.scalar(TOLD), len(tracks)))
    return query(_KINDS, tracks=tracks, plays=plays, reference=reference)


SHORT, LONG = MINUTE // 2, 10 * MINUTE
"""A song is hardly longer than `LONG`, a podcast hardly shorter. Reasoned, as are all bounds here,
and checked on 40,000 plays of one listener, where two songs were longer."""

LONG_ALONE = 20 * MINUTE
"""The least length of a name's only title, if that is an episode's."""

LONG_PLAIN = 15 * MINUTE
"""The least median length of a show whose titles are no episodes' by themselves."""

AGAIN_DAYS = 14
"""Who hears most of a title again within these days may have fallen asleep; later, they like it."""

NEWS_DAYS = 14
"""How long after the date in its title the day's news is heard at most."""


def _pair_sql(name: str) -> str:
    """DuckDB SQL for an artist or a show and a title, to be compared."""
    return f"{normal_sql(name)} || '|' || {normal_sql('track_name')}"


def _group_sql(pattern: str, group: int) -> str:
    """DuckDB SQL for a number in a title; null where there is none."""
    return f"try_cast(nullif(regexp_extract(title, '{pattern}', {group}), '') AS INTEGER)"


def _date_sql(year: int, month: int, day: int) -> str:
    """DuckDB SQL for the date in a title, whose year, month and day are these of its numbers."""
    numbers = (_group_sql(words.NUMERIC_DATE, group) for group in (month, day))
    told = _group_sql(words.NUMERIC_DATE, year)
    whole = f"coalesce(if({told} < 100, 2000 + {told}, {told}), year(first_day))"
    return f"try_cast(format('{{:04d}}-{{:02d}}-{{:02d}}', {whole}, {', '.join(numbers)}) AS DATE)"


_DATES = ", ".join(_date_sql(*order) for order in ((1, 2, 3), (3, 2, 1), (3, 1, 2)))
"""Of the orders in which people write dates, the one counts that is near the play."""

_NAMED_DAY = (
    f"coalesce({_group_sql(words.DAY_BEFORE_MONTH, 1)}, {_group_sql(words.DAY_AFTER_MONTH, 2)})"
)

_TITLES = f"""
WITH heard AS (
    SELECT artist_name, track_name, local_date AS day, coalesce(ms_played, 0) AS ms,
        max(coalesce(ms_played, 0)) OVER (PARTITION BY artist_name, track_name) AS longest
    FROM plays
    WHERE kind = '{UNKNOWN}' AND artist_name IS NOT NULL AND track_name IS NOT NULL
),
summed AS (
    SELECT artist_name, track_name, longest,
        sum(ms) AS ms,
        min(day) AS first_day,
        count(*) FILTER (ms >= longest - 1000) AS same_ends,
        max(day) FILTER (ms >= 0.8 * longest) - min(day) FILTER (ms >= 0.8 * longest) AS apart
    FROM heard GROUP BY ALL
),
named AS (
    SELECT *, {normal_sql("artist_name")} AS name, lower(track_name) AS title,
        lower(artist_name) AS spelled,
        trim(regexp_replace(title, '\\([^)]*\\)|\\[[^\\]]*\\]', ' ', 'g')) AS bare,
        {_group_sql(words.NUMBER_FIRST, 1)} AS number
    FROM summed
)
SELECT name, artist_name, track_name, longest, ms, first_day,
    longest >= {LONG} AS long,
    -- A song ends each time after the same milliseconds, an episode hardly ever.
    same_ends > 1 AND longest BETWEEN {SHORT} AND {LONG} AS song,
    apart > {AGAIN_DAYS} AS heard_again,
    regexp_matches(spelled, '{words.PODCAST_NAMES}') AS named_podcast,
    regexp_matches(spelled, '{words.MUSIC_NAMES}') AS named_music,
    regexp_matches(title, '{words.EPISODE_TITLES}')
        -- A book is heard from its beginning, a show from when one comes to know it.
        OR number IS NOT NULL AND count(*) OVER whole BETWEEN 2 AND min(number) OVER whole / 2
        AS episode,
    regexp_matches(title, '{words.MUSIC_TITLES}') AS music,
    regexp_matches(title, '^\\W*\\d|\\d\\W*$') AS numbered,
    regexp_replace(title, '[^\\pL]+', '', 'g') AS letters,
    -- Scripts without spaces say as much in fewer signs.
    len(bare) >= 30 AND len(regexp_split_to_array(bare, '\\s+')) >= 6
        OR regexp_matches(bare, '[\\p{{Han}}\\p{{Hiragana}}\\p{{Katakana}}\\p{{Thai}}]{{15}}')
        AS sentence,
    list_filter([{_DATES}], lambda day: first_day - day BETWEEN -1 AND {NEWS_DAYS})[1] AS dated,
    len(list_filter(
        range(-1, {NEWS_DAYS + 1}), lambda late: day(first_day - late::INTEGER) = {_NAMED_DAY}
    )) > 0 AS day_named
FROM named WINDOW whole AS (PARTITION BY name)
"""  # noqa: S608 built from constants

_SHOWS = f"""
WITH counted AS (
    SELECT name,
        bool_or(named_podcast) AS named_podcast,
        bool_or(named_music) AS named_music,
        count(*) AS titles,
        count(*) FILTER (long) AS longs,
        max(longest) AS longest,
        coalesce(median(longest) FILTER (long), 0) AS usual,
        -- By title: songs, episodes, sentences, words of music, dates, numbers at either end.
        count(*) FILTER (song) AS songs,
        count(*) FILTER (episode) AS episodes,
        count(*) FILTER (episode AND long AND NOT music) AS long_episodes,
        count(*) FILTER (sentence AND long) AS long_sentences,
        count(*) FILTER (episode OR sentence) AS telling,
        count(*) FILTER (music) AS music,
        count(*) FILTER (dated IS NOT NULL) AS dated,
        count(DISTINCT dated) AS dates,
        count(*) FILTER (day_named) AS days_named,
        count(*) FILTER (numbered AND long) AS numbered,
        count(DISTINCT letters) AS different,
        -- By time: shares of minutes in long titles, of titles heard on several days; days.
        coalesce(sum(ms) FILTER (long), 0) / greatest(sum(ms), 1) AS long_share,
        avg(heard_again::INTEGER) AS again,
        coalesce(avg(heard_again::INTEGER) FILTER (long), 0) AS long_again,
        count(DISTINCT first_day) AS days,
        count(DISTINCT first_day) FILTER (long) AS long_days,
        count(DISTINCT first_day) FILTER (long AND episode) AS episode_days,
        coalesce(max(first_day) FILTER (long) - min(first_day) FILTER (long), 0) AS span
    FROM titles GROUP BY name
)
SELECT name,
    songs >= 0.15 * titles AND long_share < 0.8 AS musician,
    -- An artist's own show.
    NOT named_music AND long_episodes >= 3 AND episode_days >= 3 AND long_again <= 0.3 AS hosts,
    named_podcast
    -- Long titles that are episodes', and not heard again and again as radio plays are.
    OR NOT named_music AND episodes >= 0.5 * titles AND long_again <= 0.3
        AND (long_episodes >= 2 OR longs = 1 AND long_episodes = 1 AND longest >= {LONG_ALONE})
    -- The day's news, however short: a date of its own for each.
    OR dated >= greatest(3, 0.6 * titles) AND dates >= 0.5 * dated
    OR days_named >= greatest(5, 0.8 * titles) AND days >= 0.8 * titles
    -- New each day, never heard twice, and telling titles.
    OR NOT named_music AND titles >= 15 AND days >= 0.9 * titles AND again <= 0.05
        AND telling >= 0.6 * titles AND different >= 0.6 * titles
        AND music <= 0.1 * titles AND songs = 0
    -- Long titles that are sentences, one at a time.
    OR NOT named_music AND long_share >= 0.8 AND usual >= {LONG_PLAIN} AND longs >= 0.5 * titles
        AND long_sentences >= greatest(3, 0.5 * longs) AND music < 0.25 * titles
        AND numbered <= 0.5 * longs
        AND longs <= 1.5 * long_days AND different >= 0.6 * titles AND long_again <= 0.25
    -- Long titles that say nothing, but new each time, one in several days, over weeks.
    OR NOT named_music AND long_share >= 0.8 AND usual >= {LONG_PLAIN} AND longs >= 0.6 * titles
        AND longs >= 6 AND music <= 0.2 * longs AND numbered <= 0.5 * longs
        AND longs <= 1.25 * long_days AND different >= 0.8 * titles AND long_again <= 0.15
        AND span >= 28 AND (span >= 2.5 * longs OR longs >= 25)
    AS podcast
FROM counted
"""  # noqa: S608 built from constants

_KINDS = f"""
WITH titles AS ({_TITLES}),
shows AS ({_SHOWS}),
told AS (
    SELECT DISTINCT kind, kind IN {SPOKEN} AS spoken, artist_name, album_name, track_name
    FROM plays WHERE kind <> '{UNKNOWN}'
),
told_names AS (
    SELECT kind, spoken, unnest(CASE WHEN spoken
        THEN [{_pair_sql("album_name")}]
        ELSE [{_pair_sql("artist_name")}] END) AS names
    FROM told
),
-- Where the same names are both, it is music.
told_titles AS (
    SELECT names, arg_min(kind, (spoken, kind)) AS kind
    FROM told_names WHERE names IS NOT NULL GROUP BY names
),
told_shows AS (
    SELECT {normal_sql("album_name")} AS name, max(kind) AS told
    FROM told WHERE spoken AND album_name IS NOT NULL GROUP BY name
),
artists AS (
    SELECT DISTINCT {normal_sql("artist_name")} AS name FROM (
        SELECT artist_name FROM told WHERE kind = 'track'
        UNION SELECT unnest(artists) FROM reference
    ) WHERE artist_name IS NOT NULL
),
inferred AS (
    SELECT artist_name, track_name,
        CASE WHEN told IS NOT NULL AND NOT artist THEN told
            WHEN told IS NOT NULL AND (episode OR longest >= {LONG_PLAIN}) THEN told
            WHEN artist AND hosts AND episode AND NOT music THEN 'episode'
            WHEN podcast AND NOT artist THEN 'episode'
            ELSE 'track' END AS inferred
    FROM (
        SELECT *, musician OR artists.name IS NOT NULL AS artist
        FROM titles JOIN shows USING (name)
            LEFT JOIN told_shows USING (name)
            LEFT JOIN artists USING (name)
    )
),
named AS (
    SELECT *, {_pair_sql("artist_name")} AS names FROM tracks WHERE kind = '{UNKNOWN}'
)
SELECT named.* EXCLUDE (names) REPLACE (
        coalesce(told_titles.kind, inferred, if(track_name IS NULL, '{UNKNOWN}', 'track')) AS kind,
        if(coalesce(told_titles.kind, inferred) IN {SPOKEN}, artist_name, album_name) AS album_name
    ),
    CASE WHEN told_titles.kind IS NOT NULL THEN '{TOLD}'
        WHEN track_name IS NOT NULL THEN '{INFERRED}' END AS kind_source
FROM named LEFT JOIN told_titles USING (names) LEFT JOIN inferred USING (artist_name, track_name)
UNION ALL
SELECT *, '{TOLD}' FROM tracks WHERE kind <> '{UNKNOWN}'
"""  # noqa: S608 built from constants
