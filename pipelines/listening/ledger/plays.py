"""The ledger: what the sources show becomes plays, each exactly once.

Polled rows and rows of privacy exports come in, plays go out month by month: `assemble` says which
rows are one play, `plays` describes it. Which rows are the same is decided in `matching.py` and
`export_union.py`, which months have to be written anew is the asset's business.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from pipelines.listening.arrays import MISSING, Ints
from pipelines.listening.catalogue.recordings import id_sql
from pipelines.listening.ledger import matching
from pipelines.listening.ledger.export_union import Heard, Imported, is_of, key, unite
from pipelines.listening.ledger.matching import Matches
from pipelines.listening.schema.sql import query
from pipelines.listening.schema.tables import PLAYS
from pipelines.listening.time.intervals import instants
from pipelines.listening.time.local_time import Zone, local_time_sql
from pipelines.listening.time.months import Month

VERSION = 2
"""Raise it when the same sources give other plays: every month is then written anew."""


@dataclass(frozen=True)
class Assembled:
    """Which rows of which source are one play.

    Attributes:
        month: the month whose plays are wanted of these sources; None for all.
        polled: polled rows.
        heard: rows of exports, each play once.
        matches: the row of the exports of each polled row.
        polled_of: for each play its polled row; -1 where it has none. Plays are numbered as in
            `heard`, then those that polls alone tell.
    """

    month: Month | None
    polled: pa.Table
    heard: Heard
    matches: Matches
    polled_of: Ints

    def positions(self, before: tuple[int, int, int]) -> pa.Table:
        """One row per play: its row in each source, and how the polled one tells its time.

        Args:
            before: how many polled rows, exports' rows and account rows stand before these.
        """
        count = len(self.polled_of)
        heard = np.where(np.arange(count) < len(self.heard.rows), np.arange(count), MISSING)
        account = np.full(count, MISSING, np.int64)
        account[: len(self.heard.account_of)] = self.heard.account_of
        how = np.append(self.matches.how, MISSING)[self.polled_of]
        places = {
            "polled": (self.polled_of, before[0]),
            "heard": (heard, before[1]),
            "account": (account, before[2]),
        }
        month = pa.scalar(self.month.first if self.month else None, pa.date32())
        return pa.table(
            {
                **{
                    name: np.where(at == MISSING, MISSING, at + by)
                    for name, (at, by) in places.items()
                },
                "first_source": self._first_sources(heard, account),
                "ended": np.isin(how, matching.ENDS),
                "began": np.isin(how, matching.STARTS),
                "month": pa.repeat(month, count),
            }
        )

    def _first_sources(self, heard: Ints, account: Ints) -> pa.Array:
        """Which source told each play first; of several at the same time always the same one."""
        rows = self.heard.rows
        is_export = np.append(is_of(rows, "export"), False)[heard]
        known_at = np.stack(
            [
                _known_at(self.polled, "fetched_at", self.polled_of),
                _known_at(rows, "imported_at", np.where(is_export, heard, MISSING)),
                _known_at(self.heard.account, "imported_at", account),
            ]
        )
        names = pa.array(["api", "export", "account"])
        return names.take(pa.array(known_at.argmin(axis=0)))


def _known_at(rows: pa.Table, column: str, places: Ints) -> Ints:
    """When the row at each place came to be known; never, where there is no row."""
    never = np.iinfo(np.int64).max
    known: Ints = np.append(instants(rows[column]), never)[places]
    return known


def assemble(
    polled: pa.Table, imports: Sequence[Imported], month: Month | None = None
) -> Assembled:
    """Bring the rows of all sources together, each play once.

    Args:
        polled: `polled` rows, each once.
        imports: what privacy exports tell, in the order in which they came.
        month: the month, on the listener's calendar, whose plays are wanted; None for all. The
            sources have to hold `MARGIN` of its neighbours.
    """
    heard = unite(imports)
    spans = [span for one in imports for span in one.spans]
    matches = matching.match(polled, heard.rows, spans)
    partner = matches.heard.copy()
    alone = np.flatnonzero(partner == MISSING)
    partner[alone] = len(heard.rows) + np.arange(len(alone))
    polled_of = np.full(len(heard.rows) + len(alone), MISSING, np.int64)
    polled_of[partner] = np.arange(len(polled))
    return Assembled(month, polled, heard, matches, polled_of)


def plays(parts: Sequence[Assembled], *, listener: str, zones: Sequence[Zone]) -> pa.Table:
    """The plays that these sources show.

    A play's `play_id` is a digest of the source row that was seen first: its source, time,
    track, milliseconds and number among equal rows. What other sources later add to the play
    does not change it. It changes only where a source row that was seen even earlier turns up,
    as when an older response is put back into `raw/`, or where a later import tells that two
    rows are one play.

    Args:
        parts: sources of one or several months, each assembled by itself.
        listener: whose plays.
        zones: the listener's time zones, in order of time.

    Returns:
        `plays` rows, in no order: they are put in order month by month, when they are written.
    """
    before = (0, 0, 0)
    positions = []
    for part in parts:
        positions.append(part.positions(before))
        sizes = (len(part.polled), len(part.heard.rows), len(part.heard.account))
        before = (before[0] + sizes[0], before[1] + sizes[1], before[2] + sizes[2])
    rows = query(
        _PLAYS.format(local_time=local_time_sql("played_at", zones)),
        params=[listener],
        play=pa.concat_tables(positions),
        polled=_with_places(pa.concat_tables([part.polled for part in parts])),
        heard=_with_places(_keyed(pa.concat_tables([part.heard.rows for part in parts]))),
        account=_with_places(_keyed(pa.concat_tables([part.heard.account for part in parts]))),
    )
    return PLAYS.recognise(rows.select(PLAYS.schema.names))


def _with_places(rows: pa.Table) -> pa.Table:
    return rows.append_column("place", pa.array(np.arange(len(rows))))


def _keyed(rows: pa.Table) -> pa.Table:
    return rows.append_column("key", key(rows))


_PLAYS = f"""
WITH told AS (
    SELECT
        p.* EXCLUDE (
            ordinal, fetched_at, genres, album_artist, place,
            played_at, kind, track_id, track_uri, track_name, album_name, artist_name
        ),
        CASE play.first_source
            WHEN 'api' THEN concat_ws(
                '|', 'api', epoch_ms(p.played_at),
                coalesce(p.track_id, p.track_uri, p.track_name), coalesce(p.duration_ms, -1),
                p.ordinal
            )
            WHEN 'account' THEN concat_ws('|', 'account', epoch_ms(a.played_at), a.key, a.ordinal)
            ELSE concat_ws('|', 'export', epoch_ms(h.played_at), h.key, h.ordinal)
        END AS first_row,
        coalesce(h.ms_played, p.duration_ms) AS ms_played,
        CASE
            WHEN h.place IS NULL OR play.ended THEN p.played_at
            WHEN p.place IS NULL OR h.source = 'export' THEN h.played_at
            -- Account data tells the minute only: what a poll told is more exact.
            WHEN play.began THEN p.played_at + to_milliseconds(h.ms_played)
            ELSE p.played_at
        END AS played_at,
        coalesce(nullif(p.kind, 'unknown'), h.kind, 'unknown') AS kind,
        coalesce(p.track_id, {id_sql("h.track_uri")}) AS track_id,
        coalesce(p.track_uri, h.track_uri) AS track_uri,
        coalesce(p.track_name, h.track_name, a.track_name) AS track_name,
        coalesce(p.album_name, h.album_name) AS album_name,
        coalesce(p.artist_name, h.artist_name, a.artist_name) AS artist_name,
        if(h.place IS NULL, 'assumed', 'measured') AS ms_played_source,
        h.skipped, h.shuffle, h.offline, h.incognito,
        h.reason_start, h.reason_end, h.platform, h.country,
        concat_ws('+',
            if(p.place IS NULL, NULL, 'api'),
            if(h.source = 'export', 'export', NULL),
            if(a.place IS NULL, NULL, 'account')
        ) AS source,
        play.month
    FROM play
    LEFT JOIN polled p ON p.place = play.polled
    LEFT JOIN heard h ON h.place = play.heard
    LEFT JOIN account a ON a.place = play.account
),
timed AS (SELECT *, {{local_time}} AS local_time FROM told)
SELECT
    * EXCLUDE (first_row, month),
    sha256(first_row)[:32] AS play_id,
    ? AS listener,
    played_at - to_milliseconds(ms_played) AS started_at,
    local_time::DATE AS local_date,
    hour(local_time) AS local_hour,
    isodow(local_time) - 1 AS local_weekday,
    -- Spotify shows only plays that reached their end; one of unknown length is taken to count.
    coalesce(ms_played >= 30000, true) AS counts
FROM timed
WHERE month IS NULL OR date_trunc('month', local_time) = month
"""  # noqa: S608 built from constants
