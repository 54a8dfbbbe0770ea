"""How well contexts are told, on examples small enough to count by hand.

Add a test here when a figure or a baseline is added. How good the labels are is measured by
`benchmarks/contexts.py`, on lives that are too long for a test.
"""

from dataclasses import fields

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.listening.contexts import CONTEXTS
from pipelines.listening.contexts.evaluation import (
    Evaluation,
    audio_thresholds,
    evaluate,
    hour_alone,
)

HEARD = st.tuples(
    st.sampled_from(CONTEXTS),
    st.sampled_from(CONTEXTS),
    st.floats(0, 1, width=32),
    st.floats(0.01, 600),
)
LIFE = st.lists(HEARD, max_size=40)


def judged(*rows: tuple[str, str, float, float]) -> Evaluation:
    """Rows of true context, found context, confidence and minutes."""
    truth, found, confidence, minutes = zip(*rows, strict=True) if rows else ((), (), (), ())
    return evaluate(
        pa.array(truth, pa.string()),
        pa.array(found, pa.string()),
        pa.array(confidence, pa.float32()),
        pa.array(minutes, pa.float64()),
    )


def row_of(evaluation: Evaluation, context: str) -> dict[str, object]:
    return evaluation.by_context.to_pylist()[CONTEXTS.index(context)]


def same(one: Evaluation, other: Evaluation) -> bool:
    pairs = ((getattr(one, field.name), getattr(other, field.name)) for field in fields(one))
    return all(np.array_equal(a, b) if isinstance(a, np.ndarray) else a == b for a, b in pairs)


@pytest.fixture(scope="module")
def night():
    """Sleep, a sixth of it taken for relaxation; relaxation, all right; work taken for sleep."""
    return judged(
        ("sleep", "sleep", 0.75, 40),
        ("sleep", "sleep", 0.5, 10),
        ("sleep", "relaxation", 0.5, 10),
        ("relaxation", "relaxation", 0.75, 30),
        ("focus", "sleep", 1.0, 10),
    )


def test_precision_and_recall_are_shares_of_minutes(night):
    assert row_of(night, "sleep") == {
        "context": "sleep",
        "minutes": 60,
        "precision": pytest.approx(50 / 60),
        "recall": pytest.approx(50 / 60),
        "f1": pytest.approx(50 / 60),
    }
    relaxation = row_of(night, "relaxation")
    assert relaxation["precision"] == pytest.approx(30 / 40)
    assert relaxation["recall"] == 1
    assert relaxation["f1"] == pytest.approx(60 / 70)


def test_what_was_never_found_has_no_precision_and_what_is_never_true_no_recall(night):
    never = row_of(judged(("focus", "party", 0.5, 3)), "party")

    assert row_of(night, "focus") == {
        "context": "focus",
        "minutes": 10,
        "precision": None,
        "recall": 0,
        "f1": 0,
    }
    assert (never["precision"], never["recall"], never["f1"]) == (0, None, 0)
    kids = row_of(night, "kids")
    assert (kids["minutes"], kids["precision"], kids["recall"], kids["f1"]) == (0, None, None, None)


def test_every_context_has_a_row_in_the_usual_order(night):
    assert night.by_context["context"].to_pylist() == list(CONTEXTS)
    assert night.by_context.column_names == ["context", "minutes", "precision", "recall", "f1"]


def test_confusion_has_the_truth_in_rows_and_what_was_found_in_columns(night):
    sleep, focus, relaxation = map(CONTEXTS.index, ("sleep", "focus", "relaxation"))

    assert night.confusion.shape == (7, 7)
    assert night.confusion[sleep, relaxation] == 10
    assert night.confusion[relaxation, sleep] == 0
    assert night.confusion[focus, sleep] == 10
    assert night.confusion.sum() == 100


def test_macro_f1_is_the_mean_over_contexts_that_are_in_the_truth(night):
    assert night.macro_f1 == pytest.approx((50 / 60 + 60 / 70 + 0) / 3)


def test_bins_of_confidence_say_how_often_it_was_right(night):
    bins = night.calibration.to_pylist()

    assert [(one["low"], one["high"]) for one in bins] == [
        (n / 10, (n + 1) / 10) for n in range(10)
    ]
    assert bins[5] | {"low": 0, "high": 0} == {
        "low": 0,
        "high": 0,
        "minutes": 20,
        "mean_confidence": 0.5,
        "share_right": 0.5,
    }
    assert (bins[7]["minutes"], bins[7]["share_right"]) == (70, 1)
    assert (bins[9]["minutes"], bins[9]["mean_confidence"], bins[9]["share_right"]) == (10, 1, 0)
    assert (bins[0]["minutes"], bins[0]["mean_confidence"], bins[0]["share_right"]) == (
        0,
        None,
        None,
    )


def test_the_calibration_error_is_a_mean_by_minutes(night):
    assert night.calibration_error == pytest.approx((20 * 0 + 70 * 0.25 + 10 * 1) / 100)


