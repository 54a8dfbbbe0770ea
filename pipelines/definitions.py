"""The definitions of the code location: those of each listener, of each survey, and of all.

They load without credentials and without a lake. Add nothing here that computes. New modules in
`checks/` are loaded by themselves, those in `assets/` once they are in its `STAGES`.
"""

import logging
import os
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import dagster as dg

from pipelines import assets, checks, run_context
from pipelines.assets import lastfm, playlists
from pipelines.assets.shared.reference import GROUP, reference_assets
from pipelines.assets.shared.surveys import survey_assets
from pipelines.assets.shared.views import views
from pipelines.automation.import_sensor import import_sensor
from pipelines.automation.rebuild_sensor import Family, rebuild_sensor
from pipelines.automation.schedules import (
    daily_schedule,
    hours_for,
    playlists_schedule,
    poll_schedule,
    scrobbles_schedule,
    survey_schedule,
    views_schedule,
)
from pipelines.checks.surveys import survey_checks
from pipelines.errors import SettingsError
from pipelines.ingest.privacy_export import no_progress
from pipelines.ops import logs, memory
from pipelines.ops.dagster_internals import OwnAssetJob
from pipelines.ops.health import survey_topic
from pipelines.ops.own_run import own_run
from pipelines.ops.run_events import subjects_of
from pipelines.ops.sensors import deployment_sensors
from pipelines.resources.dagster_resources import resources_from
from pipelines.settings import (
    MAIN,
    Listener,
    Settings,
    crowded,
    location_of,
    read_environment_file,
    without_listeners,
)
from pipelines.settings.surveys import Survey

VIEWS = dg.AssetSelection.groups(GROUP)
"""The views, in the code location that has them; in others nothing."""

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


@dataclass(frozen=True)
class Shape:
    """What all listeners have who read the same sources, without anybody's name.

    Attributes:
        loaded: assets, in no group.
        checked: their checks.
        groups: of each asset; a listener's are below their name.
        selected: of each job, the names of the assets that it makes.
        dated: names of what is cut by date.
    """

    loaded: Sequence[dg.AssetsDefinition | dg.SourceAsset]
    checked: Sequence[dg.AssetChecksDefinition]
    groups: Mapping[dg.AssetKey, str]
    selected: Mapping[str, frozenset[str]]
    dated: frozenset[str]

    def assets_of(self, listener: str) -> list[dg.AssetsDefinition | dg.SourceAsset]:
        """The assets under a listener's name."""
        keys = self._keys(listener)
        groups = {key: f"{listener}/{group}" for key, group in self.groups.items()}
        return [
            one.with_attributes(asset_key_replacements=keys, group_names_by_key=groups)
            if isinstance(one, dg.AssetsDefinition)
            else one.with_attributes(key=keys[one.key], group_name=groups[one.key])
            for one in self.loaded
        ]

    def checks_of(self, listener: str) -> list[Any]:
        """The checks of these assets."""
        keys = self._keys(listener)
        return [one.with_attributes(asset_key_replacements=keys) for one in self.checked]

    def selection(self, job: str, listener: str) -> dg.AssetSelection:
        """What a listener's job makes.

        Args:
            job: its name without the listener's.
            listener: whose.
        """
        return dg.AssetSelection.assets(*([listener, name] for name in sorted(self.selected[job])))

    def family(self, listener: str) -> Family:
        """A listener's assets that are partitioned by date, and those downstream of them."""
        return Family(listener, self.dated, self.selected["rebuild"])

    def _keys(self, listener: str) -> dict[dg.AssetKey, dg.AssetKey]:
        return {key: key.with_prefix(listener) for key in self.groups}


