"""What docs/operations.md tells an operator to do: it is done here, by its own commands."""

import os
import re
import runpy
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import time_machine
from click.testing import CliRunner

from pipelines.cli.main import main
from pipelines.resources.lake.folder import Folder
from sandbox import Sandbox
from testing.pipeline import Pipeline, everything_in, failures
from testing.servers import seaweedfs
from tests.support.environment import Environment
from tests.system.deploy.deployment import ROOT, SERVICES

pytestmark = [pytest.mark.rare, pytest.mark.waits]

PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
CHAPTERS = {one.partition("\n")[0]: one for one in re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]}
FIRST_POLL = datetime(2026, 10, 2, 18, tzinfo=UTC)
"""An evening with music in each of its next three hours."""


def blocks(language: str, chapter: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", CHAPTERS[chapter], flags=re.DOTALL)


def follow(block: str, folder: Path) -> None:
    """Do what a block says, as an operator whose files are in this folder."""
    environment = {**os.environ, "PLAYLEDGER": str(folder)}
    done = subprocess.run(
        ["bash", "-euc", block],
        cwd=folder.parent,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture
def home(
    tmp_path: Path,
    sandbox: Sandbox,
    environment: Environment,
) -> Path:
    """The one folder in which an installation keeps everything."""
    home = tmp_path / "playledger"
    home.mkdir()
    shutil.move(tmp_path / "listeners.toml", home)
    environment.set(
        LISTENERS_FILE=str(home / "listeners.toml"),
        LAKE_URL=str(home / "lake"),
        TOKENS_DIR=str(home / "tokens"),
    )
    shutil.copy(ROOT / "dagster.yaml", tmp_path)  # as in the program's own folder
    return home


def poll(pipeline: Pipeline, sandbox: Sandbox, hour: int) -> None:
    at = FIRST_POLL + timedelta(hours=hour)
    sandbox.clock.fix(at)
    with time_machine.travel(at):
        assert failures(pipeline.run("poll_nico")) == []


def plays(pipeline: Pipeline) -> list[dict[str, Any]]:
    return sorted(pipeline.plays(), key=lambda row: row["played_at"])


def test_a_lake_restored_from_a_backup_of_the_middle_of_a_run_ends_like_an_undisturbed_one(
    home: Path,
    sandbox: Sandbox,
    new_pipeline: Callable[[], Pipeline],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    backup = blocks("sh", "Back up")[0]
    genuine = Folder.put_if_match
    backed_up_at: list[str] = []

    def put(store: Folder, key: str, body: bytes, etag: str | None) -> str:
        if "/plays/year=" in key and not backed_up_at:
            backed_up_at.append(key)  # its answer is kept already, the ledger not yet written
            follow(backup, home)
        return genuine(store, key, body, etag)

    pipeline = new_pipeline()
    poll(pipeline, sandbox, 0)
    monkeypatch.setattr(Folder, "put_if_match", put)
    for hour in (1, 2, 3):
        poll(pipeline, sandbox, hour)
    undisturbed = plays(pipeline)
    assert backed_up_at
    assert len(undisturbed) > 50

    shutil.rmtree(home)
    follow(blocks("sh", "Restore")[0], home)
    assert (home / "dagster" / "dagster.yaml").exists()
    restored = new_pipeline()
    assert 50 <= len(plays(restored)) < len(undisturbed)
    poll(restored, sandbox, 3)
    assert plays(restored) == undisturbed


def test_a_lake_moves_to_a_bucket_with_all_its_plays_and_its_views_follow(
    home: Path,
    sandbox: Sandbox,
    new_pipeline: Callable[[], Pipeline],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    pipeline = new_pipeline()
    assert failures(pipeline.run("daily_nico")) == []
    stored = everything_in(home / "lake")
    assert {name for name, body in stored.items() if str(home).encode() in body} == {"views.sql"}

    (code,) = blocks("python", "Move to another bucket")
    script, data = home.parent / "copy.py", home.parent / "s3"
    data.mkdir()
    with seaweedfs(data) as server:
        new = server.environment("moved")
        script.write_text(re.sub(r"(?m)^new = .*$", f"new = {new!r}", code), encoding="utf-8")
        runpy.run_path(str(script))
        counted = re.search(r"(\d+) of (\d+) files", capsys.readouterr().out)
        assert counted
        assert counted[1] == counted[2]
        for name, value in new.items():
            monkeypatch.setenv(name, value)
        shutil.rmtree(home / "lake")
        moved = new_pipeline()
        before = plays(moved)
        assert len(before) == 50
        keys = [dg.AssetKey(["nico", name]) for name in ("polled", "plays", "gaps", "last_updated")]
        keys.append(dg.AssetKey("views"))
        assert failures(moved.run("daily_nico", asset_selection=keys)) == []
        assert plays(moved) == before
        views = moved.lake.store.get("views.sql").body.decode()
    assert f"s3://{server.bucket}/moved/users" in views
    assert str(home) not in views


def test_every_command_of_the_page_exists() -> None:
    for name in set(re.findall(r"playledger (login|status|import|forget)\b", PAGE)):
        assert CliRunner().invoke(main, [name, "--help"]).exit_code == 0, name
    for path in set(re.findall(r"(?:cp |-f |\.\./)(deploy/[\w./*]+\w)", PAGE)):
        assert list(ROOT.glob(path)), path
    used = set(re.findall(r"docker compose (?:exec|restart|run --rm)(?: -\S+)* (\w+) ", PAGE))
    assert used <= set(SERVICES)
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    assert set(re.findall(r"`make ([a-z-]+)`", PAGE)) <= targets


def test_the_charts_version_is_that_of_the_dagster_that_is_installed() -> None:
    (told,) = re.findall(r"--version (\S+)", PAGE)
    locked = (ROOT / "requirements" / "deploy.txt").read_text()
    assert f"\ndagster=={told} " in f"\n{locked}"
