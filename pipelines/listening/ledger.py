"""The ledger: what the sources show becomes plays, each exactly once.

Polled rows come in as `recent_tracks` rows, plays go out month by month. A further source joins
in `plays`, between the rows that stand for one play each and the columns that describe it.
Which months have to be written anew is the asset's business.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.local_time import Zone, local_time_sql
from pipelines.listening.tables import PLAYS

VERSION = 1
"""Raise it when the same sources give other plays: every month is then written anew."""


@dataclass(frozen=True, order=True)
class Month:
    """A calendar month."""

    year: int
    month: int

    def __str__(self) -> str:
        return f"{self.year:04}-{self.month:02}"

    def path(self, template: str) -> str:
        """The path of this month's file of a table that is cut by month."""
        return template.format(year=f"{self.year:04}", month=f"{self.month:02}")

    @classmethod
    def of(cls, day: date) -> "Month":
        """The month of a day."""
        return cls(day.year, day.month)


def by_local_month(rows: pa.Table, zones: Sequence[Zone]) -> Iterator[tuple[Month, pa.Table]]:
    """Rows with a `played_at`, cut by its month on the listener's calendar; months in order."""
    import duckdb  # noqa: PLC0415 a tenth of a second that loading the definitions need not pay

    if not len(rows):
        return
    with duckdb.connect() as db:
        db.register("rows", rows)
        local = local_time_sql("played_at", zones)
        floors = db.sql(
            f"SELECT date_trunc('month', {local})::DATE AS month FROM rows"  # noqa: S608 zone names are checked against the zone database
        ).to_arrow_table()
    for first in sorted(pc.unique(floors["month"]).to_pylist()):
        yield Month.of(first), rows.filter(pc.equal(floors["month"], pa.scalar(first)))


def plays(polled: pa.Table, *, listener: str, zones: Sequence[Zone]) -> pa.Table:
    """The plays that these sources show.

    A play's `play_id` is a digest of the source row that was seen first: its source, time,
    track, milliseconds and number among equal rows. What other sources later add to the play
    does not change it. It changes only where a source row that was seen even earlier turns up,
    as when an older response is put back into `raw/`.

    Args:
        polled: `recent_tracks` rows, each play once.
        listener: whose plays.
        zones: the listener's time zones, in order of time.

    Returns:
        `plays` rows in order of time.
    """
    import duckdb  # noqa: PLC0415 a tenth of a second that loading the definitions need not pay

    with duckdb.connect() as db:
        db.execute("SET TimeZone = 'UTC'")
        db.register("polled", polled)
        rows = db.sql(
            _FROM_POLLED.format(local_time=local_time_sql("played_at", zones)), params=[listener]
        )
        return PLAYS.conform(rows.to_arrow_table().select(PLAYS.schema.names).cast(PLAYS.schema))


_FROM_POLLED = """
WITH timed AS (
    SELECT *, {local_time} AS local_time, coalesce(track_id, track_uri, track_name) AS track_key
    FROM polled
)
SELECT
    * EXCLUDE (ordinal, fetched_at, genres, track_key),
    sha256(
        concat_ws('|', 'api', epoch_ms(played_at), track_key, coalesce(duration_ms, -1), ordinal)
    )[:32] AS play_id,
    ? AS listener,
    played_at - to_milliseconds(duration_ms) AS started_at,
    local_time::DATE AS local_date,
    hour(local_time) AS local_hour,
    isodow(local_time) - 1 AS local_weekday,
    duration_ms AS ms_played,
    'assumed' AS ms_played_source,
    -- Spotify shows only plays that reached their end; one of unknown length is taken to count.
    coalesce(duration_ms >= 30000, true) AS counts,
    NULL AS skipped, NULL AS shuffle, NULL AS offline, NULL AS incognito,
    NULL AS reason_start, NULL AS reason_end, NULL AS platform, NULL AS country,
    'api' AS source
FROM timed
"""
