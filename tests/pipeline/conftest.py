"""A sandbox, a lake and jobs that run in this process, as the daemon would run them."""

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest

from pipelines.definitions import defs
from pipelines.resources.lake import Lake
from pipelines.settings import Settings
from sandbox import Sandbox

sys.path.insert(0, str(Path(__file__).parent.parent))

QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


def today() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%d")


@dataclass
class Pipeline:
    """Jobs on a lake."""

    instance: dg.DagsterInstance
    lake: Lake

    def run(
        self, job: str, date: str | None = None, **options: object
    ) -> dg.ExecuteInProcessResult:
        return (
            defs()
            .resolve_job_def(job)
            .execute_in_process(
                partition_key=date or today(),
                instance=self.instance,
                raise_on_error=False,
                run_config=QUIET,
                **options,
            )
        )

    def table(self, path: str, listener: str = "nico") -> list[dict[str, object]]:
        import pyarrow.parquet as pq

        stored = self.lake.store.get(f"users/{listener}/{path}")
        assert stored is not None, path
        import io

        return pq.read_table(io.BytesIO(stored.body)).to_pylist()

    def document(self, path: str, listener: str = "nico") -> dict[str, object]:
        stored = self.lake.store.get(f"users/{listener}/{path}")
        assert stored is not None, path
        return json.loads(stored.body)

    def plays(self) -> list[dict[str, object]]:
        months = [e.key for e in self.lake.store.list("users/nico/plays/year=")]
        return [row for key in months for row in self.table(key.removeprefix("users/nico/"))]


def failures(result: dg.ExecuteInProcessResult) -> list[str]:
    """What each failed step says, as a person reads it in the run."""
    told = []
    for event in result.all_events:
        if event.is_step_failure:
            data = event.step_failure_data
            said = data.user_failure_data
            told.append(said.description if said else data.error.to_string())
    return told


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
            "SPOTIFY_CLIENT_ID": sandbox.client_id,
            "SPOTIFY_CLIENT_SECRET": sandbox.client_secret,
            "SPOTIFY_API_URL": sandbox.api_url,
            "SPOTIFY_ACCOUNTS_URL": sandbox.accounts_url,
            "SPOTIFY_REFRESH_TOKEN_NICO": sandbox.refresh_token("nico"),
            "REQUEST_INTERVAL_S": "0",
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
