"""Rows become answers under pseudonyms, or are refused by name of the reason; no name is left."""

import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from pipelines.errors import WrongColumns
from pipelines.listening.survey import answers as module
from pipelines.listening.survey import dates, refusals, song_text, values
from pipelines.listening.survey.answers import Answers, parse
from pipelines.listening.survey.cells import Sheet
from pipelines.settings import Survey
from pipelines.surveys.keys import SurveyKey
from sandbox.sheets import LANGUAGES, DirtySheet, Language, dirty_sheet

KEY = SurveyKey(b"a key for tests, 32 bytes of it.")
SURVEY = Survey("music", "Music", Path("answers.csv"), k=1)
HEADER = ["Timestamp", "Name", "Age", "Major", "Hours", "When", "Song", "Artist", "Match?"]


def row(name: str, song: str = "One", artist: str = "Band", **told: Any) -> list[Any]:
    cells = {"Timestamp": "", "Name": name, "Song": song, "Artist": artist, **told}
    return [cells.get(header, "") for header in HEADER]


def parsed(*rows: Sequence[Any], survey: Survey = SURVEY, **options: Any) -> Answers:
    return parse([Sheet([HEADER, *rows])], survey, KEY.pseudonym, **options)


def songs_of(answers: Answers, name: str = "") -> list[tuple[str | None, ...]]:
    return [
        (one["artist_name"], one["track_name"], one["track_id"])
        for one in answers.named.to_pylist()
        if not name or one["pseudonym"] == KEY.pseudonym(name)
    ]


def refused(answers: Answers) -> list[tuple[int, str, str]]:
    return [(one["row"], one["field"], one["reason"]) for one in answers.refused.to_pylist()]


def response(answers: Answers, name: str) -> dict[str, Any]:
    [found] = [r for r in answers.responses.to_pylist() if r["pseudonym"] == KEY.pseudonym(name)]
    return found


def column(answers: Answers, name: str) -> list[Any]:
    return answers.responses.column(name).to_pylist()


def assert_holds(answers: Answers, sheet: DirtySheet) -> None:
    """Compare all that was read with what is true of a made-up sheet."""
    expected = {KEY.pseudonym(one.mail or one.name): one for one in sheet.people}
    got = {one["pseudonym"]: one for one in answers.responses.to_pylist()}
    assert got.keys() == expected.keys()
    songs = defaultdict(list)
    for one in answers.named.to_pylist():
        songs[one["pseudonym"]].append((one["artist_name"], one["track_name"], one["track_id"]))
    for pseudonym, person in expected.items():
        told = got[pseudonym]
        assert told["age_band"] == person.age_band
        assert told["hours_band"] == person.hours
        assert told["listening_time"] == person.part
        assert told["may_be_matched"] is person.agrees
        assert told["answered_on"] == person.answered.date()
        assert told["major"].lower() == person.major.lower()
        assert songs[pseudonym] == list(person.songs)
        assert told["songs"] == len(person.songs)
    rows = Counter(reason for _, field, reason in refused(answers) if not field)
    names = {refusals.TEST: "test", refusals.NOBODY: "nobody", refusals.REPLACED: "twice"}
    assert {names[reason]: count for reason, count in rows.items()} == sheet.refused


def assert_tells_nobody(tables: Sequence[pa.Table], secrets: set[str]) -> None:
    told = str([table.to_pylist() for table in tables]).casefold()
    assert [one for one in secrets if one.casefold() in told] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("songs", "mails", "serial"), [(1, True, True), (10, False, False)])
def test_a_sheet_as_a_form_leaves_it_is_read_as_it_was_meant(
    language: Language, songs: int, mails: bool, serial: bool
) -> None:
    for seed in (1, 2):
        sheet = dirty_sheet(seed, 25, language, songs=songs, mails=mails, serial=serial)
        answers = parse([Sheet(sheet.rows)], SURVEY, KEY.pseudonym)
        assert_holds(answers, sheet)
        assert_tells_nobody(answers.tables, sheet.secrets)


@pytest.mark.rare
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_hundred_sheets_as_forms_leave_them(language: Language) -> None:
    for seed in range(100):
        sheet = dirty_sheet(
            seed, 30, language, songs=1 + seed % 4, mails=seed % 2 == 0, serial=seed % 3 > 0
        )
        answers = parse([Sheet(sheet.rows)], SURVEY, KEY.pseudonym)
        assert_holds(answers, sheet)
        assert_tells_nobody(answers.tables, sheet.secrets)


def test_the_order_of_columns_and_what_is_between_them_makes_no_difference() -> None:
    sheet = dirty_sheet(5, 30, songs=3)
    before = parse([Sheet(sheet.rows)], SURVEY, KEY.pseudonym)
    width = max(map(len, sheet.rows))
    order = [*range(width), width, width]
    random.Random(1).shuffle(order)
    moved = [[[*one, *[""] * (width + 1 - len(one))][at] for at in order] for one in sheet.rows]
    assert parse([Sheet(moved)], SURVEY, KEY.pseudonym).tables == before.tables


