import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
import requests
import spotipy

from sandbox import Sandbox, truth
from sandbox.clock import iso, unix_ms
from sandbox.shapes import GONE

RECENT = "/v1/me/player/recently-played"


def test_me_has_the_account_id_and_none_of_the_removed_fields(spotify):
    me = spotify.me()

    assert me["id"] == "demo"
    assert len(me["account_id"]) == 22
    assert not GONE["user"] & me.keys()


def test_recently_played_shows_the_last_fifty_completed_plays_newest_first(sandbox, spotify):
    now = sandbox.clock.now()
    shown = spotify.current_user_recently_played(limit=50)["items"]
    lived = [p for p in truth("demo", now - timedelta(days=3), now) if not p.skipped][-50:]

    assert [(i["played_at"], i["track"]["id"]) for i in shown] == [
        (iso(p.played_at), p.track.id) for p in reversed(lived)
    ]
    assert all(item["played_at"] <= iso(now) for item in shown)


def test_a_play_says_where_it_was_started_from_or_null(sandbox, client):
    now = sandbox.clock.now()
    by_time = {iso(p.played_at): p.context for p in truth("demo", now - timedelta(days=3), now)}

    for item in client.get(f"{RECENT}?limit=50").json()["items"]:
        context = by_time[item["played_at"]]
        assert (item["context"] and item["context"]["uri"]) == context


def test_paging_back_ends_at_the_fiftieth_play(spotify):
    page = spotify.current_user_recently_played(limit=20)
    seen = page["items"]
    while page["next"]:
        page = spotify.next(page)
        seen += page["items"]

    assert len(seen) == 50
    assert all(a["played_at"] > b["played_at"] for a, b in pairwise(seen))


def test_a_full_page_of_fifty_promises_a_next_one_that_is_empty(spotify):
    full = spotify.current_user_recently_played(limit=50)
    beyond = spotify.next(full)

    assert full["next"]
    assert (beyond["items"], beyond["next"], beyond["cursors"]) == ([], None, None)


def test_cursors_exclude_the_play_they_name(spotify):
    full = spotify.current_user_recently_played(limit=50)
    middle = full["items"][25]["played_at"]
    stamp = unix_ms(datetime.fromisoformat(middle))

    newer = spotify.current_user_recently_played(limit=50, after=stamp)
    older = spotify.current_user_recently_played(limit=50, before=stamp)

    assert len(newer["items"]) == 25
    assert len(older["items"]) == 24
    assert full["cursors"]["after"] == str(
        unix_ms(datetime.fromisoformat(full["items"][0]["played_at"]))
    )


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=51", "limit=many", "before=1&after=1", "after=-1"]
)
def test_a_wrong_question_about_plays_is_a_bad_request(client, query):
    answer = client.get(f"{RECENT}?{query}")

    assert answer.status_code == 400
    assert answer.json()["error"]["status"] == 400


@pytest.mark.parametrize("time_range", ["short_term", "medium_term", "long_term"])
def test_top_lists_can_be_paged_to_their_end(spotify, time_range):
    for ask in (spotify.current_user_top_tracks, spotify.current_user_top_artists):
        page = ask(limit=50, time_range=time_range)
        ids = [item["id"] for item in page["items"]]
        while page["next"]:
            page = spotify.next(page)
            assert page["previous"]
            ids += [item["id"] for item in page["items"]]
        assert len(ids) == len(set(ids)) == page["total"]


def test_top_lists_differ_by_time_range(spotify):
    short, long = (
        [t["id"] for t in spotify.current_user_top_tracks(limit=20, time_range=r)["items"]]
        for r in ("short_term", "long_term")
    )
    assert short != long


def test_an_unknown_time_range_is_a_bad_request(client):
    assert client.get("/v1/me/top/tracks?time_range=forever").status_code == 400


