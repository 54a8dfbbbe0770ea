"""Until when Spotify wants no request: kept in the lake, so that every machine knows.

Where the lake cannot take it, being full or gone, the machine that was refused keeps it.
Writing down a long Retry-After and asking whether one is still in force live here. What a 429
means belongs in `spotify.py`.
"""

import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import msgspec

from pipelines.resources.lake import CorruptFile, Lake
from pipelines.resources.stores import StoreUnavailable
from pipelines.resources.tokens import TokenFileError, content, room_for

CLOCKS_DIFFER = timedelta(minutes=10)
"""How far the clocks of two machines may differ. Reasoned."""


class LockedOut(RuntimeError):
    """Spotify wants no request before `retry_at`; the message says so in one line."""

    def __init__(self, lockout: "Lockout", unwritten: str = "") -> None:
        self.retry_at = lockout.retry_at
        super().__init__(
            f"Spotify wants no requests until {lockout.retry_at:%Y-%m-%d %H:%M:%S} UTC "
            f"({lockout.reason} at {lockout.group}): nothing is sent before, "
            "the schedules go on by themselves after it"
            + (f"; but this could not be written down: {unwritten}" if unwritten else "")
        )


class Lockout(msgspec.Struct, frozen=True):
    """One refusal: which group of endpoints, why, since when and until when."""

    group: str
    retry_at: Annotated[datetime, msgspec.Meta(tz=True)]
    reason: str
    locked_at: Annotated[datetime, msgspec.Meta(tz=True)]

    def as_of(self, now: datetime) -> "Lockout":
        """The lockout, which begins now where it was written down by a clock that was ahead.

        When it really began is not known; but it must not last for as long as the clock was wrong.
        """
        if self.locked_at <= now + CLOCKS_DIFFER:
            return self
        wait = self.retry_at - self.locked_at
        return msgspec.structs.replace(self, locked_at=now, retry_at=now + wait)


class Lockouts:
    """The lockouts of one developer.

    Whatever app and group of endpoints earned it, a lockout stops every request: the quota is the
    developer's, and requests during a lockout are reported to make it longer.

    Args:
        lake: where every machine finds them, one file for each group of endpoints.
        developer: a client id, or what stands for all of a developer's apps.
        folder: `TOKENS_DIR`, where this machine keeps one that the lake could not take.
    """

    def __init__(self, lake: Lake, developer: str, folder: Path) -> None:
        self._lake = lake
        name = re.sub(r"[^A-Za-z0-9_-]", "_", developer)
        self._prefix = f"state/lockouts/{name}/"
        self._path = folder / f"lockout-{name}.json"

    def in_force(self, now: datetime | None = None) -> list[Lockout]:
        """Lockouts that are not over yet, the longest first.

        Raises:
            CorruptFile: where a kept lockout cannot be read; it is not taken for none.
            StoreUnavailable: where the lake cannot be read, and the machine knows of none.
            TokenFileError: where the machine's cannot be read.
        """
        now = now or datetime.now(UTC)
        noted = self._noted()
        here = [noted.as_of(now)] if noted and noted.retry_at > now else []
        try:
            kept = [self._read(entry.key) for entry in self._lake.store.list(self._prefix)]
        except StoreUnavailable:
            if not here:
                raise
            return here
        in_force = [*here, *(one.as_of(now) for one in kept if one and one.retry_at > now)]
        return sorted(in_force, key=lambda one: one.retry_at, reverse=True)

    def check(self) -> None:
        """Pass where requests may go out.

        Raises:
            LockedOut: where they may not.
        """
        now = datetime.now(UTC)
        for longest in self.in_force(now):
            if longest.locked_at == now:
                with suppress(TokenFileError, StoreUnavailable):
                    self._publish(longest)
                    self._note(longest)
            raise LockedOut(longest)

    def lock(self, group: str, retry_at: datetime, reason: str) -> LockedOut:
        """Write a lockout down, unless a longer one stands there.

        Returns:
            What to raise; it says so where the lockout could not be written down everywhere.
        """
        lockout = Lockout(group, retry_at, reason, datetime.now(UTC))
        unwritten: list[str] = []
        for write in (self._publish, self._note):
            try:
                return LockedOut(write(lockout), "; ".join(unwritten))
            except (TokenFileError, StoreUnavailable, CorruptFile) as problem:
                unwritten.append(str(problem))
        return LockedOut(lockout, "; ".join(unwritten))

    def _note(self, lockout: Lockout) -> Lockout:
        """Keep it on this machine, for want of the lake; the longest that stands there."""
        noted = self._noted()
        if noted and noted.as_of(lockout.locked_at).retry_at > lockout.retry_at:
            return noted
        with room_for(self._path) as write:
            write(msgspec.json.encode(lockout))
        return lockout

    def _publish(self, lockout: Lockout) -> Lockout:
        """Keep it in the lake; the longest of its group."""
        key = f"{self._prefix}{lockout.group}.json"
        known = self._read(key)
        if known and known.as_of(lockout.locked_at).retry_at > lockout.retry_at:
            return known
        self._lake.store.put(key, msgspec.json.encode(lockout))
        return lockout

    def _noted(self) -> Lockout | None:
        body = content(self._path)
        return None if body is None else _lockout(body, str(self._path))

    def _read(self, key: str) -> Lockout | None:
        stored = self._lake.store.get(key)
        return _lockout(stored.body, self._lake.store.url(key)) if stored else None


def _lockout(body: bytes, where: str) -> Lockout:
    try:
        return msgspec.json.decode(body, type=Lockout)
    except msgspec.DecodeError as problem:
        raise CorruptFile(
            f"{where} is not a lockout ({problem}): delete it when no lockout is in force"
        ) from None
