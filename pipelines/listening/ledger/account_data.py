"""Account data, which tells minutes and names, beside extended exports, which tell more.

Which rows of the two are the same play. What polls have to do with either is `matching.py`.
"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from pipelines.listening.arrays import MISSING, Bools, Ints
from pipelines.listening.catalogue.recordings import numbered
from pipelines.listening.ledger.assignment import (
    Candidates,
    closest_first,
    combined,
    make_room,
    others,
    within,
)
from pipelines.listening.schema.tables import POLLED
from pipelines.listening.time.intervals import MINUTE, SECOND, Span, covered, instants

TELLING = 10 * SECOND
"""Above this, two plays hardly last equally long to the millisecond by chance. Reasoned."""


def same_plays(account: pa.Table, export: pa.Table, spans: Sequence[Span]) -> Ints:
    """Pair rows of account data with rows of extended exports, one to one.

    The same names, the same milliseconds and the same minute, or one beside it, since the two
    need not round alike. Where an extended export vouches for the minute, a play of that minute
    and exactly that length under other names is taken for it.

    Args:
        account: `streaming_history` rows of account data.
        export: such rows of extended exports.
        spans: what the extended exports vouch for.

    Returns:
        For each row of account data its row in `export`; -1 where it has none.
    """
    partner = np.full(len(account), MISSING, np.int64)
    if not len(account) or not len(export):
        return partner
    sides = [account, export]
    at = instants(account["played_at"])
    minute = instants(export["played_at"]) // MINUTE * MINUTE
    lengths = [np.asarray(side["ms_played"].to_numpy(), np.int64) for side in sides]
    codes = numbered(POLLED.empty(), pa.concat_tables(sides))[1]
    same = _split(combined(codes, np.concatenate(lengths)), len(account))
    pairs = _candidates(same, at, minute, MINUTE)
    chosen = make_room(pairs, closest_first(pairs), np.ones(len(account), np.bool_))
    partner[pairs.left[chosen]] = pairs.right[chosen]
    alone = covered(at, spans, lasting=MINUTE) & (partner == MISSING)
    free = others(len(export), partner)
    renamed = _candidates((_telling(lengths[0], alone), _telling(lengths[1], free)), at, minute, 0)
    chosen = closest_first(renamed)
    partner[renamed.left[chosen]] = renamed.right[chosen]
    return partner


def _candidates(codes: tuple[Ints, Ints], at: Ints, minute: Ints, limit: int) -> Candidates:
    pairs = within(codes[0], at, codes[1], minute, minute, limit=limit)
    return Candidates(*pairs, how=np.zeros_like(pairs[0]))


def _telling(lengths: Ints, wanted: Bools) -> Ints:
    return np.where(wanted & (lengths >= TELLING), lengths, MISSING)


def _split(values: Ints, count: int) -> tuple[Ints, Ints]:
    return values[:count], values[count:]
