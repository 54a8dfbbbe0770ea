"""Stage 1: request data from Spotify and store each response as received, before parsing it.

Add an asset here for another kind of request. What a response contains belongs in `snapshots.py`;
what may be requested, and when, is `ingest/collector.py`.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime

import dagster as dg

from pipelines import run_context
from pipelines.errors import SettingsError
from pipelines.ingest.catalogue import LookedUp, look_up_tracks, share
from pipelines.ingest.collector import (
    PLAYLISTS,
    TOP_ITEMS,
    Collection,
    Collector,
    CollectResult,
)
from pipelines.listening.api.cache_outcomes import Record
from pipelines.listening.time.dates import may_collect
from pipelines.resources.dagster_resources import (
    LakeResource,
    ListenersResource,
    SpotifyResource,
    settings_of,
)
from pipelines.run_context import for_each_date

MOST_NAMED = 20
"""How many odd fields the metadata names."""

BATCH = dg.BackfillPolicy.multi_run(max_partitions_per_run=120)
"""Dates of a backfill in one run. The number differs from that of the snapshots, so that these are
in other runs: then dates that were collected are derived even if others fail."""


def _request_asset(compute: Callable[..., dg.MaterializeResult]) -> dg.AssetsDefinition:
    """An asset that sends requests to Spotify, once per date.

    It has priority over assets that can be derived at any time: its data is available only now.
    """
    return dg.asset(
        partitions_def=run_context.dates,
        backfill_policy=BATCH,
        group_name="collect",
        kinds={"spotify", "json"},
        op_tags={"dagster/priority": "1"},
    )(compute)


class CollectConfig(dg.Config):
    """How a date is collected.

    Attributes:
        force: request again what the date already has.
    """

    force: bool = False


@_request_asset
def profile(
    context: dg.AssetExecutionContext,
    config: CollectConfig,
    lake: LakeResource,
    spotify: SpotifyResource,
) -> dg.MaterializeResult:
    """The listener's account, once per date, and the check that it is still the same one."""
    collect = _collectors(context, lake, spotify)
    return for_each_date(context, lambda date: _metadata(collect(date).profile(force=config.force)))


@_request_asset
def recently_played(
    context: dg.AssetExecutionContext, lake: LakeResource, spotify: SpotifyResource
) -> dg.MaterializeResult:
    """The last 50 plays, requested by every run of the date: Spotify shows no more than these."""
    collect = _collectors(context, lake, spotify)
    return for_each_date(context, lambda date: _metadata(collect(date).poll()))


@_request_asset
def top_items(
    context: dg.AssetExecutionContext,
    config: CollectConfig,
    lake: LakeResource,
    spotify: SpotifyResource,
) -> dg.MaterializeResult:
    """Top tracks and top artists over 4 weeks, 6 months and a year, once per date, all pages."""
    collect = _collectors(context, lake, spotify)
    return for_each_date(
        context, lambda date: _metadata(collect(date).lists(TOP_ITEMS, force=config.force))
    )


@_request_asset
def playlists(
    context: dg.AssetExecutionContext,
    config: CollectConfig,
    lake: LakeResource,
    spotify: SpotifyResource,
) -> dg.MaterializeResult:
    """Names and ids of the listener's playlists, once per date: what they play from."""
    collect = _collectors(context, lake, spotify)
    return for_each_date(
        context, lambda date: _metadata(collect(date).lists(PLAYLISTS, force=config.force))
    )


@dg.asset(
    partitions_def=run_context.dates,
    backfill_policy=BATCH,
    group_name="collect",
    kinds={"spotify", "json"},
    op_tags={"dagster/priority": "-1"},
)
def catalogue_answers(
    context: dg.AssetExecutionContext,
    lake: LakeResource,
    listeners: ListenersResource,
    spotify: SpotifyResource,
) -> dg.MaterializeResult:
    """What the catalogue says of tracks that exports know by id or by name only, a few each day.

    It comes after everything that does not wait for it, and asks nothing while Spotify refuses
    requests, or once the day's are sent (`CATALOGUE_READS_PER_DAY`): then it is green, and says
    what is left. Listeners share the day's requests, as they share Spotify's quota.
    """
    is_open = _is_open(context)
    own = lake.of_run(context)

    def ask(day: str) -> dict[str, str | int]:
        if run_context.is_backfill(context) or not is_open(day):
            return {"outcome": "nothing is asked for a date that is over"}
        settings = settings_of(spotify, listeners)
        try:
            per_day = settings.catalogue_reads_per_day
        except SettingsError as problem:  # what is derived from plays does not wait for this
            return {"outcome": "nothing is asked", "stopped": str(problem)}
        if not per_day:
            return {"outcome": "nothing is asked: CATALOGUE_READS_PER_DAY is 0"}
        part = share(per_day, own.listener, [one.name for one in settings.listeners])
        return _looked_up(look_up_tracks(own, spotify.open(), per_day=part, day=day))

    return for_each_date(context, ask)


def _looked_up(result: LookedUp) -> dict[str, str | int]:
    more = f"; {result.left:,} tracks are left" if result.left else ""
    return {
        "outcome": f"{result.learned:,} of {result.answered:,} tracks found{more}",
        "asked": result.answered + result.failed,
        "answered": result.answered,
        "learned": result.learned,
        "from_cache": result.from_cache,
        "failed": result.failed,
        "requests": result.requests,
        "left": result.left,
        "budget_left": result.budget_left,
        **_of_the_cache(result.outcomes),
        **({"stopped": result.stopped} if result.stopped else {}),
    }


def _of_the_cache(record: Record) -> dict[str, str | int]:
    """What became of the questions of a run, and what is kept now, as far as that is known."""
    every = record.kinds.values()
    now = {"backend": record.backend, "entries": record.entries, "bytes": record.bytes}
    return {
        "cache_hits": sum(times.hit for times in every),
        "cache_misses": sum(times.miss for times in every),
        "cache_stale": sum(times.stale for times in every),
        "saved_requests": sum(times.saved for times in every),
        **{f"cache_{name}": value for name, value in now.items() if value is not None},
    }


def _is_open(context: dg.AssetExecutionContext) -> Callable[[str], bool]:
    """Whether responses may still be requested for a date."""
    created_at = run_context.created_at(context)
    return lambda day: may_collect(
        date.fromisoformat(day), created_at=created_at, now=datetime.now(UTC)
    )


def _collectors(
    context: dg.AssetExecutionContext, lake: LakeResource, spotify: SpotifyResource
) -> Callable[[str], Collector]:
    """The collector of each date of the run."""
    is_open = _is_open(context)

    def collector(day: str) -> Collector:
        collection = Collection(day, is_open(day), is_backfill=run_context.is_backfill(context))
        return Collector(lake.of_run(context), spotify.open(), collection)

    return collector


def _metadata(collected: CollectResult) -> dict[str, str | int | float]:
    odd = f", {len(collected.odd)} fields in them not readable" if collected.odd else ""
    return {
        "outcome": f"{collected.requested} responses requested, {collected.stored} stored{odd}",
        "responses_kept": collected.stored,
        "responses_asked_for": collected.requested,
        "throttle_wait_s": collected.waited_s,
        "odd_fields": len(collected.odd),
        **({"odd": "; ".join(collected.odd[:MOST_NAMED])} if collected.odd else {}),
    }
