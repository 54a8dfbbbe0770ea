"""Stage 4: every play exactly once, month by month, and the gaps where plays may be missing.

Add an asset here when a further source of plays joins the ledger. How sources become plays
belongs in `listening/ledger/plays.py`, what follows from plays in `listening/catalogue/tracks_and_artists.py` and later stages.
"""

import logging
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import dagster as dg
import pyarrow as pa

from pipelines import run_context
from pipelines.assets.history import streaming_history
from pipelines.assets.snapshots import recent_tracks
from pipelines.errors import CorruptFile
from pipelines.ingest.recent_tracks import RecentTracks
from pipelines.listening.api.polled import VERSION as READ_BY
from pipelines.listening.api.polled import deduplicate
from pipelines.listening.ledger import plays as ledger
from pipelines.listening.ledger.gaps import EARLIEST, LATE_ARRIVAL, CoverageState, CoveredInterval
from pipelines.listening.schema.tables import GAPS, PLAYS, POLLED, POLLS, RECENT_TRACKS
from pipelines.listening.time.months import Month, by_local_month, split_by_month
from pipelines.resources.lake.imported_exports import Imports
from pipelines.resources.lake.incremental_dates import first_date
from pipelines.resources.lake.incremental_months import MonthFiles, month_versions
from pipelines.resources.lake.raw import Raw
from pipelines.resources.lake.tables import Found, Lake, again_on_conflict
from pipelines.run_context import expected_failures
from pipelines.settings import Listener, Settings

log = logging.getLogger("playledger")

MONTHS_AT_ONCE = 6
"""A query costs as much as some thousand rows; more months than these need more memory."""

MAKERS = 2
"""While some months are written, others are computed."""

LOOK_BACK = LATE_ARRIVAL + timedelta(days=1)
"""A poll's answer may be kept under the date before the one on which it was fetched."""


@dg.asset(
    deps=[recent_tracks],
    group_name="ledger",
    kinds={"parquet"},
    metadata=run_context.column_schema(POLLED),
)
def polled(context: dg.AssetExecutionContext, lake: dg.ResourceParam[Lake]) -> dg.MaterializeResult:
    """The plays that any poll showed, each once: `recent_tracks` of all dates, by month.

    A run for a date takes in that date and whatever came after the last date taken in, also
    what a killed run had kept but not derived. A run without a date starts from nothing.
    """
    with expected_failures():
        listener = Settings().listener(run_context.listener_of(context))
        outcome = take_in(lake, listener, run_context.date_of(context.run.tags))
    return dg.MaterializeResult(metadata=outcome)


def take_in(lake: Lake, listener: Listener, date: str | None) -> dict[str, int]:
    """Bring `polled` up to date for a run for this date, or for a rebuild of everything.

    Where a file of it is damaged, all of it is made anew.

    Returns:
        Numbers of dates taken in, of months they touch and of month files written.
    """
    try:
        return _take_in(lake, listener, date)
    except CorruptFile as problem:
        if date is None:
            raise
        log.warning("made anew: %s", problem)
        return _take_in(lake, listener, None)


@again_on_conflict
def _take_in(lake: Lake, listener: Listener, date: str | None) -> dict[str, int]:
    home = f"users/{listener.name}/"
    version = f"{READ_BY} {ledger.VERSION} {listener.zones}"
    state = lake.sound_document(f"{home}polled/_state.json") or {}
    since = first_date(state, version, date)
    paths = {entry.key for entry in lake.store.list(f"{home}polled/year=")}
    if "months" not in state or not paths.issuperset(state["months"]):
        since = None  # a month that is gone would come back with the latest dates alone
    # Before anything else is read: what another run adds meanwhile must not be written over.
    there = month_versions(lake, listener.name, POLLED) if since is None else {}
    dates = Raw(lake, listener.name).dates("recently_played", since=since or "")
    rows = pa.concat_tables([RECENT_TRACKS.empty(), *_derived(lake, listener, dates)])
    months = dict(by_local_month(deduplicate(rows), listener.zones))
    changed = 0
    for month, shown in months.items():
        path = f"{home}{month.path(POLLED.path)}"
        if since is None:
            written = lake.write(path, POLLED, shown, over=there.get(month))
        else:
            written = lake.update(path, POLLED, lambda kept, new=shown: deduplicate(new, kept=kept))
        changed += written.changed
    for gone in set(there) - set(months):
        lake.store.delete(f"{home}{gone.path(POLLED.path)}")
    if dates:
        # A clock that was ahead has dated answers into the future: what comes is still to be taken.
        through = min(dates[-1], datetime.now(UTC).date().isoformat())
        paths = (paths if since else set()) | {f"{home}{one.path(POLLED.path)}" for one in months}
        state = {"version": version, "through": through, "months": sorted(paths)}
        lake.write_document(f"{home}polled/_state.json", state)
    return {"dates": len(dates), "months": len(months), "months_changed": changed}


def _derived(lake: Lake, listener: Listener, dates: list[str]) -> Iterator[pa.Table]:
    for date in dates:
        snapshot = RecentTracks(lake, listener.name, date)
        path = snapshot.path(RECENT_TRACKS)
        found = lake.sound(path, RECENT_TRACKS) if snapshot.up_to_date() else None
        if found is None:
            snapshot.derive(anew=True)
        yield found.rows if found else lake.read(path, RECENT_TRACKS)


