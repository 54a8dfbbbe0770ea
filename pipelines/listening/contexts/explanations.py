"""Why a play has its label, as sentences that a person can check: which name, habit, session.

The pieces of evidence with the highest weight come first; everyday needs no reason and has none,
unless the listener said so. Add here how a kind of evidence is described; how single signs are said
is `sentences.py`. What a piece of evidence is worth is data (`weights.py`).
"""

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.arrays import MISSING, Bools, Floats, Ints, distinct
from pipelines.listening.contexts import CONTEXTS
from pipelines.listening.contexts.evidence import Evidence, Names
from pipelines.listening.contexts.habits import WINDOW_DAYS
from pipelines.listening.contexts.overrides import ManualLabels
from pipelines.listening.contexts.scores import Scores
from pipelines.listening.contexts.sentences import (
    ARTISTS_OF,
    IN_NAMES,
    SIGN_SENTENCES,
    habit_sentences,
    span,
)
from pipelines.listening.contexts.timeline import Timeline
from pipelines.listening.contexts.weights import Weights

MAX_TEXTS = 3
"""Explanations of a play."""

MIN_WEIGHT = 0.25
"""Log-odds above the mean of all contexts; a quarter makes odds 1.3 times as high."""

MAX_NEIGHBOUR_WEIGHT = 0.5
"""The most that neighbouring plays count among the explanations."""

A_FEW = 2
"""From so many alike sessions on they are worth a sentence, if they are half of all."""

EVERYDAY = len(CONTEXTS) - 1

THINGS = {
    "recording": ("track_name", "“", "”"),
    "artist": ("artist_name", "", ""),
    "album": ("album_name", "the album “", "”"),
    "played_from": ("played_from_name", "“", "”"),
}
"""For each kind of habit the column that names its thing, and how that is put."""

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
    special = chosen != EVERYDAY
    for weight, text, texts in _pieces(evidence, weights, scores, chosen):
        best.add(np.where(special, weight, np.float32(0)), text, texts)
    labelled = manual.reason != MISSING
    best.add(
        np.where(labelled, np.float32(np.inf), 0), manual.reason.astype(np.int64), manual.reasons
    )
    alone = np.flatnonzero(best.empty & special)
    parts = distinct(scores.parts.session[alone])
    whole = [f"the session as a whole, {when}" for when in _spans(scores.parts, parts)]
    place = np.zeros_like(chosen)
    place[alone] = np.searchsorted(parts, scores.parts.session[alone])
    best.add(np.where(best.empty & special, 1, 0), place, whole)
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
        values = pa.chunked_array(self._texts, pa.string()).combine_chunks()
        return pa.ListArray.from_arrays(pa.array(offsets), values.take(pa.array(codes[filled])))


def _pieces(
    evidence: Evidence, weights: Weights, scores: Scores, chosen: Ints
) -> Iterator[WeightedTexts]:
    rows = np.arange(len(chosen))
    strongest = _Strongest(len(chosen))
    for names in evidence.names:
        for piece in _of_names(names, weights, chosen):
            strongest.add(*piece)
            yield piece
    for kind in THINGS:
        weight = (weights.habits[kind] * _above(scores.habit_scores[kind]))[rows, chosen]
        yield _of_habit(kind, weight.astype(np.float32), evidence, chosen)
    yield _of_repertoire(evidence, weights, chosen)
    nothing = np.zeros_like(chosen)
    for sign, holds in evidence.track_signs.items():
        known = np.append(holds, False)[evidence.track_of]
        said = [SIGN_SENTENCES[sign]]
        yield _of_sign(weights.of_sign("sound", sign), known, chosen), nothing, said
    for sign, holds in evidence.play_signs.items():
        said = [SIGN_SENTENCES[sign]]
        yield _of_sign(weights.of_sign("play", sign), holds, chosen), nothing, said
    yield from _of_parts(weights, scores, chosen)
    own = np.float32(weights.itself) * scores.own
    around = _above(scores.total - own - scores.session[scores.parts.session])
    # Specific evidence comes before it.
    limited = np.minimum((around - _above(own))[rows, chosen], MAX_NEIGHBOUR_WEIGHT)
    yield _of_neighbours(limited, strongest, scores.parts, chosen)


