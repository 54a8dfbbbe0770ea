"""At what times was music heard: by hour and weekday, by day, by month."""

from pipelines.dashboard.charts import show_charts
from pipelines.dashboard.choices import Choices
from pipelines.dashboard.figures import Figure, show_figures
from pipelines.dashboard.frame import opened
from pipelines.dashboard.reading import Reading
from pipelines.dashboard.words import DAY_NAMES, day_words, duration, number, of_known, percent

CHARTS = ("hours", "calendar", "days", "months", "skips")


def load(reading: Reading, choices: Choices) -> list[Figure]:
    """When most was heard in the period, and how regularly.

    Args:
        reading: the listener's tables.
        choices: whose plays, which, and of which period.
    """
    return [*_of_days(reading, choices), *_of_hours(reading, choices)]


def _of_days(reading: Reading, choices: Choices) -> list[Figure]:
    rows = reading.table(
        "listening_by_day",
        ["day", "minutes", "plays", "streak", "known", "at_least"],
        {"scope": choices.scope},
    ).to_pylist()
    months = {(month.year, month.month) for month in choices.months(reading.months)}
    in_period = [row for row in rows if (row["day"].year, row["day"].month) in months]
    heard = [row for row in in_period if row["plays"]]
    if not heard:
        return []
    least = any(row["at_least"] for row in in_period)
    busiest = max(in_period, key=lambda row: (row["minutes"], -row["day"].toordinal()))
    known = sum(row["known"] for row in in_period)
    told = [Figure("Days with music", number(len(heard)), of_known(len(heard), known), least)]
    # Of scrobbles alone nobody knows how long they were heard.
    if busiest["minutes"]:
        day = day_words(busiest["day"])
        told.insert(0, Figure("Busiest day", duration(busiest["minutes"]), day, least))
    return told


def _of_hours(reading: Reading, choices: Choices) -> list[Figure]:
    """The table knows no period: it is of all time, and says so."""
    rows = reading.table(
        "listening_by_hour",
        ["weekday", "hour", "minutes", "share", "at_least"],
        {"scope": choices.scope},
    ).to_pylist()
    if not any(row["minutes"] for row in rows):
        return []
    hour = max(range(24), key=lambda one: sum(r["share"] for r in rows if r["hour"] == one))
    weekday = max(range(7), key=lambda one: sum(r["share"] for r in rows if r["weekday"] == one))
    of_hour = sum(row["share"] for row in rows if row["hour"] == hour)
    of_weekday = sum(row["share"] for row in rows if row["weekday"] == weekday)
    return [
        Figure(
            "Busiest hour",
            f"{hour:02}:00",
            f"to {(hour + 1) % 24:02}:00, {percent(of_hour)} of the time, in all",
        ),
        Figure("Busiest weekday", DAY_NAMES[weekday], f"{percent(of_weekday)} of the time, in all"),
    ]


def show() -> None:
    """The page."""
    page = opened()
    show_figures(load(page.reading, page.choices))
    show_charts(CHARTS, page.choices, page.reading)


if __name__ == "__main__":
    show()
