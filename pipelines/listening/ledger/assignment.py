"""One-to-one assignment between two lists of events, cheapest pairs first.

Pairs are chosen here among candidates, whatever these are. What makes two rows a candidate pair,
and what the pair costs, belongs in `matching.py`, `export_union.py` and `account_data.py`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pipelines.listening.arrays import MISSING, Bools, Ints

MAX_ROUNDS = 30
"""After so many rounds few pairs remain, and a plain loop over them is faster."""


@dataclass(frozen=True)
class Candidates:
    """Pairs that may be chosen, as int64 arrays of equal length.

    Attributes:
        left: row index on the left.
        right: row index on the right.
        cost: cost of the pair; the lower the better.
        kind: kind of the pair, defined by the caller.
    """

    left: Ints
    right: Ints
    cost: Ints
    kind: Ints

    def take(self, indices: Ints) -> "Candidates":
        """The candidates at these indices."""
        return Candidates(
            self.left[indices], self.right[indices], self.cost[indices], self.kind[indices]
        )

    @classmethod
    def concat(cls, *parts: "Candidates") -> "Candidates":
        """All candidates of the parts."""
        return cls(
            np.concatenate([part.left for part in parts]),
            np.concatenate([part.right for part in parts]),
            np.concatenate([part.cost for part in parts]),
            np.concatenate([part.kind for part in parts]),
        )


def pairs_within(
    left_code: Ints,
    left_time: Ints,
    right_code: Ints,
    right_start: Ints,
    right_end: Ints,
    *,
    limit: int,
) -> tuple[Ints, Ints, Ints]:
    """All pairs with equal codes whose left time is at most `limit` outside the right interval.

    Args:
        left_code: codes on the left; negative ones pair with nothing.
        left_time: times on the left, milliseconds.
        right_code: codes on the right; negative ones pair with nothing.
        right_start: starts of the intervals on the right, milliseconds.
        right_end: ends of the intervals on the right, milliseconds.
        limit: largest distance of the time from the interval, milliseconds.

    Returns:
        Row indices on the left, row indices on the right, and distances in milliseconds.
    """
    order = np.lexsort((right_start, right_code))
    order = order[right_code[order] >= 0]
    lefts = np.flatnonzero(left_code >= 0)
    if not len(order) or not len(lefts):
        none = np.empty(0, np.int64)
        return none, none, none
    widest = int((right_end - right_start).max())
    begin = min(int(left_time[lefts].min()), int(right_start.min())) - limit - widest
    stride = max(int(left_time[lefts].max()), int(right_end.max())) + limit - begin + 1
    right_keys = right_code[order] * stride + (right_start[order] - begin)
    left_keys = left_code[lefts] * stride + (left_time[lefts] - begin)
    first = np.searchsorted(right_keys, left_keys - limit - widest, "left")
    count = np.searchsorted(right_keys, left_keys + limit, "right") - first
    left = np.repeat(lefts, count)
    skipped = np.repeat(first - np.concatenate(([0], np.cumsum(count)[:-1])), count)
    right = order[np.arange(len(left)) + skipped]
    before, after = right_start[right] - left_time[left], left_time[left] - right_end[right]
    distance = np.maximum(0, np.maximum(before, after))
    near = (distance <= limit) & (left_code[left] == right_code[right])
    return left[near], right[near], distance[near]


def assign_greedily(candidates: Candidates) -> Ints:
    """Choose pairs greedily: always the cheapest one of which both sides are still free.

    Ties are broken by row index, so rows must come in an order that does not depend on arrival.

    Returns:
        Indices into `candidates`.
    """
    # Round by round: a pair that is the cheapest left for both of its sides is chosen whatever
    # happens to the others.
    remaining = np.lexsort((candidates.right, candidates.left, candidates.cost))
    chosen: list[Ints] = []
    for _ in range(MAX_ROUNDS):
        if not len(remaining):
            break
        mutual = _is_first(candidates.left[remaining]) & _is_first(candidates.right[remaining])
        taken = remaining[mutual]
        chosen.append(taken)
        used = np.isin(candidates.left[remaining], candidates.left[taken]) | np.isin(
            candidates.right[remaining], candidates.right[taken]
        )
        remaining = remaining[~used]
    chosen.append(np.fromiter(_one_by_one(candidates, remaining), np.int64))
    return np.concatenate(chosen)


def _is_first(values: Ints) -> Bools:
    first = np.zeros(len(values), np.bool_)
    first[np.unique(values, return_index=True)[1]] = True
    return first


def _one_by_one(candidates: Candidates, remaining: Ints) -> Iterator[int]:
    lefts: set[int] = set()
    rights: set[int] = set()
    for pair in remaining.tolist():
        left, right = int(candidates.left[pair]), int(candidates.right[pair])
        if left not in lefts and right not in rights:
            lefts.add(left)
            rights.add(right)
            yield pair


def augment(candidates: Candidates, chosen: Ints, must_match: Bools) -> Ints:
    """Extend an assignment along augmenting paths until no more required row can be matched.

    When one track loops, each play is also close to its neighbour. The first to choose may then
    have left the last one without a partner; reassigning one pair after the other frees one.

    Args:
        candidates: the pairs; those of each left row are tried from the cheapest on.
        chosen: indices into `candidates` chosen so far.
        must_match: for every row on the left, whether it needs a partner and may be reassigned.

    Returns:
        Indices into `candidates`: at least as many as were chosen before.
    """
    movable = must_match[candidates.left]
    order = np.lexsort((candidates.right, candidates.cost, candidates.left))
    choices: dict[int, list[int]] = {}
    for pair in order[movable[order]].tolist():
        choices.setdefault(int(candidates.left[pair]), []).append(pair)
    assignment = _Assignment(candidates, chosen)
    for left in choices:
        if left not in assignment.pair_of_left:
            assignment.add(assignment.augmenting_path(left, choices))
    return np.fromiter(assignment.pair_of_left.values(), np.int64, len(assignment.pair_of_left))


class _Assignment:
    """The pair of each left and each right row, and how one more row gets a partner."""

    def __init__(self, candidates: Candidates, chosen: Ints) -> None:
        self._left, self._right = candidates.left, candidates.right
        self.pair_of_left: dict[int, int] = {}
        self._pair_of_right: dict[int, int] = {}
        self.add(chosen.tolist())

    def add(self, pairs: Iterable[int]) -> None:
        for pair in pairs:
            self.pair_of_left[int(self._left[pair])] = pair
            self._pair_of_right[int(self._right[pair])] = pair

    def augmenting_path(self, start: int, choices: Mapping[int, Sequence[int]]) -> list[int]:
        """The shortest list of pairs that matches one more left row; empty if there is none."""
        reached_by: dict[int, int] = {}  # a right row, and the pair that leads to it
        queue = [start]
        for left in queue:
            for pair in choices.get(left, ()):
                right = int(self._right[pair])
                if right in reached_by:
                    continue
                reached_by[right] = pair
                if right not in self._pair_of_right:
                    return list(self._trace_back(right, start, reached_by))
                queue.append(int(self._left[self._pair_of_right[right]]))
        return []

    def _trace_back(self, right: int, start: int, reached_by: Mapping[int, int]) -> Iterator[int]:
        while True:
            pair = reached_by[right]
            yield pair
            left = int(self._left[pair])
            if left == start:
                return
            right = int(self._right[self.pair_of_left[left]])


def unassigned(count: int, assigned: Ints) -> Bools:
    """Which of the rows 0 to `count` - 1 are not assigned.

    Args:
        count: number of rows.
        assigned: row indices that are assigned; -1 is ignored.
    """
    free = np.ones(count, np.bool_)
    free[assigned[assigned != MISSING]] = False
    return free


def combine_codes(codes: Ints, values: Ints) -> Ints:
    """One code for each combination of a code and a value; -1 where the code is negative.

    Args:
        codes: one per row.
        values: one per row, of any size.
    """
    ranks = np.unique(values, return_inverse=True)[1]
    combined: Ints = codes * len(values) + ranks
    return np.where(codes >= 0, combined, MISSING)


def cumcount(groups: Sequence[Ints]) -> Ints:
    """For each row the number of earlier rows with equal values, as in pandas' `cumcount`.

    Args:
        groups: one array per value, all of the same length.
    """
    order = np.lexsort(groups)
    new = np.any([np.diff(values[order], prepend=MISSING) != 0 for values in groups], axis=0)
    new[:1] = True
    starts = np.flatnonzero(new)
    count = np.empty(len(order), np.int64)
    count[order] = np.arange(len(order)) - np.repeat(starts, np.diff([*starts, len(order)]))
    return count


def pair_by_occurrence(left: Ints, right: Ints) -> Ints:
    """Pair the first of equal values on the left with the first on the right, and so on.

    Args:
        left: codes on the left.
        right: codes on the right.

    Returns:
        For each row on the left a row index on the right; -1 where there are fewer.
    """
    partner = np.full(len(left), MISSING, np.int64)
    if not len(left) or not len(right):
        return partner
    values = np.unique(np.concatenate([left, right]), return_inverse=True)[1]
    occurrence = np.concatenate([cumcount([left]), cumcount([right])])
    keys = values * (int(occurrence.max()) + 1) + occurrence
    order = np.argsort(keys[len(left) :])
    right_keys = keys[len(left) :][order]
    at = np.minimum(np.searchsorted(right_keys, keys[: len(left)]), len(right_keys) - 1)
    equal = right_keys[at] == keys[: len(left)]
    partner[equal] = order[at[equal]]
    return partner
