"""What a person starts by a click: today's collecting, an import, deriving; never a second one.

A run of the same listener that is under way is given back instead of another one being started,
whoever started it. Everything is started through Dagster's webserver. Only deriving and importing,
which ask nobody for anything, can also be done by a process of this machine where no webserver
answers. Add here another thing that a click may start.
"""

import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipelines.ops.dagster_server import ASSET_JOB, UNDER_WAY, DagsterServer, Repository, Run
from pipelines.resources.lake.lakes import Lake
from pipelines.resources.spotify.client import Spotify
from pipelines.run_context import PARTITION_TAG
from pipelines.settings import Settings

ONCE_IN = timedelta(hours=24)
"""What collects everything has run in so short a time: whoever wants more says so."""

JOBS = ("daily", "poll", "import", "rebuild", "playlists", "scrobbles")
"""First parts of the names of a listener's jobs."""

STARTED_BY = {"playledger/started_by": "dashboard"}
RUNTIME = {"dagster/max_runtime": "7200"}

WORDS = {
    "daily": "collecting",
    "poll": "a poll",
    "import": "an import",
    "rebuild": "a rebuild",
    "playlists": "reading playlists",
    "scrobbles": "reading Last.fm",
}

DERIVING = "deriving tables"

_starting = threading.Lock()


@dataclass(frozen=True)
class Started:
    """A run that is under way.

    Attributes:
        run: which.
        is_new: whether it was started just now; otherwise it was under way.
    """

    run: Run
    is_new: bool


@dataclass(frozen=True)
class NotYet:
    """Nothing was started, since all was collected a short time ago.

    Attributes:
        done_at: when that run ended, UTC.
    """

    done_at: datetime


def check_can_collect(settings: Settings, lake: Lake, listener: str) -> None:
    """Pass where requests could be sent for a listener; none is.

    Raises:
        LockedOut: where Spotify refuses requests for a while.
        LoginError: where there is no login that can be used.
        PlayledgerError: where that cannot be found out.
    """
    spotify = Spotify(settings, lake)
    spotify.lockouts(listener).check()
    spotify.client(listener).login.current()


def what_runs(run: Run, listener: str) -> str:
    """What a run of a listener's is, in words."""
    first = run.job.removesuffix(f"_{listener}")
    return WORDS.get(first, DERIVING)


def makes_tables(run: Run, listener: str) -> bool:
    """Whether a run of a listener's makes tables that pages show: a poll only collects."""
    return run.job != f"poll_{listener}"


def instead_words(begun: Started, wanted: str, listener: str) -> str:
    """A sentence where something else is under way, so that nothing was started; "" otherwise.

    Args:
        begun: what came of it.
        wanted: what was to be started, as `what_runs` calls it.
        listener: whose.
    """
    what = what_runs(begun.run, listener)
    return "" if begun.is_new or what == wanted else _beside(what)


def _beside(what: str) -> str:
    return f"Already under way: {what}. Nothing else was started beside it."


def under_way(server: DagsterServer, listener: str) -> list[Run]:
    """Runs of a listener that have not ended, the oldest first: it is the one that works."""
    jobs = {f"{kind}_{listener}" for kind in JOBS}
    runs = [
        run
        for run in server.runs(statuses=UNDER_WAY)
        if run.job in jobs
        or (run.job == ASSET_JOB and any(path[0] == listener for path in run.assets))
    ]
    return runs[::-1]


def last_collected(server: DagsterServer, listener: str) -> datetime | None:
    """When the last good daily run of a listener ended, UTC; None where there is none."""
    runs = server.runs(job=f"daily_{listener}", statuses=["SUCCESS"], limit=1)
    return runs[0].ended_at if runs else None


def collect_now(
    server: DagsterServer, listener: str, *, force: bool = False, now: datetime | None = None
) -> Started | NotYet:
    """Start the daily run of today, unless it is under way, or was done within 24 hours.

    Args:
        server: Dagster's.
        listener: whose.
        force: even if it was done within 24 hours.
        now: the current time, UTC; None for the clock's.

    Raises:
        DagsterAway: where no webserver answers.
        DagsterRefused: where it starts nothing.
    """
    now = now or datetime.now(UTC)
    job = f"daily_{listener}"
    with _starting:
        if running := under_way(server, listener):
            return Started(running[0], is_new=False)
        done_at = last_collected(server, listener)
        if done_at and now - done_at < ONCE_IN and not force:
            return NotYet(done_at)
        tags = {PARTITION_TAG: f"{now:%Y-%m-%d}", **STARTED_BY}
        return _launched(server, job, tags, server.repository(job))


