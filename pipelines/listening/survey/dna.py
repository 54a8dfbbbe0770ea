"""The group's music DNA: along which lines people's songs differ, and what lies at both ends.

Principal components of people's standardised mean audio features, kept where they are larger than
chance makes them (Horn's parallel analysis), with the words for both ends. Add here what describes
these components; groups of people are `clusters.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from pipelines.listening.arrays import Bools, Doubles
from pipelines.listening.schema.survey_tables import COMPONENTS, MUSIC_DNA
from pipelines.listening.survey.vectors import FEATURES, People, standardised

DIGITS = 6
"""Digits after the point: another processor may differ in the last ones."""

FEWEST_PEOPLE = 10
"""Of fewer people, nine features have more components than there are people to tell them."""

_SHUFFLES = 200
_RESAMPLES = 200
_SAME_SIGN = 0.95
_LOUD = 0.3
"""A loading below that is a tenth of the component at most, and not worth a word."""

_MOST_WORDS = 4

WORDS = {
    "danceability": ("more danceable", "less danceable"),
    "energy": ("more energetic", "calmer"),
    "loudness": ("louder", "quieter"),
    "speechiness": ("more spoken", "less spoken"),
    "acousticness": ("more acoustic", "less acoustic"),
    "instrumentalness": ("more instrumental", "more sung"),
    "liveness": ("more live", "more from the studio"),
    "valence": ("more cheerful", "darker"),
    "tempo": ("faster", "slower"),
}
"""What more and less of each feature is called."""


@dataclass(frozen=True)
class Components:
    """Principal components, the largest first.

    Attributes:
        explained: share of the variance of each.
        by_chance: 95 of 100 shuffled tables have less.
        loadings: components x features; that of the largest size is positive.
        stable: whether its sign is the same in 95 of 100 resamples.
        kept: how many are larger than chance makes them.
        scores: people x components.
    """

    explained: Doubles
    by_chance: Doubles
    loadings: Doubles
    stable: Bools
    kept: int
    scores: Doubles


def components(z: Doubles) -> Components:
    """Principal components of standardised features.

    Args:
        z: people x features; a column is 0 where all are equal.
    """
    features = z.shape[1]
    varying = np.flatnonzero(np.abs(z).max(0, initial=0) > 0)
    if len(z) < FEWEST_PEOPLE or not len(varying):
        nothing = np.zeros(0)
        none = np.zeros((0, features))
        return Components(nothing, nothing, none, none > 0, 0, np.zeros((len(z), 0)))
    x = z[:, varying]
    rng = np.random.default_rng(7)
    variance, axes = _largest_first((x.T @ x / len(x))[None])
    axes = _pointed(axes[0])
    shuffled = rng.permuted(np.broadcast_to(x, (_SHUFFLES, *x.shape)), axis=1)
    chance = np.quantile(_largest_first(shuffled.transpose(0, 2, 1) @ shuffled)[0], 0.95, axis=0)
    explained, by_chance = np.maximum(variance[0], 0) / len(varying), chance / x.size
    larger = explained > by_chance
    kept = len(larger) if larger.all() else int(larger.argmin())
    loadings = np.zeros((len(varying), features))
    loadings[:, varying] = axes.T
    stable = np.zeros(loadings.shape, bool)
    stable[:, varying] = _same_sign(x, axes, rng)
    return Components(explained, by_chance, loadings, stable, kept, x @ axes)


def _largest_first(matrices: Doubles) -> tuple[Doubles, Doubles]:
    """Eigenvalues and, as columns, eigenvectors."""
    values, vectors = np.linalg.eigh(matrices)
    return values[..., ::-1], vectors[..., ::-1]


def _pointed(axes: Doubles) -> Doubles:
    """Axes as columns, each pointing to where its largest entry is positive."""
    # Entries that are equal but for rounding must not decide by it.
    largest = np.abs(axes).round(DIGITS).argmax(0)
    pointed: Doubles = axes * np.where(axes[largest, np.arange(axes.shape[1])] < 0, -1, 1)
    return pointed


def _same_sign(x: Doubles, axes: Doubles, rng: np.random.Generator) -> Bools:
    """Whether each loading has its sign in nearly all resamples: components x features."""
    people, features = x.shape
    drawn = rng.multinomial(people, np.full(people, 1 / people), _RESAMPLES) / people
    products = (x[:, :, None] * x[:, None]).reshape(people, -1)
    mean = drawn @ x
    covariance = (drawn @ products).reshape(-1, features, features)
    covariance -= mean[:, :, None] * mean[:, None]
    spread = np.sqrt(np.maximum(np.diagonal(covariance, axis1=1, axis2=2), 1e-12))
    _, again = _largest_first(covariance / (spread[:, :, None] * spread[:, None]))
    # The component of the resample that is likest, whichever number it has there.
    alike = axes.T @ again
    likest = np.abs(alike).argmax(2)
    sign = np.sign(np.take_along_axis(alike, likest[:, :, None], 2))
    found = np.take_along_axis(again, likest[:, None], 2).transpose(0, 2, 1) * sign
    same: Bools = (found * axes.T > 0).mean(0) >= _SAME_SIGN
    return same


def words_of(values: Sequence[float], counts: Sequence[bool]) -> str:
    """What has most and least, such as "louder and less acoustic"; empty where nothing counts.

    Args:
        values: of each feature, by the size of which they are named.
        counts: which are named at all.
    """
    order = sorted(range(len(values)), key=lambda one: (-round(abs(values[one]), DIGITS), one))
    named = [WORDS[FEATURES[one]][int(values[one] < 0)] for one in order if counts[one]][
        :_MOST_WORDS
    ]
    return " and ".join([", ".join(named[:-1]), named[-1]] if len(named) > 1 else named)


def _both_ends(loadings: Doubles, stable: Bools) -> str:
    counts = stable & (np.abs(loadings) >= _LOUD)
    if not counts.any():
        return "no feature that is the same in resamples"
    one, other = (words_of(list(sign * loadings), list(counts)) for sign in (1, -1))
    return f"{one} at one end; {other} at the other"


DIRECTIONS = 3
"""So many scores a person has for a map in space, also where fewer directions beat chance; the map
says which do."""


def rounded(values: Doubles) -> Doubles:
    """Values as they are stored; a zero has no sign."""
    return np.round(values, DIGITS) + 0.0


def figure(value: float) -> float | None:
    """One value as it is stored; None where there is none."""
    return round(float(value), DIGITS) + 0.0 if np.isfinite(value) else None


def components_table(people: People, found: Components) -> pa.Table:
    """Rows of COMPONENTS."""
    return COMPONENTS.from_rows(
        [
            {
                "component": number + 1,
                "kept": number < found.kept,
                "explained": rounded(found.explained[number]),
                "explained_by_chance": rounded(found.by_chance[number]),
                "words": _both_ends(found.loadings[number], found.stable[number]),
                "loadings": [
                    {"feature": feature, "loading": float(loading), "stable": bool(stable)}
                    for feature, loading, stable in zip(
                        FEATURES,
                        rounded(found.loadings[number]),
                        found.stable[number],
                        strict=True,
                    )
                ],
                "people": len(people),
                "at_least": False,
            }
            for number in range(len(found.explained))
        ]
    )


def dna_table(people: People, found: Components, groups: Sequence[int | None]) -> pa.Table:
    """Rows of MUSIC_DNA.

    Args:
        people: who is compared.
        found: their components.
        groups: of each person, from 1; None where no groups were found.
    """
    z = rounded(standardised(people.means))
    told = max(found.kept, DIRECTIONS) if found.kept else 0
    scores = rounded(found.scores[:, :told])
    columns: dict[str, object] = {
        "pseudonym": pa.array(people.pseudonyms, pa.string()),
        "songs": pa.array(people.songs, pa.int16()),
        **{name: z[:, place] for place, name in enumerate(FEATURES)},
        "scores": pa.array(list(scores.tolist()), pa.list_(pa.float64())),
        "group": pa.array(groups, pa.int16()),
    }
    return pa.table(columns).cast(MUSIC_DNA.schema)
