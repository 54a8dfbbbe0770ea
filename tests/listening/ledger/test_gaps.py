import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.listening.ledger import covered, gaps
from pipelines.listening.ledger.covered import Covered, of_import
from pipelines.listening.ledger.gaps import CoveredInterval, Gap, gaps_table
from pipelines.listening.schema.tables import HISTORY, PLAYS, POLLS
from pipelines.listening.sources import registry
from pipelines.listening.time.intervals import Interval
from tests.support.spotify_answers import NOON

Row = dict[str, Any]


def at(second: float) -> datetime:
    return NOON + timedelta(seconds=second)


def poll(ended: Sequence[int], second: int, limit: int) -> Row:
    """A row of `polls`: what Spotify shows at a second of plays that ended at these seconds."""
    page = [end for end in sorted(ended) if end <= second][-limit:]
    return row(second, page, full=len(page) == limit)


def row(second: int, page: Sequence[int], *, full: bool, name: str = "") -> Row:
    return {
        "fetched_at": at(second),
        "response": name or f"{second:09}",
        "items": len(page),
        "refused": 0,
        "full": full,
        "known_to": at(second),
        "oldest_played_at": at(min(page)) if page else None,
        "newest_played_at": at(max(page)) if page else None,
    }


def polls(*rows: Row) -> pa.Table:
    return POLLS.conform(POLLS.from_rows(list(rows)))


def taken(*rows: Row) -> Covered:
    return Covered().add_all(polls(*rows))


def table(known: Covered) -> pa.Table:
    """The `gaps` of a listener of whom nothing is known from elsewhere."""
    return gaps_table(known.coverage.gaps, PLAYS.empty())


def seconds(gaps: Sequence[Gap]) -> list[tuple[float, float]]:
    return [((gap.start - NOON).total_seconds(), (gap.end - NOON).total_seconds()) for gap in gaps]


def open_gaps(polling: Covered) -> list[tuple[float, float]]:
    return seconds([gap for gap in polling.coverage.gaps if not gap.closed_at])


@st.composite
def lives(draw: st.DrawFn) -> tuple[list[int], list[int], int]:
    """Ends of plays, 31-second loops among them; times of polls, mostly missed; a page's length."""
    lengths = st.lists(st.sampled_from([31, 31, 31, 180, 400, 3000]), min_size=1, max_size=40)
    ends = list(accumulate(draw(lengths)))
    times = st.sets(st.integers(1, ends[-1] + 500), min_size=1, max_size=8)
    return ends, sorted(draw(times)), draw(st.integers(2, 7))


@settings(max_examples=150)
@given(lives())
def test_every_lost_play_lies_in_a_gap(life: tuple[list[int], list[int], int]):
    ends, times, limit = life
    gaps = open_gaps(taken(*(poll(ends, second, limit) for second in times)))
    seen = {e for second in times for e in [e for e in ends if e <= second][-limit:]}
    # What came before the first full page was never promised.
    first = min(seen, default=times[-1])

    for lost in (end for end in ends if first < end <= times[-1] and end not in seen):
        assert any(start < lost < end for start, end in gaps), (lost, gaps)


@settings(max_examples=150)
@given(lives())
def test_gaps_are_exactly_what_no_answer_covers(life: tuple[list[int], list[int], int]):
    ends, times, limit = life
    rows = [poll(ends, second, limit) for second in times]
    gaps = open_gaps(taken(*rows))
    covered = [
        (min(page, default=-1) if len(page) == limit else -1, second)
        for second in times
        for page in [[end for end in ends if end <= second][-limit:]]
    ]
    for moment in range(min(start for start, _ in covered), times[-1]):
        known = any(start <= moment and moment + 1 <= end for start, end in covered)
        missing = any(start <= moment and moment + 1 <= end for start, end in gaps)
        assert known != missing, moment


@given(lives(), st.integers(0, 8))
def test_going_on_from_what_was_written_down_equals_taking_all_at_once(
    life: tuple[list[int], list[int], int], cut: int
):
    ends, times, limit = life
    # Gaps of less than three seconds are not written down: a life without them.
    rows = [poll(ends, second * 4, limit) for second in times]
    first = taken(*rows[:cut])
    again = Covered.of(first.table(), json.loads(json.dumps(first.notes())))
    every = polls(*rows)

    assert again.is_consistent(every, taken=min(len(rows), cut))
    assert again.add_all(every).notes() == taken(*rows).notes()
    assert again.add_all(every).table() == taken(*rows).table()
    assert again.add_all(every).coverage == taken(*rows).coverage


