"""Which column of a sheet has which field, by the text of the question that stands above it.

Questions are worded freely, translated, moved and renamed in mid-survey, so a column is known by
the words of its header and never by its place. A text that is the whole header says more than one
that is a part of it, a longer one more than a shorter one, and the survey's own more than those
that are known anyway. How questions are worded is `questions.py`, what an answer means `values.py`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import count

from pipelines.listening.catalogue.names import name_words
from pipelines.listening.survey import questions
from pipelines.listening.survey.cells import Row, text_of

ROWS_ABOVE = 10
"""A header is looked for in so many rows: some put a title above it."""

NUMBERED = ("song", "artist")
"""Fields that can be in a row several times."""

MOST_SONGS = 50
"""Songs that a row may have."""

_OWN, _WHOLE, _PART = 2, 1, 0
"""How much a text says that is found in a header: the survey's own, if it is a whole one; a whole
one that is known anyway; a part."""

_BETWEEN = re.compile(r"[&+/,|–—-]")  # noqa: RUF001 dashes as people type them
_SQUARE = re.compile(r"\[([^\[\]]+)\]\s*$")
_ROUND = re.compile(r"\(([^()]+)\)\s*\W*$")
_BRACKETS = re.compile(r"[(\[][^()\[\]]*[)\]]")
_SEPARATE = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")
_HUMPS = re.compile(r"(?<=[a-z])(?=[A-Z][a-z])")
_NUMBER_SIGNS = r"(?:no |nr |n |num |number |numero )?"


@dataclass(frozen=True)
class Header:
    """Where the fields of a sheet are.

    Attributes:
        at: which of the rows it is, from 0.
        columns: by field, the columns that have it, the one that counts first.
        songs: of each song of a row, in order, the same of its `song` and its `artist`.
        per_day: by what an answer about hours is to be multiplied, for hours a day.
        born: whether an answer about an age is a year or a day of birth.
        may_refuse: columns that ask for consent too: a no in any of them is one.
        others: how many more questions there are, which nothing is known of.
    """

    at: int
    columns: Mapping[str, tuple[int, ...]]
    songs: Sequence[Mapping[str, tuple[int, ...]]]
    per_day: float = 1.0
    born: bool = False
    may_refuse: tuple[int, ...] = ()
    others: int = 0

    @property
    def missing(self) -> tuple[str, ...]:
        """Without which fields nothing can be made of a sheet; empty where all are there."""
        who = any(name in self.columns for name in ("mail", "name", "first_name", "last_name"))
        what = any("song" in fields for fields in self.songs)
        return (*(() if who else ("name",)), *(() if what else ("song",)))


@dataclass(frozen=True)
class _Meaning:
    """What one header means.

    Attributes:
        column: where it stands.
        field: which one.
        number: of a song; 0 where it has none.
        strength: how much the header says so.
    """

    column: int
    field: str
    number: int
    strength: tuple[int, int]


@dataclass(frozen=True)
class _Text:
    words: str
    field: str
    kind: int
    own: bool


def find_header(rows: Sequence[Row], own: Mapping[str, Sequence[str]]) -> Header:
    """The first row that has all that is needed, else the one that has most of it.

    Args:
        rows: of the sheet, from the first one.
        own: by field, the survey's own texts, which come before those that are known anyway.
    """
    texts = (*_own(own), *_known())
    best = Header(0, {}, ())
    for at, row in enumerate(rows[:ROWS_ABOVE]):
        header = _header(at, rows, [*_meanings(row, texts)])
        if not header.missing:
            return header
        if len(header.missing) < len(best.missing):
            best = header
    return best


def _own(own: Mapping[str, Sequence[str]]) -> Iterator[_Text]:
    for field, texts in own.items():
        for text in texts:
            for kind in (_OWN, _PART):
                yield _Text(_words(text), field, kind, own=True)


@cache
def _known() -> tuple[_Text, ...]:
    return tuple(
        _Text(words, field, kind, own=False)
        for kinds, asked in (
            ((_WHOLE,), questions.WHOLE),
            ((_WHOLE,), {field: (field,) for field in questions.FIELDS}),
            ((_WHOLE, _PART), questions.PART),
        )
        for kind in kinds
        for field, texts in asked.items()
        for words in dict.fromkeys(map(_words, texts))
    )


@cache
def _folded(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(_words, texts)))


def _words(text: str) -> str:
    """The words of a header; a number is a word of its own."""
    return " ".join(_SEPARATE.sub(" ", name_words(_HUMPS.sub(" ", text))).split())


def _has(words: str, texts: Iterable[str]) -> bool:
    return any(f" {text} " in f" {words} " for text in texts)


def _meanings(row: Row, texts: Sequence[_Text]) -> Iterator[_Meaning]:
    for column, cell in enumerate(row):
        header = text_of(cell) if isinstance(cell, str) else ""
        # Of a grid of questions, the one of a column is in square brackets.
        inside, outside = " ".join(_SQUARE.findall(header)), _BRACKETS.sub(" ", header)
        beside = " ".join(_ROUND.findall(header))
        for text in dict.fromkeys((inside, outside, header)):
            meaning = _meaning(column, text, _words(header), texts, beside)
            if meaning is not None:
                yield meaning
                break


def _meaning(
    column: int, header: str, every: str, texts: Sequence[_Text], beside: str
) -> _Meaning | None:
    words = _words(header)
    bare = _without_number(words)
    if not bare:
        return None
    told = [one for one in texts if one.kind and one.words in (words, bare)]
    told = told or [one for one in texts if not one.kind and _has(words, (one.words,))]
    if _asks_to_match(every) and not any(one.own for one in told):
        told = [_Text(words, "may_be_matched", _PART, own=False)]
    if not told:
        return None
    best = max(told, key=lambda one: (one.own, one.kind, len(one.words)))
    field = best.field
    if field in NUMBERED and not best.own:
        fields = {one.field for one in told}
        field = "artist" if fields.issuperset(NUMBERED) else field
        field = "song" if _asks_for_both(header) else field
    if field == "song" and best.own and _asks_who_sings(words, best.words):
        field = "artist"
    if field == "song" and _is_artists(beside):
        field = "artist"
    if not best.own and _is_about_something_else(field, words, every):
        return None
    # Of questions that a survey names itself each is a song: the longest says no more than others.
    named = best.own and best.kind == _OWN and field in NUMBERED
    strength = (best.kind + 3 * best.own, 0 if named else len(best.words))
    number = _number(every, best) if field in NUMBERED else 0
    return _Meaning(column, field, number, strength)


@cache
def _both() -> re.Pattern[str]:
    """A song and its artist beside each other, with a word between them that joins them."""
    song, artist = (
        "|".join(
            sorted(map(re.escape, {one.words for one in _known() if one.field == name}), key=len)
        )
        for name in NUMBERED
    )
    ands = "|".join(map(re.escape, _folded(questions.AND)))
    between = rf"(?: (?:{ands}))+(?: \w+){{0,2}}"
    return re.compile(rf"\b(?:(?:{song}){between} (?:{artist})|(?:{artist}){between} (?:{song}))\b")


def _asks_for_both(header: str) -> bool:
    """Whether one cell is to hold a song and its artist."""
    return bool(_both().search(_words(_BETWEEN.sub(" and ", header))))


def _asks_who_sings(words: str, song: str) -> bool:
    """Whether a header that holds a survey's own text for a song asks for its artist instead.

    So does "Who is the artist of the …?", and not "… and its artist", where both go into one cell.
    """
    before, _, after = (part.strip() for part in f" {words} ".partition(f" {song} "))
    artist = [one.words for one in _known() if one.field == "artist"]
    both = after.split()[:1] and after.split()[0] in _folded(questions.AND)
    return _has(before, artist) or (not before and not both and _has(after, artist))


def _is_artists(beside: str) -> bool:
    """Whether a question about a song has no more than "artist" in its brackets."""
    words = _words(beside)
    return any(one.words == words for one in _known() if one.field == "artist")


def _asks_to_match(words: str) -> bool:
    """Whether a header has a word for a match, and one for consent."""
    asked = _folded(questions.WHOLE["may_be_matched"])
    return _has(words, asked) and _has(words, _folded(questions.CONSENTING))


def _is_about_something_else(field: str, words: str, every: str) -> bool:
    if _has(words, _folded(questions.NOT_ASKED.get(field, ()))):
        return True
    return field == "may_be_matched" and _has(every, _folded(questions.NEGATIONS))


def _number(words: str, told: _Text) -> int:
    """Which song a header is about: the number beside the text, else any; 0 where there is none.

    In words it has to be outside of a survey's own text: "Which one …?" asks for no first song.
    """
    padded, text = f" {words} ", told.words
    beside = re.search(rf" {re.escape(text)} {_NUMBER_SIGNS}(\d{{1,2}}) ", padded)
    beside = beside or re.search(rf" (\d{{1,2}}) {re.escape(text)} ", padded)
    found = [int(beside[1])] if beside else [int(one) for one in re.findall(r"\b\d{1,2}\b", words)]
    found = [one for one in found if 1 <= one <= MOST_SONGS]
    if found:
        return found[0]
    ordinals = {_words(word): number for word, number in questions.ORDINALS.items()}
    rest = padded.replace(f" {text} ", " ") if told.own else words
    return next((ordinals[word] for word in rest.split() if word in ordinals), 0)


def _without_number(words: str) -> str:
    kept = re.sub(r"\b\d{1,2}(?: (?:st|nd|rd|th|er|ere|eme))?\b", " ", words).split()
    while kept and kept[-1] in {"no", "nr", "number", "numero"} and len(kept) > 1:
        kept.pop()
    return " ".join(kept)


def _header(at: int, rows: Sequence[Row], meanings: Sequence[_Meaning]) -> Header:
    filled = _Filled(rows[at + 1 :])
    of_field: dict[str, list[_Meaning]] = {}
    of_song: dict[tuple[int, str], list[_Meaning]] = {}
    for one in meanings:
        if one.field in NUMBERED:
            of_song.setdefault((one.number, one.field), []).append(one)
        else:
            of_field.setdefault(one.field, []).append(one)
    columns = {field: _one_of(found, filled) for field, found in of_field.items()}
    others = sum(map(bool, map(text_of, rows[at]))) - len(meanings)
    per_day = _per_day(_asked(rows[at], columns.get("hours")))
    born = _has(_asked(rows[at], columns.get("age")), _folded(questions.BORN))
    asked = (one.column for one in of_field.get("consent", ()))
    may_refuse = tuple(one for one in asked if one not in columns["consent"])
    return Header(at, columns, _songs(of_song, filled), per_day, born, may_refuse, others)


def _asked(row: Row, columns: Sequence[int] | None) -> str:
    """The words of the question that counts first of these."""
    return _words(text_of(row[columns[0]])) if columns else ""


def _per_day(words: str) -> float:
    scale = 1 / 7 if _has(words, _folded(questions.PER_WEEK)) else 1.0
    in_minutes = _has(words, _folded(questions.IN_MINUTES)) and "hour" not in words
    return scale / 60 if in_minutes else scale


class _Filled:
    """Which rows have something in a column."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._rows = rows
        self._known: dict[int, frozenset[int]] = {}

    def rows(self, column: int) -> frozenset[int]:
        if column not in self._known:
            self._known[column] = frozenset(
                at
                for at, row in enumerate(self._rows)
                if column < len(row) and text_of(row[column])
            )
        return self._known[column]

    def beside(self, column: int, others: Sequence[int]) -> bool:
        """Whether a column and others are hardly ever filled in together.

        So it is where a question was replaced in mid-survey: its old column stays.
        """
        own, theirs = self.rows(column), frozenset().union(*map(self.rows, others))
        return 10 * len(own & theirs) <= min(len(own), len(theirs))


