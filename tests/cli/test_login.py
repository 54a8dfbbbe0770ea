"""`playledger login`, as a person runs it: a real process, a browser, and the sandbox's consent."""

import os
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests

from pipelines.resources.lake.lakes import Lake
from pipelines.resources.spotify.lockouts import Lockouts
from pipelines.resources.spotify.token_store import TokenFile
from pipelines.settings import Settings
from sandbox import Sandbox
from testing.servers import free_ports
from tests.support.asking import Collector, asked, tell
from tests.support.environment import Environment

BROWSER = """
import os, pathlib, sys, urllib.request

address = sys.argv[1]
if os.environ.get("TAMPER"):
    address = address.replace("state=", "state=x")
with urllib.request.urlopen(address) as page:
    pathlib.Path(os.environ["VISITED"]).write_text(page.geturl())
"""


@pytest.fixture
def port() -> int:
    return free_ports(1)[0]


@pytest.fixture
def visited(tmp_path: Path) -> Path:
    return tmp_path / "visited"


@pytest.fixture(autouse=True)
def visits(
    environment: Environment,
    sandbox: Sandbox,
    tmp_path: Path,
    visited: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    environment.listeners("nico", "mira")
    script = tmp_path / "browser.py"
    script.write_text(BROWSER)
    monkeypatch.setenv("BROWSER", f"{sys.executable} {script} %s")
    monkeypatch.setenv("VISITED", str(visited))
    monkeypatch.delenv("SPOTIFY_REFRESH_TOKEN_NICO")


def start(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "pipelines.cli.main", "login", *arguments],
        env=dict(os.environ),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def log_in(*arguments: str) -> tuple[int, str, str]:
    """Exit status, output and error output of a login that a browser answers."""
    process = start("nico", *arguments)
    out, error = process.communicate(timeout=240)
    return process.returncode, out, error


def assert_refused(told: tuple[int, str, str], line: str, file: TokenFile) -> None:
    status, out, error = told
    assert status == 1
    assert error.startswith(f"Error: {line}")
    assert error.count("\n") == 1, "one line"
    assert "Traceback" not in out
    assert file.read() is None


def test_a_login_names_settings_that_are_wrong_and_goes_on(
    port: int, token_file: TokenFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CATALOGUE_READS_PER_DAY", "many")
    status, out, error = log_in("--port", str(port))
    assert (status, error) == (0, "")
    assert out.startswith("CATALOGUE_READS_PER_DAY: 'many' is not a number from 0 to 10,000\n")
    assert token_file.read()


@pytest.mark.parametrize("secret", [True, False], ids=["secret", "pkce"])
def test_a_browser_brings_the_login(  # noqa: PLR0917 fixtures
    secret: bool,
    port: int,
    visited: Path,
    token_file: TokenFile,
    sandbox: Sandbox,
    collect_for: Collector,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if not secret:
        monkeypatch.delenv("SPOTIFY_CLIENT_SECRET")
    before = datetime.now(UTC)
    status, out, error = log_in("--port", str(port))
    assert (status, error) == (0, "")
    assert "nico is logged in" in out
    token = token_file.read()
    assert token
    assert token.refresh_token == sandbox.refresh_token("nico")
    assert token.authorized_at
    assert before <= token.authorized_at <= datetime.now(UTC)
    assert stat.S_IMODE(token_file.path.stat().st_mode) == 0o600
    code = visited.read_text().partition("code=")[2].partition("&")[0]
    assert len(code) > 20
    for hidden in (code, *token.secrets, sandbox.client_secret):
        assert hidden not in out + error
    sandbox.requests.clear()
    assert collect_for("recently_played").success
    assert "POST /api/token" not in asked(sandbox), "the token of the login is used"


@pytest.mark.timeout(600)
def test_a_login_that_may_write_is_a_second_one(
    port: int, token_file: TokenFile, sandbox: Sandbox, visited: Path
) -> None:
    assert log_in("--port", str(port))[0] == 0
    reading = token_file.path.read_bytes()
    status, out, error = log_in("--port", str(port), "--write")
    assert (status, error) == (0, "")
    assert "let Playledger make playlists in nico's account" in out
    assert token_file.path.read_bytes() == reading
    file = TokenFile(token_file.path.parent, "nico", "write")
    token = file.read()
    assert token
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert set(token.scope.split()) == {
        "playlist-modify-private",
        "playlist-modify-public",
        "playlist-read-private",
        "user-read-private",
    }
    code = visited.read_text().partition("code=")[2].partition("&")[0]
    for hidden in (code, *token.secrets, sandbox.client_secret):
        assert hidden not in out + error
    first = token_file.read()
    assert first
    assert "modify" not in first.scope


def test_without_a_browser_the_redirect_is_pasted(
    port: int, token_file: TokenFile, sandbox: Sandbox
) -> None:
    process = start("nico", "--port", str(port), "--no-browser")
    assert process.stdout
    address = next(line for line in process.stdout if line.startswith("http")).strip()
    redirect = requests.get(address, allow_redirects=False, timeout=60).headers["Location"]
    assert redirect.startswith(f"http://127.0.0.1:{port}/callback?code=")
    out, error = process.communicate(f"  {redirect}\n", timeout=240)
    assert (process.returncode, error) == (0, "")
    token = token_file.read()
    assert token
    assert token.refresh_token == sandbox.refresh_token("nico")
    assert redirect.partition("code=")[2][:40] not in out


@pytest.mark.parametrize(
    "pasted",
    ["", "http://127.0.0.1/callback?code=AQ1&state=é"],
)
def test_a_redirect_that_answers_something_else_is_refused(
    pasted: str, port: int, token_file: TokenFile, sandbox: Sandbox
) -> None:
    process = start("nico", "--port", str(port), "--no-browser")
    tell(process, pasted)
    out, error = process.communicate(timeout=240)
    assert process.returncode == 1
    assert "Traceback" not in error
    assert "AQ1" not in out + error
    if pasted:
        line = "Error: the answer does not belong to this login (state): start again\n"
        assert error.endswith(line)
    assert token_file.read() is None
    assert "POST /api/token" not in asked(sandbox)


def test_a_browser_with_the_wrong_state_is_refused(
    port: int, token_file: TokenFile, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAMPER", "1")
    line = "the answer does not belong to this login (state): start again"
    assert_refused(log_in("--port", str(port)), line, token_file)
    assert "POST /api/token" not in asked(sandbox)


def test_denied_consent_is_one_line(port: int, token_file: TokenFile, sandbox: Sandbox) -> None:
    sandbox.faults.add("deny", "authorize")
    line = "consent was not given: access_denied"
    assert_refused(log_in("--port", str(port)), line, token_file)


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        yield holder.getsockname()[1]


def test_a_port_that_is_taken_is_one_line(taken: int, token_file: TokenFile) -> None:
    line = f"port {taken} is not free (Address already in use): choose another with --port"
    assert_refused(log_in("--port", str(taken)), line, token_file)


def test_a_wrong_secret_is_one_line(
    port: int, token_file: TokenFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPOTIFY_CLIENT_SECRET", "not-the-secret")
    told = log_in("--port", str(port))
    assert_refused(told, "Spotify issued no token: invalid_client: check SPOTIFY_CLI", token_file)
    assert "not-the-secret" not in told[1] + told[2]


@pytest.mark.parametrize(
    "fault",
    [
        {"what": "status", "code": 200, "body": {"access_token": "BQ-half"}},
        {"what": "status", "code": 400, "body": {"error": "code AQ-echo is used up"}},
    ],
    ids=["half a token", "echo"],
)
def test_an_answer_that_is_no_token_is_one_line(
    fault: dict[str, object], port: int, token_file: TokenFile, sandbox: Sandbox
) -> None:
    sandbox.faults.add(where="token", **fault)  # type: ignore[arg-type]
    told = log_in("--port", str(port))
    assert_refused(told, "Spotify issued no token: ", token_file)
    assert "AQ-echo" not in told[1] + told[2]
    assert "BQ-half" not in told[1] + told[2]


def test_a_token_service_that_is_down_is_one_line_and_blames_no_setting(
    port: int, token_file: TokenFile, sandbox: Sandbox
) -> None:
    sandbox.faults.add("status", "token", code=503)
    line = "Spotify issued no token: it answered 503: try again\n"
    assert_refused(log_in("--port", str(port)), line, token_file)


def test_a_lockout_holds_for_a_login_too(
    port: int, token_file: TokenFile, sandbox: Sandbox, lake: Lake
) -> None:
    until = datetime.now(UTC) + timedelta(hours=1)
    Lockouts(lake, sandbox.client_id, Settings().tokens_dir).lock("profile", until, "429")
    line = "Spotify refuses requests until "
    assert_refused(log_in("--port", str(port)), line, token_file)
    assert asked(sandbox) == []


def test_an_unknown_listener_is_one_line(token_file: TokenFile) -> None:
    process = start("nobody")
    _, error = process.communicate(timeout=240)
    assert process.returncode == 1
    assert error.startswith("Error: nobody is not in ")
