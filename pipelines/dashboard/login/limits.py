"""What holds up whoever tries too much: a limit on requests, and a cap on logins that were begun.

Both are in memory, of this process alone.
"""

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from pipelines.resources.dashboard_logins import TOKEN_BYTES, key_of
from pipelines.resources.spotify.consent import Consent

PER_MINUTE = 60
"""Requests at the door from one address. A login takes five."""

MOST_ADDRESSES = 10_000
MOST_BEGUN = 500
"""Logins that were begun and did not end: of more, the oldest are dropped."""

BEGUN_LASTS_S = 600.0


class RateLimit:
    """So many requests in a minute from one address.

    Args:
        per_minute: how many.
        clock: the current time, Unix seconds.
    """

    def __init__(
        self, per_minute: int = PER_MINUTE, clock: Callable[[], float] = time.time
    ) -> None:
        self._per_minute, self._clock = per_minute, clock
        self._allowed: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def allows(self, address: str) -> bool:
        """Whether one more request may come from there now."""
        now = self._clock()
        left, asked_at = self._allowed.pop(address, (float(self._per_minute), now))
        left = min(self._per_minute, left + max(0.0, now - asked_at) * self._per_minute / 60)
        is_allowed = left >= 1
        self._allowed[address] = (left - is_allowed, now)
        if len(self._allowed) > MOST_ADDRESSES:
            self._allowed.popitem(last=False)
        return is_allowed


@dataclass(frozen=True)
class Begun:
    """A browser that was sent to Spotify and is to come back.

    Attributes:
        consent: what it was sent with: the state, and the verifier of PKCE.
        listener: whose consent to collect is renewed; None where somebody shows who they are.
        then: the page that it leads to in the end.
        until: when it is over, Unix seconds.
    """

    consent: Consent
    listener: str | None
    then: str
    until: float


class BegunLogins:
    """Browsers that were sent to Spotify, each to come back once.

    Args:
        clock: the current time, Unix seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._begun: OrderedDict[str, Begun] = OrderedDict()

    def add(self, consent: Consent, then: str, listener: str | None = None) -> str:
        """Remember one; returns the token that the browser's cookie is to hold."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        until = self._clock() + BEGUN_LASTS_S
        self._begun[key_of(token)] = Begun(consent, listener, then, until)
        while len(self._begun) > MOST_BEGUN:
            self._begun.popitem(last=False)
        return token

    def take(self, token: str | None) -> Begun | None:
        """The one of a cookie, which is then forgotten; None where there is none any more."""
        begun = self._begun.pop(key_of(token), None) if token else None
        return begun if begun and self._clock() < begun.until else None
