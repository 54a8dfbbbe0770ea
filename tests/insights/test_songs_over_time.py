"""Songs that are looped, loved, dropped and forgotten: on which day, and by how many plays.

Add a life here when heavy rotation, obsessions or forgotten favourites got a day or a number wrong.
"""

from datetime import date, timedelta

import pytest

from pipelines.listening.insights.inputs import Rotation
from tests.support.insights.agreement import agree, column, rows
from tests.support.insights.lives import Life, Row, at, daily, heard, song

TWO_DAYS = timedelta(days=2)

BOTH_HALVES = [
    *(heard("2026-03-01"), *daily("2026-03-14", 1, times=4)),
    *(*daily("2026-03-16", 1, times=4), *daily("2026-03-20", 2, times=2)),
]
"""Of four weeks five plays in the first half, on its first and its last day, and then eight."""


def test_a_stay_in_rotation_goes_on_over_new_year() -> None:
    plays = daily("2025-12-20", 24)
    tables = agree(Life(plays, known_to=at("2026-03-01")), "heavy_rotation")

    [stay] = rows(tables, "heavy_rotation")
    assert stay["entered_on"] == date(2025, 12, 27), "the eighth play"
    assert stay["left_on"] == date(2026, 1, 12) + timedelta(days=21), "the eighth last one is old"
    assert (stay["state"], stay["plays"], stay["days_played"]) == ("dropped", 17, 17)
    assert stay["days"] == (stay["left_on"] - stay["entered_on"]).days


@pytest.mark.parametrize(
    ("plays", "through", "state"),
    [
        (daily("2026-03-01", 8), "2026-03-14", "new"),
        (daily("2026-03-01", 8), "2026-03-15", "rising"),
        (daily("2026-03-01", 8), "2026-03-20", "cooling"),
        (daily("2026-03-01", 8), "2026-03-26", "cooling"),
        (daily("2026-03-01", 4, times=2), "2026-03-12", "rising"),
        (daily("2026-03-01", 28), "2026-03-28", "heavy"),
        (BOTH_HALVES, "2026-03-28", "heavy"),
        (daily("2026-03-01", 14) + daily("2026-03-15", 14, times=2), "2026-03-28", "rising"),
        (daily("2026-03-01", 8), "2026-03-29", "dropped"),
    ],
)
def test_a_stay_has_a_state(plays: list[Row], through: str, state: str) -> None:
    tables = agree(Life(plays, known_to=at(through)), "heavy_rotation")

    [stay] = rows(tables, "heavy_rotation")
    assert (stay["state"], stay["left_on"] is None) == (state, state != "dropped")


def test_who_comes_back_into_rotation_has_a_second_stay() -> None:
    life = Life(daily("2026-01-01", 9) + daily("2026-04-01", 9))
    tables = agree(life, "heavy_rotation")

    assert column(rows(tables, "heavy_rotation"), "state", "entered_on") == [
        ("dropped", date(2026, 1, 8)),
        ("new", date(2026, 4, 8)),
    ]


def test_plays_of_two_months_count_together() -> None:
    tables = agree(Life(daily("2026-01-28", 8)), "heavy_rotation")

    assert column(rows(tables, "heavy_rotation"), "entered_on") == [(date(2026, 2, 4),)]


def test_a_song_may_enter_rotation_because_another_one_leaves() -> None:
    plays = daily("2026-03-01", 10, song("first")) + daily("2026-03-02", 9, song("second"))
    life = Life(plays, known_to=at("2026-05-01"), rotation=Rotation(8, 4, 1))
    found = rows(agree(life, "heavy_rotation"), "heavy_rotation", track_name="second")

    assert column(found, "entered_on", "days", "plays", "minutes", "days_played") == [
        (date(2026, 3, 29), 2, 0, 0, 0)
    ]


@pytest.mark.parametrize(
    ("name", "through", "touching", "beside"),
    [
        ("heavy_rotation", "03-12", ["02-05", "03-12"], ["02-04", "03-13"]),
        ("obsessions", "05-10", ["03-01", "05-06"], ["02-28", "05-07"]),
        ("forgotten_favourites", "05-10", ["03-12", "05-08"], ["03-11"]),
    ],
)
def test_a_gap_matters_on_the_days_of_which_a_row_speaks(
    name: str, through: str, touching: list[str], beside: list[str]
) -> None:
    plays = daily("2026-03-01", 4, times=3)
    for days in (touching, beside):
        first, *last = (at(f"2026-{day}") for day in days)
        lost = [(first - TWO_DAYS, first), *((day, day + TWO_DAYS) for day in last)]
        for start, end in lost:
            told = {"gap_start": start, "gap_end": end, "detected_at": end}
            tables = agree(Life(plays, gaps=[told], known_to=at(f"2026-{through}")), name)
            assert column(rows(tables, name), "at_least") == [(days is touching,)], start


