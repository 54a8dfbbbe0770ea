"""Evidence from the listener's other sessions: the same artist, playlist, weekday or hour.

Nothing here depends on what an artist or an hour is for other people: a night nurse's mornings are
sleep if her mornings sound like sleep. A session is never evidence for itself. Add a kind of habit
here; scores of a play's own content belong elsewhere.
"""

from dataclasses import dataclass

import numpy as np

from pipelines.listening.arrays import MISSING, Floats, Ints, sums_of_rows
from pipelines.listening.contexts import CONTEXTS
from pipelines.listening.contexts.timeline import HOUR, Timeline, rolling_sum, weekday

KINDS = ("recording", "artist", "album", "played_from")

WINDOW_DAYS = 18
"""Days on either side from which habits are computed. In two rounds, and with the three times
three weeks in which stretches with songs of their own are found, a label depends on 99 days on
either side: less than four months."""

PRIOR_SESSIONS = 2.0
"""Weight of the prior, in sessions with average shares. Reasoned."""

_FINE = 1000
"""Shares are counted in thousandths, since sums of integers do not depend on the order."""

_LEAST_SHARE = 0.03
"""No context is taken to be rarer: with a smaller one, a single session would be a habit."""


class Habit:
    """The sessions that share a thing, such as an artist.

    An event is one thing in one session, however often it was played there.
    """

    def __init__(self, timeline: Timeline, thing: Ints) -> None:
        """Find each event's neighbours.

        Args:
            timeline: the plays.
            thing: for each play the code of its artist, album, …; -1 where it is not known.
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
        """The number of other sessions nearby with each play's thing; -1 where it is unknown."""
        counts = np.full(self._count, MISSING, np.int64)
        counts[self._plays] = (self._to - self._from - 1)[self._event]
        return counts

    def scores(self, probabilities: Floats, baseline: Floats | None = None) -> Floats:
        """Score each context by the other sessions: log of its share there to its usual share.

        Args:
            probabilities: for each play the probability of each context.
            baseline: the probabilities from which usual shares are computed; the same by default.
        """
        scores = np.zeros((self._count, len(CONTEXTS)), np.float32)
        if not len(self._times):
            return scores
        here = self._counted(probabilities)
        around = self._shares.around(here if baseline is None else self._counted(baseline))
        running = np.concatenate([np.zeros((1, len(CONTEXTS)), np.int64), here.cumsum(axis=0)])
        near = running.take(self._to, axis=0) - running.take(self._from, axis=0) - here
        scores[self._plays] = _ratio(near, around).take(self._event, axis=0)
        return scores

    def alike(self, label: Ints) -> Ints:
        """The number of other sessions nearby whose plays of each play's thing have its label.

        Args:
            label: for each play the number of its label.
        """
        found = np.zeros(self._count, np.int64)
        if not len(self._times):
            return found
        for one in np.unique(label[self._plays]):
            same = label[self._plays] == one
            mostly = np.bincount(self._event[same], minlength=len(self._times)) * 2 > self._times
            running = np.concatenate([[0], mostly.cumsum()])
            near = running[self._to] - running[self._from] - mostly
            found[self._plays[same]] = near[self._event[same]]
        return found

    def _counted(self, probabilities: Floats) -> Ints:
        """For each event the mean probability of each context, in thousandths."""
        counted = [
            np.bincount(self._event, weights=column, minlength=len(self._times))
            for column in np.rint(probabilities[self._plays] * _FINE).astype(np.int64).T
        ]
        average: Ints = np.stack(counted, axis=1).astype(np.int64) // self._times[:, None]
        return average


_DAYS = 1 << 20


class _Shares:
    """Shares of contexts in all sessions around a day."""

    def __init__(self, day: Ints) -> None:
        self._first = int(day.min(initial=0))
        self._days = int(day.max(initial=0)) - self._first + 1
        self._day = day - self._first

    def around(self, counted: Ints) -> Floats:
        """Shares of contexts on the days around each row's day."""
        by_day = np.stack(
            [np.bincount(self._day, weights=column, minlength=self._days) for column in counted.T],
            axis=1,
        ).astype(np.int64)
        sums = rolling_sum(by_day, WINDOW_DAYS)
        shares = sums / np.maximum(sums_of_rows(sums), 1)
        around: Floats = np.maximum(shares, _LEAST_SHARE).astype(np.float32)
        return around.take(self._day, axis=0)


def _ratio(observed: Ints, shares: Floats, prior: float = PRIOR_SESSIONS) -> Floats:
    """Log of each context's share over its usual share, shrunk towards 0 by the prior."""
    times = observed / np.float32(_FINE)
    total = sums_of_rows(times)
    more: Floats = np.log((times + prior * shares) / ((total + prior) * shares)).astype(np.float32)
    return more


@dataclass(frozen=True)
class HourlyHabits:
    """Habits by hour: on the same weekday, and on all workdays or weekends."""

    timeline: Timeline

    def scores(
        self, probabilities: Floats, baseline: Floats | None = None
    ) -> tuple[Floats, Floats]:
        """Score each context by the same hour of other days, by weekday and by day.

        Args:
            probabilities: for each play the probability of each context.
            baseline: the probabilities from which usual shares are computed; the same by default.
        """
        timeline = self.timeline
        if not len(timeline):
            none = np.zeros((0, len(CONTEXTS)), np.float32)
            return none, none
        first = int(timeline.day.min())
        days = int(timeline.day.max()) - first + 1
        cell = (timeline.day - first) * 24 + timeline.hour
        table = self._by_day_and_hour(probabilities, cell, days)
        smoothed = np.roll(table, 1, axis=1) + 2 * table + np.roll(table, -1, axis=1)
        reference = table if baseline is None else self._by_day_and_hour(baseline, cell, days)
        everything = rolling_sum(reference.sum(axis=1), WINDOW_DAYS)
        shares = everything / np.maximum(everything.sum(axis=1, keepdims=True), 1)
        shares = np.maximum(shares, _LEAST_SHARE).astype(np.float32)
        kind = weekday(np.arange(first, first + days))
        week = _alike(smoothed, kind, WINDOW_DAYS)
        day = _alike(smoothed, (kind >= _WEEKEND).astype(np.int64), WINDOW_DAYS)
        by_week = _ratio(week, shares[:, None, :]).reshape(-1, len(CONTEXTS))
        by_day = _ratio(day, shares[:, None, :]).reshape(-1, len(CONTEXTS))
        return by_week.take(cell, axis=0), by_day.take(cell, axis=0)

    def _by_day_and_hour(self, probabilities: Floats, cell: Ints, days: int) -> Ints:
        """Thousandths of hours in each context, by day and hour."""
        seconds = np.minimum(self.timeline.lasted, HOUR) // 1000
        weights = np.rint(probabilities * _FINE).astype(np.int64) * seconds[:, None] // 3600
        totals = [np.bincount(cell, weights=column, minlength=days * 24) for column in weights.T]
        return np.stack(totals, axis=1).astype(np.int64).reshape(days, 24, len(CONTEXTS))


_WEEKEND = 5


def _alike(by_day: Ints, kind: Ints, reach: int) -> Ints:
    """Sums over other days of the same kind, up to `reach` days before and after each day."""
    sums = np.zeros_like(by_day)
    for one in np.unique(kind):
        same = kind == one
        masked = np.where(same[:, None, None], by_day, 0)
        sums[same] = (rolling_sum(masked, reach) - masked)[same]
    return sums
