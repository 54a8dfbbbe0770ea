"""The ledger: rows of all sources become plays, one row per play.

Polled rows and rows of imported files come in, plays go out month by month: `assemble` decides
which rows are one play, `plays` describes it. Add here what a play's columns are made of. Which
rows match is decided in `matching.py`, `export_union.py` and `elsewhere.py`; which months have to
be recomputed is the asset's business.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.arrays import MISSING, Bools, Ints
from pipelines.listening.catalogue.recordings import id_sql
from pipelines.listening.ledger import matching
from pipelines.listening.ledger.elsewhere import MEASURES, Elsewhere, Joined, described, join
from pipelines.listening.ledger.export_union import (
    ImportedExport,
    MergedExports,
    merge_exports,
    polled_key,
    row_key,
)
from pipelines.listening.ledger.matching import Matches
from pipelines.listening.ledger.moved import restored
from pipelines.listening.schema.sql import query
from pipelines.listening.schema.tables import PLAYS
from pipelines.listening.sources.registry import (
    all_sources,
    exact_exports,
    has_source,
    minute_exports,
    polls,
)
from pipelines.listening.time.intervals import instants
from pipelines.listening.time.local_time import Zone, local_time_sql
from pipelines.listening.time.months import Month

VERSION = 6
"""Raise it when the same sources give other plays: every month is then recomputed."""


@dataclass(frozen=True)
class Became:
    """What the rows of one import are in the ledger, in their order.

    Attributes:
        seen: an earlier import of such a source, or an earlier row of this one, told of the play.
        merged: that is not so, but another source tells of it, or a poll.
        polled: a poll does.
        double: the play is probably another one of its source once more.
    """

    seen: Bools
    merged: Bools
    polled: Bools
    double: Bools


@dataclass(frozen=True)
class Assembled:
    """Which rows of the sources are one play.

    Attributes:
        month: the month to which plays are limited; None for all.
        polled: polled rows.
        exports: rows of exports, one per play.
        matches: the matching export row of each polled row.
        polled_of: for each play its row index in `polled`; -1 where it has none. Plays are numbered
            as `exports.rows`, then those that only polls have; then come those that no export and
            no poll has.
        elsewhere: what other sources tell; None where that is nothing.
    """

    month: Month | None
    polled: pa.Table
    exports: MergedExports
    matches: Matches
    polled_of: Ints
    elsewhere: Elsewhere | None = None

    def became(self, at: int) -> Became:
        """What the rows of an import are, beside all polls and the other imports.

        Args:
            at: its place among the imports that were assembled, of which others may come later.
        """
        kinds = [self.exports.play_of_rows, *(one.play_of_rows for one in self._joined)]
        seen, merged, polled, double = np.zeros((4, len(kinds[0][at])), np.bool_)
        is_polled = self._extended(self.polled_of) != MISSING
        told = self._kinds_of_sources()
        doubles = np.append(self._doubles(), False)
        for play_of_rows in kinds:
            mine = np.flatnonzero(play_of_rows[at] != MISSING)
            plays = play_of_rows[at][mine]
            first = np.zeros(len(plays), np.bool_)
            first[np.unique(plays, return_index=True)[1]] = True
            earlier = np.concatenate([*play_of_rows[:at], np.empty(0, np.int64)])
            seen[mine] = ~first | np.isin(plays, earlier)
            merged[mine] = ~seen[mine] & (told[plays] > 1)
            polled[mine] = is_polled[plays]
            double[mine] = doubles[plays]
        return Became(seen, merged, polled, double)

    @property
    def _joined(self) -> tuple[Joined, ...]:
        return self.elsewhere.joined if self.elsewhere else ()

    @property
    def count(self) -> int:
        """How many plays there are."""
        return len(self.elsewhere.times.start) if self.elsewhere else len(self.polled_of)

    def _extended(self, indices: Ints) -> Ints:
        """Indices for all plays, from those of the first ones."""
        return np.append(indices, np.full(self.count - len(indices), MISSING, np.int64))

    def _kinds_of_sources(self) -> Ints:
        """How many of polls, exports, and each other source tell of each play."""
        told = (self._extended(self.polled_of) != MISSING).astype(np.int64)
        told[: len(self.exports.rows)] += 1
        for one in self._joined:
            told[one.play_of] += 1
        return np.asarray(told, np.int64)

    def _doubles(self) -> Bools:
        doubles = np.zeros(self.count, np.bool_)
        for one in self._joined:
            doubles[one.play_of[one.double]] = True
        return doubles

    def indices(self) -> tuple[Ints, Ints, Ints]:
        """For each play its row index in `polled`, among exported rows and account rows."""
        exported = np.arange(len(self.exports.rows))
        every = (self.polled_of, exported, self.exports.account_of)
        polled, exported, account = map(self._extended, every)
        return polled, exported, account

    def row_indices(self, offsets: Sequence[int], other: Ints) -> pa.Table:
        """One row per play: its row index in each source, what the polled time is, its first row.

        Args:
            offsets: numbers of polled rows, exported rows, account rows and rows of what other
                sources tell, before these.
            other: for each play its row index in what other sources tell; -1 where that is nothing.
        """
        indices = (*self.indices(), other)
        kind = np.append(self.matches.kind, MISSING)[indices[0]]
        exact = np.append(has_source(self.exports.rows, exact_exports()), False)
        month = pa.scalar(self.month.first if self.month else None, pa.date32())
        names = ("polled", "exported", "account", "other")
        return pa.table(
            {
                **{
                    name: np.where(at == MISSING, MISSING, at + offset)
                    for name, at, offset in zip(names, indices, offsets, strict=True)
                },
                "exact": exact[indices[1]],
                "ended": np.isin(kind, matching.ENDS),
                "began": np.isin(kind, matching.STARTS),
                "source": self._sums(),
                "month": pa.repeat(month, self.count),
                **self._first_rows(),
            }
        )

    def _rows(self) -> list[tuple[pa.Table, pa.Table, str, Ints]]:
        """Of each source its rows, as first seen too, when they were known, and each play's."""
        polled, exported, account = self.indices()
        exact = np.append(has_source(self.exports.rows, exact_exports()), False)[exported]
        exports = self.exports
        return [
            (self.polled, self.polled, "fetched_at", polled),
            (
                exports.rows,
                exports.first_rows,
                "imported_at",
                np.where(exact, exported, MISSING),
            ),
            (exports.account, exports.first_account, "imported_at", account),
            *(
                (one.told.rows, one.told.first_rows, "imported_at", one.row_of(self.count))
                for one in self._joined
            ),
        ]

    def _first_rows(self) -> dict[str, pa.Array]:
        """Of each play the row that was seen first; of several at one time always the same one."""
        every = self._rows()
        known_at = np.stack([_known_at(rows, column, at) for rows, _, column, at in every])
        which = known_at.argmin(axis=0)
        sizes = [len(rows) for rows, *_ in every]
        before = np.cumsum([0, *sizes[:-1]])
        of_source = np.stack([at for *_, at in every])
        first = pa.array(before[which] + of_source[which, np.arange(self.count)])
        named = [_named(first_rows) for _, first_rows, _, _ in every]
        return {
            f"first_{name}": pa.concat_arrays([one[name] for one in named]).take(first)
            for name in named[0]
        }

    def _sums(self) -> pa.Array:
        """The names of the sources of each play, such as `api+export`, in their order."""
        mask = np.zeros(self.count, np.int64)
        places = {source.name: place for place, source in enumerate(all_sources())}
        for rows, _, _, at in self._rows():
            if "source" not in rows.column_names:
                of_row = np.full(len(rows), 1 << places[polls().name])
            else:
                names = pc.coalesce(rows["told_by"], rows["source"])
                encoded = names.combine_chunks().dictionary_encode()
                masks = [
                    sum(1 << places[name] for name in one.split("+"))
                    for one in encoded.dictionary.to_pylist()
                ]
                of_row = np.array([*masks, 0])[encoded.indices.to_numpy(zero_copy_only=False)]
            there = np.flatnonzero(at != MISSING)
            mask[there] |= of_row[at[there]]
        different, which = np.unique(mask, return_inverse=True)
        sums = [
            "+".join(name for name, place in places.items() if one >> place & 1)
            for one in different.tolist()
        ]
        return pa.array(sums, pa.string()).take(pa.array(which))


