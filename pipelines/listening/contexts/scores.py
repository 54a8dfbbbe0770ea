"""Scores of contexts: the evidence added up as log-odds for every play.

Add here how evidence is combined, across neighbouring plays and habits too. Which evidence there is
belongs in `evidence.py`, which label follows in `labels.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from pipelines.listening.arrays import (
    MISSING,
    Bools,
    Floats,
    Ints,
    maxima_of_rows,
    sums_of_rows,
)
from pipelines.listening.contexts import CONTEXTS
from pipelines.listening.contexts.evidence import Evidence
from pipelines.listening.contexts.habits import KINDS
from pipelines.listening.contexts.overrides import ManualLabels
from pipelines.listening.contexts.phrases import HINT
from pipelines.listening.contexts.shape import NEW_ARTISTS, SPOKEN
from pipelines.listening.contexts.timeline import Timeline, previous_same
from pipelines.listening.contexts.weights import Weights, refuse_unknown
from pipelines.listening.time.intervals import MINUTE, SECOND

KIDS, SLEEP = CONTEXTS.index("kids"), CONTEXTS.index("sleep")
SURE = [KIDS, SLEEP]
"""Contexts that are named only where a name or a sound tells them, or a habit that follows from
such: they are left out of what is the listener's own."""

ON_PURPOSE = ("playlist", "genre")
"""Names that are given for a purpose, where a hint counts like any other word."""

MUSIC_ONLY = [CONTEXTS.index(name) for name in ("workout", "focus", "party")]
"""Contexts of which podcasts and audiobooks are no evidence, whatever else speaks for them."""

ROUNDS = 2
"""The first scores have no habits; each round adds those that follow from the scores before."""

_FINE = 1000
"""Scores are averaged in thousandths, since sums of integers do not depend on the order."""

_MAX_SCORE = 30.0

CLEAR_PAUSE = 8 * MINUTE
"""A longer pause always starts a new part. Reasoned."""

SHORT_PAUSE = 6 * SECOND
"""A longer pause shows that somebody pressed a key. Reasoned."""

PAUSE_WEIGHT = 0.4
MIN_DIFFERENCE = 0.5
"""How far, from 0 to 1, the contexts on both sides of a boundary must differ; a longer pause counts
towards it. Reasoned."""

SIDE_WINDOW = 15 * MINUTE

HALF = np.float32(0.5)

GRIP = 4
"""By how many log-odds shape and clock can help at most for each that names, sound, habits and
repertoire give; without any, `alone` is all that they reach. Reasoned."""

LEAST_TOLD = 0.3
TOLD_PLAYS, TOLD_SHARE = 3, 0.2
"""What is told of so many plays, and of so much of a part, holds for the others in it. Reasoned."""

MAX_WEIGHTED_LENGTH = 10 * MINUTE
"""A longer play has no more weight among its neighbours than one of this length."""


@dataclass(frozen=True)
class Scores:
    """Log-odds of each context; one row per play unless stated otherwise, one column per context.

    Attributes:
        total: all evidence together, without the play's manual label; where nothing but shape and
            clock speaks for a context, it is limited.
        own: the play's own evidence: names, sound, clock and habits.
        session: evidence by the shape of a session; one row per part of a session.
        habit_scores: scores of each habit, by its name.
        parts: the plays, with sessions split into parts of one context.
        signs: signs of each part.
    """

    total: Floats
    named: Bools
    own: Floats
    session: Floats
    habit_scores: Mapping[str, Floats]
    parts: Timeline
    signs: Mapping[str, Bools]


def score(evidence: Evidence, weights: Weights, manual: ManualLabels) -> Scores:
    """Score every play in rounds: habits that follow from one round are evidence in the next.

    Args:
        evidence: all evidence.
        weights: its weights.
        manual: manual labels; they have probability 1 when habits are computed.

    Raises:
        WrongWeights: if the weights name a sign that does not exist.
    """
    direct = _direct_scores(evidence, weights)
    parts = evidence.timeline.with_parts(split_sessions(evidence.timeline, None))
    scores = _total(parts, evidence, weights, direct, {})
    for kind, signs in evidence.signs(scores.signs).items():
        refuse_unknown(weights, kind, signs.keys())
    for _ in range(ROUNDS):
        baseline = _settled(softmax(scores.total), scores.named, weights)
        parts = evidence.timeline.with_parts(split_sessions(evidence.timeline, scores.own))
        labelled = with_manual_labels(baseline, manual)
        habit_scores = evidence.habit_scores(labelled, None if labelled is baseline else baseline)
        scores = _total(parts, evidence, weights, direct, habit_scores)
    return scores


