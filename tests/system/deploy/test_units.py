"""The services of one machine, as systemd would start them."""

import os
import shutil
import signal
import subprocess
from contextlib import AbstractContextManager, suppress
from pathlib import Path

import pytest

from testing.servers import free_ports
from tests.support.dagster_processes import BIN, MODULE, Webserver, started, until
from tests.support.environment import Environment
from tests.support.places import ROOT
from tests.system.deploy.units import UNITS, command

LOCATIONS = """
{workspaceOrError {... on Workspace {locationEntries {
  name locationOrLoadError {__typename}
}}}}
"""


OTHERS = ("webserver", "daemon")


@pytest.mark.rare
@pytest.mark.timeout(900)
def test_the_services_of_one_machine_share_one_code_server(
    environment: Environment, tmp_path: Path
) -> None:
    home, sockets = environment.folder / "home", tmp_path / "run"
    home.mkdir()
    sockets.mkdir()
    shutil.copyfile(ROOT / "dagster.yaml", home / "dagster.yaml")
    workspace = tmp_path / "workspace.yaml"
    told = (UNITS / "workspace.yaml").read_text()
    workspace.write_text(told.replace("/run/playledger", str(sockets)))
    (port,) = free_ports(1)
    here = {
        "/opt/playledger/.venv/bin": str(BIN),
        "/run/playledger": str(sockets),
        "deploy/systemd/workspace.yaml": str(workspace),
        "3000": str(port),
    }
    given = os.environ | {"DAGSTER_HOME": str(home)}

    def done(*words: str) -> bool:
        return subprocess.run(words, cwd=ROOT, env=given, capture_output=True).returncode == 0

    def serving(name: str) -> AbstractContextManager[subprocess.Popen[bytes]]:
        log = tmp_path / f"{name}.log"
        return started(command(name, "ExecStart", here), log, given, stop=signal.SIGTERM)

    others = [command(name, "ExecStartPre", {"${DAGSTER_HOME}": str(home)}) for name in OTHERS]
    assert [done(*one) for one in others] == [False] * 2, "they make no records"
    for _ in range(2):
        assert done(*command("definitions", "ExecStartPre", here))
    assert [done(*one) for one in others] == [True] * 2
    with serving("definitions"):
        assert done(*command("definitions", "ExecStartPost", here))
        with serving("webserver"), serving("daemon"):
            server = Webserver(port)
            until(server.is_ready, "the webserver")
            until(lambda: done(str(BIN / "dagster-daemon"), "liveness-check"), "the daemon")
            [entry] = server.ask(LOCATIONS)["workspaceOrError"]["locationEntries"]
            assert entry["name"] == MODULE
            assert entry["locationOrLoadError"] == {"__typename": "RepositoryLocation"}
            # Neither has loaded the definitions in a process of its own.
            assert len(code_servers(home)) == 1


def code_servers(home: Path) -> list[Path]:
    """Processes that serve definitions, of whoever has this `DAGSTER_HOME`."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended meanwhile
            is_ours = f"DAGSTER_HOME={home}\0".encode() in (process / "environ").read_bytes()
            if is_ours and b"\0grpc\0" in (process / "cmdline").read_bytes():
                found.append(process)
    return found
