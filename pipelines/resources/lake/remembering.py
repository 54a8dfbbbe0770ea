"""A store that asks for nothing twice: for runs that come often and mostly find nothing to do.

What is remembered may be out of date, so it may only decide that there is nothing to do: whoever
finds something calls `forget` and reads again, and a conflict forgets by itself. Add nothing here
but what a store does; which runs remember is decided where assets open the lake.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from pipelines.resources.lake.object_store import Conflict, Entry, Store, Stored


@dataclass
class _Listing:
    """What was listed: every key below a prefix, after a key."""

    prefix: str
    start_after: str
    entries: dict[str, Entry] = field(default_factory=dict)

    def has(self, prefix: str, start_after: str) -> bool:
        """Whether all of another listing is in it."""
        return prefix.startswith(self.prefix) and self.start_after <= max(prefix, start_after)

    def holds(self, key: str) -> bool:
        """Whether a key would be in it."""
        return key.startswith(self.prefix) and key > self.start_after


class Remembering:
    """A store seen through what was read from it and written to it; see `Store`.

    Args:
        base: the store.
    """

    def __init__(self, base: Store) -> None:
        self.base = base
        self._bodies: dict[str, Stored | None] = {}
        self._listings: list[_Listing] = []

    def forget(self) -> bool:
        """Read everything again from now on; returns whether anything was remembered."""
        remembered = bool(self._bodies or self._listings)
        self._bodies.clear()
        self._listings.clear()
        return remembered

    def url(self, key: str) -> str:
        """See `Store`."""
        return self.base.url(key)

    def check(self) -> None:
        """See `Store`."""
        self.base.check()

    def get(self, key: str) -> Stored | None:
        """See `Store`."""
        if key not in self._bodies:
            self._bodies[key] = self.base.get(key)
        return self._bodies[key]

    def put(self, key: str, body: bytes) -> str:
        """See `Store`."""
        return self._written(key, body, self.base.put(key, body))

    def put_if_absent(self, key: str, body: bytes) -> str:
        """See `Store`."""
        return self.put_if_match(key, body, None)

    def put_if_match(self, key: str, body: bytes, etag: str | None) -> str:
        """See `Store`."""
        try:
            return self._written(key, body, self.base.put_if_match(key, body, etag))
        except Conflict:
            self.forget()
            raise

    def _written(self, key: str, body: bytes, etag: str) -> str:
        self._bodies[key] = Stored(body, etag)
        for listing in self._listings:
            if listing.holds(key):
                listing.entries[key] = Entry(key, len(body), etag)
        return etag

    def list(self, prefix: str, *, start_after: str = "") -> Iterator[Entry]:
        """See `Store`."""
        known = next((one for one in self._listings if one.has(prefix, start_after)), None)
        if known is None:
            known = _Listing(prefix, start_after)
            found = self.base.list(prefix, start_after=start_after)
            known.entries = {entry.key: entry for entry in found}
            self._listings.append(known)
        entries = sorted(known.entries.items())
        return (e for key, e in entries if key.startswith(prefix) and key > start_after)

    def folders(self, prefix: str, *, start_after: str = "") -> Iterator[str]:
        """See `Store`; answered from a listing that has every key of them."""
        after = prefix + start_after if start_after else prefix
        if any(one.has(prefix, after) for one in self._listings):
            entries = self.list(prefix, start_after=after if start_after else "")
            keys = [entry.key.removeprefix(prefix) for entry in entries]
            names = dict.fromkeys(key.partition("/")[0] for key in keys if "/" in key)
            return (name for name in names if f"{name}/" > (start_after and f"{start_after}/"))
        return self.base.folders(prefix, start_after=start_after)

    def delete(self, prefix: str) -> int:
        """See `Store`."""
        self.forget()
        return self.base.delete(prefix)
