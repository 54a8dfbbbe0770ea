"""Months on the listener's calendar, by which the ledger is partitioned.

Add here what splits tables by month. What is in the months belongs elsewhere.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.schema.sql import query
from pipelines.listening.time.local_time import Zone, local_time_sql

MARGIN = timedelta(days=1)
"""How much of its neighbours a month's sources include, so that it can be matched separately."""


@dataclass(frozen=True, order=True)
class Month:
    """A calendar month."""

    year: int
    month: int

    def __str__(self) -> str:
        return f"{self.year:04}-{self.month:02}"

    @property
    def parts(self) -> dict[str, Any]:
        """The values of `{year}` and `{month}` in the paths of tables partitioned by month."""
        return {"year": f"{self.year:04}", "month": f"{self.month:02}"}

    def path(self, template: str) -> str:
        """The path of this month's file of a table that is partitioned by month."""
        return template.format(**self.parts)

    def plus_months(self, months: int) -> "Month":
        """The month this many months later, or earlier if negative."""
        count = self.year * 12 + self.month - 1 + months
        return Month(count // 12, count % 12 + 1)

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, self.month, 1)

    @classmethod
    def from_path(cls, path: str) -> "Month | None":
        """The month in the path of a month's file; None for any other path."""
        match = re.search(r"/year=(\d{4})/month=(0[1-9]|1[0-2])/", path)
        return cls(int(match[1]), int(match[2])) if match else None

    @classmethod
    def of(cls, day: date) -> "Month":
        """The month of a day."""
        return cls(day.year, day.month)


def months_touching(start: datetime, end: datetime) -> list[Month]:
    """The months that a stretch of time touches, in any time zone."""
    day = timedelta(days=1)
    return months_between(start - day, end + day)


def months_between(start: date, end: date) -> list[Month]:
    """Every month from that of one day to that of another."""
    first, last = Month.of(start), Month.of(end)
    count = (last.year - first.year) * 12 + last.month - first.month
    return [first.plus_months(number) for number in range(count + 1)]


def split_by_month(plays: pa.Table) -> dict[Month, pa.Table]:
    """Plays by the month of their `local_date`."""
    months = plays["local_date"].to_numpy().astype("datetime64[M]")
    if (months[1:] < months[:-1]).any():  # rarely so, and a copy of all columns is not free
        order = np.argsort(months, kind="stable")
        months, plays = months[order], plays.take(order)
    starts = np.flatnonzero(np.diff(months.astype(np.int64), prepend=-1 << 40))
    ends = [*starts[1:].tolist(), len(plays)]
    return {
        Month.of(months[start].item()): plays.slice(start, end - start)
        for start, end in zip(starts.tolist(), ends, strict=False)
    }


def by_local_month(rows: pa.Table, zones: Sequence[Zone]) -> Iterator[tuple[Month, pa.Table]]:
    """Split rows by the month of `played_at` on the listener's calendar.

    A row within `MARGIN` of a month's edge is in the neighbouring month too.

    Args:
        rows: rows with a `played_at`.
        zones: the listener's time zones, in order of time.

    Yields:
        Months in order, each with its rows.
    """
    if not len(rows):
        return
    margin = f"INTERVAL {int(MARGIN.total_seconds())} SECONDS"
    local = local_time_sql("played_at", zones)
    edges = query(
        f"""SELECT
            date_trunc('month', {local} - {margin})::DATE AS first,
            date_trunc('month', {local} + {margin})::DATE AS last
        FROM rows""",  # noqa: S608 zone names are checked against the zone database
        rows=rows,
    )
    firsts = set(pc.unique(edges["first"]).to_pylist()) | set(pc.unique(edges["last"]).to_pylist())
    for first in sorted(firsts):
        here = pa.scalar(first, pa.date32())
        yield (
            Month.of(first),
            rows.filter(pc.or_(pc.equal(edges["first"], here), pc.equal(edges["last"], here))),
        )
