"""kill -9 at any moment, then the same run again at once."""

import os
import random
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipelines.listening.api.responses import unpack
from sandbox import Sandbox, truth
from testing.pipeline import Pipeline, dagster_home, failures, today
from tests.support import run_job

pytestmark = pytest.mark.rare

ROUNDS = 3
SCRIPT = run_job.__file__


def start(*jobs: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, str(SCRIPT), today(), *jobs],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def tables(pipeline: Pipeline) -> dict[str, bytes]:
    keys = [entry.key for entry in pipeline.lake.store.list("users/")]
    derived = [key for key in keys if "/raw/" not in key and key.endswith(".parquet")]
    return {key: pipeline.lake.store.get(key).body for key in derived}


@pytest.mark.timeout(900)
def test_runs_killed_at_random_lose_and_double_nothing(
    pipeline: Pipeline,
    sandbox: Sandbox,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    home = dagster_home(tmp_path)
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    chance = random.Random(20261121)
    began = datetime.now(UTC)
    for number in range(ROUNDS):
        with start("poll_nico" if number % 2 else "daily_nico") as killed:
            time.sleep(chance.uniform(0.2, 2.5))
            os.killpg(killed.pid, signal.SIGKILL)
    with start("daily_nico") as again:
        assert again.wait(300) == 0

    for entry in pipeline.lake.store.list("users/nico/raw/"):
        unpack(pipeline.lake.store.get(entry.key).body, entry.key)
    assert list((tmp_path / "tokens").glob("*.json*"))
    plays = sorted((play["played_at"], play["track_id"]) for play in pipeline.plays())
    assert len(plays) == len(set(plays))
    lived = [
        (play.played_at, play.track.id)
        for play in truth("nico", began - timedelta(days=9), datetime.now(UTC))
        if not play.skipped
    ]
    shown = [play for play in lived if play[0] >= plays[0][0]]
    assert len(plays) >= 50
    assert plays == sorted(shown)[: len(plays)]

    after_kills = tables(pipeline)
    for folder in ("snapshots/", "polled/", "plays/", "aggregated/"):
        pipeline.lake.store.delete(f"users/nico/{folder}")
    assert failures(pipeline.run("daily_nico", tags={"dagster/backfill": "rebuild"})) == []
    assert tables(pipeline) == after_kills


@pytest.mark.timeout(600)
def test_the_next_run_does_not_wait_for_a_dead_one(
    pipeline: Pipeline,
    sandbox: Sandbox,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    home = tmp_path / "dagster-home"
    home.mkdir()
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    sandbox.faults.add("hang", "recently-played", seconds=600)
    with start("poll_nico") as killed:  # killed while it holds the machine's turn to send
        until = time.monotonic() + 240
        while not any("recently-played" in one.path for one in sandbox.requests):
            assert time.monotonic() < until
            time.sleep(0.05)
        os.killpg(killed.pid, signal.SIGKILL)
    began = time.monotonic()
    assert failures(pipeline.run("poll_nico")) == []
    assert time.monotonic() - began < 120
    assert len(pipeline.plays()) == 50
