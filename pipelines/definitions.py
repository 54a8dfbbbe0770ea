"""The one place where everything is put together: listeners times assets, jobs, schedules, sensors.

It loads without credentials and without a lake. Add nothing here that computes; new modules in
`assets/` and `checks/` are found by themselves.
"""

import logging
from collections.abc import Sequence

import dagster as dg

from pipelines import assets, checks, runs
from pipelines.resources.opened import lake, spotify
from pipelines.schedules import daily_schedule, poll_schedule
from pipelines.settings import DEFAULT_LISTENERS_FILE, Listener, Settings

POLLED = ("recently_played", "recent_tracks", "snapshot_metrics", "polled", "plays", "gaps")

DAILY_TAGS = {"dagster/max_runtime": "7200"}
POLL_TAGS = {"dagster/max_runtime": "600", runs.POLL_TAG: "true"}

log = logging.getLogger("playledger")

# A backfill of any number of dates is followed by one rebuild: when its last run is over. Polls
# bring the ledger up to date by themselves, so what they update starts nothing.
_changed = dg.AutomationCondition.newly_updated() & ~dg.AutomationCondition.executed_with_tags(
    tag_values={runs.POLL_TAG: "true"}
)
_under_way = dg.AutomationCondition.in_progress() | dg.AutomationCondition.backfill_in_progress()
AFTER_A_BACKFILL = (
    dg.AutomationCondition.any_deps_match(
        _changed | dg.AutomationCondition.will_be_requested()
    ).since_last_handled()
    & ~dg.AutomationCondition.any_deps_match(_under_way)
    & ~dg.AutomationCondition.in_progress()
).with_label("rebuild once after a backfill")


def definitions_of(listener: Listener) -> dg.Definitions:
    """Everything that is one listener's own, under their name."""
    loaded = dg.load_assets_from_package_module(assets, key_prefix=listener.name)
    loaded = dg.map_asset_specs(_as_one_of_many, loaded)  # type: ignore[arg-type]
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
    rebuild = dg.AutomationConditionSensorDefinition(
        f"rebuild_{listener.name}",
        target=dg.AssetSelection.key_prefixes(listener.name),
        default_status=dg.DefaultSensorStatus.RUNNING,
        minimum_interval_seconds=30,
    )
    return dg.Definitions(
        assets=loaded,
        asset_checks=checked,
        jobs=[daily, poll],
        schedules=[daily_schedule(listener, daily.name), poll_schedule(listener, poll.name)],
        sensors=[rebuild],
    )


def _as_one_of_many(spec: dg.AssetSpec) -> dg.AssetSpec:
    """Grouped below its listener's name; without partitions, rebuilt after backfills."""
    spec = spec.replace_attributes(group_name=f"{spec.key.path[0]}/{spec.group_name}")
    if spec.partitions_def is not None:
        return spec
    return spec.replace_attributes(automation_condition=AFTER_A_BACKFILL)


def definitions(listeners: Sequence[Listener]) -> dg.Definitions:
    """The definitions for these listeners.

    The executor is in-process for every run, whoever starts it: a process per step would cost
    a second a step.
    """
    return dg.Definitions.merge(
        dg.Definitions(
            resources={"lake": lake, "spotify": spotify},
            executor=dg.in_process_executor,
        ),
        *(definitions_of(listener) for listener in listeners),
    )


@dg.definitions
def defs() -> dg.Definitions:
    """What `workspace.yaml` loads."""
    listeners = Settings().listeners
    if not listeners:
        log.warning(
            "LISTENERS_FILE: there are no listeners in %s yet; see README.md",
            DEFAULT_LISTENERS_FILE,
        )
    return definitions(listeners)
