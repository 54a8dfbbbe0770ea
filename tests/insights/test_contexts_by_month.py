"""Months of contexts, on numbers made by hand."""

from datetime import date

import pytest

from pipelines.listening.time.local_time import Zone
from tests.support.insights.agreement import agree
from tests.support.insights.lives import Life, Row, gap, heard

MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)
NAME = "contexts_by_month"
SECOND, MINUTE = 1000, 60_000


def months(life: Life) -> list[Row]:
    found: list[Row] = agree(life, NAME)[NAME].to_pylist()
    return found


def test_a_month_sums_up_each_context() -> None:
    plays = [
        heard("2026-03-02 12:00", context="focus", ms_played=30 * MINUTE, context_confidence=0.9),
        heard("2026-03-02 13:00", context="focus", ms_played=10 * MINUTE, context_confidence=0.5),
        heard("2026-03-02 13:01", context="focus", ms_played=24 * SECOND, context_confidence=0.5),
        heard("2026-03-02 13:11", context="sleep", ms_played=576 * SECOND),
    ]
    focus, sleep, mine = months(Life(plays))

    assert focus == {
        "scope": "all",
        "month": MARCH,
        "context": "focus",
        "plays": 2,
        "minutes": pytest.approx(40.4),
        "share": pytest.approx(40.4 / 50),
        "sessions": 2,
        "avg_confidence": pytest.approx((30 * 0.9 + 10.4 * 0.5) / 40.4),
        "coverage": "export",
        "at_least": False,
    }
    assert (sleep["scope"], sleep["context"]) == ("all", "sleep")
    assert sleep["share"] == pytest.approx(9.6 / 50)
    assert (mine["scope"], mine["context"], mine["share"]) == ("mine", "focus", 1)


def test_a_month_in_which_no_length_is_known_has_no_shares() -> None:
    whole, _ = months(Life([heard("2026-03-02", ms_played=None)]))

    assert (whole["minutes"], whole["share"], whole["plays"]) == (0, 0, 0)
    assert whole["avg_confidence"] == 0.75


@pytest.mark.parametrize(
    ("sources", "coverage", "at_least"),
    [
        (["api"], "polled", True),
        (["export"], "export", False),
        (["account", "api+export"], "export", False),
        (["export", "api"], "mixed", False),
    ],
)
def test_coverage_says_who_tells_of_a_month(
    sources: list[str], coverage: str, at_least: bool
) -> None:
    plays = [heard(f"2026-03-02 1{n}:00", source=source) for n, source in enumerate(sources)]

    for row in months(Life(plays)):
        assert (row["coverage"], row["at_least"]) == (coverage, at_least)


@pytest.mark.parametrize(
    ("begins", "ends", "touched"),
    [
        ("2026-03-05", "2026-03-06", {MARCH}),
        ("2026-03-31", "2026-04-01", {MARCH, APRIL}),
        ("2026-02-01", "2026-05-01", {MARCH, APRIL}),
        ("2026-05-02", "2026-05-03", set()),
        ("2026-03-31 12:00", "2026-03-31 22:00", {MARCH}),
    ],
)
def test_an_open_gap_leaves_the_months_that_it_touches_at_least(
    begins: str, ends: str, touched: set[date]
) -> None:
    plays = [heard("2026-03-02"), heard("2026-04-02")]
    found = months(Life(plays, gaps=[gap(begins, ends)]))
    assert {row["month"] for row in found if row["at_least"]} == touched

    closed = months(Life(plays, gaps=[gap(begins, ends, closed=True)]))
    assert not any(row["at_least"] for row in closed)


def test_a_gap_lies_in_the_listeners_months() -> None:
    lost = gap("2026-03-31 16:00", "2026-03-31 16:30")
    life = [heard("2026-04-02")], [lost]

    assert not any(row["at_least"] for row in months(Life(*life)))
    assert all(row["at_least"] for row in months(Life(*life, zones=[Zone("Asia/Tokyo")])))
