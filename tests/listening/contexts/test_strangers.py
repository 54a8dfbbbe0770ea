"""Labels of made-up listeners that no weight was fitted to: whole months, hardly a telling name.

Add a bound here for what labels have to find of such people; add a person in
`tests/support/strangers.py`. Single mistakes are in `test_labels_mistakes.py`.
"""

from functools import cache
from statistics import fmean

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from pipelines.listening.contexts.evaluation import Evaluation, evaluate
from tests.listening.contexts.builders import labelled
from tests.support.strangers import HELD_OUT, TUNED, lived

everyone = pytest.mark.parametrize("name", [*TUNED, *HELD_OUT])
held_out = pytest.mark.parametrize("name", HELD_OUT)


@cache
def judged(name: str) -> tuple[pa.Table, pa.Array, pa.Array]:
    """A stranger's labelled plays, what they did at each, and its minutes."""
    life = lived(name)
    rows = labelled(life.plays, sounds=life.sounds)
    places = pc.index_in(rows["play_id"], value_set=life.plays["play_id"].combine_chunks())
    minutes = pc.divide(rows["ms_played"].cast(pa.float64()), 60_000)
    return rows, pa.array(life.truth).take(places), minutes


@cache
def quality(name: str) -> Evaluation:
    rows, truth, minutes = judged(name)
    return evaluate(truth, rows["context"], rows["context_confidence"], minutes)


def share(name: str, context: str, figure: str) -> float | None:
    (row,) = (one for one in quality(name).by_context.to_pylist() if one["context"] == context)
    found: float | None = row[figure]
    return found


def test_most_minutes_of_all_contexts_are_found() -> None:
    assert fmean(quality(name).macro_f1 or 0 for name in HELD_OUT) >= 0.95


@held_out
def test_of_everyone_most_minutes_are_found(name: str) -> None:
    assert (quality(name).macro_f1 or 0) >= 0.9


@held_out
def test_confidence_is_about_as_often_right_as_it_says(name: str) -> None:
    assert (quality(name).calibration_error or 0) <= 0.08


@everyone
def test_a_workout_in_a_slot_with_songs_of_its_own_is_found_without_a_name(name: str) -> None:
    recall = share(name, "workout", "recall")

    assert recall is None or recall >= 0.6


@everyone
def test_what_is_called_sleep_or_kids_is(name: str) -> None:
    for context in ("sleep", "kids"):
        precision = share(name, context, "precision")
        assert precision is None or precision >= 0.95


@everyone
def test_everyday_counts_as_the_listeners_own(name: str) -> None:
    rows, truth, minutes = judged(name)
    everyday = pc.equal(truth, "everyday")
    lost = pc.sum(minutes.filter(pc.and_(everyday, pc.invert(rows["mine"])))).as_py() or 0

    assert lost <= 0.01 * pc.sum(minutes.filter(everyday)).as_py()


@pytest.mark.parametrize("name", ["nobody", "own_way", "bike_and_bus"])
def test_a_way_to_work_is_no_workout(name: str) -> None:
    rows, truth, minutes = judged(name)
    taken = pc.and_(pc.equal(truth, "everyday"), pc.equal(rows["context"], "workout"))

    assert (pc.sum(minutes.filter(taken)).as_py() or 0) <= 0.02 * pc.sum(minutes).as_py()


@pytest.mark.parametrize("name", ["cleaner", "saturday_mop", "cook"])
def test_cleaning_and_cooking_are_never_surely_a_workout(name: str) -> None:
    rows, truth, minutes = judged(name)
    sure = pc.and_(
        pc.equal(rows["context"], "workout"), pc.greater(rows["context_confidence"], 0.9)
    )
    taken = pc.and_(pc.equal(truth, "everyday"), sure)

    assert (pc.sum(minutes.filter(taken)).as_py() or 0) <= 0.01 * pc.sum(minutes).as_py()


def test_a_habit_is_told_by_its_days_time_and_songs() -> None:
    rows, truth, _ = judged("saturday_mop")
    gym = rows.filter(pc.equal(truth, "workout"))
    said = [texts[0] for texts in gym["context_evidence"].to_pylist() if texts]
    whole = [text for text in said if text.startswith("Tuesdays and Thursdays about 1")]

    assert len(whole) > 0.8 * len(gym)
    assert any("in all 7 weeks around it" in text for text in whole)
    assert all("songs that are hardly heard otherwise" in text for text in whole)
