"""Who has nothing but an export has a report after one command."""

import subprocess
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from click.testing import CliRunner, Result

from pipelines.cli.import_history import STAGES
from pipelines.cli.main import main
from pipelines.settings import parse_listeners
from tests.support.environment import Environment
from tests.support.export_files import EXTENDED, zipped
from tests.support.places import ROOT


@pytest.fixture
def folder(environment: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with an export in it and nothing else, on a machine that nobody set up."""
    (tmp_path / "listeners.toml").unlink()
    environment.unset("LISTENERS_FILE", "LAKE_URL", "SPOTIFY_CLIENT_ID", "SPOTIFY_CLIENT_SECRET")
    environment.set(TZ="Asia/Tokyo")
    made = tmp_path / "my music"
    made.mkdir()
    (made / "my_spotify_data.zip").write_bytes(zipped({EXTENDED.name: EXTENDED.read_bytes()}))
    monkeypatch.chdir(made)
    return made


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["import", "me", *arguments])


def report_in(shown: str) -> str:
    address = shown.splitlines()[-1]
    return Path(unquote(urlsplit(address).path)).read_text(encoding="utf-8")


def test_the_listener_is_made_and_the_last_line_is_the_report(folder: Path) -> None:
    done = run("my_spotify_data.zip")
    assert done.exit_code == 0, done.output
    [me] = parse_listeners((folder / "listeners.toml").read_text())
    assert (me.name, [zone.name for zone in me.zones]) == ("me", ["Asia/Tokyo"])
    assert "with me in the time zone Asia/Tokyo" in done.stdout
    assert "<html" in report_in(done.stdout)
    at = [done.stdout.index(stage) for stage in STAGES.values()]
    assert at == sorted(at)
    assert not (folder / ".env").exists()


def test_the_next_import_is_as_ever_and_ends_there_too_if_asked(folder: Path) -> None:
    run("my_spotify_data.zip", "--timezone", "berlin")
    assert "Europe/Berlin" in (folder / "listeners.toml").read_text()
    again = run("my_spotify_data.zip")
    assert "file://" not in again.stdout
    assert not any(stage in again.stdout for stage in STAGES.values())
    asked = run("my_spotify_data.zip", "--report")
    assert "<html" in report_in(asked.stdout)
    refused = run("my_spotify_data.zip", "--timezone", "Rome")
    assert refused.stderr.startswith("Error: --timezone is for a new listener; me's is in ")


def test_nothing_is_left_where_nothing_can_be_imported(folder: Path) -> None:
    (folder / "my_spotify_data.zip").write_bytes(b"PK\x03\x04")
    refused = run("my_spotify_data.zip")
    assert refused.exit_code == 1
    assert [path.name for path in folder.iterdir() if path.name != "lake"] == [
        "my_spotify_data.zip"
    ]


def test_names_of_files_are_no_markup(folder: Path) -> None:
    inside = {EXTENDED.name: EXTENDED.read_bytes(), "notes [/b].txt": b"x"}
    (folder / "my_spotify_data.zip").write_bytes(zipped(inside))
    done = run("my_spotify_data.zip")
    assert done.exit_code == 0, done.output
    assert "notes [/b].txt" in done.stdout


def test_what_is_stored_keeps_its_listener_when_the_import_is_cut_short(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("pipelines.cli.import_history.outcome_table", cut)
    assert run("my_spotify_data.zip").exit_code == 1
    [me] = parse_listeners((folder / "listeners.toml").read_text())
    assert me.name == "me"


def test_what_somebody_wrote_while_nothing_was_imported_stays(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = '[mira]\ntimezone = "UTC"\n'

    def cut(*_: object) -> None:
        (folder / "listeners.toml").write_text(theirs)
        raise KeyboardInterrupt

    monkeypatch.setattr("pipelines.cli.import_history.run_imports", cut)
    assert run("my_spotify_data.zip").exit_code == 1
    assert (folder / "listeners.toml").read_text() == theirs


def test_a_file_that_is_refused_beside_a_good_one_is_told_after_the_report(folder: Path) -> None:
    (folder / "bad.zip").write_bytes(b"PK\x03\x04")
    told = run("my_spotify_data.zip", "bad.zip")
    assert told.exit_code == 1
    assert "bad.zip" in told.stderr
    assert "<html" in report_in(told.stdout)
    assert (folder / "listeners.toml").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("me", "--timezone", "Berlni"), "--timezone: 'Berlni' is not a time zone; try Europe/Ber"),
        (("Me!",), "'Me!' is not a listener's name"),
    ],
)
def test_what_cannot_be_is_one_line(folder: Path, arguments: tuple[str, ...], said: str) -> None:
    name, *options = arguments
    told = CliRunner().invoke(main, ["import", name, "my_spotify_data.zip", *options])
    assert told.exit_code == 1
    [line] = told.stderr.splitlines()
    assert line.startswith(f"Error: {said}")
    assert not (folder / "listeners.toml").exists()


def test_another_listener_of_a_set_up_is_not_made_by_mistake(folder: Path) -> None:
    (folder / "listeners.toml").write_text('[mira]\ntimezone = "UTC"\n')
    told = run("my_spotify_data.zip")
    assert "me is not in listeners.toml (there is: mira)" in told.stderr


@pytest.mark.rare
def test_the_script_of_the_clone_runs_where_one_is(folder: Path) -> None:

    if not (ROOT / ".venv" / "dev").exists():
        pytest.skip("there is no environment of `make`")
    link = folder / "linked"
    link.symlink_to(ROOT / "playledger")
    done = subprocess.run(
        [str(link), "import", "me", "my_spotify_data.zip"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    assert (folder / "listeners.toml").exists()
    assert "<html" in report_in(done.stdout)
