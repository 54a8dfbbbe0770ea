"""Several privacy exports merged into one: one row per play, whichever exports have it.

Add here what decides whether rows of two exports are the same play. Reading an export is
`listening/privacy_export/parser.py`, which time it covers `listening/privacy_export/coverage.py`,
and how its plays match polled ones `matching.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.arrays import MISSING, Bools, Ints
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
from pipelines.listening.schema.tables import HISTORY
from pipelines.listening.time.intervals import Interval, covered, instants

MAX_RESTAMP_MS = 2000
"""The most by which two exports differ about the time of one play."""


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
        rows: `streaming_history` rows, one per play, as in the first import that has it; those of
            extended exports before those that only account data has.
        account: all account data rows, one per play.
        account_of: for each row of `rows` its row index in `account`; -1 where it has none.
        play_of_rows: for each import, in the order given, the index in `rows` of each of its rows.
    """

    rows: pa.Table
    account: pa.Table
    account_of: Ints
    play_of_rows: tuple[Ints, ...]


def merge_exports(imports: Sequence[ImportedExport]) -> MergedExports:
    """Merge imports: equal rows of two imports are one play, equal rows of one are two.

    Where two extended exports cover the same time and each has a row that the other lacks, equal
    but for two seconds, these are one play with a new timestamp. Rows of account data are paired
    with extended ones by minute, names and milliseconds.

    Args:
        imports: in order of import; the rows of each in order of time.
    """
    export, export_index = _deduplicate(imports, "export")
    account, account_index = _deduplicate(imports, "account")
    intervals = [interval for one in imports for interval in intervals_of(one, "export")]
    partner = match_account_rows(account, export, intervals)
    unmatched = np.flatnonzero(partner == MISSING)
    play_of_account = partner.copy()
    play_of_account[unmatched] = len(export) + np.arange(len(unmatched))
    account_of = np.full(len(export) + len(unmatched), MISSING, np.int64)
    account_of[play_of_account] = np.arange(len(account))
    play_of_rows = [
        _interleave(one.rows, exports, play_of_account[accounts])
        for one, exports, accounts in zip(imports, export_index, account_index, strict=True)
    ]
    rows = pa.concat_tables([export, account.take(unmatched)])
    return MergedExports(rows, account, account_of, tuple(play_of_rows))


def intervals_of(one: ImportedExport, source: str) -> tuple[Interval, ...]:
    """The time that an import covers, if it has rows of this source.

    Args:
        one: the import.
        source: `export` or `account`.
    """
    return one.intervals if len(one.rows) and has_source(one.rows, source).any() else ()


def _interleave(rows: pa.Table, exports: Ints, accounts: Ints) -> Ints:
    """Indices of export rows and of account rows in the order of `rows`."""
    is_export = has_source(rows, "export")
    indices = np.empty(len(rows), np.int64)
    indices[is_export], indices[~is_export] = exports, accounts
    return indices


def _deduplicate(imports: Sequence[ImportedExport], source: str) -> tuple[pa.Table, list[Ints]]:
    """All imports' rows of a source, one per play, and where each import's rows are in them."""
    merged = HISTORY.empty()
    before: list[Interval] = []
    indices: list[Ints] = []
    for one in imports:
        rows = one.rows.filter(has_source(one.rows, source))
        partner = _match_rows(rows, merged, one.intervals, before)
        new = np.flatnonzero(partner == MISSING)
        partner[new] = len(merged) + np.arange(len(new))
        merged = pa.concat_tables([merged, rows.take(new)]) if len(merged) else rows
        before.extend(one.intervals)
        indices.append(partner)
    return merged, indices


def deduplicate_exports(exports: Sequence[ImportedExport]) -> pa.Table:
    """The rows of several exports that came together, in order of time, one per play.

    Args:
        exports: what `with_ordinals` gave for each.
    """
    if len(exports) == 1:
        return exports[0].rows
    each = [_deduplicate(exports, source)[0] for source in ("export", "account")]
    return pa.concat_tables([HISTORY.empty(), *each]).sort_by("played_at")


def _match_rows(
    rows: pa.Table, merged: pa.Table, intervals: Sequence[Interval], before: Sequence[Interval]
) -> Ints:
    """For each row of an import the equal one of earlier imports; -1 where there is none."""
    partner = np.full(len(rows), MISSING, np.int64)
    if not len(rows) or not len(merged):
        return partner
    keys = [row_key(table) for table in (rows, merged)]
    codes = _codes(pa.concat_arrays(keys))
    new_code, old_code = codes[: len(rows)], codes[len(rows) :]
    at, old_at = instants(rows["played_at"]), instants(merged["played_at"])
    same = combine_codes(codes, np.append(at, old_at))
    partner = pair_by_occurrence(same[: len(rows)], same[len(rows) :])
    new_code = np.where(partner == MISSING, new_code, MISSING)
    old_code = np.where(unassigned(len(merged), partner), old_code, MISSING)
    left, right, distance = pairs_within(
        new_code, at, old_code, old_at, old_at, limit=MAX_RESTAMP_MS
    )
    new_covered, old_covered = (
        covered(times, before, slack=MAX_RESTAMP_MS)
        & covered(times, intervals, slack=MAX_RESTAMP_MS)
        for times in (at, old_at)
    )
    allowed = np.flatnonzero(new_covered[left] & old_covered[right])
    pairs = Candidates(left, right, distance, np.zeros_like(left)).take(allowed)
    chosen = assign_greedily(pairs)
    partner[pairs.left[chosen]] = pairs.right[chosen]
    return partner


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


def has_source(rows: pa.Table, source: str) -> Bools:
    """Which rows are of a source.

    Args:
        rows: `streaming_history` rows.
        source: `export` or `account`.
    """
    equal: Bools = pc.equal(rows["source"], source).to_numpy(zero_copy_only=False)
    return equal


def row_key(rows: pa.Table) -> pa.Array:
    """What distinguishes rows of the same time: the uri, else the names; and the milliseconds."""
    names = pc.binary_join_element_wise(
        *(pc.coalesce(rows[name], "") for name in ("artist_name", "album_name", "track_name")),
        "|",
    )
    uri_or_names = pc.coalesce(rows["track_uri"], names)
    joined = pc.binary_join_element_wise(uri_or_names, rows["ms_played"].cast(pa.string()), "|")
    return joined.combine_chunks()