def test_a_row_may_end_early() -> None:
    answers = parsed(["", "Ada Quill"], ["", "Ben Marsh", 20, "Law", 2, "", "One"], [], ["", ""])
    assert sorted(column(answers, "songs")) == [0, 1]
    assert songs_of(answers) == [(None, "One", None)]


@pytest.mark.parametrize("headers", [["Name", "Age"], ["Song"], ["Ada Quill", "Karma Police"], []])
def test_a_header_that_lacks_what_is_needed_says_so_and_quotes_nothing(headers: list[str]) -> None:
    with pytest.raises(WrongColumns, match=r"`columns` in surveys\.toml") as problem:
        parse([Sheet([headers, ["Ada Quill", "Karma Police"]])], SURVEY, KEY.pseudonym)
    assert "Ada" not in str(problem.value)
    with pytest.raises(WrongColumns, match="file 2 of its folder"):
        parse([Sheet([HEADER, row("Ada")]), Sheet([headers])], SURVEY, KEY.pseudonym)


@pytest.mark.parametrize("rows", [[], [[]], [["", None], [" "]]])
def test_a_sheet_without_any_text_is_said_to_be_empty(rows: list[list[Any]]) -> None:
    with pytest.raises(WrongColumns, match="its sheet is empty") as problem:
        parse([Sheet(rows)], SURVEY, KEY.pseudonym)
    assert "worded" not in str(problem.value)
    with pytest.raises(WrongColumns, match="file 2 of its folder is empty"):
        parse([Sheet([HEADER, row("Ada")]), Sheet(rows)], SURVEY, KEY.pseudonym)


def test_a_field_that_an_unknown_question_may_be_about_is_named() -> None:
    header = ["Name", "Song", "Age", "Semesterwochenstunden?"]
    answers = parse([Sheet([header, ["Ada", "One", 20, "5"]])], SURVEY, KEY.pseudonym)
    assert answers.not_found == tuple(one for one in module.LOOKED_FOR if one != "age")
    without = parse([Sheet([header[:3], ["Ada", "One", 20]])], SURVEY, KEY.pseudonym)
    assert without.not_found == ()


def test_every_reason_is_explained_to_whoever_runs_the_survey() -> None:
    page = (Path(__file__).parents[3] / "docs" / "surveys.md").read_text()
    own = (refusals.NOBODY, refusals.TEST, refusals.HEADER, refusals.NO_CONSENT, refusals.FORGOTTEN)
    own += (refusals.REPLACED, refusals.NAMES_A_PERSON, refusals.NAMED_TWICE, refusals.TOO_MANY)
    own += (refusals.NAMES_A_TOWN, refusals.NAMES_ANOTHERS_TOWN)
    of_songs = (song_text.NO_ANSWER, song_text.ONLY_AN_ARTIST, song_text.NO_SONGS_LINK)
    of_songs += (song_text.FOREIGN_LINK, song_text.SHORT_LINK, song_text.TOO_LONG)
    of_songs += (song_text.TOO_MANY,)
    of_values = (values.NO_AGE, values.IMPOSSIBLE_AGE, values.NO_HOURS, values.IMPOSSIBLE_HOURS)
    of_values += (dates.NO_DATE, dates.UNCLEAR)
    assert [reason for reason in own + of_songs + of_values if reason not in page] == []


# Names in other answers

OTHERS = ["Mail", "Name", "Hometown", "Major", "Year of study", "Listening time", "Age", "Hours"]
ADA = ("quillfeather@uni.example", "Ada Quillfeather")


@pytest.mark.parametrize("field", ["Major", "Year of study", "Listening time"])
@pytest.mark.parametrize(
    "text",
    ["Other: Ada Quillfeather", "quillfeather ada", "Quillfeather", "ask ADA QUILLFEATHER!",
     "write to quillfeather@uni.example", "nobody@else.example"],
)  # fmt: skip
def test_a_name_or_a_mail_in_a_category_is_refused_whoever_many_write_it(
    field: str, text: str
) -> None:
    people = [ADA, *((f"m{at}@uni.example", f"Person{'abcdef'[at]} Else") for at in range(6))]
    rows = [[*who, "", *(text if one == field else "" for one in OTHERS[3:6])] for who in people]
    answers = parse([Sheet([[*OTHERS[:6], "Song"], *([*row, "One"] for row in rows)])], SURVEY,
                    KEY.pseudonym)  # fmt: skip
    name = {"Major": "major", "Year of study": "year", "Listening time": "listening_time"}[field]
    assert column(answers, name) == [None] * 7
    assert refused(answers) == [(at, name, refusals.NAMES_A_PERSON) for at in range(2, 9)]
    assert len(songs_of(answers)) == 7


