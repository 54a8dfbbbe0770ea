"""Stretches with songs of their own: found by what is heard together, hardly elsewhere, and when.

Add a test here when such stretches are told apart by something new. What they mean for a label is
weighed, and tested in `test_strangers.py`.
"""

from collections.abc import Iterable
from datetime import timedelta
from random import Random

import numpy as np
import pyarrow as pa

from pipelines.listening.catalogue.tracks_and_artists import unique_tracks
from pipelines.listening.contexts.filling import fill
from pipelines.listening.contexts.repertoire import Repertoire, repertoire
from pipelines.listening.contexts.shape import is_spoken
from pipelines.listening.contexts.timeline import Timeline
from tests.listening.contexts.builders import Row, at, gaps, heard, labelled, plays, song

MAIN = [song(f"Song {n}", f"Band {n % 30}") for n in range(60)]
OWN = [song(f"Tune {n}", f"DJ {n % 9}", 3.6) for n in range(30)]


def some_weeks(
    days: Iterable[int],
    clock: str,
    *,
    weeks: int = 6,
    tunes: int = 14,
    from_: list[Row] | None = None,
) -> list[Row]:
    """Ways to work and back with one repertoire, and on some days a slot with another one."""
    chance = Random(5)
    rows: list[Row] = []
    for day in range(7 * weeks):
        if day % 7 < 5:
            for way in ("08:10", "13:00", "17:00", "20:10"):
                begins = at(day, way) + timedelta(minutes=chance.randrange(12))
                rows += heard(begins, chance.choices(MAIN, k=6))
        if day % 7 in days:
            begins = at(day, clock) + timedelta(minutes=chance.randrange(10))
            rows += heard(begins, chance.choices(from_ or OWN, k=tunes))
    return sorted(rows, key=lambda row: row["played_at"])


def own_songs(rows: list[Row]) -> tuple[Timeline, Repertoire]:
    table: pa.Table = plays(rows).sort_by("played_at")
    filled = fill(table, unique_tracks(table)).plays
    line = Timeline.of(filled, gaps())
    return line, repertoire(line, is_spoken(line, filled))


def signs_at(own: Repertoire) -> set[str]:
    """The signs of the stretch in the middle."""
    middle = own.first[len(own.first) // 2]
    return {name for name, holds in own.signs() if holds[middle]}


def test_a_slot_with_songs_of_its_own_is_a_stretch_and_the_way_to_work_is_none() -> None:
    line, own = own_songs(some_weeks((1, 3), "18:30"))
    inside = line.local[own.stretch >= 0] % 86_400_000 // 3_600_000

    assert len(own.first) == 12
    assert set(inside.tolist()) == {18, 19}


def test_songs_that_are_heard_at_all_hours_make_no_slot() -> None:
    _, own = own_songs(some_weeks((1, 3), "18:30", from_=MAIN))

    assert len(own.first) == 0


def test_how_often_how_long_and_when_is_told() -> None:
    _, own = own_songs(some_weeks((1, 3), "18:30"))

    assert signs_at(own) == {
        "songs of their own",
        "own songs for 38 to 85 min",
        "own songs on 1.35 to 3.6 days a week",
        "own songs at this hour of this weekday in 4 or more other weeks",
    }


def test_what_is_heard_at_weekends_or_every_day_or_briefly_is_told() -> None:
    weekend = signs_at(own_songs(some_weeks((5,), "10:00"))[1])
    daily = signs_at(own_songs(some_weeks(range(7), "18:30"))[1])
    brief = signs_at(own_songs(some_weeks((1, 3), "18:30", tunes=7))[1])
    late = signs_at(own_songs(some_weeks((1, 3), "21:30"))[1])

    assert {"own songs at weekends", "own songs on 0.7 to 1.35 days a week"} <= weekend
    assert "own songs on 4.4+ days a week" in daily
    assert "own songs for 15 to 38 min" in brief
    assert "own songs late in the evening or at night" in late


def test_two_days_make_no_habit() -> None:
    rows = some_weeks((), "18:30")
    for day in (15, 22):
        rows += heard(at(day, "18:30"), OWN[:14])
    _, own = own_songs(rows)

    assert not any(holds.any() for _, holds in own.signs())


def test_a_workout_is_found_without_a_name_and_is_not_certain() -> None:
    done = labelled(plays(some_weeks((1, 3), "18:30")))
    slot = [row for row in done.to_pylist() if row["artist_name"].startswith("DJ")]

    assert np.mean([row["context"] == "workout" for row in slot]) > 0.9
    assert max(row["context_confidence"] for row in slot) < 0.9
    ways = [row for row in done.to_pylist() if row["artist_name"].startswith("Band")]
    assert {row["context"] for row in ways} == {"everyday"}


def test_podcasts_are_no_songs() -> None:
    talks = [song(f"Talk {n}", "Two People", 50, kind="episode") for n in range(4)]
    _, own = own_songs(some_weeks((1, 3), "18:30", tunes=1, from_=talks))

    assert len(own.first) == 0


def test_without_plays_there_are_no_stretches() -> None:
    _, own = own_songs([])

    assert len(own.stretch) == 0
