"""What is heard: favourites by context, playlists, and the ways in which music is chosen.

Add a way to choose music here. Which music there is stands in `people`, when it is heard is
`rhythm`'s business.
"""

from bisect import bisect
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import accumulate, chain, cycle, repeat
from random import Random

from sandbox.catalogue import Track, base62_id, catalogue
from sandbox.people import Habit, people, person_of

Heard = tuple[Track, str | None]
"""A track, and the URI of the playlist or album it is started from."""

WAYS: Mapping[str, Mapping[str, int]] = {
    "everyday": {"playlist": 3, "album": 2, "mix": 6},
    "focus": {"playlist": 3, "album": 5, "mix": 2},
    "workout": {"playlist": 4, "mix": 6},
    "party": {"playlist": 4, "mix": 6},
    "relaxation": {"playlist": 3, "album": 4, "mix": 3},
    "kids": {"playlist": 3, "album": 2, "few": 5},
    "sleep": {"playlist": 3, "once": 3, "loop": 3, "album": 2},
}
"""How music is usually chosen: of a session's ways one, by weight."""

_SHORT_MS = 130_000
_OUT_OF_FASHION = 0.15
_PLAYLIST_SIZES = (18, 55)
_TRIES = 40
_REMEMBERED = 6
_TIMER_MS = (45 * 60_000, 90 * 60_000)
_PURE, _PURE_ELSE = {"sleep": 1.0, "kids": 0.7}, 0.3
"""How many playlists of a context hold one kind of music only."""


@dataclass(frozen=True, slots=True)
class Taste:
    """What is played how often: tracks with their cumulative weights."""

    tracks: tuple[Track, ...]
    cumulative: tuple[float, ...]

    def draw(self, rng: Random) -> Track:
        """One track by chance."""
        return self.tracks[bisect(self.cumulative, rng.random() * self.cumulative[-1])]


@dataclass(frozen=True, slots=True)
class Mood:
    """A session's circumstances."""

    seed: str
    habit: Habit
    day: date
    rng: Random

    @property
    def label(self) -> str:
        """What the listener is doing."""
        return self.habit.does

    @property
    def taste(self) -> Taste:
        """What suits it."""
        return taste(self.seed, self.label, self.day.replace(day=1), self.habit.shelf)


@lru_cache(maxsize=2048)
def taste(seed: str, label: str, month: date, only: str | None = None) -> Taste:
    """A lasting order of favourites that every month bends a little.

    Args:
        seed: Whose.
        label: What for.
        month: Its first day; what is released later is not known yet.
        only: A shelf, if nothing else will do.
    """
    mood = Random(f"{seed}/{label}/{month}")
    tracks: list[Track] = []
    weights: list[float] = []
    shares = {f"{person_of(seed).name}/{only}": 1.0} if only else _shares(seed, label)
    for shelf, share in shares.items():
        favourites = _favourites(seed, label, shelf)
        known = [each for each in favourites if each[0].album.released <= month] or favourites
        weighed = [weight * mood.lognormvariate(0, 0.7) for _, weight in known]
        total = sum(weighed)
        tracks += [track for track, _ in known]
        weights += [share * weight / total for weight in weighed]
    return Taste(tuple(tracks), tuple(accumulate(weights)))


@lru_cache(maxsize=1024)
def _shares(seed: str, label: str) -> dict[str, float]:
    """How much of each shelf this listener wants in a context: their person's, but their own."""
    person = person_of(seed)
    rng = Random(f"{seed}/{label}/shares")
    return {
        person.shelves[key].name: share * rng.uniform(0.7, 1.4)
        for key, share in person.tastes[label].items()
    }


@lru_cache(maxsize=1024)
def _favourites(seed: str, label: str, shelf: str) -> tuple[tuple[Track, float], ...]:
    """A shelf's tracks with lasting weights: a few are loved, most are hardly known."""
    rng = Random(f"{seed}/{label}/{shelf}/favourites")
    tracks = catalogue().shelves[shelf]
    places = rng.sample(range(len(tracks)), k=len(tracks))
    return tuple((track, 1 / (place + 3)) for track, place in zip(tracks, places, strict=True))


def playlist_id(seed: str, name: str) -> str:
    """The id of one of the listener's playlists."""
    return base62_id(f"playlist/{seed}/{name}")


@lru_cache(maxsize=1024)
def playlist_tracks(seed: str, label: str, name: str) -> tuple[Track, ...]:
    """What is in a playlist, in its order: some of the music that suits the label."""
    rng = Random(f"{seed}/{name}/playlist")
    pure = rng.random() < _PURE.get(label, _PURE_ELSE)
    suits = taste(seed, label, date(2026, 11, 1), _shelf_for(seed, label, name) if pure else None)
    size = rng.randint(*_PLAYLIST_SIZES)
    found: dict[str, Track] = {}
    for _ in range(_TRIES * size):
        track = suits.draw(rng)
        found[track.id] = track
        if len(found) == size:
            break
    return tuple(found.values())


