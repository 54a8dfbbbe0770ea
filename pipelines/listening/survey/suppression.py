"""The rule of k: of fewer people nothing is told, nor anything from which it would follow.

Counts of people are made tellable here, by joining small classes to an `other` one wherever people
are split into classes, so that all that is told adds up and nothing stays hidden in it; sets of
people that overlap, such as those who named an artist, are told or not told one by one. Add a rule
here where a new kind of figure is published; which figures there are is `profile.py`.

Hundepool et al., Statistical Disclosure Control (2012), chapters 3 and 4, have the terms: recoding,
primary and secondary suppression, and the difference attack.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Bools = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int64]

OTHER = "other"
"""The class that small ones are joined to."""


def recoded(values: Sequence[str], k: int) -> list[str] | None:
    """Each person's class, where every class has at least k people.

    The smallest classes become `other`, and more of them until that has enough people too.

    Args:
        values: each person's value.
        k: the fewest people of a class.

    Returns:
        None where fewer than two classes are left, which would tell nothing.
    """
    counts: dict[str, int] = {}
    for value in values:
        counts[value] = counts.get(value, 0) + 1
    by_size = sorted((count, value) for value, count in counts.items() if value != OTHER)
    joined, others = set[str](), counts.get(OTHER, 0)
    for count, value in by_size:
        if count >= k and (others == 0 or others >= k):
            break
        joined.add(value)
        others += count
    classes = [OTHER if value in joined else value for value in values]
    enough = len(set(classes)) > 1 and (others == 0 or others >= k)
    return classes if enough else None


@dataclass(frozen=True)
class Crossed:
    """People by two things at once, every cell having at least k people.

    Attributes:
        rows: each person's class by the first.
        columns: each person's class by the second.
    """

    rows: list[str]
    columns: list[str]

    @property
    def cells(self) -> dict[tuple[str, str], int]:
        """How many people are in each cell, in order of their names."""
        counts: dict[tuple[str, str], int] = {}
        for cell in sorted(zip(self.rows, self.columns, strict=True)):
            counts[cell] = counts.get(cell, 0) + 1
        return counts


def crossed(rows: Sequence[str], columns: Sequence[str], k: int) -> Crossed | None:
    """People by two things at once, with as many classes of both as k allows.

    Rows and columns are joined until no cell has fewer than k people, empty cells included: that
    nobody of a class has a value is told of each of them. Both orders of joining are tried.

    Args:
        rows: each person's class by the first, as `recoded` gives it.
        columns: each person's value of the second.
        k: the fewest people of a cell.

    Returns:
        None where fewer than two classes of either are left.
    """
    names = sorted(set(rows)), sorted(set(columns))
    places = [{name: place for place, name in enumerate(here)} for here in names]
    at = [
        np.array([here[one] for one in each], np.int64)
        for here, each in zip(places, (rows, columns), strict=True)
    ]
    counts = np.zeros((len(names[0]), len(names[1])), np.int64)
    np.add.at(counts, (at[0], at[1]), 1)
    found = [_joined(counts, names, k, first) for first in (0, 1)]
    best = max(found, key=lambda one: len(set(one[0])) * len(set(one[1])))
    if min(len(set(best[0])), len(set(best[1]))) < 2:  # noqa: PLR2004 one class tells nothing
        return None
    return Crossed(*([best[axis][place] for place in at[axis]] for axis in (0, 1)))


def _joined(
    counts: Counts, names: tuple[Sequence[str], Sequence[str]], k: int, first: int
) -> tuple[list[str], list[str]]:
    """New names of the rows and of the columns; those of one axis are joined first."""
    classes = list(names[0]), list(names[1])
    while True:
        present, joined = _counted(counts, classes)
        if joined.min() >= k:
            return classes
        axis = first if joined.shape[first] > 2 or joined.shape[1 - first] == 2 else 1 - first  # noqa: PLR2004
        smallest = joined.min(axis=1 - axis)
        named = [at for at, name in enumerate(present[axis]) if name != OTHER]
        if not named or joined.shape[axis] == 1:
            return classes
        worst = present[axis][min(named, key=lambda at: (smallest[at], at))]
        classes[axis][:] = [OTHER if name == worst else name for name in classes[axis]]


def _counted(
    counts: Counts, classes: tuple[list[str], list[str]]
) -> tuple[tuple[list[str], list[str]], Counts]:
    """The classes there are, and people by them."""
    present = sorted(set(classes[0])), sorted(set(classes[1]))
    for axis in (0, 1):
        of_each = [np.flatnonzero([one == name for one in classes[axis]]) for name in present[axis]]
        counts = np.stack([np.take(counts, own, axis).sum(axis) for own in of_each], axis)
    return present, counts


def tellable(sets: Bools, k: int, beside: Bools | None = None) -> Bools:
    """Which of some sets of people may be told by their size.

    One may if it has at least k people, as many are outside it or none, and no other set that is
    told has all of its people and fewer than k more, or all but fewer than k: those would be told
    by the difference. Of two such sets the larger one is told.

    Args:
        sets: people by sets.
        k: the fewest people.
        beside: people by sets that are told in any case.

    Returns:
        For each set whether it may be told.
    """
    everybody, sizes = len(sets), sets.sum(axis=0, dtype=np.int64)
    outside = everybody - sizes
    told: Bools = (sizes >= k) & ((outside >= k) | (outside == 0))
    if beside is not None:
        told &= ~(_close(sets, beside, k) | _close(beside, sets, k).T).any(axis=1)
    chosen = np.flatnonzero(told)
    close = _close(sets[:, chosen], sets[:, chosen], k)
    for number in np.argsort(-sizes[chosen], kind="stable"):
        if told[chosen[close[number]]].any():
            told[chosen[number]] = False
    return told


def _close(small: Bools, large: Bools, k: int) -> Bools:
    """Where a large set has all people of a small one, and a few more: small by large sets."""
    shared = np.rint(small.astype(np.float32).T @ large.astype(np.float32)).astype(np.int64)
    sizes, larger = (one.sum(axis=0, dtype=np.int64) for one in (small, large))
    more = larger[None, :] - sizes[:, None]
    close: Bools = (shared == sizes[:, None]) & (more > 0) & (more < k)
    return close


def in_steps(size: int, others: Sequence[int], k: int) -> int:
    """A size that may be told beside other sizes of groups that hold it, or are held by it.

    Where the difference is of fewer than k people, it is rounded down, and is to be told as 'at
    least'. What is told then is a multiple of k, is k or more away from every other size, and is
    the same for all sizes that are as close: of 46 people and 45 both 45 and 42 are told as 40, for
    45 would say that it is one person who makes the difference.

    Args:
        size: how many people.
        others: sizes that are told elsewhere.
        k: the fewest people.
    """
    close = [other for other in others if 0 < abs(size - other) < k]
    if not close:
        return size
    told = _floor(min(close) - k, k)
    while told > 0 and any(0 < abs(told - other) < k for other in others):
        told -= k
    return max(told, 0)


def parts_in_steps(sizes: Sequence[int], whole: int, k: int) -> list[int] | None:
    """Sizes of parts as they may be told beside their sum as it is told.

    Where that is rounded down, so is each part, and they add up to no more.

    Args:
        sizes: how many people are in each part, k or more.
        whole: what `in_steps` gives for their sum.
        k: the fewest people.

    Returns:
        None where that many parts of k people are more than the sum that may be told.
    """
    if sum(sizes) == whole:
        return list(sizes)
    if len(sizes) * k > whole:
        return None
    told = [_floor(size, k) for size in sizes]
    while sum(told) > whole:
        told[told.index(max(told))] -= k
    return told


def _floor(size: int, k: int) -> int:
    return size - size % k
