"""How far a table that grows date by date has come, so that a day's cost does not grow.

For what takes in one date after the other. Tables that are made anew from a month or from the
whole ledger do not need it.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta

import pyarrow as pa

from pipelines.listening.table import Table
from pipelines.resources.lake import Lake, Written, again_on_conflict
from pipelines.runs import as_date

Grow = Callable[[pa.Table, str], tuple[pa.Table, str | None]]
"""From the rows so far and the first date to take in, to the new rows and the last date."""


def first_date(state: Mapping[str, str], version: str, date: str | None) -> str | None:
    """From which date on to take in; None to start from nothing.

    Args:
        state: what was noted when dates were last taken in: `version`, and `through`, a date.
        version: of what takes them in now.
        date: the date that the run is for; None for a rebuild of everything.
    """
    if date is None or state.get("version") != version or not state.get("through"):
        return None
    return min(state["through"], date)


def _day_before(date: str | None) -> str | None:
    """A day that a clock ahead had left behind too early has changed since it was taken in."""
    return date and str(as_date(date) - timedelta(days=1))


@again_on_conflict
def grow(
    lake: Lake, path: str, table: Table, *, version: str, date: str | None, by: Grow
) -> Written:
    """Take dates into a table whose footer says how far it has come.

    Rows and footer are one file, and another run's file is never written over unread: a date is
    taken in or will be.
    """
    found = lake.sound(path, table) if date else None
    known = first_date(found.notes if found else {}, version, date)
    since = _day_before(known)
    rows, through = by(found.rows if found and since else table.empty(), since or "")
    notes = {"version": version, "through": through or known or ""}
    return lake.write(path, table, rows, over=found.etag if found else lake.etag(path), notes=notes)
