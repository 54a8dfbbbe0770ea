"""Spotify's objects as typed structs, in the old and the new shape of its responses.

A field without a default is required: an object without it is refused. A field that Spotify
dropped (2024, 2026) or leaves out for local files and episodes is optional: if its value has a
wrong type, `decode` drops the field and reports that; in a `Name` that is no Unicode, U+FFFD stands
for what is not. Add a field here when a table needs it; what becomes of the values belongs in
`polled.py` and `top_lists.py`.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

import msgspec

from pipelines.listening.api.json_text import (
    NO_TEXT,
    elements,
    is_string,
    members,
    readable,
    strict,
)
from pipelines.listening.catalogue.identifiers import (
    LIKED_SONGS,
    normal_isrc,
    normal_type,
    spotify_uri,
    type_of_uri,
)

Object = TypeVar("Object", bound=msgspec.Struct)

LIKED_SONGS_NAME = "Liked Songs"
"""What Spotify calls the songs that a listener likes; no response has it."""

NULL = msgspec.Raw(b"null")

_fields = cache(
    msgspec.structs.fields
)  # evaluates annotations: ten times the cost of the rest of a bad row

Name = Annotated[str, msgspec.Meta(description="for people to read")]
"""A text that is worth having with U+FFFD in it; an id, a uri or a code is not."""

REPLACED = f"{NO_TEXT}: it has U+FFFD in place of what is not"

Popularity = Annotated[int, msgspec.Meta(ge=0, le=100)]
Milliseconds = Annotated[int, msgspec.Meta(ge=0, lt=2**31)]
Count = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]


class Followers(msgspec.Struct):
    """The number of an artist's followers; gone since February 2026."""

    total: Count | None = None


class Artist(msgspec.Struct):
    """An artist, full (top lists) or simplified (inside a track)."""

    id: str | None = None
    uri: str | None = None
    name: Name | None = None
    genres: list[Name] | None = None
    popularity: Popularity | None = None
    followers: Followers | None = None

    @property
    def known_genres(self) -> list[str] | None:
        """Genres; null where Spotify no longer sends them.

        New responses have `genres: []` for every artist. An empty list means that there are none
        only in a response that also has popularity or followers.
        """
        complete = bool(self.genres) or self.popularity is not None or self.followers is not None
        return self.genres if complete else None


class Album(msgspec.Struct):
    """The album inside a track."""

    id: str | None = None
    name: Name | None = None
    album_type: str | None = None
    release_date: str | None = None
    artists: list[Artist | None] | None = None


class Show(msgspec.Struct):
    """The podcast of an episode."""

    id: str | None = None
    name: Name | None = None
    publisher: Name | None = None


class ExternalIds(msgspec.Struct):
    """Ids of a recording outside Spotify."""

    isrc: str | None = None


class Track(msgspec.Struct):
    """A track, a local file or an episode."""

    id: str | None = None
    uri: str | None = None
    name: Name | None = None
    type: str | None = None
    is_local: bool | None = None
    duration_ms: Milliseconds | None = None
    explicit: bool | None = None
    popularity: Popularity | None = None
    release_date: str | None = None
    external_ids: ExternalIds | None = None
    album: Album | None = None
    artists: list[Artist | None] | None = None
    show: Show | None = None

    @property
    def known_id(self) -> str | None:
        """Its id, or else the one in its uri.

        So a play is the same whether a response has both or only the uri.
        """
        match (self.uri or "").split(":"):
            case ["spotify", "track" | "episode", key]:
                return self.id or key or None
        return self.id or None

    @property
    def kind(self) -> str:
        """track, episode, local or unknown."""
        uri = self.uri or ""
        if self.is_local or uri.startswith("spotify:local:"):
            return "local"
        if self.type == "episode" or uri.startswith("spotify:episode:"):
            return "episode"
        return "track" if self.type == "track" or uri.startswith("spotify:track:") else "unknown"

    def columns(self) -> dict[str, object]:
        """The columns that describe a track in every table of tracks; an empty id is null."""
        album = self.album or Album()
        artists = [artist for artist in self.artists or [] if artist and (artist.id or artist.name)]
        first = artists[0] if artists else Artist()
        released = album.release_date or self.release_date
        return {
            "track_id": self.known_id,
            "track_uri": self.uri or None,
            "track_name": self.name or None,
            "album_id": album.id or None,
            "album_name": album.name or (self.show.name if self.show else None),
            "album_type": album.album_type,
            "release_date": released,
            "isrc": normal_isrc(self.external_ids.isrc if self.external_ids else None),
            "artist_id": first.id or None,
            "artist_name": first.name or (self.show.publisher if self.show else None),
            "artists": [{"id": one.id, "name": one.name} for one in artists] or None,
            "release_year": year_of(released),
            "duration_ms": self.duration_ms,
            "popularity": self.popularity,
            "explicit": self.explicit,
        }

    @property
    def album_artist(self) -> str | None:
        """The album's first artist, whom a privacy export names as the track's artist."""
        artists = (self.album.artists if self.album else None) or []
        return next((artist.name for artist in artists if artist and artist.name), None)


class ExternalUrls(msgspec.Struct):
    """Addresses of an object outside the Web API."""

    spotify: str | None = None


class Context(msgspec.Struct):
    """What a track was played from."""

    type: str | None = None
    uri: str | None = None
    href: str | None = None
    external_urls: ExternalUrls | None = None

    def columns(self) -> dict[str, object]:
        """The columns of what was played from, the same whichever shape Spotify sends."""
        addresses = (self.uri, self.external_urls and self.external_urls.spotify, self.href)
        told = [text for text in addresses if text]
        uri = next((uri for uri in map(spotify_uri, told) if uri), None)
        return {
            "played_from_type": type_of_uri(uri) if uri else normal_type(self.type),
            "played_from_uri": uri or next((text.strip() for text in told), None) or None,
            "played_from_name": LIKED_SONGS_NAME if uri == LIKED_SONGS else None,
        }