def _shelf_for(seed: str, label: str, name: str) -> str | None:
    """A label's first playlist can hold what it draws from first, the second one the second."""
    person = person_of(seed)
    names = person.playlists.get(label, ())
    keys = tuple(person.tastes[label])
    return keys[names.index(name) % len(keys)] if name in names else None


def programme(seed: str, habit: Habit, day: date, rng: Random) -> Iterator[Heard]:
    """The music of a session: most often without an end, sometimes it runs out."""
    if habit.guests:
        return _guests(Mood(seed, habit, day, rng))
    ways = habit.ways or WAYS[habit.does]
    way = rng.choices(tuple(ways), tuple(ways.values()))[0]
    return _WAYS[way](Mood(seed, habit, day, rng))


def _mix(mood: Mood) -> Iterator[Heard]:
    """What comes to mind, track by track."""
    return ((track, None) for track in _varied(mood.taste, mood.rng))


def _varied(suits: Taste, rng: Random) -> Iterator[Track]:
    """Tracks by chance, but not what was just heard if there is enough else."""
    recent: deque[str] = deque(maxlen=_REMEMBERED)
    while True:
        track = suits.draw(rng)
        for _ in range(_REMEMBERED):
            if track.id not in recent:
                break
            track = suits.draw(rng)
        recent.append(track.id)
        yield track


def _album(mood: Mood) -> Iterator[Heard]:
    """Albums, and most of them again and again."""
    while True:
        heard = _listing(mood.taste.draw(mood.rng))
        yield from chain.from_iterable(repeat(heard, mood.rng.choice((1, 1, 2, 3))))


def _listing(track: Track) -> list[Heard]:
    uri = f"spotify:album:{track.album.id}"
    return [(each, uri) for each in catalogue().listings[track.album.id]]


def _playlist(mood: Mood) -> Iterator[Heard]:
    """A playlist, shuffled, from the start again when it is over."""
    heard = _entries(mood)
    while True:
        mood.rng.shuffle(heard)
        yield from heard


def _entries(mood: Mood) -> list[Heard]:
    name = mood.rng.choice(person_of(mood.seed).playlists[mood.label])
    uri = f"spotify:playlist:{playlist_id(mood.seed, name)}"
    known: list[Heard] = [
        (track, uri)
        for track in playlist_tracks(mood.seed, mood.label, name)
        if track.album.released <= mood.day
    ]
    return known or _listing(mood.taste.draw(mood.rng))


def _few(mood: Mood) -> Iterator[Heard]:
    """The same few songs for a week, many times; seldom something else."""
    monday = mood.day - timedelta(days=mood.day.weekday())
    week = Random(f"{mood.seed}/{mood.label}/{mood.habit.shelf}/{monday}")
    songs = [mood.taste.draw(week) for _ in range(week.randint(4, 8))]
    while True:
        other = mood.rng.random() < _OUT_OF_FASHION
        yield mood.taste.draw(mood.rng) if other else mood.rng.choice(songs), None


def _loop(mood: Mood) -> Iterator[Heard]:
    """One short track, or two or three of one album, all night long."""
    drawn = [mood.taste.draw(mood.rng) for _ in range(_TRIES)]
    first = next((track for track in drawn if track.duration_ms <= _SHORT_MS), drawn[0])
    album = _listing(first)
    place = next(place for place, (track, _) in enumerate(album) if track == first)
    tracks = album[place : place + mood.rng.choice((1, 1, 2, 3))]
    if mood.rng.random() < 0.7:  # noqa: PLR2004 - seldom does Spotify tell that it was the album
        tracks = [(track, None) for track, _ in tracks]
    while True:
        yield from tracks


def _once(mood: Mood) -> Iterator[Heard]:
    """An album or a playlist, and then silence."""
    from_album = mood.rng.random() < 0.5  # noqa: PLR2004 - as often the one as the other
    heard = _listing(mood.taste.draw(mood.rng)) if from_album else _entries(mood)
    left = mood.rng.randint(*_TIMER_MS)
    for track, uri in cycle(heard):
        if left <= 0:
            return
        left -= track.duration_ms
        yield track, uri


def _guests(mood: Mood) -> Iterator[Heard]:
    """Somebody else's idea of a party, from their phone."""
    me = person_of(mood.seed)
    others = [each.name for each in people().values() if each is not me and "party" in each.tastes]
    other = f"{mood.rng.choice(others)}/{mood.seed}/{mood.day}"
    month = mood.day.replace(day=1)
    party, everyday = (
        _varied(taste(other, label, month), mood.rng) for label in ("party", "everyday")
    )
    while True:
        yield next(mood.rng.choice((party, party, party, everyday))), None


_WAYS: Mapping[str, Callable[[Mood], Iterator[Heard]]] = {
    "mix": _mix,
    "album": _album,
    "playlist": _playlist,
    "few": _few,
    "loop": _loop,
    "once": _once,
}
