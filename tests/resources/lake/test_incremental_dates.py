"""Tables that grow date by date, when two runs grow them at once."""

import pyarrow as pa
import pytest

from pipelines.listening.schema.table import Table, column
from pipelines.resources.lake.folder import Folder
from pipelines.resources.lake.incremental_dates import add_dates
from pipelines.resources.lake.lakes import Lake

DATES = Table(
    name="dates",
    path="dates.parquet",
    grain="One date.",
    fields=(column("date", pa.string(), "the date", required=True),),
    key=("date",),
)


@pytest.fixture
def lake(tmp_path) -> Lake:
    return Lake(Folder(tmp_path))


def take_in(lake: Lake, date: str | None, *, meanwhile=lambda: None, version: str = "1") -> str:
    """Grow by the run's own date; returns from which date on it was asked to take in."""
    asked = []

    def by(rows: pa.Table, since: str):
        asked.append(since)
        if len(asked) == 1:
            meanwhile()
        dates = {*rows["date"].to_pylist(), date or "rebuilt"}
        return DATES.from_rows([{"date": one} for one in dates]), date

    add_dates(lake, DATES.path, DATES, version=version, date=date, by=by)
    return asked[0]


def dates_in(lake: Lake) -> list[str]:
    return lake.read(DATES.path, DATES)["date"].to_pylist()


def test_a_date_taken_in_by_another_run_meanwhile_is_kept(lake):
    take_in(lake, "2026-11-19")
    take_in(lake, "2026-11-21", meanwhile=lambda: take_in(lake, "2026-11-20"))
    assert dates_in(lake) == ["2026-11-19", "2026-11-20", "2026-11-21"]


def test_only_dates_from_the_day_before_the_last_one_on_are_taken_in(lake):
    assert take_in(lake, "2026-11-19") == ""
    assert take_in(lake, "2026-11-21") == "2026-11-18"
    assert take_in(lake, "2026-11-03") == "", "by a clock that was ahead, or by hand"


def test_a_run_without_a_date_or_of_another_version_starts_from_nothing(lake):
    take_in(lake, "2026-11-19")
    assert take_in(lake, None) == ""
    assert dates_in(lake) == ["rebuilt"]
    take_in(lake, "2026-11-19")
    assert take_in(lake, "2026-11-20", version="2") == ""
    assert dates_in(lake) == ["2026-11-20"]


def test_a_damaged_table_is_named_and_made_anew_at_once(lake, caplog):
    take_in(lake, "2026-11-19")
    lake.store.put(DATES.path, b"half a fi")
    assert take_in(lake, "2026-11-20") == ""
    assert "dates.parquet" in caplog.text
    assert dates_in(lake) == ["2026-11-20"]
