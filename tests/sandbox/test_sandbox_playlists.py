"""Playlists as clients read them: what is in them, page by page, and what their ids tell."""

from collections import Counter

import pytest
import requests

from sandbox import Sandbox
from sandbox.items import (
    HIDDEN,
    episode,
    gone,
    local,
    made_up,
    relinked,
    song,
    unplayable,
    without_id,
)

BOTH = "additional_types=track,episode"


def pages(client, playlist_id, query=BOTH):
    path = f"/v1/playlists/{playlist_id}/items?limit=50&{query}"
    while path:
        page = client.get(path).json()
        yield page
        path = (page["next"] or "").removeprefix(client.sandbox.accounts_url)


def entries(client, playlist_id, query=BOTH):
    return [entry for page in pages(client, playlist_id, query) for entry in page["items"]]


def uris(client, playlist_id, query=BOTH):
    return [(one["item"] or {}).get("uri") for one in entries(client, playlist_id, query)]


@pytest.fixture
def odd(sandbox):
    """A playlist with one of everything."""
    return sandbox.playlists.add(
        "demo",
        "Odd",
        [
            song(1),
            song(1),
            local("Take 2", "Our Band", "Demo tape", 201),
            episode("Episode 12: Nothing"),
            gone(),
            relinked(5),
            unplayable(6),
            unplayable(7, HIDDEN),
            without_id(8),
            song(9, added_at=None, added_by=None),
            song(10, added_at="2019-01-02T03:04:05Z", added_by="mira"),
        ],
    )


def test_everything_in_a_playlist_comes_in_its_order(sandbox, client, odd):
    assert uris(client, odd) == [
        made_up(1).uri,
        made_up(1).uri,
        "spotify:local:Our+Band:Demo+tape:Take+2:201",
        sandbox.playlists.uris(odd)[3],
        None,
        made_up(5).uri,
        made_up(6).uri,
        made_up(7).uri,
        None,
        made_up(9).uri,
        made_up(10).uri,
    ]


def test_an_entry_tells_when_it_was_added_and_by_whom_as_far_as_that_is_known(client, odd):
    told = [(e["added_at"], e["added_by"] and e["added_by"]["id"]) for e in entries(client, odd)]

    assert told[0] == ("2024-05-01T12:00:00Z", "demo")
    assert told[-2:] == [(None, None), ("2019-01-02T03:04:05Z", "mira")]


def test_a_local_file_a_lost_item_and_one_without_id_look_as_they_do(client, odd):
    shown = entries(client, odd)

    assert [shown[2]["is_local"], shown[2]["item"]["is_local"]] == [True, True]
    assert (shown[2]["item"]["id"], shown[2]["item"]["album"]["album_type"]) == (None, None)
    assert (shown[4]["item"], shown[4]["is_local"]) == (None, False)
    assert (shown[8]["item"]["id"], shown[8]["is_local"]) == (None, False)
    assert shown[8]["item"]["name"] == made_up(8).name


def test_episodes_are_null_for_a_client_that_does_not_ask_for_them(client, odd):
    assert entries(client, odd)[3]["item"]["type"] == "episode"
    assert entries(client, odd, "")[3]["item"] is None


def test_only_a_request_with_a_market_tells_what_can_be_played(client, odd):
    anywhere, here = entries(client, odd), entries(client, odd, f"{BOTH}&market=DE")

    assert not [
        e
        for e in anywhere
        if (e["item"] or {}).get("type") == "track" and "is_playable" in e["item"]
    ]
    assert here[0]["item"]["is_playable"] is True
    assert here[6]["item"]["is_playable"] is False
    assert here[6]["item"]["restrictions"] == {"reason": "market"}
    assert here[7]["item"] is None


def test_a_relinked_track_has_another_id_and_the_old_one_is_lost(sandbox, client, odd):
    shown = entries(client, odd, "market=DE")[5]["item"]
    sandbox.shape = "old"
    linked = client.get(f"/v1/playlists/{odd}/items?market=DE").json()["items"][5]["track"]

    assert shown["id"] != made_up(5).id
    assert shown["external_ids"]["isrc"] == made_up(5).isrc
    assert "linked_from" not in shown
    assert linked["linked_from"]["id"] == made_up(5).id
    assert client.get(f"/v1/tracks/{shown['id']}").status_code == 200


def test_next_pages_go_on_as_the_first_one_was_asked_for(sandbox, client):
    long = sandbox.playlists.add("demo", "Long", [unplayable(n) for n in range(120)])

    found = list(pages(client, long, "market=DE"))

    assert [len(page["items"]) for page in found] == [50, 50, 20]
    assert all("market=DE" in page["next"] for page in found[:-1])
    assert not any(e["item"]["is_playable"] for page in found for e in page["items"])