@dg.asset(
    deps=[polled, streaming_history],
    group_name="ledger",
    kinds={"parquet"},
    metadata=run_context.column_schema(PLAYS),
)
def plays(context: dg.AssetExecutionContext, lake: dg.ResourceParam[Lake]) -> dg.MaterializeResult:
    """The ledger: one row per play, month by month.

    The manifest tells which sources, in which version, each month was made of. Only months whose
    sources have changed are made again.
    """
    with expected_failures():
        listener = Settings().listener(run_context.listener_of(context))
        outcome = bring_up_to_date(lake, listener)
    return dg.MaterializeResult(metadata=outcome)


@again_on_conflict
def bring_up_to_date(lake: Lake, listener: Listener) -> dict[str, int]:
    """Make `plays` of `polled` and of imports, as far as it is not made of them yet.

    Returns:
        Numbers of rows, of months and of month files written.
    """
    files = MonthFiles(lake, listener.name, PLAYS)
    sources = Sources(lake, listener)
    made_of = (ledger.VERSION, listener.zones)
    stale = files.stale({month: (sources.versions(month), made_of) for month in sources.months()})

    def make(months: Sequence[Month]) -> int:
        return sum(files.write(month, rows) for month, rows in sources.plays(months).items())

    with ThreadPoolExecutor(MAKERS) as makers:
        starts = range(0, len(stale), MONTHS_AT_ONCE)
        changed = sum(makers.map(make, (stale[at : at + MONTHS_AT_ONCE] for at in starts)))
    return files.finish() | {"months_changed": changed}


class Sources:
    """What a listener's plays are made of, month by month."""

    def __init__(self, lake: Lake, listener: Listener) -> None:
        self._lake, self._listener = lake, listener
        self._imports = Imports(lake, listener.name)
        self._polled = month_versions(lake, listener.name, POLLED)

    def months(self) -> list[Month]:
        """Months in which there may be plays, in order."""
        return sorted(self._imports.months | set(self._polled))

    def versions(self, month: Month) -> dict[str, str]:
        """By name of a source its version; an import never changes."""
        imports = {f"streaming_history/{i.id}": i.id for i in self._imports.touching(month)}
        etag = self._polled.get(month)
        return imports | ({month.path(POLLED.path): etag} if etag else {})

    def plays(self, months: Sequence[Month]) -> dict[Month, pa.Table]:
        """The plays of some months, by month; those without any are left out."""
        parts = [self._assembled(month) for month in months]
        listener = self._listener
        return split_by_month(ledger.plays(parts, listener=listener.name, zones=listener.zones))

    def _assembled(self, month: Month) -> ledger.Assembled:
        path = f"users/{self._listener.name}/{month.path(POLLED.path)}"
        imports = [self._imports.rows(one, month) for one in self._imports.touching(month)]
        polled = self._lake.read(path, POLLED) if month in self._polled else POLLED.empty()
        return ledger.assemble(polled, imports, month)


@dg.asset(
    deps=[polled, streaming_history],
    group_name="ledger",
    kinds={"parquet"},
    metadata=run_context.column_schema(GAPS),
)
def gaps(context: dg.AssetExecutionContext, lake: dg.ResourceParam[Lake]) -> dg.MaterializeResult:
    """Stretches of time in which plays may have been lost, and what closed them."""
    with expected_failures():
        name = run_context.listener_of(context)
        date = run_context.date_of(context.run.tags)
        polling = find_gaps(lake, name, rebuild=run_context.is_rebuild(context), date=date)
    still_open = [gap for gap in polling.coverage.gaps if gap.is_significant and not gap.closed_at]
    hours = sum((gap.end - gap.start).total_seconds() for gap in still_open) / 3600
    return dg.MaterializeResult(
        metadata={
            "dagster/row_count": len(polling.coverage.table()),
            "open_gaps": len(still_open),
            "open_hours": round(hours, 2),
        }
    )


@again_on_conflict
def find_gaps(
    lake: Lake, listener: str, *, rebuild: bool, date: str | None = None
) -> CoverageState:
    """Write what all polls and imports have taught into `gaps`.

    Args:
        lake: the lake.
        listener: whose.
        rebuild: whether to start from nothing.
        date: the date that the run is for, if it is for one.
    """
    path = f"users/{listener}/{GAPS.path}"
    found = None if rebuild else lake.sound(path, GAPS)
    version = found.etag if found else lake.etag(path)
    polling = _polling(lake, listener, found, date)
    lake.write(path, GAPS, polling.coverage.table(), over=version, notes=polling.notes())
    return polling


def _polling(
    lake: Lake, listener: str, found: Found | None, date: str | None = None
) -> CoverageState:
    """What all polls have taught; only the latest are read unless some were taken in too late.

    So were those of a date before the last poll taken in, as by a clock that was set back.
    """
    before = CoverageState.from_notes(found.rows, found.notes) if found else None
    if before and date and date < before.watermark[0].date().isoformat():
        before = None
    vouched = [
        CoveredInterval(span.start, span.end, one.imported_at, one.id)
        for one in Imports(lake, listener).all
        for span in one.spans
    ]
    if before is None:
        return CoverageState().add_all(_polls(lake, listener, since=""), vouched)
    # An import can have been taken in before the first poll.
    since = max(before.watermark[0], EARLIEST + LOOK_BACK) - LOOK_BACK
    polls = _polls(lake, listener, since=since.date().isoformat())
    if not before.is_consistent(polls, vouched):
        return _polling(lake, listener, None)
    return before.add_all(polls, vouched)


def _polls(lake: Lake, listener: str, since: str) -> pa.Table:
    dates = Raw(lake, listener).dates("recently_played", since=since)
    paths = [RecentTracks(lake, listener, date).path(POLLS) for date in dates]
    return pa.concat_tables([POLLS.empty(), *(lake.read(path, POLLS) for path in paths)])
