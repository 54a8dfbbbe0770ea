"""How far a table that grows date by date has come, so that a day's cost does not grow.

For what takes in one date after the other. Tables that are made anew from a month or from the
whole ledger do not need it.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import pyarrow as pa

from pipelines.listening.schema.table import Table
from pipelines.resources.lake.tables import Lake, Written, again_on_conflict
from pipelines.run_context import as_date

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


@again_on_conflict
def grow(
    lake: Lake, path: str, table: Table, *, version: str, date: str | None, by: Grow
) -> Written:
    """Take dates into a table whose footer says how far it has come.

    Rows and footer are one file, and another run's file is never written over unread: a date is
    taken in or will be. The day before the last one is taken in again, since a clock that was
    ahead leaves a day too early; what was taken in of later dates than the run's makes it start
    from nothing, for the same reason.
    """
    found = lake.sound(path, table) if date else None
    state = found.notes if found else {}
    known = first_date(state, version, date)
    since = _day_before(known) if known == state.get("through") else None
    rows, through = by(found.rows if found and since else table.empty(), since or "")
    last = through or known or ""
    notes = {"version": version, "through": min(last, date or f"{datetime.now(UTC):%Y-%m-%d}")}
    return lake.write(path, table, rows, over=found.etag if found else lake.etag(path), notes=notes)


def _day_before(date: str | None) -> str | None:
    return date and str(as_date(date) - timedelta(days=1))
