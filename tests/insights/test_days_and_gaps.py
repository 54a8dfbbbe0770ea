"""Days, hours and months are those of the listener's clock, for plays and for gaps.

Add a life here when a play or a gap fell on the wrong day.
"""

from datetime import date

import pytest

from pipelines.listening.time.local_time import Zone
from tests.support.insights.agreement import agree, column, rows
from tests.support.insights.lives import Life, at, daily, gap, heard

NEW_ZEALAND, HAWAII = (Zone("Pacific/Auckland"),), (Zone("Pacific/Honolulu"),)


def test_a_month_in_which_nothing_was_heard_is_there_with_zeros() -> None:
    tables = agree(Life([heard("2026-01-31"), heard("2026-03-02")]))

    found = rows(tables, "listening_by_month")
    assert column(found, "plays", "minutes_before", "coverage") == [
        (1, None, "export"),
        (0, 4, None),
        (1, 0, "export"),
    ]
    assert column(found, "minutes_per_day") == [(4,), (0,), (2,)]
    assert [row["rank_before"] for row in rows(tables, "top_tracks_by_month")] == [None, None]


def test_the_night_on_which_clocks_go_forward_has_no_hour_at_two() -> None:
    plays = [heard("2026-03-29 00:59"), heard("2026-03-29 01:00")]
    tables = agree(
        Life(plays, gaps=[gap("2026-03-29 00:30", "2026-03-29 01:30")]), "listening_by_hour"
    )

    sunday = rows(tables, "listening_by_hour", weekday=6)
    assert [row["plays"] for row in sunday[:4]] == [0, 1, 0, 1]
    assert [row["at_least"] for row in sunday[:5]] == [False, True, False, True, False]


def test_the_night_on_which_clocks_go_back_has_the_hour_at_two_twice() -> None:
    plays = [heard("2025-10-26 00:30"), heard("2025-10-26 01:30")]
    tables = agree(
        Life(plays, gaps=[gap("2025-10-26 00:50", "2025-10-26 01:10")]), "listening_by_hour"
    )

    sunday = rows(tables, "listening_by_hour", weekday=6)
    assert [row["plays"] for row in sunday[:4]] == [0, 0, 2, 0]
    assert [row["at_least"] for row in sunday[:4]] == [False, False, True, False]


@pytest.mark.parametrize(
    ("zones", "day"), [(NEW_ZEALAND, date(2026, 1, 1)), (HAWAII, date(2025, 12, 31))]
)
def test_a_day_is_the_listeners_own_for_plays_and_for_gaps(
    zones: tuple[Zone, ...], day: date
) -> None:
    lost = gap("2025-12-31 13:00", "2025-12-31 14:00")
    plays = [heard("2025-12-31 13:30"), heard("2025-12-30 01:00"), heard("2026-01-02 23:00")]
    tables = agree(Life(plays, gaps=[lost], zones=zones))

    assert [row["day"] for row in rows(tables, "listening_by_day", at_least=True)] == [day]
    months = rows(tables, "listening_by_month", at_least=True)
    assert [row["month"] for row in months] == [day.replace(day=1)]


def test_a_gap_that_ends_at_midnight_leaves_the_next_day_whole() -> None:
    plays = daily("2026-03-30", 4)
    lost = [gap("2026-03-30 22:00", "2026-03-31 22:00")]
    tables = agree(Life(plays, gaps=lost))

    days = rows(tables, "listening_by_day", at_least=True)
    assert [row["day"] for row in days] == [date(2026, 3, 31)]
    assert column(rows(tables, "listening_by_month"), "at_least") == [(True,), (False,)]
    filled = Life(plays, gaps=[lost[0] | {"closed_at": at("2026-04-02")}])
    closed = agree(filled, "listening_by_day")
    assert rows(closed, "listening_by_day", at_least=True) == []


def test_who_moved_has_the_days_of_both_places() -> None:
    zones = (Zone("Europe/Berlin"), Zone("Pacific/Auckland", date(2026, 3, 10)))
    plays = [heard("2026-03-09 10:00"), heard("2026-03-09 11:30"), heard("2026-03-31 12:00")]
    tables = agree(Life(plays, zones=zones, gaps=[gap("2026-03-09 10:59", "2026-03-09 11:01")]))

    days = rows(tables, "listening_by_day", plays=1)
    assert [row["day"] for row in days] == [date(2026, 3, 9), date(2026, 3, 10), date(2026, 4, 1)]
    lost = rows(tables, "listening_by_day", at_least=True)
    assert [row["day"] for row in lost] == [date(2026, 3, 9), date(2026, 3, 10)]
    hours = rows(tables, "listening_by_hour", at_least=True)
    assert column(hours, "weekday", "hour") == [(0, 11), (1, 0)]


def test_a_leap_day_is_a_day() -> None:
    tables = agree(Life(daily("2024-02-27", 4)))

    assert column(rows(tables, "listening_by_day"), "day", "streak")[2:] == [
        (date(2024, 2, 29), 3),
        (date(2024, 3, 1), 4),
    ]
    [february, _] = rows(tables, "listening_by_month")
    assert february["minutes_per_day"] == 4
