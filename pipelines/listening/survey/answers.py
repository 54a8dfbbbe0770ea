"""From the rows of a sheet to answers under pseudonyms, and to the reasons of what is left out.

Whatever tells who somebody is ends here: nothing that is returned has a name, a mail or a hometown
in it, not even of a row that is refused. Add here what concerns a row, or several of one person.
What a single cell means is `values.py`, which column it is in `headers.py`, which song a text names
`song_text.py`.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from typing import Protocol, TypeVar

import pyarrow as pa

from pipelines.errors import WrongColumns
from pipelines.listening.catalogue.names import name_words, normal_name
from pipelines.listening.schema.survey_tables import REFUSED_ANSWERS, RESPONSES
from pipelines.listening.survey import dates, values
from pipelines.listening.survey.cells import (
    Cell,
    Row,
    Sheet,
    is_formula,
    text_of,
    without_odd_number,
)
from pipelines.listening.survey.headers import MOST_SONGS, Header, find_header
from pipelines.listening.survey.people import (
    Names,
    is_somebody,
    is_test,
    loosest,
    mail_in,
    names_them,
    towns_in,
    whole_name,
)
from pipelines.listening.survey.song_text import NamedSong, NamedSongs, songs_in
from pipelines.listening.survey.suppression import OTHER
from pipelines.listening.survey.unusable import Unusable

T = TypeVar("T")

NOBODY = "no name or mail"
TEST = "a test"
HEADER = "the header again"
NO_CONSENT = "does not agree to take part"
FORGOTTEN = "forgotten"
REPLACED = "a later answer of the same person counts"
NAMES_A_PERSON = "has the name or mail of somebody who answered"
NAMES_A_TOWN = "has the hometown of who named it"
NAMED_TWICE = "the same song again"
TOO_MANY = "more songs than a person may name"
"""Why a row, or a song of it, counts for nothing; those of other cells are beside what reads them.
"""

NAMED = pa.schema(
    [
        pa.field("pseudonym", pa.string(), nullable=False),
        pa.field("place", pa.int16(), nullable=False),
        pa.field("artist_name", pa.string()),
        pa.field("track_name", pa.string()),
        pa.field("track_id", pa.string()),
    ]
)
"""The songs that people named, as they wrote them; an artist may stand in `track_name` too."""

CATEGORIES = ("age_band", "major", "year", "hours_band", "listening_time")
"""Columns of which only values are kept that enough people gave."""

LOOKED_FOR = ("time", "age", "major", "year", "hours", "listening_time", "may_be_matched")
"""Fields that a survey can do without, and that most have."""

ROWS_OF_SONGS, PEOPLE_THAT_TELL, MOST = 3, 3, 0.75
"""Where most people have so many rows, and there are so many people, a row is a song of theirs."""

ENOUGH_FOR_AN_ARTIST = 3
"""Where so many people name somebody in their songs, it is an artist, even if one of those who
answered is called so too."""


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


@dataclass(frozen=True)
class Answers:
    """What a sheet says, with nobody's name in it.

    Attributes:
        responses: a row for each person.
        named: their songs; see `NAMED`.
        refused: rows and cells that count for nothing, and why.
        not_found: fields without a column, where questions are left that nothing is known of: one
            of these may be about such a field.
        by_mail: how many people are known by a mail; the others are by their name.
    """

    responses: pa.Table
    named: pa.Table
    refused: pa.Table
    not_found: tuple[str, ...] = ()
    by_mail: int = 0

    @property
    def tables(self) -> tuple[pa.Table, ...]:
        """All of it."""
        return self.responses, self.named, self.refused


Place = tuple[int, int]
"""Where a row is: which sheet, and its number there."""


@dataclass
class _Song:
    """A song, while its sheet is read."""

    at: Place
    field: str
    song: NamedSong

    @property
    def texts(self) -> list[str]:
        return [text for text in (self.song.artist_name, self.song.track_name) if text]


@dataclass
class _Answer:
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
    songs: list[_Song]
    called: frozenset[tuple[str, str]] = field(repr=False)
    towns: frozenset[str] = field(repr=False)


class _Refused:
    """Collects what is refused: one reason for each cell, or for all of a row."""

    def __init__(self) -> None:
        self._reasons: dict[tuple[int, int, str], str] = {}

    def add(self, at: Place, name: str, reason: str) -> None:
        self._reasons.setdefault((*at, name), reason)

    def table(self) -> pa.Table:
        names = ("file", "row", "field", "reason")
        rows = [
            dict(zip(names, (*where, reason), strict=True))
            for where, reason in self._reasons.items()
            if not where[2] or (*where[:2], "") not in self._reasons
        ]
        return REFUSED_ANSWERS.conform(REFUSED_ANSWERS.from_rows(rows))


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
    refused, names = _Refused(), Names()
    named = cache(songs_in)  # many name the same songs; it is forgotten with the run
    readers: list[_Reader] = []
    for number, sheet in enumerate(sheets, 1):
        header = find_header(sheet.rows, survey.columns)
        if header.missing:
            where = f"file {number} of its folder" if len(sheets) > 1 else "its sheet"
            raise _wrong_columns(header.missing, where, sheet)
        readers.append(
            _Reader(number, sheet, header, survey, pseudonymise, forgotten, refused, names, named)
        )
    of_person: dict[str, list[_Answer]] = defaultdict(list)
    for reader in readers:
        for answer in reader.answers():
            of_person[answer.person].append(answer)
    headers = [reader.header for reader in readers]
    are_songs = _rows_are_songs([*of_person.values()], headers, survey.rows)
    for rows in of_person.values():
        _refuse_own(rows, refused)
        _check_categories(rows, names, survey.majors, refused)
    one_of = _together if are_songs else _latest
    each = (one_of(_in_order(own), refused) for _, own in sorted(of_person.items()))
    kept = [one for one in each if one is not None]
    _check_songs(kept, names, refused)
    not_found = tuple(
        name
        for name in LOOKED_FOR
        if any(header.others and name not in header.columns for header in headers)
    )
    by_mail = sum(any(mail for _, mail in one.called) for one in kept)
    return Answers(_responses(kept, survey), _named(kept), refused.table(), not_found, by_mail)


def _wrong_columns(missing: Sequence[str], where: str, sheet: Sheet) -> WrongColumns:
    if not any(text_of(cell) for row in sheet.rows for cell in row):
        return WrongColumns(
            f"{where} is empty, without the questions too: see that `sheet` or `file` in "
            "surveys.toml names where the answers are"
        )
    words = {"name": "who answered (a name or a mail)", "song": "a song"}
    fields = " and ".join(f"`{one}`" for one in missing)
    return WrongColumns(
        f"{where} has no column that says {' nor one that says '.join(words[m] for m in missing)}: "
        f"if that question was worded anew, list its text as {fields} under `columns` in "
        "surveys.toml"
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
    refused: _Refused
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

    def answers(self) -> Iterator[_Answer]:
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

    def _answer(self, at: Place, row: Row) -> _Answer:
        if self._is_header(row):
            raise Unusable(HEADER)
        mail, name = self._mail(row), self._name(row)
        songs = list(self._songs(at, row))
        if is_test(name) or is_test(mail) or self._tests(row, songs):
            raise Unusable(TEST)
        towns = towns_in(text_of(self._cell(row, "hometown")))
        self.names.add(name)
        self.names.add_towns(towns)
        mail = mail or self.names.mail_of(name)
        if not (mail or name):
            raise Unusable(NOBODY)
        person = self.pseudonymise(mail or name)
        if person in self.forgotten:
            raise Unusable(FORGOTTEN)
        answered = self._value(at, row, "time", self._moment)
        day = answered and answered.date()
        told = {
            "age_band": self._value(at, row, "age", lambda cell: values.age_band(cell, day)),
            "major": self._value(at, row, "major", values.subject),
            "year": self._value(at, row, "year", values.year_of_study),
            "hours_band": self._value(at, row, "hours", self._hours),
            "listening_time": self._value(at, row, "listening_time", values.time_of_day),
        }
        taking_part = self._yes_or_no(row, "consent", values.takes_part)
        matched = self._yes_or_no(row, "may_be_matched", values.agrees)
        place, called = self._place(row), frozenset([(name, mail)])
        return _Answer(
            at, person, answered, told, taking_part, matched, place, songs, called, towns
        )

    def _yes_or_no(
        self, row: Row, name: str, read: Callable[[Sequence[Cell]], bool]
    ) -> bool | None:
        """What somebody agreed to; None where they say nothing of it, though they were asked."""
        if name == "consent" and name not in self.header.columns:
            return True
        cells = self._cells(row, name)
        return read(cells) if any(map(text_of, cells)) else None

    def _is_header(self, row: Row) -> bool:
        header = self.sheet.rows[self.header.at]
        columns = [column for own in self.header.columns.values() for column in own]
        columns += [c for song in self.header.songs for own in song.values() for c in own]
        return all(
            column < len(row)
            and name_words(text_of(row[column])) == name_words(text_of(header[column]))
            for column in columns
        )

    def _tests(self, row: Row, songs: Sequence[_Song]) -> bool:
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

    def _songs(self, at: Place, row: Row) -> Iterator[_Song]:
        for number, fields in enumerate(self.header.songs, 1):
            name = "song" if len(self.header.songs) == 1 else f"song_{number}"
            title, artist = (_lines(_first(row, fields.get(one, ()))) for one in ("song", "artist"))
            named = self.named(title, artist)
            for reason in named.refused:
                self.refused.add(at, name, reason)
            for song in named.songs:
                yield _Song(at, name, song)

    def _place(self, row: Row) -> int | None:
        text = text_of(self._cell(row, "place"))
        return int(text) if text.isdecimal() and 1 <= int(text) <= MOST_SONGS else None

    def _cells(self, row: Row, name: str) -> list[Cell]:
        return [_at(row, column) for column in self.header.columns.get(name, ())]

    def _cell(self, row: Row, name: str) -> Cell:
        return _first(row, self.header.columns.get(name, ()))

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


def _rows_are_songs(
    people: Sequence[Sequence[_Answer]], headers: Sequence[Header], told: str | None
) -> bool:
    """Whether a row is one of somebody's songs rather than an answer of theirs."""
    if told is not None:
        return told == "songs"
    if any(len(header.songs) > 1 for header in headers):
        return False
    if people and all(one.place is not None for rows in people for one in rows):
        return True
    many = [len(rows) >= ROWS_OF_SONGS for rows in people]
    return len(many) >= PEOPLE_THAT_TELL and sum(many) >= MOST * len(many)


