"""What is known, as intervals of time, and the gaps between them.

An interval says: every play that Spotify showed in this stretch has been seen. Polls give
intervals, and so can any other source that vouches for a stretch. What the plays are belongs in
`plays.py`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from pipelines.listening.api import polled
from pipelines.listening.schema.tables import GAPS

VERSION = f"{polled.VERSION} 3"
"""Raise its last number when the same polls give other gaps: they are then computed anew."""

SHORTEST_GAP = timedelta(seconds=3)
"""Sources differ by 1 to 2 seconds about the same moment; less than 3 is no gap."""

LATELY = timedelta(days=1)
"""How much later than its successors a poll may be taken in without everything starting anew."""

MADE_AT = "known_to"
"""The column of `polls` by which they are in order: Spotify's clock where ours is ahead.

By ours alone, one poll of a clock that was a year ahead would be the last one for a year.
"""

SINCE_EVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, order=True)
class Interval:
    """A stretch in which every play is known, since when it is known, and by what."""

    start: datetime
    end: datetime
    known_at: datetime
    by: str


@dataclass(frozen=True)
class Gap:
    """A stretch in which plays may be missing; closed where something later covered it."""

    start: datetime
    end: datetime
    detected_at: datetime
    closed_at: datetime | None = None
    closed_by: str | None = None

    @property
    def matters(self) -> bool:
        """Whether it is longer than sources differ."""
        return self.end - self.start >= SHORTEST_GAP


@dataclass(frozen=True)
class Knowledge:
    """The stretch from the first to the last thing known, and its gaps in order of time."""

    start: datetime | None = None
    end: datetime | None = None
    gaps: tuple[Gap, ...] = field(default=())

    def learn(self, new: Interval) -> "Knowledge":
        """Knowledge with one more interval: gaps it reveals, gaps it closes or narrows."""
        if self.start is None or self.end is None:
            return Knowledge(new.start, new.end)
        gaps = self.gaps
        if new.start > self.end:
            gaps = (*gaps, Gap(self.end, new.start, detected_at=new.known_at))
        elif new.end < self.start:
            gaps = (Gap(new.end, self.start, detected_at=new.known_at), *gaps)
        elif gaps and new.start < gaps[-1].end:
            gaps = tuple(part for gap in gaps for part in _closed(gap, new))
        return Knowledge(min(self.start, new.start), max(self.end, new.end), gaps)

    def table(self) -> pa.Table:
        """The `gaps` table."""
        rows: list[dict[str, object]] = [
            {
                "gap_start": gap.start,
                "gap_end": gap.end,
                "detected_at": gap.detected_at,
                "closed_at": gap.closed_at,
                "closed_by": gap.closed_by,
            }
            for gap in self.gaps
            if gap.matters
        ]
        return GAPS.conform(GAPS.from_rows(rows))


def _closed(gap: Gap, new: Interval) -> Iterable[Gap]:
    """A gap after an interval became known: what lies inside it is closed, the rest stays open."""
    start, end = max(gap.start, new.start), min(gap.end, new.end)
    if gap.closed_at or start >= end:
        yield gap
        return
    parts = (
        replace(gap, end=start),
        replace(gap, start=start, end=end, closed_at=new.known_at, closed_by=new.by),
        replace(gap, start=end),
    )
    yield from (part for part in parts if part.start < part.end)


@dataclass(frozen=True)
class Polling:
    """What polls have taught so far; polls are taken in the order in which they were made.

    Attributes:
        knowledge: intervals and gaps.
        most: the most plays that one answer showed. Plays are only ever added to what Spotify
            shows, so a later answer with fewer is a fault on its side, not a shorter life.
        newest: the newest play that any answer showed. One that no longer shows it is stale.
        through: time and file name of the last poll taken in.
        lately: how many polls of the day before that have been taken in, itself among them.
        imports: names of the imports taken in.
    """

    knowledge: Knowledge = field(default_factory=Knowledge)
    most: int = 0
    newest: datetime = SINCE_EVER
    through: tuple[datetime, str] = (SINCE_EVER, "")
    lately: int = 0
    imports: frozenset[str] = frozenset()

    def take(self, poll: Mapping[str, Any]) -> "Polling":
        """One more poll, a row of the table `polls`."""
        interval = self._interval(poll)
        return replace(
            self,
            knowledge=self.knowledge.learn(interval) if interval else self.knowledge,
            most=max(self.most, poll["items"]),
            newest=max(self.newest, poll["newest_played_at"] or SINCE_EVER),
            through=(_at(poll), poll["response"]),
        )

    def _interval(self, poll: Mapping[str, Any]) -> Interval | None:
        newest = poll["newest_played_at"] or poll["known_to"]
        end = newest if newest < self.newest else max(poll["known_to"], newest)
        complete = not poll["full"] and poll["items"] >= self.most
        start = SINCE_EVER if complete else poll["oldest_played_at"]
        return Interval(start, end, _at(poll), poll["response"]) if start else None

    def take_all(self, polls: pa.Table, vouched: Sequence[Interval] = ()) -> "Polling":
        """What is later than all that was taken in, in the order in which it came to be known.

        Args:
            polls: rows of the table `polls`, all that came less than `LATELY` before `through`.
            vouched: all stretches for which imports vouch.
        """
        told = [one for one in vouched if one.by not in self.imports]
        told.sort(key=lambda one: (one.known_at, one.by, one.start))
        polling = self
        in_order = polls.sort_by([(MADE_AT, "ascending"), ("response", "ascending")])
        for poll in in_order.to_pylist():
            if (_at(poll), poll["response"]) > self.through:
                while told and told[0].known_at < _at(poll):
                    polling = polling.learn(told.pop(0))
                polling = polling.take(poll)
        for one in told:
            polling = polling.learn(one)
        return replace(polling, lately=_lately(polls, polling.through))

    def learn(self, vouched: Interval) -> "Polling":
        """A stretch for which an import vouches."""
        return replace(
            self,
            knowledge=self.knowledge.learn(vouched),
            imports=self.imports | {vouched.by},
        )

    def knows(self, polls: pa.Table, vouched: Sequence[Interval] = ()) -> bool:
        """Whether nothing has come since that should have been taken in before what was.

        Args:
            polls: as for `take_all`.
            vouched: as for `take_all`.
        """
        taken = {one.by: one.known_at for one in vouched if one.by in self.imports}
        last = max(taken.values(), default=SINCE_EVER)
        late_import = any(
            one.by not in taken and one.known_at <= self.through[0] for one in vouched
        )
        late_poll = any(self.through[0] < at <= last for at in polls[MADE_AT].to_pylist())
        gone = self.imports - taken.keys()
        in_order = not (late_import or late_poll or gone)
        return in_order and _lately(polls, self.through) == self.lately

    def notes(self) -> dict[str, str]:
        """What the table `gaps` itself does not say, as texts for its footer."""
        known = self.knowledge
        return {
            "version": VERSION,
            "known_from": known.start.isoformat() if known.start else "",
            "known_to": known.end.isoformat() if known.end else "",
            "most": str(self.most),
            "newest": self.newest.isoformat(),
            "through": self.through[0].isoformat(),
            "through_response": self.through[1],
            "lately": str(self.lately),
            "imports": " ".join(sorted(self.imports)),
        }

    @classmethod
    def restored(cls, gaps: pa.Table, notes: Mapping[str, str]) -> "Polling | None":
        """From the table `gaps` and its footer; None where another version wrote them."""
        if notes.get("version") != VERSION or not notes.get("known_from"):
            return None
        rows = gaps.rename_columns([name.removeprefix("gap_") for name in gaps.column_names])
        knowledge = Knowledge(
            datetime.fromisoformat(notes["known_from"]),
            datetime.fromisoformat(notes["known_to"]),
            tuple(Gap(**row) for row in rows.to_pylist()),
        )
        return cls(
            knowledge,
            int(notes["most"]),
            datetime.fromisoformat(notes["newest"]),
            (datetime.fromisoformat(notes["through"]), notes["through_response"]),
            int(notes["lately"]),
            frozenset(notes["imports"].split()),
        )


def _at(poll: Mapping[str, Any]) -> datetime:
    at: datetime = poll[MADE_AT]
    return at


def _lately(polls: pa.Table, through: tuple[datetime, str]) -> int:
    """How many of these polls came no later than one, and less than `LATELY` before it."""
    names = zip(polls[MADE_AT].to_pylist(), polls["response"].to_pylist(), strict=True)
    return sum((at, name) <= through and through[0] - at < LATELY for at, name in names)
