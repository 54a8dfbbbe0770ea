"""The map of a group's music: dots that each stand for at least k people who are near each other.

A dot of one person would tell their taste to whoever knows that they took part. Dots are made by
microaggregation instead, as statistical offices publish data about persons: MDAV (Domingo-Ferrer
and Mateo-Sanz 2002), which takes those farthest from the middle first, each with their nearest.
"""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.listening.schema.survey_tables import MAP
from pipelines.listening.survey.suppression import in_steps, parts_in_steps

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

AXES = 3
"""As many as can be drawn."""

DIGITS = 3


def dots(scores: Floats, k: int, most: int | None = None) -> Ints:
    """The dot of each person, from 0; each has at least k people and fewer than 2 k.

    Args:
        scores: people by components.
        k: the fewest people of a dot.
        most: of how many dots at most; where these are reached, the last one has all who are left.

    Returns:
        -1 for everybody where there are fewer than k people.
    """
    of = np.full(len(scores), -1, np.int64)
    left, number = np.arange(len(scores)), 0
    last = (len(scores) if most is None else most) - 1
    while len(left) >= 2 * k and number < last:
        middle = scores[left].mean(axis=0)
        far = left[np.argmax(_distances(scores[left], middle))]
        for centre in (far, left[np.argmax(_distances(scores[left], scores[far]))]):
            if centre not in left or len(left) < 2 * k or number >= last:
                continue
            near = left[np.argsort(_distances(scores[left], scores[centre]), kind="stable")[:k]]
            of[near] = number
            left, number = np.setdiff1d(left, near), number + 1
    if len(left) >= k:
        of[left] = number
    return of


def music_map(dna: pa.Table, k: int, others: tuple[int, ...] = ()) -> pa.Table:
    """The dots of a survey.

    Args:
        dna: rows of `music_dna`.
        k: the fewest people of a dot.
        others: how many people other tables speak of.

    Returns:
        `music_dna_map`, from left to right; without rows where nobody was placed.
    """
    rows = dna.sort_by([("pseudonym", "ascending")])
    scores = np.array([_padded(one) for one in rows["scores"].to_pylist()], np.float64)
    if len(scores) < k or not rows["scores"][0].as_py():
        return MAP.empty()
    # Rounded, so that machines that differ in the last digit agree on who is nearest.
    scores = np.round(scores, 6)
    whole = in_steps(len(scores), others, k)
    if whole < k:
        return MAP.empty()
    # Dots of k people each would add up to more people than may be told of.
    of = dots(scores, k, whole // k)
    numbers = range(int(of.max()) + 1)
    middles = np.round([scores[of == number].mean(axis=0) for number in numbers], DIGITS) + 0.0
    sizes = [int((of == number).sum()) for number in numbers]
    told = parts_in_steps(sizes, whole, k) or [k] * len(sizes)
    order = np.lexsort((middles[:, 2], middles[:, 1], middles[:, 0]))
    return MAP.from_rows(
        [
            {
                "dot": place + 1,
                "people": told[number],
                "at_least": whole < len(scores),
                **dict(zip("xyz", middles[number].tolist(), strict=True)),
            }
            for place, number in enumerate(order)
        ]
    )


def _padded(scores: list[float]) -> list[float]:
    return [*scores[:AXES], *([0.0] * (AXES - len(scores)))]


def _distances(points: Floats, centre: Floats) -> Floats:
    squared: Floats = np.square(points - centre).sum(axis=1)
    return squared
