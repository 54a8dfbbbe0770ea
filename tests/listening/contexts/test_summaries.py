"""Labelled plays are summed up to sessions and to a judgement, on numbers made by hand.

Add a test here when a summary gets a column. How labels come about is tested in `test_labels.py`.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from pipelines.listening.contexts import CONTEXTS
from pipelines.listening.contexts.summaries import COLUMNS, evaluation, sessions
from pipelines.listening.contexts.weights import default_weights
from pipelines.listening.schema.context_tables import LABELLED_PLAYS
from pipelines.listening.time.local_time import Zone
from tests.listening.contexts.builders import Row, at, play, song
from tests.support.spotify_answers import minutes

UTC_ZONE = (Zone("UTC"),)
MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)
NOON = at(0, "12:00")


def told(
    end: datetime,
    context: str = "everyday",
    lasting: float = 4,
    *,
    session: str = "s1",
    sure: float = 0.8,
    evidence: str | None = None,
    words: Sequence[str] = ("because",),
    **known: Any,
) -> Row:
    """A labelled play; `evidence` is the context for which the evidence speaks."""
    row = play(end, song(f"Song {end}", lasting=lasting), **known)
    for_it = evidence or context
    scores = dict.fromkeys(CONTEXTS, (1 - sure) / 6) | {for_it: sure}
    return {
        "recording_id": row["track_id"],
        "session_id": session,
        "context": context,
        "context_confidence": sure,
        "context_scores": [{"context": one, "score": score} for one, score in scores.items()],
        "context_evidence": list(words),
        "context_given": None,
        "mine": context not in {"sleep", "kids"},
        **row,
    }


def table(rows: Iterable[Row]) -> pa.Table:
    conformed = LABELLED_PLAYS.conform(LABELLED_PLAYS.from_rows(list(rows)))
    return conformed.select(COLUMNS)


def one_session(*rows: Row) -> Row:
    found: list[Row] = sessions(table(rows)).to_pylist()
    assert len(found) == 1
    return found[0]


def test_a_session_is_of_the_context_with_most_of_its_minutes() -> None:
    kids = [told(NOON + minutes(n), "kids", 1, words=["bus"]) for n in range(3)]
    focus = told(NOON + minutes(20), "focus", 12, sure=0.5, words=["work"])

    session = one_session(*kids, focus)
    assert (session["context"], session["plays"], session["minutes"]) == ("focus", 4, 15)
    assert session["context_evidence"] == ["work"]


def test_plays_of_unknown_length_count_with_a_usual_one_for_the_context() -> None:
    unknown = {"ms_played": None, "ms_played_source": "unknown"}
    kids = [told(NOON + minutes(n), "kids", 0) | unknown for n in range(9)]

    session = one_session(*kids, told(NOON + minutes(12), "everyday", 3))
    assert (session["context"], session["mine"]) == ("kids", False)
    assert (session["minutes"], session["unknown_lengths"]) == (3, 9)


def test_of_equal_minutes_the_context_of_more_plays_counts() -> None:
    kids = [told(NOON + minutes(n), "kids", 2) for n in (0, 2)]

    assert one_session(*kids, told(NOON + minutes(20), "focus", 4))["context"] == "kids"


def test_its_confidence_is_the_share_of_minutes_that_are_surely_of_it() -> None:
    rows = [
        told(NOON, "focus", 6, sure=0.9),
        told(NOON + minutes(3), "focus", 3, sure=0.6),
        told(NOON + minutes(6), "kids", 3, sure=1),
    ]

    expected = pytest.approx((6 * 0.9 + 3 * 0.6) / 12)
    assert one_session(*rows)["context_confidence"] == expected


def test_it_begins_with_its_earliest_start_and_ends_with_its_last_end() -> None:
    opened: Row = {"played_from_type": "album", "played_from_uri": "spotify:album:a"}
    long = told(NOON + minutes(30), lasting=30, **opened)
    session = one_session(told(NOON + minutes(10), lasting=5), long)

    assert (session["started_at"], session["ended_at"]) == (NOON, NOON + minutes(30))
    assert session["opened_from"] == "spotify:album:a"


def test_its_day_is_the_one_on_which_it_began_on_the_listeners_clock() -> None:
    end = at(1, "00:20")
    row = told(end, lasting=30)
    ahead = {"local_time": (end + timedelta(hours=9)).replace(tzinfo=None)}

    assert one_session(row)["local_date"] == date(2026, 3, 2)
    assert one_session(row | ahead)["local_date"] == date(2026, 3, 3)


def test_skips_are_a_share_of_the_plays_of_which_they_are_known() -> None:
    rows = [told(NOON + minutes(n), skipped=value) for n, value in enumerate((True, False, None))]

    assert one_session(*rows)["skip_share"] == 0.5
    assert one_session(rows[2])["skip_share"] is None


def test_the_most_frequent_words_come_first_and_three_at_most() -> None:
    words = ["abc", "ab", "a", "d"]
    rows = [told(NOON + minutes(n), words=list(one)) for n, one in enumerate(words)]

    assert one_session(*rows)["context_evidence"] == ["a", "b", "c"]


def test_plays_of_unknown_length_make_a_session_too() -> None:
    rows = [
        told(NOON + minutes(n), "sleep", sure=sure, ms_played=None, started_at=None)
        for n, sure in enumerate((0.5, 1.0))
    ]

    session = one_session(*rows)
    assert (session["context"], session["minutes"]) == ("sleep", 0)
    assert session["context_confidence"] == 0.75


def test_sessions_are_told_apart_and_in_order() -> None:
    rows = [told(NOON + minutes(60 * n), session=f"s{9 - n}") for n in range(4)]

    assert [row["session_id"] for row in sessions(table(rows)).to_pylist()] == [
        "s9",
        "s8",
        "s7",
        "s6",
    ]


def test_without_plays_there_are_no_sessions() -> None:
    assert sessions(table([])).num_rows == 0


def by_hand(
    n: int, context: str, evidence: str, lasting: float = 4, sure: float = 0.9, **known: Any
) -> Row:
    return told(
        NOON + minutes(60 * n),
        context,
        lasting,
        session=f"s{n}",
        evidence=evidence,
        sure=sure,
        **{"context_given": "session"} | known,
    )


def test_the_evaluation_looks_at_sessions_labelled_by_hand_only() -> None:
    rows = [
        by_hand(0, "focus", "focus"),
        by_hand(1, "party", "kids", context_given="rule"),
        by_hand(2, "sleep", "party", context_given=None),
    ]
    found, counted = evaluation(table(rows), default_weights())

    assert found.confusion.sum() == 4
    assert counted["sessions"].to_pylist() == [int(one == "focus") for one in CONTEXTS]


def test_evidence_that_says_the_same_as_the_listener_is_perfect() -> None:
    rows = [by_hand(n, context, context, sure=0.95) for n, context in enumerate(CONTEXTS)]
    found, counted = evaluation(table(rows), default_weights())

    assert found.macro_f1 == 1
    assert found.calibration_error == pytest.approx(0.05, abs=1e-6)
    assert counted["sessions"].to_pylist() == [1] * len(CONTEXTS)


def test_evidence_that_says_something_else_is_wrong_by_as_many_minutes() -> None:
    rows = [
        by_hand(0, "focus", "focus", 30),
        by_hand(1, "focus", "party", 10),
        by_hand(2, "party", "party", 10),
        by_hand(3, "party", "party", 10),
    ]
    found, counted = evaluation(table(rows), default_weights())
    figures = {row["context"]: row for row in found.by_context.to_pylist()}

    assert figures["focus"]["recall"] == pytest.approx(30 / 40)
    assert figures["focus"]["precision"] == 1
    assert figures["party"]["precision"] == pytest.approx(20 / 30)
    assert found.confusion[CONTEXTS.index("focus"), CONTEXTS.index("party")] == 10
    assert dict(zip(CONTEXTS, counted["sessions"].to_pylist(), strict=True)) == {
        **dict.fromkeys(CONTEXTS, 0),
        "focus": 2,
        "party": 2,
    }


def test_what_is_not_sure_enough_to_be_named_sleep_is_judged_as_what_was_named() -> None:
    unsure = float(default_weights().least[CONTEXTS.index("sleep")]) - 0.05
    found, _ = evaluation(table([by_hand(0, "sleep", "sleep", sure=unsure)]), default_weights())

    assert found.by_context["recall"].to_pylist()[CONTEXTS.index("sleep")] == 0


def test_without_labels_by_hand_nothing_is_judged() -> None:
    found, counted = evaluation(table([told(NOON)]), default_weights())

    assert found.macro_f1 is None
    assert set(counted["sessions"].to_pylist()) == {0}
