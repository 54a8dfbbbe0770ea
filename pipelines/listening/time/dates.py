"""Which date a run may collect for.

Spotify only tells the present, so a date's answers can be asked for on that date alone. What is
asked belongs in `pipelines/ingest/collector.py`.
"""

from datetime import UTC, date, datetime, time, timedelta

GRACE = timedelta(hours=1)
"""A run that began before midnight may still finish after it."""


def may_collect(day: date, *, created_at: datetime, now: datetime) -> bool:
    """Whether a run created then may ask Spotify now on behalf of a date (UTC)."""
    ends = datetime.combine(day + timedelta(days=1), time(), UTC) + GRACE
    return created_at.astimezone(UTC).date() == day and now < ends
