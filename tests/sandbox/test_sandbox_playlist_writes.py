"""Playlists as clients write them: what is taken, what is refused, when it shows."""

import pytest
import spotipy

from sandbox.items import episode, gone, local, made_up, song, unplayable
from sandbox.writes import SCOPES as WRITES

URIS = [made_up(number).uri for number in range(300)]


@pytest.fixture
def writer(sandbox, client):
    """A client that may read and write; every made-up song of `URIS` is known."""
    sandbox.playlists.add("mira", "Everything", range(300), owner="mira")
    _may(sandbox, client, f"playlist-read-private user-library-modify {WRITES}")
    return client


def _may(sandbox, client, scopes, user="demo"):
    client.headers["Authorization"] = f"Bearer {sandbox.accounts.access_token(user, scopes)}"


@pytest.fixture
def held(sandbox, writer):
    return sandbox.playlists.add("demo", "Held", [1, 2, 3])


def numbers(sandbox, playlist_id):
    """The made-up songs in a playlist, by their numbers."""
    return [URIS.index(uri) for uri in sandbox.playlists.uris(playlist_id)]


def put(client, playlist_id, **body):
    return client.put(f"/v1/playlists/{playlist_id}/items", json=body)


def add(client, playlist_id, uris, **more):
    return client.post(f"/v1/playlists/{playlist_id}/items", json={"uris": uris, **more})


def test_a_new_playlist_is_empty_and_at_the_top_of_the_library(sandbox, writer):
    made = writer.post("/v1/me/playlists", json={"name": "New", "description": "of mine"})

    told = made.json()
    assert made.status_code == 201
    assert (told["name"], told["description"], told["owner"]["id"]) == ("New", "of mine", "demo")
    assert told["items"]["total"] == 0
    assert writer.get("/v1/me/playlists?limit=1").json()["items"] == [told]


def test_two_playlists_may_be_called_the_same(writer):
    made = [writer.post("/v1/me/playlists", json={"name": "New"}).json()["id"] for _ in range(2)]

    assert len(set(made)) == 2


@pytest.mark.parametrize("body", [{}, {"name": ""}, ["New"]])
def test_a_playlist_needs_a_name(writer, body):
    assert writer.post("/v1/me/playlists", json=body).status_code == 400


def test_what_was_made_unlisted_reads_back_as_public_unless_told_otherwise(sandbox, writer):
    def made():
        told = writer.post("/v1/me/playlists", json={"name": "New", "public": False}).json()
        return told["public"], writer.get(f"/v1/playlists/{told['id']}").json()["public"]

    assert made() == (True, True)
    sandbox.playlists.always_public = False
    assert made() == (False, False)
    assert writer.post("/v1/me/playlists", json={"name": "New"}).json()["public"] is True


def test_added_songs_are_at_the_end_with_the_day_and_the_user(sandbox, writer, held):
    answer = add(writer, held, [URIS[7], URIS[7], URIS[1]])

    assert answer.status_code == 201
    assert answer.json().keys() == {"snapshot_id"}
    assert numbers(sandbox, held) == [1, 2, 3, 7, 7, 1]
    last = writer.get(f"/v1/playlists/{held}/items").json()["items"][-1]
    assert last["added_at"] == sandbox.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    assert last["added_by"]["id"] == "demo"


def test_a_position_says_where_and_the_query_goes_before_the_body(sandbox, writer, held):
    add(writer, held, [URIS[7], URIS[8]], position=1)
    assert numbers(sandbox, held) == [1, 7, 8, 2, 3]

    path = f"/v1/playlists/{held}/items"
    writer.post(f"{path}?uris={URIS[9]}&position=0", json={"uris": [URIS[10]], "position": 5})
    assert numbers(sandbox, held) == [9, 1, 7, 8, 2, 3]


def test_the_same_request_again_adds_the_same_again(sandbox, writer, held):
    for _ in range(2):
        add(writer, held, [URIS[7]])

    assert numbers(sandbox, held) == [1, 2, 3, 7, 7]


