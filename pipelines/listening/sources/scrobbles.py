"""What services that keep scrobbles have in common: ids, lengths and names in other spellings.

Add here what the modules of two sources need. What a source's own fields are is its module.
"""

from collections.abc import Callable, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.catalogue.identifiers import normal_isrc, spotify_uri

_MBID = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"

PLAYABLE = ("spotify:track:", "spotify:episode:")


def mbids(texts: pa.Array) -> pa.Array:
    """MusicBrainz's ids, in small letters; null for what is none.

    Args:
        texts: as they stand in a file.
    """
    plain = pc.utf8_lower(pc.utf8_trim_whitespace(texts))
    return pc.if_else(pc.match_substring_regex(plain, _MBID), plain, None)


def isrcs(texts: pa.Array) -> pa.Array:
    """International Standard Recording Codes as the ledger writes them; null for what is none.

    Args:
        texts: as they stand in a file.
    """
    return _each(texts, normal_isrc)


def track_uris(texts: pa.Array) -> pa.Array:
    """Addresses of tracks and episodes at Spotify as its uris; null for anything else.

    Args:
        texts: as they stand in a file.
    """

    def uri(text: str) -> str | None:
        found = spotify_uri(text)
        return found if found and found.startswith(PLAYABLE) else None

    return _each(texts, uri)


def kinds_of(uris: pa.Array) -> pa.Array:
    """What was heard, by its uri: a track unless it is an episode.

    Args:
        uris: `track_uris`.
    """
    is_episode = pc.starts_with(uris, "spotify:episode:").fill_null(False)
    return pc.if_else(is_episode, "episode", "track")


def whole(numbers: pa.Array, times: int = 1) -> pa.Array:
    """Numbers as whole ones, such as milliseconds of seconds; null where none has as many bits.

    Args:
        numbers: float64.
        times: what to multiply them by.
    """
    product = pc.round(pc.multiply(numbers, float(times)))
    possible = pc.and_(pc.greater_equal(product, 0.0), pc.less(product, 2.0**31))
    return pc.if_else(possible, product, None).cast(pa.int32())


def credited(names: Sequence[str | None] | None) -> list[str] | None:
    """Every artist who has a name; None for nobody.

    Args:
        names: of artists.
    """
    told = [name.strip() for name in names or () if name and name.strip()]
    return told or None


def _each(texts: pa.Array, of: Callable[[str], str | None]) -> pa.Array:
    """A value of each different text."""
    encoded = texts.dictionary_encode()
    values = [of(text) if text else None for text in encoded.dictionary.to_pylist()]
    return pa.array(values, pa.string()).take(encoded.indices)
