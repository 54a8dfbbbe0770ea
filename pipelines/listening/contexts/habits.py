"""What the listener's own other sessions tell: the same artist, playlist, weekday, hour.

Nothing here depends on the world's opinion of an artist or an hour: a night nurse's mornings are
sleep when her mornings sound like sleep. A session is never evidence for itself.
"""

from dataclasses import dataclass

import numpy as np

from pipelines.listening.arrays import MISSING, Floats, Ints
from pipelines.listening.contexts import CONTEXTS
from pipelines.listening.contexts.timeline import HOUR, Timeline, rolling_sum, weekday

KINDS = ("recording", "artist", "album", "played_from")
SLOTS = ("week", "day")

WINDOW_DAYS = 18
"""Days either side on which habits are learned. In two rounds, with the three weeks in which the
same hour is looked for, a label depends on 57 days either side: less than two months."""

PRIOR_SESSIONS = 2.0
"""As many sessions without a habit as are assumed before the first one is seen. Reasoned."""

_FINE = 1000
"""Shares are counted in thousandths: whole numbers add up to the same in every order."""

_LEAST_SHARE = 0.01


class Habit:
    """Sessions in which the same thing was heard, such as an artist.

    An event is one thing in one session, however often it was played there.
    """

    def __init__(self, timeline: Timeline, thing: Ints) -> None:
        """Find each event's neighbours.

        Args:
            timeline: the plays.
            thing: for each play the number of what was heard; -1 where it is not known.
        """
        self._plays = np.flatnonzero(thing != MISSING)
        pairs = thing[self._plays] * timeline.sessions + timeline.session[self._plays]
        events, self._event = np.unique(pairs, return_inverse=True)
        session = events % max(timeline.sessions, 1)
        day = timeline.day[timeline.first][session]
        # In order of things and, within one, of time, since sessions are numbered in time.
        when = events // max(timeline.sessions, 1) * _DAYS + day
        self._from = np.searchsorted(when, when - WINDOW_DAYS, side="left")
        self._to = np.searchsorted(when, when + WINDOW_DAYS, side="right")
        self._times = np.bincount(self._event, minlength=len(events))
        self._shares = _Shares(day)
        self._count = len(timeline)

    @property
    def other_sessions(self) -> Ints:
        """In how many other sessions nearby each play's thing was heard; -1 where unknown."""
        found = np.full(self._count, MISSING, np.int64)
        found[self._plays] = (self._to - self._from - 1)[self._event]
        return found

    def scores(self, probabilities: Floats, baseline: Floats | None = None) -> Floats:
        """How much the other sessions speak for each context: log of a ratio of shares.

        Args:
            likely: for each play how likely each context is as far as is known.
            usual: the same, to compare with; itself where nothing else is said.
        """
        scores = np.zeros((self._count, len(CONTEXTS)), np.float32)
        if not len(self._times):
            return scores
        here = self._counted(probabilities)
        around = self._shares.around(here if baseline is None else self._counted(baseline))
        running = np.concatenate([np.zeros((1, len(CONTEXTS)), np.int64), here.cumsum(axis=0)])
        heard = running[self._to] - running[self._from] - here
        scores[self._plays] = _ratio(heard, around)[self._event]
        return scores

    def _counted(self, probabilities: Floats) -> Ints:
        """For each event the average share of each context, in thousandths."""
        counted = [
            np.bincount(self._event, weights=column, minlength=len(self._times))
            for column in np.rint(probabilities[self._plays] * _FINE).astype(np.int64).T
        ]
        average: Ints = np.stack(counted, axis=1).astype(np.int64) // self._times[:, None]
        return average


_DAYS = 1 << 20


class _Shares:
    """How much of all that was heard around a day was which context."""

    def __init__(self, day: Ints) -> None:
        self._first = int(day.min(initial=0))
        self._days = int(day.max(initial=0)) - self._first + 1
        self._day = day - self._first

    def around(self, counted: Ints) -> Floats:
        """Shares of the contexts on the days around each row's."""
        by_day = np.stack(
            [np.bincount(self._day, weights=column, minlength=self._days) for column in counted.T],
            axis=1,
        ).astype(np.int64)
        sums = rolling_sum(by_day, WINDOW_DAYS)
        shares = sums / np.maximum(sums.sum(axis=1, keepdims=True), 1)
        found: Floats = np.maximum(shares, _LEAST_SHARE).astype(np.float32)[self._day]
        return found


def _ratio(heard: Ints, shares: Floats, prior: float = PRIOR_SESSIONS) -> Floats:
    """Log of how much more often than usual each context was heard, drawn towards 0 by doubt."""
    times = heard / np.float32(_FINE)
    total = times.sum(axis=-1, keepdims=True)
    more: Floats = np.log((times + prior * shares) / ((total + prior) * shares)).astype(np.float32)
    return more


@dataclass(frozen=True)
class HourlyHabits:
    """What is usually heard at an hour: of the same weekday, and of all workdays or weekends."""

    timeline: Timeline

    def scores(
        self, probabilities: Floats, baseline: Floats | None = None
    ) -> tuple[Floats, Floats]:
        """How much other days' same hours speak for each context, by week and by day.

        Args:
            likely: for each play how likely each context is as far as is known.
            usual: the same, to compare with; itself where nothing else is said.
        """
        timeline = self.timeline
        if not len(timeline):
            none = np.zeros((0, len(CONTEXTS)), np.float32)
            return none, none
        first = int(timeline.day.min())
        days = int(timeline.day.max()) - first + 1
        cell = (timeline.day - first) * 24 + timeline.hour
        table = self._heard(probabilities, cell, days)
        near = np.roll(table, 1, axis=1) + 2 * table + np.roll(table, -1, axis=1)
        others = table if baseline is None else self._heard(baseline, cell, days)
        everything = rolling_sum(others.sum(axis=1), WINDOW_DAYS)
        shares = everything / np.maximum(everything.sum(axis=1, keepdims=True), 1)
        shares = np.maximum(shares, _LEAST_SHARE).astype(np.float32)
        kind = weekday(np.arange(first, first + days))
        week = _alike(near, kind, WINDOW_DAYS)
        day = _alike(near, (kind >= _WEEKEND).astype(np.int64), WINDOW_DAYS)
        by_week = _ratio(week, shares[:, None, :]).reshape(-1, len(CONTEXTS))
        by_day = _ratio(day, shares[:, None, :]).reshape(-1, len(CONTEXTS))
        return by_week[cell], by_day[cell]

    def _heard(self, probabilities: Floats, cell: Ints, days: int) -> Ints:
        """Thousandths of hours of each context, by day and hour."""
        seconds = np.minimum(self.timeline.lasted, HOUR) // 1000
        weights = np.rint(probabilities * _FINE).astype(np.int64) * seconds[:, None] // 3600
        heard = [np.bincount(cell, weights=column, minlength=days * 24) for column in weights.T]
        return np.stack(heard, axis=1).astype(np.int64).reshape(days, 24, len(CONTEXTS))


_WEEKEND = 5


def _alike(by_day: Ints, kind: Ints, reach: int) -> Ints:
    """Sums over other days of the same kind, up to `reach` days before and after each day."""
    sums = np.zeros_like(by_day)
    for one in np.unique(kind):
        mine = kind == one
        masked = np.where(mine[:, None, None], by_day, 0)
        sums[mine] = (rolling_sum(masked, reach) - masked)[mine]
    return sums