def test_an_episode_can_be_written_and_so_can_what_cannot_be_played(sandbox, writer, held):
    odd = [episode(), unplayable(5)]
    sandbox.playlists.add("demo", "Odd", odd)

    assert add(writer, held, [one.uri for one in odd]).status_code == 201
    here = writer.get(f"/v1/playlists/{held}/items?market=DE&additional_types=track,episode")
    assert [one["item"]["type"] for one in here.json()["items"]] == ["track"] * 3 + [
        "episode",
        "track",
    ]
    assert here.json()["items"][-1]["item"]["is_playable"] is False


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ([URIS[1]], "No uris provided"),
        ({}, "No uris provided"),
        ({"uris": []}, "No uris provided"),
        ({"uris": URIS[1]}, "No uris provided"),
        ({"uris": [URIS[1]] * 101}, "You can add a maximum of 100 tracks per request."),
        ({"uris": [URIS[1], local().uri]}, "JSON body contains an invalid track uri"),
        ({"uris": [URIS[1], None]}, "JSON body contains an invalid track uri"),
        ({"uris": [URIS[1], "spotify:track:short"]}, "JSON body contains an invalid track uri"),
        ({"uris": [URIS[1], f"spotify:track:{'0' * 22}"]}, "Payload contains a non-existing ID"),
        ({"uris": [URIS[1]], "position": 4}, "Index out of bounds"),
        ({"uris": [URIS[1]], "position": "first"}, "Invalid position"),
    ],
)
def test_a_wrong_body_is_refused_and_nothing_of_it_is_written(sandbox, writer, held, body, message):
    answer = writer.post(f"/v1/playlists/{held}/items", json=body)

    assert answer.status_code == 400
    assert answer.json()["error"]["message"].startswith(message)
    assert numbers(sandbox, held) == [1, 2, 3]


def test_a_body_that_is_no_json_is_refused(writer, held):
    answer = writer.post(f"/v1/playlists/{held}/items", data=b'{"uris": [')

    assert answer.json()["error"] == {"status": 400, "message": "Error parsing JSON."}


def test_spotipys_way_to_add_is_refused(sandbox, writer, held):
    token = writer.headers["Authorization"].removeprefix("Bearer ")
    api = spotipy.Spotify(auth=token)
    api.prefix = sandbox.api_url

    with pytest.raises(spotipy.SpotifyException, match="No uris provided"):
        api.playlist_add_items(held, [URIS[1]])
    made = api.current_user_playlist_create("By spotipy", public=False)
    api.playlist_replace_items(made["id"], URIS[:5])
    api.playlist_reorder_items(made["id"], 0, 5)
    api.playlist_remove_all_occurrences_of_items(made["id"], [URIS[2]])
    assert numbers(sandbox, made["id"]) == [1, 3, 4, 0]
    with pytest.raises(spotipy.SpotifyException, match="Forbidden"):
        api.current_user_unfollow_playlist(made["id"])


@pytest.mark.parametrize("code", [403, 400, 500])
def test_a_playlist_holds_ten_thousand_items_and_not_one_more(sandbox, writer, code):
    sandbox.playlists.over_capacity = code
    full = sandbox.playlists.add("demo", "Full", [made_up(1)] * 9_950)

    assert add(writer, full, URIS[:51]).status_code == code
    assert len(sandbox.playlists.items(full)) == 9_950
    assert add(writer, full, URIS[:50]).status_code == 201
    assert add(writer, full, URIS[:1]).status_code == code


def test_replacing_leaves_nothing_of_what_there_was(sandbox, writer, held):
    sandbox.playlists.change(held, [song(1, added_at="2014-01-01T00:00:00Z"), local(), gone()])

    assert put(writer, held, uris=[URIS[1], URIS[5]]).status_code == 200
    assert numbers(sandbox, held) == [1, 5]
    assert {one.added_at for one in sandbox.playlists.items(held)} == {
        sandbox.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    }
    assert put(writer, held, uris=[]).status_code == 200
    assert numbers(sandbox, held) == []
    assert put(writer, held, uris=URIS[:101]).status_code == 400
    assert put(writer, held).json()["error"]["message"] == "No uris provided"


