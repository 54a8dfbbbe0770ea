"""The one place where everything is put together: listeners times assets, jobs, schedules, sensors.

It loads without credentials and without a lake. Add nothing here that computes; new modules in
`assets/` and `checks/` are found by themselves.
"""

import logging
from collections.abc import Sequence
from typing import Any

import dagster as dg

from pipelines import assets, checks, run_context
from pipelines.automation.rebuild_sensor import Family, rebuild_sensor
from pipelines.automation.schedules import daily_schedule, import_sensor, poll_schedule
from pipelines.ingest.privacy_export import Progress, silent
from pipelines.ops import logs
from pipelines.ops.sensors import watching_sensors
from pipelines.resources.dagster_resources import lake, spotify
from pipelines.settings import Listener, Settings

POLLED = ("recently_played", "recent_tracks", "snapshot_metrics", "polled", "plays", "gaps")

DAILY_TAGS = {"dagster/max_runtime": "7200"}
IMPORT_TAGS = {"dagster/max_runtime": "7200", run_context.IMPORT_TAG: "true"}
POLL_TAGS = {"dagster/max_runtime": "600", run_context.POLL_TAG: "true"}
REBUILD_TAGS = {"dagster/max_runtime": "7200"}

log = logging.getLogger("playledger")

FULL_REFRESH_ASSETS = ("polled", "gaps", "top_lists", "known_artists", "all_snapshots_metrics")
"""What grows date by date, and is made from nothing by a rebuild."""


def definitions_of(listener: Listener) -> dg.Definitions:
    """Everything that is one listener's own, under their name."""
    loaded = dg.load_assets_from_package_module(assets, key_prefix=listener.name)
    loaded = _as_one_of_many(loaded)  # type: ignore[arg-type]
    checked = dg.load_asset_checks_from_package_module(checks, asset_key_prefix=listener.name)
    daily = dg.define_asset_job(
        f"daily_{listener.name}",
        selection=dg.AssetSelection.key_prefixes(listener.name),
        tags=DAILY_TAGS,
        description="A date's answers, its snapshot, the ledger and all that follows.",
    )
    poll = dg.define_asset_job(
        f"poll_{listener.name}",
        selection=dg.AssetSelection.assets(
            *([listener.name, name] for name in POLLED)
        ).without_checks(),
        tags=POLL_TAGS,
        description="The newest plays, into the ledger.",
    )
    imported = dg.define_asset_job(
        f"import_{listener.name}",
        selection=dg.AssetSelection.assets([listener.name, "streaming_history"])
        .downstream()
        .without_checks(),
        tags=IMPORT_TAGS,
        description="Privacy exports, into the ledger and all that follows.",
    )
    family = _family(listener.name, loaded)
    rebuild = dg.define_asset_job(
        family.rebuild_job,
        selection=dg.AssetSelection.assets(*([listener.name, one] for one in family.following)),
        tags=REBUILD_TAGS,
        description="The ledger and all that follows it, from nothing, as after a backfill.",
    )
    return dg.Definitions(
        assets=loaded,
        asset_checks=checked,
        jobs=[daily, poll, imported, rebuild],
        schedules=[daily_schedule(listener, daily.name), poll_schedule(listener, poll.name)],
        sensors=[rebuild_sensor(family), import_sensor(listener, imported.name)],
    )


def rebuild_config(listener: str) -> dict[str, Any]:
    """The run config with which what grows date by date is made from nothing."""
    refreshed = {"config": {"full_refresh": True}}
    return {"ops": {f"{listener}__{name}": refreshed for name in FULL_REFRESH_ASSETS}}


def _family(listener: str, loaded: Sequence[dg.AssetsDefinition]) -> Family:
    """What of a listener's assets is cut by date, and what is made of that."""
    specs = [spec for asset in loaded for spec in asset.specs]
    dated = {spec.key for spec in specs if spec.partitions_def}
    made = dg.AssetSelection.assets(*dated).downstream(include_self=False).resolve(loaded)
    return Family(
        listener,
        frozenset(key.path[-1] for key in dated),
        frozenset(key.path[-1] for key in made - dated),
    )


def _as_one_of_many(loaded: Sequence[dg.AssetsDefinition]) -> Sequence[dg.AssetsDefinition]:
    """Group a listener's assets below their name."""

    def change(spec: dg.AssetSpec) -> dg.AssetSpec:
        return spec.replace_attributes(group_name=f"{spec.key.path[0]}/{spec.group_name}")

    return dg.map_asset_specs(change, loaded)


def definitions(listeners: Sequence[Listener], *, progress: Progress = silent) -> dg.Definitions:
    """The definitions for these listeners.

    The executor is in-process for every run, whoever starts it: a process per step would cost
    a second a step.

    Args:
        listeners: whose.
        progress: told how far the reading of an export has come.
    """
    return dg.Definitions.merge(
        dg.Definitions(
            resources={"lake": lake, "spotify": spotify, "progress": progress},
            executor=dg.in_process_executor,
            sensors=watching_sensors(),
        ),
        *(definitions_of(listener) for listener in listeners),
    )


@dg.definitions
def defs() -> dg.Definitions:
    """What `workspace.yaml` loads."""
    settings = Settings()
    logs.prepare(settings)
    listeners = settings.listeners
    if not listeners:
        path = settings.listeners_file
        log.warning("LISTENERS_FILE: there are no listeners in %s yet; see README.md", path)
    return definitions(listeners)
