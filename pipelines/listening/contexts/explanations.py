"""Why a play has its label, as texts: the pieces of evidence with the highest weight.

Add here how a kind of evidence is described. Its weight is data (`weights.py`).
"""

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.arrays import MISSING, Bools, Floats, Ints
from pipelines.listening.contexts import CONTEXTS
from pipelines.listening.contexts.evidence import Evidence, Names
from pipelines.listening.contexts.overrides import ManualLabels
from pipelines.listening.contexts.scores import Scores
from pipelines.listening.contexts.timeline import DAY, HOUR, Timeline
from pipelines.listening.contexts.weights import Weights
from pipelines.listening.time.intervals import MINUTE

MAX_TEXTS = 3
"""Explanations of a play."""

MIN_WEIGHT = 0.25
"""Log-odds above the mean of all contexts; a quarter makes odds 1.3 times as high."""

MAX_NEIGHBOUR_WEIGHT = 0.5
"""The most that neighbouring plays count among the explanations."""

UNSURE_WEIGHT = 1000
"""A threshold that decided comes before all evidence."""

NO_EVIDENCE = "nothing speaks for another context"
FROM_NEIGHBOURS = "what was heard around it"

HABITS = {
    "recording": "other sessions with this recording",
    "artist": "other sessions with this artist",
    "album": "other sessions with this album",
    "played_from": "other sessions from the same playlist or album",
    "week": "usual at this hour on this weekday",
    "day": "usual at this hour",
}

WeightedTexts = tuple[Floats, Ints, Sequence[str] | pa.Array]
"""For each play the weight of a piece of evidence and the index of its text; and the texts."""


def explain(
    evidence: Evidence, weights: Weights, scores: Scores, chosen: Ints, manual: ManualLabels
) -> pa.Array:
    """The strongest evidence for each play's context, strongest first.

    Args:
        evidence: all evidence.
        weights: its weights.
        scores: the scores that follow from both.
        chosen: for each play the index of its label in `CONTEXTS`.
        manual: manual labels; they come first.

    Returns:
        A list of texts for each play.
    """
    best = _TopTexts(len(chosen))
    for weight, text, texts in _pieces(evidence, weights, scores, chosen):
        best.add(weight, text, texts)
    labelled = manual.reason != MISSING
    best.add(
        np.where(labelled, np.float32(np.inf), 0), manual.reason.astype(np.int64), manual.reasons
    )
    everyday = chosen == len(CONTEXTS) - 1
    likeliest = scores.total.argmax(axis=1)
    best.add(
        np.where((likeliest != chosen) & ~labelled, np.float32(UNSURE_WEIGHT), 0),
        likeliest,
        [f"{context} is likely, but not sure enough" for context in CONTEXTS],
    )
    best.add(np.where(best.empty & everyday, 1, 0), np.zeros_like(chosen), [NO_EVIDENCE])
    return best.lists()


class _TopTexts:
    """The few texts with the highest weight for each play."""

    def __init__(self, count: int) -> None:
        self._weight = np.full((MAX_TEXTS, count), MIN_WEIGHT, np.float32)
        self._text = np.full((MAX_TEXTS, count), MISSING, np.int64)
        self._texts: list[pa.Array] = []
        self._count = 0

    @property
    def empty(self) -> Bools:
        """Which plays have no text yet."""
        return np.asarray(self._text[0] == MISSING, np.bool_)

    def add(self, weight: Floats, text: Ints, texts: Sequence[str] | pa.Array) -> None:
        """Add a piece of evidence where its weight is above the least of those so far."""
        at = np.flatnonzero(weight > self._weight[-1])
        value, code = weight[at], text[at] + self._count
        for rank in range(MAX_TEXTS):
            here, there = self._weight[rank, at], self._text[rank, at]
            higher = value > here
            self._weight[rank, at] = np.where(higher, value, here)
            self._text[rank, at] = np.where(higher, code, there)
            value, code = np.where(higher, here, value), np.where(higher, there, code)
        self._texts.append(pa.array(texts, pa.string()))
        self._count += len(self._texts[-1])

    def lists(self) -> pa.Array:
        """A list of texts for each play."""
        codes = self._text.T
        filled = codes != MISSING
        offsets = np.concatenate([[0], filled.sum(axis=1).cumsum()]).astype(np.int32)
        values = pa.chunked_array(self._texts).combine_chunks().take(pa.array(codes[filled]))
        return pa.ListArray.from_arrays(pa.array(offsets), values)


