"""A row of a sheet, while it is read: who it is of, and what they say.

What a `Reader` reads still knows what a person is called and where they are from, to be found in
what they wrote; it goes no further than `answers.py`. Add here what concerns one row. What a single
cell means is `values.py`, which column it is in `headers.py`, which song a text names
`song_text.py`.
"""

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol, TypeVar

from pipelines.listening.catalogue.names import name_words
from pipelines.listening.survey import dates, values
from pipelines.listening.survey.cells import (
    Cell,
    Row,
    Sheet,
    is_formula,
    text_of,
    without_odd_number,
)
from pipelines.listening.survey.headers import MOST_SONGS, Header
from pipelines.listening.survey.people import (
    Names,
    is_somebody,
    is_test,
    mail_in,
    name_in,
    towns_in,
    whole_name,
)
from pipelines.listening.survey.refusals import FORGOTTEN, HEADER, NOBODY, TEST, Place, Refused
from pipelines.listening.survey.song_text import NamedSong, NamedSongs
from pipelines.listening.survey.unusable import Unusable

T = TypeVar("T")


class Rules(Protocol):
    """What a survey says about its sheet; see `settings.Survey`."""

    @property
    def columns(self) -> Mapping[str, tuple[str, ...]]:
        """Headers by field."""

    @property
    def majors(self) -> Mapping[str, tuple[str, ...]]:
        """Spellings by subject."""

    @property
    def k(self) -> int:
        """Of how many people a value is kept."""

    @property
    def timezone(self) -> str:
        """Of the sheet's times."""

    @property
    def rows(self) -> str | None:
        """Whether a row is an answer or a song; None to see by the rows."""

    @property
    def day_first(self) -> bool | None:
        """How dates are written; None to see by the dates."""


@dataclass
class Song:
    """A song, while its sheet is read."""

    at: Place
    field: str
    song: NamedSong

    @property
    def texts(self) -> list[str]:
        """Artist and title, as far as they are told."""
        return [text for text in (self.song.artist_name, self.song.track_name) if text]


@dataclass
class Answer:
    """One row of a sheet, while it is read; `person` is a pseudonym.

    Whether they take part, and may be matched, is null where they do not say. What they are called
    and where they are from is there to be found in what they wrote.
    """

    at: Place
    person: str
    answered: datetime | None
    told: dict[str, str | None]
    takes_part: bool | None
    may_be_matched: bool | None
    place: int | None
    songs: list[Song]
    called: frozenset[tuple[str, str]] = field(repr=False)
    towns: frozenset[str] = field(repr=False)


