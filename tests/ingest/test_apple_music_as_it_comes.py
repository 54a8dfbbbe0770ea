"""Apple's zips in zips are imported as they come, and what is private in them stays outside."""

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.support.export_files import zipped
from tests.support.world import World

NOW = datetime(2027, 1, 1, tzinfo=UTC)
DATA = Path(__file__).parents[1] / "data" / "apple_music"
FILES = {path.name: path.read_bytes() for path in DATA.iterdir() if path.suffix != ".md"}

PRIVATE_COLUMNS = (
    "Apple ID Number", "Build Version", "Client IP Address", "Device Identifier", "Event ID",
    "IP City", "IP Latitude", "IP Longitude", "IP Network", "Store Country Name", "User Agent",
)  # fmt: skip


def as_apple_sends_it() -> dict[str, bytes]:
    """A zip of a zip of a folder, in which the library is a zip again."""
    library = "Apple Music Library Tracks.json"
    activity = {
        f"Apple Music Activity/{name}": content
        for name, content in FILES.items()
        if name != library
    }
    inner = zipped(
        activity | {f"Apple Music Activity/{library}.zip": zipped({library: FILES[library]})}
    )
    other = {"Apple_Media_Services/Stores Activity/Purchases.csv": b"Item,Price\nx,1\n"}
    media = zipped(other | {"Apple_Media_Services/Apple_Music_Activity.zip": inner})
    return {"Apple Media Services Information Part 1 of 2.zip": zipped({"AMS.zip": media})}


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def stored_text(world: World) -> str:
    """Everything that is in a lake, as text."""
    found = []
    for entry in world.store.list(""):
        stored = world.store.get(entry.key)
        body = stored.body if stored else b""
        found.append(entry.key)
        if entry.key.endswith(".parquet"):
            table = pq.read_table(io.BytesIO(body))
            found += [json.dumps(table.to_pylist(), default=str), str(table.schema.metadata)]
        found.append(body.decode("latin-1"))
    return "\n".join(found)


def test_plays_are_imported_from_zips_in_zips_with_their_artists(world: World) -> None:
    outcome = world.run_import(as_apple_sends_it(), NOW)
    assert (outcome["rows_read"], outcome["new"], outcome["refused"]) == (17, 13, 4)
    [file] = outcome["files"]
    assert file["name"].endswith("Apple Music Play Activity.csv")
    plays = world.plays()
    assert {play["source"] for play in plays} == {"apple"}
    named = {play["track_name"]: play["artist_name"] for play in plays}
    assert named["Harbour Lights"] == "Low Tide Quartet"
    assert named["Granite - Live at the Mill"] == "Nils Ohm"
    assert named["Unwritten Map"] is None


def test_the_same_files_again_add_nothing(world: World) -> None:
    world.run_import(as_apple_sends_it(), NOW)
    before = world.plays()
    outcome = world.run_import(FILES, NOW)
    assert (outcome["new"], outcome["seen_before"]) == (0, 13)
    assert world.plays() == before


def test_lengths_that_cannot_be_are_unknown_and_not_nothing(world: World) -> None:
    world.run_import(as_apple_sends_it(), NOW)
    told = [
        play["ms_played_source"] for play in world.plays() if play["track_name"] == "Paper Boats"
    ]
    assert sorted(map(str, told)).count("measured") == 2


def test_nothing_private_is_stored_anywhere(world: World) -> None:
    activity = FILES["Apple Music Play Activity.csv"].decode()
    private = {
        str(row[name]) for row in csv.DictReader(io.StringIO(activity)) for name in PRIVATE_COLUMNS
    }
    private |= {"Somebody Private", "note to self"}
    assert len(private) > 12
    world.run_import(as_apple_sends_it(), NOW)
    text = stored_text(world)
    assert "Harbour Lights" in text
    assert "has 40 fields" in text
    assert [value for value in private if value in text] == []
