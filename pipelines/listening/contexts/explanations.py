"""Why a play was labelled so, in words: the pieces of evidence that weighed most.

How evidence is told lives here. What it is worth is data (`weights.py`).
"""

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.arrays import MISSING, Bools, Floats, Ints
from pipelines.listening.contexts import CONTEXTS
from pipelines.listening.contexts.evidence import Evidence, Names
from pipelines.listening.contexts.overrides import Given
from pipelines.listening.contexts.scores import Scores
from pipelines.listening.contexts.timeline import DAY, HOUR, Timeline
from pipelines.listening.contexts.weights import Weights
from pipelines.listening.time.intervals import MINUTE

MOST = 3
"""Pieces of evidence that are told of a play."""

WORTH_TELLING = 0.25
"""Log-odds above the average of all contexts; a quarter makes odds 1.3 times as high."""

BY_COMPANY = 0.5
"""So much at most the company of other plays counts among the reasons that are told."""

NOT_SURE_ENOUGH = 1000
"""That a threshold decided is told before all evidence."""

NOTHING_SPEAKS = "nothing speaks for another context"
AROUND = "what was heard around it"

HABITS = {
    "recording": "other sessions with this recording",
    "artist": "other sessions with this artist",
    "album": "other sessions with this album",
    "played_from": "other sessions from the same playlist or album",
    "week": "usual at this hour on this weekday",
    "day": "usual at this hour",
}

Worth = tuple[Floats, Ints, Sequence[str] | pa.Array]
"""For each play what a piece of evidence adds and which text tells it, and the texts."""


def evidence_in_words(
    evidence: Evidence, weights: Weights, scores: Scores, chosen: Ints, given: Given
) -> pa.Array:
    """For each play the strongest evidence for its context, strongest first.

    Args:
        evidence: all evidence.
        weights: what it is worth.
        scores: what it came to.
        chosen: for each play the number of the context that it is labelled with.
        given: what the listener said; it comes first.
    """
    best = _Best(len(chosen))
    for worth, text, texts in _pieces(evidence, weights, scores, chosen):
        best.take_in(worth, text, texts)
    said = given.reason != MISSING
    best.take_in(
        np.where(said, np.float32(np.inf), 0), given.reason.astype(np.int64), given.reasons
    )
    everyday = chosen == len(CONTEXTS) - 1
    likeliest = scores.total.argmax(axis=1)
    best.take_in(
        np.where((likeliest != chosen) & ~said, np.float32(NOT_SURE_ENOUGH), 0),
        likeliest,
        [f"{context} is likely, but not sure enough" for context in CONTEXTS],
    )
    best.take_in(np.where(best.empty & everyday, 1, 0), np.zeros_like(chosen), [NOTHING_SPEAKS])
    return best.lists()


class _Best:
    """The few most worthwhile texts of each play."""

    def __init__(self, count: int) -> None:
        self._worth = np.full((MOST, count), WORTH_TELLING, np.float32)
        self._text = np.full((MOST, count), MISSING, np.int64)
        self._texts: list[pa.Array] = []
        self._count = 0

    @property
    def empty(self) -> Bools:
        """Which plays have no text yet."""
        return np.asarray(self._text[0] == MISSING, np.bool_)

    def take_in(self, worth: Floats, text: Ints, texts: Sequence[str] | pa.Array) -> None:
        """Take in a piece of evidence where it is worth more than the least of those so far."""
        at = np.flatnonzero(worth > self._worth[-1])
        value, code = worth[at], text[at] + self._count
        for place in range(MOST):
            here, there = self._worth[place, at], self._text[place, at]
            higher = value > here
            self._worth[place, at] = np.where(higher, value, here)
            self._text[place, at] = np.where(higher, code, there)
            value, code = np.where(higher, here, value), np.where(higher, there, code)
        self._texts.append(pa.array(texts, pa.string()))
        self._count += len(self._texts[-1])

    def lists(self) -> pa.Array:
        """The texts as a list for each play."""
        codes = self._text.T
        told = codes != MISSING
        offsets = np.concatenate([[0], told.sum(axis=1).cumsum()]).astype(np.int32)
        values = pa.chunked_array(self._texts).combine_chunks().take(pa.array(codes[told]))
        return pa.ListArray.from_arrays(pa.array(offsets), values)


def _pieces(evidence: Evidence, weights: Weights, scores: Scores, chosen: Ints) -> Iterator[Worth]:
    rows = np.arange(len(chosen))
    nothing = np.zeros_like(chosen)
    for names in evidence.names:
        yield from _of_names(names, weights, chosen)
    for kind, vote in scores.votes.items():
        worth = weights.habits[kind] * _above(vote)
        yield worth[rows, chosen].astype(np.float32), nothing, [HABITS[kind]]
    for sign, holds in evidence.tracks.items():
        known = np.append(holds, False)[evidence.track_of]
        yield _of_sign(weights.of("sound", sign), known, chosen), nothing, [sign]
    for sign, holds in evidence.plays.items():
        yield _of_sign(weights.of("play", sign), holds, chosen), nothing, [sign]
    yield from _of_parts(weights, scores, chosen)
    own = np.float32(weights.itself) * scores.own
    around = _above(scores.total - own - scores.session[scores.parts.session])
    # Whatever can be named is told before it.
    yield np.minimum((around - _above(own))[rows, chosen], BY_COMPANY), nothing, [AROUND]


def _above(values: Floats) -> Floats:
    """By how much each context is above the average of all."""
    above: Floats = values - values.mean(axis=-1, keepdims=True)
    return above


def _of_sign(worth: Floats, holds: Bools, chosen: Ints) -> Floats:
    told: Floats = np.where(holds, _above(worth)[chosen], np.float32(0))
    return told


def _of_names(names: Names, weights: Weights, chosen: Ints) -> Iterator[Worth]:
    if not len(names.found.strength):
        return
    by_strength = np.array([0, *weights.names[names.place]], np.float32)
    worth = _above(by_strength[names.found.strength])
    known = np.concatenate([worth, np.zeros((1, len(CONTEXTS)), np.float32)])
    phrase = np.concatenate([names.found.phrase, np.full((1, len(CONTEXTS)), MISSING, np.int32)])
    code = phrase[names.of_play, chosen].astype(np.int64)
    value = np.where(code == MISSING, 0, known[names.of_play, chosen]).astype(np.float32)
    if names.place in ("playlist", "artist"):
        code = names.of_play
    yield value, code, _told(names)


def _told(names: Names) -> pa.Array:
    """How a name, or the phrase found in it, is told."""
    before, after = {
        "playlist": ("played from the playlist “", "”"),
        "album": ("“", "” in the album's name"),
        "track": ("“", "” in the title"),
        "artist": ("by ", ""),
        "genre": ("of the genre “", "”"),
        "platform": ("played on “", "”"),
    }[names.place]
    said = names.names if names.place in ("playlist", "artist") else names.found.phrases
    return pc.binary_join_element_wise(before, said.cast(pa.string()), after, "")


def _of_parts(weights: Weights, scores: Scores, chosen: Ints) -> Iterator[Worth]:
    """The two strongest signs of each part of a session, for each context it may be."""
    parts, signs = scores.parts, scores.signs
    names = list(signs)
    worth = np.stack([_above(weights.of("session", name)) for name in names])
    value = np.zeros((2, parts.sessions, len(CONTEXTS)), np.float32)
    which = np.zeros((2, parts.sessions, len(CONTEXTS)), np.int64)
    for number, holds in enumerate(signs.values()):
        here = np.where(holds[:, None], worth[number], 0)
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
    """How long each part lasted and when it began."""
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
