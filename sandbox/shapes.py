"""How music, listeners and playlists look as JSON, in the old shapes and in the new ones.

Everything is written in the old, fuller shape; `reshape` takes out of any body what Spotify took
out in 2026, so that the difference stands in one place and holds for recordings too. Add fields
here. Which objects an endpoint answers with belongs in `endpoints`.
"""

from collections.abc import Sequence
from typing import Any, Literal

from sandbox.catalogue import Album, Artist, Track, catalogue
from sandbox.clock import iso
from sandbox.life import Play
from sandbox.listeners import Listener, Playlist
from sandbox.messages import Json, address

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
        "external_ids": {"isrc": track.isrc},
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


def simple_playlist(playlist: Playlist) -> Json:
    """A playlist as `/me/playlists` lists it; one that cannot be read says nothing of tracks."""
    told = {
        **link("playlist", playlist.id),
        "collaborative": False,
        "description": playlist.description,
        "images": None,
        "name": playlist.name,
        "owner": simple_user(playlist.owner),
        "primary_color": None,
        "public": False if playlist.readable else None,
        "snapshot_id": playlist.snapshot_id,
    }
    if playlist.readable:
        told["tracks"] = {
            "href": address(f"/playlists/{playlist.id}/items"),
            "total": len(playlist.tracks),
        }
    return told


def playlist_item(track: Track, playlist: Playlist) -> Json:
    """One entry of a playlist."""
    return {
        "added_at": f"{max(2020, track.album.released.year)}-11-01T09:30:00Z",
        "added_by": link("user", playlist.owner),
        "is_local": False,
        "primary_color": None,
        "track": full_track(track),
        "video_thumbnail": {"url": None},
    }


def _images(key: str) -> Sequence[Json]:
    name = f"{int(key, 36):040x}"[-40:]
    return [
        {"height": side, "url": f"https://i.scdn.co/image/{name}", "width": side}
        for side in (640, 300, 64)
    ]
