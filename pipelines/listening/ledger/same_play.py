"""Which row of a source from elsewhere is which play: by what it is called, and by when it was.

A scrobble tells when a play began, to the second or to the minute, and what it is called; nothing
else. So a row and a play are one if they are called alike and begin (or end) near each other, and
the nearer their names, the farther apart they may be. Add here what two times or two names allow.
Which plays there are is `elsewhere.py`, how names are compared `catalogue/recordings.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.arrays import MISSING, Bools, Ints
from pipelines.listening.catalogue.recordings import Faces
from pipelines.listening.ledger.assignment import (
    Candidates,
    assign_greedily,
    augment,
    pairs_within,
    unassigned,
)
from pipelines.listening.sources.registry import precisions
from pipelines.listening.time.intervals import MINUTE, SECOND, instants

WINDOW = 30 * SECOND
"""So far apart two sources may be about when a play began."""

WIDE_WINDOW = MINUTE
"""The same where one of them tells the minute only, or only that a play of known length ended."""

MIN_WINDOW = 3 * SECOND
"""However short a track is: an export's times are 1 to 2 s off."""

NAMELESS_WINDOW = 15 * SECOND
"""Where no artist is told."""

RENAMED_WINDOW = 3 * SECOND
"""For another name altogether, where the length is the same."""

LENGTH_TOLERANCE = 2 * SECOND

SHORTEST_TRACK = 30 * SECOND
LONGEST_HALF = 4 * MINUTE
"""A scrobble is half of a track that is longer than 30 s, or four minutes of it (Last.fm's rule);
what was heard for less is scrobbled by nobody."""

LONG_ENOUGH = 2 * MINUTE
"""Half of nearly every track: what was heard for so long is scrobbled, whatever track it is."""

LONGEST_PAUSE = 30 * MINUTE
"""A play begins as much before its end as it lasted, if it was not paused; paused no longer than
this it is still found, where nothing else was played meanwhile. Reasoned."""

LONGEST_DOUBTFUL_PAUSE = 10 * MINUTE
"""The same where no export says that nothing else was played: polls show no play that was broken
off, and programs lose some."""

REPEAT = (-3 * SECOND, 20 * SECOND)
"""By how much the same track begins again too early or too late to have been played at once."""

SITTING = 10 * MINUTE
"""Plays of one recording, with no longer time between them, are told by the same time."""

LONGEST_UNKNOWN = 10 * MINUTE
"""How long before its end a play may have begun whose length nobody tells."""

DOUBTFUL, LOOSE, RENAMED = 30 * SECOND, MINUTE, 3 * MINUTE
"""What a pair costs, beyond its distance, that is less sure than another one."""


@dataclass(frozen=True)
class Times:
    """When rows or plays were, in milliseconds; -1 where that is not known.

    Attributes:
        start: from when on it may have begun.
        start_to: until when.
        end: from when on it may have ended.
        end_to: until when.
        shown: the time that a poll told, which may be its end or its start.
        length: how long it took, or at least how long until the same was played again.
        duration: length of the whole track, where it is told.
        heard: how long it was heard, where that is measured (or assumed, since it was whole).
        whole: it reached its end.
        begins: a row tells when it began, rather than when it ended; so does a play's start.
        sure: the start is told to the second or measured.
        doubtful: it is a probable double of another play.
        polled: nothing but a poll tells its time to more than the minute.
        exported: an export of the polled service tells it, which lacks no play.
    """

    start: Ints
    start_to: Ints
    end: Ints
    end_to: Ints
    shown: Ints
    length: Ints
    duration: Ints
    heard: Ints
    whole: Bools
    begins: Bools
    sure: Bools
    doubtful: Bools
    polled: Bools
    exported: Bools

    @classmethod
    def of(cls, rows: pa.Table, names: Faces) -> "Times":
        """Those of rows of one source.

        Args:
            rows: `streaming_history` rows.
            names: what they call their recordings.
        """
        told, played = _ms(rows["started_at"]), instants(rows["played_at"])
        heard, duration = _numbers(rows["ms_played"]), _numbers(rows["duration_ms"])
        precise = precisions(rows)
        width = np.where(precise >= MINUTE, precise - 1, 0)
        length = np.where(heard >= 0, heard, duration)
        begins = told >= 0
        by_length = np.where(length >= 0, played - length, MISSING)
        start = np.where(begins, told, by_length)
        ended = begins & (heard < 0)
        by_duration = np.where(duration >= 0, told + duration, MISSING)
        end = np.where(ended, by_duration, played)
        nothing = np.zeros(len(rows), np.bool_)
        return cls(
            start,
            np.where(start >= 0, start + width, MISSING),
            end,
            np.where(end >= 0, end + width, MISSING),
            np.full(len(rows), MISSING),
            _until_again(length, start, names.loose),
            duration,
            heard,
            _is_whole(rows, heard, duration),
            begins,
            begins & (width == 0),
            nothing,
            nothing,
            nothing,
        )

    def take(self, rows: Ints) -> "Times":
        """Those at some indices."""
        return Times(*(values[rows] for values in vars(self).values()))

    @classmethod
    def concat(cls, parts: "Sequence[Times]") -> "Times":
        """The times of all parts."""
        columns = zip(*(vars(part).values() for part in parts), strict=True)
        return cls(*map(np.concatenate, columns))

    def told_by(self, rows: "Times", partner: Ints) -> "Times":
        """Times of plays, with the start that rows tell to the second where no source does.

        Args:
            rows: times of rows.
            partner: for each of them its play; -1 where it has none.
        """
        at = np.flatnonzero(partner != MISSING)
        better = at[rows.sure[at] & ~self.sure[partner[at]]]
        start, start_to, sure = self.start.copy(), self.start_to.copy(), self.sure.copy()
        begins = self.begins.copy()
        start[partner[better]] = start_to[partner[better]] = rows.start[better]
        sure[partner[better]] = begins[partner[better]] = True
        polled = self.polled & ~sure
        return replace(
            self, start=start, start_to=start_to, sure=sure, begins=begins, polled=polled
        )


