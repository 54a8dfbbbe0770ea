"""Labels are the same however plays arrive, sure only as far as they add up, and the listener's.

Add a test here when `labelled_plays` gets a column or labels depend on something new. Whether
they are right is measured by `benchmarks/contexts.py`; known mistakes are in `test_mistakes.py`.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from pipelines.listening.catalogue.tracks_and_artists import unique_tracks
from pipelines.listening.contexts import CONTEXTS
from pipelines.listening.contexts.labels import decide
from pipelines.listening.contexts.overrides import BY_HAND, Hours, Label, Override
from pipelines.listening.contexts.weights import default_weights
from pipelines.listening.schema.tables import PLAYS
from sandbox.ledger import plays_of
from tests.listening.contexts.builders import (
    Row,
    at,
    contexts,
    from_playlist,
    gap,
    heard,
    labelled,
    play,
    plays,
    song,
)

CLOSE = pytest.approx(1, abs=1e-5)


def some_weeks() -> list[Row]:
    """Songs on the way to work, a gym's playlist on Tuesdays, rain to sleep by on Sundays."""
    rows: list[Row] = []
    for day in range(21):
        way = [song(f"Song {(day * 7 + n) % 40}", f"Band {(day + n) % 8}") for n in range(6)]
        rows += heard(at(day, "08:10"), way)
        if day % 7 == 1:
            gym = [song(f"Set {n}", f"DJ {n % 3}", **from_playlist("Gym")) for n in range(12)]
            rows += heard(at(day, "18:00"), gym)
        if day % 7 == 6:
            night = [song(f"Rain Sounds {n % 2}", "White Noise", 6) for n in range(20)]
            rows += heard(at(day, "22:30"), night)
    return rows


def test_a_context_that_is_not_sure_enough_gives_way_to_everyday_alone() -> None:
    likely = np.array([[0.7, 0.0, 0.0, 0.25, 0.0, 0.0, 0.05]], np.float32)
    chosen, confidence = decide(likely, default_weights())

    assert [CONTEXTS[one] for one in chosen] == ["everyday"]
    assert confidence[0] == pytest.approx(0.05)


def test_a_rule_for_one_artist_takes_no_label_away_from_others() -> None:
    rows = some_weeks()
    rows += heard(at(5, "21:00"), [song(f"Loud {n}", "Masks") for n in range(20)])
    before = labelled(plays(rows))
    after = labelled(plays(rows), overrides=[Override("workout", artist="Masks")])
    gym = pc.equal(before["context"], "workout")

    assert pc.sum(gym).as_py() > 0
    assert set(after.filter(gym)["context"].to_pylist()) == {"workout"}


@pytest.fixture(scope="module")
def weeks() -> pa.Table:
    return plays(some_weeks())


@pytest.fixture(scope="module")
def told(weeks: pa.Table) -> pa.Table:
    return labelled(weeks)


def test_obvious_weeks_are_told(told: pa.Table) -> None:
    at_the_gym = pc.equal(told["played_from_name"], "Gym")

    assert set(contexts(told.filter(at_the_gym))) == {"workout"}
    assert set(contexts(told, artist_name="White Noise")) == {"sleep"}
    rest = told.filter(pc.and_(pc.less(told["local_hour"], 10), pc.greater(told["local_hour"], 7)))
    assert set(contexts(rest)) == {"everyday"}


def test_every_play_is_labelled_once_and_keeps_its_own_columns(
    weeks: pa.Table, told: pa.Table
) -> None:
    same = [name for name in PLAYS.schema.names if not weeks[name].null_count]

    assert told.select(same).equals(weeks.select(same))


def test_the_order_of_rows_makes_no_difference_at_all(weeks: pa.Table, told: pa.Table) -> None:
    order = list(range(len(weeks)))
    Random(3).shuffle(order)
    turned = weeks.take(order)

    assert labelled(turned).equals(told)
    assert labelled(turned, tracks=unique_tracks(weeks).sort_by("last_played_at")).equals(told)


def test_plays_in_pieces_are_labelled_like_a_whole(weeks: pa.Table, told: pa.Table) -> None:
    pieces = pa.concat_tables([weeks[:5], weeks[5:60], weeks[60:]])

    assert labelled(pieces).equals(told)


def test_scores_of_all_contexts_add_up_to_one(told: pa.Table) -> None:
    for scores in told["context_scores"].to_pylist():
        assert [one["context"] for one in scores] == list(CONTEXTS)
        assert sum(one["score"] for one in scores) == CLOSE


