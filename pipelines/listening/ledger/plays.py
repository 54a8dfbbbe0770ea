"""The ledger: rows of all sources become plays, one row per play.

Polled rows and rows of privacy exports come in, plays go out month by month: `assemble` decides
which rows are one play, `plays` describes it. Add here what a play's columns are made of. Which
rows match is decided in `matching.py` and `export_union.py`; which months have to be recomputed is
the asset's business.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from pipelines.listening.arrays import MISSING, Ints
from pipelines.listening.catalogue.recordings import id_sql
from pipelines.listening.ledger import matching
from pipelines.listening.ledger.export_union import (
    ImportedExport,
    MergedExports,
    has_source,
    merge_exports,
    row_key,
)
from pipelines.listening.ledger.matching import Matches
from pipelines.listening.schema.sql import query
from pipelines.listening.schema.tables import PLAYS
from pipelines.listening.time.intervals import instants
from pipelines.listening.time.local_time import Zone, local_time_sql
from pipelines.listening.time.months import Month

VERSION = 4
"""Raise it when the same sources give other plays: every month is then recomputed."""


@dataclass(frozen=True)
class Assembled:
    """Which rows of the sources are one play.

    Attributes:
        month: the month to which plays are limited; None for all.
        polled: polled rows.
        exports: rows of exports, one per play.
        matches: the matching export row of each polled row.
        polled_of: for each play its row index in `polled`; -1 where it has none. Plays are numbered
            as `exports.rows`, then those that only polls have.
    """

    month: Month | None
    polled: pa.Table
    exports: MergedExports
    matches: Matches
    polled_of: Ints

    def row_indices(self, offsets: tuple[int, int, int]) -> pa.Table:
        """One row per play: its row index in each source, and what the polled time is.

        Args:
            offsets: numbers of polled rows, exported rows and account rows before these.
        """
        count = len(self.polled_of)
        exported = np.where(np.arange(count) < len(self.exports.rows), np.arange(count), MISSING)
        account = np.full(count, MISSING, np.int64)
        account[: len(self.exports.account_of)] = self.exports.account_of
        kind = np.append(self.matches.kind, MISSING)[self.polled_of]
        indices = {
            "polled": (self.polled_of, offsets[0]),
            "exported": (exported, offsets[1]),
            "account": (account, offsets[2]),
        }
        month = pa.scalar(self.month.first if self.month else None, pa.date32())
        return pa.table(
            {
                **{
                    name: np.where(at == MISSING, MISSING, at + offset)
                    for name, (at, offset) in indices.items()
                },
                "first_source": self._first_sources(exported, account),
                "ended": np.isin(kind, matching.ENDS),
                "began": np.isin(kind, matching.STARTS),
                "month": pa.repeat(month, count),
            }
        )

    def _first_sources(self, exported: Ints, account: Ints) -> pa.Array:
        """The source that had each play first; of several at the same time always the same one."""
        rows = self.exports.rows
        is_export = np.append(has_source(rows, "export"), False)[exported]
        known_at = np.stack(
            [
                _known_at(self.polled, "fetched_at", self.polled_of),
                _known_at(rows, "imported_at", np.where(is_export, exported, MISSING)),
                _known_at(self.exports.account, "imported_at", account),
            ]
        )
        names = pa.array(["api", "export", "account"])
        return names.take(pa.array(known_at.argmin(axis=0)))


def _known_at(rows: pa.Table, column: str, indices: Ints) -> Ints:
    """When the row at each index arrived; the largest int64 where there is no row."""
    never = np.iinfo(np.int64).max
    known: Ints = np.append(instants(rows[column]), never)[indices]
    return known


def assemble(
    polled: pa.Table, imports: Sequence[ImportedExport], month: Month | None = None
) -> Assembled:
    """Match the rows of all sources, so that each play is there once.

    Args:
        polled: `polled` rows without duplicates.
        imports: rows of privacy exports, in order of import.
        month: the month, on the listener's calendar, to which plays are limited; None for all. The
            sources must include `MARGIN` of its neighbours.
    """
    exports = merge_exports(imports)
    intervals = [interval for one in imports for interval in one.intervals]
    matches = matching.match(polled, exports.rows, intervals)
    play_of_polled = matches.export_row.copy()
    unmatched = np.flatnonzero(play_of_polled == MISSING)
    play_of_polled[unmatched] = len(exports.rows) + np.arange(len(unmatched))
    polled_of = np.full(len(exports.rows) + len(unmatched), MISSING, np.int64)
    polled_of[play_of_polled] = np.arange(len(polled))
    return Assembled(month, polled, exports, matches, polled_of)


def plays(parts: Sequence[Assembled], *, listener: str, zones: Sequence[Zone]) -> pa.Table:
    """The plays of assembled sources.

    A play's `play_id` is a digest of the source row that was seen first: its source, time, track,
    milliseconds and ordinal among equal rows. What other sources later add to the play does not
    change it. It changes only if a source row turns up that was seen even earlier, as when an
    older response is put back into `raw/`, or if a later import shows that two rows are one play.

    Args:
        parts: sources of one or several months, each assembled separately.
        listener: the listener's name.
        zones: the listener's time zones, in order of time.

    Returns:
        `plays` rows, unsorted: they are sorted when a month is written.
    """
    offsets = (0, 0, 0)
    indices = []
    for part in parts:
        indices.append(part.row_indices(offsets))
        sizes = (len(part.polled), len(part.exports.rows), len(part.exports.account))
        offsets = (offsets[0] + sizes[0], offsets[1] + sizes[1], offsets[2] + sizes[2])
    rows = query(
        _PLAYS.format(local_time=local_time_sql("played_at", zones)),
        play=pa.concat_tables(indices),
        polled=_with_row_index(pa.concat_tables([part.polled for part in parts])),
        exported=_with_first(
            pa.concat_tables([part.exports.rows for part in parts]),
            pa.concat_tables([part.exports.first_rows for part in parts]),
        ),
        account=_with_first(
            pa.concat_tables([part.exports.account for part in parts]),
            pa.concat_tables([part.exports.first_account for part in parts]),
        ),
    )
    rows = rows.append_column("listener", pa.repeat(pa.scalar(listener), len(rows)))
    return rows.select(PLAYS.schema.names)


def _with_row_index(rows: pa.Table) -> pa.Table:
    return rows.append_column("row_index", pa.array(np.arange(len(rows))))


def _with_first(rows: pa.Table, first: pa.Table) -> pa.Table:
    """Rows, with what `play_id` is made of: time and key of the same play's first row."""
    rows = rows.append_column("first_at", first["played_at"])
    return _with_row_index(rows.append_column("row_key", row_key(first)))


