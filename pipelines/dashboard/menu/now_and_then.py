"""What is liked now against what was liked for long: rotation, obsessions, what was forgotten."""

from datetime import date
from typing import Any

from pipelines.dashboard.charts import show_charts
from pipelines.dashboard.choices import Choices
from pipelines.dashboard.figures import Figure, show_figures
from pipelines.dashboard.frame import opened
from pipelines.dashboard.monthly_rows import rows_of
from pipelines.dashboard.reading import Reading
from pipelines.dashboard.words import counted, number, percent
from pipelines.listening.time.months import Month

CHARTS = (
    "taste-overlap",
    "artists-half-year",
    "genres",
    "rotation",
    "rotation-now",
    "obsessions",
    "forgotten",
)

_A_YEAR = 12


def load(reading: Reading, choices: Choices) -> list[Figure]:
    """What stays and what passes.

    Args:
        reading: the listener's tables.
        choices: whose plays, which, and of which period.
    """
    return [
        *_overlap(reading, choices),
        *_passing(reading, choices),
        *_forgotten(reading, choices),
    ]


def _overlap(reading: Reading, choices: Choices) -> list[Figure]:
    """Of the last month of the period: it compares that with the twelve that end with it."""
    rows = [
        row
        for row in rows_of(reading, choices, "taste_overlap")
        if row["told_by"] == "plays" and row["kind"] == "artists"
    ]
    if not rows:
        return []
    last = rows[-1]
    year = _up_to(last["month"], reading)
    return [
        Figure(
            "Artists that stay",
            percent(last["overlap"]),
            f"of those most played in {last['month']:%B %Y} and in {year}",
        )
    ]


def _up_to(month: date, reading: Reading) -> str:
    """The months with which that one is compared: of a young ledger they are not yet twelve."""
    last = Month.of(month)
    known = sum(last.plus_months(1 - _A_YEAR) <= one <= last for one in reading.months)
    if known == _A_YEAR:
        return "the twelve months up to it"
    return f"the {counted(known, 'month')} known up to it"


def _passing(reading: Reading, choices: Choices) -> list[Figure]:
    rotation = reading.table(
        "heavy_rotation", ["entered_on", "left_on", "at_least"], {"scope": choices.scope}
    ).to_pylist()
    obsessions = reading.table(
        "obsessions", ["starts_on", "abandoned", "at_least"], {"scope": choices.scope}
    ).to_pylist()
    entered = _within(rotation, "entered_on", reading, choices)
    looped = _within(obsessions, "starts_on", reading, choices)
    left = sum(row["abandoned"] is True for row in looped)
    return [
        Figure(
            "Came into heavy rotation",
            number(len(entered)),
            f"{number(sum(row['left_on'] is None for row in entered))} of them still are",
            any(row["at_least"] for row in entered),
        ),
        Figure(
            "Obsessions",
            number(len(looped)),
            f"{number(left)} of them hardly heard again",
            any(row["at_least"] for row in looped),
        ),
    ]


def _within(
    rows: list[dict[str, Any]], name: str, reading: Reading, choices: Choices
) -> list[dict[str, Any]]:
    months = set(choices.months(reading.months))
    return [row for row in rows if _month(row[name]) in months]


def _month(value: date) -> Month:
    return Month(value.year, value.month)


def _forgotten(reading: Reading, choices: Choices) -> list[Figure]:
    rows = reading.table("forgotten_favourites", ["in_all"], {"scope": choices.scope}).to_pylist()
    if not rows:
        return []
    return [
        Figure(
            "Forgotten favourites", number(rows[0]["in_all"]), "not heard for 60 days, as of now"
        )
    ]


def show() -> None:
    """The page."""
    page = opened()
    if page.reading.months:
        show_figures(load(page.reading, page.choices))
    show_charts(CHARTS, page.choices, page.reading)


if __name__ == "__main__":
    show()
