"""What schedules and sensors ask about the latest runs of a job before they start another one.

Add here what several of them need. The history of backfills and rebuilds is `rebuild_sensor.py`.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import dagster as dg

MAX_FAILURES = 3
"""How often the same work is tried in a row before a person should look. Reasoned."""

LOST_AFTER = timedelta(hours=2)
"""A run that claims to be running for longer has been killed: see DAILY_TAGS' max_runtime."""


def recent_runs(
    instance: dg.DagsterInstance, job_name: str, tags: Mapping[str, str] | None = None
) -> Sequence[dg.RunRecord]:
    """The latest 50 runs of a job, newest first.

    Args:
        instance: whose storage they are in.
        job_name: of which job.
        tags: only runs with all of these; None for any.
    """
    runs_filter = dg.RunsFilter(job_name=job_name, tags=dict(tags or {}))
    return instance.get_run_records(runs_filter, limit=50)


def is_any_running(records: Iterable[dg.RunRecord]) -> bool:
    """Whether one of these runs has not finished, and was not lost either."""
    since = datetime.now(UTC) - LOST_AFTER
    return any(
        not record.dagster_run.is_finished and record.create_timestamp.astimezone(UTC) > since
        for record in records
    )
