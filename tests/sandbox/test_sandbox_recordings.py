import json

import pytest
import requests
import spotipy

from sandbox import Recordings, Sandbox
from sandbox.shapes import GONE
from tests.support.places import RECORDED


@pytest.fixture
def sandbox():
    with Sandbox("demo", recordings=Recordings(RECORDED)) as running:
        yield running


@pytest.fixture
def spotify(sandbox):
    with requests.Session() as session:
        api = spotipy.Spotify(auth=sandbox.access_token(), requests_session=session)
        api.prefix = sandbox.api_url
        yield api


def test_a_recording_is_played_as_it_is_but_for_the_addresses(sandbox, spotify):
    recorded = (RECORDED / "recently_played_tracks.json").read_text("utf-8")
    at_home = recorded.replace("https://api.spotify.com/v1/", sandbox.api_url)

    assert spotify.current_user_recently_played(limit=50) == json.loads(at_home)


@pytest.mark.parametrize(
    "ask", ["current_user_recently_played", "current_user_top_tracks", "current_user_top_artists"]
)
def test_the_second_page_of_a_recording_is_empty(spotify, ask):
    first = getattr(spotify, ask)(limit=50)
    second = spotify.next(first)

    assert len(first["items"]) == 48
    assert (second["items"], second["next"]) == ([], None)


def test_the_new_shape_strips_a_recording(sandbox, spotify):
    sandbox.shape = "new"
    play = spotify.current_user_recently_played()["items"][0]["track"]
    artist = spotify.current_user_top_artists()["items"][0]

    assert not GONE["track"] & play.keys()
    assert not GONE["album"] & play["album"].keys()
    assert not GONE["artist"] & artist.keys()
    assert artist["genres"] == []
    assert play["external_ids"]["isrc"]


def test_what_was_not_recorded_is_minimal(spotify):
    assert spotify.me()["id"] == "demo"
    assert spotify.current_user_playlists()["items"] == []
    with pytest.raises(spotipy.SpotifyException) as refused:
        spotify.track("3HRuSJ7VheXVBmjlAXaREd")
    assert refused.value.http_status == 404


def test_faults_strike_recordings_too(sandbox, spotify):
    sandbox.faults.add("null_track", "recently-played")

    assert spotify.current_user_recently_played()["items"][0]["track"] is None


def test_an_empty_folder_is_refused_by_name(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"top_tracks\.json"):
        Recordings(tmp_path)