def _above(values: Floats) -> Floats:
    """By how much each context is above the mean of all."""
    above: Floats = values - values.mean(axis=-1, keepdims=True)
    return above


def _of_sign(weight: Floats, holds: Bools, chosen: Ints) -> Floats:
    weights: Floats = np.where(holds, _above(weight)[chosen], np.float32(0))
    return weights


def _of_names(names: Names, weights: Weights, chosen: Ints) -> Iterator[WeightedTexts]:
    """Which words stand in which name."""
    matches = names.matches
    if not len(matches.strength):
        return
    by_strength = np.array([0, *weights.names[names.field]], np.float32)
    name, context = (matches.phrase != MISSING).nonzero()
    text = np.full((len(matches.phrase) + 1, len(CONTEXTS)), MISSING, np.int64)
    text[name, context] = np.arange(len(name))
    code = text[names.of_play, chosen]
    weight = _above(by_strength[matches.strength])
    known = np.concatenate([weight, np.zeros((1, len(CONTEXTS)), np.float32)])
    value = np.where(code == MISSING, 0, known[names.of_play, chosen]).astype(np.float32)
    yield value, code, _name_texts(names, name, context)


def _name_texts(names: Names, name: Ints, context: Ints) -> pa.Array:
    """The sentence for each name and context for which there is a phrase."""
    phrase = names.matches.phrases.take(pa.array(names.matches.phrase[name, context]))
    before, between, after = IN_NAMES[names.field]
    if names.field in ("genre", "platform"):
        return pc.binary_join_element_wise(before, phrase, after, "")
    called = names.names.cast(pa.string()).take(pa.array(name))
    said = pc.binary_join_element_wise(before, phrase, between, called, after, "")
    same = pc.equal(pc.utf8_lower(called), phrase)
    if names.field == "playlist":
        alone = pc.binary_join_element_wise("played from the playlist “", called, "”", "")
    elif names.field == "artist":
        kinds = pa.array([ARTISTS_OF.get(one, "") for one in CONTEXTS]).take(pa.array(context))
        alone = pc.binary_join_element_wise("by ", called, ", known for ", kinds, "")
    else:
        alone = said
    return pc.if_else(same, alone, said)


def _of_habit(kind: str, weight: Floats, evidence: Evidence, chosen: Ints) -> WeightedTexts:
    """How many of the other sessions with the same song, artist, album or playlist are alike."""
    habit = evidence.habits[kind]
    alike, others = habit.alike(chosen), habit.other_sessions
    column, before, after = THINGS[kind]
    names = evidence.facts[column]
    most = (alike >= A_FEW) & (alike * 2 >= others)
    told = most & (weight > MIN_WEIGHT) & (chosen != EVERYDAY)
    at = np.flatnonzero(told & names.is_valid().to_numpy())
    count = pa.array(others[at]).cast(pa.string())
    every = pc.if_else(
        pa.array(others[at] == 2),  # noqa: PLR2004
        "both",
        pc.binary_join_element_wise("all", count, " "),
    )
    some = pc.binary_join_element_wise(pa.array(alike[at]).cast(pa.string()), "of the", count, " ")
    texts = pc.binary_join_element_wise(
        pc.if_else(pa.array(alike[at] == others[at]), every, some),
        f" other sessions within {WINDOW_DAYS} days with {before}",
        names.take(pa.array(at)).combine_chunks(),
        f"{after} are labelled ",
        pa.array(CONTEXTS).take(pa.array(chosen[at])),
        "",
    )
    code = np.zeros(len(chosen), np.int64)
    code[at] = np.arange(len(at))
    here = np.zeros(len(chosen), np.float32)
    here[at] = weight[at]
    return here, code, texts


