"""Stage 1: ask Spotify and keep each response as received, before anything is derived from it.

Add an asset here when there is something more to ask for. What a response says belongs in
`snapshots.py`, what may be asked when in `ingest/collector.py`.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime

import dagster as dg

from pipelines import run_context
from pipelines.ingest.collector import (
    PLAYLISTS,
    TOP_ITEMS,
    Collection,
    Collector,
    CollectResult,
)
from pipelines.listening.time.dates import may_collect
from pipelines.resources.dagster_resources import LakeResource, SpotifyResource
from pipelines.run_context import for_each_date, listener_of

BATCH = dg.BackfillPolicy.multi_run(max_partitions_per_run=120)
"""Dates of a backfill in one run. It differs from that of the snapshots so that they are other
runs: what was collected is then derived, whatever else was not."""


def _asks(compute: Callable[..., dg.MaterializeResult]) -> dg.AssetsDefinition:
    """An asset that asks Spotify, once per date.

    What can only be had now comes before anything that can be derived at any time: priority.
    """
    return dg.asset(
        partitions_def=run_context.dates,
        backfill_policy=BATCH,
        group_name="collect",
        kinds={"spotify", "json"},
        op_tags={"dagster/priority": "1"},
    )(compute)


class CollectConfig(dg.Config):
    """Whether to ask again for what was already asked for on this date."""

    force: bool = False


@_asks
def profile(
    context: dg.AssetExecutionContext,
    config: CollectConfig,
    lake: LakeResource,
    spotify: SpotifyResource,
) -> dg.MaterializeResult:
    """The listener's account, once per date, and the check that it is still the same one."""
    collect = _collectors(context, lake, spotify)
    return for_each_date(context, lambda date: _metadata(collect(date).profile(force=config.force)))


@_asks
def recently_played(
    context: dg.AssetExecutionContext, lake: LakeResource, spotify: SpotifyResource
) -> dg.MaterializeResult:
    """The last 50 plays, asked for at every run of the date: Spotify shows no more than these."""
    collect = _collectors(context, lake, spotify)
    return for_each_date(context, lambda date: _metadata(collect(date).poll()))


@_asks
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


@_asks
def playlists(
    context: dg.AssetExecutionContext,
    config: CollectConfig,
    lake: LakeResource,
    spotify: SpotifyResource,
) -> dg.MaterializeResult:
    """Names and ids of the listener's playlists, once per date: what plays were played from."""
    collect = _collectors(context, lake, spotify)
    return for_each_date(
        context, lambda date: _metadata(collect(date).lists(PLAYLISTS, force=config.force))
    )


def _collectors(
    context: dg.AssetExecutionContext, lake: LakeResource, spotify: SpotifyResource
) -> Callable[[str], Collector]:
    """What asks on behalf of a date of the run."""
    created_at = run_context.created_at(context)

    def collector(day: str) -> Collector:
        is_open = may_collect(date.fromisoformat(day), created_at=created_at, now=datetime.now(UTC))
        collection = Collection(day, is_open, is_backfill=run_context.is_backfill(context))
        return Collector(lake.of(listener_of(context)), spotify.open(), collection)

    return collector


def _metadata(collected: CollectResult) -> dict[str, str | int | float]:
    return {
        "outcome": f"{collected.asked} responses asked for, {collected.kept} responses kept",
        "responses_kept": collected.kept,
        "responses_asked_for": collected.asked,
        "throttle_wait_s": collected.waited_s,
    }
