"""From which years the recordings are, and what kind they are: albums, lengths, explicit ones."""

from pipelines.dashboard.charts import show_charts
from pipelines.dashboard.choices import Choices
from pipelines.dashboard.figures import Figure, show_figures
from pipelines.dashboard.frame import opened
from pipelines.dashboard.monthly_rows import Row, mean_of, rows_of, share_known
from pipelines.dashboard.reading import Reading
from pipelines.dashboard.words import percent

CHARTS = ("release-years", "decades", "releases", "explicit", "lengths")


def load(reading: Reading, choices: Choices) -> list[Figure]:
    """How old the music of the period is, and of which kind; only what is known.

    Args:
        reading: the listener's tables.
        choices: whose plays, which, and of which period.
    """
    return [*_of_years(reading, choices), *_of_content(reading, choices)]


def _of_years(reading: Reading, choices: Choices) -> list[Figure]:
    rows = rows_of(
        reading,
        choices,
        "release_years_by_month",
        ["plays", "known_share", "avg_release_year", "oldest", "newest"],
    )
    mean = mean_of(rows, "avg_release_year")
    if mean is None:
        return []
    oldest = min(row["oldest"] for row in rows if row["oldest"])
    newest = max(row["newest"] for row in rows if row["newest"])
    known = f"known of {percent(share_known(rows))} of plays"
    return [
        Figure("Mean year of release", f"{mean:.0f}", known),
        Figure("From", str(oldest), f"to {newest}"),
    ]


def _of_content(reading: Reading, choices: Choices) -> list[Figure]:
    rows = rows_of(reading, choices, "content_by_month")
    told = []
    told_of = [_with_share_of_lengths(row) for row in rows]
    length = mean_of(told_of, "avg_length_minutes", "length_known_share")
    if length is not None:
        minutes, seconds = divmod(round(length * 60), 60)
        told.append(Figure("Mean length", f"{minutes}:{seconds:02}", "minutes a song"))
    explicit = mean_of(rows, "explicit_share", "explicit_known_share")
    if explicit is not None:
        known = percent(share_known(rows, "explicit_known_share"))
        told.append(Figure("Explicit", percent(explicit), f"known of {known} of plays"))
    albums = sum(row["album_plays"] for row in rows)
    every = albums + sum(row["single_plays"] + row["compilation_plays"] for row in rows)
    if every:
        known = percent(share_known(rows, "album_known_share"))
        told.append(Figure("From albums", percent(albums / every), f"known of {known} of plays"))
    return told


def _with_share_of_lengths(row: Row) -> Row:
    """The same with the share of plays of which the length is known: the table only counts them."""
    known = sum(one["plays"] for one in row["lengths"])
    return {**row, "length_known_share": known / row["plays"] if row["plays"] else 0}


def show() -> None:
    """The page."""
    page = opened()
    show_figures(load(page.reading, page.choices))
    show_charts(CHARTS, page.choices, page.reading)


if __name__ == "__main__":
    show()
