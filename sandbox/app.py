"""From a request to its response: routes, tokens, faults, shapes and the log, without a socket.

Add a route here when `endpoints` has a new function. What the function answers belongs there; how
bytes come and go belongs in `server`.
"""

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from threading import Event
from typing import Any

from sandbox import control, endpoints, google, lastfm, writes
from sandbox.accounts import Accounts
from sandbox.clock import Clock
from sandbox.effects import Proceed
from sandbox.endpoints import Endpoint, View
from sandbox.faults import Faults
from sandbox.fields import only
from sandbox.google import Google
from sandbox.lastfm import Lastfm
from sandbox.listeners import Listener
from sandbox.messages import Refused, Request, Response, refusal
from sandbox.playlists import Playlists
from sandbox.recordings import Recordings
from sandbox.shapes import SHAPES, Shape, reshape


@dataclass(frozen=True, slots=True)
class Route:
    """Where an endpoint is found; `name` is what faults call it, `scope` all that it asks for."""

    name: str
    pattern: re.Pattern[str]
    endpoint: Endpoint
    scope: str = ""
    method: str = "GET"

    @property
    def status(self) -> int:
        """What success is."""
        return 201 if self.method == "POST" else 200


def _route(
    name: str, pattern: str, endpoint: Endpoint, scope: str = "", method: str = "GET"
) -> Route:
    return Route(name, re.compile(f"/v1/{pattern}"), endpoint, scope, method)


ROUTES = (
    _route("me", "me", endpoints.me),
    _route(
        "recently-played",
        "me/player/recently-played",
        endpoints.recently_played,
        "user-read-recently-played",
    ),
    _route("top-tracks", "me/top/tracks", endpoints.my_top_tracks, "user-top-read"),
    _route("top-artists", "me/top/artists", endpoints.my_top_artists, "user-top-read"),
    _route("playlists", "me/playlists", endpoints.my_playlists, "playlist-read-private"),
    _route("playlist", "playlists/[^/]+", endpoints.playlist),
    _route("playlist-items", "playlists/[^/]+/items", endpoints.playlist_items),
    _route("liked", "me/tracks", endpoints.liked, "user-library-read"),
    _route("track", "tracks/[^/]+", endpoints.track),
    _route("album", "albums/[^/]+", endpoints.album),
    _route("artist", "artists/[^/]+", endpoints.artist),
    _route("search", "search", endpoints.search),
    _route("create-playlist", "me/playlists", writes.create, writes.SCOPES, "POST"),
    _route("change-playlist", "playlists/[^/]+", writes.change_details, writes.SCOPES, "PUT"),
    _route("add-items", "playlists/[^/]+/items", writes.add_items, writes.SCOPES, "POST"),
    _route("replace-items", "playlists/[^/]+/items", writes.replace_items, writes.SCOPES, "PUT"),
    _route("remove-items", "playlists/[^/]+/items", writes.remove_items, writes.SCOPES, "DELETE"),
    _route(
        "remove-from-library",
        "me/library",
        writes.remove_from_library,
        "user-library-modify",
        "DELETE",
    ),
)

_UNCACHED = "private, max-age=0"
_SELECTED = {"playlist", "playlist-items"}
"""Endpoints that know the parameter `fields`."""

_BATCHES = "tracks|albums|artists|episodes|shows|audiobooks|chapters"
_SAVED = "tracks|albums|episodes|shows|audiobooks|following"
_REMOVED = re.compile(
    rf"""[A-Z]+\ /v1/(
      ({_BATCHES})
    | artists/[^/]+/(top-tracks|related-artists)
    | users/.+
    | playlists/[^/]+/(tracks|followers)(/.*)?
    | browse/.+ | markets
    | (audio-features|audio-analysis|recommendations)(/.*)?
    | me/({_SAVED})/contains
    ) | (PUT|DELETE)\ /v1/me/({_SAVED})
    """,
    re.VERBOSE,
)
"""What a development-mode app lost in 2024 and 2026."""


@dataclass(slots=True)
class LoggedRequest:
    """A request that arrived.

    Attributes:
        time: Unix seconds of real time, on arrival.
        path: With the query. Tokens travel in headers and bodies and are never here.
        status: What was answered; None while it is being worked on, 0 when the connection was cut
            before a status was sent.
        user: Whose token it carried, None for none that is valid.
    """

    time: float
    method: str
    path: str
    status: int | None = None
    user: str | None = None


def _route_of(request: Request) -> Route | None:
    """Where a request leads; a wrong method on a known path leads to what is there."""
    there = [route for route in ROUTES if route.pattern.fullmatch(request.path)]
    return next((r for r in there if r.method == request.method), there[0] if there else None)


