"""The sandbox's time: the real one, the real one shifted, or one that stands still.

Add here what concerns reading and writing instants. What happens at an instant belongs in `life`.
"""

from datetime import UTC, datetime, timedelta

Instant = datetime | str | float
"""An aware datetime, ISO 8601 text with an offset or Z, or unix seconds."""


def instant(value: Instant) -> datetime:
    """Read an instant, in UTC.

    Raises:
        ValueError: Text that is no ISO 8601 time, or a time without an offset.
    """
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC)
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    if moment.tzinfo is None:
        raise ValueError(f"{value} has no offset from UTC; end it with Z")
    return moment.astimezone(UTC)


def iso(moment: datetime) -> str:
    """Spotify's way to write an instant: UTC with milliseconds and a Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{_millisecond(moment):03}Z"


def unix_ms(moment: datetime) -> int:
    """Whole milliseconds since 1970, without passing through a float."""
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def _millisecond(moment: datetime) -> int:
    return moment.microsecond // 1000


class Clock:
    """What time the sandbox believes it is. Real until told otherwise."""

    def __init__(self) -> None:
        self._fixed: datetime | None = None
        self._offset = timedelta()

    def now(self) -> datetime:
        """The sandbox's present, in UTC."""
        return self._fixed or datetime.now(UTC) + self._offset

    def fix(self, at: Instant) -> None:
        """Stand still at an instant."""
        self._fixed = instant(at)

    def shift(self, seconds: float) -> None:
        """Run on, `seconds` ahead of real time (behind it when negative)."""
        self._fixed, self._offset = None, timedelta(seconds=seconds)

    def advance(self, seconds: float) -> None:
        """Move on from the present, whether standing still or running."""
        step = timedelta(seconds=seconds)
        if self._fixed is None:
            self._offset += step
        else:
            self._fixed += step

    def real(self) -> None:
        """Back to real time."""
        self.shift(0)
