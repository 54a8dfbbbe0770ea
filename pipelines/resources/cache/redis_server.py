"""Answers in a server that speaks Redis's commands, for several machines.

Used are GET, SET with EX, DEL and SCAN, and nothing that only one make of server has. It was
run with Valkey and Redis; servers that speak the same commands should do.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from pipelines.errors import SettingsError
from pipelines.resources.cache.store import SCHEMA_VERSION, CacheUnavailable, Key, Usage

TIMEOUT_S = 0.5
"""A server that answers later is no help."""

PREFIX = f"playledger:{SCHEMA_VERSION}"

AT_ONCE = 1_000
"""Keys that one command looks at or removes."""

_GLOB = str.maketrans({sign: f"\\{sign}" for sign in "\\*?[]"})


class RedisStore:
    """Keeps answers in a server; how much it keeps, and what goes first, is set there.

    Args:
        url: `redis://` or, with TLS, `rediss://`; may hold a password.

    Raises:
        SettingsError: where that is no address of a server's.
    """

    backend = "redis"

    def __init__(self, url: str) -> None:
        from redis import Redis  # noqa: PLC0415 0.1 s, and few have a server
        from redis.backoff import NoBackoff  # noqa: PLC0415
        from redis.exceptions import RedisError  # noqa: PLC0415
        from redis.retry import Retry  # noqa: PLC0415

        try:
            self.address = urlsplit(url).hostname or "the server"
            self._server: Any = Redis.from_url(
                url,
                socket_timeout=TIMEOUT_S,
                socket_connect_timeout=TIMEOUT_S,
                retry=Retry(NoBackoff(), 0),
            )
            self._server.connection_pool.make_connection()  # which checks its options, no more
        except (RedisError, ValueError, TypeError):
            raise SettingsError(
                "CACHE_URL: no connection can be made of it: it has to be such as "
                "redis://:password@host:6379/0, and its options those of redis-py"
            ) from None

    def get(self, key: Key) -> bytes | None:
        """As `Store`."""
        value: bytes | None = self._ask("get", _name(key))
        return value

    def put(self, key: Key, value: bytes, keep_s: float) -> None:
        """As `Store`."""
        self._ask("set", _name(key), value, ex=max(round(keep_s), 1))

    def count(self, owner: str) -> int:
        """As `Store`."""
        return sum(len(some) for some in self._keys(_all_of(owner)))

    def drop(self, owner: str) -> int:
        """As `Store`."""
        return self._remove(_all_of(owner))

    def clear(self) -> int:
        """As `Store`: what this version and earlier ones kept, and no key of anybody else's."""
        return self._remove("playledger:*")

    def sweep(self, seconds: float) -> int:  # noqa: ARG002
        """Nothing: the server removes by itself what is over."""
        return 0

    def usage(self) -> Usage:
        """As `Store`; not every server tells how much memory it takes."""
        return Usage(self.backend, sum(len(some) for some in self._keys(f"{PREFIX}:*")), None)

    def _remove(self, pattern: str) -> int:
        return sum(self._ask("delete", *keys) for keys in self._keys(pattern))

    def _keys(self, pattern: str) -> Iterator[list[bytes]]:
        """Keys some at a time; a server may show one twice, which none of these minds."""
        cursor = 0
        while True:
            cursor, keys = self._ask("scan", cursor, match=pattern, count=AT_ONCE)
            if keys:
                yield keys
            if not cursor:
                return

    def _ask(self, command: str, *values: Any, **options: Any) -> Any:
        from redis.exceptions import RedisError  # noqa: PLC0415

        try:
            return getattr(self._server, command)(*values, **options)
        except (RedisError, OSError, ValueError) as problem:  # the last: no name of a host
            # Its own message may quote the command, and so the password.
            raise CacheUnavailable(f"{self.address}: {type(problem).__name__}") from None


def _all_of(owner: str) -> str:
    """The keys of an owner, of earlier versions too."""
    return f"playledger:*:{owner.translate(_GLOB)}:*"


def _name(key: Key) -> str:
    return f"{PREFIX}:{key.owner}:{key.name}"
