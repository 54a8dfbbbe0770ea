"""Old polls leave Dagster's storage: each run has its own database file, and there are 96 a day.

What is kept for how long stands here. Daily runs, imports, rebuilds and backfills are few and stay.
Of each job and date the newest run of a kind stays too, and with it what Dagster knows of the
date: that its assets were materialized, by which run, and when.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg

from pipelines import run_context

KEPT_DAYS: Mapping[dg.DagsterRunStatus, int] = {
    dg.DagsterRunStatus.SUCCESS: 3,
    dg.DagsterRunStatus.FAILURE: 30,
    dg.DagsterRunStatus.CANCELED: 30,
}

EVALUATIONS_KEPT = timedelta(days=30)
"""What automation conditions left behind, which Playledger had until December 2026: gigabytes."""


@dataclass
class Pruning:
    """Deletes old polls date by date.

    Args:
        instance: whose storage is tidied.
        next_dates: for each status the first date that has not been tidied; is changed.
    """

    instance: dg.DagsterInstance
    next_dates: dict[str, date]

    def prune(self, today: date, within_s: float) -> int:
        """Delete what is too old, for so many seconds; what is left comes next time.

        Returns:
            How many runs were deleted.
        """
        until = time.monotonic() + within_s
        self._purge_evaluations(today)
        deleted = 0
        for run_id in self._superfluous(today):
            delete(self.instance, run_id)
            deleted += 1
            if time.monotonic() > until:
                break
        return deleted

    def _purge_evaluations(self, today: date) -> None:
        """As Dagster does, but only where there still are conditions."""
        storage: Any = self.instance.schedule_storage
        midnight = datetime.combine(today, datetime.min.time(), UTC)
        storage.purge_asset_evaluations(before=(midnight - EVALUATIONS_KEPT).timestamp())

    def _superfluous(self, today: date) -> Iterator[str]:
        for status, days in KEPT_DAYS.items():
            end = today - timedelta(days=days)
            day = self.next_dates.get(status.value)
            if day is None or day > end:  # ahead of a clock that has been set back
                day = self._first(status) or end
            while day < end:
                yield from older(self._polls(status, {run_context.PARTITION_TAG: day.isoformat()}))
                day += timedelta(days=1)
                self.next_dates[status.value] = day

    def _first(self, status: dg.DagsterRunStatus) -> date | None:
        """The date of the oldest poll that there is."""
        found = self._polls(status, {}, limit=1, ascending=True)
        told = run_context.date_of(found[0].dagster_run.tags) if found else None
        return date.fromisoformat(told) if told else None

    def _polls(
        self, status: dg.DagsterRunStatus, tags: Mapping[str, str], **order: Any
    ) -> Sequence[dg.RunRecord]:
        wanted = dg.RunsFilter(tags={run_context.POLL_TAG: "true", **tags}, statuses=[status])
        return self.instance.get_run_records(wanted, **order)


def older(newest_first: Sequence[dg.RunRecord]) -> Iterator[str]:
    """Ids of all runs but the newest of each job."""
    seen: set[str] = set()
    for record in newest_first:
        run = record.dagster_run
        if run.job_name in seen:
            yield run.run_id
        seen.add(run.job_name)


def delete(instance: dg.DagsterInstance, run_id: str) -> None:
    """Delete a run with all that was recorded of it, on the disk too.

    Dagster by itself leaves the run's log files, and with SQLite its database, emptied at most.
    """
    instance.compute_log_manager.delete_logs(prefix=[run_id])
    instance.delete_run(run_id)
    if path := database_of(instance, run_id):
        delete_database(path)


def database_of(instance: dg.DagsterInstance, run_id: str) -> Path | None:
    """The database that a run has for its own, as with SQLite; None where all share one.

    Args:
        instance: whose storage it is in.
        run_id: Dagster's.
    """
    storage: Any = instance.event_log_storage
    return Path(storage.path_for_shard(run_id)) if hasattr(storage, "path_for_shard") else None


def delete_database(path: str | Path) -> None:
    """Delete a database file of SQLite with what lies beside it."""
    for ending in ("", "-wal", "-shm"):
        Path(f"{path}{ending}").unlink(missing_ok=True)
