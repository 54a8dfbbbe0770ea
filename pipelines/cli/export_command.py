"""What `playledger export` does: every table of a listener into files that any program reads.

Tables are read file by file and written as they are read, so that a long life takes little memory.
Here are the files on either side, the progress bar and the outcome table; how a value is written
belongs in `listening/schema/csv_json.py`. The tables are those of `all_tables.py`: none is named here.
"""

import re
import shutil
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar
from rich.table import Table as Shown

from pipelines.errors import CorruptFile, ExportFailed
from pipelines.listening.all_tables import TABLES
from pipelines.listening.schema.csv_json import OPTIONS, TextFormat, guide, select_sql
from pipelines.listening.schema.table import Table
from pipelines.resources.lake.incremental_months import READERS
from pipelines.resources.lake.tables import Found, Lake

if TYPE_CHECKING:
    import duckdb

DOCUMENTS = ("profile.json", "aggregated/last_updated.json")
GUIDE = "README.md"
DRAFT = ".unfinished"
ALONE = "SET threads = 1; SET enable_progress_bar = false"
"""With one thread rows keep their order, and none waits in memory for those before it."""

Progress = Callable[[int, int], None]


@dataclass
class Exported:
    """What became of an export.

    Attributes:
        folder: where it lies.
        rows: number of rows by table.
        problems: a line for each file of the lake that could not be read.
    """

    folder: Path
    rows: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def export(
    listener: str, lake: Lake, folder: Path, format_: TextFormat, progress: Progress
) -> Exported:
    """Write every table of a listener as `<table>.csv` or `<table>.json`, and what they mean.

    A table that the listener does not have yet is a file without rows: every export has the same
    files. They are seen in the folder when all are written.

    Args:
        listener: whose tables.
        lake: where they lie.
        folder: a new or an empty one; hidden files in it do not count.
        format_: what they are written as.
        progress: told how many files of the lake have been read, of how many.

    Raises:
        ExportFailed: where the folder is not empty or cannot be written, or where the lake has
            nothing of this listener.
        StoreUnavailable: where the lake cannot be read.
    """
    import duckdb  # noqa: PLC0415 a tenth of a second that other commands need not wait for

    home = f"users/{listener}/"
    source = _Source(lake, home, progress)
    if not source.files:
        raise ExportFailed(f"there is no table of {listener} in {lake.store.url('')}")
    outcome = Exported(folder, problems=source.problems)
    with _appearing(folder) as draft, duckdb.connect() as database:
        database.execute(ALONE)
        for table in TABLES:
            file = draft / f"{table.name}.{format_}"
            outcome.rows[table.name] = _copy(database, source, table, file, format_)
        for name in DOCUMENTS:
            if stored := lake.store.get(home + name):
                (draft / Path(name).name).write_bytes(stored.body)
        title = f"Playledger: all tables of {listener}, {datetime.now(UTC):%Y-%m-%d}"
        told = [(table, fields_of(table), outcome.rows[table.name]) for table in TABLES]
        page = guide(title, format_, told, outcome.problems)
        (draft / GUIDE).write_text(page, encoding="utf-8")
    return outcome


def fields_of(table: Table) -> list[pa.Field]:
    """The columns of an exported table: those that its path tells, then its own."""
    return [*table.path_columns, *table.fields]


