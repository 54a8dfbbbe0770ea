"""Listening sessions: plays without a long pause between them.

Add here what decides where a session ends. Splitting a session by context is `scores.py`.
"""

from datetime import timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.arrays import Bools, Ints
from pipelines.listening.time.intervals import instants

PAUSE = timedelta(minutes=20)
"""A longer silence ends a session: from one play's end to the next one's start, as in Spotify's
own research (Hansen et al., RecSys 2020)."""


def starts_of(plays: pa.Table) -> Ints:
    """When each play began, as milliseconds since 1970; its end where its length is unknown."""
    return instants(pc.coalesce(plays["started_at"], plays["played_at"]))


def session_numbers(plays: pa.Table, gaps: pa.Table, pause: timedelta = PAUSE) -> Ints:
    """The session of each play, numbered from 0 in order of time.

    Two plays are in one session unless there is an open gap between them, or more than a pause
    between the end of the first, or of any play before it, and the start of the second, or of any
    play after it.

    Args:
        plays: `plays` rows in order of `played_at`.
        gaps: `gaps` rows.
        pause: the longest silence within a session.
    """
    if not len(plays):
        return np.zeros(0, np.int64)
    starts, ends = starts_of(plays), instants(plays["played_at"])
    # On two devices a play that ends later may have begun before others.
    before, after = ends[:-1], np.minimum.accumulate(starts[:0:-1])[::-1]
    cut = after - before > int(pause.total_seconds() * 1000)
    cut |= _lost_between(before, ends[1:], gaps)
    return np.concatenate([[0], np.cumsum(cut)]).astype(np.int64)


def _lost_between(before: Ints, after: Ints, gaps: pa.Table) -> Bools:
    """Whether an open gap begins or lasts between neighbouring ends of plays."""
    is_open = gaps.filter(gaps["closed_at"].is_null())
    begins, ends = instants(is_open["gap_start"]), instants(is_open["gap_end"])
    # Gaps do not overlap: the first that ends after a play is the one that could follow it.
    order = np.argsort(ends, kind="stable")
    begins, ends = np.append(begins[order], np.iinfo(np.int64).max), ends[order]
    following = np.searchsorted(ends, before, side="right")
    return np.asarray(begins[following] < after, np.bool_)


def session_ids(numbers: Ints, starts: Ints) -> pa.Array:
    """The id of each play's session: the instant, UTC, at which its first play began.

    Args:
        numbers: session numbers, as `session_numbers` gives them.
        starts: when each play began, milliseconds since 1970.
    """
    if not len(numbers):
        return pa.array([], pa.string())
    firsts = np.flatnonzero(np.diff(numbers, prepend=-1))
    # The earliest start: on two devices the play that ends first need not have begun first.
    begun = pa.array(np.minimum.reduceat(starts, firsts)).cast(pa.timestamp("ms"))
    names = pc.strftime(begun, format="%Y-%m-%dT%H:%M:%SZ")
    return names.take(pa.array(numbers))
