"""Audio features and genres from public files: one row per track, and look-ups.

Add here how rows of such a file become tracks, or how tracks of the ledger are matched with them.
Reading files and writing to the lake is `pipelines/ingest/reference_files.py`; columns are declared
in `listening/schema/reference_tables.py`.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.catalogue.genres import genre_key_sql
from pipelines.listening.catalogue.identifiers import isrc_sql
from pipelines.listening.catalogue.names import is_nobody_sql, nobody_sql, normal_names, normal_sql
from pipelines.listening.schema.reference_tables import (
    ARTIST_GENRES,
    AUDIO_FEATURES,
    MOOD_SCORE,
    SOUND,
)
from pipelines.listening.schema.sql import query
from pipelines.listening.schema.tables import NAMES

EXAMPLES = 3


@dataclass(frozen=True)
class Range:
    """The valid numbers of a column.

    Attributes:
        low: the smallest.
        high: the largest.
        whole: whether it must be an integer.
        unknown: the number that stands for null in Spotify's data.
    """

    low: float
    high: float
    whole: bool = False
    unknown: float | None = None


_SHARE = Range(0, 1)

RANGES = {
    "release_year": Range(1860, 2199, whole=True, unknown=0),
    "duration_ms": Range(1, 2**31 - 1, whole=True),
    "popularity": Range(0, 100, whole=True),
    "danceability": _SHARE,
    "energy": _SHARE,
    "key": Range(0, 11, whole=True, unknown=-1),
    "loudness": Range(-80, 20),
    "mode": Range(0, 1, whole=True),
    "speechiness": _SHARE,
    "acousticness": _SHARE,
    "instrumentalness": _SHARE,
    "liveness": _SHARE,
    "valence": _SHARE,
    "tempo": Range(0, 400, unknown=0),
    "time_signature": Range(1, 7, whole=True, unknown=0),
}

TEXTS = (
    *("track_id", "isrc", "artists", "track_name", "album_name", "album_type", "release_date"),
    "track_genre",
)

COLUMNS = (*TEXTS, *RANGES, "explicit")
"""Columns that are read from a file; others are ignored."""

NEAR_NAMES = {
    "track_id": ("id", "track_uri", "uri", "spotify_id", "spotify_track_id", "spotify_track_uri"),
    "isrc": ("track_isrc",),
    "artists": (
        *("artist_name", "artist", "track_artist", "track_artists", "artist_names", "artists_name"),
        *("artist_s_name", "artist_name_s", "artists_names"),
    ),
    "track_name": ("name", "title", "track_title", "song_name", "song", "track"),
    "album_name": ("album", "track_album_name", "album_title", "track_album"),
    "album_type": ("track_album_type",),
    "release_date": (
        *("track_album_release_date", "album_release_date", "track_release_date", "released"),
        "album_date",
    ),
    "release_year": ("year", "released_year", "track_release_year", "album_release_year"),
    "track_genre": ("genre", "genres", "playlist_genre", "track_genres", "artist_genres"),
    "duration_ms": ("track_duration_ms", "length_ms", "duration_in_ms"),
    "popularity": ("track_popularity",),
    "explicit": ("track_explicit", "is_explicit"),
    "tempo": ("bpm",),
}
"""What files call these columns too, the nearest name first; blanks and signs count as "_"."""

ALBUM_TYPES = ("album", "single", "compilation")

FEATURES = tuple(field.name for field in SOUND)

CONTENT = (*FEATURES, "track_genre", "release_date", "release_year")
"""Columns of which a row must have one."""

NO_IDENTITY = "neither a valid id of Spotify nor ISRC nor artist and title"
NO_CONTENT = "neither audio feature nor genre nor date of release"


@dataclass(frozen=True)
class RejectedRows:
    """Rows that were left out, or kept without one column, for one reason.

    Attributes:
        what: the reason, or the column.
        rows: number of rows.
        examples: the first of them, as texts.
    """

    what: str
    rows: int
    examples: tuple[str, ...]


@dataclass(frozen=True)
class ParsedTracks:
    """The result of parsing one file.

    Attributes:
        tracks: `audio_features` rows.
        folded: number of rows that were merged into another row of the same track.
        refused: rows that were left out.
        kept_without: rows with a column that could not be read and is null.
    """

    tracks: pa.Table
    folded: int
    refused: tuple[RejectedRows, ...]
    kept_without: tuple[RejectedRows, ...]


def missing_columns(columns: Iterable[str]) -> list[str]:
    """Descriptions of the columns that a file lacks; empty if it has all that are needed."""
    has = set(columns)
    lacks = []
    if not (has & {"track_id", "isrc"} or has >= {"artists", "track_name"}):
        lacks.append("track_id, or isrc, or artists and track_name")
    if not has & {*CONTENT}:
        lacks.append(f"track_genre, or release_date, or an audio feature ({', '.join(FEATURES)})")
    return lacks


@dataclass(frozen=True)
class Header:
    """How the columns of a file are understood.

    Attributes:
        names: for each column of `COLUMNS` that the file has, its places; two are an error.
        ignored: the names of columns that are not read, as the file spells them.
    """

    names: dict[str, list[int]]
    ignored: tuple[str, ...]


def read_header(columns: Sequence[str]) -> Header:
    """Find the columns that are read, by their own names or else by near ones.

    Args:
        columns: as the file spells them.
    """
    plain = [re.sub(r"[^a-z0-9]+", "_", column.lower()).strip("_") for column in columns]
    names = {}
    for name in COLUMNS:
        called = next((one for one in (name, *NEAR_NAMES.get(name, ())) if one in plain), None)
        if called:
            names[name] = [place for place, one in enumerate(plain) if one == called]
    read = {place for places in names.values() for place in places}
    ignored = [column for place, column in enumerate(columns) if place not in read]
    return Header(names, tuple(column.strip() or "(no name)" for column in ignored))


def parse_tracks(rows: pa.Table) -> ParsedTracks:
    """One row per track, from a file's rows in any order.

    Each column is that of the most popular row in which it is not null; of equally popular rows
    that whose columns, compared one after the other in declared order, are the largest. Genres are
    those of all rows. Values out of range become null and are counted. A row is left out if it does
    not identify a track, or has neither a feature nor a genre nor a date of release.

    Args:
        rows: any of `COLUMNS`, all as text as in the file, artists separated by ";", and `row`,
            each row's int64 position in the file.
    """
    for name in COLUMNS:
        if name not in rows.column_names:
            rows = rows.append_column(name, pa.nulls(len(rows), pa.string()))
    texts = query(_TEXTS, rows=rows)
    read = query(_READ, texts=texts)
    nameless = pc.is_null(read["track_key"])
    empty = pc.and_(pc.invert(nameless), _all_null(read, CONTENT))
    good = pc.invert(pc.or_(nameless, empty))
    tracks = AUDIO_FEATURES.conform(_with_derived(query(_FOLDED, read=read.filter(good))))
    refused = [
        _rejected(reason, texts.filter(which))
        for reason, which in ((NO_IDENTITY, nameless), (NO_CONTENT, empty))
    ]
    return ParsedTracks(
        tracks=tracks,
        folded=pc.sum(good).as_py() - len(tracks) if len(read) else 0,
        refused=tuple(one for one in refused if one.rows),
        kept_without=_kept_without(texts.filter(good), read.filter(good)),
    )


def merge_tracks(known: pa.Table, new: pa.Table) -> pa.Table:
    """Merge tracks; for a track in both, values of `new` come first, and genres add up.

    Args:
        known: `audio_features` rows.
        new: `audio_features` rows.
    """
    return AUDIO_FEATURES.conform(_with_derived(query(_MERGED, stored=known, new=new)))


def artist_genres(features: pa.Table) -> pa.Table:
    """`artist_genres` rows of every artist, not only the first, of tracks that have genres.

    Args:
        features: `audio_features` rows.
    """
    rows = query(_ARTISTS, features=features)
    return ARTIST_GENRES.conform(rows.select(ARTIST_GENRES.schema.names))


MATCHED_SCHEMA = pa.schema(
    [
        *SOUND,
        MOOD_SCORE,
        *(AUDIO_FEATURES.schema.field(name) for name in ("popularity", "genres")),
        *(
            AUDIO_FEATURES.schema.field(name)
            for name in ("release_date", "release_year", "album_type", "duration_ms")
        ),
        pa.field("how", pa.string()),
    ]
)
"""The result of `match_features`."""


def match_features(tracks: pa.Table, features: pa.Table) -> pa.Table:
    """The features of each track: by its id, else its ISRC, else its artist and title.

    If several rows have the same ISRC or name, rows with features come before rows without, then
    the most popular row is taken, then that whose `track_key` is the first from a to z.

    Args:
        tracks: columns track_id, isrc, artist_name (its first artist) and track_name.
        features: `audio_features` rows.

    Returns:
        One row per track, in the same order, with the schema `MATCHED_SCHEMA`: `how` is id, isrc
        or name; all columns are null if the track is not known.
    """
    # Names are folded as whole columns, since a function that queries call gets 2,048 at a time;
    # and titles only of artists of whom anything is known.
    named = query(
        "SELECT artists[1] AS artist, track_name AS title FROM features", features=features
    )
    artist = normal_names(tracks["artist_name"])
    told = features.select(["track_id", "isrc", "track_key", "popularity", *FEATURES])
    told = told.append_column("artist", normal_names(named["artist"]))
    is_told = pc.is_in(artist, told["artist"].combine_chunks())
    title = normal_names(pc.if_else(is_told, tracks["track_name"], None))
    wanted = tracks.select(["track_id", "isrc"])
    wanted = wanted.append_column("artist", artist).append_column("title", title)
    told = told.append_column("title", normal_names(named["title"]))
    matches = query(_MATCH, tracks=_numbered(wanted), features=_numbered(told))
    rows = features.select(MATCHED_SCHEMA.names[:-1]).take(matches["match"])
    return rows.append_column("how", matches["how"]).cast(MATCHED_SCHEMA)


def genres_of(
    artists: pa.Array | pa.ChunkedArray | Sequence[str | None], known: pa.Table
) -> pa.Array:
    """Genres of each artist, those of most tracks first.

    Args:
        artists: names in any spelling.
        known: `artist_genres` rows.

    Returns:
        A list of genres for each name, in the same order; null where the artist is not known.
    """
    names = pa.table({"name": artists}, schema=pa.schema([("name", pa.string())]))
    wanted = pa.table({"artist": normal_names(names["name"])})
    matches = query(_GENRES_OF, artists=_numbered(wanted), known=_numbered(known))
    return known["genres"].combine_chunks().take(matches["match"].combine_chunks()).cast(NAMES)


def most_telling(artists: pa.ChunkedArray, genres: pa.ChunkedArray, known: pa.Table) -> pa.Array:
    """Genres of each track, the most telling first, and of equal ones that from a to z.

    A genre tells the more, the larger the share of the artist's tracks that have it, and the fewer
    artists have it: that share times the logarithm of all artists by those who have it.

    Args:
        artists: the artist of each track.
        genres: genres of each track, or null.
        known: `artist_genres` rows.
    """
    names = pa.table(
        {"name": artists, "genres": genres},
        schema=pa.schema([("name", pa.string()), ("genres", NAMES)]),
    )
    found = query(_MOST_TELLING, tracks=_numbered(names), known=known)
    return found["genres"].combine_chunks().cast(NAMES)


def mood_sql(of: str = "") -> str:
    """DuckDB SQL for our mood score: 0 is dark and calm, 1 is bright and lively.

    It is the mean of valence, energy and 1 - acousticness, and null where one of them is.

    Args:
        of: name of the table with these columns, with a dot; empty if it is unambiguous.
    """
    return f"({of}valence + {of}energy + 1 - {of}acousticness) / 3"


def _numbered(rows: pa.Table) -> pa.Table:
    return rows.append_column("index", pa.array(range(len(rows)), pa.int64()))


def _with_derived(rows: pa.Table) -> pa.Table:
    """Add the columns that are computed from others, in the declared order."""
    return query(_DERIVED, rows=rows).select(AUDIO_FEATURES.schema.names)


def _all_null(rows: pa.Table, names: Sequence[str]) -> pa.ChunkedArray:
    return reduce(pc.and_, (pc.is_null(rows[name]) for name in names))


def _kept_without(texts: pa.Table, read: pa.Table) -> tuple[RejectedRows, ...]:
    """The columns with a text that could not be read, with their rows."""
    lost = []
    for name in COLUMNS:
        bad = pc.and_(pc.is_valid(texts[name]), pc.is_null(read[name]))
        lost.append(_rejected(name, texts.filter(bad), name))
    return tuple(one for one in lost if one.rows)


def _rejected(what: str, rows: pa.Table, column: str | None = None) -> RejectedRows:
    examples = []
    for row in rows.slice(0, EXAMPLES).to_pylist():
        which = row["track_id"] or row["isrc"] or row["track_name"]
        example = f"row {row['row']}" + (f" ({which[:40]!r})" if which else "")
        examples.append(example + (f": {row[column][:40]!r}" if column else ""))
    return RejectedRows(what, len(rows), tuple(examples))


def _text_sql(name: str) -> str:
    """A column's text; null if it is empty or stands for an unknown value."""
    if name in TEXTS:
        return f'nullif(trim("{name}"), \'\') AS "{name}"'
    is_null = f"lower(trim(\"{name}\")) IN ('', 'na', 'n/a', 'nan', 'none', 'null')"
    unknown = RANGES[name].unknown if name in RANGES else None
    if unknown is not None:
        is_null += f' OR TRY_CAST("{name}" AS DOUBLE) IS NOT DISTINCT FROM {unknown}'
    return f'CASE WHEN NOT ({is_null}) THEN "{name}" END AS "{name}"'