@dataclass
class Reader:
    """Reads the rows of one sheet."""

    file: int
    sheet: Sheet
    header: Header
    rules: Rules
    pseudonymise: Callable[[str], str]
    forgotten: Container[str]
    refused: Refused
    names: Names
    named: Callable[[str, str], NamedSongs]
    day_first: bool | None = field(init=False)

    def __post_init__(self) -> None:
        self.day_first = self.rules.day_first
        for _, row in self._rows():
            self.names.note_mail(self._name(row), self._mail(row))
        if self.day_first is None:
            times = [text_of(self._cell(row, "time")) for _, row in self._rows()]
            self.day_first = dates.is_day_first(times)

    def answers(self) -> Iterator[Answer]:
        """Those of all rows that are not refused."""
        for at, row in self._rows():
            try:
                answer = self._answer(at, row)
            except Unusable as unusable:
                self.refused.add(at, "", unusable.reason)
            else:
                yield answer

    def _rows(self) -> Iterator[tuple[Place, Row]]:
        for at, row in enumerate(self.sheet.rows):
            if at > self.header.at and any(map(text_of, row)):
                yield (self.file, self.sheet.first + at), row

    def _answer(self, at: Place, row: Row) -> Answer:
        if self._is_header(row):
            raise Unusable(HEADER)
        mail, name = self._mail(row), self._name(row)
        songs = list(self._songs(at, row))
        if is_test(name) or is_test(mail) or self._tests(row, songs):
            raise Unusable(TEST)
        towns = towns_in(text_of(self._cell(row, "hometown")))
        mail = mail or self.names.mail_of(name)
        self.names.add(name, mail)
        self.names.add(name_in(mail), mail)
        self.names.add_towns(towns)
        if not (mail or name):
            raise Unusable(NOBODY)
        person = self.pseudonymise(mail or name)
        if person in self.forgotten:
            raise Unusable(FORGOTTEN)
        answered = self._value(at, row, "time", self._moment)
        day = answered and answered.date()
        told = {
            "age_band": self._value(at, row, "age", lambda cell: self._age(cell, day)),
            "major": self._value(at, row, "major", values.subject),
            "year": self._value(at, row, "year", values.year_of_study),
            "hours_band": self._value(at, row, "hours", self._hours),
            "listening_time": self._value(at, row, "listening_time", values.time_of_day),
        }
        taking_part = self._yes_or_no(row, "consent", values.takes_part)
        if not all(values.takes_part([cell]) for cell in self._beside_consent(row)):
            taking_part = False
        matched = self._yes_or_no(row, "may_be_matched", values.agrees)
        place, called = self._place(row), frozenset([(name, mail)])
        return Answer(at, person, answered, told, taking_part, matched, place, songs, called, towns)

    def _yes_or_no(
        self, row: Row, name: str, read: Callable[[Sequence[Cell]], bool]
    ) -> bool | None:
        """What somebody agreed to; None where they say nothing of it, though they were asked."""
        if name == "consent" and name not in self.header.columns:
            return True
        cells = self._cells(row, name)
        return read(cells) if any(map(text_of, cells)) else None

    def _beside_consent(self, row: Row) -> list[Cell]:
        """What is said where consent is asked for once more."""
        cells = (_at(row, column) for column in self.header.may_refuse)
        return [cell for cell in cells if text_of(cell)]

    def _is_header(self, row: Row) -> bool:
        header = self.sheet.rows[self.header.at]
        columns = [column for own in self.header.columns.values() for column in own]
        columns += [c for song in self.header.songs for own in song.values() for c in own]
        return all(
            column < len(row)
            and name_words(text_of(row[column])) == name_words(text_of(header[column]))
            for column in columns
        )

    def _tests(self, row: Row, songs: Sequence[Song]) -> bool:
        """Whether all that is said of songs is that somebody tried the form."""
        columns = (column for fields in self.header.songs for column in fields.get("song", ()))
        said = [text for column in columns if (text := text_of(_at(row, column)))]
        return bool(said) and all(map(is_test, said)) and not any(s.song.track_id for s in songs)

    def _mail(self, row: Row) -> str:
        found = (
            mail_in(str(cell or "")) for name in ("mail", "name") for cell in self._cells(row, name)
        )
        return next(filter(None, found), "")

    def _name(self, row: Row) -> str:
        fields = ("name", "first_name", "last_name")
        cells = [self._cell(row, name) for name in fields]
        texts = ["" if is_formula(cell) else text_of(cell) for cell in cells]
        name, first, last = (text if is_somebody(text) else "" for text in texts)
        return whole_name("" if mail_in(name) else name, first, last)

    def _songs(self, at: Place, row: Row) -> Iterator[Song]:
        for number, fields in enumerate(self.header.songs, 1):
            name = "song" if len(self.header.songs) == 1 else f"song_{number}"
            title, artist = (_lines(_first(row, fields.get(one, ()))) for one in ("song", "artist"))
            named = self.named(title, artist)
            for reason in named.refused:
                self.refused.add(at, name, reason)
            for song in named.songs:
                yield Song(at, name, song)

    def _place(self, row: Row) -> int | None:
        text = text_of(self._cell(row, "place"))
        return int(text) if text.isdecimal() and 1 <= int(text) <= MOST_SONGS else None

    def _cells(self, row: Row, name: str) -> list[Cell]:
        return [_at(row, column) for column in self.header.columns.get(name, ())]

    def _cell(self, row: Row, name: str) -> Cell:
        return _first(row, self.header.columns.get(name, ()))

    def _age(self, cell: Cell, day: date | None) -> str | None:
        return values.age_band(cell, day, born=self.header.born)

    def _hours(self, cell: Cell) -> str | None:
        return values.hours_band(cell, self.header.per_day)

    def _moment(self, cell: Cell) -> datetime | None:
        return dates.moment(cell, self.rules.timezone, day_first=self.day_first)

    def _value(self, at: Place, row: Row, name: str, read: Callable[[Cell], T]) -> T | None:
        try:
            return read(self._cell(row, name))
        except Unusable as unusable:
            self.refused.add(at, name, unusable.reason)
            return None


def _at(row: Row, column: int) -> Cell:
    """A cell; a row may be too short to have it."""
    return without_odd_number(row[column]) if column < len(row) else None


def _first(row: Row, columns: Sequence[int]) -> Cell:
    """The first cell of these columns that says something."""
    cells = (_at(row, column) for column in columns)
    return next((cell for cell in cells if text_of(cell)), None)


def _lines(cell: Cell) -> str:
    """What a song's cell says, with its lines apart: there may be a song on each."""
    return cell if isinstance(cell, str) and text_of(cell) else text_of(cell)
