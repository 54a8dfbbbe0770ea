"""How music, listeners and playlists look as JSON, in the old shapes and in the new ones.

Everything is written in the old, fuller shape; `reshape` takes out of any body what Spotify took
out in 2026, so that the difference stands in one place and holds for recordings too. Add fields
here. Which objects an endpoint answers with belongs in `endpoints`.
"""

from collections.abc import Sequence
from typing import Any, Literal

from sandbox.catalogue import Album, Artist, Track, base62_id, catalogue
from sandbox.clock import iso
from sandbox.items import HIDDEN, OWNER, Episode, Item, LocalFile
from sandbox.life import Play
from sandbox.listeners import Listener
from sandbox.messages import Json, address
from sandbox.playlists import Playlist

Shape = Literal["new", "old"]
SHAPES: tuple[Shape, ...] = ("new", "old")

MARKETS = ["DE", "US"]

GONE: dict[str, frozenset[str]] = {
    "track": frozenset({"available_markets", "linked_from", "popularity", "preview_url"}),
    "album": frozenset({"album_group", "available_markets", "label", "popularity"}),
    "artist": frozenset({"followers", "popularity"}),
    "user": frozenset({"country", "email", "explicit_content", "followers", "product"}),
    "playlist": frozenset({"followers"}),
}
"""Fields that a development-mode app no longer gets, by the `type` of the object."""


def reshape(value: Any, shape: Shape) -> Any:
    """The same JSON value as an app of that shape gets it; `old` changes nothing."""
    if shape == "old":
        return value
    if isinstance(value, list):
        return [reshape(item, shape) for item in value]
    if not isinstance(value, dict):
        return value
    gone = GONE.get(str(value.get("type")), frozenset())
    kept = {key: reshape(item, shape) for key, item in value.items() if key not in gone}
    return _renamed(kept)


def _renamed(body: Json) -> Json:
    """Empty genres, and `item` and `items` where playlists used to say `track` and `tracks`."""
    if "genres" in body:
        body["genres"] = []
    if body.get("type") == "playlist" and "tracks" in body:
        body["items"] = body.pop("tracks")
    if "added_by" in body and "track" in body:
        body["item"] = body.pop("track")
    return body


def link(kind: str, key: str) -> Json:
    """The five fields that every Spotify object opens with."""
    return {
        "external_urls": {"spotify": f"https://open.spotify.com/{kind}/{key}"},
        "href": address(f"/{kind}s/{key}"),
        "id": key,
        "type": kind,
        "uri": f"spotify:{kind}:{key}",
    }


def simple_artist(artist: Artist) -> Json:
    """An artist as it stands in a track or an album."""
    return {**link("artist", artist.id), "name": artist.name}


def full_artist(artist: Artist) -> Json:
    """An artist as it stands on its own."""
    return {
        **simple_artist(artist),
        "followers": {"href": None, "total": artist.followers},
        "genres": list(artist.genres),
        "images": _images(artist.id),
        "popularity": artist.popularity,
    }


def simple_album(album: Album) -> Json:
    """An album as it stands in a track."""
    return {
        **link("album", album.id),
        "album_type": album.kind,
        "artists": [simple_artist(album.artist)],
        "available_markets": MARKETS,
        "images": _images(album.id),
        "is_playable": True,
        "name": album.name,
        "release_date": album.release_date,
        "release_date_precision": album.precision,
        "total_tracks": album.length,
    }


def full_album(album: Album) -> Json:
    """An album as it stands on its own, with its tracks as one page."""
    tracks = catalogue().listings[album.id]
    return {
        **simple_album(album),
        "copyrights": [{"text": f"{album.released.year} {album.artist.name}", "type": "C"}],
        "external_ids": {"upc": f"{int(album.id, 36) % 10**12:012}"},
        "genres": [],
        "label": "Sandbox Recordings",
        "popularity": max(track.popularity for track in tracks),
        "tracks": {
            "href": address(f"/albums/{album.id}/tracks"),
            "items": [simple_track(track) for track in tracks],
            "limit": 50,
            "next": None,
            "offset": 0,
            "previous": None,
            "total": len(tracks),
        },
    }


def simple_track(track: Track) -> Json:
    """A track as it stands in an album."""
    return {
        **link("track", track.id),
        "artists": [simple_artist(artist) for artist in track.artists],
        "available_markets": MARKETS,
        "disc_number": 1,
        "duration_ms": track.duration_ms,
        "explicit": track.explicit,
        "is_local": False,
        "is_playable": True,
        "name": track.name,
        "preview_url": None,
        "track_number": track.number,
    }


def full_track(track: Track) -> Json:
    """A track as plays, top lists and playlists hold it."""
    return {
        **simple_track(track),
        "album": simple_album(track.album),
        "external_ids": {"isrc": track.isrc} if track.isrc else {},
        "popularity": track.popularity,
    }


def play_history(play: Play) -> Json:
    """One item of the recently-played list."""
    return {
        "track": full_track(play.track),
        "played_at": iso(play.played_at),
        "context": play_context(play.context),
    }


