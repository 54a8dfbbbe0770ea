"""When a listener's sessions happen: habits that drift, holidays, sick days and silent ones.

Everything is drawn from the seed and the date alone, so that any day can be asked for by itself.
Add here what changes a listener's week. What is heard in a session belongs in `taste`, how a
session becomes plays in `life`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from math import sin, tau
from random import Random
from zoneinfo import ZoneInfo

from sandbox.people import Habit, person_of

_MISSED = timedelta(minutes=90)
"""What should have begun so long ago is left out for this day."""

_SILENT, _SICK, _RESTFUL, _WINTER_BREAK = 0.04, 0.02, 0.4, 0.6
_SICK_DAYS = 3
_HOLIDAY_SHIFT = 50
_CHANCE_SWING = 0.25
_KEPT_UP = 0.65
"""Share of the months in which a fickle habit is kept up."""

_NEVER_WHEN = {
    "usual": frozenset[str](),
    "away": frozenset({"focus", "workout"}),
    "restful": frozenset({"focus", "workout", "party", "everyday"}),
    "sick": frozenset({"focus", "workout", "party"}),
}
"""What is not done on days of each kind."""

_LEAVE = frozenset({"away", "restful"})

_AFTERNOON = 15 * 60


_ANY_DAY = frozenset(range(7))
_CONVALESCENCE = Habit("relaxation", _ANY_DAY, _AFTERNOON, (60, 150), 0.8)

_STRAYS = (
    Habit("everyday", _ANY_DAY, None, (25, 90), 0.5),
    Habit("relaxation", _ANY_DAY, None, (30, 80), 0.22),
    Habit("kids", _ANY_DAY, None, (15, 45), 0.2),
    Habit("focus", _ANY_DAY, None, (40, 110), 0.18),
    Habit("workout", _ANY_DAY, None, (30, 60), 0.06),
    Habit("sleep", _ANY_DAY, None, (25, 70), 0.04),
)
"""What is done at any hour of the day, without being a habit."""

_PUNCTUAL, _LOOSE = frozenset({"workout"}), 1.4
"""Who meets others, or a train, begins on time."""

_STRAY_MINUTES = (60, 16 * 60)
_APART = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Session:
    """A session as it is planned, `start` and `end` in UTC; its last track ends by then."""

    habit: Habit
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class _Day:
    """A day of a life; `rng` is for all that happens on it."""

    seed: str
    date: date
    zone: ZoneInfo
    kind: str
    rng: Random


def sessions(seed: str, day: date, zone: ZoneInfo) -> list[Session]:
    """The sessions of a day, in order and without overlap; none on a silent day.

    A day lasts from one of the person's mornings to the next, so that also those who work or
    celebrate at night have their sessions on the day on which they got up.
    """
    today = _Day(seed, day, zone, day_kind(seed, day), Random(f"{seed}/{day}/rhythm"))
    found: list[Session] = []
    for session in (*_habitual(today), *_stray(today)):
        if all(_are_apart(session, other) for other in found):
            found.append(session)
    return sorted(found, key=lambda session: session.start)


def _are_apart(one: Session, other: Session) -> bool:
    return one.end + _APART <= other.start or other.end + _APART <= one.start


def _stray(today: _Day) -> Iterator[Session]:
    """What was not planned; it happens where nothing else does."""
    person = person_of(today.seed)
    for habit in _STRAYS:
        shut = today.kind == "silent" or habit.does in _NEVER_WHEN[today.kind]
        if shut or habit.does not in person.tastes or today.rng.random() >= habit.chance:
            continue
        minute = person.morning + today.rng.randint(*_STRAY_MINUTES)
        start = at_minute(today.date, minute, today.zone)
        yield Session(habit, start, start + timedelta(minutes=today.rng.randint(*habit.minutes)))


def _habitual(today: _Day) -> Iterator[Session]:
    """The sessions of the person's habits, in order and without overlap."""
    day, zone = today.date, today.zone
    morning = person_of(today.seed).morning
    free = at_minute(day, morning, zone)
    night = at_minute(day + timedelta(days=1), morning, zone) - timedelta(minutes=1)
    before: datetime | None = None
    for number, habit in _habits(today):
        start = _start(today, number, habit, before)
        before = None
        if start is None or not free - _MISSED <= start < night:
            continue
        start = max(start, free)
        end = min(start + timedelta(minutes=today.rng.randint(*habit.minutes)), night)
        yield Session(habit, start, end)
        before, free = end, end + _APART


