"""Stage 3, too: scrobbles, of listeners who have a name at Last.fm in `listeners.toml`.

Others do not have this asset at all. What is asked for is `ingest/lastfm.py`. Add here another
asset that only such listeners have.
"""

import time
from datetime import UTC, datetime
from typing import Any

import dagster as dg

from pipelines import run_context
from pipelines.errors import CorruptFile, LastfmDown, PlayledgerError, SettingsError
from pipelines.ingest.lastfm import Collected, Collector
from pipelines.ingest.lastfm_imports import Scrobbles, Updated
from pipelines.listening.schema.tables import HISTORY
from pipelines.resources.dagster_resources import LakeResource, LastfmResource, ListenersResource
from pipelines.run_context import expected_failures, listener_of

NAME = "lastfm_scrobbles"
WAS_READ = "lastfm_was_read"

SECONDS_A_RUN = 40 * 60
"""What else is due today waits for no longer; 100,000 scrobbles take nine minutes."""


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
        check_results=[_check(problem)],
    )


def _check(problem: PlayledgerError | None) -> dg.AssetCheckResult:
    passing = isinstance(problem, LastfmDown | CorruptFile)  # the next run reads that again
    return dg.AssetCheckResult(
        check_name=WAS_READ,
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