@given(lives())
def test_one_row_for_answers_that_meet_leaves_every_gap_as_it_was(
    life: tuple[list[int], list[int], int],
):
    ends, times, limit = life
    known = taken(*(poll(ends, second, limit) for second in times))
    one_by_one = [
        taken(*(poll(ends, at_, limit) for at_ in times[: n + 1])) for n in range(len(times))
    ]

    assert len(known.intervals) <= len(known.coverage.gaps) + 1
    assert [one.coverage.gaps for one in one_by_one][-1] == known.coverage.gaps
    assert known.intervals[-1].end == max(one.intervals[-1].end for one in one_by_one)


def test_a_year_of_polls_without_a_gap_is_one_row():
    rows = [row(900 * n, [900 * n - 1800, 900 * n - 60], full=True) for n in range(1, 4 * 24 * 365)]
    [one] = taken(*rows).table().to_pylist()

    assert (one["source"], one["origin"], one["known_at"]) == ("api", f"{900:09}", at(900))
    assert (one["start"], one["end"]) == (at(-900), at(900 * (4 * 24 * 365 - 1)))


def test_overlapping_answers_leave_no_gap():
    assert open_gaps(taken(row(100, [10, 90], full=True), row(200, [90, 150], full=True))) == []


def test_full_answers_that_do_not_meet_reveal_a_gap():
    polling = taken(row(100, [10, 90], full=True), row(900, [700, 800], full=True))
    [gap] = polling.coverage.gaps

    assert open_gaps(polling) == [(100, 700)]
    assert (gap.detected_at, gap.closed_at) == (at(900), None)


def test_a_short_answer_knows_everything_before_it():
    assert open_gaps(taken(row(100, [10, 90], full=False), row(900, [1, 2, 3], full=False))) == []


def test_an_empty_answer_after_a_full_one_proves_nothing():
    rows = [row(100, [10, 90], full=True), row(500, [], full=False), row(900, [800], full=True)]

    assert open_gaps(taken(*rows)) == [(100, 800)]


def test_a_short_answer_after_a_longer_one_knows_only_as_far_back_as_it_shows():
    rows = [row(100, [10, 80, 90], full=True), row(900, [700, 800], full=False)]

    assert open_gaps(taken(*rows)) == [(100, 700)]


def test_an_answer_that_forgot_the_newest_play_knows_nothing_since_then():
    fresh, stale = row(100, [10, 90], full=True), row(500, [5, 10], full=True)
    later = row(900, [700, 800], full=True)

    assert open_gaps(taken(fresh, stale, later)) == [(100, 700)]


def test_a_gap_is_closed_by_an_answer_that_reaches_behind_it():
    rows = [row(100, [10, 90], full=True), row(300, [200, 250], full=True)]
    polling = taken(*rows, row(400, [95, 390], full=True, name="b"))

    assert open_gaps(polling) == []
    [closed] = table(polling).to_pylist()
    assert (closed["gap_start"], closed["gap_end"]) == (at(100), at(200))
    assert (closed["closed_at"], closed["closed_by"]) == (at(400), "b")


def test_an_answer_that_covers_half_a_gap_leaves_the_other_half():
    rows = [row(100, [10], full=True), row(300, [200], full=True), row(400, [150, 390], full=True)]

    assert open_gaps(taken(*rows)) == [(100, 150)]


def test_gaps_shorter_than_sources_differ_are_not_rows():
    almost = taken(row(100, [10, 90], full=True), row(200, [102, 190], full=True))
    enough = taken(row(100, [10, 90], full=True), row(200, [103, 190], full=True))

    assert (len(table(almost)), len(table(enough))) == (0, 1)


def test_a_clock_that_runs_ahead_of_spotifys_hides_no_gap():
    ahead = {**row(100, [10, 90], full=True), "known_to": at(60)}

    assert open_gaps(taken(ahead, row(300, [95, 290], full=True))) == [(90, 95)]


def test_two_polls_in_one_millisecond_are_both_taken_in():
    rows = [row(100, [90], full=True, name="a"), row(100, [40, 90], full=True, name="b")]
    before = taken(row(50, [45], full=True), rows[0])

    assert open_gaps(before) == [(50, 90)]
    assert open_gaps(before.add_all(polls(*rows))) == []


def test_a_poll_taken_in_later_than_others_is_noticed():
    early, late, last = (row(n, [n - 5], full=True) for n in (100, 190, 200))
    without = taken(early, last)

    assert without.is_consistent(polls(early, last), taken=2)
    assert not without.is_consistent(polls(early, late, last), taken=2)


def test_a_poll_of_the_evening_before_is_noticed_after_midnight():
    evening, missed = row(0, [0], full=True), row(43_199, [43_190], full=True)
    night = row(43_300, [43_250], full=True)

    assert not taken(evening, night).is_consistent(polls(evening, missed, night), taken=2)


