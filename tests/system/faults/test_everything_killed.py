"""kill -9 for daemon, webserver and run, in the middle of a daily run; then they start again.

Whether a run lives is looked at each second: whoever is dead is to be found, and nobody else.
KILL_SEEDS chooses other moments.
"""

import os
import random
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import dagster as dg
import pytest
import yaml

from pipelines.resources.lake.lakes import Lake
from pipelines.settings import Settings
from sandbox import Sandbox, truth
from testing.pipeline import Pipeline, today
from tests.support.dagster_processes import ROOT, daemon, kill, until, webserver
from tests.support.environment import Environment

pytestmark = pytest.mark.rare

SLOTS = 4
SEEDS = [int(seed) for seed in os.environ.get("KILL_SEEDS", "1").split()]
REQUESTS = 39
"""How many a daily run sends; after the last of them it is at work for seconds still."""


@pytest.fixture
def home(tmp_path: Path, environment: Environment, monkeypatch: pytest.MonkeyPatch) -> Path:
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


@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", SEEDS)
def test_after_a_power_cut_dead_runs_block_nothing_and_the_next_run_is_right(
    seed: int, home: Path, sandbox: Sandbox
) -> None:
    number = random.Random(seed).randint(1, REQUESTS)
    with dg.DagsterInstance.get() as instance, ExitStack() as first:
        serving, server = first.enter_context(webserver(home))
        server.stop_schedules()  # a poll that is due would take one of the slots
        running = first.enter_context(daemon(home))
        killed = server.launch("daily_nico", today())
        kill(serving)
        until(lambda: len(sandbox.requests) >= number, f"request {number}", every=0.01)
        kill(running)
        assert not instance.get_run_by_id(killed).is_finished  # type: ignore[union-attr]
        dead = [killed, *twins(instance, killed, SLOTS - 1)]

        with webserver(home) as (_, server), daemon(home):
            following = server.launch("daily_nico", today())
            until(lambda: instance.get_run_by_id(following).is_finished, "the next run")  # type: ignore[union-attr]

        runs = [instance.get_run_by_id(one) for one in [*dead, following]]
        ended = [dg.DagsterRunStatus.FAILURE] * SLOTS + [dg.DagsterRunStatus.SUCCESS]
        assert [run and run.status for run in runs] == ended, f"killed at request {number}"
        log = (home / "daemon.log").read_text()
        since = log[log.index(f"daily_nico - {following}") :]
        assert since.count(f"Checking run {following}") > 1, "while it lived, too"
        plays = Pipeline(instance, Lake.open(Settings())).plays()
    lived = [
        play.played_at
        for play in truth("nico", datetime.now(UTC) - timedelta(days=9), datetime.now(UTC))
        if not play.skipped
    ]
    shown = [at for at in lived if at >= min(play["played_at"] for play in plays)]
    assert sorted(play["played_at"] for play in plays) == shown[: len(plays)]
    assert len(plays) >= 50