_ID = (
    r"^\s*(?:spotify:track:|(?:https?://)?open\.spotify\.com/(?:intl-\w+/)?track/)?"
    r"([0-9A-Za-z]{22})(?:\?.*)?\s*$"
)
"""An id of Spotify: alone, in a uri or in an address."""


def track_id_sql(text: str) -> str:
    """DuckDB SQL for a track's id in any of its spellings; null where it is none.

    Args:
        text: an expression of type VARCHAR.
    """
    return f"nullif(regexp_extract({text}, '{_ID}', 1), '')"


_DATE = r"^(?:1[89]|2[01])\d\d(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?"


def _list_sql(name: str, separators: str) -> str:
    """The parts of a text: of a list as Python writes it, else between separators."""
    quoted = f"""regexp_extract_all({name}, '"[^"]*"|''[^'']*''')"""
    unquoted = f"list_transform({quoted}, lambda one: trim(one[2:-2]))"
    split = f"list_transform(string_split_regex({name}, '{separators}'), lambda one: trim(one))"
    parts = f"CASE WHEN {name} LIKE '[%]' THEN {unquoted} ELSE {split} END"
    return f"nullif(list_filter({parts}, lambda one: one <> ''), [])"


def _legible_sql(name: str) -> str:
    """A text without U+FFFD, which replaces what is not UTF-8; else null."""
    return f"CASE WHEN NOT contains({name}, chr(65533)) THEN {name} END"