def _ms(times: pa.ChunkedArray) -> Ints:
    return _numbers(times.cast(pa.int64()))


def _numbers(values: pa.ChunkedArray) -> Ints:
    return np.asarray(values.fill_null(MISSING).to_numpy(), np.int64)


def _is_whole(rows: pa.Table, heard: Ints, duration: Ints) -> Bools:
    ended = pc.equal(rows["reason_end"], "trackdone").fill_null(False)
    reached = (duration >= 0) & (heard >= duration - 3 * SECOND)
    whole: Bools = ended.to_numpy(zero_copy_only=False) | reached
    return whole


def _until_again(length: Ints, start: Ints, recording: Ints) -> Ints:
    """The length of each row, or how long it took until its source told the same again.

    Nearer than `WINDOW` that is no second play, but the same told twice.
    """
    order = np.lexsort((start, recording))
    same = (np.diff(recording[order]) == 0) & (start[order][:-1] >= 0) & (recording[order][1:] >= 0)
    far = np.iinfo(np.int64).max
    apart = np.where(same, np.diff(start[order]), far)
    apart = np.where(apart < WINDOW, far, apart)
    nearest = np.minimum(np.append(apart, far), np.insert(apart, 0, far))
    again = np.empty(len(start), np.int64)
    again[order] = nearest
    least = np.minimum(again, np.where(length >= 0, length, far))
    return np.where(least == far, MISSING, least)


def pair(rows: Times, names: Faces, plays: Times, called: Sequence[Faces]) -> Ints:
    """Pair rows of one source with plays, one to one: those that are nearest first.

    A scrobble is never a play that is known to have been shorter than any that is scrobbled. A song
    that runs in a loop pairs only within half its length; any other may have been paused. Where it
    may be another play as well, it is one.

    Args:
        rows: times of the rows.
        names: what they call their recordings.
        plays: times of the plays.
        called: what each of the plays' sources calls their recordings, as long as `plays`.

    Returns:
        For each row the index of its play; -1 where it has none.
    """
    partner = np.full(len(rows.start), MISSING, np.int64)
    if not len(rows.start) or not len(plays.start):
        return partner
    # Pairs that are equally near are chosen in order of time.
    order = np.lexsort((plays.end, plays.start))
    plays, called = plays.take(order), [one.take(order) for one in called]
    near = _near_pairs(rows, names, plays, called)
    chosen = assign_greedily(near)
    partner[near.left[chosen]] = near.right[chosen]
    partner = _reassigned(near, chosen, partner, names.loose)
    partner = _paused(rows, names, plays, called, partner)
    return np.where(partner == MISSING, MISSING, order[partner])


