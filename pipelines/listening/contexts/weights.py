"""What each piece of evidence is worth: `reference_data/context_weights.toml` as typed values.

How the file is read and checked lives here. The numbers, what they mean and where they come from
stand in the file itself.
"""

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt

from pipelines.errors import WrongWeights
from pipelines.listening.contexts import CONTEXTS
from pipelines.listening.contexts.phrases import NAME_FIELDS

Vector = npt.NDArray[np.float32]

STRENGTHS = ("hint", "likely", "strong")
HABITS = ("recording", "artist", "album", "played_from", "week", "day")
SIGNS = ("sound", "play", "session")
MOST = 100
_TABLES = {"start", "least", "neighbours", "confidence", "names", "habits", *SIGNS}


@dataclass(frozen=True)
class Weights:
    """Log-odds by piece of evidence; vectors have one number per context.

    Attributes:
        text: the file, so that a change of it is noticed.
        start: before any evidence.
        itself, near, session: how much of a play's score is its own evidence, that of the
            plays up to `near_minutes` before and after it, and that of its session.
        names: by place, for a hint, a likely and a strong phrase.
        habits: by kind.
        signs: by kind and by the sign's name.
        least: the least confidence at which a context is named at all.
        certainty: by how much scores are stretched before they become confidence.
    """

    text: str
    start: Vector
    itself: float
    near: float
    near_minutes: float
    session: float
    names: Mapping[str, tuple[float, ...]]
    habits: Mapping[str, float]
    signs: Mapping[str, Mapping[str, Vector]]
    least: Vector
    certainty: float

    def of_sign(self, kind: str, sign: str) -> Vector:
        """What a sign is worth for each context; nothing where the file does not name it."""
        return self.signs[kind].get(sign, _NOTHING)


_NOTHING = np.zeros(len(CONTEXTS), np.float32)


@cache
def default_weights() -> Weights:
    """The weights that come with Playledger."""
    path = files("reference_data").joinpath("context_weights.toml")
    return parse(path.read_text(encoding="utf-8"))


def parse(text: str) -> Weights:
    """The weights in a file.

    Raises:
        WrongWeights: with the place in the file.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise WrongWeights(f"context_weights.toml: {problem}") from None
    if unknown := sorted(set(document) - _TABLES):
        raise WrongWeights(f"context_weights.toml: [{unknown[0]}] is not one of its tables")
    if missing := sorted(_TABLES - set(document)):
        raise WrongWeights(f"context_weights.toml: the table [{missing[0]}] is missing")
    neighbours = _numbers(document, "neighbours", ("itself", "near", "near_minutes", "session"))
    certainty = _numbers(document, "confidence", ("certainty",))["certainty"]
    least = _vector("least", _table(document, "least"))
    if certainty <= 0 or min(neighbours.values()) < 0:
        raise WrongWeights("context_weights.toml: [confidence] and [neighbours] are above 0")
    if least.min() < 0 or least.max() > 1:
        raise WrongWeights("context_weights.toml: [least] are shares from 0 to 1")
    return Weights(
        text=text,
        start=_vector("start", _table(document, "start")),
        itself=neighbours["itself"],
        near=neighbours["near"],
        near_minutes=neighbours["near_minutes"],
        session=neighbours["session"],
        names={
            path: tuple(_numbers(document, f"names.{path}", STRENGTHS).values())
            for path in NAME_FIELDS
        },
        habits=_numbers(document, "habits", HABITS),
        signs={
            kind: {
                name: _vector(f'{kind}."{name}"', one)
                for name, one in _table(document, kind).items()
            }
            for kind in SIGNS
        },
        least=least,
        certainty=certainty,
    )


def _numbers(document: Mapping[str, Any], path: str, names: Collection[str]) -> dict[str, float]:
    table = _table(document, path)
    for name in names:
        if not _is_number(table.get(name)):
            raise WrongWeights(f"context_weights.toml: [{path}] needs a number for {name}")
    return {name: float(table[name]) for name in names}


def _table(document: Mapping[str, Any], path: str) -> Mapping[str, Any]:
    """The table of a dotted name; empty where there is none."""
    found = document
    for name in path.split("."):
        found = found.get(name, {})
        if not isinstance(found, dict):
            raise WrongWeights(f"context_weights.toml: write [{path}] as a table")
    return found


def _vector(path: str, document: Any) -> Vector:
    if not isinstance(document, dict):
        raise WrongWeights(f"context_weights.toml: write [{path}] as a table")
    vector = np.zeros(len(CONTEXTS), np.float32)
    for name, number in document.items():
        if name == "source":
            continue
        if name not in CONTEXTS or not _is_number(number):
            raise WrongWeights(
                f"context_weights.toml: [{path}] {name}: write a number for one of "
                f"{', '.join(CONTEXTS)}"
            )
        vector[CONTEXTS.index(name)] = number
    return vector


def refuse_unknown(weights: Weights, kind: str, signs: Collection[str]) -> None:
    """A number for a sign that does not exist would be worth nothing, in silence.

    Args:
        weights: as the file tells them.
        kind: one of `SIGNS`.
        signs: all there are of this kind.

    Raises:
        WrongWeights: with the sign's name.
    """
    if unknown := sorted(set(weights.signs[kind]) - set(signs)):
        raise WrongWeights(f'context_weights.toml: there is no sign [{kind}] "{unknown[0]}"')


def _is_number(document: Any) -> bool:
    # Log-odds beyond these are a slip of the pen; so are nan and inf.
    return (
        isinstance(document, int | float)
        and not isinstance(document, bool)
        and abs(document) <= MOST
    )