@pytest.mark.parametrize(
    ("moved", "after"),
    [
        ((0, 1, 5), [1, 2, 3, 4, 0]),
        ((3, 2, 0), [3, 4, 0, 1, 2]),
        ((1, 2, 4), [0, 3, 1, 2, 4]),
        ((1, 2, 2), [0, 1, 2, 3, 4]),
        ((0, 5, 3), [0, 1, 2, 3, 4]),
    ],
)
def test_a_range_moves_and_keeps_its_dates(sandbox, writer, moved, after):
    dated = [song(n, added_at=f"2020-01-0{n + 1}T00:00:00Z") for n in range(5)]
    held = sandbox.playlists.add("demo", "Five", dated)
    start, length, before = moved
    put(writer, held, range_start=start, range_length=length, insert_before=before)

    assert numbers(sandbox, held) == after
    assert sorted(sandbox.playlists.items(held), key=lambda one: one.added_at) == dated


def test_a_range_beyond_the_end_is_refused(sandbox, writer, held):
    assert put(writer, held, range_start=2, range_length=2, insert_before=0).status_code == 400
    assert put(writer, held, range_start=0, insert_before=4).status_code == 400
    assert numbers(sandbox, held) == [1, 2, 3]


def test_removing_takes_every_occurrence_whatever_positions_are_named(sandbox, writer):
    held = sandbox.playlists.add("demo", "Twice", [1, 2, 1, 3, 1, local(), gone()])
    named = {"items": [{"uri": URIS[1], "positions": [2]}], "snapshot_id": "any"}

    answer = writer.delete(f"/v1/playlists/{held}/items", json=named)

    assert answer.status_code == 200
    assert sandbox.playlists.uris(held) == [URIS[2], URIS[3], local().uri, ""]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"items": []},
        {"tracks": [{"uri": URIS[1]}]},
        {"positions": [0]},
        {"items": [{"uri": local().uri}]},
        {"items": [{"positions": [0]}]},
        {"items": [{"uri": URIS[1]}] * 101},
    ],
)
def test_what_cannot_be_removed_stays(sandbox, writer, held, body):
    assert writer.delete(f"/v1/playlists/{held}/items", json=body).status_code == 400
    assert numbers(sandbox, held) == [1, 2, 3]


def test_a_deleted_playlist_leaves_the_library_and_can_still_be_looked_at(writer, held):
    gone_ = writer.delete(f"/v1/me/library?uris=spotify:playlist:{held}")

    assert (gone_.status_code, gone_.content) == (200, b"")
    listed = writer.get("/v1/me/playlists?limit=50").json()["items"]
    assert held not in [one["id"] for one in listed]
    assert writer.get(f"/v1/playlists/{held}").json()["name"] == "Held"
    assert writer.delete("/v1/me/library?uris=spotify:episode:x").status_code == 400
    assert writer.delete("/v1/me/library").status_code == 400


def test_details_can_be_changed(sandbox, writer, held):
    answer = writer.put(f"/v1/playlists/{held}", json={"name": "Kept", "public": False})

    told = writer.get(f"/v1/playlists/{held}").json()
    assert answer.status_code == 200
    assert (told["name"], told["public"]) == ("Kept", True)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_somebody_elses_playlist_cannot_be_written(sandbox, writer, method):
    theirs = sandbox.playlists.add("demo", "Theirs", [1], owner="mira")
    body = {"uris": [URIS[2]], "items": [{"uri": URIS[1]}]}

    assert writer.request(method, f"/v1/playlists/{theirs}/items", json=body).status_code == 403
    assert writer.put(f"/v1/playlists/{theirs}", json={"name": "Mine"}).status_code == 403
    assert numbers(sandbox, theirs) == [1]


