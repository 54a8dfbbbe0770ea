"""Which rows of different sources speak of the same recording.

A track has several ids, several albums and several spellings. Rows that share any of these names
of a recording get the same number here. Which plays of a recording are the same play belongs in
`listening/ledger/matching.py`.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.arrays import MISSING, Ints
from pipelines.listening.catalogue.names import normal_sql
from pipelines.listening.schema.sql import query


def id_sql(uri: str) -> str:
    """DuckDB SQL for the id in a Spotify uri; null for local files, which have none."""
    return (
        f"CASE WHEN {uri} LIKE 'spotify:%:%' AND NOT starts_with({uri}, 'spotify:local:') "
        f"THEN nullif(split_part({uri}, ':', 3), '') END"
    )


def recording_codes(polled: pa.Table, exported: pa.Table) -> tuple[Ints, Ints]:
    """A number for each row's recording, the same one in both tables.

    Names of a recording, all of which hold: its id; its ISRC, which only polls tell; its first
    artist with its title; its album's artist with its title, since an export names only that.
    Episodes and chapters go by the name of their show or book and their title. Account data of
    old mixes songs with episodes, so an unknown row's artist may be a show.

    Args:
        polled: rows with the columns of `polled`.
        heard: rows with the columns of `streaming_history`.

    Returns:
        int64 numbers for the rows of `polled` and of `heard`; -1 where a row has no name at all.
    """
    names = [query(_POLLED_NAMES, polled=polled), query(_EXPORTED_NAMES, heard=exported)]
    number_of = _components(pa.concat_tables(names))
    codes = [_codes(rows, number_of) for rows in names]
    return codes[0], codes[1]


def _components(names: pa.Table) -> dict[str, int]:
    """A number for each name: the same for names that any row bears together."""
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        while parent.setdefault(name, name) != name:
            parent[name] = name = parent[parent[name]]
        return name

    different = names.group_by(names.column_names, use_threads=False).aggregate([])
    for row in zip(*(column.to_pylist() for column in different.columns), strict=True):
        first, *others = [name for name in row if name is not None] or [None]
        if first is not None:
            for other in (first, *others):
                parent[root(other)] = root(first)
    roots = {name: root(name) for name in sorted(parent)}
    numbers = {name: number for number, name in enumerate(dict.fromkeys(roots.values()))}
    return {name: numbers[of] for name, of in roots.items()}


def _codes(names: pa.Table, number_of: dict[str, int]) -> Ints:
    """Each row's number, by the first of its names."""
    first = pc.coalesce(*names.columns).combine_chunks().dictionary_encode()
    numbers = np.array([*(number_of[name] for name in first.dictionary.to_pylist()), MISSING])
    places = first.indices.fill_null(len(numbers) - 1).to_numpy(zero_copy_only=False)
    found: Ints = numbers[places].astype(np.int64)
    return found


def pair_sql(one: str, other: str) -> str:
    """DuckDB SQL for two names as one, such as an artist's and a title's, to be compared."""
    return f"{normal_sql(one)} || '|' || {normal_sql(other)}"


_POLLED_NAMES = f"""
SELECT
    'id:' || coalesce(track_id, {id_sql("track_uri")}, track_uri) AS by_id,
    'isrc:' || upper(isrc) AS by_isrc,
    'name:' || {pair_sql("artist_name", "track_name")} AS by_name,
    CASE WHEN kind = 'episode' THEN 'part:' || {pair_sql("album_name", "track_name")}
        ELSE 'name:' || {pair_sql("album_artist", "track_name")} END AS by_album
FROM polled
"""  # noqa: S608 built from constants

_EXPORTED_NAMES = f"""
SELECT
    'id:' || coalesce({id_sql("track_uri")}, track_uri) AS by_id,
    NULL::VARCHAR AS by_isrc,
    'name:' || {pair_sql("artist_name", "track_name")} AS by_name,
    CASE WHEN kind IN ('episode', 'audiobook')
            THEN 'part:' || {pair_sql("album_name", "track_name")}
        WHEN kind = 'unknown'
            THEN 'part:' || {pair_sql("artist_name", "track_name")} END AS by_album
FROM heard
"""  # noqa: S608 built from constants
