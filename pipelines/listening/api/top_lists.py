"""Spotify's top lists, playlists and profile out of kept answers.

What a list shows on one date lives here; figures over it belong in `snapshot_metrics.py`.
"""

from collections.abc import Callable, Iterable, Sequence

import msgspec
import pyarrow as pa

from pipelines.listening.api.objects import Artist, Playlist, Profile, Track, decode, without
from pipelines.listening.api.responses import Response, items_of
from pipelines.listening.schema.table import Table
from pipelines.listening.schema.tables import TOP_ARTISTS, TOP_TRACKS

Described = tuple[dict[str, object], dict[str, str]]
"""An item's columns, and what was wrong with each field that it was read without."""


def profile(response: Response) -> Profile:
    """The account in an answer to `/me`.

    Raises:
        msgspec.ValidationError: where it has no id.
    """
    return msgspec.json.decode(response.body, type=Profile)


def top_tracks(pages: Sequence[Response], time_range: str) -> tuple[pa.Table, list[str]]:
    """A complete list's tracks, rank 1 first, and a line for each item not read in full."""
    return _ranked(TOP_TRACKS, pages, time_range, _track)


def top_artists(pages: Sequence[Response], time_range: str) -> tuple[pa.Table, list[str]]:
    """A complete list's artists, rank 1 first, and a line for each item not read in full."""
    return _ranked(TOP_ARTISTS, pages, time_range, _artist)


def _ranked(
    table: Table,
    pages: Sequence[Response],
    time_range: str,
    columns: Callable[[msgspec.Raw], Described],
) -> tuple[pa.Table, list[str]]:
    rows: list[dict[str, object]] = []
    refused: list[str] = []
    for position, item in enumerate(items_of(pages), start=1):
        where = f"{pages[0].request.endpoint}, item {position}"
        try:
            described, dropped = columns(item)
        except ValueError as problem:
            refused.append(f"{where}: {problem}")
            continue
        if dropped:
            refused.append(f"{where}: {without(dropped)}")
        # A rank is a place among the rows that could be read: no list has holes.
        rank = {"rank": len(rows) + 1, "time_range": time_range, "fetched_at": pages[0].fetched_at}
        rows.append({**rank, **described})
    return table.conform(table.from_rows(rows)), refused


def _track(item: msgspec.Raw) -> Described:
    track, dropped = decode(item, Track)
    if not (track.id or track.uri or track.name):
        raise ValueError("track has no id, uri or name")
    return {**track.columns(), "genres": None}, dropped


def _artist(item: msgspec.Raw) -> Described:
    artist, dropped = decode(item, Artist)
    if not artist.name:
        raise ValueError("artist has no name")
    described: dict[str, object] = {
        "artist_id": artist.id,
        "artist_uri": artist.uri,
        "artist_name": artist.name,
        "popularity": artist.popularity,
        "followers": artist.followers.total if artist.followers else None,
        "genres": artist.known_genres,
    }
    return described, dropped


def genres_by_artist(lists: Iterable[pa.Table]) -> dict[str, list[str]]:
    """Genres by artist id, as far as `top_artists` rows tell them."""
    rows = (row for one in lists for row in one.select(["artist_id", "genres"]).to_pylist())
    return {row["artist_id"]: row["genres"] for row in rows if row["artist_id"] and row["genres"]}


def playlist_names(pages: Iterable[Response]) -> dict[str, str]:
    """Name by uri of the listener's playlists; what cannot be read is left out."""
    names: dict[str, str] = {}
    for item in items_of(pages):
        try:
            playlist, _ = decode(item, Playlist)
        except ValueError:
            continue
        uri = playlist.uri or f"spotify:playlist:{playlist.id}"
        if playlist.name:
            names[uri] = playlist.name
    return names
