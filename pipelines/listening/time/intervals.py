"""Instants as numbers, and intervals of time.

Add here what can be computed from times alone. Which source covers an interval is decided by the
rooms of the sources.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa

from pipelines.listening.arrays import Bools, Ints

FIRST_PLAY_EVER = datetime(2006, 1, 1, tzinfo=UTC)
"""Spotify was founded in 2006: no play is older."""

SECOND = 1000
MINUTE = 60 * SECOND


@dataclass(frozen=True)
class Interval:
    """A stretch of time in which an export has every play that Spotify knew of.

    Attributes:
        start: time of its first play.
        end: time of its last play.
        complete: whether every row of the export could be read.
    """

    start: datetime
    end: datetime
    complete: bool = True


def covered(
    times: Ints, intervals: Sequence[Interval], *, duration: int = 0, slack: int = 0
) -> Bools:
    """Which times lie inside an interval, together with the duration after them.

    Args:
        times: milliseconds since 1970.
        intervals: both ends included.
        duration: milliseconds after each time that must be inside too.
        slack: milliseconds by which the intervals are widened on both sides.
    """
    inside = np.zeros(len(times), np.bool_)
    for interval in intervals:
        start, end = millis(interval.start) - slack, millis(interval.end) + slack
        inside |= (times >= start) & (times + duration <= end)
    return inside


def instants(times: pa.ChunkedArray) -> Ints:
    """Times as milliseconds since 1970."""
    return np.asarray(times.cast(pa.int64()).to_numpy(), np.int64)


def millis(moment: datetime) -> int:
    """An instant as milliseconds since 1970."""
    return int(moment.timestamp() * SECOND)


def whole_ms(moment: datetime) -> datetime:
    """An instant in UTC, truncated to milliseconds, the precision of every table."""
    moment = moment.astimezone(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
