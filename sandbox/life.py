"""A listener's life as a function of a seed and a time: the same question, the same plays.

A life is a week of habits. Every local day is drawn on its own from the seed and the date, so any
span costs as much as it has days and nothing is remembered. Add habits and tastes here. Which of
the plays an API would show belongs in `endpoints`; what the music is called in `shelves`.
"""

from bisect import bisect
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import accumulate
from random import Random
from zoneinfo import ZoneInfo

from sandbox.catalogue import Artist, Track, base62_id, catalogue

TIMEZONE = "Europe/Berlin"
_DAY_ENDS = time(6, 20)
"""A day's last session stops here the morning after, before the next day's first can begin."""


@dataclass(frozen=True, slots=True)
class Play:
    """One play, skipped or complete.

    Attributes:
        played_at: The END of the play, UTC, whole milliseconds.
        ms_played: The track's duration unless it was skipped.
        context: URI of the playlist or album it was started from, None when there was none.
        label: What the listener was doing: sleep, kids, workout, focus, party, relaxation or
            everyday.
        skipped: Broken off; Spotify's recently-played list never shows these.
    """

    played_at: datetime
    track: Track
    ms_played: int
    context: str | None
    label: str
    skipped: bool


@dataclass(frozen=True, slots=True)
class Habit:
    """A session that tends to happen.

    Attributes:
        weekdays: 0 = Monday.
        at: When it starts on the listener's clock, give or take `jitter` minutes.
        minutes: Shortest and longest.
        chance: That it happens on such a day, 0 to 1.
        skips: Share of its tracks that are skipped, 0 to 1.
    """

    label: str
    weekdays: frozenset[int]
    at: time
    jitter: int
    minutes: tuple[int, int]
    chance: float
    skips: float = 0.0


_WORKDAYS = frozenset(range(5))
_WEEKEND = frozenset({5, 6})
_EVERY_DAY = _WORKDAYS | _WEEKEND

HABITS = (
    Habit("everyday", _WORKDAYS, time(7, 35), 20, (20, 40), 0.85, skips=0.15),
    Habit("focus", _WORKDAYS, time(9, 10), 20, (60, 130), 0.8, skips=0.03),
    Habit("workout", _WEEKEND, time(10, 0), 30, (45, 70), 0.5, skips=0.12),
    Habit("everyday", _WEEKEND, time(11, 30), 40, (40, 120), 0.8, skips=0.18),
    Habit("workout", frozenset({0, 2, 4}), time(12, 10), 10, (40, 60), 0.75, skips=0.12),
    Habit("focus", _WORKDAYS, time(13, 40), 15, (60, 120), 0.65, skips=0.03),
    Habit("everyday", _WORKDAYS, time(16, 15), 15, (20, 35), 0.8, skips=0.15),
    Habit("kids", _EVERY_DAY, time(17, 20), 20, (25, 75), 0.55, skips=0.08),
    Habit("relaxation", _EVERY_DAY - {4}, time(20, 15), 25, (40, 90), 0.7, skips=0.05),
    Habit("party", frozenset({4, 5}), time(20, 45), 30, (120, 200), 0.6, skips=0.1),
    Habit("sleep", _EVERY_DAY, time(22, 50), 30, (180, 400), 0.6),
)


def truth(seed: str, start: datetime, end: datetime, timezone: str = TIMEZONE) -> list[Play]:
    """Every play with `start <= played_at < end`, skipped ones too, oldest first."""
    zone = ZoneInfo(timezone)
    first = start.astimezone(zone).date() - timedelta(days=1)
    days = (end.astimezone(zone).date() - first).days + 1
    return [
        play
        for n in range(days)
        for play in plays_of_day(seed, first + timedelta(days=n), timezone)
        if start <= play.played_at < end
    ]


def latest(seed: str, at: datetime, count: int, timezone: str = TIMEZONE) -> list[Play]:
    """The last `count` completed plays with `played_at <= at`, newest first.

    Looks back 30 days at most; a life with so long a silence has fewer.
    """
    found: list[Play] = []
    today = at.astimezone(ZoneInfo(timezone)).date()
    for n in range(31):
        day = plays_of_day(seed, today - timedelta(days=n), timezone)
        found += [p for p in reversed(day) if not p.skipped and p.played_at <= at]
        if len(found) >= count:
            break
    return found[:count]


RANGE_DAYS = {"short_term": 28, "medium_term": 182, "long_term": 365}
"""How many days a top list looks back."""


