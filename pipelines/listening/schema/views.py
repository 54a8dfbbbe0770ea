"""Views for DuckDB: over all listeners' files, over shared tables, over what surveys publish.

A table declared in `tables.py` or `reference_tables.py` gets its view here. Writing the script is
the asset's business.
"""

import re
from collections.abc import Container, Iterable

import pyarrow as pa

from pipelines.listening.schema.table import Table

_TYPES = {
    pa.string(): "VARCHAR",
    pa.bool_(): "BOOLEAN",
    pa.int8(): "TINYINT",
    pa.int16(): "SMALLINT",
    pa.int32(): "INTEGER",
    pa.int64(): "BIGINT",
    pa.float32(): "FLOAT",
    pa.float64(): "DOUBLE",
    pa.date32(): "DATE",
    pa.timestamp("ms"): "TIMESTAMP",
    pa.timestamp("ms", tz="UTC"): "TIMESTAMP WITH TIME ZONE",
}
"""The DuckDB type of a Parquet column, by its Arrow type."""


def views_sql(tables: Iterable[Table], users: str, *, written: Container[str]) -> str:
    """A script of CREATE VIEW statements, one per table.

    Args:
        tables: every table; views of those that no listener has yet are empty.
        users: address of the folder with one folder per listener.
        written: names of the tables of which at least one file exists; DuckDB binds a view
            when it is created.
    """
    head = "-- Run this in DuckDB: every table of the lake as a view, over all listeners.\n"
    return head + _views_of_folders(tables, users, "listener", written)


def survey_views_sql(tables: Iterable[Table], surveys: str, *, written: Container[str]) -> str:
    """More of that script, for tables that each survey has.

    Args:
        tables: the published ones of `survey_tables.py`.
        surveys: address of the folder with one folder per survey.
        written: names of the tables of which at least one file exists.
    """
    return _views_of_folders(tables, surveys, "survey", written)


def _views_of_folders(
    tables: Iterable[Table], folders: str, owner: str, written: Container[str]
) -> str:
    """Views over files in the folders of several owners, whose name is a column of that name."""
    return "\n".join(
        _view(
            table,
            _from_files(table, folders, owner)
            if table.name in written
            else _no_rows(table, _path_columns(table, owner)),
        )
        for table in tables
    )


def shared_views_sql(tables: Iterable[Table], lake: str, *, written: Container[str]) -> str:
    """More of that script, for tables that belong to no listener and have no such column.

    Args:
        tables: the tables of `reference_tables.py`.
        lake: address of the lake.
        written: names of the tables that exist.
    """
    return "\n".join(
        _view(table, _from_file(table, lake) if table.name in written else _no_rows(table, []))
        for table in tables
    )


def _view(table: Table, query: str) -> str:
    comment = f"COMMENT ON VIEW {table.name} IS {_quoted(table.grain)};"
    return f"CREATE OR REPLACE VIEW {table.name} AS\n{query};\n{comment}\n"


def _from_files(table: Table, folders: str, owner: str) -> str:
    files = _quoted(f"{_literally(folders)}/*/" + re.sub(r"\{\w+\}", "*", table.path))
    from_path = {
        # Counted from the end: the folders above may have any name.
        owner: f"split_part(filename, '/', {-table.path.count('/') - 2})",
        "import_id": f"split_part(filename, '/', {-table.path.count('/')})",
        "date": "regexp_extract(filename, 'date=([0-9-]+)', 1)::DATE",
    }
    extra = [f"{from_path[name]} AS {name}" for name, _ in _path_columns(table, owner)]
    columns = ", ".join([*extra, "* EXCLUDE (filename)"])
    return (
        f"SELECT {columns}\nFROM read_parquet({files}, hive_partitioning = false, "
        f"filename = true, schema = {_declared(table)})"
    )


def _declared(table: Table) -> str:
    """The columns as a literal, so that DuckDB need not open every listener's files to find them.

    A column that a file of an older version lacks is null, as with `union_by_name`.
    """
    columns = (
        f"'{field.name}': {{name: '{field.name}', type: '{_duckdb(field.type)}', "
        "default_value: NULL}"
        for field in table.fields
    )
    return "MAP {\n    " + ",\n    ".join(columns) + "}"


def _from_file(table: Table, lake: str) -> str:
    file = _quoted(_literally(f"{lake}/{table.path}"))
    return f"SELECT *\nFROM read_parquet({file}, hive_partitioning = false)"


def _literally(address: str) -> str:
    """An address with its wildcards escaped."""
    return re.sub(r"[*?\[]", r"[\g<0>]", address)


def _no_rows(table: Table, extra: list[tuple[str, pa.DataType]]) -> str:
    columns = [*extra, *((field.name, field.type) for field in table.fields)]
    nulls = (f'CAST(NULL AS {_duckdb(type_)}) AS "{name}"' for name, type_ in columns)
    return f"SELECT {', '.join(nulls)}\nWHERE false"


def _path_columns(table: Table, owner: str) -> list[tuple[str, pa.DataType]]:
    """Columns that only the path of a file contains."""
    whose = [] if owner in table.schema.names else [(owner, pa.string())]
    return [*whose, *((field.name, field.type) for field in table.path_columns)]


def _duckdb(type_: pa.DataType) -> str:
    if pa.types.is_list(type_):
        return f"{_duckdb(type_.value_type)}[]"
    if pa.types.is_struct(type_):
        return "STRUCT(" + ", ".join(f'"{one.name}" {_duckdb(one.type)}' for one in type_) + ")"
    return _TYPES[type_]


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