def _refuse_own(rows: Sequence[_Answer], refused: _Refused) -> None:
    """Refuse songs that say who named them, by what any of a person's rows says of them."""
    called = frozenset().union(*(one.called for one in rows))
    towns = frozenset().union(*(one.towns for one in rows))
    for one in rows:
        kept = []
        for song in one.songs:
            texts = song.texts
            if any(map(mail_in, texts)) or any(names_them(texts, *them) for them in called):
                refused.add(song.at, song.field, NAMES_A_PERSON)
            else:
                kept.append(song)
        one.songs, one.towns = kept, towns


def _check_categories(
    rows: Sequence[_Answer],
    names: Names,
    majors: Mapping[str, Sequence[str]],
    refused: _Refused,
) -> None:
    """Refuse values in which somebody is named, or where a person is from.

    However many write it: what k people wrote is published, also where they made fun of somebody.
    What the survey itself lists is no name.
    """
    called = frozenset().union(*(one.called for one in rows))
    towns = frozenset().union(*(one.towns for one in rows))
    listed = {name_words(text) for name, own in majors.items() for text in (name, *own)}
    for one in rows:
        for name, text in one.told.items():
            if not text or (name == "major" and name_words(text) in listed):
                continue
            said = set(names.within(text))
            own = any(names_them([text], *them) for them in called)
            if own or mail_in(text) or any(map(names.is_name, said)):
                reason = NAMES_A_PERSON
            elif said & towns:
                reason = NAMES_A_TOWN
            else:
                continue
            refused.add(one.at, name, reason)
            one.told[name] = None