def _reassigned(near: Candidates, chosen: Ints, partner: Ints, recording: Ints) -> Ints:
    """The pairs, some of them changed so that rows which are left alone find a partner too."""
    waiting = (partner == MISSING) & np.isin(np.arange(len(partner)), near.left)
    if not waiting.any():
        return partner
    some = np.isin(recording, recording[waiting])
    at = np.flatnonzero(some[near.left])
    part, number = near.take(at), np.full(len(near.left), MISSING)
    number[at] = np.arange(len(at))
    taken = augment(part, number[chosen[some[near.left[chosen]]]], some)
    partner = partner.copy()
    partner[part.left[taken]] = part.right[taken]
    return partner


def _same(names: Faces, called: Sequence[Faces], left: Ints, right: Ints) -> Bools:
    """Which pairs name one recording, or nearly so."""
    by_names = _names_agree(names.take(left), [one.take(right) for one in called])
    return by_names.same | by_names.alike | by_names.nameless


@dataclass(frozen=True)
class _NamesAgree:
    """In what the names of pairs agree.

    Attributes:
        same: they name one recording.
        alike: the same but for what is added to them.
        nameless: the same title, where one of them tells no artist.
    """

    same: Bools
    alike: Bools
    nameless: Bools


def _names_agree(row: Faces, others: Sequence[Faces]) -> _NamesAgree:
    title = np.any([(row.title == one.title) & (row.title >= 0) for one in others], axis=0)
    anonymous = (row.anonymous == 1) | np.all([one.anonymous != 0 for one in others], axis=0)
    return _NamesAgree(
        np.any([row.same(one) for one in others], axis=0),
        np.any([row.alike(one) for one in others], axis=0),
        title & anonymous,
    )


def _time_pairs(
    rows: tuple[Ints, Ints], plays: tuple[Ints, Ints], limit: int, some: Bools | None = None
) -> tuple[Ints, Ints, Ints]:
    """Rows and plays whose stretches of time are at most `limit` apart, whatever they are called.

    Args:
        rows: from when to when each may be; -1 where that is not known.
        plays: the same of plays.
        limit: milliseconds.
        some: which rows are asked of.
    """
    right = np.where(plays[0] >= 0, 0, MISSING)
    width = rows[1] - rows[0]
    asked = (rows[0] >= 0) if some is None else (rows[0] >= 0) & some
    parts = [
        pairs_within(
            np.where(asked & (width == wide), 0, MISSING),
            rows[0],
            right,
            plays[0] - wide,
            plays[1],
            limit=limit,
        )
        for wide in np.unique(width[asked]).tolist()
    ]
    nobody = np.empty(0, np.int64)
    left, other, distance = zip((nobody,) * 3, *parts, strict=True)
    return np.concatenate(left), np.concatenate(other), np.concatenate(distance)


def with_beginnings(rows: Times, names: Faces, plays: Times, called: Sequence[Faces]) -> Times:
    """Plays whose time a poll told, which may be their start: read so where that fits rows better.

    That is decided for all plays of one recording within some hours at once: one by one, a song
    heard twice would pair wrongly, and a loop would stand one row too early throughout.

    Args:
        rows: times of the rows of all sources from elsewhere.
        names: what they call their recordings.
        plays: times of the plays.
        called: what each of the plays' sources calls their recordings; polls come first.
    """
    some = np.flatnonzero(plays.polled & (plays.shown >= 0))
    if not len(some):
        return plays
    told = (np.where(rows.begins, rows.start, MISSING), rows.start_to)
    fits = []
    for reading in (plays.start, plays.shown):
        at = np.where(plays.polled, reading, MISSING)
        left, right, _ = _time_pairs(told, (at, at), MIN_WINDOW)
        found = np.zeros(len(at), np.int64)
        found[right[_same(names, called, left, right)]] = 1
        fits.append(found)
    recording = called[0].loose[some]
    order = np.lexsort((plays.shown[some], recording))
    apart = np.diff(plays.shown[some][order], prepend=0) - plays.duration[some][order]
    new = (np.diff(recording[order], prepend=MISSING) != 0) | (abs(apart) > SITTING)
    group = np.cumsum(new)
    votes = [np.bincount(group, one[some][order]) for one in fits]
    # Of a loop that rows tell in part, one more row says nothing: it is the end, as it mostly is.
    enough = votes[1] >= np.bincount(group) / 2
    as_start = (votes[1] > votes[0]) & (enough | (votes[0] == 0))
    begins = some[order[as_start[group]]]
    start, start_to = plays.start.copy(), plays.start_to.copy()
    start[begins] = start_to[begins] = plays.shown[begins]
    end = np.where(plays.duration >= 0, start + plays.duration, MISSING)
    end = np.where(np.isin(np.arange(len(end)), begins), end, plays.end)
    end_to = np.maximum(end, plays.end_to)
    return replace(plays, start=start, start_to=start_to, end=end, end_to=end_to)