def _known_at(rows: pa.Table, column: str, indices: Ints) -> Ints:
    """When the row at each index arrived; the largest int64 where there is no row."""
    never = np.iinfo(np.int64).max
    known: Ints = np.append(instants(rows[column]), never)[indices]
    return known


def _named(rows: pa.Table) -> dict[str, pa.Array]:
    """What `play_id` is made of: source, time, key, number among equal rows; or the row's id."""
    if "source" in rows.column_names:
        source, key = rows["source"].combine_chunks(), row_key(rows)
        own = rows["told_id"].combine_chunks()
    else:
        source = pa.repeat(pa.scalar(polls().name), len(rows))
        key, own = polled_key(rows), pa.nulls(len(rows), pa.string())
    return {
        "source": source,
        "at": rows["played_at"].cast(pa.int64()).combine_chunks(),
        "key": key,
        "ordinal": rows["ordinal"].cast(pa.int64()).combine_chunks(),
        "id": own,
    }


def assemble(
    polled: pa.Table, imports: Sequence[ImportedExport], month: Month | None = None
) -> Assembled:
    """Match the rows of all sources, so that each play is there once.

    Args:
        polled: `polled` rows without duplicates.
        imports: rows of files of all sources, in order of import.
        month: the month, on the listener's calendar, to which plays are limited; None for all. The
            sources must include `MARGIN` of its neighbours.
    """
    exports = merge_exports(imports)
    own = (*exact_exports(), *minute_exports())
    intervals = [
        interval
        for one in imports
        for interval in one.intervals
        # What another service covers says nothing of polls.
        if not len(one.rows) or has_source(one.rows, own).any()
    ]
    matches = matching.match(polled, exports.rows, intervals)
    play_of_polled = matches.export_row.copy()
    unmatched = np.flatnonzero(play_of_polled == MISSING)
    play_of_polled[unmatched] = len(exports.rows) + np.arange(len(unmatched))
    polled_of = np.full(len(exports.rows) + len(unmatched), MISSING, np.int64)
    polled_of[play_of_polled] = np.arange(len(polled))
    others = join(polled, exports, matches, polled_of, imports)
    return Assembled(month, polled, exports, matches, polled_of, others)


