"""A listener's life as a function of a seed and a time: the same question, the same plays.

A seed leads to a person (`people`), a date to that person's sessions (`rhythm`), a session to music
(`taste`). Every local day is drawn on its own, so any span costs as much as it has days and nothing
is remembered. Add here how sessions become plays. Which of the plays an API would show belongs in
`endpoints`.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from random import Random
from zoneinfo import ZoneInfo

from sandbox.catalogue import Artist, Track, catalogue
from sandbox.people import person_of
from sandbox.rhythm import Session, sessions
from sandbox.taste import programme

SKIPS = {
    "everyday": 0.16,
    "workout": 0.14,
    "party": 0.07,
    "kids": 0.06,
    "relaxation": 0.05,
    "focus": 0.03,
    "sleep": 0.12,
}
"""Share of tracks that are skipped, 0 to 1; in `sleep` of the first ones only."""

_FIDGETS = timedelta(minutes=6)
"""How long one looks for the right thing to sleep to."""


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
        session: When the session began that it belongs to, UTC.
    """

    played_at: datetime
    track: Track
    ms_played: int
    context: str | None
    label: str
    skipped: bool
    session: datetime


def zone_of(seed: str, timezone: str | None = None) -> ZoneInfo:
    """The zone in which a life is led: the person's own unless another is given."""
    return ZoneInfo(timezone or person_of(seed).timezone)


def truth(seed: str, start: datetime, end: datetime, timezone: str | None = None) -> list[Play]:
    """Every play with `start <= played_at < end`, skipped ones too, oldest first.

    Args:
        seed: Which life; see `people.person_of` for whose.
        start: The first instant, aware.
        end: The first instant that is too late, aware.
        timezone: Where the listener lives; None for the person's own zone.
    """
    zone = zone_of(seed, timezone)
    first = start.astimezone(zone).date() - timedelta(days=1)
    days = (end.astimezone(zone).date() - first).days + 1
    return [
        play
        for n in range(days)
        for play in plays_of_day(seed, first + timedelta(days=n), timezone)
        if start <= play.played_at < end
    ]


def latest(seed: str, at: datetime, count: int, timezone: str | None = None) -> list[Play]:
    """The last `count` completed plays with `played_at <= at`, newest first.

    Looks back 30 days at most; a life with so long a silence has fewer.
    """
    found: list[Play] = []
    today = at.astimezone(zone_of(seed, timezone)).date()
    for n in range(31):
        day = plays_of_day(seed, today - timedelta(days=n), timezone)
        found += [p for p in reversed(day) if not p.skipped and p.played_at <= at]
        if len(found) >= count:
            break
    return found[:count]


RANGE_DAYS = {"short_term": 28, "medium_term": 182, "long_term": 365}
"""How many days a top list looks back."""


@lru_cache(maxsize=64)
def top_tracks(
    seed: str, today: date, time_range: str, timezone: str | None = None
) -> tuple[Track, ...]:
    """The tracks completed most often in the days before `today`, most played first."""
    counts = Counter(
        play.track.id
        for n in range(1, RANGE_DAYS[time_range] + 1)
        for play in plays_of_day(seed, today - timedelta(days=n), timezone)
        if not play.skipped
    )
    ranked = sorted(counts, key=lambda track: (-counts[track], track))
    return tuple(catalogue().tracks[track] for track in ranked)


def top_artists(
    seed: str, today: date, time_range: str, timezone: str | None = None
) -> tuple[Artist, ...]:
    """First artists of the top tracks, best track first."""
    tracks = top_tracks(seed, today, time_range, timezone)
    return tuple({track.artists[0].id: track.artists[0] for track in tracks}.values())


@lru_cache(maxsize=512)
def plays_of_day(seed: str, day: date, timezone: str | None = None) -> tuple[Play, ...]:
    """The plays of the sessions that begin on one of the listener's days, oldest first."""
    zone = zone_of(seed, timezone)
    rng = Random(f"{seed}/{day}")
    temper = _temper(seed)
    return tuple(
        play
        for session in sessions(seed, day, zone)
        for play in _plays(seed, session, day, temper, rng)
    )


@lru_cache(maxsize=512)
def _temper(seed: str) -> float:
    """How much more, or less, than others this listener skips."""
    return Random(f"{seed}/temper").uniform(0.5, 1.5)


def _plays(seed: str, session: Session, day: date, temper: float, rng: Random) -> Iterator[Play]:
    label = session.habit.does
    skips, talks = SKIPS[label] * temper, _TALKS.get(label, 0.03)
    at = session.start
    for track, context in programme(seed, session.habit, day, rng):
        if label == "sleep" and at - session.start > _FIDGETS:
            skips = 0.0
        skipped = rng.random() < skips
        ms_played = rng.randrange(1_500, 29_000) if skipped else track.duration_ms
        at += timedelta(milliseconds=ms_played)
        if at > session.end:
            return
        yield Play(at, track, ms_played, context, label, skipped, session.start)
        at += timedelta(milliseconds=_pause(talks, rng))


_TALKS = {"sleep": 0.0, "focus": 0.01, "kids": 0.06}
"""Share of tracks after which somebody talks."""


def _pause(talks: float, rng: Random) -> int:
    """Milliseconds of silence before the next track; now and then somebody talks."""
    return rng.randrange(20_000, 240_000) if rng.random() < talks else rng.randrange(300)
