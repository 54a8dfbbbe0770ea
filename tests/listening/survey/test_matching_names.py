"""How many real songs are found under names as people write them, and how many wrongly.

The pool has half of the songs of a real file, so of the other half none may be found. A song is
right where the track's names are those that were misspelled; every other track is a wrong one.
"""

import csv
import random
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator

import pyarrow as pa
import pytest

from pipelines.listening.catalogue.audio_features import artist_genres
from pipelines.listening.schema.reference_tables import AUDIO_FEATURES
from pipelines.listening.survey.matching import Matched, match
from pipelines.listening.survey.pool import FEATURE_COLUMNS, NO_TRACKS
from pipelines.listening.survey.songs import song_keys
from tests.support.reference_rows import FEATURES
from tests.support.survey_songs import misspelled, named_songs

Write = Callable[[str, str, random.Random], tuple[str, str]]


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFD", text.lower())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


EASY: dict[str, Write] = {
    "as they are": lambda artist, title, _: (title, artist),
    "in lower case without marks": lambda artist, title, _: (_plain(title), _plain(artist)),
    "without punctuation": lambda artist, title, _: (
        re.sub(r"[^\w ]", "", title),
        re.sub(r"[^\w ]", "", artist),
    ),
    "in each other's cells": lambda artist, title, _: (artist, title),
    "with emoji and quotes": lambda artist, title, _: (f'"{title}" 🔥', f"{artist} ❤️"),
    "artist - title": lambda artist, title, _: (f"{artist} - {title}", ""),
    "title by artist": lambda artist, title, _: (f"{title} by {artist}", ""),
    "title, artist": lambda artist, title, _: (f"{title}, {artist}", ""),
}
"""Ways to write a song that leave no doubt."""

SLIPS: dict[str, Write] = {
    "a slip in the title": lambda artist, title, by: (misspelled(title, by), artist),
    "a slip in the artist": lambda artist, title, by: (title, misspelled(artist, by)),
    "a slip in both": lambda artist, title, by: (misspelled(title, by), misspelled(artist, by)),
    "artist - title with a slip": lambda artist, title, by: (
        f"{artist} - {misspelled(title, by)}",
        "",
    ),
}


@pytest.fixture(scope="module")
def songs() -> dict[str, tuple[str, str]]:
    """Artist and title of real songs, one spelling of each, by key."""
    with (FEATURES / "names.csv").open(newline="", encoding="utf-8") as file:
        rows = [(row["artists"].split(";")[0], row["track_name"]) for row in csv.DictReader(file)]
    keys = _keys([artist for artist, _ in rows], [title for _, title in rows])
    return dict(zip(keys, rows, strict=True))


def _keys(artists: list[str], titles: list[str]) -> list[str]:
    keys: list[str] = song_keys(
        pa.array(artists, pa.string()), pa.array(titles, pa.string())
    ).to_pylist()
    return keys


def _in_pool(songs: dict[str, tuple[str, str]]) -> list[str]:
    return sorted(songs)[::2]


def _reference(songs: dict[str, tuple[str, str]]) -> pa.Table:
    return AUDIO_FEATURES.from_rows(
        [
            {"track_key": key, "artists": [songs[key][0]], "track_name": songs[key][1]}
            for key in _in_pool(songs)
        ]
    )


def _outcomes(songs: dict[str, tuple[str, str]], write: Write) -> Iterator[tuple[str, bool]]:
    """What became of each song, and whether the pool has it."""
    keys, by = sorted(songs), random.Random(7)
    pool, reference = set(_in_pool(songs)), _reference(songs)
    named = named_songs([write(*songs[key], by) for key in keys])
    matched = match(named, NO_TRACKS, reference.select(FEATURE_COLUMNS), artist_genres(reference))
    for key, outcome in _judged(matched, keys):
        yield outcome, key in pool


def _judged(matched: Matched, keys: list[str]) -> Iterator[tuple[str, str]]:
    rows = matched.songs.to_pylist()
    taken = _keys(*([row[name] for row in rows] for name in ("artist_name", "track_name")))
    offered = matched.candidates.to_pylist()
    candidates = _keys(*([one[name] for one in offered] for name in ("artist_name", "track_name")))
    of_song = {(one["song_key"], key) for one, key in zip(offered, candidates, strict=True)}
    for row, is_ in zip(rows, taken, strict=True):
        key = keys[int(row["pseudonym"])]
        if row["state"] == "matched":
            yield key, "right" if is_ == key else "wrong"
        else:
            yield key, "offered" if (row["song_key"], key) in of_song else "unknown"


def _shares(songs: dict[str, tuple[str, str]], write: Write) -> tuple[Counter[str], Counter[str]]:
    outcomes = list(_outcomes(songs, write))
    known, unknown = (
        Counter(one for one, has in outcomes if has is which) for which in (True, False)
    )
    return known, unknown


@pytest.mark.parametrize("way", EASY)
def test_nearly_every_song_is_found_however_it_is_written_and_none_wrongly(
    songs: dict[str, tuple[str, str]], way: str
) -> None:
    known, unknown = _shares(songs, EASY[way])
    assert known["right"] >= 0.98 * known.total()
    assert known["wrong"] + unknown["wrong"] == 0


@pytest.mark.parametrize("way", SLIPS)
def test_most_misspelled_songs_are_found_or_offered_and_none_wrongly(
    songs: dict[str, tuple[str, str]], way: str
) -> None:
    known, unknown = _shares(songs, SLIPS[way])
    assert known["right"] >= 0.8 * known.total()
    assert known["right"] + known["offered"] >= 0.97 * known.total()
    assert known["wrong"] + unknown["wrong"] == 0
