"""Rows of the chosen period, of tables that have one for each month.

Add what several pages make of such rows. A figure that the report has too is computed in
`insights/`; here months are only put together.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pipelines.dashboard.choices import Choices
from pipelines.dashboard.reading import Reading

Row = Mapping[str, Any]


def rows_of(
    reading: Reading, choices: Choices, name: str, columns: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """Rows of a table in the chosen scope and period, in order of the months.

    Args:
        reading: the listener's tables.
        choices: which scope, and which period.
        name: of the table; its rows have `scope` and `month`.
        columns: which; empty for all.
    """
    wanted = [*dict.fromkeys((*columns, "month"))] if columns else []
    rows = reading.table(name, wanted, {"scope": choices.scope}).to_pylist()
    months = {month.first for month in choices.months(reading.months)}
    return sorted((row for row in rows if row["month"] in months), key=lambda row: row["month"])


def mean_of(rows: Iterable[Row], name: str, known: str | None = "known_share") -> float | None:
    """The mean over all plays of which a value is known; None where none is.

    Args:
        rows: of months, each with `plays` and the month's mean.
        name: of the column.
        known: the column with the share of plays of which it is known; None if it is of all.
    """
    weights = [
        (row[name], row["plays"] * (row[known] if known else 1))
        for row in rows
        if row[name] is not None
    ]
    total = sum(weight for _, weight in weights)
    return sum(value * weight for value, weight in weights) / total if total else None


def share_known(rows: Sequence[Row], known: str = "known_share") -> float:
    """Of all plays of the months, those of which something is known, 0 to 1."""
    plays = sum(row["plays"] for row in rows)
    return sum(row["plays"] * row[known] for row in rows) / plays if plays else 0


def some_missing(rows: Iterable[Row]) -> bool:
    """Whether plays may be missing in one of the months."""
    return any(row["at_least"] for row in rows)
