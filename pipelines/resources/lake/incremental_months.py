"""Tables partitioned by month, with a manifest of inputs: only stale months are derived again.

For tables whose months are derived from other files. What these are, and how months are derived,
belongs to the asset; tables that grow date by date are `incremental_dates.py`.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from pipelines.listening.schema.table import Table
from pipelines.listening.time.months import Month
from pipelines.resources.lake.lakes import ListenerLake, folder_of

ROWS = "dagster/row_count"

REQUIRED_KEYS = {"fingerprint", "etag", "plays"}
"""Keys of each month in a manifest, beside its sources."""

Inputs = tuple[Mapping[str, str], object]
"""The versions of the files that a month is derived from, by path, and its other dependencies."""


class MonthFiles:
    """The month files of one table of one listener, during an update.

    The manifest beside them has for each month its inputs, their fingerprint, the file's ETag and
    its number of rows.
    """

    def __init__(self, lake: ListenerLake, table: Table) -> None:
        """List the stored files, before any input is read.

        So what another run writes in the meantime is not overwritten.

        Args:
            lake: the listener's.
            table: its declaration; partitioned by month.
        """
        self._lake, self._table = lake, table
        self._path = f"{folder_of(table)}_manifest.json"
        self._recorded: dict[str, Any] = lake.document_if_valid(self._path) or {}
        self._stored = lake.month_versions(table)
        self._manifest: dict[Month, dict[str, Any]] = {}

    def stale(self, months: Mapping[Month, Inputs]) -> list[Month]:
        """The months that have to be derived again, in order.

        Args:
            months: every month that should exist, with its inputs.
        """
        stale = []
        for month in sorted(months):
            versions, others = months[month]
            # Sorted, so that the order of imports does not change the bytes.
            sources = dict(sorted(versions.items()))
            fingerprint = hashlib.sha256(repr((sources, others)).encode()).hexdigest()
            entry = self._recorded.get(self._name(month))
            recorded = entry if isinstance(entry, dict) else {}
            stored = recorded.keys() >= REQUIRED_KEYS and recorded["etag"] == self._stored.get(
                month
            )
            if stored and recorded["fingerprint"] == fingerprint:
                self._manifest[month] = recorded
            else:
                stale.append(month)
                self._manifest[month] = {
                    "fingerprint": fingerprint,
                    "sources": sources,
                    "etag": None,
                    "plays": 0,
                }
        return stale

    def write(self, month: Month, rows: pa.Table, **notes: object) -> bool:
        """Write a stale month.

        Args:
            month: one of those that `stale` returned.
            rows: all of the month's.
            **notes: further entries of the month in the manifest.

        Returns:
            Whether its file changed.
        """
        entry = self._manifest[month]
        written = self._lake.write(
            self._table,
            rows,
            over=self._stored.get(month),
            notes={"fingerprint": entry["fingerprint"]},
            **month.parts,
        )
        entry |= {"etag": written.etag, "plays": written.rows, **notes}
        return written.changed

    def finish(self) -> dict[str, int]:
        """Delete months that no longer have rows, and write the manifest.

        Returns:
            Numbers of rows and of months.
        """
        full = {month for month, entry in self._manifest.items() if entry["plays"]}
        for month in set(self._stored) - full:
            self._lake.store.delete(self._name(month))
        manifest = {self._name(month): entry for month, entry in sorted(self._manifest.items())}
        self._lake.write_document(self._path, manifest)
        return {
            ROWS: sum(entry["plays"] for entry in self._manifest.values()),
            "months": len(full),
        }

    def notes(self, key: str) -> list[Any]:
        """The values under a key of the manifest, of each month that has it."""
        return [entry[key] for entry in self._manifest.values() if key in entry]

    def _name(self, month: Month) -> str:
        return month.path(self._table.path)
