"""From a request to its response: routes, tokens, faults, shapes and the log, without a socket.

Add a route here when `endpoints` has a new function. What the function answers belongs there; how
bytes come and go belongs in `server`.
"""

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from threading import Event

from sandbox import control, endpoints, lastfm
from sandbox.accounts import Accounts
from sandbox.clock import Clock
from sandbox.endpoints import Endpoint, View
from sandbox.faults import Faults, Proceed
from sandbox.lastfm import Lastfm
from sandbox.listeners import Listener
from sandbox.messages import Json, Refused, Request, Response, refusal
from sandbox.playlists import Playlists
from sandbox.recordings import Recordings
from sandbox.shapes import SHAPES, Shape, reshape


@dataclass(frozen=True, slots=True)
class Route:
    """Where an endpoint is found; `name` is what faults call it, `scope` what it asks for."""

    name: str
    pattern: re.Pattern[str]
    endpoint: Endpoint
    scope: str | None = None


def _route(name: str, pattern: str, endpoint: Endpoint, scope: str | None = None) -> Route:
    return Route(name, re.compile(f"/v1/{pattern}"), endpoint, scope)


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
)

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


class App:
    """The world behind the server.

    Attributes:
        listeners: By name.
        accounts: Logins.
        clock: The sandbox's present.
        faults: What goes wrong.
        lastfm: Accounts at Last.fm.
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
        self.faults = Faults()
        self.lastfm = Lastfm()
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
        grant = self.accounts.bearer(request.headers)
        entry.user = grant.user if grant else None
        route = next((r for r in ROUTES if r.pattern.fullmatch(request.path)), None)
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
        return Response(200, reshape(body, view.shape), {"Cache-Control": "private, max-age=0"})

    def _let_in(self, route: Route | None, request: Request) -> None:
        if "authorization" not in request.headers:
            raise Refused(401, "No token provided")
        grant = self.accounts.bearer(request.headers)
        if grant is None:
            raise Refused(401, "The access token expired")
        if route and route.scope and route.scope not in grant.scope.split():
            raise Refused(403, "Insufficient client scope")

    def _body(self, route: Route | None, request: Request, view: View) -> Json:
        if _REMOVED.fullmatch(f"{request.method} {request.path}"):
            raise Refused(403, "Forbidden")
        if route is None:
            raise Refused(404, "The sandbox has no such endpoint")
        if request.method != "GET":
            raise Refused(405, "Method not allowed")
        if self._recordings:
            return self._recordings.answer(route.name, request, view)
        return route.endpoint(request, view)
