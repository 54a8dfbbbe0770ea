"""Declared tables and JSON documents on top of a store: how they are found, checked and written.

Add here what holds for any table. Which folder is whose is `lakes.py`; how bytes get into a folder
or a bucket is `object_store.py`; what tables mean is `listening/`. No other module knows Parquet.
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
DATED = re.compile(r"date=(\d{4}-\d\d-\d\d)")

log = logging.getLogger("playledger")


@dataclass(frozen=True)
class StoredTable:
    """A table as it is stored.

    Attributes:
        rows: all of them, or the columns that were asked for.
        etag: version of the file.
        notes: texts in the Parquet footer.
    """

    rows: pa.Table
    etag: str
    notes: Mapping[str, str]


@dataclass(frozen=True)
class WriteResult:
    """What a write did.

    Attributes:
        path: of the file, below the lake it was written through.
        rows: how many the table has now.
        etag: its version now.
        changed: whether it was written, being another version than before.
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
"""Decorates what reads, computes and writes: when another run wrote first, it starts over."""


class TableStore:
    """Tables and documents in a store, each by its declared path.

    A table that is cut into files has `{date}`, `{year}`, `{month}` or so in its path; every method
    takes these parts as keyword arguments, such as `lake.read(POLLS, date="2026-11-28")`.
    """

    @property
    def store(self) -> Store:
        """Where the bytes are; paths of tables and documents are its keys."""
        raise NotImplementedError

    def url(self, table: Table, **parts: Any) -> str:
        """Where a file of a table is, for a person or for DuckDB."""
        return self.store.url(table.path.format(**parts))

    def find(self, table: Table, columns: Sequence[str] = (), **parts: Any) -> StoredTable | None:
        """A stored table; None where there is no file.

        Args:
            table: its declaration.
            columns: those that are wanted, in declared order; none for all.
            **parts: which of its files.

        Raises:
            CorruptFile: where the file is cut off, or is not this table.
        """
        path = table.path.format(**parts)
        stored = self.store.get(path)
        if stored is None:
            return None
        try:
            rows = _from_parquet(stored.body, columns)
            notes = {k.decode(): v.decode() for k, v in (rows.schema.metadata or {}).items()}
            return StoredTable(table.with_columns(columns).validate(rows), stored.etag, notes)
        except (pa.ArrowException, RefusedTable, ValueError, OSError) as problem:
            where = self.store.url(path)
            raise CorruptFile(
                f"{where} is not the table {table.name} ({problem}): {table.repair_hint}"
            ) from problem

    def find_if_valid(self, table: Table, **parts: Any) -> StoredTable | None:
        """A stored table; None also where it is damaged or of an older version.

        For what can be derived again from other files, so that damage is no reason to stop.

        Args:
            table: its declaration.
            **parts: which of its files.
        """
        try:
            return self.find(table, **parts)
        except CorruptFile as problem:
            log.warning("made anew: %s", problem)
            return None

    def read(self, table: Table, columns: Sequence[str] = (), **parts: Any) -> pa.Table:
        """The rows of a stored table, as `find` takes it; no rows where there is no file.

        Args:
            table: its declaration.
            columns: those that are wanted; none for all.
            **parts: which of its files.
        """
        stored = self.find(table, columns, **parts)
        return stored.rows if stored else table.with_columns(columns).empty()

    def read_unvalidated(self, table: Table, **parts: Any) -> pa.Table:
        """What is stored, whether or not it conforms: for checks, which say what is wrong with it.

        Args:
            table: its declaration.
            **parts: which of its files.

        Raises:
            CorruptFile: where it is not Parquet at all.
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
        """The version of a stored table, whatever is in it; None where there is no file.

        Args:
            table: its declaration.
            **parts: which of its files.
        """
        return self.etag_of(table.path.format(**parts))

    def etag_of(self, path: str) -> str | None:
        """The version of what is stored under a path; None where there is nothing."""
        entries = (entry for entry in self.store.list(path) if entry.key == path)
        return next((entry.etag for entry in entries), None)

    def write(
        self,
        table: Table,
        rows: pa.Table,
        *,
        over: str | None,
        notes: Mapping[str, str] | None = None,
        **parts: Any,
    ) -> WriteResult:
        """Write a table unless the same bytes are stored already.

        Args:
            table: its declaration; rows that do not conform are refused.
            rows: the whole file.
            over: ETag of the version that this one replaces; None where there must be none yet.
            notes: texts for the Parquet footer.
            **parts: which of its files.

        Raises:
            RefusedTable: where the rows must not land.
            Conflict: where another run has written since.
        """
        path = table.path.format(**parts)
        rows = table.conform(rows)
        body = to_parquet(rows, {"table": table.name, "description": table.grain, **(notes or {})})
        if over == md5(body):
            return WriteResult(path, len(rows), over, changed=False)
        etag = self.store.put_if_match(path, body, over)
        return WriteResult(path, len(rows), etag, changed=True)

    @retry_on_conflict
    def update(
        self, table: Table, compute: Callable[[pa.Table], pa.Table], **parts: Any
    ) -> WriteResult:
        """Write what `compute` makes of the stored rows; again if another run wrote first.

        Args:
            table: its declaration.
            compute: from the rows so far (none where there is no file) to all rows.
            **parts: which of its files.
        """
        stored = self.find(table, **parts)
        rows = compute(stored.rows if stored else table.empty())
        return self.write(table, rows, over=stored.etag if stored else None, **parts)

    @retry_on_conflict
    def replace(
        self, table: Table, rows: pa.Table, notes: Mapping[str, str] | None = None, **parts: Any
    ) -> WriteResult:
        """Write a table over whatever is stored.

        Args:
            table: its declaration.
            rows: the whole file.
            notes: texts for the Parquet footer.
            **parts: which of its files.
        """
        return self.write(table, rows, over=self.etag(table, **parts), notes=notes, **parts)

    def dates(self, folder: str, since: str = "") -> list[str]:
        """The dates, YYYY-MM-DD, that a folder is cut into, in order.

        Anything else in the folder, such as a copy that somebody made, is left out.

        Args:
            folder: ends in '/'.
            since: the first date that is wanted; earlier ones are not even listed.
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
        except ValueError as problem:
            raise CorruptFile(f"{where} is not JSON ({problem}): {repair_hint}") from None
        if not isinstance(document, dict):
            raise CorruptFile(f"{where} is no JSON object: {repair_hint}")
        return document

    def document_if_valid(self, path: str) -> dict[str, Any] | None:
        """A JSON document; None also where it is damaged, as `find_if_valid` for tables."""
        try:
            document: dict[str, Any] | None = self.document(path)
        except CorruptFile as problem:
            log.warning("made anew: %s", problem)
            return None
        return document

    def write_document(self, path: str, document: Mapping[str, Any]) -> bool:
        """Write a JSON document unless the same one is stored.

        Args:
            path: where to.
            document: what JSON can hold.

        Returns:
            Whether it was written.
        """
        body = json.dumps(document, indent=2, ensure_ascii=False).encode() + b"\n"
        stored = self.store.get(path)
        if stored and stored.body == body:
            return False
        self.store.put(path, body)
        return True


def to_parquet(rows: pa.Table, notes: Mapping[str, str]) -> bytes:
    """A table as Parquet bytes; the same rows and notes always give the same bytes.

    Args:
        rows: any table.
        notes: texts for the footer.
    """
    sink = io.BytesIO()
    pq.write_table(
        rows.replace_schema_metadata(dict(notes)),
        sink,
        compression=COMPRESSION,
        version="2.6",
        # Neither Parquet nor zstd notices a flipped bit in a page by itself.
        write_page_checksum=True,
    )
    return sink.getvalue()


def _from_parquet(body: bytes, columns: Sequence[str] = ()) -> pa.Table:
    # Not `read_table`: it goes by way of datasets, which take twice as long for a small file.
    file = pq.ParquetFile(pa.BufferReader(body), page_checksum_verification=True)
    return file.read(columns=list(columns) or None)
