"""The survey of the demo: a made-up class and the songs of the sandbox's music that it likes.

Three tastes, and subjects that lean towards one of them, so that there is something to see. Add
here what the demo's sheet should have; sheets that are hard to read are `sheets.py`, worlds in
which it is known what statistics must find `survey_worlds.py`.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pyarrow as pa

SHEET_ID = "demo-class-favourite-songs"

TASTES = (
    ("ambient", "new-age", "piano", "sleep", "study"),
    ("dance", "disco", "edm", "electro", "hip-hop", "house", "party"),
    ("acoustic", "folk", "german", "singer-songwriter", "soul"),
)
"""Genres of reference data that go together."""

MAJORS = ("Psychology", "Business", "Computer science")
LEANING = 0.55
"""Share of people who study what most of their taste do."""

PEOPLE, SONGS = 48, 10
HITS = 12
"""Songs that many of all tastes name."""

HEADER = (
    *("Timestamp", "Email address", "What's your name?", "How old are you?", "Hometown"),
    *("What do you study?", "Which year are you in?", "Hours of music a day"),
    *("When do you mostly listen?", "May others see my match?"),
    *(f"Favourite song {number}" for number in range(1, SONGS + 1)),
)

_FIRST = ("Alma", "Bruno", "Carla", "Deniz", "Emil", "Frida", "Gustav", "Hanna", "Ivo", "Jana")
_LAST = ("Ahorn", "Birke", "Eiche", "Fichte", "Linde")
_TOWNS = ("Neustadt", "Altdorf", "Seebach", "Waldheim")


def rows(features: pa.Table, seed: int = 18) -> list[list[Any]]:
    """The sheet, its header first; the same for the same music.

    Args:
        features: what the sandbox's music sounds like, as reference data tells it.
        seed: another class.
    """
    random = Random(seed)
    songs = sorted(
        {
            (one["track_genre"], f"{one['artists'].split(';')[0]} - {one['track_name']}")
            for one in features.select(["track_genre", "artists", "track_name"]).to_pylist()
        }
    )
    of_taste = [[name for genre, name in songs if genre in genres] for genres in TASTES]
    hits = random.sample([name for names in of_taste for name in names], HITS)
    began = datetime(2026, 11, 2, 9, tzinfo=UTC)
    sheet: list[list[Any]] = [list(HEADER)]
    for number in range(PEOPLE):
        taste = number % len(TASTES)
        leans = random.random() < LEANING
        major = MAJORS[taste] if leans else random.choice(MAJORS)
        name = f"{_FIRST[number % 10]} {_LAST[number // 10]}"
        liked = [*random.sample(of_taste[taste], SONGS - 2), *random.sample(hits, 2)]
        sheet.append(
            [
                began + timedelta(hours=5 * number, minutes=random.randrange(60)),
                f"{name.replace(' ', '.').lower()}@example.org",
                name,
                random.choice((19, 20, 20, 21, 21, 22, 23)),
                random.choice(_TOWNS),
                major,
                random.choice(("1st", "2nd", "3rd")),
                random.choice((1, 2, 2, 3, 4)),
                random.choice(("in the morning", "in the evening", "at night")),
                random.choice(("Yes", "Yes", "Yes", "No")),
                *random.sample(liked, SONGS),
            ]
        )
    return [*sheet, *_careless(sheet, began + timedelta(days=12))]


def _careless(sheet: Sequence[Sequence[Any]], late: datetime) -> list[list[Any]]:
    """Rows as they come, too: a second answer, a test, and one that says nothing."""
    again = [late, *sheet[5][1:]]
    again[-3:] = ["idk", "https://open.spotify.com/track/0nNsTYZ350zT8dhkIVyoGU", "no idea"]
    return [again, [late, "", "test", "", "", "", "", "", "", "", "test"], [late, "", "", 99]]
