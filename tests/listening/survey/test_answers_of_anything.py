"""Whatever is in the cells of a sheet, reading it never fails, and never tells who answered."""

import contextlib
from datetime import date, datetime, time, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from pipelines.errors import WrongColumns
from pipelines.listening.survey.answers import parse
from pipelines.listening.survey.cells import Cell, Sheet
from pipelines.settings import Survey
from pipelines.surveys.keys import SurveyKey

KEY = SurveyKey(b"a key for tests, 32 bytes of it.")
SURVEY = Survey("music", "Music", Path("answers.csv"), k=1)
HEADER = ["Timestamp", "Mail", "Name", "Age", "Major", "Year", "Hours", "When", "Song 1",
          "Artist 1", "Song 2", "Match?", "Consent", "Rank", "First name"]  # fmt: skip

said = st.sampled_from(
    ["2-3", "9" * 400, "1/2", "24/7", "٣", "²", "=1+1", "=", '=HYPERLINK("","")', "-0", "1:99",
     "99:99", "2026-99-99", "30/02/2026", "2026-11-28T25:00:00+99:00", "0001-01-01T00:00:00+23:00",
     "9999-12-31T23:59:59-23:00", "idk", "yes", "no", "test", "1e999", "½½", "\0", "\ud800",
     "a@b.cd", "https://open.spotify.com/track/", "," * 50, "((((", "[[]]", "\\", "20" * 30]
)  # fmt: skip
cells: st.SearchStrategy[Cell] = st.one_of(
    st.none(),
    st.text(max_size=30),
    said,
    st.integers(),
    st.floats(),
    st.booleans(),
    st.datetimes(),
    st.dates(),
    st.times(),
    st.timedeltas(),
)
rows = st.lists(st.lists(cells, max_size=len(HEADER) + 2), max_size=6)


@given(rows)
def test_any_cells_below_a_header_are_answers_or_refused(rows: list[list[Cell]]) -> None:
    answers = parse([Sheet([HEADER, *rows])], SURVEY, KEY.pseudonym)
    again = parse([Sheet([HEADER, *rows])], SURVEY, KEY.pseudonym)
    assert answers.tables == again.tables
    texts = [text for table in answers.tables for one in table.to_pylist() for text in one.values()]
    assert not [text for text in texts if isinstance(text, str) and text.startswith("=")]


@given(rows)
def test_any_cells_may_be_a_header(rows: list[list[Cell]]) -> None:
    with contextlib.suppress(WrongColumns):
        parse([Sheet(rows)], SURVEY, KEY.pseudonym)


@given(st.lists(cells, max_size=9), st.sampled_from([3, 8, 9, 10, 13]))
def test_whatever_is_beside_it_a_name_is_told_nowhere(others: list[Cell], column: int) -> None:
    row: list[Cell] = [*others, *[""] * len(HEADER)][: len(HEADER)]
    row[1], row[2], row[12] = "", "Ottilie Quillfeather", "yes"
    row[column] = "Dear Ottilie Quillfeather"
    answers = parse([Sheet([HEADER, row])], SURVEY, KEY.pseudonym)
    told = str([table.to_pylist() for table in answers.tables]).lower()
    assert "quillfeather" not in told


EXTREMES: tuple[Cell, ...] = (
    *(float("nan"), float("inf"), -float("inf"), 10**400, -(10**400), 10**5000, 1e308),
    *(datetime(1, 1, 1), datetime(9999, 12, 31), date.min, date.max),  # noqa: DTZ001 as in cells
    *(time.min, time.max, timedelta.max, timedelta.min),
)


def test_extremes_of_every_kind_are_no_matter() -> None:
    rows: list[list[Cell]] = [
        ["", "", f"Ada {at}", *[one] * 9, "yes"] for at, one in enumerate(EXTREMES)
    ]
    timed: list[list[Cell]] = [[one, "", f"Ben {at}"] for at, one in enumerate(EXTREMES)]
    agreed = [[*row, *[""] * 9, "yes"][:13] for row in timed]
    answers = parse([Sheet([HEADER, *rows, *agreed])], SURVEY, KEY.pseudonym)
    assert len(answers.responses) > len(EXTREMES)
