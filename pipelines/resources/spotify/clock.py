"""Whether this machine's clock is right, by the `Date` of what a service answers.

Answers are kept under this machine's time, and so are lockouts, budgets and logins: with a wrong
clock nothing is asked, and no answer is kept. This is the one place that compares; Spotify's client
and Last.fm's ask it. What was kept under a wrong date before there was such a comparison is the
readers' business, in `listening/api/polled.py` and `resources/lake/`.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import requests

from pipelines.errors import WrongClock
from pipelines.resources.spotify.http import parse_http_date

MOST_OFF = timedelta(minutes=5)
"""By how much a clock may be wrong. Reasoned: machines that keep time are within a second, and two
machines that are each this much off are still within `MAX_CLOCK_SKEW`."""

FROM_THE_SERVICE = {"", "0"}
"""The `Age` of an answer that no proxy had kept."""


@dataclass
class ClockCheck:
    """Compares this machine's clock with a service's; once it was wrong, a run asks nothing more.

    Each answer is compared, so that a clock that is set in the middle of a run is noticed too.

    Attributes:
        service: whose clock it is.
        ahead: by how much this machine's clock is ahead of it, negative where it is behind; zero
            while it is right, or nothing is known.
    """

    service: str
    ahead: timedelta = field(default=timedelta(), init=False)

    def compare(self, response: requests.Response, sent_at: datetime) -> None:
        """Note whether the clock is wrong; to be called as soon as the answer is there.

        The service wrote its date at some moment between, and without fractions of a second.
        Answers that say no date are passed over, and those that a proxy had kept.

        Args:
            response: with any status.
            sent_at: when it was asked for, by this machine's clock.
        """
        received_at = datetime.now(UTC)
        date = parse_http_date(response.headers.get("Date"))
        is_kept = response.headers.get("Age", "").strip() not in FROM_THE_SERVICE
        if date is None or is_kept or self.ahead:
            return
        if date < sent_at - MOST_OFF:
            self.ahead = sent_at - date
        elif date > received_at + MOST_OFF:
            self.ahead = received_at - date

    def check(self) -> None:
        """Do nothing while the clock is right, as far as is known.

        Raises:
            WrongClock: where it is not.
        """
        if self.ahead:
            raise WrongClock(self.service, self.ahead)
