"""`playledger survey matches`: what it shows, what it asks, and what it stores."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pipelines.cli.main import main
from pipelines.ingest import reference_files
from pipelines.listening.schema.survey_tables import SONGS
from pipelines.resources.lake.lakes import Lake, SurveyLake
from pipelines.settings import Settings
from pipelines.surveys.choosing import read_choices
from pipelines.surveys.making import take_answers
from tests.support.environment import Environment
from tests.support.reference_rows import FEATURES

SURVEYS = """
[spring]
title = "Our songs"
file = "answers.csv"
"""
ANSWERS = """name,song,artist
Ada Lovelace,Breakups (Live),Seaforth
Grace Hopper,Breakups (live),seaforth
Joan Clarke,Eye of the Tiger,Survivor
Mary Kenneth,Nowhere At All,Nina Nowhere
"""

Call = Callable[..., Result]

MODULE = import_module("pipelines.cli.survey.matches")  # the package calls the command so too


@pytest.fixture
def spring(environment: Environment, lake: Lake) -> SurveyLake:
    """A survey that was made, with one song in doubt and one that nothing knows."""
    environment.surveys(SURVEYS)
    (environment.folder / "answers.csv").write_text(ANSWERS)
    reference_files.add(FEATURES / "tracks.parquet", lake)
    take_answers(Settings(), lake, Settings().survey("spring"))
    return lake.survey("spring")


@pytest.fixture
def call(spring: SurveyLake) -> Call:
    """The command, with some options and what is typed."""
    assert spring
    return lambda *options, **typed: CliRunner().invoke(
        main, ["survey", "matches", "spring", *options], **typed
    )


def key_of(spring: SurveyLake, title: str) -> str:
    rows = spring.read(SONGS).to_pylist()
    key: str = next(row["song_key"] for row in rows if title in (row["track_name"] or ""))
    return key


def states(spring: SurveyLake) -> list[str]:
    return sorted(spring.read(SONGS)["state"].to_pylist())


def test_songs_in_doubt_are_listed_with_people_and_candidates_and_no_names(
    call: Call, spring: SurveyLake
) -> None:
    result = call()
    assert result.exit_code == 0
    assert "Breakups" in result.output
    assert "1: Seaforth - Breakups" in result.output
    assert result.output.startswith(
        "4 people named 4 songs. The track is known of 25%, audio features of 25%, genres of 25%.\n"
    )
    assert key_of(spring, "Nowhere") in result.output
    assert "Eye of the Tiger" not in result.output
    assert not any(name in result.output for name in ("Ada", "Hopper", "Joan", "Mary"))


def test_a_choice_takes_effect_with_the_next_run_for_everybody_and_can_be_undone(
    call: Call, spring: SurveyLake, lake: Lake
) -> None:
    key = key_of(spring, "ive)")
    assert call("--choose", f"{key}=1").exit_code == 0
    take_answers(Settings(), lake, Settings().survey("spring"))
    assert states(spring) == ["chosen", "chosen", "matched", "unmatched"]
    assert "Seaforth - Breakups" in call().output
    take_answers(Settings(), lake, Settings().survey("spring"))  # it survives every run
    assert "chosen" in states(spring)
    assert call("--undo", key).exit_code == 0
    take_answers(Settings(), lake, Settings().survey("spring"))
    assert states(spring) == ["doubtful", "doubtful", "matched", "unmatched"]


def test_none_of_the_candidates_leaves_the_song_alone_for_good(
    call: Call, spring: SurveyLake, lake: Lake
) -> None:
    call("--choose", f"{key_of(spring, 'ive)')}=none")
    take_answers(Settings(), lake, Settings().survey("spring"))
    assert states(spring) == ["matched", "unmatched", "unmatched", "unmatched"]
    assert "1: Seaforth - Breakups" not in call().output


@pytest.mark.parametrize("pair", ["", "=1", "abc", "abc="])
def test_what_is_not_a_key_and_a_track_is_refused(call: Call, pair: str) -> None:
    result = call("--choose", pair)
    assert result.exit_code == 2
    assert "SONG_KEY=TRACK" in result.output


def test_an_unknown_key_is_one_plain_line(call: Call, spring: SurveyLake) -> None:
    result = call("--choose", "zzzz=1")
    assert result.exit_code == 1
    assert result.output.startswith("Error: 'zzzz' is no song's key")
    assert read_choices(spring) == {}


def test_on_a_terminal_one_song_after_the_other_is_asked_for(
    call: Call, spring: SurveyLake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MODULE, "_on_a_terminal", lambda: True)
    result = call(input="7\n1\n\n")
    assert result.exit_code == 0
    assert "has no candidate 7" in result.output
    assert [one and one["track_name"] for one in read_choices(spring).values()] == ["Breakups"]


def test_one_may_stop_before_the_last_song(
    call: Call, spring: SurveyLake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MODULE, "_on_a_terminal", lambda: True)
    assert call(input="q\n").exit_code == 0
    assert read_choices(spring) == {}


def test_nothing_is_shown_before_anything_was_made(environment: Environment) -> None:
    environment.surveys(SURVEYS)
    result = CliRunner().invoke(main, ["survey", "matches", "spring"])
    assert (result.exit_code, result.output.splitlines()) == (
        0,
        ["No song is stored yet.", "There is no song to choose a track for."],
    )
    assert not Path(environment.lake / "surveys").exists()
