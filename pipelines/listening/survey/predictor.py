"""Whether songs tell what somebody studies any better than guessing. Mostly they do not.

The unit is a person, and nothing is learnt from people who are then told: means, spreads and the
discriminant are those of the other folds. Its strength of regularisation is fixed, so that nothing
is chosen by looking. All folds of all shuffles are solved at once, since a linear discriminant has
a closed form. Add here what makes the answer more honest; a prediction for a named person does not
belong here, and no other module makes one.
"""

from collections import Counter
from dataclasses import dataclass
from itertools import chain, product

import numpy as np
import pyarrow as pa

from pipelines.listening.arrays import Doubles, Ints
from pipelines.listening.schema.survey_tables import MAJOR_PREDICTOR
from pipelines.listening.survey.dna import DIGITS, figure
from pipelines.listening.survey.suppression import OTHER
from pipelines.listening.survey.vectors import FEATURES, People, standardised

FEWEST_PEOPLE = 40
FEWEST_OF_A_MAJOR = 8
FEWEST_MAJORS = 2
FOLDS, REPEATS = 5, 20
PERMUTATIONS = 500
LEFT_OUT = "People of smaller majors were not asked about."
"""Where it was tried with fewer people than those whose songs and major are known."""

SIGNIFICANT = 0.01
"""Stricter than the usual 0.05: of a hundred surveys without anything in them, one may say so."""

SHRINKAGE = 0.25
"""Towards equal, independent features. 30 people tell 45 covariances badly."""

ALIKE = 0.5
"""Features that correlate more are shuffled together: one would stand in for the other."""

_REPEATS_OF_SHUFFLED = 5
_AT_ONCE = 400_000
_SHUFFLES = 5
_NOTHING = 1e-12
"""A variance below that is rounding."""

_Z90 = 1.6448536269514722


@dataclass(frozen=True)
class _Models:
    """Linear discriminants, one for each table and fold, fitted to the people of the other folds.

    Attributes:
        mean: tables x folds x features, of the people that it was fitted to.
        spread: likewise.
        weights: tables x folds x features x majors, for standardised features.
        offset: tables x folds x majors.
    """

    mean: Doubles
    spread: Doubles
    weights: Doubles
    offset: Doubles


def predictor_table(people: People, k: int) -> pa.Table:
    """The row of MAJOR_PREDICTOR.

    Args:
        people: who is compared.
        k: of fewer people no figure is shown.
    """
    return MAJOR_PREDICTOR.from_rows([_row(people, k)])


def _row(people: People, k: int) -> dict[str, object]:
    count = Counter(one for one in people.majors if one is not None)
    known = sum(count.values())
    majors = sorted(
        # A bag of majors is none: who is in it is left out, as are those of majors with few people.
        one
        for one, size in count.items()
        if size >= max(FEWEST_OF_A_MAJOR, k) and one != OTHER
    )
    # How many did not tell is a figure too.
    shown = known >= k and not 0 < len(people) - known < k and not 0 < people.left_out < k
    row: dict[str, object] = {
        "speaks": False,
        "people": known,
        "at_least": False,
        "classes": len(majors),
        "permutations": 0,
        "importances": [],
        "confusion": [],
    }
    if known < FEWEST_PEOPLE or len(majors) < FEWEST_MAJORS:
        return row | {
            "outcome": "Whether songs tell the major is not asked of so few: it takes "
            f"{FEWEST_PEOPLE} people whose songs and major are known, and two majors with "
            f"{max(FEWEST_OF_A_MAJOR, k)} people each."
        }
    of_major = np.array([majors.index(one) if one in majors else -1 for one in people.majors])
    x, y = people.means[of_major >= 0], of_major[of_major >= 0]
    z = standardised(x)
    if not z.any():
        return row | {"outcome": "Everybody's songs sound the same, so they tell nobody's major."}
    told = _told(z, y, majors, f"{known} people" if shown else "these people")
    if len(x) < known:
        told["outcome"] = f"{told['outcome']} {LEFT_OUT}"
    return row | told


