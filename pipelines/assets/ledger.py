"""Stage 4: every play exactly once, month by month, and the gaps where plays may be missing.

Add an asset here for another source of plays. How sources become plays belongs in
`listening/ledger/`, what is derived from plays in `catalogue.py` and later stages.
"""

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import dagster as dg
import pyarrow as pa

from pipelines import run_context
from pipelines.assets.history import streaming_history
from pipelines.assets.snapshots import recent_tracks
from pipelines.errors import CorruptFile
from pipelines.ingest.recent_tracks import ENDPOINT, RecentTracks
from pipelines.listening.api.polled import VERSION as READ_BY
from pipelines.listening.api.polled import deduplicate
from pipelines.listening.ledger import plays as ledger
from pipelines.listening.ledger.gaps import EARLIEST, LATE_ARRIVAL, CoverageState, CoveredInterval
from pipelines.listening.schema.tables import GAPS, PLAYS, POLLED, POLLS, RECENT_TRACKS
from pipelines.listening.time.months import Month, by_local_month, split_by_month
from pipelines.resources.dagster_resources import LakeResource, ListenersResource
from pipelines.resources.lake.imported_exports import ImportedExports
from pipelines.resources.lake.incremental_dates import first_date_to_add
from pipelines.resources.lake.incremental_months import Inputs, MonthFiles
from pipelines.resources.lake.lakes import ListenerLake
from pipelines.resources.lake.raw import RawResponses
from pipelines.resources.lake.tables import StoredTable, retry_on_conflict
from pipelines.run_context import RefreshConfig, date_of, expected_failures, listener_of
from pipelines.settings import Listener

log = logging.getLogger("playledger")

POLLED_STATE = "polled/_state.json"

MONTHS_AT_ONCE = 12
"""A query costs as much as some thousand rows; more months would need more memory."""

THREADS = 2
"""While some months are written, others are computed."""

LOOK_BACK = LATE_ARRIVAL + timedelta(days=1)
"""A poll's response may be stored under the date before the one on which it was fetched."""


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
            lake.of(listener.name),
            listener,
            date=date_of(context.run.tags),
            full_refresh=config.full_refresh,
        )
    return dg.MaterializeResult(metadata=outcome)


def update_polled(
    lake: ListenerLake, listener: Listener, *, date: str | None, full_refresh: bool
) -> dict[str, int]:
    """Bring `polled` up to date; where a file of it is damaged, derive all of it again.

    Args:
        lake: the listener's.
        listener: their settings.
        date: the date, YYYY-MM-DD, that the run is for; None for the dates that are missing.
        full_refresh: start from scratch.

    Returns:
        Numbers of dates added, of months they touch and of month files written.
    """
    try:
        return _update_polled(lake, listener, date, full_refresh=full_refresh)
    except CorruptFile as problem:
        if full_refresh:
            raise
        log.warning("derived again: %s", problem)
        return _update_polled(lake, listener, date, full_refresh=True)


@retry_on_conflict
def _update_polled(
    lake: ListenerLake, listener: Listener, date: str | None, *, full_refresh: bool
) -> dict[str, int]:
    version = f"{READ_BY} {ledger.VERSION} {listener.zones}"
    state = lake.document_if_valid(POLLED_STATE) or {}
    since = None if full_refresh else first_date_to_add(state, version, date)
    paths = {entry.key for entry in lake.store.list("polled/year=")}
    # The state has keys of the whole lake, for compatibility.
    stored = {lake.store.prefix + path for path in paths}
    if "months" not in state or not stored.issuperset(state["months"]):
        since = None  # otherwise a missing month would return with its latest dates only
    # Read first, so that what another run adds in the meantime is not overwritten.
    versions = lake.month_versions(POLLED) if since is None else {}
    dates = RawResponses(lake).dates(ENDPOINT, since=since or "")
    shown = (RecentTracks(lake, day).plays() for day in dates)
    rows = pa.concat_tables([RECENT_TRACKS.empty(), *shown])
    months = dict(by_local_month(deduplicate(rows), listener.zones))
    changed = 0
    for month, new in months.items():
        if since is None:
            written = lake.write(POLLED, new, over=versions.get(month), **month.parts)
        else:
            written = lake.update(
                POLLED, lambda kept, new=new: deduplicate(new, kept=kept), **month.parts
            )
        changed += written.changed
    for month in set(versions) - set(months):
        lake.store.delete(month.path(POLLED.path))
    if dates:
        # Not beyond today: a clock that was ahead may have dated responses in the future.
        through = min(dates[-1], datetime.now(UTC).date().isoformat())
        added = {lake.store.prefix + month.path(POLLED.path) for month in months}
        paths = (stored if since else set()) | added
        state = {"version": version, "through": through, "months": sorted(paths)}
        lake.write_document(POLLED_STATE, state)
    return {"dates": len(dates), "months": len(months), "months_changed": changed}


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
        outcome = update_plays(lake.of(listener.name), listener)
    return dg.MaterializeResult(metadata=outcome)


