"""Several privacy exports merged into one: one row per play, whichever exports have it.

Add here what decides whether rows of two exports are the same play. What a play has from which of
them is `mending.py`. Reading an export is
`listening/privacy_export/parser.py`, which time it covers `listening/privacy_export/coverage.py`,
and how its plays match polled ones `matching.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.arrays import MISSING, Ints
from pipelines.listening.ledger.account_data import match_account_rows
from pipelines.listening.ledger.assignment import (
    Candidates,
    assign_greedily,
    combine_codes,
    cumcount,
    pair_by_occurrence,
    pairs_within,
    unassigned,
)
from pipelines.listening.ledger.mending import NAMES, compatible, lacks, mend
from pipelines.listening.ledger.one_source import plays_from_elsewhere
from pipelines.listening.schema.tables import HISTORY
from pipelines.listening.sources.registry import (
    exact_exports,
    has_source,
    minute_exports,
)
from pipelines.listening.time.intervals import Interval, covered, instants, millis

MAX_RESTAMP_MS = 2000
"""The most by which two exports differ about the time of one play."""

MAX_ALIKE = 50
"""So many rows of one time and length are compared by what they lack; more are rows of errors."""


@dataclass(frozen=True)
class ImportedExport:
    """The rows of one import for some stretch of time.

    Attributes:
        id: the import's id.
        imported_at: when it was first imported.
        intervals: the time that it covers.
        rows: `streaming_history` rows in order of time.
    """

    id: str
    imported_at: datetime
    intervals: tuple[Interval, ...]
    rows: pa.Table


@dataclass(frozen=True)
class MergedExports:
    """The plays of all imports, without duplicates.

    Attributes:
        rows: `streaming_history` rows, one per play, with what all imports know of it; those of
            extended exports before those that only account data has.
        first_rows: the same plays as in the first import that has each.
        account: all account data rows, one per play.
        first_account: the same plays as in the first import that has each.
        account_of: for each row of `rows` its row index in `account`; -1 where it has none.
        play_of_rows: for each import, in the order given, the index in `rows` of each of its rows;
            -1 for those of sources that are no such export.
    """

    rows: pa.Table
    first_rows: pa.Table
    account: pa.Table
    first_account: pa.Table
    account_of: Ints
    play_of_rows: tuple[Ints, ...]


def merge_exports(imports: Sequence[ImportedExport]) -> MergedExports:
    """Merge imports: equal rows of two imports are one play, equal rows of one are two.

    Where two extended exports cover the same time and each has a row that the other lacks, equal
    but for two seconds, these are one play with a new timestamp; and so are rows of which one
    lacks names or the uri. Rows of account data are paired with extended ones by minute, names and
    milliseconds. The result does not depend on the order of import, but for `first_…`.

    Args:
        imports: in order of import; the rows of each in order of time.
    """
    export = _deduplicate(imports, exact_exports())
    account = _deduplicate(imports, minute_exports())
    intervals = [interval for one in imports for interval in intervals_of(one, exact_exports())]
    partner = match_account_rows(account.rows, export.rows, intervals)
    unmatched = np.flatnonzero(partner == MISSING)
    play_of_account = partner.copy()
    play_of_account[unmatched] = len(export.rows) + np.arange(len(unmatched))
    account_of = np.full(len(export.rows) + len(unmatched), MISSING, np.int64)
    account_of[play_of_account] = np.arange(len(account.rows))
    play_of_rows = [
        _interleave(one.rows, exports, play_of_account[accounts])
        for one, exports, accounts in zip(
            imports, export.play_of_rows, account.play_of_rows, strict=True
        )
    ]
    return MergedExports(
        pa.concat_tables([export.rows, account.rows.take(unmatched)]),
        pa.concat_tables([export.first_rows, account.first_rows.take(unmatched)]),
        account.rows,
        account.first_rows,
        account_of,
        tuple(play_of_rows),
    )


def intervals_of(one: ImportedExport, sources: tuple[str, ...]) -> tuple[Interval, ...]:
    """The time that an import covers, if it has rows of these sources.

    Args:
        one: the import.
        sources: names of sources.
    """
    return one.intervals if len(one.rows) and has_source(one.rows, sources).any() else ()


def _interleave(rows: pa.Table, exports: Ints, accounts: Ints) -> Ints:
    """Indices of export rows and of account rows in the order of `rows`."""
    indices = np.full(len(rows), MISSING, np.int64)
    indices[has_source(rows, exact_exports())] = exports
    indices[has_source(rows, minute_exports())] = accounts
    return indices


@dataclass(frozen=True)
class _Plays:
    """All imports' rows of some sources, one per play; attributes as of `MergedExports`."""

    rows: pa.Table
    first_rows: pa.Table
    play_of_rows: list[Ints]


