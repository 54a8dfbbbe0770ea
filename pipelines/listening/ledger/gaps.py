"""The gaps between covered stretches of time, where plays may be missing.

Add here what decides when a gap opens or closes; what is covered is `covered.py`, how plays
themselves are found is `plays.py`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.schema.tables import GAPS
from pipelines.listening.sources.registry import source_named
from pipelines.listening.sources.spotify_polls import POLLS
from pipelines.listening.time.intervals import instants, millis

VERSION = "6"
"""Raise it when the same covered stretches give other gaps."""

SHORTEST_GAP = timedelta(seconds=3)
"""Sources disagree by 1 to 2 seconds about the same moment; less than 3 is no gap."""

NO_PLAY_FITS = timedelta(seconds=30)
"""Between the end of one export's last play and the beginning of another's first: in less than this
there was no play that counts."""

EARLIEST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class CoveredInterval:
    """A stretch of time in which every play is known: a row of `covered`.

    Attributes:
        start: its beginning.
        end: its end.
        known_at: when the import, or the first answer of the stretch, came.
        origin: that import's id or that answer's file name.
        source: which source covers it.
        last_at: when the last answer came that made it longer.
        complete: whether every row of it could be read.
        began: of an import, by when its first play had begun at the latest; None: not known.
        ended: of an import, by when its last play had ended at the earliest.
    """

    start: datetime
    end: datetime
    known_at: datetime
    origin: str
    source: str = ""
    last_at: datetime | None = None
    complete: bool = True
    began: datetime | None = None
    ended: datetime | None = None

    def __post_init__(self) -> None:
        if self.last_at is None:
            object.__setattr__(self, "last_at", self.known_at)

    @property
    def is_polled(self) -> bool:
        """Whether answers of Spotify's cover it, and no import."""
        return self.source == POLLS.name


def in_order(intervals: Iterable[CoveredInterval]) -> list[CoveredInterval]:
    """Stretches in the order in which they became known.

    An import that came in the same moment as an answer counts as having come after it.
    """
    return sorted(
        intervals, key=lambda one: (one.known_at, not one.is_polled, one.origin, one.start)
    )


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
    for new in in_order(exported):
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


def _split(gap: Gap, new: CoveredInterval) -> Iterable[Gap]:
    """A gap after an interval was covered: the part inside it is closed, the rest stays open."""
    start, end = max(gap.start, new.start), min(gap.end, new.end)
    if gap.closed_at or start >= end:
        yield gap
        return
    parts = (
        replace(gap, end=start),
        replace(gap, start=start, end=end, closed_at=new.known_at, closed_by=new.origin),
        replace(gap, start=end),
    )
    yield from (part for part in parts if part.start < part.end)


def coverage_of(intervals: Sequence[CoveredInterval]) -> Coverage:
    """The coverage and the gaps of the stretches of `covered`, added in the order of arrival."""
    imported = [one for one in intervals if not one.is_polled]
    answers = [one for one in intervals if one.is_polled]
    coverage = Coverage()
    for one in in_order([*answers, *join_exports(imported)]):
        coverage = coverage.add_interval(one)
    return coverage


def gaps_table(gaps: Sequence[Gap], plays: pa.Table) -> pa.Table:
    """The `gaps` table.

    Args:
        gaps: in order of time.
        plays: `plays` rows, at least `played_at` and `source`, of the months that gaps touch.
    """
    kept = [gap for gap in gaps if gap.is_significant]
    times = np.sort(instants(plays.filter(partial_knowledge(plays["source"]))["played_at"]))
    known = [
        int(np.searchsorted(times, millis(gap.end)))
        - int(np.searchsorted(times, millis(gap.start), side="right"))
        for gap in kept
    ]
    rows: list[dict[str, object]] = [
        {
            "gap_start": gap.start,
            "gap_end": gap.end,
            "detected_at": gap.detected_at,
            "closed_at": gap.closed_at,
            "closed_by": gap.closed_by,
            "partly_known": count > 0,
            "plays_known": count,
        }
        for gap, count in zip(kept, known, strict=True)
    ]
    return GAPS.conform(GAPS.from_rows(rows))


def partial_knowledge(sources: pa.ChunkedArray) -> pa.ChunkedArray:
    """Whether a play is known from sources alone that cover nothing.

    Args:
        sources: sums of names of sources, such as `api+export`.
    """
    partial = [one for one in pc.unique(sources).to_pylist() if covers_nothing(one)]
    return pc.is_in(sources, pa.array(partial, pa.string()))


def covers_nothing(sources: str) -> bool:
    """Whether none of the sources in a sum covers anything.

    Args:
        sources: names with `+` between them.
    """
    return not any(source_named(name).covers for name in sources.split("+"))
