"""What is kept of Spotify's answers, for how long, and for whom.

An answer belongs to the listener for whom it was asked, and to their account: two people may get
different answers to the same question. Only what Spotify answered with 200 is kept. Add a kind here
when something else of the catalogue is asked for; what listeners did (`recently-played`), who they
are, and what a request changed, is never kept.
"""

import hashlib
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import requests
import spotipy
from filelock import FileLock, Timeout

from pipelines.errors import BudgetSpent, LockedOut, SpotifyDown, UnreadableResponse
from pipelines.listening.api.responses import Request, Response, unpack
from pipelines.resources.cache.store import SCHEMA_VERSION, CacheUnavailable, Key, Store, Usage

STALE_FOR = timedelta(days=30)
"""What Spotify's catalogue said so long ago is better than nothing while it cannot be asked."""

AHEAD = timedelta(minutes=1)
"""An answer from further in the future was kept before the clock was set back."""

FLIGHT_S = 40.0
"""Who waits for another one's request to end gives up then; it takes 25 s at most, and its slot."""

LOCKS = 64

log = logging.getLogger("playledger.cache")


@dataclass(frozen=True)
class Kind:
    """A kind of answers.

    Attributes:
        name: of the kind.
        share: for how much of `CACHE_TTL_HOURS` an answer is as good as a new one.
        for_ever: whether it is so as long as it is kept, since its key says of which state it is.
        when_stale: whether an older one is given out while Spotify cannot be asked.
    """

    name: str
    share: float = 1.0
    for_ever: bool = False
    when_stale: bool = True


TRACK, ALBUM, ARTIST = Kind("track"), Kind("album"), Kind("artist")
SEARCH = Kind("search")
PLAYLIST_PAGE = Kind("playlist_page", for_ever=True, when_stale=False)
"""A page of a playlist with a certain snapshot id."""

NOTHING_FOUND = 1 / 12
"""A search that found nothing is repeated sooner: what is not there today may be tomorrow."""


@dataclass(frozen=True)
class Answer:
    """An answer, and where it is from.

    Attributes:
        response: as Spotify gave it.
        source: `spotify`: asked just now; `cache`: asked not long ago; `stale`: longer ago than it
            is good for, while Spotify cannot be asked.
        age: how long ago it was asked.
    """

    response: Response
    source: str
    age: timedelta


@dataclass
class Counts:
    """What became of the questions of this process: each is one of the first three, or failed."""

    hits: int = 0
    misses: int = 0
    stale: int = 0
    problems: int = 0

    @property
    def saved(self) -> int:
        """Requests that were not sent."""
        return self.hits + self.stale


