"""What answers come to, as people write them; what they do not say is never made up."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import pytest

from pipelines.listening.survey import dates, values
from pipelines.listening.survey.cells import Cell, is_formula, text_of
from pipelines.listening.survey.unusable import Unusable

TODAY = date(2026, 11, 28)
BLANK: tuple[Cell, ...] = (None, "", " ", "-", "—", "idk", "IDK!", "n/a", "none", "weiß nicht", "?",
                           "je ne sais pas", "no sé", "#N/A", "#REF!")  # fmt: skip


def read(reader: Callable[[Cell], str | None], cell: Cell) -> str | None:
    """What a cell comes to; what is wrong with it in angle brackets."""
    try:
        return reader(cell)
    except Unusable as unusable:
        return f"<{unusable.reason}>"


def age(cell: Cell) -> str | None:
    return read(lambda one: values.age_band(one, TODAY), cell)


@pytest.mark.parametrize("cell", BLANK)
def test_what_says_nothing_is_null_and_no_mistake(cell: Cell) -> None:
    assert age(cell) is None
    for reader in (values.hours_band, values.subject, values.year_of_study, values.time_of_day):
        assert read(reader, cell) is None
    assert dates.moment(cell, "UTC", day_first=None) is None


@pytest.mark.parametrize(
    ("cell", "band"),
    [
        (20, "20-24"),
        (20.0, "20-24"),
        ("20", "20-24"),
        (" 19 years", "15-19"),
        ("24.5", "20-24"),
        ("20,5", "20-24"),
        ("I'm twenty-one", "20-24"),
        ("neunzehn", "15-19"),
        ("einundzwanzig", "20-24"),
        ("dreißig", "30-34"),
        ("vingt et un ans", "20-24"),
        ("dix-neuf", "15-19"),
        ("veintidós", "20-24"),
        ("treinta y uno", "30-34"),
        ("ventuno", "20-24"),
        ("2004", "20-24"),
        ("born in 2004", "20-24"),
        ("12.03.2004", "20-24"),
        (datetime(2004, 3, 12), "20-24"),  # noqa: DTZ001
        ("18-24", "18-24"),
        ("20 to 24", "20-24"),
        (200, "<an impossible age>"),
        ("9" * 400, "<an impossible age>"),
        (-20, "<an impossible age>"),
        ("3", "<an impossible age>"),
        ("1890", "<an impossible age>"),
        ("old enough", "<no age>"),
        ("55+", "<no age>"),
        ("early 20s", "<no age>"),
        ("in my twenties", "<no age>"),
        ("under 18", "<no age>"),
        ("24-18", "<no age>"),
        (True, "<no age>"),
        (time(20), "<no age>"),
    ],
)
def test_an_age_is_a_band_of_five_years(cell: Cell, band: str) -> None:
    assert age(cell) == band


@pytest.mark.parametrize(
    "cell", ["12.05.", "12.05", "12 May", "May 12th", "12 de mayo", "am 12. Mai", "le 1er mars"]
)
def test_a_birthday_without_its_year_is_no_age(cell: Cell) -> None:
    assert age(cell) == "<no age>"


@pytest.mark.parametrize(
    ("cell", "band"),
    [
        ("2004", "20-24"),
        (2004, "20-24"),
        ("04", "20-24"),
        ("'98", "25-29"),
        ("20", "20-24"),
        (31, "30-34"),
        (38_058, "20-24"),  # as Google sends the 12th of March 2004
        ("20 years old", "20-24"),
        ("long ago", "<no age>"),
    ],
)
def test_who_was_asked_when_they_were_born_may_tell_it_in_many_ways(cell: Cell, band: str) -> None:
    day = date(2026, 11, 28)
    assert read(lambda one: values.age_band(one, day, born=True), cell) == band


def test_a_birthday_that_is_still_to_come_does_not_count() -> None:
    for day, band in ((date(2026, 5, 4), "20-24"), (date(2026, 5, 3), "15-19")):
        assert values.age_band(date(2006, 5, 4), day) == band


def test_a_number_of_days_is_no_age_where_nobody_asked_for_a_day() -> None:
    assert age(38_058) == "<an impossible age>"


def test_a_year_of_birth_needs_a_day() -> None:
    assert read(lambda cell: values.age_band(cell, None), "2004") == "<no age>"


@pytest.mark.parametrize(
    ("cell", "band"),
    [
        (0, "0-1"),
        (1, "1-2"),
        (2.0, "2-4"),
        ("4", "4-6"),
        (6, "6+"),
        (24, "6+"),
        ("2-3", "2-4"),
        ("1 \u2013 2 h", "1-2"),
        ("3 to 4 hours", "2-4"),
        ("between 2 and 3", "2-4"),
        ("2 oder 3", "2-4"),
        ("2,5", "2-4"),
        ("1.5h", "1-2"),
        ("about 4 h", "4-6"),
        ("~2", "2-4"),
        ("2h30", "2-4"),
        ("2 hours and 30 minutes", "2-4"),
        ("1:30", "1-2"),
        (time(1, 30), "1-2"),
        (timedelta(hours=3), "2-4"),
        ("30 min", "0-1"),
        ("30-60 minutes", "0-1"),
        ("90min", "1-2"),
        ("½", "0-1"),
        ("1 ½", "1-2"),
        ("1 1/2", "1-2"),
        ("half an hour", "0-1"),
        ("une demi-heure", "0-1"),
        ("less than 1", "0-1"),
        ("<2", "1-2"),
        ("5+", "4-6"),
        ("more than 6", "6+"),
        ("two hours", "2-4"),
        ("zwei Stunden", "2-4"),
        ("all day", "6+"),
        ("24/7", "6+"),
        ("den ganzen Tag", "6+"),
        ("toute la journée", "6+"),
        ("todo el día", "6+"),
        ("never", "0-1"),
        ("14 hours a week", "2-4"),
        (25, "<more hours than a day has>"),
        ("100", "<more hours than a day has>"),
        (-1, "<no hours>"),
        ("a lot", "<no hours>"),
        ("5-2", "<no hours>"),
        ("1, 2, 3 or 4", "<no hours>"),
        (datetime(2026, 2, 3), "<no hours>"),  # noqa: DTZ001 "2-3", as some programs take it
        (True, "<no hours>"),
    ],
)
def test_hours_are_a_band(cell: Cell, band: str) -> None:
    assert read(values.hours_band, cell) == band


def test_hours_may_be_counted_in_something_else() -> None:
    assert values.hours_band(14, 1 / 7) == "2-4"
    assert values.hours_band("14-21", 1 / 7) == "2-4"
    assert values.hours_band("90", 1 / 60) == "1-2"
    assert values.hours_band("90 min", 1 / 60) == "1-2"


@pytest.mark.parametrize(
    ("cell", "part"),
    [
        ("Evening", "evening"),
        ("Evening, Morning", "morning, evening"),
        ("late at night", "night"),
        ("abends", "evening"),
        ("am Nachmittag", "afternoon"),
        ("l'après-midi", "afternoon"),
        ("le soir", "evening"),
        ("por la mañana", "morning"),
        ("noche", "night"),
        ("al mediodía", "afternoon"),
        ("6pm - 9pm", "evening"),
        ("22:00", "night"),
        (time(8), "morning"),
        (0.625, "afternoon"),
        (3, "night"),
        ("all day", "all day"),
        ("morning, afternoon, evening, night", "all day"),
        ("while studying", "while studying"),
    ],
)
def test_a_time_of_day_is_a_part_of_it(cell: Cell, part: str) -> None:
    assert read(values.time_of_day, cell) == part


@pytest.mark.parametrize(
    ("cell", "year"),
    [
        (2, "2"),
        (3.0, "3"),
        ("3.0", "3"),
        ("2nd", "2"),
        ("Second year", "2"),
        ("Sophomore", "2"),
        ("deuxième année", "2"),
        ("segundo año", "2"),
        ("3. Semester", "2"),
        ("4. Semester", "2"),
        ("Master 1", "Master 1"),
        ("2024", "2024"),
        ("alumni", "alumni"),
    ],
)
def test_a_year_of_study_is_a_digit_where_it_says_so(cell: Cell, year: str) -> None:
    assert read(values.year_of_study, cell) == year


@pytest.mark.parametrize(
    ("cell", "subject"),
    [
        ("Psychology", "Psychology"),
        ("Other: Marine biology", "Marine biology"),
        ("Sonstiges: Jura", "Jura"),
        ("Autre : Droit", "Droit"),
        ("B.Sc. in Psychology", "Psychology"),
        ("BA History", "History"),
        ("Master of Science in Physics", "Physics"),
        ("Licence de droit", "droit"),
        ("Math", "Math"),
        ("Maschinenbau", "Maschinenbau"),
        ("BA", "BA"),
        ("Other: -", None),
        ('=HYPERLINK("https://x.example", "Law")', "Law"),
    ],
)
def test_a_subject_is_without_what_stands_before_it(cell: Cell, subject: str | None) -> None:
    assert read(values.subject, cell) == subject


YES = ("Yes", "yes!", "YES please", "Ja", "ja, gerne", "Oui", "oui !", "Sí", "si, claro", "Sim",
       "x", "✓", "✅", True, 1, "1", "TRUE", "I agree", "I agree that others see it", "d'accord",
       "J'accepte que d'autres le voient", "Ich stimme zu", "Acepto", "ok", "sure")  # fmt: skip
NO = ("No", "no", "Nein", "Non", "Não", False, 0, "0", "FALSE", "n", "I do not agree",
      "I don't agree", "ich stimme nicht zu", "nope")  # fmt: skip
UNCLEAR = ("maybe", "vielleicht", "Yes, but only anonymously", "ja, aber ohne Namen",
           "yes if they do", "oui, mais pas mon nom", "sí, pero sin nombre", "si no hay problema",
           "who wants to know", "2", 2, datetime(2026, 1, 1))  # fmt: skip  # noqa: DTZ001


@pytest.mark.parametrize("cell", YES)
def test_a_plain_yes_agrees(cell: Cell) -> None:
    assert values.agrees([cell])
    assert values.agrees([None, cell, ""])
    assert not values.agrees([cell, "no"])
    assert values.takes_part([cell])


@pytest.mark.parametrize("cell", [*NO, *UNCLEAR, "", None, "-"])
def test_anything_else_does_not(cell: Cell) -> None:
    assert not values.agrees([cell])


@pytest.mark.parametrize("cell", [*NO, "", None])
def test_who_was_asked_and_did_not_agree_takes_no_part(cell: Cell) -> None:
    assert not values.takes_part([cell])


@pytest.mark.parametrize("cell", ["I have read the notice above", "Gelesen und verstanden"])
def test_a_box_that_was_ticked_may_have_any_words(cell: Cell) -> None:
    assert values.takes_part([cell])


@pytest.mark.parametrize(
    ("cell", "at"),
    [
        (46354.75, "2026-11-28 18:00"),
        ("46354,75", "2026-11-28 18:00"),
        (datetime(2026, 11, 28, 18), "2026-11-28 18:00"),  # noqa: DTZ001
        (date(2026, 11, 28), "2026-11-28 00:00"),
        ("28.11.2026 18:00:00", "2026-11-28 18:00"),
        ("28/11/2026 18:00:00", "2026-11-28 18:00"),
        ("11/28/2026 6:00:00 PM", "2026-11-28 18:00"),
        ("2026/11/28 6:00:00 PM GMT+1", "2026-11-28 18:00"),
        ("2026-11-28 18:00:00", "2026-11-28 18:00"),
        ("2026-11-28T17:00:00Z", "2026-11-28 18:00"),
        ("2026-11-28T23:30:00+00:00", "2026-11-29 00:30"),
        ("28-11-2026 18.00.00", "2026-11-28 18:00"),
        ("28/11/26", "2026-11-28 00:00"),
        ("28 novembre 2026 18:00", "2026-11-28 18:00"),
        ("sábado, 28 de noviembre de 2026", "2026-11-28 00:00"),
        ("mardi 3 mars 2026", "2026-03-03 00:00"),
        ("November 28, 2026 at 6:00 PM", "2026-11-28 18:00"),
        ("28. Nov. 2026", "2026-11-28 00:00"),
        ("05/05/2026", "2026-05-05 00:00"),
        ("03/04/2026", "<day and month may be either>"),
        ("31/02/2026", "<no date>"),
        ("28.11.2026 25:00", "<no date>"),
        ("yesterday", "<no date>"),
        (20, "<no date>"),
        ("0001-01-01:00+0001", "<no date>"),
        ("28.11.1926", "<no date>"),
        (float("nan"), "<no date>"),
        (True, "<no date>"),
        (time(18), "<no date>"),
    ],
)
def test_a_moment_may_be_written_in_many_ways(cell: Cell, at: str) -> None:
    def moment(one: Cell) -> str:
        return f"{dates.moment(one, 'Europe/Berlin', day_first=None):%Y-%m-%d %H:%M}"

    assert read(moment, cell) == at


@pytest.mark.parametrize(
    ("texts", "day_first"),
    [
        (["03/04/2026", "13/04/2026"], True),
        (["03/04/2026", "04/13/2026"], False),
        (["13/04/2026", "04/13/2026"], None),
        (["03/04/2026", "05/04/2026", "02/05/2026"], True),
        (["04/03/2026", "04/05/2026", "05/02/2026"], False),
        (["11/1/2026", "11/2/2026", "11/5/2026", "11/11/2026"], False),
        (["1/11/2026", "2/11/2026", "5/11/2026"], True),
        (["03/04/2026", "03/04/2026"], None),
        (["03.04.2026", "2026-04-03", "", "x"], None),
        ([], None),
    ],
)
def test_the_other_dates_tell_whether_the_day_comes_first(
    texts: list[str], day_first: bool | None
) -> None:
    assert dates.is_day_first(texts) is day_first


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("=1+1", "1+1"),
        ("==SUM(A1)", "SUM(A1)"),
        ('=HYPERLINK("https://x.example";"Text")', "Text"),
        ('=HYPERLINK("https://x.example")', "https://x.example"),
        ("=", ""),
        ("a\nb\t c\u200e", "a b c"),
        (7.0, "7"),
        ("x" * 10_000, "x" * 2000),
    ],
)
def test_a_formula_is_text_and_never_begins_as_one(cell: Cell, text: str) -> None:
    assert text_of(cell) == text
    assert is_formula(cell) == str(cell).startswith("=")
