"""Dagster's records of one listener: finding, deleting and overwriting them on the disk.

Dagster itself cannot erase a listener: deleting a run leaves its logs and the pages of its
database, wiping an asset leaves its key and writes one more event about it. So here every row of
every table is read, in SQLite and in Postgres alike: a row is the listener's if it names their jobs
or assets, or belongs to a run that does. The lake and the tokens are `forgetting.py`.
"""

import re
import shutil
import sqlite3
import zlib
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import dagster as dg
import sqlalchemy as db

from pipelines.ops.dagster_internals import RUNLESS_RUN_ID
from pipelines.ops.run_retention import database_of, delete_database
from pipelines.ops.starting import JOBS

DEPLOYMENT_SENSORS = ("alerts", "heartbeat", "prune")
"""The sensors that are shared by all listeners: `ops/sensors.py`."""

RUNS, SNAPSHOTS, BACKFILLS, TICKS = "runs", "snapshots", "bulk_actions", "job_ticks"

RUN_TABLES = frozenset({RUNS, SNAPSHOTS, BACKFILLS, "run_tags", "backfill_tags", "kvs"})
EVENT_TABLES = frozenset(
    {
        *("event_logs", "asset_keys", "asset_event_tags", "asset_check_executions"),
        *("dynamic_partitions", "concurrency_limits", "concurrency_slots", "pending_steps"),
    }
)
SCHEDULE_TABLES = frozenset({"jobs", "instigators", TICKS, "asset_daemon_asset_evaluations"})
"""Dagster's tables with data about listeners; a Postgres database may have other tables too."""

WITHOUT_LISTENERS = frozenset(
    {"secondary_indexes", "daemon_heartbeats", "instance_info", "alembic_version"}
)
"""Its other tables, which name no asset, job or run."""

OWNER = {"bulk_actions": "key", "backfill_tags": "backfill_id"}
"""The column with the backfill that a row belongs to; in all other tables it is the run's."""

FINISHED = {"SUCCESS", "FAILURE", "CANCELED", "COMPLETED", "COMPLETED_SUCCESS", "COMPLETED_FAILED"}
BATCH_ROWS = 500
LOCK_TIMEOUT_S = 60
RUN_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

Connect = Callable[[], AbstractContextManager[db.Connection]]
Place = tuple[Connect, db.Table]


@dataclass(frozen=True)
class ListenerRecords:
    """The records of one listener.

    Attributes:
        rows: `id`s of the rows, by database and table.
        runs: ids of their runs and backfills.
        files: databases and log folders of single runs.
        under_way: ids of those runs and backfills that have not finished.
        ticked_at: when the daemon last evaluated their schedules and sensors, UTC.
    """

    rows: dict[Place, list[int]]
    runs: frozenset[str]
    files: tuple[Path, ...]
    under_way: tuple[str, ...]
    ticked_at: datetime | None

    @property
    def counts(self) -> Counter[str]:
        """How many there are, by kind."""
        counts = Counter({"logs of runs": len(self.files)})
        for (_, table), numbers in self.rows.items():
            counts[table.name.replace("_", " ")] += len(numbers)
        return +counts


@dataclass(frozen=True)
class _Row:
    number: int
    owner: str | None
    marked: bool
    under_way: bool
    ticked_at: datetime | None