@retry_on_conflict
def update_plays(lake: ListenerLake, listener: Listener) -> dict[str, int]:
    """Bring `plays` up to date with `polled` and the imports.

    Args:
        lake: the listener's.
        listener: their settings.

    Returns:
        Numbers of rows, of months and of month files written.
    """
    files = MonthFiles(lake, PLAYS)
    sources = PlaySources(lake, listener)
    stale = files.stale({month: sources.inputs(month) for month in sources.months()})

    def derive(months: Sequence[Month]) -> int:
        return sum(files.write(month, rows) for month, rows in sources.plays(months).items())

    with ThreadPoolExecutor(THREADS) as threads:
        starts = range(0, len(stale), MONTHS_AT_ONCE)
        changed = sum(threads.map(derive, (stale[at : at + MONTHS_AT_ONCE] for at in starts)))
    return files.finish() | {"months_changed": changed}


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
        imports = {f"streaming_history/{i.id}": i.id for i in self._imports.touching(month)}
        etag = self._polled.get(month)
        versions = imports | ({month.path(POLLED.path): etag} if etag else {})
        return versions, (ledger.VERSION, self._listener.zones)

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


@dg.asset(
    deps=[recent_tracks, streaming_history],
    group_name="ledger",
    kinds={"parquet"},
    metadata=run_context.column_schema(GAPS),
)
def gaps(
    context: dg.AssetExecutionContext, config: RefreshConfig, lake: LakeResource
) -> dg.MaterializeResult:
    """Intervals in which plays may be missing, and what closed them."""
    with expected_failures():
        state = update_gaps(
            lake.of(listener_of(context)),
            date=date_of(context.run.tags),
            full_refresh=config.full_refresh,
        )
    still_open = [gap for gap in state.coverage.gaps if gap.is_significant and not gap.closed_at]
    hours = sum((gap.end - gap.start).total_seconds() for gap in still_open) / 3600
    return dg.MaterializeResult(
        metadata={
            "dagster/row_count": len(state.coverage.table()),
            "open_gaps": len(still_open),
            "open_hours": round(hours, 2),
        }
    )


@retry_on_conflict
def update_gaps(lake: ListenerLake, *, date: str | None, full_refresh: bool) -> CoverageState:
    """Bring `gaps` up to date with all polls and imports.

    Args:
        lake: the listener's.
        date: the date, YYYY-MM-DD, that the run is for; None for the polls that are missing.
        full_refresh: start from scratch.
    """
    stored = None if full_refresh else lake.find_if_valid(GAPS)
    version = stored.etag if stored else lake.etag(GAPS)
    state = _coverage_state(lake, stored, date)
    lake.write(GAPS, state.coverage.table(), over=version, notes=state.notes())
    return state


def _coverage_state(
    lake: ListenerLake, stored: StoredTable | None, date: str | None
) -> CoverageState:
    """The coverage of all polls and imports.

    Only the latest polls are read, unless some come before the watermark, as those of an earlier
    date or of a clock that was set back: then all are.
    """
    before = CoverageState.from_notes(stored.rows, stored.notes) if stored else None
    if before and date and date < before.watermark[0].date().isoformat():
        before = None
    exports = ImportedExports(lake)
    exported = [
        CoveredInterval(span.start, span.end, one.imported_at, one.id)
        for one in exports.all
        for span in one.spans
    ]
    if before is None or not before.imports.issuperset(one.id for one in exports.all):
        # What is added already stays as it is: only a new import is compared with the others.
        exported = [
            one.with_edges(exports.at_ends(one.source, one.start, one.end)) for one in exported
        ]
    if before is None:
        return CoverageState().add_all(_polls(lake, since=""), exported)
    # `max`: an import may have been added before the first poll.
    since = max(before.watermark[0], EARLIEST + LOOK_BACK) - LOOK_BACK
    polls = _polls(lake, since=since.date().isoformat())
    if not before.is_consistent(polls, exported):
        return _coverage_state(lake, None, None)
    return before.add_all(polls, exported)


def _polls(lake: ListenerLake, since: str) -> pa.Table:
    dates = RawResponses(lake).dates(ENDPOINT, since=since)
    return pa.concat_tables([POLLS.empty(), *(RecentTracks(lake, date).polls() for date in dates)])
