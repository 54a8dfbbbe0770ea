"""`playledger survey` as whoever runs a survey meets it: what it shows, and what it never shows."""

from collections.abc import Sequence

import pytest
from click.testing import CliRunner, Result
from pyarrow import csv

from pipelines.cli.main import main
from pipelines.ingest import reference_files
from pipelines.listening.schema.survey_tables import GROUP_PROFILE, PUBLISHED, RESPONSES
from pipelines.listening.survey.refusals import NOBODY
from pipelines.resources.lake.lakes import Lake
from pipelines.settings import Settings
from pipelines.surveys.keys import KeyFile
from tests.support.environment import Environment
from tests.support.reference_rows import FEATURES
from tests.surveys import classes
from tests.surveys.classes import Student


def command(*words: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(main, ["survey", *words], input=typed)


def lines(result: Result) -> str:
    return " ".join(result.output.split())


@pytest.fixture
def sheet(environment: Environment, lake: Lake) -> Sequence[Sequence[object]]:
    """The answers of twelve, in a file that a survey names."""
    environment.surveys('[spring]\ntitle = "Our songs"\nfile = "answers.csv"\n')
    rows = classes.rows(12)
    classes.write(environment.folder / "answers.csv", rows)
    reference_files.add(FEATURES / "tracks.parquet", lake)
    return rows


def test_a_run_shows_tables_what_was_refused_and_where_the_page_is(
    sheet: Sequence[Sequence[object]], environment: Environment
) -> None:
    rows = [*sheet, classes.answer(Student(40), email="", your="")]
    classes.write(environment.folder / "answers.csv", rows)
    first = command("run", "spring")
    assert first.exit_code == 0, first.output
    assert "kept/responses.parquet" in first.output
    assert "published/group_profile.parquet" in first.output
    assert f"refused: {NOBODY}: 1" in lines(first)
    page = environment.lake / "surveys/spring/page/index.html"
    assert str(page) in first.output
    assert page.exists()
    assert "nothing has changed" in command("run", "spring").output


def test_a_run_says_how_many_songs_are_known_and_what_is_lacking(sheet: object, lake: Lake) -> None:
    first = lines(command("run", "spring"))
    assert f"12 people named {12 * classes.SONGS} songs. The track is known of 100%" in first
    assert "playledger reference add" not in first
    lake.store.delete("reference/")
    again = lines(command("run", "spring"))
    assert "audio features of 0%" in again
    assert "playledger reference add FILE" in again


def test_the_list_names_surveys_and_nobody(sheet: object) -> None:
    assert "answers.csv" in command("list").output
    command("run", "spring")
    shown = command("list")
    assert "12" in shown.output
    assert classes.traces({"screen": shown.output.encode()}) == {}


def test_without_surveys_the_list_says_where_to_begin(environment: Environment) -> None:
    environment.surveys("")
    assert "docs/surveys.md" in command("list").output


def test_a_code_is_told_to_whoever_knows_the_mail_which_is_not_shown(sheet: object) -> None:
    command("run", "spring")
    shown = command("code", "spring", typed=f"{Student(3).mail.upper()}\n")
    assert shown.exit_code == 0, shown.output
    key = KeyFile(Settings().survey_keys_dir, "spring").read()
    assert key
    pseudonym = key.pseudonym(Student(3).mail)
    assert f"code: {key.code(pseudonym)}" in shown.output
    assert f"pseudonym: {pseudonym}" in shown.output
    assert classes.traces({"screen": shown.output.encode()}) == {}
    nobody = command("code", "spring", typed="x.zwiebruck@example.org\n")
    assert nobody.exit_code == 1
    assert classes.traces({"screen": nobody.output.encode()}) == {}


def test_what_is_published_is_exported_as_csv_and_nothing_of_a_person(
    sheet: object, environment: Environment, lake: Lake
) -> None:
    folder = environment.folder / "exported"
    nothing = command("export", "spring", "--to", str(folder))
    assert nothing.exit_code == 1
    assert "playledger survey run spring" in lines(nothing)
    command("run", "spring")
    exported = command("export", "spring", "--to", str(folder))
    assert exported.exit_code == 0, exported.output
    names = {f"{table.name}.csv" for table in PUBLISHED}
    assert {file.name for file in folder.iterdir()} == {*names, "README.md"}
    for table in PUBLISHED:
        rows = csv.read_csv(folder / f"{table.name}.csv")
        assert rows.column_names == table.schema.names
        assert len(rows) == len(lake.survey("spring").read(table))
    profile = csv.read_csv(folder / f"{GROUP_PROFILE.name}.csv")
    assert len(profile)
    assert min(filter(None, profile["people"].to_pylist())) >= 5
    written = {file.name: file.read_bytes() for file in folder.iterdir()}
    assert classes.traces(written) == {}
    for pseudonym in lake.survey("spring").read(RESPONSES)["pseudonym"].to_pylist():
        assert pseudonym.encode() not in b"".join(written.values())
    again = command("export", "spring", "--to", str(folder))
    assert again.exit_code == 1
    assert "is not empty" in lines(again)


def test_a_survey_that_is_not_there_is_one_line(sheet: object) -> None:
    for words in (
        ["run", "autumn"],
        ["code", "autumn"],
        ["matches", "autumn"],
        ["export", "autumn", "--to", "autumn"],
    ):
        result = command(*words, typed="a\n")
        assert result.exit_code == 1
        assert "autumn is not in" in result.output
        assert result.output.count("Error: ") == 1
