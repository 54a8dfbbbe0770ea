"""The Web API's endpoints that change playlists, each a function of a request and a view.

Add an endpoint here and its route in `app`. What a playlist is like after a change belongs in
`playlists`; outcomes that a client cannot know, and uris that nobody can write, in `faults`.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sandbox import shapes
from sandbox.endpoints import View, playlist_of
from sandbox.items import Item
from sandbox.messages import Json, Refused, Request
from sandbox.playlists import Playlist

SCOPES = "playlist-modify-private playlist-modify-public"
"""What writing needs, whatever Spotify thinks of a playlist's being public."""

_BATCH, _REMOVALS = 100, 40
_URI = re.compile(r"spotify:(track|episode):[0-9A-Za-z]{22}")


def create(request: Request, view: View) -> Json:
    """`POST /me/playlists`: public unless told otherwise, and even then it may read back so."""
    told = _object(request)
    name = told.get("name")
    if not isinstance(name, str) or not name:
        raise Refused(400, "Missing required field: name")
    playlists = view.playlists
    key = playlists.add(
        view.me.name,
        name,
        public=playlists.always_public or bool(told.get("public", True)),
        description=str(told.get("description") or ""),
    )
    return shapes.simple_playlist(playlists.get(key), view.me.name)


def change_details(request: Request, view: View) -> None:
    """`PUT /playlists/{id}`: its name, its description, whether it is public."""
    found, told = _mine(request, view), _object(request)
    changes = {name: told[name] for name in ("name", "description", "public") if name in told}
    if "public" in changes and view.playlists.always_public:
        changes["public"] = True
    view.playlists.update(found.id, **changes)


def add_items(request: Request, view: View) -> Json:
    """`POST /playlists/{id}/items`: `{"uris": […], "position": n}`, at most 100 at once.

    A bare array, as spotipy sends it, holds no uris for Spotify (spotipy#1075); uris in the query
    go before those in the body. Writes are not idempotent: the same again adds the same again.
    """
    found, told = _mine(request, view), _object(request)
    told = {**told, **_queried(request)}
    added = _written(told.get("uris"), view)
    if not added:
        raise Refused(400, "No uris provided")

    def insert(items: tuple[Item, ...]) -> Sequence[Item]:
        if len(items) + len(added) > view.playlists.capacity:
            raise Refused(view.playlists.over_capacity, "Playlist size limit reached")
        at = _place(told.get("position"), len(items))
        return (*items[:at], *added, *items[at:])

    return {"snapshot_id": view.playlists.edit(found.id, insert)}


def replace_items(request: Request, view: View) -> Json:
    """`PUT /playlists/{id}/items`: these items instead of all others, or a range moved elsewhere.

    Replacing dates everything anew and drops local files, which no request can write; moving keeps
    the dates.
    """
    found, told = _mine(request, view), {**_object(request), **_queried(request)}
    if "uris" not in told and "range_start" in told:
        return {"snapshot_id": view.playlists.edit(found.id, lambda items: _moved(items, told))}
    if "uris" not in told:
        raise Refused(400, "No uris provided")
    written = _written(told["uris"], view)
    return {"snapshot_id": view.playlists.edit(found.id, lambda _: written)}


def remove_items(request: Request, view: View) -> Json:
    """`DELETE /playlists/{id}/items`: every occurrence goes, whatever positions are named.

    Positions have been ignored since 2024 (spotipy#1098, JMPerez/spotify-dedup#197); local files
    and what is gone cannot be removed.
    """
    found, told = _mine(request, view), _object(request)
    named = told.get("items")
    if not isinstance(named, list) or not all(isinstance(one, dict) for one in named):
        raise Refused(400, "No uris provided")
    unwanted = {item.uri for item in _written([one.get("uri") for one in named], view)}
    if not unwanted:
        raise Refused(400, "No uris provided")
    return {
        "snapshot_id": view.playlists.edit(
            found.id, lambda items: [item for item in items if item.uri not in unwanted]
        )
    }


def remove_from_library(request: Request, view: View) -> None:
    """`DELETE /me/library?uris=`: unfollows playlists, which is how one's own are deleted."""
    uris = [uri for uri in request.query.get("uris", "").split(",") if uri]
    if not uris or len(uris) > _REMOVALS:
        raise Refused(400, "No uris provided" if not uris else "Too many uris")
    for uri in uris:
        if not uri.startswith("spotify:playlist:"):
            raise Refused(400, f"Invalid uri: {uri}")
    for uri in uris:
        view.playlists.remove(view.me.name, uri.removeprefix("spotify:playlist:"))


def _mine(request: Request, view: View) -> Playlist:
    """The playlist in the path, if the listener may change it."""
    found = playlist_of(request, view)
    if not found.is_open_to(view.me.name):
        raise Refused(403, "Forbidden")
    return found


def _object(request: Request) -> Json:
    """The body, `{}` where it is JSON of another kind."""
    try:
        told = request.json()
    except ValueError:
        raise Refused(400, "Error parsing JSON.") from None
    return told if isinstance(told, dict) else {}


def _queried(request: Request) -> dict[str, Any]:
    """What the query says of uris and positions."""
    told: dict[str, Any] = {}
    if "uris" in request.query:
        told["uris"] = request.query["uris"].split(",")
    if "position" in request.query:
        told["position"] = request.query["position"]
    return told


def _written(uris: object, view: View) -> list[Item]:
    """The items that a client writes by their uris, added by the client's user just now."""
    if not isinstance(uris, list):
        raise Refused(400, "No uris provided")
    if len(uris) > _BATCH:
        raise Refused(400, f"You can add a maximum of {_BATCH} tracks per request.")
    return [_item(uri, view) for uri in uris]


def _item(uri: object, view: View) -> Item:
    if not isinstance(uri, str) or not _URI.fullmatch(uri):
        raise Refused(400, f"JSON body contains an invalid track uri: {uri}")
    known = view.playlists.known(uri)
    if known is None:
        raise Refused(400, "Payload contains a non-existing ID")
    return replace(known, added_at=f"{view.now:%Y-%m-%dT%H:%M:%SZ}", added_by=view.me.name)


def _place(position: object, length: int) -> int:
    """Where to insert: at the end unless told otherwise."""
    return length if position is None else _number(position, length)


def _number(told: object, most: int) -> int:
    try:
        number = int(str(told))
    except ValueError:
        raise Refused(400, f"Invalid position: {told}") from None
    if not 0 <= number <= most:
        raise Refused(400, "Index out of bounds")
    return number


def _moved(items: tuple[Item, ...], told: Json) -> Sequence[Item]:
    """The items with `range_length` of them from `range_start` on before `insert_before`."""
    start = _number(told.get("range_start"), len(items))
    end = _number(start + _number(told.get("range_length", 1), len(items)), len(items))
    before = _number(told.get("insert_before"), len(items))
    moved, rest = items[start:end], (*items[:start], *items[end:])
    at = before if before <= start else max(start, before - len(moved))
    return (*rest[:at], *moved, *rest[at:])
