"""ISRCs and Spotify's addresses have one spelling, whoever wrote them.

Add a shape here when Spotify uses another.
"""

import pyarrow as pa
import pytest

from pipelines.listening.catalogue.identifiers import (
    LIKED_SONGS,
    isrc_sql,
    normal_isrc,
    normal_type,
    spotify_uri,
    type_of_uri,
)
from pipelines.listening.schema.sql import query

PLAYLIST = "37i9dQZF1DX4WYpdgoIcn6"


@pytest.mark.parametrize(
    ("text", "isrc"),
    [
        ("DEA379900001", "DEA379900001"),
        ("DE-A37-99-00001", "DEA379900001"),
        (" dea379900001 ", "DEA379900001"),
        ("de a37 99 00001", "DEA379900001"),
        ("ISRC: DEA379900001", None),
        ("DEA37990000", None),
        ("n/a", None),
        ("000000000000", None),
        ("", None),
        (None, None),
    ],
)
def test_an_isrc_has_one_spelling_and_what_is_none_is_null(
    text: str | None, isrc: str | None
) -> None:
    rows = pa.table({"text": pa.array([text], pa.string())})

    assert normal_isrc(text) == isrc
    assert query(f"SELECT {isrc_sql('text')} AS isrc FROM rows", rows=rows)["isrc"].to_pylist() == [  # noqa: S608 a constant
        isrc
    ]


@pytest.mark.parametrize(
    "text",
    [
        f"spotify:playlist:{PLAYLIST}",
        f" spotify:playlist:{PLAYLIST}\n",
        f"SPOTIFY:playlist:{PLAYLIST}",
        f"spotify:playlist_v2:{PLAYLIST}",
        f"spotify:user:somebody:playlist:{PLAYLIST}",
        f"spotify:user:some%20body:playlist:{PLAYLIST}?si=1",
        f"https://open.spotify.com/playlist/{PLAYLIST}",
        f"https://open.spotify.com/playlist/{PLAYLIST}?si=abc&pi=1#top",
        f"https://open.spotify.com/intl-de/playlist/{PLAYLIST}/",
        f"https://open.spotify.com/intl-pt-BR/playlist/{PLAYLIST}",
        f"https://open.spotify.com/embed/playlist/{PLAYLIST}",
        f"https://open.spotify.com/user/somebody/playlist/{PLAYLIST}",
        f"http://play.spotify.com/user/somebody/playlist/{PLAYLIST}",
        f"open.spotify.com/playlist/{PLAYLIST}",
        f"https://api.spotify.com/v1/playlists/{PLAYLIST}",
        f"https://api.spotify.com/v1/playlists/{PLAYLIST}/tracks?offset=0",
        f"https://api.spotify.com/v1/users/somebody/playlists/{PLAYLIST}",
    ],
)
def test_a_playlist_has_one_uri_in_every_shape(text: str) -> None:
    assert spotify_uri(text) == f"spotify:playlist:{PLAYLIST}"
    assert type_of_uri(f"spotify:playlist:{PLAYLIST}") == "playlist"


@pytest.mark.parametrize(
    "text",
    [
        "spotify:collection",
        "spotify:collection:tracks",
        "spotify:user:somebody:collection",
        "spotify:user:somebody:collection:tracks",
        "https://open.spotify.com/collection/tracks",
        "https://api.spotify.com/v1/me/tracks",
    ],
)
def test_liked_songs_are_one_collection(text: str) -> None:
    assert spotify_uri(text) == LIKED_SONGS
    assert type_of_uri(LIKED_SONGS) == "collection"


@pytest.mark.parametrize(
    ("text", "uri"),
    [
        ("https://open.spotify.com/intl-de/album/AbC?si=1", "spotify:album:AbC"),
        ("https://api.spotify.com/v1/artists/AbC", "spotify:artist:AbC"),
        ("spotify:user:somebody:collection:album:AbC", "spotify:album:AbC"),
        ("spotify:show:AbC", "spotify:show:AbC"),
        ("spotify:station:user:somebody:playlist:AbC", "spotify:station:playlist:AbC"),
        ("spotify:radio:artist:AbC", "spotify:station:artist:AbC"),
        ("spotify:internal:recs:AbC", "spotify:internal:recs:AbC"),
        ("spotify:app:browse", "spotify:app:browse"),
        ("spotify:user:somebody", "spotify:user"),
        ("spotify:user:somebody:starred", "spotify:starred"),
        ("Die drei ???", None),
        ("https://example.org/playlist/AbC", None),
        ("http://[", None),
        ("spotify:", None),
        ("", None),
    ],
)
def test_other_things_have_one_uri_without_anybodys_name(text: str, uri: str | None) -> None:
    assert spotify_uri(text) == uri
    assert "somebody" not in (uri or "")
    assert uri is None or spotify_uri(uri) == uri


def test_types_have_one_word() -> None:
    words = ("playlist_v2", "Playlist", " album ", "", None)
    assert [normal_type(word) for word in words] == ["playlist", "playlist", "album", None, None]
