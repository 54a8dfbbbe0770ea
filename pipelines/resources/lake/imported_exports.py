"""Imported privacy exports: `streaming_history/<import id>/…` in a listener's folder.

Rows are stored once and never changed; an import exists once its `outcome.json` does, which is
written last. Imports of scrobbles that are read every day give way to others: whoever reads one
then gets a `Conflict`, and starts over. Importing an export is `ingest/privacy_export.py`; what its
rows mean is `listening/`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import pyarrow as pa

from pipelines.errors import CorruptFile
from pipelines.listening.ledger.export_union import ImportedExport
from pipelines.listening.schema.tables import HISTORY
from pipelines.listening.time.intervals import Interval, instants, millis
from pipelines.listening.time.months import MARGIN, Month
from pipelines.resources.lake.lakes import ListenerLake
from pipelines.resources.lake.object_store import Conflict

IMPORTS = "streaming_history/"

FAR_ZONES = timedelta(hours=14)
"""The largest offset of a time zone from UTC."""


@dataclass(frozen=True)
class Import:
    """A complete import.

    Attributes:
        id: a digest of the export's files.
        imported_at: when it was first imported.
        spans: the intervals that it covers.
        months: months (UTC) in which it has rows.
    """

    id: str
    imported_at: datetime
    spans: tuple[Interval, ...]
    months: tuple[Month, ...]

    @classmethod
    def of(cls, outcome: Mapping[str, Any]) -> "Import":
        """From its `outcome.json`."""
        return cls(
            outcome["import_id"],
            datetime.fromisoformat(outcome["imported_at"]),
            tuple(
                Interval(datetime.fromisoformat(start), datetime.fromisoformat(end), complete)
                for start, end, complete in outcome["vouches_for"]
            ),
            tuple(Month(*map(int, month.split("-"))) for month in outcome["months"]),
        )

    def touches(self, month: Month) -> bool:
        """Whether it may have rows in the listener's month, or near its edges."""
        return not {month.plus_months(-1), month, month.plus_months(1)}.isdisjoint(self.months)


class ImportedExports:
    """The imports of one listener."""

    def __init__(self, lake: ListenerLake) -> None:
        self.lake = lake
        # Months are derived one after the other: from their year, and the one before.
        self._year = lru_cache(maxsize=8)(self._read_year)

    def outcome_path(self, import_id: str) -> str:
        """The path of an import's outcome, which is written last."""
        return f"{IMPORTS}{import_id}/outcome.json"

    def outcome(self, import_id: str) -> dict[str, Any] | None:
        """The outcome of an import; None where it does not exist or is incomplete.

        Raises:
            CorruptFile: where it is damaged.
        """
        path = self.outcome_path(import_id)
        outcome: dict[str, Any] | None = self.lake.document(path, repair_hint=HISTORY.repair_hint)
        if outcome is not None and not {"import_id", "vouches_for", "months"} <= outcome.keys():
            where = self.lake.store.url(path)
            raise CorruptFile(f"{where} is not the outcome of an import: {HISTORY.repair_hint}")
        return outcome

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """The ids of every complete import, in their own order."""
        listed = self.lake.store.list(IMPORTS)
        parts = [entry.key.removeprefix(IMPORTS).split("/") for entry in listed]
        # A folder of the name counts too: it is damage, and whoever reads it says so.
        return tuple(dict.fromkeys(one[0] for one in parts if one[1:2] == ["outcome.json"]))

    @cached_property
    def all(self) -> tuple[Import, ...]:
        """Every complete import, in the order of import."""
        complete = [found for one in self.ids if (found := self.find(one))]
        return tuple(sorted(complete, key=lambda one: (one.imported_at, one.id)))

    def find(self, import_id: str) -> Import | None:
        """A complete import; None where there is none."""
        outcome = self.outcome(import_id)
        return Import.of(outcome) if outcome else None

    @cached_property
    def months(self) -> set[Month]:
        """Months in which imports may have plays, in any time zone."""
        return {m.plus_months(by) for one in self.all for m in one.months for by in (-1, 0, 1)}

    def touching(self, month: Month) -> list[Import]:
        """The imports that may have rows in the listener's month, or near its edges."""
        return [one for one in self.all if one.touches(month)]

    def rows(self, one: Import, month: Month) -> ImportedExport:
        """The rows of an import in a month and near its edges, in any time zone.

        Args:
            one: the import.
            month: on the listener's calendar.
        """
        margin = MARGIN + FAR_ZONES
        begin = datetime.combine(month.first, time(), UTC) - margin
        end = datetime.combine(month.plus_months(1).first, time(), UTC) + margin
        return self.rows_between(one, begin, end)

    def rows_between(self, one: Import, begin: datetime, end: datetime) -> ImportedExport:
        """The rows of an import in a stretch of time.

        Args:
            one: the import.
            begin: the first moment of it.
            end: the first moment after it.

        Raises:
            Conflict: where another run has replaced the import since they were listed.
            CorruptFile: where a file of it is missing or damaged.
        """
        years = [self._year(one.id, year) for year in range(begin.year, end.year + 1)]
        parts = []
        for rows in years:
            times = instants(rows["played_at"])
            first, last = np.searchsorted(times, [millis(begin), millis(end)])
            parts.append(rows.slice(first, last - first))
        return ImportedExport(one.id, one.imported_at, one.spans, pa.concat_tables(parts))

    def at_ends(self, import_id: str, start: datetime, end: datetime) -> pa.Table:
        """The rows of an import in the years in which an interval starts and ends."""
        years = sorted({start.year, end.year})
        return pa.concat_tables(self._year(import_id, year) for year in years)

    def _read_year(self, import_id: str, year: int) -> pa.Table:
        parts = {"import": import_id, "year": str(year)}
        stored = self.lake.find(HISTORY, **parts)
        if stored:
            return stored.rows
        if any(one.id == import_id and year in {m.year for m in one.months} for one in self.all):
            where = self.lake.url(HISTORY, **parts)
            self.lake.forget()
            if self.outcome(import_id) is None:
                raise Conflict(f"another run has replaced the import of {where}")
            raise CorruptFile(f"{where} is missing: {HISTORY.repair_hint}")
        return HISTORY.empty()
