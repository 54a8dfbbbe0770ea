"""Which polled row and which row of a privacy export are the same play.

The rule lives here, as functions of tables. Add here when another kind of source has plays. How
pairs are chosen among candidates is `assignment.py`; which rows have the same recording is
`listening/catalogue/recordings.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.arrays import MISSING, Bools, Ints
from pipelines.listening.catalogue.recordings import recording_codes
from pipelines.listening.ledger.assignment import (
    Candidates,
    assign_greedily,
    augment,
    pairs_within,
    unassigned,
)
from pipelines.listening.sources.registry import only_minutes
from pipelines.listening.time.intervals import MINUTE, SECOND, Interval, covered, instants, millis

MIN_WINDOW = 3 * SECOND
"""An export's times are whole seconds, and differ from a poll's by 1 to 2 s."""

MAX_WINDOW = MINUTE
"""Wider windows than this pair plays that have nothing to do with each other."""

LENGTH_TOLERANCE = 2 * SECOND
COMPLETE_TOLERANCE = 3 * SECOND
"""A play this close to its track's length reached its end."""

END, START, WIDE_END, WIDE_START, RENAMED, RENAMED_START = range(6)
"""Kinds of pairs: whether the polled time is the play's end or start, and in which window."""

ENDS, STARTS = (END, RENAMED), (START, WIDE_START, RENAMED_START)

KIND_COST = (0, 3 * SECOND, MINUTE, 3 * MINUTE, 0, 3 * SECOND)
"""What a pair of each kind costs in addition to its distance, in milliseconds."""


@dataclass(frozen=True)
class Matches:
    """The matching row of the exports for each polled row; arrays are as long as `polled`.

    Attributes:
        export_row: row index in the exports; -1 where there is no match.
        kind: END where the polled time is the play's end, another kind where it is not; -1
            where there is no match.
        ambiguous: an export covers the row's time and has no such play. Whether the export lost
            it, or it is another view of a play that is there, cannot be decided: it stays a play.
    """

    export_row: Ints
    kind: Ints
    ambiguous: Bools


@dataclass(frozen=True)
class _Polled:
    """Columns of polled rows; times and durations in milliseconds."""

    code: Ints
    at: Ints
    duration: Ints  # -1: unknown
    first_shown: Ints

    @classmethod
    def of(cls, rows: pa.Table, code: Ints) -> "_Polled":
        duration = rows["duration_ms"].fill_null(MISSING).to_numpy().astype(np.int64)
        return cls(code, instants(rows["played_at"]), duration, instants(rows["fetched_at"]))

    def may_be_exported(self, intervals: Sequence[Interval]) -> Bools:
        """Whether an export covers the row's time, read as the play's end or as its start.

        If it is the start, the play ended a track's length later, or after a pause.
        """
        end = self.at + np.maximum(self.duration, 0)
        return covered(self.at, intervals, slack=MAX_WINDOW) | covered(
            end, intervals, slack=MAX_WINDOW
        )

    def must_be_exported(self, intervals: Sequence[Interval]) -> Bools:
        """Whether a complete export covers the row's time, and ends after the row was shown."""
        must = np.zeros(len(self.at), np.bool_)
        for interval in intervals:
            if interval.complete:
                shown_before = self.first_shown <= millis(interval.end)
                must |= covered(self.at, [interval]) & shown_before
        return must


