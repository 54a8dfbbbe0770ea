"""What a search finds: tracks of the catalogue with all of the words, the best known first.

Fields as in Spotify's queries, `track:"…" artist:"…" album:"…" isrc:…`, hold for their part of a
track; other words may be in any. How a page of hits looks belongs in `endpoints`.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from sandbox.catalogue import Track, catalogue

_FIELD = re.compile(r"(?:^|(?<=\s))(track|artist|album|isrc):")


@lru_cache(maxsize=256)
def hits(query: str) -> Sequence[Track]:
    """The tracks that have every word of a query.

    Args:
        query: As it is sent, with or without fields.
    """
    anywhere, *parts = _FIELD.split(query)
    fields = list(zip(parts[::2], parts[1::2], strict=True))
    found = [
        track
        for track in catalogue().tracks.values()
        if _has(" ".join(_fields(track).values()), anywhere)
        and all(_has(_fields(track)[name], text) for name, text in fields)
    ]
    return sorted(found, key=lambda track: (-track.popularity, track.id))


def _fields(track: Track) -> dict[str, str]:
    return {
        "track": track.name,
        "artist": " ".join([*(one.name for one in track.artists), track.album.artist.name]),
        "album": track.album.name,
        "isrc": track.isrc,
    }


def _has(text: str, words: str) -> bool:
    return set(_words(words)) <= set(_words(text))


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())
