"""Which stretches of time are covered by a source: the table `covered`.

In a covered stretch every play that its service showed is in the ledger. Polls cover time, and so
does an import of any source that is complete for a stretch; a source that covers nothing has no row
here. Add here what decides how far an answer or an import reaches; what lies between is `gaps.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.api import polled
from pipelines.listening.ledger.gaps import (
    EARLIEST,
    Coverage,
    CoveredInterval,
    coverage_of,
    in_order,
)
from pipelines.listening.schema.tables import COVERED, UTC_MS
from pipelines.listening.sources.registry import source_named
from pipelines.listening.sources.source import Source
from pipelines.listening.sources.spotify_polls import POLLS as POLLED_SOURCE
from pipelines.listening.time.intervals import Interval

VERSION = f"{polled.VERSION} 5"
"""Raise its last number when the same polls or imports cover other time: all are read again."""

LATE_ARRIVAL = timedelta(days=1)
"""How much later than its successors a poll may arrive and still be noticed."""

ORDER_COLUMN = "known_to"
"""The column of `polls` that orders them: Spotify's clock where ours is ahead.

By our clock alone, one poll of a clock that was a year ahead would be the last one for a year.
"""


def of_import(
    span: Interval, rows: pa.Table, *, origin: str, known_at: datetime
) -> CoveredInterval | None:
    """What an import covers by a span of it, with when its first and last play ran.

    Args:
        span: from its first to its last play.
        rows: `streaming_history` rows of the import, those at both ends at least.
        origin: the import's id.
        known_at: when it was first imported.

    Returns:
        None where the rows at its ends are of a source that covers nothing.
    """
    first = rows.filter(pc.equal(rows["played_at"], pa.scalar(span.start, UTC_MS)))
    last = rows.filter(pc.equal(rows["played_at"], pa.scalar(span.end, UTC_MS)))
    at_ends = [source_named(name) for name in {*_names(first), *_names(last)}]
    telling = sorted((one for one in at_ends if one.covers), key=lambda one: one.rank)
    if at_ends and not telling:
        return None
    covered = CoveredInterval(
        span.start,
        span.end,
        known_at,
        origin,
        source=telling[0].name if telling else "",
        complete=span.complete,
    )
    if not len(first) or not len(last):
        return covered
    lasted = timedelta(milliseconds=max(_lengths(first)))
    return replace(
        covered,
        began=min(span.start, span.start + _precision(first) - lasted),
        ended=span.end + _precision(last),
    )


def distinct(imported: Sequence[CoveredInterval]) -> list[CoveredInterval]:
    """What imports cover, each stretch once: two files of one import may have the same play alone.

    Args:
        imported: what `of_import` gave; where one of two is complete, the stretch is.
    """
    found: dict[tuple[str, datetime, datetime], CoveredInterval] = {}
    for one in sorted(imported, key=lambda one: one.complete):
        found[one.origin, one.start, one.end] = one
    return list(found.values())


def _names(rows: pa.Table) -> list[str]:
    names: list[str] = pc.unique(rows["source"]).to_pylist()
    return names


def _lengths(rows: pa.Table) -> list[int]:
    """For how long each play ran until the time that it has; 0 where it was told later."""
    columns = rows.select(["ms_played", "offline"]).to_pylist()
    return [0 if row["offline"] else row["ms_played"] or 0 for row in columns]


def _precision(rows: pa.Table) -> timedelta:
    """How much later than it says a play may have ended."""
    return max(_late(source_named(name)) for name in _names(rows))


def _late(source: Source) -> timedelta:
    # A second is what sources disagree by anyway.
    return source.precision if source.precision > timedelta(seconds=1) else timedelta()


@dataclass(frozen=True)
class Covered:
    """What polls and imports cover so far, and what is needed to add the next ones.

    Polls are added in the order of `ORDER_COLUMN`. An answer that reveals, closes and narrows no
    gap only makes the stretch of the answer before it longer, so that years of polls are few rows.

    Attributes:
        intervals: the stretches, in the order in which they became known.
        max_items: the most plays that one response showed. Spotify only ever adds plays to what
            it shows, so a later response with fewer is a fault on its side, not a shorter history.
        newest: end of the newest play that any response showed. A response without it is stale.
        watermark: time and file name of the last poll added.
    """

    intervals: tuple[CoveredInterval, ...] = ()
    max_items: int = 0
    newest: datetime = EARLIEST
    watermark: tuple[datetime, str] = (EARLIEST, "")

    @property
    def origins(self) -> set[str]:
        """The imports that cover something."""
        return {one.origin for one in self.intervals if not one.is_polled}

    @property
    def coverage(self) -> Coverage:
        """The gaps between the stretches."""
        return coverage_of(self.intervals)

    def add_all(self, polls: pa.Table, imported: Sequence[CoveredInterval] = ()) -> "Covered":
        """What is covered after everything that is not added yet, in the order of its arrival.

        Args:
            polls: `polls` rows; those that are added already are passed over.
            imported: what imports cover that are not added yet.
        """
        adding = _Adding(self, imported)
        ordered = polls.sort_by([(ORDER_COLUMN, "ascending"), ("response", "ascending")])
        for poll in ordered.to_pylist():
            if (_poll_time(poll), poll["response"]) > adding.watermark:
                adding.add(poll)
        return adding.done()

    def is_consistent(
        self, polls: pa.Table, imported: Sequence[CoveredInterval] = (), *, taken: int
    ) -> bool:
        """Whether nothing arrived that should have been added before what already was.

        Where it is False, everything has to be computed from all polls and imports again.

        Args:
            polls: `polls` rows of some dates.
            imported: what imports cover that are not added yet.
            taken: how many of these polls are added already, as was recorded.
        """
        at = self.watermark[0]
        last = max((one.known_at for one in self.intervals if not one.is_polled), default=EARLIEST)
        times = [(_poll_time(poll), poll["response"]) for poll in polls.to_pylist()]
        late_import = any(one.known_at <= at for one in imported)
        late_poll = any(at < time <= last for time, _ in times)
        added = sum(time <= self.watermark for time in times)
        return not late_import and not late_poll and added == taken

    def table(self) -> pa.Table:
        """The `covered` table."""
        columns = COVERED.schema.names
        rows = [{name: getattr(one, name) for name in columns} for one in self.intervals]
        for row in rows:
            row["start"] = None if row["start"] == EARLIEST else row["start"]
        return COVERED.conform(COVERED.from_rows(rows))

    def notes(self) -> dict[str, Any]:
        """What is needed beyond the table, as JSON."""
        return {
            "most": self.max_items,
            "newest": self.newest.isoformat(),
            "through": [self.watermark[0].isoformat(), self.watermark[1]],
        }

    @classmethod
    def of(cls, table: pa.Table, notes: Mapping[str, Any]) -> "Covered":
        """As it was written.

        Args:
            table: `covered` rows.
            notes: what `notes` gave.
        """
        at, response = notes["through"]
        return cls(
            intervals_of(table),
            notes["most"],
            datetime.fromisoformat(notes["newest"]),
            (datetime.fromisoformat(at), response),
        )


def intervals_of(table: pa.Table) -> tuple[CoveredInterval, ...]:
    """The stretches of the `covered` table, in the order in which they became known."""
    rows = table.to_pylist()
    every = [CoveredInterval(**{**row, "start": row["start"] or EARLIEST}) for row in rows]
    return tuple(in_order(every))


def _distinct(intervals: Sequence[CoveredInterval]) -> list[CoveredInterval]:
    """Each stretch of an import once, though several of its files may cover exactly the same.

    It is complete if one of these files was read as a whole.
    """
    found: dict[tuple[str, str, datetime, datetime], CoveredInterval] = {}
    for one in intervals:
        key = (one.source, one.origin, one.start, one.end)
        same = found.get(key, one)
        found[key] = replace(same, complete=same.complete or one.complete)
    return list(found.values())


class _Adding:
    """Adds polls and imports to what is covered."""

    def __init__(self, covered: Covered, imported: Sequence[CoveredInterval]) -> None:
        self._intervals = list(covered.intervals)
        self._pending = in_order(_distinct(imported))
        self._coverage = covered.coverage
        self._max_items, self._newest = covered.max_items, covered.newest
        self.watermark = covered.watermark

    def add(self, poll: Mapping[str, Any]) -> None:
        """Add a poll, and before it the imports that came before it."""
        at = _poll_time(poll)
        while self._pending and self._pending[0].known_at < at:
            self._add_import(self._pending.pop(0))
        if interval := self._covered_by(poll):
            self._add_answer(interval)
        self._max_items = max(self._max_items, poll["items"])
        self._newest = max(self._newest, poll["newest_played_at"] or EARLIEST)
        self.watermark = (at, poll["response"])

    def _covered_by(self, poll: Mapping[str, Any]) -> CoveredInterval | None:
        newest = poll["newest_played_at"] or poll["known_to"]
        end = newest if newest < self._newest else max(poll["known_to"], newest)
        complete = not poll["full"] and poll["items"] >= self._max_items
        start = EARLIEST if complete else poll["oldest_played_at"]
        if not start:
            return None
        at = _poll_time(poll)
        return CoveredInterval(
            start, end, at, poll["response"], source=POLLED_SOURCE.name, last_at=at
        )

    def _add_answer(self, new: CoveredInterval) -> None:
        coverage = self._coverage.add_interval(new)
        last = self._intervals[-1] if self._intervals else None
        gaps, before = coverage.gaps, self._coverage.gaps
        if last and last.is_polled and (gaps is before or gaps == before):
            self._intervals[-1] = replace(
                last,
                start=min(last.start, new.start),
                end=max(last.end, new.end),
                last_at=new.last_at,
            )
        else:
            self._intervals.append(new)
        self._coverage = coverage

    def _add_import(self, interval: CoveredInterval) -> None:
        self._intervals.append(interval)
        # Where it meets another import is found by comparing all.
        self._coverage = coverage_of(self._intervals)

    def done(self) -> Covered:
        """What is covered, with the imports that no poll came after."""
        for one in self._pending:
            self._add_import(one)
        return Covered(tuple(self._intervals), self._max_items, self._newest, self.watermark)


def _poll_time(poll: Mapping[str, Any]) -> datetime:
    at: datetime = poll[ORDER_COLUMN]
    return at.astimezone(UTC)
