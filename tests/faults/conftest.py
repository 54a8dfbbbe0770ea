"""The pipeline on a folder with a sandbox to ask, as in `tests/pipeline`; one life for all."""

from collections.abc import Callable, Iterator
from pathlib import Path

import dagster as dg
import pytest

from pipelines.resources.lake.lakes import Lake
from pipelines.settings import Settings
from sandbox import Sandbox
from tests.pipeline.jobs import Pipeline


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox("nico", "mira") as running:
        yield running


@pytest.fixture
def listeners(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Say who the listeners are."""

    def are(*names: str) -> None:
        path = tmp_path / "listeners.toml"
        path.write_text("".join(f'[{name}]\ntimezone = "Europe/Berlin"\n' for name in names))
        monkeypatch.setenv("LISTENERS_FILE", str(path))

    return are


@pytest.fixture
def environment(
    tmp_path: Path,
    sandbox: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
    listeners: Callable[..., None],
) -> None:
    """The environment points at the sandbox and keeps everything in the test's own folder."""
    listeners("nico")
    for name, value in {
        "LAKE_URL": str(tmp_path / "lake"),
        "TOKENS_DIR": str(tmp_path / "tokens"),
        **sandbox.environment("nico", "mira"),
    }.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as opened:
        yield opened


@pytest.fixture
def pipeline(environment: None, instance: dg.DagsterInstance) -> Pipeline:
    """The pipeline on an empty folder, whose runs are forgotten with the test."""
    return Pipeline(instance, Lake.open(Settings()))
