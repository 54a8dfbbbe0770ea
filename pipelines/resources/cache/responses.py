"""What is kept of Spotify's answers, for how long, and for whom.

An answer belongs to the listener for whom it was asked, and to their account: two people may get
different answers to the same question. Only what Spotify answered with 200 is kept. Add a kind here
when something else of the catalogue is asked for; what listeners did (`recently-played`), who they
are, and what a request changed, is never kept. Nor are pages of playlists: readings of those keep
them in the lake, by snapshot.
"""

import atexit
import hashlib
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from threading import Lock
from typing import Any

import msgspec
import requests
import spotipy
from filelock import FileLock, Timeout

from pipelines.errors import (
    BudgetSpent,
    LockedOut,
    PlayledgerError,
    RefreshFailed,
    RefusedRequest,
    SpotifyDown,
    SpotifyFailing,
    UnreadableAnswer,
    UnreadableResponse,
)
from pipelines.listening.api.responses import Request, Response, unpack
from pipelines.resources.cache.sqlite import SqliteStore
from pipelines.resources.cache.store import SCHEMA_VERSION, CacheUnavailable, Key, Store, Usage

STALE_FOR = timedelta(days=30)
"""What Spotify's catalogue said so long ago is better than nothing while it cannot be asked."""

FLIGHT_S = 40.0
"""Who waits for another one's request to end gives up then; it takes 25 s at most, and its slot."""

LOCKS = 64

OUTCOMES = ("hit", "miss", "stale")
"""What becomes of a question: answered from what is kept, sent, or answered with what is old."""

WRITE_DOWN_S = 5.0

log = logging.getLogger("playledger.cache")


_object = msgspec.json.Decoder(dict[str, msgspec.Raw])


class _List(msgspec.Struct):
    items: list[msgspec.Raw] = []


def _found_nothing(response: Response) -> bool:
    return not any(
        msgspec.json.decode(found, type=_List).items
        for found in _object.decode(response.body).values()
    )


@dataclass(frozen=True)
class Kind:
    """A kind of answers.

    Attributes:
        name: of the kind.
        found_nothing: tells an answer that found nothing, which is repeated sooner: what is not
            there today may be tomorrow.
    """

    name: str
    found_nothing: Callable[[Response], bool] = lambda _response: False


TRACK, ALBUM, ARTIST = Kind("track"), Kind("album"), Kind("artist")
SEARCH = Kind("search", _found_nothing)

NOTHING_FOUND = 1 / 12
"""For so much of the time an answer is good that found nothing."""


CANNOT_BE_ASKED = (LockedOut, SpotifyDown, SpotifyFailing, RefreshFailed, BudgetSpent)
"""What stands in the way of a new answer, and says nothing against an old one."""


@dataclass(frozen=True)
class Answer:
    """An answer, and where it is from.

    Attributes:
        response: as Spotify gave it.
        source: `spotify`: asked just now; `cache`: asked not long ago; `stale`: longer ago than it
            is good for, while Spotify cannot be asked.
        age: how long ago it was asked.
        instead_of: why Spotify was not asked, or did not answer, where this is a stale answer.
    """

    response: Response
    source: str
    age: timedelta
    instead_of: PlayledgerError | None = None


@dataclass
class Counts:
    """What became of the questions of this process, and of those that were not written down yet.

    Attributes:
        file: where they are written down, for all processes of the machine.
        times: how often each of `OUTCOMES` was.
    """

    file: SqliteStore
    times: Counter[str] = field(default_factory=Counter)
    _unwritten: dict[tuple[str, str], Counter[str]] = field(default_factory=dict)
    _written_at: float = field(default_factory=time.monotonic)
    _lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        atexit.register(self.write_down)

    def add(self, day: str, owner: str, outcome: str) -> None:
        """Count a question."""
        with self._lock:
            self.times[outcome] += 1
            self._unwritten.setdefault((day, owner), Counter())[outcome] += 1
        if time.monotonic() - self._written_at > WRITE_DOWN_S:
            self.write_down()

    def write_down(self) -> None:
        """Write down what was not yet; where that is not possible, it is lost."""
        with self._lock:
            unwritten, self._unwritten = self._unwritten, {}
            self._written_at = time.monotonic()
        with suppress(CacheUnavailable):
            for (day, owner), times in unwritten.items():
                self.file.tally(day, owner, times)


