"""How accurate labels are: predicted contexts against true ones, and simple baselines.

Add a metric here, or a baseline to compare with. How contexts are predicted is the other modules'
business, and charts of these metrics are `pipelines/report/pictures.py`.
"""

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.arrays import Doubles, Ints
from pipelines.listening.contexts import CONTEXTS

Column: TypeAlias = pa.Array | pa.ChunkedArray

BINS = 10
HOURS = 24

_COUNT = len(CONTEXTS)
_EDGES = np.arange(BINS + 1, dtype=np.float32) / BINS


@dataclass(frozen=True)
class Evaluation:
    """Metrics of predicted contexts against true ones, all weighted by minutes.

    Attributes:
        by_context: one row per context, in the order of `CONTEXTS`: context, its true minutes,
            precision (null if none were predicted), recall (null if none are true) and f1, their
            harmonic mean (0 if only one of them is known, since nothing was right then; null if
            neither is).
        confusion: minutes; rows are true contexts, columns predicted ones, both as in `CONTEXTS`.
        calibration: ten equally wide bins of confidence: low, high (exclusive except in the
            last), minutes, and weighted by minutes mean_confidence and share_right; null if empty.
        macro_f1: mean f1 of the contexts with true minutes; None if none has.
        calibration_error: the expected calibration error (Naeini, Cooper and Hauskrecht, AAAI
            2015): mean difference of mean confidence and the share that is right, weighted by
            minutes; None if there are no minutes.
    """

    by_context: pa.Table
    confusion: Doubles
    calibration: pa.Table
    macro_f1: float | None
    calibration_error: float | None


def evaluate(truth: Column, predicted: Column, confidence: Column, minutes: Column) -> Evaluation:
    """Compare predicted contexts with true ones; the result does not depend on row order.

    Args:
        truth: the true context of each play or session.
        predicted: its predicted context.
        confidence: confidence of the prediction, 0 to 1.
        minutes: minutes played.

    Raises:
        ValueError: if columns differ in length, have a null, an unknown context, a confidence
            outside 0 to 1, or negative minutes.
    """
    if len({len(truth), len(predicted), len(confidence), len(minutes)}) > 1:
        raise ValueError("truth, predicted, confidence and minutes must be equally long")
    true_code, predicted_code = _context_codes(truth), _context_codes(predicted)
    time = _numbers(minutes, "minutes", highest=math.inf)
    sure = _numbers(confidence, "confidence", highest=1)
    confusion = _sums(time, true_code * _COUNT + predicted_code, _COUNT**2).reshape(_COUNT, _COUNT)
    by_context = _by_context(confusion)
    calibration = _calibration(true_code == predicted_code, sure, time)
    in_truth = by_context.filter(pc.greater(by_context["minutes"], 0))
    return Evaluation(
        by_context=by_context,
        confusion=confusion,
        calibration=calibration,
        macro_f1=pc.mean(in_truth["f1"]).as_py(),
        calibration_error=_calibration_error(calibration),
    )


def audio_thresholds(features: pa.Table) -> pa.Array:
    """Baseline: the context of the first rule that a track's audio features satisfy.

    Args:
        features: energy, danceability, speechiness, instrumentalness, acousticness and valence,
            0 to 1; a null satisfies no rule.

    Returns:
        A context for each row; everyday where no rule is satisfied.
    """
    both = pc.and_kleene
    energy, danceability = features["energy"], features["danceability"]
    spoken, wordless = features["speechiness"], features["instrumentalness"]
    lively = both(pc.greater(energy, 0.6), pc.greater(danceability, 0.6))
    rules = {
        "workout": both(pc.greater(energy, 0.7), pc.greater(danceability, 0.6)),
        "focus": both(pc.less(spoken, 0.2), pc.greater(wordless, 0.5)),
        "relaxation": both(pc.less(energy, 0.4), pc.greater(features["acousticness"], 0.5)),
        "party": both(lively, pc.greater(features["valence"], 0.6)),
    }
    names = list(rules)
    first = pc.case_when(pc.make_struct(*rules.values(), field_names=names), *names, CONTEXTS[-1])
    return first.combine_chunks() if isinstance(first, pa.ChunkedArray) else first