@lru_cache(maxsize=64)
def top_tracks(seed: str, today: date, time_range: str, timezone: str) -> tuple[Track, ...]:
    """The tracks completed most often in the days before `today`, most played first."""
    counts = Counter(
        play.track.id
        for n in range(1, RANGE_DAYS[time_range] + 1)
        for play in plays_of_day(seed, today - timedelta(days=n), timezone)
        if not play.skipped
    )
    ranked = sorted(counts, key=lambda track: (-counts[track], track))
    return tuple(catalogue().tracks[track] for track in ranked)


def top_artists(seed: str, today: date, time_range: str, timezone: str) -> tuple[Artist, ...]:
    """First artists of the top tracks, best track first."""
    tracks = top_tracks(seed, today, time_range, timezone)
    return tuple({track.artists[0].id: track.artists[0] for track in tracks}.values())


def playlist_id(seed: str, label: str) -> str:
    """The id of the listener's playlist for one kind of music."""
    return base62_id(f"playlist/{seed}/{label}")


@lru_cache(maxsize=512)
def plays_of_day(seed: str, day: date, timezone: str = TIMEZONE) -> tuple[Play, ...]:
    """The plays of the sessions that begin on one local day, oldest first."""
    zone = ZoneInfo(timezone)
    rng = Random(f"{seed}/{day}")
    free = _utc(day, time(0), zone)
    night = _utc(day + timedelta(days=1), _DAY_ENDS, zone)
    plays: list[Play] = []
    for habit in HABITS:
        if day.weekday() not in habit.weekdays or rng.random() >= habit.chance:
            continue
        jitter = _ms(rng.randint(-habit.jitter * 60_000, habit.jitter * 60_000))
        start = max(free, _utc(day, habit.at, zone) + jitter)
        end = min(start + timedelta(minutes=rng.randint(*habit.minutes)), night)
        plays += _session(seed, habit, start, end, rng)
        free = end + timedelta(minutes=2)
    return tuple(plays)


def _session(
    seed: str, habit: Habit, start: datetime, end: datetime, rng: Random
) -> Iterator[Play]:
    at = start
    for track, context in _programme(seed, habit.label, start.date(), rng):
        skipped = rng.random() < habit.skips
        ms_played = rng.randrange(1_500, 29_000) if skipped else track.duration_ms
        at += _ms(ms_played)
        if at > end:
            return
        yield Play(at, track, ms_played, context, habit.label, skipped)
        at += _ms(_pause(habit.label, rng))


def _pause(label: str, rng: Random) -> int:
    """Milliseconds of silence before the next track; now and then somebody talks."""
    talks = label != "sleep" and rng.random() < 0.03  # noqa: PLR2004 - three in a hundred
    return rng.randrange(20_000, 240_000) if talks else rng.randrange(300)


def _programme(seed: str, label: str, day: date, rng: Random) -> Iterator[tuple[Track, str | None]]:
    """An endless stream of tracks, and where each was started from."""
    taste = _taste(seed, label, day.replace(day=1))
    playlist = f"spotify:playlist:{playlist_id(seed, label)}"
    if label == "sleep":
        loop = [taste.draw(rng) for _ in range(rng.choice((1, 1, 2, 3)))]
        while True:
            yield from ((track, playlist) for track in loop)
    way = rng.choices(("playlist", "album", "search"), (6, 2, 2))[0]
    while True:
        track = taste.draw(rng)
        if way == "album":
            uri = f"spotify:album:{track.album.id}"
            yield from ((each, uri) for each in catalogue().listings[track.album.id])
        else:
            yield track, playlist if way == "playlist" else None


@dataclass(frozen=True, slots=True)
class _Taste:
    """What is played how often: tracks with their cumulative weights."""

    tracks: tuple[Track, ...]
    cumulative: tuple[float, ...]

    def draw(self, rng: Random) -> Track:
        return self.tracks[bisect(self.cumulative, rng.random() * self.cumulative[-1])]


@lru_cache(maxsize=1024)
def _taste(seed: str, label: str, month: date) -> _Taste:
    """A lasting order of favourites that every month bends a little."""
    shelf = catalogue().shelves[label]
    known = tuple(track for track in shelf if track.album.released <= month) or shelf
    order = Random(f"{seed}/{label}/taste")
    lasting = {track.id: 1 / (order.randrange(len(shelf)) + 4) for track in shelf}
    mood = Random(f"{seed}/{label}/{month}")
    weights = [lasting[track.id] * mood.lognormvariate(0, 0.8) for track in known]
    return _Taste(known, tuple(accumulate(weights)))


def _utc(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)


def _ms(milliseconds: int) -> timedelta:
    return timedelta(milliseconds=milliseconds)
