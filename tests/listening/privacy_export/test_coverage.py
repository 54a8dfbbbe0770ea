"""An import vouches for what could be read of it, and nothing that polls showed is lost to it."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipelines.listening.privacy_export.coverage import FileInterval, covered_intervals
from tests.support.export_files import Json, play
from tests.support.spotify_answers import Heard
from tests.support.world import World

NOON = datetime(2026, 4, 20, 12, tzinfo=UTC)
IMPORTED = NOON + timedelta(days=2)
AUDIO = "Streaming_History_Audio_2026_0.json"
LOOP = timedelta(seconds=180)


def ended(moment: datetime, **changes: object) -> Json:
    stamp = f"{moment:%Y-%m-%dT%H:%M:%SZ}"
    uri = "spotify:track:t1"
    return play(ts=stamp, ms_played=180_000, spotify_track_uri=uri) | changes


def loop(count: int, **changes: object) -> list[Json]:
    return [ended(NOON + n * LOOP, **changes) for n in range(count)]


def file(rows: list[Json]) -> bytes:
    return json.dumps(rows).encode()


def test_half_a_year_of_music_beside_all_videos_vouches_for_half_a_year() -> None:
    music = FileInterval("Streaming_History_Audio_2020_3.json", NOON, IMPORTED)
    videos = FileInterval("Streaming_History_Video_2015-2026.json", NOON - 999 * LOOP, IMPORTED)
    [span] = covered_intervals([music, videos])
    assert (span.start, span.end) == (NOON, IMPORTED)


def test_a_damaged_part_of_a_file_is_not_vouched_for(tmp_path: Path) -> None:
    world = World(tmp_path)
    text = file(loop(40))
    outcome = world.run_import({AUDIO: text[:9000] + bytes(4000) + text[13000:]}, IMPORTED)
    assert outcome["refused"] > 0
    assert outcome["vouches_for"] == []


def test_a_play_in_the_future_vouches_for_nothing_after_the_import(tmp_path: Path) -> None:
    late = ended(IMPORTED + timedelta(hours=30))
    outcome = World(tmp_path).run_import({AUDIO: file([*loop(3), late])}, IMPORTED)
    assert outcome["new"] == 4
    assert outcome["vouches_for"] == [[NOON.isoformat(), IMPORTED.isoformat(), True]]


def test_a_refused_row_takes_no_polled_play_along(tmp_path: Path) -> None:
    world = World(tmp_path)
    heard = [Heard(NOON + n * LOOP, "t1") for n in range(10)]
    for shown in (5, 10):
        world.run(world.keep(heard[:shown], NOON + shown * LOOP))
    rows = loop(10)
    rows[5]["ms_played"] = -5
    outcome = world.run_import({AUDIO: file([*rows, ended(IMPORTED)])}, IMPORTED)
    assert outcome["merged_with_polled"] == 9
    assert len(world.plays()) == 11


def test_of_two_exports_in_one_folder_a_play_stamped_anew_is_one(tmp_path: Path) -> None:
    world = World(tmp_path)
    old, new = loop(20), loop(20)
    for n in (3, 7, 11):
        new[n] = ended(NOON + n * LOOP + timedelta(seconds=1))
    outcome = world.run_import({f"old/{AUDIO}": file(old), f"new/{AUDIO}": file(new)}, IMPORTED)
    assert (outcome["new"], outcome["seen_before"]) == (20, 20)
    assert len(world.plays()) == 20


def test_thousands_of_equal_rows_in_two_exports_are_paired_by_number(tmp_path: Path) -> None:
    world = World(tmp_path)
    errors = [ended(NOON, ms_played=0)] * 5000
    world.run_import({AUDIO: file([*errors, ended(IMPORTED)])}, IMPORTED)
    outcome = world.run_import({AUDIO: file([*errors, ended(IMPORTED), *errors[:1]])}, IMPORTED)
    assert (outcome["new"], outcome["seen_before"]) == (1, 5001)


def test_undoing_an_import_leaves_the_ledger_as_it_was(tmp_path: Path) -> None:
    world = World(tmp_path)
    heard = [Heard(NOON + n * LOOP, "t1") for n in range(4)]
    day = world.keep(heard, NOON + timedelta(hours=1))
    world.run(day)
    before = world.files("plays/", "aggregated/")
    outcome = world.run_import({AUDIO: file(loop(9))}, IMPORTED)
    world.store.delete(f"users/nico/streaming_history/{outcome['import_id']}/")
    world.run(day)
    assert world.files("plays/", "aggregated/") == before


def test_a_poll_after_an_import_costs_the_same_whatever_the_years(tmp_path: Path) -> None:
    writes, reads = [], []
    for months in (2, 30):
        world = World(tmp_path / str(months))
        rows = [ended(NOON - timedelta(days=30 * back)) for back in range(months, -1, -1)]
        world.run_import({AUDIO: file(rows)}, NOON + timedelta(hours=1))
        for hours in (2, 3):
            world.store.reads.clear()
            world.store.writes.clear()
            heard = [Heard(NOON + timedelta(hours=hours) - n * LOOP, "t1") for n in range(3)]
            world.run(world.keep(heard, NOON + timedelta(hours=hours)))
        writes.append(sorted(world.store.writes))
        reads.append(sorted(world.store.reads.items()))
        assert not [key for key in world.store.reads if "/plays/year=" in key]
    assert writes[0] == writes[1]
    assert [n for _, n in reads[0]] == [n for _, n in reads[1]]