def _one_of(found: Sequence[_Meaning], filled: _Filled) -> tuple[int, ...]:
    """Of several columns that have one field, the one that says so best, and its replacements."""
    by_strength = sorted(found, key=lambda one: (one.strength[0], one.strength[1], one.column))
    *_, best = by_strength
    columns = [best.column]
    for one in reversed(by_strength[:-1]):
        if filled.beside(one.column, columns):
            columns.append(one.column)
    return tuple(columns)


def _songs(
    found: Mapping[tuple[int, str], Sequence[_Meaning]], filled: _Filled
) -> list[Mapping[str, tuple[int, ...]]]:
    """The columns of each song; questions with the same words are about as many songs."""
    songs: dict[tuple[int, int], dict[str, tuple[int, ...]]] = {}
    for (number, field), meanings in sorted(found.items()):
        rest = list(meanings)
        for again in count():
            best = max(rest, key=lambda one: one.strength)
            equal = [one for one in rest if one.strength == best.strength]
            # The first one of equal ones is the first song, unless it was replaced by a later one.
            first = equal[0]
            columns = _one_of([first, *(one for one in rest if one is not first)], filled)
            if first.column not in columns:
                columns = (first.column,)
            songs.setdefault((number, again), {})[field] = columns
            rest = [
                one for one in rest if one.column not in columns and one.strength == best.strength
            ]
            if not rest:
                break
    return [fields for _, fields in sorted(_paired(songs).items())]


def _paired(
    songs: Mapping[tuple[int, int], Mapping[str, tuple[int, ...]]],
) -> dict[tuple[int, int], Mapping[str, tuple[int, ...]]]:
    """The same songs, with their artists where no question of both has the same number.

    So it is with "Artist" beside "First song", or beside "Which one do you put on repeat?", whose
    number is none, and where all questions are counted: "6. Song" and "7. Artist". As many are left
    of both, so they belong together in the order of the columns.
    """
    alone = {
        field: sorted(
            (key for key, fields in songs.items() if set(fields) == {field}),
            key=lambda key: min(songs[key][field]),
        )
        for field in NUMBERED
    }
    of_song, of_artist = (alone[field] for field in NUMBERED)
    without_numbers = any(own and not any(number for number, _ in own) for own in alone.values())
    none_fits = len(of_song) + len(of_artist) == len(songs)
    paired = dict(songs)
    if (without_numbers or none_fits) and len(of_song) == len(of_artist):
        for song, artist in zip(of_song, of_artist, strict=True):
            paired[song] = {**songs[song], **paired.pop(artist)}
    return paired
