"""Habits are learned from other sessions nearby, once from each, and never from itself.

Add a test here when something else can be a habit. What habits are worth is data.
"""

from collections.abc import Iterable

import numpy as np
import pytest

from pipelines.listening.arrays import Floats
from pipelines.listening.contexts import CONTEXTS
from pipelines.listening.contexts.habits import WINDOW_DAYS, Habit, HourlyHabits
from pipelines.listening.contexts.timeline import Timeline
from tests.listening.contexts.builders import Row, at, gaps, heard, plays, song

SLEEP, EVERYDAY = CONTEXTS.index("sleep"), CONTEXTS.index("everyday")


def session(day: int, *artists: str, clock: str = "12:00") -> list[Row]:
    return heard(at(day, clock), [song(f"Song {n}", artist) for n, artist in enumerate(artists)])


def line_of(rows: Iterable[Row]) -> Timeline:
    table = plays(list(rows))
    return Timeline.of(
        table.append_column("recording_id", table["track_id"]).append_column(
            "artist_key", table["artist_name"]
        ),
        gaps(),
    )


def likely(line: Timeline, asleep: Iterable[int]) -> Floats:
    """Sleep in these sessions, everyday in the others, and certain of it."""
    told = np.zeros((len(line), len(CONTEXTS)), np.float32)
    sleeps = np.isin(line.session, list(asleep))
    told[sleeps, SLEEP], told[~sleeps, EVERYDAY] = 1, 1
    return told


def votes(rows: list[list[Row]], asleep: Iterable[int]) -> Floats:
    """For each session how the artist of its first play votes for sleep."""
    line = line_of(row for one in rows for row in one)
    found: Floats = Habit(line, line.artist).scores(likely(line, asleep))[line.first, SLEEP]
    return found


def test_an_artist_of_sleepy_sessions_speaks_for_sleep_in_another_one() -> None:
    rows = [session(day, "Whale", clock="22:00") for day in range(4)]
    rows += [session(day, f"Band {day}") for day in range(10, 16)]

    assert votes(rows, asleep=[0, 1, 2])[3] > 0.5
    assert votes(rows, asleep=[])[3] <= 0


def test_a_session_is_no_evidence_for_itself() -> None:
    rows = [session(day, f"Band {day}", f"Band {day}") for day in range(8)]

    assert votes(rows, asleep=[3]).tolist() == [0] * 8


def test_an_artist_counts_once_in_a_session() -> None:
    usual = [session(day, f"Band {day}") for day in range(10, 16)]
    once = [session(day, "Whale") for day in range(3)]
    often = [session(0, *["Whale"] * 9), *once[1:]]

    assert votes([*once, *usual], [0])[1] == pytest.approx(votes([*often, *usual], [0])[1])


def test_more_sessions_say_it_louder() -> None:
    usual = [session(day, f"Band {day}") for day in range(6)]

    def first_vote(count: int) -> float:
        nights = [session(6 + n, "Whale" if n < count else f"Hush {n}") for n in range(8)]
        return float(votes([*usual, *nights], asleep=range(6, 14))[6])

    assert 0 < first_vote(2) < first_vote(6)


@pytest.mark.parametrize(("days", "heard_of"), [(WINDOW_DAYS, True), (WINDOW_DAYS + 1, False)])
def test_what_is_too_long_ago_is_forgotten(days: int, heard_of: bool) -> None:
    usual = [session(day, f"Band {day}") for day in range(1, WINDOW_DAYS)]
    rows = [session(0, "Whale"), *usual, session(days, "Whale")]

    found = votes(rows, asleep=[0, len(rows) - 1])
    assert (found[0] != 0, found[-1] != 0) == (heard_of, heard_of)


def test_others_are_counted_in_sessions_nearby() -> None:
    rows = [*session(0, "A", "A"), *session(1, "A", "B"), *session(40, "A")]
    line = line_of(rows)

    assert Habit(line, line.artist).other_sessions.tolist() == [1, 1, 1, 0, 0]


def test_what_is_not_known_has_no_habit() -> None:
    rows = [row | {"played_from_uri": None} for day in range(3) for row in session(day, "A")]
    line = line_of(rows)
    habit = Habit(line, line.played_from)

    assert habit.other_sessions.tolist() == [-1] * 3
    assert not habit.scores(likely(line, [0])).any()


def hours(days: Iterable[int], asleep: Iterable[int]) -> tuple[Floats, Floats]:
    """How weekdays' and days' hours vote for sleep in sessions at ten, with noons of everyday."""
    days = list(days)
    rows = [row for day in days for row in session(day, "A", "B", clock="12:00")]
    rows += [row for day in days for row in session(day, "A", "B", clock="22:00")]
    line = line_of(sorted(rows, key=lambda row: row["played_at"]))
    nights = [2 * days.index(day) + 1 for day in asleep]
    week, day = HourlyHabits(line).scores(likely(line, nights))
    at_ten = line.first[1::2]
    return week[at_ten, SLEEP], day[at_ten, SLEEP]


def test_an_hour_speaks_for_what_is_usual_at_it_on_other_days() -> None:
    week, day = hours(range(28), asleep=[n for n in range(28) if n != 14])

    assert week[14] > 0.2
    assert day[14] > week[14]


def test_weekdays_may_have_their_own_hours() -> None:
    tuesdays = [1, 8, 15]
    week, day = hours(range(21), asleep=tuesdays)

    assert week[8] > 0.3
    assert week[9] <= 0
    assert week[8] > day[8]


def test_an_hour_of_one_day_alone_says_nothing() -> None:
    week, day = hours([0], asleep=[0])

    assert week.tolist() == day.tolist() == [0]


def test_votes_for_all_contexts_are_of_one_scale() -> None:
    rows = [session(day, "Whale") for day in range(5)]
    line = line_of(row for one in rows for row in one)
    even = np.full((len(line), len(CONTEXTS)), 1 / len(CONTEXTS), np.float32)

    for found in (Habit(line, line.artist).scores(even), *HourlyHabits(line).scores(even)):
        assert np.abs(found).max() < 0.01


def test_without_plays_nothing_votes() -> None:
    line = line_of([])
    none = np.zeros((0, len(CONTEXTS)), np.float32)

    assert Habit(line, line.artist).scores(none).shape == none.shape
    assert [vote.shape for vote in HourlyHabits(line).scores(none)] == [none.shape] * 2