def _settled(probabilities: Floats, named: Bools, weights: Weights) -> Floats:
    """Probabilities without those of contexts that are not sure enough to be chosen.

    What is merely suggested, however often, makes no habit; what names or sound speak for may.
    """
    suggested = (probabilities < np.maximum(weights.least, HALF)) & ~named
    settled = np.where(suggested, np.float32(0), probabilities)
    settled[:, -1] = probabilities[:, -1]
    return settled


def split_sessions(timeline: Timeline, own: Floats | None) -> Ints:
    """Split sessions where one context seems to follow another.

    A session is split at a clear pause, and at a short pause or a change of playlist between plays
    with evidence for different contexts.

    Args:
        timeline: the plays.
        own: scores by each play's own evidence; None if there are none yet.

    Returns:
        For each play the number of its part, from 0, ascending.
    """
    if not len(timeline):
        return timeline.session
    pause = timeline.starts[1:] - timeline.ends[:-1]
    cut = pause > CLEAR_PAUSE
    if own is not None:
        before, after = _either_side(timeline, own)
        differ = np.abs(softmax(before) - softmax(after)).sum(axis=1) / 2
        pause_share = np.minimum(pause, CLEAR_PAUSE) / CLEAR_PAUSE * PAUSE_WEIGHT
        stopped = (pause > SHORT_PAUSE) | (timeline.played_from[1:] != timeline.played_from[:-1])
        cut |= stopped & (differ + pause_share > MIN_DIFFERENCE)
    cut |= timeline.session[1:] != timeline.session[:-1]
    return np.concatenate([[0], np.cumsum(cut)]).astype(np.int64)


def _either_side(timeline: Timeline, own: Floats) -> tuple[Floats, Floats]:
    """Mean scores on both sides of each boundary between neighbouring plays of a session."""
    running = _RunningMean(timeline, own)
    boundary = np.arange(1, len(timeline))
    begins, ends = timeline.first[timeline.session], timeline.after[timeline.session]
    from_ = np.maximum(
        np.searchsorted(timeline.ends, timeline.ends[:-1] - SIDE_WINDOW), begins[:-1]
    )
    # With two devices, the play that ends later need not have begun later.
    begun = np.maximum.accumulate(timeline.starts)
    to = np.searchsorted(begun, begun[1:] + SIDE_WINDOW, side="right")
    to = np.maximum(np.minimum(to, ends[1:]), boundary + 1)
    return running.average(from_, boundary), running.average(boundary, to)


def softmax(total: Floats, certainty: float = 1.0) -> Floats:
    """Log-odds as probabilities.

    Args:
        total: log-odds, one row per play, one column per context.
        certainty: factor by which log-odds are multiplied first.
    """
    above = (total - maxima_of_rows(total)) * np.float32(certainty)
    odds = np.exp(above)
    shares: Floats = odds / sums_of_rows(odds)
    return shares


def with_manual_labels(probabilities: Floats, manual: ManualLabels) -> Floats:
    """Probabilities in which manual labels are certain.

    Args:
        probabilities: one row per play, one column per context.
        manual: manual labels.
    """
    labelled = manual.context != MISSING
    if not labelled.any():
        return probabilities
    probabilities = probabilities.copy()
    probabilities[labelled] = np.eye(len(CONTEXTS), dtype=np.float32)[manual.context[labelled]]
    return probabilities


