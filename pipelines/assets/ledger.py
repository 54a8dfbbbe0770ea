"""Stage 3: every play exactly once, month by month, and the gaps where plays may be missing.

Add an asset here when a further source of plays joins the ledger. How sources become plays
belongs in `listening/ledger.py`, what follows from plays in `catalogue.py` and later stages.
"""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

import dagster as dg
import pyarrow as pa

from pipelines import runs
from pipelines.assets.snapshots import recent_tracks
from pipelines.catching_up import first_date
from pipelines.deriving import RecentTracks
from pipelines.failures import plainly
from pipelines.listening import ledger
from pipelines.listening.knowledge import LATELY, Polling
from pipelines.listening.polled import VERSION as READ_BY
from pipelines.listening.polled import once
from pipelines.listening.tables import GAPS, PLAYS, POLLED, POLLS, RECENT_TRACKS
from pipelines.resources.lake import Found, Lake, again_on_conflict
from pipelines.resources.raw import Raw
from pipelines.settings import Listener, Settings

LOOK_BACK = LATELY + timedelta(days=1)
"""A poll's answer may be kept under the date before the one on which it was fetched."""


@dg.asset(
    deps=[recent_tracks],
    group_name="ledger",
    kinds={"parquet"},
    metadata=runs.column_schema(POLLED),
)
def polled(context: dg.AssetExecutionContext, lake: dg.ResourceParam[Lake]) -> dg.MaterializeResult:
    """The plays that any poll showed, each once: `recent_tracks` of all dates, by month.

    A run for a date takes in that date and whatever came after the last date taken in, also
    what a killed run had kept but not derived. A run without a date starts from nothing.
    """
    with plainly():
        listener = Settings().listener(runs.listener_of(context))
        outcome = take_in(lake, listener, runs.date_of(context.run.tags))
    return dg.MaterializeResult(metadata=outcome)


@again_on_conflict
def take_in(lake: Lake, listener: Listener, date: str | None) -> dict[str, int]:
    """Bring `polled` up to date for a run for this date, or for a rebuild of everything.

    Returns:
        Numbers of dates taken in, of months they touch and of month files written.
    """
    home = f"users/{listener.name}/"
    version = f"{READ_BY} {ledger.VERSION} {listener.zones}"
    state = lake.document(f"{home}polled/_state.json") or {}
    since = first_date(state, version, date)
    # Before anything else is read: what another run adds meanwhile must not be written over.
    there = _versions(lake, f"{home}polled/") if since is None else {}
    dates = Raw(lake, listener.name).dates("recently_played", since=since or "")
    rows = pa.concat_tables([RECENT_TRACKS.empty(), *_derived(lake, listener, dates)])
    months = {
        f"{home}{month.path(POLLED.path)}": shown
        for month, shown in ledger.by_local_month(once(rows), listener.zones)
    }
    changed = 0
    for path, shown in months.items():
        if since is None:
            written = lake.write(path, POLLED, shown, over=there.get(path))
        else:
            written = lake.update(path, POLLED, lambda kept, new=shown: once(new, kept=kept))
        changed += written.changed
    _delete(lake, set(there) - set(months))
    if dates:
        state = {"version": version, "through": dates[-1]}
        lake.write_document(f"{home}polled/_state.json", state)
    return {"dates": len(dates), "months": len(months), "months_changed": changed}


def _derived(lake: Lake, listener: Listener, dates: list[str]) -> Iterator[pa.Table]:
    for date in dates:
        snapshot = RecentTracks(lake, listener.name, date)
        if not snapshot.up_to_date():
            snapshot.derive(anew=True)
        yield lake.read(snapshot.path(RECENT_TRACKS), RECENT_TRACKS)


@dg.asset(deps=[polled], group_name="ledger", kinds={"parquet"}, metadata=runs.column_schema(PLAYS))
def plays(context: dg.AssetExecutionContext, lake: dg.ResourceParam[Lake]) -> dg.MaterializeResult:
    """The ledger: one row per play, month by month.

    The manifest tells which sources, in which version, each month was made of. Only months whose
    sources have changed are made again.
    """
    with plainly():
        listener = Settings().listener(runs.listener_of(context))
        outcome = bring_up_to_date(lake, listener)
    return dg.MaterializeResult(metadata=outcome)


