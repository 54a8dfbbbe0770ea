"""A table that is cut by month, and what each month was made of: only what changed is made again.

For tables whose months are derived from other files. What they are made of, and how, is the
asset's business; tables that grow date by date are `incremental_dates.py`.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from pipelines.listening.schema.table import Table
from pipelines.listening.time.months import Month
from pipelines.resources.lake.lakes import ListenerLake, folder_of

ROWS = "dagster/row_count"

ALWAYS_NOTED = {"fingerprint", "etag", "plays"}
"""What a manifest has of every month."""

Inputs = tuple[Mapping[str, str], object]
"""The versions of the files that a month is made of, by path, and whatever else it depends on."""


class MonthFiles:
    """The month files of one table of one listener, being brought up to date.

    Beside them is a manifest that has for each month its inputs, a fingerprint of them, the file's
    ETag and how many rows it has.
    """

    def __init__(self, lake: ListenerLake, table: Table) -> None:
        """List what is stored, before any input is read.

        What another run writes meanwhile must not be written over.

        Args:
            lake: the listener's.
            table: which is cut by month.
        """
        self._lake, self._table = lake, table
        self._path = f"{folder_of(table)}_manifest.json"
        self._noted: dict[str, Any] = lake.document_if_valid(self._path) or {}
        self._stored = lake.month_versions(table)
        self._made: dict[Month, dict[str, Any]] = {}

    def stale(self, months: Mapping[Month, Inputs]) -> list[Month]:
        """Which months have to be made again, in order.

        Args:
            months: every month that there is to be, with its inputs.
        """
        stale = []
        for month in sorted(months):
            versions, others = months[month]
            # In whatever order exports were imported, the same ones give the same bytes.
            sources = dict(sorted(versions.items()))
            fingerprint = hashlib.sha256(repr((sources, others)).encode()).hexdigest()
            entry = self._noted.get(self._name(month))
            noted = entry if isinstance(entry, dict) else {}
            stored = noted.keys() >= ALWAYS_NOTED and noted["etag"] == self._stored.get(month)
            if stored and noted["fingerprint"] == fingerprint:
                self._made[month] = noted
            else:
                stale.append(month)
                self._made[month] = {
                    "fingerprint": fingerprint,
                    "sources": sources,
                    "etag": None,
                    "plays": 0,
                }
        return stale

    def write(self, month: Month, rows: pa.Table, **notes: object) -> bool:
        """Write a stale month.

        Args:
            month: which.
            rows: all of it.
            **notes: what else the manifest is to have of it.

        Returns:
            Whether its file changed.
        """
        made = self._made[month]
        written = self._lake.write(
            self._table,
            rows,
            over=self._stored.get(month),
            notes={"fingerprint": made["fingerprint"]},
            **month.parts,
        )
        made |= {"etag": written.etag, "plays": written.rows, **notes}
        return written.changed

    def finish(self) -> dict[str, int]:
        """Delete months that the inputs no longer give, and write the manifest.

        Returns:
            Numbers of rows and of months.
        """
        full = {month for month, made in self._made.items() if made["plays"]}
        for month in set(self._stored) - full:
            self._lake.store.delete(self._name(month))
        manifest = {self._name(month): made for month, made in sorted(self._made.items())}
        self._lake.write_document(self._path, manifest)
        return {
            ROWS: sum(made["plays"] for made in self._made.values()),
            "months": len(full),
        }

    def noted(self, what: str) -> list[Any]:
        """What the manifest has under a name, of each month that has it."""
        return [made[what] for made in self._made.values() if what in made]

    def _name(self, month: Month) -> str:
        return month.path(self._table.path)
