"""Reads one listener's tables for pages: only what a page needs, and nothing twice.

A file is listed once in a run of the script, and decoded again only when it is another one. Decoded
columns are kept for all who look, up to a limit, under the listener's own path, so that nobody sees
another's. Pages read `aggregated/`, and of plays the months that they show. Add here another way to
read; what is made of rows belongs to the page.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipelines.errors import CorruptFile, RefusedTable, StoreUnavailable
from pipelines.listening.all_tables import TABLES
from pipelines.listening.schema.context_tables import LABELLED_PLAYS
from pipelines.listening.schema.table import Table
from pipelines.listening.time.months import Month
from pipelines.resources.lake.lakes import Lake

KEPT_BYTES = 96 * 2**20
"""How much of what was read is kept in memory, for all readers together."""

BY_NAME: Mapping[str, Table] = {table.name: table for table in TABLES}


class Kept:
    """What was read lately, up to a number of bytes; safe to share by threads.

    Args:
        limit: how many bytes of Arrow tables, at most.
    """

    def __init__(self, limit: int = KEPT_BYTES) -> None:
        self.limit = limit
        self.bytes = 0
        self._tables: OrderedDict[tuple[object, ...], pa.Table] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: tuple[object, ...], read: Callable[[], pa.Table]) -> pa.Table:
        """A table from memory, or else read.

        Args:
            key: what it is and in which version.
            read: reads it.
        """
        with self._lock:
            if key in self._tables:
                self._tables.move_to_end(key)
                return self._tables[key]
        rows = read()
        with self._lock:
            if key not in self._tables and rows.nbytes <= self.limit:
                self._tables[key] = rows
                self.bytes += rows.nbytes
                while self.bytes > self.limit:
                    _, oldest = self._tables.popitem(last=False)
                    self.bytes -= oldest.nbytes
        return rows


class Reading:
    """The tables of one listener.

    Args:
        lake: the whole lake.
        listener: whose; the caller has made sure that the reader may see them.
        kept: what was read before, by anybody.
    """

    def __init__(self, lake: Lake, listener: str, kept: Kept) -> None:
        self.lake = lake.of(listener)
        self.listener = listener
        self._kept = kept
        self._root = lake.store.url("")
        self.read: list[str] = []
        """Paths of the files that were opened, in order."""

    def table(
        self, name: str, columns: Sequence[str] = (), where: Mapping[str, Any] | None = None
    ) -> pa.Table:
        """Rows of a table that is one file; none where it was never made.

        Args:
            name: of the table, such as `listening_by_month`.
            columns: which; empty for all.
            where: only rows with these values. Of a table that is in order of such a column, only
                the part of the file that has it is read.

        Raises:
            CorruptFile: where it is damaged, or of another version.
        """
        table = BY_NAME[name]
        stamp = self._stamps.get(table.path)
        if stamp is None:
            return table.with_columns(columns).empty()
        wanted = tuple(sorted((where or {}).items()))
        key = (self.lake.store.url(table.path), stamp, tuple(columns), wanted)
        return self._kept.get(key, lambda: self._decoded(table, table.path, columns, where or {}))

    def has(self, name: str) -> bool:
        """Whether a table was ever made."""
        return BY_NAME[name].path in self._stamps

    def version(self, name: str) -> tuple[str, str]:
        """A table's address and its version there: what is made of it can be kept under these."""
        path = BY_NAME[name].path
        return self.lake.store.url(path), self._stamps.get(path, "")

    def plays(self, months: Sequence[Month], columns: Sequence[str] = ()) -> pa.Table:
        """Labelled plays of some months, in order of the months.

        Args:
            months: which; months without plays have no rows.
            columns: which; empty for all.
        """
        parts = [self._plays_of(month, columns) for month in months if month in self.play_months]
        return pa.concat_tables([LABELLED_PLAYS.with_columns(columns).empty(), *parts])

    def made_of_plays(
        self,
        name: str,
        month: Month,
        columns: Sequence[str],
        make: Callable[[pa.Table], pa.Table],
    ) -> pa.Table:
        """What is made of a month's plays; made once, while only that is kept.

        Args:
            name: of what is made; with the columns it says what it is.
            month: one that has plays.
            columns: of the plays; texts come encoded by dictionaries, as they are stored.
            make: makes it, of these columns.
        """
        path = month.path(LABELLED_PLAYS.path)
        key = (self.lake.store.url(path), self.play_months[month], name, tuple(columns))
        return self._kept.get(key, lambda: make(self._encoded_plays(path, columns)))

    @cached_property
    def play_months(self) -> Mapping[Month, str]:
        """The months that have plays, in order, each with a version of its file."""
        found = {
            Month.from_path(entry.key): entry.stamp
            for entry in self.lake.store.list("labelled_plays/year=")
        }
        return dict(sorted((month, stamp) for month, stamp in found.items() if month))

    @cached_property
    def months(self) -> list[Month]:
        """The months that the insights tell of, in order."""
        days = pc.unique(self.table("listening_by_month", ["month"])["month"])
        return sorted(Month.of(day) for day in days.to_pylist())

    @cached_property
    def _stamps(self) -> Mapping[str, str]:
        """A version of each file below `aggregated/`."""
        found = {entry.key: entry.stamp for entry in self.lake.store.list("aggregated/")}
        if not found and self._root.startswith("/") and not Path(self._root).is_dir():
            raise StoreUnavailable(
                f"there is no folder {self._root}, where the lake was to be: is its disk there, "
                "and LAKE_URL right? The first collecting or import makes it"
            )
        return found

    def _plays_of(self, month: Month, columns: Sequence[str]) -> pa.Table:
        path = month.path(LABELLED_PLAYS.path)
        key = (self.lake.store.url(path), self.play_months[month], tuple(columns))
        return self._kept.get(key, lambda: self._decoded(LABELLED_PLAYS, path, columns, {}))

    def _encoded_plays(self, path: str, columns: Sequence[str]) -> pa.Table:
        declared = LABELLED_PLAYS.with_columns(columns)
        stored = self.lake.store.get(path)
        self.read.append(path)
        if stored is None:
            return declared.empty()
        texts = [one.name for one in declared.fields if pa.types.is_string(one.type)]
        with self._known_failures(LABELLED_PLAYS, path):
            file = pq.ParquetFile(pa.BufferReader(stored.body), read_dictionary=texts)
            return _whole(file, declared)

    def _decoded(
        self, table: Table, path: str, columns: Sequence[str], where: Mapping[str, Any]
    ) -> pa.Table:
        stored = self.lake.store.get(path)
        self.read.append(path)
        declared = table.with_columns(columns)
        if stored is None:
            return declared.empty()
        with self._known_failures(table, path):
            if where:
                rows = pq.read_table(
                    pa.BufferReader(stored.body),
                    columns=declared.schema.names,
                    filters=[(name, "==", value) for name, value in where.items()],
                    partitioning=None,
                )
            else:
                # A quarter of the time that it takes as a data set of one file.
                rows = _whole(pq.ParquetFile(pa.BufferReader(stored.body)), declared)
            return declared.validate(declared.with_added(rows))

    @contextmanager
    def _known_failures(self, table: Table, path: str) -> Iterator[None]:
        """Say of a file that is no such table what to do about it."""
        try:
            yield
        except (pa.ArrowException, RefusedTable, ValueError, OSError) as problem:
            raise CorruptFile(
                f"{self.lake.store.url(path)} is not the table {table.name} as this version makes "
                f"it ({problem}): {table.repair_hint}"
            ) from problem


def _whole(file: pq.ParquetFile, declared: Table) -> pa.Table:
    """The declared columns of a file, of those that it has."""
    return file.read(columns=declared.schema.names, use_threads=False)
