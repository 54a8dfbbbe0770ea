"""Which playlists are wanted: those that a person named, and those of them that are due.

Add here how a playlist can be named, or when a schedule has one read. What is then asked of Spotify
is `reading.py`.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pipelines.listening.api.objects import LIKED_SONGS_NAME
from pipelines.listening.catalogue.identifiers import LIKED_SONGS, spotify_uri
from pipelines.listening.schema.playlist_tables import LIKED
from pipelines.settings import PlaylistsToRead

WEEK = timedelta(days=6, hours=12)
"""How often a schedule has the same playlist read at most: every seventh day at the same hour."""

_ID = re.compile(r"[0-9A-Za-z]{22}")
_ANY_ID = re.compile(r"[0-9A-Za-z]+")


@dataclass(frozen=True)
class Wanted:
    """A playlist to be read.

    Attributes:
        playlist_id: Spotify's, or `LIKED`.
        name: as the list has it; its id where it is in no list.
    """

    playlist_id: str
    name: str


@dataclass(frozen=True)
class Named:
    """A playlist as it can be named.

    Attributes:
        playlist_id: Spotify's.
        name: as Spotify tells it.
        owned: the listener's own; None where that is not known.
    """

    playlist_id: str
    name: str | None
    owned: bool | None = None


def find_wanted(
    names: Sequence[str] | None, listed: Iterable[Named], *, liked: bool = False
) -> tuple[list[Wanted], list[str]]:
    """The playlists that are asked for by name, id, uri or address, each once.

    Args:
        names: what was asked for; None for all that the listener owns.
        listed: the playlists in their library.
        liked: whether the songs that they like are wanted too.

    Returns:
        The playlists, and a sentence for each name that fits none, or several.
    """
    by_id = {one.playlist_id: one for one in listed}
    found = {LIKED: Wanted(LIKED, LIKED_SONGS_NAME)} if liked else {}
    problems: list[str] = []
    if names is None:
        own = [one for one in by_id.values() if one.owned is not False]
        return [*found.values(), *(_wanted(one) for one in own)], []
    for text in names:
        fitting = _fitting(text.strip(), by_id)
        if len(fitting) == 1:
            found.setdefault(fitting[0].playlist_id, _wanted(fitting[0]))
        elif fitting:
            ids = ", ".join(one.playlist_id for one in fitting)
            problems.append(
                f"{text!r} is the name of {len(fitting)} playlists: name one by id, {ids}"
            )
        else:
            problems.append(f"{text!r} is no playlist in the library, and no id or address of one")
    return list(found.values()), problems


def _wanted(one: Named) -> Wanted:
    return Wanted(one.playlist_id, one.name or one.playlist_id)


def _fitting(text: str, by_id: Mapping[str, Named]) -> list[Named]:
    if text in by_id:
        return [by_id[text]]
    for same in (str, str.casefold):
        if named := [one for one in by_id.values() if same((one.name or "").strip()) == same(text)]:
            return named
    uri = spotify_uri(text)
    if uri == LIKED_SONGS or text.casefold() in {LIKED, LIKED_SONGS_NAME.casefold()}:
        return [Named(LIKED, LIKED_SONGS_NAME)]
    match (uri or "").split(":"):
        case ["spotify", "playlist", key] if _ANY_ID.fullmatch(key):
            return [by_id.get(key, Named(key, None))]
    return [Named(text, None)] if _ID.fullmatch(text) else []


def due(rows: Iterable[Mapping[str, Any]], wanted: PlaylistsToRead, now: datetime) -> str | None:
    """Why a scheduled run should read playlists now; None where it would have nothing to do.

    Args:
        rows: of `playlist_readings`.
        wanted: the listener's settings.
        now: the present.
    """
    by_id = {row["playlist_id"]: row for row in rows}
    library = [
        Named(key, row["name"], row["owned"])
        for key, row in by_id.items()
        if row["listed"] and key != LIKED
    ]
    some, _ = find_wanted(wanted.read, library, liked=wanted.liked)
    if not by_id:
        return "nothing was read yet"
    for one in some:
        row = by_id.get(one.playlist_id)
        if row is None or row["state"] == "not_read":
            return f"{one.name} was not read yet"
        if row["state"] == "partly":
            return f"{one.name} was read in part"
        if row["changed"] and row["read_at"] and now - row["read_at"] >= WEEK:
            return f"{one.name} has changed"
        if row["seen_at"] is None or now - row["seen_at"] >= WEEK:
            return f"nobody has looked at {one.name} for a week"
    return None
