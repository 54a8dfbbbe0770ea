"""Scrobbles of one stretch of time that Last.fm was asked for several times, as one list.

Add here what holds of several readings. Which stretches are read, and when, is `ingest/lastfm.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.privacy_export.formats import SCHEMA


@dataclass(frozen=True)
class ReadRows:
    """What one reading of a stretch of time showed.

    Attributes:
        rows: columns of `streaming_history` as parts have them.
        complete: whether it showed all of the stretch, or only the latest page.
    """

    rows: pa.Table
    complete: bool


def merged(readings: Sequence[ReadRows]) -> pa.Table:
    """The scrobbles of some readings of one stretch.

    Of each second, what the latest reading says that has anything at that second: so a corrected
    title replaces the wrong one, what comes late is added, and nothing that was told once is lost.

    Args:
        readings: the oldest first.
    """
    kept = SCHEMA.empty_table()
    for reading in readings:
        rows = reading.rows
        if not reading.complete and len(rows):
            # The page may end amid the scrobbles of one second.
            oldest = pc.min(rows["started_at"])
            rows = rows.filter(pc.greater(rows["started_at"], oldest))
        again = pc.is_in(kept["started_at"], value_set=rows["started_at"].combine_chunks())
        kept = pa.concat_tables([kept.filter(pc.invert(again)), rows])
    return kept.sort_by([("started_at", "ascending"), ("file", "ascending"), ("row", "ascending")])
