"""Until when Spotify wants no request: kept in the lake, so that every machine knows.

Where the lake cannot take it, being full or gone, the machine that was refused keeps it.
Writing down a long Retry-After and asking whether one is still in force live here. What a 429
means belongs in `client.py`.
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
from pipelines.resources.lake.tables import Lake
from pipelines.resources.spotify.token_store import content, room_for


class Lockout(msgspec.Struct, frozen=True):
    """One refusal: which group of endpoints, why, since when and until when.

    Attributes:
        group: what was asked for.
        retry_at: until when, as Spotify told, by the clock of `locked_at`.
        reason: why, in Spotify's words.
        locked_at: when it was told.
        noticed_at: when a clock that was before `locked_at` first met it.
    """

    group: str
    retry_at: Annotated[datetime, msgspec.Meta(tz=True)]
    reason: str
    locked_at: Annotated[datetime, msgspec.Meta(tz=True)]
    noticed_at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None

    def is_ahead(self, now: datetime) -> bool:
        """Whether the clock that wrote it was ahead of this one, or this one is behind."""
        return self.locked_at > now + MAX_CLOCK_SKEW

    def over_at(self, now: datetime) -> datetime:
        """When it is over, by a clock that says `now`.

        Where the clocks disagree, which of them is wrong is not known. It then lasts as long as
        Spotify told from when that was noticed, and not for as long as a clock was wrong. What
        Spotify told stays as it is, and holds again for a clock that has been set right.
        """
        if not self.is_ahead(now):
            return self.retry_at
        since = min(self.noticed_at or now, now)
        return since + (self.retry_at - self.locked_at)

    def error(self, now: datetime, unwritten: str = "") -> LockedOut:
        """What to raise while it is in force.

        Args:
            now: by this machine's clock.
            unwritten: why it could not be recorded; empty where it was.
        """
        return LockedOut(self.over_at(now), self.group, self.reason, unwritten)


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
        in_force = [one for _, one in self._every(now) if one.over_at(now) > now]
        return sorted(in_force, key=lambda one: one.over_at(now), reverse=True)

    def check(self) -> None:
        """Pass where requests may go out.

        Raises:
            LockedOut: where they may not.
        """
        now = datetime.now(UTC)
        every = self._every(now)
        for key, lockout in every:
            if lockout.is_ahead(now):
                self._settle(key, lockout, now)
        if in_force := [one for _, one in every if one.over_at(now) > now]:
            raise max(in_force, key=lambda one: one.over_at(now)).error(now)

    def _every(self, now: datetime) -> list[tuple[str | None, Lockout]]:
        """What is written down in the lake, with its key, and here."""
        noted = self._noted()
        here: list[tuple[str | None, Lockout]] = [(None, noted)] if noted else []
        try:
            return [*here, *self._kept()]
        except StoreUnavailable:
            if noted is None or noted.over_at(now) <= now:
                raise
            return here

    def _settle(self, key: str | None, lockout: Lockout, now: datetime) -> None:
        """Of a clock that was ahead: note when this was met, and delete it when it is over."""
        met = lockout.noticed_at is not None and lockout.noticed_at <= now
        over = met and lockout.over_at(now) <= now
        body = msgspec.json.encode(msgspec.structs.replace(lockout, noticed_at=now))
        with suppress(TokenFileError, StoreUnavailable):
            if over and key:
                self._lake.store.delete(key)
            elif over:
                self._path.unlink(missing_ok=True)
            elif not met and key:
                self._lake.store.put(key, body)
            elif not met:
                self._write_here(body)

    def lock(self, group: str, retry_at: datetime, reason: str) -> LockedOut:
        """Write a lockout down, unless a longer one stands there.

        Returns:
            What to raise; it says so where the lockout could not be written down everywhere.
        """
        lockout = Lockout(group, retry_at, reason, datetime.now(UTC))
        unwritten: list[str] = []
        for write in (self._publish, self._note):
            try:
                return write(lockout).error(lockout.locked_at, "; ".join(unwritten))
            except (TokenFileError, StoreUnavailable, CorruptFile) as problem:
                unwritten.append(str(problem))
        return lockout.error(lockout.locked_at, "; ".join(unwritten))

    def _note(self, lockout: Lockout) -> Lockout:
        """Keep it on this machine, for want of the lake; the longest that stands there."""
        noted = self._noted()
        if noted and noted.over_at(lockout.locked_at) > lockout.retry_at:
            return noted
        self._write_here(msgspec.json.encode(lockout))
        return lockout

    def _write_here(self, body: bytes) -> None:
        with room_for(self._path) as write:
            write(body)

    def _publish(self, lockout: Lockout) -> Lockout:
        """Keep it in the lake; the longest of its group."""
        key = f"{self._prefix}{lockout.group}.json"
        known = self._read(key)
        if known and known.over_at(lockout.locked_at) > lockout.retry_at:
            return known
        self._lake.store.put(key, msgspec.json.encode(lockout))
        return lockout

    def _noted(self) -> Lockout | None:
        body = content(self._path)
        return None if body is None else _lockout(body, str(self._path))

    def _kept(self) -> Iterator[tuple[str, Lockout]]:
        for entry in self._lake.store.list(self._prefix):
            if lockout := self._read(entry.key):
                yield entry.key, lockout

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