def _number_sql(name: str, allowed: Range) -> str:
    """A number in its range, else null. Adding 0.0 turns -0 into 0."""
    number = f'TRY_CAST("{name}" AS DOUBLE)'
    whole = f" AND {number} = floor({number})" if allowed.whole else ""
    fits = f"{number} BETWEEN {allowed.low} AND {allowed.high}{whole}"
    type_ = _DUCKDB[AUDIO_FEATURES.schema.field(name).type]
    return f'CASE WHEN {fits} THEN ({number} + 0.0)::{type_} END AS "{name}"'


_DUCKDB = {
    pa.int8(): "TINYINT",
    pa.int16(): "SMALLINT",
    pa.int32(): "INTEGER",
    pa.float64(): "DOUBLE",
}

_NAME_KEY = f"{normal_sql('artists[1]')} || '|' || {normal_sql('track_name')}"

_PLAIN_COLUMNS = [
    name
    for name in AUDIO_FEATURES.schema.names
    if name not in {"track_key", "name_key", "genres", "mood_score"}
]
"""Columns that are taken from a file without computation."""

_TEXTS = f"SELECT row, {', '.join(_text_sql(name) for name in COLUMNS)} FROM rows ORDER BY row"  # noqa: S608 built from constants

_READ = f"""
WITH legible AS (
    SELECT * REPLACE ({", ".join(f"{_legible_sql(name)} AS {name}" for name in TEXTS)})
    FROM texts
),
read AS (
    SELECT row, track_name, album_name,
        CASE WHEN lower(album_type) IN {ALBUM_TYPES} THEN lower(album_type) END AS album_type,
        {track_id_sql("track_id")} AS track_id,
        nullif(regexp_extract(release_date, '{_DATE}'), '') AS release_date,
        {isrc_sql("isrc")} AS isrc,
        {_list_sql("artists", ";")} AS artists,
        {_list_sql("lower(track_genre)", "[;,|]")} AS track_genre,
        CASE TRY_CAST(explicit AS DOUBLE) WHEN 0 THEN false WHEN 1 THEN true
            ELSE TRY_CAST(explicit AS BOOLEAN) END AS explicit,
        {", ".join(_number_sql(name, allowed) for name, allowed in RANGES.items())}
    FROM legible
)
SELECT * REPLACE (coalesce(release_year, left(release_date, 4)::SMALLINT) AS release_year),
    coalesce(track_id, isrc, {_NAME_KEY}) AS track_key
FROM read ORDER BY row
"""  # noqa: S608 built from constants


