"""Exports whose files have other names than Spotify's, or are packed in other ways."""

import bz2
import gzip
import hashlib
import io
import json
import lzma
import tarfile
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipelines.errors import RefusedExport
from pipelines.ingest.archive import Export, chunks, open_export, open_files
from tests.support.export_files import AUDIO, SECRETS, heard, in_lake, play, put, put_all, zipped
from tests.support.world import World

FIRST = json.dumps([play(ts="2025-04-01T10:00:00Z")]).encode()
SECOND = json.dumps([play(ts="2025-04-02T10:00:00Z")]).encode()
OTHERS = {
    "MyData/Playlist1.json": json.dumps({"playlists": [{"name": SECRETS[3]}]}).encode(),
    "MyData/Userdata.json": json.dumps({"username": SECRETS[1]}).encode(),
    "MyData/SearchQueries.json": json.dumps([{"searchTime": "2025-01-01"}]).encode(),
    "MyData/ReadMe.pdf": b"%PDF-1.7 ms_played and what it means",
}


def names(export: Export) -> list[str]:
    return [file.name for file in export.files]


def take(world: World, files: dict[str, bytes]) -> dict[str, Any]:
    return world.import_export(files, datetime(2026, 5, 1, tzinfo=UTC))


@pytest.mark.parametrize("as_zip", [True, False], ids=["zip", "folder"])
@pytest.mark.parametrize(
    "name",
    [
        "2021.json",
        "Streaming_History_Audio_2025_1 - Copy.json",
        "Streaming_History_Audio_2025_1 copy.json",
        "Streaming_History_Audio_2025_0 (1).json",
        "Streaming_History_Audio_2025_1.json.json",
        "Streaming_History_Audio_2025_1.txt",
        "Streaming_History_Audio_2025_1",
        "STREAMING_HISTORY_AUDIO_2025_1.JSON",
        "music.JSON.TXT",
        "plays",
    ],
)
def test_what_is_in_a_file_decides_not_its_name(tmp_path: Path, name: str, as_zip: bool) -> None:
    files = {f"MyData/{AUDIO}": FIRST, f"MyData/{name}": SECOND} | OTHERS
    where = put(tmp_path / "x.zip", zipped(files)) if as_zip else put_all(tmp_path / "x", files)
    with open_export(where) as export:
        assert sorted(names(export)) == sorted([f"MyData/{AUDIO}", f"MyData/{name}"])
        assert sorted(export.left_aside) == sorted(OTHERS)


@pytest.mark.parametrize(
    ("extension", "pack"), [(".gz", gzip.compress), (".bz2", bz2.compress), (".xz", lzma.compress)]
)
def test_compressed_files_are_unpacked(tmp_path: Path, extension: str, pack: Any) -> None:
    name = f"{AUDIO}{extension}"
    for where in (
        put(tmp_path / "x.zip", zipped({name: pack(FIRST)})),
        put_all(tmp_path / "x", {name: pack(FIRST)}),
        put(tmp_path / name, pack(FIRST)),
    ):
        with open_export(where) as export:
            assert [b"".join(chunks(file)) for file in export.files] == [FIRST]


def test_zips_in_a_zip_are_unpacked_and_each_is_an_export(tmp_path: Path) -> None:
    inner = {"my_spotify_data.zip": {AUDIO: FIRST}, "my_spotify_data (1).zip": {AUDIO: FIRST}}
    outer = zipped({name: zipped(files) for name, files in inner.items()})
    outcome = take(World(tmp_path), {"both.zip": outer})
    assert (outcome["new"], outcome["seen_before"]) == (1, 1)
    assert [file["name"] for file in outcome["files"]] == [
        f"my_spotify_data (1).zip/{AUDIO}",
        f"my_spotify_data.zip/{AUDIO}",
    ]


@pytest.mark.parametrize("name", ["MyData\\{}", "MyData\\sub\\{}", "./MyData/{}", ".\\{}", "a//{}"])
def test_paths_are_read_however_they_are_written(tmp_path: Path, name: str) -> None:
    files = {"MyData\\": b"", name.format(AUDIO): FIRST}
    with open_export(put(tmp_path / "x.zip", zipped(files))) as export:
        [file] = export.files
        assert file.name == name.format(AUDIO).replace("\\", "/").replace("./", "").replace(
            "//", "/"
        )
        assert b"".join(chunks(file)) == FIRST


@pytest.mark.parametrize("name", ["..\\{}", "MyData\\..\\..\\{}", "\\\\host\\{}", "C:\\{}", "\\{}"])
def test_paths_that_lead_out_are_refused_however_they_are_written(
    tmp_path: Path, name: str
) -> None:
    path = put(tmp_path / "x.zip", zipped({AUDIO: FIRST, name.format("a.json"): SECOND}))
    with pytest.raises(RefusedExport, match=r"^x\.zip: .* leads out"), open_export(path):
        pass


