"""The socket: HTTP/1.1 on the loopback, and the `Sandbox` that tests and demos start.

Add here what concerns connections, starting and stopping. What is answered belongs in `app`.
"""

import contextlib
import socket
import sys
from email.utils import format_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import TCPServer
from tempfile import TemporaryDirectory
from threading import Lock, Thread
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, unquote, urlsplit

from sandbox.accounts import Accounts
from sandbox.app import App, LoggedRequest
from sandbox.clock import Clock
from sandbox.faults import Faults
from sandbox.google import Google
from sandbox.lastfm import Lastfm
from sandbox.listeners import Listener
from sandbox.messages import Request, Response
from sandbox.playlists import Playlists
from sandbox.recordings import Recordings
from sandbox.shapes import Shape

_HOST = "127.0.0.1"
_POLL_S = 0.02
"""How often the accepting thread looks whether it should end."""


class Sandbox:
    """A Spotify of one's own, at work inside a `with` block.

    Args:
        *users: Names, or `Listener`s where the time zone matters; `demo` when there is none.
        port: Where to listen on the loopback; 0 takes a free one.
        shape: Response shapes; by default `new` for synthetic lives, and `old`, which changes
            nothing, for recordings.
        recordings: Answer from these instead of from synthetic lives.

    Raises:
        OSError: On entering, when the port is taken.
    """

    def __init__(
        self,
        *users: str | Listener,
        port: int = 0,
        shape: Shape | None = None,
        recordings: Recordings | None = None,
    ) -> None:
        listeners = [Listener(user) if isinstance(user, str) else user for user in users]
        self.app = App(
            listeners or [Listener("demo")],
            shape or ("old" if recordings else "new"),
            recordings,
        )
        self._port = port
        self._server: _Server | None = None
        self._folder: TemporaryDirectory[str] | None = None

    def __enter__(self) -> Self:
        self._server = _Server(self._port, self.app)
        self._port = self._server.server_address[1]
        self._thread = Thread(target=self._server.serve_forever, args=(_POLL_S,), daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.app.stopping.set()
        if self._server is not None:
            self._server.shutdown()
            self._thread.join()
            self._server.hang_up()
            self._server.server_close()
        if self._folder is not None:
            self._folder.cleanup()

    @property
    def accounts_url(self) -> str:
        """The accounts service, without a trailing slash."""
        return f"http://{_HOST}:{self._port}"

    @property
    def api_url(self) -> str:
        """The Web API, with the trailing slash that spotipy wants."""
        return f"{self.accounts_url}/v1/"

    @property
    def lastfm_url(self) -> str:
        """Last.fm's interface."""
        return f"{self.accounts_url}/2.0/"

    @property
    def lastfm(self) -> Lastfm:
        """Accounts at Last.fm: when they begin, who hides what they hear."""
        return self.app.lastfm

    @property
    def google(self) -> Google:
        """Spreadsheets at Google: what is in them, and who may read them."""
        return self.app.google

    @property
    def google_account_file(self) -> Path:
        """The key of a service account that may read these; it is gone when the sandbox ends."""
        if self._folder is None:
            self._folder = TemporaryDirectory(prefix="sandbox-")
        path = Path(self._folder.name) / "service-account.json"
        if not path.exists():
            self.google.write_account(path, self.accounts_url)
        return path

    @property
    def client_id(self) -> str:
        """The app's id."""
        return self.app.accounts.client_id

    @property
    def client_secret(self) -> str:
        """The app's secret."""
        return self.app.accounts.client_secret

    @property
    def accounts(self) -> Accounts:
        """Logins: rotation, expiry, revocation, who is signed in."""
        return self.app.accounts

    @property
    def playlists(self) -> Playlists:
        """All playlists and liked songs, to be added, changed and looked at."""
        return self.app.playlists

    @property
    def clock(self) -> Clock:
        """The sandbox's present."""
        return self.app.clock

    @property
    def faults(self) -> Faults:
        """What goes wrong."""
        return self.app.faults

    @property
    def shape(self) -> Shape:
        """Response shapes, `new` or `old`; may be set at any time."""
        return self.app.shape

    @shape.setter
    def shape(self, shape: Shape) -> None:
        self.app.reshape(shape)

    @property
    def shows_its_clock(self) -> bool:
        """Whether the `Date` of answers is the sandbox's present, and not the machine's."""
        return self.app.shows_its_clock

    @shows_its_clock.setter
    def shows_its_clock(self, shows: bool) -> None:
        self.app.shows_its_clock = shows

    @property
    def requests(self) -> list[LoggedRequest]:
        """The requests so far, in order of arrival; clear it to begin anew."""
        return self.app.log

    def environment(self, *users: str) -> dict[str, str]:
        """The variables by which the pipeline finds this sandbox, and is these listeners.

        Raises:
            KeyError: A listener's login was revoked.
        """
        return {
            "SPOTIFY_CLIENT_ID": self.client_id,
            "SPOTIFY_CLIENT_SECRET": self.client_secret,
            "SPOTIFY_API_URL": self.api_url,
            "SPOTIFY_ACCOUNTS_URL": self.accounts_url,
            # The sandbox does not mind being asked quickly; Spotify would.
            "REQUEST_INTERVAL_S": "0",
            "LASTFM_API_KEY": self.lastfm.api_key,
            "LASTFM_API_URL": self.lastfm_url,
            "LASTFM_REQUEST_INTERVAL_S": "0",
            "GOOGLE_SERVICE_ACCOUNT_FILE": str(self.google_account_file),
            "GOOGLE_SHEETS_URL": self.accounts_url,
            "GOOGLE_REQUEST_INTERVAL_S": "0",
            **{f"SPOTIFY_REFRESH_TOKEN_{one.upper()}": self.refresh_token(one) for one in users},
        }

    def refresh_token(self, user: str = "demo") -> str:
        """The listener's living refresh token; KeyError when it was revoked."""
        return self.app.accounts.refresh_token(user)

    def access_token(self, user: str = "demo") -> str:
        """A fresh access token of the listener with every scope that reads."""
        return self.app.accounts.access_token(user)


class _Server(ThreadingHTTPServer):
    """Counts its connections, so that it can end at once and leave no thread behind."""

    daemon_threads = False
    request_queue_size = 128

    def __init__(self, port: int, app: App) -> None:
        self.app = app
        self._open: set[socket.socket] = set()
        self._lock = Lock()
        super().__init__((_HOST, port), _Handler)

    def server_bind(self) -> None:
        """Bind without HTTPServer's reverse look-up of the address, which can take seconds."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = _HOST, self.server_address[1]

    def process_request(self, request: Any, client_address: Any) -> None:
        """Note the connection before its thread starts."""
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Forget a connection that ends."""
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """End every open connection, also those that idle between two requests."""
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that hang up are everyday; anything else is the sandbox's own bug: show it."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # headers and body are two writes: do not wait between them
    server: _Server

    def _serve(self) -> None:
        response = self.server.app.answer(self._read())
        if response.cut == "before":
            self.close_connection = True
        else:
            self._write(response)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815 - http.server's names

    def _read(self) -> Request:
        url = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        return Request(
            method=self.command,
            path=unquote(url.path).rstrip("/"),
            query=dict(parse_qsl(url.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(length),
        )

    def _write(self, response: Response) -> None:
        payload = response.payload(f"http://{_HOST}:{self.server.server_port}/v1")
        headers = {
            "Server": self.version_string(),
            "Date": self._date(),
            "Content-Type": "application/json; charset=utf-8",
            **response.headers,
        }
        self.send_response_only(response.status)
        for name, value in headers.items():
            if value is not None:
                self.send_header(name, value)
        if response.status != HTTPStatus.NO_CONTENT:
            self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        if response.cut == "middle":
            payload, self.close_connection = payload[: len(payload) // 2], True
        self.wfile.write(payload)

    def _date(self) -> str:
        app = self.server.app
        if app.shows_its_clock:
            return format_datetime(app.clock.now(), usegmt=True)
        return self.date_time_string()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
        """Print nothing: a request line is nobody's business but the log's."""
