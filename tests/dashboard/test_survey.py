"""Surveys in the dashboard: who may see the page, and what it begins with."""

import pytest

from pipelines.dashboard.menu.survey import is_of_this_version, load, may_see
from pipelines.dashboard.visitor import Visitor
from pipelines.errors import NoSuchAnswer
from pipelines.resources.lake.lakes import Lake
from pipelines.settings import Settings
from pipelines.surveys.making import PAGE, make, take_answers
from pipelines.surveys.people import find_person, person_of_code
from tests.support.environment import Environment

SURVEYS = """
[spring]
title = "Our songs"
file = "answers.csv"
"""
ANSWERS = """name,song,artist
Ada Lovelace,Eye of the Tiger,Survivor
Grace Hopper,Breakups,Seaforth
"""


@pytest.fixture
def spring(environment: Environment, lake: Lake) -> Lake:
    environment.surveys(SURVEYS)
    (environment.folder / "answers.csv").write_text(ANSWERS)
    take_answers(Settings(), lake, Settings().survey("spring"))
    return lake


def test_the_page_is_for_owners_and_for_whom_a_code_is() -> None:
    owner, guest = Visitor("nico", True, ("nico",)), Visitor("mira", False, ("mira",))
    assert may_see(owner, has_code=False)
    assert not may_see(guest, has_code=False)
    assert may_see(guest, has_code=True)


def test_a_code_is_known_however_it_is_typed_and_no_other_is(spring: Lake) -> None:
    person = find_person(Settings(), spring, "spring", "Ada Lovelace")
    typed = " - ".join((person.code[:13].upper(), person.code[13:]))
    assert person_of_code(Settings(), spring, "spring", typed) == person
    for wrong in ("", person.code[:-1], person.pseudonym, "a" * 26, "é"):
        with pytest.raises(NoSuchAnswer, match="nobody's code in this survey"):
            person_of_code(Settings(), spring, "spring", wrong)


def test_what_was_published_is_shown_as_it_lies_in_the_lake(spring: Lake) -> None:
    make(Settings(), spring, Settings().survey("spring"), full_refresh=True)
    shown = load(spring.survey("spring"))
    stored = spring.survey("spring").store.get(PAGE)
    assert stored is not None
    assert shown.page == stored.body.decode()
    assert is_of_this_version(shown.page)
    assert not is_of_this_version("<script>another</script>")


def test_of_a_survey_that_was_never_made_there_is_no_page(
    environment: Environment, lake: Lake
) -> None:
    environment.surveys(SURVEYS)
    shown = load(lake.survey("spring"))
    assert (shown.page, shown.feed, shown.predictor) == (None, (), "")