@dataclass
class ResponseCache:
    """Answers questions from what is kept, or by asking.

    Attributes:
        store: where answers are kept.
        counts: what became of the questions.
        fresh_for: how long an answer is as good as a new one.
        locks: a folder of this machine's, for locks.
        clock: the current time.
    """

    store: Store
    counts: Counts
    fresh_for: timedelta
    locks: Path
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    _warned: bool = field(default=False, init=False)

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
        with self._flight(key):
            # Who asked the same just now may have been done before it was our turn.
            if found := self._fresh(key, kind):
                return found
            try:
                response = ask()
            except CANNOT_BE_ASKED as problem:
                if kept := self._kept(key):
                    self._count(key, "stale")
                    return replace(kept, instead_of=problem)
                if isinstance(problem, SpotifyDown):
                    self._count(key, "miss")
                raise
            except (RefusedRequest, UnreadableAnswer):
                self._count(key, "miss")
                raise
            self._count(key, "miss")
            if _is_answer(response, kind):
                self._keep(key, response)
            return Answer(response, "spotify", timedelta())

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
        self._count(key, "hit")
        return replace(kept, source="cache")

    def _is_fresh(self, kept: Answer, kind: Kind) -> bool:
        share = NOTHING_FOUND if kind.found_nothing(kept.response) else 1
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
        age = abs(self.clock() - response.fetched_at)  # machines' clocks differ a little
        if age > STALE_FOR:
            return None
        return Answer(response, "stale", age)

    def _count(self, key: Key, outcome: str) -> None:
        self.counts.add(f"{self.clock():%Y-%m-%d}", key.owner, outcome)

    def _keep(self, key: Key, response: Response) -> None:
        try:
            self.store.put(key, response.pack(), STALE_FOR.total_seconds())
        except CacheUnavailable as problem:
            self._failed(problem)

    def _failed(self, problem: Exception) -> None:
        if not self._warned:
            log.warning("the cache cannot be used, so requests are sent: %s", problem)
        self._warned = True

    @contextmanager
    def _flight(self, key: Key) -> Iterator[None]:
        """Be the only one of this machine who asks this, unless somebody takes very long."""
        number = int(key.name[:8], 16) % LOCKS
        lock = FileLock(self.locks / f"{number:02}.lock", mode=0o600)
        with suppress(Timeout, OSError):  # then two ask the same, which does no harm
            self.locks.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock.acquire(timeout=FLIGHT_S, poll_interval=0.02)
        try:
            yield
        finally:
            lock.release()


def _is_answer(response: Response, kind: Kind) -> bool:
    """Whether it is worth keeping: a success with an object in it."""
    try:
        _object.decode(response.body)
        kind.found_nothing(response)
    except msgspec.DecodeError:
        return False
    return response.status == HTTPStatus.OK


def key_of(
    listener: str,
    account: str,
    kind: Kind,
    call: Callable[[spotipy.Spotify], object],
) -> Key:
    """The key of a question: of the request as it would be sent, without the token.

    Args:
        listener: for whom it is asked.
        account: theirs at Spotify.
        kind: of the question.
        call: calls one of spotipy's methods; nothing is sent.
    """
    request = request_of(call)
    told = (SCHEMA_VERSION, account, kind.name, request.path, sorted(request.params.items()))
    name = hashlib.sha256(msgspec.json.encode(told)).hexdigest()
    return Key(listener, name)


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
