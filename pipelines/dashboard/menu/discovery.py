"""How much is new of what is heard, and how wide it is."""

from pipelines.dashboard.charts import show_charts
from pipelines.dashboard.choices import Choices
from pipelines.dashboard.figures import Figure, show_figures
from pipelines.dashboard.frame import opened
from pipelines.dashboard.monthly_rows import mean_of, rows_of, some_missing
from pipelines.dashboard.reading import Reading
from pipelines.dashboard.words import day_words, number, percent

CHARTS = ("discovery", "artist-diversity", "new-and-familiar")


def load(reading: Reading, choices: Choices) -> list[Figure]:
    """What was new in the period, and how much of it the same again.

    Args:
        reading: the listener's tables.
        choices: whose plays, which, and of which period.
    """
    rows = rows_of(reading, choices, "discovery_by_month")
    if not rows:
        return []
    least = some_missing(rows)
    since = f"since {day_words(rows[0]['history_starts_on'])}"
    told = [
        Figure("New artists", number(sum(row["new_artists"] for row in rows)), since, least),
        Figure("New songs", number(sum(row["new_tracks"] for row in rows)), since, least),
    ]
    share = mean_of(rows, "new_artist_share", None)
    if share is not None:
        told.append(
            Figure("Plays of new artists", percent(share), "in the month of the first play")
        )
    repeated = mean_of(rows, "repeat_rate", None)
    if repeated is not None:
        told.append(
            Figure("Heard again", percent(repeated), "of plays: the song came before in the month")
        )
    if choices.month:
        one = rows[0]
        told.append(
            Figure(
                "Artists",
                number(one["artists"]),
                f"as diverse as {number(one['effective_artists'])} played alike",
                least,
            )
        )
    return told


def show() -> None:
    """The page."""
    page = opened()
    show_figures(load(page.reading, page.choices))
    show_charts(CHARTS, page.choices, page.reading)


if __name__ == "__main__":
    show()