def _near_pairs(rows: Times, names: Faces, plays: Times, called: Sequence[Faces]) -> Candidates:
    # What is measured may have been paused: its end is as good as its beginning.
    ends = np.where(rows.begins & (rows.heard < 0), MISSING, rows.end)
    began = (plays.start, plays.start_to)
    parts = [_time_pairs((rows.start, rows.start_to), began, WIDE_WINDOW, rows.begins)]
    if (ends >= 0).any():
        parts.append(_time_pairs((ends, rows.end_to), (plays.end, plays.end_to), WIDE_WINDOW))
        # What was taken from the polled service tells the time that this shows, whatever it is.
        taken = np.where(rows.begins, MISSING, ends)
        parts.append(_time_pairs((taken, rows.end_to), (plays.shown, plays.shown), WIDE_WINDOW))
        endless = np.where(plays.end < 0, plays.start, MISSING)
        reckoned = np.where(rows.begins, MISSING, rows.start)
        parts.append(_time_pairs((reckoned, rows.start_to), (endless, plays.start_to), WIDE_WINDOW))
    left, right, distance = (np.concatenate(one) for one in zip(*parts, strict=True))
    if len(parts) > 1:  # of a play's two times the nearer one
        order = np.lexsort((distance, right, left))
        first = np.ones(len(order), np.bool_)
        first[1:] = (np.diff(left[order]) != 0) | (np.diff(right[order]) != 0)
        left, right, distance = (one[order[first]] for one in (left, right, distance))
    possible = np.flatnonzero(_possible(rows, plays, left, right))
    left, right, distance = left[possible], right[possible], distance[possible]
    others = [one.take(right) for one in called]
    limit, extra = _by_names(rows, plays, names.take(left), others, (left, right))
    cost = distance + extra + np.where(plays.doubtful[right], DOUBTFUL, 0)
    # Of two plays in one minute the one is told that was heard for long enough, if it is known.
    lacks = np.where((plays.heard >= 0) & ~plays.whole, LONG_ENOUGH - plays.heard, 0)
    cost += np.maximum(lacks, 0)[right] // 2
    near = np.flatnonzero(distance <= limit)
    return Candidates(left, right, cost, np.zeros_like(left)).take(near)


def _possible(rows: Times, plays: Times, left: Ints, right: Ints) -> Bools:
    """Which pairs how long was heard allows."""
    measured, heard = rows.heard[left] >= 0, plays.heard[right]
    differ = measured & (heard >= 0) & (abs(rows.heard[left] - heard) > WINDOW)
    allowed: Bools = ~differ & (measured | ~_too_brief(rows, plays, left, right))
    return allowed


