"""What the listener says themselves: rules in `listeners.toml`, and sessions labelled by hand.

Which plays such a word holds for is decided here. How the words are written is `settings.py`,
how labels are given and kept `cli/label_command.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.arrays import MISSING, Bools, Ints
from pipelines.listening.catalogue.names import normal_sql
from pipelines.listening.contexts import CONTEXTS
from pipelines.listening.contexts.timeline import DAY, Timeline, weekday
from pipelines.listening.schema.sql import query
from pipelines.listening.time.intervals import MINUTE, millis

DAY_MINUTES = DAY // MINUTE


@dataclass(frozen=True)
class Hours:
    """A stretch of the day on some weekdays; one that passes midnight belongs to its first day.

    Attributes:
        weekdays: 0 is Monday.
        start, end: minutes after midnight; the end is not included.
    """

    weekdays: tuple[int, ...] = tuple(range(7))
    start: int = 0
    end: int = DAY_MINUTES

    def contains(self, local: Ints) -> Bools:
        """For which instants on the listener's clock, milliseconds since 1970, it holds."""
        minute, day = local % DAY // MINUTE, local // DAY
        if self.start < self.end:
            return self._on(day) & (minute >= self.start) & (minute < self.end)
        return np.where(minute >= self.start, self._on(day), self._on(day - 1)) & (
            (minute >= self.start) | (minute < self.end)
        )

    def _on(self, day: Ints) -> Bools:
        return np.isin(weekday(day), self.weekdays)


@dataclass(frozen=True)
class Override:
    """A rule: what it names was heard in this context, whatever the evidence says.

    All conditions that are given have to hold. Names are compared without case, accents and
    punctuation; a Spotify id or uri is taken too.
    """

    context: str
    artist: str | None = None
    track: str | None = None
    playlist: str | None = None
    hours: Hours | None = None

    @property
    def explanation(self) -> str:
        """How the rule is told to the listener."""
        named = [f"{kind} “{name}”" for kind in NAMED if (name := getattr(self, kind))]
        return "you said so: " + ", ".join([*named, *(["these hours"] if self.hours else [])])


@dataclass(frozen=True)
class Label:
    """A session that the listener labelled by hand, named by an instant inside it."""

    at: datetime
    context: str


NAMED = ("artist", "track", "playlist")
_COLUMNS = {
    "artist": ("artist_name", "artist_id", "'spotify:artist:' || artist_id"),
    "track": ("track_name", "track_id", "track_uri"),
    "playlist": (
        "played_from_name",
        "split_part(played_from_uri, ':', 3)",
        "played_from_uri",
    ),
}

BY_HAND = "you labelled this session"


@dataclass(frozen=True)
class ManualLabels:
    """What the listener said of each play.

    Attributes:
        context: number of the context; -1 where nothing was said.
        reason: number in `reasons`; -1 where nothing was said.
        reasons: in words.
    """

    context: npt.NDArray[np.int8]
    reason: npt.NDArray[np.int32]
    reasons: tuple[str, ...]


def manual_labels(
    plays: pa.Table, timeline: Timeline, overrides: Sequence[Override], labels: Sequence[Label]
) -> ManualLabels:
    """What the listener said of each play: a session's own label before any rule.

    Of several rules the first one written holds, of several labels of a session the last.

    Args:
        plays: `plays` rows with their timeline.
        line: their timeline.
        overrides: rules in the order in which they are written.
        labels: sessions, in the order in which they were labelled.
    """
    context = np.full(len(timeline), MISSING, np.int8)
    reason = np.full(len(timeline), MISSING, np.int32)
    for number, rule in reversed(list(enumerate(overrides, 1))):
        holds = _holds(rule, plays, timeline)
        context[holds], reason[holds] = CONTEXTS.index(rule.context), number
    if labels and len(timeline):
        begun = np.minimum.reduceat(timeline.starts, timeline.first)
        over = timeline.ends[timeline.after - 1]
        for label in labels:
            session = session_at(begun, over, millis(label.at))
            if session is not None:
                inside = timeline.session == session
                context[inside], reason[inside] = CONTEXTS.index(label.context), 0
    return ManualLabels(context, reason, (BY_HAND, *(rule.explanation for rule in overrides)))


def session_at(starts: Ints, ends: Ints, at: int) -> int | None:
    """The session in which an instant lies; None where nothing was heard then.

    All of the minute in which a session began is in it, as whoever looks at a clock says it.

    Args:
        starts: when each session began, milliseconds since 1970.
        ends: when each ended, never falling.
        at: the instant, milliseconds since 1970.
    """
    session = int(np.searchsorted(ends, at))
    begun = session < len(ends) and starts[session] // MINUTE * MINUTE <= at
    return session if begun else None


def _holds(rule: Override, plays: pa.Table, timeline: Timeline) -> Bools:
    holds = np.ones(len(timeline), np.bool_)
    for kind in NAMED:
        if name := getattr(rule, kind):
            holds &= _named(plays, kind, name)
    return holds & rule.hours.contains(timeline.local) if rule.hours else holds


def _named(plays: pa.Table, kind: str, wanted: str) -> Bools:
    name, id_, uri = _COLUMNS[kind]
    only = "AND played_from_type = 'playlist'" if kind == "playlist" else ""
    found = query(
        f"""SELECT coalesce(
            ({normal_sql(name)} = {normal_sql("?::VARCHAR")} OR {id_} = ? OR {uri} = ?) {only},
            false
        ) AS holds FROM plays""",  # noqa: S608 built from constants
        params=[wanted, wanted, wanted, wanted],
        plays=plays,
    )
    return np.asarray(pc.fill_null(found["holds"], False).to_numpy(), np.bool_)
