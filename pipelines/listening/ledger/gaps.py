"""Which stretches of time are covered by a source, and the gaps between them.

In a covered interval every play that Spotify showed is in the ledger. Polls cover time, and so
does any other source that is complete for a stretch. Add here what decides when a gap opens or
closes; how plays themselves are found is `plays.py`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.api import polled
from pipelines.listening.schema.tables import GAPS, UTC_MS

VERSION = f"{polled.VERSION} 4"
"""Raise its last number when the same polls give other gaps: they are then recomputed."""

SHORTEST_GAP = timedelta(seconds=3)
"""Sources disagree by 1 to 2 seconds about the same moment; less than 3 is no gap."""

NO_PLAY_FITS = timedelta(seconds=30)
"""Between the end of one export's last play and the beginning of another's first: in less than this
there was no play that counts."""

ACCOUNT_MINUTE = timedelta(minutes=1)
"""Account data tells the minute in which a play ended: any moment of it may be meant."""

LATE_ARRIVAL = timedelta(days=1)
"""How much later than its successors a poll may arrive without a recomputation from scratch."""

ORDER_COLUMN = "known_to"
"""The column of `polls` that orders them: Spotify's clock where ours is ahead.

By our clock alone, one poll of a clock that was a year ahead would be the last one for a year.
"""

EARLIEST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, order=True)
class CoveredInterval:
    """A stretch of time in which every play is known.

    Attributes:
        start: its beginning.
        end: its end.
        known_at: when the source arrived that covers it.
        source: that source: a response's file name or an import's id.
        began: of an export, by when its first play had begun at the latest; None: not known.
        ended: of an export, by when its last play had ended at the earliest.
    """

    start: datetime
    end: datetime
    known_at: datetime
    source: str
    began: datetime | None = None
    ended: datetime | None = None

    def with_edges(self, rows: pa.Table) -> "CoveredInterval":
        """The interval of an export with the times at which its first and last play ran.

        Args:
            rows: `streaming_history` rows of the import, those at both ends at least.
        """
        first = rows.filter(pc.equal(rows["played_at"], pa.scalar(self.start, UTC_MS)))
        last = rows.filter(pc.equal(rows["played_at"], pa.scalar(self.end, UTC_MS)))
        if not len(first) or not len(last):
            return self
        lasted = timedelta(milliseconds=max(_lengths(first)))
        return replace(
            self,
            began=min(self.start, self.start + _precision(first) - lasted),
            ended=self.end + _precision(last),
        )


def _lengths(rows: pa.Table) -> list[int]:
    """For how long each play ran until the time that it has; 0 where it was told later."""
    columns = rows.select(["ms_played", "offline"]).to_pylist()
    return [0 if row["offline"] else row["ms_played"] or 0 for row in columns]


def _precision(rows: pa.Table) -> timedelta:
    """How much later than it says a play may have ended."""
    return ACCOUNT_MINUTE if "account" in rows["source"].to_pylist() else timedelta()


def join_exports(exported: Sequence[CoveredInterval]) -> list[CoveredInterval]:
    """Intervals of exports, where no play fits between two of them without the time between.

    Two halves of one history that were imported apart leave the time between the end of the first
    half's last play and the end of the second half's first play. In it that first play ran, and
    Spotify plays one thing at a time: nothing is missing if it began right after the other ended.
    A play of account data ended at any moment of its minute; the minutes at both ends are covered.
    Of two intervals the one that arrived later is made longer, so that what is known already stays.

    Args:
        exported: every interval that an import covers.

    Returns:
        The same, in the order in which they arrived.
    """
    joined: list[CoveredInterval] = []
    known: list[CoveredInterval] = []
    for new in sorted(exported, key=lambda one: (one.known_at, one.source, one.start)):
        before = [one for one in known if one.end < new.start and _no_play_fits(one, new)]
        after = [one for one in known if one.start > new.end and _no_play_fits(new, one)]
        joined.append(
            replace(
                new,
                start=min([new.start, *(one.end for one in before)]),
                end=max([new.end, *(one.start for one in after)]),
            )
        )
        known.append(new)
    return joined


def _no_play_fits(before: CoveredInterval, after: CoveredInterval) -> bool:
    if before.ended is None or after.began is None:
        return False
    return after.began - before.ended < NO_PLAY_FITS


@dataclass(frozen=True)
class Gap:
    """A stretch of time in which plays may be missing; closed once a later source covers it."""

    start: datetime
    end: datetime
    detected_at: datetime
    closed_at: datetime | None = None
    closed_by: str | None = None

    @property
    def is_significant(self) -> bool:
        """Whether it is longer than the disagreement between sources."""
        return self.end - self.start >= SHORTEST_GAP


@dataclass(frozen=True)
class Coverage:
    """The stretch from the first to the last covered moment, and its gaps in order of time."""

    start: datetime | None = None
    end: datetime | None = None
    gaps: tuple[Gap, ...] = field(default=())

    def add_interval(self, new: CoveredInterval) -> "Coverage":
        """Coverage with one more interval: gaps that it reveals, closes or narrows."""
        if self.start is None or self.end is None:
            return Coverage(new.start, new.end)
        gaps = self.gaps
        if new.start > self.end:
            gaps = (*gaps, Gap(self.end, new.start, detected_at=new.known_at))
        elif new.end < self.start:
            gaps = (Gap(new.end, self.start, detected_at=new.known_at), *gaps)
        elif gaps and new.start < gaps[-1].end:
            gaps = tuple(part for gap in gaps for part in _split(gap, new))
        return Coverage(min(self.start, new.start), max(self.end, new.end), gaps)

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
            if gap.is_significant
        ]
        return GAPS.conform(GAPS.from_rows(rows))


def _split(gap: Gap, new: CoveredInterval) -> Iterable[Gap]:
    """A gap after an interval was covered: the part inside it is closed, the rest stays open."""
    start, end = max(gap.start, new.start), min(gap.end, new.end)
    if gap.closed_at or start >= end:
        yield gap
        return
    parts = (
        replace(gap, end=start),
        replace(gap, start=start, end=end, closed_at=new.known_at, closed_by=new.source),
        replace(gap, start=end),
    )
    yield from (part for part in parts if part.start < part.end)


@dataclass(frozen=True)
class CoverageState:
    """What polls and imports cover so far, and what is needed to add the next ones.

    Polls are added in the order of `ORDER_COLUMN`.

    Attributes:
        coverage: covered time and its gaps.
        max_items: the most plays that one response showed. Spotify only ever adds plays to what
            it shows, so a later response with fewer is a fault on its side, not a shorter history.
        newest: end of the newest play that any response showed. A response without it is stale.
        watermark: time and file name of the last poll added.
        recent_count: polls added that lie within `LATE_ARRIVAL` before the watermark, the last
            one included; a different count later means that one arrived late.
        imports: ids of the imports added.
    """

    coverage: Coverage = field(default_factory=Coverage)
    max_items: int = 0
    newest: datetime = EARLIEST
    watermark: tuple[datetime, str] = (EARLIEST, "")
    recent_count: int = 0
    imports: frozenset[str] = frozenset()

    def add_poll(self, poll: Mapping[str, Any]) -> "CoverageState":
        """The state after one more poll, a row of the table `polls`."""
        interval = self._covered_by(poll)
        return replace(
            self,
            coverage=self.coverage.add_interval(interval) if interval else self.coverage,
            max_items=max(self.max_items, poll["items"]),
            newest=max(self.newest, poll["newest_played_at"] or EARLIEST),
            watermark=(_poll_time(poll), poll["response"]),
        )

    def _covered_by(self, poll: Mapping[str, Any]) -> CoveredInterval | None:
        newest = poll["newest_played_at"] or poll["known_to"]
        end = newest if newest < self.newest else max(poll["known_to"], newest)
        complete = not poll["full"] and poll["items"] >= self.max_items
        start = EARLIEST if complete else poll["oldest_played_at"]
        if not start:
            return None
        return CoveredInterval(start, end, _poll_time(poll), poll["response"])

    def add_all(self, polls: pa.Table, exported: Sequence[CoveredInterval] = ()) -> "CoverageState":
        """The state after everything that is not added yet, in the order in which it arrived.

        Args:
            polls: `polls` rows; at least those later than `LATE_ARRIVAL` before the watermark.
            exported: every interval that an import covers, those added before too.
        """
        pending = [one for one in join_exports(exported) if one.source not in self.imports]
        state = self
        in_order = polls.sort_by([(ORDER_COLUMN, "ascending"), ("response", "ascending")])
        for poll in in_order.to_pylist():
            if (_poll_time(poll), poll["response"]) > self.watermark:
                while pending and pending[0].known_at < _poll_time(poll):
                    state = state.add_import(pending.pop(0))
                state = state.add_poll(poll)
        for one in pending:
            state = state.add_import(one)
        return replace(state, recent_count=_count_recent(polls, state.watermark))

    def add_import(self, interval: CoveredInterval) -> "CoverageState":
        """The state after one more interval that an import covers."""
        return replace(
            self,
            coverage=self.coverage.add_interval(interval),
            imports=self.imports | {interval.source},
        )

    def is_consistent(self, polls: pa.Table, exported: Sequence[CoveredInterval] = ()) -> bool:
        """Whether nothing arrived that should have been added before what already was.

        Where it is False, the state has to be computed from all polls and imports again.

        Args:
            polls: as for `add_all`.
            exported: as for `add_all`.
        """
        added = {one.source: one.known_at for one in exported if one.source in self.imports}
        last = max(added.values(), default=EARLIEST)
        late_import = any(
            one.source not in added and one.known_at <= self.watermark[0] for one in exported
        )
        late_poll = any(self.watermark[0] < at <= last for at in polls[ORDER_COLUMN].to_pylist())
        gone = self.imports - added.keys()
        in_order = not (late_import or late_poll or gone)
        return in_order and _count_recent(polls, self.watermark) == self.recent_count

    def notes(self) -> dict[str, str]:
        """The state beyond the rows of `gaps`, as texts for the file's footer."""
        coverage = self.coverage
        return {
            "version": VERSION,
            "known_from": coverage.start.isoformat() if coverage.start else "",
            "known_to": coverage.end.isoformat() if coverage.end else "",
            "most": str(self.max_items),
            "newest": self.newest.isoformat(),
            "through": self.watermark[0].isoformat(),
            "through_response": self.watermark[1],
            "lately": str(self.recent_count),
            "imports": " ".join(sorted(self.imports)),
        }

    @classmethod
    def from_notes(cls, gaps: pa.Table, notes: Mapping[str, str]) -> "CoverageState | None":
        """The state as it was written; None if another version wrote it.

        Args:
            gaps: `gaps` rows.
            notes: what `notes` gave, from the file's footer.
        """
        if notes.get("version") != VERSION or not notes.get("known_from"):
            return None
        rows = gaps.rename_columns([name.removeprefix("gap_") for name in gaps.column_names])
        coverage = Coverage(
            datetime.fromisoformat(notes["known_from"]),
            datetime.fromisoformat(notes["known_to"]),
            tuple(Gap(**row) for row in rows.to_pylist()),
        )
        return cls(
            coverage,
            int(notes["most"]),
            datetime.fromisoformat(notes["newest"]),
            (datetime.fromisoformat(notes["through"]), notes["through_response"]),
            int(notes["lately"]),
            frozenset(notes["imports"].split()),
        )


def _poll_time(poll: Mapping[str, Any]) -> datetime:
    at: datetime = poll[ORDER_COLUMN]
    return at


def _count_recent(polls: pa.Table, watermark: tuple[datetime, str]) -> int:
    """How many of these polls lie within `LATE_ARRIVAL` up to the watermark."""
    names = zip(polls[ORDER_COLUMN].to_pylist(), polls["response"].to_pylist(), strict=True)
    return sum((at, name) <= watermark and watermark[0] - at < LATE_ARRIVAL for at, name in names)
