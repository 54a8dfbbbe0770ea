"""Tables as CSV and JSON for other programs, and the page that documents the files.

How a value of each type is written lives here, and the text that documents it: change both
together. Where rows come from and which files they go to belongs in `ops/table_export.py`.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import pyarrow as pa

from pipelines.listening.schema.table import Table

TextFormat = Literal["csv", "json"]

OPTIONS: Mapping[TextFormat, str] = {"csv": "FORMAT csv, HEADER", "json": "FORMAT json, ARRAY true"}

COMMON = """\
Text is UTF-8. Times whose type says `tz=UTC` are instants, as `2026-11-20T22:40:00.000Z`; those
without are on the listener's own clock, without Z. A column marked with * is never null.
`import_id` and `date` come from the path of a file if the table itself does not have them.
"""

OF_FORMAT: Mapping[TextFormat, str] = {
    "csv": """\
Fields are separated by commas; one with a comma, a quote or a line break in it is quoted, and its
quotes are doubled. Nothing between two commas is null, two quotes are an empty text (DuckDB keeps
them apart with `allow_quoted_nulls = false`). Lists and structs are JSON.

Texts stand here as they are, also those that begin with `=`, `+`, `-` or `@`, which Excel takes for
formulas when it opens a CSV: import it there with *Data, From Text/CSV*, which does not.
""",
    "json": """\
Each file is one array, with an object per row on a line of its own: to read it line by line, leave
out the first and the last line and the comma at the end of the others. Nulls are written. Numbers
that JSON does not know (infinite, not a number) are null.
""",
}


def select_sql(
    fields: Iterable[pa.Field], format_: TextFormat, more: Mapping[str, str] | None = None
) -> str:
    """The query that formats `rows` for writing.

    Args:
        fields: columns of `rows`; timestamps, lists and structs of them are formatted here, other
            types by DuckDB.
        format_: the format of the file.
        more: expressions for further columns, by name.
    """
    write = _csv_sql if format_ == "csv" else _json_sql
    columns = [f"{write(_name(one.name), one.type)} AS {_name(one.name)}" for one in fields]
    columns += [f"{made} AS {_name(name)}" for name, made in (more or {}).items()]
    return f"SELECT {', '.join(columns)} FROM rows"  # noqa: S608 columns are declared in this project


def guide(
    title: str,
    format_: TextFormat,
    tables: Iterable[tuple[Table, Sequence[pa.Field], int]],
    problems: Iterable[str],
) -> str:
    """A Markdown page that documents each file and each column.

    Args:
        title: its heading.
        format_: the format of the files.
        tables: each table with the columns that were written and its number of rows.
        problems: what is missing, one line each.
    """
    missing = "\n".join(f"- {problem}" for problem in problems)
    sections = "\n".join(_section(*one, format_) for one in tables)
    incomplete = f"\n**Not everything is here**, since some files could not be read:\n\n{missing}\n"
    head = f"# {title}\n\n{COMMON}\n{OF_FORMAT[format_]}"
    return f"{head}{incomplete if missing else ''}\n{sections}"


def _section(table: Table, fields: Sequence[pa.Field], rows: int, format_: TextFormat) -> str:
    columns = "\n".join(
        f"| `{one.name}`{'' if one.nullable else ' *'} | {one.type} "
        f"| {one.metadata[b'description'].decode()} |"
        for one in fields
    )
    return (
        f"## {table.name}.{format_}\n\n{table.grain} Rows: {rows:,}.\n\n"
        f"| column | type | meaning |\n|---|---|---|\n{columns}\n"
    )


def _csv_sql(value: str, type_: pa.DataType) -> str:
    if pa.types.is_nested(type_):
        return _unless_null(value, f"to_json({_json_sql(value, type_)})::VARCHAR")
    return _time_sql(value, type_) if pa.types.is_timestamp(type_) else value


def _json_sql(value: str, type_: pa.DataType, depth: int = 0) -> str:
    if pa.types.is_timestamp(type_):
        return _time_sql(value, type_)
    if pa.types.is_floating(type_):
        # As text first, so that a float is written as 0.1 and not as its nearest double.
        exact = f"{value}::VARCHAR::DOUBLE" if type_ == pa.float32() else value
        return f"CASE WHEN isfinite({value}) THEN {exact} END"
    if pa.types.is_list(type_):
        item = f"item_{depth}"
        made = _json_sql(item, type_.value_type, depth + 1)
        return value if made == item else f"list_transform({value}, lambda {item}: {made})"
    if pa.types.is_struct(type_):
        parts = {one.name: f"{value}.{_name(one.name)}" for one in type_}
        made_of = {one.name: _json_sql(parts[one.name], one.type, depth) for one in type_}
        packed = ", ".join(f"{_name(name)} := {made}" for name, made in made_of.items())
        return value if made_of == parts else _unless_null(value, f"struct_pack({packed})")
    return value


def _time_sql(value: str, type_: pa.DataType) -> str:
    instant = type_.tz is not None
    plain = f"{value} AT TIME ZONE 'UTC'" if instant else f"{value}::TIMESTAMP"
    return f"strftime({plain}, '%Y-%m-%dT%H:%M:%S.%g{'Z' * instant}')"


def _unless_null(value: str, made: str) -> str:
    return f"CASE WHEN {value} IS NOT NULL THEN {made} END"


def _name(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'