def _distinct_sql(genres: str) -> str:
    """One spelling of each genre of a list, the first from a to z; null where there is none."""
    sorted_ = f"list_sort(list_distinct({genres}))"
    keys = f"list_transform({sorted_}, lambda one: {genre_key_sql('one')})"
    first = f"list_position({keys}, {genre_key_sql('one')}) = place"
    return f"nullif(list_filter({sorted_}, lambda one, place: {first}), [])"


_FOLDED = f"""
WITH ranked AS (
    SELECT *, row_number() OVER (
        ORDER BY popularity NULLS FIRST, {", ".join(f'"{name}"' for name in _PLAIN_COLUMNS)}
    ) AS rank
    FROM read
)
SELECT track_key, {", ".join(f'arg_max("{name}", rank) AS "{name}"' for name in _PLAIN_COLUMNS)},
    {_distinct_sql("flatten(list(track_genre) FILTER (track_genre IS NOT NULL))")} AS genres
FROM ranked GROUP BY track_key
"""  # noqa: S608 built from constants

_MERGED = f"""
-- A key of names may come of another way to compare them: the same file would then add a row anew.
WITH known AS (
    SELECT * REPLACE (coalesce(track_id, isrc, {_NAME_KEY}) AS track_key) FROM stored
    QUALIFY row_number() OVER (
        PARTITION BY coalesce(track_id, isrc, {_NAME_KEY}) ORDER BY stored.track_key
    ) = 1
)
SELECT coalesce(new.track_key, known.track_key) AS track_key,
    {", ".join(f'coalesce(new."{name}", known."{name}") AS "{name}"' for name in _PLAIN_COLUMNS)},
    {_distinct_sql("list_concat(known.genres, new.genres)")} AS genres
FROM known FULL JOIN new ON known.track_key = new.track_key
"""  # noqa: S608 built from constants

