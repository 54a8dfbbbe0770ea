"""What Spotify shows of a playlist that is being written: where it is, and its items at the end.

These answers are looked at and not kept; complete readings are `reading.py`.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TypeVar

import msgspec
import spotipy

from pipelines.errors import UnreadableAnswer
from pipelines.ingest.collector import PageRequest, playlists_request
from pipelines.listening.api.objects import Playlist, PlaylistItem, decode
from pipelines.listening.api.responses import LARGEST_PAGE, page_of
from pipelines.resources.spotify.client import SpotifyClient

Known = TypeVar("Known", PlaylistItem, Playlist)


def read_uris(client: SpotifyClient, playlist_id: str, offset: int) -> Sequence[str]:
    """The uris of a playlist's items from an offset on, empty for an item without one."""
    uris: list[str] = []
    for page in _pages(
        client,
        "playlist_look",
        lambda spotify, at: spotify.playlist_items(playlist_id, limit=LARGEST_PAGE, offset=at),
        offset,
    ):
        for raw in page:
            item = _decoded(raw, PlaylistItem)
            thing = item.item or item.track
            uris.append((thing and thing.uri) or "")
    return uris


def find_made(client: SpotifyClient) -> Iterator[tuple[str, str]]:
    """Id and description of each playlist in the listener's library, newest first."""
    for page in _pages(client, "playlists", playlists_request, 0):
        for raw in page:
            listed = _decoded(raw, Playlist)
            if listed.id:
                yield listed.id, listed.description or ""


def _decoded(raw: msgspec.Raw, type_: type[Known]) -> Known:
    """What Spotify shows, as far as it can be read: nothing of it for `null`."""
    try:
        return decode(raw, type_)[0]
    except msgspec.DecodeError:
        return type_()


def _pages(
    client: SpotifyClient,
    endpoint: str,
    request: PageRequest,
    offset: int,
) -> Iterator[Sequence[msgspec.Raw]]:
    """The items of each page of a list, which is read to its end; no page size is assumed."""
    while True:
        page = page_of(client.get(endpoint, partial(_asked, request, offset)))
        if page is None or page.is_repeat:
            raise UnreadableAnswer(
                f"{endpoint}: Spotify answered without the list of items from {offset:,} on: "
                "try again later"
            )
        yield page.items
        offset += len(page.items)
        if not page.next or not page.items:
            return


def _asked(request: PageRequest, offset: int, spotify: spotipy.Spotify) -> object:
    return request(spotify, offset)
