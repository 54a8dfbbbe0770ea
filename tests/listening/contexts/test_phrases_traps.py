"""Names that hold a telling word and tell nothing: genres, songs and artists that misled others.

Add a trap here when a name was taken for what it is not, and its phrase to
`reference_data/context_names.csv`. How names are searched is tested in `test_phrases.py`.
"""

from datetime import timedelta
from functools import cache

import pyarrow as pa
import pytest

from pipelines.listening.contexts import CONTEXTS, phrases
from tests.listening.contexts.builders import Row, at, contexts, heard, labelled, plays, song

GENRES = {
    "rain": [
        "ukrainian pop",
        "ukrainian hip hop",
        "ukrainian indie",
        "ukrainian electronic",
        "ukrainian black metal",
    ],
    "power": ["power metal", "power pop"],
    "edm": ["piedmont blues", "bury st edmunds indie"],
    "dance": ["guidance", "belly dance", "british dance band", "intelligent dance music"],
    "club": ["glee club"],
    "ambient": ["ambient black metal"],
    "drone": ["drone metal"],
    "lo-fi": ["lo-fi emo"],
    "fan": ["fan chant"],
    "sound": ["nashville sound"],
    "mall": ["mallet"],
    "chill": ["chill baile"],
}
"""Genres by the telling word that is in them."""

TITLES = {
    "Ukraine": "Rain is in it.",
    "Sleeping Satellite": "A satellite.",
    "Working Class Hero": "No work.",
    "Running Up That Hill (A Deal With God)": "No run.",
    "...Baby One More Time": "No baby.",
    "Party in the U.S.A.": "Heard anywhere.",
    "Born to Run": "No run.",
    "Dance Monkey": "No dance.",
    "Purple Rain": "No sound of rain.",
    "Set Fire to the Rain": "Neither.",
    "Don't Sleep": "The opposite.",
    "Where Is My Mind?": "No meditation.",
    "Gym Class": "No gym.",
    "Kids": "By a duo for grown-ups.",
}
"""Titles, and why they tell nothing."""

HINTS = [
    "Sleep",
    "I'm Only Sleeping",
    "Rain",
    "The Ocean",
    "Lullaby",
    "Yoga",
    "Focus",
    "Chill",
    "Fight for Your Right (To Party)",
    "White Noise",
]
"""Titles that do tell something, but not in such company."""

ARTISTS = [
    "Sleep Token",
    "Sleep",
    "Sleeping At Last",
    "Kid Cudi",
    "Kid Rock",
    "Kids See Ghosts",
    "New Kids On The Block",
    "Lil Baby",
    "DaBaby",
    "Baby Keem",
    "Rain",
    "Run The Jewels",
    "Gym Class Heroes",
    "Working Men's Club",
    "Two Door Cinema Club",
    "Party Favor",
    "Focus",
    "Ocean Alley",
]


NAMES = {
    "genre": [*GENRES, *(genre for genres in GENRES.values() for genre in genres)],
    "artist": ARTISTS,
    "track": list(TITLES),
}


@cache
def told_by_all(place: str) -> dict[str, set[str]]:
    """For which contexts each of these names speaks."""
    found = phrases.find_phrases(pa.array(NAMES[place]), place)
    return {
        name: {CONTEXTS[number] for number in strength.nonzero()[0]}
        for name, strength in zip(NAMES[place], found.strength, strict=True)
    }


def told(place: str, name: str) -> set[str]:
    return told_by_all(place)[name]


def test_words_that_tell_something_alone_are_among_them() -> None:
    alone = {word for word in GENRES if told("genre", word)}

    assert alone >= {"ambient", "chill", "club", "dance", "edm", "sound"}


@pytest.mark.parametrize("genre", [genre for genres in GENRES.values() for genre in genres])
def test_a_genre_with_a_telling_word_in_it_tells_nothing(genre: str) -> None:
    assert told("genre", genre) == set()


@pytest.mark.parametrize(
    ("word", "genre"),
    [
        (word, genre)
        for word, genres in GENRES.items()
        for genre in genres
        if f" {word} " not in f" {genre} "
    ],
)
def test_nor_would_it_were_the_word_in_it_the_strongest_sign(word: str, genre: str) -> None:
    row = {"field": "genre", "context": "sleep", "whole": False, "phrase": word, "strength": 3}
    wanted = pa.Table.from_pylist([row])

    assert phrases.find_phrases(pa.array([word]), "genre", wanted).strength.any()
    assert not phrases.find_phrases(pa.array([genre]), "genre", wanted).strength.any()