def _in_order(own: Sequence[_Answer]) -> list[_Answer]:
    """Rows of one person in the order in which they were written, as far as all tell when."""
    if all(one.answered is not None for one in own):
        return sorted(own, key=lambda one: (one.answered or datetime.min, one.at))  # noqa: DTZ901
    return sorted(own, key=lambda one: one.at)


def _latest(own: Sequence[_Answer], refused: _Refused) -> _Answer | None:
    """A person's last answer; None where they do not take part any more, or never did."""
    *earlier, last = own
    for one in earlier:
        refused.add(one.at, "", REPLACED)
    if last.takes_part:
        return last
    refused.add(last.at, "", NO_CONSENT)
    return None


def _together(own: Sequence[_Answer], refused: _Refused) -> _Answer | None:
    """A person's answer of rows that have a song each; what a later row says counts."""
    taking_part = [one.takes_part for one in own if one.takes_part is not None]
    if taking_part[-1:] != [True]:
        for one in own:
            refused.add(one.at, "", NO_CONSENT)
        return None
    placed: dict[object, _Answer] = {}
    for one in own:
        before = placed.pop(one.place, None) if one.place is not None else None
        if before:
            refused.add(before.at, "", REPLACED)
        placed[one.place if one.place is not None else one.at] = one
    by_place = sorted(placed.values(), key=lambda one: one.place or MOST_SONGS + 1)
    agreed = [one.may_be_matched for one in own if one.may_be_matched is not None]
    told = {
        name: next((one.told[name] for one in reversed(own) if one.told[name] is not None), None)
        for name in CATEGORIES
    }
    songs = [song for one in by_place for song in one.songs]
    may_be_matched = agreed[-1:] == [True]
    return replace(own[-1], told=told, may_be_matched=may_be_matched, songs=songs)


