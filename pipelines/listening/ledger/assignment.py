"""Pairing two lists of things that happened, one to one: the closest first.

Here is how pairs are chosen among candidates, whatever they are. What makes two rows a candidate
pair, and how close they are, belongs in `matching.py` and `export_union.py`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pipelines.listening.arrays import MISSING, Bools, Ints

ROUNDS = 30
"""After so many rounds few pairs remain, and a plain loop over them is quicker."""


@dataclass(frozen=True)
class Candidates:
    """Pairs that may be chosen.

    Attributes:
        left: positions on the left, int64.
        right: positions on the right, as many.
        cost: what choosing the pair costs, int64; the lower the better.
        how: what kind of pair it is, for whoever made them.
    """

    left: Ints
    right: Ints
    cost: Ints
    how: Ints

    def at(self, positions: Ints) -> "Candidates":
        """Some of them."""
        return Candidates(
            self.left[positions], self.right[positions], self.cost[positions], self.how[positions]
        )

    @classmethod
    def of(cls, *parts: "Candidates") -> "Candidates":
        """All of them together."""
        return cls(
            np.concatenate([part.left for part in parts]),
            np.concatenate([part.right for part in parts]),
            np.concatenate([part.cost for part in parts]),
            np.concatenate([part.how for part in parts]),
        )


def within(
    code: Ints, at: Ints, other_code: Ints, other_from: Ints, other_to: Ints, *, limit: int
) -> tuple[Ints, Ints, Ints]:
    """All pairs of the same code of which the left's time is not far from the right's interval.

    Args:
        code: on the left; negative ones pair with nothing.
        at: times on the left, milliseconds.
        other_code: on the right.
        other_from: where the right's intervals begin, milliseconds.
        other_to: where they end.
        limit: how far outside the interval a time may lie, milliseconds.

    Returns:
        Positions on the left, on the right, and how far outside.
    """
    order = np.lexsort((other_from, other_code))
    order = order[other_code[order] >= 0]
    lefts = np.flatnonzero(code >= 0)
    if not len(order) or not len(lefts):
        none = np.empty(0, np.int64)
        return none, none, none
    widest = int((other_to - other_from).max())
    begin = min(int(at[lefts].min()), int(other_from.min())) - limit - widest
    span = max(int(at[lefts].max()), int(other_to.max())) + limit - begin + 1
    keys = other_code[order] * span + (other_from[order] - begin)
    mine = code[lefts] * span + (at[lefts] - begin)
    first = np.searchsorted(keys, mine - limit - widest, "left")
    count = np.searchsorted(keys, mine + limit, "right") - first
    left = np.repeat(lefts, count)
    skipped = np.repeat(first - np.concatenate(([0], np.cumsum(count)[:-1])), count)
    right = order[np.arange(len(left)) + skipped]
    far = np.maximum(0, np.maximum(other_from[right] - at[left], at[left] - other_to[right]))
    near = (far <= limit) & (code[left] == other_code[right])
    return left[near], right[near], far[near]


def closest_first(candidates: Candidates) -> Ints:
    """Which candidates are chosen when the cheapest free pair is always taken next.

    Ties are settled by position, so rows have to be in an order of their own, not of arrival.

    Returns:
        Positions in `candidates`.
    """
    # Round by round: a pair that is the cheapest left for both of its sides is taken whatever
    # happens to the others.
    rest = np.lexsort((candidates.right, candidates.left, candidates.cost))
    chosen: list[Ints] = []
    for _ in range(ROUNDS):
        if not len(rest):
            break
        mutual = _is_first(candidates.left[rest]) & _is_first(candidates.right[rest])
        taken = rest[mutual]
        chosen.append(taken)
        gone = np.isin(candidates.left[rest], candidates.left[taken]) | np.isin(
            candidates.right[rest], candidates.right[taken]
        )
        rest = rest[~gone]
    chosen.append(np.fromiter(_one_by_one(candidates, rest), np.int64))
    return np.concatenate(chosen)


def _is_first(values: Ints) -> Bools:
    first = np.zeros(len(values), np.bool_)
    first[np.unique(values, return_index=True)[1]] = True
    return first


def _one_by_one(candidates: Candidates, rest: Ints) -> Iterator[int]:
    lefts: set[int] = set()
    rights: set[int] = set()
    for pair in rest.tolist():
        left, right = int(candidates.left[pair]), int(candidates.right[pair])
        if left not in lefts and right not in rights:
            lefts.add(left)
            rights.add(right)
            yield pair


def make_room(candidates: Candidates, chosen: Ints, movable: Bools) -> Ints:
    """Choices that leave nobody alone who could be paired if others moved over.

    In a loop of one track each play can stand beside its neighbour as well. The first to choose
    may then have left the last one alone; the way out is found by moving one after the other
    (an augmenting path).

    Args:
        candidates: the pairs; each left's are tried from the cheapest on.
        chosen: positions of those chosen so far.
        movable: for every position on the left, whether it must be paired and may be moved.

    Returns:
        Positions of those chosen then: at least as many.
    """
    moving = movable[candidates.left]
    order = np.lexsort((candidates.right, candidates.cost, candidates.left))
    choices: dict[int, list[int]] = {}
    for pair in order[moving[order]].tolist():
        choices.setdefault(int(candidates.left[pair]), []).append(pair)
    paired = _Paired(candidates, chosen)
    for left in choices:
        if left not in paired.of_left:
            paired.take(paired.way_out(left, choices))
    return np.fromiter(paired.of_left.values(), np.int64, len(paired.of_left))


class _Paired:
    """Who is paired with whom, and how another one gets a place."""

    def __init__(self, candidates: Candidates, chosen: Ints) -> None:
        self._left, self._right = candidates.left, candidates.right
        self.of_left: dict[int, int] = {}
        self._of_right: dict[int, int] = {}
        self.take(chosen.tolist())

    def take(self, pairs: Iterable[int]) -> None:
        for pair in pairs:
            self.of_left[int(self._left[pair])] = pair
            self._of_right[int(self._right[pair])] = pair

    def way_out(self, alone: int, choices: Mapping[int, Sequence[int]]) -> list[int]:
        """The pairs by which one more is paired, over the fewest others; none if there are none."""
        reached_by: dict[int, int] = {}  # a place on the right, and the pair that leads there
        queue = [alone]
        for left in queue:
            for pair in choices.get(left, ()):
                place = int(self._right[pair])
                if place in reached_by:
                    continue
                reached_by[place] = pair
                if place not in self._of_right:
                    return list(self._way_back(place, alone, reached_by))
                queue.append(int(self._left[self._of_right[place]]))
        return []

    def _way_back(self, place: int, alone: int, reached_by: Mapping[int, int]) -> Iterator[int]:
        while True:
            pair = reached_by[place]
            yield pair
            left = int(self._left[pair])
            if left == alone:
                return
            place = int(self._right[self.of_left[left]])


def others(count: int, taken: Ints) -> Bools:
    """Which of so many positions are not among these; negative ones are nobody's."""
    free = np.ones(count, np.bool_)
    free[taken[taken != MISSING]] = False
    return free


def combined(codes: Ints, values: Ints) -> Ints:
    """One number for each pair of a code and a value; codes below 0 stay."""
    places = np.unique(values, return_inverse=True)[1]
    numbers: Ints = codes * len(values) + places
    return np.where(codes >= 0, numbers, MISSING)


def counted(groups: Sequence[Ints]) -> Ints:
    """How many rows before each one have the same values.

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


def nth_to_nth(left: Ints, right: Ints) -> Ints:
    """Pair the first of equal values on the left with the first on the right, and so on.

    Returns:
        For each position on the left one on the right; -1 where there are fewer.
    """
    partner = np.full(len(left), MISSING, np.int64)
    if not len(left) or not len(right):
        return partner
    values = np.unique(np.concatenate([left, right]), return_inverse=True)[1]
    nth = np.concatenate([counted([left]), counted([right])])
    names = values * (int(nth.max()) + 1) + nth
    order = np.argsort(names[len(left) :])
    there = names[len(left) :][order]
    at = np.minimum(np.searchsorted(there, names[: len(left)]), len(there) - 1)
    found = there[at] == names[: len(left)]
    partner[found] = order[at[found]]
    return partner
