"""Jobs on a lake, run in this process as the daemon would run them, and what they leave."""

import gzip
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import dagster as dg
import pyarrow.parquet as pq

from pipelines.cli.import_history import QUIET
from pipelines.definitions import defs
from pipelines.listening.insights.runner import insights
from pipelines.resources.dagster_resources import LakeResource
from pipelines.resources.lake.lakes import Lake
from pipelines.settings import Settings

KILLABLE = """
import os, sys, warnings
warnings.simplefilter("ignore")
from pathlib import Path

import pipelines.definitions
from pipelines.cli.import_history import run_import
from pipelines.settings import Settings

print("ready", flush=True)
for line in sys.stdin:
    child = os.fork()
    if not child:
        os.environ["LAKE_URL"], path = line.split()
        run_import(Settings().listener("nico"), Path(path), lambda done, total: None)
        os._exit(0)
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
"""Imports, each in a process of its own that is there at once: a line is `LAKE_URL PATH`."""

FROM_PLAYLISTS_ALONE = {"playlist_history"}
"""Insights that follow from what was read of playlists, and from no play: no date concerns them."""

REBUILT = (
    *("polled", "plays", "covered", "gaps"),
    *("described_tracks", "cache_outcomes", "unique_tracks", "known_artists", "unique_artists"),
    *(
        "labelled_plays",
        "sessions",
        "context_evaluation",
        *(insights().keys() - FROM_PLAYLISTS_ALONE),
    ),
    *("all_snapshots_metrics", "top_lists", "report", "last_updated"),
)


GROWING = (
    *("polled", "gaps", "described_tracks", "top_lists", "known_artists"),
    *("all_snapshots_metrics", "cache_outcomes"),
)
"""What is brought up to date unless a run says that it is to start from nothing."""

FROM_NOTHING = {"ops": {name: {"config": {"full_refresh": True}} for name in GROWING}}


def today() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%d")


@dataclass
class Pipeline:
    """Jobs on a lake."""

    instance: dg.DagsterInstance
    lake: Lake

    def run(self, job: str, date: str | None = None, **options: Any) -> dg.ExecuteInProcessResult:
        return self._execute(
            defs().resolve_job_def(job), QUIET, partition_key=date or today(), **options
        )

    def read_playlists(self, **config: Any) -> dg.ExecuteInProcessResult:
        """The job that reads nico's playlists."""
        step = {"ops": {"playlist_tables": {"config": config}}}
        return self._execute(defs().resolve_job_def("playlists_nico"), step | QUIET)

    def run_import(self, path: Path | None = None) -> dg.ExecuteInProcessResult:
        """The import job: of a path, or of what lies in the inbox."""
        config = {"ops": {"streaming_history": {"config": {"path": str(path)}}}} if path else {}
        return self._execute(defs().resolve_job_def("import_nico"), QUIET | config)

    def rebuild(self) -> dg.ExecuteInProcessResult:
        """All that has no dates, from nothing, as after a backfill; without checks."""
        job = defs().resolve_implicit_global_asset_job_def()
        keys = {dg.AssetKey("views"), *(dg.AssetKey(["nico", name]) for name in REBUILT)}
        return self._execute(
            job.get_subset(asset_selection=keys, asset_check_selection=frozenset()),
            QUIET | FROM_NOTHING,
        )

    def _execute(
        self, job: dg.JobDefinition, config: Any, **options: Any
    ) -> dg.ExecuteInProcessResult:
        return job.execute_in_process(
            instance=self.instance, raise_on_error=False, run_config=config, **options
        )

    def drop(self, name: str, body: bytes) -> None:
        """Put a file into the listener's `imports/`."""
        self.lake.store.put(f"users/nico/imports/{name}", body)

    def bodies(self, prefix: str = "") -> dict[str, bytes]:
        """What lies below a folder of the listener's, by path."""
        keys = [entry.key for entry in self.lake.store.list(f"users/nico/{prefix}")]
        return {key.removeprefix("users/nico/"): bytes_at(self.lake, key) for key in keys}

    def table(self, path: str, listener: str = "nico") -> list[dict[str, Any]]:
        stored = self.lake.store.get(f"users/{listener}/{path}")
        assert stored is not None, path
        return pq.read_table(io.BytesIO(stored.body)).to_pylist()

    def document(self, path: str, listener: str = "nico") -> dict[str, Any]:
        stored = self.lake.store.get(f"users/{listener}/{path}")
        assert stored is not None, path
        return json.loads(stored.body)

    def plays(self) -> list[dict[str, Any]]:
        months = [e.key for e in self.lake.store.list("users/nico/plays/year=")]
        return [row for key in months for row in self.table(key.removeprefix("users/nico/"))]


