"""Many listeners in one deployment: what 25 apps with five listeners each ask of one machine.

A sandbox stands in for Spotify. The locations are served as `playledger up` does it, with one
daemon and one webserver, and the schedules are those of the product but for their times: everybody
is polled every `--every` minutes, and daily runs begin over `--hours` from its start on, or all of
them within the trial. What it prints belongs into docs/operations.md, "Many listeners".

    .venv/bin/python -m benchmarks.many_listeners --apps 25 --minutes 60 --hours 11 --postgres
"""

import argparse
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean
from typing import Any

import dagster as dg
from dagster._core.definitions.run_request import InstigatorType

from benchmarks.processes import ROOT, TICK_S, family, field_kb, running, stat_of
from pipelines.automation import schedules
from pipelines.ops.code_servers import servers_in_folder, workspace_of
from pipelines.ops.services import is_taken
from pipelines.settings import Settings, locations
from sandbox import Sandbox
from testing.servers import free_ports

LISTENERS_OF_AN_APP = 5
LOOK_EVERY_S = 2
PAGES = {"catalogue": "/assets", "lineage": "/asset-groups"}
SHOWN = "text=app0"
"""Of the listeners' names; pages show the first ones."""

PATIENCE_S = 600
KINDS = ("code servers", "daemon", "webserver", "runs")
UNDER_WAY = [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED]


