"""`play_counts` once more in plain Python: whose names are whose, and what is summed."""

from collections import Counter, defaultdict
from typing import Any

from pipelines.listening.catalogue.names import normal_name
from tests.support.insights.ground import Ground, counted, grouped
from tests.support.insights.lives import Row
from tests.support.insights.recomputed import Rows, recording

REASON = "Spotify's Web API does not tell it"


def play_counts(ground: Ground) -> Rows:
    plays = grouped(ground.plays, recording)
    names = _names(ground)
    owners = _owners(plays, names)
    shared = Counter(name for some in names.values() for name in some)
    as_of = max((row["as_of"] for row in ground.scrobbled), default=None)
    for one, here in plays.items():
        latest = here[-1]
        if latest["kind"] in {"episode", "audiobook"}:
            continue
        owned = {name for name in names[one] if owners[name] == one}
        listed = [row for row in ground.scrobbled if _name(row) in owned]
        pages = _pages(ground, owned)
        user = sum(row["plays"] for row in listed) if owned and as_of else None
        contexts = Counter(play["context"] for play in counted(here))
        told = _on_spotify(ground, one, owned)
        called: dict[str, list[str]] = defaultdict(list)
        for row in [*listed, *pages]:
            spelled = f"{row['artist_name']} - {row['track_name']}"
            called[spelled.lower()].append(spelled)
        yield {
            "recording_id": one,
            "track_name": latest["track_name"],
            "artist_name": latest["artist_name"] if latest["artist_key"] else None,
            "track_id": latest["track_id"],
            "kind": latest["kind"],
            "local_plays": len(counted(here)),
            "local_plays_all": len(here),
            "first_played_on": here[0]["local_date"],
            "last_played_on": max(play["local_date"] for play in here),
            "contexts": [
                {"context": context, "plays": times}
                for context, times in sorted(contexts.items(), key=lambda item: (-item[1], item[0]))
            ],
            "lastfm_user_plays": user,
            "lastfm_user_as_of": as_of if owned else None,
            "lastfm_global_plays": _sum(pages, "plays"),
            "lastfm_global_listeners": _sum(pages, "listeners"),
            "lastfm_as_of": min((row["as_of"] for row in pages), default=None),
            "lastfm_names": sorted(min(some) for some in called.values()),
            "lastfm_url": _largest(pages),
            "lastfm_corrected": any(row["corrected"] for row in pages),
            "lastfm_shared": any(shared[name] > 1 for name in names[one]),
            "spotify_global_plays": told and told["plays"],
            "spotify_as_of": told and told["as_of"],
            "spotify_reason": None if told else REASON,
            "agreement": len(counted(here)) / user if user else None,
            "at_least": bool(ground.lost_days),
        }


def _name(row: Row) -> str:
    return f"{normal_name(row['artist_name'])}|{normal_name(row['track_name'])}"


def _names(ground: Ground) -> dict[str, set[str]]:
    """The names of each recording: of all its tracks."""
    found: dict[str, set[str]] = defaultdict(set)
    for track in ground.tracks:
        is_named = track["artist_key"] and track["artist_name"] and track["track_name"]
        if is_named and track["kind"] not in {"episode", "audiobook"}:
            found[track["recording_id"]].add(_name(track))
    return found


def _owners(plays: dict[str, list[Row]], names: dict[str, set[str]]) -> dict[str, str]:
    """Of each name the recording that was played most of those that have it."""
    order = sorted(plays, key=lambda one: (-len(counted(plays[one])), -len(plays[one]), one))
    owners: dict[str, str] = {}
    for one in order:
        for name in names[one]:
            owners.setdefault(name, one)
    return owners


def _pages(ground: Ground, owned: set[str]) -> list[Row]:
    """The different pages at Last.fm that the names led to, each as it was told last."""
    found: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in ground.everyones:
        asked = f"{normal_name(row['asked_artist'])}|{normal_name(row['asked_title'])}"
        if asked in owned and row["artist_name"] is not None:
            found[row["artist_name"].lower(), row["track_name"].lower()].append(row)
    last = {
        page: max(some, key=lambda row: (row["as_of"], row["asked_artist"], row["asked_title"]))
        for page, some in found.items()
    }
    return [
        {**last[page], "corrected": all(row["corrected"] for row in some)}
        for page, some in found.items()
    ]


def _sum(rows: list[Row], name: str) -> int | None:
    known = [row[name] for row in rows if row[name] is not None]
    return sum(known) if known else None


def _largest(pages: list[Row]) -> Any:
    def key(row: Row) -> tuple[bool, int, str]:
        plays = row["plays"]
        return plays is None, -(plays or 0), f"{row['artist_name']} - {row['track_name']}"

    return min(pages, key=key)["url"] if pages else None


def _on_spotify(ground: Ground, one: str, owned: set[str]) -> Row | None:
    mine = [track for track in ground.tracks if track["recording_id"] == one]
    by_id = {track["track_id"] for track in mine} - {None}
    by_isrc = {track["isrc"] for track in mine} - {None}
    for column, known in (("track_id", by_id), ("isrc", by_isrc), ("name_key", owned)):
        if told := [row for row in ground.on_spotify if row[column] in known]:
            return max(told, key=lambda row: row["plays"])
    return None
