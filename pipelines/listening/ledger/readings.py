"""One stretch of time that a service was asked for several times, as one list of rows.

Add here what holds of several readings. Which stretches are read, and when, is `ingest/`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.arrays import MISSING
from pipelines.listening.ledger.assignment import pair_by_occurrence
from pipelines.listening.ledger.export_union import row_key
from pipelines.listening.schema.tables import HISTORY, UTC_MS
from pipelines.listening.time.intervals import instants

SCHEMA = pa.schema([f for f in HISTORY.fields if f.name != "ordinal"])
"""Rows as parts have them, and when they were first told of."""


@dataclass(frozen=True)
class ReadRows:
    """What one reading of a stretch of time showed.

    Attributes:
        rows: columns of `streaming_history`, but for the ordinal.
        complete: whether it showed all of the stretch, or only the latest page.
    """

    rows: pa.Table
    complete: bool

    @classmethod
    def of(cls, rows: pa.Table, read_at: datetime, *, complete: bool) -> "ReadRows":
        """Of rows as parts have them.

        Args:
            rows: the rows.
            read_at: when the reading began.
            complete: whether it showed all.
        """
        at = pa.repeat(pa.scalar(read_at, UTC_MS), len(rows))
        stamped = rows.append_column("imported_at", at)
        return cls(stamped.select(SCHEMA.names).cast(SCHEMA), complete)


def merged(readings: Sequence[ReadRows]) -> pa.Table:
    """The rows of some readings of one stretch.

    Of each second, what the latest reading says that has anything at that second: so a corrected
    title replaces the wrong one, what comes late is added, and nothing that was told once is lost.
    What a later reading only repeats stays as it was first told, so that it is the same for ever.

    Args:
        readings: the oldest first.
    """
    kept = SCHEMA.empty_table()
    for reading in readings:
        rows = reading.rows
        if not reading.complete and len(rows):
            # The page may end amid the rows of one second.
            oldest = pc.min(rows["started_at"])
            rows = rows.filter(pc.greater(rows["started_at"], oldest))
        again = pc.is_in(kept["started_at"], value_set=rows["started_at"].combine_chunks())
        rows = _as_first_told(rows, kept.filter(again))
        kept = pa.concat_tables([kept.filter(pc.invert(again)), rows])
    return kept.sort_by([("started_at", "ascending"), ("file", "ascending"), ("row", "ascending")])


def _as_first_told(rows: pa.Table, before: pa.Table) -> pa.Table:
    """Rows with the time at which each was first told; and where, if its second is as it was."""
    if not len(rows) or not len(before):
        return rows
    every = pa.concat_tables([before, rows])
    times, count = instants(every["started_at"]), len(before)
    keys = pc.binary_join_element_wise(row_key(every), pa.array(times).cast(pa.string()), "|")
    codes = keys.dictionary_encode().indices.to_numpy().astype(np.int64)
    partner = pair_by_occurrence(codes[count:], codes[:count])
    own, known = count + np.arange(len(rows)), partner != MISSING
    gone = np.setdiff1d(np.arange(count), partner)
    # Rows of one second stay in one file, in which equal ones are counted.
    changed = np.isin(times[count:], np.append(times[own[~known]], times[gone]))
    sources = {
        "imported_at": np.where(known, partner, own),
        "file": np.where(known & ~changed, partner, own),
        "row": np.where(known & ~changed, partner, own),
    }
    for name, told in sources.items():
        at = rows.schema.get_field_index(name)
        rows = rows.set_column(at, rows.schema.field(name), every[name].take(told))
    return rows
