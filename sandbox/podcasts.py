"""The podcasts of a life: episodes, heard while no music is on.

They are told by privacy exports alone: Spotify shows no episode among what was played recently.
Add shows here. Music, and what is on when, belongs in `life`.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from random import Random

from sandbox.catalogue import base62_id
from sandbox.life import Play, truth, zone_of

HEARD = 0.45
"""Share of the days on which there is an episode, if there is room for it."""

FINISHED = 0.7
"""Share of the episodes that are heard to their end."""

_HOURS = (7, 21)
_TRIES = 6
_SHOWS_EACH = 3
_FIRST_EPISODE = date(2018, 1, 1)


@dataclass(frozen=True, slots=True)
class Show:
    """A podcast, weekly; an episode's title is a pair of its words.

    Attributes:
        minutes: Shortest and longest episode.
    """

    name: str
    minutes: tuple[int, int]
    first: tuple[str, ...]
    second: tuple[str, ...]


SHOWS = (
    Show(
        "Half a Theorem",
        (28, 44),
        ("Counting", "Folding", "Losing", "Guessing"),
        ("Infinity", "a Map", "the Proof", "Maybe", "Seven Bridges"),
    ),
    Show(
        "Nachtbus",
        (35, 70),
        ("Endstation", "Umsteigen in", "Zu spät nach", "Verloren in"),
        ("Wedding", "Altona", "Ehrenfeld", "Gohlis", "Bornheim"),
    ),
    Show(
        "The Slow Kettle",
        (18, 30),
        ("Bread and", "Soup and", "Plums and", "Salt and"),
        ("Patience", "Thunder", "Grandmothers", "Bad Advice"),
    ),
    Show(
        "Ask the Tide",
        (24, 38),
        ("Why Eels", "How Gulls", "When Whales", "Whether Crabs"),
        ("Wander", "Argue", "Remember", "Sleep", "Return"),
    ),
    Show(
        "Kleine Pause",
        (12, 20),
        ("Über", "Gegen", "Ohne", "Für"),
        ("Montage", "Brotdosen", "Wecker", "Elternabende", "Schlaf"),
    ),
)


@dataclass(frozen=True, slots=True)
class Spoken:
    """One episode that was heard, to its end or not.

    Attributes:
        started_at: UTC.
        ms_played: From there to its end.
    """

    started_at: datetime
    ms_played: int
    show: str
    episode: str
    finished: bool

    @property
    def played_at(self) -> datetime:
        """When it ended, UTC."""
        return self.started_at + timedelta(milliseconds=self.ms_played)

    @property
    def episode_id(self) -> str:
        """Its id at Spotify."""
        return base62_id(f"{self.show}/{self.episode}")


def spoken(seed: str, start: datetime, end: datetime) -> list[Spoken]:
    """Every episode with `start <= played_at < end`, oldest first.

    A day's episodes hang on that day alone, so a longer span only adds to a shorter one's.

    Args:
        seed: Whose life.
        start: The first instant, aware.
        end: The first instant that is too late, aware.
    """
    zone, day = zone_of(seed), timedelta(days=1)
    first = start.astimezone(zone).date()
    days = [first + n * day for n in range((end.astimezone(zone).date() - first).days + 1)]
    # What is on at the edges lies beyond them.
    music = truth(seed, start - 2 * day, end + 2 * day)
    found = (one for each in days for one in _of_day(seed, each, music))
    return [one for one in found if start <= one.played_at < end]


def _of_day(seed: str, day: date, music: Sequence[Play]) -> Iterator[Spoken]:
    rng = Random(f"{seed}/{day}/podcast")
    if rng.random() >= HEARD:
        return
    show, finished = rng.choice(shows_of(seed)), rng.random() < FINISHED
    number, minutes = (day - _FIRST_EPISODE).days // 7, _length(show, day)
    heard = minutes if finished else minutes * rng.uniform(0.1, 0.8)
    title = f"{number}: {_title(show, number)}"
    midnight = datetime.combine(day, time(), zone_of(seed))
    for _ in range(_TRIES):
        at = midnight + timedelta(seconds=rng.randrange(_HOURS[0] * 3600, _HOURS[1] * 3600))
        one = Spoken(at.astimezone(UTC), int(heard * 60_000), show.name, title, finished)
        if _is_quiet(one, music):
            yield one
            return


@cache
def shows_of(seed: str) -> tuple[Show, ...]:
    """The shows that a listener follows."""
    return tuple(Random(f"{seed}/shows").sample(SHOWS, _SHOWS_EACH))


def _length(show: Show, day: date) -> float:
    """Minutes of the episode that is the newest on a day."""
    return Random(f"{show.name}/{(day - _FIRST_EPISODE).days // 7}/length").uniform(*show.minutes)


def _title(show: Show, number: int) -> str:
    rng = Random(f"{show.name}/{number}/title")
    return f"{rng.choice(show.first)} {rng.choice(show.second)}"


def _is_quiet(one: Spoken, music: Sequence[Play]) -> bool:
    """Whether no music was on while it was heard."""
    after = bisect_left(music, one.started_at, key=lambda play: play.played_at)
    if after == len(music):
        return True
    track = music[after]
    return track.played_at - timedelta(milliseconds=track.ms_played) >= one.played_at
