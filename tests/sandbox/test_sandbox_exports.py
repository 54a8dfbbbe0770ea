"""A listener's privacy export: the life as Spotify's zip tells it, and as the pipeline reads it."""

import json
import zipfile
from datetime import UTC, datetime, timedelta

import pytest

from pipelines.ingest.archive import open_export
from pipelines.listening.privacy_export.parser import read_file
from sandbox import truth
from sandbox.exports import FOLDER, history, write_export
from sandbox.podcasts import spoken

START = datetime(2025, 12, 1, tzinfo=UTC)
END = START + timedelta(days=100)


@pytest.fixture(scope="module")
def rows():
    return history("demo", START, END)


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    path = tmp_path_factory.mktemp("export") / "my_spotify_data.zip"
    write_export(path, "demo", START, END)
    return path


def test_every_play_of_the_life_stands_there_once_to_the_second(rows):
    music = [row for row in rows if row["spotify_track_uri"]]
    lived = truth("demo", START, END)

    assert [(row["ts"], row["spotify_track_uri"], row["ms_played"]) for row in music] == [
        (f"{p.played_at:%Y-%m-%dT%H:%M:%SZ}", f"spotify:track:{p.track.id}", p.ms_played)
        for p in lived
    ]
    assert [row["skipped"] for row in music] == [play.skipped for play in lived]


def test_every_episode_stands_there_once(rows):
    episodes = [row for row in rows if row["spotify_episode_uri"]]

    assert [(row["episode_show_name"], row["episode_name"]) for row in episodes] == [
        (one.show, one.episode) for one in spoken("demo", START, END)
    ]
    assert {row["master_metadata_track_name"] for row in episodes} == {None}
    assert {row["reason_end"] for row in episodes} == {"trackdone", "endplay"}


def test_rows_are_in_order_of_time_and_have_the_same_keys(rows):
    assert [row["ts"] for row in rows] == sorted(row["ts"] for row in rows)
    assert len({tuple(row) for row in rows}) == 1
    assert len(rows[0]) == 23


def test_a_row_tells_when_the_play_began_and_what_spotify_knows_besides(rows):
    for row in rows[::500]:
        began = datetime.fromtimestamp(row["offline_timestamp"], UTC)
        took = datetime.fromisoformat(row["ts"]) - began
        assert abs(took - timedelta(milliseconds=row["ms_played"])) <= timedelta(seconds=1)
        assert (row["conn_country"], row["ip_addr"]) == ("DE", "203.0.113.7")
        assert row["platform"]
        assert row["reason_start"]


def test_files_are_named_after_their_years_and_numbered_through(archive):
    with zipfile.ZipFile(archive) as opened:
        names = opened.namelist()
        sizes = [len(json.loads(opened.read(name))) for name in names]

    assert names == [
        f"{FOLDER}/Streaming_History_Audio_2025-2026_0.json",
        f"{FOLDER}/Streaming_History_Audio_2026_1.json",
    ]
    assert sizes[0] == 15_000


def test_the_same_life_and_span_give_the_same_bytes(archive, tmp_path):
    again = tmp_path / "again.zip"
    write_export(again, "demo", START, END)

    assert again.read_bytes() == archive.read_bytes()
    assert list(tmp_path.iterdir()) == [again]


def test_the_pipeline_reads_every_row_and_refuses_none(archive, rows):
    with open_export(archive) as export:
        parts = []
        for file in export.files:
            with file.open() as content:
                parts += read_file(file.name, [content.read()], latest=END)

    assert sum(len(part.rows) for part in parts) == len(rows)
    assert sum(len(part.refused) for part in parts) == 0
    kinds = {kind for part in parts for kind in part.rows["kind"].to_pylist()}
    assert kinds == {"track", "episode"}


def test_a_span_without_plays_is_an_export_without_files(tmp_path):
    path = tmp_path / "empty.zip"

    assert write_export(path, "demo", START, START) == 0
    with zipfile.ZipFile(path) as opened:
        assert opened.namelist() == []
