"""Tables of the lake are read whole, or a few columns of them."""

from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.errors import CorruptFile
from pipelines.listening.schema.table import Table, column
from pipelines.resources.lake.folder import Folder
from pipelines.resources.lake.lakes import Lake, ListenerLake
from pipelines.resources.lake.tables import LOOKED_UP_ROWS, to_parquet

THINGS = Table(
    name="things",
    path="things/year={year}/month={month}/data.parquet",
    grain="One thing.",
    fields=(
        column("name", pa.string(), "its name", required=True),
        column("size", pa.int16(), "in metres"),
        column("weight", pa.int32(), "in kilograms", required=True),
    ),
    key=("name",),
)


@pytest.fixture
def lake(tmp_path: Path) -> ListenerLake:
    """A lake with things of two months in it, the later one written first."""
    lake = Lake(Folder(tmp_path)).of("nico")
    for month, names in (("10", ["c"]), ("09", ["a", "b"])):
        rows = [{"name": name, "size": None, "weight": len(name)} for name in names]
        lake.replace(THINGS, THINGS.from_rows(rows), year="2026", month=month)
    return lake


SEPTEMBER = {"year": "2026", "month": "09"}


def test_columns_come_in_declared_order_whatever_the_order_in_which_they_are_asked_for(
    lake: ListenerLake,
) -> None:
    rows = lake.read(THINGS, ("weight", "name"), **SEPTEMBER)

    assert rows.to_pylist() == [{"name": "a", "weight": 1}, {"name": "b", "weight": 1}]
    assert rows.schema.equals(THINGS.with_columns(("name", "weight")).schema)


def test_who_asks_for_none_gets_all(lake: ListenerLake) -> None:
    assert lake.read(THINGS, **SEPTEMBER).column_names == ["name", "size", "weight"]
    assert THINGS.with_columns(()) is THINGS


def test_where_there_is_no_file_the_columns_are_there_without_rows(lake: ListenerLake) -> None:
    rows = lake.read(THINGS, ("size",), year="2026", month="08")

    assert (rows.column_names, len(rows)) == (["size"], 0)
    assert lake.lake.of("maria").read_months(THINGS, ("size",)).column_names == ["size"]


def test_months_are_read_in_order(lake: ListenerLake) -> None:
    names = lake.read_months(THINGS, ("name",))

    assert names.to_pydict() == {"name": ["a", "b", "c"]}
    assert len(lake.read_months(THINGS)) == 3


def test_only_the_columns_that_are_read_must_be_as_declared(lake: ListenerLake) -> None:
    lake.store.put(
        THINGS.path.format(**SEPTEMBER),
        to_parquet(pa.table({"name": ["a"], "weight": ["heavy"]}), {}),
    )

    assert lake.read(THINGS, ("name",), **SEPTEMBER).to_pylist() == [{"name": "a"}]
    for columns in ((), ("weight",), ("name", "size")):
        with pytest.raises(CorruptFile, match="is not the table things"):
            lake.read(THINGS, columns, **SEPTEMBER)


def test_one_row_of_a_table_that_is_looked_up_is_found_in_few_of_its_rows(tmp_path: Path) -> None:
    lake = Lake(Folder(tmp_path)).of("nico")
    looked_up = replace(THINGS, looked_up=True)
    names = [f"{n:05}" for n in range(5 * LOOKED_UP_ROWS)]
    rows = THINGS.from_rows([{"name": name, "size": 1, "weight": 1} for name in names[::-1]])
    lake.replace(looked_up, rows, **SEPTEMBER)
    lake.replace(THINGS, rows, year="2026", month="10")

    def holding(name: str, month: str) -> list[int]:
        """How many rows each group has that may have one of this name, by what the file says."""
        file = pq.ParquetFile(lake.url(THINGS, year="2026", month=month))
        groups = [file.metadata.row_group(n) for n in range(file.num_row_groups)]
        told = [(group.num_rows, group.column(0).statistics) for group in groups]
        return [rows for rows, names in told if names.min <= name <= names.max]

    assert [holding(name, "09") for name in names[::499]] == [[LOOKED_UP_ROWS]] * 11
    assert holding(names[0], "10") == [len(names)]
    assert lake.read(looked_up, ("name",), **SEPTEMBER).to_pydict() == {"name": names}