def test_a_hometown_in_a_category_is_refused_whoever_is_from_there() -> None:
    header = [*OTHERS[:4], "Song"]
    rows = [["a@x.org", "Ada Quill", "Kleinquendorf", "Kleinquendorf", "One"],
            ["b@x.org", "Ben Marsh", "Ulm, Germany", "kleinquendorf", "One"]]  # fmt: skip
    answers = parse([Sheet([header, *rows])], SURVEY, KEY.pseudonym)
    assert refused(answers) == [
        (2, "major", refusals.NAMES_A_TOWN),
        (3, "major", refusals.NAMES_ANOTHERS_TOWN),
    ]
    assert column(answers, "major") == [None, None]
    listed = replace(SURVEY, majors={"Kleinquendorf": ()})
    answers = parse([Sheet([header, *rows])], listed, KEY.pseudonym)
    assert column(answers, "major") == ["Kleinquendorf"] * 2


def test_a_subject_that_the_survey_lists_is_no_name() -> None:
    rows = [row("Anna French", Major="French"), row("Ben Marsh", Major="french")]
    assert set(column(parsed(*rows), "major")) == {None}
    listed = replace(SURVEY, majors={"French": ()})
    assert set(column(parsed(*rows, survey=listed), "major")) == {"French"}


# Who answers


@pytest.mark.parametrize(
    "name",
    ["", "-", "idk", "Anonymous", "https://open.spotify.com/user/ada", "www.ada.example", "n/a",
     "=A1", "#REF!", "secret", "🎵", "x" * 200],
)  # fmt: skip
def test_who_gives_no_name_is_nobody(name: str) -> None:
    answers = parsed(row(name), row("Ada Quill"))
    assert len(answers.responses) == 1
    assert (2, "", refusals.NOBODY) in refused(answers) or name == ""
    assert len(songs_of(answers)) == 1


@pytest.mark.parametrize(
    "name", ["test", "TEST 2", "Testing", "test user", "This is a test", "Prueba", "Max Mustermann",
             "asdf", "test@students.example.org"],
)  # fmt: skip
def test_who_only_tried_the_form_does_not_count(name: str) -> None:
    assert refused(parsed(row(name), row("Ada Quill"))) == [(2, "", refusals.TEST)]


def test_a_row_with_a_test_in_place_of_its_song_does_not_count() -> None:
    assert refused(parsed(row("Ada Quill", "test", "test"))) == [(2, "", refusals.TEST)]


@pytest.mark.parametrize("name", ["Tess Tester-Brown", "Ada Quill", "Nada Surf", "No Kim", "Li"])
def test_a_name_that_only_looks_odd_is_one(name: str) -> None:
    assert len(parsed(row(name)).responses) == 1


def test_a_mail_tells_who_somebody_is_before_a_name_does() -> None:
    header = ["E-mail", "Name", "Song"]
    rows = [
        ["ADA@x.example", "Ada Quill", "One"],
        ["ada@x.example", "A. Quill", "Two"],
        ["", "ada quill", "Three"],
        ["", "Dan Root", "Seven"],
        ["no mail", "ben@x.example", "Four"],
        ['=HYPERLINK("mailto:cleo@x.example","Cleo")', "", "Five"],
    ]
    answers = parse([Sheet([header, *rows])], SURVEY, KEY.pseudonym)
    people = ("ada@x.example", "Dan Root", "ben@x.example", "cleo@x.example")
    assert {one["pseudonym"] for one in answers.responses.to_pylist()} == set(
        map(KEY.pseudonym, people)
    )
    assert songs_of(answers, "ada@x.example") == [(None, "Three", None)]


def test_emoji_and_pronouns_beside_a_name_make_nobody_another_person() -> None:
    names = ("Ada Quill", "Ada Quill \U0001f3b5", "ada quill (she/her)", "Quill, Ada (she/they)")
    for name in (*names, "Ada Quill she/her"):
        assert KEY.pseudonym(name) == KEY.pseudonym("Ada Quill")
    assert KEY.pseudonym("\u200bada@x.example\u200b") == KEY.pseudonym("ada@x.example")
    assert KEY.pseudonym("El Her") != KEY.pseudonym("El")


def test_people_of_one_name_who_gave_their_mails_are_several() -> None:
    header = ["E-mail", "Name", "Song"]
    rows = [["a@x.example", "Ada Quill", "One"], ["b@x.example", "Ada Quill", "Two"]]
    answers = parse([Sheet([header, *rows, ["", "Ada Quill", "Three"]])], SURVEY, KEY.pseudonym)
    assert len(answers.responses) == 3


def test_a_name_may_be_in_two_columns() -> None:
    for header, cells in (
        (["Vorname", "Nachname", "Lied"], ["Ada", "Quill", "x1"]),
        (["Nom", "Prénom", "Chanson"], ["Quill", "Ada", "x1"]),
        (["Nombre", "Apellidos", "Canción"], ["Ada", "Quill", "x1"]),
        (["First name", "Name", "Song"], ["Ada", "Ada Quill", "x1"]),
    ):
        answers = parse([Sheet([header, cells])], SURVEY, KEY.pseudonym)
        assert column(answers, "pseudonym") == [KEY.pseudonym("Ada Quill")]


