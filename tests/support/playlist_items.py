"""Items of playlists, as rows of what was read, and playlists of them in a lake.

Add here what several modules need to say what is in a playlist. Pages as Spotify sends them are the
sandbox's.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from pipelines.listening.schema.playlist_tables import PLAYLIST_ENTRIES, PLAYLIST_READINGS
from pipelines.resources.lake.lakes import Lake

Row = dict[str, Any]

BEGAN = datetime(2015, 3, 1, 12, tzinfo=UTC)
READ = datetime(2026, 11, 20, 8, tzinfo=UTC)


def playlist_id(letter: str) -> str:
    return letter * 22


def track_id(number: int) -> str:
    return f"{number:022}"


def uri(number: int) -> str:
    return f"spotify:track:{track_id(number)}"


def song(number: int, **other: object) -> Row:
    """A song with an id, an ISRC and a title of its own."""
    return {
        "kind": "track",
        "state": "unknown",
        "track_id": track_id(number),
        "track_uri": uri(number),
        "track_name": f"Song {number}",
        "album_name": f"Album {number}",
        "album_type": "album",
        "isrc": f"DEA37{number:07}",
        "artist_id": f"artist{number % 7}",
        "artist_name": f"Artist {number % 7}",
        "duration_ms": 180_000 + 10_000 * (number % 10),
        "added_at": BEGAN + timedelta(days=number),
        **other,
    }


def again(number: int, of: int, **other: object) -> Row:
    """The recording of one song under the id of another, as on another album."""
    told = {"track_id": track_id(number), "track_uri": uri(number), "album_name": f"Album {number}"}
    return song(of, **told) | other


def local(number: int) -> Row:
    return {
        "kind": "local",
        "state": "unknown",
        "track_uri": f"spotify:local:Me:Tape:Song+{number}:200",
        "track_name": f"Own song {number}",
        "artist_name": "Me",
        "added_at": BEGAN,
    }


def episode(number: int) -> Row:
    own = f"e{number:021}"
    return {
        "kind": "episode",
        "state": "unknown",
        "track_id": own,
        "track_uri": f"spotify:episode:{own}",
        "track_name": f"Talk {number}",
        "album_name": "A show",
        "added_at": BEGAN,
    }


def gone() -> Row:
    return {"kind": "unknown", "state": "gone", "added_at": BEGAN}


def entries(letter: str, items: Sequence[Row]) -> pa.Table:
    """The rows of a playlist with these items."""
    rows = [
        {"playlist_id": playlist_id(letter), "position": n, **item}
        for n, item in enumerate(items, 1)
    ]
    return PLAYLIST_ENTRIES.conform(PLAYLIST_ENTRIES.from_rows(rows))


def keep(lake: Lake, playlists: Mapping[str, Sequence[Row]], **other: object) -> None:
    """Have playlists in nico's lake, as if they were read.

    Args:
        lake: where.
        playlists: the items of each by its name; its id is of the letter with which that begins.
        **other: what else is true of their readings.
    """
    own = lake.of("nico")
    readings = own.read(PLAYLIST_READINGS).to_pylist()
    for name, items in playlists.items():
        rows = entries(name[0], items)
        own.replace(PLAYLIST_ENTRIES, rows, playlist=playlist_id(name[0]))
        reading = {
            "playlist_id": playlist_id(name[0]),
            "name": name,
            "state": "read",
            "items": len(items),
            "snapshot_id": f"snapshot of {name}",
            "read_at": READ,
            **other,
        }
        flags = {f.name: False for f in PLAYLIST_READINGS.fields if not f.nullable}
        readings = [row for row in readings if row["playlist_id"] != reading["playlist_id"]]
        readings.append(flags | reading)
    own.replace(PLAYLIST_READINGS, PLAYLIST_READINGS.from_rows(readings))