def half(
    first: float,
    last: float,
    *,
    name: str = "b",
    known: float = 9000,
    lasted: float = 0,
    source: str = "export",
    offline: bool | None = None,
) -> CoveredInterval:
    """What an import covers whose first play lasted so long."""
    rows = HISTORY.from_rows(
        [
            {"played_at": at(first), "ms_played": int(lasted * 1000), "source": source}
            | {"offline": offline},
            {"played_at": at(last), "ms_played": 60_000, "source": source},
        ]
    )
    found = of_import(Interval(at(first), at(last)), rows, origin=name, known_at=at(known))
    assert found
    return found


def gaps_between(*halves: CoveredInterval) -> list[tuple[float, float]]:
    return open_gaps(Covered().add_all(polls(), halves))


FIRST_HALF = {
    "export": half(-4000, 0, name="a"),
    "account": half(-3600, 0, name="a", source="account"),
}


@pytest.mark.parametrize(
    ("source", "begins", "lasted", "is_open"),
    [
        ("export", 240, 240, False),
        ("export", 240, 211, False),
        ("export", 240, 210, True),
        ("export", 240, 0, True),
        ("export", 20, 1, False),
        # The minute from 0 to 59 is the first half's last, that from 120 on the second's first.
        ("account", 60, 11, False),
        ("account", 120, 140, False),
        ("account", 120, 20, True),
        ("account", 600, 240, True),
    ],
)
def test_between_two_halves_of_a_history_a_gap_is_open_where_a_play_fits(
    source: str, begins: int, lasted: int, is_open: bool
) -> None:
    first, second = FIRST_HALF[source], half(begins, 9000, lasted=lasted, source=source)

    assert gaps_between(first, second) == ([(0, begins)] if is_open else [])
    in_other_order = replace(second, known_at=at(8000))
    assert gaps_between(first, in_other_order) == ([(0, begins)] if is_open else [])


def test_a_play_that_was_told_later_fills_no_time_before() -> None:
    synced = half(240, 9000, lasted=240, offline=True)

    assert gaps_between(FIRST_HALF["export"], synced) == [(0, 240)]


def test_halves_join_whether_they_are_added_at_once_or_one_after_the_other() -> None:
    first, second = FIRST_HALF["export"], half(240, 9000, known=9500, lasted=240)
    at_once = Covered().add_all(polls(), [first, second])
    before = Covered().add_all(polls(), [first])

    assert before.is_consistent(polls(), [second], taken=0)
    assert before.add_all(polls(), [second]) == at_once
    assert at_once.coverage.gaps == ()


def test_an_import_between_two_polls_that_meet_keeps_its_place() -> None:
    """The second poll closes what the import has revealed."""
    known = Covered().add_all(
        polls(row(100, [10, 90], full=True), row(300, [95, 290], full=True)),
        [half(150, 180, name="a", known=200)],
    )
    again = Covered.of(known.table(), known.notes())

    assert [one.origin for one in again.intervals] == [f"{100:09}", "a", f"{300:09}"]
    [closed] = table(again).to_pylist()
    assert (closed["gap_start"], closed["gap_end"]) == (at(100), at(150))
    assert (closed["detected_at"], closed["closed_at"]) == (at(200), at(300))
    assert closed["closed_by"] == f"{300:09}"


def test_a_gap_is_partly_known_where_plays_are_known_from_what_covers_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A sum with one that covers is no play of the others alone."""
    declared = {source.name: source for source in registry.all_sources()}
    scrobbles = replace(declared["account"], name="scrobbles", place=99, covers=False)
    monkeypatch.setattr(gaps, "source_named", {**declared, "scrobbles": scrobbles}.__getitem__)
    known = taken(row(100, [10, 90], full=True), row(900, [700, 800], full=True))
    told = [(50, "scrobbles"), (150, "scrobbles"), (300, "api+scrobbles"), (650, "scrobbles")]
    plays = pa.table(
        {
            "played_at": pa.array([at(second) for second, _ in told], pa.timestamp("ms", "UTC")),
            "source": [source for _, source in told],
        }
    )
    [found] = gaps_table(known.coverage.gaps, plays).to_pylist()

    assert (found["partly_known"], found["plays_known"]) == (True, 2)
    [none] = table(known).to_pylist()
    assert (none["partly_known"], none["plays_known"]) == (False, 0)


def test_an_import_of_a_source_that_covers_nothing_covers_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    declared = {source.name: source for source in registry.all_sources()}
    scrobbles = replace(declared["account"], name="scrobbles", place=99, covers=False)
    monkeypatch.setattr(covered, "source_named", {**declared, "scrobbles": scrobbles}.__getitem__)
    rows = HISTORY.from_rows([{"played_at": at(0), "source": "scrobbles", "ms_played": 1}])

    assert of_import(Interval(at(0), at(0)), rows, origin="a", known_at=at(9)) is None