def test_own_playlists_can_be_read_to_the_last_item(spotify):
    mine = spotify.current_user_playlists(limit=3)["items"][0]
    page = spotify.playlist_items(mine["id"], limit=40)
    ids = [entry["item"]["id"] for entry in page["items"]]
    while page["next"]:
        page = spotify.next(page)
        ids += [entry["item"]["id"] for entry in page["items"]]

    assert len(ids) == mine["items"]["total"]
    assert spotify.playlist(mine["id"])["items"]["items"][0]["item"]["id"] == ids[0]


def test_a_friends_playlist_has_no_items_and_refuses_to_list_them(spotify):
    theirs = spotify.current_user_playlists()["items"][-1]

    assert "items" not in theirs
    assert "items" not in spotify.playlist(theirs["id"])
    with pytest.raises(spotipy.SpotifyException) as refused:
        spotify.playlist_items(theirs["id"])
    assert refused.value.http_status == 403


def test_the_playlist_a_play_came_from_can_be_read(sandbox, spotify):
    now = sandbox.clock.now()
    plays = truth("demo", now - timedelta(days=30), now)
    contexts = {p.context for p in plays if p.context and ":playlist:" in p.context}

    assert contexts
    for uri in contexts:
        assert spotify.playlist(uri)["name"]


def test_single_reads_tell_of_tracks_albums_and_artists(spotify):
    track = spotify.current_user_top_tracks(limit=1)["items"][0]

    assert spotify.track(track["id"]) == track
    assert spotify.album(track["album"]["id"])["tracks"]["items"]
    assert spotify.artist(track["artists"][0]["id"])["genres"] == []


def test_a_search_finds_a_track_by_its_names(spotify):
    track = spotify.current_user_top_tracks(limit=1)["items"][0]
    artist = track["artists"][0]["name"]

    named = spotify.search(f'track:"{track["name"]}" artist:"{artist}"', limit=10)["tracks"]
    assert track["id"] in [one["id"] for one in named["items"]]
    assert all(artist in str(one["artists"]) for one in named["items"])
    assert spotify.search(f"{artist} {track['name']}".lower(), limit=10)["tracks"]["total"]
    assert spotify.search(f'track:"{track["name"]} zzz"')["tracks"]["items"] == []


def test_a_search_has_a_page_of_each_type_that_is_asked_for(client):
    found = client.get("/v1/search?q=a&type=track,album,artist").json()

    assert set(found) == {"tracks", "albums", "artists"}
    assert all(page["limit"] == 5 and len(page["items"]) <= 5 for page in found.values())


@pytest.mark.parametrize(
    "query",
    ["type=track", "q=a", "q=a&type=song", "q=a&type=track&limit=11", "q=a&type=track&offset=1001"],
)
def test_a_wrong_search_is_a_bad_request(client, query):
    assert client.get(f"/v1/search?{query}").status_code == 400


@pytest.mark.parametrize("kind", ["tracks", "albums", "artists", "playlists"])
def test_an_unknown_id_is_not_found(client, kind):
    answer = client.get(f"/v1/{kind}/0000000000000000000000")

    assert answer.status_code == 404
    assert answer.json()["error"]["status"] == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/tracks?ids=a,b"),
        ("GET", "/artists?ids=a"),
        ("GET", "/artists/x/top-tracks"),
        ("GET", "/artists/x/related-artists"),
        ("GET", "/users/demo"),
        ("GET", "/users/demo/playlists"),
        ("GET", "/playlists/x/tracks"),
        ("DELETE", "/playlists/x/followers"),
        ("GET", "/playlists/x/followers/contains"),
        ("PUT", "/me/tracks"),
        ("GET", "/me/episodes/contains"),
        ("DELETE", "/me/following"),
        ("GET", "/browse/new-releases"),
        ("GET", "/markets"),
        ("GET", "/audio-features"),
        ("GET", "/audio-features/x"),
        ("GET", "/audio-analysis/x"),
        ("GET", "/recommendations"),
    ],
)
def test_what_was_removed_is_forbidden(client, method, path):
    answer = client.request(method, f"/v1{path}")

    assert answer.status_code == 403
    assert answer.json() == {"error": {"status": 403, "message": "Forbidden"}}


