"""A daily run on the sandbox: seconds beyond `throttle_wait_s`, against an empty Dagster process.

The run is a process of its own, as the daemon starts it, with the default spacing of 2 seconds.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg

from sandbox import Sandbox

ROOT = Path(__file__).resolve().parent.parent
DAGSTER = str(Path(sys.executable).with_name("dagster"))
FLOOR = "import dagster, great_expectations, duckdb, pyarrow, spotipy"


def main() -> None:
    """Run it and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--interval", default="2", help="REQUEST_INTERVAL_S")
    interval = options.parse_args().interval
    with tempfile.TemporaryDirectory() as folder, Sandbox("demo") as sandbox:
        prepare(Path(folder), sandbox, interval)
        floor = timed(sys.executable, "-W", "ignore", "-c", FLOOR)
        tags = f'{{"dagster/partition": "{datetime.now(UTC):%Y-%m-%d}"}}'
        whole = timed(
            DAGSTER,
            "job",
            "execute",
            "-m",
            "pipelines.definitions",
            "-j",
            "daily_demo",
            "--tags",
            tags,
        )
        waited = throttle_wait()
        requests = len(sandbox.requests)
    beyond = whole - waited
    print(f"{requests} requests, {whole:.1f} s in all, throttle_wait_s {waited:.1f}")
    print(f"beyond throttle_wait_s: {beyond:.1f} s")
    print(f"floor, importing the libraries: {floor:.1f} s; ratio {beyond / floor:.1f}")


def prepare(folder: Path, sandbox: Sandbox, interval: str) -> None:
    """An empty lake and instance of Dagster, and the sandbox to ask."""
    (folder / "dagster.yaml").write_bytes((ROOT / "dagster.yaml").read_bytes())
    os.environ |= {
        "DAGSTER_HOME": str(folder),
        "LAKE_URL": str(folder / "lake"),
        "TOKENS_DIR": str(folder / "tokens"),
        "LISTENERS_FILE": str(ROOT / "sandbox" / "listeners.toml"),
        **sandbox.environment("demo"),
        "REQUEST_INTERVAL_S": interval,
        "PYTHONWARNINGS": "ignore",
    }


def timed(*command: str) -> float:
    """Wall seconds of a process that must end well."""
    began = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return time.perf_counter() - began


def throttle_wait() -> float:
    """The seconds that the last run's assets say they waited."""
    with dg.DagsterInstance.get() as instance:
        (record,) = instance.get_run_records(limit=1)
        logs = instance.all_logs(record.dagster_run.run_id)
        events = [one.dagster_event for one in logs if one.dagster_event]
        metadata = [
            event.step_materialization_data.materialization.metadata
            for event in events
            if event.is_step_materialization
        ]
    return sum(
        float(told["throttle_wait_s"].value) for told in metadata if "throttle_wait_s" in told
    )


if __name__ == "__main__":
    main()
