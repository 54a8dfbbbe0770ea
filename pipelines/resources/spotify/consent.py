"""Asking a listener for consent: an address to open, and the answer that comes back from it.

The exchange of the answer for a token is spotipy's; keeping the token is `oauth.py`.
"""

import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from queue import Empty, SimpleQueue
from typing import Any
from urllib.parse import parse_qs, urlsplit

from spotipy.oauth2 import SpotifyOauthError

from pipelines.errors import NotAuthorized
from pipelines.resources.spotify.oauth import (
    UNUSABLE,
    AccountsSession,
    Login,
    authorizer,
    oauth_code,
    reason,
)
from pipelines.settings import SpotifyApp

CALLBACK = "/callback"


class Authorization:
    """One request for consent. It ends in a kept token or in NotAuthorized."""

    def __init__(self, app: SpotifyApp, port: int) -> None:
        self._session = AccountsSession()
        self._manager = authorizer(app, self._session, f"http://127.0.0.1:{port}{CALLBACK}")
        self._state = secrets.token_urlsafe(24)
        self._port = port

    @property
    def address(self) -> str:
        """Where the listener gives consent."""
        return str(self._manager.get_authorize_url(state=self._state))

    def code_in(self, redirect: str) -> str:
        """The authorisation code in the address that Spotify redirected to.

        Raises:
            NotAuthorized: where it was refused, or answers another question than ours.
        """
        told = {name: values[0] for name, values in parse_qs(urlsplit(redirect).query).items()}
        if not secrets.compare_digest(told.get("state", "").encode(), self._state.encode()):
            raise NotAuthorized("the answer does not belong to this login (state): start it again")
        if "code" not in told:
            raise NotAuthorized(f"Spotify was not given consent: {oauth_code(told.get('error'))}")
        return told["code"]

    @contextmanager
    def listening(self) -> Iterator[Callable[[float], str]]:
        """Listen on 127.0.0.1 for the browser that Spotify redirects here.

        Yields:
            A function that waits so many seconds for it and gives the address it came with.

        Raises:
            NotAuthorized: where the port is taken, or nobody came in time.
        """
        came: SimpleQueue[str] = SimpleQueue()
        try:
            server = HTTPServer(("127.0.0.1", self._port), _handler(came.put))
        except OSError as problem:
            raise NotAuthorized(
                f"port {self._port} is not free ({problem.strerror}): choose another with --port, "
                "or use --no-browser"
            ) from None
        # A thread of its own: a browser in the terminal keeps the command busy until it ends.
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1})
        thread.start()

        def wait(patience_s: float) -> str:
            try:
                return came.get(timeout=patience_s)
            except Empty:
                raise NotAuthorized(f"nobody gave consent in {patience_s:.0f} seconds") from None

        try:
            yield wait
        finally:
            server.shutdown()
            thread.join()
            server.server_close()

    def finish(self, code: str, login: Login) -> None:
        """Exchange the code for a token and keep it.

        Raises:
            NotAuthorized: where the accounts service refuses.
        """
        asked_at = time.time()
        try:
            self._manager.get_access_token(code, **self._without_cache)
            login.authorized(self._manager.cache_handler.get_cached_token(), asked_at)
        except SpotifyOauthError as problem:
            raise NotAuthorized(
                f"Spotify gave no token: {oauth_code(problem.error)}: check SPOTIFY_CLIENT_ID, "
                "SPOTIFY_CLIENT_SECRET and the redirect address in the app's settings"
            ) from None
        except UNUSABLE as problem:
            raise NotAuthorized(f"Spotify gave no token: {reason(problem)}: try again") from None
        finally:
            self._session.close()

    @property
    def _without_cache(self) -> dict[str, Any]:
        # SpotifyOAuth warns about its own default, SpotifyPKCE does not know the argument.
        plain: dict[str, Any] = {"check_cache": False}
        return plain | ({"as_dict": False} if hasattr(self._manager, "client_secret") else {})


def _handler(came: Callable[[str], None]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 5

        def do_GET(self) -> None:
            found = urlsplit(self.path).path == CALLBACK
            text = "Playledger has its answer: you can close this page." if found else "Not here."
            body = text.encode()
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", "text/plain; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(body)
            if found:
                came(self.path)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing: the address holds the code."""

    return Handler
