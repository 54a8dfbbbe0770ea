"""Stage 5: tables of tracks and artists, and the lists and metrics of all dates together.

Add an asset here when it describes what was played rather than when. Rankings and figures by
month belong in later stages.
"""

from collections.abc import Iterable, Iterator
from datetime import date

import dagster as dg
import pyarrow as pa

from pipelines.assets.collect import catalogue_answers
from pipelines.assets.ledger import plays
from pipelines.assets.shared.reference import REFERENCE_KEYS
from pipelines.assets.snapshots import snapshot_metrics, top_artists, top_tracks
from pipelines.ingest.catalogue import update_described, update_outcomes
from pipelines.listening.api.cache_outcomes import VERSION as COUNTED_BY
from pipelines.listening.api.catalogue_answers import VERSION as READ_BY
from pipelines.listening.api.snapshot_metrics import flat_row
from pipelines.listening.catalogue import tracks_and_artists as catalogue
from pipelines.listening.catalogue.kinds import NO_REFERENCE, any_unknown
from pipelines.listening.contexts.filling import track_digests_by_month
from pipelines.listening.schema.reference_tables import AUDIO_FEATURES
from pipelines.listening.schema.table import Table
from pipelines.listening.schema.tables import (
    ALL_SNAPSHOTS_METRICS,
    CACHE_OUTCOMES,
    DESCRIBED_TRACKS,
    KNOWN_ARTISTS,
    PLAYS,
    TIME_RANGES,
    TOP_ARTISTS,
    TOP_LISTS,
    TOP_TRACKS,
    UNIQUE_ARTISTS,
    UNIQUE_TRACKS,
)
from pipelines.resources.dagster_resources import LakeResource
from pipelines.resources.lake.lakes import ListenerLake
from pipelines.resources.lake.manifest import ROWS, AddDates, Manifest, add_dates
from pipelines.resources.lake.tables import WriteResult, retry_on_conflict
from pipelines.run_context import (
    RefreshConfig,
    column_schema,
    date_of,
    expected_failures,
    listener_of,
)

VERSION = "2"
"""Of the code that adds dates to the tables below."""

SNAPSHOTS = "snapshots/"


@dg.asset(
    deps=[catalogue_answers],
    group_name="catalogue",
    kinds={"parquet"},
    code_version=READ_BY,
    metadata=column_schema(DESCRIBED_TRACKS),
)
def described_tracks(
    context: dg.AssetExecutionContext, config: RefreshConfig, lake: LakeResource
) -> dg.MaterializeResult:
    """What Spotify's catalogue said of single tracks."""
    with expected_failures():
        written = update_described(
            lake.of(listener_of(context)),
            date=date_of(context.run.tags),
            full_refresh=config.full_refresh,
        )
    return _result(written)


@dg.asset(
    deps=[catalogue_answers],
    group_name="catalogue",
    kinds={"parquet"},
    code_version=COUNTED_BY,
    metadata=column_schema(CACHE_OUTCOMES),
)
def cache_outcomes(
    context: dg.AssetExecutionContext, config: RefreshConfig, lake: LakeResource
) -> dg.MaterializeResult:
    """What became of the questions to Spotify's catalogue, by date and kind."""
    with expected_failures():
        written = update_outcomes(
            lake.of(listener_of(context)),
            date=date_of(context.run.tags),
            full_refresh=config.full_refresh,
        )
    return _result(written)


@dg.asset(
    deps=[plays, described_tracks, *REFERENCE_KEYS],
    group_name="catalogue",
    kinds={"parquet"},
    metadata=column_schema(UNIQUE_TRACKS),
)
def unique_tracks(context: dg.AssetExecutionContext, lake: LakeResource) -> dg.MaterializeResult:
    """Every track that was ever played."""
    with expected_failures():
        return _result(update_tracks(lake.of(listener_of(context))))


@retry_on_conflict
def update_tracks(lake: ListenerLake) -> WriteResult:
    """Write `unique_tracks` of the whole ledger.

    Reference data is read only where it can help: to infer what account data does not tell.

    Its manifest has a version of the tracks of each month: labelled plays are completed from this
    table, and a month of them is derived again when its version changes.
    """
    manifest, before = Manifest(lake, UNIQUE_TRACKS.path), lake.etag(UNIQUE_TRACKS)
    told = lake.find_if_valid(DESCRIBED_TRACKS)
    months = lake.month_versions(PLAYS)
    ledger = lake.read_months(PLAYS)
    reference = lake.lake.read(AUDIO_FEATURES, ["artists"]) if any_unknown(ledger) else NO_REFERENCE
    described = told.rows if told else DESCRIBED_TRACKS.empty()
    rows = catalogue.unique_tracks(ledger, reference, described)
    written = lake.write(UNIQUE_TRACKS, rows, over=before)
    versions = {month.path(PLAYS.path): etag for month, etag in months.items()}
    if told and len(described):  # a table without rows is as good as none
        versions[DESCRIBED_TRACKS.path] = told.etag
    digests = track_digests_by_month(ledger, rows)
    manifest.record((versions, VERSION), written, described=digests)
    manifest.save()
    return written