def _deduplicate(imports: Sequence[ImportedExport], sources: tuple[str, ...]) -> _Plays:
    tables = [one.rows.filter(has_source(one.rows, sources)) for one in imports]
    latest_first = sorted(
        range(len(imports)), key=lambda at: (-_made_at(imports[at]), imports[at].id)
    )
    known = HISTORY.empty()
    before: list[Interval] = []
    play_of_rows = [np.empty(0, np.int64)] * len(imports)
    for at in latest_first:
        rows, intervals = tables[at], imports[at].intervals
        partner = _match_rows(rows, known, intervals, before)
        known = _more_known(known, rows, partner)
        new = np.flatnonzero(partner == MISSING)
        partner[new] = len(known) + np.arange(len(new))
        known = pa.concat_tables([known, rows.take(new)]) if len(known) else rows
        before.extend(intervals)
        play_of_rows[at] = partner
    if sum(map(bool, map(len, tables))) <= 1:
        return _Plays(known, known, play_of_rows)
    sizes = list(map(len, tables))
    rank = np.empty(len(imports), np.int64)
    rank[latest_first] = np.arange(len(imports))
    fuller = np.empty(len(imports), np.int64)
    fuller[_fuller_first(imports, tables)] = np.arange(len(imports))
    rows = pa.concat_tables(tables)
    plays = np.concatenate(play_of_rows)
    first_rows = rows.take(np.unique(plays, return_index=True)[1])
    mended = mend(rows, first_rows, plays, np.repeat(rank, sizes), np.repeat(fuller, sizes))
    return _Plays(mended, first_rows, play_of_rows)


def _made_at(one: ImportedExport) -> int:
    """Until when an import covers, in milliseconds: the more, the later Spotify made it."""
    return max((millis(interval.end) for interval in one.intervals), default=0)


def _fuller_first(imports: Sequence[ImportedExport], tables: Sequence[pa.Table]) -> list[int]:
    """The imports, the one that was made last first; of several, the one with the fewest nulls."""

    def nulls(rows: pa.Table) -> float:
        return float(sum(column.null_count for column in rows.columns) / max(1, len(rows)))

    return sorted(
        range(len(imports)),
        key=lambda at: (-_made_at(imports[at]), nulls(tables[at]), imports[at].id),
    )


def _more_known(known: pa.Table, rows: pa.Table, partner: Ints) -> pa.Table:
    """Known plays; a row that lacks names or the uri gives way to one of the same play with them.

    So a third import finds the play by what the second one knows of it.
    """
    at = np.flatnonzero(partner != MISSING)
    if not len(at) or not any(known[name].null_count for name in ("track_uri", *NAMES)):
        return known  # nearly always
    lacking, found = lacks(known).take(partner[at]), lacks(rows).take(at)
    better = pc.less(found, lacking).to_numpy(zero_copy_only=False)
    if not better.any():
        return known
    indices = np.arange(len(known))
    indices[partner[at[better]]] = len(known) + at[better]
    return pa.concat_tables([known, rows]).take(indices)


def deduplicate_exports(exports: Sequence[ImportedExport]) -> pa.Table:
    """The rows of several exports that came together, in order of time, one per play.

    Args:
        exports: what `with_ordinals` gave for each.
    """
    if len(exports) == 1:
        return exports[0].rows
    each = [_deduplicate(exports, names).rows for names in (exact_exports(), minute_exports())]
    others = [found.rows for found in plays_from_elsewhere(exports)]
    rows = pa.concat_tables([HISTORY.empty(), *each, *others])
    rows = rows.sort_by([(name, "ascending") for name in HISTORY.order])
    # Rows that were mended may now be equal.
    groups = [instants(rows["played_at"]), _codes(row_key(rows))]
    ordinals = pa.array(1 + cumcount(groups), pa.int32())
    at = rows.column_names.index("ordinal")
    return rows.set_column(at, rows.schema.field("ordinal"), ordinals)


