"""The lake: declared tables and documents in a folder or a bucket.

Responses as received are `raw.py`; how bytes get into a folder or a bucket is `object_store.py` and
`s3.py`; what they mean is `listening/`. Nothing else in the project knows Parquet.
"""

import hashlib
import io
import json
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_random

from pipelines.errors import CorruptFile, RefusedTable, SettingsError
from pipelines.listening.schema.table import Table
from pipelines.resources.lake.object_store import Conflict, Store
from pipelines.settings import Settings

COMPRESSION = "zstd"
DATED = re.compile(r"date=(\d{4}-\d\d-\d\d)")

log = logging.getLogger("playledger")


@dataclass(frozen=True)
class Found:
    """A table as it lies in the lake, with its version and the notes in its footer."""

    rows: pa.Table
    etag: str
    notes: Mapping[str, str]


@dataclass(frozen=True)
class Written:
    """What a write did."""

    path: str
    rows: int
    etag: str
    changed: bool


again_on_conflict = retry(
    retry=retry_if_exception_type(Conflict),
    stop=stop_after_attempt(8),
    wait=wait_random(0, 0.5),
    reraise=True,
)
"""Decorates what reads, computes and writes: when another run wrote first, it starts over."""


class Lake:
    """Tables, documents and bytes by their path in the lake."""

    def __init__(self, store: Store | Callable[[], Store]) -> None:
        self._store = store

    @classmethod
    def open(cls, settings: Settings) -> "Lake":
        """The lake at `LAKE_URL`; nothing is read or created before the lake is used."""
        return cls(lambda: _store(settings))

    @cached_property
    def store(self) -> Store:
        """Where the bytes are.

        Raises:
            SettingsError: where `LAKE_URL` is neither a folder nor s3://….
        """
        return self._store() if callable(self._store) else self._store

    def find(self, path: str, table: Table, columns: Sequence[str] = ()) -> Found | None:
        """The table at a path; None where there is none.

        Args:
            path: where it lies.
            table: what it is.
            columns: those that are wanted, in declared order; none for all.

        Raises:
            CorruptFile: where the file is cut off, or is not this table.
        """
        stored = self.store.get(path)
        if stored is None:
            return None
        try:
            rows = _from_parquet(stored.body, columns)
            notes = {k.decode(): v.decode() for k, v in (rows.schema.metadata or {}).items()}
            return Found(table.with_columns(columns).validate(rows), stored.etag, notes)
        except (pa.ArrowException, RefusedTable, ValueError, OSError) as problem:
            raise CorruptFile(
                f"{self.store.url(path)} is not the table {table.name} ({problem}): "
                f"{table.repair_hint}"
            ) from problem

    def sound(self, path: str, table: Table) -> Found | None:
        """The table at a path; None also where it is damaged or of an older make.

        For what can be made anew of other files, so that damage is no reason to stop.
        """
        try:
            return self.find(path, table)
        except CorruptFile as problem:
            log.warning("made anew: %s", problem)
            return None

    def peek(self, path: str, table: Table) -> pa.Table:
        """What lies at a path, conforming or not: for checks, which say what is wrong with it.

        Raises:
            CorruptFile: where it is not Parquet at all.
        """
        stored = self.store.get(path)
        if stored is None:
            return table.empty()
        try:
            return _from_parquet(stored.body)
        except (pa.ArrowException, OSError) as problem:
            raise CorruptFile(f"{self.store.url(path)} is not Parquet: {problem}") from problem

    def read(self, path: str, table: Table, columns: Sequence[str] = ()) -> pa.Table:
        """The rows of the table at a path, as `find` takes it; none where there is no file."""
        found = self.find(path, table, columns)
        return found.rows if found else table.with_columns(columns).empty()

    def dates(self, folder: str, since: str = "") -> list[str]:
        """The dates, from `since` on, that a folder is cut into; earlier ones are not listed.

        What else lies there, such as a copy that somebody made, is none of them.
        """
        start_after = f"date={since}"[:-1] if since else ""
        names = self.store.folders(folder, start_after=start_after)
        dates = (found[1] for name in names if (found := DATED.fullmatch(name.strip("/"))))
        return [date for date in dates if date >= since]

    def etag(self, path: str) -> str | None:
        """The version of what lies at a path, whatever is in it; None where nothing does."""
        entries = (entry for entry in self.store.list(path) if entry.key == path)
        return next((entry.etag for entry in entries), None)

    def write(
        self,
        path: str,
        table: Table,
        rows: pa.Table,
        *,
        over: str | None,
        notes: Mapping[str, str] | None = None,
    ) -> Written:
        """Write a table unless the same bytes lie there already.

        Args:
            path: where to.
            table: what it is; rows that do not conform are refused.
            rows: the whole table.
            over: ETag of the version this one replaces; None where there must be none yet.
            notes: texts for the Parquet footer.

        Raises:
            RefusedTable: where the rows must not land.
            Conflict: where another run has written since.
        """
        rows = table.conform(rows)
        body = to_parquet(rows, {"table": table.name, "description": table.grain, **(notes or {})})
        if over == hashlib.md5(body, usedforsecurity=False).hexdigest():
            return Written(path, len(rows), over, changed=False)
        etag = self.store.put_if_match(path, body, over)
        return Written(path, len(rows), etag, changed=True)

    @again_on_conflict
    def update(self, path: str, table: Table, compute: Callable[[pa.Table], pa.Table]) -> Written:
        """Write what `compute` makes of the rows there; again if another run wrote first."""
        found = self.find(path, table)
        rows = compute(found.rows if found else table.empty())
        return self.write(path, table, rows, over=found.etag if found else None)

    @again_on_conflict
    def replace(
        self, path: str, table: Table, rows: pa.Table, notes: Mapping[str, str] | None = None
    ) -> Written:
        """Write a table over whatever lies there."""
        return self.write(path, table, rows, over=self.etag(path), notes=notes)

    def document(self, path: str, *, mend: str = "delete it") -> Any:
        """The JSON document at a path; None where there is none.

        Args:
            path: where it lies.
            mend: what to do where it is damaged.

        Raises:
            CorruptFile: where it is not a JSON object.
        """
        stored = self.store.get(path)
        if stored is None:
            return None
        try:
            document = json.loads(stored.body)
        except ValueError as problem:
            raise CorruptFile(f"{self.store.url(path)} is not JSON ({problem}): {mend}") from None
        if not isinstance(document, dict):
            raise CorruptFile(f"{self.store.url(path)} is no JSON object: {mend}")
        return document

    def sound_document(self, path: str) -> dict[str, Any] | None:
        """The JSON document at a path; None also where it is damaged, as `sound` for tables."""
        try:
            document: dict[str, Any] | None = self.document(path)
        except CorruptFile as problem:
            log.warning("made anew: %s", problem)
            return None
        return document

    def write_document(self, path: str, document: Mapping[str, Any]) -> bool:
        """Write a JSON document unless the same one lies there; whether it was written."""
        body = json.dumps(document, indent=2, ensure_ascii=False).encode() + b"\n"
        stored = self.store.get(path)
        if stored and stored.body == body:
            return False
        self.store.put(path, body)
        return True


def _store(settings: Settings) -> Store:
    from pipelines.resources.lake.s3 import open_store  # noqa: PLC0415 boto3 takes half a second

    try:
        return open_store(settings.lake_url, **settings.s3)
    except ValueError as problem:
        raise SettingsError(str(problem)) from None


def to_parquet(rows: pa.Table, notes: Mapping[str, str]) -> bytes:
    """A table as Parquet bytes; the same rows and notes always give the same bytes."""
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
