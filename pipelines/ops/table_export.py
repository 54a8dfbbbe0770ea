"""Exports every table of a listener, or what is published of a survey, as CSV or JSON.

Tables are read file by file and written as they are read, so that a long life takes little memory.
How a value is written belongs in `listening/schema/csv_json.py`; the command is
`cli/export_tables.py`, that for surveys `cli/survey/export.py`. The tables are those of
`all_tables.py`, and those that `survey_tables.py` calls published: none is named here, but for the
counts of plays, whose columns have second names that other programs know.
"""

import re
import shutil
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from pipelines.errors import CorruptFile, ExportFailed
from pipelines.listening.all_tables import TABLES
from pipelines.listening.schema.csv_json import OPTIONS, TextFormat, guide, select_sql
from pipelines.listening.schema.survey_tables import PUBLISHED
from pipelines.listening.schema.table import Table, column
from pipelines.resources.lake.lakes import READERS, Lake, ListenerLake, SurveyLake
from pipelines.resources.lake.tables import StoredTable

if TYPE_CHECKING:
    import duckdb

DOCUMENTS = ("profile.json", "aggregated/last_updated.json")
GUIDE = "README.md"
DRAFT = ".unfinished"

COUNTS = "play_counts"
OTHER_NAMES = {
    "localPlayCount": "local_plays",
    "spotifyPlayCount": "spotify_global_plays",
    "lastfmPlayCount": "lastfm_global_plays",
}
"""Names under which other programs look for counts in JSON, and the columns that they repeat."""

TOTAL = "totalCombined"
TOTAL_MEANING = (
    "sum of unlike counts: what the listener played, and what everyone did on Spotify and on "
    "Last.fm, as far as known"
)

SINGLE_THREADED = "SET threads = 1; SET enable_progress_bar = false"
"""With one thread rows keep their order, and none is held in memory for those before it."""

ProgressCallback = Callable[[int, int], None]


@dataclass
class TableExport:
    """The result of an export.

    Attributes:
        folder: where the files are.
        rows: number of rows by table.
        problems: a line for each file of the lake that could not be read.
    """

    folder: Path
    rows: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def export_tables(
    listener: str,
    lake: Lake,
    folder: Path,
    format_: TextFormat,
    progress: ProgressCallback,
    *,
    total: bool = False,
) -> TableExport:
    """Write every table of a listener as `<table>.csv` or `<table>.json`, and a guide to them.

    A table that the listener does not have yet is a file without rows: every export has the same
    files. They appear in the folder when all are written.

    Args:
        listener: whose tables.
        lake: where the tables are.
        folder: a new or empty one; hidden files in it do not count.
        format_: the format of the files.
        progress: called with how many files of the lake have been read, and of how many.
        total: whether the JSON of `play_counts` has the sum of its unlike counts.

    Raises:
        ExportFailed: where the folder is not empty or cannot be written, or where the lake has
            nothing of this listener.
        StoreUnavailable: where the lake cannot be read.
    """
    own = lake.of(listener)
    source = _Source(own, TABLES, progress)
    if not source.files:
        raise ExportFailed(f"there is no table of {listener} in {lake.store.url('')}")
    title = f"Playledger: all tables of {listener}, {datetime.now(UTC):%Y-%m-%d}"
    return _export(source, folder, format_, title, DOCUMENTS, total=total)


def export_published(
    survey: str, lake: Lake, folder: Path, format_: TextFormat, progress: ProgressCallback
) -> TableExport:
    """Write what is published of a survey as `<table>.csv` or `<table>.json`, and a guide to it.

    Nothing with a row for a person is among them: an export may be handed on as the page may.

    Args:
        survey: whose tables.
        lake: where the tables are.
        folder: as in `export_tables`; the other arguments likewise.
        format_: the format of the files.
        progress: called with how many files of the lake have been read, and of how many.

    Raises:
        ExportFailed: as in `export_tables`.
        StoreUnavailable: where the lake cannot be read.
    """
    source = _Source(lake.survey(survey), PUBLISHED, progress)
    if not source.files:
        raise ExportFailed(
            f"nothing is published of {survey} yet: `playledger survey run {survey}` makes it"
        )
    title = f"Playledger: what is published of {survey}, {datetime.now(UTC):%Y-%m-%d}"
    return _export(source, folder, format_, title)


def _export(
    source: "_Source",
    folder: Path,
    format_: TextFormat,
    title: str,
    documents: Sequence[str] = (),
    *,
    total: bool = False,
) -> TableExport:
    """Write a file for each table of a source, the documents that there are, and a guide."""
    import duckdb  # noqa: PLC0415 a tenth of a second that other commands need not wait for

    exported = TableExport(folder, problems=source.problems)
    with _all_at_once(folder) as draft, duckdb.connect() as database:
        database.execute(SINGLE_THREADED)
        for table in source.tables:
            file = draft / f"{table.name}.{format_}"
            added = _added(table, format_, total=total)
            more = {field.name: sql for field, sql in added}
            query = select_sql(fields_of(table), format_, more)
            target = f"'{_quoted(file)}' ({OPTIONS[format_]})"
            exported.rows[table.name] = _copy(database, source, table, query, target)
        for name in documents:
            if stored := source.lake.store.get(name):
                (draft / Path(name).name).write_bytes(stored.body)
        described = [
            (
                table,
                [*fields_of(table), *(field for field, _ in _added(table, format_, total=total))],
                exported.rows[table.name],
            )
            for table in source.tables
        ]
        page = guide(title, format_, described, exported.problems)
        (draft / GUIDE).write_text(page, encoding="utf-8")
    return exported


