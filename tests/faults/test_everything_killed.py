"""kill -9 for daemon, webserver and run, in the middle of a daily run; then they start again."""

import random
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import dagster as dg
import pytest
import yaml

from pipelines.resources.lake import Lake
from pipelines.settings import Settings
from sandbox import Sandbox, truth
from tests.faults.processes import ROOT, daemon, kill, until, webserver
from tests.pipeline.jobs import Pipeline, today

SLOTS = 4


@pytest.fixture
def home(tmp_path: Path, environment: None, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A `DAGSTER_HOME` as it is delivered, but that it looks more often."""
    settings = yaml.safe_load((ROOT / "dagster.yaml").read_text())
    assert settings["concurrency"]["runs"]["max_concurrent_runs"] == SLOTS
    settings["run_monitoring"]["poll_interval_seconds"] = 1
    path = tmp_path / "dagster-home"
    path.mkdir()
    (path / "dagster.yaml").write_text(yaml.safe_dump(settings))
    monkeypatch.setenv("DAGSTER_HOME", str(path))
    return path


def twins(instance: dg.DagsterInstance, run_id: str, number: int) -> list[str]:
    """Further runs that were under way with this one, for other listeners, and died with it."""
    run = instance.get_run_by_id(run_id)
    assert run is not None
    made = [run._replace(run_id=str(uuid4())) for _ in range(number)]
    return [instance.add_run(one).run_id for one in made]


@pytest.mark.timeout(240)
def test_after_a_power_cut_dead_runs_block_nothing_and_the_next_run_is_right(
    home: Path, sandbox: Sandbox
) -> None:
    chance = random.Random()
    with dg.DagsterInstance.get() as instance, ExitStack() as first:
        serving, server = first.enter_context(webserver(home))
        running = first.enter_context(daemon(home))
        killed = server.launch("daily_nico", today())
        kill(serving)
        until(lambda: sandbox.requests)
        time.sleep(delay := chance.uniform(0, 6))
        kill(running)
        dead = instance.get_run_by_id(killed)
        assert dead is not None
        assert not dead.is_finished, f"it was done after {delay} s"
        dead_ones = [killed, *twins(instance, killed, SLOTS - 1)]

        with webserver(home) as (_, server), daemon(home):
            following = server.launch("daily_nico", today())
            until(lambda: instance.get_run_by_id(following).is_finished, seconds=120)  # type: ignore[union-attr]

        runs = [instance.get_run_by_id(one) for one in dead_ones]
        assert [run and run.status for run in runs] == [dg.DagsterRunStatus.FAILURE] * SLOTS
        done = instance.get_run_by_id(following)
        assert done is not None
        assert done.status == dg.DagsterRunStatus.SUCCESS, f"killed after {delay} s"
        lake = Lake.open(Settings())
        plays = Pipeline(instance, lake).plays()
    lived = [
        play.played_at
        for play in truth("nico", datetime.now(UTC) - timedelta(days=9), datetime.now(UTC))
        if not play.skipped
    ]
    shown = [at for at in lived if at >= min(play["played_at"] for play in plays)]
    assert sorted(play["played_at"] for play in plays) == shown[: len(plays)]
    assert len(plays) >= 50