def main(arguments: Sequence[str]) -> None:
    """Run the trial, or, for itself, the code servers with quicker schedules."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--apps", type=int, default=25)
    parser.add_argument("--minutes", type=int, default=60, help="how long schedules run")
    parser.add_argument("--every", type=int, default=15, help="minutes between two polls")
    parser.add_argument("--hours", type=int, default=0, help="over which daily runs are spread")
    parser.add_argument("--postgres", action="store_true", help="instead of SQLite")
    parser.add_argument("--serve", metavar="FOLDER", help=argparse.SUPPRESS)
    parser.add_argument("--since", type=int, default=0, help=argparse.SUPPRESS)
    told = parser.parse_args(arguments)
    if told.serve:
        _serve(told)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # and end what was started
    names = [[f"app{app:02}_{n}" for n in range(LISTENERS_OF_AN_APP)] for app in range(told.apps)]
    with ExitStack() as trial:
        folder = trial.enter_context(tempfile.TemporaryDirectory())
        sandbox = trial.enter_context(Sandbox(*(name for app in names for name in app)))
        home = _prepared(Path(folder), names, sandbox)
        if told.postgres:
            from tests.system.deploy.deployment import postgres  # noqa: PLC0415 it needs Postgres

            os.environ.update(trial.enter_context(postgres()))
            shutil.copy(ROOT / "deploy/dagster.yaml", home)
        for line in _measured(home, told):
            print(line, flush=True)


def _serve(told: argparse.Namespace) -> None:
    """The code servers, whose schedules have the times of the trial."""
    from pipelines.cli import serve_code  # noqa: PLC0415 it loads the definitions

    place = schedules._place  # noqa: SLF001 the product's own way to spread
    schedules.every_15_minutes = lambda name: f"{place(name, told.every)}-59/{told.every} * * * *"

    def once_an_hour(name: str, _: int = 1) -> str:
        at = told.since + place(name, 60 * told.hours or max(1, told.minutes - 2))
        return f"{at % 60} {at // 60 % 24}-23 * * *"

    schedules.hourly_from_five = once_an_hour
    sys.exit(serve_code.main([told.serve]))


def _prepared(home: Path, names: Sequence[Sequence[str]], sandbox: Sandbox) -> Path:
    """Settings of everybody in the environment; returns `DAGSTER_HOME`."""
    everybody = [name for app in names for name in app]
    text = "".join(
        f'[{name}]\ntimezone = "Europe/Berlin"\n' + (f'app = "app{number:02}"\n' if number else "")
        for number, app in enumerate(names)
        for name in app
    )
    (home / "listeners.toml").write_text(text)
    dagster = home / "dagster"
    dagster.mkdir()
    shutil.copy(ROOT / "dagster.yaml", dagster)
    (dagster / ".nux").mkdir()
    (dagster / ".nux" / "nux.yaml").write_text("seen: 1\n")  # no greeting over the pages
    os.environ.update(sandbox.environment(*everybody))
    os.environ.update(
        ENV_FILE=os.devnull,
        LAKE_URL=str(home / "lake"),
        TOKENS_DIR=str(home / "tokens"),
        CACHE_FILE=str(home / "answers.sqlite"),
        LISTENERS_FILE=str(home / "listeners.toml"),
        SURVEYS_FILE=os.devnull,
        DAGSTER_HOME=str(dagster),
        SPOTIFY_DEVELOPER="trial",
        REQUESTS_PER_HOUR="100000",
        PYTHONWARNINGS="ignore",
    )
    for number in range(1, len(names)):
        os.environ[f"SPOTIFY_CLIENT_ID_APP{number:02}"] = sandbox.client_id
        os.environ[f"SPOTIFY_CLIENT_SECRET_APP{number:02}"] = sandbox.client_secret
    return dagster


def _measured(home: Path, told: argparse.Namespace) -> Iterator[str]:
    servers = servers_in_folder(locations(Settings().listeners), home)
    workspace = home / "workspace.yaml"
    workspace.write_text(json.dumps(workspace_of(servers)))
    (port,) = free_ports(1)
    url = f"http://127.0.0.1:{port}"
    with dg.DagsterInstance.get() as instance, ExitStack() as stack:
        began = time.monotonic()
        since = 60 * datetime.now(UTC).hour + datetime.now(UTC).minute + 2
        again = [sys.executable, "-m", "benchmarks.many_listeners", "--serve", str(home)]
        again += [f"--every={told.every}", f"--minutes={told.minutes}", f"--hours={told.hours}"]
        sessions = {
            "code servers": stack.enter_context(running([*again, "--since", str(since)], home, {}))
        }
        _wait(lambda: is_taken(servers[0].listens), "the code servers", home)
        yield f"{len(servers)} code servers ready after {time.monotonic() - began:.0f} s"
        where = ["-w", str(workspace)]
        ours = [sys.executable, "-m", "pipelines.ops.dagster_command"]
        page = [*ours, "dagster-webserver", "-h", "127.0.0.1", "-p", str(port), *where]
        sessions["webserver"] = stack.enter_context(running(page, home, {}))
        _wait(lambda: is_taken(port), "the webserver", home)
        yield f"webserver ready after {time.monotonic() - began:.0f} s"
        daemon = [*ours, "dagster-daemon", "run", *where]
        sessions["daemon"] = stack.enter_context(running(daemon, home, {}))
        looks = Looks(instance, sessions)
        looks.go_on_for(60 * told.minutes / 2)
        for name, seconds in _pages(url):
            yield f"{name} answers in chromium after {seconds:.1f} s, while runs go on"
        looks.go_on_for(60 * told.minutes / 2)
        yield from looks.told()
        yield from _of_runs(instance)
        yield _of_ticks(instance)


class Looks:
    """What processes take while the trial runs, looked at every few seconds.

    Args:
        instance: whose runs are counted.
        sessions: of processes, by what they are.
    """

    def __init__(self, instance: dg.DagsterInstance, sessions: dict[str, int]) -> None:
        self._instance, self._sessions = instance, sessions
        self._cpu: dict[str, dict[int, float]] = defaultdict(dict)
        self._at_first: dict[str, float] = {}
        self._memory: dict[str, list[float]] = defaultdict(list)
        self._processes: Counter[str] = Counter()
        self._queued: list[int] = []
        self._under_way: list[int] = []
        self._seconds = 0.0

    def go_on_for(self, seconds: float) -> None:
        """Look for so long."""
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            self._look()
            time.sleep(LOOK_EVERY_S)
        self._seconds += time.monotonic() - began

    def _look(self) -> None:
        memory = dict.fromkeys(KINDS, 0.0)
        count: Counter[str] = Counter()
        for kind, session in self._sessions.items():
            for pid in family(session):
                if not (command := _command(pid)):
                    continue  # it has ended, and nobody has asked how
                # Runs are started anew by the code servers, and have another command.
                what = "runs" if b"multiprocessing" in command else kind
                # What processes share is counted for each by its share.
                memory[what] += field_kb(pid, "smaps_rollup", "Pss:") / 1024
                count[what] += 1
                if used := stat_of(Path(f"/proc/{pid}"))[11:13]:
                    self._cpu[what][pid] = sum(map(int, used)) / TICK_S
        for kind in KINDS:
            self._memory[kind].append(memory[kind])
            self._processes[kind] = max(self._processes[kind], count[kind])
            self._at_first.setdefault(kind, sum(self._cpu[kind].values()))
        for counts, statuses in (
            (self._queued, [dg.DagsterRunStatus.QUEUED]),
            (self._under_way, UNDER_WAY),
        ):
            counts.append(self._instance.get_runs_count(dg.RunsFilter(statuses=statuses)))

    def told(self) -> Iterator[str]:
        """The table."""
        yield "| what | processes, most | cores busy, mean | memory, most (MB) |"
        yield "|---|--:|--:|--:|"
        for kind in KINDS:
            cpu = (sum(self._cpu[kind].values()) - self._at_first[kind]) / self._seconds
            memory = max(self._memory[kind])
            yield f"| {kind} | {self._processes[kind]} | {cpu:.2f} | {memory:,.0f} |"
        yield f"runs queued: mean {mean(self._queued):.1f}, most {max(self._queued)}"
        yield f"runs under way: mean {mean(self._under_way):.1f}, most {max(self._under_way)}"


def _of_runs(instance: dg.DagsterInstance) -> Iterator[str]:
    """How runs ended, and how long they waited, by job."""
    ended: dict[str, Counter[str]] = defaultdict(Counter)
    waited: dict[str, list[float]] = defaultdict(list)
    for record in instance.get_run_records():
        job = record.dagster_run.job_name.partition("_")[0]
        ended[job][record.dagster_run.status.value] += 1
        if record.start_time:
            waited[job].append(record.start_time - record.create_timestamp.timestamp())
    for job, statuses in sorted(ended.items()):
        wait = f"{mean(waited[job]):.0f} s, most {max(waited[job]):.0f} s" if waited[job] else "-"
        yield f"{job}: {dict(statuses)}; from request to start {wait}"


def _of_ticks(instance: dg.DagsterInstance) -> str:
    """How late the daemon was done with ticks of schedules."""
    late = [
        tick.tick_data.end_timestamp - tick.timestamp
        for state in instance.all_instigator_state(instigator_type=InstigatorType.SCHEDULE)
        for tick in instance.get_ticks(state.instigator_origin_id, state.selector_id)
        if tick.tick_data.end_timestamp
    ]
    over = sum(one > 60 for one in late)
    return (
        f"{len(late)} ticks of schedules: done after {mean(late or [0]):.0f} s, "
        f"most {max(late or [0]):.0f} s, {over} after more than a minute"
    )


def _pages(url: str) -> Iterator[tuple[str, float]]:
    """Seconds until pages of the UI show something."""
    for name, path in PAGES.items():
        with _chromium() as page:
            began = time.monotonic()
            page.goto(f"{url}{path}", timeout=PATIENCE_S * 1000)
            page.locator(SHOWN).first.wait_for(timeout=PATIENCE_S * 1000)
            yield name, time.monotonic() - began


@contextmanager
def _chromium() -> Iterator[Any]:
    from tests.support import browsing  # noqa: PLC0415 it needs chromium

    with browsing.started() as browser:
        yield browser.new_page(viewport={"width": browsing.DESK, "height": browsing.HEIGHT})


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def _wait(is_so: Callable[[], bool], what: str, home: Path) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not is_so():
        if time.monotonic() > deadline:
            sys.exit(f"{what} did not come: {(home / 'log').read_text()[-3000:]}")
        time.sleep(0.2)


if __name__ == "__main__":
    main(sys.argv[1:])
