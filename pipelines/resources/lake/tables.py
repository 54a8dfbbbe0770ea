"""Declared tables and JSON documents on top of a store: reading, validating and writing them.

Add here what holds for any table. The folders of listeners are `lakes.py`; how bytes are stored is
`object_store.py`; what tables mean is `listening/`. No other module handles Parquet.
"""

import io
import json
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_random

from pipelines.errors import CorruptFile, RefusedTable
from pipelines.listening.schema.table import Table
from pipelines.resources.lake.object_store import Conflict, Store, md5

COMPRESSION = "zstd"
LOOKED_UP_ROWS = 1000
"""Rows that are stored together where readers want one of them."""

DATED = re.compile(r"date=(\d{4}-\d\d-\d\d)")

log = logging.getLogger("playledger")


@dataclass(frozen=True)
class StoredTable:
    """A table as it is stored.

    Attributes:
        rows: all of them, with all or only the requested columns.
        etag: version of the file.
        notes: texts in the Parquet footer.
    """

    rows: pa.Table
    etag: str
    notes: Mapping[str, str]


@dataclass(frozen=True)
class WriteResult:
    """The result of a write.

    Attributes:
        path: of the file, relative to the lake or the listener's folder.
        rows: how many the file has now.
        etag: its version now.
        changed: whether it was written, because its bytes differ from those before.
    """

    path: str
    rows: int
    etag: str
    changed: bool


retry_on_conflict = retry(
    retry=retry_if_exception_type(Conflict),
    stop=stop_after_attempt(8),
    wait=wait_random(0, 0.5),
    reraise=True,
)
"""Decorates functions that read, compute and write: they start over if another run wrote first."""


