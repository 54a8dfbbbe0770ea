"""Stage 1: ask Spotify and keep each answer as received, before anything is derived from it.

Add an asset here when there is something more to ask for. What an answer says belongs in
`snapshots.py`, what may be asked when in `ingest/collector.py`.
"""

from collections.abc import Callable

import dagster as dg

from pipelines import run_context
from pipelines.ingest.collector import PLAYLISTS, TOP_ITEMS, Collecting
from pipelines.resources.lake.tables import Lake
from pipelines.resources.spotify.client import Spotify
from pipelines.run_context import expected_failures


def _asks(compute: Callable[..., dg.MaterializeResult]) -> dg.AssetsDefinition:
    """An asset that asks Spotify, once per date.

    What can only be had now comes before anything that can be derived at any time: priority.
    """
    return dg.asset(
        partitions_def=run_context.dates,
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
    lake: dg.ResourceParam[Lake],
    spotify: dg.ResourceParam[Spotify],
) -> dg.MaterializeResult:
    """The listener's account, once per date, and the check that it is still the same one."""
    with expected_failures():
        return Collecting.of(context, lake, spotify).profile(force=config.force)


@_asks
def recently_played(
    context: dg.AssetExecutionContext,
    lake: dg.ResourceParam[Lake],
    spotify: dg.ResourceParam[Spotify],
) -> dg.MaterializeResult:
    """The last 50 plays, asked for at every run of the date: Spotify shows no more than these."""
    with expected_failures():
        return Collecting.of(context, lake, spotify).poll()


@_asks
def top_items(
    context: dg.AssetExecutionContext,
    config: CollectConfig,
    lake: dg.ResourceParam[Lake],
    spotify: dg.ResourceParam[Spotify],
) -> dg.MaterializeResult:
    """Top tracks and top artists over 4 weeks, 6 months and a year, once per date, all pages."""
    with expected_failures():
        return Collecting.of(context, lake, spotify).lists(TOP_ITEMS, force=config.force)


@_asks
def playlists(
    context: dg.AssetExecutionContext,
    config: CollectConfig,
    lake: dg.ResourceParam[Lake],
    spotify: dg.ResourceParam[Spotify],
) -> dg.MaterializeResult:
    """Names and ids of the listener's playlists, once per date: what plays were played from."""
    with expected_failures():
        return Collecting.of(context, lake, spotify).lists(PLAYLISTS, force=config.force)
