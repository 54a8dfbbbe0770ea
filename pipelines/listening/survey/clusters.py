"""Groups of people whose songs are alike, where there are any: "no groups found" is an answer.

Whatever people are, some split of them looks good. So groups count only where all of this holds:

1. The two that are nearest are further apart than in groupless people who are otherwise the same:
   features dealt out anew one by one; one cloud as long, as wide and as heavy in its tails; one
   even cloud. What is compared is the best of all the ways in which groups were looked for, there
   as here. A silhouette above 95 of 100 of these tables is asked for too.
2. They differ in two features at least: one alone, such as instrumentalness, is often nearly
   two-valued, and says little of taste.
3. They come back in resamples (Jaccard index).
4. None has fewer people than may be spoken of.

How far groups are apart is measured in standard deviations within groups (Mahalanobis), whatever
the direction: features correlate, and a long cloud is no two groups. Add here what decides whether
there are groups; their words are those of `dna.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from pipelines.listening.arrays import Doubles, Ints
from pipelines.listening.schema.survey_tables import CLUSTERS
from pipelines.listening.survey.dna import figure, rounded, words_of
from pipelines.listening.survey.vectors import People, standardised

FEWEST = 5
"""A group has at least so many people, whatever else may be published."""

FEWEST_GROUPS, MOST_GROUPS = 2, 8
PEOPLE_A_GROUP = 8
"""Of so many people there is at most one group each."""

STABLE = 0.75
"""Hennig (2007): a group whose Jaccard index with resamples is below that is not to be trusted."""

BEYOND = 3.2
"""Standard deviations by which groups are further apart than chance makes them. In one of twenty
groupless tables the best of all the ways in which groups are looked for is 2.9 beyond."""

NUMBER_BEYOND = 2.0
"""The same for the number of groups, where it is certain that there are some."""

FEWEST_FEATURES = 2
TELLING = 0.25
"""A feature differs between groups if so much of its variance does."""

MOST_PEOPLE = 100
"""Groups are looked for among so many people; others join the one whose mean is nearest."""

_WORTH_A_WORD = 0.4
"""Standard deviations from everybody's mean."""

_CLIP = 2.5
"""Standard deviations that a feature is away at most."""

_RIDGE = 0.03
"""Variance within groups that each feature has at least, of 1 in all."""

_TABLES = 60
_FEW_TABLES = 8
_NOWHERE = -9.0
_ROUNDING = 1e-6
_RESAMPLES = 40
_MOST_JUDGED = 6
_STEPS = 3
_LUMPY = (2, 3)
_WIDEST = (2, 3)
_POWERS = np.arange(-2, 4.01, 0.25)


@dataclass(frozen=True)
class Groups:
    """Groups of people, or none.

    Attributes:
        label: of each person, from 0, the largest group first; empty where there are none.
        why: what decided: groups; or few, alike, chance, single or unstable.
        silhouette: of the best split that was found; NaN where none could be tried.
        by_chance: 95 of 100 groupless tables have less.
        stability: of each group, the mean Jaccard index with its likes in resamples.
        beyond: standard deviations by which the split is further apart than chance makes it.
    """

    label: Ints
    why: str
    silhouette: float = np.nan
    by_chance: float = np.nan
    stability: Doubles = field(default_factory=lambda: np.zeros(0))
    beyond: float = np.nan