def _habits(today: _Day) -> Iterable[tuple[int, Habit]]:
    """What may happen on such a day, in order, numbered as in the person's list."""
    habits = list(enumerate(person_of(today.seed).habits))
    if today.kind == "silent":
        return []
    never = _NEVER_WHEN[today.kind]
    on_leave = today.kind in _LEAVE
    kept = [(n, h) for n, h in habits if h.does not in never and not (on_leave and h.duty)]
    if today.kind == "sick":
        later = (n for n, (_, habit) in enumerate(kept) if (habit.at or 0) > _AFTERNOON)
        kept.insert(next(later, len(kept)), (len(habits), _CONVALESCENCE))
    return kept


def _start(today: _Day, number: int, habit: Habit, before: datetime | None) -> datetime | None:
    """When the habit's session begins; None where there is none."""
    seed, day, rng = today.seed, today.date, today.rng
    chance = habit.chance * (1 + _CHANCE_SWING * _wave(seed, f"{number}/chance", day))
    if rng.random() >= chance or day.weekday() not in habit.days:
        return None
    if not _is_kept_up(seed, number, habit, day):
        return None
    if habit.then and before:
        return before + timedelta(milliseconds=rng.randint(*(60_000 * m for m in habit.then)))
    if habit.at is None:
        return None
    looseness = 1.0 if habit.does in _PUNCTUAL or habit.duty else _LOOSE
    shift = habit.drift * _wave(seed, f"{number}/time", day)
    shift += _HOLIDAY_SHIFT * (today.kind in _LEAVE) + rng.gauss(0, 1) * habit.jitter * looseness
    return at_minute(day, habit.at, today.zone) + timedelta(milliseconds=round(shift * 60_000))


def _wave(seed: str, key: str, day: date) -> float:
    """A slow swing between -1 and 1."""
    period, phase = _swing(seed, key)
    return sin(tau * (day.toordinal() / period + phase))


@lru_cache(maxsize=4096)
def _swing(seed: str, key: str) -> tuple[float, float]:
    rng = Random(f"{seed}/{key}/swing")
    return rng.uniform(150, 400), rng.random()


def _is_kept_up(seed: str, number: int, habit: Habit, day: date) -> bool:
    if habit.weeks:
        shortest, longest = habit.weeks
        years = (day.year - 1, day.year)
        return any(
            start <= day < end
            for year in years
            for start, end in [_phase(f"{seed}/{number}", year, shortest * 7, longest * 7)]
        )
    if habit.fickle:
        stretch = round(_swing(seed, f"{number}/fickle")[0] / 2)
        return Random(f"{seed}/{number}/{day.toordinal() // stretch}").random() < _KEPT_UP
    return True


@lru_cache(maxsize=4096)
def _phase(key: str, year: int, shortest: int, longest: int) -> tuple[date, date]:
    """Some days in a row of a year, as `[start, end)`."""
    rng = Random(f"{key}/{year}/phase")
    start = date(year, 1, 1) + timedelta(days=rng.randrange(365))
    return start, start + timedelta(days=rng.randint(shortest, longest))


@lru_cache(maxsize=4096)
def day_kind(seed: str, day: date) -> str:
    """What a day is like: usual, away or restful (holidays), sick or silent."""
    rng = Random(f"{seed}/{day}/kind")
    if rng.random() < _SILENT:
        return "silent"
    for year in (day.year - 1, day.year):
        for start, end, kind in _holidays(seed, year):
            if start <= day < end:
                return kind
    block = Random(f"{seed}/{day.toordinal() // _SICK_DAYS}/sick")
    return "sick" if block.random() < _SICK else "usual"


@lru_cache(maxsize=4096)
def _holidays(seed: str, year: int) -> tuple[tuple[date, date, str], ...]:
    """One stretch in summer and often one about the turn of the year, each `[start, end)`."""
    rng = Random(f"{seed}/{year}/holidays")
    starts = [date(year, 6, 20) + timedelta(days=rng.randrange(70))]
    if rng.random() < _WINTER_BREAK:
        starts.append(date(year, 12, 20) + timedelta(days=rng.randrange(5)))
    spans = []
    for start in starts:
        kind = "restful" if rng.random() < _RESTFUL else "away"
        spans.append((start, start + timedelta(days=rng.randint(7, 14)), kind))
    return tuple(spans)


def at_minute(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """The instant, in UTC, at which a clock in the zone shows so many minutes after midnight."""
    local = datetime.combine(day, time(0)) + timedelta(minutes=minute)
    return local.replace(tzinfo=zone).astimezone(UTC)