@pytest.mark.parametrize("artist", ARTISTS)
def test_an_artist_with_a_telling_word_in_the_name_tells_nothing(artist: str) -> None:
    assert told("artist", artist) == set()


@pytest.mark.parametrize("title", TITLES)
def test_a_title_with_a_telling_word_in_it_tells_nothing(title: str) -> None:
    assert told("track", title) == set()


def a_month() -> list[Row]:
    """Songs with such titles, and by such artists, on every way to work and back."""
    titles, days = [*TITLES, *HINTS], [day for day in range(28) if day % 7 < 5]
    songs = [song(title, f"Band {n % 9}") for n, title in enumerate(titles)]
    songs += [song(f"Song {n}", artist) for n, artist in enumerate(ARTISTS)]
    rows: list[Row] = []
    for n, day in enumerate(days):
        for clock, first in (("07:50", 7 * n), ("17:40", 7 * n + 11)):
            chosen = [songs[(first + 5 * k) % len(songs)] for k in range(6)]
            start = at(day, clock) + timedelta(minutes=first % 13)
            rows += heard(start, chosen)
    return rows


def test_a_month_of_such_songs_stays_everyday() -> None:
    rows = labelled(plays(a_month()))

    assert set(rows["track_name"].to_pylist()) >= {*TITLES, *HINTS}
    assert set(rows["artist_name"].to_pylist()) >= set(ARTISTS)
    assert set(contexts(rows)) == {"everyday"}


RAPPERS = [song(title, f"MC {n % 7}", 3) for n, title in enumerate(["Calm Down", "Sleep", "Focus"])]
RAPPERS += [song(f"Bar {n}", f"MC {n % 7}", 3, explicit=True) for n in range(40)]


@pytest.mark.parametrize("clock", ["07:30", "13:00", "20:30", "23:30"])
def test_a_word_in_a_rappers_title_makes_no_session_calm(clock: str) -> None:
    rows = a_month()
    for day in range(0, 28, 3):
        chosen = [RAPPERS[0], *RAPPERS[day : day + 6], RAPPERS[2], *RAPPERS[day + 6 : day + 12]]
        rows += heard(at(day, clock), chosen)
    done = labelled(plays(sorted(rows, key=lambda row: row["played_at"])))

    assert not {"relaxation", "sleep", "focus"} & set(contexts(done))


@pytest.mark.parametrize(
    "artist", ["Sleep", "Focus", "Party Favor", "Kids", "Thunder", "Yoga Lin", "Homework", "Sono"]
)
def test_an_artist_who_is_called_so_is_heard_without_a_context(artist: str) -> None:
    rows = a_month()
    for day in range(0, 28, 2):
        start = at(day, "21:00") + timedelta(minutes=37 * day % 200)
        rows += heard(start, [song(f"Number {(day + n) % 20}", artist) for n in range(12)])
    done = labelled(plays(sorted(rows, key=lambda row: row["played_at"])))

    # What they have in common may be a habit, but their name says nothing of it.
    assert not {"sleep", "kids"} & set(contexts(done, artist_name=artist))
    for row in done.to_pylist():
        assert (
            row["artist_name"] != artist
            or row["context_confidence"] < 0.9
            or (row["context"] == "everyday")
        )


def test_one_hard_album_over_and_over_is_no_focus() -> None:
    rows = a_month()
    album = [song(f"Hard {n}", "MC Loud", 3.2) for n in range(10)]
    for day in (7, 8):
        rows += heard(at(day, "10:00"), album * 4)
    done = labelled(plays(sorted(rows, key=lambda row: row["played_at"])))

    assert set(contexts(done, artist_name="MC Loud")) == {"everyday"}


@pytest.mark.parametrize("known", [True, False])
def test_eighty_one_minutes_of_a_podcast_are_no_party(known: bool) -> None:
    rows = a_month()
    how = {"kind": "episode"} if known else {"track_id": None, "source": "account"}
    for day in (4, 11, 18, 25):
        talk = song(f"Episode {day}", "Two People Talk", 81, **how)
        rows += heard(at(day, "21:10"), [talk | {"album_name": None}])
    done = labelled(plays(sorted(rows, key=lambda row: row["played_at"])))

    assert set(contexts(done, artist_name="Two People Talk")) == {"everyday"}


@pytest.mark.parametrize("field", ["track", "artist"])
def test_a_word_is_never_found_inside_another(field: str) -> None:
    names = ["Ukrainian", "Babyshambles", "Partyline", "Kidsgrove", "Sleepyhead", "Focused Rage"]
    found = phrases.find_phrases(pa.array(names), field)

    assert not (found.strength > phrases.HINT).any()