def find_groups(means: Doubles, fewest: int) -> Groups:
    """Groups of people by the mean audio features of their songs.

    Args:
        means: people x features, without NaN.
        fewest: a group has at least so many people.
    """
    fewest = max(fewest, FEWEST)
    # People with the very same songs are one point: a hit that many named is no taste of theirs.
    points, person = np.unique(means, axis=0, return_inverse=True)
    person = person.reshape(-1)
    most = min(MOST_GROUPS, min(len(points), MOST_PEOPLE) // PEOPLE_A_GROUP)
    nobody = np.zeros(0, np.int64)
    if most < FEWEST_GROUPS:
        return Groups(nobody, "alike" if len(means) >= PEOPLE_A_GROUP * FEWEST_GROUPS else "few")
    everyone = _even(points)
    rng = np.random.default_rng(20)
    z = everyone[np.sort(rng.permutation(len(points))[:MOST_PEOPLE])]
    splits = _Search(z, range(FEWEST_GROUPS, most + 1), fewest).splits(rng)
    if not splits:
        return Groups(nobody, "chance")
    judged = [(one, *_judged(one, z, rng)) for one in splits]
    split, why, stability = next((one for one in judged if one[1] == "groups"), judged[0])
    count = int(split.label.max()) + 1
    label = (split.label if len(z) == len(everyone) else _nearest(everyone, z, split.label))[person]
    sizes = np.bincount(label, minlength=count)
    order = np.argsort(-sizes, kind="stable")
    if why == "groups" and sizes.min() < fewest:
        why = "unstable"
    return Groups(
        label=np.argsort(order)[label] if why == "groups" else nobody,
        why=why,
        silhouette=split.silhouette,
        by_chance=split.by_chance,
        stability=stability[order],
        beyond=split.beyond,
    )


def _judged(split: "_Split", z: Doubles, rng: np.random.Generator) -> tuple[str, Doubles]:
    """Whether a split is of groups, or why not, and how stable each of these is."""
    stability = _stability(split, rng)
    if not split.is_beyond or split.silhouette <= split.by_chance:
        return "chance", stability
    if (_shares(z, split.label) >= TELLING).sum() < FEWEST_FEATURES:
        return "single", stability
    return ("groups" if stability.min() >= STABLE else "unstable"), stability


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
        np.log1p(values) if abs(power) < _ROUNDING else np.expm1(power * np.log1p(values)) / power
    )
    return changed


@dataclass(frozen=True)
class _Split:
    """People in so many groups, and how that compares with chance.

    Attributes:
        label: the group of each person.
        begun: people in the space in which the split was begun.
        ground: people in the space in which it was measured.
        beyond: as in `Groups`.
        is_beyond: whether that is far enough.
        silhouette: as in `Groups`.
        by_chance: as in `Groups`.
    """

    label: Ints
    begun: Doubles
    ground: Doubles
    beyond: float
    is_beyond: bool
    silhouette: float
    by_chance: float


class _Search:
    """Looks for groups in many tables of as many people in the same ways.

    A way is a space in which a split is begun and one in which it is measured, and a number of
    groups. Spaces are all features, the widest two and three components, and the two and three
    features that fall most into lumps.
    """

    def __init__(self, z: Doubles, numbers: range, fewest: int) -> None:
        self.z, self.numbers, self.fewest = z, numbers, fewest

    def splits(self, rng: np.random.Generator) -> list[_Split]:
        """Splits that are beyond chance, the best fit first; else the one that is nearest to it.

        How far beyond is by whichever chance does best in the same way.
        """
        label, apart = self._splits(self.z[None])
        beyond = beyond_clouds = np.full(apart.shape[:2], np.inf)
        crucial = BEYOND
        chances = []
        for chance in (_dealt_out, _one_cloud, _one_even_cloud):
            tables = _clipped(chance(self.z, _TABLES, rng))
            split, by_chance = self._splits(tables)
            chances.append((_ways(tables), split))
            mean, spread = _distribution(by_chance)
            further = (apart[..., 0] - mean) / spread
            beyond = np.minimum(beyond, further)
            if chance is not _dealt_out:
                # Groups that are wide apart leave lumps in features that are dealt out, which says
                # that there are groups, but not how many.
                beyond_clouds = np.minimum(beyond_clouds, further)
            # Where no way leads to groups that are large enough, none is beyond anything.
            far = np.fmax((by_chance - mean[..., None]) / spread[..., None], _NOWHERE)
            crucial = max(crucial, float(np.quantile(far.max((0, 1)), 0.95)))
        known = [one for one in np.ndindex(beyond.shape) if beyond[one] > -np.inf]
        best = max(known, key=lambda one: beyond[one], default=None)
        if best is None:
            return []
        tried = [best]
        if beyond[best] >= crucial:
            tried = [one for one in known if beyond_clouds[one] >= NUMBER_BEYOND]
            tried.sort(key=lambda one: _misfit(self.z, label[*one, 0], self.numbers[one[1]]))
        ways = _ways(self.z[None])
        found = []
        for way, place in tried[:_MOST_JUDGED]:
            count, (begun, ground) = self.numbers[place], ways[way]
            upper = [
                float(np.quantile(_silhouettes(spaces[way][1], split[way, place], count), 0.95))
                for spaces, split in chances
            ]
            found.append(
                _Split(
                    label=label[way, place, 0],
                    begun=begun[0],
                    ground=ground[0],
                    beyond=float(beyond[way, place]),
                    is_beyond=bool(beyond[best] >= crucial),
                    silhouette=float(_silhouettes(ground, label[way, place], count)[0]),
                    by_chance=max(upper),
                )
            )
        return found

    def _splits(self, tables: Doubles) -> tuple[Ints, Doubles]:
        """The split of each table in each way, and how far its two nearest groups are apart.

        Returns:
            ways x numbers x tables x people, and ways x numbers x tables: NaN where a group is too
            small.
        """
        ways = _ways(tables)
        label = np.empty((len(ways), len(self.numbers), *tables.shape[:2]), np.int64)
        apart = np.empty(label.shape[:3])
        for way, (begun, ground) in enumerate(ways):
            trees = _trees(_distances(begun), self.numbers)
            for place, count in enumerate(self.numbers):
                start = _moved(begun, trees[place], count)
                label[way, place], far = _discriminated(ground, start, count)
                enough = _belongs(label[way, place], count).sum(1).min(1) >= self.fewest
                apart[way, place] = np.where(enough, far, np.nan)
        return label, apart


