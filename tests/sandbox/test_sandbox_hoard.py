"""The big case, and the world of playlists as another process sets it up."""

from collections import Counter

import pytest

from sandbox.catalogue import Track
from sandbox.hoard import add, hoard
from sandbox.items import made_up


@pytest.fixture(scope="module")
def both():
    return hoard()


def tracks(items):
    return [one.thing for one in items if isinstance(one.thing, Track)]


def test_it_is_the_same_every_time(both):
    made_up.cache_clear()
    again = hoard()

    assert again == both
    assert [len(items) for items in again] == [9_000, 9_000]


def test_favourites_stand_many_times_in_the_one_and_songs_once_in_the_other(both):
    weights, clean = (Counter(track.id for track in tracks(items)) for items in both)

    assert weights.most_common(1)[0][1] > 50
    assert sum(weights.values()) / len(weights) > 2
    assert max(clean.values()) == 1


def test_the_two_overlap_and_neither_holds_the_other(both):
    weighted, clean = ({track.id for track in tracks(items)} for items in both)

    assert len(weighted & clean) > 1_000
    assert len(weighted - clean) > 1_000
    assert len(clean - weighted) > 1_000


def test_one_recording_stands_under_several_ids_and_one_title_for_several_recordings(both):
    every = {track.id: track for items in both for track in tracks(items)}.values()
    by_code = Counter(track.isrc for track in every if track.isrc)
    by_title = Counter((track.name, track.artists[0].name) for track in every)
    codes = Counter((t.name, t.artists[0].name) for t in {t.isrc: t for t in every}.values())

    assert sum(count > 1 for count in by_code.values()) > 300
    assert sum(count > 1 for count in by_title.values()) > 300
    assert sum(count > 1 for count in codes.values()) > 10
    assert sum(not track.isrc for track in every) > 100
    assert any(" - Live" in track.name for track in every)


def test_each_holds_everything_that_can_be_odd(both):
    for items in both:
        kinds = Counter(one.kind for one in items)
        assert min(kinds[kind] for kind in ("gone", "local", "episode")) >= 9
        assert {one.restriction for one in items} == {None, "market", "explicit", "hidden"}
        assert any(one.shown for one in items)
        assert any(one.nameless for one in items)
        assert sum(one.added_at is None for one in items) == 180
        assert {one.added_by for one in items} == {None, "*", "mira"}
        assert (items[0].kind, items[-1].kind) == ("gone", "local")
        dates = [one.added_at for one in items if one.added_at]
        assert dates == sorted(dates)


def test_both_can_be_read_page_by_page(sandbox, client):
    for key in add(sandbox.playlists, "demo", 300):
        found = []
        for offset in range(0, 300, 50):
            query = f"limit=50&offset={offset}&additional_types=track,episode"
            found += client.get(f"/v1/playlists/{key}/items?{query}").json()["items"]
        assert [(one["item"] or {}).get("uri") or "" for one in found] == sandbox.playlists.uris(
            key
        )


def test_another_process_adds_playlists_edits_them_and_looks_into_them(client):
    told = {
        "user": "demo",
        "name": "Told",
        "items": [1, made_up(2).uri, {"kind": "local", "title": "Tape"}, {"kind": "gone"}],
    }
    refused = client.post("/_sandbox/playlists", json=told)
    told["items"][1] = {"kind": "song", "track": 2, "added_at": None}
    key = client.post("/_sandbox/playlists", json=told).json()["id"]

    def held():
        items = client.get(f"/_sandbox/playlists?id={key}").json()["items"]
        return [(one["kind"], one["uri"]) for one in items]

    # An id tells nothing of a made-up song's number; what was held once is known by its uri.
    assert refused.status_code == 400
    assert held() == [
        ("track", made_up(1).uri),
        ("track", made_up(2).uri),
        ("local", "spotify:local:Our+Band:Garage:Tape:201"),
        ("gone", ""),
    ]
    about = client.put("/_sandbox/playlists", json={"id": key, "items": [3], "name": "Renamed"})
    assert (about.json()["name"], about.json()["total"]) == ("Renamed", 1)
    assert held() == [("track", made_up(3).uri)]
    listed = client.get("/_sandbox/playlists").json()["playlists"]
    assert about.json() in listed


def test_another_process_likes_songs_orders_the_big_case_and_sets_switches(sandbox, client):
    liked = client.post("/_sandbox/liked", json={"user": "nico", "items": [1, 2]}).json()
    ids = client.post("/_sandbox/hoard", json={"user": "nico", "entries": 30}).json()["ids"]
    switched = client.post(
        "/_sandbox/library", json={"largest_page": 100, "snapshot_lag_s": 0, "always_public": False}
    )

    assert [one["uri"] for one in liked["items"]] == [made_up(1).uri, made_up(2).uri]
    assert client.get("/_sandbox/liked?user=nico").json() == liked
    assert [len(sandbox.playlists.items(key)) for key in ids] == [30, 30]
    assert switched.json() == client.get("/_sandbox/library").json()
    assert (sandbox.playlists.largest_page, sandbox.playlists.snapshot_lag_s) == (100, 0.0)
    assert sandbox.playlists.always_public is False


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "playlists", {"name": "Nobody's"}),
        ("POST", "playlists", {"user": "demo", "name": "X", "items": [{"kind": "video"}]}),
        ("POST", "playlists", {"user": "demo", "name": "X", "items": [{"kind": "gone", "x": 1}]}),
        ("PUT", "playlists", {"id": "unknown", "items": []}),
        ("POST", "library", {"largest": 100}),
        ("POST", "library", {"largest_page": "many"}),
    ],
)
def test_a_wrong_order_of_playlists_is_refused_with_a_reason(client, method, path, body):
    answer = client.request(method, f"/_sandbox/{path}", json=body)

    assert answer.status_code == 400
    assert answer.json()["error"]
