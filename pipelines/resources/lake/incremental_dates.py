"""Tables that grow date by date: how far each has come, so that a day's cost does not grow.

For what adds one date after the other. Tables that are made from a month or from the whole ledger
do not need it; those that are cut by month are `incremental_months.py`.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta

import pyarrow as pa

from pipelines.listening.schema.table import Table
from pipelines.resources.lake.lakes import ListenerLake
from pipelines.resources.lake.tables import WriteResult, retry_on_conflict

AddDates = Callable[[pa.Table, str], tuple[pa.Table, str | None]]
"""From the rows so far and the first date to add, to the new rows and the last date added."""


def first_date_to_add(state: Mapping[str, str], version: str, date: str | None) -> str | None:
    """From which date on to add; None to start from nothing.

    Args:
        state: what was noted when dates were last added: `version`, and `through`, a date.
        version: of what adds them now.
        date: the date, YYYY-MM-DD, that the run is for; None for the dates that are missing.
    """
    if state.get("version") != version or not state.get("through"):
        return None
    return min(state["through"], date or state["through"])


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
    """Add dates to a table whose footer says how far it has come.

    Rows and footer are one file, and another run's file is never written over unread: a date was
    added or will be. The day before the last one is added again, since a clock that was ahead
    leaves a day too early; where the table has dates later than the run's, it starts from nothing,
    for the same reason.

    Args:
        lake: the listener's.
        table: which is one file.
        add: adds dates to rows.
        version: of `add`; another one starts from nothing.
        date: the date that the run is for; None for the dates that are missing.
        full_refresh: start from nothing.
    """
    stored = None if full_refresh else lake.find_if_valid(table)
    state = stored.notes if stored else {}
    first = first_date_to_add(state, version, date)
    since = _day_before(first) if first == state.get("through") else None
    rows, through = add(stored.rows if stored and since else table.empty(), since or "")
    last = through or first or ""
    # A clock that was ahead has dated responses into the future: those dates are still to come.
    notes = {"version": version, "through": min(last, date or f"{datetime.now(UTC):%Y-%m-%d}")}
    return lake.write(table, rows, over=stored.etag if stored else lake.etag(table), notes=notes)


def _day_before(day: str | None) -> str | None:
    return day and str(date.fromisoformat(day) - timedelta(days=1))
