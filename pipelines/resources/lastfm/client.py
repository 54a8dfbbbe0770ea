"""The client of Last.fm's interface: one request for one page, and the policy on failures.

Last.fm says what went wrong in the body, with whatever status of HTTP: some errors pass, and the
request is repeated; others need a person. The key is part of the address, so no address ever gets
into a message or a log.
"""

import json
import logging
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec
import requests
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    wait_exponential,
    wait_random,
)
from tenacity.stop import stop_base

from pipelines.errors import LastfmDown, LastfmError
from pipelines.listening.api.json_text import storable
from pipelines.resources.spotify.clock import ClockCheck
from pipelines.resources.spotify.http import DirectSession
from pipelines.resources.spotify.oauth import TIMEOUT_S, failure_reason
from pipelines.resources.spotify.rate_limit import Throttle
from pipelines.settings import LastfmApp, Settings

T = TypeVar("T")

PAGE_SIZE = 200
"""The most that Last.fm promises to send at once."""

TOP_PAGE_SIZE = 1000
"""The most top tracks that it sends at once where all is well."""

MAX_ATTEMPTS = 7
FIRST_WAIT_S = 1.0
"""Minimum wait before the second attempt. It doubles each time, plus a jitter of up to as much."""

MAX_WAIT_S = 60.0

REQUESTS_PER_HOUR = 100_000
"""No limit of its own: the interval between requests is what Last.fm asks for."""

USER_AGENT = "Playledger/1 (a private ledger of one's own plays; python-requests)"
"""Last.fm wants to know who asks."""

PASSING = {8, 11, 16, 29}
"""Errors that go away: operation failed, offline, temporarily unavailable, too many requests."""

_WORDS = {
    6: (
        "Last.fm knows no user {user!r}: correct `user` under [{listener}.lastfm] in listeners.toml"
    ),
    10: (
        "Last.fm does not accept LASTFM_API_KEY: compare it with your key on "
        "https://www.last.fm/api/accounts"
    ),
    17: (
        "{user} hides their recent listening from Last.fm's interface: switch off 'Hide recent "
        "listening information' on https://www.last.fm/settings/privacy"
    ),
    26: (
        "Last.fm has suspended the key in LASTFM_API_KEY: ask Last.fm why, or make another one on "
        "https://www.last.fm/api/account/create"
    ),
}
"""Errors that a person has to do something about, and what."""

UNKNOWN = 6
"""The error of whoever asks for a user, or a track, that Last.fm does not know."""

NOT_KEPT = ("image", "url", "streamable")
"""Fields of a track that say nothing of the play, and are most of what an answer has."""

TOLD_OF_A_TRACK = ("name", "mbid", "url", "duration", "listeners", "playcount", "artist")
"""Fields of a track's own answer that are kept: the others are a text, tags and pictures."""

_KEY = re.compile(r"(api_key=)[^&\s\"']+")

log = logging.getLogger("playledger.lastfm")


class _WithoutKey(logging.Filter):
    """Hides the key in addresses, which urllib3 logs at DEBUG."""

    def filter(self, record: logging.LogRecord) -> bool:
        text = record.getMessage()
        if "api_key=" in text:
            record.msg, record.args = _KEY.sub(r"\1…", text), ()
        return True


for _name in ("urllib3.connectionpool", "urllib3.util.retry"):
    logging.getLogger(_name).addFilter(_WithoutKey())


class _Before(stop_base):
    """Stops attempts whose wait would end after the run has to."""

    def __init__(self, time_left: Callable[[], float]) -> None:
        self._time_left = time_left

    def __call__(self, retry_state: RetryCallState) -> bool:
        return self._time_left() < retry_state.upcoming_sleep


class _Named(msgspec.Struct):
    total: str | int
    totalPages: str | int  # noqa: N815 as Last.fm spells it


class _Page(msgspec.Struct):
    attributes: _Named = msgspec.field(name="@attr")


class _Track(msgspec.Struct):
    name: str


class _TrackAnswer(msgspec.Struct):
    track: _Track


@dataclass(frozen=True)
class ListPage:
    """One page of a list: of scrobbles, or of a user's top tracks.

    Attributes:
        body: the answer in JSON, without what is not kept.
        page: its number; 1 has the latest scrobbles, or the most played tracks.
        pages: how many there are.
        total: how many items there are in all.
        fetched_at: when it was asked for.
        params: what was asked for, without the key.
    """

    body: bytes
    page: int
    pages: int
    total: int
    fetched_at: datetime
    params: dict[str, str | int]


