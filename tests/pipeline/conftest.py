"""A sandbox, a lake and jobs that run in this process, as the daemon would run them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import dagster as dg
import pytest

from pipelines.resources.lake.lakes import Lake
from pipelines.settings import Settings
from sandbox import Sandbox
from tests.pipeline.jobs import Pipeline
from tests.servers import S3Server, seaweedfs


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox("nico") as running:
        yield running


@pytest.fixture
def point_at(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[Sandbox], None]:
    """Set the environment so that the pipeline keeps its things here and asks a sandbox."""

    def point(sandbox: Sandbox) -> None:
        listeners = tmp_path / "listeners.toml"
        listeners.write_text('[nico]\ntimezone = "Europe/Berlin"\n')
        for name, value in {
            "LAKE_URL": str(tmp_path / "lake"),
            "TOKENS_DIR": str(tmp_path / "tokens"),
            "LISTENERS_FILE": str(listeners),
            **sandbox.environment("nico"),
        }.items():
            monkeypatch.setenv(name, value)

    return point


@pytest.fixture
def new_pipeline(tmp_path: Path) -> Iterator[Callable[[], Pipeline]]:
    """Opens the pipeline on the lake that the environment names."""
    instances = []

    def opened() -> Pipeline:
        home = tmp_path / f"dagster-{len(instances)}"
        home.mkdir()
        settings = {"telemetry": {"enabled": False}}
        instances.append(dg.DagsterInstance.local_temp(str(home), overrides=settings))
        return Pipeline(instances[-1], Lake.open(Settings()))

    yield opened
    for instance in instances:
        instance.dispose()


@pytest.fixture
def pipeline(
    sandbox: Sandbox,
    point_at: Callable[[Sandbox], None],
    new_pipeline: Callable[[], Pipeline],
) -> Pipeline:
    """The pipeline on an empty folder, with a sandbox to ask."""
    point_at(sandbox)
    return new_pipeline()


@pytest.fixture
def bucket(
    tmp_path: Path,
    sandbox: Sandbox,
    point_at: Callable[[Sandbox], None],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[S3Server]:
    """A server's bucket, which the environment names as the lake."""
    point_at(sandbox)
    (tmp_path / "s3").mkdir()
    with seaweedfs(tmp_path / "s3") as server:
        for name, value in server.environment().items():
            monkeypatch.setenv(name, value)
        yield server
