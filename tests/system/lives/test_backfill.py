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

pytestmark = pytest.mark.rare

COLLECTED_AND_DERIVED = (
    *("profile", "recently_played", "top_items", "playlists"),
    *("recent_tracks", "top_tracks", "top_artists", "snapshot_metrics"),
)


def days_ago(days: int) -> str:
    return str(datetime.now(UTC).date() - timedelta(days=days))


@pytest.fixture
def collected(pipeline: Pipeline, sandbox: Sandbox) -> Pipeline:
    """A lake in which today was collected, and the two days before as if it had been."""
    sandbox.clock.fix(datetime.now(UTC))  # no play ends between two polls
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
        assert told == "0 responses requested, 1 stored"
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
    """What the sensor requests, tick by tick."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._cursor: str | None = None
        self.said = ""

    def tick(self) -> set[str]:
        """The assets that the requested run would make; none where there is no request."""
        sensor = defs().get_repository_def().get_sensor_def("rebuild_nico_sensor")
        with dg.build_sensor_context(self._pipeline.instance, self._cursor) as context:
            answer = sensor.evaluate_tick(context)
        self._cursor, self.said = answer.cursor, str(answer.skip_message)
        if not answer.run_requests:
            return set()
        [self.request] = answer.run_requests
        job = defs().resolve_job_def(self.request.job_name or sensor.job_name)
        return {key.path[-1] for key in job.asset_layer.executable_asset_keys}

    def rebuild(self) -> list[str]:
        """The run that was requested; what of it failed."""
        job = defs().resolve_job_def("rebuild_nico")
        tags = self.request.tags
        return failures(
            job.execute_in_process(
                instance=self._pipeline.instance, tags=tags, raise_on_error=False
            )
        )


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
    assert daemon.tick() == {*REBUILT, "views"}
    assert daemon.rebuild() == []
    assert daemon.tick() == set()
    assert daemon.said == "everything is rebuilt since dates were last derived"

    months = collected.plays()
    assert len({play["play_id"] for play in months}) == len(months) == 50
    dates = {row["date"] for row in collected.table("aggregated/all_snapshots_metrics.parquet")}
    assert dates == {date.fromisoformat(day) for day in (days_ago(2), days_ago(1), today())}


def test_a_backfilled_date_that_was_killed_leaves_what_it_had_derived_to_be_rebuilt(
    collected: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    daemon = Daemon(collected)
    # Of dates that were never collected nothing is derived.
    assert len(failures(backfill(collected, days_ago(9)))) == 4
    assert daemon.tick() == set()

    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(snapshots, "computed_metrics", killed)
        assert not backfill(collected, days_ago(1)).success
    assert daemon.tick() == {*REBUILT, "views"}
    assert daemon.rebuild() == []
    assert daemon.tick() == set()