def plays(parts: Sequence[Assembled], *, listener: str, zones: Sequence[Zone]) -> pa.Table:
    """The plays of assembled sources.

    A play's `play_id` is a digest of the source row that was seen first: its source, time, track,
    milliseconds and ordinal among equal rows; or the id that it had in the lake that it was moved
    from. What other sources later add to the play does not change it. It changes only if a source
    row turns up that was seen even earlier, as when an older response is put back into `raw/`, or
    if a later import shows that two rows are one play.

    Args:
        parts: sources of one or several months, each assembled separately.
        listener: the listener's name.
        zones: the listener's time zones, in order of time.

    Returns:
        `plays` rows, unsorted: they are sorted when a month is written.
    """
    offsets = np.zeros(4, np.int64)
    indices, others = [], []
    for part in parts:
        at, told = described(part.elsewhere)
        other = np.full(part.count, MISSING, np.int64)
        other[at] = np.arange(len(at))
        indices.append(part.row_indices(offsets.tolist(), other))
        others.append(told)
        exports = part.exports
        offsets += (len(part.polled), len(exports.rows), len(exports.account), len(told))
    rows = query(
        _PLAYS.format(local_time=local_time_sql("played_at", zones)),
        play=pa.concat_tables(indices),
        polled=_with_row_index(pa.concat_tables([part.polled for part in parts])),
        exported=_with_row_index(pa.concat_tables([part.exports.rows for part in parts])),
        account=_with_row_index(pa.concat_tables([part.exports.account for part in parts])),
        other=_with_row_index(pa.concat_tables(others)),
    )
    rows = rows.append_column("listener", pa.repeat(pa.scalar(listener), len(rows)))
    return PLAYS.validate(restored(rows).select(PLAYS.schema.names))


