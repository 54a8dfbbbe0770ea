"""The client of Spotify's Web API: spotipy builds the requests, the policy on failures is here.

spotipy's own retries sleep for hours on a long Retry-After and repeat POSTs, so it gets a plain
session and never retries by itself. What is requested, and when, belongs in `ingest/collector.py`
and `library/`.
"""

import logging
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec
import requests
import spotipy
from tenacity import (
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    wait_exponential,
    wait_random,
)

from pipelines.errors import (
    LockedOut,
    OutcomeUnknown,
    RefreshFailed,
    RefusedRequest,
    SettingsError,
    SpotifyDown,
    SpotifyError,
    SpotifyFailing,
    UnreadableAnswer,
)
from pipelines.listening.api.json_text import storable
from pipelines.listening.api.responses import Request, Response
from pipelines.resources.cache.opening import open_cache
from pipelines.resources.cache.responses import Answer, Kind, ResponseCache, key_of
from pipelines.resources.lake.lakes import Lake
from pipelines.resources.spotify.clock import ClockCheck
from pipelines.resources.spotify.http import DirectSession, parse_http_date, retry_after
from pipelines.resources.spotify.lockouts import Lockout, Lockouts
from pipelines.resources.spotify.oauth import TIMEOUT_S, AccountsSession, Login, failure_reason
from pipelines.resources.spotify.rate_limit import Throttle
from pipelines.resources.spotify.token_store import TokenFile
from pipelines.settings import Purpose, Settings, SpotifyApp

MAX_ATTEMPTS = 3
FIRST_WAIT_S = 1.0
"""Minimum wait before the second attempt. It doubles each time, plus a jitter of up to as much."""
MAX_FAILURES_IN_A_ROW = 5
MAX_RETRY_AFTER_S = 60
"""A run waits for a Retry-After up to this; a longer one is a lockout."""
DEFAULT_RETRY_AFTER_S = 5
"""For a 429 without a Retry-After. Reasoned."""
DEFAULT_LOCKOUT = timedelta(hours=1)
"""For an exceeded quota without a Retry-After. Reasoned: those observed last 6 to 24 hours."""

SUCCESS = {requests.codes.ok, requests.codes.created}

WRITE_TEST = "state/last_asked.json"
WRITE_TEST_BODY = (
    b'{"why": "written before Spotify is asked, to see that the lake can be written"}\n'
)

ApiCall = Callable[[spotipy.Spotify], object]
"""Calls one of spotipy's methods."""

log = logging.getLogger("playledger.spotify")

# spotipy logs whole headers and bodies, tokens among them, when its loggers are at DEBUG.
# A filter silences them whatever level anyone sets; `disabled` is undone by logging.config.
for _name in ("spotipy.client", "spotipy.oauth2", "spotipy.cache_handler", "spotipy.util"):
    logging.getLogger(_name).addFilter(lambda _: False)


class _RetryAfterShortWait(Exception):
    """A 429 that asks for a short wait, which the throttle already enforces."""


@dataclass
class FailureStreak:
    """How often in a row Spotify has failed; after too often, the rest of a run sends nothing.

    Attributes:
        length: how many requests have failed since one last succeeded.
    """

    length: int = 0

    @contextmanager
    def calling(self, endpoint: str) -> Iterator[None]:
        """Count the outcome of one call; any response below 500 ends the streak.

        Raises:
            SpotifyFailing: where the streak is too long to send anything.
        """
        if self.length >= MAX_FAILURES_IN_A_ROW:
            raise SpotifyFailing(
                f"{endpoint}: not requested: Spotify failed {self.length} times in a row, "
                "the next run tries again"
            )
        try:
            yield
        except (SpotifyDown, RefreshFailed):
            self.length += 1
            raise
        except Exception:
            self.length = 0
            raise
        self.length = 0


