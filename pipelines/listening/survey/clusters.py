"""Groups of people whose songs are alike, where there are any: "no groups found" is an answer.

Whatever people are, some split of them looks good. So groups count only where all of this holds:

1. They are apart (silhouette) by more than in groupless people who are otherwise the same: features
   dealt out anew one by one; one cloud as long, as wide and as heavy in its tails; one even cloud.
   What is compared is the best of all the ways in which groups were looked for, there as here.
2. Any two of them lie further from each other than the halves of one even spread do.
3. They differ in two features at least: one alone, such as instrumentalness, is often nearly
   two-valued, and says little of taste.
4. They come back in resamples (Jaccard index).
5. None has fewer people than may be spoken of.

Add here what decides whether there are groups; their words are those of `dna.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from pipelines.listening.arrays import Doubles, Ints
from pipelines.listening.schema.survey_tables import CLUSTERS
from pipelines.listening.survey.dna import figure, rounded, words_of
from pipelines.listening.survey.vectors import People, standardised

FEWEST = 5
"""A group has at least so many people, whatever else may be published."""

MOST_GROUPS = 8
PEOPLE_A_GROUP = 8
"""Of so many people there is at most one group each."""

STABLE = 0.75
"""Hennig (2007): a group whose Jaccard index with resamples is below that is not to be trusted."""

APART = 3.8
"""Any two groups, in standard deviations of the way from one to the other. Halves of an even spread
are sqrt(12) = 3.46 from each other, halves of a normal one 2.65."""

BEYOND = 3.6
"""Standard deviations by which groups are further apart than chance makes them. The best of all the
ways in which groups are looked for is 2.9 in one of twenty groupless tables."""

TELLING = 0.25
"""A feature differs between groups if so much of its variance does."""

MOST_PEOPLE = 100
"""Groups are looked for among so many people; others join the one whose mean is nearest."""

_WORTH_A_WORD = 0.4
"""Standard deviations from everybody's mean."""

_CLIP = 2.5
_TABLES = 60
_RESAMPLES = 40
_STEPS = 3
_LUMPY = (2, 3)
_WIDEST = (1, 2, 3)
_POWERS = np.arange(-2, 4.01, 0.25)


@dataclass(frozen=True)
class Groups:
    """Groups of people, or none.

    Attributes:
        label: of each person, from 0, the largest group first; empty where there are none.
        silhouette: of the best split that was found, in `features`; NaN where none could be tried.
        by_chance: 95 of 100 groupless tables have less.
        stability: of each group, the mean Jaccard index with its likes in resamples.
        why: what decided: groups, few, alike, chance, close, single or unstable.
    """

    label: Ints
    silhouette: float
    by_chance: float
    stability: Doubles
    why: str
    beyond: float = np.nan
    apart: float = np.nan


@dataclass(frozen=True)
class _Split:
    """People split in one of the ways that are tried: labels and silhouettes of many tables."""

    label: Ints
    silhouette: Doubles