def test_equal_plays_share_a_rank_in_rotation_and_all_of_them_are_in_it() -> None:
    songs = [song(title) for title in "abc"]
    plays = [one for which in songs for one in daily("2026-03-01", 4, which)]
    tables = agree(Life([*plays, *daily("2026-03-01", 5, song("d"))], rotation=Rotation(4, 4, 2)))

    places = column(rows(tables, "heavy_rotation"), "track_name", "peak_rank")
    assert sorted(places) == [("a", 1), ("b", 1), ("c", 1), ("d", 1)]
    assert {row["days"] for row in rows(tables, "heavy_rotation")} == {2}
    both = [*plays, *(one for title in "de" for one in daily("2026-03-01", 5, song(title)))]
    behind = agree(Life(both, rotation=Rotation(4, 4, 2)), "heavy_rotation")
    assert column(rows(behind, "heavy_rotation", track_name="a"), "days") == [(1,)]


def test_an_obsession_is_half_of_all_plays_in_its_first_best_week() -> None:
    week, later = daily("2026-03-01", 5, times=2), daily("2026-04-01", 5, times=2)
    tables = agree(Life(week + later), "obsessions")
    [found] = rows(tables, "obsessions")
    assert (found["starts_on"], found["ends_on"]) == (date(2026, 3, 1), date(2026, 3, 7))
    assert (found["share"], found["plays_after"], found["abandoned"]) == (0.5, 10, None)

    once_more = agree(Life([*week, *later, heard("2026-04-20")]), "obsessions")
    assert rows(once_more, "obsessions") == [], "the week is less than half by now"
    nine = agree(Life([*daily("2026-03-01", 3, times=3), heard("2026-05-01")]), "obsessions")
    assert rows(nine, "obsessions") == []
    on_two_days = agree(Life(daily("2026-03-01", 2, times=6)), "obsessions")
    assert rows(on_two_days, "obsessions") == []


def test_twelve_plays_on_two_days_do_not_hide_eleven_on_three() -> None:
    plays = [
        *(*daily("2026-03-01", 1, times=6), *daily("2026-03-07", 1, times=6)),
        *(*daily("2026-03-08", 1, times=3), *daily("2026-03-09", 1, times=2)),
    ]
    [found] = rows(agree(Life(plays), "obsessions"), "obsessions")

    assert (found["starts_on"], found["plays"], found["days"]) == (date(2026, 3, 7), 11, 3)


@pytest.mark.parametrize(
    ("through", "more", "abandoned"),
    [
        ("2026-05-05", 0, None),
        ("2026-05-06", 0, True),
        ("2026-05-06", 1, True),
        ("2026-05-06", 2, False),
    ],
)
def test_an_obsession_is_abandoned_once_sixty_days_are_over(
    through: str, more: int, abandoned: bool | None
) -> None:
    plays = daily("2026-03-01", 5, times=2) + daily("2026-05-06", 1, times=more)
    tables = agree(Life(plays, known_to=at(through)), "obsessions")
    [found] = rows(tables, "obsessions")

    assert found["abandoned"] is abandoned


def test_what_most_of_a_week_was_heard_by_the_kids_is_their_loop() -> None:
    plays = daily("2026-03-01", 3, times=2, context="kids") + daily("2026-03-04", 3, times=2)
    plays += daily("2026-03-04", 3, times=2, context="kids", ms_played=20_000)
    [even] = rows(agree(Life(plays), "obsessions"), "obsessions")
    assert even["loop"] is None
    plays.append(heard("2026-03-07", context="kids"))
    [more] = rows(agree(Life(plays), "obsessions"), "obsessions")
    assert more["loop"] == "kids"


def test_favourites_are_forgotten_after_sixty_days_of_silence() -> None:
    plays = daily("2026-01-01", 5)
    name = "forgotten_favourites"

    def forgotten(through: str) -> list[Row]:
        return rows(agree(Life(plays, known_to=at(through)), name), name)

    assert forgotten("2026-03-05") == []
    [found] = forgotten("2026-03-06")
    assert (found["days_since"], found["plays"], found["rank"]) == (60, 5, 1)
    assert forgotten("2027-03-06") == [], "fewer than five in that year"


def test_a_favourite_counts_by_the_year_before_the_silence() -> None:
    days = ["2025-01-03", "2025-01-04", "2025-01-05", "2026-01-01", "2026-01-02"]
    plays = [heard(day) for day in days] + daily("2026-02-01", 5, ms_played=20_000)
    name = "forgotten_favourites"

    assert rows(agree(Life(plays, known_to=at("2026-03-04")), name), name) == []
    [found] = rows(agree(Life(plays, known_to=at("2026-03-03")), name), name)
    assert (found["plays"], found["last_played_on"]) == (5, date(2026, 1, 2))


def test_fifty_favourites_may_be_forgotten() -> None:
    plays = [one for n in range(52) for one in daily("2026-01-01", 5 + n % 2, song(f"{n:02}"))]
    tables = agree(Life(plays, known_to=at("2026-04-01")), "forgotten_favourites")

    ranks = [row["rank"] for row in rows(tables, "forgotten_favourites")]
    assert sorted(ranks) == list(range(1, 51))
