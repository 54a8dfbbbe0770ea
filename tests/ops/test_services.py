"""Processes that belong together end together, whoever ends first, and however.

They are small ones of this test's; Dagster's are started in `cli/test_up.py`.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.errors import StartFailed
from pipelines.ops.guard import end_group, members
from pipelines.ops.services import (
    LAST_LINES,
    AlreadyRunning,
    Service,
    Services,
    free_port,
    only_one,
    running_in,
    wait_for_the_end_in,
)
from testing.servers import free_ports
from tests.support.dagster_processes import until

pytestmark = pytest.mark.waits

SLEEPER = "import time; time.sleep(600)"
PARENT = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {SLEEPER!r}])"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
STUBBORN += f"much = bytearray(b'x') * 200_000_000; {SLEEPER}"
"""It has to be killed, and is not gone at once: the system has much to take back."""

SERVER = "import socket, sys, time; s = socket.create_server(('127.0.0.1', int(sys.argv[1]))); "
SERVER += "time.sleep(600)"

HOLDER = """
import sys, time
from pathlib import Path
from pipelines.ops.services import Service, Services, only_one

home = Path(sys.argv[1])
with only_one(home) as (lock, tell):
    services = Services(home, {}, lock)
    for number, code in enumerate(sys.argv[2:]):
        services.start(Service(f"s{number}", [sys.executable, "-c", code]))
    tell({"lines": ["here"], "group": services._guard.pid})
    print(services._guard.pid, flush=True)
    time.sleep(600)
"""
"""What holds a folder and runs some codes, until it is killed."""


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    with only_one(tmp_path) as (lock, _):
        started = Services(tmp_path, {"PATH": os.environ["PATH"], "A_SECRET": "tell-nobody"}, lock)
        yield started
        started.end()
        assert not members(started._guard.pid)


def python(name: str, code: str, *arguments: str, port: int | None = None) -> Service:
    return Service(name, [sys.executable, "-c", code, *arguments], port)


@pytest.mark.rare
def test_the_one_that_ended_is_named_and_its_last_lines_are_shown(services: Services) -> None:
    services.start(python("daemon", PARENT))
    services.check()
    code = f"print('line\\n' * 40, 'tell-nobody', 'the reason'); raise SystemExit({3})"
    services.start(python("webserver", code))
    until(services.ended)
    with pytest.raises(StartFailed, match=r"the webserver has ended \(with 3\)"):
        services.check()
    lines = services.last_lines(services.ended())
    assert len(lines) == LAST_LINES
    assert lines[-1].split() == ["…", "the", "reason"], "what is secret is not shown"


@pytest.mark.rare
def test_it_waits_until_one_takes_connections(services: Services) -> None:
    [port, nobody] = free_ports(2)
    services.start(python("server", SERVER, str(port), port=port))
    services.wait_ready("server", 240, lambda: False)
    socket.create_connection(("127.0.0.1", port)).close()
    services.start(python("deaf", SLEEPER, port=nobody))
    with pytest.raises(StartFailed, match="the deaf does not answer after 1 seconds"):
        services.wait_ready("deaf", 1, lambda: False)


@pytest.mark.rare
def test_a_command_that_is_not_there_is_one_line(services: Services) -> None:
    with pytest.raises(StartFailed, match="the daemon cannot be started: No such file"):
        services.start(Service("daemon", ["/no/such/program"]))


@pytest.mark.rare
def test_a_log_that_grows_while_it_is_written_is_put_aside(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.ops.services.MAX_LOG_BYTES", 1000)
    code = "import time; print('before ' * 200, flush=True); time.sleep(1)\n"
    code += "while True: print('after', flush=True); time.sleep(0.1)"
    services.start(python("daemon", code))
    log = services.log_of("daemon")
    until(lambda: log.stat().st_size > 1000, "a long log")
    services.check()
    assert not log.with_suffix(".log.1").exists(), "it is not looked at each time"
    monkeypatch.setattr("pipelines.ops.services.CHECK_LOGS_EVERY_S", 0.0)
    services.check()
    kept = log.with_suffix(".log.1")
    assert kept.read_text().startswith("before before")
    assert log.stat().st_size < 1000
    assert kept.stat().st_mode & 0o077 == 0
    until(lambda: "after" in log.read_text(), "further lines")
    assert log.read_text().startswith("after"), "who appends goes on where it is empty"


@pytest.fixture
def held(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A process that holds the test's folder, and the group of what it runs."""
    command = [sys.executable, "-c", HOLDER, str(tmp_path), PARENT, STUBBORN]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        group = int(process.stdout.readline())
        yield process, group
        process.kill()
        until(lambda: not members(group), "the end of the group")