_DERIVED = f"SELECT *, {_NAME_KEY} AS name_key, {mood_sql()} AS mood_score FROM rows"  # noqa: S608 built from constants

_ARTISTS = f"""
WITH credited AS (
    SELECT track_key, genres, unnest(artists) AS name FROM features WHERE len(genres) > 0
),
named AS (
    SELECT *, {normal_sql("name")} AS artist_key FROM credited
    WHERE NOT ({nobody_sql("name", "NULL")})
),
spelled AS (SELECT artist_key, name, count(*) AS times FROM named GROUP BY ALL),
called AS (
    SELECT artist_key, min_by(name, (-times, name)) AS artist_name FROM spelled GROUP BY ALL
),
theirs AS (SELECT DISTINCT artist_key, track_key, genres FROM named),
tagged AS (SELECT artist_key, unnest(genres) AS genre FROM theirs),
spelt AS (
    SELECT {genre_key_sql("genre")} AS genre_key, arg_min(genre, (-times, genre)) AS genre
    FROM (SELECT genre, count(*) AS times FROM tagged GROUP BY genre) GROUP BY genre_key
),
counted AS (
    SELECT artist_key, spelt.genre, count(*)::INTEGER AS tracks
    FROM tagged JOIN spelt ON {genre_key_sql("tagged.genre")} = genre_key GROUP BY ALL
),
listed AS (
    SELECT artist_key, list(genre ORDER BY tracks DESC, genre) AS genres,
        list({{'genre': genre, 'tracks': tracks}} ORDER BY tracks DESC, genre) AS genre_tracks
    FROM counted GROUP BY artist_key
)
SELECT *, (SELECT count(*) FROM theirs WHERE theirs.artist_key = listed.artist_key) AS tracks
FROM listed JOIN called USING (artist_key)
"""  # noqa: S608 built from constants

