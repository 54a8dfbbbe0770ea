"""Stage 2: tables of the responses of one date, derived from `raw/` alone.

Add an asset here for something in a response that is not read yet. A snapshot can be derived again
for any date that was collected, without Spotify. What spans dates belongs in `ledger.py` and
`catalogue.py`.
"""

from collections.abc import Callable, Sequence
from typing import Any

import dagster as dg
import msgspec
import pyarrow as pa

from pipelines import run_context
from pipelines.assets.collect import profile, recently_played, top_items
from pipelines.errors import NothingCollected
from pipelines.ingest.recent_tracks import VERSION, RecentTracks, update_interrupted_dates
from pipelines.listening.api.responses import Response
from pipelines.listening.api.snapshot_metrics import computed_metrics
from pipelines.listening.api.top_lists import profile as profile_in
from pipelines.listening.api.top_lists import top_artists as artists_in
from pipelines.listening.api.top_lists import top_tracks as tracks_in
from pipelines.listening.schema.table import Table
from pipelines.listening.schema.tables import RECENT_TRACKS, TIME_RANGES, TOP_ARTISTS, TOP_TRACKS
from pipelines.resources.dagster_resources import LakeResource
from pipelines.resources.lake.lakes import ListenerLake
from pipelines.resources.lake.raw import RawResponses
from pipelines.resources.lake.tables import retry_on_conflict
from pipelines.run_context import for_each_date, listener_of

API_VERSION = "v1"

METRICS_VERSION = "1"
"""Raise it when the same tables of a date give other metrics."""

BATCH = dg.BackfillPolicy.multi_run(max_partitions_per_run=110)
METRICS_BATCH = dg.BackfillPolicy.multi_run(max_partitions_per_run=100)
"""Dates of a backfill in one run. The numbers differ so that downstream assets are in other runs:
if a date in a range was never collected, the other dates still get their metrics."""

ReadList = Callable[[Sequence[Response], str], tuple[pa.Table, list[str]]]
"""From the pages of a complete list and its time range to rows, and a line for each unread item."""


@dg.asset(
    # Names of playlists and genres of artists come from playlists and top_items. Those run first by
    # priority, but if they fail, plays are derived all the same, and the next poll adds the names.
    deps=[recently_played],
    partitions_def=run_context.dates,
    backfill_policy=BATCH,
    group_name="snapshots",
    kinds={"parquet"},
    code_version=VERSION,
    metadata=run_context.column_schema(RECENT_TRACKS),
)
def recent_tracks(context: dg.AssetExecutionContext, lake: LakeResource) -> dg.MaterializeResult:
    """The plays that the date's polls showed, and the interval that each poll covers.

    A daily run also updates earlier dates whose run was killed after it had collected.
    """
    own = lake.of_run(context)

    def derive(date: str) -> dict[str, Any]:
        snapshot = RecentTracks(own, date)
        is_poll = run_context.is_poll(context)
        derived = snapshot.update(full_refresh=not is_poll)
        updated = (
            []
            if is_poll or run_context.is_backfill(context)
            else update_interrupted_dates(own, date)
        )
        return {
            "dagster/partition_row_count": len(derived.plays),
            "responses": len(derived.polls),
            "refused_rows": len(derived.refused),
            "path": dg.MetadataValue.path(own.url(RECENT_TRACKS, date=date)),
            **({"earlier_dates": ", ".join(updated)} if updated else {}),
        }

    return for_each_date(context, derive)


@dg.asset(
    deps=[top_items],
    partitions_def=run_context.dates,
    backfill_policy=BATCH,
    group_name="snapshots",
    kinds={"parquet"},
    metadata=run_context.column_schema(TOP_TRACKS),
)
def top_tracks(context: dg.AssetExecutionContext, lake: LakeResource) -> dg.MaterializeResult:
    """Spotify's top tracks of the listener over three time ranges, ranked."""
    own = lake.of(listener_of(context))
    return for_each_date(context, lambda date: _top_lists(own, date, TOP_TRACKS, tracks_in))


