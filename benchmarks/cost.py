"""What a listener costs a day: requests to Spotify, operations on a bucket, seconds and bytes.

Lakes of one and of fourteen years are made up and put into SeaweedFS. Runs in processes of their
own, as the daemon starts them, then poll and derive a day through a proxy that counts. Every
sensor and schedule is evaluated once, too, since each tick may ask the lake something.

The figures go into `cost.json` beside this file, and into the tables of `docs/cost.md`. Prices and
arithmetic are `cost_tables.py`, with which `make docs` reckons again. The lake is made by
`cost_lake.py`.
"""

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
from dagster._utils.schedules import cron_string_iterator

from benchmarks.cost_lake import A_DAY, LISTENER, fill, upload
from benchmarks.cost_tables import FIGURES, filled
from benchmarks.processes import ROOT, cpu_s, family, field_kb, in_a_process, running
from pipelines.definitions import defs
from pipelines.ops.sensors import HEALTH_INTERVAL
from pipelines.resources.lake.lakes import Lake
from pipelines.settings import Settings
from sandbox import Sandbox
from sandbox.life import truth
from sandbox.people import people
from testing.counting_proxy import Traffic, counted
from testing.servers import seaweedfs

BIN = Path(sys.executable).parent
PAGE = ROOT / "docs" / "cost.md"
YEARS = (1, 14)
REPEATS = 2
DAEMON_S = 60


def main() -> None:
    """Measure, and write what was measured into the page."""
    warnings.simplefilter("ignore")
    figures = json.loads(FIGURES.read_text()) | measured()
    FIGURES.write_text(json.dumps(figures, indent=1) + "\n")
    PAGE.write_text(filled(PAGE.read_text(), figures))


