"""The sandbox answers as Last.fm does: of the same life, with its oddities of every day."""

from typing import Any

import pytest
import requests

from sandbox import Sandbox, truth
from sandbox.lastfm import Scrobble, World

BEGUN = "2026-11-18T00:00:00Z"


@pytest.fixture(autouse=True)
def _begun(sandbox: Sandbox) -> None:
    sandbox.lastfm.begin(BEGUN)


def ask(sandbox: Sandbox, **params: Any) -> requests.Response:
    query = {
        "method": "user.getRecentTracks",
        "user": "nico",
        "api_key": sandbox.lastfm.api_key,
        "format": "json",
        **params,
    }
    return requests.get(sandbox.lastfm_url, params=query, timeout=10)


def page(sandbox: Sandbox, **params: Any) -> tuple[Any, dict[str, str]]:
    recent = ask(sandbox, **params).json()["recenttracks"]
    return recent["track"], recent["@attr"]


def test_what_was_heard_was_scrobbled_when_it_began(sandbox: Sandbox) -> None:
    now = sandbox.clock.now()
    tracks, attributes = page(sandbox, limit=200)
    heard = [play for play in truth("nico", sandbox.lastfm.since, now) if not play.skipped]
    assert int(attributes["total"]) <= len(heard)
    latest = heard[-1]
    began = latest.played_at.timestamp() - latest.ms_played / 1000
    assert tracks[1]["name"] == latest.track.name
    assert int(tracks[1]["date"]["uts"]) == int(began)


def test_every_page_begins_with_what_is_playing(sandbox: Sandbox) -> None:
    for number in (1, 2):
        tracks, attributes = page(sandbox, limit=10, page=number)
        assert len(tracks) == 11
        assert tracks[0]["@attr"] == {"nowplaying": "true"}
        assert "date" not in tracks[0]
        assert attributes["page"] == str(number)


def test_a_page_has_two_hundred_at_most_and_all_numbers_are_texts(sandbox: Sandbox) -> None:
    sandbox.lastfm.begin("2026-11-01T00:00:00Z")
    tracks, attributes = page(sandbox, limit=1000)
    assert len(tracks) == 201
    assert attributes["perPage"] == "200"
    assert all(isinstance(value, str) for value in attributes.values())


def test_one_track_is_no_list(sandbox: Sandbox) -> None:
    sandbox.lastfm.playing = False
    sandbox.lastfm.more["nico"] = [Scrobble(5, "A", "", "T")]
    track, attributes = page(sandbox, to=100)
    assert track["name"] == "T"
    assert attributes["total"] == "1"


def test_times_exclude_themselves(sandbox: Sandbox) -> None:
    sandbox.lastfm.playing = False
    sandbox.lastfm.more["nico"] = [Scrobble(at, "A", "", f"{at}") for at in range(4, 9)]
    tracks, _ = page(sandbox, **{"from": 4, "to": 8})
    assert [track["name"] for track in tracks] == ["7", "6", "5"]


@pytest.mark.parametrize(
    ("params", "number"),
    [({"user": "nobody"}, 6), ({"api_key": "wrong"}, 10), ({"method": "user.getInfo"}, 3)],
)
def test_errors_are_told_in_the_body(params: dict[str, str], number: int, sandbox: Sandbox) -> None:
    assert ask(sandbox, **params).json()["error"] == number


def test_who_hides_and_a_suspended_key_are_refused(sandbox: Sandbox) -> None:
    requests.post(f"{sandbox.accounts_url}/_sandbox/lastfm", json={"hidden": ["nico"]}, timeout=10)
    assert ask(sandbox).json()["error"] == 17
    sandbox.lastfm.suspended = True
    assert ask(sandbox).json()["error"] == 26


def test_faults_strike_it_too_and_no_key_gets_into_the_log(sandbox: Sandbox) -> None:
    sandbox.faults.add("lastfm_error", "lastfm", number=8, code=500)
    answer = ask(sandbox)
    assert (answer.status_code, answer.json()["error"]) == (500, 8)
    assert ask(sandbox).ok
    assert sandbox.lastfm.api_key not in str(sandbox.requests)


def top(sandbox: Sandbox, **params: Any) -> tuple[Any, dict[str, str]]:
    found = ask(sandbox, method="user.getTopTracks", **params).json()["toptracks"]
    return found["track"], found["@attr"]


def info(sandbox: Sandbox, artist: str, title: str, **params: Any) -> Any:
    return ask(sandbox, method="track.getInfo", artist=artist, track=title, **params).json()


def test_top_tracks_count_every_scrobble_of_a_name_the_most_played_first(sandbox: Sandbox) -> None:
    sandbox.clock.fix("2026-11-20T21:30:00Z")
    sandbox.lastfm.more["nico"] = [Scrobble(at, "A", "", "T") for at in range(500)]
    tracks, attributes = top(sandbox, limit=1000)
    _, recent = page(sandbox)
    assert sum(int(track["playcount"]) for track in tracks) == int(recent["total"])
    assert tracks[0]["playcount"] == "500"
    assert tracks[0]["artist"]["name"] == "A"
    assert [track["@attr"]["rank"] for track in tracks] == [str(n + 1) for n in range(len(tracks))]
    assert {track["duration"] for track in tracks} == {"0"}
    assert attributes["total"] == str(len(tracks))


def test_a_page_of_top_tracks_may_be_shorter_than_asked_and_one_is_no_list(
    sandbox: Sandbox,
) -> None:
    sandbox.lastfm.longest_top_page = 2
    _, attributes = top(sandbox, limit=1000)
    assert attributes["perPage"] == "2"
    sandbox.lastfm.begin("2030-01-01T00:00:00Z")
    sandbox.lastfm.more["nico"] = [Scrobble(5, "A", "", "T")]
    track, _ = top(sandbox)
    assert track["name"] == "T"


def test_everyones_plays_are_texts_and_a_name_is_found_in_any_case(sandbox: Sandbox) -> None:
    sandbox.lastfm.world["Band", "Song"] = World(1200, 34)
    track = info(sandbox, "BAND", "song")["track"]
    assert (track["playcount"], track["listeners"], track["duration"]) == ("1200", "34", "0")
    assert (track["artist"]["name"], track["name"]) == ("Band", "Song")
    assert track["url"] == "https://www.last.fm/music/Band/_/Song"


def test_another_spelling_is_known_only_where_it_may_be_corrected(sandbox: Sandbox) -> None:
    sandbox.lastfm.world["Band", "Song"] = World(1200, 34)
    sandbox.lastfm.corrections["Band", "Sogn"] = ("Band", "Song")
    assert info(sandbox, "Band", "Sogn", autocorrect=0)["error"] == 6
    assert info(sandbox, "Band", "Sogn", autocorrect=1)["track"]["name"] == "Song"
    assert info(sandbox, "Band", "", autocorrect=1)["error"] == 6