def import_now(server: DagsterServer, listener: str) -> Started:
    """Start importing what is in a listener's inbox, unless a run is under way.

    Raises:
        DagsterAway: where no webserver answers.
        DagsterRefused: where it starts nothing.
    """
    job = f"import_{listener}"
    with _starting:
        if running := under_way(server, listener):
            return Started(running[0], is_new=False)
        return _launched(server, job, STARTED_BY, server.repository(job))


def derive_now(server: DagsterServer, listener: str) -> Started:
    """Start making labelled plays, and all that follows from them, unless a run is under way.

    Raises:
        DagsterAway: where no webserver answers.
        DagsterRefused: where it starts nothing.
    """
    with _starting:
        if running := under_way(server, listener):
            return Started(running[0], is_new=False)
        repository = server.repository(f"daily_{listener}")
        assets = repository.from_asset_on((listener, "labelled_plays"))
        return _launched(server, ASSET_JOB, {**STARTED_BY, **RUNTIME}, repository, assets)


def _launched(
    server: DagsterServer,
    job: str,
    tags: Mapping[str, str],
    repository: Repository,
    assets: Sequence[tuple[str, ...]] | None = None,
) -> Started:
    run_id = server.launch(job, tags=tags, assets=assets, repository=repository)
    return Started(server.run(run_id), is_new=True)


@dataclass
class OwnProcess:
    """A process of this machine that derives or imports, where no webserver answers.

    Attributes:
        what: in words.
        began_at: when, UTC.
        is_told: whether somebody was told that it has ended.
    """

    what: str
    began_at: datetime
    _process: "subprocess.Popen[bytes]" = field(repr=False)
    _log: Path = field(repr=False)
    is_told: bool = False

    @property
    def is_under_way(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    @property
    def is_good(self) -> bool:
        """Whether it has ended well."""
        return self._process.poll() == 0

    @property
    def steps_done(self) -> int:
        """How many steps have ended so far."""
        return self._said().count(" STEP_SUCCESS ")

    def why_failed(self) -> str:
        """Why it has not ended well, in one sentence."""
        failures = [
            line for line in self._said().splitlines() if "Failure" in line or "Error" in line
        ]
        known = next((line for line in failures if "dagster.Failure: " in line), "")
        said = known.partition("Failure: ")[2] or (failures[-1] if failures else "")
        return said.strip()[:400] or f"the process ended with {self._process.returncode}"

    def _said(self) -> str:
        return self._log.read_text(errors="replace")


def process_instead_words(process: OwnProcess, wanted: str) -> str:
    """A sentence where another process is under way, so that nothing was started; "" otherwise.

    Args:
        process: what came of it.
        wanted: what was to be started, in words.
    """
    return "" if process.what == wanted else _beside(process.what)


class OwnProcesses:
    """What this process has started itself; one for each listener at a time."""

    def __init__(self) -> None:
        self._by_listener: dict[str, OwnProcess] = {}
        self._lock = threading.Lock()

    def of(self, listener: str) -> OwnProcess | None:
        """The last one of a listener."""
        return self._by_listener.get(listener)

    def derive(self, listener: str) -> OwnProcess:
        """Make labelled plays and all that follows from them; nothing is asked of anybody."""
        selection = f'key:"{listener}/labelled_plays"+'
        command = ["asset", "materialize", "--select", selection]
        return self._started(listener, DERIVING, command)

    def import_inbox(self, listener: str) -> OwnProcess:
        """Import what is in a listener's inbox; nothing is asked of anybody."""
        command = ["job", "execute", "-j", f"import_{listener}"]
        return self._started(listener, WORDS["import"], command)

    def _started(self, listener: str, what: str, command: Sequence[str]) -> OwnProcess:
        with self._lock:
            last = self._by_listener.get(listener)
            if last and last.is_under_way:
                return last
            handle, log = tempfile.mkstemp(prefix="playledger-", suffix=".log")
            program = [sys.executable, "-m", "dagster", *command, "-m", "pipelines.definitions"]
            with os.fdopen(handle, "wb") as output:
                process = subprocess.Popen(  # noqa: S603 our own command
                    program, stdin=subprocess.DEVNULL, stdout=output, stderr=output
                )
            if last:
                last._log.unlink(missing_ok=True)  # noqa: SLF001 a module's own
            started = OwnProcess(what, datetime.now(UTC), process, Path(log))
            self._by_listener[listener] = started
            return started
