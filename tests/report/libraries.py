"""Playlists for the report: those of a listener whose plays tell of everything, and very many.

Add here what two modules need of playlists. What a report should show belongs to the test.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any
from zlib import crc32

import pyarrow as pa

from pipelines.listening.all_tables import TABLES
from pipelines.listening.schema.playlist_tables import LIKED

Row = dict[str, Any]

READ_AT = datetime(2026, 3, 20, 9, tzinfo=UTC)
ADDED_AT = datetime(2025, 1, 5, 12, tzinfo=UTC)
WEIGHTED, CLEAN, OTHERS, REFUSED = "weighted", "clean", "others", "refused"
IMAGE = "<img src=x onerror=alert(1)>"


def library(song: Callable[[int], Row], markup: int) -> dict[str, Sequence[Row]]:
    """The playlists of a life: what `Life` has of them.

    Args:
        song: a song of that life by its number.
        markup: the number of one with markup in its title.
    """
    weighted = [n for n in range(12) for _ in range(12 - n)] + [markup, markup]
    odd = [
        {"kind": "episode", "track_uri": "spotify:episode:e", "track_name": "Talk"},
        {"kind": "local", "track_uri": "spotify:local:::Tape:90", "track_name": "Tape"},
        {"kind": "unknown", "state": "gone"},
    ]
    again = _item(song(7)) | {"track_id": "again", "track_uri": "spotify:track:again"}
    alike = _item(song(9)) | {"track_id": "alike", "track_uri": "spotify:track:alike"}
    contents: dict[str, list[Row]] = {
        WEIGHTED: [*(_item(song(n)) for n in weighted), *odd],
        CLEAN: [*(_item(song(n)) for n in range(6, 30)), again, alike | {"isrc": "DEA370000009"}],
        LIKED: [_item(song(n)) for n in range(6)],
        OTHERS: [_item(song(n)) for n in range(20, 31)],
    }
    return {
        "entries": [
            {"playlist_id": name, "position": position, "state": "unknown", **item}
            for name, items in contents.items()
            for position, item in enumerate(items, 1)
        ],
        "readings": [
            _reading(WEIGHTED, "Weighted", len(contents[WEIGHTED])),
            _reading(CLEAN, IMAGE, len(contents[CLEAN])),
            _reading(LIKED, None, len(contents[LIKED]), owned=None),
            _reading(OTHERS, "Hers", len(contents[OTHERS]), owned=False),
            _reading(REFUSED, "Not for apps", None, owned=False, state="not_readable"),
        ],
        "changes": [
            _change(song(0), 9, 12, weeks=0),
            _change(song(30), 1, 0, weeks=0),
            _change(song(markup), 0, 2, weeks=2),
        ],
    }


def _item(song: Row) -> Row:
    known = {"kind": "track", "added_at": ADDED_AT, "explicit": False}
    uri = f"spotify:track:{song['track_id']}"
    return known | {"track_uri": uri, "isrc": f"DEA37{crc32(uri.encode()) % 10**7:07}"} | song


def _reading(playlist: str, name: str | None, items: int | None, **told: Any) -> Row:
    read = {"playlist_id": playlist, "name": name, "items": items, "read_at": items and READ_AT}
    return {"state": "read", "owned": True, "total": items or 30, "seen_at": READ_AT} | read | told


def _change(song: Row, before: int, after: int, *, weeks: int) -> Row:
    read_at = READ_AT - timedelta(weeks=weeks)
    names = {name: song[name] for name in ("track_id", "track_name", "artist_name")}
    return {
        "playlist_id": WEIGHTED,
        "read_at": read_at,
        "before_at": read_at - timedelta(weeks=1),
        "track_uri": f"spotify:track:{song['track_id']}",
        "before": before,
        "after": after,
        **names,
    }


@cache
def many_playlists(playlists: int = 60, songs: int = 400) -> dict[str, pa.Table]:
    """Every table of playlists that the report shows, as full as those of somebody who has many.

    Each playlist has so many songs, of which no two share their names with another playlist's.
    """
    return {
        name: _table(name, rows(playlists, songs))
        for name, rows in {
            "playlist_summary": _summaries,
            "playlist_weights": _weights,
            "playlist_duplicates": _duplicates,
            "playlist_overlap": _overlaps,
            "playlist_dna": _dna,
            "playlist_history": _history,
        }.items()
    }


def _table(name: str, rows: Iterable[Row]) -> pa.Table:
    [table] = [table for table in TABLES if table.name == name]
    empty: dict[str, Any] = {
        field.name: None if field.nullable else _NOTHING[str(field.type)]
        for field in table.schema
        if field.nullable or str(field.type) in _NOTHING
    }
    return pa.Table.from_pylist([empty | row for row in rows], table.schema)


_NOTHING = {"int32": 0, "double": 0.0, "bool": False, "string": ""} | {
    "timestamp[ms, tz=UTC]": READ_AT
}


def _ids(playlists: int) -> list[str]:
    return [f"{n:022}" for n in range(playlists)]


def _summaries(playlists: int, songs: int) -> Iterable[Row]:
    for n, name in enumerate(_ids(playlists)):
        yield {
            "rank": n + 1,
            "playlist_id": name,
            "name": f"The playlist of number {n}",
            "owned": True,
            "state": "read",
            "total": 3 * songs,
            "items": 3 * songs,
            "read_on": date(2026, 3, 20),
            "minutes": 4.0 * songs,
            "song_items": 3 * songs,
            "songs": songs,
            "heaviest": songs,
            "songs_for_half": 3,
            "weights": [{"occurrences": k + 1, "songs": k + n} for k in range(40)],
            "overplayed": songs // 3,
            "underplayed": songs // 3,
            "changes": [
                {"read_on": date(2026, 1, 1) + timedelta(days=k), "came": k * n, "went": k}
                for k in range(26)
            ],
        }


def _weights(playlists: int, songs: int) -> Iterable[Row]:
    for n, name in enumerate(_ids(playlists)):
        for k in range(songs):
            yield {
                "playlist_id": name,
                "rank": k + 1,
                "recording_id": f"{n} {k}",
                "track_name": f"A title of twenty {n} {k}",
                "artist_name": f"An artist of twenty {n} {k}",
                "occurrences": songs - k,
                "by_uri": [],
                "plays": 7 * k % 300,
                "plays_since": 7 * k % 300,
                "plays_share": 1 / (k + 1),
                "expected_plays": 11.3 * k % 300,
                "verdict": ("overplayed", "underplayed", "never_played", "too_few")[k % 4],
            }


def _duplicates(playlists: int, songs: int) -> Iterable[Row]:
    sorts = ("same_id", "same_isrc", "probable")
    for n, name in enumerate(_ids(playlists)):
        for k in range(songs):
            yield {
                "playlist_id": name,
                "group_id": k // 8 + 1,
                "position": k + 1,
                "track_uri": f"spotify:track:{n}{k}",
                "match": sorts[k // 8 % 3],
                "track_name": f"A title of twenty {n} {k}",
                "artist_name": f"An artist of twenty {n} {k}",
                "reason": f"A sentence of some sixty signs or so that says why, {n} {k // 8}.",
                "kept_first_added": k % 8 == 0,
                "kept_reason": f"A sentence of some sixty signs or so that says why, {n} {k // 8}!",
            }


def _overlaps(playlists: int, songs: int) -> Iterable[Row]:
    names = _ids(playlists)
    for n, one in enumerate(names):
        for k, other in enumerate(names[n + 1 :]):
            both = (n * 37 + k * 11 + 21) % songs
            yield {
                "playlist_a": one,
                "playlist_b": other,
                "in_both": both,
                "only_in_a": songs - both,
                "only_in_b": songs - both,
                "jaccard": both / (2 * songs - both),
                "containment_a": both / songs,
                "containment_b": both / songs,
            }


def _dna(playlists: int, songs: int) -> Iterable[Row]:
    numbers = ("release_year", "popularity", "danceability", "energy", "valence", "tempo")
    aspects = {
        "genre": [f"genre {n}" for n in range(100)],
        "artist": [f"An artist of twenty {n}" for n in range(100)],
        "decade": [str(1950 + 10 * n) for n in range(8)],
        "average": numbers,
    }
    for n, name in enumerate(_ids(playlists)):
        for aspect, values in aspects.items():
            for k, value in enumerate(values):
                yield {
                    "playlist_id": name,
                    "aspect": aspect,
                    "rank": k + 1,
                    "value": f"{value} of {n}" if aspect == "artist" else value,
                    "values": len(values),
                    "items": songs - k,
                    "items_share": 1 / (k + n + 1),
                    "items_coverage": 0.8,
                    "songs": songs - k,
                    "songs_share": 1 / (k + n + 2),
                    "songs_coverage": 0.8,
                }


def _history(playlists: int, songs: int) -> Iterable[Row]:
    for n, name in enumerate(_ids(playlists)):
        for k in range(songs):
            yield {
                "playlist_id": name,
                "read_on": date(2026, 1, 1) + timedelta(days=k % 60),
                "track_uri": f"spotify:track:{n}{k}",
                "track_name": f"Another title {n} {k}",
                "artist_name": f"An artist of twenty {n} {k}",
                "change": "came",
                "after": 1,
                "items_came": 1,
            }
