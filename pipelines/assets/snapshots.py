"""Stage 2: what the answers of one date say, out of `raw/` alone.

Add an asset here when an answer tells something that is not read yet. A snapshot can be made
again for any date that was collected, with Spotify out of reach. What spans dates belongs in
`listening/ledger/plays.py` and `listening/catalogue/tracks_and_artists.py`.
"""

from typing import Any

import dagster as dg
import msgspec
import pyarrow as pa

from pipelines import run_context
from pipelines.assets.collect import profile, recently_played, top_items
from pipelines.errors import NothingCollected
from pipelines.ingest.recent_tracks import RecentTracks, complete_list
from pipelines.listening.api.snapshot_metrics import computed_metrics
from pipelines.listening.api.top_lists import profile as profile_in
from pipelines.listening.api.top_lists import top_artists as artists_in
from pipelines.listening.api.top_lists import top_tracks as tracks_in
from pipelines.listening.schema.table import Table
from pipelines.listening.schema.tables import RECENT_TRACKS, TIME_RANGES, TOP_ARTISTS, TOP_TRACKS
from pipelines.resources.lake.raw import Raw
from pipelines.resources.lake.tables import Lake
from pipelines.run_context import expected_failures

API_VERSION = "v1"


@dg.asset(
    # Names of playlists and genres of artists come from playlists and top_items, but a failure
    # there must not keep plays back: those run first by priority, and the next poll fills in.
    deps=[recently_played],
    partitions_def=run_context.dates,
    group_name="snapshots",
    kinds={"parquet"},
    metadata=run_context.column_schema(RECENT_TRACKS),
)
def recent_tracks(
    context: dg.AssetExecutionContext, lake: dg.ResourceParam[Lake]
) -> dg.MaterializeResult:
    """The plays that the date's polls showed, and what each poll lets us know."""
    with expected_failures():
        snapshot = RecentTracks(lake, run_context.listener_of(context), context.partition_key)
        derived = snapshot.derive(anew=not run_context.is_poll(context))
    return dg.MaterializeResult(
        metadata={
            "dagster/partition_row_count": len(derived.plays),
            "responses": len(derived.polls),
            "refused_rows": len(derived.refused),
            "path": dg.MetadataValue.path(lake.store.url(snapshot.path(RECENT_TRACKS))),
        }
    )


@dg.asset(
    deps=[top_items],
    partitions_def=run_context.dates,
    group_name="snapshots",
    kinds={"parquet"},
    metadata=run_context.column_schema(TOP_TRACKS),
)
def top_tracks(
    context: dg.AssetExecutionContext, lake: dg.ResourceParam[Lake]
) -> dg.MaterializeResult:
    """Spotify's top tracks of the listener over three ranges, ranked."""
    with expected_failures():
        return _top_lists(context, lake, TOP_TRACKS, tracks_in)


@dg.asset(
    deps=[top_items],
    partitions_def=run_context.dates,
    group_name="snapshots",
    kinds={"parquet"},
    metadata=run_context.column_schema(TOP_ARTISTS),
)
def top_artists(
    context: dg.AssetExecutionContext, lake: dg.ResourceParam[Lake]
) -> dg.MaterializeResult:
    """Spotify's top artists of the listener over three ranges, ranked."""
    with expected_failures():
        return _top_lists(context, lake, TOP_ARTISTS, artists_in)


def _top_lists(
    context: dg.AssetExecutionContext, lake: Lake, table: Table, read: Any
) -> dg.MaterializeResult:
    listener, date = run_context.listener_of(context), context.partition_key
    counts: dict[str, int] = {}
    refused: list[str] = []
    for time_range in TIME_RANGES:
        pages = complete_list(Raw(lake, listener), f"{table.name}_{time_range}", date)
        if not pages:
            raise NothingCollected(f"complete list {table.name}_{time_range}", date)
        rows, unread = read(pages, time_range)
        path = f"users/{listener}/{table.path.format(date=date, time_range=time_range)}"
        lake.replace(path, table, rows)
        counts[time_range] = len(rows)
        refused += unread
    return dg.MaterializeResult(
        metadata={
            "dagster/partition_row_count": sum(counts.values()),
            **{f"rows_{time_range}": count for time_range, count in counts.items()},
            "refused_rows": len(refused),
            "refused": dg.MetadataValue.json(refused[:20]),
        }
    )


@dg.asset(
    deps=[profile, recent_tracks, top_tracks, top_artists],
    partitions_def=run_context.dates,
    group_name="snapshots",
    kinds={"json"},
)
def snapshot_metrics(
    context: dg.AssetExecutionContext, lake: dg.ResourceParam[Lake]
) -> dg.MaterializeResult:
    """The date's `metadata.json` and `computed_metrics.json`."""
    with expected_failures():
        listener, date = run_context.listener_of(context), context.partition_key
        folder = f"users/{listener}/snapshots/date={date}"
        if metadata := _account(Raw(lake, listener), date):
            lake.write_document(f"{folder}/metadata.json", metadata)
        recent = lake.read(f"{folder}/recent_tracks.parquet", RECENT_TRACKS)
        metrics = computed_metrics(
            recent, _by_range(lake, folder, TOP_TRACKS), _by_range(lake, folder, TOP_ARTISTS)
        )
        lake.write_document(f"{folder}/computed_metrics.json", metrics)
    return dg.MaterializeResult(metadata={"metrics": dg.MetadataValue.json(metrics)})


def _account(raw: Raw, date: str) -> dict[str, Any] | None:
    """What the date's last readable answer to `/me` says; None where there is none."""
    for answer in reversed(raw.read("profile", date)):
        try:
            who = profile_in(answer)
        except msgspec.DecodeError:
            continue
        return {
            "timestamp": answer.fetched_at.isoformat(),
            "user_id": who.id,
            "display_name": who.display_name,
            "country": who.country,
            "product": who.product,
            "api_version": API_VERSION,
        }
    return None


def _by_range(lake: Lake, folder: str, table: Table) -> dict[str, pa.Table]:
    found = {
        time_range: lake.find(f"{folder}/{table.name}_{time_range}.parquet", table)
        for time_range in TIME_RANGES
    }
    return {time_range: one.rows for time_range, one in found.items() if one}
