"""The big case: two playlists of thousands of entries, with everything that can be odd in one.

    weighted, clean = add(sandbox.playlists, "demo")

Add an oddity here when real playlists turn out to have another. Always the same for the same
number of entries, and made in well under a second.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import chain, count, islice
from random import Random

from sandbox.catalogue import Track
from sandbox.items import (
    HIDDEN,
    Item,
    episode,
    gone,
    local,
    relinked,
    song,
    unplayable,
    without_id,
)
from sandbox.made_up import Version, made_up
from sandbox.playlists import Playlists

ENTRIES = 9_000

_Release = tuple[int, Version, int]
"""Arguments of `made_up`."""

_SONGS_SHARE = 3
"""The weighted one has a third as many songs as entries."""
_SHARED_EVERY = 2
"""Of these songs the clean one has every second."""
_FAVOURED = 2.0
"""The larger, the more of the weighted one's entries are the same few songs."""
_TWIN_EVERY = 50
"""So often a song of the clean one stands there a second time."""
_OTHER_EDITION, _OTHER_VERSION = 0.06, 0.03
_VERSIONS: tuple[Version, ...] = ("live", "acoustic", "remix", "clean", "remaster")
_ODD_EVERY = 91
"""One entry in so many is no ordinary song; over the pages, they come at every place of one."""
_BEGIN = datetime(2013, 1, 5, 10, tzinfo=UTC)
_DAYS = 4_900
_OLD = 0.02
"""Share of the entries that are so old that Spotify knows neither when nor by whom."""


def add(playlists: Playlists, user: str, entries: int = ENTRIES) -> tuple[str, str]:
    """Give a user both; returns the ids of the weighted and of the clean one."""
    weighted, clean = hoard(entries)
    return playlists.add(user, "Weighted", weighted), playlists.add(user, "Clean", clean)


def hoard(entries: int = ENTRIES) -> tuple[list[Item], list[Item]]:
    """A weighted playlist and a clean one, so many entries each.

    In the weighted one favourites stand many times, under one id or several of one recording. In
    the clean one every song stands once as far as its owner could tell: some stand twice all the
    same, as another release or another version. Every second song of the one is in the other.
    """
    rng = Random(f"hoard/{entries}")
    songs = max(1, entries // _SONGS_SHARE)
    weighted = [_release(number, rng) for number in _weights(songs, entries, rng)]
    shared = chain(range(0, songs, _SHARED_EVERY), count(songs))
    clean = list(islice(_with_twins(shared, rng), entries))
    return _entries(weighted, rng), _entries(clean, rng)


def _weights(songs: int, entries: int, rng: Random) -> list[int]:
    """Which song stands where: each once, and the first ones again and again."""
    again = (int(songs * rng.random() ** _FAVOURED) for _ in range(entries - songs))
    numbers = [*range(songs), *again]
    rng.shuffle(numbers)
    return numbers


def _release(number: int, rng: Random) -> _Release:
    """Mostly the album's; now and then another edition, or another version."""
    chance = rng.random()
    if chance < _OTHER_EDITION:
        return number, "", rng.randint(1, 4)
    if chance < _OTHER_EDITION + _OTHER_VERSION:
        return number, rng.choice(_VERSIONS), 0
    return number, "", 0


def _with_twins(numbers: Iterator[int], rng: Random) -> Iterator[_Release]:
    """Each song, some with another edition or, as often, another version after them."""
    for place, number in enumerate(numbers):
        yield number, "", 0
        if place % (2 * _TWIN_EVERY) == 0:
            yield number, "", 1
        elif place % _TWIN_EVERY == 0:
            yield number, rng.choice(_VERSIONS), 0


def _entries(releases: list[_Release], rng: Random) -> list[Item]:
    """Added one after another over the years; some are odd, the first and the last among them."""
    days = sorted(rng.uniform(0, _DAYS) for _ in releases)
    items = [
        song(made_up(*release), added_at=f"{_BEGIN + timedelta(day):%Y-%m-%dT%H:%M:%SZ}")
        for release, day in zip(releases, days, strict=True)
    ]
    for place in range(int(len(items) * _OLD)):
        items[place] = replace(items[place], added_at=None, added_by=None)
    for turn, place in enumerate([*range(0, len(items), _ODD_EVERY), len(items) - 1]):
        items[place] = _odd(turn, made_up(*releases[place]), items[place])
    return items


def _odd(turn: int, track: Track, instead_of: Item) -> Item:
    made = _ODDITIES[turn % len(_ODDITIES)](track, turn)
    if instead_of.added_by is None:
        made = replace(made, added_by=None)
    return replace(made, added_at=instead_of.added_at)


_ODDITIES: Sequence[Callable[[Track, int], Item]] = (
    lambda _track, _turn: gone(),
    lambda _track, turn: local(f"Take {turn}"),
    lambda _track, turn: episode(f"Episode {turn}: Nothing"),
    lambda track, _turn: relinked(track),
    lambda track, _turn: unplayable(track),
    lambda track, _turn: unplayable(track, "explicit"),
    lambda track, _turn: unplayable(track, HIDDEN),
    lambda track, _turn: without_id(track),
    lambda track, _turn: song(track, added_by="mira"),
    lambda _track, _turn: local("The same file again"),
)
