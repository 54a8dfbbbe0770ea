"""How people are split into so many groups, and how far such groups are apart.

Ward's tree, moved towards the nearest means, then drawn by a linear discriminant; of many tables at
once, since chance is tried with hundreds of them. Nothing here is random, and nothing decides
whether a split means anything: that is `clusters.py`. Add here another way to split, or to measure.
"""

from collections.abc import Sequence

import numpy as np

from pipelines.listening.arrays import Doubles, Ints

_RIDGE = 0.03
"""Variance within groups that each feature has at least, of 1 in all."""

_STEPS = 3
_LUMPY = (2, 3)
_WIDEST = (2, 3)


def spaces_of(tables: Doubles) -> list[tuple[Doubles, Doubles]]:
    """Each table in each of the spaces: where a split is begun, and where it is measured."""
    _, axes = np.linalg.eigh(tables.transpose(0, 2, 1) @ tables)
    wide = [(tables @ axes[:, :, ::-1])[:, :, :one] for one in _WIDEST]
    order = np.argsort(-_lumpiness(tables), axis=1, kind="stable")[:, None]
    lumpy = [np.take_along_axis(tables, order[:, :, :one], 2) for one in _LUMPY]
    return [
        (tables, tables),
        (wide[0], tables),
        (wide[1], wide[1]),
        *((one, one) for one in lumpy),
    ]


