"""Of what each file of a table was made: the one record by which a table is known to be up to date.

A manifest is a JSON document beside the files of a table: for each of them its ETag, the inputs in
their versions and the version of the code that made it of them. Files that are made of other files
(`MonthFiles`) are compared with all of their inputs; what grows date by date (`add_dates`) is
compared with the last date that it has. What the inputs are belongs to the assets.
"""

import hashlib
import json
import logging
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa

from pipelines.listening.schema.table import Table
from pipelines.listening.time.months import Month
from pipelines.resources.lake.lakes import ListenerLake, folder_of
from pipelines.resources.lake.tables import TableStore, WriteResult, retry_on_conflict

log = logging.getLogger("playledger")

ROWS = "dagster/row_count"

THROUGH = "dates through"
"""The input of what grows date by date: the last date that it has."""

Entry = dict[str, Any]
"""Of one file: `etag`, `rows`, `code`, `inputs`, and whatever else its asset notes of it."""

REQUIRED = {"etag", "rows", "code", "inputs"}

Inputs = tuple[Mapping[str, str], str]
"""The versions of what a file is made of, by path or name, and the version of the code."""

AddDates = Callable[[pa.Table, str], tuple[pa.Table, str | None]]
"""From the rows so far and the first date to add, to the new rows and the last date added."""


def digest(*values: object) -> str:
    """A short version of some values, for an input that is no file or of which a part matters."""
    return hashlib.sha256(repr(values).encode()).hexdigest()[:32]


class Manifest:
    """The manifest of a table: of a folder of files, or beside a single file.

    A damaged one is as none, and so is an entry that is not as it should be: files are then made
    again. It is written last, and never over one that another run has written in the meantime.
    """

    def __init__(self, lake: TableStore, place: str) -> None:
        """Read it.

        Args:
            lake: the folder that the place is in, of a listener or of a survey.
            place: a folder, ending in '/', or the path of the only file.
        """
        self._lake = lake
        self.place = place
        self.path = path_beside(place)
        self._before = lake.store.get(self.path)
        document = self._parsed(self._before.body) if self._before else {}
        self.entries: dict[str, Entry] = {
            path: entry for path, entry in document.items() if _is_entry(entry)
        }

    def _parsed(self, body: bytes) -> dict[str, Any]:
        try:
            document = json.loads(body)
        except (ValueError, RecursionError) as problem:
            document = problem
        if not isinstance(document, dict):
            log.warning("made again: %s is no manifest", self._lake.store.url(self.path))
            return {}
        return document

    def entry(self, path: str = "") -> Entry:
        """What is recorded of a file; without its path, of the only file, or of the folder."""
        return self.entries.get(path or self.place, {})

    def is_current(self, inputs: Inputs, *, path: str = "") -> bool:
        """Whether what is recorded was made of these inputs by this code.

        Args:
            inputs: their versions, and that of the code.
            path: as for `entry`.
        """
        recorded, (versions, code) = self.entry(path), inputs
        return recorded.get("inputs") == dict(versions) and recorded.get("code") == code

    def record(
        self,
        inputs: Inputs,
        written: WriteResult | None = None,
        *,
        path: str = "",
        **notes: object,
    ) -> None:
        """Record of what something was made.

        Args:
            inputs: the versions of what it was made of, and that of the code.
            written: its file; None for a folder as a whole.
            path: as for `entry`.
            **notes: what else to keep of it.
        """
        versions, code = inputs
        self.entries[path or self.place] = {
            "etag": written.etag if written else None,
            "rows": written.rows if written else 0,
            "code": code,
            # Sorted, so that the order of imports does not change the bytes.
            "inputs": dict(sorted(versions.items())),
            **notes,
        }

    def save(self) -> None:
        """Write it, unless it is stored already.

        Raises:
            Conflict: where another run has written it since it was read.
        """
        document = dict(sorted(self.entries.items()))
        body = json.dumps(document, indent=1, ensure_ascii=False).encode() + b"\n"
        before = self._before
        if before is None or before.body != body:
            self._lake.store.put_if_match(self.path, body, before.etag if before else None)


def _is_entry(entry: object) -> bool:
    if not isinstance(entry, dict) or not entry.keys() >= REQUIRED:
        return False
    inputs = entry["inputs"]
    are_texts = isinstance(inputs, dict) and all(isinstance(one, str) for one in inputs.values())
    return are_texts and isinstance(entry["rows"], int) and isinstance(entry["code"], str)


def path_beside(place: str) -> str:
    """The path of the manifest of a folder, ending in '/', or of a single file."""
    return f"{place}_manifest.json" if place.endswith("/") else f"{place}.manifest.json"


