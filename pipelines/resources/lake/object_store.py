"""What every store of the lake promises: bytes under keys, with versions.

The interface (`Store`) and its words (`Stored`, `Entry`, `Conflict`), and which keys are allowed.
Add here what holds for bytes under any key in any store. A folder is `folder.py`, a bucket `s3.py`.
Parquet, JSON, gzip and the lake's paths do not belong here: the lake is built on this.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Protocol

DRAFTS = ".tmp"
LOCKS = ".locks"
"""Names at the top of a folder that are no keys of the lake."""


class Conflict(Exception):
    """Someone else's version stands under this key: read it again and recompute."""


@dataclass(frozen=True, slots=True)
class Stored:
    """The bytes under a key, and the version that they are."""

    body: bytes
    etag: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A key as a listing shows it.

    Attributes:
        key: relative to the store's root.
        size: in bytes.
        tag: the ETag, or a function that finds it when it is asked for.
    """

    key: str
    size: int
    tag: str | Callable[[], str] = field(repr=False, compare=False)

    @property
    def etag(self) -> str:
        """MD5 of the content in hex. A folder reads the file for it; "" if it is gone by then."""
        return self.tag if isinstance(self.tag, str) else self.tag()


class Store(Protocol):
    """Bytes under keys, with versions.

    Keys are relative to the root and '/'-separated, such as `users/nico/profile.json`. A write is
    seen whole or not at all, and by every reader as soon as it returns. Safe to share by threads
    and processes. Every method raises ValueError for a key that is not allowed and
    StoreUnavailable when the store cannot answer.
    """

    def url(self, key: str) -> str:
        """Where a key (or, ending in '/', a prefix; or, empty, the root) lies, for DuckDB."""

    def check(self) -> None:
        """Pass where it can be used, also where nothing lies there yet."""

    def get(self, key: str) -> Stored | None:
        """The bytes under a key; None means that there is no such key, and nothing else."""

    def put(self, key: str, body: bytes) -> str:
        """Write, whatever stands there. Returns the new ETag."""

    def put_if_absent(self, key: str, body: bytes) -> str:
        """Write a key that does not exist yet. Returns its ETag, or raises Conflict."""

    def put_if_match(self, key: str, body: bytes, etag: str | None) -> str:
        """Replace the version `etag` (None: no version yet). Returns the new one, or Conflict."""

    def list(self, prefix: str, *, start_after: str = "") -> Iterator[Entry]:
        """Every key that starts with `prefix` and comes after `start_after`, sorted."""

    def folders(self, prefix: str, *, start_after: str = "") -> Iterator[str]:
        """Names of the folders directly below `prefix` ("" or ending in '/').

        They come in the order of the keys below them, which is the order of their names with a
        '/' appended; `start_after` is a name, and excluded.
        """

    def delete(self, prefix: str) -> int:
        """Delete one key or, ending in '/', all below it. Returns how many; "" is refused."""


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
    """What `delete` of a prefix or of one key means, for any store."""
    if prefix.endswith("/"):
        return [entry.key for entry in store.list(check_folder(prefix))]
    # The first key that starts with another key is that key itself, if it exists.
    return [e.key for e in islice(store.list(check_key(prefix)), 1) if e.key == prefix]
