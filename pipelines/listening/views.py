"""Views for DuckDB over every table of every listener.

A table declared in `tables.py` gets its view from here.
"""

import re
from collections.abc import Iterable

from pipelines.listening.table import Table


def views_sql(tables: Iterable[Table], users: str) -> str:
    """A script of CREATE VIEW statements, one per table.

    Args:
        tables: the tables of which at least one file exists; DuckDB binds a view when it is made.
        users: address of the folder that holds a folder per listener.
    """
    head = "-- Run this in DuckDB: every table of the lake as a view, over all listeners.\n"
    return head + "\n".join(_view(table, users) for table in tables)


def _view(table: Table, users: str) -> str:
    literally = re.sub(r"[*?\[]", r"[\g<0>]", users)
    files = _quoted(f"{literally}/*/" + re.sub(r"\{\w+\}", "*", table.path))
    options = "union_by_name = true, hive_partitioning = false, filename = true"
    extra = (
        []
        if "listener" in table.schema.names
        # Counted from the end: what lies before may have any name.
        else [f"split_part(filename, '/', {-table.path.count('/') - 2}) AS listener"]
    )
    if "{date}" in table.path:
        extra.append("regexp_extract(filename, 'date=([0-9-]+)', 1)::DATE AS date")
    columns = ", ".join([*extra, "* EXCLUDE (filename)"])
    comment = f"COMMENT ON VIEW {table.name} IS {_quoted(table.grain)};"
    return (
        f"CREATE OR REPLACE VIEW {table.name} AS\n"
        f"SELECT {columns}\nFROM read_parquet({files}, {options});\n{comment}\n"
    )


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