class DagsterRecords:
    """Finds and deletes the records of one listener.

    Args:
        instance: whose storage is searched.
        listener: a valid name; names of others may begin or end with it.
    """

    def __init__(self, instance: dg.DagsterInstance, listener: str) -> None:
        self._instance = instance
        # A survey may be called like them.
        self._name = re.compile(rf"(?<!\w)(?<!survey[ /]){listener}(?!\w)")
        self._of_deployment = re.compile(rf'"(?:{"|".join(DEPLOYMENT_SENSORS)})"')
        self._marks = re.compile(
            rf'\[\\*"{listener}\\*",'  # the key of an asset, also as JSON within JSON
            rf"|(?<!\w){listener}__[a-z]"  # a step
            r'|(?<![\w/])(?<!\[")'  # a job, a schedule or a sensor
            rf"(?:{'|'.join(JOBS)})_{listener}(?:_schedule|_sensor)?(?![\w/])"
        )

    def find(self, known: Collection[str] = ()) -> ListenerRecords:
        """Read every row of every table.

        Args:
            known: ids of runs found before, whose records are included too.
        """
        files = list(self._files())  # before the runs, so that no new run looks orphaned
        read = {place: list(self._read(*place)) for place in self._places()}
        every = {
            row.owner for (_, table), rows in read.items() if table.name == RUNS for row in rows
        }
        own = {row.owner for rows in read.values() for row in rows if row.owner and row.marked}
        own |= set(known)
        found = {
            place: [row for row in rows if row.marked or row.owner in own]
            for place, rows in read.items()
        }
        theirs = [row for rows in found.values() for row in rows]
        return ListenerRecords(
            {place: [row.number for row in rows] for place, rows in found.items() if rows},
            frozenset(own),
            tuple(path for path, run in files if run in own or run not in every),
            tuple(row.owner for row in theirs if row.owner and row.under_way),
            # The last one that was written, whatever the clock said then.
            next((row.ticked_at for row in reversed(theirs) if row.ticked_at), None),
        )

    def delete(self, records: ListenerRecords) -> None:
        """Delete these records; if the process is killed, `find` returns the rest again."""
        for run in records.runs:
            self._instance.compute_log_manager.delete_logs(prefix=[run])
        for path in records.files:
            _delete_file(path)
        # Runs are deleted last, since the other rows are recognized by them.
        for (connect, table), numbers in sorted(records.rows.items(), key=_runs_last):
            for some in _batches(numbers):
                with connect() as connection:
                    if table.name == SNAPSHOTS:
                        _detach_snapshots(connection, table, some)
                    connection.execute(table.delete().where(table.c.id.in_(some)))

    def overwrite(self) -> list[str]:
        """Erase deleted rows from the files of SQLite, whoever deleted them.

        Postgres overwrites its pages when it needs them: see its VACUUM.

        Returns:
            The files that another process has locked, each with the reason.
        """
        paths = {path for connect, _ in self._places() if (path := _file(connect))}
        return [f"{path} ({busy})" for path in sorted(paths) if (busy := _vacuum(path))]

    def _places(self) -> Iterator[Place]:
        """Every table, with a function that connects to its database."""
        instance = self._instance
        runs: Any = instance.run_storage
        events: Any = instance.event_log_storage
        schedules: Any = instance.schedule_storage
        for connect, names in (
            (runs.connect, RUN_TABLES),
            (events.index_connection, EVENT_TABLES),
            (schedules.connect, SCHEDULE_TABLES),
        ):
            yield from ((connect, table) for table in _tables(connect, names))
        if events.is_run_sharded:  # events outside of runs have a database of their own
            runless = partial(events.run_connection, RUNLESS_RUN_ID)
            yield from ((runless, table) for table in _tables(runless, frozenset({"event_logs"})))

    def _read(self, connect: Connect, table: db.Table) -> Iterator[_Row]:
        owner = OWNER.get(table.name, "run_id")
        if "id" not in table.c:
            return
        with connect() as connection:
            for row in _rows(connection, table):
                text = "\n".join(_text(value) for value in row.values())
                yield _Row(
                    row["id"],
                    row.get(owner) or None,
                    self._marked(table, text),
                    table.name in {RUNS, BACKFILLS} and row["status"] not in FINISHED,
                    self._ticked_at(row, text) if table.name == TICKS else None,
                )

    def _marked(self, table: db.Table, text: str) -> bool:
        """Whether a row is about the listener.

        Cursors of the deployment's sensors have bare names of listeners. Elsewhere a bare name may
        be any word of Dagster's.
        """
        if table.name in SCHEDULE_TABLES and self._of_deployment.search(text):
            return self._name.search(text) is not None
        return self._marks.search(text) is not None

    def _files(self) -> Iterator[tuple[Path, str]]:
        """Files and folders that belong to one run each, with its id."""
        events: Any = self._instance.event_log_storage
        for run in events.get_all_run_ids() if events.is_run_sharded else ():
            if path := database_of(self._instance, run):
                yield path, run
        logs = Path(self._instance.storage_directory())
        for path in logs.iterdir() if logs.is_dir() else ():
            if RUN_ID.fullmatch(path.name):
                yield path, path.name

    def _ticked_at(self, tick: db.RowMapping, text: str) -> datetime | None:
        """When the daemon evaluated a listener's own schedule or sensor.

        The deployment's sensors, which name them for a while longer, do not count.
        """
        at: datetime = tick["timestamp"]
        return None if self._of_deployment.search(text) else at.replace(tzinfo=UTC)


def _tables(connect: Connect, names: frozenset[str]) -> list[db.Table]:
    """These tables as they are in the database, with the columns of newer versions of Dagster."""
    metadata = db.MetaData()
    with connect() as connection:
        metadata.reflect(connection, only=lambda name, _: name in names, resolve_fks=False)
    return [metadata.tables[name] for name in sorted(names & metadata.tables.keys())]


def _rows(connection: db.Connection, table: db.Table) -> Iterator[db.RowMapping]:
    """A table's rows in batches: Postgres would return years of events at once."""
    last = -1
    while True:
        part = db.select(table).where(table.c.id > last).order_by(table.c.id).limit(BATCH_ROWS)
        rows = connection.execute(part).mappings().all()
        yield from rows
        if len(rows) < BATCH_ROWS:
            return
        last = rows[-1]["id"]


def _text(value: object) -> str:
    if isinstance(value, bytes):
        with suppress(zlib.error):  # snapshots are compressed
            value = zlib.decompress(value)
        return bytes(value).decode(errors="replace")
    return value if isinstance(value, str) else ""


def _file(connect: Connect) -> str | None:
    with connect() as connection:
        url = connection.engine.url
    return url.database if url.get_backend_name() == "sqlite" else None


def _vacuum(path: str) -> str:
    """Rewrite a database file and empty its log; the reason if that is not possible, or ""."""
    try:
        with closing(sqlite3.connect(path, LOCK_TIMEOUT_S, isolation_level=None)) as database:
            database.execute("VACUUM")
            [busy, *_] = database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.OperationalError as problem:
        return str(problem)
    return "it is in use" if busy else ""


def _batches(numbers: list[int]) -> Iterator[list[int]]:
    return (numbers[at : at + BATCH_ROWS] for at in range(0, len(numbers), BATCH_ROWS))


def _runs_last(item: tuple[Place, list[int]]) -> int:
    (_, table), _ = item
    return {RUNS: 1, SNAPSHOTS: 2}.get(table.name, 0)


def _detach_snapshots(connection: db.Connection, snapshots: db.Table, numbers: list[int]) -> None:
    """Detach snapshots from others' runs: one of the definitions may show all listeners' assets."""
    ids = db.select(snapshots.c.snapshot_id).where(snapshots.c.id.in_(numbers))
    runs = db.table(RUNS, db.column("snapshot_id"))
    connection.execute(runs.update().where(runs.c.snapshot_id.in_(ids)).values(snapshot_id=None))


def _delete_file(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        delete_database(path)