class MonthFiles:
    """The month files of one table of one listener, during an update."""

    def __init__(self, lake: ListenerLake, table: Table) -> None:
        """List the stored files, before any input is read.

        So what another run writes in the meantime is not overwritten.

        Args:
            lake: the listener's.
            table: its declaration; partitioned by month.
        """
        self._lake, self._table = lake, table
        self._stored = lake.month_versions(table)
        self._inputs: Mapping[Month, Inputs] = {}
        self.manifest = Manifest(lake, folder_of(table))

    def stale(self, months: Mapping[Month, Inputs]) -> list[Month]:
        """The months that have to be derived again, in order.

        Args:
            months: every month that should exist, with its inputs.
        """
        self._inputs = months
        stale = [month for month in sorted(months) if not self._is_current(month)]
        names = {self._name(month) for month in set(months).difference(stale)}
        entries = self.manifest.entries
        self.manifest.entries = {name: entries[name] for name in names}
        for month in stale:  # until it is written, it has no rows
            self.manifest.record(months[month], path=self._name(month))
        return stale

    def _is_current(self, month: Month) -> bool:
        name, inputs = self._name(month), self._inputs[month]
        is_stored = self.manifest.entry(name).get("etag") == self._stored.get(month)
        return is_stored and self.manifest.is_current(inputs, path=name)

    def write(self, month: Month, rows: pa.Table, **notes: object) -> bool:
        """Write a stale month.

        Args:
            month: one of those that `stale` returned.
            rows: all of the month's.
            **notes: further entries of the month in the manifest.

        Returns:
            Whether its file changed.
        """
        over = self._stored.get(month)
        written = self._lake.write(self._table, rows, over=over, **month.parts)
        self.manifest.record(self._inputs[month], written, path=self._name(month), **notes)
        return written.changed

    def finish(self, whole: Inputs | None = None) -> dict[str, int]:
        """Delete months that no longer have rows, and write the manifest.

        Args:
            whole: of what all months together are made, where somebody wants to compare that.

        Returns:
            Numbers of rows and of months.
        """
        entries = {month: self.manifest.entry(self._name(month)) for month in self._inputs}
        full = {month for month, entry in entries.items() if entry["rows"]}
        for month in set(self._stored) - full:
            self._lake.store.delete(self._name(month))
        if whole:
            self.manifest.record(whole)
        self.manifest.save()
        return {ROWS: sum(entry["rows"] for entry in entries.values()), "months": len(full)}

    def notes(self, key: str) -> list[Any]:
        """The values under a key of the manifest, of each month that has it."""
        return [entry[key] for entry in self.manifest.entries.values() if key in entry]

    def _name(self, month: Month) -> str:
        return month.path(self._table.path)


def first_date_to_add(entry: Entry, code: str, date: str | None) -> str | None:
    """The first date to add to what grows date by date; None to start from scratch.

    Args:
        entry: what is recorded of it.
        code: the version of the code that adds dates now.
        date: the date, YYYY-MM-DD, that the run is for; None for the dates that are missing.
    """
    through: str | None = entry.get("inputs", {}).get(THROUGH)
    if entry.get("code") != code or not through:
        return None
    return min(through, date or through)


@retry_on_conflict
def add_dates(
    lake: ListenerLake,
    table: Table,
    add: AddDates,
    *,
    version: str,
    date: str | None,
    full_refresh: bool,
) -> WriteResult:
    """Add dates to a table of one file.

    Another run's file is never overwritten unread, and a file other than the manifest's is made
    again, so no date is skipped. The day before the last date is added again, since a run may still
    have collected for it past midnight; where the table has later dates than the run's, it starts
    from scratch.

    Args:
        lake: the listener's.
        table: its declaration; one file.
        add: adds dates to rows.
        version: of `add`; where the table was derived by another one, start from scratch.
        date: the date, YYYY-MM-DD, that the run is for; None for the dates that are missing.
        full_refresh: start from scratch.
    """
    manifest = Manifest(lake, table.path)
    stored = None if full_refresh else lake.find_if_valid(table)
    entry = manifest.entry() if stored and manifest.entry().get("etag") == stored.etag else {}
    first = first_date_to_add(entry, version, date)
    since = _day_before(first) if first and first == entry["inputs"][THROUGH] else None
    rows, last = add(stored.rows if stored and since else table.empty(), since or "")
    # Not beyond today: older versions also kept what a clock dated that was ahead.
    through = min(last or first or "", date or f"{datetime.now(UTC):%Y-%m-%d}")
    written = lake.write(table, rows, over=stored.etag if stored else lake.etag(table))
    manifest.record(({THROUGH: through}, version), written)
    manifest.save()
    return written


def _day_before(day: str) -> str:
    return str(date.fromisoformat(day) - timedelta(days=1))
