"""Exports as zips, folders and single files: what is taken, in which order, what is refused."""

import io
import json
import random
import struct
import zipfile
from pathlib import Path

import pytest

from pipelines.errors import RefusedExport
from pipelines.ingest import archive
from pipelines.ingest.archive import chunks, open_export, open_files
from pipelines.listening.privacy_export.parser import DamagedFile, read_file
from tests.support.export_files import (
    EXTENDED,
    MUSIC,
    NOW,
    cut,
    heard,
    in_lake,
    play,
    put,
    put_all,
    refused_of,
    rows_of,
    zipped,
)

FOLDER = "Spotify Extended Streaming History"
SECOND = f"{FOLDER}/Streaming_History_Audio_2019_2.json"
TENTH = f"{FOLDER}/Streaming_History_Audio_2020_10.json"
README = f"{FOLDER}/ReadMeFirst_ExtendedStreamingHistory.pdf"
FILES = {TENTH: b"[10]", README: b"%PDF", SECOND: b"[2]"}


def contents(export):
    return {file.name: b"".join(chunks(file)) for file in export.files}


def refusal_of(path: Path) -> str:
    with pytest.raises(RefusedExport) as refusal, open_export(path):
        pass
    assert "\n" not in str(refusal.value)
    return str(refusal.value)


def zip_of(*members: zipfile.ZipInfo, content: bytes = b"[]") -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for member in members:
            archive.writestr(member, content)
    return target.getvalue()


def patched(content: bytes, signature: bytes, offset: int, value: bytes) -> bytes:
    """Every header of that signature with other bytes at the offset."""
    told, at = bytearray(content), content.find(signature)
    while at >= 0:
        told[at + offset : at + offset + len(value)] = value
        at = content.find(signature, at + 1)
    return bytes(told)


# --- what is taken


@pytest.mark.parametrize("way", ["zip", "oddly named zip", "folder", "lake zip", "lake files"])
def test_history_files_come_in_their_order_and_others_are_left_aside(tmp_path, way):
    opened = {
        "zip": lambda: open_export(put(tmp_path / "my_spotify_data.zip", zipped(FILES))),
        "oddly named zip": lambda: open_export(put(tmp_path / "download.json", zipped(FILES))),
        "folder": lambda: open_export(put_all(tmp_path / "folder", FILES)),
        "lake zip": lambda: open_files(in_lake({"my_spotify_data.zip": zipped(FILES)})),
        "lake files": lambda: open_files(in_lake(FILES)),
    }[way]
    with opened() as export:
        assert list(contents(export).items()) == [(SECOND, b"[2]"), (TENTH, b"[10]")]
        assert [file.size for file in export.files] == [3, 4]
        assert export.left_aside == (README,)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_may_be_compressed_in_other_ways(tmp_path, method):
    content = EXTENDED.read_bytes()
    path = put(tmp_path / "a.zip", zipped({EXTENDED.name: content}, method))
    with open_export(path) as export:
        assert contents(export) == {EXTENDED.name: content}


def test_a_single_json_file_is_taken_whatever_its_name(tmp_path):
    for name in ("history.json", "history.txt"):
        with open_export(put(tmp_path / name, b" [1]")) as export:
            assert contents(export) == {name: b" [1]"}


@pytest.mark.parametrize("as_zip", [True, False])
def test_where_no_name_is_known_every_json_file_is_taken(tmp_path, as_zip):
    files = {"b.json": b"[2]", "a.JSON": b"[1]", "c.txt": b""}
    where = put(tmp_path / "x.zip", zipped(files)) if as_zip else put_all(tmp_path / "x", files)
    with open_export(where) as export:
        assert contents(export) == {"a.JSON": b"[1]", "b.json": b"[2]"}
        assert export.left_aside == ("c.txt",)


def test_hidden_files_are_ignored(tmp_path):
    hidden = {
        f"__MACOSX/{SECOND}": b"x",
        f"{FOLDER}/._Streaming_History_Audio_2019_2.json": b"x",
        ".git/StreamingHistory0.json": b"x",
    }
    for where in (
        put_all(tmp_path / "folder", FILES | hidden),
        put(tmp_path / "a.zip", zipped(FILES | hidden)),
    ):
        with open_export(where) as export:
            assert [file.name for file in export.files] == [SECOND, TENTH]


def test_pieces_are_of_a_size_that_fits_into_memory(tmp_path):
    content = random.Random(1).randbytes(2 * archive.CHUNK_BYTES + 5)
    with open_export(put(tmp_path / "a.zip", zipped({MUSIC: content}))) as export:
        sizes = [len(piece) for piece in chunks(export.files[0])]
    assert sizes == [archive.CHUNK_BYTES, archive.CHUNK_BYTES, 5]


# --- its id


