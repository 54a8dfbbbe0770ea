"""What the process that serves the dashboard has: its settings, the lake, what was read of it.

Streamlit runs pages as scripts, which are given nothing: they ask here. Add what all who look share
for as long as the server lives; what is of one visitor or of one click does not belong here.
"""

from dataclasses import dataclass, field

from pipelines.dashboard.plan_writes import Writes
from pipelines.dashboard.reading import Kept, Reading
from pipelines.ops.dagster_server import DagsterServer
from pipelines.ops.starting import OwnProcesses
from pipelines.resources.lake.lakes import Lake
from pipelines.settings import Settings


@dataclass
class Running:
    """A dashboard that is being served.

    Attributes:
        settings: of the process.
        lake: the whole lake; whose folder may be read is decided before it is.
        kept: what was read of it.
        writes: plans that are being written to Spotify.
        processes: what was started here, where no webserver of Dagster's answers.
    """

    settings: Settings
    lake: Lake = field(init=False)
    kept: Kept = field(default_factory=Kept)
    processes: OwnProcesses = field(default_factory=OwnProcesses)
    writes: Writes = field(default_factory=Writes)

    @property
    def dagster(self) -> DagsterServer:
        """Where runs are started and followed."""
        return DagsterServer(self.settings.dagster_url)

    def __post_init__(self) -> None:
        self.lake = Lake.open(self.settings)

    def reading(self, listener: str) -> Reading:
        """The tables of a listener whom the visitor may see."""
        return Reading(self.lake, listener, self.kept)


_running: list[Running] = []


def start(settings: Settings) -> Running:
    """Say what this process serves, before it serves it."""
    _running[:] = [Running(settings)]
    return _running[0]


def current() -> Running:
    """What this process serves."""
    return _running[0]
