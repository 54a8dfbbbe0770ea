"""Music without end, for what the catalogue is too small for: songs by number.

A song is known by its number, so that two processes mean the same one. Add here what such a song
can be. Nobody plays this music: what listeners hear is in `catalogue`.
"""

from datetime import date, timedelta
from functools import lru_cache
from typing import Literal

from sandbox.catalogue import Album, Artist, Track, base62_id, isrc_of

Version = Literal["", "live", "acoustic", "remix", "clean", "remaster"]

SHELF = "made up"
"""Where these tracks stand; no listener draws from it."""

_TITLES: dict[Version, str] = {
    "": "{}",
    "live": "{} - Live",
    "acoustic": "{} - Acoustic",
    "remix": "{} (Night Remix)",
    "clean": "{}",
    "remaster": "{} - 2015 Remaster",
}
_LONGER_MS: dict[Version, int] = {
    "": 0,
    "live": 31_000,
    "acoustic": -12_000,
    "remix": 45_000,
    "clean": 180,
    "remaster": 1_400,
}
_WITHOUT_ISRC = 4
_EDITIONS = ("album", "single", "compilation")
_SONGS_EACH = 12
"""How many songs an artist has."""
_FIRST = (
    "Amber",
    "Borrowed",
    "Copper",
    "Distant",
    "Early",
    "Faded",
    "Glass",
    "Hollow",
    "Iron",
    "Lost",
    "Paper",
    "Silent",
)
_SECOND = (
    "Bridges",
    "Coast",
    "Engines",
    "Gardens",
    "Harbour",
    "Letters",
    "Mirrors",
    "Rivers",
    "Signals",
    "Winter",
)
_THIRD = (
    "Again",
    "Alone",
    "Below",
    "Forever",
    "Inside",
    "Somewhere",
    "Tomorrow",
    "Tonight",
)
_BANDS = (
    "Foxes",
    "Lanterns",
    "Meridian",
    "Orchard",
    "Parade",
    "Quartet",
    "Society",
    "Vessels",
)
_DECADES = 6
_VARIOUS = Artist(base62_id("made up/artist/various"), "Various Artists", (), 0, 0)


@lru_cache(maxsize=65_536)
def made_up(number: int, version: Version = "", edition: int = 0) -> Track:
    """One release of a song.

    Args:
        number: Which song, from 0.
        version: Another recording of it, with an ISRC of its own. Of every third song the plain
            version is explicit; the `clean` one bears the same title and is as long.
        edition: The same recording on another album, with another id and the same ISRC: 0 is the
            album, 1 the single, 2 and more are compilations, of which the third has no ISRC.
    """
    artist = _artist(number // _SONGS_EACH)
    album = _album(artist, number, version, edition)
    recording = f"made up/{number}/{version}"
    return Track(
        id=base62_id(f"{recording}/{edition}"),
        name=_TITLES[version].format(_title(number)),
        album=album,
        artists=(artist,),
        duration_ms=150_000 + number * 7_919 % 150_000 + _LONGER_MS[version],
        explicit=number % 3 == 0 and version != "clean",
        isrc="" if edition == _WITHOUT_ISRC else isrc_of(recording, _begin(number).year),
        popularity=(number * 31) % 90,
        number=number % _SONGS_EACH + 1 if edition == 0 else 1,
        shelf=SHELF,
    )


def _title(number: int) -> str:
    words = (_FIRST, _SECOND, _THIRD)
    chosen = []
    for some in words:
        number, place = divmod(number, len(some))
        chosen.append(some[place])
    return " ".join(chosen) + (f" {number + 1}" if number else "")


@lru_cache(maxsize=8_192)
def _artist(number: int) -> Artist:
    rest, band = divmod(number, len(_BANDS))
    name = f"{_FIRST[rest % len(_FIRST)]} {_BANDS[band]}"
    series = rest // len(_FIRST)
    return Artist(
        id=base62_id(f"made up/artist/{number}"),
        name=f"{name} {series + 1}" if series else name,
        genres=(),
        popularity=number * 17 % 80,
        followers=number * 331 % 90_000,
    )


@lru_cache(maxsize=65_536)
def _album(artist: Artist, number: int, version: Version, edition: int) -> Album:
    kind = _EDITIONS[min(edition, 2)]
    released = _begin(number) + timedelta(days=edition * 400)
    name = {
        "album": f"{_SECOND[number // _SONGS_EACH % len(_SECOND)]} {released.year}",
        "single": _TITLES[version].format(_title(number)),
        "compilation": f"Best of the {released.year // 10 * 10}s, Vol. {edition - 1}",
    }[kind]
    by = _VARIOUS if kind == "compilation" else artist
    return Album(
        id=base62_id(f"made up/album/{by.id}/{name}"),
        name=name,
        kind=kind,
        artist=by,
        released=released,
        precision="day",
        length=1 if kind == "single" else _SONGS_EACH,
    )


def _begin(number: int) -> date:
    """When a song came out first."""
    first = date(1966 + number // _SONGS_EACH % _DECADES * 10, 1, 1)
    return first + timedelta(days=number % _SONGS_EACH // 4 * 900)
