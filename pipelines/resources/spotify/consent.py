"""Asking a listener for consent: a page at Spotify to open, and the redirect that comes back.

The exchange of the code for a token is spotipy's; storing the token is `oauth.py`. The command
listens for the redirect itself (`Authorization`); the dashboard's is one of its routes, and needs
no more than `Consent`.
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
    SCOPES,
    UNUSABLE_RESPONSE,
    AccountsSession,
    Login,
    auth_manager,
    failure_reason,
    safe_error_code,
)
from pipelines.settings import Purpose, SpotifyApp

CALLBACK = "/callback"


class Consent:
    """One request for consent, which results in a token or in NotAuthorized.

    Args:
        app: the Spotify app that consent is asked for.
        redirect_uri: where Spotify redirects to, as listed in the app's settings.
        scopes: what consent is asked for.
    """

    def __init__(self, app: SpotifyApp, redirect_uri: str, scopes: tuple[str, ...]) -> None:
        self._session = AccountsSession()
        self._manager = auth_manager(app, self._session, redirect_uri, scopes)
        self._state = secrets.token_urlsafe(32)

    @property
    def url(self) -> str:
        """The page on which the listener gives consent."""
        return str(self._manager.get_authorize_url(state=self._state))

    def code_from(self, redirect: str) -> str:
        """The authorization code in the address that Spotify redirected to.

        Raises:
            NotAuthorized: where consent was refused, or the redirect is not for this request.
        """
        params = {name: values[0] for name, values in parse_qs(urlsplit(redirect).query).items()}
        if not secrets.compare_digest(params.get("state", "").encode(), self._state.encode()):
            raise NotAuthorized("the answer does not belong to this login (state): start again")
        if "code" not in params:
            raise NotAuthorized(f"consent was not given: {safe_error_code(params.get('error'))}")
        return params["code"]

    def token(self, code: str) -> dict[str, Any]:
        """Exchange the code for a token, as the accounts service issues it.

        Args:
            code: the authorization code.

        Raises:
            NotAuthorized: where the accounts service refuses.
        """
        try:
            self._manager.get_access_token(code, **self._without_cache)
            return dict(self._manager.cache_handler.get_cached_token())
        except SpotifyOauthError as problem:
            raise NotAuthorized(
                f"Spotify issued no token: {safe_error_code(problem.error)}: "
                "check SPOTIFY_CLIENT_ID, SPOTIFY_CLIENT_SECRET "
                "and the redirect address in the app's settings"
            ) from None
        except UNUSABLE_RESPONSE as problem:
            raise _no_token(problem) from None
        finally:
            self._session.close()

    @property
    def _without_cache(self) -> dict[str, Any]:
        # SpotifyOAuth warns about its own default, SpotifyPKCE does not have the argument.
        arguments: dict[str, Any] = {"check_cache": False}
        return arguments | ({"as_dict": False} if hasattr(self._manager, "client_secret") else {})

    def finish(self, code: str, login: Login) -> None:
        """Exchange the code for a token and store it.

        Args:
            code: the authorization code.
            login: where the token is stored.

        Raises:
            NotAuthorized: where the accounts service refuses.
        """
        requested_at = time.time()
        issued = self.token(code)
        try:
            login.store_new_login(issued, requested_at)
        except UNUSABLE_RESPONSE as problem:
            raise _no_token(problem) from None


def _no_token(problem: Exception) -> NotAuthorized:
    return NotAuthorized(f"Spotify issued no token: {failure_reason(problem)}: try again")


class Authorization(Consent):
    """A request for consent whose redirect comes to a port of this machine.

    Args:
        app: the Spotify app that consent is asked for.
        port: where on 127.0.0.1 Spotify redirects to.
        purpose: what the login is for, on which depends what Playledger may do with it.
    """

    def __init__(self, app: SpotifyApp, port: int, purpose: Purpose = "read") -> None:
        super().__init__(app, f"http://127.0.0.1:{port}{CALLBACK}", SCOPES[purpose])
        self._port = port

    @contextmanager
    def redirect_server(self) -> Iterator[Callable[[float], str]]:
        """A server on 127.0.0.1 for the browser that Spotify redirects here.

        Yields:
            A function that waits for it, for some seconds at most, and returns the address that it
            was redirected to.

        Raises:
            NotAuthorized: where the port is taken, or no browser came in time.
        """
        redirects: SimpleQueue[str] = SimpleQueue()
        try:
            server = HTTPServer(("127.0.0.1", self._port), _handler(redirects.put))
        except OSError as problem:
            raise NotAuthorized(
                f"port {self._port} is not free ({problem.strerror}): choose another with --port, "
                "or use --no-browser"
            ) from None
        # A thread of its own: a browser in the terminal blocks the command until it is closed.
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1})
        thread.start()

        def wait(timeout_s: float) -> str:
            try:
                return redirects.get(timeout=timeout_s)
            except Empty:
                raise NotAuthorized(f"nobody gave consent within {timeout_s:.0f} seconds") from None

        try:
            yield wait
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


def _handler(on_redirect: Callable[[str], None]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 5

        def do_GET(self) -> None:
            is_redirect = urlsplit(self.path).path == CALLBACK
            text = (
                "You can close this page and return to Playledger." if is_redirect else "Not found."
            )
            body = text.encode()
            self.send_response(200 if is_redirect else 404)
            self.send_header("Content-Type", "text/plain; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(body)
            if is_redirect:
                on_redirect(self.path)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Log nothing: the address holds the code."""

    return Handler