@dataclass
class SpotifyClient:
    """Sends requests on behalf of one listener; none before the lake proved to be writable.

    Nor does it send any, or give out an answer, once Spotify's said that this machine's clock is
    wrong.

    Attributes:
        lake: a test file is written there before the first request, so that no response is lost.
        login: the listener's.
        api_url: of the Web API, ending in '/'.
        throttle: shared by all processes of the machine.
        lockouts: shared by all machines.
        streak: shared by the clients of a run.
        clock: shared likewise.
        cache: of answers of the catalogue, shared likewise; None to do without.
        before_sending: is called in the slot of each request to the Web API, just before it is
            sent; what it raises prevents that.
    """

    lake: Lake
    login: Login
    api_url: str
    throttle: Throttle
    lockouts: Lockouts
    streak: FailureStreak
    clock: ClockCheck
    cache: ResponseCache | None = None
    before_sending: Callable[[], None] = lambda: None
    _responses: list[requests.Response] = field(default_factory=list, init=False)
    _lake_is_writable: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        self._session = DirectSession()
        self._session.hooks["response"].append(self._record_response)

    def _record_response(self, response: requests.Response, **_: object) -> None:
        self._responses.append(response)

    def get(self, endpoint: str, call: ApiCall) -> Response:
        """Send one GET, and retry it as far as the policy allows.

        Args:
            endpoint: the name under which the response is kept.
            call: calls one of spotipy's methods, such as `lambda spotify: spotify.current_user()`.

        Returns:
            The response as received, whatever it contains.

        Raises:
            LockedOut: where Spotify refuses requests for a while; nothing was sent.
            WrongClock: where this machine's clock is wrong; no answer of this request is to be
                kept, and no other is sent.
            LoginExpired, LoginMissing: where only the listener can help.
            StoreUnavailable, TokenFileError: where nothing could be stored; nothing was sent.
            SpotifyDown: after three attempts.
            RefusedRequest: where Spotify does not give it out; it has the answer.
            UnreadableAnswer: where it answered neither with a success nor with a refusal.
            SpotifyError: for any other unexpected response, and at once after five failures in a
                row.
        """
        retrying = Retrying(
            retry=retry_if_exception_type(SpotifyDown),
            stop=stop_after_attempt(MAX_ATTEMPTS),
            wait=wait_exponential(FIRST_WAIT_S) + wait_random(0, FIRST_WAIT_S),
            reraise=True,
        )
        return retrying(self._attempt, endpoint, call)

    def look_up(self, kind: Kind, endpoint: str, call: ApiCall) -> Answer:
        """What Spotify's catalogue says: what it said some hours ago, or else `get`.

        Args:
            kind: of the question.
            endpoint: as of `get`.
            call: likewise.

        Raises:
            PlayledgerError: as `get`, where nothing is kept that could be given out instead.
        """
        if self.cache is None:
            return Answer(self.get(endpoint, call), "spotify", timedelta())
        key = key_of(self.login.listener, self.login.account, kind, call)
        return self.cache.answer(key, kind, lambda: self.get(endpoint, call))

    def post(self, endpoint: str, call: ApiCall) -> Response:
        """Send one POST; it is repeated only where Spotify did nothing for certain.

        That is so after a 401, which leads to a new token, and after a 429 that asks for a short
        wait.

        Args:
            endpoint: a name for the request.
            call: calls one of spotipy's methods; it runs in the request's slot, just before it is
                sent, and may note there that it will be.

        Returns:
            The response as received.

        Raises:
            OutcomeUnknown: after a 5xx, a timeout or a cut connection: it may have been done.
            RefusedRequest: for any other answer than a success; nothing was done.
            LockedOut, WrongClock, LoginError, StoreUnavailable, SpotifyError: as `get`; nothing
                was done.
        """
        try:
            return self._attempt(endpoint, call)
        except SpotifyDown as problem:
            raise OutcomeUnknown(str(problem), answered=bool(self._responses)) from None
        except UnreadableAnswer as problem:
            raise OutcomeUnknown(str(problem), answered=True) from None

    def _attempt(self, endpoint: str, call: ApiCall) -> Response:
        """One attempt, with one short wait where Spotify asks for it."""
        try:
            return self._authorized(endpoint, call)
        except _RetryAfterShortWait:
            return self._authorized(endpoint, call, after_429=True)

    def _authorized(self, endpoint: str, call: ApiCall, *, after_429: bool = False) -> Response:
        """Send the request; refresh the access token once where it is not accepted."""
        with self.streak.calling(endpoint):
            token = self._access_token()
            response = self._send(endpoint, token, call, after_429=after_429)
            if response.status_code == requests.codes.unauthorized:
                token = self._access_token(rejected=token)
                response = self._send(endpoint, token, call, after_429=after_429)
        return self._validated(endpoint, response)

    @contextmanager
    def slot(self) -> Iterator[None]:
        """A slot in which to send one request, unless a lockout began while it was waited for."""
        self._check_lake_is_writable()
        with self.throttle.slot():
            self.lockouts.check()
            self.clock.check()
            yield

    def _check_lake_is_writable(self) -> None:
        if not self._lake_is_writable:
            self.lake.store.put(WRITE_TEST, WRITE_TEST_BODY)
            self._lake_is_writable = True

    def _access_token(self, rejected: str | None = None) -> str:
        self.lockouts.check()
        with _TokenSession(self) as session:
            return self.login.valid_token(session, rejected=rejected).access_token

    def _send(
        self,
        endpoint: str,
        token: str,
        call: ApiCall,
        *,
        after_429: bool,
    ) -> requests.Response:
        """Send one request in its slot; raise SpotifyDown where no response came.

        A 429 is acted on before the slot is released, so that nobody else sends in between.
        """
        client = spotipy.Spotify(
            auth=token, requests_session=self._session, requests_timeout=TIMEOUT_S
        )
        client.prefix = self.api_url
        self._responses.clear()
        with self.slot():
            self.before_sending()
            # A poll covers nothing after the moment at which it was sent.
            self._sent_at, began = datetime.now(UTC), time.monotonic()
            try:
                self._call(endpoint, client, call)
            finally:
                self.log_request(endpoint, self._responses[-1] if self._responses else None, began)
            response = self._responses[-1]
            self.clock.compare(response, self._sent_at)
            if response.status_code == requests.codes.too_many_requests:
                raise self._too_many_requests(endpoint, response, after_429=after_429)
        if response.request.method == "GET":  # what a POST did is done, whatever the clock shows
            self.clock.check()
        if response.status_code >= requests.codes.internal_server_error:
            raise SpotifyDown(f"{endpoint}: Spotify answered {_status_and_message(response)}")
        return response

    def log_request(self, endpoint: str, response: requests.Response | None, began: float) -> None:
        """Log one line for a request: its endpoint, the status and how long it took.

        Args:
            endpoint: the name under which the response is kept, or `token`.
            response: None where none came.
            began: when it was sent, by `time.monotonic`.
        """
        fields = {
            "listener": self.login.listener,
            "endpoint": endpoint,
            "status": response.status_code if response is not None else None,
            "ms": round((time.monotonic() - began) * 1000),
        }
        log.info("%(listener)s %(endpoint)s %(status)s %(ms)d ms", fields, extra=fields)

    def _call(self, endpoint: str, client: spotipy.Spotify, call: ApiCall) -> None:
        """Let spotipy send the request, and ignore what it makes of the response.

        spotipy returns None for a response without JSON and fails on error bodies it does not
        expect; the response that the session recorded is validated instead.
        """
        try:
            call(client)
        except requests.RequestException as problem:
            reason = f"no answer from {self.api_url} ({failure_reason(problem)})"
            raise SpotifyDown(f"{endpoint}: {reason}") from None
        except (spotipy.SpotifyException, AttributeError, RecursionError):
            if not self._responses:
                raise
        if not self._responses:
            raise SpotifyError(f"{endpoint}: no request was sent: check SPOTIFY_API_URL")

    def _validated(self, endpoint: str, response: requests.Response) -> Response:
        status, answered = response.status_code, f"{endpoint}: Spotify answered"
        if status == requests.codes.unauthorized:  # a first one leads to a new token
            raise SpotifyError(
                f"{answered} {_status_and_message(response)}, also with a new token: "
                f"run `{self.login.command}`"
            )
        if status not in SUCCESS:
            said = _status_and_message(response)
            if status == requests.codes.no_content:
                said = "without content (204): the next run tries again"
            if status < requests.codes.bad_request:  # neither a success nor a refusal
                raise UnreadableAnswer(f"{answered} {said}")
            reason = said.partition(": ")[2]
            received = self._as_received(endpoint, response)
            raise RefusedRequest(f"{answered} {said}", status, reason, received)
        return self._as_received(endpoint, response)

    def _too_many_requests(
        self, endpoint: str, response: requests.Response, *, after_429: bool
    ) -> LockedOut | _RetryAfterShortWait:
        """What to raise for a 429: a short wait for everybody once, otherwise a lockout."""
        asked_for = retry_after(response)
        if b"QUOTA_EXCEEDED" in response.content:  # `text` takes minutes over some bodies
            wait = DEFAULT_LOCKOUT if asked_for is None else asked_for
            return self.lock_out(endpoint, wait, "QUOTA_EXCEEDED")
        wait = timedelta(seconds=DEFAULT_RETRY_AFTER_S) if asked_for is None else asked_for
        if after_429 or wait.total_seconds() > MAX_RETRY_AFTER_S:
            return self.lock_out(endpoint, wait, "429 again" if after_429 else "429")
        self.throttle.block_for(wait.total_seconds())
        return _RetryAfterShortWait()

    def lock_out(self, group: str, wait: timedelta, reason: str) -> LockedOut:
        """Record a lockout for all machines, as far as possible, and also with a wrong clock.

        Args:
            group: the group of endpoints that was requested.
            wait: for how long Spotify refuses requests.
            reason: why, in Spotify's words.

        Returns:
            The exception to raise.

        Raises:
            WrongClock: where this machine's clock is wrong: somebody has to do something about it.
        """
        # A second more than asked for, since the response took a moment to arrive.
        retry_at = datetime.now(UTC) + wait + timedelta(seconds=1)
        lockout = self.lockouts.lock(group, retry_at, reason, self.clock.ahead)
        self.clock.check()
        return lockout

    def _as_received(self, endpoint: str, response: requests.Response) -> Response:
        url = response.request.url or ""
        path = url.removeprefix(self.api_url).split("?")[0]
        params = {k: int(v) if v.isdecimal() else v for k, v in parse_qsl(urlsplit(url).query)}
        return Response(
            Request(endpoint, path, params),
            self._sent_at,
            response.status_code,
            msgspec.Raw(response.content),
            parse_http_date(response.headers.get("Date")),
        )


