"""What `playledger label` does: the listener's own word on a session, kept in the lake.

Only this writes `labels/data.parquet`, so that no rebuild takes a word back. For which plays it
holds is `listening/contexts/overrides.py`; rules for many sessions stand in `listeners.toml`.
"""

from collections.abc import Sequence
from datetime import MAXYEAR, UTC, date, datetime, timezone
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
from rich.table import Table as Shown

from pipelines.errors import RefusedLabel
from pipelines.listening.arrays import Bools
from pipelines.listening.contexts.overrides import Label, read_labels, session_at
from pipelines.listening.schema.context_tables import LABELS, SESSIONS
from pipelines.listening.schema.sql import query
from pipelines.listening.schema.tables import UTC_MS
from pipelines.listening.time.intervals import FIRST_PLAY_EVER, instants, millis, whole_ms
from pipelines.listening.time.local_time import Zone, local_time_sql
from pipelines.resources.lake.tables import Lake
from pipelines.settings import Listener

TAKES_EFFECT = (
    "This takes effect at the next daily run, or when labelled_plays and all after it are "
    "materialized."
)


def instant(when: str, zones: Sequence[Zone]) -> datetime:
    """The instant that a person means, UTC, in whole milliseconds.

    Args:
        when: a date and a time; without an offset it is what the listener's clock showed.
        zones: where that clock was.

    Raises:
        RefusedLabel: where it is no time, or the clock showed it never or twice.
    """
    told = _date_and_time(when)
    if told.tzinfo:
        return whole_ms(told)
    told = told.replace(microsecond=told.microsecond // 1000 * 1000)
    possible = {
        told.replace(tzinfo=ZoneInfo(zone.name), fold=fold).astimezone(UTC)
        for zone in zones
        for fold in (0, 1)
    }
    found = sorted(one for one in possible if on_clock([one], zones) == [told])
    if not found:
        raise RefusedLabel(f"the clock never showed {told}: it was put forward past that time")
    if len(found) > 1:
        offsets = (timezone(told - one.replace(tzinfo=None)) for one in found)
        choice = " or ".join(told.replace(tzinfo=offset).isoformat() for offset in offsets)
        raise RefusedLabel(f"the clock showed {told} twice, as it was put back: write {choice}")
    return found[0]


def _date_and_time(when: str) -> datetime:
    try:
        told = datetime.fromisoformat(when.strip())
        if told.year in range(FIRST_PLAY_EVER.year, MAXYEAR) and not _is_date(when.strip()):
            return told
    except ValueError:
        pass
    raise RefusedLabel(
        f"{when!r} is not a date and time since {FIRST_PLAY_EVER.year}: "
        "write it like 2026-11-20T23:40"
    )


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def on_clock(times: Sequence[datetime], zones: Sequence[Zone]) -> list[datetime]:
    """What the listener's clock showed at some instants."""
    rows = pa.table({"moment": pa.array(times, UTC_MS)})
    sql = f"SELECT {local_time_sql('moment', zones)} AS shown FROM rows"  # noqa: S608 checked zones
    shown: list[datetime] = query(sql, rows=rows)["shown"].to_pylist()
    return shown


class Sessions:
    """A listener's sessions as the lake has them, by their number in order of their ends."""

    def __init__(self, listener: Listener, lake: Lake) -> None:
        rows = lake.read(_path(listener, SESSIONS.path), SESSIONS)
        self._rows = rows.sort_by([("ended_at", "ascending"), ("started_at", "ascending")])
        self._starts = instants(self._rows["started_at"])
        self._ends = instants(self._rows["ended_at"])
        self._listener = listener

    def at(self, moment: datetime) -> int | None:
        """The session in which an instant lies; None where nothing was heard then."""
        return session_at(self._starts, self._ends, millis(moment))

    def known_at(self, moment: datetime) -> int:
        """The session in which an instant lies.

        Raises:
            RefusedLabel: naming the sessions before and after where nothing was heard then.
        """
        number = self.at(moment)
        if number is not None:
            return number
        name = self._listener.name
        if not len(self._rows):
            raise RefusedLabel(f"no sessions of {name} are known yet: the daily run finds them")
        following = int(np.searchsorted(self._ends, millis(moment)))
        before = self.words(following - 1) if following else "none"
        after = self.words(following) if following < len(self._rows) else "none that is known yet"
        raise RefusedLabel(
            f"{name} heard nothing at {_clock(moment, self._listener)}; "
            f"the session before: {before}; the one after: {after}"
        )

    def together(self, moments: Sequence[datetime], moment: datetime) -> Bools:
        """Which of some instants are this one, or lie in the same session."""
        number = self.at(moment)
        same = (one == moment or (number is not None and self.at(one) == number) for one in moments)
        return np.fromiter(same, np.bool_, len(moments))

    def words(self, number: int) -> str:
        """When a session was on the listener's clock, and how many plays it had."""
        row = self._rows.slice(number, 1).to_pylist()[0]
        start, end = (_clock(row[at], self._listener) for at in ("started_at", "ended_at"))
        end, count = end.removeprefix(start[:11]), row["plays"]  # the day is said once
        return f"{start} to {end}, {count} {'play' if count == 1 else 'plays'}"

    def context(self, number: int) -> str:
        """The context that a session was found to have."""
        found: str = self._rows["context"][number].as_py()
        return found


def give(at: datetime, context: str, listener: Listener, lake: Lake) -> str:
    """Label the session in which an instant lies, instead of any label it has.

    Returns:
        Which session that is, and its context before and now.

    Raises:
        RefusedLabel: where no session is known then; nothing is stored.
    """
    sessions = Sessions(listener, lake)
    number = sessions.known_at(at)
    now = whole_ms(datetime.now(UTC))
    new = LABELS.from_rows([{"heard_at": at, "context": context, "given_at": now}])
    old: tuple[Label, ...] = ()

    def relabelled(rows: pa.Table) -> pa.Table:
        nonlocal old
        same = sessions.together(rows["heard_at"].to_pylist(), at)
        old = read_labels(rows.filter(same))
        return pa.concat_tables([rows.filter(~same), new])

    lake.update(_path(listener, LABELS.path), LABELS, relabelled)
    before = f"{old[-1].context} by your word" if old else sessions.context(number)
    return f"{sessions.words(number)}: {before} until now, {context} by your word"


def undo(at: datetime, listener: Listener, lake: Lake) -> str:
    """Take back the label of the session in which an instant lies, or of that very instant.

    Returns:
        Which session that is, and which context is no longer said of it.

    Raises:
        RefusedLabel: where there is none.
    """
    sessions = Sessions(listener, lake)
    old: tuple[Label, ...] = ()

    def without(rows: pa.Table) -> pa.Table:
        nonlocal old
        same = sessions.together(rows["heard_at"].to_pylist(), at)
        old = read_labels(rows.filter(same))
        if not old:
            told = sessions.words(sessions.known_at(at))
            raise RefusedLabel(f"you did not label this session: {told}")
        return rows.filter(~same)

    lake.update(_path(listener, LABELS.path), LABELS, without)
    number = sessions.at(at)
    told = _clock(at, listener) if number is None else sessions.words(number)
    return f"{told}: no longer {old[-1].context} by your word"


def labels_table(listener: Listener, lake: Lake) -> Shown:
    """The labels given, in order of time, each with its session."""
    sessions = Sessions(listener, lake)
    table = Shown(title=f"What {listener.name} said of sessions")
    for header in ("session", "context", "said on"):
        table.add_column(header)
    for row in lake.read(_path(listener, LABELS.path), LABELS).to_pylist():
        number = sessions.at(row["heard_at"])
        lost = f"{_clock(row['heard_at'], listener)}, in no session"
        told = lost if number is None else sessions.words(number)
        table.add_row(told, row["context"], _clock(row["given_at"], listener)[:10])
    return table


def _path(listener: Listener, path: str) -> str:
    return f"users/{listener.name}/{path}"


def _clock(moment: datetime, listener: Listener) -> str:
    [local] = on_clock([moment], listener.zones)
    return f"{local:%Y-%m-%d %H:%M}"
