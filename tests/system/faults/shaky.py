"""A store that fails on order: in conflict, out of reach, or with the death of whoever writes.

What is to hold then belongs in tests.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from pipelines.errors import StoreUnavailable
from pipelines.resources.lake.folder import Folder
from pipelines.resources.lake.object_store import Conflict, Entry, Stored

Failure = Literal["conflict", "unavailable", "lost answer", "killed"]


class Killed(BaseException):
    """The process dies here."""


@dataclass
class Shaky:
    """A folder, of which one call in the future fails.

    Attributes:
        failure: how; None where nothing fails.
        after: how many calls succeed before. Only writes count, but where it is out of reach.
        dead: whether its process is: whoever goes on regardless comes no further.
    """

    folder: Folder
    failure: Failure | None = None
    after: int = 0
    dead: bool = False

    def order(self, failure: Failure | None, after: int = 0) -> None:
        """Fail like this, once, after so many calls; None to be well again."""
        self.failure, self.after, self.dead = failure, after, False

    def _due(self, *failures: Failure) -> Failure | None:
        if self.dead:
            raise Killed
        if self.failure not in failures:
            return None
        self.after -= 1
        if self.after >= 0:
            return None
        due, self.failure = self.failure, None
        return due

    def _before_a_write(self, key: str) -> None:
        match self._due("conflict", "unavailable", "killed"):
            case "conflict":
                raise Conflict(key)
            case "unavailable":
                raise StoreUnavailable(f"cannot write {key}: ordered")
            case "killed":
                self.dead = True
                raise Killed

    def _after_a_write(self, key: str, etag: str) -> str:
        if self._due("lost answer"):
            raise StoreUnavailable(f"no answer after writing {key}: ordered")
        return etag

    def _before_a_read(self, key: str) -> None:
        if self._due("unavailable"):
            raise StoreUnavailable(f"cannot read {key}: ordered")

    def url(self, key: str) -> str:
        return self.folder.url(key)

    def get(self, key: str) -> Stored | None:
        self._before_a_read(key)
        return self.folder.get(key)

    def put(self, key: str, body: bytes) -> str:
        # Nobody else's version can be in the way of one that replaces whatever is there.
        if self.failure != "conflict":
            self._before_a_write(key)
        return self._after_a_write(key, self.folder.put(key, body))

    def put_if_absent(self, key: str, body: bytes) -> str:
        self._before_a_write(key)
        return self._after_a_write(key, self.folder.put_if_absent(key, body))

    def put_if_match(self, key: str, body: bytes, etag: str | None) -> str:
        self._before_a_write(key)
        return self._after_a_write(key, self.folder.put_if_match(key, body, etag))

    def list(self, prefix: str, *, start_after: str = "") -> Iterator[Entry]:
        self._before_a_read(prefix)
        return self.folder.list(prefix, start_after=start_after)

    def folders(self, prefix: str, *, start_after: str = "") -> Iterator[str]:
        return self.folder.folders(prefix, start_after=start_after)

    def delete(self, prefix: str) -> int:
        self._before_a_write(prefix)
        return self.folder.delete(prefix)
