"""When something was answered, however a sheet or a program wrote it down.

Only the day is kept in the end; the time of day tells which of two answers is the last. Both are
those of the sheet's own clock, which needs no time zone: a form writes its owner's time. Add here
another spelling of dates.
"""

import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from pipelines.listening.catalogue.names import name_words
from pipelines.listening.survey.cells import Cell, is_blank, text_of
from pipelines.listening.survey.unusable import Unusable

NO_DATE = "no date"
UNCLEAR = "day and month may be either"

EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 a sheet's clock has no zone
"""From when sheets count days."""

_FIRST_SERIAL, _LAST_SERIAL = 36_526, 73_051
"""Days from 2000 to 2099, as sheets count them."""

_YEARS = range(2000, 2100)
"""In which somebody may have answered."""

_MONTHS = 12
_DAYS_THAT_TELL = 3
_MUCH_LONGER = 5
"""How many different days tell how dates are written, where one way to read them makes the survey
so many times as long as the other."""

_CENTURY = 100

_YEAR_FIRST = re.compile(r"^(\d{4})[-/. ]+(\d{1,2})[-/. ]+(\d{1,2})(?!\d)")
_YEAR_LAST = re.compile(r"^(\d{1,2})\s?([-/.])\s?(\d{1,2})\s?[-/.]\s?(\d{4}|\d{2})(?!\d)")
_OFFSET = re.compile(r"\d(Z|[+-]\d{2}:?\d{2})$")
_SERIAL = re.compile(r"\d{5}(?:[.,]\d+)?")
_TIME = re.compile(
    r"(?<!\d)(\d{1,2})[:.h](\d{2})(?:[:.](\d{2}))?(?![\d.])\s*([ap]\.?\s?m\b)?", re.IGNORECASE
)

_NAMES = (
    "jan ene gen", "feb fev", "mar mrz maer maar", "apr avr abr", "may mai mag mei", "jun juin giu",
    "jul juil lug", "aug aou ago", "sep set", "oct okt ott out", "nov", "dec dez dic",
)  # fmt: skip
_BEGINS = {begin: at for at, begins in enumerate(_NAMES, 1) for begin in begins.split()}
_WEEKDAYS = {"mardi", "martes", "martedi", "maandag"}
"""Days of the week that begin as a month does."""


def moment(cell: Cell, timezone: str, *, day_first: bool | None) -> datetime | None:
    """When something was answered, by the sheet's own clock; None where nothing stands there.

    Args:
        cell: a serial number of days, a date, or a text in any spelling.
        timezone: where that clock is, for times that name their distance from Greenwich.
        day_first: whether "03/04" is in April; None where nobody knows.

    Raises:
        Unusable: where it is no date, or day and month may be either.
    """
    if is_blank(cell):
        return None
    at = _moment(cell, timezone, day_first=day_first)
    if at.year not in _YEARS:
        raise Unusable(NO_DATE)
    return at


def _moment(cell: Cell, timezone: str, *, day_first: bool | None) -> datetime:
    if isinstance(cell, datetime):
        return cell.replace(tzinfo=None)
    if isinstance(cell, date):
        return datetime.combine(cell, time())
    if isinstance(cell, bool | time | timedelta | None):
        raise Unusable(NO_DATE)
    if isinstance(cell, int | float):
        return _of_serial(float(cell))
    return _of_text(text_of(cell), timezone, day_first=day_first)


