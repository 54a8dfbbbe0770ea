"""The services of `deploy/compose.yaml` as real processes on this machine.

Postgres, the code server, the webserver and the daemon live here, and how they are asked for runs.
Their commands and health checks are those of the file, with ports of this machine. What a test does
with them does not belong here.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
import yaml

from tests.servers import free_ports

ROOT = Path(__file__).parent.parent.parent
DEPLOY = ROOT / "deploy"
BIN = Path(sys.executable).parent
SERVICES: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
PASSWORD = "p@ss/word"  # what a URL would have to quote
PATIENCE_S = 150

LAUNCH = """
mutation ($selector: JobOrPipelineSelector!, $tags: [ExecutionTag!]) {
  launchRun(executionParams: {selector: $selector, executionMetadata: {tags: $tags}}) {
    ... on LaunchRunSuccess { run { runId } }
    ... on Error { message }
  }
}
"""


@dataclass(frozen=True)
class Deployment:
    """Code server, webserver and daemon that run.

    Attributes:
        home: `DAGSTER_HOME`, and the logs of the processes.
        environment: what each process is given.
        code: what the code server is given besides: it alone knows secrets.
        ports: those of the file, and which they are here.
    """

    home: Path
    environment: Mapping[str, str]
    code: Mapping[str, str]
    ports: Mapping[str, str]

    @property
    def url(self) -> str:
        """The webserver's."""
        return f"http://127.0.0.1:{self.ports['3000']}"

    @contextmanager
    def service(self, name: str) -> Iterator[None]:
        """A service, while the block lasts."""
        secrets = self.code if name == "code" else {}
        command = self._here(SERVICES[name]["command"])
        with process(command, {**self.environment, **secrets}, self.home / f"{name}.log"):
            yield

    def is_healthy(self, name: str) -> bool:
        """Whether the service's health check says so."""
        return self.run(*SERVICES[name]["healthcheck"]["test"][1:]).returncode == 0

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """A command, as in the daemon's container."""
        return subprocess.run(
            self._here(command), env=dict(self.environment), capture_output=True, text=True
        )

    def launch(self, job: str, date: str, assets: Iterable[Sequence[str]]) -> str:
        """Launch assets of a job for a date, as a click in the UI does; returns the run's id."""
        selector = {
            "jobName": job,
            "repositoryName": "__repository__",
            "repositoryLocationName": "playledger",
            "assetSelection": [{"path": path} for path in assets],
            "assetCheckSelection": [],
        }
        tags = [{"key": "dagster/partition", "value": date}]
        asked = {"query": LAUNCH, "variables": {"selector": selector, "tags": tags}}
        answer = requests.post(f"{self.url}/graphql", json=asked, timeout=60).json()
        run_id: str = answer["data"]["launchRun"]["run"]["runId"]
        return run_id

    def _here(self, command: Sequence[str]) -> list[str]:
        here = {"0.0.0.0": "127.0.0.1", **self.ports}  # noqa: S104 what is not to be bound here
        here["/etc/playledger/workspace.yaml"] = str(DEPLOY / "workspace.yaml")
        for there, this in here.items():
            command = [word.replace(there, this) for word in command]
        return [str(BIN / command[0]), *command[1:]]


@contextmanager
def deployment(home: Path, environment: Mapping[str, str]) -> Iterator[Deployment]:
    """What compose starts, but for Postgres.

    Args:
        home: an empty folder.
        environment: settings of Playledger, and Postgres' variables.
    """
    code, web = (str(port) for port in free_ports(2))
    shutil.copy(DEPLOY / "dagster.yaml", home / "dagster.yaml")
    everyones = {
        **{name: value for name, value in environment.items() if name.startswith("POSTGRES_")},
        "PATH": f"{BIN}:{os.environ['PATH']}",  # runs are started by the name `dagster`
        "HOME": str(home),
        "DAGSTER_HOME": str(home),
        "CODE_HOST": "127.0.0.1",
        "CODE_PORT": code,
        "PYTHONWARNINGS": "ignore",
    }
    deployed = Deployment(home, everyones, environment, {"4000": code, "3000": web})
    with ExitStack() as running:
        running.enter_context(deployed.service("code"))
        wait_for(lambda: listens(code))
        running.enter_context(deployed.service("webserver"))
        running.enter_context(deployed.service("daemon"))
        wait_for(lambda: listens(web))
        yield deployed


def postgres_bin() -> Path | None:
    """The folder of Postgres' programs; None where it is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    here = shutil.which("initdb")
    return found[-1].parent if found else Path(here).parent if here else None


@contextmanager
def postgres() -> Iterator[dict[str, str]]:
    """Postgres with an empty database.

    Yields:
        The variables by which `deploy/dagster.yaml` finds it.
    """
    programs = postgres_bin()
    assert programs is not None
    # Postgres refuses to be root, and pytest's own folders can be entered by their owner alone.
    user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    prefix = user if os.geteuid() == 0 else []
    (port,) = free_ports(1)
    with tempfile.TemporaryDirectory(prefix="playledger-postgres-") as temporary:
        home = Path(temporary)
        (home / "password").write_text(PASSWORD)
        if prefix:
            shutil.chown(home, "postgres", "postgres")
        options = ["--no-sync", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"]
        options += ["-U", "dagster", f"--pwfile={home}/password", "-D", f"{home}/data"]
        command = [*prefix, str(programs / "initdb"), *options]
        subprocess.run(command, check=True, capture_output=True, cwd=home)
        settings = {"listen_addresses": "127.0.0.1", "port": port, "fsync": "off"}
        settings |= {"unix_socket_directories": "", "max_connections": 200}
        options = [word for item in settings.items() for word in ("-c", "{}={}".format(*item))]
        server = [*prefix, str(programs / "postgres"), "-D", f"{home}/data", *options]
        with process(server, os.environ, home / "log", stop=signal.SIGINT):
            ready = [programs / "pg_isready", "-h", "127.0.0.1", "-p", str(port)]
            wait_for(lambda: not subprocess.run(ready, capture_output=True).returncode)
            told = {"HOST": "127.0.0.1", "PORT": str(port), "USER": "dagster", "PASSWORD": PASSWORD}
            mine = {f"PG{name}": value for name, value in told.items()}
            subprocess.run([programs / "createdb", "dagster"], env=mine, check=True)
            yield {"POSTGRES_DB": "dagster"} | {f"POSTGRES_{k}": v for k, v in told.items()}


def in_postgres(commands: str, database: Mapping[str, str], folder: Path) -> None:
    """Run Postgres' programs on a database that `postgres` started."""
    programs = postgres_bin()
    environment = {name.replace("POSTGRES_", "PG"): value for name, value in database.items()}
    environment["PATH"] = f"{programs}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euc", commands], env=environment, cwd=folder, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


@contextmanager
def process(
    command: Sequence[str],
    environment: Mapping[str, str],
    log: Path,
    stop: signal.Signals = signal.SIGTERM,
) -> Iterator[None]:
    """A process that ends, with all its children, when the block does."""
    with log.open("ab") as output:
        started = subprocess.Popen(
            command,
            env=dict(environment),
            cwd=log.parent,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        yield
    finally:
        started.send_signal(stop)
        with suppress(subprocess.TimeoutExpired):
            started.wait(5)
        with suppress(ProcessLookupError):
            os.killpg(started.pid, signal.SIGKILL)
        started.wait(5)


def listens(port: str) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", int(port))) == 0


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until it holds; fails where it does not in time."""
    until = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.2)
