"""ISRCs and Spotify's addresses, each in one spelling.

What is written in several ways by Spotify, by reference files or by people becomes one identity
here, where it is read. Add a shape when Spotify uses another. What tracks with the same ISRC have
in common is `recording_ids.py`.
"""

import re
from functools import lru_cache
from urllib.parse import unquote, urlsplit

_ISRC = r"[A-Z]{2}[A-Z0-9]{3}[0-9]{7}"
_NO_ISRC = r"[^A-Za-z0-9]"


def normal_isrc(text: str | None) -> str | None:
    """An ISRC in capitals without hyphens and blanks; None if it is none, such as "n/a"."""
    plain = re.sub(_NO_ISRC, "", text or "").upper()
    return plain if re.fullmatch(_ISRC, plain) else None


def isrc_sql(text: str) -> str:
    """DuckDB SQL for the same as `normal_isrc`.

    Args:
        text: an expression of type VARCHAR.
    """
    anyhow = (
        f"nullif(regexp_extract(upper(regexp_replace({text}, '{_NO_ISRC}', '', 'g')), "
        f"'^{_ISRC}$'), '')"
    )
    # Nearly all of them are in this spelling, which is found sooner than made.
    return f"CASE WHEN regexp_full_match({text}, '{_ISRC}') THEN {text} ELSE {anyhow} END"


_SITES = ("open.spotify.com", "play.spotify.com", "api.spotify.com")
_PREFIX = re.compile(r"(intl-[a-z-]+|embed(-podcast)?|v1)")

_TYPES = {
    "playlist_v2": "playlist",
    "playlist-v2": "playlist",
    "playlists": "playlist",
    "albums": "album",
    "artists": "artist",
    "tracks": "track",
    "shows": "show",
    "episodes": "episode",
    "audiobooks": "audiobook",
    "chapters": "chapter",
    "users": "user",
    "radio": "station",
}
"""Other words for a type: versions, and the plurals of the Web API's addresses."""

_WITH_ID = {"playlist", "album", "artist", "track", "show", "episode", "audiobook", "chapter"}

LIKED_SONGS = "spotify:collection"
"""The songs that a listener likes; Spotify's `/collection/tracks` and `/me/tracks` are the same."""

_OF_ONES_OWN = {("collection", "tracks"), ("collection", "songs"), ("me", "track")}


@lru_cache(maxsize=1 << 14)
def spotify_uri(text: str) -> str | None:
    """The one uri of what a uri or address of Spotify's names; None if it is neither.

    `spotify:user:<name>:playlist:<id>`, `spotify:playlist_v2:<id>`,
    `https://open.spotify.com/intl-de/playlist/<id>?si=…` and
    `https://api.spotify.com/v1/playlists/<id>` are all `spotify:playlist:<id>`. The name of a user
    is left out wherever it stands, since it is another person's.
    """
    parts = _parts(text.strip())
    if not parts:
        return None
    parts[0] = _TYPES.get(parts[0].lower(), parts[0].lower())
    if parts[0] == "user":  # of whom: the owner of a playlist, or of a collection
        parts = parts[2:] or ["user"]
        parts[0] = _TYPES.get(parts[0].lower(), parts[0].lower())
    if parts[0] == "station" and parts[1:2] == ["user"]:
        parts = ["station", *parts[3:]]
    if parts[0] == "collection" and len(parts) > 2 and parts[1] in _WITH_ID:  # noqa: PLR2004
        parts = parts[1:]  # an album or artist as seen in one's library
    if tuple(parts) in _OF_ONES_OWN:
        return LIKED_SONGS
    if parts[0] in _WITH_ID:
        parts = parts[:2]
    return ":".join(["spotify", *parts])


def _parts(text: str) -> list[str]:
    """The parts of a uri or of an address's path, from the type on; none if it is not Spotify's."""
    if text[:8].lower() == "spotify:":
        plain = re.split(r"[?#]", text[8:])[0]
        parts = re.split(r"[:/]", plain) if "//" in plain[:2] else plain.split(":")
        return [part.strip() for part in parts if part.strip()]
    address = text if "://" in text else f"https://{text}"
    try:
        split = urlsplit(address)
    except ValueError:
        return []
    if split.hostname not in _SITES:
        return []
    parts = [unquote(part) for part in split.path.split("/") if part]
    while parts and _PREFIX.fullmatch(parts[0].lower()):
        parts = parts[1:]
    if parts[:1] == ["me"]:
        parts = ["me", *(_TYPES.get(part, part) for part in parts[1:])]
    return parts


def type_of_uri(uri: str) -> str:
    """The type in a uri as `spotify_uri` gives it, such as playlist or collection."""
    return uri.split(":")[1]


def normal_type(type_: str | None) -> str | None:
    """Another word for a type, such as `playlist_v2`, as the usual one; None if it is empty."""
    plain = (type_ or "").strip().lower()
    return _TYPES.get(plain, plain) or None
