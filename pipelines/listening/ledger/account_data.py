"""Matching account data, which has only minutes and names, with extended exports, which have more.

Add here what decides whether rows of the two are the same play. How polls match either is
`matching.py`.
"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from pipelines.listening.arrays import MISSING, Bools, Ints
from pipelines.listening.catalogue.recordings import recording_codes
from pipelines.listening.ledger.assignment import (
    Candidates,
    assign_greedily,
    augment,
    combine_codes,
    pairs_within,
    unassigned,
)
from pipelines.listening.schema.tables import POLLED
from pipelines.listening.time.intervals import MINUTE, SECOND, Interval, covered, instants

DISTINCTIVE_MS = 10 * SECOND
"""Two plays longer than this hardly have equal milliseconds by chance. Reasoned."""


def match_account_rows(account: pa.Table, export: pa.Table, intervals: Sequence[Interval]) -> Ints:
    """Pair rows of account data with rows of extended exports, one to one.

    A pair has the same names, the same milliseconds and the same minute, or one next to it, since
    the two need not round alike. Where an extended export covers the minute, a play of that
    minute and exactly that length under other names is the same play.

    Args:
        account: `streaming_history` rows of account data.
        export: `streaming_history` rows of extended exports.
        intervals: what the extended exports cover.

    Returns:
        For each row of account data its row index in `export`; -1 where it has none.
    """
    partner = np.full(len(account), MISSING, np.int64)
    if not len(account) or not len(export):
        return partner
    sides = [account, export]
    times = instants(account["played_at"])
    minutes = instants(export["played_at"]) // MINUTE * MINUTE
    lengths = [np.asarray(side["ms_played"].to_numpy(), np.int64) for side in sides]
    codes = recording_codes(POLLED.empty(), pa.concat_tables(sides))[1]
    same = _split(combine_codes(codes, np.concatenate(lengths)), len(account))
    pairs = _candidates(same, times, minutes, MINUTE)
    chosen = augment(pairs, assign_greedily(pairs), np.ones(len(account), np.bool_))
    partner[pairs.left[chosen]] = pairs.right[chosen]
    unmatched = covered(times, intervals, duration=MINUTE) & (partner == MISSING)
    free = unassigned(len(export), partner)
    by_length = (_distinctive(lengths[0], unmatched), _distinctive(lengths[1], free))
    renamed = _candidates(by_length, times, minutes, 0)
    chosen = assign_greedily(renamed)
    partner[renamed.left[chosen]] = renamed.right[chosen]
    return partner


def _candidates(codes: tuple[Ints, Ints], times: Ints, minutes: Ints, limit: int) -> Candidates:
    pairs = pairs_within(codes[0], times, codes[1], minutes, minutes, limit=limit)
    return Candidates(*pairs, kind=np.zeros_like(pairs[0]))


def _distinctive(lengths: Ints, eligible: Bools) -> Ints:
    return np.where(eligible & (lengths >= DISTINCTIVE_MS), lengths, MISSING)


def _split(values: Ints, count: int) -> tuple[Ints, Ints]:
    return values[:count], values[count:]
