"""What somebody else called something is shown as it is; figures are written alike everywhere."""

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.dashboard.words import (
    at_least,
    counted,
    joined,
    move_words,
    plain_label,
    short_day,
    time_heard,
)
from pipelines.listening.plain_text import plain
from tests.dashboard.lakes import HOSTILE

MEANINGFUL = r"\`*_{}[]()<>#+-.!|~$:^=&@/"


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_has_no_sign_left_that_means_something(name: str) -> None:
    bare = re.sub(r"\\.", "", plain_label(name))
    assert not set(bare) & set(MEANINGFUL)
    assert "\u202e" not in bare


@given(st.text())
def test_a_label_is_the_name_once_markup_is_read(name: str) -> None:
    label = plain_label(name)
    assert re.sub(r"\\(.)", r"\1", label) == plain(name)
    assert not set(re.sub(r"\\.", "", label)) & set(MEANINGFUL)


def test_figures_are_written_in_words() -> None:
    assert counted(1, "play") == "1 play"
    assert counted(2_000, "play") == "2,000 plays"
    assert time_heard(119) == "119 min"
    assert time_heard(120) == "2 h"
    assert short_day(date(2026, 3, 1)) == "1 Mar 2026"
    assert short_day(None) == ""
    assert at_least("12", missing=True) == "at least 12"
    assert joined(["a", "", "b"]) == "a · b"


def test_a_move_says_what_it_means() -> None:
    assert move_words("new", None) == "new"
    assert move_words("back", None, "14 months") == "back after 14 months"
    assert move_words("up", 12) == "up from 12"
    assert move_words("down", 3) == "down from 3"
    assert move_words("same", 3) == "as before"
    assert move_words(None, None) == ""