def test_more_than_fifty_at_once_is_refused_unless_that_is_tolerated(sandbox, client):
    long = sandbox.playlists.add("demo", "Long", range(120))
    path = f"/v1/playlists/{long}/items?limit=100"

    refused = client.get(path)
    sandbox.playlists.largest_page = 100
    tolerated = client.get(path).json()

    assert refused.json() == {"error": {"status": 400, "message": "Invalid limit"}}
    assert len(tolerated["items"]) == 100


def test_an_app_of_before_2026_is_given_a_hundred_at_once(sandbox, client):
    long = sandbox.playlists.add("demo", "Long", range(120))
    new = client.get(f"/v1/playlists/{long}").json()["items"]
    sandbox.shape = "old"
    old = client.get(f"/v1/playlists/{long}").json()["tracks"]

    assert [len(new["items"]), len(old["items"])] == [50, 100]
    following = client.get(old["next"].removeprefix(sandbox.accounts_url)).json()
    assert [e["track"]["id"] for e in following["items"]] == [
        made_up(n).id for n in range(100, 120)
    ]


@pytest.mark.parametrize("limit", [0, 51, "many"])
@pytest.mark.parametrize("path", ["/v1/me/playlists", "/v1/me/tracks"])
def test_a_list_has_fifty_on_a_page_at_most(client, path, limit):
    assert client.get(f"{path}?limit={limit}").status_code == 400


def test_nobody_lists_playlists_from_beyond_a_hundred_thousand(client):
    assert client.get("/v1/me/playlists?offset=100000").json()["items"] == []
    assert client.get("/v1/me/playlists?offset=100001").status_code == 400


def test_a_client_is_sent_the_fields_that_it_asks_for(client, sandbox):
    held = sandbox.playlists.add("demo", "Held", [1, gone()])

    def asked(fields, path=""):
        return client.get(f"/v1/playlists/{held}{path}?fields={fields}").json()

    assert asked("name,items.total") == {"name": "Held", "items": {"total": 2}}
    assert asked("items(item(id,artists(name))),total", "/items") == {
        "items": [
            {"item": {"id": made_up(1).id, "artists": [{"name": made_up(1).artists[0].name}]}},
            {"item": None},
        ],
        "total": 2,
    }
    assert asked("items(track(id))", "/items") == {"items": [{}, {}]}
    assert "items" not in asked("!items")
    assert asked("items(", "/items")["error"]["status"] == 400


def test_somebody_elses_playlist_tells_its_name_and_refuses_its_items(sandbox, client):
    theirs = sandbox.playlists.add("demo", "Theirs", [1], owner="mira")

    listed = client.get("/v1/me/playlists?limit=1").json()["items"][0]
    told = client.get(f"/v1/playlists/{theirs}").json()
    refused = client.get(f"/v1/playlists/{theirs}/items")

    assert (listed["id"], told["name"], told["owner"]["id"]) == (theirs, "Theirs", "mira")
    assert "items" not in listed
    assert "items" not in told
    assert refused.status_code == 403
    assert refused.json() == {"error": {"status": 403, "message": "Forbidden"}}


def test_a_playlist_that_is_made_together_can_be_read_by_all_of_them(sandbox, client):
    ours = sandbox.playlists.add("demo", "Ours", [1], owner="mira", members=["demo"])

    assert uris(client, ours) == [made_up(1).uri]
    assert client.get(f"/v1/playlists/{ours}").json()["collaborative"] is True


def test_anybody_may_know_of_a_playlist_that_is_not_in_their_library(sandbox, client):
    held = sandbox.playlists.add("nico", "Nico's", [1])

    assert client.get(f"/v1/playlists/{held}").json()["name"] == "Nico's"
    assert client.get(f"/v1/playlists/{held}/items").status_code == 403
    sandbox.playlists.follow("demo", held)
    assert client.get("/v1/me/playlists?limit=1").json()["items"][0]["name"] == "Nico's"
    assert client.get(f"/v1/playlists/{held}/items").status_code == 403


def test_ones_own_playlist_can_be_refused_all_the_same(sandbox, client):
    held = sandbox.playlists.add("demo", "Mine", [1])
    sandbox.faults.add(
        "status", f"/v1/playlists/{held}/items", code=403, message="Forbidden", times=None
    )

    assert client.get(f"/v1/playlists/{held}/items").status_code == 403
    assert client.get(f"/v1/playlists/{held}").json()["items"]["total"] == 1