_MATCH = f"""
WITH ranked AS (
    SELECT index, track_id, isrc, artist, title, row_number() OVER (
        ORDER BY coalesce({", ".join(f'"{name}"::DOUBLE' for name in FEATURES)}) IS NULL,
            popularity DESC NULLS LAST, track_key
    ) AS rank
    FROM features
),
by_isrc AS (SELECT isrc, arg_min(index, rank) AS index FROM ranked GROUP BY isrc),
-- Not by what is stored of names, which may have been compared otherwise when it was added.
by_name AS (
    SELECT artist, title, arg_min(index, rank) AS index FROM ranked
    WHERE NOT {is_nobody_sql("artist")} GROUP BY artist, title
),
asked AS (SELECT index, track_id, {isrc_sql("isrc")} AS isrc, artist, title FROM tracks)
SELECT coalesce(by_id.index, by_isrc.index, by_name.index) AS match,
    CASE WHEN by_id.index IS NOT NULL THEN 'id' WHEN by_isrc.index IS NOT NULL THEN 'isrc'
        WHEN by_name.index IS NOT NULL THEN 'name' END AS how
FROM asked
    LEFT JOIN ranked AS by_id ON asked.track_id = by_id.track_id
    LEFT JOIN by_isrc ON asked.isrc = by_isrc.isrc
    LEFT JOIN by_name ON asked.artist = by_name.artist AND asked.title = by_name.title
ORDER BY asked.index
"""  # noqa: S608 built from constants

_MOST_TELLING = f"""
WITH told AS (
    -- Not by the stored key, which may come of another way to compare names.
    SELECT {normal_sql("artist_name")} AS artist_key, tracks AS of_artist,
        unnest(genre_tracks, recursive := true)
    FROM known
),
shares AS (
    SELECT artist_key, {genre_key_sql("genre")} AS genre_key,
        max(tracks) / max(of_artist) AS share
    FROM (SELECT artist_key, of_artist, genre, tracks FROM told) GROUP BY ALL
),
rarity AS (
    SELECT genre_key, ln((SELECT count(*) FROM known) / count(*)) AS rarity FROM shares GROUP BY ALL
),
tagged AS (
    SELECT index, {normal_sql("name")} AS artist_key, unnest(genres) AS genre FROM tracks
),
scored AS (
    SELECT index, genre, round(coalesce(share * rarity, 0) * 1e6)::BIGINT AS score
    FROM (SELECT *, {genre_key_sql("genre")} AS genre_key FROM tagged)
        LEFT JOIN shares USING (artist_key, genre_key)
        LEFT JOIN rarity USING (genre_key)
),
listed AS (
    SELECT index, list(genre ORDER BY score DESC, genre) AS genres FROM scored GROUP BY index
)
SELECT listed.genres FROM tracks LEFT JOIN listed USING (index) ORDER BY tracks.index
"""  # noqa: S608 built from constants

_GENRES_OF = f"""
WITH named AS (
    SELECT {normal_sql("artist_name")} AS artist, arg_max(index, (tracks, -index)) AS match
    FROM known WHERE NOT ({nobody_sql("artist_name", "NULL")}) GROUP BY artist
)
SELECT match FROM artists LEFT JOIN named USING (artist)
ORDER BY artists.index
"""  # noqa: S608 built from constants