def test_the_same_bytes_have_the_same_id_wherever_they_lie(tmp_path):
    zip_bytes = zipped(FILES)
    backwards = dict(reversed(FILES.items()))
    with (
        open_export(put(tmp_path / "a.zip", zip_bytes)) as local,
        open_files(in_lake({"b.zip": zip_bytes})) as kept,
        open_export(put_all(tmp_path / "folder", FILES)) as folder,
        open_files(in_lake(backwards)) as files,
    ):
        assert local.id == kept.id
        assert folder.id == files.id != local.id
        assert len(local.id) == len(folder.id) == 32


def test_a_single_file_has_the_same_id_here_and_in_a_lake(tmp_path):
    path = put(tmp_path / MUSIC, b"[]")
    with open_export(path) as local, open_files(in_lake({MUSIC: b"[]"})) as kept:
        assert local.id == kept.id


def test_another_name_or_content_gives_another_id():
    ids = set()
    for files in (
        {"a.json": b"1", "b.json": b"2"},
        {"a.json": b"2", "b.json": b"1"},
        {"a.json": b"12", "b.json": b""},
        {"a.json": b"1", "c.json": b"2"},
    ):
        with open_files(in_lake(files)) as export:
            ids.add(export.id)
    assert len(ids) == 4


def test_what_is_left_aside_does_not_change_the_id_of_files():
    with (
        open_files(in_lake(FILES)) as one,
        open_files(in_lake(FILES | {"Userdata.json": b"{}"})) as other,
    ):
        assert one.id == other.id
        assert "Userdata.json" in other.left_aside


# --- what is refused


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("a.zip", b"", "is empty"),
        ("a.json", b"", "is empty"),
        ("a.zip", zipped(FILES)[:-30], "cut off"),
        ("a.zip", zipped({"a.txt": b"", README: b""}), "no listening history"),
        ("a.zip", zipped({}), "no listening history"),
        ("a.pdf", b"%PDF-1.7 ...", "no listening history"),
        ("a.json", b"%PDF-1.7 ...", "no listening history"),
        ("a.txt", b"hello", "no listening history"),
    ],
)
def test_what_is_no_export_is_refused(tmp_path, name, content, problem):
    told = refusal_of(put(tmp_path / name, content))
    assert problem in told
    assert name in told
    with pytest.raises(RefusedExport, match=problem), open_files(in_lake({name: content})):
        pass


def test_a_missing_path_and_a_folder_without_history_are_refused(tmp_path):
    assert "does not exist" in refusal_of(tmp_path / "nowhere")
    put(tmp_path / "notes.txt", b"")
    told = refusal_of(tmp_path)
    assert "Streaming_History_Audio_" in told
    assert "StreamingHistory_music_" in told
    with pytest.raises(RefusedExport), open_files(in_lake({})):
        pass


@pytest.mark.parametrize(
    "name", ["/etc/a.json", "../a.json", "x/../../a.json", "C:/a.json", "x\\..\\a.json", "\\\\h\\a"]
)
def test_paths_that_lead_out_are_refused(tmp_path, name):
    path = put(tmp_path / "a.zip", zipped({MUSIC: b"[]", name: b"[]"}))
    told = refusal_of(path)
    assert told.startswith("a.zip: ")
    assert "leads out" in told
    with (
        pytest.raises(RefusedExport, match="leads out"),
        open_files(in_lake({MUSIC: b"[]", name: b"[]"})),
    ):
        pass


def test_symbolic_links_are_refused(tmp_path):
    link = zipfile.ZipInfo(MUSIC)
    link.external_attr = 0o120777 << 16
    assert "symbolic link" in refusal_of(put(tmp_path / "a.zip", zip_of(link)))
    outside = put(tmp_path / "outside" / MUSIC, b"[]")
    folder = put_all(tmp_path / "folder", FILES)
    (folder / MUSIC).symlink_to(outside)
    assert "symbolic link" in refusal_of(folder)
    (folder / MUSIC).unlink()
    (folder / "more").symlink_to(outside.parent)
    assert "symbolic link" in refusal_of(folder)


@pytest.mark.parametrize(
    ("offset", "value", "problem"),
    [
        (8, struct.pack("<H", 1), "encrypted"),
        (10, struct.pack("<H", 97), "compressed in an unknown way"),
        (24, struct.pack("<L", 2**31 + 1), "larger than 2 GiB"),
        (24, struct.pack("<L", 11 * 2**20), "grows to more than 200 times"),
    ],
)
def test_members_that_would_do_harm_are_refused(tmp_path, offset, value, problem):
    content = patched(zipped({MUSIC: b"[]"}), b"PK\x01\x02", offset, value)
    told = refusal_of(put(tmp_path / "a.zip", content))
    assert problem in told
    assert MUSIC in told


def test_a_real_bomb_is_refused_before_it_goes_off(tmp_path):
    content = zipped({MUSIC: bytes(11 * 2**20)})
    assert "200 times" in refusal_of(put(tmp_path / "a.zip", content))


