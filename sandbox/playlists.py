"""The world of playlists: who has which, what is in them, what they look like just now.

It begins with the listeners' own (`listeners.playlists`) and changes with what clients write and
with what tests do to it. Add here what Spotify keeps of a playlist and how it changes. What can be
in one is in `items`, requests are answered in `endpoints` and `writes`.
"""

import base64
import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import RLock
from typing import Any

from sandbox import demo_playlists, listeners
from sandbox.catalogue import Track, base62_id, catalogue
from sandbox.clock import Clock
from sandbox.items import Episode, Item, item, song


@dataclass(frozen=True, slots=True)
class Playlist:
    """A playlist as it is at one moment.

    Attributes:
        owner: A user, who need not live in the sandbox.
        members: Who may read and change it besides: it is collaborative when there are any.
        public: As Spotify tells it, which is not always what was asked for; None for one that
            somebody else shares.
    """

    id: str
    name: str
    owner: str
    items: tuple[Item, ...]
    snapshot_id: str
    description: str = ""
    public: bool | None = False
    members: frozenset[str] = frozenset()

    def is_open_to(self, user: str) -> bool:
        """Whether a user may list its items: theirs, or made together with them."""
        return user == self.owner or user in self.members


@dataclass(slots=True)
class _Versions:
    """What a playlist was, newest last, each with when its items and its snapshot id show."""

    known: list[tuple[datetime, datetime, Playlist]]

    @property
    def newest(self) -> Playlist:
        return self.known[-1][2]

    def add(self, items_from: datetime, snapshot_from: datetime, playlist: Playlist) -> None:
        self.known.append((items_from, snapshot_from, playlist))

    def at(self, now: datetime, *, third: bool) -> Playlist:
        """As it shows at an instant; older versions are forgotten when nothing lags any more."""
        items = [one for items_from, _, one in self.known if items_from <= now]
        snapshots = [one for _, snapshot_from, one in self.known if snapshot_from <= now]
        shown = items[-1] if items else self.known[0][2]
        snapshot = (snapshots[-1] if snapshots else self.known[0][2]).snapshot_id
        if third and snapshot != self.newest.snapshot_id:
            snapshot = _snapshot(f"between/{snapshot}")
        if shown is self.newest and snapshot == self.newest.snapshot_id:
            del self.known[:-1]
        return replace(shown, snapshot_id=snapshot)


