"""`playledger init`: what it asks, what it writes, and that it writes all or nothing."""

import os
import stat
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pipelines.cli.main import main
from pipelines.resources.spotify.token_store import TokenFile
from pipelines.settings import Settings, parse_listeners
from pipelines.settings.environment_file import parse_environment_file
from pipelines.settings.time_zone import zone_named, zone_of_machine, zones_like
from pipelines.settings.writing import with_listener
from sandbox import Sandbox
from testing.servers import free_ports
from tests.cli.test_login import BROWSER
from tests.support.environment import Environment
from tests.support.places import ROOT
from tests.support.terminal import terminal

ID = "0123456789abcdef0123456789abcdef"
SECRET = "fedcba9876543210fedcba9876543210"


@pytest.fixture
def folder(environment: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with a space in its name, and nobody set up in it."""
    environment.unset("SPOTIFY_CLIENT_ID", "SPOTIFY_CLIENT_SECRET", "LISTENERS_FILE", "ENV_FILE")
    environment.set(TZ="Europe/Lisbon")
    made = tmp_path / "my music"
    made.mkdir()
    monkeypatch.chdir(made)
    return made


@pytest.fixture(autouse=True)
def _as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a command takes from `.env` into this process is taken away again."""
    for name in ("SPOTIFY_CLIENT_ID", "SPOTIFY_CLIENT_SECRET"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


def init(*arguments: str, typed: str = "") -> Result:
    return CliRunner().invoke(main, ["init", *arguments], input=typed)


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_with_options_it_asks_nothing_and_writes_both_files(folder: Path) -> None:
    done = init("nico", "--yes", "--no-login", "--client-id", ID, "--client-secret", SECRET)
    assert done.exit_code == 0, done.output
    assert files(folder) == {"listeners.toml", ".env"}
    [nico] = parse_listeners((folder / "listeners.toml").read_text())
    assert (nico.name, nico.display_name) == ("nico", "Nico")
    assert [zone.name for zone in nico.zones] == ["Europe/Lisbon"]
    found = parse_environment_file((folder / ".env").read_text())
    assert found == {"SPOTIFY_CLIENT_ID": ID, "SPOTIFY_CLIENT_SECRET": SECRET}
    assert mode(folder / ".env") == 0o600
    assert "Europe/Lisbon" in done.stdout
    assert "playledger login nico\n  playledger up" in done.stdout
    assert SECRET not in done.output


def test_what_comes_next_can_be_copied_where_only_the_script_of_a_clone_is(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "PLAYLEDGER_CALLED=$0 exec" in (ROOT / "playledger").read_text()
    monkeypatch.setenv("PLAYLEDGER_CALLED", "./playledger")
    done = init("nico", "--yes", "--no-login", "--client-id", ID)
    assert "  ./playledger login nico\n  ./playledger up\n" in done.stdout
    assert "  ./playledger import nico my_spotify_data.zip" in done.stdout


def test_what_is_there_is_added_to_and_never_overwritten(folder: Path) -> None:
    listeners, env = "# ours\n[mira]   # her\ntimezone='UTC'", "# mine\nLOG_FORMAT=json"
    (folder / "listeners.toml").write_text(listeners)
    (folder / ".env").write_text(env)
    (folder / ".env").chmod(0o644)
    options = ("--yes", "--no-login", "--client-id", ID, "--timezone", "tokyo")
    done = init("nico", *options, "--display-name", 'N "i" \\ ü')
    assert done.exit_code == 0, done.output
    told = (folder / "listeners.toml").read_text()
    assert told.startswith(listeners + "\n\n[nico]\n")
    assert [one.display_name for one in parse_listeners(told)] == ["mira", 'N "i" \\ ü']
    assert (folder / ".env").read_text() == f"{env}\nSPOTIFY_CLIENT_ID={ID}\n"
    assert mode(folder / ".env") == 0o600, "a secret may follow"


def while_logging_in(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Let somebody else write listeners.toml while the login is under way."""

    def login(*_: object, **__: object) -> bool:
        Path("listeners.toml").write_text(text)
        return False

    monkeypatch.setattr("pipelines.cli.init._login", login)


def test_what_others_write_during_the_login_stays(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "listeners.toml").write_text('[mira]\ntimezone = "UTC"\n')
    changed = '[mira]\nexclude = ["party"]\ntimezone = "UTC"\n[otto]\ntimezone = "UTC"\n'
    while_logging_in(monkeypatch, changed)
    done = init("nico", "--yes", "--no-login", "--client-id", ID)
    assert done.exit_code == 0, done.output
    told = (folder / "listeners.toml").read_text()
    assert told.startswith(changed)
    assert [one.name for one in parse_listeners(told)] == ["mira", "otto", "nico"]


def test_a_listener_whom_others_added_during_the_login_is_not_added_twice(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = '[nico]\ntimezone = "Asia/Tokyo"\n'
    while_logging_in(monkeypatch, theirs)
    done = init("nico", "--yes", "--no-login", "--client-id", ID)
    assert done.exit_code == 1
    assert "nico was added to listeners.toml by somebody else" in done.stderr
    assert (folder / "listeners.toml").read_text() == theirs
    assert files(folder) == {"listeners.toml"}


def test_what_is_written_in_the_last_moment_is_not_overwritten(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = '[mira]\ntimezone = "UTC"\n'

    def made(text: str, *told: str) -> str:
        (folder / "listeners.toml").write_text(theirs)
        return with_listener(text, *told)

    while_logging_in(monkeypatch, "")
    monkeypatch.setattr("pipelines.cli.init.with_listener", made)
    done = init("nico", "--yes", "--no-login", "--client-id", ID)
    assert done.exit_code == 1
    assert "listeners.toml has just been changed by somebody else" in done.stderr
    assert (folder / "listeners.toml").read_text() == theirs
    assert files(folder) == {"listeners.toml"}


def test_it_can_be_run_again_and_changes_nothing(folder: Path) -> None:
    init("nico", "--yes", "--no-login", "--client-id", ID)
    before = {path: path.read_bytes() for path in folder.iterdir()}
    again = init("nico", "--yes", "--no-login", "--client-id", ID, "--timezone", "Europe/Lisbon")
    assert again.exit_code == 0, again.output
    assert "nico is in listeners.toml already" in again.stdout
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            ("nico", "--timezone", "UTC"),
            "in listeners.toml already, with another time zone",
        ),
        (("nico", "--display-name", "N"), "in listeners.toml already, with another name"),
        (("mira", "--client-id", ID[::-1]), ".env sets SPOTIFY_CLIENT_ID to something else"),
        (("mira", "--timezone", "Berlni"), "'Berlni' is not a time zone: did you mean Europe/Ber"),
        (("Mira",), "'Mira' is not a listener's name"),
        (("mira", "--display-name", "x" * 61), "is not a text of one line, up to 60"),
    ],
)
def test_what_contradicts_is_refused_in_one_line(
    folder: Path, options: tuple[str, ...], said: str
) -> None:
    init("nico", "--yes", "--no-login", "--client-id", ID)
    before = {path: path.read_bytes() for path in folder.iterdir()}
    refused = init(*options, "--yes", "--no-login")
    assert refused.exit_code == 1
    [line] = refused.stderr.splitlines()
    assert line.startswith("Error: ")
    assert said in line
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_a_client_id_that_is_none_is_refused(folder: Path) -> None:
    refused = init("nico", "--yes", "--no-login", "--client-id", "my app")
    assert "it is not 32 letters and digits" in refused.stderr
    assert files(folder) == set()


def test_a_zone_that_cannot_be_guessed_has_to_be_said(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "localtime").write_bytes(b"TZif2")
    assert zone_of_machine("", tmp_path) is None, "a copy has no name"
    assert zone_of_machine("CET-1CEST", tmp_path) is None
    assert zone_of_machine(":Europe/Rome", tmp_path) == "Europe/Rome"
    (tmp_path / "localtime").unlink()
    (tmp_path / "localtime").symlink_to("/usr/share/zoneinfo/Asia/Tokyo")
    assert zone_of_machine("", tmp_path) == "Asia/Tokyo"
    (tmp_path / "timezone").write_text("America/Lima\n")
    assert zone_of_machine("", tmp_path) == "America/Lima"


@pytest.mark.parametrize(
    ("typed", "zone"),
    [
        ("europe/berlin", "Europe/Berlin"),
        (" Berlin ", "Europe/Berlin"),
        ("new york", "America/New_York"),
        ("utc", "UTC"),
        ("localtime", None),
        ("", None),
        ("Berlni", None),
    ],
)
def test_a_city_is_a_zone(typed: str, zone: str | None) -> None:
    assert zone_named(typed) == zone


def test_a_misspelt_zone_has_neighbours() -> None:
    assert "Europe/Berlin" in zones_like("Berlni")
    assert zones_like("qqqqqq") == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_one_line(folder: Path) -> None:
    folder.chmod(0o500)
    refused = init("nico", "--yes", "--no-login")
    folder.chmod(0o700)
    assert refused.exit_code == 1
    assert "nothing can be written here (Permission denied)" in refused.stderr


def test_a_file_that_is_wrong_is_named_before_anything_is_asked(folder: Path) -> None:
    (folder / "listeners.toml").write_text("[nico\n")
    refused = init()
    assert refused.exit_code == 1
    assert refused.stderr.startswith("Error: listeners.toml: ")
    assert refused.stdout == ""


def test_whoever_stops_half_way_leaves_the_folder_as_it_was(folder: Path) -> None:
    stopped = init(typed="nico\nNico\n")
    assert stopped.exit_code == 1
    assert stopped.stderr.endswith("Nothing was written.\n")
    assert files(folder) == set()


def test_who_only_has_an_export_needs_no_app(folder: Path) -> None:
    done = init(typed="nico\nNico\nberlin\n\n")
    assert done.exit_code == 0, done.output
    assert files(folder) == {"listeners.toml"}
    assert "playledger import nico my_spotify_data.zip" in done.stdout
    assert "playledger up" not in done.stdout
    assert "Not http://localhost:8888/callback: Spotify refuses" in done.stdout


COMMAND = (sys.executable, "-m", "pipelines.cli.main", "init")


def test_an_unknown_app_is_said_before_a_login_is_waited_for(
    environment: Environment, folder: Path, sandbox: Sandbox
) -> None:
    environment.unset("SPOTIFY_CLIENT_ID", "SPOTIFY_CLIENT_SECRET")
    refused = init("nico", "--yes", "--client-id", ID)
    assert refused.exit_code == 1
    assert "Spotify does not know an app with this client id: copy it once more" in refused.output
    assert files(folder) == set()


@pytest.mark.rare
@pytest.mark.timeout(600)
def test_a_person_is_asked_and_logged_in(
    environment: Environment, folder: Path, sandbox: Sandbox, tmp_path: Path
) -> None:
    environment.unset("SPOTIFY_CLIENT_ID", "SPOTIFY_CLIENT_SECRET", "SPOTIFY_REFRESH_TOKEN_NICO")
    browser = tmp_path / "browser.py"
    browser.write_text(BROWSER)
    environment.set(BROWSER=f"{sys.executable} {browser} %s", VISITED=str(tmp_path / "visited"))
    [port] = free_ports(1)
    with terminal([*COMMAND, "--port", str(port)], folder) as person:
        person.answers(
            ("Name [", "nico"),
            ("Shown as [Nico]", "Nico B."),
            ("Time zone [Europe/Lisbon]", "berlin"),
            (f"http://127.0.0.1:{port}/callback", ""),
        )
        assert "It has 0" not in person.shown, "Enter was before the question and is no answer"
        assert person.ends() == 0
    assert files(folder) == {"listeners.toml"}
    with terminal([*COMMAND, "mira", "--port", str(port)], folder) as person:
        person.answers(
            ("Shown as [Mira]", ""),
            ("Time zone [Europe/Lisbon]", ""),
            ("Client id: ", "too short"),
            ("a client id is 32 letters and digits", ID),
            ("Client secret: ", ""),
            ("does not know an app with this client id", sandbox.client_id),
            ("Client secret: ", sandbox.client_secret),
            ("Log in to Spotify now? [Y/n]", ""),
        )
        person.sees("mira is logged in for six months.")
        assert person.ends() == 0
        assert sandbox.client_secret not in person.shown
    assert TokenFile(Settings().tokens_dir, "mira").read() is not None
    found = parse_environment_file((folder / ".env").read_text())
    assert found["SPOTIFY_CLIENT_SECRET"] == sandbox.client_secret
    assert [one.name for one in parse_listeners((folder / "listeners.toml").read_text())] == [
        "nico",
        "mira",
    ]


@pytest.mark.rare
def test_ctrl_c_at_a_question_writes_nothing(folder: Path) -> None:
    with terminal(COMMAND, folder) as person:
        person.answers(("Name [", "nico"), ("Shown as [", ""))
        person.sees("Time zone [")
        person.interrupts_until("Nothing was written.")
        assert person.ends() == 1
    assert files(folder) == set()


@pytest.mark.rare
@pytest.mark.timeout(600)
def test_a_login_that_fails_may_be_made_up_for_later(
    environment: Environment, folder: Path, sandbox: Sandbox, tmp_path: Path
) -> None:
    environment.unset("SPOTIFY_CLIENT_ID", "SPOTIFY_CLIENT_SECRET", "SPOTIFY_REFRESH_TOKEN_NICO")
    sandbox.faults.add("deny", "authorize")
    browser = tmp_path / "browser.py"
    browser.write_text(BROWSER)
    environment.set(BROWSER=f"{sys.executable} {browser} %s", VISITED=str(tmp_path / "visited"))
    [port] = free_ports(1)
    options = ("nico", "--port", str(port), "--client-id", sandbox.client_id)
    with terminal([*COMMAND, *options], folder) as person:
        person.answers(
            ("Shown as [", ""),
            ("Time zone [", ""),
            ("Client secret: ", ""),
            ("Log in to Spotify now?", "y"),
            ("The login failed: consent was not given: access_denied", ""),
        )
        assert person.ends() == 0
        assert "playledger login nico" in person.shown
    assert files(folder) == {"listeners.toml", ".env"}
    sandbox.faults.add("deny", "authorize")
    again = folder.parent / "second"
    again.mkdir()
    failed = terminal([*COMMAND, *options, "--yes"], again)
    with failed as nobody:
        assert nobody.ends() == 1
        assert "Error: consent was not given: access_denied" in nobody.shown
    assert files(again) == set(), "who is not asked finds nothing half done"
