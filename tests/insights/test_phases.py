"""Phases: when an artist or a genre had its time, and when nothing of that kind is said.

Add a life here when a phase was told that was none, or one was missed, or its title reads badly.
"""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.listening.time.local_time import Zone
from tests.support.examples import of_whole_runs
from tests.support.insights.agreement import agree, column, rows
from tests.support.insights.ground import month_after
from tests.support.insights.lives import BERLIN, Life, Row, at, daily, gap, song

USUAL = [song("Usual", "Usual"), song("Other", "Other")]
JAZZ = [song("Blue", "Nina Simone"), song("Green", "Chet Baker"), song("Red", "Sun Ra")]
GENRES = [
    {"track_key": what["track_id"], "track_id": what["track_id"], "genres": [genre]}
    for songs, genre in ((USUAL, "pop"), (JAZZ, "jazz"))
    for what in songs
]
SOUTH, NOWHERE = (Zone("Australia/Sydney"),), (Zone("Asia/Tokyo"),)


def life(
    months: int, *phases: tuple[str, int, Row], begin: str = "2024-01-01", **known: Any
) -> Life:
    """Two artists every day for so many months, and what else was played from a day on."""
    first = date.fromisoformat(begin)
    days = (month_after(first, months) - first).days
    plays = [one for what in USUAL for one in daily(first, days, what)]
    plays += [one for day, length, what in phases for one in daily(day, length, what, 2)]
    return Life(plays, **{"known_to": at("2027-01-01"), **known})


def titles(told: Life) -> list[object]:
    found = sorted(rows(agree(told, "phases"), "phases"), key=lambda row: row["rank"])
    return [title for (title,) in column(found, "title")]


def test_three_months_of_an_artist_are_a_phase_with_its_shares() -> None:
    found = rows(agree(life(12, ("2024-03-01", 92, JAZZ[0])), "phases"), "phases")

    assert column(found, "rank", "kind", "name", "artist_key", "title", "starts_on", "ends_on") == [
        (
            1,
            "artist",
            "Nina Simone",
            "nina simone",
            "Three months of Nina Simone, March to May 2024",
            date(2024, 3, 1),
            date(2024, 5, 31),
        )
    ]
    assert column(found, "months", "plays", "share", "usual_share", "at_least") == [
        (3, 184, 0.5, 0.0, False)
    ]


@pytest.mark.parametrize(
    ("zones", "begin", "jazz", "told"),
    [
        (BERLIN, "2024-01-01", "2024-03-01", "Your jazz spring of 2024"),
        (BERLIN, "2024-01-01", "2024-06-01", "Your jazz summer of 2024"),
        (BERLIN, "2024-01-01", "2024-10-01", "Your jazz autumn of 2024"),
        (BERLIN, "2023-06-01", "2023-12-01", "Your jazz winter of 2023/24"),
        (BERLIN, "1999-06-01", "2000-01-01", "Your jazz winter of 1999/00"),
        (SOUTH, "2024-01-01", "2024-03-01", "Your jazz autumn of 2024"),
        (SOUTH, "2023-06-01", "2023-12-01", "Your jazz summer of 2023/24"),
        (NOWHERE, "2024-01-01", "2024-03-01", "Two months of jazz, March and April 2024"),
        (BERLIN, "2024-01-01", "2024-05-01", "Two months of jazz, May and June 2024"),
        (NOWHERE, "2023-06-01", "2023-12-01", "Two months of jazz, December 2023 and January 2024"),
    ],
)
def test_a_genre_has_a_season_where_it_is_known_which_one_that_is(
    zones: tuple[Zone, ...], begin: str, jazz: str, told: str
) -> None:
    phases = [(jazz, 59, what) for what in JAZZ]
    known = {"zones": zones, "sounds": GENRES, "known_to": at(f"{int(begin[:4]) + 2}-01-01")}

    assert told in titles(life(12, *phases, begin=begin, **known))


def test_a_genre_that_is_one_artists_is_told_as_that_artist_alone() -> None:
    alone = life(12, ("2024-03-01", 92, JAZZ[0]), sounds=GENRES)
    assert titles(alone) == ["Three months of Nina Simone, March to May 2024"]
    two = life(12, *[("2024-03-01", 92, what) for what in JAZZ[:2]], sounds=GENRES)
    assert "Your jazz spring of 2024" in titles(two)


def test_genres_that_are_known_of_less_than_half_of_the_plays_tell_of_no_phase() -> None:
    phases = [("2024-03-01", 92, what) for what in JAZZ]
    found = titles(life(12, *phases, sounds=[row for row in GENRES if row["genres"] == ["jazz"]]))

    assert found
    assert not any("jazz" in str(title) for title in found)


