"""A server where there is one, and the file of this machine while it is away."""

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from pipelines.resources.cache.store import CacheUnavailable, Key, Store, Usage

AGAIN_S = 60.0
"""A server that did not answer is tried again after this long."""

T = TypeVar("T")

log = logging.getLogger("playledger.cache")


class SwitchingStore:
    """Uses a server, or the file of this machine for a minute where the server does not answer.

    What is kept in the one meanwhile is not copied to the other.

    Args:
        server: the first choice.
        file: what is used otherwise.
        clock: seconds that only ever grow.
    """

    def __init__(
        self,
        server: Store,
        file: Store,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._server, self._file, self._clock = server, file, clock
        self._again_at = 0.0
        self._problem = ""

    def get(self, key: Key) -> bytes | None:
        """As `Store`."""
        return self._ask(lambda store: store.get(key))

    def put(self, key: Key, value: bytes, keep_s: float) -> None:
        """As `Store`."""
        self._ask(lambda store: store.put(key, value, keep_s))

    def count(self, owner: str) -> int:
        """As `Store`, of both: raises where the server is away, since it may have some."""
        return self._file.count(owner) + self._server.count(owner)

    def drop(self, owner: str) -> int:
        """As `Store`, of both: raises where the server is away, since it may have some."""
        return self._file.drop(owner) + self._server.drop(owner)

    def clear(self) -> int:
        """As `Store`, of both."""
        return self._file.clear() + self._server.clear()

    def sweep(self, seconds: float) -> int:
        """As `Store`, of the file."""
        return self._file.sweep(seconds)

    def usage(self) -> Usage:
        """As `Store`, of the one that is used."""
        used = self._ask(lambda store: store.usage())
        return Usage(used.backend, used.entries, used.bytes, self._problem)

    def _ask(self, ask: Callable[[Store], T]) -> T:
        if self._clock() >= self._again_at:
            try:
                answer = ask(self._server)
            except CacheUnavailable as problem:
                if not self._problem:
                    log.warning("the cache's server is away (%s); a file is used instead", problem)
                self._problem = str(problem)
                self._again_at = self._clock() + AGAIN_S
            else:
                self._problem = ""
                return answer
        return ask(self._file)
