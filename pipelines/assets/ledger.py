"""Stage 4: every play exactly once, month by month; what is covered, and the gaps between.

Add an asset here for another source of plays. How sources become plays belongs in
`listening/ledger/`, what is derived from plays in `catalogue.py` and later stages.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import dagster as dg
import pyarrow as pa
import pyarrow.compute as pc

from pipelines import run_context
from pipelines.assets.history import streaming_history
from pipelines.assets.snapshots import recent_tracks
from pipelines.errors import CorruptFile
from pipelines.ingest.covered import update_covered
from pipelines.ingest.recent_tracks import ENDPOINT, RecentTracks
from pipelines.listening.api.polled import VERSION as READ_BY
from pipelines.listening.api.polled import deduplicate
from pipelines.listening.ledger import gaps as between
from pipelines.listening.ledger import plays as ledger
from pipelines.listening.ledger.covered import Covered
from pipelines.listening.ledger.gaps import Gap
from pipelines.listening.schema.tables import COVERED, GAPS, PLAYS, POLLED, RECENT_TRACKS
from pipelines.listening.time.months import Month, by_local_month, months_touching, split_by_month
from pipelines.resources.dagster_resources import LakeResource, ListenersResource
from pipelines.resources.lake.imported_exports import IMPORTS, ImportedExports
from pipelines.resources.lake.lakes import ListenerLake, folder_of
from pipelines.resources.lake.manifest import (
    ROWS,
    THROUGH,
    Inputs,
    Manifest,
    MonthFiles,
    digest,
    first_date_to_add,
)
from pipelines.resources.lake.raw import RawResponses
from pipelines.resources.lake.tables import StoredTable, retry_on_conflict
from pipelines.run_context import RefreshConfig, date_of, expected_failures, is_poll, listener_of
from pipelines.settings import Listener

log = logging.getLogger("playledger")

MONTHS_AT_ONCE = 12
"""A query costs as much as some thousand rows; more months would need more memory."""

THREADS = 2
"""While some months are written, others are computed."""


@dg.asset(
    deps=[recent_tracks],
    group_name="ledger",
    kinds={"parquet"},
    code_version=f"{READ_BY} {ledger.VERSION}",
    metadata=run_context.column_schema(POLLED),
)
def polled(
    context: dg.AssetExecutionContext,
    config: RefreshConfig,
    lake: LakeResource,
    listeners: ListenersResource,
) -> dg.MaterializeResult:
    """The plays that any poll showed, each once: `recent_tracks` of all dates, by month.

    A run adds its date, if it has one, and everything after the watermark, including dates that a
    killed run had collected but not derived.
    """
    with expected_failures():
        listener = listeners.get(listener_of(context))
        outcome = update_polled(
            lake.of_run(context),
            listener,
            date=date_of(context.run.tags),
            full_refresh=config.full_refresh,
            quick=is_poll(context),
        )
    return dg.MaterializeResult(metadata=outcome)


def update_polled(
    lake: ListenerLake,
    listener: Listener,
    *,
    date: str | None,
    full_refresh: bool,
    quick: bool = False,
) -> dict[str, int]:
    """Bring `polled` up to date; where a file of it is damaged, derive all of it again.

    Args:
        lake: the listener's.
        listener: their settings.
        date: the date, YYYY-MM-DD, that the run is for; None for the dates that are missing.
        full_refresh: start from scratch.
        quick: where its manifest has the latest plays, do not look for the files.

    Returns:
        Numbers of dates added, of months they touch and of month files written.
    """
    try:
        return _update_polled(lake, listener, date, full_refresh=full_refresh, quick=quick)
    except CorruptFile as problem:
        if full_refresh:
            raise
        log.warning("derived again: %s", problem)
        return _update_polled(lake, listener, date, full_refresh=True, quick=False)


@retry_on_conflict
def _update_polled(
    lake: ListenerLake, listener: Listener, date: str | None, *, full_refresh: bool, quick: bool
) -> dict[str, int]:
    manifest = Manifest(lake, folder_of(POLLED))
    version = f"{READ_BY} {ledger.VERSION} {listener.zones}"
    since = None if full_refresh else first_date_to_add(manifest.entry(), version, date)
    if quick and since:
        shown = _shown(lake, since, with_names=False)
        if manifest.is_current(_inputs_of_polled(shown, version)):
            return {"dates": len(shown), "months": 0, "months_changed": 0}
        lake.forget()
        manifest = Manifest(lake, folder_of(POLLED))
        since = first_date_to_add(manifest.entry(), version, date)
    # Read first, so that what another run adds in the meantime is not overwritten.
    stored = lake.month_versions(POLLED)
    recorded = manifest.entries.keys() - {manifest.place}
    if since is None or not recorded <= {month.path(POLLED.path) for month in stored}:
        since = None  # a missing month would return with its latest dates only
        manifest.entries.clear()
    shown = _shown(lake, since or "", with_names=not (quick and since))
    rows = pa.concat_tables([RECENT_TRACKS.empty(), *(one.rows for one in shown.values())])
    months = dict(by_local_month(deduplicate(rows), listener.zones))
    changed = 0
    for month, new in months.items():
        kept = lake.find(POLLED, **month.parts) if since and month in stored else None
        together = deduplicate(new, kept=kept.rows) if kept else new
        over = kept.etag if kept else stored.get(month)
        written = lake.write(POLLED, together, over=over, **month.parts)
        manifest.record(({}, version), written, path=month.path(POLLED.path))
        changed += written.changed
    if since is None:
        for month in set(stored) - set(months):
            lake.store.delete(month.path(POLLED.path))
    if shown:
        manifest.record(_inputs_of_polled(shown, version))
        manifest.save()
    return {"dates": len(shown), "months": len(months), "months_changed": changed}


def _shown(lake: ListenerLake, since: str, *, with_names: bool) -> dict[str, StoredTable]:
    """The plays that polls showed on each date from one on."""
    raw = RawResponses(lake)
    dates = raw.names_since(ENDPOINT, since) if since else raw.dates(ENDPOINT)
    return {day: RecentTracks(lake, day).plays(with_names=with_names) for day in dates}


def _inputs_of_polled(shown: Mapping[str, StoredTable], version: str) -> Inputs:
    """Of what `polled` is made: all dates through one, and that one in this version."""
    # Not beyond today: older versions also kept what a clock dated that was ahead.
    through = min(max(shown, default=""), datetime.now(UTC).date().isoformat())
    last = {
        RECENT_TRACKS.path.format(date=day): one.etag
        for day, one in shown.items()
        if day >= through
    }
    return {THROUGH: through} | last, version


@dg.asset(
    deps=[polled, streaming_history],
    group_name="ledger",
    kinds={"parquet"},
    code_version=str(ledger.VERSION),
    metadata=run_context.column_schema(PLAYS),
)
def plays(
    context: dg.AssetExecutionContext, lake: LakeResource, listeners: ListenersResource
) -> dg.MaterializeResult:
    """The ledger: one row per play, month by month.

    The manifest lists the sources of each month with their versions. Only months whose sources
    have changed are derived again.
    """
    with expected_failures():
        listener = listeners.get(listener_of(context))
        outcome = update_plays(lake.of_run(context), listener, quick=is_poll(context))
    return dg.MaterializeResult(metadata=outcome)


@retry_on_conflict
def update_plays(lake: ListenerLake, listener: Listener, *, quick: bool = False) -> dict[str, int]:
    """Bring `plays` up to date with `polled` and the imports.

    Args:
        lake: the listener's.
        listener: their settings.
        quick: where its manifest has all sources, do not look for the files.

    Returns:
        Numbers of rows, of months and of month files written.
    """
    if quick:
        recorded = Manifest(lake, folder_of(PLAYS))
        if recorded.is_current(_all_sources(lake, listener)):
            rows = [entry["rows"] for entry in recorded.entries.values()]
            return {ROWS: sum(rows), "months": sum(map(bool, rows)), "months_changed": 0}
        lake.forget()
    files = MonthFiles(lake, PLAYS)
    whole = _all_sources(lake, listener)
    sources = PlaySources(lake, listener)
    stale = files.stale({month: sources.inputs(month) for month in sources.months()})

    def derive(months: Sequence[Month]) -> int:
        return sum(
            files.write(month, rows, sources=sorted(pc.unique(rows["source"]).to_pylist()))
            for month, rows in sources.plays(months).items()
        )

    with ThreadPoolExecutor(THREADS) as threads:
        starts = range(0, len(stale), MONTHS_AT_ONCE)
        changed = sum(threads.map(derive, (stale[at : at + MONTHS_AT_ONCE] for at in starts)))
    return files.finish(whole) | {"months_changed": changed}


def _all_sources(lake: ListenerLake, listener: Listener) -> Inputs:
    """Of what all months together are made, for whoever only asks whether there is anything new."""
    shown = Manifest(lake, folder_of(POLLED)).entries
    versions = {path: entry["etag"] for path, entry in shown.items() if entry["etag"]}
    imports = ImportedExports(lake).ids
    inputs = {folder_of(POLLED): digest(sorted(versions.items())), IMPORTS: digest(imports)}
    return inputs, f"{ledger.VERSION} {listener.zones}"


class PlaySources:
    """The sources of a listener's plays, month by month.

    Args:
        lake: the listener's.
        listener: their settings.
    """

    def __init__(self, lake: ListenerLake, listener: Listener) -> None:
        self._lake, self._listener = lake, listener
        self._imports = ImportedExports(lake)
        self._polled = lake.month_versions(POLLED)

    def months(self) -> list[Month]:
        """Months in which there may be plays, in order."""
        return sorted(self._imports.months | set(self._polled))

    def inputs(self, month: Month) -> Inputs:
        """The inputs of a month; imports never change, so their id is their version."""
        imports = {f"{IMPORTS}{i.id}": i.id for i in self._imports.touching(month)}
        etag = self._polled.get(month)
        versions = imports | ({month.path(POLLED.path): etag} if etag else {})
        return versions, f"{ledger.VERSION} {self._listener.zones}"

    def plays(self, months: Sequence[Month]) -> dict[Month, pa.Table]:
        """The plays of some months, by month; months without plays are left out."""
        parts = [self._assembled(month) for month in months]
        listener = self._listener
        return split_by_month(ledger.plays(parts, listener=listener.name, zones=listener.zones))

    def _assembled(self, month: Month) -> ledger.Assembled:
        imports = [self._imports.rows(one, month) for one in self._imports.touching(month)]
        stored = month in self._polled
        polled = self._lake.read(POLLED, **month.parts) if stored else POLLED.empty()
        return ledger.assemble(polled, imports, month)


@dg.multi_asset(
    name="gaps",
    outs={
        table.name: dg.AssetOut(
            description=table.grain,
            group_name="ledger",
            kinds={"parquet"},
            metadata=run_context.column_schema(table),
            is_required=False,
        )
        for table in (COVERED, GAPS)
    },
    deps=[recent_tracks, streaming_history, plays],
    can_subset=True,
)
def coverage_tables(
    context: dg.AssetExecutionContext, config: RefreshConfig, lake: LakeResource
) -> Iterator[dg.MaterializeResult]:
    """Stretches of time in which every play is known, and the gaps in which plays may be missing.

    Both are always made: one follows from the other.
    """
    with expected_failures():
        known = update_gaps(
            lake.of_run(context),
            date=date_of(context.run.tags),
            full_refresh=config.full_refresh,
            quick=is_poll(context),
        )
    found = known.coverage.gaps
    still_open = [gap for gap in found if gap.is_significant and not gap.closed_at]
    hours = sum((gap.end - gap.start).total_seconds() for gap in still_open) / 3600
    metadata: dict[str, dict[str, int | float]] = {
        COVERED.name: {ROWS: len(known.intervals)},
        GAPS.name: {
            ROWS: sum(gap.is_significant for gap in found),
            "open_gaps": len(still_open),
            "open_hours": round(hours, 2),
        },
    }
    for key in sorted(context.selected_asset_keys):
        yield dg.MaterializeResult(asset_key=key, metadata=metadata[key.path[-1]])


@retry_on_conflict
def update_gaps(
    lake: ListenerLake, *, date: str | None, full_refresh: bool, quick: bool = False
) -> Covered:
    """Bring `covered` up to date with all polls and imports, and `gaps` with it.

    Args:
        lake: the listener's.
        date: the date, YYYY-MM-DD, that the run is for; None for the polls that are missing.
        full_refresh: start from scratch.
        quick: where the manifest has these gaps, do not look for the file.
    """
    # Before anything else, so that what another run writes in the meantime is not overwritten.
    manifest, stored = Manifest(lake, GAPS.path), None if quick else lake.etag(GAPS)
    known = update_covered(lake, date=date, full_refresh=full_refresh)
    shown = [gap for gap in known.coverage.gaps if gap.is_significant]
    partial = _partial_knowledge(lake, shown)
    versions = {month.path(PLAYS.path): etag for month, etag in partial.items()}
    columns = ["played_at", "source"]
    none = PLAYS.with_columns(columns).empty()
    # Of what is covered the gaps matter, not how far it reaches by now.
    covered = digest(between.gaps_table(shown, none).to_pylist())
    inputs = {COVERED.path: covered, **versions}, between.VERSION
    if quick:
        if manifest.is_current(inputs):
            return known
        lake.forget()
        return update_gaps(lake, date=date, full_refresh=False)
    plays = [lake.read(PLAYS, columns, **month.parts) for month in sorted(partial)]
    rows = pa.concat_tables([none, *plays])
    manifest.record(inputs, lake.write(GAPS, between.gaps_table(shown, rows), over=stored))
    manifest.save()
    return known


def _partial_knowledge(lake: ListenerLake, gaps: Sequence[Gap]) -> dict[Month, str]:
    """The months that gaps touch and that have plays from sources that cover nothing."""
    if not gaps:
        return {}
    ledgers = Manifest(lake, folder_of(PLAYS)).entries
    touched = {month for gap in gaps for month in months_touching(gap.start, gap.end)}
    entries = {month: ledgers.get(month.path(PLAYS.path), {}) for month in touched}
    return {
        month: entry["etag"]
        for month, entry in entries.items()
        if any(map(between.covers_nothing, entry.get("sources", ())))
    }