def test_a_token_that_is_unknown_or_expired_is_unauthorised(sandbox, client):
    sandbox.accounts.expire("demo")
    expired = client.get("/v1/me")
    unknown = requests.get(
        f"{sandbox.api_url}me", headers={"Authorization": "Bearer x"}, timeout=10
    )

    for answer in (expired, unknown):
        assert answer.status_code == 401
        assert answer.json() == {"error": {"status": 401, "message": "The access token expired"}}
    assert requests.get(f"{sandbox.api_url}me", timeout=10).status_code == 401


def test_a_scope_that_was_not_granted_closes_its_endpoint(sandbox, client):
    token = sandbox.accounts.access_token("demo", "user-top-read")
    client.headers["Authorization"] = f"Bearer {token}"

    assert client.get("/v1/me/top/tracks").status_code == 200
    assert client.get(RECENT).status_code == 403


def test_new_shapes_hold_nothing_that_was_removed(client):
    def walk(value):
        if isinstance(value, dict):
            assert not GONE.get(value.get("type"), set()) & value.keys()
            value = list(value.values())
        if isinstance(value, list):
            for item in value:
                walk(item)

    for path in ("/v1/me", f"{RECENT}?limit=50", "/v1/me/top/tracks", "/v1/me/top/artists"):
        walk(client.get(path).json())
    track = client.get("/v1/me/top/tracks").json()["items"][0]
    assert track["external_ids"]["isrc"]


def test_the_shape_can_be_changed_while_the_server_runs(sandbox, spotify):
    sandbox.shape = "old"
    artists = spotify.current_user_top_artists(limit=50)["items"]
    mine = spotify.current_user_playlists()["items"][0]

    assert spotify.me()["country"]
    assert any(artist["genres"] for artist in artists)
    assert all("followers" in artist and "popularity" in artist for artist in artists)
    assert spotify.playlist_items(mine["id"])["items"][0]["track"]["available_markets"]
    assert mine["tracks"]["total"]
    sandbox.shape = "new"
    assert "country" not in spotify.me()


def test_every_api_address_is_the_sandboxs_own(sandbox, client):
    for path in ("/v1/me", RECENT, "/v1/me/top/tracks", "/v1/me/playlists"):
        text = client.get(path).text
        assert "api.spotify.com" not in text
        assert sandbox.api_url in text


def test_two_listeners_have_lives_of_their_own(sandbox, client):
    mine = client.get(RECENT).json()["items"]
    client.headers["Authorization"] = f"Bearer {sandbox.access_token('nico')}"
    theirs = client.get(RECENT).json()["items"]

    assert client.get("/v1/me").json()["id"] == "nico"
    assert mine != theirs


def test_the_list_grows_as_the_clock_moves_on(sandbox, client):
    before = client.get(f"{RECENT}?limit=50").json()["items"]
    sandbox.clock.advance(36 * 3600)
    after = client.get(f"{RECENT}?limit=50").json()["items"]

    assert after[0]["played_at"] > before[0]["played_at"]


def test_the_log_tells_time_path_status_and_user_but_no_token(sandbox, client):
    client.get("/v1/me/top/tracks?limit=5")
    client.get("/v1/tracks/nothing")

    first, second = sandbox.requests
    assert (first.method, first.path) == ("GET", "/v1/me/top/tracks?limit=5")
    assert (first.status, second.status) == (200, 404)
    assert first.user == "demo"
    assert abs(first.time - datetime.now(UTC).timestamp()) < 10
    assert "Bearer" not in json.dumps([first.path, second.path])


def test_a_connection_is_kept_for_the_next_request(sandbox):
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {sandbox.access_token()}"
        for _ in range(20):
            answer = session.get(f"{sandbox.api_url}me/", timeout=10)
        assert answer.status_code == 200
        (pool,) = session.get_adapter("http://").poolmanager.pools._container.values()
        assert pool.num_connections == 1


def test_nothing_is_printed_about_requests(client, capfd):
    client.get("/v1/me")
    client.get("/v1/nothing")

    assert capfd.readouterr() == ("", "")


def test_without_users_there_is_a_demo_listener():
    with Sandbox() as alone:
        assert alone.refresh_token("demo")
