"""What imports and polls cover is kept up to date, also where an import goes or another comes."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipelines.ingest.covered import update_covered
from pipelines.listening.schema.tables import COVERED
from tests.support.lives import written
from tests.support.world import World

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def play(day: int) -> dict[str, object]:
    return {
        "ts": f"2026-04-{day:02}T10:00:00Z",
        "ms_played": 180_000,
        "spotify_track_uri": "spotify:track:" + "a" * 22,
        "master_metadata_track_name": "Song",
        "master_metadata_album_artist_name": "Band",
    }


def export(*days: int) -> dict[str, bytes]:
    return written({"Streaming_History_Audio_2026.json": [play(day) for day in days]})


def stretches(world: World) -> list[tuple[int, int]]:
    update_covered(world.own, date=None, full_refresh=False)
    return [(row["start"].day, row["end"].day) for row in world.own.read(COVERED).to_pylist()]


def test_two_files_of_one_import_with_the_same_single_play_cover_one_moment(tmp_path: Path) -> None:
    world = World(tmp_path)
    names = ("Streaming_History_Audio_2026_1.json", "Streaming_History_Audio_2026_1 (2).json")
    world.import_export(written({name: [play(2)] for name in names}), NOW)

    assert stretches(world) == [(2, 2)]


def test_what_an_import_covered_is_not_covered_any_more_once_it_is_gone(tmp_path: Path) -> None:
    world = World(tmp_path)
    first = world.import_export(export(2, 3), NOW)
    world.import_export(export(12, 13), NOW + HOUR)
    assert stretches(world) == [(2, 3), (12, 13)]

    [folder] = tmp_path.rglob(f"streaming_history/{first['import_id']}")
    shutil.rmtree(folder)

    assert stretches(world) == [(12, 13)]


def test_whichever_import_is_added_first_the_same_is_covered(tmp_path: Path) -> None:
    for name, order in {"one": (0, 1), "other": (1, 0)}.items():
        world = World(tmp_path / name)
        for at in order:
            world.import_export(export(2 + 10 * at), NOW + at * HOUR)
            known = stretches(world)
        assert known == [(2, 2), (12, 12)], name
