"""The code servers of all locations: where each listens, and what Dagster is told of them.

Each is Dagster's own `dagster api grpc`. How listeners are divided among locations is
`settings/locations.py`; the process that serves several of them is `cli/serve_code.py`. Add here
what both it and the commands that describe it must say alike.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.settings import Location

DEFINITIONS = "pipelines.definitions"


@dataclass(frozen=True)
class CodeServer:
    """One of them.

    Attributes:
        location: what it serves.
        listens: on this port, or this socket.
        host: the machine's address, where it is a port.
    """

    location: Location
    listens: int | Path
    host: str = "localhost"

    @property
    def arguments(self) -> list[str]:
        """Of Dagster's command for it."""
        where = (
            ["--host", self.host, "--port", str(self.listens)]
            if isinstance(self.listens, int)
            else ["--socket", str(self.listens)]
        )
        return ["api", "grpc", *where, "-m", DEFINITIONS]

    @property
    def told(self) -> dict[str, Any]:
        """Where it is, as a `workspace.yaml` says it."""
        is_port = isinstance(self.listens, int)
        where = {"port": self.listens} if is_port else {"socket": str(self.listens)}
        return {"location_name": self.location.name, "host": self.host, **where}


def servers_on_ports(divided: Sequence[Location], host: str, first: int) -> list[CodeServer]:
    """A server for each location, on ports that follow each other."""
    return [CodeServer(one, first + n, host) for n, one in enumerate(divided)]


def servers_in_folder(divided: Sequence[Location], folder: Path) -> list[CodeServer]:
    """A server for each location, on sockets in a folder."""
    return [CodeServer(one, folder / (one.app or "definitions")) for one in divided]


def workspace_of(servers: Iterable[CodeServer], first: str | None = None) -> dict[str, Any]:
    """What Dagster's webserver and daemon are told in a `workspace.yaml`.

    Args:
        servers: one for each location.
        first: what the first location is called there, if not as ever: Dagster knows by that name
            which schedules somebody has turned off.
    """
    told = [{"grpc_server": one.told} for one in servers]
    if first is not None:
        told[0]["grpc_server"]["location_name"] = first
    return {"load_from": told}
