"""Dagster as an operator runs it: its webserver and its daemon, over a lake that a sandbox filled.

Add what has to run or to lie in the lake before a browser is opened. What a person does in the UI
belongs in `operator.py`.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.execution.backfill import BULK_ACTION_TERMINAL_STATUSES
from dagster._core.scheduler.instigation import TickStatus

from pipelines.resources.lake.lakes import Lake
from pipelines.run_context import BACKFILL_TAG
from pipelines.settings import Settings
from sandbox import Sandbox
from testing.pipeline import Pipeline, failures, today
from tests.support.dagster_processes import ROOT, daemon, until, webserver
from tests.support.environment import Environment

COLLECTED = ("recently_played", "top_items", "profile")
"""What snapshots are derived from."""


@dataclass(frozen=True)
class Deployed:
    """A listener's lake, where their Dagster is, and the Spotify that it would ask.

    Attributes:
        last: the last date that was collected: the day on which the lake was filled.
    """

    url: str
    lake: Lake
    sandbox: Sandbox
    instance: dg.DagsterInstance
    last: date

    def day(self, back: int) -> str:
        """The date so many days before the last; 1 to 3 look collected, those before do not."""
        return str(self.last - timedelta(days=back))

    def ended(self, backfill: str) -> list[bool]:
        """Wait until a backfill is over; of each of its runs whether it succeeded."""

        def is_over() -> bool:
            found = self.instance.get_backfill(backfill)
            return found is not None and found.status in BULK_ACTION_TERMINAL_STATUSES

        until(is_over, f"the end of backfill {backfill}")
        runs = self.instance.get_runs(dg.RunsFilter(tags={BACKFILL_TAG: backfill}))
        return [run.is_success for run in runs]

    def wait_for_run_of(self, sensor: str) -> None:
        """Wait until a run that a sensor requested is over."""
        over = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE]
        wanted = dg.RunsFilter(tags={"dagster/sensor_name": sensor}, statuses=over)
        until(lambda: self.instance.get_runs_count(wanted), f"a run of {sensor}")

    def made_by(self, job: str) -> set[str]:
        """The assets that a job's only run has materialized, without the listener's name."""
        [run] = self.instance.get_runs(dg.RunsFilter(job_name=job))
        made = self.instance.all_logs(run.run_id, dg.DagsterEventType.ASSET_MATERIALIZATION)
        return {entry.dagster_event.asset_key.path[-1] for entry in made}

    def wait_for_tick(self, sensor: str) -> None:
        """Wait until a sensor has looked once more, and has come to an end."""
        now = time.time()

        def looked() -> bool:
            (state,) = (one for one in self.instance.all_instigator_state() if one.name == sensor)
            ids = (state.instigator_origin_id, state.selector_id)
            ticks = self.instance.get_ticks(*ids, after=now)
            return any(tick.status != TickStatus.STARTED for tick in ticks)

        until(looked, f"a tick of {sensor}")


@contextmanager
def deployed(folder: Path) -> Iterator[Deployed]:
    """Everything running; ready when daemon and UI are, and no schedule starts a run."""
    with Sandbox("nico") as sandbox:
        with pytest.MonkeyPatch.context() as patch:
            _environment(folder, patch, sandbox)
            lake, last = _filled()
            given = dict(os.environ)
        sandbox.requests.clear()
        with webserver(folder, given) as (_, server):
            # Without polls, whatever asks Spotify and whatever is rebuilt comes of the test.
            server.stop_schedules()
            with (
                daemon(folder, given),
                dg.DagsterInstance.from_config(given["DAGSTER_HOME"]) as instance,
            ):
                until(lambda: "BACKFILL" in instance.get_daemon_heartbeats(), "dagster-daemon")
                yield Deployed(server.url, lake, sandbox, instance, last)


def _environment(folder: Path, patch: pytest.MonkeyPatch, sandbox: Sandbox) -> None:
    """That of an operator who keeps everything in one folder."""
    environment = Environment(folder, patch)
    environment.ask(sandbox, "nico")
    environment.set(PYTHONWARNINGS="ignore")
    home = environment.dagster_home((ROOT / "dagster.yaml").read_text())
    (home / ".nux").mkdir()
    # Or else the UI asks for a mail address first.
    (home / ".nux" / "nux.yaml").write_text("seen: 1\n")


def _filled() -> tuple[Lake, date]:
    """A lake in which one date was collected, and the three before as if they had been."""
    lake, day = Lake.open(Settings()), today()
    with dg.DagsterInstance.get() as instance:
        assert failures(Pipeline(instance, lake).run("daily_nico", day)) == []
        last = date.fromisoformat(day)
        earlier = [str(last - timedelta(days=back)) for back in (1, 2, 3)]
        for asset, other in product(COLLECTED, earlier):
            collected = dg.AssetMaterialization(["nico", asset], partition=other)
            instance.report_runless_asset_event(collected)
    for entry in list(lake.store.list("users/nico/raw/")):
        body = lake.store.get(entry.key).body
        for other in earlier:
            lake.store.put(entry.key.replace(f"date={day}", f"date={other}"), body)
    return lake, last
