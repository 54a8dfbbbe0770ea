"""Long-lived processes that belong together: started, watched, and ended together.

What they are is `cli/up.py`'s business. One of them ends: all end. The one who started them is
killed: `guard.py` ends them. A second one for the same folder learns where the first one is. Import
nothing here that takes memory: it would be held for as long as they live.
"""

import fcntl
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.errors import StartFailed
from pipelines.ops.guard import GRACE_S, KILLED_S, end_group
from pipelines.ops.redaction import REDACTED, secrets_pattern

FOLDER = "up"
"""In `DAGSTER_HOME`: logs, the lock, and who holds it."""

MAX_LOG_BYTES = 10_000_000
"""A log that is longer becomes `….log.1`, when it is opened and while it is written."""

CHECK_LOGS_EVERY_S = 60.0

LAST_LINES = 12
LOCK_WAIT_S = GRACE_S + KILLED_S + 2
"""How long a start waits for a predecessor that ends or was killed, whose processes end too."""

TRIED_PORTS = 50
_SECRET = re.compile(r"SECRET|TOKEN|PASSWORD|KEY|_URLS?$")
_SHORTEST_SECRET = 6


@dataclass(frozen=True)
class Service:
    """One of the processes.

    Attributes:
        name: what people call it; its log is named after it.
        command: program and arguments.
        listens: it is ready once it takes connections on this port, or this socket; None where it
            takes none.
    """

    name: str
    command: Sequence[str]
    listens: int | Path | None = None


class AlreadyRunning(Exception):
    """Somebody has started the same in this folder, and does not end it just now.

    Attributes:
        told: what they said of themselves when they were ready; empty before.
    """

    def __init__(self, told: Mapping[str, Any]) -> None:
        super().__init__("already running")
        self.told = told


def free_port(wanted: int) -> int:
    """This port of 127.0.0.1, or the next one that is free.

    Raises:
        StartFailed: where none of many is.
    """
    for port in range(wanted, min(wanted + TRIED_PORTS, 65536)):
        with socket.socket() as probe, suppress(OSError):
            # As servers bind it: what an ended one left behind is no obstacle.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return port
    raise StartFailed(f"no port from {wanted} to {wanted + TRIED_PORTS - 1} is free")


def is_taken(where: int | Path) -> bool:
    """Whether somebody takes connections there."""
    is_port = isinstance(where, int)
    with (
        suppress(OSError),
        socket.socket(socket.AF_INET if is_port else socket.AF_UNIX) as asked,
    ):
        asked.settimeout(1)
        asked.connect(("127.0.0.1", where) if is_port else str(where))
        return True
    return False


class Services:
    """Processes in one group, which ends as a whole.

    Args:
        home: `DAGSTER_HOME`, in which logs are kept.
        environment: what each process is given.
        lock: the open file that is locked as long as any of this runs.
    """

    def __init__(self, home: Path, environment: Mapping[str, str], lock: int) -> None:
        self.folder = home / FOLDER
        self._environment = dict(environment)
        self._running: dict[str, tuple[Service, subprocess.Popen[bytes]]] = {}
        self._logs_checked = time.monotonic()
        # The leader of the group, in this terminal's session, and with a hold on the lock.
        self._guard = subprocess.Popen(
            [sys.executable, "-m", "pipelines.ops.guard"],
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            process_group=0,
            pass_fds=[lock],
        )

    def log_of(self, name: str) -> Path:
        """The file in which a process says what it does."""
        return self.folder / f"{name}.log"

    def start(self, service: Service) -> None:
        """Start one of them; `check` says whether it lives.

        Raises:
            StartFailed: where its log cannot be written.
        """
        try:
            log = self.log_of(service.name)
            if log.exists() and log.stat().st_size > MAX_LOG_BYTES:
                log.replace(log.with_suffix(".log.1"))
            with os.fdopen(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)) as output:
                process = subprocess.Popen(  # noqa: S603 our own command
                    service.command,
                    env=self._environment,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    process_group=self._guard.pid,
                )
        except OSError as problem:
            raise StartFailed(
                f"the {service.name} cannot be started: {problem.strerror or problem}"
            ) from None
        self._running[service.name] = (service, process)

    def complete(self, service: Service) -> None:
        """Run one that ends by itself, before the others need what it makes.

        Raises:
            StartFailed: where it ends badly; `check` would say the same of it.
        """
        self.start(service)
        if self._running[service.name][1].wait() != 0:
            self.check()
        del self._running[service.name]

    def check(self) -> None:
        """See that all live, and now and then that no log grows without end.

        Raises:
            StartFailed: with the name of one that has ended.
        """
        for service, process in self._running.values():
            if (status := process.poll()) is not None:
                how = f"with {status}" if status >= 0 else f"by signal {-status}"
                raise StartFailed(
                    f"the {service.name} has ended ({how}), and so everything was: its log is "
                    f"{self.log_of(service.name)}"
                )
        if self._guard.poll() is not None:
            raise StartFailed("the process that watches over the others has ended, and so they did")
        if time.monotonic() - self._logs_checked > CHECK_LOGS_EVERY_S:
            self._logs_checked = time.monotonic()
            for name in self._running:
                _shorten(self.log_of(name))

    def ended(self) -> str | None:
        """The name of one that has ended by itself."""
        return next((n for n, (_, one) in self._running.items() if one.poll() is not None), None)

    def last_lines(self, name: str | None) -> list[str]:
        """The end of a log, without anything that the settings keep secret."""
        if name is None:
            return []
        with suppress(OSError):
            text = self.log_of(name).read_bytes()[-20_000:].decode(errors="replace")
            return self._secrets.sub(REDACTED, text).splitlines()[-LAST_LINES:]
        return []

    @property
    def _secrets(self) -> re.Pattern[str]:
        named = (value for name, value in self._environment.items() if _SECRET.search(name))
        return secrets_pattern(
            part for value in named for part in value.split() if len(part) >= _SHORTEST_SECRET
        )

    def wait_ready(self, name: str, seconds: float, is_over: Callable[[], bool]) -> None:
        """Wait until one takes connections.

        Args:
            name: of a service that listens.
            seconds: how long at most.
            is_over: whether somebody wants all of this to end.

        Raises:
            StartFailed: where it does not in time, or one of them has ended meanwhile.
        """
        where = self._running[name][0].listens
        deadline = time.monotonic() + seconds
        while not is_over():
            self.check()
            if where is not None and is_taken(where):
                return
            if time.monotonic() > deadline:
                raise StartFailed(
                    f"the {name} does not answer after {seconds:.0f} seconds: its log is "
                    f"{self.log_of(name)}"
                )
            time.sleep(0.2)

    def end(self) -> None:
        """End them all, and what they started."""
        group = self._guard.pid
        if self._guard.poll() is None or self._running:
            end_group(group, keep={group})
        for _, process in self._running.values():
            process.wait()
        self._guard.wait()
        if self._guard.stdin:
            self._guard.stdin.close()


