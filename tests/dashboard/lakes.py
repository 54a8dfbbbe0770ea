"""Lakes for pages of the dashboard: tables of lives, written where the assets write them.

Add a life here when two modules about pages need it. What a page should show belongs to the test.
"""

import random
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipelines.dashboard.reading import BY_NAME, Kept, Reading
from pipelines.listening.contexts import CONTEXTS
from pipelines.listening.schema.context_tables import LABELLED_PLAYS
from pipelines.listening.schema.tables import GAPS
from pipelines.listening.time.months import split_by_month
from pipelines.resources.lake.lakes import Lake
from pipelines.settings import Settings
from tests.support.insights.lives import Life, daily, gap, heard, labelled_plays, song, tables

OF_ITEMS = (
    *("artists", "songs", "listening_by_month", "listening_by_hour", "played_from_by_month"),
    *("top_artists_by_month", "top_artists_by_year", "top_tracks_by_month", "top_tracks_by_year"),
)
"""Insights that pages of artists, songs, plays and two listeners read."""

HOSTILE = (
    "[x](javascript:alert(1))",
    ":material/home: :red[x]",
    r"$\LaTeX$ $$x$$",
    "<img src=x onerror=alert(1)>",
    "abc\u202edcba",
    "**bold** _x_ `code` # ~~x~~",
    "https://example.com www.example.com a@example.com",
    "</script><script>alert(1)</script>",
    "%{x} &amp; | --- |",
    "العربية",
)
"""Names that Markdown, Streamlit, HTML, TeX or a reader could take for something else."""


def lake_in(folder: Path) -> Lake:
    """The lake in a folder."""
    return Lake.open(Settings.of({"LAKE_URL": str(folder)}))


def write_life(
    folder: Path, listener: str, life: Life, *without: str, wanted: Sequence[str] | None = None
) -> dict[str, pa.Table]:
    """Write what a life leaves in the lake that pages read.

    Args:
        folder: of the lake.
        listener: whose life.
        life: the life.
        *without: names of tables that were never made.
        wanted: names of the insights that are computed; all of them without.

    Returns:
        The tables by name, with `labelled_plays`.
    """
    lake, plays = lake_in(folder).of(listener), labelled_plays(life)
    for month, rows in split_by_month(plays).items():
        lake.replace(LABELLED_PLAYS, rows, **month.parts)
    lake.replace(GAPS, GAPS.from_rows(list(life.gaps)))
    made = tables(life, wanted)
    for name, rows in made.items():
        if name not in without:
            lake.replace(BY_NAME[name], rows)
    return {**made, "labelled_plays": plays}


def reading_of(folder: Path, listener: str = "nico") -> Reading:
    """What pages read of a listener, with nothing read before."""
    return Reading(lake_in(folder), listener, Kept())


def write_listeners(file: Path, settings: Mapping[str, str]) -> None:
    """Write a `listeners.toml`.

    Args:
        file: where.
        settings: by listener, the lines after their time zone.
    """
    file.write_text(
        "".join(f'[{one}]\ntimezone = "Europe/Berlin"\n{more}\n' for one, more in settings.items())
    )


def varied_life(seed: int, plays: int, months: int = 14) -> Life:
    """Plays by chance: of songs of hostile names too, in every context, by several sources.

    Args:
        seed: of chance.
        plays: how many.
        months: over how many.
    """
    chance = random.Random(seed)
    first = datetime(2025, 1, 20, 3, tzinfo=UTC)
    lasted = sorted({chance.randrange(months * 30 * 24 * 12) for _ in range(plays)})
    return Life(
        plays=[_by_chance(first + timedelta(minutes=5 * one), chance) for one in lasted],
        gaps=[gap("2025-03-03 10:00", "2025-03-05 09:00")],
    )


def _by_chance(when: datetime, chance: random.Random) -> dict[str, Any]:
    artist = min(int(chance.expovariate(0.25)), 24)
    title = min(int(chance.expovariate(0.7)), 5)
    context = chance.choice([*CONTEXTS, "everyday", "everyday"])
    names = (
        (HOSTILE[artist], HOSTILE[-1 - title])
        if artist < len(HOSTILE)
        else (f"Artist {artist}", f"Song {title}")
    )
    told = song(names[1], names[0], album_name=f"Album {artist % 3}")
    return heard(
        when,
        told,
        ms_played=chance.choice([20_000, 31_000, 180_000, 240_000]),
        source=chance.choice(["export", "api", "api+export", "account"]),
        kind=chance.choice(["track"] * 9 + ["episode"]),
        context=context,
        context_evidence=[]
        if context == "everyday"
        else [f"played at {when:%H} o'clock, as usual"],
        context_confidence=chance.choice([0.5, 0.75, 0.999]),
        played_from_type=chance.choice([None, "playlist", "album"]),
        played_from_name=chance.choice([None, HOSTILE[0], "Morning"]),
    )


def one_day() -> Life:
    """A listener who began today."""
    return Life(plays=daily(date(2026, 3, 1), 1, times=2, source="api"))


def nothing() -> Life:
    """A listener of whom no play is known."""
    return Life()