def _told(z: Doubles, y: Ints, majors: list[str], who: str) -> dict[str, object]:
    rng = np.random.default_rng(13)
    classes = len(majors)
    folds = _folds(y, rng)
    repeated = np.broadcast_to(y, folds.shape)
    models = _fit(z, repeated, folds, classes)
    scores = _scores(models, z, folds)
    told = scores.argmax(-1)
    right = _balanced(told, repeated, classes)
    score = float(right.mean())
    permuted = _permuted(z, y, folds[:_REPEATS_OF_SHUFFLED], classes, rng)
    reached = right[:_REPEATS_OF_SHUFFLED].mean() - 1e-9
    p = (1 + int((permuted >= reached).sum())) / (1 + len(permuted))
    low, high = _interval(told, y, right, classes)
    guessing = 1 / classes
    speaks = p < SIGNIFICANT and low > guessing
    figures = (
        f"of each major's people {score:.0%} are told right on average (90 % interval {low:.0%} to "
        f"{high:.0%}), where guessing gives {guessing:.0%}; p = {p:.3f} of {len(permuted)} shuffles"
    )
    row: dict[str, object] = {
        "speaks": speaks,
        "outcome": f"With {who}, their songs tell the major better than guessing: {figures}."
        if speaks
        else f"With {who}, their songs do not tell the major better than guessing: {figures}.",
        "balanced_accuracy": figure(score),
        "low": figure(low),
        "high": figure(high),
        "by_guessing": figure(guessing),
        "p": figure(p),
        "permutations": len(permuted),
    }
    if speaks:
        row["importances"] = _importances(models, z, y, folds, rng)
        row["confusion"] = _confusion(told, y, majors)
    return row


def _folds(y: Ints, rng: np.random.Generator) -> Ints:
    """The fold of each person, for each repeat; each fold has its share of each major."""
    order = np.argsort(y + rng.random((REPEATS, len(y))), axis=1)
    folds = np.empty_like(order)
    np.put_along_axis(folds, order, np.broadcast_to(np.arange(len(y)) % FOLDS, order.shape), axis=1)
    return folds


def _fit(x: Doubles, y: Ints, folds: Ints, classes: int) -> _Models:
    """A discriminant for each table and fold, from sums over the people of the other folds.

    Args:
        x: people x features, of all tables.
        y: the major of each person: tables x people.
        folds: the fold of each person: tables x people.
        classes: how many majors.
    """
    people, features = x.shape
    cell = folds * classes + y
    belongs = (cell[:, None] == np.arange(FOLDS * classes)[:, None]).astype(np.float64)
    belongs = belongs.reshape(-1, people)
    shape = (len(y), FOLDS, classes)
    count = belongs.sum(1).reshape(shape)
    sums = (belongs @ x).reshape(*shape, features)
    inside = belongs.reshape(*shape, people).sum(2).reshape(-1, people)
    first, second = np.triu_indices(features)
    squares = (inside @ (x[:, first] * x[:, second])).reshape(*shape[:2], -1)
    # Of all folds but one.
    count, sums, squares = (one.sum(1, keepdims=True) - one for one in (count, sums, squares))
    total = count.sum(2)[..., None]
    mean = sums.sum(2) / total
    means = sums / np.maximum(count, 1)[..., None]
    second_moment = np.empty((*shape[:2], features, features))
    second_moment[..., first, second] = second_moment[..., second, first] = squares / total
    variance = np.diagonal(second_moment, axis1=-2, axis2=-1) - mean**2
    spread = np.where(variance > _NOTHING, np.sqrt(np.maximum(variance, _NOTHING)), 1.0)
    between = (means * count[..., None]).transpose(0, 1, 3, 2) @ means
    within = second_moment - between / total[..., None]
    within /= spread[..., :, None] * spread[..., None, :]
    ridge = SHRINKAGE * np.trace(within, axis1=-2, axis2=-1) / features + 1e-9
    within = (1 - SHRINKAGE) * within + ridge[..., None, None] * np.eye(features)
    centre = ((means - mean[:, :, None]) / spread[:, :, None]).transpose(0, 1, 3, 2)
    weights = np.linalg.solve(within, centre)
    offset = -0.5 * (weights * centre).sum(2)
    return _Models(mean, spread, weights, offset)


def _scores(models: _Models, x: Doubles, folds: Ints) -> Doubles:
    """How much each person looks like each major to the fold's discriminant.

    Returns:
        tables x people x majors.
    """
    weights = models.weights / models.spread[..., None]
    offset = models.offset - (models.mean[:, :, None] @ weights)[:, :, 0]
    of_all = x @ weights + offset[:, :, None]
    own: Doubles = np.take_along_axis(of_all, folds[:, None, :, None], axis=1)[:, 0]
    return own


