"""SQL over Arrow tables.

How a query is run lives here; the queries belong to the modules that need them.
"""

from collections.abc import Callable, Sequence
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any

import pyarrow as pa

if TYPE_CHECKING:
    import duckdb

_one_at_a_time = Lock()

_ARROW: Any = "arrow"  # DuckDB's stubs know another type

TextFunction = Callable[[pa.Array | pa.ChunkedArray], pa.Array]

_functions: dict[str, TextFunction] = {}


def add_function(name: str, function: TextFunction) -> None:
    """Let queries call a function that DuckDB lacks.

    Args:
        name: what queries call it.
        function: gives a text for each text, many at a time; only of the texts themselves.
    """
    _functions[name] = function
    _database.cache_clear()


@cache
def _database() -> "duckdb.DuckDBPyConnection":
    """An empty database in memory, opened once: opening takes as long as a small query."""
    import duckdb  # noqa: PLC0415 0.1 s that loading the definitions should not take

    database = duckdb.connect()
    database.execute("SET GLOBAL TimeZone = 'UTC'")
    for name, function in _functions.items():
        database.create_function(name, function, ["VARCHAR"], "VARCHAR", type=_ARROW)
    return database


def query(sql: str, *, params: Sequence[object] = (), **tables: pa.Table) -> pa.Table:
    """The result of a SELECT over Arrow tables.

    Args:
        sql: a query in DuckDB's dialect; instants without a zone are UTC.
        params: values of its parameters; for small tables.
        tables: the tables it selects from, by name.
    """
    with _one_at_a_time:
        cursor = _database().cursor()
    with cursor:
        for name, table in tables.items():
            cursor.register(name, table)
        # `sql` makes Arrow on all processors, `execute` streams, for which two threads take turns:
        # half as much work again. But with parameters, `sql` converts all rows to Python objects.
        result = cursor.execute(sql, list(params)) if params else cursor.sql(sql)
        return result.to_arrow_table()
