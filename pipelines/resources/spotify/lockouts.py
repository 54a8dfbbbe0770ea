"""Until when Spotify refuses requests: stored in the lake, so that every machine knows.

If it cannot be stored in the lake, which may be full or gone, this machine stores it in
`TOKENS_DIR`; also where its clock is wrong, since it can obey by no other. Recording a long
Retry-After and checking whether one is still in force live here. What a 429 means belongs in
`client.py`.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import msgspec

from pipelines.errors import CorruptFile, LockedOut, StoreUnavailable, TokenFileError
from pipelines.listening.api.polled import MAX_CLOCK_SKEW
from pipelines.resources.lake.lakes import Lake
from pipelines.resources.spotify.token_store import read_file, reserve_space


class Lockout(msgspec.Struct, frozen=True):
    """A period in which Spotify refuses requests.

    Attributes:
        group: the group of endpoints that was requested.
        retry_at: when it ends, by the clock of `locked_at`.
        reason: why, in Spotify's words.
        locked_at: when Spotify answered so.
    """

    group: str
    retry_at: Annotated[datetime, msgspec.Meta(tz=True)]
    reason: str
    locked_at: Annotated[datetime, msgspec.Meta(tz=True)]

    def is_in_force(self, now: datetime) -> bool:
        """Whether it is, by a clock that shows `now`.

        One that is ahead is not: the clock that wrote it was wrong, or this one is, which the
        answer to the next request says.
        """
        return not self.is_ahead(now) and now < self.retry_at

    def is_ahead(self, now: datetime) -> bool:
        """Whether it begins later than clocks may differ."""
        return self.locked_at > now + MAX_CLOCK_SKEW

    def error(self, unwritten: str = "") -> LockedOut:
        """The exception to raise while it is in force.

        Args:
            unwritten: why it could not be stored; empty where it was.
        """
        return LockedOut(self.retry_at, self.group, self.reason, unwritten)


class Lockouts:
    """The lockouts of one developer.

    Whatever app and group of endpoints caused it, a lockout stops every request: the quota is the
    developer's, and requests during a lockout are reported to make it longer.

    Args:
        lake: where every machine reads them, one file for each group of endpoints.
        developer: a client id, or a name for all of a developer's apps.
        folder: `TOKENS_DIR`, where this machine stores one that could not be stored in the lake.
    """

    def __init__(self, lake: Lake, developer: str, folder: Path) -> None:
        self._lake = lake
        name = re.sub(r"[^A-Za-z0-9_-]", "_", developer)
        self._prefix = f"state/lockouts/{name}/"
        self._path = folder / f"lockout-{name}.json"

    def in_force(self, now: datetime | None = None) -> list[Lockout]:
        """Lockouts that have not ended yet, the longest first.

        Raises:
            CorruptFile: where a stored lockout cannot be read; it is not ignored.
            StoreUnavailable: where the lake cannot be read, and this machine has none in force.
            TokenFileError: where this machine's cannot be read.
        """
        now = now or datetime.now(UTC)
        in_force = [one for one in self._all(now) if one.is_in_force(now)]
        return sorted(in_force, key=lambda one: one.retry_at, reverse=True)

    def check(self) -> None:
        """Do nothing where requests may be sent.

        Raises:
            LockedOut: where they may not.
        """
        for longest in self.in_force()[:1]:
            raise longest.error()

    def _all(self, now: datetime) -> list[Lockout]:
        """The lockouts in the lake, and this machine's."""
        local = self._read_local()
        if local and local.is_ahead(now):  # until its clock was set; the lake has it by Spotify's
            with suppress(OSError):
                self._path.unlink()
            local = None
        own = [local] if local else []
        try:
            return [*own, *self._read_lake()]
        except StoreUnavailable:
            if local is None or not local.is_in_force(now):
                raise
            return own

    def lock(
        self, group: str, retry_at: datetime, reason: str, ahead: timedelta = timedelta()
    ) -> LockedOut:
        """Store a lockout, unless a longer one is stored already.

        Args:
            group: the group of endpoints that was requested.
            retry_at: when it ends, by this machine's clock.
            reason: why, in Spotify's words.
            ahead: by how much that clock is wrong. All machines then get to know of the lockout by
                Spotify's, and this one by its own.

        Returns:
            The exception to raise; it says so if the lockout could not be stored.
        """
        now = datetime.now(UTC)
        lockout = Lockout(group, retry_at, reason, now)
        for_all = Lockout(group, retry_at - ahead, reason, now - ahead)
        unwritten: list[str] = []
        for store, one in ((self._store_in_lake, for_all), (self._store_locally, lockout)):
            try:
                stored = store(one)
            except (TokenFileError, StoreUnavailable, CorruptFile) as problem:
                unwritten.append(str(problem))
            else:
                if not ahead:
                    return stored.error("; ".join(unwritten))
        return lockout.error("; ".join(unwritten))

    def _store_locally(self, lockout: Lockout) -> Lockout:
        """Store it on this machine; the longest that is stored now."""
        longest = _longer(lockout, self._read_local())
        if longest is lockout:
            with reserve_space(self._path) as write:
                write(msgspec.json.encode(lockout))
        return longest

    def _store_in_lake(self, lockout: Lockout) -> Lockout:
        """Store it in the lake; the longest of its group that is stored now."""
        key = f"{self._prefix}{lockout.group}.json"
        longest = _longer(lockout, self._read(key))
        if longest is lockout:
            self._lake.store.put(key, msgspec.json.encode(lockout))
        return longest

    def _read_local(self) -> Lockout | None:
        body = read_file(self._path)
        return None if body is None else _lockout(body, str(self._path))

    def _read_lake(self) -> Iterator[Lockout]:
        for entry in self._lake.store.list(self._prefix):
            if lockout := self._read(entry.key):
                yield lockout

    def _read(self, key: str) -> Lockout | None:
        stored = self._lake.store.get(key)
        return _lockout(stored.body, self._lake.store.url(key)) if stored else None


def _longer(new: Lockout, stored: Lockout | None) -> Lockout:
    if stored and stored.is_in_force(new.locked_at) and stored.retry_at > new.retry_at:
        return stored
    return new


def _lockout(body: bytes, where: str) -> Lockout:
    try:
        return msgspec.json.decode(body, type=Lockout)
    except (ValueError, RecursionError) as problem:
        raise CorruptFile(
            f"{where} is not a lockout ({problem}): delete it when no lockout is in force"
        ) from None
