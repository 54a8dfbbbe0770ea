"""What a chart should tell, reckoned from the tables in plain Python: the means to say it.

Add here what charts of several modules need. What each chart should tell is in `charts_of_*.py`, in
a function named after the chart; it follows from what the chart says it shows, not from how it is
drawn. How the page is read and compared is `test_charts_tell_the_tables.py`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Any

import pytest

Row = dict[str, Any]
Rows = list[Row]


@dataclass(frozen=True)
class Seen:
    """What a listener has chosen to see: a scope and a month, of some tables."""

    tables: Mapping[str, Rows]
    scope: str
    month: date

    def rows(self, table: str) -> Rows:
        """A table's rows of the scope."""
        return [row for row in self.tables[table] if row.get("scope", self.scope) == self.scope]

    def now(self, table: str) -> Rows:
        """Those of the month alone."""
        return [row for row in self.rows(table) if row["month"] == self.month]

    def top(self, table: str, ranks: int, month: date | None = None) -> Rows:
        """Those of a month that rank so high, the first first."""
        rows = [row for row in self.rows(table) if row["month"] == (month or self.month)]
        return sorted((row for row in rows if row["rank"] <= ranks), key=lambda row: row["rank"])

    @property
    def months(self) -> list[date]:
        """All months that are known."""
        return [row["month"] for row in self.tables["listening_by_month"] if row["scope"] == "all"]


@dataclass(frozen=True)
class Told:
    """What a chart should tell.

    Attributes:
        table: cells, row by row.
        drawn: the values of each trace, by the name that Plotly has for them, `traces` in order.
        names: of the entries of a list, the first first.
        missing: of each trace that has a mark for it, whether plays may be missing.
        under: days or months, and whether a line below them says that plays may be missing.
    """

    table: list[list[Any]]
    drawn: list[dict[str, Any]]
    names: list[str] | None = None
    missing: Mapping[int, list[bool]] | None = None
    under: Mapping[date, bool] | None = None


Chart = Callable[[Seen], Told]
CHARTS: dict[str, Chart] = {}


def chart(function: Chart) -> Chart:
    """What the chart of that name should tell."""
    CHARTS[function.__name__.replace("_", "-")] = function
    return function


def tenths(value: float | None) -> Any:
    """A number of which the page carries a decimal."""
    return None if value is None else pytest.approx(value, abs=0.051)


def fine(value: float | None) -> Any:
    """A number of which the page carries three decimals and shows two."""
    return None if value is None else pytest.approx(value, abs=0.0056)


def share(value: float | None) -> Any:
    """A share that is shown in whole percents."""
    return None if value is None else pytest.approx(100 * value, abs=0.56)


def exactly(values: Iterable[float | None]) -> list[Any]:
    """Shares as they are drawn, of which the page carries three decimals."""
    return [None if value is None else pytest.approx(value, abs=0.00051) for value in values]


def least(row: Row) -> str:
    return "at least" if row["at_least"] else ""


def least_of(row: Row) -> Any:
    """Plays in a cell that says itself whether there may be more."""
    return f"at least {row['plays']}" if row["at_least"] else row["plays"]


def missing(rows: Rows) -> list[bool]:
    return [row["at_least"] for row in rows]


def cut(seen: Seen, rows: Rows) -> Rows:
    """Rows of counts by month, marked where plays may be missing or not all days are known."""
    whole = {row["month"]: row["whole"] for row in seen.rows("listening_by_month")}
    return [row | {"at_least": row["at_least"] or not whole[row["month"]]} for row in rows]


def well_known(rows: Rows, share: str = "known_share") -> Rows:
    """Rows of the months of which at least half is known."""
    return [row for row in rows if row[share] >= 0.5]


def name_of(month: date) -> str:
    return f"{month:%B %Y}"


def away(month: date, months: int) -> date:
    """The month so many months after another."""
    number = month.year * 12 + month.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def in_percent(value: float) -> str:
    """A share, of which the page carries three decimals, as it is written."""
    value = round(value, 3)
    if 0 < value < 0.005:
        return "<\u00a01\u00a0%"
    if 0.995 <= value < 1:
        return ">\u00a099\u00a0%"
    return f"{int(100 * value + 0.5)}\u00a0%"


def drawn_as(text: str) -> str:
    """Somebody's text as Plotly has to get it, lest it takes tags and templates for its own."""
    return escape(text, quote=False).replace("%{", "%&#123;").replace("$", "&#36;")


def values(x: Iterable[Any], y: Iterable[Any], **more: Any) -> dict[str, Any]:
    return {
        "x": [one.isoformat() if isinstance(one, date) else one for one in x],
        "y": list(y),
    } | more


def over(seen: Seen, rows: Rows, value: Callable[[Row], Any]) -> dict[str, Any]:
    """A line over all months, with a hole where one has no row."""
    told = {row["month"]: value(row) for row in rows}
    return values(seen.months, [told.get(month) for month in seen.months])


def missing_over(seen: Seen, rows: Rows) -> list[bool]:
    told = {row["month"] for row in rows if row["at_least"]}
    return [month in told for month in seen.months]


def under(rows: Rows, key: str = "month") -> dict[date, bool]:
    told = {row[key]: False for row in rows}
    for row in rows:
        told[row[key]] = told[row[key]] or row["at_least"]
    return told
