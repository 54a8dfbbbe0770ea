"""Dagster's own processes, each in a group of its own, so that a test can kill all that it started.

Here live starting them, talking to the webserver and killing. What a kill must not do belongs in
tests.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

import requests

from tests.servers import free_ports

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
MODULE = ("-m", "pipelines.definitions")
LAUNCH = """
mutation ($job: String!, $date: String!) {
  launchRun(executionParams: {
    mode: "default",
    selector: {
      repositoryLocationName: "pipelines.definitions", repositoryName: "__repository__",
      jobName: $job
    },
    executionMetadata: {tags: [{key: "dagster/partition", value: $date}]}
  }) {
    __typename
    ... on LaunchRunSuccess { run { runId } }
    ... on PythonError { message }
  }
}
"""

T = TypeVar("T")


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill -9 for a process and all that it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def until(look: Callable[[], T | None], *, seconds: float = 60, every: float = 0.1) -> T:
    """What `look` finds, as soon as it finds something."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, f"waited {seconds} s in vain"
        time.sleep(every)
    return found


class Webserver:
    """A running webserver."""

    def __init__(self, port: int) -> None:
        self._url = f"http://127.0.0.1:{port}"

    def ready(self) -> bool:
        """Whether it answers."""
        with suppress(requests.ConnectionError, requests.Timeout):
            return requests.get(f"{self._url}/server_info", timeout=5).ok
        return False

    def launch(self, job: str, date: str) -> str:
        """Launch a run, as the button in the UI does; its id."""
        asked = {"query": LAUNCH, "variables": {"job": job, "date": date}}
        told = requests.post(f"{self._url}/graphql", json=asked, timeout=30).json()["data"]
        assert told["launchRun"]["__typename"] == "LaunchRunSuccess", told
        return str(told["launchRun"]["run"]["runId"])


@contextmanager
def started(*command: str, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process of Dagster's, killed at the end with all that it started."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            [str(BIN / command[0]), *command[1:]],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        kill(process)


@contextmanager
def daemon(home: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`dagster-daemon run` on a home."""
    with started("dagster-daemon", "run", *MODULE, log=home / "daemon.log") as process:
        yield process


@contextmanager
def webserver(home: Path) -> Iterator[tuple[subprocess.Popen[bytes], Webserver]]:
    """`dagster-webserver` on a home, ready to answer."""
    (port,) = free_ports(1)
    command = ("dagster-webserver", "-h", "127.0.0.1", "-p", str(port), *MODULE)
    with started(*command, log=home / "webserver.log") as process:
        server = Webserver(port)
        until(server.ready)
        yield process, server