@pytest.mark.parametrize("tenth", range(11))
def test_a_tenth_begins_its_bin_though_no_float_is_a_tenth(tenth):
    minutes = judged(("kids", "kids", tenth / 10, 1)).calibration["minutes"].to_pylist()

    assert minutes.index(1) == min(tenth, 9)


def test_without_a_row_nothing_is_known():
    nothing = judged()

    assert nothing.macro_f1 is None
    assert nothing.calibration_error is None
    assert nothing.by_context["f1"].null_count == 7
    assert nothing.confusion.sum() == 0


def test_columns_of_tables_in_several_pieces_do_as_well(night):
    names = pa.chunked_array([["sleep"], ["focus"]])
    numbers = pa.chunked_array([[1.0], [0.5]])

    assert evaluate(names, names, numbers, numbers).macro_f1 == 1


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (("nap", "sleep", 0.5, 1), "'nap' is no context: sleep, kids"),
        (("sleep", None, 0.5, 1), "None is no context"),
        (("sleep", "sleep", 1.5, 1), "confidence must be numbers from 0 to 1"),
        (("sleep", "sleep", None, 1), "confidence must be numbers"),
        (("sleep", "sleep", 0.5, -1), "minutes must be numbers"),
        (("sleep", "sleep", 0.5, None), "minutes must be numbers"),
    ],
)
def test_what_makes_no_sense_is_refused(row, problem):
    with pytest.raises(ValueError, match=problem):
        judged(("sleep", "sleep", 0.5, 1), row)


def test_columns_of_different_lengths_are_refused():
    names, numbers = pa.array(["sleep"]), pa.array([1.0])

    with pytest.raises(ValueError, match="equally long"):
        evaluate(names, pa.array(["sleep", "kids"]), numbers, numbers)


@given(LIFE, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_not_even_the_last_digit(life, chance):
    shuffled = list(life)
    chance.shuffle(shuffled)

    assert same(judged(*life), judged(*shuffled))


@given(LIFE.filter(len))
def test_perfect_and_certain_labels_are_perfect(life):
    perfect = judged(*((truth, truth, 1.0, minutes) for truth, _, _, minutes in life))
    known = perfect.by_context.drop_null()

    assert set(known["context"].to_pylist()) == {truth for truth, *_ in life}
    for figure in ("precision", "recall", "f1"):
        assert set(known[figure].to_pylist()) == {1.0}
    assert perfect.macro_f1 == 1
    assert perfect.calibration_error == 0


@given(LIFE)
def test_every_minute_stands_once_in_the_confusion_and_once_in_a_bin(life):
    found = judged(*life)
    total = pytest.approx(sum(minutes for *_, minutes in life))

    assert found.confusion.sum() == total
    assert sum(found.calibration["minutes"].to_pylist()) == total
    assert found.confusion.sum(axis=1).tolist() == found.by_context["minutes"].to_pylist()


def sounding(**known: float) -> dict[str, float | None]:
    names = ("energy", "danceability", "speechiness", "instrumentalness", "acousticness", "valence")
    return {name: known.get(name) for name in names}


@pytest.mark.parametrize(
    ("sound", "context"),
    [
        (sounding(energy=0.71, danceability=0.61, valence=0.9), "workout"),
        (sounding(energy=0.7, danceability=0.61, valence=0.61), "party"),
        (sounding(energy=0.7, danceability=0.61), "everyday"),
        (sounding(energy=0.3, speechiness=0.1, instrumentalness=0.6, acousticness=0.9), "focus"),
        (sounding(energy=0.3, instrumentalness=0.6, acousticness=0.9), "relaxation"),
        (sounding(energy=0.4, acousticness=0.9), "everyday"),
        (sounding(energy=0.9, danceability=0.5), "everyday"),
        (sounding(), "everyday"),
    ],
)
def test_the_first_bound_that_holds_names_the_context(sound, context):
    schema = pa.schema([(name, pa.float64()) for name in sound])
    features = pa.Table.from_pylist([sound, sounding()], schema=schema)

    assert audio_thresholds(features).to_pylist() == [context, "everyday"]


def test_no_features_are_no_contexts():
    features = pa.schema([(name, pa.float64()) for name in sounding()]).empty_table()

    assert audio_thresholds(features).to_pylist() == []


def test_an_hour_has_the_context_that_was_heard_longest_in_it():
    hours = pa.array([7, 7, 7, 23, 23], pa.int8())
    truth = pa.array(["kids", "focus", "focus", "everyday", "sleep"])
    minutes = pa.array([9.0, 5.0, 5.0, 30.0, 30.0])

    found = hour_alone(hours, truth, minutes)

    assert found.to_pylist() == ["focus", "focus", "focus", "sleep", "sleep"]


def test_a_day_has_no_25th_hour():
    with pytest.raises(ValueError, match="hours must be numbers from 0 to 23"):
        hour_alone(pa.array([24]), pa.array(["kids"]), pa.array([1.0]))