def _shorten(log: Path) -> None:
    """Put a long log aside while somebody writes it: they append, and so go on in an empty one."""
    kept = log.with_suffix(".log.1")
    with suppress(OSError):  # a full disk: it is tried again
        if log.stat().st_size > MAX_LOG_BYTES:
            kept.touch(mode=0o600)
            shutil.copyfile(log, kept)
            os.truncate(log, 0)


@contextmanager
def is_written(what: Path | str) -> Iterator[None]:
    """What the system refuses within is a sentence.

    Args:
        what: is written.

    Raises:
        StartFailed: where it cannot be.
    """
    try:
        yield
    except OSError as problem:
        raise StartFailed(f"{what} cannot be written ({problem.strerror})") from None


@contextmanager
def only_one(home: Path) -> Iterator[tuple[int, Callable[[Mapping[str, Any]], None]]]:
    """Hold a folder, so that nobody starts the same there.

    Args:
        home: `DAGSTER_HOME`.

    Yields:
        The open lock, and a function to tell a second one where this is.

    Raises:
        AlreadyRunning: where somebody holds it.
        StartFailed: where it cannot be written, or a predecessor's processes do not end.
    """
    folder = home / FOLDER
    state = folder / "running.json"
    with is_written(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _take(lock, state)
        _tell(state, {})
        try:
            yield lock, lambda told: _tell(state, told)
        finally:
            state.unlink(missing_ok=True)
    finally:
        os.close(lock)


def running_in(home: Path) -> Mapping[str, Any] | None:
    """What those who run in a folder told of themselves; None where nobody does."""
    try:
        lock = os.open(home / FOLDER / "lock", os.O_RDWR)
    except OSError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return _told(home / FOLDER / "running.json")
    finally:
        os.close(lock)
    return None


def wait_for_the_end_in(home: Path, say: Callable[[], None]) -> None:
    """Wait while those who ran in a folder end, so that the ports are free that they had.

    Args:
        home: `DAGSTER_HOME`.
        say: is called once, if it has to wait.
    """
    deadline = time.monotonic() + LOCK_WAIT_S
    is_said = False
    while (told := running_in(home)) is not None and _ends(told) and time.monotonic() < deadline:
        if not is_said:
            say()
        is_said = True
        time.sleep(0.2)


def _ends(told: Mapping[str, Any]) -> bool:
    """Whether somebody who still holds a folder is about to let it go."""
    return bool(told.get("ending")) or not _lives(told.get("pid"))


def _take(lock: int, state: Path) -> None:
    deadline = time.monotonic() + LOCK_WAIT_S
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            told = _told(state)
            if not _ends(told):
                raise AlreadyRunning(told) from None
            if time.monotonic() > deadline:
                raise StartFailed(
                    f"processes of an earlier `playledger up` still run here: see {state.parent}"
                ) from None
            time.sleep(0.2)
        else:
            return


def _told(state: Path) -> dict[str, Any]:
    with suppress(OSError, ValueError):
        told = json.loads(state.read_text(encoding="utf-8"))
        return told if isinstance(told, dict) else {}
    return {}


def _lives(pid: object) -> bool:
    if not isinstance(pid, int):
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _tell(state: Path, told: Mapping[str, Any]) -> None:
    draft = state.with_suffix(".new")
    with is_written(state):
        draft.write_text(json.dumps({"pid": os.getpid(), **told}), encoding="utf-8")
        draft.replace(state)