def hour_alone(hours: Column, truth: Column, minutes: Column) -> pa.Array:
    """Baseline: for every hour of the day the context with most minutes in it.

    It is fitted to the truth that it is evaluated on, so it is an upper bound of all rules by the
    hour alone. Ties are broken by the order of `CONTEXTS`.

    Args:
        hours: hour on the listener's clock, 0 to 23.
        truth: true contexts.
        minutes: minutes played.

    Returns:
        A context for each row.

    Raises:
        ValueError: if there is a null, an hour out of range, or an unknown context.
    """
    hour = _numbers(hours, "hours", highest=HOURS - 1).astype(np.int64)
    time = _numbers(minutes, "minutes", highest=math.inf)
    totals = _sums(time, hour * _COUNT + _context_codes(truth), HOURS * _COUNT)
    main = totals.reshape(HOURS, _COUNT).argmax(axis=1)
    return pa.array(CONTEXTS, pa.string()).take(pa.array(main[hour]))


def _by_context(confusion: Doubles) -> pa.Table:
    right, true, predicted = confusion.diagonal(), confusion.sum(axis=1), confusion.sum(axis=0)
    return pa.table(
        {
            "context": pa.array(CONTEXTS, pa.string()),
            "minutes": true,
            "precision": _share(right, predicted),
            "recall": _share(right, true),
            "f1": _share(2 * right, true + predicted),
        }
    )


def _calibration(right: npt.NDArray[np.bool_], sure: Doubles, time: Doubles) -> pa.Table:
    # Compared as float32, the labels' type: the float32 for 0.7 is less than 0.7.
    bins = np.searchsorted(_EDGES, sure.astype(np.float32), side="right") - 1
    bins = np.minimum(bins, BINS - 1)
    minutes = _sums(time, bins, BINS)
    edges = np.arange(BINS + 1) / BINS
    return pa.table(
        {
            "low": edges[:-1],
            "high": edges[1:],
            "minutes": minutes,
            "mean_confidence": _share(_sums(time * sure, bins, BINS), minutes),
            "share_right": _share(_sums(time * right, bins, BINS), minutes),
        }
    )


def _calibration_error(calibration: pa.Table) -> float | None:
    off = pc.abs(pc.subtract(calibration["mean_confidence"], calibration["share_right"]))
    total = pc.sum(calibration["minutes"]).as_py()
    return pc.sum(pc.multiply(off, calibration["minutes"])).as_py() / total if total else None


def _sums(values: Doubles, groups: Ints, count: int) -> Doubles:
    """Sums of values by index: exact, then rounded, so that they do not depend on the order."""
    order = np.argsort(groups, kind="stable")
    parts = np.split(values[order], np.searchsorted(groups[order], np.arange(1, count)))
    return np.array([math.fsum(part) for part in parts])


def _share(part: Doubles, whole: Doubles) -> pa.Array:
    """Ratios; null where the whole is 0."""
    return pc.divide(pa.array(part), pa.array(whole, mask=whole == 0))


def _context_codes(contexts: Column) -> Ints:
    """The index of each context in `CONTEXTS`."""
    names = contexts.cast(pa.string())
    codes = pc.index_in(names, value_set=pa.array(CONTEXTS, pa.string()))
    if codes.null_count:
        unknown = pc.unique(names.filter(codes.is_null()))[0].as_py()
        raise ValueError(f"{unknown!r} is no context: {', '.join(CONTEXTS)}")
    return np.asarray(codes, np.int64)


def _numbers(column: Column, name: str, *, highest: float) -> Doubles:
    numbers = np.asarray(column.cast(pa.float64()), np.float64)
    if not ((numbers >= 0) & (numbers <= highest)).all():
        raise ValueError(f"{name} must be numbers from 0 to {highest:g}, and never null")
    return numbers