@pytest.mark.parametrize(
    ("months", "begins", "days", "is_told"),
    [
        (6, "2024-03-01", 31, True),
        (5, "2024-03-01", 31, False),
        (6, "2024-02-01", 90, True),
        (6, "2024-02-01", 121, False),
        (12, "2024-03-01", 3, False),
        (12, "2024-03-10", 4, False),
        (12, "2024-03-10", 5, True),
    ],
)
def test_a_phase_needs_months_to_compare_with_and_more_than_a_few_days(
    months: int, begins: str, days: int, is_told: bool
) -> None:
    assert bool(titles(life(months, (begins, days, JAZZ[0])))) is is_told


def test_plays_of_one_evening_are_no_phase_however_many() -> None:
    evening = daily("2024-03-09", 1, JAZZ[0], 60)
    told = life(12)

    assert titles(Life([*told.plays, *evening], known_to=told.known_to)) == []
    four = [one for day in range(9, 13) for one in daily(f"2024-03-{day:02}", 1, JAZZ[0], 15)]
    assert titles(Life([*told.plays, *four], known_to=told.known_to)) == [
        "A month of Nina Simone, March 2024"
    ]


def test_who_is_always_played_has_no_phase_by_being_played_a_little_more() -> None:
    always = [one for what in USUAL for one in daily("2024-01-01", 366, what)]
    more = daily("2024-03-01", 31, USUAL[0])

    assert titles(Life(always + more)) == []


def test_a_month_with_a_few_days_at_its_end_is_not_compared() -> None:
    plays = [*life(7).plays, *daily("2024-08-01", 11, JAZZ[0], 9)]

    assert titles(Life(plays)) == []


def test_what_lies_within_a_stronger_phase_is_not_told_and_what_reaches_beyond_it_is() -> None:
    long, within, beyond = JAZZ
    told = life(
        12,
        ("2024-03-01", 153, long),
        ("2024-04-01", 30, within),
        ("2024-07-01", 62, beyond),
    )

    found = titles(told)
    assert "Five months of Nina Simone, March to July 2024" in found
    assert "Two months of Sun Ra, July and August 2024" in found
    assert not any("Chet Baker" in str(title) for title in found)


def test_at_most_twelve_are_told_the_strongest_first() -> None:
    phases = [
        (month_after(date(2020, 1, 1), 2 * n).isoformat(), 20 + n % 7, song("S", f"Artist {n:02}"))
        for n in range(20)
    ]
    found = rows(agree(life(42, *phases, begin="2020-01-01"), "phases"), "phases")

    strengths = [row["months"] * (row["share"] - row["usual_share"]) for row in found]
    assert [row["rank"] for row in found] == list(range(1, 13))
    assert strengths == sorted(strengths, reverse=True)


def test_a_phase_that_lasts_ends_with_what_is_known_and_says_where_plays_may_be_missing() -> None:
    phase = ("2024-12-01", 28, JAZZ[0])
    lost = [gap("2024-12-26", "2024-12-27")]
    found = rows(agree(life(12, phase, known_to=at("2024-12-31"), gaps=lost), "phases"), "phases")

    assert column(found, "ends_on", "at_least") == [(date(2024, 12, 31), True)]
    plays = [one for one in life(12, phase).plays if one["played_at"] < at("2024-12-26")]
    [cut] = rows(agree(Life(plays), "phases"), "phases")
    assert (cut["ends_on"], cut["at_least"]) == (date(2024, 12, 25), False)


_MONTH = st.lists(st.integers(0, 24), min_size=len(JAZZ) + len(USUAL), max_size=5)


@of_whole_runs(3, rare=20)
@given(
    st.lists(_MONTH, min_size=6, max_size=9),
    st.sampled_from((BERLIN, SOUTH, NOWHERE)),
    st.booleans(),
)
def test_phases_by_chance_are_those_of_the_head_comment(
    months: list[list[int]], zones: tuple[Zone, ...], is_kids: bool
) -> None:
    plays = [
        one | ({"context": "kids"} if is_kids and which == 2 else {})
        for number, counts in enumerate(months)
        for which, (what, days) in enumerate(zip(USUAL + JAZZ, counts, strict=True))
        for one in daily(month_after(date(2023, 10, 1), number), days, what, 1 + which % 2)
    ]

    agree(Life(plays, zones=zones, sounds=GENRES), "phases")
