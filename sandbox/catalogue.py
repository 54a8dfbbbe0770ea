"""Invented music: artists, albums and tracks that exist nowhere else, and always the same ones.

The words live in `people`; here they become some thousand tracks with ids, dates and durations. Add
here what a catalogue knows of its music. Who listens to it belongs in `taste`, how it looks as JSON
in `shapes`.
"""

import hashlib
import string
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from itertools import product
from random import Random

from sandbox.people import Shelf, people

_BASE62 = string.digits + string.ascii_letters
_SINGLE_LENGTH = 3
_GUEST_SHARE = 0.12
_YEAR_ONLY_BEFORE = 1995
_LAST_RELEASE = date(2026, 10, 30)


@dataclass(frozen=True, slots=True)
class Artist:
    """An artist; `popularity` is 0 to 100, `followers` a head count."""

    id: str
    name: str
    genres: tuple[str, ...]
    popularity: int
    followers: int


@dataclass(frozen=True, slots=True)
class Album:
    """A release.

    Attributes:
        kind: album, single or compilation.
        released: The day; Spotify tells only the year when `precision` is `year`.
    """

    id: str
    name: str
    kind: str
    artist: Artist
    released: date
    precision: str
    length: int

    @property
    def release_date(self) -> str:
        """As precise as Spotify knows it: `1987` or `2024-03-08`."""
        return str(self.released.year) if self.precision == "year" else self.released.isoformat()


