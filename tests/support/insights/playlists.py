"""Playlists of the fewest words, and by chance.

Add here what several modules need to fill playlists. What must hold of them belongs to the tests.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from pipelines.listening.schema.playlist_tables import LIKED
from tests.support.insights.lives import FOUR_MINUTES, Row, at

READ_AT = at("2026-06-01")
LIST = "A"


def track(
    id_: str = "t", title: str | None = "Song", artist: str | None = "Band", **told: Any
) -> Row:
    """A track as an item of a playlist has it; its ISRC is none unless told."""
    return {
        "kind": "track",
        "state": "unknown",
        "track_id": id_,
        "track_uri": f"spotify:track:{id_}",
        "track_name": title,
        "artist_name": artist,
        "artist_id": artist and f"id of {artist.lower()}",
        "duration_ms": FOUR_MINUTES,
        "explicit": False,
        "added_at": at("2026-01-01"),
        **told,
    }


def file(name: str = "file", **told: Any) -> Row:
    """A local file."""
    uri = f"spotify:local:::{name}:200"
    return track(
        name, **{"kind": "local", "track_id": None, "track_uri": uri, "artist_id": None} | told
    )


EPISODE = track("e", "Talk", "Show", kind="episode", track_uri="spotify:episode:e")
GONE: Row = {"kind": "unknown", "state": "gone", "added_at": at("2026-01-01")}


def playlist(items: Iterable[Row], name: str = LIST) -> list[Row]:
    """Items in a playlist, in this order."""
    return [
        {"playlist_id": name, "position": position, **item}
        for position, item in enumerate(items, 1)
    ]


def reading(name: str, items: int | None, **told: Any) -> Row:
    """How a playlist was last read; `items` None: never to its end."""
    state = "not_read" if items is None else "read"
    return {"playlist_id": name, "state": state, "items": items, "read_at": READ_AT, **told}


def change(uri: str, before: int, after: int, **told: Any) -> Row:
    """What a reading found otherwise than the one before."""
    return {
        "playlist_id": LIST,
        "read_at": READ_AT,
        "before_at": READ_AT - timedelta(days=7),
        "track_uri": uri,
        "before": before,
        "after": after,
        **told,
    }


ISRC, OTHER_ISRC = "DEA379900001", "DEA379900002"

TRACKS = (
    track("Band/One", "One", artist_id="b", isrc=ISRC, album_type="single", release_year=2025),
    track("one-again", "One", artist_id="b", isrc=ISRC, album_type="album", popularity=75),
    track("one-more", "One - Remastered", artist_id="b", isrc=ISRC, album_type="compilation"),
    track("one-new", "One", artist_id="b", isrc=OTHER_ISRC, duration_ms=244_000),
    track("one-long", "One (feat. Guest)", artist_id="b", duration_ms=249_001),
    track("one-live", "One (Live)", artist_id="b", release_year=1999),
    track("one-vivo", "One - En Vivo", artist_id="b"),
    track("Band/Two", "Two", "Band", artist_id=None, explicit=True, popularity=9),
    track("two-clean", "Two", "Band", artist_id=None),
    track("nobody", "Three", "Various Artists"),
    track("untitled", None, "Other", artist_id="o", duration_ms=None),
    track("Other/Two", "Two", "Other", artist_id="o"),
    track("Guest/Four", "Four", "Guest", artist_id=None, duration_ms=None),
    track("four", "Four", "Guest", artist_id=None),
    file("one", track_name="One", artist_id=None),
    file("untold", track_name=None, artist_name=None, duration_ms=None),
    EPISODE,
    GONE,
)


def playlists(begin: datetime) -> st.SearchStrategy[Sequence[Row]]:
    """Items of up to three playlists, in any order."""
    item = st.tuples(
        st.sampled_from(("A", "B", "B", LIKED)),
        st.sampled_from(TRACKS),
        st.sampled_from((None, *(begin + timedelta(days=days) for days in (-9, 0, 7, 7, 30)))),
        st.sampled_from(("unknown", "unknown", "playable", "unplayable")),
        st.integers(1, 3),
    )

    def placed(items: list[Any]) -> Sequence[Row]:
        rows = []
        for name in ("A", "B", LIKED):
            theirs = [
                what | {"added_at": added, **({} if what is GONE else {"state": state})}
                for where, what, added, state, times in items
                for _ in range(times)
                if where == name
            ]
            rows += playlist(theirs, name)
        return rows

    return st.lists(item, max_size=14).map(placed).flatmap(st.permutations)
