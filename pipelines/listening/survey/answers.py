"""From the rows of a sheet to answers under pseudonyms, and to the reasons of what is left out.

Whatever tells who somebody is ends here: nothing that is returned has a name, a mail or a hometown
in it, not even of a row that is refused. Add here what concerns a row, or several of one person.
What a single cell means is `values.py`, which column it is in `headers.py`, which song a text names
`song_text.py`.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

import pyarrow as pa

from pipelines.errors import WrongColumns
from pipelines.listening.catalogue.names import name_words
from pipelines.listening.schema.survey_tables import REFUSED_ANSWERS, RESPONSES
from pipelines.listening.survey import values
from pipelines.listening.survey.cells import Cell, Row, Sheet, says_nothing, text_of
from pipelines.listening.survey.headers import Header, find_header
from pipelines.listening.survey.people import mail_in

T = TypeVar("T")

NamedSong = tuple[str | None, str | None, str | None]
"""An artist, a title and Spotify's id of a track, as far as a cell says."""

NOBODY = "nobody"
FORGOTTEN = "forgotten"
REPLACED = "replaced"
"""Why a row counts for nothing: it does not say whose it is; who answered was forgotten since;
there is a later answer of the same person."""

OTHER = "other"
"""In place of a value that too few people gave."""

NAMED = pa.schema(
    [
        pa.field("pseudonym", pa.string(), nullable=False),
        pa.field("place", pa.int16(), nullable=False),
        pa.field("artist_name", pa.string()),
        pa.field("track_name", pa.string()),
        pa.field("track_id", pa.string()),
    ]
)
"""The songs that people named, as they wrote them."""

CATEGORIES = ("age_band", "major", "year", "hours_band", "listening_time")
"""Columns of which only values are kept that enough people gave."""


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


@dataclass(frozen=True)
class Answers:
    """What a sheet says, with nobody's name in it.

    Attributes:
        responses: a row for each person.
        named: their songs; see `NAMED`.
        refused: rows and cells that count for nothing.
    """

    responses: pa.Table
    named: pa.Table
    refused: pa.Table

    @property
    def tables(self) -> tuple[pa.Table, ...]:
        """All of it."""
        return self.responses, self.named, self.refused


@dataclass
class _Answer:
    """One row of the sheet, while it is read."""

    order: tuple[int, int]
    person: str
    at: datetime | None
    told: dict[str, str | None]
    may_be_matched: bool
    songs: list[tuple[int, NamedSong]]


def parse(
    sheets: Sequence[Sheet],
    survey: Rules,
    pseudonymise: Callable[[str], str],
    forgotten: Container[str] = (),
) -> Answers:
    """The answers in the rows of a sheet, or of several that are one survey's.

    Args:
        sheets: as they were read; of several, a later one was written later.
        survey: what it says about its sheet.
        pseudonymise: from a mail or a name to a pseudonym.
        forgotten: pseudonyms of people who are not to come back.

    Raises:
        WrongColumns: where a sheet lacks a column that is needed.
    """
    refused: list[dict[str, object]] = []
    answers: list[_Answer] = []
    for number, sheet in enumerate(sheets, 1):
        header = find_header(sheet.rows, survey.columns)
        if header.missing:
            raise _wrong_columns(header.missing, number if len(sheets) > 1 else None)
        answers += _Reader(
            number, sheet, header, survey, pseudonymise, forgotten, refused
        ).answers()
    kept = _latest(answers, refused)
    return Answers(
        _responses(kept, survey),
        _named(kept),
        REFUSED_ANSWERS.conform(REFUSED_ANSWERS.from_rows(refused)),
    )


def _wrong_columns(missing: Sequence[str], file: int | None) -> WrongColumns:
    words = {"name": "who answered (a name or a mail)", "song": "a song"}
    where = "the sheet" if file is None else f"file {file} of the folder"
    return WrongColumns(
        f"{where} has no column that says {' nor '.join(words[one] for one in missing)}: if its "
        "question was worded anew, add the new text under [columns] of the survey in surveys.toml"
    )