@dataclass(frozen=True)
class TrackInfo:
    """What Last.fm knows of one track, or that it does not know it.

    Attributes:
        body: the track in JSON, as far as it is kept; None where Last.fm knows none of the name.
        corrected: whether Last.fm was let to take the name for another spelling.
        fetched_at: when it was asked for.
    """

    body: bytes | None
    corrected: bool
    fetched_at: datetime


class _Unknown(Exception):
    """Last.fm knows no track of the name."""


@dataclass
class LastfmClient:
    """Asks Last.fm for one listener's scrobbles, and how often they and everyone played a track.

    Attributes:
        app: the key and the address.
        listener: whose name stands in messages.
        user: their name at Last.fm.
        throttle: shared by all processes of the machine.
        time_left: seconds for which the run may go on; requests are not repeated beyond.
        clock: by which no answer is given out while this machine's is wrong.
        sent: how many requests were sent.
    """

    app: LastfmApp
    listener: str
    user: str
    throttle: Throttle
    time_left: Callable[[], float]
    clock: ClockCheck = field(default_factory=lambda: ClockCheck("Last.fm"), init=False)
    sent: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self._session = DirectSession()
        self._session.headers["User-Agent"] = USER_AGENT

    def scrobbles(
        self, *, start: int | None = None, end: int, page: int = 1, limit: int = PAGE_SIZE
    ) -> ListPage:
        """A page of the scrobbles between two times, the latest ones first.

        Whether the times themselves are included is not certain: ask for a second more.

        Args:
            start: seconds since 1970; None for the beginning.
            end: likewise.
            page: counted from 1.
            limit: scrobbles on a page.

        Raises:
            LastfmDown: where no answer comes that can be used, also after several attempts.
            LastfmError: where Last.fm refuses.
            WrongClock: where this machine's clock is wrong.
        """
        params: dict[str, str | int] = {"user": self.user, "limit": limit, "page": page, "to": end}
        if start is not None:
            params["from"] = start
        return self._page("user.getRecentTracks", "recenttracks", params)

    def top_tracks(self, *, page: int = 1, limit: int = TOP_PAGE_SIZE) -> ListPage:
        """A page of the tracks that the user has ever scrobbled, the most played ones first.

        Args:
            page: counted from 1.
            limit: tracks on a page; Last.fm may send fewer, and then has more pages.

        Raises:
            LastfmDown: where no answer comes that can be used, also after several attempts.
            LastfmError: where Last.fm refuses.
            WrongClock: where this machine's clock is wrong.
        """
        params: dict[str, str | int] = {
            "user": self.user,
            "period": "overall",
            "limit": limit,
            "page": page,
        }
        return self._page("user.getTopTracks", "toptracks", params)

    def track(self, artist: str, title: str) -> TrackInfo:
        """How often everyone played a track, and how many people did.

        The name is taken as it is; only where Last.fm knows none of it, it is asked once more and
        may take the name for another spelling.

        Args:
            artist: the artist's name.
            title: the track's.

        Raises:
            LastfmDown: where no answer comes that can be used, also after several attempts.
            LastfmError: where Last.fm refuses.
            WrongClock: where this machine's clock is wrong.
        """
        for corrected in (False, True):
            params: dict[str, str | int] = {
                "artist": artist,
                "track": title,
                "autocorrect": int(corrected),
            }
            asked_at = datetime.now(UTC)
            try:
                body, asked_at = self._repeated("track.getInfo", params, _kept_track)
            except _Unknown:
                continue
            return TrackInfo(body, corrected, asked_at)
        return TrackInfo(None, corrected=False, fetched_at=asked_at)

    def _page(self, method: str, name: str, params: dict[str, str | int]) -> ListPage:
        def read(document: Any) -> tuple[bytes, int, int]:
            attributes = msgspec.convert(document[name], _Page).attributes
            return _kept(document, name), int(attributes.totalPages), int(attributes.total)

        (body, pages, total), fetched_at = self._repeated(method, params, read)
        return ListPage(body, int(params["page"]), max(pages, 1), total, fetched_at, params)

    def _repeated(
        self, method: str, params: dict[str, str | int], read: Callable[[Any], T]
    ) -> tuple[T, datetime]:
        """What is read of an answer and when it was asked for; asked again while errors pass."""
        retrying = Retrying(
            retry=retry_if_exception_type(LastfmDown),
            stop=stop_after_attempt(MAX_ATTEMPTS) | _Before(self.time_left),
            wait=wait_exponential(FIRST_WAIT_S, max=MAX_WAIT_S) + wait_random(0, FIRST_WAIT_S),
            reraise=True,
        )
        return retrying(self._ask, method, params, read)

    def _ask(
        self, method: str, params: dict[str, str | int], read: Callable[[Any], T]
    ) -> tuple[T, datetime]:
        query = {"method": method, "api_key": self.app.api_key, "format": "json", **params}
        with self.throttle.slot():
            fetched_at, began = datetime.now(UTC), time.monotonic()
            response: requests.Response | None = None
            self.sent += 1
            try:
                response = self._session.get(self.app.api_url, params=query, timeout=TIMEOUT_S)
            except requests.RequestException as problem:
                raise LastfmDown(f"no answer from Last.fm ({failure_reason(problem)})") from None
            finally:
                self._log(response, began)
        self.clock.compare(response, fetched_at)
        self.clock.check()
        document = _json(response.content)
        if isinstance(document, dict) and "error" in document:
            if method == "track.getInfo" and str(document["error"]) == str(UNKNOWN):
                raise _Unknown
            raise self._refusal(document, response.status_code)
        try:
            return read(document), fetched_at
        except (msgspec.ValidationError, ValueError, TypeError, KeyError):
            raise LastfmDown(
                f"Last.fm answered {response.status_code} with something else than what was asked "
                "for: if that goes on, check LASTFM_API_URL"
            ) from None

    def _refusal(self, document: dict[str, Any], status: int) -> LastfmError:
        try:
            number = int(document["error"])
        except (TypeError, ValueError):
            number = 0
        message = storable(str(document.get("message", "")))
        if self.app.api_key:  # before it is cut: a part of the key would be left
            message = message.replace(self.app.api_key, "…")
        told = message[:200]
        answered = f"Last.fm answered error {number} ({told}, HTTP {status})"
        words = _WORDS.get(number)
        failed = status >= requests.codes.server_error or status == requests.codes.too_many
        if number in PASSING or (failed and not words):
            return LastfmDown(answered)
        named = words and words.format(user=self.user, listener=self.listener)
        return LastfmError(f"{named} (Last.fm's error {number})" if named else answered)

    def _log(self, response: requests.Response | None, began: float) -> None:
        fields = {
            "listener": self.listener,
            "endpoint": "lastfm",
            "status": response.status_code if response is not None else None,
            "ms": round((time.monotonic() - began) * 1000),
        }
        log.info("%(listener)s %(endpoint)s %(status)s %(ms)d ms", fields, extra=fields)


