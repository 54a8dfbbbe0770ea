"""A table that is cut by month, and of what each month was made: only what changed is made again.

For tables whose months are derived from other files. What they are made of, and how, is the
asset's business.
"""

import hashlib
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pyarrow as pa

from pipelines.listening.schema.table import Table
from pipelines.listening.time.months import Month
from pipelines.resources.lake.tables import Lake

ROWS = "dagster/row_count"

TOLD = {"fingerprint", "etag", "plays"}
"""What a manifest tells of every month."""

READERS = 8
"""Months that are read at the same time, since most of the time a bucket is waited for."""


def month_versions(lake: Lake, listener: str, table: Table) -> dict[Month, str]:
    """The ETag of each of a table's month files."""
    folder = table.path.split("year=")[0]
    listed = lake.store.list(f"users/{listener}/{folder}year=")
    # What else lies there, such as a folder in a file's place, is none of its months.
    return {
        month: entry.etag
        for entry in listed
        if (month := Month.from_path(entry.key))
        and entry.key == f"users/{listener}/{month.path(table.path)}"
    }


def read_months(lake: Lake, listener: str, table: Table, columns: Sequence[str] = ()) -> pa.Table:
    """All months of a table, in order; of the columns no more than these, where any are named."""
    months = sorted(month_versions(lake, listener, table))
    paths = [f"users/{listener}/{month.path(table.path)}" for month in months]
    with ThreadPoolExecutor(READERS) as readers:
        rows = readers.map(lambda path: lake.read(path, table, columns), paths)
        return pa.concat_tables([table.with_columns(columns).empty(), *rows])


class MonthFiles:
    """The month files of one table of one listener, being brought up to date.

    Beside them lies a manifest that tells for each month its sources, a fingerprint of them, the
    file's ETag and how many rows it has.
    """

    def __init__(self, lake: Lake, listener: str, table: Table) -> None:
        """Look at what is there: before its sources are read.

        What another run writes meanwhile must not be written over.
        """
        self._lake, self._table = lake, table
        self._home = f"users/{listener}/"
        self._path = f"{self._home}{table.path.split('year=')[0]}_manifest.json"
        self._known: dict[str, Any] = lake.sound_document(self._path) or {}
        self._there = month_versions(lake, listener, table)
        self._made: dict[Month, dict[str, Any]] = {}

    def stale(self, months: Mapping[Month, tuple[Mapping[str, str], object]]) -> list[Month]:
        """Which months have to be made again, in order.

        Args:
            months: every month that there is to be, with its sources and whatever else it is
                made of.
        """
        stale = []
        for month in sorted(months):
            versions, others = months[month]
            # In whatever order exports were imported, the same ones give the same bytes.
            sources = dict(sorted(versions.items()))
            fingerprint = hashlib.sha256(repr((sources, others)).encode()).hexdigest()
            told = self._known.get(self._name(month))
            known = told if isinstance(told, dict) else {}
            here = known.keys() >= TOLD and known["etag"] == self._there.get(month)
            if here and known["fingerprint"] == fingerprint:
                self._made[month] = known
            else:
                stale.append(month)
                self._made[month] = {
                    "fingerprint": fingerprint,
                    "sources": sources,
                    "etag": None,
                    "plays": 0,
                }
        return stale

    def write(self, month: Month, rows: pa.Table, **told: object) -> bool:
        """Write a stale month; whether its file changed.

        Args:
            month: which.
            rows: all of it.
            told: what else the manifest is to tell of it.
        """
        made = self._made[month]
        written = self._lake.write(
            self._home + self._name(month),
            self._table,
            rows,
            over=self._there.get(month),
            notes={"fingerprint": made["fingerprint"]},
        )
        made |= {"etag": written.etag, "plays": written.rows, **told}
        return written.changed

    def finish(self) -> dict[str, int]:
        """Delete months that the sources no longer give, and write the manifest.

        Returns:
            Numbers of rows and of months.
        """
        full = {month for month, made in self._made.items() if made["plays"]}
        for month in set(self._there) - full:
            self._lake.store.delete(self._home + self._name(month))
        manifest = {self._name(month): made for month, made in sorted(self._made.items())}
        self._lake.write_document(self._path, manifest)
        return {
            ROWS: sum(made["plays"] for made in self._made.values()),
            "months": len(full),
        }

    def told(self, what: str) -> list[Any]:
        """What the manifest tells under a name of each month that has it."""
        return [made[what] for made in self._made.values() if what in made]

    def _name(self, month: Month) -> str:
        return month.path(self._table.path)
