import pyarrow as pa
import pytest

from pipelines.errors import RefusedTable
from pipelines.listening.all_tables import TABLES
from pipelines.listening.schema.table import Table, column

THINGS = Table(
    name="things",
    path="things.parquet",
    grain="One thing.",
    fields=(
        column("name", pa.string(), "its name", required=True),
        column("size", pa.int16(), "in metres"),
    ),
    key=("name",),
)


def test_rows_come_out_sorted_typed_and_in_declared_order():
    data = pa.table({"size": pa.array([2, None, 1], pa.int64()), "name": ["b", "c", "a"]})
    conforming = THINGS.conform(data)

    assert conforming.to_pylist() == [
        {"name": "a", "size": 1},
        {"name": "b", "size": 2},
        {"name": "c", "size": None},
    ]
    assert conforming.schema.equals(THINGS.schema, check_metadata=True)


def test_a_column_that_a_row_lacks_is_null_there():
    assert THINGS.from_rows([{"name": "a"}]).to_pylist() == [{"name": "a", "size": None}]
    assert len(THINGS.from_rows([])) == 0


@pytest.mark.parametrize(
    ("data", "named"),
    [
        ({"name": ["a"], "size": ["tall"]}, r"things\.size.*string does not fit int16"),
        ({"name": ["a"], "size": [40_000]}, r"things\.size"),
        ({"name": ["a"], "size": [1.5]}, r"things\.size"),
        ({"name": ["a", None], "size": [1, 2]}, r"things\.name: 1 of 2 are null"),
        ({"name": ["a", "a"], "size": [1, 2]}, r"things: 1 keys \(name\).*'a'"),
        ({"name": ["a"]}, r"things: columns missing \['size'\]"),
        ({"name": ["a"], "size": [1], "more": [1]}, r"things: .*not declared \['more'\]"),
    ],
)
def test_what_must_not_land_is_refused_by_table_and_column(data: dict[str, list], named: str):
    with pytest.raises(RefusedTable, match=named):
        THINGS.conform(pa.table(data))


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_declared_table_describes_itself(table: Table):
    assert table.grain.endswith(".")
    assert all(meaning.strip() for _, _, meaning in table.column_docs)
    assert set(table.key) | set(table.order) <= set(table.schema.names)
    assert len(set(table.schema.names)) == len(table.schema.names)
    assert table.conform(table.empty()).schema.equals(table.schema, check_metadata=True)
