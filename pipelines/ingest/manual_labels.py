"""Manual labels: contexts that a listener sets for single sessions by hand, kept in the lake.

Only this module writes `labels/data.parquet`, so that no rebuild removes a label. Which plays a
label applies to is `listening/contexts/overrides.py`; rules for many sessions belong in
`listeners.toml`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa

from pipelines.errors import RefusedLabel
from pipelines.listening.arrays import Bools
from pipelines.listening.contexts.overrides import Label, read_labels, session_at
from pipelines.listening.schema.context_tables import LABELS, SESSIONS
from pipelines.listening.schema.sql import query
from pipelines.listening.schema.tables import UTC_MS
from pipelines.listening.time.intervals import instants, millis, whole_ms
from pipelines.listening.time.local_time import Zone, local_time_sql
from pipelines.resources.lake.lakes import ListenerLake
from pipelines.settings import Listener


@dataclass(frozen=True)
class LabelChange:
    """What changed when a label was set or removed.

    Attributes:
        session: start, end and number of plays of the session, on the listener's clock.
        old_context: its context before.
        old_is_manual: whether that was a manual label.
        new_context: the manual label that it has now; None where it was removed.
    """

    session: str
    old_context: str
    old_is_manual: bool
    new_context: str | None


@dataclass(frozen=True)
class ManualLabel:
    """A manual label as it is shown to the listener.

    Attributes:
        session: the session it applies to, as in `LabelChange`; if that no longer exists, the
            instant that was labelled.
        context: the label.
        labelled_on: when it was set, `YYYY-MM-DD` on the listener's clock.
    """

    session: str
    context: str
    labelled_on: str


class Sessions:
    """A listener's sessions in the lake, numbered in order of their ends.

    Args:
        listener: whose sessions.
        lake: the listener's.
    """

    def __init__(self, listener: Listener, lake: ListenerLake) -> None:
        rows = lake.read(SESSIONS)
        self._rows = rows.sort_by([("ended_at", "ascending"), ("started_at", "ascending")])
        self._starts = instants(self._rows["started_at"])
        self._ends = instants(self._rows["ended_at"])
        self._listener = listener

    def number_at(self, moment: datetime) -> int | None:
        """The number of the session at an instant, UTC; None if there is none."""
        return session_at(self._starts, self._ends, millis(moment))

    def require_number_at(self, moment: datetime) -> int:
        """The number of the session at an instant, UTC.

        Raises:
            RefusedLabel: where there is none; it names the sessions before and after.
        """
        number = self.number_at(moment)
        if number is not None:
            return number
        name = self._listener.name
        if not len(self._rows):
            raise RefusedLabel(f"there are no sessions of {name} yet: a daily run creates them")
        following = int(np.searchsorted(self._ends, millis(moment)))
        before = self.describe(following - 1) if following else "none"
        after = self.describe(following) if following < len(self._rows) else "none so far"
        raise RefusedLabel(
            f"{name} played nothing at {_clock(moment, self._listener)}; "
            f"previous session: {before}; next session: {after}"
        )

    def same_session(self, moments: Sequence[datetime], moment: datetime) -> Bools:
        """Which instants are equal to a given one or lie in the same session.

        Args:
            moments: instants, UTC.
            moment: the given instant, UTC.
        """
        number = self.number_at(moment)
        same = (
            one == moment or (number is not None and self.number_at(one) == number)
            for one in moments
        )
        return np.fromiter(same, np.bool_, len(moments))

    def describe(self, number: int) -> str:
        """When a session was on the listener's clock, and how many plays it had."""
        row = self._rows.slice(number, 1).to_pylist()[0]
        start, end = (_clock(row[at], self._listener) for at in ("started_at", "ended_at"))
        end, count = end.removeprefix(start[:11]), row["plays"]  # do not repeat the date
        return f"{start} to {end}, {count} {'play' if count == 1 else 'plays'}"

    def context(self, number: int) -> str:
        """The context of a session, as of the last daily run."""
        context: str = self._rows["context"][number].as_py()
        return context


def set_label(at: datetime, context: str, listener: Listener, lake: ListenerLake) -> LabelChange:
    """Label the session at an instant, in place of any label it has.

    Args:
        at: an instant in the session, UTC, whole milliseconds.
        context: one of `CONTEXTS`.
        listener: whose session it is.
        lake: the listener's.

    Raises:
        RefusedLabel: where there is no session then; nothing is stored.
    """
    sessions = Sessions(listener, lake)
    number = sessions.require_number_at(at)
    now = whole_ms(datetime.now(UTC))
    new = LABELS.from_rows([{"heard_at": at, "context": context, "given_at": now}])
    old: tuple[Label, ...] = ()

    def with_new_label(rows: pa.Table) -> pa.Table:
        nonlocal old
        same = sessions.same_session(rows["heard_at"].to_pylist(), at)
        old = read_labels(rows.filter(same))
        return pa.concat_tables([rows.filter(~same), new])

    lake.update(LABELS, with_new_label)
    before = old[-1].context if old else sessions.context(number)
    return LabelChange(sessions.describe(number), before, bool(old), context)


def remove_label(at: datetime, listener: Listener, lake: ListenerLake) -> LabelChange:
    """Remove the label of the session at an instant, or of that very instant.

    Args:
        at: an instant in the session, UTC, whole milliseconds.
        listener: whose session it is.
        lake: the listener's.

    Raises:
        RefusedLabel: where there is no such label.
    """
    sessions = Sessions(listener, lake)
    old: tuple[Label, ...] = ()

    def without_label(rows: pa.Table) -> pa.Table:
        nonlocal old
        same = sessions.same_session(rows["heard_at"].to_pylist(), at)
        old = read_labels(rows.filter(same))
        if not old:
            session = sessions.describe(sessions.require_number_at(at))
            raise RefusedLabel(f"you did not label this session: {session}")
        return rows.filter(~same)

    lake.update(LABELS, without_label)
    number = sessions.number_at(at)
    session = _clock(at, listener) if number is None else sessions.describe(number)
    return LabelChange(session, old[-1].context, old_is_manual=True, new_context=None)


def list_labels(listener: Listener, lake: ListenerLake) -> list[ManualLabel]:
    """A listener's manual labels in the order in which the labelled instants come.

    Args:
        listener: whose labels.
        lake: the listener's.
    """
    sessions = Sessions(listener, lake)
    labels = []
    for row in lake.read(LABELS).to_pylist():
        number = sessions.number_at(row["heard_at"])
        orphaned = f"{_clock(row['heard_at'], listener)}, in no session"
        session = orphaned if number is None else sessions.describe(number)
        labels.append(ManualLabel(session, row["context"], _clock(row["given_at"], listener)[:10]))
    return labels


def clock_times(moments: Sequence[datetime], zones: Sequence[Zone]) -> list[datetime]:
    """What the listener's clock showed at some instants.

    Args:
        moments: instants, UTC.
        zones: where the clock was, in order of time.

    Returns:
        Local times without a time zone, one for each instant.
    """
    rows = pa.table({"moment": pa.array(moments, UTC_MS)})
    sql = f"SELECT {local_time_sql('moment', zones)} AS shown FROM rows"  # noqa: S608 checked zones
    shown: list[datetime] = query(sql, rows=rows)["shown"].to_pylist()
    return shown


def _clock(moment: datetime, listener: Listener) -> str:
    [local] = clock_times([moment], listener.zones)
    return f"{local:%Y-%m-%d %H:%M}"
