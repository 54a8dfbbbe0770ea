"""What the reader chose: whose plays, which of them, which period. All of it is in the address.

A link shows the same to whoever may see it. Add a choice here only if every page knows it; what one
page asks for is read from the address by that page, through `argument`. Widgets that show choices
are in `frame.py`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from pipelines.listening.time.months import Month

Scope = Literal["all", "mine"]
SCOPES: tuple[Scope, ...] = ("mine", "all")

ALL_TIME = "all"

_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")
_MOST = 500
"""Signs of an argument: nobody searches for more."""


@dataclass(frozen=True)
class Choices:
    """What the reader chose on every page.

    Attributes:
        listener: whose plays.
        scope: all plays, or those that count as theirs.
        period: `all`, a year such as `2026`, or a month such as `2026-03`.
    """

    listener: str
    scope: Scope = "mine"
    period: str = ALL_TIME

    @property
    def month(self) -> Month | None:
        """The chosen month; None where a year or all time is chosen."""
        match = _MONTH.fullmatch(self.period)
        return Month(int(match[1]), int(match[2])) if match else None

    @property
    def year(self) -> int | None:
        """The chosen year, also that of the chosen month; None for all time."""
        return None if self.period == ALL_TIME else int(self.period[:4])

    def months(self, known: Sequence[Month]) -> list[Month]:
        """Those of the known months that are in the period, in order."""
        if self.period == ALL_TIME:
            return sorted(known)
        return sorted(one for one in known if str(one).startswith(self.period))

    def last_month(self, known: Sequence[Month]) -> Month | None:
        """The last known month of the period, for what is told by month; None if there is none."""
        months = self.months(known)
        return months[-1] if months else None

    def with_period(self, period: str) -> "Choices":
        """The same with another period."""
        return replace(self, period=period)

    def to_address(self, **arguments: str) -> dict[str, str]:
        """The parameters of an address that shows this.

        Args:
            **arguments: what one page asks for besides.
        """
        chosen = {"listener": self.listener, "scope": self.scope, "period": self.period}
        return {**chosen, **arguments}


def from_address(
    address: Mapping[str, str], listeners: Sequence[str], known: Sequence[Month]
) -> Choices:
    """The choices in an address; what it lacks, or asks for in vain, is as if nobody had chosen.

    Args:
        address: its parameters.
        listeners: whose plays the reader may see, their own first; at least one.
        known: the months of the chosen listener that have rows.
    """
    listener = address.get("listener", "")
    scope = address.get("scope", "")
    period = address.get("period", "")
    return Choices(
        listener if listener in listeners else listeners[0],
        "all" if scope == "all" else "mine",
        period if period in periods(known) else ALL_TIME,
    )


def argument(address: Mapping[str, str], name: str) -> str:
    """What the address tells one page; "" where it does not."""
    return address.get(name, "")[:_MOST]


def periods(known: Sequence[Month]) -> list[str]:
    """Every period that can be chosen: all time, years and months, the latest first.

    Args:
        known: the months that have rows.
    """
    latest = sorted(known, reverse=True)
    years = dict.fromkeys(str(one.year) for one in latest)
    return [ALL_TIME, *years, *(str(one) for one in latest)]


def beside(every: Sequence[str], period: str, steps: int) -> str | None:
    """A month's or a year's neighbour of the same kind; None at the end, and beside all time.

    Args:
        every: all periods, as `periods` gives them.
        period: the one that is chosen.
        steps: 1 for the one before, -1 for the one after.
    """
    same = [one for one in every if len(one) == len(period) and one != ALL_TIME]
    at = same.index(period) + steps if period in same else -1
    return same[at] if 0 <= at < len(same) else None


def period_words(period: str) -> str:
    """A period as people write it, such as `March 2026`."""
    match = _MONTH.fullmatch(period)
    if match:
        return Month(int(match[1]), int(match[2])).first.strftime("%B %Y")
    return "All time" if period == ALL_TIME else period
