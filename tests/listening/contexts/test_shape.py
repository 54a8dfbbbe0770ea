"""Signs of the clock, of a session's shape and of a track's sound hold exactly where they say.

Add a test here with every sign. What signs are worth is data, and tested in `test_weights.py`.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from pipelines.listening.arrays import Bools
from pipelines.listening.contexts import rhythm, shape, sound
from pipelines.listening.contexts.habits import WINDOW_DAYS, Habit
from pipelines.listening.contexts.timeline import Timeline, previous_same
from tests.listening.contexts.builders import Row, at, gaps, heard, play, plays, song
from tests.support.spotify_answers import minutes

NOON = at(0, "12:00")


def timed(rows: Iterable[Row]) -> tuple[pa.Table, Timeline]:
    table = plays(list(rows))
    table = table.append_column("recording_id", table["track_id"])
    table = table.append_column("artist_key", table["artist_name"])
    return table, Timeline.of(table, gaps())


def signs_of_plays(rows: Iterable[Row]) -> dict[str, Bools]:
    table, line = timed(rows)
    return dict(shape.play_signs(line, table))


def signs_of_sessions(rows: Iterable[Row]) -> dict[str, Bools]:
    table, line = timed(rows)
    again = shape.Repeats(
        recording=previous_same(line.recording),
        artist=previous_same(line.artist),
        album=previous_same(line.album),
        played_from=previous_same(line.played_from),
        recording_elsewhere=Habit(line, line.recording).other_sessions,
        artist_elsewhere=Habit(line, line.artist).other_sessions,
    )
    return dict(shape.session_signs(line, table, again))


def of_play(row: Row) -> set[str]:
    """The signs of a single play."""
    return {sign for sign, holds in signs_of_plays([row]).items() if holds[0]}


def of_sessions(rows: Iterable[Row]) -> list[set[str]]:
    """The signs of each session."""
    signs = signs_of_sessions(rows)
    count = len(next(iter(signs.values())))
    return [{sign for sign in signs if signs[sign][n]} for n in range(count)]


def of_session(rows: Iterable[Row]) -> set[str]:
    (signs,) = of_sessions(rows)
    return signs


def begun(start: datetime, lasting: float = 3, **known: Any) -> Row:
    return play(start + minutes(lasting), song("Song", lasting=lasting), **known)


def only(signs: set[str], ending: str) -> set[str]:
    return {sign for sign in signs if sign.endswith(ending)}


@pytest.mark.parametrize(
    ("clock", "sign"),
    [("00:00", "0 to 2"), ("04:59", "2 to 5"), ("05:00", "5 to 7"), ("23:59", "23 to 24")],
)
def test_a_play_has_the_hour_at_which_it_began(clock: str, sign: str) -> None:
    assert only(of_play(begun(at(2, clock))), "o'clock") == {f"from {sign} o'clock"}


@pytest.mark.parametrize("ending", ["o'clock", "after the quiet hours"])
def test_every_play_has_one_hour_and_one_distance_from_the_quiet_hours(ending: str) -> None:
    rows = [begun(at(0, "00:00") + minutes(n)) for n in range(0, 7 * 24 * 60, 13)]
    signs = signs_of_plays(rows)

    assert (np.sum([signs[sign] for sign in only(set(signs), ending)], axis=0) == 1).all()


@pytest.mark.parametrize(
    ("day", "clock", "holds"),
    [
        (3, "22:00", False),
        (4, "18:59", False),
        (4, "19:00", True),
        (5, "04:59", True),
        (5, "05:00", False),
        (5, "23:00", True),
        (6, "03:00", True),
        (6, "20:00", False),
        (0, "03:00", False),
    ],
)
def test_friday_and_saturday_nights_last_until_five(day: int, clock: str, holds: bool) -> None:
    assert ("on a Friday or Saturday night" in of_play(begun(at(day, clock)))) == holds


@pytest.mark.parametrize(
    ("day", "clock", "holds"),
    [(0, "07:59", False), (0, "08:00", True), (4, "17:59", True), (4, "18:00", False)]
    + [(day, "12:00", False) for day in (5, 6)],
)
def test_work_is_from_eight_to_six_on_workdays(day: int, clock: str, holds: bool) -> None:
    assert ("on a workday from 8 to 18" in of_play(begun(at(day, clock)))) == holds


@pytest.mark.parametrize(
    ("lasting", "heard_for", "sign"),
    [
        (1.4, 1.4, {"track of 0 to 1.5 min"}),
        (1.5, 1.5, {"track of 1.5 to 2.5 min"}),
        (4, 4, set()),
        (5, 0.2, {"track of 5 to 8 min"}),
        (8, 8, {"track of 8+ min"}),
    ],
)
def test_a_track_is_as_long_as_it_is_and_not_as_it_was_heard(
    lasting: float, heard_for: float, sign: set[str]
) -> None:
    row = play(NOON, song("Song", lasting=lasting), ms_played=int(heard_for * 60_000))

    assert {one for one in of_play(row) if one.startswith("track of")} == sign


def test_explicit_is_what_is_known_to_be() -> None:
    assert "explicit" in of_play(begun(NOON, explicit=True))
    assert "explicit" not in of_play(begun(NOON, explicit=False)) | of_play(begun(NOON))


@pytest.mark.parametrize(
    ("lasting", "sign"),
    [(14.9, "0 to 15"), (15, "15 to 30"), (44, "30 to 45"), (279, "170 to 280"), (280, "280+")],
)
def test_a_session_has_one_length(lasting: float, sign: str) -> None:
    signs = of_session([begun(NOON, lasting)])

    assert {one for one in signs if one.startswith("session of")} == {f"session of {sign} min"}


@pytest.mark.parametrize(
    ("skips", "sign"),
    [
        ([False] * 5, {"share of skips 0 to 0.01"}),
        ([True] + [False] * 24, {"share of skips 0.01 to 0.06"}),
        ([True] + [False] * 9 + [None] * 90, {"share of skips 0.06 to 0.15"}),
        ([True], {"share of skips 0.15+"}),
        ([None] * 5, set()),
    ],
)
def test_skips_are_a_share_of_the_plays_of_which_they_are_known(
    skips: Sequence[bool | None], sign: set[str]
) -> None:
    songs = [song(f"Song {n}", skipped=skip) for n, skip in enumerate(skips)]

    assert {one for one in of_session(heard(NOON, songs)) if "skips" in one} == sign


@pytest.mark.parametrize(("on", "holds"), [(2, False), (3, True)])
def test_mostly_shuffled_is_more_than_half(on: int, holds: bool) -> None:
    songs = [song(f"Song {n}", shuffle=n < on) for n in range(4)]

    assert ("mostly shuffled" in of_session(heard(NOON, songs))) == holds


@pytest.mark.parametrize(
    ("different", "sign"),
    [
        (1, {"0 to 0.1"}),
        (2, {"0.1 to 0.35"}),
        (10, {"0.35 to 0.7"}),
        (16, set()),
        (20, {"0.95+"}),
    ],
)
def test_variety_counts_different_recordings_and_artists(different: int, sign: set[str]) -> None:
    tunes = [song(f"Song {n % different}") for n in range(20)]
    bands = [song(f"Song {n}", f"Band {n % different}") for n in range(20)]

    assert _after("different tracks ", of_session(heard(NOON, tunes))) == sign
    assert _after("different artists ", of_session(heard(NOON, bands))) == sign


def _after(beginning: str, signs: set[str]) -> set[str]:
    return {sign.removeprefix(beginning) for sign in signs if sign.startswith(beginning)}


def test_one_album_is_one_album_and_what_is_not_known_is_none() -> None:
    sign = "one album or playlist"
    album = [song(f"Song {n}") for n in range(4)]
    mixed = [song(f"Song {n}", f"Band {n % 2}") for n in range(4)]
    unknown = [song(f"Song {n}", album_name=None) for n in range(4)]

    assert sign in of_session(heard(NOON, album))
    assert sign not in of_session(heard(NOON, album[:3]))
    assert sign not in of_session(heard(NOON, mixed))
    assert sign not in of_session(heard(NOON, unknown))


def daily(count: int, songs: Sequence[Row]) -> list[Row]:
    return [row for day in range(count) for row in heard(at(day, "12:00"), songs)]


def test_recordings_of_many_sessions_are_told_from_those_of_a_few() -> None:
    sign = "the same recordings as in many sessions"
    songs = [song(f"Song {n}") for n in range(3)]

    assert all(sign in signs for signs in of_sessions(daily(5, songs)))
    assert not any(sign in signs for signs in of_sessions(daily(4, songs)))


def test_artists_are_new_only_where_there_are_sessions_to_compare_with() -> None:
    sign = "artists of no other session"
    usual = [song(f"Song {n}") for n in range(6)]
    party = heard(at(8, "21:00"), [song(f"Tune {n}", f"DJ {n}") for n in range(6)])

    *_, long_known = of_sessions([*daily(9, usual[:1]), *party])
    assert sign not in long_known
    signs = of_sessions([*daily(16, usual[:1]), *party])
    assert [sign in one for one in signs] == [n == 9 for n in range(17)]


@pytest.mark.parametrize(("hours", "holds"), [(4, False), (4.1, True)])
def test_silence_is_counted_between_sessions(hours: float, holds: bool) -> None:
    first, second = of_sessions([begun(NOON), begun(NOON + minutes(3 + 60 * hours))])

    assert ("followed by 4 h of silence" in first) == holds
    assert ("after 4 h of silence" in second) == holds
    assert "after 4 h of silence" in first
    assert "followed by 4 h of silence" in second


SLOT = "same weekday and hour in "


@pytest.mark.parametrize(
    ("days", "minutes_later", "lasting", "sign"),
    [
        ((), 0, 50, set()),
        ((7,), 0, 50, {"1 other weeks"}),
        ((7,), 45, 50, {"1 other weeks"}),
        ((7,), 46, 50, set()),
        ((-7, 14), -45, 50, {"2 or 3 other weeks"}),
        ((-21, -14, -7, 7), 10, 40, {"4 or more other weeks"}),
        ((7, 14, 21), 0, 20, set()),
        ((1, 2, 3, 6, 8, 28), 0, 50, set()),
    ],
)
def test_a_slot_is_about_the_same_time_for_about_as_long_in_other_weeks(
    days: Iterable[int], minutes_later: int, lasting: float, sign: set[str]
) -> None:
    middle = at(28, "18:00")
    others = [begun(middle + timedelta(days=day) + minutes(minutes_later), lasting) for day in days]
    signs = of_sessions([*others, begun(middle, 50)])
    place = sum(day < 0 for day in days)

    assert _after(SLOT, signs[place]) == sign


def test_without_plays_there_are_no_signs_to_hold() -> None:
    assert all(len(holds) == 0 for holds in signs_of_plays([]).values())
    assert all(len(holds) == 0 for holds in signs_of_sessions([]).values())


def quiet(*clocks: str, days: int = 20) -> set[int]:
    """Hours since the quiet hours of the first play in sessions at these hours every day."""
    _, line = timed(begun(at(day, clock)) for day in range(days) for clock in clocks)
    return set(rhythm.since_quiet(line)[line.hour == int(clocks[0][:2])].tolist())


def test_morning_follows_the_quiet_hours_also_for_those_who_sleep_by_day() -> None:
    by_night = quiet("07:00", "08:30", "12:00", "15:00", "18:00", "20:00", "22:00")
    by_day = quiet("16:00", "17:30", "21:00", "00:00", "03:00", "05:00", "07:00")

    assert by_night | by_day <= {0, 1, 2, 3}


def test_quiet_hours_follow_a_change_of_life_and_forget_the_other_one() -> None:
    clocks = ("08:00", "12:00", "16:00", "20:00")
    before = [begun(at(day, clock)) for day in range(20) for clock in clocks]
    after = [begun(at(day, clock) + minutes(600)) for day in range(20, 60) for clock in clocks]
    _, alone = timed(before)
    _, both = timed([*before, *after])

    early = alone.day < alone.day[0] + 20 - rhythm.WINDOW_DAYS
    found = rhythm.since_quiet(both)
    assert (found[: len(before)][early] == rhythm.since_quiet(alone)[early]).all()
    assert (found[-8:] != found[:8]).any()


def test_nothing_reaches_further_than_two_months_less_the_longest_session() -> None:
    furthest = max(*shape.WEEKS, rhythm.WINDOW_DAYS, WINDOW_DAYS)

    assert 2 * WINDOW_DAYS + furthest + 2 <= 28 + 31


def test_one_session_does_not_turn_day_to_night() -> None:
    assert quiet("12:00", days=1) <= set(range(4, 9))


@pytest.mark.parametrize(
    ("feature", "value", "signs"),
    [
        ("energy", 0.2, {"energy below 0.25"}),
        ("energy", 0.25, {"energy of 0.25 to 0.4"}),
        ("energy", 0.5, set()),
        ("energy", 0.85, {"energy of 0.85 or more"}),
        ("loudness", -20.0, {"loudness below -18"}),
        ("loudness", None, set()),
        ("loudness", float("nan"), set()),
    ],
)
def test_a_sound_is_a_sign_where_it_is_known(
    feature: str, value: float | None, signs: set[str]
) -> None:
    silent = {name: pa.array([None], pa.float64()) for name in sound.FEATURES}
    tracks = pa.table(silent | {feature: pa.array([value], pa.float64())})

    assert {sign for sign, holds in sound.track_signs(tracks) if holds[0]} == signs


def test_every_sign_is_one_yes_or_no_per_play_or_session() -> None:
    rows = daily(3, [song("A"), song("B")])

    for count, signs in ((6, signs_of_plays(rows)), (3, signs_of_sessions(rows))):
        assert {(len(holds), holds.dtype.name) for holds in signs.values()} == {(count, "bool")}