@cache
def shape(*, with_lastfm: bool) -> Shape:
    """What listeners have: computed once for all who have the same, since it takes long.

    Args:
        with_lastfm: whether they have a name at Last.fm.
    """
    stages = [reading if with_lastfm else alone for alone, reading in _stages()]
    stages = [one for one in stages if one is not None]
    made = [one for one in stages if isinstance(one, dg.AssetsDefinition)]
    sources = [one for one in stages if not isinstance(one, dg.AssetsDefinition)]
    specs = [spec for one in made for spec in one.specs]
    in_playlists, counted, dated = (
        dg.AssetSelection.assets(*keys)
        for keys in (
            [table.name for table in playlists.TABLES],
            [table.name for table in lastfm.COUNT_TABLES] if with_lastfm else [],
            [spec.key for spec in specs if spec.partitions_def],
        )
    )
    selections = {
        "daily": dg.AssetSelection.all() - in_playlists,
        "poll": dg.AssetSelection.assets(*POLLED),
        "import": dg.AssetSelection.assets("streaming_history").downstream() - counted,
        "rebuild": dated.downstream() - dated - counted,
        "playlists": in_playlists.downstream(),
    }
    if with_lastfm:
        selections["scrobbles"] = dg.AssetSelection.assets(lastfm.NAME).downstream()

    def names(selection: dg.AssetSelection) -> frozenset[str]:
        return frozenset(key.path[-1] for key in selection.resolve(stages))

    return Shape(
        [
            *dg.map_asset_specs(lambda spec: spec.replace_attributes(group_name=None), made),
            *sources,
        ],
        dg.load_asset_checks_from_package_module(checks),
        {one.key: "contexts" for one in sources}
        | {spec.key: str(spec.group_name) for spec in specs},
        {job: names(selection) for job, selection in selections.items()},
        names(dated),
    )


@cache
def _stages() -> list[tuple[Any, Any]]:
    """The assets of all stages, each for listeners without Last.fm and for those with it.

    Both have the same op, since Dagster takes two ops of one name for a mistake: what Last.fm tells
    is among its inputs, and leads nowhere where there is none. What is Last.fm's own is None for
    who has no name there.
    """

    def reads_more(spec: dg.AssetSpec) -> dg.AssetSpec:
        more = [dg.AssetDep(name) for name in READ_OF_LASTFM.get(spec.key.path[-1], ())]
        return spec.replace_attributes(deps=[*spec.deps, *more]) if more else spec

    of_all = {key for one in dg.load_assets_from_modules(assets.STAGES) for key in _keys(one)}
    stages: list[tuple[Any, Any]] = []
    for one in dg.load_assets_from_modules([*assets.STAGES, *assets.WITH_LASTFM]):
        if not _keys(one) <= of_all:
            stages.append((None, one))
        elif isinstance(one, dg.AssetsDefinition):
            [reading] = dg.map_asset_specs(reads_more, [one])
            alone = {**reading.get_attributes_dict(), "specs": one.specs}
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", dg.BetaWarning)  # nobody can do anything about it
                stages.append((dg.AssetsDefinition(**alone), reading))
        else:
            stages.append((one, one))
    return stages


def _keys(one: Any) -> set[dg.AssetKey]:
    return set(one.keys) if isinstance(one, dg.AssetsDefinition) else {one.key}


def definitions_of(listener: Listener, *, lake_is_a_bucket: bool, hours: int = 1) -> dg.Definitions:
    """The definitions of one listener, under their name.

    Args:
        listener: their name and settings.
        lake_is_a_bucket: whether sensors that list the lake should tick less often.
        hours: over how many hours everybody's daily runs are spread.
    """
    of = shape(with_lastfm=listener.lastfm_user is not None)
    family = of.family(listener.name)
    daily, poll, imported, read_playlists = (
        of.selection(job, listener.name) for job in ("daily", "poll", "import", "playlists")
    )
    jobs = [
        OwnAssetJob(
            name=f"daily_{listener.name}",
            selection=daily | VIEWS,
            tags=DAILY_TAGS,
            description="A date's responses, its snapshot, the ledger and everything downstream.",
        ),
        OwnAssetJob(
            name=f"poll_{listener.name}",
            selection=poll.without_checks(),
            tags=POLL_TAGS,
            description="The newest plays, into the ledger.",
        ),
        OwnAssetJob(
            name=f"import_{listener.name}",
            selection=imported.without_checks(),
            tags=IMPORT_TAGS,
            description="Privacy exports, the ledger and everything downstream.",
        ),
        OwnAssetJob(
            name=family.rebuild_job,
            selection=of.selection("rebuild", listener.name) | VIEWS,
            config=rebuild_config(),
            tags=REBUILD_TAGS,
            description="The ledger and everything downstream, from scratch, as after a backfill.",
        ),
        OwnAssetJob(
            name=f"playlists_{listener.name}",
            selection=read_playlists | VIEWS,
            tags=DAILY_TAGS,
            description="Playlists, item by item, and everything that is made of them.",
        ),
    ]
    schedules = [
        daily_schedule(listener, f"daily_{listener.name}", hours),
        poll_schedule(listener, f"poll_{listener.name}"),
        playlists_schedule(listener, f"playlists_{listener.name}", hours),
    ]
    if listener.lastfm_user:
        scrobbles = OwnAssetJob(
            name=f"scrobbles_{listener.name}",
            selection=of.selection("scrobbles", listener.name) | VIEWS,
            tags=DAILY_TAGS,
            description="Scrobbles, the ledger and everything downstream, where there is no login.",
        )
        jobs.append(scrobbles)
        schedules.append(scrobbles_schedule(listener, scrobbles.name))
    return dg.Definitions(
        assets=of.assets_of(listener.name),
        asset_checks=of.checks_of(listener.name),
        jobs=jobs,
        schedules=schedules,
        sensors=[
            rebuild_sensor(family),
            import_sensor(listener, f"import_{listener.name}", lake_is_a_bucket=lake_is_a_bucket),
        ],
    )


