"""No space left, in the lake or beside the tokens, before or in the middle of a run."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest

from pipelines.automation.schedules import daily_schedule
from pipelines.listening.api.responses import unpack
from pipelines.resources.lake.lakes import Lake
from pipelines.settings import Settings
from sandbox import Sandbox
from testing.pipeline import Pipeline, dagster_home, failures, today
from tests.support import run_job
from tests.support.environment import Environment
from tests.support.ticks import tick

SCRIPT = run_job.__file__

pytestmark = [
    pytest.mark.rare,
    pytest.mark.skipif(os.geteuid() != 0, reason="mounting a file system needs root"),
]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 4 MB."""
    where = tmp_path / "disk"
    where.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(where)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("nothing can be mounted here")
    try:
        yield where
    finally:
        subprocess.run(["umount", where], check=True)


@contextmanager
def filled(disk: Path, *, but_for: int = 0) -> Iterator[None]:
    """The disk full, but for some bytes."""
    free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_bsize
    other = disk / "other"
    other.write_bytes(b"x" * (free - but_for))
    yield
    other.unlink()


@pytest.fixture
def on_disk(
    disk: Path,
    environment: Environment,
    instance: dg.DagsterInstance,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[str], Pipeline]:
    """The pipeline with what a variable names on the small disk."""

    def opened(variable: str) -> Pipeline:
        monkeypatch.setenv(variable, str(disk / "folder"))
        return Pipeline(instance, Lake.open(Settings()))

    return opened


def ledger(pipeline: Pipeline) -> list[str]:
    """The daily run as far as the ledger; what each failed step said."""
    names = ("profile", "recently_played", "recent_tracks", "polled", "plays", "gaps")
    keys = [dg.AssetKey(["nico", name]) for name in names]
    return failures(pipeline.run("daily_nico", asset_selection=keys))


def drafts(disk: Path) -> list[Path]:
    return [path for path in disk.rglob("*") if path.is_file() and path.parent.name == ".tmp"]


@pytest.mark.parametrize("variable", ["LAKE_URL", "TOKENS_DIR"])
@pytest.mark.parametrize("job", ["poll", "daily"])
def test_on_a_full_disk_nothing_is_asked_and_it_goes_on_by_itself(
    variable: str,
    job: str,
    disk: Path,
    on_disk: Callable[[str], Pipeline],
    sandbox: Sandbox,
) -> None:
    pipeline = on_disk(variable)
    run = {"poll": lambda: failures(pipeline.run("poll_nico")), "daily": lambda: ledger(pipeline)}
    with filled(disk):
        told = run[job]()
        assert told
        assert {line.rpartition("; ")[2].rpartition(": ")[2] for line in told} == {
            "free some space there"
        }
        assert all(str(disk) in line and "\n" not in line for line in told)
        assert sandbox.requests == [], "no answer could have been kept"
        assert drafts(disk) == []
        assert isinstance(tick(daily_schedule, pipeline.instance, "daily_nico"), dg.RunRequest)
    assert run[job]() == []
    assert len(pipeline.plays()) == 50


@pytest.mark.parametrize("room", [8_192, 24_576, 49_152, 98_304])
def test_a_disk_that_fills_up_in_the_middle_leaves_nothing_by_half(
    room: int, disk: Path, on_disk: Callable[[str], Pipeline], sandbox: Sandbox
) -> None:
    pipeline = on_disk("LAKE_URL")
    sandbox.clock.fix(datetime.now(UTC))  # no play ends between two polls
    with filled(disk, but_for=room):
        told = ledger(pipeline)
        assert all("free some space there" in line and "\n" not in line for line in told)
        assert drafts(disk) == []
        for path, body in pipeline.bodies("raw/").items():
            unpack(body, path)
    kept = pipeline.bodies("raw/")
    assert ledger(pipeline) == []
    assert kept.items() <= pipeline.bodies("raw/").items()
    assert len(pipeline.plays()) == 50
    again = pipeline.bodies("plays/")
    pipeline.lake.store.delete("users/nico/plays/")
    assert failures(pipeline.run("poll_nico", today())) == []
    assert pipeline.bodies("plays/") == again


def test_where_dagster_cannot_keep_its_records_nothing_is_asked_and_the_next_run_is_right(
    disk: Path, environment: Environment, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = dagster_home(disk)
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    command = [sys.executable, str(SCRIPT), today(), "poll_nico"]
    with filled(disk):
        ended = subprocess.run(command, capture_output=True, text=True)
        assert ended.returncode != 0
        assert "full" in ended.stderr or "No space left" in ended.stderr
        assert sandbox.requests == []
    assert subprocess.run(command, capture_output=True).returncode == 0
    assert list(Lake.open(Settings()).store.list("users/nico/plays/year="))
