"""What a process takes: seconds, processors and memory, as Linux tells it.

Add here what is true of any process. What is run belongs in the benchmark that runs it.
"""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
TICK_S = os.sysconf("SC_CLK_TCK")


def in_a_process(command: list[str]) -> dict[str, Any]:
    """Run it; seconds of the clock and of the processors, and most memory."""
    began, most_kb = time.perf_counter(), 0
    with (Path(os.environ["DAGSTER_HOME"]) / "../log").open("ab") as log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
        while True:
            done, status, usage = os.wait4(process.pid, os.WNOHANG)
            if done:
                break
            most_kb = max(most_kb, field_kb(process.pid, "status", "VmHWM:"))
            time.sleep(0.02)
    process.returncode = os.waitstatus_to_exitcode(status)
    return {
        "exit": process.returncode,
        "wall_s": round(time.perf_counter() - began, 2),
        "cpu_s": round(usage.ru_utime + usage.ru_stime, 2),
        "memory_mb": round(most_kb / 1024),
    }


def field_kb(pid: int, file: str, name: str) -> int:
    """A figure that Linux tells of a process; 0 when it is gone."""
    try:
        lines = Path(f"/proc/{pid}/{file}").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith(name))


@contextmanager
def running(command: list[str], home: Path, changed: dict[str, str]) -> Iterator[int]:
    """A process and all that it starts, which end with the block."""
    with (home / "log").open("ab") as log:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=os.environ | changed,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield process.pid
    finally:
        every = family(process.pid)
        for pid in every:
            os.kill(pid, 9)
        process.wait()


def family(session: int) -> list[int]:
    """All processes of a session."""
    processes = (path for path in Path("/proc").iterdir() if path.name.isdecimal())
    return [int(path.name) for path in processes if stat_of(path)[3:4] == [str(session)]]


def cpu_s(session: int) -> float:
    """Processor seconds that a session's living processes have used."""
    told = [stat_of(Path(f"/proc/{pid}"))[11:13] for pid in family(session)]
    return sum(int(ticks) for one in told for ticks in one) / TICK_S


def stat_of(process: Path) -> list[str]:
    """What follows the name in /proc/…/stat: state, parent, group, session, …; none when gone."""
    try:
        return (process / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
