"""How it sounds, where that is known of at least half of the plays."""

from pipelines.dashboard.charts import show_charts
from pipelines.dashboard.choices import Choices
from pipelines.dashboard.figures import Figure, show_figures, show_notice
from pipelines.dashboard.frame import opened
from pipelines.dashboard.monthly_rows import mean_of, rows_of, share_known
from pipelines.dashboard.reading import Reading
from pipelines.dashboard.words import number, percent

CHARTS = ("audio-profile", "mood", "sound-of-favourites", "acoustic")

ENOUGH = 0.5
"""Of which share of plays the sound must be known, so that a mean says something."""


def load(reading: Reading, choices: Choices) -> list[Figure]:
    """How the period sounded; only of how many plays that is known, where these are too few.

    Args:
        reading: the listener's tables.
        choices: whose plays, which, and of which period.
    """
    rows = rows_of(reading, choices, "audio_profile_by_month")
    known = share_known(rows)
    if not known:
        return []
    told = [Figure("Known", percent(known), "of plays: of these the sound is known")]
    if known < ENOUGH:
        return told
    for label, name in (("Energy", "energy"), ("Danceability", "danceability")):
        value = mean_of(rows, name)
        if value is not None:
            told.append(Figure(label, number(value * 100), "mean, of 100"))
    tempo, acoustic = mean_of(rows, "tempo"), mean_of(rows, "acoustic_share")
    if tempo is not None:
        told.append(Figure("Tempo", number(tempo), "beats a minute, mean"))
    if acoustic is not None:
        told.append(Figure("Acoustic", percent(acoustic), "of these plays"))
    return told


def show() -> None:
    """The page."""
    page = opened()
    figures = load(page.reading, page.choices)
    if len(figures) == 1:
        show_notice(
            ["The sound of less than half of these plays is known: too few for a mean of them."]
        )
    show_figures(figures)
    show_charts(CHARTS, page.choices, page.reading)


if __name__ == "__main__":
    show()
