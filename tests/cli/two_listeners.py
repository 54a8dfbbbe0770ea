"""Two listeners whose names begin alike, who left traces wherever anything is kept.

Both have polled, one has imported an export and was named in a backfill, both were rebuilt by one
run, and ticks of theirs are written down as the daemon does. It is made once, and copied for each
test.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType

import dagster as dg
import pytest
from dagster._core.definitions.run_request import InstigatorType
from dagster._core.execution.backfill import BulkActionStatus, PartitionBackfill
from dagster._core.remote_origin import InProcessCodeLocationOrigin, RemoteRepositoryOrigin
from dagster._core.scheduler.instigation import (
    InstigatorState,
    InstigatorStatus,
    SensorInstigatorData,
    TickData,
    TickStatus,
)
from dagster._core.storage.schedules.schema import AssetDaemonAssetEvaluationsTable
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin

from pipelines.cli.import_history import QUIET
from pipelines.definitions import defs
from sandbox import Sandbox
from sandbox.exports import write_export
from testing.pipeline import today
from tests.support.environment import Environment

GONE, STAYS = "marlene", "marlene_2"


@dataclass(frozen=True)
class World:
    """Where everything is kept."""

    folder: Path

    @property
    def home(self) -> Path:
        return self.folder / "dagster"

    def name_in(self, patch: pytest.MonkeyPatch, *listeners: str) -> Environment:
        """Set an environment of these listeners with its things here."""
        environment = Environment(self.folder, patch)
        environment.listeners(*listeners)
        environment.set(DAGSTER_HOME=str(self.home))
        return environment

    @contextmanager
    def instance(self) -> Iterator[dg.DagsterInstance]:
        with dg.DagsterInstance.from_config(str(self.home)) as instance:
            yield instance


def make(
    world: World, variables: Mapping[str, str] = MappingProxyType({}), **settings: object
) -> World:
    """Let both live, with these variables and settings of Dagster's."""
    world.home.mkdir(parents=True)
    told = json.dumps({"telemetry": {"enabled": False}} | settings)  # JSON is YAML
    (world.home / "dagster.yaml").write_text(told)
    export = world.folder.parent / "export.zip"
    end = datetime.now(UTC) - timedelta(days=3)
    write_export(export, GONE, end - timedelta(days=20), end)
    with Sandbox(GONE, STAYS) as sandbox, pytest.MonkeyPatch.context() as patch:
        environment = world.name_in(patch, GONE, STAYS)
        environment.ask(sandbox, GONE, STAYS)
        environment.set(**variables)
        with world.instance() as instance:
            live(instance, export)
    return world


def live(instance: dg.DagsterInstance, export: Path) -> None:
    """Leave traces of both."""
    definitions = defs()

    def run(job: dg.JobDefinition, **options: object) -> None:
        config = QUIET | options.pop("config", {})  # type: ignore[operator]
        result = job.execute_in_process(instance=instance, run_config=config, **options)  # type: ignore[arg-type]
        assert result.success

    imports = {"ops": {"streaming_history": {"config": {"path": str(export)}}}}
    for name in (GONE, STAYS):
        run(definitions.resolve_job_def(f"poll_{name}"), partition_key=today())
    imported = {dg.AssetKey([GONE, name]) for name in ("streaming_history", "plays")}
    run(some_of(definitions.resolve_job_def(f"import_{GONE}"), imported), config=imports)
    run(definitions.resolve_job_def(f"rebuild_{GONE}"))  # its config wants all of it
    # With `views`, which is downstream of both: nobody's run may keep the other's name.
    run(definitions.resolve_job_def(f"rebuild_{STAYS}"))
    every = definitions.resolve_implicit_global_asset_job_def()
    for names in ((GONE, STAYS), (STAYS,)):
        run(some_of(every, {dg.AssetKey([name, "plays"]) for name in names}))
    for name in (GONE, STAYS):
        daemon_traces(instance, name)
    beaten = SensorInstigatorData(cursor=f'{{"{GONE}":"a-run","{STAYS}":"another"}}')
    remember(instance, "heartbeat", beaten)
    remember(instance, "alerts", SensorInstigatorData(cursor=f'{{"{STAYS} login":"ends soon"}}'))
    for run_ in instance.get_runs():  # where what a step says ends up
        logs = Path(instance.storage_directory(), run_.run_id, "compute_logs")
        logs.mkdir(parents=True, exist_ok=True)
        (logs / "step.err").write_text(f"{run_.job_name} {run_.asset_selection}")


def some_of(job: dg.JobDefinition, keys: set[dg.AssetKey]) -> dg.JobDefinition:
    """A job of these assets alone, without their checks."""
    return job.get_subset(asset_selection=keys, asset_check_selection=frozenset())


def remember(instance: dg.DagsterInstance, sensor: str, data: SensorInstigatorData) -> None:
    """What is kept of a sensor from one tick to the next."""
    location = InProcessCodeLocationOrigin(LoadableTargetOrigin(module_name="pipelines"))
    origin = RemoteRepositoryOrigin(location, "repository").get_instigator_origin(sensor)
    running = InstigatorStatus.RUNNING
    instance.add_instigator_state(InstigatorState(origin, InstigatorType.SENSOR, running, data))


def tick(instance: dg.DagsterInstance, name: str, at: datetime) -> None:
    """What the daemon writes down when it looks after a listener's sensor."""
    sensor = f"rebuild_{name}_sensor"
    told = {"selector_id": name, "skip_reason": f"{name} has not logged in yet"}
    at_ = at.timestamp()
    instance.create_tick(
        TickData(name, sensor, InstigatorType.SENSOR, TickStatus.SKIPPED, at_, **told)
    )


def daemon_traces(instance: dg.DagsterInstance, name: str) -> None:
    """What the daemon writes down about a listener's sensor, automation and backfill."""
    an_hour_ago = datetime.now(UTC) - timedelta(hours=1)
    tick(instance, name, an_hour_ago)
    remember(instance, f"rebuild_{name}", SensorInstigatorData())  # of an older version's sensor
    remember(instance, f"rebuild_{name}_sensor", SensorInstigatorData(cursor='{"seen":"a-run"}'))
    instance.add_backfill(
        PartitionBackfill(
            f"back_{len(name)}",
            BulkActionStatus.COMPLETED_SUCCESS,
            from_failure=False,
            tags={"who": name},
            backfill_timestamp=an_hour_ago.timestamp(),
            asset_selection=[dg.AssetKey([name, "profile"])],
        )
    )
    with instance.schedule_storage.connect() as connection:  # type: ignore[union-attr]
        told = {"evaluation_id": 1, "asset_evaluation_body": f"{name} was looked at"}
        key = dg.AssetKey([name, "plays"]).to_string()
        connection.execute(AssetDaemonAssetEvaluationsTable.insert().values(asset_key=key, **told))
