"""A listener's login: which token to send, when to refresh it, and when it has expired.

Asking for consent is `consent.py`; the requests that need a token are `client.py`.
"""

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec
import requests
from msgspec.structs import replace
from spotipy.cache_handler import MemoryCacheHandler
from spotipy.oauth2 import SpotifyOAuth, SpotifyOauthError, SpotifyPKCE

from pipelines.errors import LoginExpired, LoginMissing, RefreshFailed, login_command
from pipelines.listening.api.objects import decode
from pipelines.resources.spotify.http import DirectSession, ResponseTooLong
from pipelines.resources.spotify.token_store import Token, TokenFile, digest
from pipelines.settings import Purpose, SpotifyApp

SCOPES: dict[Purpose, tuple[str, ...]] = {
    "read": (
        "user-read-recently-played",
        "user-top-read",
        "user-read-private",
        "playlist-read-private",
        "playlist-read-collaborative",
        "user-library-read",
    ),
    # What was written is read back with the same login.
    "write": (
        "playlist-modify-private",
        "playlist-modify-public",
        "playlist-read-private",
        "user-read-private",
    ),
}
"""What each login is allowed; that with which Playledger collects can change nothing."""

IDENTITY = ("user-read-private",)
"""What somebody allows who only shows whose account they have: to read its profile."""

TIMEOUT_S = (5, 20)

OAUTH_CODES = {
    "access_denied",
    "invalid_client",
    "invalid_grant",
    "invalid_request",
    "invalid_scope",
    "server_error",
    "temporarily_unavailable",
    "unauthorized_client",
    "unsupported_grant_type",
}
"""Error codes that are safe to show. Anything else might repeat what was sent."""

UNUSABLE_RESPONSE = (
    *(requests.RequestException, ValueError, TypeError, AttributeError, LookupError),
    RecursionError,
)
"""What spotipy and `token_fields` raise where the accounts service sent no token, or nothing."""


TOKEN_LIFETIME_S = 3600
"""Of an access token, where the answer does not say; so it is for all of Spotify's."""

MAX_TOKEN_LIFETIME_S = 86_400
"""Anything longer is no lifetime of an access token."""

Secret = Annotated[str, msgspec.Meta(pattern=r"^[\x21-\x7e]+\Z")]

log = logging.getLogger("playledger.spotify")


class IssuedToken(msgspec.Struct, omit_defaults=True):
    """What is read of a token in an answer of the accounts service; anything else is left out."""

    access_token: Secret | None = None
    refresh_token: Secret | None = None
    expires_in: Annotated[int, msgspec.Meta(ge=1, le=MAX_TOKEN_LIFETIME_S)] | None = None
    scope: str | None = None


class AccountsDown(requests.RequestException):
    """The accounts service answered 5xx, whatever else it said."""


def auth_manager(
    app: SpotifyApp,
    session: requests.Session,
    redirect_uri: str | None = None,
    scopes: tuple[str, ...] = SCOPES["read"],
) -> SpotifyOAuth | SpotifyPKCE:
    """The authorization manager of spotipy for an app: with its secret, or PKCE without one.

    It stores nothing itself (its file cache is neither atomic nor locked) and prompts nobody.

    Args:
        app: the Spotify app.
        session: sends the requests.
        redirect_uri: where consent leads to; None where none is asked for.
        scopes: what consent is asked for.
    """
    common: dict[str, Any] = {
        "client_id": app.client_id,
        "redirect_uri": redirect_uri or "http://127.0.0.1/callback",
        "scope": " ".join(scopes),
        "open_browser": False,
        "requests_session": session,
        "requests_timeout": TIMEOUT_S,
        "cache_handler": MemoryCacheHandler(),
    }
    if app.client_secret:
        manager = SpotifyOAuth(client_secret=app.client_secret, **common)
    else:
        manager = SpotifyPKCE(**common)
    manager.OAUTH_TOKEN_URL = f"{app.accounts_url}/api/token"
    manager.OAUTH_AUTHORIZE_URL = f"{app.accounts_url}/authorize"
    return manager


