"""What a daily run takes beyond the time that it waits: processors and memory.

Behind it are one year and fourteen, in a folder, as `cost_lake.py` makes them up. The run is a
process of its own, as the daemon starts it, after one that took in all dates. Two floors are
measured beside it, as often, and the lowest of each counts: a process that imports the same
libraries, and one that imports all but Great Expectations.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
import warnings
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.cost import point_at
from benchmarks.cost_lake import LISTENER, fill
from benchmarks.processes import in_a_process
from sandbox import Sandbox

DAGSTER = str(Path(sys.executable).with_name("dagster"))
FLOORS = {
    "its libraries": "import dagster, great_expectations, duckdb, pyarrow, spotipy",
    "all but Great Expectations": "import dagster, duckdb, pyarrow, spotipy",
}


def main() -> None:
    """Run it and print."""
    warnings.simplefilter("ignore")
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--years", type=int, nargs="+", default=[1, 14])
    options.add_argument("--repeats", type=int, default=3)
    given = options.parse_args()
    for years in given.years:
        with tempfile.TemporaryDirectory() as folder, Sandbox(LISTENER) as sandbox:
            home = Path(folder)
            point_at(home, sandbox)
            print(f"{years} years behind, {fill(home, sandbox, years):,} plays", flush=True)
            measure(home, given.repeats)


def measure(home: Path, repeats: int) -> None:
    """Print what a run takes, and its ratios to the floors, of so many of each in turn."""
    daily_run()
    runs, floors = [], []
    for _ in range(repeats):
        as_if_not_asked(home)
        runs.append(daily_run())
        floors.append({name: python(imports)["cpu_s"] for name, imports in FLOORS.items()})
    run = min(runs, key=lambda one: one["cpu_s"])
    memory = max(one["memory_mb"] for one in runs)
    print(f"  {run['cpu_s']:.1f} s of processors, {memory} MB of memory")
    for name in FLOORS:
        floor = min(one[name] for one in floors)
        print(f"  floor, importing {name}: {floor:.1f} s; ratio {run['cpu_s'] / floor:.1f}")


def daily_run() -> dict[str, Any]:
    """One, today, in a process of its own."""
    tags = json.dumps({"dagster/partition": f"{datetime.now(UTC):%Y-%m-%d}"})
    command = [DAGSTER, "job", "execute", "-m", "pipelines.definitions"]
    return well([*command, "-j", f"daily_{LISTENER}", "--tags", tags])


def python(source: str) -> dict[str, Any]:
    """A process that does no more than that."""
    return well([sys.executable, "-W", "ignore", "-c", source])


def well(command: list[str]) -> dict[str, Any]:
    """What a process took that must end well."""
    told = in_a_process(command)
    log = Path(os.environ["DAGSTER_HOME"]).parent / "log"
    assert told["exit"] == 0, log.read_text()[-2000:]
    return told


def as_if_not_asked(home: Path) -> None:
    """Spotify's lists of today are not there yet."""
    today = f"date={datetime.now(UTC):%Y-%m-%d}"
    for folder in (home / "lake" / "users" / LISTENER / "raw").iterdir():
        if folder.name != "recently_played":
            shutil.rmtree(folder / today, ignore_errors=True)


if __name__ == "__main__":
    main()
