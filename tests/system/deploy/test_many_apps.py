"""Several Spotify apps in one deployment: a code location each, one daemon, one webserver."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from pipelines.cli.main import main
from pipelines.ops.services import is_taken
from sandbox import Sandbox
from testing.pipeline import today
from testing.servers import free_ports
from tests.support.dagster_processes import BIN, Webserver, started, until
from tests.support.environment import Environment
from tests.system.deploy.deployment import DEPLOY, SERVICES

pytestmark = [pytest.mark.rare, pytest.mark.waits]

MANY = yaml.safe_load((DEPLOY / "compose.many.yaml").read_text())["services"]
LOCATIONS = "{workspaceOrError {... on Workspace {locationEntries {name loadStatus}}}}"
LISTENERS = "[nico]\n[mira]\napp = 'second'\n"


def two_free_ports() -> int:
    """The first of two ports in a row that nobody had a moment ago."""
    while True:
        with socket.socket() as one, socket.socket() as other:
            one.bind(("127.0.0.1", 0))
            first: int = one.getsockname()[1]
            with suppress(OSError, OverflowError):  # taken, or none at all
                other.bind(("127.0.0.1", first + 1))
                return first


@contextmanager
def code(environment: Environment, home: Path) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """The code servers, by the command of compose.many.yaml, and the workspace that tells them."""
    environment.set(PYTHONWARNINGS="ignore", DAGSTER_HOME=str(home))
    first = two_free_ports()
    python, *rest = MANY["code"]["command"]
    here = {"0.0.0.0": "127.0.0.1", "4000": str(first)}  # noqa: S104 not to be bound here
    command = [sys.executable, *(here.get(word, word) for word in rest)]
    assert python == "python"
    told = CliRunner().invoke(main, ["workspace", "--host", "127.0.0.1", "--port", str(first)])
    (home / "workspace.yaml").write_text(told.stdout)
    with started(command, home / "code.log", {**os.environ, **environment.variables}) as process:
        until(lambda: is_taken(first) or process.poll() is not None, "all code servers")
        assert process.poll() is None, (home / "code.log").read_text()
        assert is_taken(first + 1), "the first one is ready last"
        yield process, home / "workspace.yaml"


@pytest.fixture
def home(environment: Environment) -> Path:
    (environment.folder / "listeners.toml").write_text(LISTENERS)
    return environment.dagster_home()


@pytest.mark.timeout(600)
def test_a_listener_of_a_further_app_is_polled_in_their_location(
    home: Path, environment: Environment, sandbox: Sandbox
) -> None:
    environment.ask(sandbox, "nico", "mira")
    environment.set(
        SPOTIFY_CLIENT_ID_SECOND=sandbox.client_id,
        SPOTIFY_CLIENT_SECRET_SECOND=sandbox.client_secret,
    )
    (port,) = free_ports(1)
    with code(environment, home) as (process, workspace):
        given = {**os.environ, **environment.variables}
        where = ["-w", str(workspace)]
        server = [str(BIN / "dagster-webserver"), "-h", "127.0.0.1", "-p", str(port), *where]
        daemon = [str(BIN / "dagster-daemon"), "run", *where]
        with (
            started(server, home / "webserver.log", given),
            started(daemon, home / "daemon.log", given),
        ):
            web = Webserver(port, "playledger-second")
            until(web.is_ready, "the webserver")
            told = web.ask(LOCATIONS)["workspaceOrError"]["locationEntries"]
            assert {(one["name"], one["loadStatus"]) for one in told} == {
                ("playledger", "LOADED"),
                ("playledger-second", "LOADED"),
            }
            run = web.launch("poll_mira", today())
            status = "query($id: ID!) {runOrError(runId: $id) {... on Run {status}}}"
            ends = {"SUCCESS", "FAILURE", "CANCELED"}
            ended = until(
                lambda: ends & {web.ask(status, id=run)["runOrError"]["status"]}, "the poll's end"
            )
            assert ended == {"SUCCESS"}, (home / "code.log").read_text()[-3000:]
        process.terminate()
        assert process.wait(120) == 0, "also where runs were started"
    assert "mira" in {one.user for one in sandbox.requests}


@pytest.mark.timeout(600)
def test_where_one_location_ends_all_do_and_so_the_container_starts_again(
    home: Path, environment: Environment, sandbox: Sandbox
) -> None:
    with code(environment, home) as (process, _):
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        assert len(children) == 2
        os.kill(int(children[-1]), signal.SIGKILL)
        assert process.wait(120) == 1
        assert not [child for child in children if Path(f"/proc/{child}").exists()]


@pytest.mark.timeout(600)
def test_where_one_location_ends_another_that_does_not_is_killed(
    home: Path, environment: Environment, sandbox: Sandbox
) -> None:
    with code(environment, home) as (process, _):
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        os.kill(int(children[0]), signal.SIGSTOP)  # as if a run of its lasted for hours
        os.kill(int(children[-1]), signal.SIGKILL)
        assert process.wait(120) == 1
        assert not [child for child in children if Path(f"/proc/{child}").exists()]


@pytest.mark.timeout(600)
def test_asked_to_end_it_ends_with_all_its_children(
    home: Path, environment: Environment, sandbox: Sandbox
) -> None:
    with code(environment, home) as (process, _):
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        process.terminate()
        assert process.wait(120) == 0
        assert not [child for child in children if Path(f"/proc/{child}").exists()]


def test_the_second_file_changes_who_serves_the_code_and_what_the_others_are_told_alone() -> None:
    assert set(MANY) == {"code", "webserver", "daemon"}
    assert set(MANY["code"]) == {"command"}
    for name in ("webserver", "daemon"):
        [mounted] = MANY[name]["volumes"]
        assert set(MANY[name]) == {"volumes"}
        assert mounted["target"] in SERVICES[name]["command"]
        assert mounted["read_only"] is True
