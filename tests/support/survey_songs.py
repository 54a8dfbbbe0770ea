"""Songs as people name them in a form, for tests that match them."""

import random
from collections.abc import Sequence

import pyarrow as pa

from pipelines.listening.survey.answers import NAMED
from pipelines.listening.survey.song_text import songs_in

_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


def named_songs(cells: Sequence[tuple[str, str]]) -> pa.Table:
    """The songs that people named, one person for each pair of cells.

    Args:
        cells: of song and artist.
    """
    rows = [
        {
            "pseudonym": f"{person:06}",
            "place": place,
            "artist_name": one.artist_name,
            "track_name": one.track_name,
            "track_id": one.track_id,
        }
        for person, (song, artist) in enumerate(cells)
        for place, one in enumerate(songs_in(song, artist).songs, 1)
    ]
    return pa.Table.from_pylist(rows, schema=NAMED)


def misspelled(name: str, by: random.Random) -> str:
    """A name with one slip: a letter that is missing, doubled, swapped or its neighbour's.

    Args:
        name: as it is spelled.
        by: what chance is made of.
    """
    places = [at for at, letter in enumerate(name) if letter.isalpha()][1:]
    if len(places) < 2:
        return name
    at = by.choice(places)
    letter, before, after = name[at], name[:at], name[at + 1 :]
    slip = by.randrange(4)
    if slip == 0:
        return before + after
    if slip == 1:
        return before + letter * 2 + after
    if slip == 2 and after:
        return before + after[0] + letter + after[1:]
    row = next((keys for keys in _KEYS if letter.lower() in keys), "ab")
    place = row.find(letter.lower())
    return before + row[place - 1 if place else 1] + after
