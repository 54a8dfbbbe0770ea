"""The Web API's endpoints, each a function of a request and a view of the world.

Add an endpoint here and its route in `app`. How an object looks belongs in `shapes`, tokens in
`accounts`, and anything that goes wrong on order in `faults`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Event
from typing import Any, TypeVar

from sandbox import shapes
from sandbox.catalogue import Track, catalogue
from sandbox.clock import unix_ms
from sandbox.life import RANGE_DAYS, Play, latest, top_artists, top_tracks
from sandbox.listeners import Listener
from sandbox.messages import Json, Refused, Request, address
from sandbox.playlists import Playlist, Playlists
from sandbox.search import hits
from sandbox.shapes import Shape

REACHABLE = 50
"""Spotify shows the last 50 plays and never one more, whatever the cursor."""

_PAGE_DEFAULT, _PAGE_MAX = 20, 50
_FURTHEST = 100_000


@dataclass(frozen=True, slots=True)
class View:
    """What a request sees of the world.

    Attributes:
        listener: Whose token it carries; None when it carries none that is valid.
        now: The sandbox's present, UTC. A fault may turn it back.
        shape: Old or new response shapes.
        stopping: Set when the server ends, so that nothing keeps waiting.
        playlists: All that there are.
        unseen: Spans `[start, end)` whose plays have not been handed in yet.
    """

    listener: Listener | None
    now: datetime
    shape: Shape
    stopping: Event
    playlists: Playlists
    unseen: tuple[tuple[datetime, datetime], ...] = ()

    @property
    def me(self) -> Listener:
        """The listener of a request that was let in."""
        if self.listener is None:
            raise Refused(401, "No token provided")
        return self.listener


T = TypeVar("T")
N = TypeVar("N", int, int | None)
Endpoint = Callable[[Request, View], Json | None]


def me(_request: Request, view: View) -> Json:
    """`GET /me`."""
    return shapes.full_user(view.me)


def recently_played(request: Request, view: View) -> Json:
    """`GET /me/player/recently-played`: newest first; `before` and `after` exclude themselves."""
    limit = _number(request, "limit", _PAGE_DEFAULT, 1, _PAGE_MAX)
    if {"before", "after"} <= request.query.keys():
        raise Refused(400, "Only one of after or before may be specified")
    before = _number(request, "before", None, 0)
    after = _number(request, "after", None, 0)
    items = [
        play
        for play in _reachable(view)
        if (before is None or unix_ms(play.played_at) < before)
        and (after is None or unix_ms(play.played_at) > after)
    ][:limit]
    return {
        "items": [shapes.play_history(play) for play in items],
        "next": _next_plays(items, limit, forward=after is not None),
        "cursors": _cursors(items),
        "limit": limit,
        "href": address("/me/player/recently-played", request.query),
    }


def _reachable(view: View) -> list[Play]:
    """The last 50 plays that have been handed in, newest first."""
    hidden = view.unseen

    def seen(play: Play) -> bool:
        return not any(start <= play.played_at < end for start, end in hidden)

    wanted = REACHABLE
    while True:
        plays = latest(view.me.name, view.now, wanted, view.me.timezone)
        shown = [play for play in plays if seen(play)]
        if len(shown) >= REACHABLE or len(plays) < wanted:
            return shown[:REACHABLE]
        wanted *= 2


def _cursors(plays: Sequence[Play]) -> dict[str, str] | None:
    if not plays:
        return None
    return {
        "after": str(unix_ms(plays[0].played_at)),
        "before": str(unix_ms(plays[-1].played_at)),
    }


def _next_plays(plays: Sequence[Play], limit: int, *, forward: bool) -> str | None:
    """A full page promises another one, even where Spotify then has none to give."""
    cursors = _cursors(plays)
    if cursors is None or len(plays) < limit:
        return None
    way = "after" if forward else "before"
    return address("/me/player/recently-played", {way: cursors[way], "limit": limit})


def my_top_tracks(request: Request, view: View) -> Json:
    """`GET /me/top/tracks`."""
    ranked = top_tracks(view.me.name, view.now.date(), _time_range(request), view.me.timezone)
    return page(request, ranked, shapes.full_track)


def my_top_artists(request: Request, view: View) -> Json:
    """`GET /me/top/artists`."""
    ranked = top_artists(view.me.name, view.now.date(), _time_range(request), view.me.timezone)
    return page(request, ranked, shapes.full_artist)


def my_playlists(request: Request, view: View) -> Json:
    """`GET /me/playlists`: owned and followed ones."""
    mine = view.playlists.library(view.me.name)
    return page(
        request, mine, lambda one: shapes.simple_playlist(one, view.me.name), furthest=_FURTHEST
    )


def playlist(request: Request, view: View) -> Json:
    """`GET /playlists/{id}`: with its first items where the listener may read them."""
    found = playlist_of(request, view)
    body = shapes.simple_playlist(found, view.me.name)
    if found.is_open_to(view.me.name):
        asked = {k: v for k, v in request.query.items() if k in {"market", "additional_types"}}
        first = {**asked, "limit": str(_largest_page(view))}
        items = Request("GET", f"/v1/playlists/{found.id}/items", first)
        body["tracks"] = _playlist_page(items, found, view)
    return body


def playlist_items(request: Request, view: View) -> Json:
    """`GET /playlists/{id}/items`: refused where the listener neither owns nor shares it."""
    found = playlist_of(request, view)
    if not found.is_open_to(view.me.name):
        raise Refused(403, "Forbidden")
    return _playlist_page(request, found, view)


def playlist_of(request: Request, view: View) -> Playlist:
    """The playlist whose id is in the path; anybody may know of it."""
    try:
        return view.playlists.get(_id(request))
    except KeyError:
        raise Refused(404, "Resource not found") from None


def _playlist_page(request: Request, found: Playlist, view: View) -> Json:
    episodes = "episode" in request.query.get("additional_types", "track").split(",")
    in_market = bool(request.query.get("market"))
    return page(
        request,
        found.items,
        lambda item: shapes.playlist_item(
            item, found.owner, in_market=in_market, episodes=episodes
        ),
        largest=_largest_page(view),
    )


def _largest_page(view: View) -> int:
    """Apps of before 2026 are given 100 items."""
    return max(view.playlists.largest_page, 100 if view.shape == "old" else 0)


def liked(request: Request, view: View) -> Json:
    """`GET /me/tracks`: the songs that the listener likes."""
    in_market = bool(request.query.get("market"))
    songs = view.playlists.liked(view.me.name)
    return page(request, songs, lambda item: shapes.saved_track(item, in_market=in_market))


def track(request: Request, view: View) -> Json:
    """`GET /tracks/{id}`."""
    found = view.playlists.known(f"spotify:track:{_id(request)}")
    if found is None or not isinstance(found.thing, Track):
        raise Refused(404, "Resource not found")
    return shapes.full_track(found.thing)


def album(request: Request, _view: View) -> Json:
    """`GET /albums/{id}`."""
    return shapes.full_album(_known(catalogue().albums, request))


def artist(request: Request, _view: View) -> Json:
    """`GET /artists/{id}`."""
    return shapes.full_artist(_known(catalogue().artists, request))


def search(request: Request, view: View) -> Json:
    """`GET /search`: tracks, albums and artists, a page of each type that is asked for."""
    words, types = request.query.get("q", ""), request.query.get("type", "").split(",")
    if not words.strip():
        raise Refused(400, "No search query")
    if not set(types) <= set(_HITS):
        raise Refused(400, "Bad search type field")
    old = view.shape == "old"
    largest, default = (_PAGE_MAX, _PAGE_DEFAULT) if old else (10, 5)
    found = {kind: _HITS[kind](hits(words)) for kind in types}
    return {
        f"{kind}s": page(
            request, found[kind], _LOOKS[kind], largest=largest, furthest=1_000, default=default
        )
        for kind in types
    }


_HITS: dict[str, Callable[[Sequence[Track]], Sequence[Any]]] = {
    "track": lambda tracks: tracks,
    "album": lambda tracks: list({one.album.id: one.album for one in tracks}.values()),
    "artist": lambda tracks: list({one.artists[0].id: one.artists[0] for one in tracks}.values()),
}
_LOOKS: dict[str, Callable[[Any], Json]] = {
    "track": shapes.full_track,
    "album": shapes.simple_album,
    "artist": shapes.full_artist,
}


def page(
    request: Request,
    things: Sequence[T],
    look: Callable[[T], Json],
    *,
    largest: int = _PAGE_MAX,
    furthest: int | None = None,
    default: int = _PAGE_DEFAULT,
) -> Json:
    """One page of a list that is paged by `limit` and `offset`.

    Args:
        request: Asks for the page.
        things: The whole list.
        look: Makes a thing JSON.
        largest: How many things a page may have.
        furthest: The largest offset that is taken.
        default: How many things a page has where nobody says.

    Raises:
        Refused: 400 for a limit or an offset that Spotify would not take.
    """
    limit = _number(request, "limit", default, 1, largest)
    offset = _number(request, "offset", 0, 0, furthest)
    path = request.path.removeprefix("/v1")

    def at(start: int) -> str:
        return address(path, {**request.query, "offset": start, "limit": limit})

    return {
        "href": at(offset),
        "items": [look(thing) for thing in things[offset : offset + limit]],
        "limit": limit,
        "next": at(offset + limit) if offset + limit < len(things) else None,
        "offset": offset,
        "previous": at(max(0, offset - limit)) if offset else None,
        "total": len(things),
    }


def _number(request: Request, name: str, default: N, low: int, high: int | None = None) -> int | N:
    """A whole number from the query, refused with 400 outside `low` to `high`."""
    text = request.query.get(name)
    if text is None:
        return default
    try:
        number = int(text)
    except ValueError:
        raise Refused(400, f"Invalid {name}") from None
    if number < low or (high is not None and number > high):
        raise Refused(400, f"Invalid {name}")
    return number


def _time_range(request: Request) -> str:
    wanted = request.query.get("time_range", "medium_term")
    if wanted not in RANGE_DAYS:
        raise Refused(400, "Invalid time range")
    return wanted


def _id(request: Request) -> str:
    """The id in `/v1/<kind>/<id>` or `/v1/<kind>/<id>/items`."""
    return request.path.split("/")[3]


def _known(things: Mapping[str, T], request: Request) -> T:
    key = _id(request)
    if key not in things:
        raise Refused(404, "Resource not found")
    return things[key]