@again_on_conflict
def bring_up_to_date(lake: Lake, listener: Listener) -> dict[str, int]:
    """Make `plays` of `polled`, as far as it is not made of it yet.

    Returns:
        Numbers of rows, of months and of month files written.
    """
    home = f"users/{listener.name}/"
    manifest = lake.document(f"{home}plays/_manifest.json") or {}
    there = _versions(lake, f"{home}plays/")
    made: dict[str, dict[str, Any]] = {}
    changed = 0
    for source in lake.store.list(f"{home}polled/year="):
        path = source.key.replace(f"{home}polled/", f"{home}plays/", 1)
        name = path.removeprefix(home)
        sources = {source.key.removeprefix(home): source.etag}
        fingerprint = _fingerprint(sources, ledger.VERSION, listener.zones)
        known = manifest.get(name, {})
        if known.get("fingerprint") == fingerprint and known.get("etag") == there.get(path):
            made[name] = known
            continue
        shown = lake.read(source.key, POLLED)
        rows = ledger.plays(shown, listener=listener.name, zones=listener.zones)
        notes = {"fingerprint": fingerprint}
        written = lake.write(path, PLAYS, rows, over=there.get(path), notes=notes)
        changed += written.changed
        made[name] = {
            "fingerprint": fingerprint,
            "sources": sources,
            "etag": written.etag,
            "plays": written.rows,
        }
    # Only months listed before their sources were: another run may have added some since.
    _delete(lake, set(there) - {f"{home}{name}" for name in made})
    lake.write_document(f"{home}plays/_manifest.json", made)
    return {
        "dagster/row_count": sum(one["plays"] for one in made.values()),
        "months": len(made),
        "months_changed": changed,
    }


def _fingerprint(*made_of: object) -> str:
    return hashlib.sha256(repr(made_of).encode()).hexdigest()


def _versions(lake: Lake, folder: str) -> dict[str, str]:
    """ETag by path of a table's month files."""
    return {entry.key: entry.etag for entry in lake.store.list(f"{folder}year=")}


def _delete(lake: Lake, paths: Iterable[str]) -> None:
    """Delete month files that the sources no longer give, as after a change of time zone."""
    for path in paths:
        lake.store.delete(path)


@dg.asset(deps=[polled], group_name="ledger", kinds={"parquet"}, metadata=runs.column_schema(GAPS))
def gaps(context: dg.AssetExecutionContext, lake: dg.ResourceParam[Lake]) -> dg.MaterializeResult:
    """Stretches of time in which plays may have been lost, and what closed them."""
    with plainly():
        name = runs.listener_of(context)
        polling = find_gaps(lake, name, rebuild=runs.date_of(context.run.tags) is None)
    still_open = [gap for gap in polling.knowledge.gaps if gap.matters and not gap.closed_at]
    hours = sum((gap.end - gap.start).total_seconds() for gap in still_open) / 3600
    return dg.MaterializeResult(
        metadata={
            "dagster/row_count": len(polling.knowledge.table()),
            "open_gaps": len(still_open),
            "open_hours": round(hours, 2),
        }
    )


@again_on_conflict
def find_gaps(lake: Lake, listener: str, *, rebuild: bool) -> Polling:
    """Write what all polls have taught into `gaps`."""
    path = f"users/{listener}/{GAPS.path}"
    found = None if rebuild else lake.find(path, GAPS)
    version = found.etag if found else lake.etag(path)
    polling = _polling(lake, listener, found)
    lake.write(path, GAPS, polling.knowledge.table(), over=version, notes=polling.notes())
    return polling


def _polling(lake: Lake, listener: str, found: Found | None) -> Polling:
    """What all polls have taught; only the latest are read unless some were taken in too late."""
    before = Polling.restored(found.rows, found.notes) if found else None
    if before is None:
        return Polling().take_all(_polls(lake, listener, since=""))
    polls = _polls(lake, listener, since=f"{before.through[0] - LOOK_BACK:%Y-%m-%d}")
    return before.take_all(polls) if before.knows(polls) else _polling(lake, listener, None)


def _polls(lake: Lake, listener: str, since: str) -> pa.Table:
    dates = Raw(lake, listener).dates("recently_played", since=since)
    paths = [RecentTracks(lake, listener, date).path(POLLS) for date in dates]
    return pa.concat_tables([POLLS.empty(), *(lake.read(path, POLLS) for path in paths)])
