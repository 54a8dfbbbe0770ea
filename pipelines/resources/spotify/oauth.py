"""A listener's login: which token to send, when to refresh it, and when it has ended.

Asking for consent is `consent.py`; what a token is good for is `client.py`.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import requests
from spotipy.cache_handler import MemoryCacheHandler
from spotipy.oauth2 import SpotifyOAuth, SpotifyOauthError, SpotifyPKCE

from pipelines.errors import LoginExpired, LoginMissing, RefreshFailed
from pipelines.resources.spotify.http import DirectSession, TooLong
from pipelines.resources.spotify.token_store import Token, TokenFile, digest
from pipelines.settings import SpotifyApp

SCOPES = (
    "user-read-recently-played",
    "user-top-read",
    "user-read-private",
    "playlist-read-private",
    "playlist-read-collaborative",
)
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
"""Words that an accounts service says about itself. Anything else might repeat what was sent."""

UNUSABLE = (requests.RequestException, ValueError, TypeError, AttributeError, LookupError)
"""What spotipy and `issued` raise when no answer came from the accounts service, or no token."""


class AccountsDown(requests.RequestException):
    """The accounts service answered 5xx, whatever else it said."""


def authorizer(
    app: SpotifyApp, session: requests.Session, redirect_uri: str | None = None
) -> SpotifyOAuth | SpotifyPKCE:
    """The authorisation manager of spotipy for this app: with secret, or PKCE without one.

    It keeps nothing itself (its file cache is neither atomic nor locked) and asks nobody.
    """
    common: dict[str, Any] = {
        "client_id": app.client_id,
        "redirect_uri": redirect_uri or "http://127.0.0.1/callback",
        "scope": " ".join(SCOPES),
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
        """The answer; AccountsDown where the service has failed."""
        answer = super().send(request, **kwargs)
        if answer.status_code >= requests.codes.internal_server_error:
            raise AccountsDown(f"it answered {answer.status_code}")
        return answer


class Login:
    """The login of one listener.

    Args:
        app: the Spotify app.
        file: where the token is kept.
        seed: a refresh token from the environment, taken over once.
    """

    def __init__(self, app: SpotifyApp, file: TokenFile, seed: str | None = None) -> None:
        self._app = app
        self._file = file
        self._seed = seed

    @property
    def listener(self) -> str:
        """Whose login it is."""
        return self._file.listener

    def current(self) -> Token:
        """The token as it is kept.

        Raises:
            LoginMissing: where there is none.
            LoginExpired: where Spotify has refused it before.
            TokenFileError: where the file cannot be used.
        """
        token = self._file.read()
        if self._seeds(token):
            token = self._seeded()
        if token is None:
            raise LoginMissing(self.listener)
        if token.refused:
            raise LoginExpired(self.listener)
        return token

    def _seeds(self, token: Token | None) -> bool:
        """Whether the environment gives a refresh token that was not taken over yet."""
        return bool(self._seed) and (token is None or token.seed != digest(self._seed or ""))

    def _seeded(self) -> Token | None:
        """The token after the seed was taken over, by this process or one that was quicker."""
        with self._file.locked():
            token = self._file.read()
            if self._seed and self._seeds(token):
                now = datetime.now(UTC)
                token = Token(refresh_token=self._seed, seed=digest(self._seed), seeded_at=now)
                self._file.write(token)
            return token

    def usable(self, session: requests.Session, *, instead_of: str | None = None) -> Token:
        """A token that Spotify should accept, refreshed where it is time.

        Args:
            session: sends the request, if one is needed.
            instead_of: an access token that was answered with 401.

        Raises:
            LoginMissing, LoginExpired, TokenFileError: as `current`.
            RefreshFailed: where the accounts service gave no token.
        """
        with self._file.locked():  # one process refreshes, the others find its token
            token = self.current()
            if token.fresh(time.time()) and token.access_token != instead_of:
                return token
            # A rotated refresh token is told once: without room for it, it is not asked for.
            with self._file.room() as write:
                return self._refresh(token, session, write)

    def _refresh(
        self, token: Token, session: requests.Session, write: Callable[[Token], None]
    ) -> Token:
        asked_at = time.time()
        try:
            told = authorizer(self._app, session).refresh_access_token(token.refresh_token)
            token = _but(token, **issued(told, asked_at))
        except SpotifyOauthError as problem:
            if problem.error == "invalid_grant":
                write(_but(token, refused=True))
                raise LoginExpired(self.listener) from None
            raise RefreshFailed(
                f"Spotify gave {self.listener} no new token ({oauth_code(problem.error)}): "
                "check SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET if this does not pass by itself"
            ) from None
        except UNUSABLE as problem:
            raise RefreshFailed(
                f"{self._app.accounts_url} gave {self.listener} no new token "
                f"({reason(problem)}): the next run tries again"
            ) from None
        write(token)
        return token

    def belongs_to(self, account: str, user_id: str, *, asked_with: Token) -> None:
        """Remember the account that this login was found to belong to.

        Args:
            account: what tells the account from others.
            user_id: its name among people.
            asked_with: the token before it was asked; a login that came meanwhile is another's.
        """
        with self._file.locked():
            token = self.current()
            since = token.collecting_since or datetime.now(UTC)
            found = {"account": account, "user_id": user_id, "collecting_since": since}
            if token.same_login(asked_with) and token != _but(token, **found):
                self._file.write(_but(token, **found))

    def authorized(self, told: dict[str, Any], asked_at: float) -> None:
        """Keep the token of a new consent, in place of any older one."""
        with self._file.locked():
            seed = digest(self._seed) if self._seed else None
            token = Token(authorized_at=datetime.now(UTC), seed=seed, **issued(told, asked_at))
            self._file.write(token)


def issued(told: dict[str, Any], asked_at: float) -> dict[str, Any]:
    """The part of a token that an answer of the accounts service tells.

    Raises:
        LookupError, ValueError, TypeError: where the answer holds no token.
    """
    if not (told["access_token"] and told["refresh_token"]):
        raise ValueError("an empty token")
    return {
        "access_token": str(told["access_token"]),
        "refresh_token": str(told["refresh_token"]),
        "obtained_at": asked_at,
        "expires_at": asked_at + float(told.get("expires_in") or 3600),
        "scope": str(told.get("scope") or ""),
    }


def _but(token: Token, **changed: Any) -> Token:
    return Token(**({name: getattr(token, name) for name in token.__struct_fields__} | changed))


def oauth_code(error: object) -> str:
    """An OAuth error code, if it is one."""
    return str(error) if str(error) in OAUTH_CODES else "an answer that is no OAuth error"


def reason(problem: Exception) -> str:
    """Why no answer is usable, without a word of what was sent."""
    told = isinstance(problem, AccountsDown | TooLong)
    return str(problem) if told else type(problem).__name__
