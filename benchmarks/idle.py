"""What `playledger up` takes while nothing happens: processors and memory of each process.

One listener who only imports, in a folder of their own. The processes have a minute and a half to
start, and are then looked at for `--minutes`. It prints the table of docs/operations.md,
"While you are there".

    .venv/bin/python -m benchmarks.idle --minutes 10
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from benchmarks.processes import TICK_S, field_kb, stat_of

PLAYLEDGER = Path(sys.executable).parent / "playledger"
STARTED_AFTER_S = 90
KINDS = {
    "daemon": b"dagster-daemon",
    "definitions": b"\0grpc\0",
    "webserver": b"dagster-webserver",
    "dashboard": b"\0dashboard\0",
    "`up` and what guards it": b"",
}
"""A word of the command of each, the first that fits; what is left is the last one's."""


def main(arguments: Sequence[str]) -> None:
    """Run it and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=10)
    minutes = parser.parse_args(arguments).minutes
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "listeners.toml").write_text('[me]\ntimezone = "Europe/Berlin"\n')
        (home / ".env").touch()
        names = ("PATH", "LANG", "MALLOC_ARENA_MAX")
        given = {name: os.environ[name] for name in names if name in os.environ}
        given |= {"HOME": folder, "DAGSTER_HOME": str(home / "dagster")}
        with (home / "log").open("wb") as log:
            up = subprocess.Popen([PLAYLEDGER, "up"], cwd=home, env=given, stdout=log, stderr=log)
        try:
            time.sleep(STARTED_AFTER_S)
            before, began = looked(given["DAGSTER_HOME"]), time.monotonic()
            time.sleep(minutes * 60)
            seconds = time.monotonic() - began
            if up.poll() is not None:
                sys.exit((home / "log").read_text())
            _print(before, looked(given["DAGSTER_HOME"]), seconds)
        finally:
            up.send_signal(signal.SIGTERM)
            up.wait()


def looked(home: str) -> dict[str, tuple[float, float]]:
    """Seconds of processors until now, and MB of memory, of what has this `DAGSTER_HOME`."""
    found = dict.fromkeys(KINDS, (0.0, 0.0))
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, IndexError):  # it has ended meanwhile
            if f"DAGSTER_HOME={home}\0".encode() not in (process / "environ").read_bytes():
                continue
            command = (process / "cmdline").read_bytes()
            kind = next(kind for kind, word in KINDS.items() if word in command)
            cpu_s, mb = found[kind]
            used = sum(map(int, stat_of(process)[11:13])) / TICK_S
            # What processes share is counted for each by its share.
            held = field_kb(int(process.name), "smaps_rollup", "Pss:") / 1024
            found[kind] = cpu_s + used, mb + held
    return found


def _print(
    before: Mapping[str, tuple[float, float]],
    after: Mapping[str, tuple[float, float]],
    seconds: float,
) -> None:
    rows = {
        kind: ((after[kind][0] - before[kind][0]) / seconds * 100, after[kind][1]) for kind in KINDS
    }
    rows["all but the dashboard"] = tuple(  # type: ignore[assignment]
        sum(row[n] for kind, row in rows.items() if kind != "dashboard") for n in (0, 1)
    )
    print(f"| in {seconds / 60:.0f} minutes | % of a core | MB |\n|---|--:|--:|")
    for kind, (share, mb) in rows.items():
        print(f"| {kind} | {share:.2f} | {mb:.0f} |")


if __name__ == "__main__":
    main(sys.argv[1:])