@dataclass
class _Reader:
    """Reads the rows of one sheet."""

    file: int
    sheet: Sheet
    header: Header
    rules: Rules
    pseudonymise: Callable[[str], str]
    forgotten: Container[str]
    refused: list[dict[str, object]]

    def answers(self) -> Iterator[_Answer]:
        """Those of all rows that are not refused."""
        self.day_first = self._is_day_first()
        for at, row in self._rows():
            answer = self._answer(self.sheet.first + at, row)
            if answer is not None:
                yield answer

    def _rows(self) -> Iterator[tuple[int, Row]]:
        for at, row in enumerate(self.sheet.rows):
            if at > self.header.at and any(text_of(cell) for cell in row):
                yield at, row

    def _is_day_first(self) -> bool | None:
        texts = [text_of(self._cell(row, "time")) for _, row in self._rows()]
        return values.is_day_first(texts)

    def _answer(self, number: int, row: Row) -> _Answer | None:
        identity = self._identity(row)
        if not identity:
            return self._refuse(number, "", NOBODY)
        person = self.pseudonymise(identity)
        if person in self.forgotten:
            return self._refuse(number, "", FORGOTTEN)
        at = self._read(number, row, "time", self._moment)
        day = at.date() if at else None
        return _Answer(
            order=(self.file, number),
            person=person,
            at=at,
            told={
                "age_band": self._read(number, row, "age", lambda cell: values.age_band(cell, day)),
                "major": self._read(number, row, "major", values.subject),
                "year": self._read(number, row, "year", values.year_of_study),
                "hours_band": self._read(number, row, "hours", values.hours_band),
                "listening_time": self._read(number, row, "listening_time", values.times_of_day),
            },
            may_be_matched=values.agrees(self._cell(row, "may_be_matched")),
            songs=list(self._songs(row)),
        )

    def _identity(self, row: Row) -> str:
        mail = mail_in(text_of(self._cell(row, "mail")))
        name = text_of(self._cell(row, "name"))
        return mail or ("" if says_nothing(name) else name)

    def _songs(self, row: Row) -> Iterator[tuple[int, NamedSong]]:
        for number, fields in self.header.songs.items():
            title, artist = (
                text_of(_first(row, fields.get(name, ()))) for name in ("song", "artist")
            )
            if not says_nothing(title):
                yield number, (artist or None, title, None)

    def _cell(self, row: Row, name: str) -> Cell:
        return _first(row, self.header.columns.get(name, ()))

    def _moment(self, cell: Cell) -> datetime | None:
        return values.moment(cell, self.rules.timezone, day_first=self.day_first)

    def _read(self, number: int, row: Row, name: str, read: Callable[[Cell], T]) -> T | None:
        try:
            return read(self._cell(row, name))
        except values.Unusable as unusable:
            return self._refuse(number, name, unusable.reason)

    def _refuse(self, number: int, name: str, reason: str) -> None:
        self.refused.append({"file": self.file, "row": number, "field": name, "reason": reason})


def _first(row: Row, columns: Sequence[int]) -> Cell:
    """The first cell of these columns that says something; a row may be too short to have them."""
    cells = [row[column] for column in columns if column < len(row)]
    return next((cell for cell in cells if text_of(cell)), None)


def _latest(answers: Sequence[_Answer], refused: list[dict[str, object]]) -> list[_Answer]:
    """Each person's last answer, in order of their pseudonyms."""
    of_person: dict[str, list[_Answer]] = defaultdict(list)
    for answer in answers:
        of_person[answer.person].append(answer)
    kept = []
    for _, own in sorted(of_person.items()):
        by_time = all(one.at is not None for one in own)
        *earlier, last = sorted(
            own, key=lambda one: (one.at, one.order) if by_time else (one.order,)
        )
        kept.append(last)
        for one in earlier:
            file, row = one.order
            refused.append({"file": file, "row": row, "field": "", "reason": REPLACED})
    return kept


def _responses(answers: Sequence[_Answer], rules: Rules) -> pa.Table:
    told = {name: _kept(name, answers, rules) for name in CATEGORIES}
    rows = [
        {
            "pseudonym": one.person,
            "answered_on": one.at.date() if one.at else None,
            **{name: column[at] for name, column in told.items()},
            "may_be_matched": one.may_be_matched,
            "songs": len(one.songs),
        }
        for at, one in enumerate(answers)
    ]
    return RESPONSES.conform(RESPONSES.from_rows(rows))


def _kept(name: str, answers: Sequence[_Answer], rules: Rules) -> list[str | None]:
    """One column of a category, in which a value that fewer than k people gave is `OTHER`."""
    written = [one.told[name] for one in answers]
    spelled = _spellings(written, rules.majors if name == "major" else {})
    same = [spelled[_fold(text)] if text else None for text in written]
    counts = Counter(same)
    return [OTHER if text and counts[text] < rules.k else text for text in same]


def _spellings(written: Iterable[str | None], meant: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """How each value is spelled: as the survey says, else as most people do."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for text in written:
        if text:
            counts[_fold(text)][text] += 1
    most = {
        folded: min(texts, key=lambda text: (-texts[text], text))
        for folded, texts in counts.items()
    }
    own = {_fold(text): name for name, texts in meant.items() for text in (name, *texts)}
    return most | own


def _fold(text: str) -> str:
    return name_words(text)


def _named(answers: Sequence[_Answer]) -> pa.Table:
    rows = [
        (one.person, place, *song)
        for one in answers
        for place, (_, song) in enumerate(one.songs, 1)
    ]
    columns = list(zip(*rows, strict=True)) or [()] * len(NAMED)
    arrays = [pa.array(list(c), f.type) for c, f in zip(columns, NAMED, strict=True)]
    return pa.table(arrays, schema=NAMED)
