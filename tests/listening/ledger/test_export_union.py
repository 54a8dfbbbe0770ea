"""Several exports, and polls beside them: what is known, and of what time nothing is."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from pipelines.assets.ledger import update_gaps
from pipelines.listening.ledger.covered import Covered
from pipelines.listening.ledger.export_union import ImportedExport, merge_exports
from pipelines.listening.ledger.gaps import Coverage, CoveredInterval, Gap
from pipelines.listening.privacy_export.coverage import FileInterval, covered_intervals
from pipelines.listening.schema.tables import POLLS
from pipelines.listening.time.intervals import Interval
from tests.support.export_files import heard, play
from tests.support.lives import imported, written
from tests.support.spotify_answers import iso, page, respond, track
from tests.support.world import World

Json = dict[str, Any]
Hours = tuple[float, float]

DAWN = datetime(2026, 4, 20, tzinfo=UTC)


def at(hour: float) -> datetime:
    return DAWN + timedelta(hours=hour)


def hours(moment: datetime) -> float:
    return (moment - DAWN) / timedelta(hours=1)


# What files vouch for


def file(name: str, first: float, last: float, *, damaged: bool = False) -> FileInterval:
    return FileInterval(name, at(first), at(last), damaged=damaged)


def audio(number: int, first: float, last: float, **how: bool) -> FileInterval:
    return file(f"Streaming_History_Audio_2026_{number}.json", first, last, **how)


def spans(*files: FileInterval) -> list[Hours]:
    return [(hours(span.start), hours(span.end)) for span in covered_intervals(files)]


def test_files_that_follow_each_other_vouch_for_what_lies_between_them():
    assert spans(audio(0, 0, 5), audio(1, 8, 12)) == [(0, 12)]


def test_a_missing_number_leaves_a_hole():
    assert spans(audio(0, 0, 5), audio(2, 8, 12)) == [(0, 5), (8, 12)]


def test_a_damaged_file_vouches_only_as_far_as_it_could_be_read():
    assert spans(audio(0, 0, 5, damaged=True), audio(1, 8, 12)) == [(0, 5), (8, 12)]


def test_a_file_of_videos_alone_vouches_for_nothing():
    assert spans(file("Streaming_History_Video_2026.json", 0, 5)) == []


def test_videos_beside_all_the_music_widen_what_is_vouched_for():
    assert spans(audio(0, 1, 5), file("Streaming_History_Video_2026.json", 0, 6)) == [(0, 6)]


def test_videos_beside_music_with_a_hole_widen_nothing():
    video = file("Streaming_History_Video_2026.json", 0, 20)

    assert spans(audio(0, 1, 5), audio(2, 8, 12), video) == [(1, 5), (8, 12)]


def test_podcasts_alone_vouch_for_nothing_and_music_of_the_account_data_does():
    podcasts = file("StreamingHistory_podcast_0.json", 0, 9)

    assert spans(podcasts) == []
    assert spans(podcasts, file("StreamingHistory_music_0.json", 1, 5)) == [(0, 9)]


def test_the_order_in_which_files_are_given_changes_nothing():
    files = [audio(0, 0, 5), audio(1, 8, 12), audio(3, 20, 22)]

    assert {tuple(spans(*order)) for order in permutations(files)} == {((0, 12), (20, 22))}


# What an import does to gaps


def state_after(*intervals: CoveredInterval) -> Coverage:
    """What intervals teach in this order."""
    coverage = Coverage()
    for one in intervals:
        coverage = coverage.add_interval(one)
    return coverage


def from_poll(start: float, end: float) -> CoveredInterval:
    return CoveredInterval(at(start), at(end), at(end), f"poll {end}")


def from_import(start: float, end: float, known: float) -> CoveredInterval:
    return CoveredInterval(at(start), at(end), at(known), f"import {start}")


def stretches(gaps: tuple[Gap, ...], *, closed: bool = False) -> list[Hours]:
    return [(hours(gap.start), hours(gap.end)) for gap in gaps if bool(gap.closed_by) is closed]


def test_an_import_closes_what_it_covers_and_leaves_the_rest_open():
    state = state_after(from_poll(0, 1), from_poll(9, 10), from_import(3, 5, 20))

    assert stretches(state.gaps) == [(1, 3), (5, 9)]
    assert stretches(state.gaps, closed=True) == [(3, 5)]
    [closed] = [gap for gap in state.gaps if gap.closed_by]
    assert (closed.closed_by, closed.closed_at, closed.detected_at) == ("import 3", at(20), at(10))


def test_between_an_exports_end_and_the_first_poll_lies_a_gap():
    assert stretches(state_after(from_import(0, 5, 6), from_poll(8, 9)).gaps) == [(5, 8)]
    assert stretches(state_after(from_poll(8, 9), from_import(0, 5, 10)).gaps) == [(5, 8)]


def test_between_two_exports_that_do_not_meet_lies_a_gap():
    assert stretches(state_after(from_import(8, 12, 13), from_import(0, 5, 14)).gaps) == [(5, 8)]


def test_a_third_export_closes_what_two_others_left_between_them():
    state = state_after(from_import(0, 5, 13), from_import(8, 12, 14), from_import(4, 9, 15))

    assert stretches(state.gaps) == []
    assert stretches(state.gaps, closed=True) == [(5, 8)]


def test_what_is_open_does_not_depend_on_what_came_first():
    told = [
        from_poll(0, 1),
        from_poll(6, 7),
        from_poll(20, 21),
        from_import(3, 8, 30),
        from_import(7.5, 12, 31),
    ]
    found = {tuple(stretches(state_after(*order).gaps)) for order in permutations(told)}

    assert found == {((1, 3), (12, 20))}


def test_a_poll_behind_an_import_that_was_taken_in_is_noticed():
    vouched_for = [from_import(3, 5, 20)]
    polling = Covered().add_all(_polls(10), vouched_for)

    assert polling.is_consistent(_polls(10), taken=1)
    assert polling.is_consistent(_polls(10, 21), taken=1)
    assert not polling.is_consistent(_polls(10, 15), taken=1)


def _polls(*fetched: float) -> pa.Table:
    """Full answers that each go back for an hour."""
    rows = [
        {
            "fetched_at": at(hour),
            "response": f"poll {hour}",
            "items": 50,
            "refused": 0,
            "full": True,
            "known_to": at(hour),
            "oldest_played_at": at(hour - 1),
            "newest_played_at": at(hour),
        }
        for hour in fetched
    ]
    return POLLS.from_rows(rows)


# Several exports as one


def row(hour: float, key: str = "a", **changed: object) -> Json:
    return play(
        ts=f"{at(hour):%Y-%m-%dT%H:%M:%SZ}",
        ms_played=180_000,
        spotify_track_uri=f"spotify:track:{key}",
        master_metadata_track_name=f"Song {key}",
        master_metadata_album_artist_name=f"Artist {key}",
        **changed,
    )


def minute(hour: float, key: str = "a") -> Json:
    names = {"artistName": f"Artist {key}", "trackName": f"Song {key}"}
    return heard(endTime=f"{at(hour):%Y-%m-%d %H:%M}", msPlayed=180_000, **names)


def export(*rows: Json, name: str = "one") -> ImportedExport:
    return imported(written({"Streaming_History_Audio_2026.json": rows}), at(90), name)


def account(*rows: Json) -> ImportedExport:
    return imported(written({"StreamingHistory_music_0.json": rows}), at(90), "account")


def test_overlapping_exports_are_as_many_plays_as_were_heard():
    first = export(*(row(hour) for hour in range(10)))
    second = export(*(row(hour) for hour in range(5, 15)), name="two")

    for order in ([first, second], [second, first]):
        together = merge_exports(order)
        assert len(together.rows) == 15
        assert [len(places) for places in together.play_of_rows] == [10, 10]


def test_each_row_of_each_import_is_told_its_play():
    together = merge_exports([export(row(1), row(2)), account(minute(1), minute(3))])

    assert [places.tolist() for places in together.play_of_rows] == [[0, 1], [0, 2]]
    assert together.account_of.tolist() == [0, -1, 1]


def test_importing_the_same_rows_under_another_name_adds_nothing():
    rows = [row(1), row(1), row(2)]

    assert len(merge_exports([export(*rows), export(*rows, name="two")]).rows) == 3


def test_an_import_vouches_from_its_first_row_to_its_last():
    assert export(row(1), row(4), row(9)).intervals == (Interval(at(1), at(9)),)


# In a lake


def answer(hour: float, *ended: float, more: bool = True) -> Any:
    """What a poll at an hour was answered: plays that ended at these."""
    items = [
        {"track": track("a"), "played_at": iso(at(one))} for one in sorted(ended, reverse=True)
    ]
    return respond(page(items, next="https://x/?before=1" if more else None), at(hour))


def open_gaps(world: World) -> list[Hours]:
    return stretches(update_gaps(world.own, date=None, full_refresh=False).coverage.gaps)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


FILES = written({"Streaming_History_Audio_2026.json": [row(hour) for hour in (1, 5, 9, 12)]})


def test_an_import_before_the_first_poll_is_a_ledger_of_its_own(world: World):
    world.run_import(FILES, at(20))

    assert len(world.plays()) == 4
    assert open_gaps(world) == []


def test_polls_after_an_import_leave_open_what_neither_tells(world: World):
    world.run_import(FILES, at(20))
    world.run(world.keep_answer(answer(30, 25, 28)))

    assert open_gaps(world) == [(12, 25)]


def test_an_import_closes_the_gap_that_polls_left(world: World):
    world.run(world.keep_answer(answer(2, 1)))
    world.run(world.keep_answer(answer(11, 10)))
    before = open_gaps(world)
    world.run_import(FILES, at(20))

    assert (before, open_gaps(world)) == ([(2, 10)], [])


def test_a_file_that_is_missing_leaves_its_time_open(world: World):
    halves = {
        "Streaming_History_Audio_2026_0.json": [row(1), row(3)],
        "Streaming_History_Audio_2026_2.json": [row(7), row(9)],
    }
    world.run(world.keep_answer(answer(2, 1)))
    world.run(world.keep_answer(answer(11, 10)))
    world.run_import(written(halves), at(20))

    assert open_gaps(world) == [(3, 7), (9, 10)]


def test_the_same_export_twice_changes_no_byte_of_the_ledger(world: World):
    first = world.run_import(FILES, at(20))
    before = world.files("plays/year=", "aggregated/")
    second = world.run_import(FILES, at(30))

    assert (first["new"], second["new"], second["seen_before"]) == (4, 0, 4)
    assert world.files("plays/year=", "aggregated/") == before


def test_a_poll_that_was_derived_after_a_later_import_gives_what_a_rebuild_gives(world: World):
    world.run(world.keep_answer(answer(2, 1)))
    day = world.keep_answer(answer(11, 10))  # and its run dies
    world.run_import(FILES, at(20))
    world.run(day)
    before = world.files()
    world.forget_derived()
    world.run(None)

    assert world.files() == before
