"""Until when Spotify wants no request: kept in the lake, so that every machine knows.

Writing down a long Retry-After and asking whether one is still in force live here. What a
429 means belongs in `spotify.py`.
"""

import re
from datetime import UTC, datetime
from typing import Annotated

import msgspec

from pipelines.resources.lake import CorruptFile, Lake


class LockedOut(RuntimeError):
    """Spotify wants no request before `retry_at`; the message says so in one line."""

    def __init__(self, lockout: "Lockout") -> None:
        self.retry_at = lockout.retry_at
        super().__init__(
            f"Spotify wants no requests until {lockout.retry_at:%Y-%m-%d %H:%M:%S} UTC "
            f"({lockout.reason} at {lockout.group}): nothing is sent before, "
            "the schedules go on by themselves after it"
        )


class Lockout(msgspec.Struct, frozen=True):
    """One refusal: which group of endpoints, why, since when and until when."""

    group: str
    retry_at: Annotated[datetime, msgspec.Meta(tz=True)]
    reason: str
    locked_at: Annotated[datetime, msgspec.Meta(tz=True)]


class Lockouts:
    """The lockouts of one app.

    Whatever group of endpoints earned it, a lockout stops every request of the app: the quota is
    the developer's, and requests during a lockout are reported to make it longer.
    """

    def __init__(self, lake: Lake, client_id: str) -> None:
        self._lake = lake
        self._prefix = f"state/lockouts/{re.sub(r'[^A-Za-z0-9_-]', '_', client_id)}/"

    def active(self, now: datetime | None = None) -> Lockout | None:
        """The lockout that lasts longest, if one is in force.

        Raises:
            CorruptFile: where a kept lockout cannot be read; it is not taken for none.
        """
        now = now or datetime.now(UTC)
        kept = (self._read(entry.key) for entry in self._lake.store.list(self._prefix))
        in_force = [lockout for lockout in kept if lockout and lockout.retry_at > now]
        return max(in_force, key=lambda one: one.retry_at, default=None)

    def check(self) -> None:
        """Pass where requests may go out.

        Raises:
            LockedOut: where they may not.
        """
        if lockout := self.active():
            raise LockedOut(lockout)

    def lock(self, group: str, retry_at: datetime, reason: str) -> Lockout:
        """Write a lockout down; the one in force, where a longer one is."""
        key = f"{self._prefix}{group}.json"
        known = self._read(key)
        if known and known.retry_at > retry_at:
            return known
        lockout = Lockout(group, retry_at, reason, datetime.now(UTC))
        self._lake.store.put(key, msgspec.json.encode(lockout))
        return lockout

    def _read(self, key: str) -> Lockout | None:
        stored = self._lake.store.get(key)
        try:
            return msgspec.json.decode(stored.body, type=Lockout) if stored else None
        except msgspec.DecodeError as problem:
            raise CorruptFile(
                f"{self._lake.store.url(key)} is not a lockout ({problem}): "
                "delete it when no lockout is in force"
            ) from None
