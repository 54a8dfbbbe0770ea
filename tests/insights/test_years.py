"""Years, all time, and moves: who is new, who is back, and when nothing of that can be said.

Add a life here when a year got a number wrong, or a move was told that nobody made.
"""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.examples import of_whole_runs
from tests.support.insights.agreement import agree, column, rows
from tests.support.insights.lives import Life, Row, at, daily, gap, heard, song

A, B = song("A", "Alma"), song("B", "Bruno")
TOPS = ("top_artists_by_month", "top_tracks_by_month", "top_artists_by_year", "top_tracks_by_year")


def moves(life: Life, name: str, artist: str = "Alma") -> list[tuple[object, ...]]:
    """What is said of one of them, in order of time; all time comes last."""
    found = rows(agree(life, *TOPS), name, artist_name=artist)
    by, away = ("year", "away_years") if name.endswith("year") else ("month", "away_months")
    found.sort(key=lambda row: (row[by] == 0, row[by]) if by == "year" else (False, row[by]))
    return column(found, "rank", "rank_before", "move", away)


def test_an_artist_moves_from_month_to_month() -> None:
    plays = [
        *(heard("2026-01-02", A), *daily("2026-01-03", 2, B)),
        *(*daily("2026-02-01", 3, A), heard("2026-02-09", B)),
        *daily("2026-03-01", 3, A),
        heard("2026-03-09", song("C", "Carla")),
        *(heard("2026-04-02", A), *daily("2026-04-03", 2, song("C", "Carla"))),
    ]
    for name in TOPS[:2]:
        assert moves(Life(plays), name) == [
            (2, None, None, None),
            (1, 2, "up", 0),
            (1, 1, "same", 0),
            (2, 1, "down", 0),
        ]
        assert moves(Life(plays), name, "Carla") == [(2, None, "new", None), (1, 2, "up", 0)]


@pytest.mark.parametrize(
    ("returns", "move", "away"),
    [
        ("2026-02-15", "same", 0),
        ("2026-03-15", None, 1),
        ("2026-04-15", None, 2),
        ("2026-05-15", "back", 3),
        ("2027-03-15", "back", 13),
    ],
)
def test_who_was_away_for_three_months_is_back(returns: str, move: str | None, away: int) -> None:
    for name in TOPS[:2]:
        told = moves(Life([heard("2026-01-15", A), heard(returns, A)]), name)
        assert told[-1] == (1, 1 if away == 0 else None, move, away)


@pytest.mark.parametrize(
    ("lost", "move", "away"),
    [
        (gap("2026-03-10", "2026-03-11"), None, None),
        (gap("2026-03-10", "2026-03-11", closed=True), "back", 4),
        (gap("2026-01-20", "2026-01-21"), "back", 4),
        (gap("2026-06-20", "2026-06-21"), "back", 4),
    ],
)
def test_nobody_is_back_from_months_of_which_plays_may_be_missing(
    lost: Row, move: str | None, away: int | None
) -> None:
    life = Life([heard("2026-01-15", A), heard("2026-06-15", A)], gaps=[lost])

    for name in TOPS[:2]:
        assert moves(life, name)[-1] == (1, None, move, away)


def test_an_artist_moves_from_year_to_year_and_all_time_does_not_move() -> None:
    plays = [
        *daily("2020-05-01", 3, A),
        *(heard("2021-05-01", A), *daily("2021-06-01", 2, B)),
        heard("2022-05-01", B),
        *(heard("2023-05-01", B), *daily("2023-06-01", 2, A)),
    ]
    for name in TOPS[2:]:
        assert moves(Life(plays), name) == [
            (1, None, None, None),
            (2, 1, "down", 0),
            (1, None, "back", 1),
            (1, None, None, None),
        ]
        assert moves(Life(plays), name, "Bruno") == [
            (1, None, "new", None),
            (1, 1, "same", 0),
            (2, 1, "down", 0),
            (2, None, None, None),
        ]


def test_nobody_is_back_from_a_year_with_a_gap() -> None:
    life = Life(
        [heard("2020-05-01", A), heard("2022-05-01", A)], gaps=[gap("2021-03-01", "2021-03-02")]
    )

    for name in TOPS[2:]:
        assert moves(life, name)[1] == (1, None, None, None)


def test_what_is_new_is_new_in_its_scope() -> None:
    plays = [heard("2026-01-01", B), heard("2026-01-02", A, context="kids"), heard("2026-02-01", A)]
    found = agree(Life(plays), "top_artists_by_month")["top_artists_by_month"].to_pylist()

    february = [row for row in found if row["month"] == date(2026, 2, 1)]
    assert column(february, "scope", "move") == [("all", "same"), ("mine", "new")]


