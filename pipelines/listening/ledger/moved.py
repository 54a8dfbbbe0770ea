"""Plays that were moved from another lake: what they were there, they are here.

A row of such a play has the id that it had (`told_id`), the sources that told of it (`told_by`) and
as JSON what else it was (`moved`). Add here what else a play would lose by being moved. Reading the
files is the business of their source.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.arrays import Bools, Ints
from pipelines.listening.ledger.mending import AS_FIRST
from pipelines.listening.schema.sql import query
from pipelines.listening.schema.tables import HISTORY, PLAYS
from pipelines.listening.time.intervals import instants

SEEN = {*AS_FIRST} - {"ms_played"}
"""Columns that say where and when a play was first seen."""


def has_ids(rows: pa.Table) -> bool:
    """Whether rows have ids of their own.

    Args:
        rows: `streaming_history` rows of one source.
    """
    return bool(rows["told_id"].null_count < len(rows))


def merged_by_id(table: pa.Table, rank: Ints) -> tuple[pa.Table, pa.Table, Ints]:
    """Rows with ids as plays: their rows, their first rows, and the play of each row.

    Rows with one id are one play, though one of them may know more, having been exported later:
    that one is taken as a whole.

    Args:
        table: the rows, import after import.
        rank: of each row, that of its file.
    """
    ids = table["told_id"].combine_chunks().dictionary_encode()
    alone = np.asarray(ids.is_null().to_numpy(zero_copy_only=False), np.bool_)
    codes = ids.indices.fill_null(0).to_numpy().astype(np.int64)
    codes = np.where(alone, len(ids.dictionary) + np.arange(len(table)), codes)
    codes = np.unique(codes, return_inverse=True)[1]
    position = np.asarray(table["row"].to_numpy(), np.int64)
    worse = np.where(_is(table, "measured"), 0, np.where(_is(table, "assumed"), 1, 2))
    order = np.lexsort((position, rank, worse, codes))
    best = order[np.flatnonzero(np.diff(codes[order], prepend=-1))]
    by_time = np.lexsort((position[best], rank[best], instants(table["played_at"])[best]))
    number = np.empty(len(best), np.int64)
    number[by_time] = np.arange(len(best))
    plays = number[codes]
    first = table.take(np.unique(plays, return_index=True)[1])
    told = table.take(best[by_time])
    rows = pa.table({name: (first if name in SEEN else told)[name] for name in table.column_names})
    return rows.cast(HISTORY.schema), first, plays


def _is(rows: pa.Table, how: str) -> Bools:
    return _says(rows, f'"ms_played_source":"{how}"')


def _says(rows: pa.Table, text: str) -> Bools:
    found = pc.match_substring(rows["moved"], text).fill_null(False)
    return np.asarray(found.to_numpy(zero_copy_only=False), np.bool_)


def assumed(rows: pa.Table) -> Bools:
    """Of which rows the length was only assumed where they come from.

    Args:
        rows: `streaming_history` rows.
    """
    if rows["moved"].null_count == len(rows):
        return np.zeros(len(rows), np.bool_)
    return _is(rows, "assumed")


def doubles(rows: pa.Table, double: Bools) -> Bools:
    """Which rows are probably another one once more; of moved ones, it was decided before.

    Args:
        rows: `streaming_history` rows.
        double: what was found of them.
    """
    if rows["moved"].null_count == len(rows):
        return double
    moved = np.asarray(rows["moved"].is_valid().to_numpy(zero_copy_only=False), np.bool_)
    return np.where(moved, _says(rows, '"probable_double":true'), double)


def restored(rows: pa.Table) -> pa.Table:
    """Plays with what they were in the lake that they come from, where nothing else tells it.

    Args:
        rows: `plays` rows, with the columns `moved` and `first_id`.
    """
    if rows["moved"].null_count == len(rows):
        return rows
    return query(_RESTORED, rows=rows)


MOVED = (
    "track_id",
    "album_id",
    "album_type",
    "release_date",
    "artist_id",
    "artists",
    "popularity",
    "explicit",
    "played_from_type",
    "played_from_uri",
    "played_from_name",
)


def _restored_sql(name: str) -> str:
    type_ = PLAYS.schema.field(name).type
    told = f"moved ->> '$.{name}'"
    if pa.types.is_nested(type_):
        told = f"""from_json(moved -> '$.{name}', '[{{"id": "VARCHAR", "name": "VARCHAR"}}]')"""
    elif pa.types.is_boolean(type_):
        told = f"try_cast({told} AS BOOLEAN)"
    elif pa.types.is_integer(type_):
        told = f"try_cast({told} AS SMALLINT)"
    return f"coalesce({name}, {told}) AS {name}"


_RESTORED = f"""
SELECT * REPLACE (
    -- Should a play not be found that is here already, it must not have the same id.
    CASE WHEN first_id IS NOT NULL AND count(*) OVER same_id = 1 THEN first_id ELSE play_id END
        AS play_id,
    {", ".join(map(_restored_sql, MOVED))},
    coalesce(release_year, try_cast(left(moved ->> '$.release_date', 4) AS SMALLINT))
        AS release_year
)
FROM rows
WINDOW same_id AS (PARTITION BY coalesce(first_id, play_id), date_trunc('month', local_time))
"""  # noqa: S608 built from constants