@pytest.mark.parametrize(
    "scopes", [None, "playlist-modify-private", "playlist-modify-public", "user-library-modify"]
)
def test_a_login_that_may_not_write_writes_nothing(sandbox, writer, held, scopes):
    if scopes is None:
        writer.headers["Authorization"] = f"Bearer {sandbox.access_token('demo')}"
    else:
        _may(sandbox, writer, scopes)

    assert add(writer, held, [URIS[5]]).status_code == 403
    assert put(writer, held, uris=[]).status_code == 403
    assert writer.post("/v1/me/playlists", json={"name": "New"}).status_code == 403
    assert numbers(sandbox, held) == [1, 2, 3]


def test_a_login_for_writing_is_apart_from_the_one_that_reads(sandbox):
    reads = sandbox.refresh_token("demo")
    writes = sandbox.accounts.grant("demo", WRITES)

    assert sandbox.refresh_token("demo") == reads != writes


def test_what_was_written_is_read_at_once_and_its_snapshot_id_half_a_minute_later(
    sandbox, writer, held
):
    def seen():
        told = writer.get(f"/v1/playlists/{held}").json()
        return told["items"]["total"], told["snapshot_id"]

    _, old = seen()
    new = add(writer, held, [URIS[7]]).json()["snapshot_id"]

    assert seen() == (4, old)
    sandbox.clock.advance(29)
    assert seen() == (4, old)
    sandbox.clock.advance(1)
    assert seen() == (4, new)


def test_each_of_several_writes_shows_its_snapshot_id_in_turn(sandbox, writer, held):
    def seen():
        return writer.get(f"/v1/playlists/{held}").json()["snapshot_id"]

    told = [seen()]
    for number in (7, 8):
        told.append(add(writer, held, [URIS[number]]).json()["snapshot_id"])
        sandbox.clock.advance(20)

    assert seen() == told[1]
    sandbox.clock.advance(20)
    assert seen() == told[2]


def test_meanwhile_a_third_snapshot_id_may_be_seen(sandbox, writer, held):
    sandbox.playlists.third_snapshot = True
    old = writer.get(f"/v1/playlists/{held}").json()["snapshot_id"]
    new = add(writer, held, [URIS[7]]).json()["snapshot_id"]
    third = writer.get(f"/v1/playlists/{held}").json()["snapshot_id"]
    sandbox.clock.advance(30)

    assert len({old, new, third}) == 3
    assert writer.get(f"/v1/playlists/{held}").json()["snapshot_id"] == new


def test_the_items_themselves_may_be_late_too(sandbox, writer, held):
    sandbox.playlists.items_lag_s = 0.6
    add(writer, held, [URIS[7]])

    assert writer.get(f"/v1/playlists/{held}/items").json()["total"] == 3
    assert numbers(sandbox, held) == [1, 2, 3, 7]
    sandbox.clock.advance(0.6)
    assert writer.get(f"/v1/playlists/{held}/items").json()["total"] == 4


def test_a_late_item_does_not_get_lost_when_more_is_written(sandbox, writer, held):
    sandbox.playlists.items_lag_s = 5.0
    for number in (7, 8):
        add(writer, held, [URIS[number]])

    sandbox.clock.advance(5)
    assert writer.get(f"/v1/playlists/{held}/items").json()["total"] == 5


def test_a_new_playlists_snapshot_id_is_seen_when_nothing_was_written_for_a_while(sandbox, writer):
    made = writer.post("/v1/me/playlists", json={"name": "New"}).json()

    assert writer.get(f"/v1/playlists/{made['id']}").json()["snapshot_id"] == made["snapshot_id"]


def test_the_log_tells_every_request_whatever_its_method(sandbox, writer, held):
    sandbox.requests.clear()
    path = f"/v1/playlists/{held}/items"
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        writer.request(method, path)

    assert [(one.method, one.path) for one in sandbox.requests] == [
        (method, path) for method in ("GET", "POST", "PUT", "PATCH", "DELETE")
    ]
    assert [one.status for one in sandbox.requests] == [200, 400, 400, 405, 400]


@pytest.mark.parametrize("path", ["/v1/me/playlists", "/v1/playlists/x/items", "/v1/playlists/x"])
def test_a_method_that_nothing_takes_is_not_allowed(writer, path):
    assert writer.patch(path).status_code == 405
