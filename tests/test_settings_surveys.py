"""What `surveys.toml` may say, and that every wrong setting is named with its survey."""

from datetime import date
from pathlib import Path

import pytest

from pipelines.errors import SettingsError
from pipelines.settings import Settings, Survey, parse_surveys
from pipelines.settings.surveys import FEWEST, Sheet

HERE = Path("/somewhere")
ID = "1AbCdEfGhIjKlMnOpQrStUvWxYz0123456789"


def test_a_file_is_all_that_a_survey_needs() -> None:
    [survey] = parse_surveys('[music]\nfile = "answers.csv"', HERE)
    assert survey == Survey("music", "music", HERE / "answers.csv")
    assert survey.k == FEWEST == 5


def test_all_settings_are_read() -> None:
    [survey] = parse_surveys(
        f"""
        [music_2026]
        title = "Our music"
        sheet = {{ id = "{ID}", range = "Antworten!A:Z" }}
        k = 10
        timezone = "Europe/Berlin"
        rows = "songs"
        dates = "day first"
        keep_until = 2027-01-31
        search_as = "nico"
        [music_2026.columns]
        song = ["Track of my life", "Hit"]
        may_be_matched = "Twin?"
        [music_2026.majors]
        "Computer science" = ["CS", "Informatik"]
        """,
        HERE,
    )
    assert survey == Survey(
        name="music_2026",
        title="Our music",
        source=Sheet(ID, "Antworten!A:Z"),
        columns={"song": ("Track of my life", "Hit"), "may_be_matched": ("Twin?",)},
        majors={"Computer science": ("CS", "Informatik")},
        k=10,
        timezone="Europe/Berlin",
        rows="songs",
        day_first=True,
        keep_until=date(2027, 1, 31),
        search_as="nico",
    )


@pytest.mark.parametrize(
    "written",
    [
        f'sheet = "{ID}"',
        f'sheet = "https://docs.google.com/spreadsheets/d/{ID}/edit?gid=1#gid=1"',
        f'sheet = {{ id = "https://docs.google.com/spreadsheets/u/0/d/{ID}/edit" }}',
    ],
)
def test_a_sheet_may_be_its_address_and_then_all_of_its_first_tab_counts(written: str) -> None:
    [survey] = parse_surveys(f"[music]\n{written}", HERE)
    assert survey.source == Sheet(ID, "A:ZZ")


@pytest.mark.parametrize(
    ("written", "named"),
    [
        ("file = 3", "music.file"),
        ('file = " "', "music.file"),
        ('file = "~nobody_of_this_name/x.csv"', "music.file"),
        ("title = 'x'", "music: write where its answers are"),
        (f'file = "x"\nsheet = "{ID}"', "music: write where its answers are"),
        ('sheet = "no id"', "music.sheet.id"),
        ("sheet = 5", "music.sheet"),
        ('sheet = { range = "A:Z" }', "music.sheet"),
        (f'sheet = {{ id = "{ID}", tab = "A" }}', "music.sheet: 'tab'"),
        (f'sheet = {{ id = "{ID}", range = 7 }}', "music.sheet.range"),
        ('file = "x"\ntitle = ""', "music.title"),
        ('file = "x"\nk = 4', "music.k: 4 people are too few"),
        ('file = "x"\nk = 1', "music.k: 1 people"),
        ('file = "x"\nk = 0', "music.k"),
        ('file = "x"\nk = -5', "music.k"),
        ('file = "x"\nk = true', "music.k"),
        ('file = "x"\nk = 5.5', "music.k"),
        ('file = "x"\nk = "7"', "music.k"),
        ('file = "x"\ntimezone = "Berlin"', "music.timezone"),
        ('file = "x"\nrows = "people"', "music.rows"),
        ('file = "x"\ndates = "american"', "music.dates"),
        ('file = "x"\nkeep_until = "2027-01-31"', "music.keep_until"),
        ('file = "x"\nkeep_until = 2027-01-31T00:00:00', "music.keep_until"),
        ('file = "x"\nsearch_as = "No Such"', "music.search_as"),
        ('file = "x"\ncolour = "red"', "music: 'colour'"),
        ('file = "x"\ncolumns = "song"', "music.columns"),
        ('file = "x"\n[music.columns]\nfavourite = "Song"', "music.columns.favourite"),
        ('file = "x"\n[music.columns]\nsong = []', "music.columns.song"),
        ('file = "x"\n[music.columns]\nsong = [3]', "music.columns.song"),
        ('file = "x"\n[music.columns]\nsong = "S"\nartist = "s"', "song and under artist"),
        ('file = "x"\n[music.majors]\nLaw = "L"\nLiterature = "l"', "Law and under Literature"),
    ],
)
def test_a_wrong_setting_is_one_line_that_names_it_and_its_survey(written: str, named: str) -> None:
    with pytest.raises(SettingsError) as problem:
        parse_surveys(f"[fine]\nfile = 'y'\n[music]\n{written}", HERE)
    assert named in str(problem.value)
    assert "music" in str(problem.value)
    assert "\n" not in str(problem.value)


@pytest.mark.parametrize("text", ["[Music]\nfile='x'", '["../up"]\nfile="x"', "music = 3"])
def test_a_name_that_no_folder_should_have_is_refused(text: str) -> None:
    with pytest.raises(SettingsError):
        parse_surveys(text, HERE)


def test_paths_begin_where_the_file_is(tmp_path: Path) -> None:
    (tmp_path / "surveys.toml").write_text("[music]\nfile = 'forms'\n")
    settings = Settings.of({"SURVEYS_FILE": str(tmp_path / "surveys.toml")})
    assert settings.survey("music").source == tmp_path / "forms"


def test_without_the_default_file_there_is_no_survey(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert Settings.of({}).surveys == ()
    with pytest.raises(SettingsError, match="there is: none"):
        Settings.of({}).survey("music")
    with pytest.raises(SettingsError, match="is not a survey's name"):
        Settings.of({}).survey("../music")
    with pytest.raises(SettingsError, match=r"SURVEYS_FILE: there is no file"):
        _ = Settings.of({"SURVEYS_FILE": "none.toml"}).surveys


@pytest.mark.parametrize("text", ["[music", "[music]\nk = 2\nfile = 'x'"])
def test_a_file_that_is_wrong_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "surveys.toml"
    path.write_text(text)
    with pytest.raises(SettingsError, match=r"surveys\.toml: "):
        _ = Settings.of({"SURVEYS_FILE": str(path)}).surveys