def fields_of(table: Table) -> list[pa.Field]:
    """The columns of an exported table: those given by its path, then its own."""
    return [*table.path_columns, *table.fields]


def _added(table: Table, format_: TextFormat, *, total: bool) -> list[tuple[pa.Field, str]]:
    """Columns that an exported table has besides its own, each with the SQL that makes it."""
    if (table.name, format_) != (COUNTS, "json"):
        return []
    added = [
        (column(name, table.schema.field(own).type, f"the same as {own}"), own)
        for name, own in OTHER_NAMES.items()
    ]
    if total:
        parts = " + ".join(f"coalesce({own}, 0)::HUGEINT" for own in OTHER_NAMES.values())
        added.append((column(TOTAL, pa.int64(), TOTAL_MEANING), parts))
    return added


class _Source:
    """Tables as streams of rows; counts files and collects which are corrupt."""

    def __init__(
        self, lake: ListenerLake | SurveyLake, tables: Sequence[Table], progress: ProgressCallback
    ) -> None:
        self.problems: list[str] = []
        self.error: BaseException | None = None
        self.lake, self.tables, self._progress = lake, tables, progress
        self._paths = _paths(lake, tables)
        self.files, self._read = sum(map(len, self._paths.values())), 0

    def stream(self, table: Table) -> pa.RecordBatchReader:
        """The rows of all files of a table, in the order of their paths.

        Corrupt files are left out and named in `problems`; any other failure ends the stream and
        is kept in `error`.
        """
        schema = pa.schema(fields_of(table))
        return pa.RecordBatchReader.from_batches(schema, self._batches(table, schema))

    def _batches(self, table: Table, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        paths = self._paths[table.name]
        try:
            for path_values, pending in zip(
                paths.values(), self._submit(table, paths.values()), strict=True
            ):
                if stored := self._result(pending):
                    yield from _with_path_columns(stored.rows, path_values, schema).to_batches()
                self._read += 1
                self._progress(self._read, self.files)
        except (Exception, KeyboardInterrupt) as problem:
            self.error = problem
            raise

    def _submit(
        self, table: Table, files: Iterable[dict[str, str]]
    ) -> Iterator[Future[StoredTable | None]]:
        """Reads of the files, in order; a few are submitted ahead of the one that is consumed."""
        with ThreadPoolExecutor(READERS) as readers:
            remaining = iter(files)

            def submit(count: int) -> Iterator[Future[StoredTable | None]]:
                for parts in islice(remaining, count):
                    yield readers.submit(partial(self.lake.find, table, **parts))

            pending = deque(submit(READERS))
            while pending:
                yield pending.popleft()
                pending.extend(submit(1))

    def _result(self, pending: Future[StoredTable | None]) -> StoredTable | None:
        try:
            return pending.result()
        except CorruptFile as problem:
            self.problems.append(" ".join(str(problem).split()))
            return None


def _paths(
    lake: ListenerLake | SurveyLake, tables: Sequence[Table]
) -> dict[str, dict[str, dict[str, str]]]:
    """The paths of each table's files, with the values that each path holds."""
    tops = {table.path.partition("/")[0] for table in tables}
    keys = {top: [entry.key for entry in lake.store.list(f"{top}/")] for top in tops}
    paths: dict[str, dict[str, dict[str, str]]] = {}
    for table in tables:
        pattern = _path_pattern(table)
        matches = map(pattern.fullmatch, keys[table.path.partition("/")[0]])
        paths[table.name] = {m[0]: m.groupdict() for m in matches if m}
    return paths


def _path_pattern(table: Table) -> re.Pattern[str]:
    """The pattern of the keys of a table's files; values in the path are its groups."""
    return re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(table.path)))


def _with_path_columns(rows: pa.Table, path_values: dict[str, str], schema: pa.Schema) -> pa.Table:
    """Rows with the columns whose values are in their path."""
    columns = [
        rows[one.name]
        if one.name in rows.column_names
        # The path has `{import}` where the column is `import_id`.
        else pa.repeat(
            pa.scalar(path_values[one.name.removesuffix("_id")]).cast(one.type), len(rows)
        )
        for one in schema
    ]
    return pa.table(columns, schema=schema)


def _copy(
    database: "duckdb.DuckDBPyConnection",
    source: _Source,
    table: Table,
    query: str,
    target: str,
) -> int:
    """Write a table into a file and return the number of rows."""
    import duckdb  # noqa: PLC0415

    # As a capsule: for a reader, DuckDB uses a scanner that reads ahead and fills the memory.
    database.register("rows", source.stream(table).__arrow_c_stream__())
    try:
        done = database.execute(f"COPY ({query}) TO {target}").fetchone()
    except duckdb.Error:
        # DuckDB's own message for a stream that failed is a traceback.
        if source.error:
            raise source.error from None
        raise
    return int(done[0]) if done else 0


def _quoted(file: Path) -> str:
    return str(file).replace("'", "''")


@contextmanager
def _all_at_once(folder: Path) -> Iterator[Path]:
    """A draft folder whose files appear in the folder all at once, or not at all."""
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
