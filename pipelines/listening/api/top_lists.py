"""Top lists, playlists and the profile, decoded from stored responses.

Add here what a list shows on one date; metrics of it belong in `snapshot_metrics.py`.
"""

from collections.abc import Callable, Iterable, Sequence

import msgspec
import pyarrow as pa

from pipelines.listening.api.objects import (
    Artist,
    Playlist,
    Profile,
    Track,
    decode,
    describe_dropped,
)
from pipelines.listening.api.responses import Response, items_of
from pipelines.listening.catalogue.identifiers import spotify_uri
from pipelines.listening.schema.table import Table
from pipelines.listening.schema.tables import TOP_ARTISTS, TOP_TRACKS

Described = tuple[dict[str, object], dict[str, str]]
"""An item's columns, and the problem of each dropped field by its path."""


def profile(response: Response) -> Profile:
    """The account in a response of `/me`.

    Raises:
        msgspec.DecodeError: if nothing in it identifies an account.
    """
    account, dropped = decode(response.body, Profile)
    if not (account.id or account.account_id):
        problems = "; ".join(f"{path}: {problem}" for path, problem in dropped.items())
        raise msgspec.ValidationError(problems or "it has neither id nor account_id")
    return account


def top_tracks(pages: Sequence[Response], time_range: str) -> tuple[pa.Table, list[str]]:
    """The tracks of a complete list.

    Args:
        pages: the list's responses, first page first.
        time_range: short, medium or long.

    Returns:
        `top_tracks` rows, rank 1 first, and one line for each item that was not read in full.
    """
    return _ranked(TOP_TRACKS, pages, time_range, _track)


def top_artists(pages: Sequence[Response], time_range: str) -> tuple[pa.Table, list[str]]:
    """The artists of a complete list.

    Args:
        pages: the list's responses, first page first.
        time_range: short, medium or long.

    Returns:
        `top_artists` rows, rank 1 first, and one line for each item that was not read in full.
    """
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
            refused.append(f"{where}: {describe_dropped(dropped)}")
        # Ranks count the rows that could be read: a list has no holes.
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
    """Genres by artist id, from the `top_artists` rows that have them."""
    rows = (row for one in lists for row in one.select(["artist_id", "genres"]).to_pylist())
    return {row["artist_id"]: row["genres"] for row in rows if row["artist_id"] and row["genres"]}


def playlist_names(pages: Iterable[Response]) -> dict[str, str]:
    """Names of the listener's playlists by their one uri; unreadable items are left out."""
    names: dict[str, str] = {}
    for item in items_of(pages):
        try:
            playlist, _ = decode(item, Playlist)
        except ValueError:
            continue
        by_id = f"spotify:playlist:{playlist.id}" if playlist.id else ""
        uri = spotify_uri(playlist.uri or by_id)
        if uri and playlist.name:
            names[uri] = playlist.name
    return names
