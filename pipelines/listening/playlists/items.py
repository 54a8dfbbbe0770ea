"""Kept pages of a playlist as rows: `playlist_entries`, one for each item, whatever it is.

A row is never lost and none is moved: what cannot be read is a row of kind `unknown`. Add here what
is read from an item. Which pages there are, and where they are kept, is `pipelines/library/`; what
came and went between two readings is `changes.py`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import blake2b

import msgspec
import pyarrow as pa

from pipelines.errors import UnreadableResponse
from pipelines.listening.api.json_text import strict
from pipelines.listening.api.objects import PlaylistItem, PlaylistTrack, decode
from pipelines.listening.api.responses import Page, Response, offset_in
from pipelines.listening.schema.playlist_tables import PLAYLIST_ENTRIES
from pipelines.listening.time.intervals import FIRST_PLAY_EVER, whole_ms

VERSION = 1
"""Raise it when the same pages give other rows: tables are then derived from `raw/` again."""

GONE, PLAYABLE, UNPLAYABLE, UNKNOWN = "gone", "playable", "unplayable", "unknown"

_KEY_BYTES = 64
"""The longest key that the hash takes."""

_ODD = PlaylistItem()
"""Stands for an item in which nothing can be read."""


class _Items(msgspec.Struct):
    items: list[PlaylistItem | None]


class _Told(msgspec.Struct):
    total: int | None = None


def total_of(response: Response) -> int | None:
    """How many items a page says that the whole list has."""
    try:
        told, _ = decode(response.body, _Told)
    except msgspec.DecodeError:
        return None
    return told.total


def following(page: Page) -> int | None:
    """The offset of the page after this one; None for the last one.

    Raises:
        UnreadableResponse: where it leads back, or nowhere, or into the midst of this one.
    """
    if not page.next:
        return None
    offset, begin = offset_in(page.next), page.requested_offset
    if offset <= begin:
        raise UnreadableResponse(f"the page at {begin:,} is followed by one at {offset:,}")
    if offset < begin + len(page.items):
        raise UnreadableResponse(
            f"the page at {begin:,} has {len(page.items):,} items and is followed by one at "
            f"{offset:,}"
        )
    return offset


def is_short(page: Page, total: int | None) -> bool:
    """Whether a page has fewer items than there are up to the next one, or up to the end."""
    end = following(page) if page.next else total
    return end is not None and page.requested_offset + len(page.items) < end


def entries_of(
    playlist_id: str,
    pages: Iterable[Response],
    *,
    key: str = "",
    states: Mapping[int, str] | None = None,
) -> pa.Table:
    """The rows of one reading.

    Args:
        playlist_id: of which playlist.
        pages: all of its pages, in order.
        key: of the hash that stands for whoever added an item.
        states: whether an item can be played, by its position, as `states_of` gives it.

    Returns:
        `playlist_entries` rows, in order.

    Raises:
        UnreadableResponse: where a page is missing, or is none.
    """
    states = states or {}
    parts = [PLAYLIST_ENTRIES.empty()]
    for offset, response in _in_order(pages):
        rows = []
        for at, (item, odd) in enumerate(_items(response), offset + 1):
            rows.append(
                {
                    "playlist_id": playlist_id,
                    "position": at,
                    **_columns(item, odd=odd, state=states.get(at, UNKNOWN)),
                    "added_by": _hashed(item.added_by and item.added_by.id, key) if item else None,
                }
            )
        parts.append(PLAYLIST_ENTRIES.from_rows(rows))
    return pa.concat_tables(parts).combine_chunks()


def states_of(pages: Iterable[Response]) -> dict[int, str]:
    """Which items of a reading with a market can be played, by their position.

    Args:
        pages: all of its pages, in order.

    Raises:
        UnreadableResponse: as `entries_of`.
    """
    return {
        at: _state(item)
        for offset, response in _in_order(pages)
        for at, (item, _) in enumerate(_items(response), offset + 1)
    }


def _state(item: PlaylistItem | None) -> str:
    track = item and (item.item or item.track)
    if not track:
        return UNPLAYABLE
    told = {True: PLAYABLE, False: UNPLAYABLE, None: UNKNOWN}
    return UNKNOWN if _kind(item, track) == "local" else told[track.is_playable]


def _in_order(pages: Iterable[Response]) -> Iterator[tuple[int, Response]]:
    """The offset of each page, and the page; each is followed by the one that it leads to."""
    due: int | None = 0
    for response in pages:
        try:
            page = Page.of(response)
        except msgspec.DecodeError as problem:
            raise UnreadableResponse(f"the page at {due or 0:,} is none: {problem}") from None
        if page.requested_offset != due:
            raise UnreadableResponse(f"there is no page at {due}, before {page.requested_offset:,}")
        due = following(page)
        yield page.requested_offset, response
    if due is not None:
        raise UnreadableResponse(f"there is no page at {due:,}")


def _items(response: Response) -> Sequence[tuple[PlaylistItem | None, bool]]:
    """The items of a page, and of each whether what it holds cannot be read."""
    try:
        return [(item, False) for item in strict(response.body, _Items).items]
    except ValueError:  # something in it is odd, so item by item
        return [_item(raw) for raw in Page.of(response).items]


def _item(raw: msgspec.Raw) -> tuple[PlaylistItem | None, bool]:
    if bytes(raw).strip() == b"null":
        return None, False
    try:
        item, dropped = decode(raw, PlaylistItem)
    except ValueError:
        return _ODD, True
    return item, bool(dropped.keys() & {"item", "track"}) and not (item.item or item.track)


def _kind(item: PlaylistItem | None, track: PlaylistTrack) -> str:
    return "local" if item and item.is_local else track.kind


def _columns(item: PlaylistItem | None, *, odd: bool, state: str) -> dict[str, object]:
    item = item or _ODD
    track = item.item or item.track
    added = {"added_at": _added_at(item.added_at)}
    if track is None or not (track.known_id or track.uri or track.name):
        return {"kind": "unknown", "state": UNKNOWN if odd else GONE, **added}
    kind, columns = _kind(item, track), track.columns()
    if not columns["track_uri"] and kind in {"track", "episode"} and columns["track_id"]:
        columns["track_uri"] = f"spotify:{kind}:{columns['track_id']}"
    linked = track.linked_from
    return {
        **columns,
        "kind": kind,
        "state": state,
        "relinked_from": linked and (linked.uri or (linked.id and f"spotify:{kind}:{linked.id}")),
        **added,
    }


def _added_at(told: datetime | None) -> datetime | None:
    """When an item was added; old ones say 1970."""
    if told is None:
        return None
    told = told if told.tzinfo else told.replace(tzinfo=UTC)
    return whole_ms(told) if told >= FIRST_PLAY_EVER else None


@lru_cache(maxsize=1 << 12)
def _hashed(user: str | None, key: str) -> str | None:
    if not user:
        return None
    secret = key.encode()[:_KEY_BYTES]
    return blake2b(user.encode(), key=secret, digest_size=8).hexdigest()