def _json(body: bytes) -> Any:
    """What a body says, also with half a surrogate pair in it; None where it is no JSON."""
    try:
        return json.loads(body.decode(errors="replace"), strict=False)
    except (ValueError, RecursionError):
        return None


def _kept(document: Any, name: str) -> bytes:
    """A page without what is not kept: with pictures it would be four times as large."""
    tracks = document[name].get("track")
    for track in tracks if isinstance(tracks, list) else [tracks]:
        if isinstance(track, dict):
            for without in (track, track.get("artist")):
                if isinstance(without, dict):
                    for one in NOT_KEPT:
                        without.pop(one, None)
    return json.dumps(document, separators=(",", ":")).encode()


def _kept_track(document: Any) -> bytes:
    """A track's own answer, without what is not kept."""
    msgspec.convert(document, _TrackAnswer)
    track = {name: document["track"].get(name) for name in TOLD_OF_A_TRACK}
    return json.dumps(track, separators=(",", ":")).encode()


class Lastfm:
    """Makes clients, one per listener, that share a throttle.

    Args:
        settings: the key, the address, the limit, and where the throttle's file is.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def client(self, listener: str, user: str, time_left: Callable[[], float]) -> LastfmClient:
        """The client of one listener.

        Args:
            listener: their name.
            user: their name at Last.fm.
            time_left: seconds for which the run may go on.

        Raises:
            SettingsError: where the key is missing.
        """
        settings = self._settings
        throttle = Throttle(
            settings.tokens_dir / "throttle-lastfm.json",
            settings.lastfm_request_interval_s,
            REQUESTS_PER_HOUR,
        )
        return LastfmClient(settings.lastfm, listener, user, throttle, time_left)