def tarred(content: bytes) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        member = tarfile.TarInfo(AUDIO)
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return target.getvalue()


def nested(depth: int) -> bytes:
    content = zipped({AUDIO: SECOND})
    for _ in range(depth):
        content = zipped({"inner.zip": content})
    return content


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("2021.7z", b"7z\xbc\xaf\x27\x1c" + bytes(40), "is packed"),
        ("2021.tar", tarred(SECOND), "is packed"),
        ("2021.tar.gz", gzip.compress(tarred(SECOND)), "is packed"),
        ("2021.zip", zipped({AUDIO: SECOND})[:-30], "damaged zip"),
        ("2021.zip", nested(5), "is packed too often"),
        ("2021.json.gz", gzip.compress(bytes(20 * 2**20)), "grows to more than 200 times"),
        ("2021.csv", b"ts,ms_played,platform\n2025-04-02T10:00:00Z,5,ios\n", "is no JSON"),
        ("2021.json", SECOND[:100], "cut off before its first row"),
        ("2021.py", str([play()]).encode(), "is no JSON"),
        ("2018.json", b'[{"artistName":"A","trackName":"B","time":"2018-05-12 23:40:21"}]', "2018"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_and_the_others_are_read(
    tmp_path: Path, name: str, content: bytes, problem: str
) -> None:
    outcome = take(World(tmp_path), {"x.zip": zipped({AUDIO: FIRST, name: content} | OTHERS)})
    assert outcome["new"] == 1
    [told] = [file["problem"] for file in outcome["files"] if "problem" in file]
    assert problem in told
    assert name in told
    assert sorted(outcome["left_aside"]) == sorted(OTHERS)


def test_a_compressed_file_that_is_cut_off_gives_what_it_has(tmp_path: Path) -> None:
    rows = json.dumps([play(ts=f"2025-04-01T10:00:{n % 60:02}Z") for n in range(3000)]).encode()
    packed = gzip.compress(rows)
    outcome = take(World(tmp_path), {"x.json.gz": packed[: len(packed) // 2]})
    [file] = outcome["files"]
    assert outcome["new"] > 100
    assert "is damaged" in file["problem"]


def test_bytes_that_an_older_version_read_in_part_are_read_again(tmp_path: Path) -> None:
    """Its import is under another id: there, files under other names were left aside."""
    content = zipped({AUDIO: FIRST, "2021.json": SECOND})
    world = World(tmp_path)
    first = take(world, {"x.zip": content})
    assert first["import_id"] != hashlib.sha256(content).hexdigest()[:32]
    assert take(world, {"x.zip": content})["seen_before"] == 2


def test_a_copy_in_the_same_folder_adds_what_it_knows(tmp_path: Path) -> None:
    nameless = json.loads(FIRST)
    nameless[0] |= {"master_metadata_track_name": None}
    world = World(tmp_path)
    files = {f"a/{AUDIO}": json.dumps(nameless).encode(), f"a/{AUDIO[:-5]} - Copy.json": FIRST}
    outcome = world.run_import(files, datetime(2026, 5, 1, tzinfo=UTC))
    assert (outcome["new"], outcome["seen_before"]) == (1, 1)
    assert [play["track_name"] for play in world.plays()] == ["only my railgun"]


def test_podcasts_under_another_name_cover_no_time(tmp_path: Path) -> None:
    episode = {"endTime": "2025-01-01 10:00", "msPlayed": 5, "episodeName": "E", "podcastName": "P"}
    world = World(tmp_path)
    assert take(world, {"podcasts.json": json.dumps([episode] * 2).encode()})["vouches_for"] == []
    assert take(world, {"music.json": json.dumps([heard()]).encode()})["vouches_for"] != []


def test_a_zip_of_zips_stays_within_the_bounds_of_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.ingest.archive.MAX_BYTES", 3000)
    inner = zipped({"a.json": b"[" + b" " * 2000 + b"]"})
    files = {AUDIO: FIRST, "one.zip": inner, "two.zip": inner}
    assert zipfile.is_zipfile(io.BytesIO(inner))
    outcome = take(World(tmp_path), {"x.zip": zipped(files)})
    assert outcome["new"] == 1
    assert any("in total" in file.get("problem", "") for file in outcome["files"])


def test_the_id_does_not_depend_on_where_files_lie(tmp_path: Path) -> None:
    files = {"a/2021.json": FIRST, "a/b.json.gz": gzip.compress(SECOND)}
    with open_export(put_all(tmp_path / "x", files)) as here, open_files(in_lake(files)) as there:
        assert here.id == there.id