class _Source:
    """A listener's tables as streams of rows; counts files and notes which cannot be read."""

    def __init__(self, lake: Lake, home: str, progress: Progress) -> None:
        self.problems: list[str] = []
        self.broken_by: BaseException | None = None
        self._lake, self._home, self._progress = lake, home, progress
        self._paths = _paths(lake, home)
        self.files, self._read = sum(map(len, self._paths.values())), 0

    def stream(self, table: Table) -> pa.RecordBatchReader:
        """The rows of all files of a table, in the order of their paths.

        Corrupt files are left out and named in `problems`; what else goes wrong breaks the
        stream, and is in `broken_by`.
        """
        schema = pa.schema(fields_of(table))
        return pa.RecordBatchReader.from_batches(schema, self._batches(table, schema))

    def _batches(self, table: Table, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        paths = self._paths[table.name]
        try:
            for told, reading in zip(paths.values(), self._begun(table, paths), strict=True):
                if found := self._found(reading):
                    yield from _complete(found.rows, told, schema).to_batches()
                self._read += 1
                self._progress(self._read, self.files)
        except (Exception, KeyboardInterrupt) as problem:
            self.broken_by = problem
            raise

    def _begun(self, table: Table, paths: Iterable[str]) -> Iterator[Future[Found | None]]:
        """The reading of each path, in order; a few are begun before they are asked for."""
        with ThreadPoolExecutor(READERS) as readers:
            every = iter(paths)

            def begin(count: int) -> Iterator[Future[Found | None]]:
                for path in islice(every, count):
                    yield readers.submit(self._lake.find, self._home + path, table)

            begun = deque(begin(READERS))
            while begun:
                yield begun.popleft()
                begun.extend(begin(1))

    def _found(self, reading: Future[Found | None]) -> Found | None:
        try:
            return reading.result()
        except CorruptFile as problem:
            self.problems.append(" ".join(str(problem).split()))
            return None


def _paths(lake: Lake, home: str) -> dict[str, dict[str, dict[str, str]]]:
    """Of each table the paths of its files below `home`, and what each path tells."""
    tops = {table.path.partition("/")[0] for table in TABLES}
    keys = {top: [entry.key for entry in lake.store.list(f"{home}{top}/")] for top in tops}
    found: dict[str, dict[str, dict[str, str]]] = {}
    for table in TABLES:
        shape = _shape(home, table)
        matches = map(shape.fullmatch, keys[table.path.partition("/")[0]])
        found[table.name] = {m[0].removeprefix(home): m.groupdict() for m in matches if m}
    return found


def _shape(home: str, table: Table) -> re.Pattern[str]:
    """What the keys of a table's files look like; what they tell are its groups."""
    return re.compile(
        re.escape(home) + re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(table.path))
    )


def _complete(rows: pa.Table, told: dict[str, str], schema: pa.Schema) -> pa.Table:
    """Rows with the columns that their path tells."""
    columns = [
        rows[one.name]
        if one.name in rows.column_names
        # The path calls an import by that name, the column by what is known of it: its id.
        else pa.repeat(pa.scalar(told[one.name.removesuffix("_id")]).cast(one.type), len(rows))
        for one in schema
    ]
    return pa.table(columns, schema=schema)


def _copy(
    database: "duckdb.DuckDBPyConnection",
    source: _Source,
    table: Table,
    file: Path,
    format_: TextFormat,
) -> int:
    """Write a table into a file; the number of rows."""
    import duckdb  # noqa: PLC0415

    # As a capsule: a reader would be run ahead of by a scanner, which keeps what waits in memory.
    database.register("rows", source.stream(table).__arrow_c_stream__())
    query, target = select_sql(fields_of(table), format_), str(file).replace("'", "''")
    try:
        done = database.execute(f"COPY ({query}) TO '{target}' ({OPTIONS[format_]})").fetchone()
    except duckdb.Error:
        # DuckDB's own words for a stream that broke are a traceback.
        if source.broken_by:
            raise source.broken_by from None
        raise
    return int(done[0]) if done else 0


@contextmanager
def _appearing(folder: Path) -> Iterator[Path]:
    """A place for files that are seen in the folder when all are there, or not at all."""
    import duckdb  # noqa: PLC0415

    folder = folder.absolute()
    draft, is_new = folder / DRAFT, not folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _refuse_unless_empty(folder)
        draft.mkdir()
        try:
            yield draft
            for file in draft.iterdir():
                file.rename(folder / file.name)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
            if is_new:
                with suppress(OSError):  # not empty: everything is there
                    folder.rmdir()
    except (OSError, duckdb.IOException) as problem:
        raise ExportFailed(f"cannot write to {folder}: {problem}") from None


def _refuse_unless_empty(folder: Path) -> None:
    if (folder / DRAFT).exists():
        raise ExportFailed(
            f"another export is being written to {folder}, or was killed: "
            f"choose another folder, or delete {folder / DRAFT}"
        )
    if any(not file.name.startswith(".") for file in folder.iterdir()):
        raise ExportFailed(f"{folder} is not empty: an export needs a folder of its own")


@contextmanager
def progress_bar(listener: str) -> Iterator[Progress]:
    """A bar that shows how many files of the lake have been read."""
    columns = [TextColumn(listener), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()]
    with Bar(*columns, transient=True) as bar:
        task = bar.add_task(listener, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def outcome_table(outcome: Exported) -> Shown:
    """How many rows of which table were written."""
    shown = Shown(title=escape(f"Exported to {outcome.folder}"))
    shown.add_column("table")
    shown.add_column("rows", justify="right")
    for table, rows in outcome.rows.items():
        shown.add_row(table, f"{rows:,}")
    return shown