def play_context(uri: str | None) -> Json | None:
    """Where a play was started from; None when Spotify does not say."""
    if uri is None:
        return None
    _, kind, key = uri.split(":")
    told = link(kind, key)
    return {name: told[name] for name in ("type", "external_urls", "href", "uri")}


def simple_user(name: str) -> Json:
    """A user as the owner of a playlist."""
    return {**link("user", name), "display_name": name.title()}


def full_user(listener: Listener) -> Json:
    """The user that `/me` is about."""
    return {
        **simple_user(listener.name),
        "account_id": listener.account_id,
        "country": "DE",
        "email": f"{listener.name}@example.org",
        "explicit_content": {"filter_enabled": False, "filter_locked": False},
        "followers": {"href": None, "total": 7},
        "images": [],
        "product": "premium",
    }


def simple_playlist(playlist: Playlist, reader: str) -> Json:
    """A playlist as `/me/playlists` lists it; one that cannot be read says nothing of tracks."""
    told = {
        **link("playlist", playlist.id),
        "collaborative": bool(playlist.members),
        "description": playlist.description,
        "images": None,
        "name": playlist.name,
        "owner": simple_user(playlist.owner),
        "primary_color": None,
        "public": playlist.public,
        "snapshot_id": playlist.snapshot_id,
    }
    if playlist.is_open_to(reader):
        told["tracks"] = {
            "href": address(f"/playlists/{playlist.id}/items"),
            "total": len(playlist.items),
        }
    return told


def playlist_item(item: Item, owner: str, *, in_market: bool, episodes: bool) -> Json:
    """One entry of a playlist.

    Args:
        item: The entry.
        owner: Of the playlist.
        in_market: The request names a market: only then are tracks relinked and their playability
            told.
        episodes: The request asks for episodes; one that does not gets null for them.
    """
    by = owner if item.added_by == OWNER else item.added_by
    return {
        "added_at": item.added_at,
        "added_by": by and link("user", by),
        "is_local": item.kind == "local",
        "primary_color": None,
        "track": _thing(item, in_market=in_market, episodes=episodes),
        "video_thumbnail": {"url": None},
    }


def saved_track(item: Item, *, in_market: bool) -> Json:
    """One of the songs that a listener likes."""
    return {"added_at": item.added_at, "track": _thing(item, in_market=in_market, episodes=False)}


def _thing(item: Item, *, in_market: bool, episodes: bool) -> Json | None:
    match item.thing:
        case LocalFile():
            return local_file(item.thing)
        case Episode():
            return full_episode(item.thing) if episodes else None
        case None:
            return None
    return _in_market(item, item.thing) if in_market else _anywhere(item, item.thing)


def _anywhere(item: Item, track: Track) -> Json:
    """A track for nobody in particular: nothing is said of whether it can be played."""
    told = full_track(track)
    del told["is_playable"], told["album"]["is_playable"]
    return told | {"href": None, "id": None, "uri": None} if item.nameless else told


def _in_market(item: Item, track: Track) -> Json | None:
    """A track as it is shown in a country."""
    if item.restriction == HIDDEN:
        return None
    if item.restriction:
        restricted = {"is_playable": False, "restrictions": {"reason": item.restriction}}
        told = full_track(track) | restricted
    elif item.shown:
        told = full_track(item.shown) | {"linked_from": link("track", track.id)}
    else:
        told = full_track(track)
    # Which country is not told where one was named.
    del told["available_markets"], told["album"]["available_markets"]
    return told | {"href": None, "id": None, "uri": None} if item.nameless else told


def local_file(file: LocalFile) -> Json:
    """A file from the listener's own disk: no id, no href, no ISRC, an album without an id."""
    nobody: Json = {"external_urls": {}, "href": None, "id": None, "uri": None}
    album: Json = {
        **nobody,
        "album_type": None,
        "artists": [],
        "available_markets": [],
        "images": [],
        "name": file.album,
        "release_date": None,
        "release_date_precision": None,
        "type": "album",
    }
    return {
        **nobody,
        "album": album,
        "artists": [{**nobody, "name": file.artist, "type": "artist"}],
        "available_markets": [],
        "disc_number": 0,
        "duration_ms": file.seconds * 1000,
        "explicit": False,
        "external_ids": {},
        "is_local": True,
        "name": file.title,
        "popularity": 0,
        "preview_url": None,
        "track_number": 0,
        "type": "track",
        "uri": file.uri,
    }


def full_episode(episode: Episode) -> Json:
    """An episode as plays and playlists hold it."""
    show = {**link("show", base62_id(f"show/{episode.show}")), "name": episode.show}
    return {
        **link("episode", episode.id),
        "description": "An hour about nothing",
        "duration_ms": episode.duration_ms,
        "explicit": False,
        "is_playable": True,
        "name": episode.name,
        "release_date": "2026-10-01",
        "release_date_precision": "day",
        "show": {**show, "publisher": "nobody"},
    }


def _images(key: str) -> Sequence[Json]:
    name = f"{int(key, 36):040x}"[-40:]
    return [
        {"height": side, "url": f"https://i.scdn.co/image/{name}", "width": side}
        for side in (640, 300, 64)
    ]