def _ways(tables: Doubles) -> list[tuple[Doubles, Doubles]]:
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


def _distribution(apart: Doubles) -> tuple[Doubles, Doubles]:
    """Mean and spread over the tables whose groups are large enough; wary where these are few."""
    known = ~np.isnan(apart)
    count = known.sum(-1)
    mean = np.where(known, apart, 0).sum(-1) / np.maximum(count, 1)
    off = np.where(known, apart - mean[..., None], 0)
    spread = np.sqrt((off**2).sum(-1) / np.maximum(count - 1, 1))
    few = count < _FEW_TABLES
    return np.where(few, 5, mean), np.where(few, 0.6, np.maximum(spread, 0.1))


def _axes(z: Doubles) -> tuple[Doubles, Doubles]:
    spread, axes = np.linalg.eigh(z.T @ z / len(z))
    return np.sqrt(np.maximum(spread, 0)), axes


def _dealt_out(z: Doubles, tables: int, rng: np.random.Generator) -> Doubles:
    return rng.permuted(np.broadcast_to(z, (tables, *z.shape)), axis=1)


def _one_cloud(z: Doubles, tables: int, rng: np.random.Generator) -> Doubles:
    """Elliptical, with the covariance and the (Mahalanobis) radii that there are."""
    spread, axes = _axes(z)
    there = spread > _ROUNDING
    axes, spread = axes[:, there], spread[there]
    radius = np.sqrt((((z @ axes) / spread) ** 2).sum(1))
    way = rng.standard_normal((tables, len(z), len(spread)))
    way /= np.linalg.norm(way, axis=-1, keepdims=True)
    drawn = radius[rng.integers(len(z), size=(tables, len(z)))]
    cloud: Doubles = (way * drawn[..., None]) @ (axes * spread).T
    return cloud


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
    apart: Doubles = np.sqrt(np.maximum(square[:, :, None] + square[:, None] - 2 * inner, 0))
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
    numbered: Ints = (group[:, :people, None] > parts[:, None]).sum(-1)
    return numbered


def _belongs(label: Ints, count: int) -> Doubles:
    belongs: Doubles = (label[..., None] == np.arange(count)).astype(np.float64)
    return belongs


def _moved(tables: Doubles, label: Ints, count: int) -> Ints:
    """Each person in the group whose mean is nearest, a few times over: k-means after Ward."""
    for _ in range(_STEPS):
        belongs = _belongs(label, count)
        size = belongs.sum(1)
        mean = belongs.transpose(0, 2, 1) @ tables / np.maximum(size, 1)[..., None]
        away = (mean**2).sum(-1)[:, None] - 2 * tables @ mean.transpose(0, 2, 1)
        label = np.where(size[:, None] > 0, away, np.inf).argmin(-1)
    return label


def _within(tables: Doubles, label: Ints, count: int) -> tuple[Ints, Doubles, Doubles]:
    """Sizes and means of groups, and the covariance within them, of each table."""
    people, features = tables.shape[1:]
    belongs = _belongs(label, count)
    size = belongs.sum(1)
    mean = belongs.transpose(0, 2, 1) @ tables / np.maximum(size, 1)[..., None]
    total = tables.transpose(0, 2, 1) @ tables / people
    between = (mean.transpose(0, 2, 1) * (size / people)[:, None]) @ mean
    return size, mean, total - between + _RIDGE * np.eye(features)