def _lumpiness(tables: Doubles) -> Doubles:
    """How much better two or three lumps explain each feature than they do a normal one."""
    z = np.sort(tables, axis=1)
    people = z.shape[1]
    least = max(3, people // 9)
    sums = np.concatenate([np.zeros_like(z[:, :1]), np.cumsum(z, axis=1)], axis=1)
    ends = np.unique(np.linspace(0, people, min(people, 60) + 1).astype(int))

    def between(first: Ints, last: Ints) -> Doubles:
        explained: Doubles = (sums[:, last] - sums[:, first]) ** 2 / (last - first)[:, None]
        return explained

    nobody, everybody = np.array([0]), np.array([people])
    cuts = ends[(ends >= least) & (ends <= people - least)]
    two = (between(nobody, cuts) + between(cuts, everybody)).max(1) / people
    three = np.zeros_like(two)
    for first in cuts[:, None]:
        second = cuts[cuts >= first + least]
        if len(second):
            inner = between(first, second) + between(second, everybody)
            three = np.maximum(three, (between(nobody, first) + inner).max(1) / people)
    lumps: Doubles = np.maximum((two - 0.64) / 0.05, (three - 0.81) / 0.03)
    return lumps


def distances(tables: Doubles) -> Doubles:
    """Euclid's, of all pairs: tables x people x people."""
    square = (tables**2).sum(-1)
    inner = tables @ tables.transpose(0, 2, 1)
    apart: Doubles = np.sqrt(np.maximum(square[:, :, None] + square[:, None] - 2 * inner, 0))
    diagonal = np.arange(apart.shape[1])
    apart[:, diagonal, diagonal] = 0
    return apart


def wards_trees(far: Doubles, numbers: Sequence[int]) -> Ints:
    """Ward's tree of each table, cut into each number of groups: numbers x tables x people."""
    from scipy.cluster.hierarchy import linkage  # noqa: PLC0415 takes a while to load

    people = far.shape[1]
    upper = np.triu_indices(people, 1)
    trees = np.stack([linkage(one, "ward")[:, :2] for one in far[:, *upper]]).astype(np.int64)
    return np.stack([_cut(trees, people, number) for number in numbers])


def _cut(trees: Ints, people: int, number: int) -> Ints:
    """Trees cut into so many groups; all at once, where SciPy cuts one after the other.

    Args:
        trees: tables x merges x the two nodes that are merged, as `linkage` numbers them.
        people: how many leaves each has.
        number: of groups.
    """
    table = np.arange(len(trees))[:, None]
    group = np.empty((len(trees), 2 * people - 1), np.int64)
    whole = people - number
    for merge in range(people - 2, -1, -1):
        parts = trees[:, merge]
        group[table, parts] = group[:, people + merge, None] if merge < whole else parts
    parts = np.sort(trees[:, whole:].reshape(len(trees), -1), axis=1)[:, :number]
    numbered: Ints = (group[:, :people, None] > parts[:, None]).sum(-1)
    return numbered


def membership(label: Ints, count: int) -> Doubles:
    """1 where somebody is in a group, else 0: … x people x groups."""
    belongs: Doubles = (label[..., None] == np.arange(count)).astype(np.float64)
    return belongs


def moved(tables: Doubles, label: Ints, count: int) -> Ints:
    """Each person in the group whose mean is nearest, a few times over: k-means after Ward."""
    for _ in range(_STEPS):
        belongs = membership(label, count)
        size = belongs.sum(1)
        mean = belongs.transpose(0, 2, 1) @ tables / np.maximum(size, 1)[..., None]
        away = (mean**2).sum(-1)[:, None] - 2 * tables @ mean.transpose(0, 2, 1)
        label = np.where(size[:, None] > 0, away, np.inf).argmin(-1)
    return label


def spread_within(tables: Doubles, label: Ints, count: int) -> tuple[Ints, Doubles, Doubles]:
    """Sizes and means of groups, and the covariance within them, of each table."""
    people, features = tables.shape[1:]
    belongs = membership(label, count)
    size = belongs.sum(1)
    mean = belongs.transpose(0, 2, 1) @ tables / np.maximum(size, 1)[..., None]
    total = tables.transpose(0, 2, 1) @ tables / people
    between = (mean.transpose(0, 2, 1) * (size / people)[:, None]) @ mean
    return size, mean, total - between + _RIDGE * np.eye(features)


def discriminated(tables: Doubles, label: Ints, count: int) -> tuple[Ints, Doubles]:
    """Groups as a linear discriminant draws them, and how far the two nearest are apart."""
    for _ in range(_STEPS):
        size, mean, within = spread_within(tables, label, count)
        weights = np.linalg.solve(within, mean.transpose(0, 2, 1))
        liking = tables @ weights - np.diagonal(mean @ weights, axis1=1, axis2=2)[:, None] / 2
        label = np.where(size[:, None] > 0, liking, -np.inf).argmax(-1)
    _, mean, within = spread_within(tables, label, count)
    inner = mean @ np.linalg.solve(within, mean.transpose(0, 2, 1))
    own = np.diagonal(inner, axis1=1, axis2=2)
    square = own[:, :, None] + own[:, None] - 2 * inner
    square[:, np.arange(count), np.arange(count)] = np.inf
    return label, np.sqrt(np.maximum(square.min((1, 2)), 0))


def misfit(z: Doubles, label: Ints, count: int) -> float:
    """Bayesian information criterion of normal groups of one covariance: the less, the better."""
    people, features = z.shape
    size, _, within = (one[0] for one in spread_within(z[None], label[None], count))
    spread = people * np.linalg.slogdet(within)[1]
    share = -2 * (size * np.log(np.maximum(size, 1) / people)).sum()
    return float(spread + share + np.log(people) * features * (count - 1))


def silhouettes(tables: Doubles, label: Ints, count: int) -> Doubles:
    """Mean silhouette of each table, along the directions in which its groups differ."""
    _, mean, within = spread_within(tables, label, count)
    spread, axes = np.linalg.eigh(within)
    white = axes / np.sqrt(spread)[:, None]
    ways = np.linalg.svd(mean @ white, full_matrices=False)[2][:, : count - 1]
    far = distances(tables @ white @ ways.transpose(0, 2, 1))
    belongs = membership(label, count)
    size = belongs.sum(1)
    sums = far @ belongs
    own_size = np.take_along_axis(size, label, 1)
    own = np.take_along_axis(sums, label[..., None], 2)[..., 0] / np.maximum(own_size - 1, 1)
    others = (belongs == 0) & (size[:, None] > 0)
    other = np.where(others, sums / np.maximum(size, 1)[:, None], np.inf).min(-1)
    other = np.where(np.isfinite(other), other, own)
    wider = np.maximum(own, other)
    one = np.where((wider > 0) & (own_size > 1), (other - own) / np.where(wider > 0, wider, 1), 0)
    mean_of_all: Doubles = one.mean(-1)
    return mean_of_all