def _with_row_index(rows: pa.Table) -> pa.Table:
    return rows.append_column("row_index", pa.array(np.arange(len(rows))))


def _known_sql(column: str, *sources: str) -> str:
    """DuckDB SQL: the column of the first source that knows it, and without U+FFFD if possible."""
    texts = [f"{source}.{column}" for source in sources]
    clean = [f"CASE WHEN NOT contains({text}, '\ufffd') THEN {text} END" for text in texts]
    return f"coalesce({', '.join([*clean, *texts])})"


def _first_sql(column: str, *sources: str) -> str:
    """DuckDB SQL: the column of the first source that tells it."""
    return f"coalesce({', '.join(f'{source}.{column}' for source in sources)}) AS {column}"


_PLAYS = f"""
WITH combined AS (
    SELECT
        p.* EXCLUDE (
            ordinal, fetched_at, genres, album_artist, row_index, isrc, duration_ms,
            played_at, kind, track_id, track_uri, track_name, album_name, artist_name
        ),
        concat_ws(
            '|', play.first_source, play.first_at, play.first_key, play.first_ordinal
        ) AS first_row,
        coalesce(h.ms_played, p.duration_ms, o.ms_played) AS ms_played,
        CASE
            WHEN play.polled < 0 AND play.exported < 0 THEN o.played_at
            WHEN h.row_index IS NULL OR play.ended THEN p.played_at
            WHEN p.row_index IS NULL OR play.exact THEN h.played_at
            -- A minute alone is told: a poll's time is more exact.
            WHEN play.began THEN p.played_at + to_milliseconds(h.ms_played)
            ELSE p.played_at
        END AS played_at,
        coalesce(nullif(p.kind, 'unknown'), h.kind, o.kind, 'unknown') AS kind,
        coalesce(p.track_id, {id_sql("h.track_uri")}, {id_sql("o.track_uri")}) AS track_id,
        {_first_sql("track_uri", "p", "h", "o")},
        {_known_sql("track_name", "p", "h", "a", "o")} AS track_name,
        {_known_sql("album_name", "p", "h", "o")} AS album_name,
        {_known_sql("artist_name", "p", "h", "a", "o")} AS artist_name,
        {_first_sql("isrc", "p", "o")},
        {_first_sql("duration_ms", "p", "o")},
        CASE
            WHEN h.row_index IS NOT NULL THEN 'measured'
            WHEN p.row_index IS NOT NULL AND (p.duration_ms IS NOT NULL OR o.ms_played IS NULL)
                THEN 'assumed'
            ELSE o.ms_played_source
        END AS ms_played_source,
        {", ".join(_first_sql(column, "h", "o") for column in MEASURES)},
        {_first_sql("recording_mbid", "h", "o")},
        play.source,
        coalesce(o.probable_double, false) AS probable_double,
        o.moved,
        play.first_id,
        o.started_at AS told_start,
        play.polled < 0 AND play.exported < 0 AS elsewhere,
        play.month
    FROM play
    LEFT JOIN polled p ON p.row_index = play.polled
    LEFT JOIN exported h ON h.row_index = play.exported
    LEFT JOIN account a ON a.row_index = play.account
    LEFT JOIN other o ON o.row_index = play.other
),
timed AS (SELECT *, {{local_time}} AS local_time FROM combined)
SELECT
    * EXCLUDE (first_row, told_start, elsewhere, month),
    sha256(first_row)[:32] AS play_id,
    coalesce(
        if(elsewhere, told_start, NULL), played_at - to_milliseconds(ms_played), told_start
    ) AS started_at,
    local_time::DATE AS local_date,
    hour(local_time) AS local_hour,
    isodow(local_time) - 1 AS local_weekday,
    -- Who does not tell for how long a play ran, shows only those that were not skipped.
    coalesce(ms_played >= 30000, NOT skipped, true) AS counts
FROM timed
WHERE month IS NULL OR date_trunc('month', local_time) = month
"""  # noqa: S608 built from constants