def _known_sql(column: str, *sources: str) -> str:
    """DuckDB SQL: the column of the first source that knows it, and without U+FFFD if possible."""
    texts = [f"{source}.{column}" for source in sources]
    clean = [f"CASE WHEN NOT contains({text}, '\ufffd') THEN {text} END" for text in texts]
    return f"coalesce({', '.join([*clean, *texts])})"


_PLAYS = f"""
WITH combined AS (
    SELECT
        p.* EXCLUDE (
            ordinal, fetched_at, genres, album_artist, row_index,
            played_at, kind, track_id, track_uri, track_name, album_name, artist_name
        ),
        CASE play.first_source
            WHEN 'api' THEN concat_ws(
                '|', 'api', epoch_ms(p.played_at),
                coalesce(p.track_id, p.track_uri, p.track_name), coalesce(p.duration_ms, -1),
                p.ordinal
            )
            WHEN 'account' THEN concat_ws(
                '|', 'account', epoch_ms(a.first_at), a.row_key, a.ordinal
            )
            ELSE concat_ws('|', 'export', epoch_ms(h.first_at), h.row_key, h.ordinal)
        END AS first_row,
        coalesce(h.ms_played, p.duration_ms) AS ms_played,
        CASE
            WHEN h.row_index IS NULL OR play.ended THEN p.played_at
            WHEN p.row_index IS NULL OR h.source = 'export' THEN h.played_at
            -- Account data has only the minute: a poll's time is more exact.
            WHEN play.began THEN p.played_at + to_milliseconds(h.ms_played)
            ELSE p.played_at
        END AS played_at,
        coalesce(nullif(p.kind, 'unknown'), h.kind, 'unknown') AS kind,
        coalesce(p.track_id, {id_sql("h.track_uri")}) AS track_id,
        coalesce(p.track_uri, h.track_uri) AS track_uri,
        {_known_sql("track_name", "p", "h", "a")} AS track_name,
        {_known_sql("album_name", "p", "h")} AS album_name,
        {_known_sql("artist_name", "p", "h", "a")} AS artist_name,
        if(h.row_index IS NULL, 'assumed', 'measured') AS ms_played_source,
        h.skipped, h.shuffle, h.offline, h.incognito,
        h.reason_start, h.reason_end, h.platform, h.country,
        concat_ws('+',
            if(p.row_index IS NULL, NULL, 'api'),
            if(h.source = 'export', 'export', NULL),
            if(a.row_index IS NULL, NULL, 'account')
        ) AS source,
        h.recording_mbid,
        false AS probable_double,
        play.month
    FROM play
    LEFT JOIN polled p ON p.row_index = play.polled
    LEFT JOIN exported h ON h.row_index = play.exported
    LEFT JOIN account a ON a.row_index = play.account
),
timed AS (SELECT *, {{local_time}} AS local_time FROM combined)
SELECT
    * EXCLUDE (first_row, month),
    sha256(first_row)[:32] AS play_id,
    played_at - to_milliseconds(ms_played) AS started_at,
    local_time::DATE AS local_date,
    hour(local_time) AS local_hour,
    isodow(local_time) - 1 AS local_weekday,
    -- Spotify shows only plays that reached their end; one of unknown length counts.
    coalesce(ms_played >= 30000, true) AS counts
FROM timed
WHERE month IS NULL OR date_trunc('month', local_time) = month
"""  # noqa: S608 built from constants
