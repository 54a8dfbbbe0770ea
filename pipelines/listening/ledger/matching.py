"""Which polled row and which row of a privacy export are the same play.

The rule lives here, as functions of tables; how pairs are chosen among candidates is
`assignment.py`, what makes two tracks one recording `listening/catalogue/recordings.py`. Add here when another kind of
source tells of plays.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.arrays import MISSING, Bools, Ints
from pipelines.listening.catalogue.recordings import numbered
from pipelines.listening.ledger.assignment import (
    Candidates,
    closest_first,
    make_room,
    others,
    within,
)
from pipelines.listening.time.intervals import MINUTE, SECOND, Span, covered, instants, millis

AT_LEAST = 3 * SECOND
"""An export's times are whole seconds and 1 to 2 s off a poll's."""

AT_MOST = MINUTE
"""Wider windows than this pair plays that have nothing to do with each other."""

SAME_LENGTH = 2 * SECOND
WHOLE = 3 * SECOND
"""A play this close to its track's length reached its end."""

END, START, WIDE_END, WIDE_START, RENAMED, RENAMED_START = range(6)
"""Kinds of pairs: whether the polled time is the play's end or start, and in which window."""

ENDS, STARTS = (END, RENAMED), (START, WIDE_START, RENAMED_START)

UNLIKELY = (0, 3 * SECOND, MINUTE, 3 * MINUTE, 0, 3 * SECOND)
"""What a kind of pair costs beyond its distance."""


@dataclass(frozen=True)
class Matches:
    """For each polled row, in the order of the table: its row of the exports, and how.

    Attributes:
        heard: position among the exports' rows; -1 where it has none.
        how: END where its time is the play's end, something else where it is not.
        ambiguous: that an export vouches for its time and does not show it. Whether it is lost
            there or another view of a play that is, nobody can tell: it stays a play.
    """

    heard: Ints
    how: Ints
    ambiguous: Bools


@dataclass(frozen=True)
class _Polled:
    code: Ints
    at: Ints
    duration: Ints  # -1: unknown
    first_shown: Ints

    @classmethod
    def of(cls, rows: pa.Table, code: Ints) -> "_Polled":
        duration = rows["duration_ms"].fill_null(MISSING).to_numpy().astype(np.int64)
        return cls(code, instants(rows["played_at"]), duration, instants(rows["fetched_at"]))

    def inside(self, spans: Sequence[Span]) -> Bools:
        """Whether an export may show the row: it covers its time, as either source tells it.

        Where the time is the play's start, the play ended a length later, or after a pause.
        """
        end = self.at + np.maximum(self.duration, 0)
        return covered(self.at, spans, slack=AT_MOST) | covered(end, spans, slack=AT_MOST)

    def vouched(self, spans: Sequence[Span]) -> Bools:
        """Whether an export must show the row: it covers its time, and it was known by its end."""
        vouched = np.zeros(len(self.at), np.bool_)
        for span in spans:
            if span.complete:
                vouched |= covered(self.at, [span]) & (self.first_shown <= millis(span.end))
        return vouched


