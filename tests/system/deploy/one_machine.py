"""An installation on one machine: the program in one folder, everything of its owner's in another.

Its daemon, its webserver and its commands run as docs/operations.md starts them, from whatever
version of the program lies in that folder. What a test does with it does not belong here.
"""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import dagster as dg

from sandbox import Sandbox
from testing.servers import free_ports
from testing.variables import OF_A_PIPELINE
from tests.support.dagster_processes import BIN, Webserver, started, until
from tests.support.receiving import SECRET, Receiver, receiver

ALERTS = f"json://alerts.example.invalid/{SECRET}"
"""The same address on every machine, so that it is known who was told of what: the proxy through
which it is reached is the receiver itself."""


@dataclass(frozen=True)
class Installation:
    """A version of the program, what belongs to its owner, and whom it talks to.

    Attributes:
        code: the folder of the program.
        home: the folder of the lake, the logins, the settings and Dagster's records.
        sandbox: its Spotify.
        alerts: where they arrive.
    """

    code: Path
    home: Path
    sandbox: Sandbox
    alerts: Receiver

    @property
    def environment(self) -> dict[str, str]:
        """What `playledger.env` says, and the machine."""
        machine = {n: value for n, value in os.environ.items() if not n.startswith(OF_A_PIPELINE)}
        return machine | {
            "ENV_FILE": os.devnull,
            "DAGSTER_HOME": str(self.home / "dagster"),
            "LAKE_URL": str(self.home / "lake"),
            "TOKENS_DIR": str(self.home / "tokens"),
            "CACHE_FILE": str(self.home / "answers.sqlite"),
            "DASHBOARD_FILE": str(self.home / "dashboard.sqlite"),
            "LISTENERS_FILE": str(self.home / "listeners.toml"),
            "SURVEYS_FILE": str(self.home / "surveys.toml"),
            "SURVEY_KEYS_DIR": str(self.home / "survey-keys"),
            "CATALOGUE_READS_PER_DAY": "0",
            "ALERT_URLS": ALERTS,
            "http_proxy": f"http://127.0.0.1:{self.alerts.port}",
            "no_proxy": "127.0.0.1,localhost",
            "PYTHONPATH": str(self.code),
            "PYTHONWARNINGS": "ignore",
            "PATH": f"{BIN}:{os.environ['PATH']}",  # runs are started by the name `dagster`
            **self.sandbox.environment(),
        }

    def run(self, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """A command, in the shell that has the settings, and perhaps more of them."""
        words = [str(BIN / command[0]), *command[1:]]
        if command[0] == "playledger":  # whatever version of it is installed
            words = [str(BIN / "python"), "-m", "pipelines.cli.main", *command[1:]]
        environment = self.environment | variables
        return subprocess.run(words, cwd=self.code, env=environment, capture_output=True, text=True)

    def do(self, *command: str, **variables: str) -> str:
        """A command that has to succeed; what it shows."""
        done = self.run(*command, **variables)
        assert done.returncode == 0, f"{command}: {done.stdout}\n{done.stderr}"
        return done.stdout

    @contextmanager
    def services(self) -> Iterator[Webserver]:
        """The daemon and the webserver, while the block lasts."""
        (port,) = free_ports(1)
        workspace = ("-w", "workspace.yaml")
        web = (str(BIN / "dagster-webserver"), "-h", "127.0.0.1", "-p", str(port), *workspace)
        daemon = (str(BIN / "dagster-daemon"), "run", *workspace)
        logs, stop = self.home.parent, signal.SIGTERM
        given = {"environment": self.environment, "cwd": self.code}
        with (
            started(web, logs / "webserver.log", stop=stop, **given),
            started(daemon, logs / "daemon.log", stop=stop, **given),
        ):
            server = Webserver(port)
            until(server.is_ready, "the webserver")
            yield server

    @contextmanager
    def records(self) -> Iterator[dg.DagsterInstance]:
        """Dagster's records."""
        with dg.DagsterInstance.from_config(str(self.home / "dagster")) as instance:
            yield instance


@contextmanager
def installed(code: Path, home: Path, *users: str) -> Iterator[Installation]:
    """An installation whose Spotify, and whatever takes its alerts, run while the block lasts."""
    with Sandbox(*users) as sandbox, receiver() as alerts:
        yield Installation(code, home, sandbox, alerts)
