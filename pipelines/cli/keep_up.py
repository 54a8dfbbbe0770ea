"""What `playledger up` becomes once it knows what to run: a small process that waits.

    python -m pipelines.cli.keep_up FOLDER

To read the settings takes libraries of some 60 MB, which would be held for as long as everything
runs. So `up.py` writes down what it found, and this program takes its place in the same process; it
imports nothing of the domain or the lake, and asks a process that ends for what needs these. Which
processes there are belongs in `up.py`, how they are kept together in `ops/services.py`.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NoReturn

from pipelines.cli.terminal import show
from pipelines.errors import PlayledgerError, StartFailed
from pipelines.ops.services import AlreadyRunning, Service, Services, is_written, only_one

CHECK_EVERY_S = 0.5
READY_S = 300
"""What a slow machine takes to load everything."""

REPORTS_S = 20
"""How long the lake may take to say where reports are: all else runs by then."""

PLAN = "plan.json"
WORKSPACE = "workspace.yaml"
"""Beside the logs: where Dagster's processes read where the definitions are served."""


@dataclass(frozen=True)
class Plan:
    """What is to run.

    Attributes:
        home: `DAGSTER_HOME`.
        workspace: what is to stand in `WORKSPACE`.
        first: runs to its end before the others start; None where nothing has to.
        stages: each is started when all of the one before take connections.
        lines: what to open, and what else a person should know.
    """

    home: Path
    workspace: Mapping[str, Any]
    first: Service | None
    stages: list[list[Service]]
    lines: list[str]

    @property
    def ports(self) -> Mapping[str, int]:
        """On which ports somebody takes connections, by name."""
        services = (one for stage in self.stages for one in stage)
        return {one.name: one.listens for one in services if isinstance(one.listens, int)}

    def write(self, folder: Path) -> None:
        """Write it down.

        Raises:
            StartFailed: where it cannot be written.
        """
        with is_written(folder / PLAN):
            (folder / PLAN).write_text(json.dumps(asdict(self), default=str), encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> "Plan":
        """What `write` wrote."""
        told = json.loads((folder / PLAN).read_text(encoding="utf-8"))
        return cls(
            Path(told["home"]),
            told["workspace"],
            told["first"] and _service(told["first"]),
            [[_service(one) for one in stage] for stage in told["stages"]],
            told["lines"],
        )


def become(plan: Plan, folder: Path, environment: Mapping[str, str]) -> NoReturn:
    """Go on as this program.

    Args:
        plan: what to run.
        folder: a temporary one, which is removed in the end.
        environment: what this process and all others are given.

    Raises:
        StartFailed: where the plan cannot be written.
    """
    try:
        plan.write(folder)
    except StartFailed:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    sys.stdout.flush()
    os.execve(sys.executable, [sys.executable, "-m", __name__, str(folder)], environment)  # noqa: S606


def main(folder: Path) -> int:
    """Run what is planned, until Ctrl-C or the end of one of them; returns the exit status."""
    plan = Plan.read(folder)
    try:
        with only_one(plan.home) as (lock, tell):
            _run(plan, lock, tell)
    except AlreadyRunning as other:
        show(f"Playledger is running here already (process {other.told.get('pid')}).")
        for line in other.told.get("lines", ["It is just being started."]):
            show(line, markup=False)
    except PlayledgerError as problem:
        sys.stderr.write(f"Error: {problem}\n")
        return 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


def _run(plan: Plan, lock: int, tell: Callable[[Mapping[str, Any]], None]) -> None:
    """Start everything, say where it is, and wait for the end of it."""
    over = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, lambda *_: over.set())
        elif number != signal.SIGHUP:  # which `nohup` ignores, for the others too
            # As in the background of a script. It still ends nothing here, but the others must not
            # inherit it: Dagster takes what it finds for SIGINT for SIGTERM too, and would not end.
            signal.signal(number, lambda *_: None)
    services = Services(plan.home, os.environ, lock)
    try:
        show("Starting, which takes some seconds …")
        _start(plan, services, over.is_set)
        if not over.is_set():
            lines = [*plan.lines, *_reports(), f"  Logs       {services.folder}"]
            tell({"lines": lines, "ports": plan.ports})
            show("Playledger is up; Ctrl-C ends it.", style="bold")
            for line in lines:
                show(line, markup=False)
        while not over.wait(CHECK_EVERY_S):
            services.check()
        show("Ending …")
    except StartFailed:
        for line in services.last_lines(services.ended()):
            sys.stderr.write(f"  {line}\n")
        raise
    finally:
        with suppress(StartFailed):  # a full disk: nobody waits then
            tell({"ending": True})
        services.end()


def _start(plan: Plan, services: Services, is_over: Callable[[], bool]) -> None:
    workspace = services.folder / WORKSPACE
    with is_written(workspace):
        workspace.write_text(json.dumps(plan.workspace), encoding="utf-8")  # JSON is YAML
    if plan.first:
        services.complete(plan.first)
    for stage in plan.stages:
        for service in stage:
            services.start(service)
        for service in stage:
            if service.listens is not None:
                services.wait_ready(service.name, READY_S, is_over)
        if is_over():
            return


def _reports() -> Iterator[str]:
    """Where reports are; or that the lake, which knows it, keeps everybody waiting."""
    asked = [sys.executable, "-m", "pipelines.ops.reports"]
    title = "Reports"
    with suppress(OSError):
        try:
            told = subprocess.run(  # noqa: S603 our own command
                asked,
                check=False,
                capture_output=True,
                stdin=subprocess.DEVNULL,
                timeout=REPORTS_S,
            )
        except subprocess.TimeoutExpired:
            yield f"  {title:<10} the lake does not answer"
            return
        for line in told.stdout.decode(errors="replace").splitlines():
            yield f"  {title:<10} {line}"
            title = ""


def _service(told: Mapping[str, Any]) -> Service:
    listens = told["listens"]
    where = Path(listens) if isinstance(listens, str) else listens
    return Service(told["name"], told["command"], where)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