def _of_repertoire(evidence: Evidence, weights: Weights, chosen: Ints) -> WeightedTexts:
    """On which weekdays and about when such songs are heard, and in how many weeks."""
    own = evidence.repertoire
    total = np.zeros((len(chosen), len(CONTEXTS)), np.float32)
    for sign, holds in evidence.repertoire_signs.items():
        total[holds] += weights.of_sign("repertoire", sign)
    # It holds for the whole stretch, and habits of its artists only follow from it.
    weight = 2 * _above(total)[np.arange(len(chosen)), chosen]
    told = (own.stretch != MISSING) & (weight > MIN_WEIGHT) & (chosen != EVERYDAY)
    stretches = distinct(own.stretch[told])
    texts = habit_sentences(own, evidence.timeline, stretches)
    place = np.searchsorted(stretches, own.stretch)
    return np.where(told, weight, 0).astype(np.float32), place, texts


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
    told = distinct(parts.session[chosen != EVERYDAY])
    spans = [f"the length of the session, {when}" for when in _spans(parts, told)]
    texts = pa.array([*(SIGN_SENTENCES[name] for name in names), *spans])
    place = len(names) + np.searchsorted(told, parts.session)
    for best in range(2):
        code = which[best][parts.session, chosen]
        length = np.asarray(lasting)[code]
        here = np.where(chosen != EVERYDAY, value[best][parts.session, chosen], np.float32(0))
        yield here, np.where(length, place, code), texts


class _Strongest:
    """The strongest name of each play for its label."""

    def __init__(self, count: int) -> None:
        self.weight = np.zeros(count, np.float32)
        self._code = np.full(count, MISSING, np.int64)
        self._texts: list[pa.Array] = []
        self._count = 0

    def add(self, weight: Floats, text: Ints, texts: Sequence[str] | pa.Array) -> None:
        """Take a piece of evidence where it is stronger than those so far."""
        higher = weight > self.weight
        self._code = np.where(higher, text + self._count, self._code)
        self.weight = np.maximum(weight, self.weight)
        self._texts.append(pa.array(texts, pa.string()))
        self._count += len(self._texts[-1])

    def take(self, plays: Ints) -> list[str]:
        """The text of each of these plays, which have one."""
        texts = pa.chunked_array(self._texts, pa.string())
        found: list[str] = texts.take(pa.array(self._code[plays])).to_pylist()
        return found


def _of_neighbours(
    weight: Floats, strongest: _Strongest, parts: Timeline, chosen: Ints
) -> WeightedTexts:
    """How many plays of the same part have telling names, and the strongest of these names."""
    named = (strongest.weight > MIN_WEIGHT) & (chosen != EVERYDAY)
    pair = parts.session * len(CONTEXTS) + chosen
    at = np.flatnonzero(named)
    order = at[np.lexsort((at, -strongest.weight[at], pair[at]))]
    pairs, first, count = np.unique(pair[order], return_index=True, return_counts=True)
    spans = _spans(parts, pairs // len(CONTEXTS))
    examples = strongest.take(order[first])
    texts = [
        f"{times} of the plays of {when} have telling names, such as {example}"
        if times > 1
        else f"near it, in the session of {when}: {example}"
        for when, times, example in zip(spans, count.tolist(), examples, strict=True)
    ]
    place = np.searchsorted(pairs, pair)
    known = np.append(pairs, MISSING)[place] == pair
    return np.where(known & ~named, weight, np.float32(0)), np.where(known, place, 0), texts


def _spans(parts: Timeline, which: Ints) -> list[str]:
    """Date, beginning and end of these parts, as people write them."""
    first = parts.first[which]
    begins = parts.local[first]
    lasted = parts.ends[parts.after[which] - 1] - parts.starts[first]
    return [span(*both) for both in zip(begins.tolist(), (begins + lasted).tolist(), strict=True)]
