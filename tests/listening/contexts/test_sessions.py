"""Plays are cut into sessions where the listener paused, and where plays may be missing.

Add a test here when a session is cut in a new way. What a session was for does not belong here.
"""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.listening.contexts.sessions import PAUSE, session_ids, session_numbers, starts_of
from tests.listening.contexts.builders import Row, at, gap, gaps, play, plays, song
from tests.support.spotify_answers import minutes

NOON = at(0, "12:00")
MS = timedelta(milliseconds=1)


def from_to(start: datetime, end: datetime, title: str = "Song") -> Row:
    return play(end, song(title, lasting=(end - start) / minutes(1)))


def numbers(rows: list[Row], *lost: Row, pause: timedelta = PAUSE) -> list[int]:
    """Sessions by number, in order of the plays' ends."""
    return [int(number) for number in session_numbers(plays(rows), gaps(*lost), pause)]


def ids(rows: list[Row]) -> list[str]:
    table = plays(rows)
    return [str(name) for name in session_ids(session_numbers(table, gaps()), starts_of(table))]


def after(pause: timedelta, lasting: float = 4) -> list[Row]:
    """Two plays with a pause between the end of one and the start of the other."""
    begins = NOON + pause
    return [from_to(NOON - minutes(4), NOON), from_to(begins, begins + minutes(lasting), "Next")]


def test_twenty_minutes_of_silence_are_still_within_a_session() -> None:
    assert numbers(after(minutes(20))) == [0, 0]


def test_a_longer_silence_ends_a_session() -> None:
    assert numbers(after(minutes(20) + MS)) == [0, 1]


def test_the_pause_is_what_lies_before_the_start_of_a_long_play() -> None:
    assert numbers(after(minutes(5), lasting=90)) == [0, 0]


@pytest.mark.parametrize(("allowed", "expected"), [(9, [0, 1]), (10, [0, 0]), (30, [0, 0])])
def test_the_longest_pause_is_the_listeners_to_choose(allowed: int, expected: list[int]) -> None:
    assert numbers(after(minutes(10)), pause=minutes(allowed)) == expected


@pytest.mark.parametrize(
    ("begins", "ends", "expected"),
    [
        (0, 10, [0, 1]),
        (3, 4, [0, 1]),
        (-60, 60, [0, 1]),
        (11, 13, [0, 1]),  # while the second one was playing
        (-30, 0, [0, 0]),  # up to the end of the first one
        (14, 60, [0, 0]),  # from the end of the second one
    ],
)
def test_an_open_gap_between_the_ends_of_two_plays_cuts(
    begins: int, ends: int, expected: list[int]
) -> None:
    lost = gap(NOON + minutes(begins), NOON + minutes(ends))

    assert numbers(after(minutes(10)), lost) == expected


def test_a_gap_that_was_closed_cuts_nothing() -> None:
    assert numbers(after(minutes(10)), gap(NOON, NOON + minutes(10), closed_at=NOON)) == [0, 0]


def test_each_gap_cuts_where_it_lies() -> None:
    rows = [from_to(NOON + minutes(n), NOON + minutes(n + 4)) for n in (0, 10, 20, 30)]
    lost = [gap(NOON + minutes(n), NOON + minutes(n + 2)) for n in (25, 5)]

    assert numbers(rows, *lost) == [0, 1, 1, 2]


def test_plays_of_two_devices_at_once_are_one_session() -> None:
    podcast = from_to(NOON, NOON + minutes(60), "Podcast")
    songs = [from_to(NOON + minutes(n), NOON + minutes(n + 4)) for n in (1, 30)]
    later = from_to(NOON + minutes(75), NOON + minutes(79), "Later")

    assert numbers([podcast, *songs, later]) == [0, 0, 0, 0]
    assert ids([podcast, *songs, later]) == ["2026-03-02T12:00:00.000Z"] * 4


def test_a_play_without_a_length_is_where_it_was_seen() -> None:
    mute = play(NOON + minutes(20), song("Mute") | {"ms_played": None})
    later = play(NOON + minutes(20) + MS, song("Mute") | {"ms_played": None})

    assert numbers([from_to(NOON - minutes(4), NOON), mute]) == [0, 0]
    assert numbers([from_to(NOON - minutes(4), NOON), later]) == [0, 1]


def test_without_plays_there_are_no_sessions() -> None:
    assert numbers([]) == []
    assert ids([]) == []


def test_a_session_is_named_after_the_start_of_its_earliest_play() -> None:
    long = from_to(NOON, NOON + minutes(10), "Long")
    short = from_to(NOON + minutes(1), NOON + minutes(5))

    assert ids([long, short, from_to(NOON + minutes(60), NOON + minutes(61))]) == [
        "2026-03-02T12:00:00.000Z",
        "2026-03-02T12:00:00.000Z",
        "2026-03-02T13:00:00.000Z",
    ]


@given(st.lists(st.integers(0, 3000), min_size=1, max_size=12, unique=True), st.integers(1, 60))
def test_a_play_at_the_end_renames_no_session_before_it(ends: list[int], more: int) -> None:
    rows = [play(NOON + minutes(end)) for end in ends]
    late = play(NOON + minutes(max(ends) + more))

    assert ids([*rows, late])[:-1] == ids(rows)


@given(st.lists(st.tuples(st.integers(0, 150), st.integers(1, 70)), min_size=1, max_size=5))
def test_a_session_ends_where_nothing_is_heard_for_longer_than_a_pause(
    heard: list[tuple[int, int]],
) -> None:
    rows = [
        from_to(NOON + minutes(start), NOON + minutes(start + lasting), f"Song {n}")
        for n, (start, lasting) in enumerate(heard)
    ]
    over, expected = min(heard)[0], 1
    for start, lasting in sorted(heard):
        expected += start > over + 20
        over = max(over, start + lasting)

    assert len(set(numbers(rows))) == expected
