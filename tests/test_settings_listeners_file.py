"""What a program changes in `listeners.toml` for a person: that, and nothing else in the file."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.errors import SettingsError
from pipelines.listening.contexts import CONTEXTS
from pipelines.listening.contexts.overrides import DAY_MINUTES, Hours, Override
from pipelines.settings.listeners import parse_listeners
from pipelines.settings.listeners_file import add_rule, set_exclude
from tests.support.places import ROOT

EXAMPLE = (ROOT / "listeners.example.toml").read_text()

minutes = st.integers(0, DAY_MINUTES - 1)
hours = st.builds(
    Hours,
    st.lists(st.integers(0, 6), min_size=1, unique=True).map(sorted).map(tuple),
    minutes,
    minutes,
).filter(lambda one: one.start != one.end)
names = st.text(min_size=1).filter(str.strip)
rules = st.builds(
    Override,
    st.sampled_from(CONTEXTS),
    artist=st.none() | names,
    track=st.none() | names,
    playlist=st.none() | names,
    hours=st.none() | hours,
).filter(lambda one: bool(one.artist or one.track or one.playlist or one.hours))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "listeners.toml"
    path.write_text(EXAMPLE)
    return path


@given(rules)
def test_a_rule_is_read_as_it_was_meant_and_the_rest_stays_letter_by_letter(
    tmp_path_factory: pytest.TempPathFactory, rule: Override
) -> None:
    path = tmp_path_factory.mktemp("settings") / "listeners.toml"
    path.write_text(EXAMPLE)
    add_rule(path, "nico", rule)
    assert path.read_text().startswith(EXAMPLE)
    before, after = parse_listeners(EXAMPLE), parse_listeners(path.read_text())
    assert after[0].overrides == (*before[0].overrides, rule)
    assert after[1:] == before[1:]


def test_excluded_contexts_are_changed_where_they_stand(file: Path) -> None:
    set_exclude(file, "nico", ["party"])
    assert file.read_text() == EXAMPLE.replace('["sleep", "kids"]', '["party"]')


def test_excluded_contexts_are_added_where_the_default_held(file: Path) -> None:
    set_exclude(file, "maria", ["kids"])
    [nico, maria] = parse_listeners(file.read_text())
    assert maria.exclude == ("kids",)
    assert nico == parse_listeners(EXAMPLE)[0]
    assert "# Someone who moved" in file.read_text()


def test_both_can_be_changed_one_after_the_other(file: Path) -> None:
    add_rule(file, "nico", Override("party", artist="Ánimo 💃"))
    set_exclude(file, "nico", [])
    add_rule(file, "nico", Override("sleep", hours=Hours(start=1320, end=390)))
    [nico, _] = parse_listeners(file.read_text())
    assert nico.exclude == ()
    assert [one.context for one in nico.overrides] == ["kids", "sleep", "party", "sleep"]


def test_a_file_that_may_only_be_read_stays_as_it_is(file: Path) -> None:
    file.chmod(0o444)
    with pytest.raises(SettingsError, match="may only be read here: ask whoever runs Playledger"):
        add_rule(file, "nico", Override("kids", artist="Die drei ???"))
    assert file.read_text() == EXAMPLE


def test_permissions_stay_as_they_were(file: Path) -> None:
    file.chmod(0o600)
    add_rule(file, "nico", Override("kids", artist="Die drei ???"))
    assert file.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in file.parent.iterdir()] == [file.name]


@pytest.mark.parametrize(
    "text",
    [
        '[nico]\ntimezone = "UTC"\noverride = [{ artist = "A", context = "kids" }]\n',
        "nico = {}\n",
        '[mira]\ntimezone = "UTC"\n',
        "[nico",
    ],
)
def test_what_is_written_in_another_way_is_left_to_a_person(file: Path, text: str) -> None:
    file.write_text(text)
    with pytest.raises(SettingsError, match=r"was not changed \(.+\): change it by hand"):
        add_rule(file, "nico", Override("kids", artist="Die drei ???"))
    assert file.read_text() == text


def test_a_rule_that_is_none_is_refused(file: Path) -> None:
    with pytest.raises(SettingsError, match="name what it applies to"):
        add_rule(file, "nico", Override("kids"))
    assert tomllib.loads(file.read_text()) == tomllib.loads(EXAMPLE)