def test_a_year_counts_what_is_different_in_it_and_what_is_new() -> None:
    plays = [
        *(heard("2024-12-30", A), heard("2024-12-31", B)),
        *(heard("2026-01-02", A), heard("2026-01-03", song("C", "Alma"))),
        heard("2026-01-04", song("Talk", None, kind="episode", track_uri="spotify:episode:e")),
    ]
    found = rows(agree(Life(plays), "listening_by_year"), "listening_by_year")

    assert column(
        found, "year", "plays", "minutes", "tracks", "artists", "new_artists", "new_tracks"
    ) == [
        (0, 5, 20, 3, 2, None, None),
        (2024, 2, 8, 2, 2, None, None),
        (2025, 0, 0, 0, 0, 0, 0),
        (2026, 3, 12, 2, 1, 0, 1),
    ]
    assert column(found, "days_heard", "known_days", "coverage") == [
        (5, 2 + 365 + 4, "export"),
        (2, 2, "export"),
        (0, 365, None),
        (3, 4, "export"),
    ]


def test_a_streak_over_new_year_is_whole_in_all_time_and_cut_in_each_year() -> None:
    plays = [*daily("2025-12-25", 12), heard("2025-12-30", ms_played=900_000)]
    found = rows(agree(Life(plays), "listening_by_year"), "listening_by_year")

    assert column(found, "year", "longest_streak", "streak_from", "streak_to") == [
        (0, 12, date(2025, 12, 25), date(2026, 1, 5)),
        (2025, 7, date(2025, 12, 25), date(2025, 12, 31)),
        (2026, 5, date(2026, 1, 1), date(2026, 1, 5)),
    ]
    assert column(found, "busiest_day", "busiest_day_minutes") == [
        (date(2025, 12, 30), 19),
        (date(2025, 12, 30), 19),
        (date(2026, 1, 1), 4),
    ]


def test_of_equal_streaks_and_days_the_first_is_told_and_of_none_nothing() -> None:
    plays = [*daily("2026-01-01", 3), *daily("2026-02-01", 3), heard("2027-01-01", ms_played=None)]
    found = rows(agree(Life(plays), "listening_by_year"), "listening_by_year")

    assert column(found, "longest_streak", "streak_from", "busiest_day", "at_least")[1:] == [
        (3, date(2026, 1, 1), date(2026, 1, 1), False),
        (0, None, None, True),
    ]


def test_years_tell_who_tells_of_them_and_where_plays_may_be_missing() -> None:
    plays = [
        heard("2024-05-01"),
        *(heard("2025-05-01"), heard("2025-06-01", source="api")),
        heard("2026-05-01", source="api"),
    ]
    life = Life(plays, gaps=[gap("2024-08-01", "2024-08-02")])
    tables = agree(life, "listening_by_year", *TOPS)

    assert column(rows(tables, "listening_by_year"), "year", "coverage", "at_least") == [
        (0, "mixed", True),
        (2024, "export", True),
        (2025, "mixed", True),
        (2026, "polled", True),
    ]
    assert column(rows(tables, "top_artists_by_year"), "year", "coverage", "at_least") == column(
        rows(tables, "listening_by_year"), "year", "coverage", "at_least"
    )


_PLAYS = st.lists(
    st.tuples(
        st.integers(0, 40),
        st.integers(1, 9),
        st.sampled_from((A, B, song("C", "Alma"), song("D", "Carla"))),
        st.sampled_from(("export", "export", "api")),
        st.sampled_from(("everyday", "kids")),
    ),
    min_size=1,
    max_size=14,
)
_LOST = st.lists(st.integers(0, 40), max_size=2)


@of_whole_runs(5, rare=40)
@given(_PLAYS, _LOST)
def test_years_and_moves_by_chance_are_those_of_the_head_comments(
    told: list[tuple[int, int, Row, str, str]], lost: list[int]
) -> None:
    def month(number: int) -> str:
        return f"{2022 + number // 12}-{number % 12 + 1:02}"

    plays = [
        play
        for number, days, what, source, context in told
        for play in daily(f"{month(number)}-27", days, what, source=source, context=context)
    ]
    gaps = [gap(f"{month(number)}-10", f"{month(number)}-11") for number in set(lost)]

    agree(Life(plays, gaps=gaps, known_to=at("2026-01-01")), "listening_by_year", *TOPS)