def definitions_of_survey(survey: Survey) -> dg.Definitions:
    """The definitions of one survey, which belongs to no listener.

    Args:
        survey: its name and settings.
    """
    made = survey_assets(survey)
    job = OwnAssetJob(
        name=f"{run_context.SURVEY}_{survey.name}",
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


def rebuild_config() -> dict[str, Any]:
    """The run config of a rebuild: what grows date by date is derived from scratch."""
    refreshed = {"config": {"full_refresh": True}}
    return {"ops": dict.fromkeys(FULL_REFRESH_ASSETS, refreshed)}


def build_definitions(
    listeners: Sequence[Listener],
    surveys: Sequence[Survey] = (),
    *,
    app: str = "",
    everybody: int | None = None,
    resource_overrides: Mapping[str, Any] | None = None,
) -> dg.Definitions:
    """The definitions for these listeners and surveys.

    All runs use the in-process executor, however they are started: a process per step would take
    a second each.

    Args:
        listeners: whose assets to define.
        surveys: likewise.
        app: the Spotify app whose code location it is; empty for one that has everything.
        everybody: how many listeners there are in all locations; None where these are all.
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
    hours = hours_for(len(listeners) if everybody is None else everybody)
    return dg.Definitions.merge(
        dg.Definitions(resources=resources, executor=dg.in_process_executor),
        *([_shared(hours if app else None)] if app in {"", MAIN} else []),
        *(
            definitions_of(listener, lake_is_a_bucket=is_bucket, hours=hours)
            for listener in listeners
        ),
        *(definitions_of_survey(survey) for survey in surveys),
    )


def _shared(hours: int | None) -> dg.Definitions:
    """What all listeners share; where they are divided among code locations, it is in one of them.

    The views have a schedule there: a daily run of another location cannot make them.

    Args:
        hours: over how many daily runs are spread, where listeners are divided.
    """
    job = dg.define_asset_job("views_of_all", selection=VIEWS, tags=SURVEY_TAGS)
    return dg.Definitions(
        assets=[*reference_assets(), views],
        sensors=deployment_sensors(),
        jobs=[job] if hours else [],
        schedules=[views_schedule(job.name, hours)] if hours else [],
    )


@dg.definitions
def defs() -> dg.Definitions:
    """The definitions that `workspace.yaml` loads."""
    # Dates of different stages are batched in different sizes on purpose: see assets/snapshots.py.
    warnings.filterwarnings("ignore", message=".*varying BackfillPolicies")
    read_environment_file()
    settings = Settings()
    logs.configure(settings)
    memory.frugal()
    listeners = settings.listeners
    app = settings.location_app
    for mistake in (
        *settings.mistakes,
        *crowded(listeners),
        *without_listeners(listeners, app),
    ):
        log.warning("%s", mistake)
    if not listeners:
        path = settings.listeners_file
        log.warning("LISTENERS_FILE: there are no listeners in %s yet; see README.md", path)
    everybody = len(listeners)
    surveys = _surveys(settings, listeners)
    location = location_of(listeners, app)
    listeners, surveys = location.listeners, surveys if location.has_shared else ()
    run = own_run()
    if run and (subjects := subjects_of(run)):
        listeners = tuple(one for one in listeners if one.name in subjects)
        surveys = tuple(one for one in surveys if survey_topic(one.name) in subjects)
    environment = tuple(sorted(os.environ.items()))
    return _of(listeners, surveys, location.app, everybody, environment)


@lru_cache(maxsize=1)
def _of(
    listeners: Sequence[Listener],
    surveys: Sequence[Survey],
    app: str,
    everybody: int,
    _environment: object,
) -> dg.Definitions:
    """The definitions for these listeners and surveys in this environment.

    Whoever executes a job asks for them five times, and nothing in them ever changes.
    """
    return build_definitions(listeners, surveys, app=app, everybody=everybody)