@dg.asset(
    deps=[top_items],
    partitions_def=run_context.dates,
    backfill_policy=BATCH,
    group_name="snapshots",
    kinds={"parquet"},
    metadata=run_context.column_schema(TOP_ARTISTS),
)
def top_artists(context: dg.AssetExecutionContext, lake: LakeResource) -> dg.MaterializeResult:
    """Spotify's top artists of the listener over three time ranges, ranked."""
    own = lake.of(listener_of(context))
    return for_each_date(context, lambda date: _top_lists(own, date, TOP_ARTISTS, artists_in))


def _top_lists(lake: ListenerLake, date: str, table: Table, read: ReadList) -> dict[str, Any]:
    counts: dict[str, int] = {}
    refused: list[str] = []
    for time_range in TIME_RANGES:
        name = f"{table.name}_{time_range}"
        pages = RawResponses(lake).complete_list(name, date)
        if not pages:
            raise NothingCollected(f"complete list {name}", date)
        rows, unread = read(pages, time_range)
        lake.replace(table, rows, date=date, time_range=time_range)
        counts[time_range] = len(rows)
        refused += unread
    return {
        "dagster/partition_row_count": sum(counts.values()),
        **{f"rows_{time_range}": count for time_range, count in counts.items()},
        "refused_rows": len(refused),
        "refused": dg.MetadataValue.json(refused[:20]),
    }


@dg.asset(
    deps=[profile, recent_tracks, top_tracks, top_artists],
    partitions_def=run_context.dates,
    backfill_policy=METRICS_BATCH,
    group_name="snapshots",
    kinds={"json"},
)
def snapshot_metrics(context: dg.AssetExecutionContext, lake: LakeResource) -> dg.MaterializeResult:
    """The date's `metadata.json` and `computed_metrics.json`.

    After a poll that showed no play that is new, they are as they were.
    """
    own, quick = lake.of_run(context), run_context.is_poll(context)
    return for_each_date(context, lambda date: _metrics(own, date, quick=quick))


@retry_on_conflict
def _metrics(lake: ListenerLake, date: str, *, quick: bool) -> dict[str, Any]:
    folder = f"snapshots/date={date}"
    path = f"{folder}/computed_metrics.json"
    manifest = RecentTracks(lake, date).manifest()
    recent = RECENT_TRACKS.path.format(date=date)
    inputs = {recent: str(manifest.entry(recent).get("etag"))}, METRICS_VERSION
    if quick:
        if manifest.is_current(inputs, path=path):
            return {"metrics": "as before: no play is new"}
        if lake.forget():
            return _metrics(lake, date, quick=False)
    if account := _account(RawResponses(lake), date):
        lake.write_document(f"{folder}/metadata.json", account)
    metrics = computed_metrics(
        lake.read(RECENT_TRACKS, date=date),
        _by_range(lake, date, TOP_TRACKS),
        _by_range(lake, date, TOP_ARTISTS),
    )
    lake.write_document(path, metrics)
    manifest.record(inputs, path=path)
    manifest.save()
    return {"metrics": dg.MetadataValue.json(metrics)}


def _account(raw: RawResponses, date: str) -> dict[str, Any] | None:
    """The account in the date's last readable response to `/me`; None where there is none."""
    for response in reversed(raw.read("profile", date)):
        try:
            who = profile_in(response)
        except msgspec.DecodeError:
            continue
        return {
            "timestamp": response.fetched_at.isoformat(),
            "user_id": who.id,
            "display_name": who.display_name,
            "country": who.country,
            "product": who.product,
            "api_version": API_VERSION,
        }
    return None


def _by_range(lake: ListenerLake, date: str, table: Table) -> dict[str, pa.Table]:
    stored = {
        time_range: lake.find(table, date=date, time_range=time_range) for time_range in TIME_RANGES
    }
    return {time_range: one.rows for time_range, one in stored.items() if one}
