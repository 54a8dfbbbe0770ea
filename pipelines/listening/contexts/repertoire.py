"""Stretches with songs of their own: songs that are heard together and hardly elsewhere.

Most habits show in this and not in names: training on Tuesdays and Thursdays, an album to fall
asleep to. What such a stretch is for is told by how long it lasts, how often it comes and how it
sounds; that is weighed as any other evidence. Add here what else tells such stretches apart. Habits
that follow from labels belong in `habits.py`, shapes of single sessions in `shape.py`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pipelines.listening.arrays import MISSING, Bools, Doubles, Ints
from pipelines.listening.contexts.timeline import DAY, Timeline, weekday
from pipelines.listening.time.intervals import MINUTE

WINDOW_DAYS = 21
"""Days on either side within which songs are compared: seven weeks in all."""

MOST_SESSIONS = 60
"""What is heard in more sessions than this within the window is nobody's special repertoire."""

SAME_TIME = 75
"""Minutes by the clock that stretches of one habit begin apart at most. Reasoned."""

AROUND = 12 * MINUTE
"""How far before and after a play its neighbours decide whether it stands in such a stretch."""

SOME_SHARE, MOST_SHARE = 0.36, 0.55
"""How much of all that was heard of these songs was heard at this time of day, to begin with, and
then in such stretches. An everyday song has about a sixth of it there. Reasoned."""

PAUSE = 5 * MINUTE
"""A longer one ends a stretch: what follows is something else. Reasoned."""

LEAST_MINUTES = 15
LEAST_DAYS = 3
"""What was heard on two days is no habit yet. Reasoned."""

OWN_SHARE = 0.7
"""A song is the stretch's own if so much of it was heard in such stretches."""

ALIKE = 1.7
"""Stretches of one habit last at most so many times as long as each other. Reasoned."""

FEW_WEEKS, MANY_WEEKS = 2, 4
MINUTES = ((15, 38), (38, 85), (85, 130), (130, None))
DAYS_A_WEEK = ((0, 0.7), (0.7, 1.35), (1.35, 3.6), (3.6, 4.4), (4.4, None))
ONCE_A_DAY, HOURS_APART = 1.2, 3
MOSTLY = 0.8
LATE, EARLY = 20 * 60 + 30, 5 * 60
_WEEKEND = 5
_MOST_WEIGHTED = 10 * MINUTE
_DAY_MINUTES = 24 * 60
_MANY_DAYS = 1 << 20
_FEW = 4000


@dataclass(frozen=True)
class Repertoire:
    """Stretches with songs of their own; one value per stretch unless stated otherwise.

    Attributes:
        stretch: for each play the number of its stretch; -1 where it is in none.
        first: index of its first play.
        minutes: how long it lasted.
        songs: how many songs of it are hardly heard elsewhere.
        days: on how many days there are stretches with these songs, or as long ones at this time of
            day, its own included.
        weeks: length of the time that is known around it, at most seven.
        a_day: at how many times of day on each of these days.
        at_weekends: share of them that began on a Saturday or Sunday.
        same_slot: number of other weeks in which one began on this weekday at about this time.
        late: whether it began between 20:30 and 5 o'clock.
        pairs: pairs of stretches with songs in common, as two rows of numbers.
    """

    stretch: Ints
    first: Ints
    minutes: Doubles
    songs: Ints
    days: Ints
    weeks: Doubles
    a_day: Doubles
    at_weekends: Doubles
    same_slot: Ints
    late: Bools
    pairs: Ints

    def signs(self) -> Iterator[tuple[str, Bools]]:
        """Signs of plays in such stretches: how long these last, how often and when they come.

        Yields:
            The name of each sign, and one value per play.
        """
        a_week = self.days / np.maximum(self.weeks, 1)
        again = self.days >= LEAST_DAYS
        told = {"songs of their own": again}
        for least, most in MINUTES:
            name = (
                f"own songs for {least}+ min"
                if most is None
                else f"own songs for {least} to {most} min"
            )
            told[name] = again & (self.minutes >= least) & (self.minutes < (most or np.inf))
        for few, many in DAYS_A_WEEK:
            name = f"{few}+" if many is None else f"{few} to {many}"
            inside = (a_week >= few) & (a_week < (many or np.inf))
            told[f"own songs on {name} days a week"] = again & inside
        told["own songs several times a day"] = again & (self.a_day > ONCE_A_DAY)
        told["own songs late in the evening or at night"] = again & self.late
        told["own songs at weekends"] = again & (self.at_weekends > MOSTLY)
        told["own songs at this hour of this weekday in 2 or 3 other weeks"] = (
            self.same_slot >= FEW_WEEKS
        ) & (self.same_slot < MANY_WEEKS)
        told["own songs at this hour of this weekday in 4 or more other weeks"] = (
            self.same_slot >= MANY_WEEKS
        )
        for name, holds in told.items():
            yield name, np.append(holds, False)[self.stretch]


