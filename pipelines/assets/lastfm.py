"""What Last.fm knows of listeners who have a name there in `listeners.toml`: scrobbles, and counts.

Scrobbles belong to stage 3, counts come after stage 5. Others do not have these assets at all. What
is asked for is `ingest/lastfm.py` and `ingest/lastfm_counts.py`. Add here another asset that only
such listeners have.
"""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import dagster as dg

from pipelines import run_context
from pipelines.assets.catalogue import unique_tracks
from pipelines.errors import CorruptFile, LastfmDown, PlayledgerError, SettingsError
from pipelines.ingest import lastfm_counts
from pipelines.ingest.lastfm import Collected, Collector
from pipelines.ingest.lastfm_counts import Counts
from pipelines.ingest.lastfm_imports import Scrobbles, Updated
from pipelines.listening.schema.count_tables import LASTFM_TRACKS, LASTFM_USER_TRACKS
from pipelines.listening.schema.tables import HISTORY
from pipelines.resources.dagster_resources import LakeResource, LastfmResource, ListenersResource
from pipelines.resources.lake.manifest import ROWS
from pipelines.run_context import expected_failures, listener_of

NAME = "lastfm_scrobbles"
WAS_READ = "lastfm_was_read"

COUNT_TABLES = (LASTFM_USER_TRACKS, LASTFM_TRACKS)
COUNTS_WERE_READ = "lastfm_counts_were_read"

SECONDS_A_RUN = 40 * 60
"""What else is due today waits for no longer; 100,000 scrobbles take nine minutes."""

SECONDS_FOR_COUNTS = 15 * 60
"""The insights wait for no longer; 200 requests and a list of 50,000 tracks take five minutes."""


@dg.asset(
    name=NAME,
    group_name="history",
    kinds={"parquet"},
    op_tags={"dagster/priority": "1"},
    metadata=run_context.column_schema(HISTORY),
    check_specs=[
        dg.AssetCheckSpec(
            WAS_READ,
            asset=NAME,
            description="Last.fm gave out every scrobble that it was asked for.",
        )
    ],
)
def lastfm_scrobbles(
    context: dg.AssetExecutionContext,
    lake: LakeResource,
    listeners: ListenersResource,
    lastfm: LastfmResource,
) -> dg.MaterializeResult:
    """What the listener scrobbled to Last.fm: what is new since it was last read.

    Where Last.fm does not answer or refuses, a check fails that says why: what was read before is
    in the ledger all the same, and everything that follows goes on.
    """
    with expected_failures():
        own = lake.of(listener_of(context))
        user = listeners.get(own.listener).lastfm_user or ""
        scrobbles = Scrobbles(own, user)
        before = scrobbles.update()  # also what a run read that was killed
        problem: PlayledgerError | None = None
        collected = Collected()
        until = time.monotonic() + SECONDS_A_RUN
        try:
            client = lastfm.open().client(own.listener, user, lambda: until - time.monotonic())
        except SettingsError as missing:
            problem = missing
        else:
            now = datetime.now(UTC)
            collected = Collector(own, client, now, before.damaged).collect()
            problem = collected.problem
        stored = scrobbles.update()
        problem = problem or next(iter(stored.damaged.values()), None)
    return dg.MaterializeResult(
        metadata=_metadata(collected, before, stored),
        check_results=[_check(WAS_READ, problem)],
    )


@dg.multi_asset(
    name="lastfm_count_tables",
    specs=[
        dg.AssetSpec(
            table.name,
            deps=[unique_tracks.key],
            description=table.grain,
            group_name="catalogue",
            kinds={"parquet"},
            metadata=run_context.column_schema(table),
        )
        for table in COUNT_TABLES
    ],
    check_specs=[
        dg.AssetCheckSpec(
            COUNTS_WERE_READ,
            asset=LASTFM_TRACKS.name,
            description="Last.fm told every count that it was asked for.",
        )
    ],
)
def lastfm_count_tables(
    context: dg.AssetExecutionContext,
    lake: LakeResource,
    listeners: ListenersResource,
    lastfm: LastfmResource,
) -> Iterator[dg.MaterializeResult]:
    """How often the listener, and everyone, played tracks by Last.fm's count; some more every day.

    Where Last.fm does not answer or refuses, a check fails that says why, and the counts of before
    stay. Without a key nothing is asked.
    """
    keys = {key.path[-1]: key for key in context.selected_asset_keys}
    with expected_failures():
        own = lake.of(next(iter(keys.values())).path[0])
        counts = Counts(own, listeners.get(own.listener).lastfm_user or "")
        until = time.monotonic() + SECONDS_FOR_COUNTS
        try:
            client = lastfm.open().client(
                own.listener, counts.user, lambda: until - time.monotonic()
            )
        except SettingsError as missing:
            collected, outcome = lastfm_counts.Collected(), f"nothing was asked: {missing}"
        else:
            collected = counts.collect(client, datetime.now(UTC))
            outcome = _counted(collected)
        updated = counts.update()
    problem = collected.problem or next(iter(updated.damaged), None)
    yield dg.MaterializeResult(
        asset_key=keys[LASTFM_USER_TRACKS.name],
        metadata={ROWS: len(updated.user), "pages": collected.pages},
    )
    yield dg.MaterializeResult(
        asset_key=keys[LASTFM_TRACKS.name],
        metadata={
            "outcome": outcome,
            ROWS: len(updated.world),
            "requests": collected.requests,
            "names": collected.names,
            "left": collected.left,
        },
        check_results=[_check(COUNTS_WERE_READ, problem)],
    )


def _counted(collected: lastfm_counts.Collected) -> str:
    told = f"{collected.pages} pages of their top tracks and {collected.names} tracks read"
    return told + (f"; {collected.left} are left for the next runs" if collected.left else "")


def _check(name: str, problem: PlayledgerError | None) -> dg.AssetCheckResult:
    passing = isinstance(problem, LastfmDown | CorruptFile)  # the next run reads that again
    return dg.AssetCheckResult(
        check_name=name,
        passed=problem is None,
        severity=dg.AssetCheckSeverity.WARN if passing else dg.AssetCheckSeverity.ERROR,
        description=str(problem) if problem else None,
    )


def _metadata(collected: Collected, before: Updated, stored: Updated) -> dict[str, Any]:
    goes_on = "; the next run goes on where this one stopped" if collected.out_of_time else ""
    told = {} if collected.total is None else {"total_at_lastfm": collected.total}
    return {
        "outcome": f"{collected.pages} pages of {len(collected.windows)} months read{goes_on}",
        "dagster/row_count": stored.scrobbles,
        "new": stored.scrobbles - before.scrobbles,
        "refused": stored.refused,
        "requests": collected.requests,
        "pages": collected.pages,
        **told,
    }