def _check_songs(answers: Sequence[_Answer], names: Names, refused: _Refused) -> None:
    """Refuse songs that name somebody else or one's own hometown, and songs that are there again.

    What many name in their songs is an artist or a title, whoever else is called so or from there.
    """
    naming: dict[str, set[str]] = defaultdict(set)
    found: set[str] = set()
    for answer in answers:
        for song in answer.songs:
            for name in names.within(" ".join(song.texts)):
                found.add(name)
                naming[loosest(name)].add(answer.person)
    few = {name for name in found if len(naming[loosest(name)]) < ENOUGH_FOR_AN_ARTIST}
    people = set(filter(names.is_name, few))
    for answer in answers:
        kept: dict[object, _Song] = {}
        for song in answer.songs:
            key = (song.song.track_id, *map(normal_name, song.texts))
            said = few.intersection(names.within(" ".join(song.texts))) if few else few
            if said & people:
                refused.add(song.at, song.field, NAMES_A_PERSON)
            elif said & answer.towns:
                refused.add(song.at, song.field, NAMES_A_TOWN)
            elif key in kept:
                refused.add(song.at, song.field, NAMED_TWICE)
            elif len(kept) == MOST_SONGS:
                refused.add(song.at, song.field, TOO_MANY)
            else:
                kept[key] = song
        answer.songs = list(kept.values())


def _responses(answers: Sequence[_Answer], rules: Rules) -> pa.Table:
    told = {name: _kept(name, answers, rules) for name in CATEGORIES}
    rows: list[dict[str, object]] = [
        {
            "pseudonym": one.person,
            "answered_on": one.answered.date() if one.answered else None,
            **{name: column[at] for name, column in told.items()},
            "may_be_matched": one.may_be_matched is True,
            "songs": len(one.songs),
        }
        for at, one in enumerate(answers)
    ]
    return RESPONSES.conform(RESPONSES.from_rows(rows))


def _kept(name: str, answers: Sequence[_Answer], rules: Rules) -> list[str | None]:
    """One column of a category, in which a value that fewer than k people gave is `OTHER`."""
    written = [one.told[name] for one in answers]
    spelled = _spelled(written, rules.majors if name == "major" else {})
    same = [spelled[name_words(text)] if text else None for text in written]
    counts = Counter(same)
    return [OTHER if text and counts[text] < rules.k else text for text in same]


def _spelled(written: Iterable[str | None], meant: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """How each value is spelled: as the survey says, else as most people do."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for text in written:
        if text:
            counts[name_words(text)][text] += 1
    most = {
        words: min(texts, key=lambda text: (-texts[text], text)) for words, texts in counts.items()
    }
    return most | {name_words(text): name for name, own in meant.items() for text in (name, *own)}


def _named(answers: Sequence[_Answer]) -> pa.Table:
    rows = [
        {
            "pseudonym": one.person,
            "place": place,
            "artist_name": _no_formula(song.song.artist_name),
            "track_name": _no_formula(song.song.track_name),
            "track_id": song.song.track_id,
        }
        for one in answers
        for place, song in enumerate(one.songs, 1)
    ]
    return pa.Table.from_pylist(rows, schema=NAMED)


def _no_formula(text: str | None) -> str | None:
    """A name that no program takes for a formula, to whatever it is exported."""
    return text and (text.lstrip("= ") or None)