def test_the_last_answer_of_a_person_counts() -> None:
    answers = parsed(
        row("Ada Quill", "Third", Timestamp="30.11.2026 10:00"),
        row("ADA  QUILL", "First", Timestamp="28.11.2026 10:00"),
        row("Quill, Ada", "Second", Timestamp="29.11.2026 10:00"),
        row("Ben Marsh", "First"),
        row("Ben Marsh", "Second", Timestamp="28.11.2020 10:00"),
    )
    assert songs_of(answers, "Ada Quill") == [("Band", "Third", None)]
    assert songs_of(answers, "Ben Marsh") == [("Band", "Second", None)]
    assert refused(answers) == [(row, "", refusals.REPLACED) for row in (3, 4, 5)]


def test_a_header_in_the_midst_is_no_answer() -> None:
    assert refused(parsed(row("Ada Quill"), HEADER, row("Ben Marsh"))) == [(3, "", refusals.HEADER)]


def test_who_does_not_agree_to_take_part_does_not() -> None:
    header = ["Name", "Song", "I agree that my answers may be used"]
    rows = [["Ada", "One", "Yes"], ["Ben", "Two", "No"], ["Cleo", "Three"]]
    answers = parse([Sheet([header, *rows])], SURVEY, KEY.pseudonym)
    assert column(answers, "pseudonym") == [KEY.pseudonym("Ada")]
    assert refused(answers) == [(row, "", refusals.NO_CONSENT) for row in (3, 4)]


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (0, 1, 3, 2)])
def test_a_no_counts_wherever_consent_is_asked_for(order: tuple[int, ...]) -> None:
    header = ["Name", "Song", "I agree to take part", "I agree to the use of my data"]
    rows = [["Ada", "x1", "Yes", "Yes"], ["Ben", "x2", "Yes", "No"], ["Cleo", "x3", "No", "Yes"]]
    answers = parse(
        [Sheet([[one[at] for at in order] for one in [header, *rows]])], SURVEY, KEY.pseudonym
    )
    assert column(answers, "pseudonym") == [KEY.pseudonym("Ada")]
    assert refused(answers) == [(row, "", refusals.NO_CONSENT) for row in (3, 4)]


def test_who_takes_their_consent_back_is_not_there_any_more() -> None:
    header = ["Name", "Song", "Einwilligung"]
    rows = [["Ada", "One", "Ja"], ["Ben", "Two", "Ja"], ["Ada", "Three", "Nein"]]
    for survey in (SURVEY, replace(SURVEY, rows="songs")):
        answers = parse([Sheet([header, *rows])], survey, KEY.pseudonym)
        assert column(answers, "pseudonym") == [KEY.pseudonym("Ben")]
        assert (4, "", refusals.NO_CONSENT) in refused(answers)
    rows = [["Ada", "One", "Nein"], ["Ada", "Two", "Ja"], ["Ada", "Three", ""]]
    answers = parse([Sheet([header, *rows[:2]])], SURVEY, KEY.pseudonym)
    assert songs_of(answers) == [(None, "Two", None)]
    answers = parse([Sheet([header, *rows])], SURVEY, KEY.pseudonym)
    assert songs_of(answers) == []
    songs = parse([Sheet([header, *rows[1:]])], replace(SURVEY, rows="songs"), KEY.pseudonym)
    assert column(songs, "songs") == [2]


def test_without_a_column_for_it_nobody_agreed_to_be_matched() -> None:
    answers = parse([Sheet([["Name", "Song"], ["Ada", "One"]])], SURVEY, KEY.pseudonym)
    assert column(answers, "may_be_matched") == [False]


def test_who_was_forgotten_does_not_come_back() -> None:
    answers = parsed(row("Ada Quill"), row("Ben Marsh"), forgotten={KEY.pseudonym("ada quill")})
    assert column(answers, "pseudonym") == [KEY.pseudonym("Ben Marsh")]
    assert refused(answers) == [(2, "", refusals.FORGOTTEN)]


# What they say


def test_a_cell_that_cannot_be_read_costs_its_value_alone() -> None:
    answers = parsed(row("Ada Quill", Age="very old", Hours=99, Timestamp="lately", Major="Law"))
    told = response(answers, "Ada Quill")
    assert (told["age_band"], told["hours_band"], told["answered_on"]) == (None, None, None)
    assert told["major"] == "Law"
    assert refused(answers) == [
        (2, "age", "no age"),
        (2, "hours", "more hours than a day has"),
        (2, "time", "no date"),
    ]


def test_a_value_that_too_few_gave_is_other() -> None:
    majors = ["Law"] * 5 + ["law ", "LAW"] + ["Physics"] * 4 + [""]
    rows = [row(f"Person {at}", Major=major) for at, major in enumerate(majors)]
    answers = parsed(*rows, survey=replace(SURVEY, k=5))
    assert Counter(column(answers, "major")) == {"Law": 7, "other": 4, None: 1}


