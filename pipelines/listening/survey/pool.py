"""The tracks that a named song may be: of the lake's listeners, of reference data, of searches.

Add here another source of tracks. Which of them a song is, is `matching.py`.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.arrays import Ints
from pipelines.listening.catalogue.names import is_nobody_sql, normal_names
from pipelines.listening.schema.reference_tables import AUDIO_FEATURES
from pipelines.listening.schema.sql import query
from pipelines.listening.schema.survey_tables import COMPARED, FOUND
from pipelines.listening.schema.tables import UNIQUE_TRACKS
from pipelines.listening.survey.songs import compact, loose_titles, without_subtitles

LAKE, REFERENCE, SEARCH = "lake", "reference", "search"
"""Where a track is from."""

TRACK_COLUMNS = (
    *("track_key", "track_id", "isrc", "kind", "artist_name", "artists", "track_name"),
    *("release_year", "plays"),
)
"""What is read of `unique_tracks`."""

_NAMES = ("track_id", "isrc", "artists", "track_name", "release_year", "popularity", "track_key")

FEATURE_COLUMNS = (*_NAMES, "genres", *(one.name for one in COMPARED))
"""What is read of `audio_features`."""

NO_TRACKS = UNIQUE_TRACKS.empty().select(TRACK_COLUMNS)
NO_FEATURES = AUDIO_FEATURES.empty().select(FEATURE_COLUMNS)
NO_FOUND = FOUND.empty()


@dataclass(frozen=True)
class Pool:
    """All tracks that songs are compared with.

    Attributes:
        tracks: one row a track, the likelier one of two equal ones first: columns pool (its row),
            source, reference (row of the reference data, or null), song_key (of a search),
            track_id, isrc, artist_name, track_name, year, and as they are compared: artist (the
            first), words, full, loose and base (of the title).
        artists: columns pool and artist: every name that its artists go by.
    """

    tracks: pa.Table
    artists: pa.Table


def pool(tracks: pa.Table, features: pa.Table, found: pa.Table) -> Pool:
    """All tracks that songs are compared with.

    Args:
        tracks: `unique_tracks` rows of all listeners, at least `TRACK_COLUMNS`.
        features: `audio_features` rows, at least `FEATURE_COLUMNS`.
        found: `survey_found` rows.
    """
    numbered = features.append_column("reference", pa.array(np.arange(len(features))))
    rows = query(_TRACKS, tracks=tracks, features=numbered, found=found)
    rows = with_folded_names(rows)
    names = query(_ARTISTS, tracks=rows)
    called = normal_names(names["name"])
    names = names.append_column("folded", called).append_column("artist", compact(called))
    artists = query(_SOMEBODIES, names=names)
    return Pool(rows.drop_columns("artists"), artists)


def with_folded_names(rows: pa.Table) -> pa.Table:
    """Rows with their names as named songs and tracks are compared.

    Args:
        rows: with artist_name and track_name; artist, words, full, loose and base are added.
    """
    titles = rows["track_name"].combine_chunks()
    words = normal_names(titles)
    folded = {
        "artist": compact(normal_names(rows["artist_name"])),
        "words": words,
        "full": compact(words),
        "loose": compact(loose_titles(titles)),
        "base": compact(without_subtitles(titles)),
    }
    for name, column in folded.items():
        rows = rows.append_column(name, column)
    return rows


_FEATURES = ", ".join(f'"{one.name}"::DOUBLE' for one in COMPARED)

_TRACKS = f"""
WITH every AS (
    SELECT '{LAKE}' AS source, 0 AS origin, NULL::BIGINT AS reference, NULL AS song_key,
        track_id, isrc, coalesce(
            nullif(list_filter(list_transform(artists, lambda one: one.name),
                lambda name: name IS NOT NULL), []), [artist_name]
        ) AS artists,
        track_name, release_year AS year, plays AS fame, track_key AS tie
    FROM tracks WHERE kind IN ('track', 'unknown') AND artist_name IS NOT NULL
    UNION ALL BY NAME
    SELECT '{REFERENCE}' AS source, if(coalesce({_FEATURES}) IS NULL, 2, 1) AS origin, reference,
        track_id, isrc, artists, track_name, release_year AS year, popularity AS fame,
        track_key AS tie
    FROM features WHERE len(artists) > 0
    UNION ALL BY NAME
    SELECT '{SEARCH}' AS source, 3 AS origin, song_key, track_id, isrc, artists, track_name,
        release_year AS year, -place AS fame, coalesce(track_id, song_key) AS tie
    FROM found WHERE len(artists) > 0
)
SELECT row_number() OVER (
        ORDER BY origin, fame DESC NULLS LAST, tie, song_key, track_name, isrc
    ) - 1 AS pool,
    source, reference, song_key, track_id, isrc, artists, artists[1] AS artist_name, track_name,
    year
