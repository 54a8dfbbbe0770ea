"""Whoever is forgotten is in no file, and does not come back while the sheet has their row."""

from collections.abc import Callable
from datetime import date

import pytest
from click.testing import CliRunner, Result

from pipelines.cli.main import main
from pipelines.listening.schema.survey_tables import FOUND, RESPONSES, SONGS, TWINS
from pipelines.resources.lake.lakes import Lake, SurveyLake
from pipelines.settings import Settings
from pipelines.surveys import making
from pipelines.surveys.choosing import choose, read_choices
from pipelines.surveys.forgotten import Forgotten
from pipelines.surveys.making import PAGE, Made
from pipelines.surveys.people import find_person
from testing.pipeline import everything_in
from tests.support.environment import Environment
from tests.surveys import classes
from tests.surveys.classes import Student
from tests.surveys.conftest import SURVEYS, Answer

Run = Callable[..., Made]


def command(*words: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(main, ["survey", *words], input=typed)


def pseudonym_of(lake: Lake, student: Student) -> str:
    return find_person(Settings(), lake, "spring", student.mail).pseudonym


@pytest.fixture
def read(answer: Answer, run: Run) -> Made:
    """The survey of twelve was read."""
    answer(classes.rows(12))
    return run()


@pytest.mark.parametrize("asked", [True, False])
def test_one_person_is_gone_from_every_file_and_stays_away(
    read: Made, run: Run, lake: Lake, spring: SurveyLake, environment: Environment, *, asked: bool
) -> None:
    pseudonym = pseudonym_of(lake, Student(3))
    page = spring.store.get(PAGE)
    if asked:
        result = command("forget", "spring", "--yes", typed=f"{Student(3).mail}\n")
    else:
        result = command("forget", "spring", pseudonym, typed="y\n")
    assert result.exit_code == 0, result.output
    assert "the form and its sheet" in result.output
    assert classes.traces({"screen": result.output.encode()}) == {}
    for _ in range(2):
        files = everything_in(environment.lake)
        assert [name for name, body in files.items() if pseudonym.encode() in body] == []
        assert spring.read(RESPONSES).num_rows == 11
        assert pseudonym not in spring.read(TWINS)["twin"].to_pylist()
        run(full_refresh=True)
    assert page
    assert spring.store.get(PAGE) != page


def test_the_tables_without_somebody_are_those_of_a_sheet_that_never_had_them(
    read: Made, answer: Answer, run: Run, lake: Lake, spring: SurveyLake
) -> None:
    assert command("forget", "spring", pseudonym_of(lake, Student(3)), "--yes").exit_code == 0
    forgotten = {table.name: spring.read(table) for table in making.FIGURES}
    rows = classes.rows(12)
    answer(rows[:4] + rows[5:])
    run(full_refresh=True)
    assert {table.name: spring.read(table) for table in making.FIGURES} == forgotten


def test_nobody_is_forgotten_twice_and_an_interrupted_one_goes_on(
    read: Made, lake: Lake, spring: SurveyLake
) -> None:
    pseudonym = pseudonym_of(lake, Student(3))
    secret = Settings().survey_keys_dir / "spring.key"
    Forgotten(spring, bytes.fromhex(secret.read_text())).add(pseudonym)  # and then it was killed
    assert command("forget", "spring", pseudonym, "--yes").exit_code == 0
    assert spring.read(RESPONSES).num_rows == 11
    assert command("forget", "spring", pseudonym, "--yes").exit_code == 0


def test_a_pseudonym_or_a_name_that_is_nobodys_deletes_nothing(
    read: Made, spring: SurveyLake
) -> None:
    before = spring.etags()
    for words, typed in (
        (["0" * 32], None),
        (["Ottilie"], None),
        ([], "somebody@example.org\n"),
    ):
        result = command("forget", "spring", *words, "--yes", typed=typed)
        assert result.exit_code == 1
        assert result.output.count("Error: ") == 1
        assert "somebody" not in result.output
    assert spring.etags() == before


def test_all_of_a_survey_is_its_files_and_its_key_and_it_is_closed(
    read: Made, run: Run, spring: SurveyLake, environment: Environment
) -> None:
    result = command("forget", "spring", "--all", typed="y\n")
    assert result.exit_code == 0, result.output
    assert set(spring.etags()) == {"closed.json"}
    assert list(Settings().survey_keys_dir.iterdir()) == []
    assert "sheet" in result.output
    again = command("run", "spring")
    assert again.exit_code == 1
    assert "was closed on" in again.output
    assert "reopen spring" in again.output
    assert set(spring.etags()) == {"closed.json"}
    assert command("reopen", "spring", "--yes").exit_code == 0
    assert run().rows[RESPONSES.name] == 12


def test_a_survey_that_is_in_no_settings_any_more_can_still_be_forgotten(
    read: Made, spring: SurveyLake, environment: Environment
) -> None:
    environment.surveys("")
    assert "not in surveys.toml any more" in " ".join(command("list").output.split())
    assert command("forget", "spring", "--all", "--yes").exit_code == 0
    assert set(spring.etags()) == {"closed.json"}


def test_a_survey_that_was_never_there_is_not_said_to_be_deleted(
    read: Made, lake: Lake, spring: SurveyLake
) -> None:
    result = command("forget", "sprnig", "--all", "--yes")
    assert result.exit_code == 1
    assert "there is no survey sprnig" in " ".join(result.output.split())
    assert "Deleted" not in result.output
    assert lake.survey("sprnig").etags() == {}
    assert spring.etags()


def test_whoever_is_forgotten_during_a_run_is_not_written_again(
    read: Made, run: Run, lake: Lake, spring: SurveyLake, monkeypatch: pytest.MonkeyPatch
) -> None:
    pseudonym = pseudonym_of(lake, Student(3))
    genuine, forgets = making.parse, [pseudonym]

    def parse(*args: object, **options: object) -> object:
        parsed = genuine(*args, **options)  # type: ignore[arg-type]
        if forgets:
            result = command("forget", "spring", forgets.pop(), "--yes")
            assert result.exit_code == 0, result.output
        return parsed

    monkeypatch.setattr(making, "parse", parse)
    run(full_refresh=True)
    assert pseudonym not in spring.read(RESPONSES)["pseudonym"].to_pylist()
    assert pseudonym not in spring.read(SONGS)["pseudonym"].to_pylist()


def test_a_survey_that_is_closed_during_a_run_stays_empty(
    answer: Answer, run: Run, spring: SurveyLake, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(classes.rows(12))
    genuine = making.parse

    def parse(*args: object, **options: object) -> object:
        parsed = genuine(*args, **options)  # type: ignore[arg-type]
        assert command("forget", "spring", "--all", "--yes").exit_code == 0
        return parsed

    monkeypatch.setattr(making, "parse", parse)
    with pytest.raises(Exception, match="closed"):
        run()
    assert set(spring.etags()) == {"closed.json"}


def test_after_its_time_a_survey_is_not_read_and_status_says_what_to_do(
    read: Made, run: Run, spring: SurveyLake, environment: Environment
) -> None:
    before = spring.etags()
    environment.surveys(SURVEYS + "keep_until = 2026-01-31\n")
    result = command("run", "spring")
    assert result.exit_code == 1
    assert "was to be kept until 2026-01-31" in result.output
    assert "playledger survey forget spring --all" in result.output
    assert spring.etags() == before
    status = CliRunner().invoke(main, ["status"]).output
    assert "warning: survey spring was to be kept until 2026-01-31" in " ".join(status.split())
    assert command("forget", "spring", "--all", "--yes").exit_code == 0
    assert "warning: survey" not in CliRunner().invoke(main, ["status"]).output


def test_what_was_found_and_chosen_for_their_songs_alone_is_gone_too(
    answer: Answer, run: Run, lake: Lake, spring: SurveyLake
) -> None:
    rows = classes.rows(6)
    rows[1][-2:] = ["Only mine", "Of the cellar"]
    for row in rows[1:3]:
        row[-4:-2] = ["Ours", "Of the attic"]
    answer(rows)
    run()
    keys = {one["track_name"]: one["song_key"] for one in spring.read(SONGS).to_pylist()}
    mine, ours = keys["Only mine"], keys["Ours"]
    found = [{"song_key": one, "place": 0, "asked_on": date(2026, 1, 1)} for one in (mine, ours)]
    spring.replace(FOUND, FOUND.from_rows(found))
    for key in (mine, ours):
        choose(spring, key, "none")
    run()
    assert command("forget", "spring", pseudonym_of(lake, Student(0)), "--yes").exit_code == 0
    assert spring.read(FOUND)["song_key"].to_pylist() == [ours]
    assert set(read_choices(spring)) == {ours}
