"""Of what files were made: tables that grow date by date, when two runs grow them at once."""

import json

import pyarrow as pa
import pytest

from pipelines.listening.schema.table import Table, column
from pipelines.resources.lake.folder import Folder
from pipelines.resources.lake.lakes import Lake, ListenerLake
from pipelines.resources.lake.manifest import Manifest, add_dates, path_beside

DATES = Table(
    name="dates",
    path="dates.parquet",
    grain="One date.",
    fields=(column("date", pa.string(), "the date", required=True),),
    key=("date",),
)


@pytest.fixture
def lake(tmp_path) -> ListenerLake:
    return Lake(Folder(tmp_path)).of("nico")


def add_date(
    lake: ListenerLake,
    date: str | None,
    *,
    meanwhile=lambda: None,
    version: str = "1",
    full_refresh: bool = False,
) -> str:
    """Add the run's own date; returns from which date on it was asked to add."""
    asked = []

    def add(rows: pa.Table, since: str):
        asked.append(since)
        if len(asked) == 1:
            meanwhile()
        dates = {*rows["date"].to_pylist(), date or "rebuilt"}
        return DATES.from_rows([{"date": one} for one in dates]), date

    add_dates(lake, DATES, add, version=version, date=date, full_refresh=full_refresh)
    return asked[0]


def dates_in(lake: ListenerLake) -> list[str]:
    return lake.read(DATES)["date"].to_pylist()


def test_a_date_added_by_another_run_meanwhile_is_kept(lake):
    add_date(lake, "2026-11-19")
    add_date(lake, "2026-11-21", meanwhile=lambda: add_date(lake, "2026-11-20"))
    assert dates_in(lake) == ["2026-11-19", "2026-11-20", "2026-11-21"]


def test_only_dates_from_the_day_before_the_last_one_on_are_added(lake):
    assert add_date(lake, "2026-11-19") == ""
    assert add_date(lake, "2026-11-21") == "2026-11-18"
    assert add_date(lake, "2026-11-03") == "", "by a clock that was ahead, or by hand"


def test_a_full_refresh_or_another_version_starts_from_nothing(lake):
    add_date(lake, "2026-11-19")
    assert add_date(lake, None, full_refresh=True) == ""
    assert dates_in(lake) == ["rebuilt"]
    add_date(lake, "2026-11-19")
    assert add_date(lake, "2026-11-20", version="2") == ""
    assert dates_in(lake) == ["2026-11-20"]


def test_a_run_without_a_date_adds_what_is_missing(lake):
    add_date(lake, "2026-11-19")
    assert add_date(lake, None) == "2026-11-18"
    assert dates_in(lake) == ["2026-11-19", "rebuilt"]


def test_a_damaged_table_is_named_and_made_anew_at_once(lake, caplog):
    add_date(lake, "2026-11-19")
    lake.store.put(DATES.path, b"half a fi")
    assert add_date(lake, "2026-11-20") == ""
    assert "dates.parquet" in caplog.text
    assert dates_in(lake) == ["2026-11-20"]


@pytest.mark.parametrize(
    "harm", [{"rows": None}, {"inputs": {"dates through": 3}}, {"code": None}, {"inputs": None}]
)
def test_an_entry_that_is_not_as_it_should_be_is_as_none(lake, harm):
    add_date(lake, "2026-11-19")
    path = path_beside(DATES.path)
    document = json.loads(lake.store.get(path).body)
    [entry] = document.values()
    lake.store.put(path, json.dumps({DATES.path: entry | harm}).encode())

    assert Manifest(lake, DATES.path).entry() == {}
    assert add_date(lake, "2026-11-19") == "", "from nothing"
