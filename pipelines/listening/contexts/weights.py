"""Weights of the evidence: `reference_data/context_weights.toml` as typed values.

How the file is parsed and checked lives here. The numbers, their meaning and their sources are in
the file itself.
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
SIGNS = ("sound", "play", "repertoire", "session")
MOST = 100
_TABLES = {
    "start",
    "alone",
    "unnamed",
    "least",
    "neighbours",
    "confidence",
    "names",
    "habits",
    *SIGNS,
}


@dataclass(frozen=True)
class Weights:
    """Log-odds by piece of evidence; vectors have one number per context.

    Attributes:
        text: the file's content, so that changes are noticed.
        start: log-odds before any evidence.
        alone: the most log-odds over everyday that shape and clock can give without a telling name,
            sound, habit or repertoire.
        unnamed: likewise without a telling name or sound.
        itself: weight of a play's own evidence in its score.
        near: weight of the plays around it.
        near_minutes: how many minutes before and after a play these reach.
        session: weight of its session.
        names: by field, log-odds of a hint, a likely and a strong phrase.
        habits: factors by kind of habit.
        signs: log-odds by kind and name of the sign.
        least: the least confidence at which a context is chosen.
        certainty: factor by which scores are multiplied before they become probabilities.
    """

    text: str
    start: Vector
    alone: Vector
    unnamed: Vector
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
        """Log-odds of a sign for each context; 0 if the file does not name it.

        Args:
            kind: one of `SIGNS`.
            sign: its name.
        """
        return self.signs[kind].get(sign, _NOTHING)


_NOTHING = np.zeros(len(CONTEXTS), np.float32)


@cache
def default_weights() -> Weights:
    """The weights that come with Playledger."""
    path = files("reference_data").joinpath("context_weights.toml")
    return parse(path.read_text(encoding="utf-8"))


def parse(text: str) -> Weights:
    """Parse a file of weights.

    Raises:
        WrongWeights: if it is invalid; names the table.
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
        alone=_vector("alone", _table(document, "alone")),
        unnamed=_vector("unnamed", _table(document, "unnamed")),
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
    """The table with a dotted name; empty if there is none."""
    table = document
    for name in path.split("."):
        table = table.get(name, {})
        if not isinstance(table, dict):
            raise WrongWeights(f"context_weights.toml: write [{path}] as a table")
    return table


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
    """Refuse weights of signs that do not exist, which would have no effect.

    Args:
        weights: the weights.
        kind: one of `SIGNS`.
        signs: all signs of this kind.

    Raises:
        WrongWeights: if there are such weights; names the sign.
    """
    if unknown := sorted(set(weights.signs[kind]) - set(signs)):
        raise WrongWeights(f'context_weights.toml: there is no sign [{kind}] "{unknown[0]}"')


def _is_number(document: Any) -> bool:
    # Larger log-odds are typing errors; so are nan and inf.
    return (
        isinstance(document, int | float)
        and not isinstance(document, bool)
        and abs(document) <= MOST
    )