@contextmanager
def unrecorded() -> Iterator[Callable[[], Pipeline]]:
    """Opens pipelines on the lake that the environment names; no run is kept: that is slow."""
    with ExitStack() as opened:
        yield lambda: Pipeline(
            opened.enter_context(dg.DagsterInstance.ephemeral()), Lake.open(Settings())
        )


def resource_of(lake: Lake) -> LakeResource:
    """What gives a run this lake, whatever the environment names."""

    class Given(LakeResource):
        def open(self) -> Lake:
            return lake

    return Given()


def dagster_home(folder: Path) -> Path:
    """A new `DAGSTER_HOME` in a folder, from which nothing is sent."""
    home = folder / "dagster-home"
    home.mkdir()
    (home / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    return home


def bytes_at(lake: Lake, key: str) -> bytes:
    """What lies under a key, which must be there."""
    stored = lake.store.get(key)
    assert stored is not None, key
    return stored.body


def failures(result: dg.ExecuteInProcessResult) -> list[str]:
    """What each failed step says, as a person reads it in the run."""
    told = []
    for event in result.all_events:
        if event.is_step_failure:
            data = event.step_failure_data
            said = data.user_failure_data
            told.append(said.description if said else data.error.to_string())
    return told


def outcomes(result: dg.ExecuteInProcessResult) -> list[dict[str, Any]]:
    """What an import's run tells of each export it took in."""
    return list(_told(result).get("exports", []))


def refused_files(result: dg.ExecuteInProcessResult) -> dict[str, str]:
    """The files that a run could not take in, with the reason."""
    return dict(_told(result).get("refused_files", {}))


def _told(result: dg.ExecuteInProcessResult) -> dict[str, Any]:
    [made] = result.asset_materializations_for_node("streaming_history")
    return made.metadata["outcome"].value if "outcome" in made.metadata else {}


def everything_in(folder: Path) -> dict[str, bytes]:
    """Every file's bytes by path, those that are compressed also as what they hold."""
    found = {}
    for path in (one for one in sorted(folder.rglob("*")) if one.is_file()):
        name = path.relative_to(folder).as_posix()
        body = found[name] = path.read_bytes()
        if name.endswith(".parquet"):
            rows = pq.read_table(io.BytesIO(body))
            found[f"{name} decoded"] = f"{rows.schema.metadata} {rows.to_pylist()}".encode()
        elif name.endswith(".gz"):
            found[f"{name} unpacked"] = gzip.decompress(body)
    return found


class Killable:
    """A process that imports in children, of which one knows the number in time to kill them."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", KILLABLE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._told() == "ready"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate(timeout=60)

    def run(self, lake: Path, export: Path, kill_after: float | None = None) -> int:
        """Import; the exit code, negative for a signal."""
        assert self._process.stdin is not None
        print(lake, export, file=self._process.stdin, flush=True)
        child = int(self._told())
        if kill_after is not None:
            time.sleep(kill_after)
            with suppress(ProcessLookupError):  # it was quicker
                os.kill(child, signal.SIGKILL)
        return int(self._told())

    def _told(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()
