"""A lake in which every declared table has rows that are hard to write as text.

Add a value here that a format might lose. What becomes of it is for the tests.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipelines.listening.all_tables import TABLES
from pipelines.listening.schema.table import Table
from pipelines.resources.lake.tables import to_parquet

PLACES = (
    {
        "date": "2026-05-01",
        "time_range": "long",
        "year": "2025",
        "month": "12",
        "import": "0a1b",
        "playlist": "liked_songs",
    },
    {
        "date": "2026-05-02",
        "time_range": "short",
        "year": "2026",
        "month": "01",
        "import": "9f'8",
        "playlist": "37i9dQZF1DX4WYpdgoIcn6",
    },
)
TEXTS = [
    'two lines,\r\na "quote", a\ttab and a \\ backslash',
    "",
    '=HYPERLINK("http://127.0.0.1")',
    "-1",
    " NULL ",
    "null",
    "東京 🎧 \x01",
    "007",
    "[]",
    "#1",
]
INSTANTS = (
    datetime(1969, 12, 31, 23, 59, 59, 999_000),  # noqa: DTZ001 the zone is the column's
    datetime(2026, 3, 29, 1, 30, 0, 5_000),  # noqa: DTZ001
)

SIMPLE = {
    pa.bool_(): [True, False],
    pa.date32(): [date(1969, 12, 31), date(2026, 2, 28)],
    pa.float32(): [0.1, 1 / 3, -1e-30, 3e30, 0.0],
    pa.float64(): [0.1, 1 / 3, -1e-300, 3e300, 0.0],
}


def values(type_: pa.DataType) -> list[Any]:
    """Some of a type that are easily lost."""
    if pa.types.is_list(type_):
        return [[], values(type_.value_type), [None]]
    if pa.types.is_struct(type_):
        columns = {one.name: cycle(values(one.type)) for one in type_}
        rows = [{name: next(some) for name, some in columns.items()} for _ in TEXTS]
        return [dict.fromkeys(columns), *rows]
    if pa.types.is_timestamp(type_):
        return [one.replace(tzinfo=UTC if type_.tz else None) for one in INSTANTS]
    if pa.types.is_integer(type_):
        most = 2 ** (type_.bit_width - 1)
        return [0, most - 1, -most]
    return SIMPLE.get(type_, TEXTS)


def hard_rows(table: Table) -> pa.Table:
    columns = []
    for one in table.fields:
        those = cycle([*values(one.type), *([None] if one.nullable else [])])
        columns.append(pa.array(list(islice(those, 12)), one.type))
    return pa.table(columns, schema=table.schema)


def laid_out(table: Table) -> Iterator[tuple[str, pa.Table, pa.Table]]:
    """Files of a table: path, rows, and rows as they are to be exported."""
    for place in PLACES if "{" in table.path else PLACES[:1]:
        rows = told = hard_rows(table)
        if "{date}" in table.path and "date" not in rows.column_names:
            day = pa.array([date.fromisoformat(place["date"])] * len(rows))
            told = told.add_column(0, "date", day)
        if "{import}" in table.path:
            told = told.add_column(0, "import_id", pa.array([place["import"]] * len(rows)))
        yield table.path.format(**place), rows, told


def fill(home: Path) -> None:
    for table in TABLES:
        for path, rows, _ in laid_out(table):
            put(home, path, rows)
    (home / "profile.json").write_text('{"id": "nico"}\n')
    (home / "aggregated/last_updated.json").write_text('{"plays": 24}\n')
    (home / "plays/_manifest.json").write_text("{}")


def put(home: Path, path: str, rows: pa.Table) -> Path:
    (home / path).parent.mkdir(parents=True, exist_ok=True)
    (home / path).write_bytes(to_parquet(rows, {}))
    return home / path


def expected(table: Table) -> pa.Table:
    return pa.concat_tables(told.replace_schema_metadata() for _, _, told in laid_out(table))