class _TokenSession(AccountsSession):
    """Sends requests to the accounts service, each in its slot.

    A 429 becomes a lockout at once, however short: these are POSTs, which are never repeated.
    """

    def __init__(self, client: SpotifyClient) -> None:
        super().__init__()
        self._client = client

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        with self._client.slot():
            sent_at, began, response = datetime.now(UTC), time.monotonic(), None
            try:
                response = super().send(request, **kwargs)
            finally:
                self._client.log_request("token", response, began)
            # Whoever has stored the token that is in it asks for nothing with it.
            self._client.clock.compare(response, sent_at)
            if response.status_code == requests.codes.too_many_requests:
                wait = retry_after(response)
                raise self._client.lock_out(
                    "token", DEFAULT_LOCKOUT if wait is None else wait, "429"
                )
        return response


def _status_and_message(response: requests.Response) -> str:
    """The status, and Spotify's own message on an error, without the access token."""
    try:
        message = storable(str(response.json()["error"]["message"]))
    except (ValueError, KeyError, TypeError, RecursionError):
        return str(response.status_code)
    secret = str(response.request.headers.get("Authorization", "")).removeprefix("Bearer ")
    return (
        f"{response.status_code}" + f": {message.replace(secret, '…') if secret else message}"[:300]
    )


class Spotify:
    """Creates clients, one per listener, that share a throttle, a streak of failures and a clock.

    Settings are not read before a client is created: a backfill needs no credentials.

    Args:
        settings: the app, the rate limit and where tokens are stored.
        lake: where lockouts are stored.
    """

    def __init__(self, settings: Settings, lake: Lake) -> None:
        self._settings = settings
        self._lake = lake
        self._streak = FailureStreak()
        self._clock = ClockCheck("Spotify")

    @cached_property
    def cache(self) -> ResponseCache | None:
        """The answers that are kept; None where `CACHE_TTL_HOURS` is 0, or a setting is wrong.

        Plays do not wait until somebody has corrected what the cache alone needs.
        """
        try:
            return open_cache(self._settings.cache)
        except SettingsError as problem:
            log.warning("no answers are kept: %s", problem)
            return None

    def client(self, listener: str, purpose: Purpose = "read") -> SpotifyClient:
        """The client of one listener.

        Args:
            listener: their name.
            purpose: which of their logins it uses.

        Raises:
            SettingsError: where the app's credentials are missing.
        """
        settings, app = self._settings, self._settings.app_of(listener)
        file = TokenFile(settings.tokens_dir, listener, purpose)
        throttle = Throttle(
            settings.tokens_dir / f"throttle-{re.sub(r'[^A-Za-z0-9]', '_', app.developer)}.json",
            settings.request_interval_s,
            settings.requests_per_hour,
        )
        return SpotifyClient(
            self._lake,
            Login(app, file, settings.refresh_token(listener, purpose)),
            app.api_url,
            throttle,
            self._lockouts_of(app),
            self._streak,
            self._clock,
            self.cache,
        )

    def lockouts(self, listener: str = "") -> Lockouts:
        """The lockouts of an app's developer.

        Args:
            listener: whose app it is; by default that of those who name none.
        """
        return self._lockouts_of(self._settings.app_of(listener))

    def lockouts_in_force(self, now: datetime) -> list[Lockout]:
        """The lockouts of all listeners' apps that have not ended yet, the longest first.

        Args:
            now: the current time, UTC.

        Raises:
            PlayledgerError: as `Lockouts.in_force`.
        """
        apps = {app.developer: app for app in self._settings.apps}.values()
        found = [one for app in apps for one in self._lockouts_of(app).in_force(now)]
        return sorted(found, key=lambda one: one.retry_at, reverse=True)

    def _lockouts_of(self, app: SpotifyApp) -> Lockouts:
        return Lockouts(self._lake, app.developer, self._settings.tokens_dir)
