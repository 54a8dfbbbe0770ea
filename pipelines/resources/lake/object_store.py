"""The interface of every store of the lake: bytes under keys, with versions.

`Store` with its types (`Stored`, `Entry`, `Conflict`), and which keys are valid. Add here what
holds for bytes under any key in any store. A folder is `folder.py`, a bucket `s3.py`. Parquet,
JSON, gzip and the lake's paths do not belong here: they are built on top.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Protocol

DRAFTS = ".tmp"
LOCKS = ".locks"
"""Names at the top of a folder that are reserved, and no keys of the lake."""


class Conflict(Exception):
    """Another version is stored under this key by now: read it again and recompute."""


@dataclass(frozen=True, slots=True)
class Stored:
    """The bytes under a key, and their version."""

    body: bytes
    etag: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A key as a listing shows it.

    Attributes:
        key: relative to the store's root.
        size: in bytes.
        tag: the ETag, or a function that computes it when it is needed.
        written: when it was stored, Unix seconds; None where the store does not tell.
    """

    key: str
    size: int
    tag: str | Callable[[], str] = field(repr=False, compare=False)
    written: float | None = field(default=None, repr=False, compare=False)

    @property
    def stamp(self) -> str:
        """Another one for each version, without reading the file, as far as clocks are right.

        For what may be made once more for no reason, such as after a lake was copied.
        """
        tag = self.tag if isinstance(self.tag, str) else ""
        return f"{self.size} {tag or self.written}"

    @property
    def etag(self) -> str:
        """MD5 of the content in hex. A folder reads the file for it; "" if it has been deleted."""
        return self.tag if isinstance(self.tag, str) else self.tag()


class Store(Protocol):
    """Bytes under keys, with versions.

    Keys are relative to the root and '/'-separated, such as `users/nico/profile.json`. Writes are
    atomic, and visible to every reader as soon as they return. Safe to share by threads and
    processes. Every method raises ValueError for an invalid key, and StoreUnavailable where the
    store cannot be reached or used.
    """

    def url(self, key: str) -> str:
        """The address of a key (or, ending in '/', a prefix; or, empty, the root), for DuckDB."""

    def check(self) -> None:
        """Pass where the store can be used, even if it is still empty."""

    def get(self, key: str) -> Stored | None:
        """The bytes under a key; None means that there is no such key, and nothing else."""

    def put(self, key: str, body: bytes) -> str:
        """Write a key, whether or not it exists.

        Args:
            key: where to.
            body: its whole content.

        Returns:
            The new ETag.
        """

    def put_if_absent(self, key: str, body: bytes) -> str:
        """Write a key that does not exist yet.

        Args:
            key: where to.
            body: its whole content.

        Returns:
            The new ETag.

        Raises:
            Conflict: where the key exists.
        """

    def put_if_match(self, key: str, body: bytes, etag: str | None) -> str:
        """Replace one version of a key by another.

        Args:
            key: where to.
            body: its whole content.
            etag: of the version to replace; None where the key must not exist yet.

        Returns:
            The new ETag.

        Raises:
            Conflict: where another version is stored.
        """

    def list(self, prefix: str, *, start_after: str = "") -> Iterator[Entry]:
        """Keys in order.

        Args:
            prefix: what they begin with; "" for all.
            start_after: a key, itself excluded, after which they begin.
        """

    def folders(self, prefix: str, *, start_after: str = "") -> Iterator[str]:
        """Names of the folders directly below a prefix.

        They come in the order of the keys below them, which is the order of their names with a
        '/' appended.

        Args:
            prefix: "" or ending in '/'.
            start_after: a name, itself excluded, after which they begin.
        """

    def delete(self, prefix: str) -> int:
        """Delete one key or, ending in '/', all below it; "" is refused.

        Returns:
            How many keys were deleted.
        """


def md5(body: bytes) -> str:
    """The ETag that S3 gives to an object written by one PUT: MD5 in hex."""
    return hashlib.md5(body, usedforsecurity=False).hexdigest()


def check_key(key: str) -> str:
    """Return the key if it names one object below the root, else raise ValueError."""
    parts = key.split("/")
    if {"", ".", ".."} & set(parts) or "\\" in key or "\0" in key or parts[0] in {DRAFTS, LOCKS}:
        raise ValueError(f"not a key of this lake: {key!r}")
    return key


def check_prefix(prefix: str) -> str:
    """Return the prefix if keys can start with it, else raise ValueError."""
    check_key(prefix + "x" if prefix.endswith("/") or not prefix else prefix.rstrip(".") + "x")
    return prefix


def check_folder(prefix: str) -> str:
    """Return the prefix if it is "" or ends in '/', else raise ValueError."""
    if prefix and not prefix.endswith("/"):
        raise ValueError(f"not a folder of this lake (it must end in '/'): {prefix!r}")
    return check_prefix(prefix)


def keys_to_delete(store: Store, prefix: str) -> list[str]:
    """The keys that `delete` deletes, in any store.

    Args:
        store: where they are listed.
        prefix: one key or, ending in '/', a prefix.
    """
    if prefix.endswith("/"):
        return [entry.key for entry in store.list(check_folder(prefix))]
    # The first key that starts with another key is that key itself, if it exists.
    return [e.key for e in islice(store.list(check_key(prefix)), 1) if e.key == prefix]