def repertoire(timeline: Timeline, spoken: Bools) -> Repertoire:
    """Find the stretches with songs of their own.

    At first, these are where most of what else was heard of their songs was heard at the same time
    of day; then, where it was heard in stretches found so, whatever the time of day.

    Args:
        timeline: the plays.
        spoken: which of them are podcasts or audiobooks, which are no songs.
    """
    heard = _Heard.of(timeline, np.where(spoken, MISSING, timeline.recording))
    at_this_time = heard.share(heard.same_time)
    found = _Stretches.of(timeline, heard.around(timeline, at_this_time) >= SOME_SHARE)
    inside = (found.number != MISSING)[heard.play]
    share = heard.share(heard.same_time | inside[heard.other])
    found = _Stretches.of(timeline, heard.around(timeline, share) >= MOST_SHARE)
    return _described(timeline, heard, found, share)


@dataclass(frozen=True)
class _Heard:
    """Songs by session, and pairs of sessions nearby with the same song.

    Attributes:
        of_play: for each play its row; -1 where its song is not known.
        play: for each row its first play.
        one, other: rows of each pair.
        same_time: whether both were heard at about the same time of day; one value per pair.
        others: for each row the number of other sessions nearby with the song.
        common: whether those are too many to look at.
    """

    of_play: Ints
    play: Ints
    one: Ints
    other: Ints
    same_time: Bools
    others: Ints
    common: Bools

    @classmethod
    def of(cls, timeline: Timeline, song: Ints) -> "_Heard":
        known = np.flatnonzero(song != MISSING)
        key = song[known] * timeline.sessions + timeline.session[known]
        rows, first, row = np.unique(key, return_index=True, return_inverse=True)
        of_play = np.full(len(timeline), MISSING, np.int64)
        of_play[known] = row
        play = known[first]
        # In order of songs and, within one, of time, since sessions are numbered in time.
        day = timeline.day[timeline.first][rows % max(timeline.sessions, 1)]
        when = rows // max(timeline.sessions, 1) * _MANY_DAYS + day
        from_ = np.searchsorted(when, when - WINDOW_DAYS, side="left")
        to = np.searchsorted(when, when + WINDOW_DAYS, side="right")
        others = to - from_ - 1
        common = others > MOST_SESSIONS
        paired = np.flatnonzero((others > 0) & ~common)
        one, other = _every(paired, from_[paired], to[paired])
        apart = one != other
        one, other = one[apart], other[apart]
        clock = timeline.local[play] % DAY // MINUTE
        return cls(of_play, play, one, other, _near(clock[one], clock[other]), others, common)

    def share(self, counted: Bools) -> Doubles:
        """For each row the share of other sessions with its song for which a pair is counted."""
        times = np.bincount(self.one[counted], minlength=len(self.play))
        share: Doubles = np.where(self.common, 0, times / np.maximum(self.others, 1))
        return share

    def around(self, timeline: Timeline, share: Doubles) -> Doubles:
        """For each play the mean share of the plays around it, but what is never heard again."""
        seconds = np.minimum(timeline.lasted, _MOST_WEIGHTED) // 1000
        trust = self.others / (self.others + 1.0)
        weight = np.rint(np.append(trust, 0)[self.of_play] * seconds).astype(np.int64)
        # Sums of integers, which do not depend on where they begin.
        counted = np.rint(np.append(share, 0)[self.of_play] * weight * 1000).astype(np.int64)
        sums, weights = (np.concatenate([[0], one.cumsum()]) for one in (counted, weight))
        from_, to = timeline.range_around(AROUND)
        whole = weights[to] - weights[from_]
        mean: Doubles = (sums[to] - sums[from_]) / np.maximum(whole, 1) / 1000
        return mean


@dataclass(frozen=True)
class _Stretches:
    """Runs of plays: for each play its number or -1; and each one's first and last play."""

    number: Ints
    first: Ints
    last: Ints

    @classmethod
    def of(cls, timeline: Timeline, inside: Bools) -> "_Stretches":
        """Runs of plays of one session that are inside and last long enough."""
        if not len(timeline):
            return cls(timeline.session, timeline.first, timeline.first)
        new = (timeline.session[1:] != timeline.session[:-1]) | (inside[1:] != inside[:-1])
        new |= timeline.starts[1:] - timeline.ends[:-1] > PAUSE
        first = np.concatenate([[0], np.flatnonzero(new) + 1])
        last = np.append(first[1:], len(timeline)) - 1
        lasted = timeline.ends[last] - timeline.starts[first]
        kept = inside[first] & (lasted >= LEAST_MINUTES * MINUTE)
        number = np.where(kept, np.cumsum(kept) - 1, MISSING)
        return cls(np.repeat(number, last - first + 1), first[kept], last[kept])