def _balanced(told: Ints, y: Ints, classes: int) -> Doubles:
    """Mean share of each major's people told right, of each table: tables x people to tables."""
    size = np.bincount(y[0], minlength=classes)
    weight = 1 / (classes * size[y])
    balanced: Doubles = ((told == y) * weight).sum(-1)
    return balanced


def _permuted(x: Doubles, y: Ints, folds: Ints, classes: int, rng: np.random.Generator) -> Doubles:
    """Balanced accuracy of each shuffle, where people have another's major and another's fold.

    Both move together, so that each fold keeps its share of each major.
    """
    order = rng.permuted(np.broadcast_to(np.arange(len(y)), (PERMUTATIONS, len(y))), axis=1)
    found = np.zeros(PERMUTATIONS)
    step = max(1, _AT_ONCE // (FOLDS * classes * len(y)))
    for start in range(0, PERMUTATIONS, step):
        part = order[start : start + step]
        majors = y[part]
        for repeat in folds:
            fold = repeat[part]
            models = _fit(x, majors, fold, classes)
            told = _scores(models, x, fold).argmax(-1)
            found[start : start + step] += _balanced(told, majors, classes)
    return found / len(folds)


def _interval(told: Ints, y: Ints, right: Doubles, classes: int) -> tuple[float, float]:
    """90 % interval: the wider of what repeats differ by and what so few people allow.

    The latter is binomial in each major, with one more person right and one more wrong, so that
    nothing is certain of eight people.
    """
    size = np.bincount(y, minlength=classes)
    share = np.bincount(y, (told == y).mean(0), minlength=classes) / size
    wary = (share * size + 1) / (size + 2)
    spread = float(np.sqrt((wary * (1 - wary) / size).sum()) / classes)
    score = float(right.mean())
    low, high = np.quantile(right, [0.05, 0.95])
    return (
        max(0.0, min(float(low), score - _Z90 * spread)),
        min(1.0, max(float(high), score + _Z90 * spread)),
    )


def _importances(
    models: _Models, x: Doubles, y: Ints, folds: Ints, rng: np.random.Generator
) -> list[dict[str, object]]:
    """What is lost where people of a fold have each other's features, by features that go along."""
    table = np.arange(REPEATS)[:, None]
    spread, weights = models.spread[table, folds], models.weights[table, folds]
    scores = _scores(models, x, folds)
    repeated = np.broadcast_to(y, folds.shape)
    classes = weights.shape[-1]
    right = _balanced(scores.argmax(-1), repeated, classes)
    in_folds = np.argsort(folds, axis=1, kind="stable")
    other = np.empty((_SHUFFLES, *folds.shape), np.int64)
    for one in other:
        drawn = np.argsort(folds + rng.random(folds.shape), axis=1)
        np.put_along_axis(one, in_folds, drawn, axis=1)
    found = []
    for group in _alike(x):
        lost = np.zeros(REPEATS)
        for one in other:
            moved = (x[one][..., group] - x[:, group]) / spread[..., group]
            changed = scores + np.einsum("rnf,rnfc->rnc", moved, weights[:, :, group])
            lost += right - _balanced(changed.argmax(-1), repeated, classes)
        lost /= _SHUFFLES
        name = ", ".join(FEATURES[each] for each in group)
        found.append((round(float(lost.mean()), DIGITS), name, float(lost.std())))
    return [
        {"feature": name, "importance": figure(mean), "spread": figure(spread_of_it)}
        for mean, name, spread_of_it in sorted(found, key=lambda one: (-one[0], one[1]))
    ]


def _alike(x: Doubles) -> list[list[int]]:
    """Features in groups that correlate, each at least with one other of its group."""
    z = standardised(x)
    linked = np.abs(z.T @ z / len(z)) > ALIKE
    groups: list[list[int]] = []
    for feature in range(z.shape[1]):
        near = [group for group in groups if linked[feature, group].any()]
        groups = [group for group in groups if group not in near]
        groups.append(sorted([*chain.from_iterable(near), feature]))
    return sorted(group for group in groups if z[:, group].any())


def _confusion(told: Ints, y: Ints, majors: list[str]) -> list[dict[str, object]]:
    """People by major and by what most repeats told."""
    classes = len(majors)
    votes = np.stack([(told == one).sum(0) for one in range(classes)], axis=1)
    cells = np.bincount(y * classes + votes.argmax(1), minlength=classes**2)
    return [
        {"major": major, "told": other, "people": people}
        for (major, other), people in zip(product(majors, repeat=2), cells.tolist(), strict=True)
    ]
