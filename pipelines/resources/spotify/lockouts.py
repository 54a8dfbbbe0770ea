"""Until when Spotify refuses requests: stored in the lake, so that every machine knows.

If it cannot be stored in the lake, which may be full or gone, this machine stores it in
`TOKENS_DIR`. Recording a long Retry-After and checking whether one is still in force live here.
What a 429 means belongs in `client.py`.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
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
        noticed_at: when a clock that was behind `locked_at` first read it.
    """

    group: str
    retry_at: Annotated[datetime, msgspec.Meta(tz=True)]
    reason: str
    locked_at: Annotated[datetime, msgspec.Meta(tz=True)]
    noticed_at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None

    def is_ahead(self, now: datetime) -> bool:
        """Whether the clock that wrote it was ahead of this one, or this one is behind."""
        return self.locked_at > now + MAX_CLOCK_SKEW

    def ends_at(self, now: datetime) -> datetime:
        """When it ends, by a clock that shows `now`.

        Where the clocks disagree, it is unknown which of them is wrong. It then lasts as long as
        Spotify asked for from when that was noticed, and not for as long as a clock was wrong. The
        stored times stay as they are, and apply again to a clock that has been set right.
        """
        if not self.is_ahead(now):
            return self.retry_at
        since = min(self.noticed_at or now, now)
        return since + (self.retry_at - self.locked_at)

    def error(self, now: datetime, unwritten: str = "") -> LockedOut:
        """The exception to raise while it is in force.

        Args:
            now: by this machine's clock.
            unwritten: why it could not be stored; empty where it was.
        """
        return LockedOut(self.ends_at(now), self.group, self.reason, unwritten)


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
        in_force = [one for _, one in self._all(now) if one.ends_at(now) > now]
        return sorted(in_force, key=lambda one: one.ends_at(now), reverse=True)

    def check(self) -> None:
        """Do nothing where requests may be sent.

        Raises:
            LockedOut: where they may not.
        """
        now = datetime.now(UTC)
        lockouts = self._all(now)
        for key, lockout in lockouts:
            if lockout.is_ahead(now):
                self._handle_ahead(key, lockout, now)
        if in_force := [one for _, one in lockouts if one.ends_at(now) > now]:
            raise max(in_force, key=lambda one: one.ends_at(now)).error(now)

    def _all(self, now: datetime) -> list[tuple[str | None, Lockout]]:
        """The lockouts in the lake, with their keys, and this machine's, without one."""
        local = self._read_local()
        own: list[tuple[str | None, Lockout]] = [(None, local)] if local else []
        try:
            return [*own, *self._read_lake()]
        except StoreUnavailable:
            if local is None or local.ends_at(now) <= now:
                raise
            return own

    def _handle_ahead(self, key: str | None, lockout: Lockout, now: datetime) -> None:
        """Record when a lockout of a clock that was ahead was noticed; delete it once it ended."""
        noticed = lockout.noticed_at is not None and lockout.noticed_at <= now
        over = noticed and lockout.ends_at(now) <= now
        body = msgspec.json.encode(msgspec.structs.replace(lockout, noticed_at=now))
        with suppress(TokenFileError, StoreUnavailable):
            if over and key:
                self._lake.store.delete(key)
            elif over:
                self._path.unlink(missing_ok=True)
            elif not noticed and key:
                self._lake.store.put(key, body)
            elif not noticed:
                self._write_local(body)

    def lock(self, group: str, retry_at: datetime, reason: str) -> LockedOut:
        """Store a lockout, unless a longer one is stored already.

        Args:
            group: the group of endpoints that was requested.
            retry_at: when it ends, UTC.
            reason: why, in Spotify's words.

        Returns:
            The exception to raise; it says so if the lockout could not be stored.
        """
        lockout = Lockout(group, retry_at, reason, datetime.now(UTC))
        unwritten: list[str] = []
        for store in (self._store_in_lake, self._store_locally):
            try:
                return store(lockout).error(lockout.locked_at, "; ".join(unwritten))
            except (TokenFileError, StoreUnavailable, CorruptFile) as problem:
                unwritten.append(str(problem))
        return lockout.error(lockout.locked_at, "; ".join(unwritten))

    def _store_locally(self, lockout: Lockout) -> Lockout:
        """Store it on this machine, for want of the lake; the longest that is stored now."""
        local = self._read_local()
        if local and local.ends_at(lockout.locked_at) > lockout.retry_at:
            return local
        self._write_local(msgspec.json.encode(lockout))
        return lockout

    def _write_local(self, body: bytes) -> None:
        with reserve_space(self._path) as write:
            write(body)

    def _store_in_lake(self, lockout: Lockout) -> Lockout:
        """Store it in the lake; the longest of its group that is stored now."""
        key = f"{self._prefix}{lockout.group}.json"
        stored = self._read(key)
        if stored and stored.ends_at(lockout.locked_at) > lockout.retry_at:
            return stored
        self._lake.store.put(key, msgspec.json.encode(lockout))
        return lockout

    def _read_local(self) -> Lockout | None:
        body = read_file(self._path)
        return None if body is None else _lockout(body, str(self._path))

    def _read_lake(self) -> Iterator[tuple[str, Lockout]]:
        for entry in self._lake.store.list(self._prefix):
            if lockout := self._read(entry.key):
                yield entry.key, lockout

    def _read(self, key: str) -> Lockout | None:
        stored = self._lake.store.get(key)
        return _lockout(stored.body, self._lake.store.url(key)) if stored else None


def _lockout(body: bytes, where: str) -> Lockout:
    try:
        return msgspec.json.decode(body, type=Lockout)
    except (ValueError, RecursionError) as problem:
        raise CorruptFile(
            f"{where} is not a lockout ({problem}): delete it when no lockout is in force"
        ) from None
