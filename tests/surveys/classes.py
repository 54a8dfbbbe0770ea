"""A made-up class and its answers, with names that would be recognised anywhere.

Its songs are of the reference files in `tests/data`, so that some of them are known. Add here what
several tests of surveys ask of a class; sheets as people leave them are in `sandbox/`.
"""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from tests.support.reference_rows import FEATURES

HEADER = (
    *("Timestamp", "Email address", "Your name", "How old are you?", "What do you study?"),
    *("Year of study", "Hometown", "Hours of music a day", "When do you listen?"),
    *("May others see my match?",),
)
MAJORS = ("Biology", "History", "Physics")
SECRET = ("quillfeather", "zwiebruck", "otterhampton")
"""Parts of every name, mail and hometown, folded; nothing else contains them."""

SONGS = 5


@dataclass(frozen=True)
class Student:
    """Somebody who answers."""

    number: int

    @property
    def name(self) -> str:
        """As they write it."""
        return f"Ottilie Quillfeather{self.number:03}"

    @property
    def mail(self) -> str:
        """As the form notes it."""
        return f"o.zwiebruck{self.number:03}@example.org"

    @property
    def town(self) -> str:
        """Where they are from."""
        return f"Otterhampton-{self.number:03}"


def tracks() -> list[tuple[str, str]]:
    """Artist and title of the songs that reference data knows."""
    rows = pq.read_table(FEATURES / "tracks.parquet", columns=["artists", "track_name"])
    pairs = {(one["artists"].split(";")[0], one["track_name"]) for one in rows.to_pylist()}
    return sorted(pair for pair in pairs if all(pair))


def header(songs: int = SONGS) -> list[str]:
    """The questions of the form."""
    numbered = [f"{what} {at}" for at in range(1, songs + 1) for what in ("Song", "Artist")]
    return [*HEADER, *numbered]


def answer(student: Student, songs: int = SONGS, **changed: object) -> list[object]:
    """One row; what somebody likes depends on their number alone.

    Args:
        student: who answers.
        songs: how many they name.
        **changed: other cells, by the first word of their header in small letters.
    """
    known, number = tracks(), student.number
    cells: list[object] = [
        f"2026-11-{number % 20 + 1:02} 10:{number % 60:02}:00",
        student.mail,
        student.name,
        19 + number % 9,
        MAJORS[number % len(MAJORS)],
        str(1 + number % 4),
        student.town,
        1 + number % 5,
        ("morning", "evening")[number % 2],
        ("yes", "no")[number % 4 == 0],
    ]
    # A few songs that many name, and some of everybody's own.
    liked = ((number * (at % 3) + at * 7) % len(known) for at in range(10 * songs))
    for artist, title in [known[at] for at in dict.fromkeys(liked)][:songs]:
        cells += [title, artist]
    for name, value in changed.items():
        cells[[one.split()[0].lower() for one in HEADER].index(name)] = value
    return cells


def rows(people: int, songs: int = SONGS) -> list[list[object]]:
    """A whole sheet, with its header."""
    return [header(songs), *(answer(Student(number), songs) for number in range(people))]


def write(path: Path, rows: Sequence[Sequence[object]]) -> None:
    """Save rows as CSV."""
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    path.write_text(text.getvalue(), encoding="utf-8")


def traces(files: Mapping[str, bytes], words: Iterable[str] = SECRET) -> dict[str, list[str]]:
    """In which of some files what no file should have is found.

    Args:
        files: by their name.
        words: what to look for, in whatever case and encoding of JSON.
    """
    needles = {
        word: (word.lower().encode(), json.dumps(word.lower())[1:-1].encode()) for word in words
    }
    found: dict[str, list[str]] = {}
    for name, body in files.items():
        folded = body.decode(errors="replace").lower().encode() + name.lower().encode()
        hits = [word for word, some in needles.items() if any(one in folded for one in some)]
        if hits:
            found[name] = hits
    return found
