"""Figures, days and other people's names as pages write them.

Add a way to write something that two pages show. Sentences of one page belong to that page.
"""

import re
from collections.abc import Sequence
from datetime import date

from pipelines.listening.plain_text import plain

UNTITLED = "(no name)"
"""Stands where a name should be and none is known."""

DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_MARKUP = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:^=&@/\"'])")
"""Signs that Markdown, its extensions of Streamlit's (`:material/…:`, `:red[…]`, `$…$`), addresses
that are made links of themselves, or HTML give a meaning; with a backslash they are themselves."""


def plain_label(text: str) -> str:
    """Text that a label of Streamlit's, which is Markdown, shows as it is.

    Args:
        text: of somebody else, such as an artist's name.
    """
    return _MARKUP.sub(r"\\\1", plain(text))


def number(value: float) -> str:
    """A whole number, its thousands apart."""
    return f"{round(value):,}"


def counted(value: int, one: str, many: str = "") -> str:
    """How many of what there are, such as `1 play` or `2,000 plays`.

    Args:
        value: how many.
        one: the word for one of them.
        many: for several; by default with an s.
    """
    return f"{value:,} {one if value == 1 else many or one + 's'}"


def of_known(heard: int, known: int) -> str:
    """Of how many known days some had music; nothing where more had, on days that are not known."""
    return f"of {counted(known, 'day')} known" if known >= heard else ""


def time_heard(minutes: float) -> str:
    """How long something was heard, in hours from two hours on."""
    if minutes < 120:  # noqa: PLR2004 two hours
        return f"{minutes:,.0f} min"
    return f"{minutes / 60:,.0f} h"


def day_words(day: date | None) -> str:
    """A day, such as `3 March 2026`; nothing for none."""
    return f"{day.day} {day:%B %Y}" if day else ""


def short_day(day: date | None) -> str:
    """A day where there is little room, such as `3 Mar 2026`; nothing for none."""
    return f"{day.day} {day:%b %Y}" if day else ""


def percent(share: float) -> str:
    """A share of one in hundredths; never 0 % of something, nor 100 % of less than all."""
    if 0 < share < 0.01:  # noqa: PLR2004 a hundredth
        return "under 1 %"
    if 0.99 < share < 1:  # noqa: PLR2004 all but a hundredth
        return "over 99 %"
    return f"{100 * share:.0f} %"


def duration(minutes: float) -> str:
    """`2 h 10 min`, or `12 min`."""
    hours, rest = divmod(round(minutes), 60)
    if not hours:
        return f"{rest} min"
    return f"{number(hours)} h {rest} min" if rest else f"{number(hours)} h"


def days(first: date, last: date) -> str:
    """From a day to a day, no longer than it must be."""
    if first == last:
        return day_words(first)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} to {day_words(last)}"
    if first.year == last.year:
        return f"{first.day} {first:%B} to {day_words(last)}"
    return f"{day_words(first)} to {day_words(last)}"


def months(first: date, last: date) -> str:
    """From a month to a month, such as `March 2025 to May 2026`."""
    if (first.year, first.month) == (last.year, last.month):
        return f"{first:%B %Y}"
    year = "" if first.year == last.year else f" {first.year}"
    return f"{first:%B}{year} to {last:%B %Y}"


def at_least(text: str, missing: object) -> str:
    """A figure, marked where it may be more.

    Args:
        text: the figure.
        missing: whether plays may be missing in it.
    """
    return f"at least {text}" if missing else text


def move_words(move: str | None, before: int | None, away: str = "") -> str:
    """How a rank came about, such as `up from 12` or `back after 14 months`.

    Args:
        move: new, back, up, down or same; None where nothing can be said.
        before: the rank before.
        away: for how long it was away, in words.
    """
    match move:
        case "new":
            return "new"
        case "back":
            return f"back after {away}" if away else "back"
        case "up" | "down":
            return f"{move} from {before}" if before else move
        case "same":
            return "as before"
    return ""


def joined(parts: Sequence[str]) -> str:
    """Parts of a line, those that say something."""
    return " · ".join(part for part in parts if part)