def test_confidence_is_the_score_of_the_context_that_was_chosen(told: pa.Table) -> None:
    for row in told.to_pylist():
        scores = {one["context"]: one["score"] for one in row["context_scores"]}
        assert row["context_confidence"] == scores[row["context"]]


def test_every_label_but_everyday_is_explained(told: pa.Table) -> None:
    for row in told.to_pylist():
        words = row["context_evidence"]
        assert (1 <= len(words) <= 3 and all(words)) or row["context"] == "everyday"
        assert row["context"] != "everyday" or words == []
    gym = told.filter(pc.equal(told["played_from_name"], "Gym"))["context_evidence"][0].as_py()
    assert "played from the playlist “Gym”" in gym


def test_a_context_that_is_excluded_is_not_mine(weeks: pa.Table, told: pa.Table) -> None:
    for row in told.to_pylist():
        assert row["mine"] == (row["context"] not in {"sleep", "kids"})
    other = labelled(weeks, exclude=["workout"])
    assert not any(row["mine"] for row in other.to_pylist() if row["context"] == "workout")
    assert all(row["mine"] for row in other.to_pylist() if row["context"] != "workout")
    assert other.drop_columns("mine").equals(told.drop_columns("mine"))


def sure(context: str, of_it: float) -> np.ndarray[Any, np.dtype[np.float32]]:
    likely = np.full((1, len(CONTEXTS)), (1 - of_it) / 6, np.float32)
    likely[0, CONTEXTS.index(context)] = of_it
    return likely


@pytest.mark.parametrize("context", ["sleep", "kids"])
def test_what_is_left_out_of_mine_has_to_be_surer_than_the_rest(context: str) -> None:
    least = float(default_weights().least[CONTEXTS.index(context)])

    below, _ = decide(sure(context, least - 0.01), default_weights())
    above, confidence = decide(sure(context, least + 0.01), default_weights())
    assert least > 0.5
    assert below.tolist() != [CONTEXTS.index(context)]
    assert above.tolist() == [CONTEXTS.index(context)]
    assert confidence.tolist() == pytest.approx([least + 0.01], abs=1e-5)


def test_where_no_least_is_set_the_likeliest_context_is_chosen() -> None:
    worth = replace(default_weights(), least=np.zeros(len(CONTEXTS), np.float32))
    chosen, confidence = decide(sure("party", 0.2), worth)

    assert [CONTEXTS[number] for number in chosen] == ["party"]
    assert confidence.tolist() == pytest.approx([0.2])


def test_no_label_of_sleep_or_kids_is_less_sure_than_that(told: pa.Table) -> None:
    for row in told.to_pylist():
        least = default_weights().least[CONTEXTS.index(row["context"])]
        assert row["context_confidence"] >= least


def test_without_plays_there_are_no_labels() -> None:
    assert len(labelled(plays([]))) == 0
    said = labelled(
        plays([]),
        overrides=[Override("kids", artist="A")],
        labels=[Label(at(0, "12:00"), "kids")],
        lost=[gap(at(0, "12:00"), at(0, "13:00"))],
    )
    assert len(said) == 0


def test_one_play_is_a_session_of_everyday() -> None:
    (row,) = labelled(plays([play(at(0, "12:00"))])).to_pylist()

    assert row["context"] == "everyday"
    assert row["session_id"] == "2026-03-02T11:56:30.000Z"
    assert row["context_given"] is None
    assert row["mine"]


def test_plays_of_which_nothing_is_known_but_the_time_are_labelled() -> None:
    mute = {"track_name": None, "ms_played": None}
    rows = [play(at(0, "12:00") + timedelta(minutes=n), mute, play_id=f"p{n}") for n in range(9)]

    assert set(contexts(labelled(plays(rows)))) == {"everyday"}


def test_plays_of_unknown_length_learn_from_their_names_and_neighbours() -> None:
    known = some_weeks()
    mute = plays([row | {"ms_played": None, "started_at": None} for row in known])
    rows = labelled(mute)

    assert set(contexts(rows, artist_name="White Noise")) == {"sleep"}
    assert set(contexts(rows, played_from_name="Gym")) == {"workout"}


RULE = Override("party", artist="Band 3")


@pytest.fixture(scope="module")
def ruled(weeks: pa.Table) -> pa.Table:
    return labelled(weeks, overrides=[RULE])


