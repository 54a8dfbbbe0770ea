"""Asking Spotify: spotipy builds the requests, the policy about failures is here.

spotipy's own retrying sleeps for hours on a long Retry-After and repeats POSTs, so it gets a
plain session and never retries by itself. What is asked for, and when, belongs in
`ingest/collector.py`.
"""

import logging
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
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

from pipelines.errors import LockedOut, RefreshFailed, SpotifyDown, SpotifyError
from pipelines.listening.api.responses import Request, Response
from pipelines.resources.lake.lakes import Lake
from pipelines.resources.spotify.http import DirectSession
from pipelines.resources.spotify.lockouts import Lockouts
from pipelines.resources.spotify.oauth import TIMEOUT_S, AccountsSession, Login, failure_reason
from pipelines.resources.spotify.rate_limit import Throttle
from pipelines.resources.spotify.token_store import TokenFile
from pipelines.settings import Settings

TRIES = 3
FIRST_WAIT_S = 1.0
"""Least wait before the second try. It doubles each time, and chance adds up to this much."""
FAILURES_IN_A_ROW = 5
SHORT_RETRY_AFTER_S = 60
UNTOLD_RETRY_AFTER_S = 5
"""A 429 that does not say how long to wait. Reasoned."""
UNTOLD_LOCKOUT = timedelta(hours=1)
"""A quota refusal that does not say how long it lasts. Reasoned: seen ones last 6 to 24 hours."""

LAST_ASKED = "state/last_asked.json"
LAST_ASKED_SAYS = (
    b'{"why": "written before Spotify is asked, to see that the lake can be written"}\n'
)

log = logging.getLogger("playledger.spotify")

# spotipy logs whole headers and bodies, tokens among them, when its loggers are at DEBUG.
# A filter silences them whatever level anyone sets; `disabled` is undone by logging.config.
for _name in ("spotipy.client", "spotipy.oauth2", "spotipy.cache_handler", "spotipy.util"):
    logging.getLogger(_name).addFilter(lambda _: False)


class _Shortly(Exception):
    """A 429 that asks for a short wait, which the throttle has been told of."""