class Play(msgspec.Struct):
    """One item of a recently-played response."""

    played_at: datetime
    track: Track | None
    context: Context | None = None


class Profile(msgspec.Struct):
    """The account that a token belongs to; what identifies it is `account_id`, or else `id`."""

    id: str | None = None
    account_id: str | None = None
    display_name: Name | None = None
    country: str | None = None
    product: str | None = None


class User(msgspec.Struct):
    """Whose a playlist is, or who added something to it."""

    id: str | None = None


class Total(msgspec.Struct):
    """How many items a list has."""

    total: Count | None = None


class Playlist(msgspec.Struct):
    """One playlist, as it stands in a list of them or on its own.

    `tracks` became `items` in 2026.
    """

    id: str | None = None
    uri: str | None = None
    name: Name | None = None
    description: Name | None = None
    snapshot_id: str | None = None
    owner: User | None = None
    collaborative: bool | None = None
    public: bool | None = None
    items: Total | None = None
    tracks: Total | None = None

    @property
    def total(self) -> int | None:
        """How many items it has, as Spotify says."""
        told = [one.total for one in (self.items, self.tracks) if one]
        return next((total for total in told if total is not None), None)


class LinkedTrack(msgspec.Struct):
    """The track that was added, where another one is shown in its place."""

    id: str | None = None
    uri: str | None = None


class PlaylistTrack(Track):
    """A track, an episode or a local file in a playlist."""

    linked_from: LinkedTrack | None = None
    is_playable: bool | None = None


class PlaylistItem(msgspec.Struct):
    """One item of a playlist, or of the songs that a listener likes; `track` became `item`."""

    added_at: datetime | None = None
    added_by: User | None = None
    is_local: bool | None = None
    item: PlaylistTrack | None = None
    track: PlaylistTrack | None = None


def year_of(released: str | None) -> int | None:
    """The year of a release date such as 1999, 1999-05 or 1999-05-01; null for 0000."""
    year = (released or "")[:4]
    return int(year) if year.isdecimal() and len(year) == 4 and int(year) > 0 else None  # noqa: PLR2004


def decode(raw: msgspec.Raw, type_: type[Object]) -> tuple[Object, dict[str, str]]:
    """Decode an object, dropping optional fields with invalid values.

    A number written as 180000.0 is valid where an integer is declared. A `Name` that is no Unicode
    is kept, with U+FFFD in it.

    Args:
        raw: the JSON as received.
        type_: the struct to decode to.

    Returns:
        The object, and the problem of each dropped or repaired field by its path.

    Raises:
        msgspec.DecodeError: if it is no such object, or a required field is invalid.
    """
    try:
        return strict(raw, type_), {}
    except ValueError:  # rare, so field by field; the common case does not pay for it
        odd: dict[str, str] = {}
        try:
            return _object(raw, type_, "", odd), odd
        except ValueError as problem:
            raise msgspec.ValidationError(str(problem)) from problem


def describe_dropped(odd: Mapping[str, str]) -> str:
    """What `decode` dropped and repaired, as a reason for the table of refused rows."""
    dropped = [f"{path}: {problem}" for path, problem in odd.items() if problem != REPLACED]
    repaired = [path for path, problem in odd.items() if problem == REPLACED]
    parts = [f"kept without {'; '.join(dropped)}"] if dropped else []
    parts += [f"kept with U+FFFD in {', '.join(repaired)}"] if repaired else []
    return "; ".join(parts)


def _object(raw: msgspec.Raw, type_: type[Object], path: str, odd: dict[str, str]) -> Object:
    fields = members(raw)
    kept: dict[str, Any] = {}
    for field in _fields(type_):
        if field.name not in fields and not field.required:
            continue
        here = f"{path}.{field.name}".removeprefix(".")
        try:
            kept[field.name] = _value(fields.get(field.name, NULL), field.type, here, odd)
        except ValueError as problem:
            if field.required:
                raise ValueError(f"{here}: {problem}") from problem
            odd[here] = str(problem)
    return type_(**kept)


def _value(raw: msgspec.Raw, type_: Any, path: str, odd: dict[str, str]) -> Any:
    if type_ is msgspec.Raw:
        return raw
    try:
        return strict(raw, type_)
    except ValueError:
        plain = _plain(type_)
        if get_origin(plain) is list:
            # An item that cannot be read at all invalidates the list: without a track's first
            # artist, its second would be taken for the first.
            [one] = get_args(plain)
            items = enumerate(elements(raw))
            return [_value(item, one, f"{path}[{at}]", odd) for at, item in items]
        if issubclass(plain, msgspec.Struct):
            return _object(raw, plain, path, odd)
        if plain is int and (number := _whole(raw)) is not None:
            return msgspec.convert(number, type_)
        if is_string(raw) and not _is_unicode(raw):
            if Name not in {type_, *get_args(type_)}:
                raise ValueError(NO_TEXT) from None
            odd[path] = REPLACED
            return readable(raw)
        raise


def _is_unicode(raw: msgspec.Raw) -> bool:
    try:
        strict(raw, str)
    except ValueError:
        return False
    return True


def _whole(raw: msgspec.Raw) -> int | None:
    try:
        number = strict(raw, float)
    except ValueError:
        return None
    return int(number) if number.is_integer() else None


def _plain(type_: Any) -> Any:
    """A declared type without `| None` and without its bounds."""
    if get_origin(type_) in {Union, UnionType}:
        [type_] = [one for one in get_args(type_) if one is not NoneType]
    return get_args(type_)[0] if get_origin(type_) is Annotated else type_