def test_a_rule_is_followed_and_named_first(ruled: pa.Table) -> None:
    of_rule = [row for row in ruled.to_pylist() if row["artist_name"] == "Band 3"]

    assert of_rule
    for row in of_rule:
        assert (row["context"], row["context_given"]) == ("party", "rule")
        assert row["context_confidence"] == 1
        assert row["context_evidence"][0] == RULE.explanation
    rest = [row for row in ruled.to_pylist() if row["artist_name"] != "Band 3"]
    assert {row["context_given"] for row in rest} == {None}


def test_scores_go_on_saying_what_the_evidence_alone_says(ruled: pa.Table, told: pa.Table) -> None:
    said = [
        [one["score"] for one in row["context_scores"]]
        for row in ruled.to_pylist()
        if row["context_given"]
    ]

    assert max(score[CONTEXTS.index("party")] for score in said) < 0.9
    assert all(sum(score) == CLOSE for score in said)


def test_the_last_word_taken_back_everything_is_as_before(
    weeks: pa.Table, told: pa.Table, ruled: pa.Table
) -> None:
    assert not ruled.equals(told)
    assert labelled(weeks, overrides=[], labels=[]).equals(told)


def test_a_sessions_label_holds_for_exactly_its_plays(weeks: pa.Table) -> None:
    rows = labelled(weeks, labels=[Label(at(2, "08:15"), "focus")], overrides=[RULE]).to_pylist()
    by_hand = [row for row in rows if row["context_given"] == "session"]

    assert {row["session_id"] for row in by_hand} == {"2026-03-04T08:10:00.000Z"}
    assert len(by_hand) == 6
    assert {row["session_id"] for row in rows if row not in by_hand}.isdisjoint(
        {"2026-03-04T08:10:00.000Z"}
    )
    for row in by_hand:
        assert (row["context"], row["context_confidence"]) == ("focus", 1)
        assert row["context_evidence"][0] == BY_HAND


def test_what_the_listener_says_of_one_evening_is_learned_for_others() -> None:
    rows: list[Row] = []
    for week in range(3):
        for day in range(5):
            way = [song(f"Song {(day * 7 + n) % 40}", f"Band {(day + n) % 8}") for n in range(6)]
            rows += heard(at(7 * week + day, "08:10"), way)
            tunes = [song(f"Tune {n}", "Unheard Of", 4) for n in range(12)]
            rows += heard(at(7 * week + day, "20:00"), tunes)
    table = plays(rows)
    before = labelled(table)
    after = labelled(table, labels=[Label(at(day, "20:10"), "focus") for day in (0, 2, 7, 9)])

    likely_before, likely_after = (
        np.mean([_score(row, "focus") for row in one.to_pylist() if row["local_date"].day == 10])
        for one in (before, after)
    )
    assert likely_after > likely_before


def _score(row: Row, context: str) -> float:
    scores = {one["context"]: float(one["score"]) for one in row["context_scores"]}
    return scores[context]


def test_a_rule_for_some_hours_holds_in_them(weeks: pa.Table) -> None:
    rule = Override("party", hours=Hours((1,), 17 * 60, 20 * 60))
    rows = labelled(weeks, overrides=[rule])

    assert set(contexts(rows, context_given="rule")) == {"party"}
    assert {row["local_weekday"] for row in rows.to_pylist() if row["context_given"]} == {1}


def test_an_open_gap_ends_a_session_and_a_longer_pause_joins_two() -> None:
    rows = heard(at(0, "12:00"), [song(f"Song {n}") for n in range(4)], pause=15)
    lost = [gap(at(0, "12:20"), at(0, "12:21"))]

    assert len(pc.unique(labelled(plays(rows))["session_id"])) == 1
    assert len(pc.unique(labelled(plays(rows), lost=lost)["session_id"])) == 2
    short = labelled(plays(rows), pause=timedelta(minutes=14))
    assert len(pc.unique(short["session_id"])) == 4


START, END = datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("seed", ["runner", "dj"])
def test_months_far_away_make_no_difference(seed: str) -> None:
    year, _ = plays_of(seed, START, END)
    tracks = unique_tracks(year)
    month = pc.month(year["local_date"])
    around = year.filter(pc.and_(pc.greater_equal(month, 2), pc.less_equal(month, 11)))

    by_year, by_part = (_of_months(labelled(rows, tracks=tracks), 6, 7) for rows in (year, around))
    assert len(set(contexts(by_year))) > 3
    assert by_year.equals(by_part)


def _of_months(rows: pa.Table, first: int, last: int) -> pa.Table:
    month = pc.month(rows["local_date"])
    inside = pc.and_(pc.greater_equal(month, first), pc.less_equal(month, last))
    return rows.filter(inside).combine_chunks()
