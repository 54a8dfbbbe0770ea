"""The definitions of the code location: those of each listener, of each survey, and of all.

They load without credentials and without a lake. Add nothing here that computes. New modules in
`checks/` are loaded by themselves, those in `assets/` once they are in its `STAGES`.
"""

import logging
import os
import warnings
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import dagster as dg

from pipelines import assets, checks, run_context
from pipelines.assets import lastfm, playlists
from pipelines.assets.shared.reference import reference_assets
from pipelines.assets.shared.surveys import survey_assets
from pipelines.assets.shared.views import views
from pipelines.automation.import_sensor import import_sensor
from pipelines.automation.rebuild_sensor import Family, rebuild_sensor
from pipelines.automation.schedules import (
    daily_schedule,
    playlists_schedule,
    poll_schedule,
    scrobbles_schedule,
    survey_schedule,
)
from pipelines.checks.surveys import survey_checks
from pipelines.errors import SettingsError
from pipelines.ingest.privacy_export import no_progress
from pipelines.ops import logs, memory
from pipelines.ops.sensors import deployment_sensors
from pipelines.resources.dagster_resources import resources_from
from pipelines.settings import Listener, Settings
from pipelines.settings.surveys import Survey

VIEWS = dg.AssetSelection.assets(views)

POLLED = (
    *("recently_played", "recent_tracks", "snapshot_metrics"),
    *("polled", "plays", "covered", "gaps"),
)

DAILY_TAGS = {"dagster/max_runtime": "7200"}
IMPORT_TAGS = {"dagster/max_runtime": "7200", run_context.IMPORT_TAG: "true"}
POLL_TAGS = {"dagster/max_runtime": "600", run_context.POLL_TAG: "true"}
REBUILD_TAGS = {"dagster/max_runtime": "7200"}
SURVEY_TAGS = {"dagster/max_runtime": "3600"}

log = logging.getLogger("playledger")

READ_OF_LASTFM = {
    "plays": [lastfm.NAME],
    "play_counts": [table.name for table in lastfm.COUNT_TABLES],
}
"""What is made of Last.fm's answers too, where a listener has a name there."""

FULL_REFRESH_ASSETS = (
    *("polled", "gaps", "described_tracks", "top_lists", "known_artists"),
    *("all_snapshots_metrics", "cache_outcomes"),
)
"""Assets that grow date by date, which a rebuild derives from scratch."""


def definitions_of(listener: Listener, *, lake_is_a_bucket: bool) -> dg.Definitions:
    """The definitions of one listener, under their name.

    Args:
        listener: their name and settings.
        lake_is_a_bucket: whether sensors that list the lake should tick less often.
    """
    modules = (*assets.STAGES, *(assets.WITH_LASTFM if listener.lastfm_user else ()))
    loaded = _grouped_by_listener(
        dg.load_assets_from_modules(
            modules, key_prefix=listener.name, source_key_prefix=listener.name
        ),
        READ_OF_LASTFM if listener.lastfm_user else {},
    )
    checked = dg.load_asset_checks_from_package_module(checks, asset_key_prefix=listener.name)
    in_playlists, counted = (
        dg.AssetSelection.assets(*([listener.name, table.name] for table in tables))
        for tables in (playlists.TABLES, lastfm.COUNT_TABLES if listener.lastfm_user else ())
    )
    daily = dg.define_asset_job(
        f"daily_{listener.name}",
        selection=(dg.AssetSelection.key_prefixes(listener.name) - in_playlists) | VIEWS,
        tags=DAILY_TAGS,
        description="A date's responses, its snapshot, the ledger and everything downstream.",
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
        selection=(
            dg.AssetSelection.assets([listener.name, "streaming_history"]).downstream() - counted
        ).without_checks(),
        tags=IMPORT_TAGS,
        description="Privacy exports, the ledger and everything downstream.",
    )
    read_playlists = dg.define_asset_job(
        f"playlists_{listener.name}",
        selection=in_playlists.downstream() | VIEWS,
        tags=DAILY_TAGS,
        description="Playlists, item by item, and everything that is made of them.",
    )
    jobs, schedules = _of_scrobbles(listener) if listener.lastfm_user else ([], [])
    family = _family(listener.name, loaded)
    rebuild = dg.define_asset_job(
        family.rebuild_job,
        selection=dg.AssetSelection.assets(*([listener.name, one] for one in family.following))
        | VIEWS,
        config=rebuild_config(),
        tags=REBUILD_TAGS,
        description="The ledger and everything downstream, from scratch, as after a backfill.",
    )
    return dg.Definitions(
        assets=loaded,
        asset_checks=checked,
        jobs=[daily, poll, imported, rebuild, read_playlists, *jobs],
        schedules=[
            daily_schedule(listener, daily.name),
            poll_schedule(listener, poll.name),
            playlists_schedule(listener, read_playlists.name),
            *schedules,
        ],
        sensors=[
            rebuild_sensor(family),
            import_sensor(listener, imported.name, lake_is_a_bucket=lake_is_a_bucket),
        ],
    )


def definitions_of_survey(survey: Survey) -> dg.Definitions:
    """The definitions of one survey, which belongs to no listener.

    Args:
        survey: its name and settings.
    """
    made = survey_assets(survey)
    job = dg.define_asset_job(
        f"{run_context.SURVEY}_{survey.name}",
        selection=dg.AssetSelection.assets(*(key for one in made for key in one.keys)) | VIEWS,
        tags=SURVEY_TAGS,
        description="A survey's sheet, its tables and its page.",
    )
    return dg.Definitions(
        assets=made,
        asset_checks=survey_checks(survey, made),
        jobs=[job],
        schedules=[survey_schedule(survey, job.name)],
    )


