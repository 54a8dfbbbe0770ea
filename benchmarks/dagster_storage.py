"""By how much Dagster's storage grows: polls and a daily run under a real daemon and its sensors.

Webserver and daemon run over an empty lake of the sandbox's. So many polls as `POLLS` go through
the queue, one after the other, then a daily run, then a time in which only sensors tick; then the
polls are pruned as in four days' time.

The figures go into `cost.json` beside this file, and from there into `docs/cost.md` by
`cost_tables.py`: there stands how a month is reckoned from them.
"""

import json
import os
import sqlite3
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg

from benchmarks.cost import PAGE, point_at
from benchmarks.cost_lake import A_DAY, LISTENER
from benchmarks.cost_tables import FIGURES, filled
from pipelines.definitions import defs
from pipelines.ops.run_events import OVERLAP
from pipelines.ops.run_retention import Pruning
from pipelines.resources.lake.lakes import Lake
from pipelines.settings import Settings
from sandbox import Sandbox
from tests.support.dagster_processes import Webserver, daemon, until, webserver

POLLS = int(os.environ.get("POLLS", "30"))
IDLE_S = 300
COPIES = 100
PATIENCE = 5
"""A daily run on a busy machine may take longer than a test waits for anything."""

SCHEDULES = "schedules/schedules.db"
SHARED = ("history/runs.db", "history/runs/index.db", SCHEDULES)
TICKS = "SELECT COUNT(*), SUM(LENGTH(tick_body)) FROM job_ticks"
EVALUATIONS = "SELECT COUNT(*) FROM asset_daemon_asset_evaluations"


def main() -> None:
    """Measure, print, and write what was measured into the page."""
    figures = json.loads(FIGURES.read_text()) | {"dagster_storage": measured()}
    print(json.dumps(figures["dagster_storage"], indent=1))
    FIGURES.write_text(json.dumps(figures, indent=1) + "\n")
    PAGE.write_text(filled(PAGE.read_text(), figures))


def measured() -> dict[str, Any]:
    """All figures."""
    with tempfile.TemporaryDirectory() as folder, Sandbox(LISTENER) as sandbox:
        home = Path(folder)
        point_at(home, sandbox)
        logs = home / "logs"
        logs.mkdir()
        with webserver(logs) as (_, server), dg.DagsterInstance.get() as instance:
            server.stop_schedules()
            with daemon(logs):
                until(lambda: "SENSOR" in instance.get_daemon_heartbeats(), "dagster-daemon")
                return Storage(home / "dagster", instance, server).figures()