def measured() -> dict[str, Any]:
    """All figures."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        figures: dict[str, Any] = {"measured_on": f"{datetime.now(UTC):%Y-%m-%d}"}
        figures["quarter_hours_with_plays"] = quarter_hours_with_plays()
        figures["daemon"] = {str(count): idle_daemon(home, count) for count in (1, 5)}
        figures["years"] = {str(years): of_years(home, years) for years in YEARS}
        figures["floor_cpu_s"] = round(min(floor() for _ in range(REPEATS)), 2)
        return figures


def quarter_hours_with_plays() -> float:
    """In how many of a day's 96 quarters of an hour a play ends, in the mean of made-up lives."""
    start, days = datetime(2026, 3, 2, tzinfo=UTC), 56
    quarters = {
        (
            person,
            play.played_at.replace(second=0, microsecond=0, minute=play.played_at.minute // 15),
        )
        for person in people()
        for play in truth(person, start, start + days * A_DAY)
        if not play.skipped
    }
    return round(len(quarters) / days / len(list(people())), 1)


def floor() -> float:
    """Processor seconds to import the libraries and do nothing."""
    imports = "import dagster, duckdb, pyarrow, spotipy, boto3"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-W", "ignore", "-c", imports], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def of_years(home: Path, years: int) -> dict[str, Any]:
    """A day's figures, behind so many years."""
    home = home / str(years)
    (home / "s3").mkdir(parents=True)
    with Sandbox(LISTENER) as sandbox:
        point_at(home, sandbox)
        plays = fill(home, sandbox, years)
        with seaweedfs(home / "s3") as server, counted(server) as (proxied, traffic):
            upload(home / "lake", server)
            os.environ |= {
                "LAKE_URL": f"s3://{server.bucket}/lake",
                "S3_ENDPOINT_URL": proxied.endpoint_url,
                "AWS_ACCESS_KEY_ID": server.access_key,
                "AWS_SECRET_ACCESS_KEY": server.secret_key,
            }
            figures = Day(home, sandbox, traffic).figures()
    return {"plays": plays, **figures}


def point_at(home: Path, sandbox: Sandbox) -> None:
    """Settings for a lake in a folder and a sandbox, and an instance as `dagster.yaml` has it."""
    (home / "listeners.toml").write_text(f'[{LISTENER}]\ntimezone = "Europe/Berlin"\n')
    (home / "dagster").mkdir()
    shutil.copy(ROOT / "dagster.yaml", home / "dagster")
    os.environ |= {
        "DAGSTER_HOME": str(home / "dagster"),
        "LAKE_URL": str(home / "lake"),
        "TOKENS_DIR": str(home / "tokens"),
        "LISTENERS_FILE": str(home / "listeners.toml"),
        **sandbox.environment(LISTENER),
        "ALERT_URLS": "json://127.0.0.1:9",  # nobody is there; with an address, health is looked at
        "PYTHONWARNINGS": "ignore",
    }


@dataclass
class Day:
    """A day at a listener's: what each kind of run and each tick asks for and takes."""

    home: Path
    sandbox: Sandbox
    traffic: Traffic

    def figures(self) -> dict[str, Any]:
        """Of a first poll, polls of each kind, a daily run, and ticks."""
        at = self._ends_of_plays()
        before = self._lake_bytes()
        runs: dict[str, Any] = {}
        self._clock(at[0])
        runs["first poll of the day"] = self._run("poll")
        runs["poll, nothing new"] = self._median("poll", [at[0]] * REPEATS)
        runs["poll, new plays"] = self._median("poll", at[1 : 1 + REPEATS])
        self._forget_access_token()
        runs["poll, nothing new, token refreshed"] = self._run("poll")
        self._settle()
        self._clock(at[-1])
        runs["daily run"] = self._run("daily")
        runs["poll after the daily run"] = self._run("poll")
        return {
            "runs": runs,
            "ticks": ticks(self.traffic),
            "lake_bytes": before,
            "by_folder": self._by_folder(),
        }

    def _settle(self) -> None:
        """A daily run that takes in all dates, as never again; then its lists as if not asked."""
        self._run("daily")
        store, today = Lake.open(Settings()).store, f"{datetime.now(UTC):%Y-%m-%d}"
        raw = f"users/{LISTENER}/raw/"
        for name in set(store.folders(raw)) - {"recently_played"}:
            store.delete(f"{raw}{name}/date={today}/")

    def _ends_of_plays(self) -> list[datetime]:

        now = datetime.now(UTC)
        plays = truth(LISTENER, now - 2 * A_DAY, now - timedelta(minutes=1))
        ends = [play.played_at for play in plays if not play.skipped]
        return ends[-REPEATS - 2 :]

    def _clock(self, at: datetime) -> None:
        self.sandbox.clock.fix(at + timedelta(seconds=1))

    def _forget_access_token(self) -> None:
        path = self.home / "tokens" / f"{LISTENER}.json"
        token = json.loads(path.read_text()) | {"obtained_at": 0.0, "expires_at": 0.0}
        path.write_text(json.dumps(token))

    def _median(self, job: str, moments: list[datetime]) -> dict[str, Any]:
        """Of runs that must ask for the same: the one that is in the middle by its seconds."""
        told = []
        for at in moments:
            self._clock(at)
            told.append(self._run(job))
        assert all(one["spotify"] == told[0]["spotify"] for one in told)
        assert all(one["operations"] == told[0]["operations"] for one in told), told
        return sorted(told, key=lambda one: one["cpu_s"])[len(told) // 2]

    def _run(self, job: str) -> dict[str, Any]:
        """One run in a process of its own."""
        lake = self._lake_bytes()
        self.traffic.clear()
        self.sandbox.requests.clear()
        disk = size_of(self.home / "dagster")
        command = [str(BIN / "dagster"), "job", "execute", "-m", "pipelines.definitions"]
        command += ["-j", f"{job}_{LISTENER}", "--tags"]
        command += [json.dumps({"dagster/partition": f"{datetime.now(UTC):%Y-%m-%d}"})]
        told = in_a_process(command)
        assert told.pop("exit") == 0, f"{job} failed: see {self.home}"
        return {
            "spotify": dict(Counter(endpoint(one.path) for one in self.sandbox.requests)),
            **traffic_of(self.traffic),
            **told,
            "dagster_bytes": size_of(self.home / "dagster") - disk,
            "lake_bytes": self._lake_bytes() - lake,
        }

    def _lake_bytes(self) -> int:
        return sum(self._by_folder().values())

    def _by_folder(self) -> dict[str, int]:
        """Bytes of the listener's lake by folder."""
        sizes: Counter[str] = Counter()
        for entry in Lake.open(Settings()).store.list(f"users/{LISTENER}/"):
            sizes[entry.key.split("/")[2]] += entry.size
        return dict(sizes)


def endpoint(path: str) -> str:
    """What a request was for: the path without its query."""
    return path.split("?", maxsplit=1)[0].removeprefix("/v1/").strip("/")


def traffic_of(traffic: Traffic) -> dict[str, Any]:
    """What the proxy counted."""
    return {
        "operations": dict(sorted(traffic.operations.items())),
        "classes": dict(sorted(traffic.classes.items())),
        "bytes_in": traffic.bytes_in,
        "bytes_out": traffic.bytes_out,
    }


def size_of(folder: Path) -> int:
    """Bytes of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def ticks(traffic: Traffic) -> dict[str, Any]:
    """What one tick of each schedule and sensor asks the lake for, and how often a day it comes."""
    repository = defs().get_repository_def()
    told = {}
    with dg.DagsterInstance.get() as instance:
        for schedule in repository.schedule_defs:
            traffic.clear()
            now = datetime.now(UTC)
            context = dg.build_schedule_context(
                instance, scheduled_execution_time=now, repository_def=repository
            )
            schedule.evaluate_tick(context)
            told[schedule.name] = {"a_day": ticks_a_day(schedule), **traffic_of(traffic)}
        for sensor in repository.sensor_defs:
            traffic.clear()
            with dg.build_sensor_context(instance, repository_def=repository) as looking:
                sensor.evaluate_tick(looking)
            often = timedelta(seconds=sensor.minimum_interval_seconds or 30)
            if sensor.name == "alerts":
                often = HEALTH_INTERVAL  # its other ticks do not check health
            told[sensor.name] = {"a_day": A_DAY // often, **traffic_of(traffic)}
    return told


def ticks_a_day(schedule: Any) -> int:
    """How often a schedule comes in 24 hours."""
    midnight = datetime(2026, 3, 2, tzinfo=UTC)
    times = cron_string_iterator(midnight.timestamp(), schedule.cron_schedule, "UTC")
    return next(number for number, at in enumerate(times) if at >= midnight + A_DAY)


def idle_daemon(home: Path, listeners: int) -> dict[str, Any]:
    """The daemon and its code server with nothing to run: processor time and memory."""
    home = home / f"daemon{listeners}"
    (home / "dagster").mkdir(parents=True)
    shutil.copy(ROOT / "dagster.yaml", home / "dagster")
    names = [f"nico{number}" for number in range(listeners)]
    told = "".join(f'[{name}]\ntimezone = "Europe/Berlin"\n' for name in names)
    (home / "listeners.toml").write_text(told)
    changed = {
        "DAGSTER_HOME": str(home / "dagster"),
        "LAKE_URL": str(home / "lake"),
        "TOKENS_DIR": str(home / "tokens"),
        "LISTENERS_FILE": str(home / "listeners.toml"),
        "SPOTIFY_CLIENT_ID": "none",
    }
    command = [str(BIN / "dagster-daemon"), "run", "-w", str(ROOT / "workspace.yaml")]
    with running(command, home, changed) as pid:
        time.sleep(30 + 2 * listeners)
        before, began = cpu_s(pid), time.perf_counter()
        time.sleep(DAEMON_S)
        seconds = time.perf_counter() - began
        used = cpu_s(pid) - before
        kb = sum(field_kb(one, "smaps_rollup", "Pss:") for one in family(pid))
        return {"cpu_share": round(used / seconds, 3), "memory_mb": round(kb / 1024)}


if __name__ == "__main__":
    main()
