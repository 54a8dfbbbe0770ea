"""Stage 5: tracks and artists as things of their own, and all dates' figures side by side.

Add an asset here when it describes what was played rather than when. Rankings and figures by
month belong in later stages.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import date

import dagster as dg
import pyarrow as pa

from pipelines import run_context
from pipelines.assets.ledger import plays
from pipelines.assets.snapshots import snapshot_metrics, top_artists, top_tracks
from pipelines.listening.api.snapshot_metrics import flat_row
from pipelines.listening.catalogue import tracks_and_artists
from pipelines.listening.contexts.filling import track_digests_by_month
from pipelines.listening.schema.table import Table
from pipelines.listening.schema.tables import (
    ALL_SNAPSHOTS_METRICS,
    KNOWN_ARTISTS,
    PLAYS,
    TIME_RANGES,
    TOP_ARTISTS,
    TOP_LISTS,
    TOP_TRACKS,
    UNIQUE_ARTISTS,
    UNIQUE_TRACKS,
)
from pipelines.resources.lake.incremental_dates import Grow, grow
from pipelines.resources.lake.incremental_months import read_months
from pipelines.resources.lake.tables import Lake, Written
from pipelines.run_context import expected_failures

VERSION = "2"


def _grown(
    context: dg.AssetExecutionContext, lake: Lake, table: Table, by: Grow
) -> dg.MaterializeResult:
    with expected_failures():
        path = f"users/{run_context.listener_of(context)}/{table.path}"
        date = run_context.date_of(context.run.tags)
        return _written(grow(lake, path, table, version=VERSION, date=date, by=by))


def _lists(
    lake: Lake, listener: str, table: Table, dates: Iterable[str]
) -> Iterator[tuple[tuple[date, str], pa.Table]]:
    """Spotify's lists of some dates, each with its date and time range."""
    for day in dates:
        for time_range in TIME_RANGES:
            path = table.path.format(date=day, time_range=time_range)
            yield (
                (run_context.as_date(day), time_range),
                lake.read(f"users/{listener}/{path}", table),
            )


def _written(written: Written) -> dg.MaterializeResult:
    return dg.MaterializeResult(metadata={"dagster/row_count": written.rows})


@dg.asset(
    deps=[plays],
    group_name="catalogue",
    kinds={"parquet"},
    metadata=run_context.column_schema(UNIQUE_TRACKS),
)
def unique_tracks(
    context: dg.AssetExecutionContext, lake: dg.ResourceParam[Lake]
) -> dg.MaterializeResult:
    """Every track that was ever played."""
    with expected_failures():
        written = find_tracks(lake, run_context.listener_of(context))
    return _written(written)


def find_tracks(lake: Lake, listener: str) -> Written:
    """Write `unique_tracks` of the whole ledger.

    Its footer tells what is known of the tracks of each month: labelled plays are filled in from
    here, and a month of them is made again where that changes.
    """
    ledger = read_months(lake, listener, PLAYS)
    rows = tracks_and_artists.unique_tracks(ledger)
    notes = {"described": json.dumps(track_digests_by_month(ledger, rows))}
    return lake.replace(f"users/{listener}/{UNIQUE_TRACKS.path}", UNIQUE_TRACKS, rows, notes)


@dg.asset(
    deps=[top_artists],
    group_name="catalogue",
    kinds={"parquet"},
    metadata=run_context.column_schema(KNOWN_ARTISTS),
)
def known_artists(
    context: dg.AssetExecutionContext, lake: dg.ResourceParam[Lake]
) -> dg.MaterializeResult:
    """Popularity, followers and genres of every artist whom a top list described."""
    listener = run_context.listener_of(context)

    def take_in(known: pa.Table, since: str) -> tuple[pa.Table, str | None]:
        dates = lake.dates(f"users/{listener}/snapshots/", since)
        lists = _lists(lake, listener, TOP_ARTISTS, dates)
        told = ((day, rows) for (day, _), rows in lists)
        return tracks_and_artists.known_artists(known, told), max(dates, default=None)

    return _grown(context, lake, KNOWN_ARTISTS, take_in)


@dg.asset(
    deps=[unique_tracks, known_artists],
    group_name="catalogue",
    kinds={"parquet"},
    metadata=run_context.column_schema(UNIQUE_ARTISTS),
)
def unique_artists(
    context: dg.AssetExecutionContext, lake: dg.ResourceParam[Lake]
) -> dg.MaterializeResult:
    """Every artist who was ever played as first artist of a track."""
    with expected_failures():
        listener = run_context.listener_of(context)
        known = lake.read(f"users/{listener}/{KNOWN_ARTISTS.path}", KNOWN_ARTISTS)
        tracks = lake.read(f"users/{listener}/{UNIQUE_TRACKS.path}", UNIQUE_TRACKS)
        rows = tracks_and_artists.unique_artists(tracks, known)
        written = lake.replace(f"users/{listener}/{UNIQUE_ARTISTS.path}", UNIQUE_ARTISTS, rows)
    return _written(written)


@dg.asset(
    deps=[top_tracks, top_artists],
    group_name="catalogue",
    kinds={"parquet"},
    metadata=run_context.column_schema(TOP_LISTS),
)
def top_lists(
    context: dg.AssetExecutionContext, lake: dg.ResourceParam[Lake]
) -> dg.MaterializeResult:
    """Spotify's lists of all dates side by side."""
    listener = run_context.listener_of(context)

    def take_in(kept: pa.Table, since: str) -> tuple[pa.Table, str | None]:
        dates = lake.dates(f"users/{listener}/snapshots/", since)
        lists = {
            (day, kind, time_range): rows
            for kind, table in (("tracks", TOP_TRACKS), ("artists", TOP_ARTISTS))
            for (day, time_range), rows in _lists(lake, listener, table, dates)
        }
        return tracks_and_artists.top_lists(kept, lists), max(dates, default=None)

    return _grown(context, lake, TOP_LISTS, take_in)


@dg.asset(
    deps=[snapshot_metrics],
    group_name="catalogue",
    kinds={"parquet"},
    metadata=run_context.column_schema(ALL_SNAPSHOTS_METRICS),
)
def all_snapshots_metrics(
    context: dg.AssetExecutionContext, lake: dg.ResourceParam[Lake]
) -> dg.MaterializeResult:
    """Every date's figures, one row per date."""
    listener = run_context.listener_of(context)

    def take_in(kept: pa.Table, since: str) -> tuple[pa.Table, str | None]:
        dates = lake.dates(f"users/{listener}/snapshots/", since)
        folder = f"users/{listener}/snapshots"
        computed = {
            date: lake.document(
                f"{folder}/date={date}/computed_metrics.json",
                mend="delete it and backfill its date",
            )
            for date in dates
        }
        fresh = [
            flat_row(run_context.as_date(date), metrics)
            for date, metrics in computed.items()
            if metrics
        ]
        rows = {row["date"]: row for row in [*kept.to_pylist(), *fresh]}
        return ALL_SNAPSHOTS_METRICS.from_rows(list(rows.values())), max(dates, default=None)

    return _grown(context, lake, ALL_SNAPSHOTS_METRICS, take_in)