def _described(timeline: Timeline, heard: _Heard, found: _Stretches, share: Doubles) -> Repertoire:
    count = len(found.first)
    of_row = found.number[heard.play]
    songs = np.bincount(of_row[(of_row != MISSING) & (share >= OWN_SHARE)], minlength=count)
    here, there = of_row[heard.one], of_row[heard.other]
    both = (here != MISSING) & (there != MISSING)
    pairs = np.unique(here[both] * max(count, 1) + there[both])
    one, other = pairs // max(count, 1), pairs % max(count, 1)
    local = timeline.local[found.first]
    day, clock = local // DAY, local % DAY // MINUTE
    lasted = (timeline.ends[found.last] - timeline.starts[found.first]) / MINUTE
    all_, others = _alike(pairs, day, clock, lasted)
    on = np.unique(all_ * _MANY_DAYS + day[others])
    days = np.bincount(on // _MANY_DAYS, minlength=count)
    slot = (day[one] - day[other]) % 7 == 0
    slot &= (day[one] != day[other]) & _near(clock[one], clock[other])
    weeks = np.unique(one[slot] * _MANY_DAYS + day[other][slot])
    weekend = np.bincount(all_[weekday(day[others]) >= _WEEKEND], minlength=count)
    times = np.bincount(all_, minlength=count)
    # One that a pause cuts in two is one.
    elsewhen = ~_near(clock[all_], clock[others], HOURS_APART * 60)
    at_times = np.unique((all_ * _MANY_DAYS + day[others]) * 2 + elsewhen) // 2 // _MANY_DAYS
    return Repertoire(
        stretch=found.number,
        first=found.first,
        minutes=lasted,
        songs=songs,
        days=days,
        weeks=_known_weeks(timeline, day),
        a_day=np.bincount(at_times, minlength=count) / np.maximum(days, 1),
        at_weekends=weekend / np.maximum(times, 1),
        same_slot=np.bincount(weeks // _MANY_DAYS, minlength=count),
        late=(clock >= LATE) | (clock < EARLY),
        pairs=np.stack([one, other]),
    )


def _alike(sharing: Ints, day: Ints, clock: Ints, lasted: Doubles) -> tuple[Ints, Ints]:
    """Pairs of stretches that are one habit, each with itself too.

    They share songs; or both share songs with a third one, all begin at about the same time of day,
    and they last about as long: of many songs only some are heard on any two days.

    Args:
        sharing: codes of pairs that share songs.
        day: the day of each stretch, ascending but for those over midnight.
        clock: when each begins, in minutes.
        lasted: its minutes.
    """
    count = max(len(day), 1)
    at_once = sharing[_near(clock[sharing // count], clock[sharing % count])]
    rising = np.maximum.accumulate(day)
    from_ = np.searchsorted(rising, day - WINDOW_DAYS)
    to = np.searchsorted(rising, day + WINDOW_DAYS, side="right")
    own = np.arange(len(day))
    one, other = _every(own, from_, to)
    maybe = (lasted[one] <= lasted[other] * ALIKE) & (lasted[other] <= lasted[one] * ALIKE)
    maybe &= _near(clock[one], clock[other])
    code = one[maybe] * count + other[maybe]
    third = code[np.isin(code, _through_a_third(at_once, count))]
    codes = np.unique(np.concatenate([sharing, third, own * (count + 1)]))
    return codes // count, codes % count


def _through_a_third(sharing: Ints, count: int) -> Ints:
    """Codes of pairs of stretches that both share songs with a third one."""
    one, other = sharing // count, sharing % count
    first = np.searchsorted(one, np.arange(count + 1))
    pairs = _every(one, first[other], first[other + 1])
    codes = pairs[0] * count + other[pairs[1]]
    # They are many, and most of them the same: sorting them is dearer than marking them.
    return np.flatnonzero(np.bincount(codes)) if count < _FEW else np.unique(codes)


def _every(one: Ints, from_: Ints, to: Ints) -> tuple[Ints, Ints]:
    """Each number with every index in its range, as two columns."""
    times = to - from_
    begins = np.repeat(np.cumsum(times) - times, times)
    return np.repeat(one, times), np.repeat(from_, times) + np.arange(len(begins)) - begins


def _near(clock: Ints, other: Ints, minutes: int = SAME_TIME) -> Bools:
    """Whether two times of day, in minutes, are near each other, over midnight too."""
    apart = np.abs(clock - other)
    return np.asarray(np.minimum(apart, _DAY_MINUTES - apart) <= minutes, np.bool_)


def _known_weeks(timeline: Timeline, day: Ints) -> Doubles:
    """From the first day with plays in the window around each day to the last, in weeks."""
    days = np.unique(timeline.day)
    if not len(days):
        return np.zeros(0)
    first = days[np.searchsorted(days, day - WINDOW_DAYS)]
    last = days[np.searchsorted(days, day + WINDOW_DAYS, side="right") - 1]
    weeks: Doubles = (last - first + 1) / 7
    return weeks