def is_day_first(texts: Sequence[str]) -> bool | None:
    """Whether dates such as "03/04/2026" begin with the day; None where nothing tells.

    A date that can be read in one way alone tells it of all. Else the order of the rows does, where
    they rise in one way alone: a form adds them one below the other. Else it is how they lie
    together: a few days in November are not the eleventh of every month.

    Args:
        texts: a column of dates, in the order of the sheet.
    """
    found = [match for text in texts if (match := _YEAR_LAST.match(text)) and match[2] != "."]
    pairs = [(int(match[4]), int(match[1]), int(match[3])) for match in found]
    day_first = any(first > _MONTHS for _, first, _ in pairs)
    month_first = any(second > _MONTHS for _, _, second in pairs)
    if day_first or month_first or not pairs:
        return day_first if day_first != month_first else None
    by_day = [(year, second, first) for year, first, second in pairs]
    rises = {order: days == sorted(days) for order, days in ((False, pairs), (True, by_day))}
    if rises[True] != rises[False]:
        return rises[True]
    spans = {order: _span(days) for order, days in ((False, pairs), (True, by_day))}
    if len(set(pairs)) < _DAYS_THAT_TELL or _MUCH_LONGER * min(spans.values()) > max(
        spans.values()
    ):
        return None
    return spans[True] < spans[False]


def _span(days: list[tuple[int, int, int]]) -> int:
    """About how many days lie between the first and the last."""
    first, last = ((year * 12 + month) * 31 + day for year, month, day in (min(days), max(days)))
    return last - first


def _of_serial(days: float) -> datetime:
    if not _FIRST_SERIAL <= days < _LAST_SERIAL:
        raise Unusable(NO_DATE)
    return EPOCH + timedelta(days=days)


def _of_text(text: str, timezone: str, *, day_first: bool | None) -> datetime:
    if _SERIAL.fullmatch(text):
        return _of_serial(float(text.replace(",", ".")))
    if _YEAR_FIRST.match(text) and _OFFSET.search(text):
        try:
            instant = datetime.fromisoformat(text)
            return instant.astimezone(ZoneInfo(timezone)).replace(tzinfo=None)
        except (ValueError, OverflowError):
            raise Unusable(NO_DATE) from None
    try:
        return datetime.combine(_day(text, day_first=day_first), _time(text))
    except ValueError:
        raise Unusable(NO_DATE) from None


def _day(text: str, *, day_first: bool | None) -> date:
    if found := _YEAR_FIRST.match(text):
        return date(int(found[1]), int(found[2]), int(found[3]))
    if not (found := _YEAR_LAST.match(text)):
        return _in_words(text)
    first, second, year = int(found[1]), int(found[3]), int(found[4])
    year += 2000 if year < _CENTURY else 0
    if found[2] == "." or first > _MONTHS or first == second:  # with dots the day is always first
        return date(year, second, first)
    if second > _MONTHS:
        return date(year, first, second)
    if day_first is None:
        raise Unusable(UNCLEAR)
    return date(year, second, first) if day_first else date(year, first, second)


def _in_words(text: str) -> date:
    """A day such as "28 de noviembre de 2026" or "Nov 28, 2026"."""
    words = name_words(text).split()
    months = [month for word in words if (month := _month(word))]
    numbers = [int(word) for word in words if word.isdecimal()]
    years = [one for one in numbers if one in _YEARS]
    days = [one for one in numbers if 1 <= one <= 31]  # noqa: PLR2004 the longest month
    if not (months and years and days):
        raise Unusable(NO_DATE)
    return date(years[0], months[0], days[0])


def _month(word: str) -> int | None:
    """The month that a word names, or begins as."""
    if word in _WEEKDAYS:
        return None
    return next((month for begin, month in _BEGINS.items() if word.startswith(begin)), None)


def has_day_of_month(text: str) -> bool:
    """Whether a text has a day such as "12 May", "May 12th" or "12 de mayo"."""
    words = [word for word in name_words(text).split() if word not in {"de", "of", "the"}]
    numbers = [bool(re.fullmatch(r"\d{1,2}(?:st|nd|rd|th|er)?", word)) for word in words]
    months = [_month(word) is not None for word in words]
    beside = zip(numbers, months[1:], strict=False), zip(months, numbers[1:], strict=False)
    return any(one and other for pairs in beside for one, other in pairs)


def _time(text: str) -> time:
    found = list(_TIME.finditer(text))
    if not found:
        return time()
    hour, minute, second = (int(found[-1][part] or 0) for part in (1, 2, 3))
    half = found[-1][4]
    if half:
        hour = hour % 12 + (12 if half[0] in "pP" else 0)
    return time(hour, minute, second)
