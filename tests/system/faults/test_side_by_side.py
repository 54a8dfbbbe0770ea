"""A poll in the middle of a daily run, in another process: every play once, and both succeed."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from pipelines.resources.lake.folder import Folder
from pipelines.resources.lake.lakes import Lake
from pipelines.settings import Settings
from sandbox import Sandbox, truth
from testing.pipeline import Pipeline, dagster_home, failures, today
from tests.support import run_job

pytestmark = pytest.mark.rare

SCRIPT = run_job.__file__
LEDGER = ("profile", "recently_played", "recent_tracks", "polled", "plays", "gaps")


@pytest.mark.timeout(900)
def test_polls_in_the_middle_of_a_daily_run_are_both_right(
    pipeline: Pipeline,
    sandbox: Sandbox,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whenever the daily run writes something, the other process has just polled, twice."""
    home = dagster_home(tmp_path)
    # An answer before: there is then something to conflict about. In twenty minutes nobody hears
    # fifty songs, so none is lost between.
    sandbox.clock.shift(-1200)
    assert failures(pipeline.run("poll_nico")) == []
    sandbox.clock.real()

    command = [sys.executable, str(SCRIPT), today(), *["poll_nico"] * 6]
    environment = {**os.environ, "DAGSTER_HOME": str(home)}
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as polls:
        try:
            assert polls.stdout is not None
            assert polls.stdout.readline() == "ready\n"
            keys = [dg.AssetKey(["nico", name]) for name in LEDGER]
            while polls.poll() is None:
                assert failures(pipeline.run("daily_nico", asset_selection=keys)) == []
            _, complaints = polls.communicate()
            assert polls.returncode == 0, complaints
        finally:
            polls.kill()

    assert failures(pipeline.run("poll_nico")) == []
    plays = sorted((play["played_at"], play["track_id"]) for play in pipeline.plays())
    lived = truth("nico", datetime.now(UTC) - timedelta(days=9), datetime.now(UTC))
    shown = [(play.played_at, play.track.id) for play in lived if not play.skipped]
    assert plays == [play for play in sorted(shown) if play[0] >= plays[0][0]][: len(plays)]
    assert len(plays) >= 50
    before = pipeline.bodies("plays/"), pipeline.bodies("aggregated/gaps")
    lake = Lake(Folder(Path(Settings().lake_url)))
    lake.store.delete("users/nico/polled/")
    assert failures(pipeline.rebuild()) == []
    assert (pipeline.bodies("plays/"), pipeline.bodies("aggregated/gaps")) == before