def test_every_category_is_kept_from_five_people_on() -> None:
    rare = row("Ada", Age=77, Major="Lepidoptery", Hours=5, When="in the bath")
    rows = [row(f"P {at}", Age=20, Major="Law", Hours=1, When="evening") for at in range(5)]
    told = response(parsed(rare, *rows, survey=replace(SURVEY, k=5)), "Ada")
    assert {told[name] for name in ("age_band", "major", "hours_band", "listening_time")} == {
        "other"
    }


def test_a_survey_may_say_which_spellings_are_one_subject() -> None:
    survey = replace(SURVEY, majors={"Computer science": ("CS", "Informatik")})
    majors = ["cs", "Informatik", "computer science", "Other: C.S.", "Law"]
    answers = parsed(*(row(f"P{at}", Major=m) for at, m in enumerate(majors)), survey=survey)
    assert Counter(column(answers, "major"))["Computer science"] == 3


# Songs


def test_songs_may_be_links_several_in_a_cell_or_none() -> None:
    link = "https://open.spotify.com/track/0123456789abcdefghijAB?si=1"
    answers = parsed(
        row("Ada", link),
        row("Ben", "Band A - One\nBand B - Two", ""),
        row("Cleo", "idk", ""),
        row("Dan", '=HYPERLINK("' + link + '","One")', ""),
    )
    assert songs_of(answers, "Ada") == [("Band", None, "0123456789abcdefghijAB")]
    assert len(songs_of(answers, "Ben")) == 2
    assert songs_of(answers, "Cleo") == []
    assert songs_of(answers, "Dan")[0][2] == "0123456789abcdefghijAB"
    assert [place for place in answers.named.column("place").to_pylist() if place > 2] == []
    assert [(r, f) for r, f, _ in refused(answers)] == [(4, "song")]


@pytest.mark.parametrize("cell", ["=1+1", "=cmd|' /C calc'!A0", "==x", "=", "= SUM(A1:A9)"])
def test_a_formula_is_never_exported_as_one(cell: str) -> None:
    answers = parsed(row("Ada Quill", cell, cell, Major=cell, When=cell))
    texts = [text for table in answers.tables for one in table.to_pylist() for text in one.values()]
    assert not [text for text in texts if str(text).startswith("=")]


@pytest.mark.parametrize(
    ("song", "artist"),
    [
        ("Ada Quill's song", "Band"),
        ("One", "Quill, Ada"),
        ("Quill, Ada", ""),
        ("quill (feat. ADA)", "Band"),
        ("Áda by Quill", ""),
        ("A song of the Quills (by Quill)", "Band"),
        ("Quills Lied", "Band"),
        ("One", "ADA QUILLS"),
        ("One, write me: someone@else.example", "Band"),
    ],
)
def test_a_song_that_names_who_named_it_is_refused(song: str, artist: str) -> None:
    answers = parsed(row("Ada Quill", song, artist))
    assert songs_of(answers) == []
    assert refused(answers) == [(2, "song", refusals.NAMES_A_PERSON)]


def test_a_name_of_one_word_may_be_a_word_of_a_title_but_not_all_of_it() -> None:
    answers = parsed(row("Rose", "La vie en rose", "Édith Piaf"), row("Angie", "Angie", "Stones"))
    assert songs_of(answers) == [("Édith Piaf", "La vie en rose", None)]
    assert refused(answers) == [(3, "song", refusals.NAMES_A_PERSON)]


def test_first_and_last_name_are_enough_of_a_longer_one() -> None:
    rows = [row("Eva Maria Day", "For Eva Day", "Band"), row("Ben", "Eva Day forever", "Band")]
    assert songs_of(parsed(*rows)) == []


@pytest.mark.parametrize(
    ("name", "song"),
    [
        ("María García López", "For Maria Garcia"),
        ("María García López", "Garcia Lopez"),
        ("Ada (Addy) Quo", "Ode to Addy Quo"),
        ("Ada Quo (she/her)", "Ode to Ada Quo"),
        ("Dr. Ada Quo", "Ode to Ada Quo"),
        ("Ada Quo \U0001f3b5", "Ode to Ada Quo"),
        ("Quo, Ada", "ada quo"),
        ("\u674e\u5c0f\u9f99", "\u9001\u7ed9\u674e\u5c0f\u9f99\u7684\u6b4c"),
        ("\uae40\ubbfc\uc218", "\uae40\ubbfc\uc218\uc758 \ub178\ub798"),
    ],
)
def test_a_name_with_something_beside_it_is_one_too(name: str, song: str) -> None:
    answers = parsed(row(name, song, "Band"), row("Ben Marsh", song, "Band"))
    assert songs_of(answers) == []


def test_what_stands_beside_a_name_costs_no_song() -> None:
    rows = [row("Ada Quill (they/them)", "They are here"), row("Jan van der Fokedu", "Van der Six"),
            row("Herr Ben Marsh", "Herr Mannelig"), row("Zed", "Dr. Van Love"),
            row("why would you ask me that", "One"), row("Yan", "Why would you")]  # fmt: skip
    assert len(songs_of(parsed(*rows))) == len(rows)


