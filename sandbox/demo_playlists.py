"""What the demo listener collects: a weighted playlist, a clean one and some liked songs.

The playlists that plays are started from are in `people`; no play names one of these. Add here what
a report on playlists should show of the demo's own music.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from random import Random

from sandbox.catalogue import Track, catalogue
from sandbox.items import Item, episode, gone, local, relinked, song, unplayable
from sandbox.taste import Taste, taste

_WHOSE = "demo"
_MONTH = date(2026, 11, 1)
_WEIGHTS = (12, 9, 8, 6, 6, 5, 5, 4, 4, 4, *(3,) * 8, *(2,) * 12, *(1,) * 40)
"""How often songs stand in the weighted playlist, those that come to mind first first."""
_CLEAN, _LIKED, _NEVER_PLAYED = 120, 40, 4
_COLLECTED = ("everyday", "everyday", "workout", "party", "relaxation")
"""What the music is for, the everyday twice as often."""


@dataclass(frozen=True, slots=True)
class Collected:
    """What somebody has besides the playlists that they play from."""

    playlists: Mapping[str, tuple[Item, ...]] = field(default_factory=dict)
    liked: tuple[Item, ...] = ()


@cache
def of(user: str) -> Collected:
    """What a user has collected; nothing unless they are the demo."""
    if user != _WHOSE:
        return Collected()
    rng = Random(f"{user}/collected")
    tastes = [taste(user, label, _MONTH) for label in _COLLECTED]
    known = _once(_drawn(tastes, rng))
    favourites = known[: len(_WEIGHTS)]
    # Some songs were put in once and never heard: they are on nobody's shelf at home.
    favourites[-_NEVER_PLAYED:] = rng.sample(catalogue().shelves["student/rock"], _NEVER_PLAYED)
    weighted = [track for track, n in zip(favourites, _WEIGHTS, strict=True) for _ in range(n)]
    rng.shuffle(weighted)
    # Half of the clean one is what the weighted one has too.
    shared = rng.sample(favourites, _CLEAN // 2 - len(twins := _twins(favourites)))
    clean = _once([*shared, *twins, *known[len(_WEIGHTS) :]])[:_CLEAN]
    liked = _once([*rng.sample(clean, _LIKED // 2), *known])[:_LIKED]
    return Collected(
        {"Shuffle": _with_oddities(_dated(weighted, rng), rng), "Keepers": _dated(clean, rng)},
        tuple(reversed(_dated(liked, rng))),
    )


def _drawn(tastes: list[Taste], rng: Random) -> list[Track]:
    """Music that they like, what they play often among the first."""
    return [rng.choice(tastes).draw(rng) for _ in range(8 * _CLEAN)]


def _once(tracks: list[Track]) -> list[Track]:
    return list({track.id: track for track in tracks}.values())


def _twins(tracks: list[Track]) -> list[Track]:
    """Other releases of the same recordings: the single of an album's track."""
    held = {track.id for track in tracks}
    codes = {track.isrc for track in tracks}
    return [t for t in catalogue().tracks.values() if t.isrc in codes and t.id not in held]


def _dated(tracks: list[Track], rng: Random) -> tuple[Item, ...]:
    """In the order in which they were added over the years, none before it was released."""
    begin = datetime(2021, 3, 7, 18, tzinfo=UTC)
    days = (datetime(2026, 10, 31, tzinfo=UTC) - begin).days
    dated = (
        song(track, added_at=_stamp(max(begin + timedelta(rng.uniform(0, days)), _day_of(track))))
        for track in tracks
    )
    return tuple(sorted(dated, key=lambda one: one.added_at or ""))


def _day_of(track: Track) -> datetime:
    released = track.album.released
    return datetime(released.year, released.month, released.day, 9, tzinfo=UTC)


def _stamp(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _with_oddities(items: tuple[Item, ...], rng: Random) -> tuple[Item, ...]:
    """With what every playlist of some age has: files, an episode, and things that are gone."""
    odd = [local("Rehearsal"), local("Rehearsal, second take"), episode(), gone(added_by=None)]
    held = [one.thing for one in items if isinstance(one.thing, Track)]
    odd += [relinked(rng.choice(held)), unplayable(rng.choice(held))]
    mixed = list(items)
    for one in odd:
        mixed.insert(rng.randrange(len(mixed)), one)
    return tuple(mixed)
