"""From the rows of a sheet to answers under pseudonyms, and to the reasons of what is left out.

Whatever tells who somebody is ends here: nothing that is returned has a name, a mail or a hometown
in it, not even of a row that is refused. Add here what concerns several rows of one person, or all
people. What one row says is `rows.py`, what must not be kept of it `guarding.py`.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache

import pyarrow as pa

from pipelines.errors import WrongColumns
from pipelines.listening.catalogue.names import name_words
from pipelines.listening.schema.survey_tables import RESPONSES
from pipelines.listening.survey.cells import Sheet, text_of
from pipelines.listening.survey.guarding import check_categories, check_songs, refuse_own
from pipelines.listening.survey.headers import MOST_SONGS, Header, find_header
from pipelines.listening.survey.people import Names
from pipelines.listening.survey.refusals import NO_CONSENT, REPLACED, Refused
from pipelines.listening.survey.rows import Answer, Reader, Rules
from pipelines.listening.survey.song_text import songs_in
from pipelines.listening.survey.suppression import OTHER

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
    refused, names = Refused(), Names()
    named = cache(songs_in)  # many name the same songs; it is forgotten with the run
    readers: list[Reader] = []
    for number, sheet in enumerate(sheets, 1):
        header = find_header(sheet.rows, survey.columns)
        if header.missing:
            where = f"file {number} of its folder" if len(sheets) > 1 else "its sheet"
            raise _wrong_columns(header.missing, where, sheet)
        readers.append(
            Reader(number, sheet, header, survey, pseudonymise, forgotten, refused, names, named)
        )
    of_person: dict[str, list[Answer]] = defaultdict(list)
    for reader in readers:
        for answer in reader.answers():
            of_person[answer.person].append(answer)
    headers = [reader.header for reader in readers]
    are_songs = _rows_are_songs([*of_person.values()], headers, survey.rows)
    for rows in of_person.values():
        refuse_own(rows, refused)
        check_categories(rows, names, survey.majors, refused)
    one_of = _together if are_songs else _latest
    each = (one_of(_in_order(own), refused) for _, own in sorted(of_person.items()))
    kept = [one for one in each if one is not None]
    check_songs(kept, names, refused)
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


def _rows_are_songs(
    people: Sequence[Sequence[Answer]], headers: Sequence[Header], told: str | None
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


def _in_order(own: Sequence[Answer]) -> list[Answer]:
    """Rows of one person in the order in which they were written, as far as all tell when."""
    if all(one.answered is not None for one in own):
        return sorted(own, key=lambda one: (one.answered or datetime.min, one.at))  # noqa: DTZ901
    return sorted(own, key=lambda one: one.at)


def _latest(own: Sequence[Answer], refused: Refused) -> Answer | None:
    """A person's last answer; None where they do not take part any more, or never did."""
    *earlier, last = own
    for one in earlier:
        refused.add(one.at, "", REPLACED)
    if last.takes_part:
        return last
    refused.add(last.at, "", NO_CONSENT)
    return None


def _together(own: Sequence[Answer], refused: Refused) -> Answer | None:
    """A person's answer of rows that have a song each; what a later row says counts."""
    taking_part = [one.takes_part for one in own if one.takes_part is not None]
    if taking_part[-1:] != [True]:
        for one in own:
            refused.add(one.at, "", NO_CONSENT)
        return None
    placed: dict[object, Answer] = {}
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


def _responses(answers: Sequence[Answer], rules: Rules) -> pa.Table:
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


def _kept(name: str, answers: Sequence[Answer], rules: Rules) -> list[str | None]:
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


def _named(answers: Sequence[Answer]) -> pa.Table:
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