def _total(
    parts: Timeline,
    evidence: Evidence,
    weights: Weights,
    direct: "_Direct",
    habit_scores: Mapping[str, Floats],
) -> Scores:
    own, learned = direct.own.copy(), np.zeros_like(direct.own)
    hints = _hints_in_company(parts, direct.hints)
    telling = direct.telling + hints
    for kind, scores in habit_scores.items():
        worth = np.float32(weights.habits[kind]) * scores
        own += worth
        if kind in KINDS:
            learned += worth
    telling += learned
    named = direct.named + hints
    # These habits follow from names and sound alone.
    named[:, SURE] += learned[:, SURE]
    near = parts.range_around(int(weights.near_minutes * MINUTE))
    total = blend_with_neighbours(parts, own, weights, near)
    signs = evidence.shape(parts)
    session = np.tile(weights.start, (parts.sessions, 1))
    for sign, holds in signs.items():
        session[holds] += weights.of_sign("session", sign)
    total += session.take(parts.session, axis=0)
    # Others chose the music: that is no shape.
    telling += (signs[NEW_ARTISTS][:, None] * weights.of_sign("session", NEW_ARTISTS))[
        parts.session
    ]
    told = _told(parts, telling, weights, near)
    is_named = _in_company(parts, named - named[:, -1:])
    most = np.where(is_named, np.inf, weights.unnamed)
    spoken = evidence.play_signs[SPOKEN]
    most[:, MUSIC_ONLY] = np.where(spoken[:, None], weights.alone, most)[:, MUSIC_ONLY]
    return Scores(
        total=_at_most(total, np.minimum(weights.alone + GRIP * told, most)),
        named=is_named,
        own=own,
        session=session,
        habit_scores=habit_scores,
        parts=parts,
        signs=signs,
    )


def _hints_in_company(parts: Timeline, hints: Mapping[str, "_Hints"]) -> Floats:
    """Hints that count: in several names of one kind, and a good share of a part of a session.

    An artist who is called like a context is one name, however many songs are heard of them.
    """
    counted = np.zeros((len(parts), len(CONTEXTS)), np.float32)
    for hint in hints.values():
        hinted = hint.worth > 0
        new = hint.before < parts.first[parts.session]
        several = parts.per_session(hinted & new[:, None]) >= TOLD_PLAYS
        enough = (several & _good_share(parts, hinted)).take(parts.session, axis=0)
        counted += np.where(enough, hint.worth, np.float32(0))
    return counted


def _good_share(parts: Timeline, holds: Bools) -> Bools:
    """Whether something holds for so much of each part."""
    seconds = _weighted_seconds(parts)
    share = parts.per_session(holds * seconds[:, None])
    return np.asarray(share >= TOLD_SHARE * parts.per_session(seconds)[:, None], np.bool_)


def _told(parts: Timeline, telling: Floats, weights: Weights, near: tuple[Ints, Ints]) -> Floats:
    """How far names, sound, habits and repertoire put each context of a play above everyday.

    What they tell of other plays of its part counts only for plays of which they tell the same, or
    where they tell it of several plays and a good share of the part.
    """
    over = telling - telling[:, -1:]
    blended = blend_with_neighbours(parts, over, weights, near)
    told: Floats = np.where(_in_company(parts, over), np.maximum(blended, 0), np.float32(0))
    return told


def _in_company(parts: Timeline, over: Floats) -> Bools:
    """Whether it is told of a play itself, or of several plays and a good share of its part."""
    holds = over > LEAST_TOLD
    several = parts.per_session(holds) >= TOLD_PLAYS
    enough = several & _good_share(parts, holds)
    company: Bools = holds | enough.take(parts.session, axis=0)
    return company


def _at_most(total: Floats, over: Floats) -> Floats:
    """Scores that are above that of everyday by no more than this."""
    most = total[:, -1:] + over
    most[:, -1] = total[:, -1]
    limited: Floats = np.minimum(total, most)
    return limited


@dataclass(frozen=True)
class _Hints:
    """Mere hints in one kind of names.

    Attributes:
        worth: what they are worth; one row per play, one column per context.
        before: for each play the index of the previous one with the same name; -1 for the first.
    """

    worth: Floats
    before: Ints


@dataclass(frozen=True)
class _Direct:
    """Scores of each play by its own evidence, without habits.

    Attributes:
        own: by names, sound, repertoire and clock.
        telling: the part of them that can convince: without clock, devices and mere hints.
        named: the part of that which is names and sound.
        hints: mere hints by words, by the kind of names.
    """

    own: Floats
    telling: Floats
    named: Floats
    hints: Mapping[str, "_Hints"]


