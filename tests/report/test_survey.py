"""A survey's page as a file: what it carries, what it keeps to itself, and its size."""

import re
from datetime import date

import pyarrow as pa
import pytest

from pipelines.listening.schema.survey_tables import KEPT, PUBLISHED
from pipelines.report.survey import SELECTIONS, _with_features, page
from tests.report.files import Read, typed, types_of
from tests.report.surveys import (
    ENDED,
    IMAGE,
    K,
    code,
    few,
    group,
    kept,
    nobody,
    pseudonym,
    sealed_parts,
    small,
)

SMALL = 6_000_000
TITLE = "Music of 3b"


def test_a_thousand_people_of_ten_songs_make_a_page_of_less_than_six_million_bytes() -> None:
    told = page(TITLE, K, group(1000, 12), sealed_parts(1000))
    assert len(told.encode()) < SMALL


def test_the_same_answers_make_the_same_bytes() -> None:
    assert page(TITLE, K, group(), sealed_parts(45)) == page(TITLE, K, group(), sealed_parts(45))


def test_tables_with_a_row_for_a_person_are_left_out_even_if_they_are_handed_over() -> None:
    everything = group()
    assert {table.name for table in KEPT} & set(everything)
    told = page(TITLE, K, everything, sealed_parts(45))
    assert set(Read(told).carried["tables"]) == {table.name for table in PUBLISHED}
    songs = kept(45)["survey_songs"]["track_name"].to_pylist()
    for n in range(45):
        assert pseudonym(n)[:6] not in told
        assert code(n) not in told
    assert not [title for title in songs if title != IMAGE and title in told]


def test_what_the_page_wants_is_published() -> None:
    assert set(SELECTIONS) == {table.name for table in PUBLISHED}
    for table in PUBLISHED:
        assert SELECTIONS[table.name].columns.split() == table.schema.names


def test_the_scripts_types_are_those_of_the_tables() -> None:
    tables = _with_features({name: rows for name, rows in nobody().items() if name in SELECTIONS})
    types = types_of("survey-tables.d.ts")
    assert {name: types[name] for name in SELECTIONS} == {
        name: [
            # In it a hidden cell is null; elsewhere nothing in a list is.
            re.sub(r"(told: string; people: number)", r"\1 | null", typed(table.schema.field(one)))
            for one in SELECTIONS[name].columns.split()
        ]
        for name, table in tables.items()
    }


@pytest.mark.parametrize("title", [IMAGE, ENDED])
def test_no_name_can_end_the_script_in_which_it_stands(title: str) -> None:
    read = Read(page(title, K, group(), sealed_parts(45)))
    assert len(read.scripts) == 3
    assert read.carried["survey"]["title"] == title
    assert title in read.text
    assert IMAGE in read.carried["strings"]


def test_nothing_in_the_page_points_anywhere_else() -> None:
    told = page(TITLE, K, group(), sealed_parts(45))
    pointing = {"src", "href", "action", "data", "poster", "srcset", "formaction", "background"}
    found = [value or "" for _, name, value in Read(told).attributes if name in pointing]
    assert found
    assert all(value.startswith("#") or value == "data:," for value in found)
    assert re.search(r"default-src &#39;none&#39;; script-src (&#39;sha256-[^;]+;\s?){2}", told)


@pytest.mark.parametrize("tables", [{}, nobody(), few(), small()])
def test_a_page_can_be_made_of_few_tables_and_of_empty_ones(tables: dict[str, pa.Table]) -> None:
    read = Read(page(TITLE, K, tables))
    assert set(read.carried["tables"]) == set(tables) & set(SELECTIONS)
    assert read.carried["own"]["entries"] == ""


def test_the_page_says_until_when_it_is_kept() -> None:
    assert Read(page(TITLE, K, {})).carried["survey"]["keep_until"] is None
    until = Read(page(TITLE, K, {}, keep_until=date(2027, 6, 30))).carried["survey"]["keep_until"]
    assert until == "2027-06-30"