def _too_brief(rows: Times, plays: Times, left: Ints, right: Ints) -> Bools:
    """Of which pairs the play was heard for less than any program scrobbles."""
    unknown = np.iinfo(np.int64).max
    heard, own, told = plays.heard[right], plays.duration[right], rows.duration[left]
    length = np.minimum(np.where(own >= 0, own, unknown), np.where(told >= 0, told, unknown))
    # What reached its end was as long as it was heard, whatever track a row took it for.
    length = np.where(plays.whole[right] & (own < 0) & (told > SHORTEST_TRACK), unknown, length)
    half = np.minimum(length // 2, LONGEST_HALF) - LENGTH_TOLERANCE
    least = np.where(length == unknown, SHORTEST_TRACK // 2, half)
    brief: Bools = (heard >= 0) & (heard < np.where(length <= SHORTEST_TRACK, 0, least))
    return brief


def _by_names(
    rows: Times, plays: Times, row: Faces, others: Sequence[Faces], pairs: tuple[Ints, Ints]
) -> tuple[Ints, Ints]:
    """How far apart the two of each pair may be by what they are called, and what that costs."""
    left, right = pairs
    agree = _names_agree(row, others)
    minute = (rows.start_to > rows.start)[left] | (plays.start_to > plays.start)[right]
    duration, heard = rows.duration[left], plays.heard[right]
    renamed = (duration >= 0) & (heard >= 0) & (abs(duration - heard) <= LENGTH_TOLERANCE)
    limit = _limit(rows, plays, left, right, minute)
    tiers = (
        (agree.same, 0, limit),
        (agree.alike, LOOSE, limit),
        (agree.nameless, LOOSE, np.minimum(limit, NAMELESS_WINDOW)),
        (renamed & plays.whole[right] & ~minute, RENAMED, np.minimum(limit, RENAMED_WINDOW)),
    )
    which = [tier for tier, _, _ in tiers]
    extra = np.select(which, [np.full(len(left), cost) for _, cost, _ in tiers], 0)
    return np.select(which, [window for _, _, window in tiers], MISSING), extra


def _limit(rows: Times, plays: Times, left: Ints, right: Ints, minute: Bools) -> Ints:
    """How far apart the two of a pair may be: half of what is shorter, or a fixed time."""
    far = np.iinfo(np.int64).max
    lengths = [
        np.where(length >= 0, length, far) for length in (rows.length[left], plays.length[right])
    ]
    widest = np.where(minute | plays.polled[right], WIDE_WINDOW, WINDOW)
    limit: Ints = np.clip(np.minimum(*lengths) // 2, MIN_WINDOW, widest)
    return limit


def _paused(
    rows: Times, names: Faces, plays: Times, called: Sequence[Faces], partner: Ints
) -> Ints:
    """The pairs, and those of plays that were paused, or that tell too little of when they began.

    Only where there is no choice: one row and one play of a recording that are left, and nothing
    else meanwhile.
    """
    # A row that tells its end may tell its beginning, as polls do; it is read so beside an export
    # alone, which lacks no play: anywhere else it may be the end of the play before.
    told, told_to = np.where(rows.begins, (rows.start, rows.start_to), (rows.end, rows.end_to))
    waiting = (partner == MISSING) & (told >= 0) & np.isin(names.title, _titles(called))
    if not waiting.any():
        return partner
    begin, until = _widest(plays)
    free = unassigned(len(begin), partner)
    begin = np.where(free, begin, MISSING)
    left, right, _ = _time_pairs((told, told_to), (begin, until), 0, waiting)
    at_start = (abs(told[left] - plays.start[right]) <= MIN_WINDOW) & plays.exported[right]
    fits = np.where(rows.begins[left], ~_again(rows, plays, left, right), at_start)
    fits &= _same(names, called, left, right) & _possible(rows, plays, left, right)
    left, right = left[fits], right[fits]
    single = (np.bincount(left, minlength=len(partner))[left] == 1) & (
        np.bincount(right, minlength=len(begin))[right] == 1
    )
    partner = partner.copy()
    partner[left[single]] = right[single]
    return partner


def _again(rows: Times, plays: Times, left: Ints, right: Ints) -> Bools:
    """Which pairs may be the same track several times in a row, of which each tells another one.

    An export would tell all of them.
    """
    before = plays.start[right] - rows.start_to[left]
    length = np.where(plays.length >= 0, plays.length, plays.duration)[right]
    early, late = REPEAT
    repeated = before >= length + early
    after = (before - early) % np.maximum(length, 1)
    again: Bools = repeated & (after <= late - early) & (length > 0) & (plays.start[right] >= 0)
    return again & ~plays.exported[right]


def _titles(called: Sequence[Faces]) -> Ints:
    every = np.unique(np.concatenate([one.title for one in called]))
    return every[every >= 0]


def _widest(plays: Times) -> tuple[Ints, Ints]:
    """From when to when a play may have begun at all, given when others ended."""
    known_end = np.where(plays.end >= 0, plays.end, plays.start)
    unknown = plays.start < 0
    estimate = np.where(unknown, known_end - LONGEST_UNKNOWN, plays.start)
    order = np.argsort(estimate, kind="stable")
    ended = np.maximum.accumulate(known_end[order])
    before = np.empty_like(ended)
    # What was before the first one is not known.
    before[order] = np.append(ended[-1:], ended[:-1])
    pause = np.where(plays.exported, LONGEST_PAUSE, LONGEST_DOUBTFUL_PAUSE)
    paused = np.maximum(before - MIN_WINDOW, estimate - pause)
    narrow = np.where(plays.polled, WIDE_WINDOW, WINDOW)
    begin = np.where(plays.begins, estimate, paused)
    begin = np.minimum(begin, estimate - narrow)
    until = np.where(unknown, known_end, plays.start_to + WINDOW)
    until = np.where(plays.polled, np.maximum(known_end, until) + MIN_WINDOW, until)
    return begin, until
