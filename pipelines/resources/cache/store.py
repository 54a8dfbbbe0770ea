"""What a place to keep answers has to do.

A place never fails: where it cannot be used, an answer is not found, and is not kept. Add a method
only if each place can have it: servers differ, and ten commands of Redis's are all that is used.
"""

from dataclasses import dataclass
from typing import Protocol

SCHEMA_VERSION = 1
"""Of keys and values; what an earlier version kept is never read."""


class CacheUnavailable(Exception):
    """A place cannot be used now; the message says why, without a secret. Stays in this room."""


@dataclass(frozen=True)
class Key:
    """Under which an answer is kept.

    Attributes:
        owner: the listener for whom it was asked: nobody else ever gets it.
        name: a digest of everything else that the answer depends on.
    """

    owner: str
    name: str


@dataclass(frozen=True)
class Usage:
    """What is in a place.

    Attributes:
        backend: what kind of place it is.
        entries: how many answers; None where it does not tell.
        bytes: what they take; likewise.
        problem: why it cannot be used now; empty where it can.
    """

    backend: str
    entries: int | None
    bytes: int | None
    problem: str = ""


class Store(Protocol):
    """A place to keep answers, for any number of threads and processes.

    Each method raises `CacheUnavailable` where the place cannot be used.
    """

    def get(self, key: Key) -> bytes | None:
        """What is kept under a key; None where nothing is, or not any more."""
        ...

    def put(self, key: Key, value: bytes, keep_s: float) -> None:
        """Keep a value, and for so many seconds at most."""
        ...

    def count(self, owner: str) -> int:
        """How many answers are kept for an owner."""
        ...

    def drop(self, owner: str) -> int:
        """Remove what is kept for an owner; returns how many there were."""
        ...

    def clear(self) -> int:
        """Remove everything; returns how many there were."""
        ...

    def sweep(self, seconds: float) -> int:
        """Remove what is kept for too long already, for so many seconds; returns how many."""
        ...

    def usage(self) -> Usage:
        """What is in it."""
        ...