def test_liked_songs_are_a_list_of_their_own(sandbox, client):
    sandbox.playlists.like(
        "demo", [song(n, added_at=f"2024-05-{20 - n:02}T08:00:00Z") for n in range(7)]
    )

    first = client.get("/v1/me/tracks?limit=5").json()
    rest = client.get(first["next"].removeprefix(sandbox.accounts_url)).json()
    saved = [*first["items"], *rest["items"]]

    assert [one["track"]["id"] for one in saved] == [made_up(n).id for n in range(7)]
    assert saved[0].keys() == {"added_at", "track"}
    assert saved[0]["added_at"] == "2024-05-20T08:00:00Z"


def test_liked_songs_need_a_scope_that_old_logins_do_not_have(sandbox, client):
    token = sandbox.accounts.access_token("demo", "playlist-read-private")
    client.headers["Authorization"] = f"Bearer {token}"

    assert client.get("/v1/me/playlists").status_code == 200
    assert client.get("/v1/me/tracks").status_code == 403


def test_an_edit_changes_the_snapshot_id_and_so_does_a_new_name(sandbox, client):
    held = sandbox.playlists.add("demo", "Held", [1, 2])

    def snapshot():
        return client.get(f"/v1/playlists/{held}?fields=snapshot_id").json()["snapshot_id"]

    seen = [snapshot(), snapshot()]
    sandbox.playlists.change(held, [2, 1])
    seen.append(snapshot())
    sandbox.playlists.change(held, [1, 2])
    seen.append(snapshot())
    sandbox.playlists.rename(held, "Kept")
    seen.append(snapshot())

    assert seen[0] == seen[1]
    assert len(set(seen)) == 4
    assert client.get("/v1/me/playlists?limit=1").json()["items"][0]["snapshot_id"] == seen[-1]
    assert uris(client, held) == [made_up(1).uri, made_up(2).uri]


def test_a_restless_playlist_has_another_snapshot_id_at_every_look(sandbox, client):
    held = sandbox.playlists.add("demo", "Held", [1])
    sandbox.playlists.restless.add(held)
    looks = [client.get(f"/v1/playlists/{held}").json()["snapshot_id"] for _ in range(3)]

    assert len(set(looks)) == 3


def test_the_same_sandbox_another_time_has_the_same_ids():
    def ids():
        with Sandbox("demo") as sandbox:
            sandbox.playlists.add("demo", "Held", [1, 2])
            return [(one.id, one.snapshot_id) for one in sandbox.playlists.library("demo")]

    assert ids() == ids()


def test_the_demo_has_a_weighted_playlist_a_clean_one_and_liked_songs(sandbox, client):
    listed = client.get("/v1/me/playlists?limit=50").json()["items"]
    by_name = {one["name"]: one["id"] for one in listed}
    weighted, clean = (uris(client, by_name[name]) for name in ("Shuffle", "Keepers"))
    liked = client.get("/v1/me/tracks").json()["total"]

    assert (len(weighted), len(clean), liked) == (157, 120, 40)
    assert Counter(filter(None, weighted)).most_common(1)[0][1] >= 12
    assert len(set(clean)) == len(clean)
    assert set(weighted) & set(clean)
    assert set(clean) - set(weighted)
    assert sum((uri or "spotify:local").startswith("spotify:local") for uri in weighted) == 3


def test_others_have_the_playlists_that_they_always_had(sandbox):
    nico = sandbox.playlists.library("nico")

    assert not {"Shuffle", "Keepers"} & {one.name for one in nico}
    assert sandbox.playlists.liked("nico") == ()
    assert nico[-1].owner == "mira"


def test_a_made_up_song_has_releases_of_one_recording_and_other_versions():
    album, single, compilation = (made_up(30, edition=n) for n in range(3))
    live, clean = made_up(30, "live"), made_up(30, "clean")

    assert len({album.id, single.id, compilation.id, live.id, clean.id}) == 5
    assert album.isrc == single.isrc == compilation.isrc
    assert len({album.isrc, live.isrc, clean.isrc}) == 3
    assert [t.album.kind for t in (album, single, compilation)] == [
        "album",
        "single",
        "compilation",
    ]
    assert live.name == f"{album.name} - Live"
    assert (clean.name, clean.explicit, album.explicit) == (album.name, False, True)
    assert len({made_up(n).name for n in range(5_000)}) == 5_000


def test_without_a_token_there_are_no_playlists(sandbox):
    assert requests.get(f"{sandbox.api_url}me/tracks", timeout=10).status_code == 401
