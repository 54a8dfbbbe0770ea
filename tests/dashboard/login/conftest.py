"""The door and its gate on a loopback port, with the sandbox as Spotify and a clock of their own.

What is behind the gate here says what reached it. Streamlit itself is behind it in
`test_in_a_browser.py`.
"""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
import requests
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from pipelines.dashboard.app import LOOPBACK, _listen, server_options
from pipelines.dashboard.login.access import Access
from pipelines.dashboard.login.gate import LOGIN_HEADER, Gate
from pipelines.dashboard.login.limits import BegunLogins, RateLimit
from pipelines.dashboard.login.routes import Door
from pipelines.resources.lake.lakes import Lake
from pipelines.settings import Settings
from sandbox import Sandbox
from tests.support.environment import Environment

PAGE = {"Accept": "text/html"}


@dataclass
class Clock:
    """A clock that a test moves."""

    now: float = field(default_factory=time.time)

    def __call__(self) -> float:
        return self.now

    def pass_hours(self, hours: float) -> None:
        self.now += hours * 3600


@dataclass
class Served:
    """A dashboard without pages.

    Attributes:
        url: where it is.
        access: whom it lets see what.
        clock: by which logins end.
        received: what came over websockets.
    """

    url: str
    access: Access
    clock: Clock
    received: list[bytes] = field(default_factory=list)

    @property
    def cookie(self) -> str:
        return self.access.cookie()

    @property
    def logins(self) -> list[str]:
        """As whom browsers are logged in."""
        return [one.listener for one in self.access.logins.all()]

    def invite(self, listener: str) -> str:
        return self.access.logins.invite(listener, timedelta(hours=1))


class Person:
    """Somebody with a browser: it keeps cookies and follows redirects as far as it is told."""

    def __init__(self, served: Served) -> None:
        self.served = served
        self.browser = requests.Session()
        self.browser.headers["User-Agent"] = "A browser of tests"
        self.browser.headers.update(PAGE)

    def get(self, path: str, **options: object) -> requests.Response:
        return self.browser.get(self._url(path), timeout=60, **options)  # type: ignore[arg-type]

    def step(self, path: str) -> requests.Response:
        """One request, whose redirect is not followed."""
        return self.get(path, allow_redirects=False)

    def post(self, path: str, **form: str) -> requests.Response:
        return self.browser.post(
            self._url(path),
            data=form,
            headers={"Origin": self.served.url},
            allow_redirects=False,
            timeout=60,
        )

    def _url(self, path: str) -> str:
        return path if path.startswith("http") else self.served.url + path

    @property
    def token(self) -> str | None:
        return self.browser.cookies.get(self.served.cookie)

    def accept(self, token: str) -> requests.Response:
        return self.post("/auth/invite", invitation=token)

    def to_spotify(self, path: str = "/auth/login") -> str:
        """Begin a login; returns the address at Spotify."""
        return self.step(path).headers["Location"]

    def consent(self, at_spotify: str) -> str:
        """Agree there; returns the address that leads back."""
        return self.get(at_spotify, allow_redirects=False).headers["Location"]

    def log_in(self) -> requests.Response:
        return self.step(self.consent(self.to_spotify()))

    def form(self) -> str:
        """What the forms of the account's page hold."""
        text = self.get("/auth/account").text
        return text.partition('name="form" value="')[2].partition('"')[0]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def served(environment: Environment, clock: Clock) -> Iterator[Served]:
    """Of nico, mira and otto, whose Spotify nobody can ask."""
    environment.listeners("nico", "mira", "otto")
    environment.set(DASHBOARD_OWNERS="nico")
    listening = _listen(LOOPBACK, 0)
    url = f"http://{LOOPBACK}:{listening.getsockname()[1]}"
    settings = Settings()
    access = Access(settings, url, clock)
    dashboard = Served(url, access, clock)

    async def tell(request: Request) -> Response:
        body = await request.body()
        return JSONResponse(
            {
                "path": request.url.path,
                "headers": dict(request.headers),
                "bytes": len(body),
                "listener": _listener(request),
            }
        )

    def _listener(request: Request | WebSocket) -> str | None:
        visitor = access.visitor(request.headers.get(LOGIN_HEADER))
        return visitor.listener if visitor else None

    async def stream(websocket: WebSocket) -> None:
        await websocket.accept(subprotocol="streamlit")
        await websocket.send_text(str(_listener(websocket)))
        try:
            while True:
                data = await websocket.receive_bytes()
                dashboard.received.append(data)
                await websocket.send_text(str(_listener(websocket)))
        except WebSocketDisconnect:
            pass

    index = environment.folder / "index.html"
    index.write_text("<script>window.ready = false</script>")
    app = Starlette(
        routes=[
            *Door(access, BegunLogins(clock)).routes(),
            WebSocketRoute("/_stcore/stream", stream),
            WebSocketRoute("/{path:path}", stream),
            Route("/{path:path}", tell, methods=["GET", "POST", "PUT", "DELETE"]),
        ],
        middleware=[
            Middleware(
                Gate,
                access=access,
                limit=RateLimit(clock=clock),
                index=index,
                accounts_url=settings.accounts_url,
            )
        ],
    )
    server = uvicorn.Server(uvicorn.Config(app, **server_options()))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    yield dashboard
    server.should_exit = True
    thread.join()
    access.logins.close()


@pytest.fixture
def person(served: Served) -> Callable[[], Person]:
    """A new browser each time."""
    return lambda: Person(served)


@pytest.fixture
def logged_in(served: Served) -> Callable[[str], Person]:
    """A new browser that is logged in as a listener."""

    def come(listener: str) -> Person:
        somebody = Person(served)
        assert somebody.accept(served.invite(listener)).status_code == 303
        return somebody

    return come


@pytest.fixture
def at_spotify(sandbox: Sandbox, served: Served) -> Sandbox:
    """A Spotify with the accounts of nico and mira, of which the lake knows nico's and mira's."""
    lake = Lake.open(Settings())
    for name in ("nico", "mira"):
        answer = requests.get(
            f"{sandbox.api_url}me",
            headers={"Authorization": f"Bearer {sandbox.access_token(name)}"},
            timeout=60,
        ).json()
        lake.of(name).write_document(
            "profile.json", {"account_id": answer.get("account_id"), "user_id": answer.get("id")}
        )
    return sandbox