class App:
    """The world behind the server.

    Attributes:
        listeners: By name.
        accounts: Logins.
        clock: The sandbox's present.
        shows_its_clock: Whether the `Date` of answers is this, and not the machine's time.
        faults: What goes wrong.
        lastfm: Accounts at Last.fm.
        google: Spreadsheets at Google.
        playlists: All playlists, and the songs that listeners like.
        shape: Response shapes, `new` or `old`.
        log: Requests in order of arrival; those to `/_sandbox/` are not among them.
        stopping: Set when the server ends.
    """

    def __init__(
        self, listeners: Iterable[Listener], shape: Shape, recordings: Recordings | None = None
    ) -> None:
        self.listeners = {listener.name: listener for listener in listeners}
        self.accounts = Accounts(self.listeners)
        self.clock = Clock()
        self.shows_its_clock = False
        self.faults = Faults()
        self.lastfm = Lastfm()
        self.google = Google()
        self.playlists = Playlists(self.listeners, self.clock)
        self.shape = shape
        self.log: list[LoggedRequest] = []
        self.stopping = Event()
        self._recordings = recordings

    def reshape(self, shape: Shape) -> None:
        """Answer in another shape from now on.

        Raises:
            ValueError: Neither `new` nor `old`.
        """
        if shape not in SHAPES:
            raise ValueError(f"shape is {shape!r}; it can be {' or '.join(SHAPES)}")
        self.shape = shape

    def answer(self, request: Request) -> Response:
        """Answer a request, and log it unless it is one to the sandbox itself."""
        if request.path.startswith(control.PREFIX):
            return control.answer(self, request)
        entry = LoggedRequest(time.time(), request.method, request.target)
        self.log.append(entry)
        response = self._answer(request, entry)
        entry.status = 0 if response.cut == "before" else response.status
        return response

    def _answer(self, request: Request, entry: LoggedRequest) -> Response:
        if request.path == "/api/token":
            entry.user = self.accounts.user_of(request)
            return self._around("token", request, entry.user, self._token)
        if request.path == "/authorize":
            return self._around("authorize", request, None, self._authorize)
        if request.path == lastfm.PATH:
            entry.path = entry.path.replace(request.query.get("api_key") or " ", "…")
            entry.user = request.query.get("user")
            return self._around("lastfm", request, entry.user, self.lastfm.answer)
        if request.path == google.TOKEN_PATH:
            answer = self.google.token
            return self._around("google-token", request, None, lambda r, _v: answer(r))
        if google.VALUES_PATH.fullmatch(request.path):
            values = self.google.values
            return self._around("google", request, None, lambda r, _v: values(r))
        grant = self.accounts.bearer(request.headers)
        entry.user = grant.user if grant else None
        route = _route_of(request)
        name = route.name if route else "other"
        return self._around(name, request, entry.user, lambda r, v: self._api(route, r, v))

    def _around(self, name: str, request: Request, user: str | None, proceed: Proceed) -> Response:
        listener = self.listeners.get(user or "")
        view = View(listener, self.clock.now(), self.shape, self.stopping, self.playlists)
        return self.faults.around(name, request, view, proceed)

    def _token(self, request: Request, _view: View) -> Response:
        return self.accounts.token(request) if request.method == "POST" else Response(405)

    def _authorize(self, request: Request, _view: View) -> Response:
        return self.accounts.authorize(request) if request.method == "GET" else Response(405)

    def _api(self, route: Route | None, request: Request, view: View) -> Response:
        try:
            self._let_in(route, request)
            body = self._body(route, request, view)
        except Refused as no:
            return refusal(no.status, no.message)
        return Response(route.status if route else 200, body, {"Cache-Control": _UNCACHED})

    def _let_in(self, route: Route | None, request: Request) -> None:
        if "authorization" not in request.headers:
            raise Refused(401, "No token provided")
        grant = self.accounts.bearer(request.headers)
        if grant is None:
            raise Refused(401, "The access token expired")
        if route and not set(route.scope.split()) <= set(grant.scope.split()):
            raise Refused(403, "Insufficient client scope")

    def _body(self, route: Route | None, request: Request, view: View) -> Any:
        if _REMOVED.fullmatch(f"{request.method} {request.path}"):
            raise Refused(403, "Forbidden")
        if route is None:
            raise Refused(404, "The sandbox has no such endpoint")
        if request.method != route.method or (self._recordings and route.method != "GET"):
            raise Refused(405, "Method not allowed")
        played_back = self._recordings
        body = (
            played_back.answer(route.name, request, view)
            if played_back
            else route.endpoint(request, view)
        )
        wanted = request.query.get("fields") if route.name in _SELECTED else None
        return only(reshape(body, view.shape), wanted)