SPELLED = [
    ("Jörg Müller-Lüden", "Joerg Mueller-Lueden"),
    ("Joerg Mueller", "Jörg Müller"),
    ("Müller-Lüden, Jörg", "jorg mullerluden"),
    ("Bjørn Øver", "Bjoern Oever"),
    ("Bjørn Øver", "Bjorn Over"),
    ("Bjoern Oever", "Björn Øver"),
    ("Łukasz Żółć", "lukasz zolc"),
    ("Åse Ångstad", "Aase Aangstad"),
    ("Jan Groß", "JAN GROSS"),
    ("Ana Đurić", "ana duric"),
    ("Þóra Sævarr", "Thora Saevarr"),
    ("Cœur Sacré", "coeur sacre"),
    ("Anne-Sophie O'Toole", "annesophie otoole"),
    ("Annesophie Otoole", "Anne\u2010Sophie O\u2019Toole"),
]


@pytest.mark.parametrize(("name", "song"), SPELLED)
def test_a_name_is_one_in_any_spelling(name: str, song: str) -> None:
    ben = row("Ben Marsh", f"Ode to {song} (live)", "Band", Major=song)
    for rows in ([row(name, song, Major=song)], [row(name, "", ""), ben]):
        answers = parsed(*rows)
        assert songs_of(answers) == []
        assert {(name, why) for _, name, why in refused(answers)} == {
            ("song", refusals.NAMES_A_PERSON),
            ("major", refusals.NAMES_A_PERSON),
        }


def test_an_artist_whom_many_name_is_one_in_any_spelling() -> None:
    fans = [row(f"Fan {letter}", "One", "Björksson") for letter in "AB"]
    answers = parsed(*fans, row("Fan C", "One", "Bjorksson"), row("Eva Björksson", "Two"))
    assert len(songs_of(answers)) == 4


def test_a_hometown_is_one_in_any_spelling() -> None:
    answers = identified(["", "Ada Quill", "Øster-Lüdenfjord", "Oesterluedenfjord", ""])
    assert refused(answers) == [(2, "song", refusals.NAMES_A_TOWN)]


def test_a_name_that_is_a_common_word_costs_no_song() -> None:
    rows = [row("Will Young", "I Will Always Love You", "Whitney"), row("Ed May", "May Day", "Ed")]
    assert [title for _, title, _ in songs_of(parsed(*rows))] == ["I Will Always Love You"]


@pytest.mark.parametrize(
    ("name", "artist"),
    [("Adam", "Bryan Adams"), ("Rose", "Roses"), ("William", "Robbie Williams"), ("Lar", "Lars")],
)
def test_a_letter_more_that_makes_another_name_or_a_word_costs_no_song(
    name: str, artist: str
) -> None:
    assert len(songs_of(parsed(row(f"{name} Quill", "One", artist)))) == 1


def test_a_mail_with_a_name_in_it_guards_that_name() -> None:
    header = ["Mail", "Song"]
    answers = parse(
        [Sheet([header, ["ada.quill7@x.example", "Ada Quill rocks"]])], SURVEY, KEY.pseudonym
    )
    assert songs_of(answers) == []


def test_a_mail_with_a_name_in_it_guards_it_from_others_too() -> None:
    rows = [["ada.quo7@x.example", "One"], ["b@x.example", "For Ada Quo"], ["c@x.example", "Quo!"]]
    answers = parse([Sheet([["Mail", "Song"], *rows])], SURVEY, KEY.pseudonym)
    assert sorted(title or "" for _, title, _ in songs_of(answers)) == ["One", "Quo!"]


def test_who_writes_their_name_in_many_ways_is_one_of_those_who_have_it() -> None:
    names = ("Ada Fokedu", "Ada M. Fokedu", "Ada Maria Fokedu", "A. Fokedu")
    rows = [["ada@x.example", name, "", "One", "Band"] for name in names]
    answers = identified(*rows, ["", "Ben Marsh", "", "Fokedu's song", "Band"])
    assert songs_of(answers, "Ben Marsh") == []


def test_a_song_that_names_somebody_else_who_answered_is_refused() -> None:
    for song in ("For Ben Marsh", "Ben, Marsh and me"):
        answers = parsed(row("Ada Quill", song, "Band"), row("Ben Marsh", "One"))
        assert songs_of(answers) == [("Band", "One", None)]
        assert refused(answers) == [(2, "song", refusals.NAMES_A_PERSON)]


def test_an_artist_whom_many_name_may_be_called_as_somebody_who_answered_is() -> None:
    fans = [row(f"Fan {letter}", "One", "Harry Stiles") for letter in "ABC"]
    answers = parsed(*fans, row("Harry Stiles", "Two", "Harry Stiles"))
    assert [artist for artist, *_ in songs_of(answers)] == ["Harry Stiles"] * 3
    assert refused(answers) == [(5, "song", refusals.NAMES_A_PERSON)]


