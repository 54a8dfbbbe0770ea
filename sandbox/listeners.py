"""Who lives in the sandbox: names, accounts and the playlists that they play from.

Add here what belongs to a person and does not change with time. What they play, and when, belongs
in `life`; their tokens in `accounts`.
"""

from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import ZoneInfo

from sandbox.catalogue import Track, base62_id
from sandbox.people import person_of
from sandbox.taste import playlist_id, playlist_tracks

_FRIEND = "mira"


@dataclass(frozen=True, slots=True)
class Listener:
    """A user with a synthetic life; `name` is the Spotify id and the seed of the life.

    Attributes:
        timezone: Where they live; None for where their kind of person does.

    Raises:
        ZoneInfoNotFoundError: No such time zone.
    """

    name: str
    timezone: str | None = None

    def __post_init__(self) -> None:
        if self.timezone is not None:
            ZoneInfo(self.timezone)

    @property
    def account_id(self) -> str:
        """The identifier that never changes, whatever the user is called."""
        return base62_id(f"account/{self.name}")


@dataclass(frozen=True, slots=True)
class Playlist:
    """A playlist that a listener has had all along; `readable` when it is theirs.

    Plays are started from it, as it is here. What requests see, and change, is `playlists`'.
    """

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
    """A listener's playlists, those of each context together, then a friend's that they follow."""
    own = (
        Playlist(
            id=playlist_id(name, title),
            name=title,
            description="",
            owner=name,
            tracks=playlist_tracks(name, label, title),
            readable=True,
        )
        for label, titles in person_of(name).playlists.items()
        for title in titles
    )
    followed = Playlist(
        id=playlist_id(_FRIEND, "mira's weekend"),
        name="mira's weekend",
        description="not yours to read",
        owner=_FRIEND,
        tracks=playlist_tracks(_FRIEND, "party", "mira's weekend"),
        readable=False,
    )
    return (*own, followed)