@pytest.mark.rare
def test_nothing_is_left_of_one_who_was_killed(
    held: tuple[subprocess.Popen[str], int], tmp_path: Path
) -> None:
    process, group = held
    until(lambda: len(members(group) or ()) == 4, "the guard, two of ours, and a child of one")
    process.kill()
    process.wait()
    with only_one(tmp_path):
        assert not members(group), "a successor waits, also for one that does not listen"


@pytest.mark.rare
def test_a_second_one_learns_where_the_first_one_is(
    held: tuple[subprocess.Popen[str], int], tmp_path: Path
) -> None:
    process, _ = held
    with pytest.raises(AlreadyRunning) as second, only_one(tmp_path):
        pass
    assert second.value.told["pid"] == process.pid
    assert second.value.told["lines"] == ["here"]
    told = running_in(tmp_path)
    assert told
    assert told["pid"] == process.pid


@pytest.mark.rare
def test_a_second_one_waits_where_the_first_one_is_about_to_end(
    held: tuple[subprocess.Popen[str], int], tmp_path: Path
) -> None:
    process, group = held
    state = tmp_path / "up" / "running.json"
    state.write_text(json.dumps({"pid": process.pid, "ending": True}))
    killing = threading.Timer(0.2, process.kill)
    killing.start()
    said: list[str] = []
    wait_for_the_end_in(tmp_path, lambda: said.append("waits"))
    assert said == ["waits"]
    assert running_in(tmp_path) is None
    with only_one(tmp_path):
        assert not members(group)
    killing.join()


@pytest.mark.rare
def test_who_ends_a_group_returns_when_all_are_gone_also_one_that_was_killed() -> None:
    code = STUBBORN.replace(SLEEPER, f"print('ready', flush=True); {SLEEPER}")
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, process_group=0, stdout=subprocess.PIPE) as stubborn:
        assert stubborn.stdout
        stubborn.stdout.readline()
        assert members(stubborn.pid) == {stubborn.pid}
        end_group(stubborn.pid, keep=set(), grace_s=0.1)
        assert not members(stubborn.pid)


@pytest.mark.rare
def test_where_the_guard_is_killed_the_others_are_ended(services: Services) -> None:
    services.start(python("daemon", PARENT))
    services._guard.kill()
    services._guard.wait()
    with pytest.raises(StartFailed, match="watches over the others"):
        services.check()


def test_nobody_runs_in_a_folder_that_is_free(tmp_path: Path) -> None:
    assert running_in(tmp_path) is None
    with only_one(tmp_path):
        state = tmp_path / "up" / "running.json"
        assert json.loads(state.read_text()) == {"pid": os.getpid()}
        assert state.parent.stat().st_mode & 0o077 == 0
    assert running_in(tmp_path) is None
    assert not state.exists()


def test_a_port_that_is_taken_is_replaced_by_the_next_free_one() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert port < free_port(port) <= port + 50
    assert free_port(port) == port


def test_a_folder_that_is_a_file_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "up").write_text("")
    with pytest.raises(StartFailed, match="cannot be written"), only_one(tmp_path):
        pass


def test_the_members_of_a_group_are_the_living() -> None:
    process = subprocess.Popen([sys.executable, "-c", SLEEPER], process_group=0)
    assert members(process.pid) == {process.pid}
    process.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 60
    while members(process.pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert members(process.pid) == set(), "a process that nobody waited for is dead all the same"
    process.wait()
