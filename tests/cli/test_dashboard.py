"""`playledger dashboard`: invitations, logins, and what stands in the way of serving."""

import re
import socket
import subprocess
import sys
from datetime import timedelta

import pytest
from click.testing import CliRunner, Result

from pipelines.cli.main import main
from pipelines.errors import SettingsError
from pipelines.ops.services import only_one
from pipelines.resources.dashboard_logins import DashboardLogins
from pipelines.settings import Settings
from tests.support.environment import Environment


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["dashboard", *arguments])


@pytest.fixture
def logins(environment: Environment) -> DashboardLogins:
    return DashboardLogins(Settings().dashboard)


def test_an_invitation_is_a_link_of_which_only_the_hash_is_kept(
    environment: Environment, logins: DashboardLogins
) -> None:
    result = run("invite", "nico", "--hours", "2")
    link, told = result.output.splitlines()
    found = re.fullmatch(r"http://127\.0\.0\.1:8501/auth/invite#([\w-]{43})", link)
    assert found
    assert told.startswith("It logs nico in once, until 20")
    for path in environment.folder.glob("dashboard.sqlite*"):
        assert found[1].encode() not in path.read_bytes()
    assert logins.accept(found[1]) == "nico"


def test_a_link_leads_to_the_address_that_people_use(environment: Environment) -> None:
    environment.set(DASHBOARD_URL="https://Music.Example:443/")
    assert run("invite", "nico").output.startswith("https://music.example/auth/invite#")


def test_a_link_leads_to_the_port_of_what_runs_here(environment: Environment) -> None:
    home = environment.dagster_home()
    with only_one(home) as (_, tell):
        assert run("invite", "nico").output.startswith("http://127.0.0.1:8501/"), "it is starting"
        tell({"lines": [], "ports": {"webserver": 3001, "dashboard": 8503}})
        assert run("invite", "nico").output.startswith("http://127.0.0.1:8503/auth/invite#")
        environment.set(DASHBOARD_URL="https://music.example")
        assert run("invite", "nico").output.startswith("https://music.example/auth/invite#")
    environment.unset("DASHBOARD_URL")
    assert run("invite", "nico").output.startswith("http://127.0.0.1:8501/"), "nothing runs here"


@pytest.mark.parametrize(
    "url",
    [
        *("music.example", "https://music.example/path", "https://a:b@music.example"),
        *("http://localhost:8501", "https://music.example?x", "http://127.0.0.1:99999"),
    ],
)
def test_an_address_that_cannot_be_right_is_one_line(url: str) -> None:
    with pytest.raises(SettingsError, match=r"^DASHBOARD_URL: "):
        _ = Settings({"DASHBOARD_URL": url}).dashboard_url


def test_nobody_else_can_be_invited(environment: Environment) -> None:
    result = run("invite", "otto")
    assert result.exit_code == 1
    assert "otto is not in" in result.output


def test_logins_are_shown_and_ended(logins: DashboardLogins) -> None:
    assert run("sessions").output == "Nobody is logged in.\n"
    token = logins.begin("nico", "Firefox")
    other = logins.begin("nico", "Phone")
    logins.begin("mira")
    logins.invite("mira", timedelta(hours=1))
    shown = run("sessions").output
    assert "Firefox" in shown
    assert "1 link was made and not used yet." in shown
    assert token not in shown
    login = logins.find(token)
    assert login
    assert run("sessions", "--end", login.name).output == "1 login ended.\n"
    assert logins.find(token) is None
    assert run("sessions", "nico", "--end", "all").output == "1 login ended.\n"
    assert logins.find(other) is None
    assert [one.listener for one in logins.all()] == ["mira"]
    assert run("sessions", "--end", "nothing").exit_code == 1


def test_a_browser_that_calls_itself_markup_is_shown_as_it_is(logins: DashboardLogins) -> None:
    logins.begin("nico", "x [/b] [red]y\x1b[2J")
    shown = run("sessions")
    assert shown.exit_code == 0, shown.output
    assert "[/b]" in shown.output
    assert "\x1b" not in shown.output


def test_the_command_line_starts_without_streamlit() -> None:
    script = "import sys, pipelines.cli.main; print('streamlit' in sys.modules)"
    command = [sys.executable, "-c", script]
    out = subprocess.run(command, capture_output=True, text=True, timeout=240)
    assert out.stdout == "False\n"


def test_without_the_extra_it_says_what_to_install(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "streamlit", None)
    result = run("--port", "0")
    assert result.exit_code == 1
    assert result.output == (
        "Error: the dashboard needs Streamlit, which is not installed: "
        "run `pip install 'playledger[dashboard]'`\n"
    )


def test_a_port_that_is_taken_is_one_line(environment: Environment) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        result = run("--port", str(holder.getsockname()[1]))
    assert result.exit_code == 1
    assert "Address already in use): choose another with --port" in result.output


def test_to_forget_a_listener_ends_their_logins_and_invitations(
    environment: Environment, logins: DashboardLogins
) -> None:
    token, stays = logins.begin("marlene", "Firefox"), logins.begin("nico")
    invitation = logins.invite("marlene", timedelta(hours=1))
    forget = ["forget", "marlene", "--without-dagster"]
    shown = CliRunner().invoke(main, forget, input="n\n")
    assert re.search(r"dashboard +│ logins +│ +2", shown.output), shown.output
    assert logins.find(token), "it asks first"
    assert CliRunner().invoke(main, [*forget, "--yes"]).exit_code == 0
    assert logins.find(token) is None
    assert logins.accept(invitation) is None
    assert logins.find(stays)
    for path in environment.folder.glob("dashboard.sqlite*"):
        assert b"marlene" not in path.read_bytes()