@dataclass(frozen=True)
class _Exported:
    """Columns of exported rows; the play ended between `at` and `until`, in milliseconds.

    Account data has minutes only, cut off or rounded: a play that ended within the minute, or in
    the half minute before, is listed under it.
    """

    code: Ints
    at: Ints
    until: Ints
    ms_played: Ints
    to_its_end: Bools

    @classmethod
    def of(cls, rows: pa.Table, code: Ints) -> "_Exported":
        at = instants(rows["played_at"])
        minute = only_minutes(rows)
        ended = pc.equal(rows["reason_end"], "trackdone").fill_null(False)
        return cls(
            code,
            at - np.where(minute, MINUTE // 2, 0),
            at + np.where(minute, MINUTE - 1, 0),
            rows["ms_played"].to_numpy().astype(np.int64),
            ended.to_numpy(zero_copy_only=False),
        )


def match(polled: pa.Table, exported: pa.Table, intervals: Sequence[Interval]) -> Matches:
    """Pair polled rows with exported rows of the same recording, one to one, closest first.

    A polled row is a whole play, and its time is mostly the play's end. Where an export covers
    its time, it may also be the play's start; other pairs are reassigned so that it finds a
    partner; and as a last resort a play of the same second and length under another name is
    taken. Where the row was shown before the export ended, the export must contain it too (a play
    made offline may come later, and a row of the export may have been refused), so the windows
    are wider.

    Args:
        polled: `polled` rows without duplicates.
        exported: `streaming_history` rows, one per play.
        intervals: what exports cover.
    """
    if not len(polled) or not len(exported):
        nobody = np.full(len(polled), MISSING, np.int64)
        return Matches(nobody, nobody, np.zeros(len(polled), np.bool_))
    codes = recording_codes(polled, exported)
    left, right = _Polled.of(polled, codes[0]), _Exported.of(exported, codes[1])
    may, must = left.may_be_exported(intervals), left.must_be_exported(intervals)
    candidates = _candidates(left, right, may, must)
    chosen = augment(candidates, assign_greedily(candidates), may)
    partner, kind = _by_polled_row(candidates, chosen, len(left.at))
    renamed = _renamed_pairs(left, right, may & (partner == MISSING), partner)
    partner[renamed.left], kind[renamed.left] = renamed.right, renamed.kind
    return Matches(partner, kind, must & (partner == MISSING))


def _candidates(left: _Polled, right: _Exported, may: Bools, must: Bools) -> Candidates:
    ends = pairs_within(left.code, left.at, right.code, right.at, right.until, limit=MAX_WINDOW)
    starts = pairs_within(
        np.where(may, left.code, MISSING),
        left.at,
        right.code,
        right.at - right.ms_played,
        right.until - right.ms_played,
        limit=MAX_WINDOW,
    )
    return Candidates.concat(
        _near_pairs(left, right, ends, (END, WIDE_END), must),
        _near_pairs(left, right, starts, (START, WIDE_START), must),
    )


def _near_pairs(
    left: _Polled,
    right: _Exported,
    pairs: tuple[Ints, Ints, Ints],
    kinds: tuple[int, int],
    must: Bools,
) -> Candidates:
    polled, exported, distance = pairs
    length, ms_played = left.duration[polled], right.ms_played[exported]
    near_length = (length >= 0) & (abs(ms_played - length) <= COMPLETE_TOLERANCE)
    complete = right.to_its_end[exported] | near_length
    own_length = np.where(length >= 0, length, ms_played)
    limit = np.clip(own_length // 2, MIN_WINDOW, MAX_WINDOW)
    if kinds[0] == START:
        # An export's start is its end less what was played: a pause makes that too late.
        paused = left.at[polled] <= right.at[exported] - ms_played
        limit = np.where(paused, MAX_WINDOW, np.where(must[polled], limit, MIN_WINDOW))
    near = complete & (distance <= limit)
    kind = np.where(near, *kinds)
    cost = distance + np.array(KIND_COST)[kind]
    return Candidates(polled, exported, cost, kind).take(np.flatnonzero(near | must[polled]))


def _by_polled_row(candidates: Candidates, chosen: Ints, count: int) -> tuple[Ints, Ints]:
    """For each polled row its partner and the kind of the pair; -1 where it has none."""
    partner = np.full(count, MISSING, np.int64)
    kind = np.full(count, MISSING, np.int64)
    partner[candidates.left[chosen]] = candidates.right[chosen]
    kind[candidates.left[chosen]] = candidates.kind[chosen]
    return partner, kind


def _renamed_pairs(left: _Polled, right: _Exported, unmatched: Bools, partner: Ints) -> Candidates:
    """Chosen pairs of the same time and length under names that have nothing in common.

    Time and length agree within a second or two; within account data's minute the length agrees
    to the millisecond.
    """
    polled_code = np.where(unmatched & (left.duration >= 0), 0, MISSING)
    nameless = (right.code == MISSING) & (right.at < right.until)  # a minute alone: no guess
    free = np.where(unassigned(len(right.at), partner) & ~nameless, 0, MISSING)
    kinds = []
    for at, kind in ((left.at, RENAMED), (left.at + left.duration, RENAMED_START)):
        polled, exported, distance = pairs_within(
            polled_code, at, free, right.at, right.until, limit=MIN_WINDOW
        )
        tolerance = np.where(right.at[exported] == right.until[exported], LENGTH_TOLERANCE, 0)
        difference = abs(right.ms_played[exported] - left.duration[polled])
        same = np.flatnonzero(difference <= tolerance)
        cost = distance + KIND_COST[kind]
        kinds.append(Candidates(polled, exported, cost, np.full(len(polled), kind)).take(same))
    pairs = Candidates.concat(*kinds)
    return pairs.take(augment(pairs, assign_greedily(pairs), unmatched))