FROM every WHERE trim(track_name) <> '' AND trim(artists[1]) <> ''
ORDER BY pool
"""  # noqa: S608 built from constants

_ARTISTS = """
SELECT pool, unnest(artists) AS name FROM tracks
UNION ALL SELECT pool, array_to_string(artists, ' ') FROM tracks WHERE len(artists) > 1
"""

_SOMEBODIES = f"""
SELECT DISTINCT pool, artist FROM names
WHERE artist <> '' AND NOT {is_nobody_sql("folded")} ORDER BY pool, artist
"""  # noqa: S608 built from constants


def neighbours(asked: pa.Array, names: pa.Array, *, most: int = 8) -> pa.Table:
    """For each text the names that share most of its rare groups of three letters.

    Args:
        asked: texts, folded.
        names: names, folded.
        most: of how many names at most.

    Returns:
        Columns asked and name, row indices of both.
    """
    empty = pa.table({"asked": pa.array([], pa.int64()), "name": pa.array([], pa.int64())})
    if not len(asked) or not len(names):
        return empty
    from scipy import sparse  # noqa: PLC0415 0.2 s that loading the definitions should not take

    (ask_row, ask_gram), (row, gram) = _grams(asked), _grams(names)
    size, ask_size = (
        np.bincount(of, minlength=len(texts)).astype(np.float32)
        for of, texts in ((row, names), (ask_row, asked))
    )
    often = np.bincount(gram, minlength=_BUCKETS)
    telling = (often > 0) & (often <= max(_TOO_OFTEN, len(names) // 200))
    weight = np.where(telling, np.log((len(names) + _AS_MANY) / np.maximum(often, 1)), 0)
    weight = weight.astype(np.float32)
    is_asked = np.zeros(_BUCKETS, bool)
    is_asked[ask_gram] = True
    keep = (is_asked & telling)[gram]
    row, gram = row[keep], gram[keep]
    ones = np.ones(len(row), np.float32)
    of_names = sparse.csr_matrix((ones, (gram, row)), (_BUCKETS, len(names)))
    of_names.data[:] = 1
    ask = sparse.csr_matrix((weight[ask_gram], (ask_row, ask_gram)), (len(asked), _BUCKETS))
    whole = np.asarray(ask.sum(axis=1)).ravel()
    parts = []
    for first in range(0, len(asked), _AT_ONCE):
        both = (ask[first : first + _AT_ONCE] @ of_names).tocoo()
        at = both.row + first
        # Longer names share more by chance.
        excess = np.maximum(size[both.col] - ask_size[at], 0)
        score = both.data / (whole[at] + 1e-6) - 0.01 * excess
        good = score >= _ALIKE
        at, col, score = at[good], both.col[good], score[good]
        order = np.lexsort((col, -score, at))
        at, col = at[order], col[order]
        starts = np.searchsorted(at, at)
        top = np.arange(len(at)) - starts < most
        pairs = {"asked": at[top].astype(np.int64), "name": col[top].astype(np.int64)}
        parts.append(pa.table(pairs))
    return pa.concat_tables(parts)


_BUCKET_BITS = 18
_BUCKETS = 1 << _BUCKET_BITS
"""Groups of letters are told apart by so many numbers; those of two are seldom the same."""
_TOO_OFTEN = 400
"""Groups of letters of more names tell nothing, and cost most."""
_AS_MANY = 1000
"""Names that are added to few ones: what all of five names have is not nothing."""
_AT_ONCE = 1000
"""Texts for which there are scores at the same time, for the memory."""
_ALIKE = 0.3
"""Of the weight of a text's telling groups; two wrong letters leave more of any but short names."""


def _grams(texts: pa.Array) -> tuple[Ints, Ints]:
    """Every group of three bytes of each text, as the text's row and a number."""
    padded = pc.binary_join_element_wise(" ", texts.fill_null(""), " ", "").cast(pa.binary())
    lengths = pc.binary_length(padded).to_numpy(zero_copy_only=False).astype(np.int64)
    letters = np.frombuffer(b"".join(padded.to_pylist()), np.uint8).astype(np.uint32)
    codes = letters[:-2] << 16 | letters[1:-1] << 8 | letters[2:]
    buckets = (codes * np.uint32(2_654_435_761)) >> np.uint32(32 - _BUCKET_BITS)
    row = np.repeat(np.arange(len(lengths)), lengths)
    inside = row[:-2] == row[2:]
    return row[:-2][inside], buckets[inside].astype(np.int64)