class TableStore:
    """Tables and documents in a store, each by its declared path.

    A table of several files has placeholders such as `{date}`, `{year}` and `{month}` in its path;
    every method takes their values as keyword arguments: `lake.read(POLLS, date="2026-11-28")`.
    """

    @property
    def store(self) -> Store:
        """The store of the bytes; paths of tables and documents are its keys."""
        raise NotImplementedError

    def url(self, table: Table, **parts: Any) -> str:
        """The address of a file of a table, for a person or for DuckDB.

        Args:
            table: its declaration.
            **parts: which of its files.
        """
        return self.store.url(table.path.format(**parts))

    def find(self, table: Table, columns: Sequence[str] = (), **parts: Any) -> StoredTable | None:
        """A stored table; None where there is no file.

        Args:
            table: its declaration.
            columns: which to read, in declared order; empty for all.
            **parts: which of its files.

        Raises:
            CorruptFile: where the file is damaged, or is not this table.
        """
        path = table.path.format(**parts)
        stored = self.store.get(path)
        if stored is None:
            return None
        try:
            rows = _from_parquet(stored.body, columns)
            notes = {k.decode(): v.decode() for k, v in (rows.schema.metadata or {}).items()}
            declared = table.with_columns(columns)
            return StoredTable(declared.validate(declared.with_added(rows)), stored.etag, notes)
        except (pa.ArrowException, RefusedTable, ValueError, OSError) as problem:
            where = self.store.url(path)
            raise CorruptFile(
                f"{where} is not the table {table.name} ({problem}): {table.repair_hint}"
            ) from problem

    def find_if_valid(self, table: Table, **parts: Any) -> StoredTable | None:
        """A stored table; None also where it is damaged or of an older version.

        For tables that can be derived again from other files, so that damage is no reason to fail.

        Args:
            table: its declaration.
            **parts: which of its files.
        """
        try:
            return self.find(table, **parts)
        except CorruptFile as problem:
            log.warning("derived again: %s", problem)
            return None

    def read(self, table: Table, columns: Sequence[str] = (), **parts: Any) -> pa.Table:
        """The rows of a stored table, as `find` reads it; no rows where there is no file.

        Args:
            table: its declaration.
            columns: which to read; empty for all.
            **parts: which of its files.
        """
        stored = self.find(table, columns, **parts)
        return stored.rows if stored else table.with_columns(columns).empty()

    def read_unvalidated(self, table: Table, **parts: Any) -> pa.Table:
        """The stored rows, valid or not: for checks, which report what is wrong with them.

        Args:
            table: its declaration.
            **parts: which of its files.

        Raises:
            CorruptFile: where the file is not Parquet at all.
        """
        path = table.path.format(**parts)
        stored = self.store.get(path)
        if stored is None:
            return table.empty()
        try:
            return _from_parquet(stored.body)
        except (pa.ArrowException, OSError) as problem:
            raise CorruptFile(f"{self.store.url(path)} is not Parquet: {problem}") from problem

    def etag(self, table: Table, **parts: Any) -> str | None:
        """The ETag of a stored table, valid or not; None where there is no file.

        Args:
            table: its declaration.
            **parts: which of its files.
        """
        return self.etag_of(table.path.format(**parts))

    def etag_of(self, path: str) -> str | None:
        """The ETag of the file at a path; None where there is none."""
        entries = (entry for entry in self.store.list(path) if entry.key == path)
        return next((entry.etag for entry in entries), None)

    def write(
        self,
        table: Table,
        rows: pa.Table,
        *,
        over: str | None,
        **parts: Any,
    ) -> WriteResult:
        """Write a table unless the same bytes are stored already.

        Args:
            table: its declaration; rows that do not conform are refused.
            rows: the whole file.
            over: ETag of the version to replace; None where there must be none yet.
            **parts: which of its files.

        Raises:
            RefusedTable: where the rows do not conform.
            Conflict: where another run has written in between.
        """
        path = table.path.format(**parts)
        rows = table.conform(rows)
        body = _body(table, rows)
        if over == md5(body):
            return WriteResult(path, len(rows), over, changed=False)
        etag = self.store.put_if_match(path, body, over)
        return WriteResult(path, len(rows), etag, changed=True)

    @retry_on_conflict
    def update(
        self, table: Table, compute: Callable[[pa.Table], pa.Table], **parts: Any
    ) -> WriteResult:
        """Replace the stored rows by what `compute` returns; start over if another run wrote first.

        Args:
            table: its declaration.
            compute: from the rows so far (none where there is no file) to all rows.
            **parts: which of its files.
        """
        stored = self.find(table, **parts)
        rows = compute(stored.rows if stored else table.empty())
        return self.write(table, rows, over=stored.etag if stored else None, **parts)

    @retry_on_conflict
    def replace(self, table: Table, rows: pa.Table, **parts: Any) -> WriteResult:
        """Write a table, whatever is stored.

        Args:
            table: its declaration.
            rows: the whole file.
            **parts: which of its files.
        """
        return self.write(table, rows, over=self.etag(table, **parts), **parts)

    def dates(self, folder: str, since: str = "") -> list[str]:
        """The dates, YYYY-MM-DD, for which a folder has subfolders, in order.

        Anything else in the folder, such as a copy that somebody made, is ignored.

        Args:
            folder: ends in '/'.
            since: the first date to return; earlier ones are not even listed.
        """
        start_after = f"date={since}"[:-1] if since else ""
        names = self.store.folders(folder, start_after=start_after)
        dates = (match[1] for name in names if (match := DATED.fullmatch(name.strip("/"))))
        return [date for date in dates if date >= since]

    def document(self, path: str, *, repair_hint: str = "delete it") -> Any:
        """A JSON document; None where there is none.

        Args:
            path: where it is stored.
            repair_hint: what to do where it is damaged.

        Raises:
            CorruptFile: where it is not a JSON object.
        """
        stored = self.store.get(path)
        if stored is None:
            return None
        where = self.store.url(path)
        try:
            document = json.loads(stored.body)
        except (ValueError, RecursionError) as problem:
            raise CorruptFile(f"{where} is not JSON ({problem}): {repair_hint}") from None
        if not isinstance(document, dict):
            raise CorruptFile(f"{where} is no JSON object: {repair_hint}")
        return document

    def document_if_valid(self, path: str) -> dict[str, Any] | None:
        """A JSON document; None also where it is damaged, as `find_if_valid` for tables."""
        try:
            document: dict[str, Any] | None = self.document(path)
        except CorruptFile as problem:
            log.warning("derived again: %s", problem)
            return None
        return document

    def write_document(self, path: str, document: Mapping[str, Any]) -> bool:
        """Write a JSON document unless the same one is stored.

        Args:
            path: where to.
            document: values that JSON can represent.

        Returns:
            Whether it was written.
        """
        body = json.dumps(document, indent=2, ensure_ascii=False).encode() + b"\n"
        stored = self.store.get(path)
        if stored and stored.body == body:
            return False
        self.store.put(path, body)
        return True


def as_stored(table: Table, rows: pa.Table) -> StoredTable:
    """Rows as `find` would return them after `write`, without writing them."""
    rows = table.conform(rows)
    return StoredTable(rows, md5(_body(table, rows)), {})


def _body(table: Table, rows: pa.Table) -> bytes:
    together = LOOKED_UP_ROWS if table.looked_up else None
    return to_parquet(rows, {"table": table.name, "description": table.grain}, together)


def to_parquet(rows: pa.Table, notes: Mapping[str, str], together: int | None = None) -> bytes:
    """A table as Parquet bytes; the same rows and notes always give the same bytes.

    Args:
        rows: any table.
        notes: texts for the footer.
        together: how many rows a reader reads at least; None for all of a small table.
    """
    sink = io.BytesIO()
    pq.write_table(
        rows.replace_schema_metadata(dict(notes)),
        sink,
        row_group_size=together,
        compression=COMPRESSION,
        version="2.6",
        # By default, neither Parquet nor zstd detects a flipped bit in a page.
        write_page_checksum=True,
    )
    return sink.getvalue()


def _from_parquet(body: bytes, columns: Sequence[str] = ()) -> pa.Table:
    # Not `read_table`: it uses datasets, which take twice as long for a small file.
    file = pq.ParquetFile(pa.BufferReader(body), page_checksum_verification=True)
    return file.read(columns=list(columns) or None)
