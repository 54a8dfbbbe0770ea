"""Who lives in the sandbox: names, accounts and playlists.

Add here what belongs to a person and does not change with time. What they play, and when, belongs
in `life`; their tokens in `accounts`.
"""

from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import ZoneInfo

from sandbox.catalogue import Track, base62_id, catalogue
from sandbox.life import TIMEZONE, playlist_id
from sandbox.shelves import SHELVES

_FRIEND = "mira"


@dataclass(frozen=True, slots=True)
class Listener:
    """A user with a synthetic life; `name` is the Spotify id and the seed of the life.

    Raises:
        ZoneInfoNotFoundError: No such time zone.
    """

    name: str
    timezone: str = TIMEZONE

    def __post_init__(self) -> None:
        ZoneInfo(self.timezone)

    @property
    def account_id(self) -> str:
        """The identifier that never changes, whatever the user is called."""
        return base62_id(f"account/{self.name}")


@dataclass(frozen=True, slots=True)
class Playlist:
    """A playlist in a listener's library; `readable` when theirs, or made together with them."""

    id: str
    name: str
    description: str
    owner: str
    tracks: tuple[Track, ...]
    readable: bool

    @property
    def snapshot_id(self) -> str:
        """Changes with the content, and only then."""
        return base62_id("/".join(track.id for track in self.tracks))


@lru_cache(maxsize=64)
def playlists(name: str) -> tuple[Playlist, ...]:
    """A listener's playlists: one for each kind of music, then a friend's that they follow."""
    own = (
        Playlist(
            id=playlist_id(name, shelf.label),
            name=shelf.playlist,
            description="",
            owner=name,
            tracks=catalogue().shelves[shelf.label],
            readable=True,
        )
        for shelf in SHELVES
    )
    followed = Playlist(
        id=playlist_id(_FRIEND, "party"),
        name="mira's weekend",
        description="not yours to read",
        owner=_FRIEND,
        tracks=catalogue().shelves["party"],
        readable=False,
    )
    return (*own, followed)
