"""Spotify's objects as typed structs, in the old and the new shapes of its answers.

A field that Spotify dropped (2024, 2026) or leaves out for local files and episodes is optional
here; one with a wrong type refuses its row by name. What becomes of the values belongs in
`polled.py` and `top_lists.py`.
"""

from datetime import datetime
from typing import Annotated

import msgspec

Popularity = Annotated[int, msgspec.Meta(ge=0, le=100)]
Milliseconds = Annotated[int, msgspec.Meta(ge=0, lt=2**31)]
Count = Annotated[int, msgspec.Meta(ge=0)]


class Followers(msgspec.Struct):
    """How many follow an artist; gone since February 2026."""

    total: Count | None = None


class Artist(msgspec.Struct):
    """An artist, full (top lists) or simplified (inside a track)."""

    id: str | None = None
    uri: str | None = None
    name: str | None = None
    genres: list[str] | None = None
    popularity: Popularity | None = None
    followers: Followers | None = None

    @property
    def known_genres(self) -> list[str] | None:
        """Genres; null where Spotify no longer tells.

        New answers still carry `genres: []`, for every artist. Only an answer that also tells
        popularity or followers says with an empty list that there are none.
        """
        told = bool(self.genres) or self.popularity is not None or self.followers is not None
        return self.genres if told else None


class Album(msgspec.Struct):
    """The album inside a track."""

    id: str | None = None
    name: str | None = None
    album_type: str | None = None
    release_date: str | None = None


class Show(msgspec.Struct):
    """The podcast of an episode."""

    id: str | None = None
    name: str | None = None
    publisher: str | None = None


class ExternalIds(msgspec.Struct):
    """Names of a recording outside Spotify."""

    isrc: str | None = None


class Track(msgspec.Struct):
    """A track, a local file or an episode."""

    id: str | None = None
    uri: str | None = None
    name: str | None = None
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
    def kind(self) -> str:
        """track, episode, local or unknown."""
        uri = self.uri or ""
        if self.is_local or uri.startswith("spotify:local:"):
            return "local"
        if self.type == "episode" or uri.startswith("spotify:episode:"):
            return "episode"
        return "track" if self.type == "track" or uri.startswith("spotify:track:") else "unknown"

    def columns(self) -> dict[str, object]:
        """The columns by which every table of tracks describes one; an empty id is none."""
        album = self.album or Album()
        artists = [artist for artist in self.artists or [] if artist and (artist.id or artist.name)]
        first = artists[0] if artists else Artist()
        released = album.release_date or self.release_date
        return {
            "track_id": self.id or None,
            "track_uri": self.uri or None,
            "track_name": self.name or None,
            "album_id": album.id or None,
            "album_name": album.name or (self.show.name if self.show else None),
            "album_type": album.album_type,
            "release_date": released,
            "isrc": (self.external_ids.isrc if self.external_ids else None) or None,
            "artist_id": first.id or None,
            "artist_name": first.name or (self.show.publisher if self.show else None),
            "artists": [{"id": one.id, "name": one.name} for one in artists] or None,
            "release_year": year_of(released),
            "duration_ms": self.duration_ms,
            "popularity": self.popularity,
            "explicit": self.explicit,
        }


class Context(msgspec.Struct):
    """What a track was played from."""

    type: str | None = None
    uri: str | None = None


class Play(msgspec.Struct):
    """One item of a recently-played answer."""

    played_at: datetime
    track: Track | None
    context: Context | None = None


class Profile(msgspec.Struct):
    """The account that a login belongs to."""

    id: str
    account_id: str | None = None
    display_name: str | None = None
    country: str | None = None
    product: str | None = None


class Playlist(msgspec.Struct):
    """One of the listener's playlists, by name."""

    id: str | None = None
    uri: str | None = None
    name: str | None = None


def year_of(released: str | None) -> int | None:
    """The year of a release date such as 1999, 1999-05 or 1999-05-01; null for 0000."""
    year = (released or "")[:4]
    return int(year) if year.isdecimal() and len(year) == 4 and int(year) > 0 else None  # noqa: PLR2004