def find_groups(means: Doubles, fewest: int) -> Groups:
    """Groups of people by the mean audio features of their songs.

    Args:
        means: people x features, without NaN.
        fewest: a group has at least so many people.
    """
    rng = np.random.default_rng(20)
    fewest = max(fewest, FEWEST)
    # People with the very same songs are one point: a hit that many named is no taste of theirs.
    points, person = np.unique(means, axis=0, return_inverse=True)
    person = person.reshape(-1)
    most = min(MOST_GROUPS, min(len(points), MOST_PEOPLE) // PEOPLE_A_GROUP)
    numbers = range(2, most + 1)
    if not numbers:
        return _none("alike" if len(means) >= 2 * PEOPLE_A_GROUP else "few")
    everyone = _even(points)
    chosen = np.sort(rng.permutation(len(points))[:MOST_PEOPLE])
    z = everyone[chosen]
    fit = _Fit(z, numbers, fewest)
    best = fit.best(rng)
    if best is None:
        return _none("chance")
    space, number, split, beyond, crucial, by_chance = best
    label = split.label[number, 0]
    silhouette = float(split.silhouette[number, 0])
    inner = fit.spaces(z[None])[space][0]
    count = int(label.max()) + 1
    apart = _least_apart(inner, label, count)
    stability = _stability(inner, label, count, rng)
    full = label if len(z) == len(everyone) else _nearest(everyone, z, label, count)
    full = full[person]
    order = np.argsort(-np.bincount(full, minlength=count), kind="stable")
    full = np.argsort(order)[full]
    sizes = np.bincount(full, minlength=count)
    telling = int((_shares(z, label, count) >= TELLING).sum())
    if beyond < max(BEYOND, crucial):
        why = "chance"
    elif apart < APART:
        why = "close"
    elif telling < 2:
        why = "single"
    elif stability.min() < STABLE or sizes.min() < fewest:
        why = "unstable"
    else:
        why = "groups"
    return Groups(
        full if why == "groups" else full[:0],
        silhouette,
        by_chance,
        stability[order],
        why,
        beyond,
        apart,
    )


def _none(why: str) -> Groups:
    return Groups(np.zeros(0, np.int64), np.nan, np.nan, np.zeros(0), why)


def _even(means: Doubles) -> Doubles:
    """Standardised features, as symmetric as a power makes them and without extremes.

    A long tail is no group, and one odd person neither.
    """
    return _clipped(_symmetric(standardised(means)))


def _clipped(tables: Doubles) -> Doubles:
    return standardised(np.clip(standardised(tables), -_CLIP, _CLIP))


def _symmetric(z: Doubles) -> Doubles:
    """Each column by that power of Yeo and Johnson that makes it likeliest to be normal."""
    up, down = np.maximum(z, 0), np.maximum(-z, 0)
    tried = np.stack([_power(up, one) - _power(down, 2 - one) for one in _POWERS])
    signed = (np.sign(z) * np.log1p(np.abs(z))).sum(0)
    spread = np.maximum(tried.var(1), 1e-12)
    likelihood = -len(z) / 2 * np.log(spread) + (_POWERS[:, None] - 1) * signed
    return np.ascontiguousarray(tried[likelihood.argmax(0), :, np.arange(z.shape[1])].T)


def _power(values: Doubles, power: float) -> Doubles:
    changed: Doubles = (
        np.log1p(values) if abs(power) < 1e-9 else np.expm1(power * np.log1p(values)) / power
    )
    return changed


class _Fit:
    """Looks for groups in many tables of as many people in the same ways.

    The ways are spaces (the widest two and three components; the two and three features that fall
    most into lumps) and numbers of groups.
    """

    def __init__(self, z: Doubles, numbers: range, fewest: int) -> None:
        self.z, self.numbers, self.fewest = z, numbers, fewest

    def spaces(self, tables: Doubles) -> list[Doubles]:
        """Each table in each of the spaces."""
        _, axes = np.linalg.eigh(tables.transpose(0, 2, 1) @ tables)
        scores = tables @ axes[:, :, ::-1]
        lumpy = np.argsort(-_lumpiness(tables), axis=1, kind="stable")[:, None]
        return [
            *(scores[:, :, :one] for one in _WIDEST),
            *(np.take_along_axis(tables, lumpy[:, :, :one], 2) for one in _LUMPY),
        ]

    def splits(self, tables: Doubles) -> list[_Split]:
        """The split of each table, for each space and number of groups."""
        return [self._split(one) for one in self.spaces(tables)]

    def _split(self, tables: Doubles) -> _Split:
        far = _distances(tables)
        trees = _trees(far, self.numbers)
        label = np.empty_like(trees)
        silhouette = np.empty(trees.shape[:2])
        for place, number in enumerate(self.numbers):
            label[place] = _moved(tables, trees[place], number)
            belongs = _belongs(label[place], number)
            enough = belongs.sum(1).min(1) >= self.fewest
            apart = _silhouettes(far, label[place], belongs)
            silhouette[place] = np.where(enough, apart, np.nan)
        return _Split(label, silhouette)

    def best(self, rng: np.random.Generator) -> tuple[int, int, _Split, float, float, float] | None:
        """The way that is furthest beyond chance, by whichever chance does best in it."""
        real = self.splits(self.z[None])
        found = np.stack([one.silhouette[:, 0] for one in real])
        beyond = np.full(found.shape, np.inf)
        crucial, highest = -np.inf, np.full(found.shape, -np.inf)
        for chance in (_dealt_out, _one_cloud, _one_even_cloud):
            tables = _clipped(chance(self.z, _TABLES, rng))
            by_chance = np.stack([one.silhouette for one in self.splits(tables)])
            mean, spread, upper = _distribution(by_chance)
            beyond = np.fmin(beyond, (found - mean) / spread)
            most = np.nanmax(
                np.append(
                    (by_chance - mean[..., None]) / spread[..., None],
                    np.full((1, *by_chance.shape[1:]), -9.0),
                    axis=0,
                ),
                axis=(0, 1),
            )
            crucial = max(crucial, float(np.quantile(most, 0.95)))
            highest = np.maximum(highest, upper)
        beyond = np.where(np.isnan(found), -np.inf, beyond)
        if not np.isfinite(beyond).any():
            return None
        space, number = np.unravel_index(beyond.argmax(), beyond.shape)
        return (
            int(space),
            int(number),
            real[int(space)],
            float(beyond[space, number]),
            crucial,
            float(highest[space, number]),
        )


def _distribution(silhouettes: Doubles) -> tuple[Doubles, Doubles, Doubles]:
    """Mean, spread and 95 % point of the tables with a split; wary where these are few."""
    known = ~np.isnan(silhouettes)
    count = known.sum(-1)
    filled = np.where(known, silhouettes, 0)
    mean = filled.sum(-1) / np.maximum(count, 1)
    off = np.where(known, silhouettes - mean[..., None], 0)
    spread = np.sqrt((off**2).sum(-1) / np.maximum(count - 1, 1))
    few = count < 8
    mean, spread = np.where(few, 0.4, mean), np.maximum(np.where(few, 0.06, spread), 0.015)
    upper = np.sort(np.where(known, silhouettes, -1), axis=-1)[
        ..., int(0.95 * silhouettes.shape[-1])
    ]
    return mean, spread, np.maximum(upper, mean)


def _axes(z: Doubles) -> tuple[Doubles, Doubles]:
    spread, axes = np.linalg.eigh(z.T @ z / len(z))
    return np.sqrt(np.maximum(spread, 0)), axes


def _dealt_out(z: Doubles, tables: int, rng: np.random.Generator) -> Doubles:
    return rng.permuted(np.broadcast_to(z, (tables, *z.shape)), axis=1)


def _one_cloud(z: Doubles, tables: int, rng: np.random.Generator) -> Doubles:
    """Elliptical, with the covariance and the (Mahalanobis) radii that there are."""
    spread, axes = _axes(z)
    there = spread > 1e-6
    axes, spread = axes[:, there], spread[there]
    radius = np.sqrt((((z @ axes) / spread) ** 2).sum(1))
    way = rng.standard_normal((tables, len(z), len(spread)))
    way /= np.linalg.norm(way, axis=-1, keepdims=True)
    drawn = radius[rng.integers(len(z), size=(tables, len(z)))]
    return (way * drawn[..., None]) @ (axes * spread).T


def _one_even_cloud(z: Doubles, tables: int, rng: np.random.Generator) -> Doubles:
    """Evenly spread along each component: of all clouds without a gap the easiest to split."""
    spread, axes = _axes(z)
    return rng.uniform(-(3**0.5), 3**0.5, (tables, *z.shape)) @ (axes * spread).T


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


def _distances(tables: Doubles) -> Doubles:
    square = (tables**2).sum(-1)
    inner = tables @ tables.transpose(0, 2, 1)
    apart = np.sqrt(np.maximum(square[:, :, None] + square[:, None] - 2 * inner, 0))
    diagonal = np.arange(apart.shape[1])
    apart[:, diagonal, diagonal] = 0
    return apart


def _trees(far: Doubles, numbers: Sequence[int]) -> Ints:
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
    return (group[:, :people, None] > parts[:, None]).sum(-1)


def _belongs(label: Ints, count: int) -> Doubles:
    return (label[..., None] == np.arange(count)).astype(np.float64)


def _moved(tables: Doubles, label: Ints, count: int) -> Ints:
    """Each person in the group whose mean is nearest, a few times over: k-means from Ward's tree."""
    for _ in range(_STEPS):
        belongs = _belongs(label, count)
        size = belongs.sum(1)
        mean = belongs.transpose(0, 2, 1) @ tables / np.maximum(size, 1)[..., None]
        away = (mean**2).sum(-1)[:, None] - 2 * tables @ mean.transpose(0, 2, 1)
        label = np.where(size[:, None] > 0, away, np.inf).argmin(-1)
    return label


def _silhouettes(far: Doubles, label: Ints, belongs: Doubles) -> Doubles:
    size = belongs.sum(1)
    sums = far @ belongs
    own_size = np.take_along_axis(size, label, 1)
    own = np.take_along_axis(sums, label[..., None], 2)[..., 0] / np.maximum(own_size - 1, 1)
    mean = np.where(belongs > 0, np.inf, sums / np.maximum(size, 1)[:, None])
    other = np.where(size[:, None] > 0, mean, np.inf).min(-1)
    other = np.where(np.isfinite(other), other, own)
    wider = np.maximum(own, other)
    one = np.where((wider > 0) & (own_size > 1), (other - own) / np.where(wider > 0, wider, 1), 0)
    mean_of_all: Doubles = one.mean(-1)
    return mean_of_all


def _least_apart(z: Doubles, label: Ints, count: int) -> float:
    """Of the two groups that are nearest, in standard deviations along the way between them."""
    least = np.inf
    for one in range(count):
        for other in range(one):
            a, b = z[label == one], z[label == other]
            way = a.mean(0) - b.mean(0)
            along_a, along_b = a @ way, b @ way
            inner = (along_a.var() * len(a) + along_b.var() * len(b)) / max(len(a) + len(b) - 2, 1)
            least = min(least, float(way @ way / np.sqrt(max(inner, 1e-12))))
    return least


def _shares(z: Doubles, label: Ints, count: int) -> Doubles:
    """Of each feature, how much of its variance is between groups."""
    belongs = _belongs(label, count)
    sums = belongs.T @ z
    share: Doubles = (sums**2 / belongs.sum(0)[:, None]).sum(0) / len(z)
    return share


def _nearest(everyone: Doubles, z: Doubles, label: Ints, count: int) -> Ints:
    mean = np.stack([z[label == one].mean(0) for one in range(count)])
    away = (mean**2).sum(1) - 2 * everyone @ mean.T
    nearest: Ints = away.argmin(1)
    return nearest


def _stability(z: Doubles, label: Ints, count: int, rng: np.random.Generator) -> Doubles:
    """Mean Jaccard index of each group with the likest group of each resample."""
    drawn = rng.integers(len(z), size=(_RESAMPLES, len(z)))
    tables = z[drawn]
    again = _moved(tables, _trees(_distances(tables), [count])[0], count)
    index = np.zeros((_RESAMPLES, count))
    for number, (who, found) in enumerate(zip(drawn, again, strict=True)):
        first = np.unique(who, return_index=True)[1]
        was, now = _belongs(label[who[first]], count), _belongs(found[first], count)
        both = was.T @ now
        either = was.sum(0)[:, None] + now.sum(0) - both
        index[number] = (both / np.maximum(either, 1)).max(1)
    mean: Doubles = index.mean(0)
    return mean


OUTCOMES = {
    "few": f"No groups are looked for among so few: it takes {2 * PEOPLE_A_GROUP} people.",
    "alike": "No groups found: most people named the same songs.",
    "chance": "No groups found: split as well as can be, people are no further apart than those "
    "of a group without any groups.",
    "close": "No groups found: what looks like groups runs into each other, as halves of one "
    "spread do.",
    "single": "No groups found: people fall apart in one single feature, which is no taste.",
    "unstable": "No groups found: with a few people more or less the groups are other ones, or "
    "too small.",
}


def clusters_table(people: People, groups: Groups) -> pa.Table:
    """Rows of CLUSTERS.

    Args:
        people: who is compared.
        groups: as found among them.
    """
    figures: dict[str, object] = {
        "silhouette": figure(groups.silhouette),
        "silhouette_by_chance": figure(groups.by_chance),
    }
    if not len(groups.label):
        everybody: dict[str, object] = {
            "cluster": 0,
            "people": len(people),
            "name": "everybody",
            "centre": [0.0] * people.means.shape[1],
            "stability": figure(groups.stability.min(initial=np.inf)),
            "outcome": OUTCOMES[groups.why],
        }
        return CLUSTERS.from_rows([everybody | figures])
    count = int(groups.label.max()) + 1
    outcome = (
        f"{count} groups found: they are further apart than chance makes them, and come back when "
        "people are drawn anew."
    )
    z = standardised(people.means)
    rows: list[dict[str, object]] = []
    for number in range(count):
        inside = groups.label == number
        centre = z[inside].mean(0)
        rows.append(
            {
                "cluster": number + 1,
                "people": int(inside.sum()),
                "name": words_of(list(centre), list(np.abs(centre) >= _WORTH_A_WORD)) or "between",
                "centre": rounded(centre).tolist(),
                "stability": figure(groups.stability[number]),
                "outcome": outcome,
            }
            | figures
        )
    return CLUSTERS.from_rows(rows)
