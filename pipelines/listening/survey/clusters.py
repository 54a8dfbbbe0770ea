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
there are groups; how people are split is `splits.py`, what chance makes of them `groupless.py`, and
their words are those of `dna.py`.
"""

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from pipelines.listening.arrays import Doubles, Ints
from pipelines.listening.schema.survey_tables import CLUSTERS
from pipelines.listening.survey.dna import figure, rounded, words_of
from pipelines.listening.survey.groupless import (
    clipped,
    dealt_out,
    evened,
    one_cloud,
    one_even_cloud,
)
from pipelines.listening.survey.splits import (
    discriminated,
    distances,
    membership,
    misfit,
    moved,
    silhouettes,
    spaces_of,
    spread_within,
    wards_trees,
)
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

_TABLES = 60
_FEW_TABLES = 8
_NOWHERE = -9.0
_RESAMPLES = 40
_MOST_JUDGED = 6


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
    everyone = evened(points)
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
        for chance in (dealt_out, one_cloud, one_even_cloud):
            tables = clipped(chance(self.z, _TABLES, rng))
            split, by_chance = self._splits(tables)
            chances.append((spaces_of(tables), split))
            mean, spread = _distribution(by_chance)
            further = (apart[..., 0] - mean) / spread
            beyond = np.minimum(beyond, further)
            if chance is not dealt_out:
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
            tried.sort(key=lambda one: misfit(self.z, label[*one, 0], self.numbers[one[1]]))
        ways = spaces_of(self.z[None])
        found = []
        for way, place in tried[:_MOST_JUDGED]:
            count, (begun, ground) = self.numbers[place], ways[way]
            upper = [
                float(np.quantile(silhouettes(spaces[way][1], split[way, place], count), 0.95))
                for spaces, split in chances
            ]
            found.append(
                _Split(
                    label=label[way, place, 0],
                    begun=begun[0],
                    ground=ground[0],
                    beyond=float(beyond[way, place]),
                    is_beyond=bool(beyond[best] >= crucial),
                    silhouette=float(silhouettes(ground, label[way, place], count)[0]),
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
        ways = spaces_of(tables)
        label = np.empty((len(ways), len(self.numbers), *tables.shape[:2]), np.int64)
        apart = np.empty(label.shape[:3])
        for way, (begun, ground) in enumerate(ways):
            trees = wards_trees(distances(begun), self.numbers)
            for place, count in enumerate(self.numbers):
                start = moved(begun, trees[place], count)
                label[way, place], far = discriminated(ground, start, count)
                enough = membership(label[way, place], count).sum(1).min(1) >= self.fewest
                apart[way, place] = np.where(enough, far, np.nan)
        return label, apart


def _distribution(apart: Doubles) -> tuple[Doubles, Doubles]:
    """Mean and spread over the tables whose groups are large enough; wary where these are few."""
    known = ~np.isnan(apart)
    count = known.sum(-1)
    mean = np.where(known, apart, 0).sum(-1) / np.maximum(count, 1)
    off = np.where(known, apart - mean[..., None], 0)
    spread = np.sqrt((off**2).sum(-1) / np.maximum(count - 1, 1))
    few = count < _FEW_TABLES
    return np.where(few, 5, mean), np.where(few, 0.6, np.maximum(spread, 0.1))


def _shares(z: Doubles, label: Ints) -> Doubles:
    """Of each feature, how much of its variance is between groups."""
    belongs = membership(label, int(label.max()) + 1)
    share: Doubles = ((belongs.T @ z) ** 2 / belongs.sum(0)[:, None]).sum(0) / len(z)
    return share


def _nearest(everyone: Doubles, z: Doubles, label: Ints) -> Ints:
    """The group that each person looks most like, of groups found among some."""
    _, mean, within = (one[0] for one in spread_within(z[None], label[None], int(label.max()) + 1))
    weights = np.linalg.solve(within, mean.T)
    nearest: Ints = (everyone @ weights - np.diagonal(mean @ weights) / 2).argmax(1)
    return nearest


def _stability(split: _Split, rng: np.random.Generator) -> Doubles:
    """Mean Jaccard index of each group with the likest group of each resample."""
    label, count = split.label, int(split.label.max()) + 1
    drawn = rng.integers(len(label), size=(_RESAMPLES, len(label)))
    begun = split.begun[drawn]
    start = moved(begun, wards_trees(distances(begun), [count])[0], count)
    again, _ = discriminated(split.ground[drawn], start, count)
    index = np.zeros((_RESAMPLES, count))
    for number, (who, groups) in enumerate(zip(drawn, again, strict=True)):
        first = np.unique(who, return_index=True)[1]
        was, now = membership(label[who[first]], count), membership(groups[first], count)
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
