"""The accounts service: consent, codes, access tokens and refresh tokens.

Add here what concerns logging in. Tokens live in this module's memory only; nothing of them is
logged, and what they open belongs in `endpoints`. A failure on order belongs in `faults`.
"""

import base64
import binascii
import hashlib
import secrets
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from threading import RLock
from urllib.parse import urlencode, urlsplit

from sandbox.messages import Request, Response

SCOPES = (
    "playlist-read-collaborative playlist-read-private user-library-read user-read-private "
    "user-read-recently-played user-top-read"
)
"""What the refresh tokens known beforehand were granted."""

_LOOPBACK = {"127.0.0.1", "::1"}


@dataclass(frozen=True, slots=True)
class Grant:
    """What a listener agreed to."""

    user: str
    scope: str


@dataclass(frozen=True, slots=True)
class _Code:
    grant: Grant
    redirect_uri: str
    challenge: str | None


class _Denied(Exception):
    """An OAuth error body: `{"error": ..., "error_description": ...}`."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error


class Accounts:
    """Tokens of all listeners for one app.

    Attributes:
        client_id: Of the only app there is.
        client_secret: Its secret.
        expires_in: Life of an access token in seconds of real time, whatever the sandbox's clock.
        rotate: Whether an app with a secret gets a new refresh token at each refresh too.
        signed_in: The listener who consents at `/authorize`.
    """

    def __init__(self, users: Iterable[str]) -> None:
        self.client_id = "5a4dbox0client0id00000000000000a"
        self.client_secret = "5a4dbox0secret000000000000000000"  # noqa: S105 - opens nothing real
        self.expires_in = 3600
        self.rotate = False
        self._lock = RLock()
        self._codes: dict[str, _Code] = {}
        self._access: dict[str, tuple[Grant, float]] = {}
        self._refresh = {f"AQ-sandbox-refresh-{user}": Grant(user, SCOPES) for user in users}
        self.signed_in = next(iter(self._refresh.values())).user

    def refresh_token(self, user: str) -> str:
        """The listener's newest living refresh token.

        Raises:
            KeyError: There is none: unknown listener, or revoked.
        """
        with self._lock:
            living = [token for token, grant in self._refresh.items() if grant.user == user]
        if not living:
            raise KeyError(user)
        return living[-1]

    def grant(self, user: str, scope: str) -> str:
        """A refresh token of a login that happened before this one, with other scopes.

        Unlike the one of a login that happens now it is not what `refresh_token` gives.
        """
        token = "AQ" + secrets.token_urlsafe(96)
        with self._lock:
            self._refresh = {token: Grant(user, scope), **self._refresh}
        return token

    def access_token(self, user: str, scope: str = SCOPES) -> str:
        """A fresh access token, as if the listener had just logged in."""
        token = "BQ" + secrets.token_urlsafe(48)
        with self._lock:
            self._access[token] = (Grant(user, scope), time.time() + self.expires_in)
        return token

    def revoke(self, user: str) -> None:
        """End a listener's logins: every token of theirs is dead from now on."""
        self.expire(user)
        with self._lock:
            self._refresh = {t: g for t, g in self._refresh.items() if g.user != user}

    def expire(self, user: str) -> None:
        """End a listener's access tokens; the refresh tokens live on."""
        with self._lock:
            self._access = {t: v for t, v in self._access.items() if v[0].user != user}

    def bearer(self, headers: Mapping[str, str]) -> Grant | None:
        """What the request's bearer token grants; None when it is missing, unknown or expired."""
        scheme, _, token = headers.get("authorization", "").partition(" ")
        with self._lock:
            grant, until = self._access.get(token, (None, 0.0))
        return grant if scheme == "Bearer" and time.time() < until else None

    def user_of(self, request: Request) -> str | None:
        """Whose tokens a request to `/api/token` is about, for the log."""
        form = request.form()
        with self._lock:
            code = self._codes.get(form.get("code", ""))
            grant = code.grant if code else self._refresh.get(form.get("refresh_token", ""))
        return grant.user if grant else None

    def authorize(self, request: Request) -> Response:
        """`GET /authorize`: the signed-in listener consents and is sent back with a code."""
        query = request.query
        wrong = self._wrong_with(query)
        if wrong:
            return _page(wrong)
        code = "AQ" + secrets.token_urlsafe(96)
        grant = Grant(self.signed_in, query.get("scope", ""))
        with self._lock:
            self._codes[code] = _Code(grant, query["redirect_uri"], query.get("code_challenge"))
        return send_back(request, code=code)

    def _wrong_with(self, query: Mapping[str, str]) -> str | None:
        if query.get("client_id") != self.client_id:
            return "INVALID_CLIENT: Invalid client"
        if not _is_loopback(query.get("redirect_uri", "")):
            return "INVALID_CLIENT: Insecure redirect URI"
        if query.get("response_type") != "code":
            return "response_type must be code"
        if "code_challenge" in query and query.get("code_challenge_method") != "S256":
            return "code_challenge_method must be S256"
        return None

    def token(self, request: Request) -> Response:
        """`POST /api/token`: exchange a code, or refresh."""
        form = request.form()
        try:
            confidential = self._is_confidential(request.headers, form)
            if form.get("grant_type") == "authorization_code":
                return self._exchange(form, confidential=confidential)
            if form.get("grant_type") == "refresh_token":
                return self._renew(form, confidential=confidential)
            return oauth_error("unsupported_grant_type", "grant_type is missing or unknown")
        except _Denied as no:
            return oauth_error(no.error, str(no))

    def _is_confidential(self, headers: Mapping[str, str], form: Mapping[str, str]) -> bool:
        """Whether the app proved itself with its secret; a public client only names itself."""
        client, secret = _basic(headers.get("authorization", ""))
        if client is None:
            client, secret = form.get("client_id"), form.get("client_secret")
        if client != self.client_id:
            raise _Denied("invalid_client", "Invalid client")
        if secret is not None and not secrets.compare_digest(
            secret.encode(), self.client_secret.encode()
        ):
            raise _Denied("invalid_client", "Invalid client secret")
        return secret is not None

    def _exchange(self, form: Mapping[str, str], *, confidential: bool) -> Response:
        with self._lock:
            code = self._codes.pop(form.get("code", ""), None)
        if code is None:
            raise _Denied("invalid_grant", "Invalid authorization code")
        if form.get("redirect_uri") != code.redirect_uri:
            raise _Denied("invalid_grant", "Invalid redirect URI")
        if code.challenge is None and not confidential:
            raise _Denied("invalid_client", "Invalid client secret")
        if code.challenge and _s256(form.get("code_verifier", "")) != code.challenge:
            raise _Denied("invalid_grant", "code_verifier was incorrect")
        return self._issue(code.grant, self._new_refresh_token(code.grant))

    def _renew(self, form: Mapping[str, str], *, confidential: bool) -> Response:
        with self._lock:
            old = form.get("refresh_token", "")
            grant = self._refresh.get(old)
            if grant is None:
                raise _Denied("invalid_grant", "Refresh token revoked")
            if confidential and not self.rotate:
                return self._issue(grant)
            del self._refresh[old]
            return self._issue(grant, self._new_refresh_token(grant))

    def _new_refresh_token(self, grant: Grant) -> str:
        token = "AQ" + secrets.token_urlsafe(96)
        with self._lock:
            self._refresh[token] = grant
        return token

    def _issue(self, grant: Grant, refresh_token: str | None = None) -> Response:
        body = {
            "access_token": self.access_token(grant.user, grant.scope),
            "token_type": "Bearer",
            "expires_in": self.expires_in,
            "scope": grant.scope,
        }
        if refresh_token is not None:
            body["refresh_token"] = refresh_token
        return Response(200, body, {"Cache-Control": "no-store"})


def oauth_error(error: str, description: str) -> Response:
    """A refusal of the accounts service, 400."""
    return Response(400, {"error": error, "error_description": description})


def send_back(request: Request, **told: str) -> Response:
    """Redirect the browser to the app's redirect URI with what the app is told, and its state."""
    if "state" in request.query:
        told["state"] = request.query["state"]
    return Response(302, headers={"Location": f"{request.query['redirect_uri']}?{urlencode(told)}"})


def _page(text: str) -> Response:
    return Response(400, text.encode(), {"Content-Type": "text/plain; charset=utf-8"})


def _is_loopback(uri: str) -> bool:
    try:
        parts = urlsplit(uri)
        port = parts.port
    except ValueError:
        return False
    return parts.scheme == "http" and parts.hostname in _LOOPBACK and port is not None


def _basic(header: str) -> tuple[str | None, str | None]:
    scheme, _, value = header.partition(" ")
    if scheme != "Basic":
        return None, None
    try:
        client, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return client, secret


def _s256(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