def test_zips_with_too_much_in_them_are_refused(tmp_path, monkeypatch):
    path = put(tmp_path / "a.zip", zipped(FILES))
    monkeypatch.setattr(archive, "MAX_BYTES", 10)
    assert "in total" in refusal_of(path)
    monkeypatch.setattr(archive, "MAX_MEMBERS", 2)
    assert "more than 2 files" in refusal_of(path)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_members_of_one_name_are_refused(tmp_path):
    content = zip_of(zipfile.ZipInfo(MUSIC), zipfile.ZipInfo(MUSIC))
    assert "two files of one name" in refusal_of(put(tmp_path / "a.zip", content))


def test_members_that_overlap_are_refused(tmp_path):
    content = zipped({"StreamingHistory0.json": b"[0]", "StreamingHistory1.json": b"[1]"})
    at = content.rfind(b"PK\x01\x02")
    overlapping = content[: at + 42] + struct.pack("<L", 0) + content[at + 46 :]
    assert "overlaps" in refusal_of(put(tmp_path / "a.zip", overlapping))


def test_a_zip_whose_directory_is_damaged_is_refused(tmp_path):
    content = zipped(FILES).replace(b"PK\x01\x02", b"PK\x01\x00", 1)
    assert "damaged" in refusal_of(put(tmp_path / "a.zip", content))


# --- damage inside


def read_until_damage(content: bytes) -> tuple[bytes, str]:
    held, told = [], ""
    with open_files(in_lake({"a.zip": content})) as export:
        try:
            held.extend(chunks(export.files[0]))
        except DamagedFile as damage:
            told = str(damage)
    return b"".join(held), told


def test_a_wrong_checksum_is_told_after_all_bytes_were_given():
    content = EXTENDED.read_bytes()
    damaged = patched(zipped({MUSIC: content}), b"PK\x01\x02", 16, b"\0\0\0\0")
    given, told = read_until_damage(patched(damaged, b"PK\x03\x04", 14, b"\0\0\0\0"))
    assert given == content
    assert told == f"{MUSIC} is damaged (its checksum is wrong): download the export again"


def test_a_stream_that_breaks_gives_what_came_before():
    chance = random.Random(1)
    content = json.dumps([chance.random() for _ in range(20_000)]).encode()
    intact = zipped({MUSIC: content})
    middle = len(intact) // 2
    given, told = read_until_damage(intact[:middle] + b"\xff" * 2000 + intact[middle + 2000 :])
    assert len(given) > len(content) // 3
    assert content.startswith(given[: len(content) // 3])
    assert MUSIC in told


def test_a_member_that_is_shorter_than_declared_is_damaged():
    content = patched(zipped({MUSIC: b"[1, 2]"}), b"PK\x01\x02", 24, struct.pack("<L", 600))
    assert read_until_damage(content) == (
        b"[1, 2]",
        f"{MUSIC} is damaged (it ends too early): download the export again",
    )


def test_no_more_than_the_declared_size_is_read():
    content = patched(zipped({MUSIC: b"[1, 2]"}), b"PK\x01\x02", 24, struct.pack("<L", 3))
    given, told = read_until_damage(content)
    assert given == b"[1,"
    assert "checksum" in told


def test_a_member_whose_header_is_damaged_is_damaged():
    given, told = read_until_damage(zipped({MUSIC: b"[]"}).replace(b"PK\x03\x04", b"PK\x03\x00"))
    assert given == b""
    assert MUSIC in told


def test_the_plays_before_a_damage_are_read_and_the_damage_is_told():
    chance = random.Random(1)
    plays = [play(master_metadata_track_name=str(chance.random())) for _ in range(3000)]
    intact = zipped({EXTENDED.name: json.dumps(plays).encode()})
    at = len(intact) * 3 // 4
    with open_files(in_lake({"a.zip": intact[:at] + bytes(300) + intact[at + 300 :]})) as export:
        parts = list(read_file(EXTENDED.name, chunks(export.files[0]), latest=NOW))
    assert len(rows_of(parts)) > 2000
    assert refused_of(parts)


def test_a_file_out_of_a_zip_gives_the_same_rows_as_its_bytes():
    content = json.dumps([heard(), heard()]).encode()
    with open_files(in_lake({"a.zip": zipped({MUSIC: content})})) as export:
        [file] = export.files
        out_of_zip = list(read_file(file.name, chunks(file), latest=NOW))
    assert rows_of(out_of_zip) == rows_of(read_file(MUSIC, cut(content, 10), latest=NOW))


def test_everything_is_closed_behind_it(tmp_path):
    path = put(tmp_path / "a.zip", zipped(FILES))
    with open_export(path) as export:
        [one, _] = export.files
        next(chunks(one))
    with pytest.raises(ValueError, match="closed"):
        list(chunks(one))