def _surveys(settings: Settings, listeners: Sequence[Listener]) -> tuple[Survey, ...]:
    """The surveys; none where their file is wrong, which is no reason to stop listeners' runs."""
    try:
        surveys = settings.surveys
    except SettingsError as problem:
        log.warning("surveys are left out: %s", problem)  # health reports it as a failure
        return ()
    if surveys and any(listener.name == run_context.SURVEY for listener in listeners):
        log.warning("surveys are left out: their assets are named like those of listener `survey`")
        return ()
    return surveys


def _of_scrobbles(listener: Listener) -> tuple[list[Any], list[dg.ScheduleDefinition]]:
    """The job and the schedule of a listener whose scrobbles are read, for who has no login."""
    job = dg.define_asset_job(
        f"scrobbles_{listener.name}",
        selection=dg.AssetSelection.assets([listener.name, lastfm.NAME]).downstream() | VIEWS,
        tags=DAILY_TAGS,
        description="Scrobbles, the ledger and everything downstream, where there is no login.",
    )
    return [job], [scrobbles_schedule(listener, job.name)]


def rebuild_config() -> dict[str, Any]:
    """The run config of a rebuild: what grows date by date is derived from scratch."""
    refreshed = {"config": {"full_refresh": True}}
    return {"ops": dict.fromkeys(FULL_REFRESH_ASSETS, refreshed)}


def _family(listener: str, loaded: Sequence[Any]) -> Family:
    """A listener's assets that are partitioned by date, and those downstream of them."""
    materializable = [one for one in loaded if isinstance(one, dg.AssetsDefinition)]
    specs = [spec for asset in materializable for spec in asset.specs]
    dated = {spec.key for spec in specs if spec.partitions_def}
    downstream = dg.AssetSelection.assets(*dated).downstream(include_self=False).resolve(loaded)
    asked = {table.name for table in lastfm.COUNT_TABLES}
    return Family(
        listener,
        frozenset(key.path[-1] for key in dated),
        frozenset(key.path[-1] for key in downstream - dated) - asked,
    )


def _grouped_by_listener(
    loaded: Sequence[Any], also_read: Mapping[str, Sequence[str]]
) -> Sequence[Any]:
    """The assets with groups below the listener's name.

    Args:
        loaded: what their modules have.
        also_read: by an asset, those from which it is made too, and that not every listener has.
    """

    def change(spec: dg.AssetSpec) -> dg.AssetSpec:
        listener = spec.key.path[0]
        grouped = spec.replace_attributes(group_name=f"{listener}/{spec.group_name}")
        if not (names := also_read.get(spec.key.path[-1])):
            return grouped
        more = [dg.AssetDep(dg.AssetKey([listener, name])) for name in names]
        return grouped.replace_attributes(deps=[*spec.deps, *more])

    return [
        *dg.map_asset_specs(
            change, [one for one in loaded if isinstance(one, dg.AssetsDefinition)]
        ),
        *(
            one.with_attributes(group_name=f"{one.key.path[0]}/contexts")
            for one in loaded
            if not isinstance(one, dg.AssetsDefinition)
        ),
    ]


def build_definitions(
    listeners: Sequence[Listener],
    surveys: Sequence[Survey] = (),
    *,
    resource_overrides: Mapping[str, Any] | None = None,
) -> dg.Definitions:
    """The definitions for these listeners and surveys.

    All runs use the in-process executor, however they are started: a process per step would take
    a second each.

    Args:
        listeners: whose assets to define.
        surveys: likewise.
        resource_overrides: resources by name, in place of those that the environment configures:
            `lake`, `spotify`, `listeners`, `surveys`, `notifications`, `progress`.
    """
    overrides: dict[str, Any] = dict(resource_overrides or {})
    resources: dict[str, Any] = {
        **resources_from(os.environ, lake=overrides.get("lake")),
        "progress": no_progress,
        **overrides,
    }
    is_bucket = resources["lake"].is_bucket
    return dg.Definitions.merge(
        dg.Definitions(
            assets=[*reference_assets(), views],
            resources=resources,
            executor=dg.in_process_executor,
            sensors=deployment_sensors(),
        ),
        *(definitions_of(listener, lake_is_a_bucket=is_bucket) for listener in listeners),
        *(definitions_of_survey(survey) for survey in surveys),
    )


@dg.definitions
def defs() -> dg.Definitions:
    """The definitions that `workspace.yaml` loads."""
    # Dates of different stages are batched in different sizes on purpose: see assets/snapshots.py.
    warnings.filterwarnings("ignore", message=".*varying BackfillPolicies")
    settings = Settings()
    logs.configure(settings)
    memory.frugal()
    for mistake in settings.mistakes:
        log.warning("%s", mistake)
    listeners = settings.listeners
    if not listeners:
        path = settings.listeners_file
        log.warning("LISTENERS_FILE: there are no listeners in %s yet; see README.md", path)
    surveys = _surveys(settings, listeners)
    return _of(tuple(listeners), surveys, tuple(sorted(os.environ.items())))


@lru_cache(maxsize=1)
def _of(
    listeners: Sequence[Listener], surveys: Sequence[Survey], _environment: object
) -> dg.Definitions:
    """The definitions for these listeners and surveys in this environment.

    Whoever executes a job asks for them five times, and nothing in them ever changes.
    """
    return build_definitions(listeners, surveys)
