"""Two processes at work on the same bucket: neither loses what the other wrote."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sandbox import Sandbox
from testing.pipeline import Pipeline, today
from testing.servers import S3Server
from tests.support import run_job
from tests.system.bucket.conftest import LakeIn, Undisturbed
from tests.system.bucket.lakes import everything

pytestmark = pytest.mark.rare

POLLS = 2


@contextmanager
def running(home: Path, *jobs: str) -> Iterator[subprocess.Popen[str]]:
    """A process, with Dagster's records of its own, that is about to run these jobs."""
    home.mkdir()
    (home / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    with subprocess.Popen(
        [sys.executable, run_job.__file__, today(), *jobs],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=os.environ | {"DAGSTER_HOME": str(home)},
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def shared(files: dict[str, bytes]) -> dict[str, bytes]:
    """What both processes write."""
    return {key: body for key, body in files.items() if "/plays/" in key or "/polled/" in key}


@pytest.mark.timeout(900)
def test_a_daily_run_and_polls_at_once_keep_every_answer_and_every_play_once(  # noqa: PLR0917 fixtures
    weed: S3Server,
    sandbox: Sandbox,
    lake_in: LakeIn,
    new_pipeline: Callable[[], Pipeline],
    undisturbed: Undisturbed,
    tmp_path: Path,
) -> None:
    lake_in(weed)
    pipeline = new_pipeline()
    sandbox.clock.fix(datetime.now(UTC))  # no play ends between two polls
    with (
        running(tmp_path / "one", "daily_nico") as daily,
        running(tmp_path / "other", *["poll_nico"] * POLLS) as polls,
    ):
        assert [daily.wait(), polls.wait()] == [0, 0]

    kept = Counter(path.split("/")[1] for path in pipeline.bodies("raw/"))
    assert kept["recently_played"] == 1 + POLLS
    plays = pipeline.plays()
    assert len(plays) == len({play["play_id"] for play in plays}) == 50
    assert shared(everything(pipeline.lake)) == shared(everything(undisturbed(pipeline.lake)))