def _pieces(
    evidence: Evidence, weights: Weights, scores: Scores, chosen: Ints
) -> Iterator[WeightedTexts]:
    rows = np.arange(len(chosen))
    nothing = np.zeros_like(chosen)
    for names in evidence.names:
        yield from _of_names(names, weights, chosen)
    for kind, scores_ in scores.habit_scores.items():
        weight = weights.habits[kind] * _above(scores_)
        yield weight[rows, chosen].astype(np.float32), nothing, [HABITS[kind]]
    for sign, holds in evidence.track_signs.items():
        known = np.append(holds, False)[evidence.track_of]
        yield _of_sign(weights.of_sign("sound", sign), known, chosen), nothing, [sign]
    for sign, holds in evidence.play_signs.items():
        yield _of_sign(weights.of_sign("play", sign), holds, chosen), nothing, [sign]
    yield from _of_parts(weights, scores, chosen)
    own = np.float32(weights.itself) * scores.own
    around = _above(scores.total - own - scores.session[scores.parts.session])
    # Specific evidence comes before it.
    yield (
        np.minimum((around - _above(own))[rows, chosen], MAX_NEIGHBOUR_WEIGHT),
        nothing,
        [FROM_NEIGHBOURS],
    )


def _above(values: Floats) -> Floats:
    """By how much each context is above the mean of all."""
    above: Floats = values - values.mean(axis=-1, keepdims=True)
    return above


def _of_sign(weight: Floats, holds: Bools, chosen: Ints) -> Floats:
    weights: Floats = np.where(holds, _above(weight)[chosen], np.float32(0))
    return weights


def _of_names(names: Names, weights: Weights, chosen: Ints) -> Iterator[WeightedTexts]:
    if not len(names.matches.strength):
        return
    by_strength = np.array([0, *weights.names[names.field]], np.float32)
    weight = _above(by_strength[names.matches.strength])
    known = np.concatenate([weight, np.zeros((1, len(CONTEXTS)), np.float32)])
    phrase = np.concatenate([names.matches.phrase, np.full((1, len(CONTEXTS)), MISSING, np.int32)])
    code = phrase[names.of_play, chosen].astype(np.int64)
    value = np.where(code == MISSING, 0, known[names.of_play, chosen]).astype(np.float32)
    if names.field in ("playlist", "artist"):
        code = names.of_play
    yield value, code, _name_texts(names)


def _name_texts(names: Names) -> pa.Array:
    """The text for each name, or for each phrase found in names."""
    before, after = {
        "playlist": ("played from the playlist “", "”"),
        "album": ("“", "” in the album's name"),
        "track": ("“", "” in the title"),
        "artist": ("by ", ""),
        "genre": ("of the genre “", "”"),
        "platform": ("played on “", "”"),
    }[names.field]
    labelled = names.names if names.field in ("playlist", "artist") else names.matches.phrases
    return pc.binary_join_element_wise(before, labelled.cast(pa.string()), after, "")


def _of_parts(weights: Weights, scores: Scores, chosen: Ints) -> Iterator[WeightedTexts]:
    """The two strongest signs of each part of a session, for each possible context."""
    parts, signs = scores.parts, scores.signs
    names = list(signs)
    weight = np.stack([_above(weights.of_sign("session", name)) for name in names])
    value = np.zeros((2, parts.sessions, len(CONTEXTS)), np.float32)
    which = np.zeros((2, parts.sessions, len(CONTEXTS)), np.int64)
    for number, holds in enumerate(signs.values()):
        here = np.where(holds[:, None], weight[number], 0)
        first = here > value[0]
        second = ~first & (here > value[1])
        value[1] = np.where(first, value[0], np.where(second, here, value[1]))
        which[1] = np.where(first, which[0], np.where(second, number, which[1]))
        value[0], which[0] = np.where(first, here, value[0]), np.where(first, number, which[0])
    lasting = [name.startswith("session of") for name in names]
    texts = pa.array([*names, *_lengths(parts)])
    for best in range(2):
        code = which[best][parts.session, chosen]
        length = np.asarray(lasting)[code]
        yield (
            value[best][parts.session, chosen],
            np.where(length, len(names) + parts.session, code),
            texts,
        )


def _lengths(parts: Timeline) -> list[str]:
    """Duration and start of each part, as texts."""
    minutes = (parts.ends[parts.after - 1] - parts.starts[parts.first]) // MINUTE
    began = parts.local[parts.first] % DAY
    return [
        f"{_duration(lasted)} from {at // HOUR:02}:{at % HOUR // MINUTE:02}"
        for lasted, at in zip(minutes.tolist(), began.tolist(), strict=True)
    ]


def _duration(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest} min"
    return f"{hours} h {rest} min" if rest else f"{hours} h"
