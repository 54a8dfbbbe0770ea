"""Deleting old polls from Dagster's storage: each run has a database file, and there are 96 a day.

Dagster's own `retention` deletes ticks, and no run. So how long runs are kept is decided here.
Daily runs, imports, rebuilds and backfills are few and stay. Of each job, date and status the
newest run stays too, and with it Dagster's record of the date: that its assets were materialized,
by which run, and when.
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
        instance: whose storage is pruned.
        next_dates: by status, the first date that has not been pruned yet; updated in place.
    """

    instance: dg.DagsterInstance
    next_dates: dict[str, date]

    def prune(self, today: date, within_s: float) -> int:
        """Delete polls that are too old, until the time is up; the rest is left to the next call.

        Args:
            today: the current date, UTC.
            within_s: after how many seconds to stop.

        Returns:
            How many runs were deleted.
        """
        until = time.monotonic() + within_s
        self._purge_evaluations(today)
        deleted = 0
        for run_id in self._superseded(today):
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

    def _superseded(self, today: date) -> Iterator[str]:
        for status, days in KEPT_DAYS.items():
            end = today - timedelta(days=days)
            day = self.next_dates.get(status.value)
            if day is None or day > end:  # of a clock that was ahead
                day = self._first(status) or end
            while day < end:
                yield from older(self._polls(status, {run_context.PARTITION_TAG: day.isoformat()}))
                day += timedelta(days=1)
                self.next_dates[status.value] = day

    def _first(self, status: dg.DagsterRunStatus) -> date | None:
        """The date of the oldest poll."""
        oldest = self._polls(status, {}, limit=1, ascending=True)
        day = run_context.date_of(oldest[0].dagster_run.tags) if oldest else None
        return date.fromisoformat(day) if day else None

    def _polls(
        self, status: dg.DagsterRunStatus, tags: Mapping[str, str], **order: Any
    ) -> Sequence[dg.RunRecord]:
        polls = dg.RunsFilter(tags={run_context.POLL_TAG: "true", **tags}, statuses=[status])
        return self.instance.get_run_records(polls, **order)


def older(newest_first: Sequence[dg.RunRecord]) -> Iterator[str]:
    """Ids of all runs but the newest of each job."""
    seen: set[str] = set()
    for record in newest_first:
        run = record.dagster_run
        if run.job_name in seen:
            yield run.run_id
        seen.add(run.job_name)


def delete(instance: dg.DagsterInstance, run_id: str) -> None:
    """Delete a run with everything recorded about it, on the disk too.

    Dagster itself leaves the run's log files and, with SQLite, its emptied database file.

    Args:
        instance: whose storage it is in.
        run_id: Dagster's.
    """
    instance.compute_log_manager.delete_logs(prefix=[run_id])
    instance.delete_run(run_id)
    if path := database_of(instance, run_id):
        delete_database(path)


def database_of(instance: dg.DagsterInstance, run_id: str) -> Path | None:
    """A run's own database file, as with SQLite; None where all runs share one.

    Args:
        instance: whose storage it is in.
        run_id: Dagster's.
    """
    storage: Any = instance.event_log_storage
    return Path(storage.path_for_shard(run_id)) if hasattr(storage, "path_for_shard") else None


def delete_database(path: str | Path) -> None:
    """Delete a database file of SQLite and its write-ahead log."""
    for ending in ("", "-wal", "-shm"):
        Path(f"{path}{ending}").unlink(missing_ok=True)