class AccountsSession(DirectSession):
    """Sends requests to the accounts service, whose 5xx spotipy would take for an OAuth error."""

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Send a request and read the response.

        Args:
            request: the request.
            kwargs: as for `requests.Session.send`.

        Raises:
            AccountsDown: where the service has failed.
            ResponseTooLong: as in `DirectSession`.
        """
        response = super().send(request, **kwargs)
        if response.status_code >= requests.codes.internal_server_error:
            raise AccountsDown(f"it answered {response.status_code}")
        if response.status_code == requests.codes.ok:
            response._content = without_odd_fields(response.content)  # noqa: SLF001 as `http.py` does
            response.encoding = "utf-8"
        return response


class Login:
    """The login of one listener.

    Args:
        app: the Spotify app.
        file: where the token is stored.
        seed: a refresh token from the environment, adopted once.
    """

    def __init__(self, app: SpotifyApp, file: TokenFile, seed: str | None = None) -> None:
        self._app = app
        self._file = file
        self._seed = seed

    @property
    def listener(self) -> str:
        """Whose login it is."""
        return self._file.listener

    @property
    def folder(self) -> Path:
        """Where this machine keeps its logins."""
        return self._file.path.parent

    @property
    def command(self) -> str:
        """The command with which the listener logs in anew."""
        return login_command(self._file.listener, self._file.purpose)

    @property
    def account(self) -> str:
        """Whose account it is at Spotify; empty where that is not known."""
        token = self._file.read()
        return (token.account if token else "") or ""

    def current(self) -> Token:
        """The token as it is stored.

        Raises:
            LoginMissing: where there is none.
            LoginExpired: where Spotify has refused it before.
            TokenFileError: where the file cannot be used.
        """
        token = self._file.read()
        if self._has_new_seed(token):
            token = self._adopt_seed()
        if token is None:
            raise LoginMissing(self.listener, self._file.purpose)
        if token.refused:
            raise LoginExpired(self.listener, self._file.purpose)
        return token

    def _has_new_seed(self, token: Token | None) -> bool:
        """Whether the environment has a refresh token that was not adopted yet."""
        return bool(self._seed) and (token is None or token.seed != digest(self._seed or ""))

    def _adopt_seed(self) -> Token | None:
        """The token after the seed was adopted, by this process or one that was quicker."""
        with self._file.locked():
            token = self._file.read()
            if self._seed and self._has_new_seed(token):
                now = datetime.now(UTC)
                token = Token(refresh_token=self._seed, seed=digest(self._seed), seeded_at=now)
                self._file.write(token)
            return token

    def valid_token(self, session: requests.Session, *, rejected: str | None = None) -> Token:
        """A token that Spotify should accept, refreshed if need be.

        Args:
            session: sends the request for a new one.
            rejected: an access token that Spotify answered with 401.

        Raises:
            LoginMissing, LoginExpired, TokenFileError: as `current`.
            RefreshFailed: where the accounts service issued no token.
        """
        with self._file.locked():  # one process refreshes, the others get its token
            token = self.current()
            if token.is_fresh(time.time()) and token.access_token != rejected:
                return token
            # A rotated refresh token is sent once: without space for it, none is requested.
            with self._file.reserve_space() as write:
                return self._refresh(token, session, write)

    def _refresh(
        self, token: Token, session: requests.Session, write: Callable[[Token], None]
    ) -> Token:
        requested_at = time.time()
        try:
            issued = auth_manager(self._app, session).refresh_access_token(token.refresh_token)
            token = replace(token, **token_fields(issued, requested_at))
        except SpotifyOauthError as problem:
            if problem.error == "invalid_grant":
                write(replace(token, refused=True))
                raise LoginExpired(self.listener, self._file.purpose) from None
            raise RefreshFailed(
                f"Spotify issued {self.listener} no new token ({safe_error_code(problem.error)}): "
                "check SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET if this does not pass by itself"
            ) from None
        except UNUSABLE_RESPONSE as problem:
            raise RefreshFailed(
                f"{self._app.accounts_url} issued {self.listener} no new token "
                f"({failure_reason(problem)}): the next run tries again"
            ) from None
        write(token)
        return token

    def record_account(self, account: str, user_id: str, *, token_used: Token) -> None:
        """Store which account this login belongs to.

        Args:
            account: what identifies the account.
            user_id: its user name.
            token_used: the token with which the account was requested; if another login was
                stored meanwhile, nothing is recorded.
        """
        with self._file.locked():
            token = self.current()
            since = token.collecting_since or datetime.now(UTC)
            updated = replace(token, account=account, user_id=user_id, collecting_since=since)
            if token.is_same_login(token_used) and token != updated:
                self._file.write(updated)

    def store_new_login(self, response: dict[str, Any], requested_at: float) -> None:
        """Store the token of a new consent, in place of any older one.

        Args:
            response: what the accounts service answered.
            requested_at: when it was asked, Unix seconds.
        """
        with self._file.locked():
            seed = digest(self._seed) if self._seed else None
            fields = token_fields(response, requested_at)
            self._file.write(Token(authorized_at=datetime.now(UTC), seed=seed, **fields))


def without_odd_fields(body: bytes) -> bytes:
    """An answer with a token, for spotipy: what is null, empty or no such value is left out.

    spotipy adds up whatever `expires_in` is, and takes whatever `refresh_token` is for a new one.

    Args:
        body: the answer as received; returned as it is where it is no JSON object.
    """
    try:
        issued, odd = decode(msgspec.Raw(body), IssuedToken)
    except msgspec.DecodeError:
        return body
    if odd:
        log.warning("token: read as if %s had been left out", ", ".join(odd))
    issued.expires_in = issued.expires_in or TOKEN_LIFETIME_S
    return msgspec.json.encode(issued)


def token_fields(response: dict[str, Any], requested_at: float) -> dict[str, Any]:
    """The fields of a `Token` that a response of the accounts service sets.

    Args:
        response: the response as decoded from JSON.
        requested_at: when it was requested, Unix seconds.

    Raises:
        LookupError, ValueError, TypeError: where the response holds no token.
    """
    if not (response["access_token"] and response["refresh_token"]):
        raise ValueError("an empty token")
    return {
        "access_token": str(response["access_token"]),
        "refresh_token": str(response["refresh_token"]),
        "obtained_at": requested_at,
        "expires_at": requested_at + (response.get("expires_in") or TOKEN_LIFETIME_S),
        "scope": str(response.get("scope") or ""),
    }


def safe_error_code(error: object) -> str:
    """An OAuth error code, if it is one of `OAUTH_CODES`."""
    return str(error) if str(error) in OAUTH_CODES else "an answer that is not an OAuth error"


def failure_reason(problem: Exception) -> str:
    """Why there is no usable response, without anything that was sent."""
    is_ours = isinstance(problem, AccountsDown | ResponseTooLong)
    return str(problem) if is_ours else type(problem).__name__
