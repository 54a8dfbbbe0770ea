"""Several privacy exports as one: each play that any of them tells, once.

What an export says is read in `listening/privacy_export/parser.py`, of what time it tells everything `listening/privacy_export/coverage.py`; how
its plays meet polled ones is `matching.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.arrays import MISSING, Bools, Ints
from pipelines.listening.ledger.account_data import same_plays
from pipelines.listening.ledger.assignment import (
    Candidates,
    closest_first,
    combined,
    counted,
    nth_to_nth,
    others,
    within,
)
from pipelines.listening.schema.tables import HISTORY
from pipelines.listening.time.intervals import Span, covered, instants

RESTAMPED_MS = 2000
"""By how much the time of a play differs between two exports at most."""


@dataclass(frozen=True)
class Imported:
    """What one import tells of some stretch of time.

    Attributes:
        id: its name.
        imported_at: when it was imported first.
        spans: the stretches of which it tells every play that Spotify knew of.
        rows: `streaming_history` rows.
    """

    id: str
    imported_at: datetime
    spans: tuple[Span, ...]
    rows: pa.Table


@dataclass(frozen=True)
class Heard:
    """The plays of all imports, each once.

    Attributes:
        rows: `streaming_history` rows, one per play, as the first import tells it; the extended
            exports' before those that only account data tells.
        account: account data rows.
        account_of: for each play its row in `account`; -1 where it has none.
        places: for each import, in the order given, the play of each of its rows.
    """

    rows: pa.Table
    account: pa.Table
    account_of: Ints
    places: tuple[Ints, ...]


def unite(imports: Sequence[Imported]) -> Heard:
    """The plays of imports: equal rows of two imports are one play, equal rows of one are two.

    Where two extended exports vouch for a time, a row that one lacks and the other has instead,
    equal but for two seconds, is the same play, stamped anew. Account data's rows are paired
    with extended ones by minute, names and milliseconds.

    Args:
        imports: in the order in which they came; rows in order of time.
    """
    export, export_places = _folded(imports, "export")
    account, account_places = _folded(imports, "account")
    spans = [span for one in imports for span in spans_of(one, "export")]
    partner = same_plays(account, export, spans)
    alone = np.flatnonzero(partner == MISSING)
    play_of_account = partner.copy()
    play_of_account[alone] = len(export) + np.arange(len(alone))
    account_of = np.full(len(export) + len(alone), MISSING, np.int64)
    account_of[play_of_account] = np.arange(len(account))
    places = [
        _merged(one.rows, exports, play_of_account[accounts])
        for one, exports, accounts in zip(imports, export_places, account_places, strict=True)
    ]
    rows = pa.concat_tables([export, account.take(alone)])
    return Heard(rows, account, account_of, tuple(places))


def spans_of(one: Imported, source: str) -> tuple[Span, ...]:
    """What an import vouches for, if it is of this source."""
    return one.spans if len(one.rows) and is_of(one.rows, source).any() else ()


def _merged(rows: pa.Table, exports: Ints, accounts: Ints) -> Ints:
    is_export = is_of(rows, "export")
    places = np.empty(len(rows), np.int64)
    places[is_export], places[~is_export] = exports, accounts
    return places


def _folded(imports: Sequence[Imported], source: str) -> tuple[pa.Table, list[Ints]]:
    """All imports' rows of a source, each play once, and where each import's rows went."""
    every = HISTORY.empty()
    before: list[Span] = []
    places: list[Ints] = []
    for one in imports:
        rows = one.rows.filter(is_of(one.rows, source))
        partner = _same_rows(rows, every, one.spans, before)
        new = np.flatnonzero(partner == MISSING)
        partner[new] = len(every) + np.arange(len(new))
        every = pa.concat_tables([every, rows.take(new)]) if len(every) else rows
        before.extend(one.spans)
        places.append(partner)
    return every, places


def every_row_once(exports: Sequence[Imported]) -> pa.Table:
    """The rows of several exports that came together, in order of time, each play once.

    Args:
        exports: what `with_ordinals` gave for each.
    """
    if len(exports) == 1:
        return exports[0].rows
    each = [_folded(exports, source)[0] for source in ("export", "account")]
    return pa.concat_tables([HISTORY.empty(), *each]).sort_by("played_at")


def _same_rows(
    rows: pa.Table, every: pa.Table, spans: Sequence[Span], before: Sequence[Span]
) -> Ints:
    """For each row of an import the equal one of those before it; -1 where there is none."""
    partner = np.full(len(rows), MISSING, np.int64)
    if not len(rows) or not len(every):
        return partner
    keys = [key(table) for table in (rows, every)]
    codes = _codes(pa.concat_arrays(keys))
    mine, other = codes[: len(rows)], codes[len(rows) :]
    at, other_at = instants(rows["played_at"]), instants(every["played_at"])
    same = combined(codes, np.append(at, other_at))
    partner = nth_to_nth(same[: len(rows)], same[len(rows) :])
    mine = np.where(partner == MISSING, mine, MISSING)
    other = np.where(others(len(every), partner), other, MISSING)
    left, right, far = within(mine, at, other, other_at, other_at, limit=RESTAMPED_MS)
    vouched, other_vouched = (
        covered(times, before, slack=RESTAMPED_MS) & covered(times, spans, slack=RESTAMPED_MS)
        for times in (at, other_at)
    )
    allowed = np.flatnonzero(vouched[left] & other_vouched[right])
    pairs = Candidates(left, right, far, np.zeros_like(left)).at(allowed)
    chosen = closest_first(pairs)
    partner[pairs.left[chosen]] = pairs.right[chosen]
    return partner


def with_ordinals(rows: pa.Table) -> pa.Table:
    """Rows of one export, in order of time, each with its number among equal ones of its file.

    A file that is there twice, or a row that stands at the end of one file and at the beginning
    of the next, tells nothing new: over all files the largest count of equal rows holds.

    Args:
        rows: columns of `streaming_history` but for `ordinal`, file after file.

    Returns:
        The rows with `ordinal`; those that only repeat what another file has are left out.
    """
    times = instants(rows["played_at"])
    if (np.diff(times) < 0).any():  # which it hardly is, and a copy of 14 years is large
        order = np.argsort(times, kind="stable")
        times, rows = times[order], rows.take(order)
    ordinal = np.ones(len(rows), np.int64)
    kept = np.ones(len(rows), np.bool_)
    beside = np.concatenate([[False], times[1:] == times[:-1], [False]])
    # Only rows of the same second can be equal, and those are few.
    some = np.flatnonzero(beside[1:] | beside[:-1])
    if len(some):
        tied = rows.take(some)
        keys = _codes(key(tied))
        groups = [times[some], keys, _codes(tied["file"].combine_chunks())]
        ordinal[some] = 1 + counted(groups)
        kept[some] = counted([times[some], keys, ordinal[some]]) == 0
    rows = rows.append_column("ordinal", pa.array(ordinal, pa.int32()))
    return rows if kept.all() else rows.filter(kept)


def _codes(texts: pa.Array) -> Ints:
    return np.asarray(texts.dictionary_encode().indices.to_numpy(), np.int64)


def is_of(rows: pa.Table, source: str) -> Bools:
    """Which rows are of this source."""
    equal: Bools = pc.equal(rows["source"], source).to_numpy(zero_copy_only=False)
    return equal


def key(rows: pa.Table) -> pa.Array:
    """What tells rows of the same time apart: the uri, else the names, and the milliseconds."""
    names = pc.binary_join_element_wise(
        *(pc.coalesce(rows[name], "") for name in ("artist_name", "album_name", "track_name")),
        "|",
    )
    told = pc.coalesce(rows["track_uri"], names)
    joined = pc.binary_join_element_wise(told, rows["ms_played"].cast(pa.string()), "|")
    return joined.combine_chunks()