def _match_rows(
    rows: pa.Table, known: pa.Table, intervals: Sequence[Interval], before: Sequence[Interval]
) -> Ints:
    """For each row of an import the equal one of other imports; -1 where there is none."""
    partner = np.full(len(rows), MISSING, np.int64)
    if not len(rows) or not len(known):
        return partner
    at, known_at = instants(rows["played_at"]), instants(known["played_at"])
    edges = at[0] - MAX_RESTAMP_MS, at[-1] + MAX_RESTAMP_MS
    near = np.flatnonzero((known_at >= edges[0]) & (known_at <= edges[1]))
    if len(near) < len(known):  # as where an export comes in many files, each of another time
        found = _match_rows(rows, known.take(near), intervals, before)
        return np.where(found == MISSING, MISSING, np.append(near, MISSING)[found])
    codes = _codes(pa.concat_arrays([row_key(table) for table in (rows, known)]))
    same = combine_codes(codes, np.append(at, known_at))
    partner = pair_by_occurrence(same[: len(rows)], same[len(rows) :])
    both = [
        covered(times, before, slack=MAX_RESTAMP_MS)
        & covered(times, intervals, slack=MAX_RESTAMP_MS)
        for times in (at, known_at)
    ]

    def pair(code: Ints, known_code: Ints) -> Candidates:
        """Pairs of free rows with equal codes."""
        free = np.where(partner == MISSING, code, MISSING)
        known_free = np.where(unassigned(len(known), partner), known_code, MISSING)
        left, right, distance = pairs_within(
            free, at, known_free, known_at, known_at, limit=MAX_RESTAMP_MS
        )
        return Candidates(left, right, distance, (both[0][left] & both[1][right]).astype(np.int64))

    def take(pairs: Candidates) -> None:
        chosen = assign_greedily(pairs)
        partner[pairs.left[chosen]] = pairs.right[chosen]

    stamped_anew = pair(codes[: len(rows)], codes[len(rows) :])
    take(stamped_anew.take(np.flatnonzero(stamped_anew.kind)))
    if (partner == MISSING).any():
        lengths = [_uncrowded(table, partner, left=table is rows) for table in (rows, known)]
        alike = pair(*lengths)
        take(alike.take(compatible(rows, known, alike)))
    return partner


def _uncrowded(rows: pa.Table, partner: Ints, *, left: bool) -> Ints:
    """The milliseconds of free rows; -1 where many end at one time, such as rows of errors."""
    free = partner == MISSING if left else unassigned(len(rows), partner)
    lengths = np.asarray(rows["ms_played"].to_numpy(), np.int64)
    groups = [np.where(free, lengths, MISSING), instants(rows["played_at"])]
    first_of_many = cumcount(groups) < MAX_ALIKE
    return np.where(free & first_of_many, lengths, MISSING)


def with_ordinals(rows: pa.Table) -> pa.Table:
    """Rows of one export, in order of time, each numbered among equal rows of its file.

    A file that is there twice, or a row at the end of one file and at the start of the next, is
    no further play: over all files the largest count of equal rows holds.

    Args:
        rows: columns of `streaming_history` except `ordinal`, file after file.

    Returns:
        The rows with `ordinal`, without those that only repeat a row of another file.
    """
    times = instants(rows["played_at"])
    if (np.diff(times) < 0).any():  # rarely so, and a copy of 14 years is large
        order = np.argsort(times, kind="stable")
        times, rows = times[order], rows.take(order)
    ordinal = np.ones(len(rows), np.int64)
    kept = np.ones(len(rows), np.bool_)
    tie = np.concatenate([[False], times[1:] == times[:-1], [False]])
    # Only rows of the same second can be equal, and those are few.
    ties = np.flatnonzero(tie[1:] | tie[:-1])
    if len(ties):
        tied = rows.take(ties)
        keys = _codes(row_key(tied))
        groups = [times[ties], keys, _codes(tied["file"].combine_chunks())]
        ordinal[ties] = 1 + cumcount(groups)
        kept[ties] = cumcount([times[ties], keys, ordinal[ties]]) == 0
    rows = rows.append_column("ordinal", pa.array(ordinal, pa.int32()))
    return rows if kept.all() else rows.filter(kept)


def _codes(texts: pa.Array) -> Ints:
    return np.asarray(texts.dictionary_encode().indices.to_numpy(), np.int64)


def row_key(rows: pa.Table) -> pa.Array:
    """What distinguishes rows of the same time: the uri, else the names; and the milliseconds.

    It is part of `play_id`.
    """
    names = pc.binary_join_element_wise(
        *(pc.coalesce(rows[name], "") for name in ("artist_name", "album_name", "track_name")),
        "|",
    )
    uri_or_names = pc.coalesce(rows["track_uri"], names)
    heard = pc.coalesce(rows["ms_played"].cast(pa.string()), "")
    joined = pc.binary_join_element_wise(uri_or_names, heard, "|")
    return joined.combine_chunks()


def polled_key(rows: pa.Table) -> pa.Array:
    """The same of polled rows: id, else uri or title; and the length.

    Args:
        rows: `polled` rows.
    """
    name = pc.coalesce(rows["track_id"], rows["track_uri"], rows["track_name"])
    length = pc.coalesce(rows["duration_ms"], -1).cast(pa.string())
    joined = pc.binary_join_element_wise(name, length, "|", null_handling="skip")
    return joined.combine_chunks()
