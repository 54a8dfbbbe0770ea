"""Tables that grow date by date, with a watermark, so that the cost of a day does not grow.

For tables to which each date adds rows. Those derived from the whole ledger do not need it; those
partitioned by month are `incremental_months.py`.
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
    """The first date to add; None to start from scratch.

    Args:
        state: of the last addition: `version`, and `through`, the last date added.
        version: of the code that adds dates now.
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
    """Add dates to a table whose footer holds the watermark.

    Rows and watermark are one file, and another run's file is never overwritten unread, so no date
    is skipped. The day before the watermark is added again, since a clock that was ahead ends a day
    too early; where the table has later dates than the run's, it starts from scratch, for the same
    reason.

    Args:
        lake: the listener's.
        table: its declaration; one file.
        add: adds dates to rows.
        version: of `add`; where the table was derived by another one, start from scratch.
        date: the date, YYYY-MM-DD, that the run is for; None for the dates that are missing.
        full_refresh: start from scratch.
    """
    stored = None if full_refresh else lake.find_if_valid(table)
    state = stored.notes if stored else {}
    first = first_date_to_add(state, version, date)
    since = _day_before(first) if first == state.get("through") else None
    rows, through = add(stored.rows if stored and since else table.empty(), since or "")
    last = through or first or ""
    # Not beyond today: a clock that was ahead may have dated responses in the future.
    notes = {"version": version, "through": min(last, date or f"{datetime.now(UTC):%Y-%m-%d}")}
    return lake.write(table, rows, over=stored.etag if stored else lake.etag(table), notes=notes)


def _day_before(day: str | None) -> str | None:
    return day and str(date.fromisoformat(day) - timedelta(days=1))