@dataclass
class FailureStreak:
    """How often in a row Spotify has failed a run, which then asks no more."""

    length: int = 0

    @contextmanager
    def calling(self, endpoint: str) -> Iterator[None]:
        """Count what becomes of one call; any answer, also a refusal, ends the streak.

        Raises:
            SpotifyError: where the streak is too long to ask at all.
        """
        if self.length >= FAILURES_IN_A_ROW:
            raise SpotifyError(
                f"{endpoint}: not asked for: Spotify failed {FAILURES_IN_A_ROW} times in a row, "
                "the next run asks again"
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
    """Asks Spotify as one listener, if the lake can be written: no answer is to be lost."""

    lake: Lake
    login: Login
    api_url: str
    throttle: Throttle
    lockouts: Lockouts
    streak: FailureStreak
    _answered: list[requests.Response] = field(default_factory=list, init=False)
    _lake_was_written: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        self._session = DirectSession()
        self._session.hooks["response"].append(self._remember)

    def _remember(self, response: requests.Response, **_: object) -> None:
        self._answered.append(response)

    def ask(self, endpoint: str, question: Callable[[spotipy.Spotify], object]) -> Response:
        """One GET, as often as it takes within the policy.

        Args:
            endpoint: the name under which the answer is kept.
            question: which of spotipy's methods to call, such as
                `lambda spotify: spotify.current_user()`.

        Returns:
            The answer as received, always a JSON object.

        Raises:
            LockedOut: where Spotify wants no requests for a while; nothing was sent.
            LoginExpired, LoginMissing: where only the listener can help.
            StoreUnavailable, TokenFileError: where nothing could be kept; nothing was sent.
            SpotifyDown: after three tries, or at once after five failures in a row.
            SpotifyError: for any other answer that is not what was asked for.
        """
        tries = Retrying(
            retry=retry_if_exception_type(SpotifyDown),
            stop=stop_after_attempt(TRIES),
            wait=wait_exponential(FIRST_WAIT_S) + wait_random(0, FIRST_WAIT_S),
            reraise=True,
        )
        return tries(self._patiently, endpoint, question)

    def _patiently(self, endpoint: str, question: Callable[[spotipy.Spotify], object]) -> Response:
        """One try, with one short wait where Spotify asks for it."""
        try:
            return self._with_login(endpoint, question)
        except _Shortly:
            return self._with_login(endpoint, question, again=True)

    def _with_login(
        self, endpoint: str, question: Callable[[spotipy.Spotify], object], *, again: bool = False
    ) -> Response:
        """One try, with one refresh where the access token is not accepted."""
        with self.streak.calling(endpoint):
            token = self._token()
            answer = self._send(endpoint, token, question, again=again)
            if answer.status_code == requests.codes.unauthorized:
                token = self._token(instead_of=token)
                answer = self._send(endpoint, token, question, again=again)
        return self._judged(endpoint, answer)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """The turn to send one request, unless a lockout came before it did."""
        self._make_sure_of_lake()
        with self.throttle.slot():
            self.lockouts.check()
            yield

    def _make_sure_of_lake(self) -> None:
        if not self._lake_was_written:
            self.lake.store.put(LAST_ASKED, LAST_ASKED_SAYS)
            self._lake_was_written = True

    def _token(self, instead_of: str | None = None) -> str:
        self.lockouts.check()
        with _TokenSession(self) as session:
            return self.login.valid_token(session, rejected=instead_of).access_token

    def _send(
        self,
        endpoint: str,
        token: str,
        question: Callable[[spotipy.Spotify], object],
        *,
        again: bool,
    ) -> requests.Response:
        """Send one request in its turn; the answer, or SpotifyDown where none came.

        A 429 is heeded before the turn is over, so that nobody else sends in between.
        """
        client = spotipy.Spotify(
            auth=token, requests_session=self._session, requests_timeout=TIMEOUT_S
        )
        client.prefix = self.api_url
        self._answered.clear()
        with self.turn():
            # The answer vouches for nothing after the moment of the question.
            self._asked_at, began = datetime.now(UTC), time.monotonic()
            try:
                self._call(endpoint, client, question)
            finally:
                self.tell(endpoint, self._answered[-1] if self._answered else None, began)
            answer = self._answered[-1]
            if answer.status_code == requests.codes.too_many_requests:
                raise self._refusal(endpoint, answer, again=again)
        if answer.status_code >= requests.codes.internal_server_error:
            raise SpotifyDown(f"{endpoint}: Spotify answered {answer.status_code}{_said(answer)}")
        return answer

    def tell(self, endpoint: str, answer: requests.Response | None, began: float) -> None:
        """One line for each request: what was asked for, what came and how long it took."""
        told = {
            "listener": self.login.listener,
            "endpoint": endpoint,
            "status": answer.status_code if answer is not None else None,
            "ms": round((time.monotonic() - began) * 1000),
        }
        log.info("%(listener)s %(endpoint)s %(status)s %(ms)d ms", told, extra=told)

    def _call(
        self, endpoint: str, client: spotipy.Spotify, question: Callable[[spotipy.Spotify], object]
    ) -> None:
        """Let spotipy send the request. What it makes of the answer is left aside.

        spotipy gives None for an answer without JSON and fails on error bodies it does not
        expect; the answer that the session remembered is judged instead.
        """
        try:
            question(client)
        except requests.RequestException as problem:
            told = f"no answer from {self.api_url} ({failure_reason(problem)})"
            raise SpotifyDown(f"{endpoint}: {told}") from None
        except (spotipy.SpotifyException, AttributeError, RecursionError):
            if not self._answered:
                raise
        if not self._answered:
            raise SpotifyError(f"{endpoint}: no request went out: check SPOTIFY_API_URL")

    def _judged(self, endpoint: str, answer: requests.Response) -> Response:
        status, told = answer.status_code, f"{endpoint}: Spotify answered"
        if status == requests.codes.no_content:
            raise SpotifyError(f"{told} without content (204): the next run asks again")
        if status == requests.codes.unauthorized:  # a first one leads to a new token
            raise SpotifyError(
                f"{told} 401{_said(answer)}, also with a new token: "
                f"run `playledger login {self.login.listener}`"
            )
        if status != requests.codes.ok:
            raise SpotifyError(f"{told} {status}{_said(answer)}")
        try:  # what is in it is for whoever asked, but it must be readable: Raw would skip that
            if not isinstance(msgspec.json.decode(answer.content), dict):
                raise ValueError("not an object")  # noqa: TRY004, TRY301 bad data, not a bad call
        except (ValueError, RecursionError):
            raise SpotifyError(f"{told} 200 with something that is no JSON object") from None
        return self._kept(endpoint, answer)

    def _refusal(
        self, endpoint: str, answer: requests.Response, *, again: bool
    ) -> LockedOut | _Shortly:
        """What a 429 comes to: a short wait for everybody once, or else a lockout."""
        told = retry_after(answer)
        if b"QUOTA_EXCEEDED" in answer.content:  # `text` takes minutes over some bodies
            return self.lock_out(
                endpoint, UNTOLD_LOCKOUT if told is None else told, "QUOTA_EXCEEDED"
            )
        wait = timedelta(seconds=UNTOLD_RETRY_AFTER_S) if told is None else told
        if again or wait.total_seconds() > SHORT_RETRY_AFTER_S:
            return self.lock_out(endpoint, wait, "429 again" if again else "429")
        self.throttle.block_for(wait.total_seconds())
        return _Shortly()

    def lock_out(self, group: str, wait: timedelta, reason: str) -> LockedOut:
        """Write a lockout down as far as possible; what to raise."""
        # A second more than told, since the answer was under way for a moment.
        retry_at = datetime.now(UTC) + wait + timedelta(seconds=1)
        return self.lockouts.lock(group, retry_at, reason)

    def _kept(self, endpoint: str, answer: requests.Response) -> Response:
        asked = urlsplit(answer.request.url or "")
        path = (answer.request.url or "").removeprefix(self.api_url).split("?")[0]
        params = {k: int(v) if v.isdecimal() else v for k, v in parse_qsl(asked.query)}
        date = answer.headers.get("Date")
        return Response(
            Request(endpoint, path, params),
            self._asked_at,
            answer.status_code,
            msgspec.Raw(answer.content),
            _moment(date),
        )


class _TokenSession(AccountsSession):
    """Sends requests to the accounts service in their turn.

    A 429 becomes a lockout at once, however short: these are POSTs, which are never repeated.
    """

    def __init__(self, client: SpotifyClient) -> None:
        super().__init__()
        self._client = client

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        with self._client.turn():
            began, answer = time.monotonic(), None
            try:
                answer = super().send(request, **kwargs)
            finally:
                self._client.tell("token", answer, began)
            if answer.status_code == requests.codes.too_many_requests:
                wait = retry_after(answer)
                raise self._client.lock_out(
                    "token", UNTOLD_LOCKOUT if wait is None else wait, "429"
                )
        return answer


def retry_after(answer: requests.Response) -> timedelta | None:
    """How long a `Retry-After` asks to wait: seconds or a date; None where there is none."""
    told = answer.headers.get("Retry-After", "").strip()
    if re.fullmatch(r"\d{1,9}(\.\d+)?", told):
        return timedelta(seconds=float(told))
    moment = _moment(told)
    return max(moment - datetime.now(UTC), timedelta()) if moment else None


def _moment(http_date: str | None) -> datetime | None:
    try:
        return parsedate_to_datetime(http_date or "").astimezone(UTC)
    except ValueError:
        return None


def _said(answer: requests.Response) -> str:
    """Spotify's own words on an error, without anything that was sent."""
    try:
        message = str(answer.json()["error"]["message"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
    secret = str(answer.request.headers.get("Authorization", "")).removeprefix("Bearer ")
    return f": {message.replace(secret, '…') if secret else message}"[:300]


class Spotify:
    """Gives out clients, one per listener, that share a throttle and a streak of failures.

    Nothing is read from the environment before a client is asked for: a backfill needs no
    credentials.
    """

    def __init__(self, settings: Settings, lake: Lake) -> None:
        self._settings = settings
        self._lake = lake
        self._streak = FailureStreak()

    def client(self, listener: str) -> SpotifyClient:
        """The client of one listener.

        Raises:
            SettingsError: where the app's credentials are missing.
        """
        settings, app = self._settings, self._settings.app
        file = TokenFile(settings.tokens_dir, listener)
        throttle = Throttle(
            settings.tokens_dir / f"throttle-{re.sub(r'[^A-Za-z0-9]', '_', app.developer)}.json",
            settings.request_interval_s,
            settings.requests_per_hour,
        )
        return SpotifyClient(
            self._lake,
            Login(app, file, settings.refresh_token(listener)),
            app.api_url,
            throttle,
            self.lockouts(),
            self._streak,
        )

    def lockouts(self) -> Lockouts:
        """The lockouts of the configured app's developer."""
        return Lockouts(self._lake, self._settings.app.developer, self._settings.tokens_dir)