IDENTIFIED = ["Mail", "Name", "Hometown", "Song", "Artist"]


def identified(*rows: Sequence[Any], survey: Survey = SURVEY) -> Answers:
    return parse([Sheet([IDENTIFIED, *rows])], survey, KEY.pseudonym)


@pytest.mark.parametrize(
    ("town", "song", "artist"),
    [
        ("Netherwallop", "Netherwallop", ""),
        ("Netherwallop", "Greetings from NETHERWALLOP (live)", "Band"),
        ("netherwallop, UK", "One", "The Netherwallop Five"),
        ("I'm from Netherwallop", "Netherwallop", ""),
        ("Wallop upon Nether", "Wallop", ""),
        ("New Wallop", "New Wallop, New Wallop", "Frank"),
        ("Großwällop", "Grosswallop", ""),
        ("Netherwallop", "Netherwallops Nights", "Band"),
        ("Netherwallop", "Netherwalloper Nächte", "Band"),
    ],
)
def test_a_song_that_has_the_hometown_of_who_named_it_is_refused(
    town: str, song: str, artist: str
) -> None:
    answers = identified(["", "Ada Quill", town, song, artist], ["", "Ben", "", "One", "Band"])
    assert songs_of(answers) == [("Band", "One", None)]
    assert refused(answers) == [(2, "song", refusals.NAMES_A_TOWN)]


@pytest.mark.parametrize(
    ("town", "song"),
    [("Nice", "Have a Nice Day"), ("-", "-Anthem-"), ("home", "Sweet Home"), ("Ulm", "Ulm Blues"),
     ("Wallop", "Codswallop"), ("New York", "New Shoes"), ("none", "None of Us"), ("", "One")],
)  # fmt: skip
def test_a_hometown_that_is_a_word_costs_no_song(town: str, song: str) -> None:
    assert len(songs_of(identified(["", "Ada Quill", town, song, "Band"]))) == 1


def test_a_town_that_many_name_or_that_somebody_else_is_from_may_be_sung_of() -> None:
    fans = [["", f"Fan {letter}", "Netherwallop", "Netherwallop", "Band"] for letter in "ABC"]
    assert len(songs_of(identified(*fans))) == len(fans)
    rows = [["", "Ada", "Netherwallop", "One", "Band"], ["", "Ben", "", "Netherwallop", "Band"]]
    assert len(songs_of(identified(*rows))) == len(rows)


def test_what_a_person_says_of_themselves_in_one_row_guards_all_of_theirs() -> None:
    rows = [
        ["ada@x.example", "Ada Quill", "Netherwallop", "One", "Band"],
        ["ada@x.example", "", "", "Netherwallop", ""],
        ["ada@x.example", "", "", "One for Quill", ""],
    ]
    answers = identified(*rows, survey=replace(SURVEY, rows="songs"))
    assert songs_of(answers) == [("Band", "One", None)]
    assert sorted(refused(answers)) == [
        (3, "song", refusals.NAMES_A_TOWN),
        (4, "song", refusals.NAMES_A_PERSON),
    ]


@pytest.mark.parametrize(
    ("mail", "song", "artist"),
    [
        ("", "One", "ADAQUILL"),
        ("", "One", "quillada99"),
        ("", "One", "DJ xAdaQuillx"),
        ("safutuz23@x.example", "safutuz23", ""),
        ("safutuz23@x.example", "Song of safutuz", "Band"),
        ("safutuz23@x.example", "One", "feat. Safutuz7"),
        ("safu.tuz+forms@x.example", "One", "SafuTuz"),
        ("sunny.tuz_1@x.example", "One", "Sunny Tuz 1"),
    ],
)
def test_a_name_or_a_mail_without_its_blanks_and_signs_is_one(
    mail: str, song: str, artist: str
) -> None:
    answers = identified([mail, "Ada Quill", "", song, artist])
    assert songs_of(answers) == []
    assert refused(answers) == [(2, "song", refusals.NAMES_A_PERSON)]


@pytest.mark.parametrize("mail", ["love7@x.example", "student12@x.example", "tuz@x.example"])
def test_a_mail_that_is_a_common_word_or_short_costs_no_song(mail: str) -> None:
    rows = [[mail, "Ada Quill", "", "All you need is love, student of tuz", "Band"]]
    assert len(songs_of(identified(*rows))) == 1


@pytest.mark.parametrize(
    ("song", "artist"),
    [("One", "feat. Dikaluk"), ("Fokedu's song", "Band"), ("One", "DikalukFokedu"),
     ("Fokedus Lied", "Band")],
)  # fmt: skip
def test_a_rare_part_of_somebody_elses_name_is_a_name(song: str, artist: str) -> None:
    answers = parsed(row("Ada Quill", song, artist), row("Dikaluk Fokedu", "One"))
    assert songs_of(answers) == [("Band", "One", None)]
    assert refused(answers) == [(2, "song", refusals.NAMES_A_PERSON)]