@dataclass
class ResponseCache:
    """Answers questions from what is kept, or by asking.

    Attributes:
        store: where answers are kept.
        fresh_for: how long an answer is as good as a new one.
        locks: a folder of this machine's, for locks.
        clock: the current time.
        counts: what became of the questions.
    """

    store: Store
    fresh_for: timedelta
    locks: Path
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    counts: Counts = field(default_factory=Counts)

    def answer(self, key: Key, kind: Kind, ask: Callable[[], Response]) -> Answer:
        """The answer under a key, or what asking gives.

        Of several processes that want the same, one asks, and the others wait for it.

        Args:
            key: as `key_of` gives it.
            kind: of the question.
            ask: sends the request.

        Raises:
            PlayledgerError: as `ask` does, where nothing is kept that could be given out instead.
        """
        if found := self._fresh(key, kind):
            return found
        with self._flight(key) as waited:
            if waited and (found := self._fresh(key, kind)):
                return found
            try:
                response = ask()
            except (LockedOut, SpotifyDown, BudgetSpent):
                if kind.when_stale and (kept := self._kept(key)):
                    self.counts.stale += 1
                    return kept
                raise
            self.counts.misses += 1
            if response.status == requests.codes.ok:
                self._keep(key, response)
            return Answer(response, "spotify", timedelta())

    def drop(self, owner: str, group: str | None = None) -> None:
        """Remove what is kept for a listener, or of it one group; a place that is away is passed.

        Used where an answer would be wrong from now on; `forget` asks the store itself.
        """
        try:
            self.store.drop(owner, group)
        except CacheUnavailable as problem:
            self._failed(problem)

    def usage(self) -> Usage:
        """What is kept."""
        try:
            return self.store.usage()
        except CacheUnavailable as problem:
            return Usage(getattr(self.store, "backend", "cache"), None, None, str(problem))

    def _fresh(self, key: Key, kind: Kind) -> Answer | None:
        kept = self._kept(key)
        if kept is None or not self._is_fresh(kept, kind):
            return None
        self.counts.hits += 1
        return replace(kept, source="cache")

    def _is_fresh(self, kept: Answer, kind: Kind) -> bool:
        if kind.for_ever:
            return True
        share = kind.share
        if kind is SEARCH and _found_nothing(kept.response):
            share *= NOTHING_FOUND
        return kept.age < self.fresh_for * share

    def _kept(self, key: Key) -> Answer | None:
        try:
            value = self.store.get(key)
            response = unpack(value, key.name) if value else None
        except (CacheUnavailable, UnreadableResponse) as problem:
            self._failed(problem)
            return None
        if response is None:
            return None
        age = self.clock() - response.fetched_at
        if age > STALE_FOR or age < -AHEAD:
            return None
        return Answer(response, "stale", age)

    def _keep(self, key: Key, response: Response) -> None:
        try:
            self.store.put(key, response.pack(), STALE_FOR.total_seconds())
        except CacheUnavailable as problem:
            self._failed(problem)

    def _failed(self, problem: Exception) -> None:
        if not self.counts.problems:
            log.warning("the cache cannot be used, so requests are sent: %s", problem)
        self.counts.problems += 1

    @contextmanager
    def _flight(self, key: Key) -> Iterator[bool]:
        """Be the only one of this machine who asks this; yields whether that was waited for."""
        number = int(key.name[:8], 16) % LOCKS
        began = time.monotonic()
        lock = FileLock(self.locks / f"{number:02}.lock", mode=0o600)
        try:
            self.locks.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock.acquire(timeout=FLIGHT_S, poll_interval=0.02)
        except (Timeout, OSError):  # then two ask the same, which does no harm
            yield True
            return
        try:
            yield time.monotonic() - began > 0.01  # noqa: PLR2004 it was held by somebody
        finally:
            lock.release()


def key_of(
    listener: str,
    account: str,
    kind: Kind,
    call: Callable[[spotipy.Spotify], object],
    *,
    group: str = "",
    version: str = "",
) -> Key:
    """The key of a question: of the request as it would be sent, without the token.

    Args:
        listener: for whom it is asked.
        account: theirs at Spotify.
        kind: of the question.
        call: calls one of spotipy's methods; nothing is sent.
        group: what else is to be dropped with it, such as a playlist's id.
        version: of what it is an answer about, such as a snapshot id.
    """
    request = request_of(call)
    told = [
        *(SCHEMA_VERSION, account, kind.name, request.path, sorted(request.params.items())),
        version,
    ]
    name = hashlib.sha256(msgspec.json.encode(told)).hexdigest()
    return Key(listener, group or kind.name, name)


class _Captured(Exception):
    """The request that was to be sent."""

    def __init__(self, request: Request) -> None:
        super().__init__()
        self.request = request


class _Capturing(requests.Session):
    def request(self, method: str, url: str, **kwargs: Any) -> Any:  # type: ignore[override]
        params = {name: str(value) for name, value in (kwargs.get("params") or {}).items()}
        raise _Captured(Request(method, url, params))  # type: ignore[arg-type]


def request_of(call: Callable[[spotipy.Spotify], object]) -> Request:
    """The request that one of spotipy's methods would send."""
    client = spotipy.Spotify(auth="nobody", requests_session=_Capturing())
    client.prefix = ""
    try:
        call(client)
    except _Captured as captured:
        return captured.request
    raise ValueError("no request would be sent")


def _found_nothing(response: Response) -> bool:
    try:
        found: Any = msgspec.json.decode(response.body)
    except msgspec.DecodeError:
        return True
    lists = found.values() if isinstance(found, dict) else ()
    return not any(isinstance(one, dict) and one.get("items") for one in lists)
