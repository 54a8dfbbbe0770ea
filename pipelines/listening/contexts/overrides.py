"""Manual labels: the listener's rules in `listeners.toml`, and sessions labelled by hand.

Add here what decides which plays a rule or a label applies to. Parsing rules is `settings/`;
adding and storing labels is `ingest/manual_labels.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.arrays import MISSING, Bools, Ints
from pipelines.listening.catalogue.identifiers import spotify_uri, type_of_uri
from pipelines.listening.catalogue.names import normal_name, normal_names
from pipelines.listening.contexts import CONTEXTS
from pipelines.listening.contexts.timeline import DAY, Timeline, weekday
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
        """Which local times are inside; milliseconds since 1970 on the listener's clock."""
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
    """A rule: plays that match it have this context, whatever the evidence says.

    All conditions of a rule must match. Names are compared as everywhere (`catalogue/names.py`); a
    Spotify id, uri or address works too, in whichever shape.
    """

    context: str
    artist: str | None = None
    track: str | None = None
    playlist: str | None = None
    hours: Hours | None = None

    @property
    def explanation(self) -> str:
        """The rule as an explanation of a label."""
        named = [f"{kind} “{name}”" for kind in NAMED if (name := getattr(self, kind))]
        return "you said so: " + ", ".join([*named, *(["these hours"] if self.hours else [])])


@dataclass(frozen=True)
class Label:
    """A session that the listener labelled by hand, identified by an instant inside it.

    Like `Override` and `Hours`, it must keep its name and fields: fingerprints of
    `labelled_plays` are made of its repr.
    """

    at: datetime
    context: str


NAMED = ("artist", "track", "playlist")
_COLUMNS = {
    "artist": ("artist_name", "artist_id"),
    "track": ("track_name", "track_id"),
    "playlist": ("played_from_name", "played_from_uri"),
}
"""The columns with the name, and with the id or uri, of what a rule can name."""

PLAYLISTS = ("playlist", "collection")
"""Types of what a rule for a playlist can name: liked songs are a playlist to people."""

BY_HAND = "you labelled this session"


@dataclass(frozen=True)
class ManualLabels:
    """The manual label of each play.

    Attributes:
        context: index of the context in `CONTEXTS`; -1 where there is no manual label.
        reason: index in `reasons`; -1 where there is no manual label.
        reasons: explanations: that of labelled sessions first, then one per rule.
    """

    context: npt.NDArray[np.int8]
    reason: npt.NDArray[np.int32]
    reasons: tuple[str, ...]


def manual_labels(
    plays: pa.Table, timeline: Timeline, overrides: Sequence[Override], labels: Sequence[Label]
) -> ManualLabels:
    """The manual label of each play; a label of its session comes before any rule.

    Of several rules the first one applies, of several labels of a session the last.

    Args:
        plays: `plays` rows.
        timeline: their timeline.
        overrides: rules in the order in which they are written.
        labels: labels in the order in which they were given.
    """
    context = np.full(len(timeline), MISSING, np.int8)
    reason = np.full(len(timeline), MISSING, np.int32)
    for number, rule in reversed(list(enumerate(overrides, 1))):
        holds = fits(rule, plays, timeline.local)
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


def read_labels(rows: pa.Table) -> tuple[Label, ...]:
    """The labels in the order in which they were given.

    Args:
        rows: `labels` rows.
    """
    ordered = rows.sort_by([("given_at", "ascending"), ("heard_at", "ascending")])
    return tuple(Label(row["heard_at"], row["context"]) for row in ordered.to_pylist())


def session_at(starts: Ints, ends: Ints, at: int) -> int | None:
    """The session at an instant; None if nothing was played then.

    The whole minute in which a session began belongs to it, since people name times in minutes.

    Args:
        starts: when each session began, milliseconds since 1970.
        ends: when each session ended, milliseconds since 1970, ascending.
        at: the instant, milliseconds since 1970.

    Returns:
        The session's index.
    """
    session = int(np.searchsorted(ends, at))
    begun = session < len(ends) and starts[session] // MINUTE * MINUTE <= at
    return session if begun else None


def fits(rule: Override, plays: pa.Table, local: Ints) -> Bools:
    """Which plays fit all that a rule names.

    Args:
        rule: the rule.
        plays: `plays` rows.
        local: when each began, milliseconds since 1970 on the listener's clock.
    """
    holds = np.ones(len(plays), np.bool_)
    for kind in NAMED:
        if name := getattr(rule, kind):
            holds &= _named(plays, kind, name)
    return holds & rule.hours.contains(local) if rule.hours else holds


def _named(plays: pa.Table, kind: str, wanted: str) -> Bools:
    name, id_ = (plays[column] for column in _COLUMNS[kind])
    uri = spotify_uri(wanted)
    if kind == "playlist":
        ids = [uri or f"spotify:playlist:{wanted.strip()}"]
    elif uri and type_of_uri(uri) == kind:
        ids = [uri.split(":")[2]] if uri.count(":") > 1 else []
    else:
        ids = [wanted.strip()]
    holds = pc.is_in(id_, pa.array(ids, pa.string()))
    if kind == "artist":  # of whom an export tells the name alone, the key may be the id
        holds = pc.or_(holds, pc.is_in(plays["artist_key"], pa.array(ids, pa.string())))
    if kind == "track":  # a local file has a uri and no id
        holds = pc.or_(holds, pc.is_in(plays["track_uri"], pa.array([wanted.strip()])))
    if uri is None:
        holds = pc.or_(holds, _called(name, wanted))
    if kind == "playlist":
        listed = pc.is_in(plays["played_from_type"], pa.array(PLAYLISTS))
        holds = pc.and_(holds, listed)
    return np.asarray(pc.fill_null(holds, False).to_numpy(), np.bool_)


def _called(names: pa.ChunkedArray, wanted: str) -> pa.Array:
    return pc.fill_null(pc.equal(normal_names(names), normal_name(wanted)), False)
