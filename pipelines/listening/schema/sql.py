"""SQL over Arrow tables.

How a query is run lives here, once; the queries belong to the functions whose rule they state.
"""

from collections.abc import Sequence
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING

import pyarrow as pa

if TYPE_CHECKING:
    import duckdb

_one_at_a_time = Lock()


@cache
def _database() -> "duckdb.DuckDBPyConnection":
    """An empty database in memory: to open one takes as long as a small query."""
    import duckdb  # noqa: PLC0415 a tenth of a second that loading the definitions need not pay

    database = duckdb.connect()
    database.execute("SET GLOBAL TimeZone = 'UTC'")
    return database


def query(sql: str, *, params: Sequence[object] = (), **tables: pa.Table) -> pa.Table:
    """What a SELECT gives.

    Args:
        sql: in DuckDB's dialect; instants without a zone of their own are UTC.
        params: values for its question marks.
        tables: by the name under which they stand in it.
    """
    with _one_at_a_time:
        cursor = _database().cursor()
    with cursor:
        for name, table in tables.items():
            cursor.register(name, table)
        # Not `cursor.sql`: with parameters that makes Python objects of all rows in between.
        return cursor.execute(sql, list(params)).to_arrow_table()
