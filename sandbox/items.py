"""What a playlist can hold: songs, local files, episodes, and what is left of things long gone.

    sandbox.playlists.add("demo", "Mix", [song(1), song(1), local("Demo tape"), gone()])

Add a kind of item here. Which playlist holds it is `playlists`' business, how it looks as JSON
`shapes`'.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote_plus

from sandbox.catalogue import Track, base62_id, catalogue
from sandbox.made_up import made_up

OWNER = "*"
"""Added by whoever owns the playlist."""

ADDED_AT = "2024-05-01T12:00:00Z"
"""When things were added unless a test says so."""

HIDDEN = "hidden"
"""A restriction for which Spotify shows nothing at all instead of a reason."""

WhichTrack = Track | int | str
"""A track, the number of a made-up one, or the id or URI of one of the catalogue."""


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file on the listener's own disk: all that Spotify knows of it is its tags."""

    title: str
    artist: str
    album: str
    seconds: int

    @property
    def uri(self) -> str:
        """`spotify:local:{artist}:{album}:{title}:{seconds}`."""
        tags = (quote_plus(tag) for tag in (self.artist, self.album, self.title))
        return f"spotify:local:{':'.join(tags)}:{self.seconds}"


@dataclass(frozen=True, slots=True)
class Episode:
    """An episode of a podcast."""

    name: str
    show: str
    duration_ms: int

    @property
    def id(self) -> str:
        """Spotify's id."""
        return base62_id(f"episode/{self.show}/{self.name}")


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a playlist, or of the songs that somebody likes.

    Attributes:
        thing: None for one that is gone.
        added_at: As Spotify writes it, `2024-05-01T12:00:00Z`; None in very old playlists.
        added_by: A user, or OWNER; None in very old playlists.
        shown: The track that stands in its place when the request names a market.
        restriction: Why it cannot be played: market, product, explicit or HIDDEN. Told only when
            the request names a market.
        nameless: A track without id and URI that is no local file (watsonbox/exportify#87).
    """

    thing: Track | LocalFile | Episode | None
    added_at: str | None = ADDED_AT
    added_by: str | None = OWNER
    shown: Track | None = None
    restriction: str | None = None
    nameless: bool = False

    @property
    def kind(self) -> str:
        """`track`, `local`, `episode` or `gone`."""
        return {Track: "track", LocalFile: "local", Episode: "episode"}.get(
            type(self.thing), "gone"
        )

    @property
    def uri(self) -> str:
        """Under which it was added; empty where that is not known any more."""
        if self.thing is None or self.nameless:
            return ""
        if isinstance(self.thing, LocalFile):
            return self.thing.uri
        return f"spotify:{self.kind}:{self.thing.id}"


def track_of(which: WhichTrack) -> Track:
    """The track that is meant.

    Raises:
        KeyError: The catalogue has none of this id.
    """
    if isinstance(which, Track):
        return which
    if isinstance(which, int):
        return made_up(which)
    return catalogue().tracks[which.rpartition(":")[2]]


def song(
    track: WhichTrack, *, added_at: str | None = ADDED_AT, added_by: str | None = OWNER
) -> Item:
    """A track as most are."""
    return Item(track_of(track), added_at, added_by)


def relinked(
    track: WhichTrack,
    shown: WhichTrack | None = None,
    *,
    added_at: str | None = ADDED_AT,
    added_by: str | None = OWNER,
) -> Item:
    """A track in whose place a request with `market` is shown another.

    That other one is playable and has another id, and development-mode apps are no longer told
    from which one it was linked.

    Args:
        track: What was added.
        shown: By default another release of the same recording.
        added_at: As in `Item`.
        added_by: As in `Item`.
    """
    added = track_of(track)
    other = added if shown is None else track_of(shown)
    if shown is None:
        other = replace(added, id=base62_id(f"relinked/{added.id}"))
    return Item(added, added_at, added_by, shown=other)


def unplayable(
    track: WhichTrack,
    reason: str = "market",
    *,
    added_at: str | None = ADDED_AT,
    added_by: str | None = OWNER,
) -> Item:
    """A track that is refused when `market` is sent: `is_playable` false, or null for HIDDEN."""
    return Item(track_of(track), added_at, added_by, restriction=reason)


def without_id(
    track: WhichTrack, *, added_at: str | None = ADDED_AT, added_by: str | None = OWNER
) -> Item:
    """A track without id and URI that is nevertheless no local file."""
    return Item(track_of(track), added_at, added_by, nameless=True)


def local(
    title: str = "Demo tape",
    artist: str = "Our Band",
    album: str = "Garage",
    seconds: int = 201,
    *,
    added_at: str | None = ADDED_AT,
    added_by: str | None = OWNER,
) -> Item:
    """A local file."""
    return Item(LocalFile(title, artist, album, seconds), added_at, added_by)


def episode(
    name: str = "Episode 12: Nothing",
    show: str = "Invented Radio",
    duration_ms: int = 1_800_000,
    *,
    added_at: str | None = ADDED_AT,
    added_by: str | None = OWNER,
) -> Item:
    """An episode."""
    return Item(Episode(name, show, duration_ms), added_at, added_by)


def gone(*, added_at: str | None = ADDED_AT, added_by: str | None = OWNER) -> Item:
    """Something that Spotify no longer has: `item` is null, and it counts all the same."""
    return Item(None, added_at, added_by)


_MAKERS: Mapping[str, Callable[..., Item]] = {
    maker.__name__: maker
    for maker in (song, relinked, unplayable, without_id, local, episode, gone)
}


def item(told: Any) -> Item:
    """An item as another process tells it: a track alone, or `{"kind": "local", "title": …}`.

    Raises:
        ValueError: No such kind.
        KeyError: The catalogue has no such track.
        TypeError: The kind takes no such argument.
    """
    if not isinstance(told, Mapping):
        return told if isinstance(told, Item) else song(told)
    more = dict(told)
    kind = more.pop("kind", "song")
    if kind not in _MAKERS:
        raise ValueError(f"no item is called {kind!r}; there are {', '.join(_MAKERS)}")
    return _MAKERS[kind](**more)