@dg.asset(
    deps=[top_artists],
    group_name="catalogue",
    kinds={"parquet"},
    code_version=VERSION,
    metadata=column_schema(KNOWN_ARTISTS),
)
def known_artists(
    context: dg.AssetExecutionContext, config: RefreshConfig, lake: LakeResource
) -> dg.MaterializeResult:
    """Popularity, followers and genres of every artist in a top list."""
    own = lake.of(listener_of(context))

    def add(known: pa.Table, since: str) -> tuple[pa.Table, str | None]:
        dates = own.dates(SNAPSHOTS, since)
        lists = ((day, rows) for (day, _), rows in _lists(own, TOP_ARTISTS, dates))
        return catalogue.known_artists(known, lists), max(dates, default=None)

    return _add_dates(context, config, own, KNOWN_ARTISTS, add)


@dg.asset(
    deps=[unique_tracks, known_artists],
    group_name="catalogue",
    kinds={"parquet"},
    metadata=column_schema(UNIQUE_ARTISTS),
)
def unique_artists(context: dg.AssetExecutionContext, lake: LakeResource) -> dg.MaterializeResult:
    """Every artist who was ever played as the first artist of music."""
    with expected_failures():
        own = lake.of(listener_of(context))
        rows = catalogue.unique_artists(own.read(UNIQUE_TRACKS), own.read(KNOWN_ARTISTS))
        return _result(own.replace(UNIQUE_ARTISTS, rows))


@dg.asset(
    deps=[top_tracks, top_artists],
    group_name="catalogue",
    kinds={"parquet"},
    code_version=VERSION,
    metadata=column_schema(TOP_LISTS),
)
def top_lists(
    context: dg.AssetExecutionContext, config: RefreshConfig, lake: LakeResource
) -> dg.MaterializeResult:
    """Spotify's top lists of all dates."""
    own = lake.of(listener_of(context))

    def add(stored: pa.Table, since: str) -> tuple[pa.Table, str | None]:
        dates = own.dates(SNAPSHOTS, since)
        lists = {
            (day, kind, time_range): rows
            for kind, table in (("tracks", TOP_TRACKS), ("artists", TOP_ARTISTS))
            for (day, time_range), rows in _lists(own, table, dates)
        }
        return catalogue.top_lists(stored, lists), max(dates, default=None)

    return _add_dates(context, config, own, TOP_LISTS, add)


@dg.asset(
    deps=[snapshot_metrics],
    group_name="catalogue",
    kinds={"parquet"},
    code_version=VERSION,
    metadata=column_schema(ALL_SNAPSHOTS_METRICS),
)
def all_snapshots_metrics(
    context: dg.AssetExecutionContext, config: RefreshConfig, lake: LakeResource
) -> dg.MaterializeResult:
    """The metrics of all dates, one row per date."""
    own = lake.of(listener_of(context))

    def add(stored: pa.Table, since: str) -> tuple[pa.Table, str | None]:
        dates = own.dates(SNAPSHOTS, since)
        computed = {
            day: own.document(
                f"{SNAPSHOTS}date={day}/computed_metrics.json",
                repair_hint="delete it and backfill its date",
            )
            for day in dates
        }
        new = [
            flat_row(date.fromisoformat(day), metrics)
            for day, metrics in computed.items()
            if metrics
        ]
        rows = {row["date"]: row for row in [*stored.to_pylist(), *new]}
        return ALL_SNAPSHOTS_METRICS.from_rows(list(rows.values())), max(dates, default=None)

    return _add_dates(context, config, own, ALL_SNAPSHOTS_METRICS, add)


def _add_dates(
    context: dg.AssetExecutionContext,
    config: RefreshConfig,
    lake: ListenerLake,
    table: Table,
    add: AddDates,
) -> dg.MaterializeResult:
    with expected_failures():
        written = add_dates(
            lake,
            table,
            add,
            version=VERSION,
            date=date_of(context.run.tags),
            full_refresh=config.full_refresh,
        )
    return _result(written)


def _lists(
    lake: ListenerLake, table: Table, dates: Iterable[str]
) -> Iterator[tuple[tuple[date, str], pa.Table]]:
    """Spotify's top lists of some dates, each with its date and time range."""
    for day in dates:
        for time_range in TIME_RANGES:
            rows = lake.read(table, date=day, time_range=time_range)
            yield (date.fromisoformat(day), time_range), rows


def _result(written: WriteResult) -> dg.MaterializeResult:
    return dg.MaterializeResult(metadata={ROWS: written.rows})