@dataclass(frozen=True)
class _Heard:
    """Rows of exports; account data tells the minute, cut off or rounded: an interval.

    A play that ended in it, or in the half a minute before, stands under a minute.
    """

    code: Ints
    at: Ints
    until: Ints
    ms_played: Ints
    to_its_end: Bools

    @classmethod
    def of(cls, rows: pa.Table, code: Ints) -> "_Heard":
        at = instants(rows["played_at"])
        minute = pc.equal(rows["source"], "account").to_numpy(zero_copy_only=False)
        ended = pc.equal(rows["reason_end"], "trackdone").fill_null(False)
        return cls(
            code,
            at - np.where(minute, MINUTE // 2, 0),
            at + np.where(minute, MINUTE - 1, 0),
            rows["ms_played"].to_numpy().astype(np.int64),
            ended.to_numpy(zero_copy_only=False),
        )


def match(polled: pa.Table, heard: pa.Table, spans: Sequence[Span]) -> Matches:
    """Pair polled rows with rows of exports, one to one, inside a recording, closest first.

    A polled row tells a whole play, and its time is mostly the play's end. Where an export covers
    its time, it may also be the play's start, others move over to make room, and at last a play
    of the same second and length under another name is taken for it. Where the row was shown
    before the export ended, the export must show it too (a play made offline may come later, and
    a row of the export may have been refused), and the windows are wider.

    Args:
        polled: `polled` rows, each once.
        heard: `streaming_history` rows, each play once.
        spans: what exports vouch for.
    """
    if not len(polled) or not len(heard):
        nobody = np.full(len(polled), MISSING, np.int64)
        return Matches(nobody, nobody, np.zeros(len(polled), np.bool_))
    codes = numbered(polled, heard)
    left, right = _Polled.of(polled, codes[0]), _Heard.of(heard, codes[1])
    inside, vouched = left.inside(spans), left.vouched(spans)
    candidates = _candidates(left, right, inside, vouched)
    chosen = make_room(candidates, closest_first(candidates), inside)
    partner, how = _told(candidates, chosen, len(left.at))
    renamed = _renamed(left, right, inside & (partner == MISSING), partner)
    partner[renamed.left], how[renamed.left] = renamed.right, renamed.how
    return Matches(partner, how, vouched & (partner == MISSING))


def _candidates(left: _Polled, right: _Heard, inside: Bools, vouched: Bools) -> Candidates:
    ends = within(left.code, left.at, right.code, right.at, right.until, limit=AT_MOST)
    starts = within(
        np.where(inside, left.code, MISSING),
        left.at,
        right.code,
        right.at - right.ms_played,
        right.until - right.ms_played,
        limit=AT_MOST,
    )
    return Candidates.of(
        _one_kind(left, right, ends, (END, WIDE_END), vouched),
        _one_kind(left, right, starts, (START, WIDE_START), vouched),
    )


def _one_kind(
    left: _Polled,
    right: _Heard,
    pairs: tuple[Ints, Ints, Ints],
    kinds: tuple[int, int],
    vouched: Bools,
) -> Candidates:
    mine, other, far = pairs
    length, heard = left.duration[mine], right.ms_played[other]
    whole = right.to_its_end[other] | ((length >= 0) & (abs(heard - length) <= WHOLE))
    own = np.where(length >= 0, length, heard)
    limit = np.clip(own // 2, AT_LEAST, AT_MOST)
    if kinds[0] == START:
        # A pause makes an export's beginning, which is its end less what was heard, too late.
        paused = left.at[mine] <= right.at[other] - heard
        limit = np.where(paused, AT_MOST, np.where(vouched[mine], limit, AT_LEAST))
    near = whole & (far <= limit)
    how = np.where(near, *kinds)
    cost = far + np.array(UNLIKELY)[how]
    return Candidates(mine, other, cost, how).at(np.flatnonzero(near | vouched[mine]))


def _told(candidates: Candidates, chosen: Ints, count: int) -> tuple[Ints, Ints]:
    partner = np.full(count, MISSING, np.int64)
    how = np.full(count, MISSING, np.int64)
    partner[candidates.left[chosen]] = candidates.right[chosen]
    how[candidates.left[chosen]] = candidates.how[chosen]
    return partner, how


def _renamed(left: _Polled, right: _Heard, alone: Bools, partner: Ints) -> Candidates:
    """The same time and the same length, under names that have nothing in common.

    Within a second or two each; within account data's minute to the millisecond.
    """
    mine = np.where(alone & (left.duration >= 0), 0, MISSING)
    nameless = (right.code == MISSING) & (right.at < right.until)  # nothing but a minute: no guess
    free = np.where(others(len(right.at), partner) & ~nameless, 0, MISSING)
    kinds = []
    for at, how in ((left.at, RENAMED), (left.at + left.duration, RENAMED_START)):
        one, other, far = within(mine, at, free, right.at, right.until, limit=AT_LEAST)
        near = np.where(right.at[other] == right.until[other], SAME_LENGTH, 0)
        same = np.flatnonzero(abs(right.ms_played[other] - left.duration[one]) <= near)
        cost = far + UNLIKELY[how]
        kinds.append(Candidates(one, other, cost, np.full(len(one), how)).at(same))
    pairs = Candidates.of(*kinds)
    return pairs.at(make_room(pairs, closest_first(pairs), alone))
