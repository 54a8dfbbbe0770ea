"""The services of `deploy/compose.yaml` as real processes on this machine.

Postgres, the code server, the webserver and the daemon live here. Their commands and health checks
are those of the file, with ports of this machine. What a test does with them does not belong here.
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from testing.servers import free_ports
from tests.support.dagster_processes import BIN, ROOT, Webserver, started, until

DEPLOY = ROOT / "deploy"
SERVICES: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
PASSWORD = "p@ss/word"  # what a URL would have to quote


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
    def webserver(self) -> Webserver:
        """Where runs are launched."""
        return Webserver(self.ports["3000"], "playledger")

    @contextmanager
    def service(self, name: str) -> Iterator[None]:
        """A service, while the block lasts."""
        secrets = self.code if name == "code" else {}
        command = self._here(SERVICES[name]["command"])
        environment = {**self.environment, **secrets}
        log = self.home / f"{name}.log"
        with started(command, log, environment, stop=signal.SIGTERM, cwd=self.home):
            yield

    def is_healthy(self, name: str) -> bool:
        """Whether the service's health check says so."""
        return self.run(*SERVICES[name]["healthcheck"]["test"][1:]).returncode == 0

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """A command, as in the daemon's container."""
        return subprocess.run(
            self._here(command), env=dict(self.environment), capture_output=True, text=True
        )

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
        until(lambda: listens(code), "the code server")
        running.enter_context(deployed.service("webserver"))
        running.enter_context(deployed.service("daemon"))
        until(deployed.webserver.is_ready, "the webserver")
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
        with started(server, home / "log", stop=signal.SIGINT, cwd=home):
            ready = [programs / "pg_isready", "-h", "127.0.0.1", "-p", str(port)]
            until(lambda: not subprocess.run(ready, capture_output=True).returncode, "Postgres")
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


def listens(port: str) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", int(port))) == 0