@dataclass(frozen=True, slots=True)
class Track:
    """A track; releases of one recording share their ISRC, which is empty where it has none."""

    id: str
    name: str
    album: Album
    artists: tuple[Artist, ...]
    duration_ms: int
    explicit: bool
    isrc: str
    popularity: int
    number: int
    shelf: str

    @property
    def uri(self) -> str:
        """Spotify's."""
        return f"spotify:track:{self.id}"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything there is: by id, by shelf, and the tracks of each album in order."""

    tracks: dict[str, Track]
    albums: dict[str, Album]
    artists: dict[str, Artist]
    shelves: dict[str, tuple[Track, ...]]
    listings: dict[str, tuple[Track, ...]]


def base62_id(key: str) -> str:
    """A stable 22-character id in Spotify's alphabet: 128 bits, most significant first."""
    number = _digest(key) % 2**128
    return "".join(_BASE62[number // 62**place % 62] for place in reversed(range(22)))


def _digest(key: str) -> int:
    return int.from_bytes(hashlib.sha256(key.encode()).digest(), "big")


@cache
def catalogue() -> Catalogue:
    """The one catalogue of the sandbox, made on first use."""
    shelves = {
        shelf.name: tuple(_fill(shelf))
        for person in people().values()
        for shelf in person.shelves.values()
    }
    tracks = [track for shelf in shelves.values() for track in shelf]
    listings: dict[str, list[Track]] = {}
    for track in tracks:
        listings.setdefault(track.album.id, []).append(track)
    return Catalogue(
        tracks={track.id: track for track in tracks},
        albums={track.album.id: track.album for track in tracks},
        artists={artist.id: artist for track in tracks for artist in track.artists},
        shelves=shelves,
        listings={key: tuple(each) for key, each in listings.items()},
    )


def _fill(shelf: Shelf) -> Iterator[Track]:
    rng = Random(f"shelf/{shelf.name}")
    artists = [_artist(name, shelf.genres) for name in shelf.artists]
    titles = _titles(shelf, rng)
    names = list(shelf.albums)
    for index, artist in enumerate(artists):
        mine = titles[index :: len(artists)]
        for start in range(0, len(mine), shelf.album):
            some = mine[start : start + shelf.album]
            name = names.pop(0) if names else None
            if name and shelf.chapter:
                some = [shelf.chapter.format(album=name, number=n + 1) for n in range(len(some))]
            yield from _release(artist, name, some, peers=artists, shelf=shelf, rng=rng)


def _titles(shelf: Shelf, rng: Random) -> list[str]:
    pairs = [" ".join(pair) for pair in product(shelf.first, shelf.second)]
    rng.shuffle(pairs)
    titles = [*rng.sample(shelf.titles, k=len(shelf.titles)), *pairs] or [shelf.name]
    # A shelf may want more tracks than it has titles: two artists then share one, as in life.
    chosen = [titles[n % len(titles)] for n in range(shelf.tracks)]
    rng.shuffle(chosen)
    return chosen


@cache
def _artist(name: str, genres: tuple[str, ...]) -> Artist:
    rng = Random(f"artist/{name}")
    popularity = rng.randint(8, 78)
    return Artist(
        id=base62_id(f"artist/{name}"),
        name=name,
        genres=tuple(rng.sample(genres, k=rng.randint(0, min(2, len(genres))))),
        popularity=popularity,
        followers=round(40 * 1.14**popularity),
    )


def _release(
    artist: Artist,
    name: str | None,
    titles: list[str],
    *,
    peers: list[Artist],
    shelf: Shelf,
    rng: Random,
) -> Iterator[Track]:
    """An album and, now and then, its first track as a single some weeks earlier."""
    album = _album(artist, name, titles, shelf, rng)
    tracks = [
        _track(album, title, number, cast=_cast(artist, peers, rng), shelf=shelf, rng=rng)
        for number, title in enumerate(titles, 1)
    ]
    yield from tracks
    if album.kind == "album" and not shelf.chapter and rng.random() < 1 / 3:
        yield _as_single(tracks[0], rng)


def _album(artist: Artist, name: str | None, titles: list[str], shelf: Shelf, rng: Random) -> Album:
    first = date(shelf.years[0], 1, 1)
    last = min(date(shelf.years[1], 12, 31), _LAST_RELEASE)
    released = first + timedelta(days=rng.randrange((last - first).days))
    is_album = len(titles) > _SINGLE_LENGTH
    return Album(
        id=base62_id(f"album/{shelf.name}/{artist.name}/{titles[0]}/{released}"),
        name=name or (titles[-1] if is_album else titles[0]),
        kind="album" if is_album else "single",
        artist=artist,
        released=released,
        precision="year" if released.year < _YEAR_ONLY_BEFORE else "day",
        length=len(titles),
    )


def _cast(artist: Artist, peers: list[Artist], rng: Random) -> tuple[Artist, ...]:
    """Who plays on a track: the artist, and sometimes a guest."""
    if len(peers) == 1 or rng.random() >= _GUEST_SHARE:
        return (artist,)
    return (artist, rng.choice([peer for peer in peers if peer is not artist]))


def _track(
    album: Album, name: str, number: int, *, cast: tuple[Artist, ...], shelf: Shelf, rng: Random
) -> Track:
    key = f"track/{album.id}/{number}"
    return Track(
        id=base62_id(key),
        name=name,
        album=album,
        artists=cast,
        duration_ms=rng.randint(shelf.seconds[0] * 1000, shelf.seconds[1] * 1000),
        explicit=rng.random() < shelf.explicit,
        isrc=isrc_of(key, album.released.year),
        popularity=max(0, album.artist.popularity - rng.randint(0, 25)),
        number=number,
        shelf=shelf.name,
    )


def isrc_of(key: str, year: int) -> str:
    """The code of a recording, of a country that there is not."""
    number = _digest(f"isrc/{key}")
    registrant = "".join(_BASE62[number // 36**place % 36] for place in range(3)).upper()
    return f"ZZ{registrant}{year % 100:02}{number // 36**3 % 100_000:05}"


def _as_single(track: Track, rng: Random) -> Track:
    album = replace(
        track.album,
        id=base62_id(f"single/{track.id}"),
        name=track.name,
        kind="single",
        released=track.album.released - timedelta(days=rng.randint(14, 60)),
        length=1,
    )
    return replace(track, id=base62_id(f"track/{album.id}/1"), album=album, number=1)