def test_a_part_of_a_name_that_many_have_or_name_costs_nobody_a_song() -> None:
    for name in ("Michael Fokedu", "Rose Fokedu", "Dik Fokedu"):
        artist = f"{name.split()[0]} and the Others"
        answers = parsed(row("Ada Quill", "One", artist), row(name, "Two"))
        assert len(songs_of(answers)) == 2
    family = [row(f"{first} Dikaluk", "Two") for first in ("Ben", "Cleo", "Dan")]
    assert len(songs_of(parsed(row("Ada Quill", "Dikaluk"), *family))) == 4
    fans = [row(f"{first} Quill", "Dikaluk") for first in ("Ben", "Cleo", "Dan")]
    assert len(songs_of(parsed(row("Dikaluk Fokedu", "Two"), *fans))) == 4


def test_a_song_counts_once_for_a_person() -> None:
    header = ["Name", "Song 1", "Artist 1", "Song 2", "Artist 2", "Song 3", "Artist 3"]
    rows = [["Ada", "One", "Band", "ONE!", "band", "Two", "Band"]]
    answers = parse([Sheet([header, *rows])], SURVEY, KEY.pseudonym)
    assert songs_of(answers) == [("Band", "One", None), ("Band", "Two", None)]
    assert refused(answers) == [(2, "song_2", refusals.NAMED_TWICE)]


# One song a row


def songs_in_rows(people: int, songs: int) -> list[list[Any]]:
    return [
        row(f"Person {p}", f"Song {p} {s}", Major="Law" if not s else "", **{"Match?": "yes"})
        for s in range(songs)
        for p in range(people)
    ]


def test_where_most_people_have_many_rows_each_is_a_song() -> None:
    answers = parsed(*songs_in_rows(4, 5))
    assert column(answers, "songs") == [5] * 4
    assert column(answers, "major") == ["Law"] * 4
    assert column(answers, "may_be_matched") == [True] * 4
    assert refused(answers) == []
    titles = [title for _, title, _ in songs_of(answers, "Person 2")]
    assert titles == [f"Song 2 {number}" for number in range(5)]


def test_where_few_people_have_two_rows_each_is_an_answer() -> None:
    rows = [row(f"Person {p}", "One") for p in range(5)] + [row("Person 1", "Two")] * 2
    answers = parsed(*rows)
    assert column(answers, "songs") == [1] * 5
    assert songs_of(answers, "Person 1") == [("Band", "Two", None)]


def test_a_survey_may_say_what_a_row_is() -> None:
    songs = parsed(row("Ada", "One"), row("Ada", "Two"), survey=replace(SURVEY, rows="songs"))
    assert column(songs, "songs") == [2]
    answers = parsed(*songs_in_rows(4, 5), survey=replace(SURVEY, rows="answers"))
    assert column(answers, "songs") == [1] * 4


def test_rows_of_songs_may_have_places() -> None:
    header = ["Name", "Rank", "Song"]
    rows = [["Ada", 2, "Two"], ["Ada", 1.0, "Wrong"], ["Ada", "1", "One"], ["Ben", 1, "One"]]
    answers = parse([Sheet([header, *rows])], SURVEY, KEY.pseudonym)
    assert [title for _, title, _ in songs_of(answers, "Ada")] == ["One", "Two"]
    assert refused(answers) == [(3, "", refusals.REPLACED)]


def test_who_takes_their_agreement_back_in_a_later_row_did_not_agree() -> None:
    rows = [row("Ada", f"Song {n}", **{"Match?": said}) for n, said in enumerate(["yes", "", "no"])]
    assert column(parsed(*rows, survey=replace(SURVEY, rows="songs")), "may_be_matched") == [False]


# Several files


def test_of_several_files_a_later_one_was_written_later() -> None:
    old = Sheet([HEADER, row("Ada", "Old"), row("Ben", "Two")])
    new = Sheet([HEADER[::-1], row("Ada", "New")[::-1]], first=2)
    answers = parse([old, new], SURVEY, KEY.pseudonym)
    assert songs_of(answers, "Ada") == [("Band", "New", None)]
    assert songs_of(answers, "Ben") == [("Band", "Two", None)]
    [told] = answers.refused.to_pylist()
    assert told == {"file": 1, "row": 2, "field": "", "reason": refusals.REPLACED}


def test_the_same_answers_give_the_same_tables_in_any_order_of_rows() -> None:
    sheet = dirty_sheet(7, 30, songs=2)
    first = parse([Sheet(sheet.rows)], SURVEY, KEY.pseudonym)
    rest = sheet.rows[1:]
    random.Random(3).shuffle(rest)
    again = parse([Sheet([sheet.rows[0], *rest])], SURVEY, KEY.pseudonym)
    assert (again.responses, again.named) == (first.responses, first.named)


def test_a_sheet_without_answers_is_one_of_nobody() -> None:
    answers = parsed()
    assert [len(table) for table in answers.tables] == [0, 0, 0]
    assert answers.named.schema == module.NAMED