def _direct_scores(evidence: Evidence, weights: Weights) -> _Direct:
    """Scores of each play by names, sound, repertoire and clock."""
    own = np.zeros((len(evidence.timeline), len(CONTEXTS)), np.float32)
    telling, named, hints = own.copy(), own.copy(), dict[str, _Hints]()
    for names in evidence.names:
        weight = np.array([0, *weights.names[names.field]], np.float32)
        _add_by_index(own, weight[names.matches.strength], names.of_play)
        is_hint = names.matches.strength == HINT
        if names.field in ON_PURPOSE:
            is_hint[:] = False
        elif names.field != "platform":
            worth = np.zeros_like(own)
            _add_by_index(worth, weight[names.matches.strength] * is_hint, names.of_play)
            hints[names.field] = _Hints(worth, previous_same(names.of_play))
        if names.field != "platform":
            _add_by_index(named, weight[names.matches.strength] * ~is_hint, names.of_play)
    by_track = np.zeros((len(next(iter(evidence.track_signs.values()))), len(CONTEXTS)), np.float32)
    for sign, holds in evidence.track_signs.items():
        by_track[holds] += weights.of_sign("sound", sign)
    _add_by_index(own, by_track, evidence.track_of)
    by_track[:, KIDS] = 0
    _add_by_index(named, by_track, evidence.track_of)
    telling += named
    for kind, signs in (("play", evidence.play_signs), ("repertoire", evidence.repertoire_signs)):
        for sign, holds in signs.items():
            weight = weights.of_sign(kind, sign)
            for context in np.flatnonzero(weight):
                own[:, context] += holds * weight[context]
                if kind == "repertoire":
                    telling[:, context] += holds * weight[context]
    telling[:, KIDS] = named[:, KIDS]
    return _Direct(own, telling, named, hints)


def _add_by_index(own: Floats, of_thing: Floats, thing: Ints) -> None:
    if len(of_thing):
        known = np.concatenate([of_thing, np.zeros((1, len(CONTEXTS)), np.float32)])
        own += known.take(thing, axis=0)


def blend_with_neighbours(
    timeline: Timeline, own: Floats, weights: Weights, near: tuple[Ints, Ints]
) -> Floats:
    """Each play's own score, blended with those of the plays around it and of its whole session.

    Both are means weighted by time played, so that a looped short track does not dominate.

    Args:
        timeline: the plays.
        own: scores by each play's own evidence.
        weights: has the weights of the three.
        near: for each play the plays around it, as `Timeline.range_around` gives them.
    """
    if not len(timeline):
        return own.copy()
    running = _RunningMean(timeline, own)
    around = running.average(*near)
    whole = running.average(timeline.first, timeline.after)
    together: Floats = (
        np.float32(weights.itself) * own
        + np.float32(weights.near) * around
        + (np.float32(weights.session) * whole).take(timeline.session, axis=0)
    )
    return together


def _weighted_seconds(timeline: Timeline) -> Ints:
    """How much each play weighs among its neighbours."""
    seconds: Ints = np.minimum(timeline.lasted, MAX_WEIGHTED_LENGTH) // SECOND + 1
    return seconds


class _RunningMean:
    """Means of scores over ranges of plays, weighted by time played."""

    def __init__(self, timeline: Timeline, own: Floats) -> None:
        lasted = _weighted_seconds(timeline)
        fine = np.rint(np.clip(own, -_MAX_SCORE, _MAX_SCORE) * _FINE).astype(np.int64)
        fine *= lasted[:, None]
        self._sums = np.zeros((len(own) + 1, own.shape[1]), np.int64)
        np.cumsum(fine, axis=0, out=self._sums[1:])
        self._time = np.concatenate([[0], lasted.cumsum()])

    def average(self, begins: Ints, ends: Ints) -> Floats:
        """Means over the plays from `begins` up to, but not including, `ends`."""
        time = (self._time[ends] - self._time[begins])[:, None]
        sums = self._sums.take(ends, axis=0) - self._sums.take(begins, axis=0)
        averages: Floats = (sums / time / _FINE).astype(np.float32)
        return averages
