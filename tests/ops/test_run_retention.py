"""Old polls go from Dagster's storage, and nothing that Dagster knows of a date goes with them."""

import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
import time_machine

from pipelines import run_context
from pipelines.ops.run_retention import Pruning
from tests.ops.made_runs import execute, failing

Tick = Callable[..., str]
FIRST = datetime(2026, 3, 1, 12, tzinfo=UTC)
POLL = {run_context.POLL_TAG: "true"}
PLAYS = dg.AssetKey(["nico", "plays"])


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    """One of this test's own, for its files to be looked at."""
    home = tmp_path / "dagster"
    home.mkdir()
    overrides = {"telemetry": {"enabled": False}}
    with dg.DagsterInstance.local_temp(str(home), overrides=overrides) as opened:
        yield opened


@pytest.fixture
def poll(instance: dg.DagsterInstance) -> Callable[..., str]:
    """A poll at noon so many days after the first; its id."""

    def run(days: int = 0, **how: object) -> str:
        with time_machine.travel(FIRST + timedelta(days=days)):
            date = f"{datetime.now(UTC):%Y-%m-%d}"
            return execute(instance, "poll_nico", date=date, tags=POLL, **how).run_id

    return run


def prune(instance: dg.DagsterInstance, days: int) -> int:
    return Pruning(instance, {}).prune((FIRST + timedelta(days=days)).date(), 20)


def left(instance: dg.DagsterInstance) -> set[str]:
    return {record.dagster_run.run_id for record in instance.get_run_records()}


def files_of(tmp_path: Path, run_id: str) -> list[Path]:
    """Files and folders that are called after a run, wherever they lie."""
    return [path for path in tmp_path.rglob("*") if run_id in path.name]


def test_polls_older_than_three_days_go_but_the_newest_of_a_date(
    instance: dg.DagsterInstance, poll: Callable[..., str], tmp_path: Path
) -> None:
    old, newest_of_date, younger = poll(), poll(), [poll(1), poll(1)]
    assert len(files_of(tmp_path, old)) >= 2, "its database and its logs"
    assert prune(instance, days=3) == 0
    assert prune(instance, days=4) == 1
    assert left(instance) == {newest_of_date, *younger}
    assert files_of(tmp_path, old) == []
    assert files_of(tmp_path, newest_of_date) != []


def test_no_row_of_a_pruned_run_is_left(
    instance: dg.DagsterInstance, poll: Callable[..., str], tmp_path: Path
) -> None:
    old, _ = poll(), poll()
    prune(instance, days=4)
    for path in tmp_path.rglob("*.db"):
        with sqlite3.connect(path) as database:
            dump = "\n".join(database.iterdump())
        database.close()
        assert old not in dump, path


def test_a_date_stays_materialized(instance: dg.DagsterInstance, poll: Callable[..., str]) -> None:
    for _ in range(3):
        newest = poll()
    poll(1)
    assert prune(instance, days=4) == 2
    assert instance.get_materialized_partitions(PLAYS) == {"2026-03-01", "2026-03-02"}
    told = instance.fetch_materializations(
        dg.AssetRecordsFilter(PLAYS, asset_partitions=["2026-03-01"]), limit=1
    )
    assert told.records[0].run_id == newest


def test_failed_polls_stay_for_30_days(
    instance: dg.DagsterInstance, poll: Callable[..., str]
) -> None:
    failed = [poll(does=failing(KeyError())) for _ in range(2)]
    poll(1)
    assert prune(instance, days=30) == 0
    assert prune(instance, days=31) == 1
    assert failed[0] not in left(instance)


def test_daily_runs_stay(instance: dg.DagsterInstance) -> None:
    for _ in range(2):
        execute(instance, "daily_nico", date="2026-03-01")
    assert prune(instance, days=4000) == 0


def test_a_tick_without_time_goes_on_where_it_ended(
    instance: dg.DagsterInstance, poll: Callable[..., str]
) -> None:
    for day in (0, 0, 0, 1, 1):
        poll(day)
    dates: dict[str, object] = {}
    later = (FIRST + timedelta(days=10)).date()
    assert [Pruning(instance, dates).prune(later, 0) for _ in range(4)] == [1, 1, 1, 0]


def test_a_clock_that_was_ahead_does_not_end_the_pruning(
    tick: Tick, poll: Callable[..., str]
) -> None:
    poll(), poll()
    with time_machine.travel(FIRST):
        tick("prune")
    with time_machine.travel(FIRST + timedelta(days=400)):
        assert tick("prune") == "1 old polls deleted"
    poll(1), poll(1)
    with time_machine.travel(FIRST + timedelta(days=5)):
        assert tick("prune") == "1 old polls deleted"
        assert tick("prune") == "0 old polls deleted"


def test_what_automation_conditions_left_behind_goes_after_30_days(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    [path] = tmp_path.rglob("schedules.db")
    row = "INSERT INTO asset_daemon_asset_evaluations (evaluation_id, asset_key, create_timestamp)"
    with sqlite3.connect(path) as database:
        for day in range(3):
            at = f"{FIRST + timedelta(days=day):%Y-%m-%d %H:%M:%S}"
            database.execute(f"{row} VALUES (?, 'plays', ?)", (day, at))
    prune(instance, days=32)
    left_ = database.execute("SELECT evaluation_id FROM asset_daemon_asset_evaluations").fetchall()
    database.close()
    assert left_ == [(2,)]
