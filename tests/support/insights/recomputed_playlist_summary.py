"""`playlist_summary` once more in plain Python, from what the other tables should be."""

from collections import Counter, defaultdict
from typing import Any

from tests.support.insights.ground import MINUTE, Ground
from tests.support.insights.lives import Row, local
from tests.support.insights.recomputed import Rows
from tests.support.insights.recomputed_playlists import (
    playlist_duplicates,
    playlist_history,
    playlist_weights,
)

VERDICTS = ("overplayed", "as_weighted", "underplayed", "too_few", "never_played")


def playlist_summary(ground: Ground) -> Rows:
    weights, duplicates = list(playlist_weights(ground)), list(playlist_duplicates(ground))
    history = list(playlist_history(ground))
    for rank, reading in enumerate(sorted(ground.readings, key=_order), 1):
        name = reading["playlist_id"]
        entries = [one for one in ground.entries if one["playlist_id"] == name]
        songs = [one for one in weights if one["playlist_id"] == name]
        known = [one["duration_ms"] for one in entries if one["duration_ms"] is not None]
        read_at = reading["read_at"]
        yield {
            **{key: reading[key] for key in ("playlist_id", "owned", "state", "total", "items")},
            "rank": rank,
            "name": reading["name"] or ("Liked Songs" if name == "liked_songs" else None),
            "read_on": read_at and local(read_at, ground.zones).date(),
            "minutes": sum(known) / MINUTE,
            "unknown_lengths": len(entries) - len(known),
            "episodes": sum(one["kind"] == "episode" for one in entries),
            "local_files": sum(one["kind"] == "local" for one in entries),
            "gone": sum(one["state"] == "gone" for one in entries),
            "song_items": sum(one["occurrences"] for one in songs),
            "songs": len(songs),
            "heaviest": max((one["occurrences"] for one in songs), default=0),
            "songs_for_half": songs[0]["songs_for_half"] if songs else 0,
            "weights": [
                {"occurrences": times, "songs": count}
                for times, count in sorted(Counter(one["occurrences"] for one in songs).items())
            ],
            **_repeated([one for one in duplicates if one["playlist_id"] == name]),
            **{verdict: sum(one["verdict"] == verdict for one in songs) for verdict in VERDICTS},
            "changes": _changes([one for one in history if one["playlist_id"] == name]),
        }


def _order(reading: Row) -> tuple[object, ...]:
    own = reading["playlist_id"] == "liked_songs" or bool(reading["owned"])
    items, name = reading["items"], reading["name"]
    return not own, items is None, -(items or 0), name is None, name or "", reading["playlist_id"]


def _repeated(rows: list[Row]) -> dict[str, int]:
    """How many items a clean-up takes away, by what they have in common with one that stays."""
    certain: dict[int, list[Row]] = defaultdict(list)
    likely: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        (likely if row["match"] == "probable" else certain)[row["group_id"]].append(row)
    ids = {group: {row["track_uri"] for row in some} for group, some in certain.items()}
    group_of = {row["position"]: group for group, some in certain.items() for row in some}
    songs = [
        {group_of.get(row["position"], -row["position"]) for row in some}
        for some in likely.values()
    ]
    return {
        "same_id": sum(len(some) - len(ids[group]) for group, some in certain.items()),
        "same_isrc": sum(len(some) - 1 for some in ids.values()),
        "probable": sum(len(some) - 1 for some in songs),
    }


def _changes(rows: list[Row]) -> list[Row]:
    moved: dict[Any, list[Row]] = {}
    for row in rows:
        if row["track_uri"]:
            song = row["isrc"] if row["exchanged"] else row["track_uri"]
            moved.setdefault((row["read_on"], row["read_at"], song), []).append(row)
    days: dict[Any, Counter[str]] = {}
    for (day, *_), some in moved.items():
        more = sum(row["after"] - row["before"] for row in some)
        if more:
            days.setdefault(day, Counter())["came" if more > 0 else "went"] += abs(more)
    return [
        {"read_on": day, "came": days[day]["came"], "went": days[day]["went"]}
        for day in sorted(days)[-26:]
    ]
