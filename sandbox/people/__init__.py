"""The kinds of people whose lives the sandbox can tell: their week, their music, their words.

Each person is a TOML file beside this module; a seed leads to one of them. Add a person as a file,
and here only what a file may say. When things happen is `rhythm`'s business, what is played when
they happen `taste`'s. No real artist's name belongs in a file; well-known titles may.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Any

LABELS = ("sleep", "kids", "workout", "focus", "party", "relaxation", "everyday")
"""What a listener can be doing, as in the ledger's `context` column."""

SETTLED = MappingProxyType({"demo": "parent", "nico": "parent", "mira": "parent"})
"""Seeds whose person does not hang on chance: the demo shows every context."""

_WEEK = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_NOTHING: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Shelf:
    """Music of one kind, from which several contexts may draw.

    Attributes:
        name: Person and shelf: `parent/noise`.
        tracks: How many tracks there are, single releases of album tracks not counted.
        artists: Their names; one may stand on several shelves.
        genres: What Spotify used to say of these artists.
        tagged: Genres that reference data puts on these tracks.
        sound: How it sounds, a name from `sound`.
        titles: Whole titles, used first.
        first, second: Words whose pairs are the other titles.
        albums: Names of albums; without them an album is called as its last track.
        chapter: How a chapter of an album is titled: `{album}`, `{number}`; needs `albums`.
        album: Tracks on an album.
        seconds: Shortest and longest track.
        years: First and last year of release.
        explicit: Share of explicit tracks, 0 to 1.
        obvious: Some of its names say what it is for.
    """

    name: str
    tracks: int
    artists: tuple[str, ...]
    genres: tuple[str, ...]
    tagged: tuple[str, ...]
    sound: str
    seconds: tuple[int, int]
    years: tuple[int, int]
    titles: tuple[str, ...] = ()
    first: tuple[str, ...] = ()
    second: tuple[str, ...] = ()
    albums: tuple[str, ...] = ()
    chapter: str = ""
    album: int = 6
    explicit: float = 0.0
    obvious: bool = False


@dataclass(frozen=True, slots=True)
class Habit:
    """A session that tends to happen.

    Attributes:
        does: The session's label.
        days: 0 = Monday; the day on which the listener got up, also after midnight.
        at: Minutes after that day's midnight on the listener's clock, beyond 1440 too.
        minutes: Shortest and longest session.
        chance: That it happens on such a day, 0 to 1.
        jitter: About how many minutes a day's start is off the time that is usual just then.
        drift: Minutes by which the usual time wanders over the months.
        then: Shortest and longest pause, in minutes, after the session before it in the list;
            without that session it starts at `at`, or where that is None not at all.
        weeks: Shortest and longest time for which it lasts, once a year; None for all year.
        fickle: Given up for some months, and taken up again.
        duty: Does not happen on holidays.
        guests: Others choose the music.
        shelf: Nothing but this shelf's music; None for all that the label's tastes name.
        ways: How the music is chosen, with weights (see `taste`); empty for the usual of `does`.
    """

    does: str
    days: frozenset[int]
    at: int | None
    minutes: tuple[int, int]
    chance: float
    jitter: int = 20
    drift: int = 30
    then: tuple[int, int] | None = None
    weeks: tuple[int, int] | None = None
    fickle: bool = False
    duty: bool = False
    guests: bool = False
    shelf: str | None = None
    ways: Mapping[str, int] = field(default_factory=lambda: _NOTHING)


@dataclass(frozen=True, slots=True)
class Person:
    """A kind of listener.

    Attributes:
        name: Of the file, and a seed that leads here.
        about: Who that is.
        timezone: Where they live unless told otherwise.
        country: Two letters.
        morning: Minutes after midnight: there the last session of the day before ends at the
            latest and the first of this day begins at the earliest.
        habits: In the order in which they come in a day.
        tastes: For each label the shelves it draws from, with weights.
        playlists: For each label the names of the listener's playlists.
        shelves: By their short names.
    """

    name: str
    about: str
    timezone: str
    country: str
    morning: int
    habits: tuple[Habit, ...]
    tastes: Mapping[str, Mapping[str, float]]
    playlists: Mapping[str, tuple[str, ...]]
    shelves: Mapping[str, Shelf]


@cache
def people() -> dict[str, Person]:
    """Everyone, by name, in alphabetical order."""
    files = sorted(Path(__file__).parent.glob("*.toml"))
    return {f.stem: _person(f.stem, tomllib.loads(f.read_text(encoding="utf-8"))) for f in files}


@cache
def person_of(seed: str) -> Person:
    """Whose life a seed tells: `student` and `student/7` are students, others fall by chance."""
    everyone = people()
    name = seed.partition("/")[0]
    name = SETTLED.get(name, name)
    if name not in everyone:
        number = int.from_bytes(sha256(f"person/{seed}".encode()).digest(), "big")
        name = list(everyone)[number % len(everyone)]
    return everyone[name]


def _person(name: str, told: Mapping[str, Any]) -> Person:
    shelves = {
        key: Shelf(**_tuples(value), name=f"{name}/{key}") for key, value in told["shelves"].items()
    }
    return Person(
        name=name,
        about=told["about"],
        timezone=told["timezone"],
        country=told["country"],
        morning=_minutes(told["morning"]),
        habits=tuple(_habit(each) for each in told["habits"]),
        tastes=told["tastes"],
        playlists=_tuples(told["playlists"]),
        shelves=shelves,
    )


def _habit(told: Mapping[str, Any]) -> Habit:
    at = _minutes(told["at"]) if "at" in told else None
    return Habit(**{**_tuples(told), "days": _days(told["days"]), "at": at})


def _tuples(told: Mapping[str, Any]) -> dict[str, Any]:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in told.items()}


def _minutes(clock: str) -> int:
    """Minutes after midnight of a time such as 07:35, or 26:30 for half past two at night."""
    hours, minutes = clock.split(":")
    return 60 * int(hours) + int(minutes)


def _days(text: str) -> frozenset[int]:
    """Weekdays of a text such as `Mo-Fr`, `Tu Sa`; those of a span in one word."""
    found: set[int] = set()
    for first, last in re.findall(r"(\w\w)(?:-(\w\w))?", text):
        found.update(range(_WEEK.index(first), _WEEK.index(last or first) + 1))
    return frozenset(found)