class Storage:
    """What lies in a `DAGSTER_HOME` while its daemon runs.

    Args:
        home: where that is.
        instance: the same, opened.
        server: its webserver.
    """

    def __init__(self, home: Path, instance: dg.DagsterInstance, server: Webserver) -> None:
        self._home, self._instance, self._server = home, instance, server

    def figures(self) -> dict[str, Any]:
        """Bytes of a poll, a daily run, a tick and a pruned poll."""
        self._run("poll")
        self._run("daily")  # whose definitions are stored once
        self._forget_lists()
        told: dict[str, Any] = {"measured_on": f"{datetime.now(UTC):%Y-%m-%d}", "polls": POLLS}
        told["poll"] = self._growth(lambda: [self._run("poll") for _ in range(POLLS)], POLLS)
        told["daily run"] = self._growth(lambda: self._run("daily"), 1)
        told["tick"] = self._growth_of_ticks()
        told["evaluations"] = self._ask(SCHEDULES, EVALUATIONS)[0]
        told["pruned poll"] = self._freed_by_pruning()
        return told

    def _run(self, job: str) -> None:
        """One run, from the queue to its end."""
        run = self._server.launch(f"{job}_{LISTENER}", f"{datetime.now(UTC):%Y-%m-%d}")

        def is_over() -> bool:
            found = self._instance.get_run_by_id(run)
            return found is not None and found.is_finished

        for _ in range(PATIENCE):
            try:
                until(is_over, f"{job} {run}", every=1)
                break
            except AssertionError:
                continue
        found = self._instance.get_run_by_id(run)
        assert found is not None
        assert found.is_success, f"{job} failed: see {self._home}"

    def _growth(self, work: Any, times: int) -> dict[str, float]:
        """Bytes for each time, by where they lie; ticks that came meanwhile are left out."""
        before, ticks = self._sizes(), self._ticks()
        work()
        time.sleep(2)  # its last events are written
        grown = self._sizes()
        grown.subtract(before)
        # What ticks add to it is a figure of its own.
        grown[SCHEDULES] -= round(self._ticks()[1] - ticks[1])
        return {name: round(size / times) for name, size in sorted(grown.items())}

    def _freed_by_pruning(self) -> dict[str, float]:
        """Bytes that a poll gives back when it is pruned, as in four days' time."""
        before = self._sizes()
        later = datetime.now(UTC).date() + timedelta(days=4)
        pruned = Pruning(self._instance, {}).prune(later, 600)
        before.subtract(self._sizes())
        return {name: round(size / pruned) for name, size in sorted(before.items())}

    def _growth_of_ticks(self) -> dict[str, float]:
        """How many ticks there are with nothing to do, and how many bytes one takes.

        A page holds only a few: so those of some minutes are written a hundred times into a copy,
        one after the other, each when it starts and again when it ends, as the daemon does.
        """
        time.sleep(OVERLAP.total_seconds() + 30)  # what `alerts` remembers of the last runs
        (last,) = self._ask(SCHEDULES, "SELECT MAX(id) FROM job_ticks")
        time.sleep(IDLE_S)
        with (
            closing(sqlite3.connect(self._home / SCHEDULES, 30)) as database,
            closing(sqlite3.connect(":memory:")) as copy,
        ):
            database.backup(copy)
            copy.row_factory = sqlite3.Row
            asked = "SELECT * FROM job_ticks WHERE id > ? AND status = 'SKIPPED' ORDER BY id"
            ticks = [dict(row) for row in copy.execute(asked, (last,))]
            before = _size(copy)
            for number in range(COPIES):
                for tick in ticks:
                    _write_tick(copy, tick, (number + 1) * IDLE_S)
            grown = _size(copy) - before
        return {
            "a_day": sum(A_DAY // every for every in _seconds_between_ticks()),
            "bytes": round(grown / len(ticks) / COPIES),
        }

    def _ticks(self) -> tuple[int, int]:
        count, body = self._ask(SCHEDULES, TICKS)
        return count or 0, body or 0

    def _ask(self, path: str, query: str) -> tuple[Any, ...]:
        with closing(sqlite3.connect(self._home / path, 30)) as database:
            found: tuple[Any, ...] = database.execute(query).fetchone()
            return found

    def _sizes(self) -> Counter[str]:
        """Bytes by place: of shared databases the pages in use, of everything else its files."""
        sizes: Counter[str] = Counter()
        for path in SHARED:
            with closing(sqlite3.connect(self._home / path, 30)) as database:
                sizes[path] = _size(database)
        for path in self._home.rglob("*"):
            name = path.relative_to(self._home).as_posix()
            if path.is_file() and not name.startswith(SHARED):
                sizes[_place(name)] += path.stat().st_size
        return sizes

    def _forget_lists(self) -> None:
        """Spotify's lists of today as if they had not been asked for."""
        store, today = Lake.open(Settings()).store, f"{datetime.now(UTC):%Y-%m-%d}"
        raw = f"users/{LISTENER}/raw/"
        for name in set(store.folders(raw)) - {"recently_played"}:
            store.delete(f"{raw}{name}/date={today}/")


def _seconds_between_ticks() -> Iterator[timedelta]:
    """How often each sensor looks."""
    for sensor in defs().get_repository_def().sensor_defs:
        yield timedelta(seconds=sensor.minimum_interval_seconds or 30)


def _write_tick(database: sqlite3.Connection, tick: dict[str, Any], later_s: int) -> None:
    """A tick once more, so many seconds later."""
    at = datetime.fromisoformat(tick["timestamp"]) + timedelta(seconds=later_s)
    started = json.loads(tick["tick_body"]) | {"end_timestamp": None, "skip_reason": None}
    new = {name: value for name, value in tick.items() if name != "id"}
    new |= {"timestamp": str(at), "tick_body": json.dumps(started), "status": "STARTED"}
    places = ", ".join("?" for _ in new)
    insert = f"INSERT INTO job_ticks ({', '.join(new)}) VALUES ({places})"  # noqa: S608
    row = database.execute(insert, list(new.values())).lastrowid
    update = "UPDATE job_ticks SET status = ?, tick_body = ? WHERE id = ?"
    database.execute(update, (tick["status"], tick["tick_body"], row))


def _size(database: sqlite3.Connection) -> int:
    """Bytes of a database's pages in use."""
    (size,), (pages,), (free,) = (
        database.execute(f"PRAGMA {name}").fetchone()
        for name in ("page_size", "page_count", "freelist_count")
    )
    return int(size * (pages - free))


def _place(name: str) -> str:
    if name.startswith("history/runs/"):
        return "databases of single runs"
    return "what runs print" if name.startswith("storage/") else "other"


if __name__ == "__main__":
    main()
