"""`playledger up`: Dagster's processes run, and none of them outlives the command."""

import os
import re
import resource
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner

from pipelines.cli import keep_up
from pipelines.cli.keep_up import Plan
from pipelines.cli.main import main
from pipelines.errors import StartFailed
from pipelines.ops.guard import members
from pipelines.ops.services import running_in
from pipelines.settings import Settings
from sandbox import Sandbox
from testing.servers import free_ports
from tests.support.dagster_processes import until
from tests.support.environment import Environment
from tests.support.places import ROOT
from tests.support.terminal import Terminal, terminal

pytestmark = pytest.mark.waits

COMMAND = (sys.executable, "-m", "pipelines.cli.main", "up")


@pytest.fixture
def folder(environment: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with a space in its name, to which no `DAGSTER_HOME` belongs yet."""
    environment.unset("ENV_FILE")
    made = tmp_path / "my music"
    made.mkdir()
    monkeypatch.chdir(made)
    return made


def up_at(port: int) -> list[str]:
    """The command, at ports that nobody else has who runs at the same time."""
    [dashboard] = free_ports(1)
    return [*COMMAND, "--port", str(port), "--dashboard-port", str(dashboard)]


def group_of(home: Path) -> int:
    """The group of the guard, who holds the lock as its first process does."""
    [group] = [
        int(process.name)
        for process in Path("/proc").glob("[0-9]*")
        if b"pipelines.ops.guard" in told_of(process / "cmdline")
        and str(home).encode() in told_of(process / "environ")
    ]
    return group


def told_of(file: Path) -> bytes:
    """What a file below /proc says; nothing where its process has just ended."""
    with suppress(OSError):
        return file.read_bytes()
    return b""


def is_up(person: Terminal) -> str:
    person.sees("Playledger is up; Ctrl-C ends it.")
    return person.sees("Logs ")


@pytest.mark.rare
@pytest.mark.timeout(600)
def test_everything_runs_until_ctrl_c(
    environment: Environment, sandbox: Sandbox, folder: Path
) -> None:
    [port] = free_ports(1)
    home = folder / ".dagster"
    with (
        socket.create_server(("127.0.0.1", port)),
        terminal(up_at(port), folder) as person,
    ):
        shown = is_up(person)
        assert f"(port {port} is taken)" in shown
        address = next(
            word
            for line in shown.splitlines()
            if "Dagster" in line
            for word in line.split()
            if word.startswith("http")
        )
        assert requests.get(f"{address}/server_info", timeout=60).ok
        told = running_in(home)
        assert told
        assert address == f"http://127.0.0.1:{told['ports']['webserver']}"
        assert (home / "dagster.yaml").read_text() == (ROOT / "dagster.yaml").read_text()
        group = group_of(home)
        until(lambda: len(members(group) or ()) >= 4, "daemon, webserver, and what they start")
        second = subprocess.run(COMMAND, cwd=folder, capture_output=True, text=True, timeout=240)
        assert second.returncode == 0, second.stderr
        assert "is running here already" in second.stdout
        assert address in second.stdout
        person.interrupts()
        person.sees("Ending …")
        assert person.ends() == 0
        assert not members(group)
        assert sandbox.client_secret not in person.shown
    assert running_in(home) is None
    assert {path.name for path in (home / "up").iterdir()} == {
        *("storage.log", "definitions.log", "daemon.log", "webserver.log", "dashboard.log"),
        *("workspace.yaml", "lock"),
    }


@pytest.mark.rare
@pytest.mark.timeout(600)
def test_listeners_of_two_apps_are_two_locations_of_one_webserver(
    environment: Environment, sandbox: Sandbox, folder: Path
) -> None:
    (environment.folder / "listeners.toml").write_text("[nico]\n[mira]\napp = 'second'\n")
    [port] = free_ports(1)
    with terminal(up_at(port), folder) as person:
        is_up(person)
        group = group_of(folder / ".dagster")
        asked = "{workspaceOrError {... on Workspace {locationEntries {name loadStatus}}}}"
        address = f"http://127.0.0.1:{port}/graphql"
        told = requests.post(address, json={"query": asked}, timeout=60).json()["data"]
        assert told["workspaceOrError"]["locationEntries"] == [
            {"name": "pipelines.definitions", "loadStatus": "LOADED"},
            {"name": "playledger-second", "loadStatus": "LOADED"},
        ]
        person.interrupts()
        assert person.ends() == 0
        assert not members(group)


@pytest.mark.rare
@pytest.mark.timeout(600)
def test_kill_9_leaves_nothing_and_nobody_is_deaf_to_their_end(
    environment: Environment, sandbox: Sandbox, folder: Path
) -> None:
    [port] = free_ports(1)
    # As in the background of a script.
    ours = shlex.join(up_at(port))
    with terminal(["bash", "-c", f"trap '' INT; exec {ours}"], folder) as person:
        is_up(person)
        group = group_of(folder / ".dagster")
        deaf = {one for one in members(group) or () if ignores(one, signal.SIGTERM)}
        # Python's own helper of a run that has just begun ends with the run.
        assert {one for one in deaf if b"resource_tracker" not in command_of(one)} == {group}
        person.interrupts()
        time.sleep(3 * keep_up.CHECK_EVERY_S)
        told = running_in(folder / ".dagster")
        assert told
        assert "ending" not in told
        os.kill(person.process.pid, signal.SIGKILL)
        until(lambda: not members(group), "the end of all of them")


@pytest.mark.rare
@pytest.mark.timeout(600)
def test_the_loop_of_the_page_starts_it_again_where_a_process_was_killed(
    environment: Environment, sandbox: Sandbox, folder: Path
) -> None:
    [port] = free_ports(1)
    page = (ROOT / "docs" / "operations.md").read_text()
    (loop,) = re.findall(r"Without systemd.*?```sh\n(.*?)```", page, flags=re.DOTALL)
    assert ".venv/bin/playledger up;" in loop
    ours = shlex.join(up_at(port))
    loop = loop.replace(".venv/bin/playledger up", ours)
    with terminal(["bash", "-c", loop], folder) as person:
        is_up(person)
        group = group_of(folder / ".dagster")
        # Whoever is just being started by the daemon is called like it for a moment.
        daemon = min(one for one in members(group) or () if b"dagster-daemon" in command_of(one))
        os.kill(daemon, signal.SIGKILL)
        person.sees("the daemon has ended (by signal 9)")
        is_up(person)
        assert not members(group)
        person.interrupts()
        assert person.ends() == 0
        assert running_in(folder / ".dagster") is None


def ignores(process: int, number: int) -> bool:
    told = re.search(rb"^SigIgn:\s*(\w+)", told_of(Path(f"/proc/{process}/status")), re.MULTILINE)
    return bool(told and int(told[1], 16) >> (number - 1) & 1)


def command_of(process: int) -> bytes:
    return told_of(Path(f"/proc/{process}/cmdline"))


@pytest.mark.rare
@pytest.mark.timeout(600)
def test_one_that_ends_is_named_and_ends_the_others(
    environment: Environment, sandbox: Sandbox, folder: Path
) -> None:
    home = environment.dagster_home("telemetry: [wrong")
    with terminal(COMMAND, folder) as person:
        assert person.ends() == 1
    assert "Error: the " in person.shown
    assert "has ended (with 1), and so everything was" in person.shown
    assert "expected ',' or ']'" in person.shown, "the end of its log says why"
    assert running_in(home) is None


def test_without_listeners_it_says_how_to_begin(environment: Environment, folder: Path) -> None:
    environment.unset("LISTENERS_FILE")
    told = CliRunner().invoke(main, ["up"])
    assert told.exit_code == 1
    assert told.stderr == "Error: there is nobody in listeners.toml yet: run `playledger init`\n"
    assert list(folder.iterdir()) == []


def test_a_setting_with_two_values_is_refused(environment: Environment, folder: Path) -> None:
    (folder / ".env").write_text("LAKE_URL=s3://another/lake\n")
    told = CliRunner().invoke(main, ["up"])
    assert told.exit_code == 1
    assert told.stderr.startswith("Error: LAKE_URL is one thing in the environment and another")
    assert "another/lake" not in told.stderr
    assert str(environment.lake) not in told.stderr


@pytest.fixture
def planned(
    environment: Environment, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> list[tuple[Plan, Mapping[str, str]]]:
    """What each `up` would have run, and with which environment; nothing is started."""
    found: list[tuple[Plan, Mapping[str, str]]] = []

    def become(plan: Plan, to_remove: Path, given: Mapping[str, str]) -> None:
        found.append((plan, given))
        to_remove.rmdir()

    monkeypatch.setattr(keep_up, "become", become)
    return found


def test_the_dashboard_asks_the_webserver_that_was_started_with_it(
    planned: list[tuple[Plan, Mapping[str, str]]], environment: Environment
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert CliRunner().invoke(main, ["up", "--port", str(port)]).exit_code == 0
        environment.set(DAGSTER_WEBSERVER_URL="")
        assert CliRunner().invoke(main, ["up", "--port", str(port)]).exit_code == 0
    for plan, given in planned:
        assert plan.ports["webserver"] != port
        assert Settings(given).dagster_url == f"http://127.0.0.1:{plan.ports['webserver']}"


def test_a_webserver_that_somebody_named_is_the_one_that_is_asked(
    planned: list[tuple[Plan, Mapping[str, str]]], environment: Environment
) -> None:
    environment.set(DAGSTER_WEBSERVER_URL="http://dagster.example:3000")
    assert CliRunner().invoke(main, ["up"]).exit_code == 0
    [(_, given)] = planned
    assert Settings(given).dagster_url == "http://dagster.example:3000"


def test_a_configuration_of_dagster_is_written_as_a_whole_or_not_at_all(
    planned: list[tuple[Plan, Mapping[str, str]]], folder: Path
) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, before[1]))  # as if the disk were full
    try:
        told = CliRunner().invoke(main, ["up"])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert told.stderr == f"Error: {folder / '.dagster'} cannot be written (File too large)\n"
    assert list((folder / ".dagster").iterdir()) == []
    assert CliRunner().invoke(main, ["up"]).exit_code == 0
    written = (folder / ".dagster" / "dagster.yaml").read_text()
    assert written == (ROOT / "dagster.yaml").read_text()


@pytest.mark.parametrize("name", ["workspace.yaml", "running.new"])
def test_a_full_disk_is_one_line(tmp_path: Path, name: str) -> None:
    home, folder = tmp_path / "home", tmp_path / "folder"
    (home / "up").mkdir(parents=True)
    (home / "up" / name).symlink_to("/dev/full")
    folder.mkdir()
    Plan(home, {}, None, [], []).write(folder)
    command = [sys.executable, "-m", "pipelines.cli.keep_up", str(folder)]
    told = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    assert told.returncode == 1
    assert re.fullmatch(
        r"Error: \S+/up/\S+ cannot be written \(No space left on device\)\n", told.stderr
    )
    assert not folder.exists()


def test_a_plan_that_cannot_be_written_leaves_no_folder(tmp_path: Path) -> None:
    (tmp_path / keep_up.PLAN).symlink_to("/dev/full")
    with pytest.raises(StartFailed, match=r"plan.json cannot be written \(No space left"):
        keep_up.become(Plan(tmp_path, {}, None, [], []), tmp_path, {})
    assert not tmp_path.exists()


def test_a_lake_that_does_not_answer_keeps_nobody_waiting(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keep_up, "REPORTS_S", 0.01)  # its process alone takes longer to start
    assert list(keep_up._reports()) == ["  Reports    the lake does not answer"]


def test_a_home_has_to_be_a_whole_path(environment: Environment, folder: Path) -> None:
    environment.set(DAGSTER_HOME="here")
    told = CliRunner().invoke(main, ["up"])
    assert told.stderr.startswith("Error: DAGSTER_HOME: here is not a whole path")
