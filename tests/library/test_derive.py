"""The tables of playlists follow from what is kept: the same bytes, whenever and in any order."""

import gzip
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.library.derive import update_entries
from pipelines.library.kept import Readings
from pipelines.listening.schema.playlist_tables import (
    PLAYLIST_CHANGES,
    PLAYLIST_ENTRIES,
)
from pipelines.resources.lake.folder import Folder
from pipelines.resources.lake.lakes import Lake, ListenerLake
from sandbox import Sandbox
from sandbox.items import song
from tests.library.conftest import OLD, Read, mixed

Tables = Callable[[], dict[str, bytes]]


@pytest.fixture
def three_readings(sandbox: Sandbox, mix: str, read: Read) -> str:
    """A playlist that was read, changed, read, changed, and read."""
    read("Mix")
    for first in (200, 300):
        sandbox.playlists.change(mix, [*mixed(30, first=first), *sandbox.playlists.items(mix)[30:]])
        read("Mix")
    return mix


def files(lake: Lake, playlist: str) -> list[Path]:
    """What is kept of a playlist."""
    folder = Path(lake.store.url(f"users/nico/raw/playlist_items/{playlist}"))
    return sorted(path for path in folder.rglob("*") if path.is_file())


def drop_tables(own: ListenerLake) -> None:
    own.store.delete("playlists/")
    own.store.delete("aggregated/")


def test_rebuilding_gives_the_same_bytes(
    three_readings: str, own: ListenerLake, tables: Tables
) -> None:
    before = tables()
    assert len(own.read(PLAYLIST_CHANGES, playlist=three_readings)) > 50
    drop_tables(own)
    update_entries(own)
    assert tables() == before
    assert update_entries(own).written == 0, "nothing is written where nothing has changed"


@pytest.mark.parametrize("seed", range(4))
def test_the_order_in_which_readings_come_to_be_kept_does_not_matter(
    three_readings: str, lake: Lake, own: ListenerLake, tables: Tables, seed: int
) -> None:
    before = tables()
    kept = {path: path.read_bytes() for path in files(lake, three_readings)}
    drop_tables(own)
    own.store.delete("raw/playlist_items/")
    folders = sorted({path.parent for path in kept})
    random.Random(seed).shuffle(folders)
    for folder in folders:
        folder.mkdir(parents=True)
        for path in [path for path in kept if path.parent == folder]:
            path.write_bytes(kept[path])
        update_entries(own)
    assert tables() == before


def test_a_later_reading_costs_no_look_at_pages_of_earlier_ones(
    three_readings: str,
    sandbox: Sandbox,
    read: Read,
    own: ListenerLake,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sandbox.playlists.change(three_readings, mixed(60))
    asked: list[str] = []
    get = Folder.get
    monkeypatch.setattr(Folder, "get", lambda store, key: (asked.append(key), get(store, key))[1])
    read("Mix")
    last = Readings(own).last_complete(three_readings)
    pages = [key for key in asked if f"playlist_items/{three_readings}/" in key]
    assert last is not None
    assert pages
    assert all(last.folder in key for key in pages)


def damage(path: Path, how: str) -> None:
    body = path.read_bytes()
    if how == "gone":
        path.unlink()
    else:
        path.write_bytes({"cut": body[: len(body) // 2], "none": gzip.compress(b"{}")}[how])


@pytest.mark.parametrize(
    "damaged",
    [
        ("00000000", "gone"),
        ("00000050", "cut"),
        ("00000050", "gone"),
        ("00000100", "none"),
        ("begin", "cut"),
    ],
)
def test_a_damaged_page_is_named_and_its_reading_is_not_used(
    three_readings: str, own: ListenerLake, sandbox: Sandbox, read: Read, damaged: tuple[str, str]
) -> None:
    page, how = damaged
    before, last = Readings(own).by_playlist()[three_readings][1:]
    damage(Path(own.store.url(f"{last.folder}{page}.json.gz")), how)
    drop_tables(own)
    derived = update_entries(own)
    assert last.folder in derived.damaged[three_readings]
    assert derived.used[three_readings] == before.folder, "the one before it"
    assert [one.state for one in read("Mix").outcomes] == ["read"], "it is read anew"
    rows = own.read(PLAYLIST_ENTRIES, playlist=three_readings)
    assert [uri or "" for uri in rows["track_uri"].to_pylist()] == sandbox.playlists.uris(
        three_readings
    )
    assert [one.state for one in read("Mix").outcomes] == ["unchanged"]


@pytest.mark.parametrize("damaged", ["00000050", "begin"])
@pytest.mark.parametrize("which", [0, 1, 2])
def test_changes_are_those_of_a_rebuild_after_damage_and_after_its_repair(
    three_readings: str,
    own: ListenerLake,
    sandbox: Sandbox,
    read: Read,
    tables: Tables,
    *,
    damaged: str,
    which: int,
) -> None:
    def is_as_rebuilt() -> bool:
        update_entries(own)
        before = tables()
        drop_tables(own)
        update_entries(own)
        return tables() == before

    reading = Readings(own).by_playlist()[three_readings][which]
    path = Path(own.store.url(f"{reading.folder}{damaged}.json.gz"))
    body = path.read_bytes()
    damage(path, "cut")
    drop_tables(own)
    update_entries(own)
    sandbox.playlists.change(three_readings, mixed(60, first=400))
    read("Mix")
    assert is_as_rebuilt()
    path.write_bytes(body)
    assert is_as_rebuilt()


def test_tables_of_a_playlist_whose_readings_were_deleted_are_deleted(
    three_readings: str, own: ListenerLake, tables: Tables
) -> None:
    own.store.delete(f"raw/playlist_items/{three_readings}/")
    update_entries(own)
    assert not any(three_readings in path for path in tables())


def test_a_damaged_table_is_made_again(
    three_readings: str, lake: Lake, own: ListenerLake, tables: Tables
) -> None:
    before = tables()
    for path in before:
        if path.endswith(".parquet"):
            lake.store.put(path, b"no table")
    lake.store.put("users/nico/playlists/_manifest.json", b"{")
    update_entries(own)
    assert tables() == before


def test_a_page_may_hold_anything_and_every_item_keeps_its_place(
    sandbox: Sandbox, read: Read, own: ListenerLake
) -> None:
    key = sandbox.playlists.add("nico", "Odd", [song(n, added_at=OLD) for n in range(50)])
    for fault, options in {
        "null_track": {"at": 3},
        "null_album": {"at": 5},
        "local_file": {"at": 7},
        "episode": {"at": 9},
    }.items():
        sandbox.faults.add(fault, f"/v1/playlists/{key}/items", **options)
    read("Odd")
    rows = own.read(PLAYLIST_ENTRIES, playlist=key).to_pylist()
    assert [one["position"] for one in rows] == list(range(1, 51))
    assert {at: (rows[at]["kind"], rows[at]["state"]) for at in (3, 5, 7, 9)} == {
        3: ("unknown", "gone"),
        5: ("track", "unknown"),
        7: ("local", "unknown"),
        9: ("episode", "unknown"),
    }
