"""Dates derived again: no request, one sentence for what was never collected, one rebuild."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import dagster as dg
import pytest

from pipelines import run_context
from pipelines.assets import snapshots
from pipelines.definitions import defs
from sandbox import Sandbox
from testing.pipeline import REBUILT, Pipeline, failures, today

COLLECTED_AND_DERIVED = (
    *("profile", "recently_played", "top_items", "playlists"),
    *("recent_tracks", "top_tracks", "top_artists", "snapshot_metrics"),
)


def days_ago(days: int) -> str:
    return str(datetime.now(UTC).date() - timedelta(days=days))


@pytest.fixture
def collected(pipeline: Pipeline) -> Pipeline:
    """A lake in which today was collected, and the two days before as if it had been."""
    assert failures(pipeline.run("daily_nico")) == []
    store = pipeline.lake.store
    for entry in list(store.list("users/nico/raw/")):
        for back in (1, 2):
            body = store.get(entry.key).body
            store.put(entry.key.replace(f"date={today()}", f"date={days_ago(back)}"), body)
    return pipeline


def backfill(pipeline: Pipeline, day: str) -> dg.ExecuteInProcessResult:
    """The run that a backfill of the first two stages launches for a date."""
    keys = [dg.AssetKey(["nico", name]) for name in COLLECTED_AND_DERIVED]
    return pipeline.run(
        "daily_nico", day, asset_selection=keys, tags={run_context.BACKFILL_TAG: "by hand"}
    )


def test_collected_dates_are_derived_again_without_spotify_or_credentials(
    collected: Pipeline, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox.requests.clear()
    for name in ("SPOTIFY_CLIENT_ID", "SPOTIFY_CLIENT_SECRET", "SPOTIFY_REFRESH_TOKEN_NICO"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("SPOTIFY_API_URL", "http://127.0.0.1:9/v1/")
    for day in (days_ago(2), today()):
        result = backfill(collected, day)
        assert failures(result) == []
        (told,) = [
            event.step_materialization_data.materialization.metadata["outcome"].text
            for event in result.get_asset_materialization_events()
            if event.asset_key.path[-1] == "recently_played"
        ]
        assert told == "0 responses asked for, 1 responses kept"
    assert sandbox.requests == []
    assert len(collected.table(f"snapshots/date={days_ago(2)}/top_tracks_long.parquet")) > 0


def test_a_date_that_was_never_collected_says_what_to_do(
    pipeline: Pipeline, sandbox: Sandbox
) -> None:
    told = failures(backfill(pipeline, days_ago(9)))
    assert len(told) == 4, "one line for each thing to collect, nothing after them is tried"
    assert any("recently played" in line and days_ago(9) in line for line in told)
    assert all("choose dates that were collected" in line for line in told)
    assert sandbox.requests == []


class Daemon:
    """What the automation sensor would request, tick by tick."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._cursor = None

    def tick(self) -> set[str]:
        found = dg.evaluate_automation_conditions(
            defs=defs(), instance=self._pipeline.instance, cursor=self._cursor
        )
        self._cursor = found.cursor
        return {result.key.path[-1] for result in found.results if not result.true_subset.is_empty}


def rebuild(pipeline: Pipeline) -> None:
    keys = [dg.AssetKey(["nico", name]) for name in REBUILT]
    job = defs().resolve_implicit_global_asset_job_def()
    result = job.execute_in_process(
        instance=pipeline.instance, asset_selection=keys, raise_on_error=False
    )
    assert failures(result) == []


def test_one_rebuild_follows_any_number_of_backfilled_dates_and_none_a_poll(
    collected: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    daemon = Daemon(collected)
    daemon.tick()
    assert daemon.tick() == set(), "the daily run has brought everything up to date"

    assert failures(collected.run("poll_nico", tags={run_context.POLL_TAG: "true"})) == []
    assert daemon.tick() == set(), "a poll brings the ledger up to date by itself"

    seen: list[set[str]] = []
    genuine = snapshots.computed_metrics

    def meanwhile(*args: Any) -> dict[str, Any]:
        seen.append(daemon.tick())  # all of the date's assets but the last are done
        return genuine(*args)

    monkeypatch.setattr(snapshots, "computed_metrics", meanwhile)
    for day in (days_ago(1), days_ago(2)):
        assert failures(backfill(collected, day)) == []
    assert seen == [set(), set()], "nothing is rebuilt while a date is still being derived"
    # A poll that comes before the rebuild takes in its own plays, not those of the dates.
    assert failures(collected.run("poll_nico", tags={run_context.POLL_TAG: "true"})) == []
    assert daemon.tick() == set(REBUILT)
    rebuild(collected)
    assert daemon.tick() == set()

    months = collected.plays()
    assert len({play["play_id"] for play in months}) == len(months) == 50
    dates = {row["date"] for row in collected.table("aggregated/all_snapshots_metrics.parquet")}
    assert dates == {date.fromisoformat(day) for day in (days_ago(2), days_ago(1), today())}
