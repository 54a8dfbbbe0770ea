"""Which rows of different sources may be the same recording, for matching plays.

A track has several ids, albums and spellings. Rows that share any of a recording's names get the
same code. That takes more for the same than `recording_ids.py` does, which says what counts as one
song: here time and length decide besides. Add here a further name of a recording; which plays of a
recording are the same play belongs in `listening/ledger/matching.py`.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.arrays import MISSING, Ints
from pipelines.listening.catalogue.kinds import SPOKEN
from pipelines.listening.catalogue.names import normal_names
from pipelines.listening.schema.sql import query


def id_sql(uri: str) -> str:
    """DuckDB SQL for the id in a Spotify uri; null for local files, which have none."""
    return (
        f"CASE WHEN {uri} LIKE 'spotify:%:%' AND NOT starts_with({uri}, 'spotify:local:') "
        f"THEN nullif(split_part({uri}, ':', 3), '') END"
    )


def recording_codes(polled: pa.Table, exported: pa.Table) -> tuple[Ints, Ints]:
    """A code for each row's recording, shared by both tables.

    A recording's names are its id; its ISRC, which only polls have; its first artist with its
    title; and its album's artist with its title, since an export has only that. Episodes and
    chapters are named by their show or book with their title. Old account data mixes songs and
    episodes, so the artist of a row of unknown kind may be a show.

    Args:
        polled: rows with the columns of `polled`.
        exported: rows with the columns of `streaming_history`.

    Returns:
        Codes of the rows of `polled` and of `exported`; -1 where a row has no name at all.
    """
    names = [
        query(_POLLED_NAMES, polled=_with_normal_names(polled)),
        query(_EXPORTED_NAMES, exported=_with_normal_names(exported)),
    ]
    number_of = _components(pa.concat_tables(names))
    codes = [_codes(rows, number_of) for rows in names]
    return codes[0], codes[1]


def _with_normal_names(rows: pa.Table) -> pa.Table:
    for name in ("artist_name", "track_name", "album_name", "album_artist"):
        at = rows.schema.get_field_index(name)
        if at != MISSING:
            rows = rows.set_column(at, name, normal_names(rows[name]))
    return rows


def _components(names: pa.Table) -> dict[str, int]:
    """A code for each name: names that occur in one row are connected and have the same code."""
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        while parent.setdefault(name, name) != name:
            parent[name] = name = parent[parent[name]]
        return name

    different = names.group_by(names.column_names, use_threads=False).aggregate([])
    for row in zip(*(column.to_pylist() for column in different.columns), strict=True):
        first, *rest = [name for name in row if name is not None] or [None]
        if first is not None:
            for other in (first, *rest):
                parent[root(other)] = root(first)
    roots = {name: root(name) for name in sorted(parent)}
    numbers = {name: number for number, name in enumerate(dict.fromkeys(roots.values()))}
    return {name: numbers[of] for name, of in roots.items()}


def _codes(names: pa.Table, number_of: dict[str, int]) -> Ints:
    """Each row's code, by the first of its names."""
    first = pc.coalesce(*names.columns).combine_chunks().dictionary_encode()
    numbers = np.array([*(number_of[name] for name in first.dictionary.to_pylist()), MISSING])
    indices = first.indices.fill_null(len(numbers) - 1).to_numpy(zero_copy_only=False)
    codes: Ints = numbers[indices].astype(np.int64)
    return codes


_POLLED_NAMES = f"""
SELECT
    'id:' || coalesce(track_id, {id_sql("track_uri")}, track_uri) AS by_id,
    'isrc:' || isrc AS by_isrc,
    'name:' || artist_name || '|' || track_name AS by_name,
    CASE WHEN kind = 'episode' THEN 'part:' || album_name || '|' || track_name
        ELSE 'name:' || album_artist || '|' || track_name END AS by_album
FROM polled
"""  # noqa: S608 built from constants

_EXPORTED_NAMES = f"""
SELECT
    'id:' || coalesce({id_sql("track_uri")}, track_uri) AS by_id,
    NULL::VARCHAR AS by_isrc,
    'name:' || artist_name || '|' || track_name AS by_name,
    CASE WHEN kind IN {SPOKEN} THEN 'part:' || album_name || '|' || track_name
        WHEN kind = 'unknown' THEN 'part:' || artist_name || '|' || track_name END AS by_album
FROM exported
"""  # noqa: S608 built from constants
