"""Prints `docs/tables.md` from the declared schemas: `make docs`."""

from pipelines.listening.all_tables import TABLES
from pipelines.listening.schema.reference_tables import SHARED_TABLES
from pipelines.listening.schema.survey_tables import SURVEY_TABLES
from pipelines.listening.schema.table import Table

HEAD = """# Tables

Printed from the declarations in `pipelines/listening/schema/` by `make docs`. Paths are below
`users/<listener>/` in the lake. Times are UTC where the type says so, otherwise on the
listener's own clock. A column marked with * is never null. `views.sql` at the top of the lake makes
a DuckDB view of each table.
"""

HEAD_SHARED = """# Tables that all listeners share

Paths are from the top of the lake. These tables are there once `playledger reference add` has
written them; no other table needs them.
"""


HEAD_SURVEYS = """# Tables of a survey

Paths are below `surveys/<name>/` in the lake. Those below `kept/` have a row for a person, under a
pseudonym, and stay with whoever runs the survey; those below `published/` speak of at least `k`
people.
"""


def page() -> str:
    """The whole page."""
    own, shared, surveys = (
        [section(table) for table in tables] for tables in (TABLES, SHARED_TABLES, SURVEY_TABLES)
    )
    return "\n".join([HEAD, *own, HEAD_SHARED, *shared, HEAD_SURVEYS, *surveys])


def section(table: Table) -> str:
    """One table: what a row is, where it lies, its key and its columns."""
    required = {column.name for column in table.fields if not column.nullable}
    rows = "\n".join(
        f"| `{name}`{' *' if name in required else ''} | {type_} | {meaning} |"
        for name, type_, meaning in table.column_docs
    )
    told = "".join(
        f"| `{column.name}` * | {column.type} | {column.metadata[b'description'].decode()}; "
        "told by the path: views and exports have it |\n"
        for column in table.path_columns
    )
    key = ", ".join(f"`{name}`" for name in table.key)
    return (
        f"## {table.name}\n\n{table.grain}\n\n`{table.path}`, one row per {key}.\n\n"
        f"| column | type | meaning |\n|---|---|---|\n{told}{rows}\n"
    )


if __name__ == "__main__":
    print(page(), end="")  # noqa: T201
