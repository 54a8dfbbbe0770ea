"""A sandbox with a playlist of three pages, and runs that read it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

import pytest

from pipelines.library.fetching import ReadResult, read_playlists
from pipelines.resources.lake.folder import Folder
from pipelines.resources.lake.lakes import Lake, ListenerLake
from pipelines.resources.spotify.client import Spotify
from pipelines.settings import PlaylistsToRead, Settings
from sandbox import Sandbox
from sandbox.items import Item, episode, gone, local, relinked, song, unplayable, without_id

OLD = "2020-05-01T12:00:00Z"

Read = Callable[..., ReadResult]


def mixed(number: int = 120, *, first: int = 0) -> list[Item]:
    """Songs, some of them several times, and one of everything else on each page."""
    odd: dict[int, Item] = {
        7: local("Tape; 1", "Our Band"),
        19: episode(),
        23: gone(),
        31: without_id(31),
        37: relinked(37),
        41: unplayable(41),
        43: song(43, added_at=None, added_by=None),
        47: song(47, added_by="a friend"),
    }
    return [odd.get(at % 50) or song(first + at % 40, added_at=OLD) for at in range(number)]


@pytest.fixture
def own(lake: Lake) -> ListenerLake:
    return lake.of("nico")


@pytest.fixture
def mix(sandbox: Sandbox) -> str:
    """A playlist of 120 items, of which some are odd."""
    return sandbox.playlists.add("nico", "Mix", mixed())


@pytest.fixture
def read(lake: Lake, own: ListenerLake) -> Read:
    """One run, as another process would do it: of the playlists named, without liked songs."""

    def run(*names: str, liked: bool = False, requests: int = 600, **options: object) -> ReadResult:
        wanted = PlaylistsToRead(names or None, liked, requests)
        return read_playlists(own, Spotify(Settings(), lake), wanted, **options)

    return run


class Killed(BaseException):
    """The process is gone: nothing that is written for failures sees it."""


@contextmanager
def killed_at(write: int, *, before: bool = False) -> Iterator[None]:
    """The process ends at one of the next files in raw/: just after it is written, or before.

    Args:
        write: which one, counted from 0.
        before: the answer came, and is lost.
    """
    put, left = Folder.put, count()

    def deadly(store: Folder, key: str, body: bytes) -> str:
        now = "/raw/playlist_items" in key and next(left) == write
        if now and before:
            raise Killed
        etag = put(store, key, body)
        if now:
            raise Killed
        return etag

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Folder, "put", deadly)
        with suppress(Killed):
            yield


@pytest.fixture
def tables(lake: Lake) -> Callable[[], dict[str, bytes]]:
    """Every file of the tables, by path."""

    def stored() -> dict[str, bytes]:
        keys = [entry.key for entry in lake.store.list("users/nico/")]
        return {
            key: Path(lake.store.url(key)).read_bytes()
            for key in keys
            if key.startswith("users/nico/playlists/") or "aggregated/playlist_" in key
        }

    return stored
