"""Instants as numbers, and stretches of time.

What is said of a stretch, and by whom, belongs to those who say it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa

from pipelines.listening.arrays import Bools, Ints

FIRST_PLAY_EVER = datetime(2006, 1, 1, tzinfo=UTC)
"""Spotify was founded in 2006: an older time is not a play's."""

SECOND = 1000
MINUTE = 60 * SECOND


@dataclass(frozen=True)
class Span:
    """A stretch of time of which an export tells every play that Spotify knew of.

    Attributes:
        start: its first play's time.
        end: its last play's time.
        complete: that every row of the export could be read.
    """

    start: datetime
    end: datetime
    complete: bool = True


def covered(at: Ints, spans: Sequence[Span], *, lasting: int = 0, slack: int = 0) -> Bools:
    """Which times, and as many milliseconds after them as they last, lie inside a span.

    Args:
        at: times.
        spans: stretches, each with both its ends.
        lasting: milliseconds.
        slack: milliseconds by which the spans are widened on both sides.
    """
    inside = np.zeros(len(at), np.bool_)
    for span in spans:
        start, end = millis(span.start) - slack, millis(span.end) + slack
        inside |= (at >= start) & (at + lasting <= end)
    return inside


def instants(times: pa.ChunkedArray) -> Ints:
    """Times as milliseconds since 1970."""
    return np.asarray(times.cast(pa.int64()).to_numpy(), np.int64)


def millis(moment: datetime) -> int:
    """An instant as milliseconds since 1970."""
    return int(moment.timestamp() * SECOND)


def whole_ms(moment: datetime) -> datetime:
    """An instant, UTC, cut to whole milliseconds: more than that is not kept in any table."""
    moment = moment.astimezone(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
