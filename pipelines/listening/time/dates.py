"""Which date a run may collect.

Spotify only returns the present, so a date's responses can be requested on that date alone. Add a
rule about dates here; what is requested belongs in `pipelines/ingest/collector.py`.
"""

from datetime import UTC, date, datetime, time, timedelta

GRACE = timedelta(hours=1)
"""A run that began before midnight may still finish after it."""


def may_collect(day: date, *, created_at: datetime, now: datetime) -> bool:
    """Whether a run may send requests to Spotify for a date.

    Args:
        day: the date, UTC.
        created_at: when the run was created.
        now: the present.
    """
    ends = datetime.combine(day + timedelta(days=1), time(), UTC) + GRACE
    return created_at.astimezone(UTC).date() == day and now < ends