def _discriminated(tables: Doubles, label: Ints, count: int) -> tuple[Ints, Doubles]:
    """Groups as a linear discriminant draws them, and how far the two nearest are apart."""
    for _ in range(_STEPS):
        size, mean, within = _within(tables, label, count)
        weights = np.linalg.solve(within, mean.transpose(0, 2, 1))
        liking = tables @ weights - np.diagonal(mean @ weights, axis1=1, axis2=2)[:, None] / 2
        label = np.where(size[:, None] > 0, liking, -np.inf).argmax(-1)
    _, mean, within = _within(tables, label, count)
    inner = mean @ np.linalg.solve(within, mean.transpose(0, 2, 1))
    own = np.diagonal(inner, axis1=1, axis2=2)
    square = own[:, :, None] + own[:, None] - 2 * inner
    square[:, np.arange(count), np.arange(count)] = np.inf
    return label, np.sqrt(np.maximum(square.min((1, 2)), 0))


def _misfit(z: Doubles, label: Ints, count: int) -> float:
    """Bayesian information criterion of normal groups of one covariance: the less, the better."""
    people, features = z.shape
    size, _, within = (one[0] for one in _within(z[None], label[None], count))
    spread = people * np.linalg.slogdet(within)[1]
    share = -2 * (size * np.log(np.maximum(size, 1) / people)).sum()
    return float(spread + share + np.log(people) * features * (count - 1))


def _silhouettes(tables: Doubles, label: Ints, count: int) -> Doubles:
    """Mean silhouette of each table, along the directions in which its groups differ."""
    _, mean, within = _within(tables, label, count)
    spread, axes = np.linalg.eigh(within)
    white = axes / np.sqrt(spread)[:, None]
    ways = np.linalg.svd(mean @ white, full_matrices=False)[2][:, : count - 1]
    far = _distances(tables @ white @ ways.transpose(0, 2, 1))
    belongs = _belongs(label, count)
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


def _shares(z: Doubles, label: Ints) -> Doubles:
    """Of each feature, how much of its variance is between groups."""
    belongs = _belongs(label, int(label.max()) + 1)
    share: Doubles = ((belongs.T @ z) ** 2 / belongs.sum(0)[:, None]).sum(0) / len(z)
    return share


def _nearest(everyone: Doubles, z: Doubles, label: Ints) -> Ints:
    """The group that each person looks most like, of groups found among some."""
    _, mean, within = (one[0] for one in _within(z[None], label[None], int(label.max()) + 1))
    weights = np.linalg.solve(within, mean.T)
    nearest: Ints = (everyone @ weights - np.diagonal(mean @ weights) / 2).argmax(1)
    return nearest


def _stability(split: _Split, rng: np.random.Generator) -> Doubles:
    """Mean Jaccard index of each group with the likest group of each resample."""
    label, count = split.label, int(split.label.max()) + 1
    drawn = rng.integers(len(label), size=(_RESAMPLES, len(label)))
    begun = split.begun[drawn]
    start = _moved(begun, _trees(_distances(begun), [count])[0], count)
    again, _ = _discriminated(split.ground[drawn], start, count)
    index = np.zeros((_RESAMPLES, count))
    for number, (who, groups) in enumerate(zip(drawn, again, strict=True)):
        first = np.unique(who, return_index=True)[1]
        was, now = _belongs(label[who[first]], count), _belongs(groups[first], count)
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
    if not len(groups.label):
        everybody: dict[str, object] = {
            "cluster": 0,
            "people": len(people),
            "at_least": False,
            "name": "everybody",
            "centre": [0.0] * people.means.shape[1],
            "outcome": OUTCOMES[groups.why],  # more was asked than any one figure would show
        }
        return CLUSTERS.from_rows([everybody])
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
                "at_least": False,
                "name": words_of(list(centre), list(np.abs(centre) >= _WORTH_A_WORD)) or "between",
                "centre": rounded(centre).tolist(),
                "silhouette": figure(groups.silhouette),
                "silhouette_by_chance": figure(groups.by_chance),
                "stability": figure(groups.stability[number]),
                "outcome": outcome,
            }
        )
    return CLUSTERS.from_rows(rows)
