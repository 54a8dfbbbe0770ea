"""Labels plays with contexts: from plays and all evidence to `labelled_plays`.

The entry point of this package. Add a step here only to call it: each is a module of its own.
Reading and writing is the asset's business.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.arrays import MISSING, Bools, Floats, Ints, maxima_of_rows
from pipelines.listening.catalogue.audio_features import genres_of, match_features, most_telling
from pipelines.listening.contexts import CONTEXTS
from pipelines.listening.contexts.evidence import Evidence, gather
from pipelines.listening.contexts.explanations import explain
from pipelines.listening.contexts.filling import fill
from pipelines.listening.contexts.overrides import Label, ManualLabels, Override, manual_labels
from pipelines.listening.contexts.scores import Scores, score, softmax
from pipelines.listening.contexts.sessions import PAUSE, session_ids
from pipelines.listening.contexts.weights import Weights, default_weights
from pipelines.listening.schema.context_tables import LABELLED_PLAYS
from pipelines.listening.time.intervals import instants

MIN_HABIT_SCORE = 0.5
"""Log-odds from which on a habit counts as evidence in the coverage figures. Reasoned."""

VERSION = "2"
"""Raise it when the same plays, weights and phrases give other labels."""


@dataclass(frozen=True)
class Labelled:
    """Labelled plays.

    Attributes:
        rows: `labelled_plays` rows in order of `played_at`.
        covered: for each kind of evidence, which plays have any.
    """

    rows: pa.Table
    covered: Mapping[str, Bools]


def label(
    plays: pa.Table,
    *,
    tracks: pa.Table,
    known: pa.Table,
    gaps: pa.Table,
    exclude: Sequence[str],
    overrides: Sequence[Override] = (),
    labels: Sequence[Label] = (),
    pause: timedelta = PAUSE,
    weights: Weights | None = None,
) -> Labelled:
    """Label each play with the context in which it was heard.

    A label depends on plays up to four months before and after, so include those.

    Args:
        plays: `plays` rows.
        tracks: `unique_tracks` rows.
        known: reference data of each track, as `reference_data_of` gives it.
        gaps: `gaps` rows.
        exclude: contexts that are not "mine".
        overrides: the listener's rules.
        labels: the listener's labels of sessions.
        pause: the longest silence within a session.
        weights: weights of the evidence; those of Playledger by default.
    """
    weights = weights or default_weights()
    filled = fill(_in_order(plays), tracks)
    evidence = gather(filled.plays, known, filled.track_of, gaps, pause)
    manual = manual_labels(filled.plays, evidence.timeline, overrides, labels)
    scores = score(evidence, weights, manual)
    probabilities = softmax(scores.total, weights.certainty)
    chosen, confidence = _apply_manual_labels(*decide(probabilities, weights), manual)
    names = pa.array(CONTEXTS)
    context = names.take(pa.array(chosen))
    added = {
        "session_id": session_ids(evidence.timeline.session, evidence.timeline.starts),
        "context": context,
        "context_confidence": pa.array(confidence),
        "context_scores": _scores(probabilities),
        "context_evidence": explain(evidence, weights, scores, chosen, manual),
        "context_given": _label_source(manual),
        "mine": pc.invert(pc.is_in(context, pa.array(exclude, pa.string()))),
    }
    table = filled.plays
    for name, column in added.items():
        table = table.append_column(name, column)
    return Labelled(table.select(LABELLED_PLAYS.schema.names), _covered(evidence, scores, manual))


def _in_order(plays: pa.Table) -> pa.Table:
    """Sort by time; consecutive months of the ledger already are, and a copy is not free."""
    if (np.diff(instants(plays["played_at"])) > 0).all():
        return plays
    return plays.sort_by([(name, "ascending") for name in LABELLED_PLAYS.order])


def decide(probabilities: Floats, weights: Weights) -> tuple[Ints, Floats]:
    """The context of each play by the evidence alone, and its confidence.

    A context below its least confidence is not chosen: the play is everyday then.

    Args:
        probabilities: one row per play, one column per context.
        weights: has the least confidence of each context.

    Returns:
        Indices into `CONTEXTS`, and probabilities.
    """
    plays = np.arange(len(probabilities))
    likeliest = probabilities.argmax(axis=1)
    sure = probabilities[plays, likeliest] >= weights.least[likeliest]
    chosen = np.where(sure, likeliest, len(CONTEXTS) - 1)
    return chosen, probabilities[plays, chosen]


def reference_data_of(tracks: pa.Table, features: pa.Table, artist_genres: pa.Table) -> pa.Table:
    """Reference data of each track: audio features, and its own genres or else its artist's.

    Both are in order: the track's own with the most telling first, the artist's as `artist_genres`
    has them.

    Args:
        tracks: `unique_tracks` rows.
        features: `audio_features` rows.
        artist_genres: `artist_genres` rows.
    """
    known = match_features(tracks, features)
    of_artist = genres_of(tracks["artist_name"], artist_genres)
    at = known.schema.get_field_index("genres")
    own = most_telling(tracks["artist_name"], known["genres"], artist_genres)
    genres = pa.chunked_array([own, of_artist])
    indices = np.arange(len(tracks))
    indices += np.where(known["genres"].is_null().to_numpy(), len(tracks), 0)
    return known.set_column(at, "genres", genres.take(pa.array(indices)))


def _apply_manual_labels(
    chosen: Ints, confidence: Floats, manual: ManualLabels
) -> tuple[Ints, Floats]:
    """Contexts and confidence with manual labels, whose confidence is 1."""
    by_listener: Bools = manual.context != MISSING
    chosen = np.where(by_listener, manual.context, chosen).astype(np.int64)
    return chosen, np.where(by_listener, np.float32(1), confidence)


def _covered(evidence: Evidence, scores: Scores, manual: ManualLabels) -> dict[str, Bools]:
    """For each kind of evidence, which plays have any."""
    named = {
        names.field: np.append(names.matches.strength.any(axis=1), False)[names.of_play]
        for names in evidence.names
    }
    sound = np.any(
        [np.append(holds, False)[evidence.track_of] for holds in evidence.track_signs.values()],
        axis=0,
    )
    return {
        "playlist": named["playlist"],
        "names": named["album"] | named["track"] | named["artist"],
        "genre": named["genre"],
        "platform": named["platform"],
        "sound": sound,
        "habits": np.any(
            [
                maxima_of_rows(np.abs(habit))[:, 0] > MIN_HABIT_SCORE
                for habit in scores.habit_scores.values()
            ],
            axis=0,
        ),
        "given": manual.context != MISSING,
    }


def _scores(probabilities: Floats) -> pa.Array:
    count = len(CONTEXTS)
    contexts = pa.array(np.tile(np.arange(count), len(probabilities)))
    values = pa.StructArray.from_arrays(
        [pa.array(CONTEXTS).take(contexts), pa.array(probabilities.reshape(-1))],
        fields=list(LABELLED_PLAYS.schema.field("context_scores").type.value_type),
    )
    offsets = pa.array(np.arange(0, len(values) + 1, count, dtype=np.int32))
    return pa.ListArray.from_arrays(offsets, values)


def _label_source(manual: ManualLabels) -> pa.Array:
    """`session` for a session labelled by hand, `rule` where a rule applies, else null."""
    which = np.minimum(manual.reason, 1)
    return pa.array(["session", "rule"]).take(pa.array(which, mask=which == MISSING))
