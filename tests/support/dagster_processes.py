"""Dagster's processes over loopback: started, waited for, asked as its UI asks, and killed.

Each is in a group of its own, which ends with it, so that nothing of a test outlives it. Add here
what more than one folder's tests do with such processes. Their settings, and what is to come of
what they do, belong to those tests.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import requests

from testing.servers import free_ports
from tests.support.places import ROOT

BIN = Path(sys.executable).parent
MODULE = "pipelines.definitions"
WORKSPACE = ("-w", str(ROOT / "workspace.yaml"))
PATIENCE_S = 240
"""What a busy machine takes its time for."""

LAUNCH = """
mutation ($selector: JobOrPipelineSelector!, $tags: [ExecutionTag!]) {
  launchRun(executionParams: {selector: $selector, executionMetadata: {tags: $tags}}) {
    ... on LaunchRunSuccess { run { runId } }
    ... on Error { message }
  }
}
"""
RELOAD = """
mutation ($location: String!) {
  reloadRepositoryLocation(repositoryLocationName: $location) {
    ... on WorkspaceLocationEntry { loadStatus locationOrLoadError { __typename } }
    ... on Error { message }
  }
}
"""
SCHEDULES = (
    "{repositoriesOrError {... on RepositoryConnection {nodes {schedules {scheduleState {id}}}}}}"
)
STOP = "mutation($id: String!) {stopRunningSchedule(id: $id) {... on ScheduleStateResult "
STOP += "{scheduleState {status}}}}"

T = TypeVar("T")


def until(look: Callable[[], T], what: str = "it", *, every: float = 0.2) -> T:
    """What `look` finds, as soon as it finds something."""
    deadline = time.monotonic() + PATIENCE_S
    while not (found := look()):
        assert time.monotonic() < deadline, f"waited {PATIENCE_S} s in vain for {what}"
        time.sleep(every)
    return found


@contextmanager
def started(
    command: Sequence[str],
    log: Path,
    environment: Mapping[str, str] | None = None,
    *,
    stop: signal.Signals | None = None,
    cwd: Path = ROOT,
) -> Iterator[subprocess.Popen[bytes]]:
    """A process, ended with all that it started when the block ends.

    Args:
        command: a program and its arguments.
        log: where it writes what it says.
        environment: all that it is given; by default this process's.
        stop: the signal after which it has a minute to end in order. By default it has none: an
            orderly end of the daemon takes ten seconds, and saves nothing.
        cwd: where it runs.
    """
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        if stop:
            process.send_signal(stop)
            with suppress(subprocess.TimeoutExpired):
                process.wait(60)
        kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill -9 for a process and all that it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


class Webserver:
    """A webserver that runs, or begins to.

    Attributes:
        url: where it answers.
        location: what the place of the code is called there.
    """

    def __init__(self, port: int | str, location: str = MODULE) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.location = location

    def is_ready(self) -> bool:
        """Whether it answers."""
        with suppress(requests.ConnectionError, requests.Timeout):
            return requests.get(f"{self.url}/server_info", timeout=5).ok
        return False

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """What it answers to GraphQL, as its UI asks it."""
        asked = {"query": query, "variables": variables}
        told = requests.post(f"{self.url}/graphql", json=asked, timeout=PATIENCE_S).json()
        assert "errors" not in told, told
        return told["data"]

    def launch(self, job: str, date: str, assets: Iterable[Sequence[str]] | None = None) -> str:
        """Launch a run of a job for a date, or of some of its assets without checks; its id."""
        selector: dict[str, Any] = {
            "jobName": job,
            "repositoryName": "__repository__",
            "repositoryLocationName": self.location,
        }
        if assets is not None:
            selector["assetSelection"] = [{"path": path} for path in assets]
            selector["assetCheckSelection"] = []
        tags = [{"key": "dagster/partition", "value": date}]
        told = self.ask(LAUNCH, selector=selector, tags=tags)["launchRun"]
        assert "run" in told, told
        return told["run"]["runId"]

    def stop_schedules(self) -> None:
        """Stop them all: then whatever runs was launched by somebody or by a sensor."""
        for node in self.ask(SCHEDULES)["repositoriesOrError"]["nodes"]:
            for schedule in node["schedules"]:
                told = self.ask(STOP, id=schedule["scheduleState"]["id"])
                assert told["stopRunningSchedule"]["scheduleState"]["status"] == "STOPPED"

    def reload(self) -> None:
        """Load the code anew, as the button in the UI does."""
        told = self.ask(RELOAD, location=self.location)["reloadRepositoryLocation"]
        assert told == {
            "loadStatus": "LOADED",
            "locationOrLoadError": {"__typename": "RepositoryLocation"},
        }


@contextmanager
def webserver(
    logs: Path, environment: Mapping[str, str] | None = None
) -> Iterator[tuple[subprocess.Popen[bytes], Webserver]]:
    """`dagster-webserver`, ready to answer."""
    (port,) = free_ports(1)
    command = (str(BIN / "dagster-webserver"), "-h", "127.0.0.1", "-p", str(port), *WORKSPACE)
    with started(command, logs / "webserver.log", environment) as process:
        server = Webserver(port)
        until(server.is_ready, "dagster-webserver")
        yield process, server


@contextmanager
def daemon(
    logs: Path, environment: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """`dagster-daemon run`."""
    command = (str(BIN / "dagster-daemon"), "run", *WORKSPACE)
    with started(command, logs / "daemon.log", environment) as process:
        yield process