class Playlists:
    """All playlists there are and the songs that listeners like; safe while requests run.

    Attributes:
        largest_page: Items on a page at most. Documented are 50; apps of before 2026 were given
            100, and whether new ones are is not known.
        capacity: Items in a playlist at most. Users meet it at 10,000 (JMPerez/spotify-dedup#169).
        over_capacity: The status for more; formerly documented as 403, seen as 400 and 500 too.
        always_public: A playlist made with `public: false` reads back as public
            (eXPerience83/news-bulletin-playlist#135).
        snapshot_lag_s: How long after a write the snapshot id is still the old one; about 30 s
            (news-bulletin-playlist#168). By the sandbox's clock.
        third_snapshot: Meanwhile a third id is shown, neither the old nor the new one.
        items_lag_s: How long after a write the items are still the old ones; up to 0.6 s there, and
            nothing here. By the sandbox's clock.
        restless: Playlists of which every look shows another snapshot id, as of those that Spotify
            makes (spotify/web-api#858).
    """

    def __init__(self, users: Iterable[str], clock: Clock) -> None:
        self.largest_page = 50
        self.capacity = 10_000
        self.over_capacity = 403
        self.always_public = True
        self.snapshot_lag_s = 30.0
        self.third_snapshot = False
        self.items_lag_s = 0.0
        self.restless: set[str] = set()
        self._users = tuple(users)
        self._clock = clock
        self._lock = RLock()
        self._all: dict[str, _Versions] = {}
        self._libraries: dict[str, list[str]] = {}
        self._liked: dict[str, tuple[Item, ...]] = {}
        self._known: dict[str, Item] = {}
        self._began = False
        self._looks = 0

    def add(
        self,
        user: str,
        name: str,
        items: Iterable[Any] = (),
        *,
        playlist_id: str | None = None,
        owner: str | None = None,
        members: Iterable[str] = (),
        public: bool = False,
        description: str = "",
    ) -> str:
        """Put a playlist at the top of a user's library, where Spotify puts new ones.

        Args:
            user: Whose library. Without `members` they can only list it if it is theirs.
            name: What it is called; others may be called the same.
            items: See `items.item` for what may stand for one.
            playlist_id: By default made from the name and the number of playlists there are.
            owner: The user themselves unless another is given.
            members: Who else may read and change it.
            public: What Spotify says of it.
            description: Its description.

        Returns:
            Its id.
        """
        with self._changing():
            key = playlist_id or base62_id(f"playlist/{user}/{name}/{len(self._all)}")
            held = self._held(items)
            made = Playlist(
                id=key,
                name=name,
                owner=owner or user,
                items=held,
                snapshot_id=_snapshot(f"{key}/{name}/{'/'.join(one.uri for one in held)}"),
                description=description,
                public=public,
                members=frozenset(members),
            )
            self._put(made)
            self._library(user).insert(0, key)
            return key

    def get(self, playlist_id: str) -> Playlist:
        """A playlist as a request sees it now.

        Raises:
            KeyError: There is none of this id.
        """
        with self._changing():
            shown = self._all[playlist_id].at(self._clock.now(), third=self.third_snapshot)
            if playlist_id in self.restless:
                self._looks += 1
                return replace(shown, snapshot_id=_snapshot(f"{shown.snapshot_id}/{self._looks}"))
            return shown

    def true(self, playlist_id: str) -> Playlist:
        """A playlist as it is, whatever requests still see."""
        with self._changing():
            return self._all[playlist_id].newest

    def items(self, playlist_id: str) -> tuple[Item, ...]:
        """What is in a playlist, whatever requests still see."""
        return self.true(playlist_id).items

    def uris(self, playlist_id: str) -> list[str]:
        """The URIs of its items, empty for what has none."""
        return [one.uri for one in self.items(playlist_id)]

    def change(self, playlist_id: str, items: Iterable[Any], *, lag: bool = False) -> None:
        """Somebody edits a playlist in the app: it has these items, and a new snapshot id.

        Args:
            playlist_id: Which.
            items: See `items.item` for what may stand for one.
            lag: Whether this shows as late as a client's write.
        """
        with self._changing():
            self.update(playlist_id, lag=lag, items=self._held(items))

    def rename(self, playlist_id: str, name: str) -> None:
        """Somebody renames a playlist: a new snapshot with the same items."""
        self.update(playlist_id, lag=False, name=name)

    def update(
        self,
        playlist_id: str,
        *,
        lag: bool = True,
        items: Sequence[Item] | None = None,
        **metadata: Any,
    ) -> str:
        """Change a playlist's items or metadata.

        Args:
            playlist_id: Which.
            lag: Whether the change shows late, as one by the API does.
            items: All items that it has from now on.
            **metadata: Other attributes of a `Playlist`.

        Returns:
            The new snapshot id, which no other state of any playlist has had.
        """
        with self._changing():
            versions, now = self._all[playlist_id], self._clock.now()
            before = versions.newest
            held = before.items if items is None else tuple(items)
            told = f"{before.snapshot_id}/{metadata}/{'/'.join(one.uri for one in held)}"
            after = replace(before, items=held, snapshot_id=_snapshot(told), **metadata)
            late, later = (self.items_lag_s, self.snapshot_lag_s) if lag else (0.0, 0.0)
            if lag:
                versions.add(now + timedelta(seconds=late), now + timedelta(seconds=later), after)
            else:
                versions.known = [(now, now, after)]
            return after.snapshot_id

    def edit(self, playlist_id: str, how: Callable[[tuple[Item, ...]], Sequence[Item]]) -> str:
        """Change a playlist's items as a client's request does; returns the new snapshot id."""
        with self._changing():
            return self.update(playlist_id, items=how(self.items(playlist_id)))

    def library(self, user: str) -> list[Playlist]:
        """A user's playlists, own and followed, in Spotify's order."""
        with self._changing():
            return [self.get(key) for key in self._library(user)]

    def follow(self, user: str, playlist_id: str) -> None:
        """Put a playlist that there is at the top of another library too."""
        with self._changing():
            self._library(user).insert(0, playlist_id)

    def remove(self, user: str, playlist_id: str) -> None:
        """Take a playlist from a library; it lives on, as deleted ones do at Spotify."""
        with self._changing():
            library = self._library(user)
            if playlist_id in library:
                library.remove(playlist_id)

    def like(self, user: str, items: Iterable[Any]) -> None:
        """These are the songs that a user likes, newest first."""
        with self._changing():
            self._liked[user] = self._held(items)

    def liked(self, user: str) -> tuple[Item, ...]:
        """The songs that a user likes, newest first."""
        with self._changing():
            return self._liked.get(user, ())

    def known(self, uri: str) -> Item | None:
        """An item of a track or an episode that is in the catalogue or ever was in a playlist."""
        with self._changing():
            found = self._known.get(uri)
        kind, _, key = uri.removeprefix("spotify:").partition(":")
        track = catalogue().tracks.get(key) if kind == "track" else None
        return found or (song(track) if track else None)

    def all(self) -> list[Playlist]:
        """Every playlist as it is, whatever requests still see."""
        with self._changing():
            return [versions.newest for versions in self._all.values()]

    def _changing(self) -> RLock:
        """The lock, with the listeners' own playlists there; they are made on first use."""
        with self._lock:
            if not self._began:
                self._began = True
                for user in self._users:
                    self._move_in(user)
        return self._lock

    def _move_in(self, user: str) -> None:
        """The playlists that a listener has had all along."""
        for one in listeners.playlists(user):
            added = [_as_ever(track) for track in one.tracks]
            # That of a friend is in several libraries.
            if one.id not in self._all:
                self._put(
                    Playlist(
                        id=one.id,
                        name=one.name,
                        owner=one.owner,
                        items=self._held(added),
                        snapshot_id=one.snapshot_id,
                        description=one.description,
                        public=False if one.readable else None,
                    )
                )
            self._library(user).append(one.id)
        mine = demo_playlists.of(user)
        self._liked[user] = self._held(mine.liked)
        for name, items in mine.playlists.items():
            key = self.add(user, name, items, playlist_id=base62_id(f"playlist/{user}/{name}"))
            self._libraries[user].remove(key)
            self._libraries[user].insert(-1, key)

    def _put(self, playlist: Playlist) -> None:
        now = self._clock.now()
        self._all[playlist.id] = _Versions([(now, now, playlist)])

    def _library(self, user: str) -> list[str]:
        return self._libraries.setdefault(user, [])

    def _held(self, items: Iterable[Any]) -> tuple[Item, ...]:
        """The items that are meant; what they hold can be written by its URI from now on."""
        held = tuple(item(one) for one in items)
        for one in held:
            if isinstance(one.thing, Track | Episode) and not one.nameless:
                odd = one.shown or one.restriction
                self._known[one.uri] = one if odd else self._known.get(one.uri, one)
            if one.shown:
                self._known.setdefault(f"spotify:track:{one.shown.id}", song(one.shown))
        return held


def _as_ever(track: Track) -> Item:
    """A track of one of the listeners' own playlists."""
    return song(track, added_at=f"{max(2020, track.album.released.year)}-11-01T09:30:00Z")


def _snapshot(told: str) -> str:
    """An id as Spotify's are: base64, with characters that no path should have."""
    return base64.b64encode(b"\0\0\0" + hashlib.sha256(told.encode()).digest()[:21]).decode()
