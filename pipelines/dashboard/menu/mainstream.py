"""How well known is what is heard, as far as anybody says so."""

from pipelines.dashboard.charts import show_charts
from pipelines.dashboard.choices import Choices
from pipelines.dashboard.figures import Figure, show_figures
from pipelines.dashboard.frame import opened
from pipelines.dashboard.monthly_rows import mean_of, rows_of, share_known
from pipelines.dashboard.reading import Reading
from pipelines.dashboard.words import number, percent

CHARTS = ("mainstream", "popularity", "popularity-and-plays", "plays-of-the-world")


def load(reading: Reading, choices: Choices) -> list[Figure]:
    """How popular it was in the period, and of how many plays that is known.

    Args:
        reading: the listener's tables.
        choices: whose plays, which, and of which period.
    """
    rows = rows_of(
        reading,
        choices,
        "popularity_by_month",
        ["plays", "known_share", "mainstream_score", "hits_share"],
    )
    score, hits = mean_of(rows, "mainstream_score"), mean_of(rows, "hits_share")
    if score is None or hits is None:
        return []
    return [
        Figure("Popularity", number(score), "mean, of 100"),
        Figure("Hits", percent(hits), "of plays, with a popularity of 75 or more"),
        Figure("Known", percent(share_known(rows)), "of plays: of these it is told"),
    ]


def show() -> None:
    """The page."""
    page = opened()
    show_figures(load(page.reading, page.choices))
    show_charts(CHARTS, page.choices, page.reading)


if __name__ == "__main__":
    show()
