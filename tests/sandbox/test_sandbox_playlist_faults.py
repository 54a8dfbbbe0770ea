"""What goes wrong, on order, when playlists are read and written."""

from itertools import chain

import pytest
import requests

from sandbox.items import made_up
from sandbox.writes import SCOPES as WRITES

URIS = [made_up(number).uri for number in range(200)]


@pytest.fixture
def held(sandbox, client):
    """A playlist of 130 songs, and a client that may write it; other songs are known too."""
    sandbox.playlists.add("mira", "Everything", range(200), owner="mira")
    token = sandbox.accounts.access_token("demo", f"playlist-read-private {WRITES}")
    client.headers["Authorization"] = f"Bearer {token}"
    return sandbox.playlists.add("demo", "Held", range(130))


def read(client, playlist_id):
    """The numbers of the songs on each page, as one reads who follows `next`."""
    found, path = [], f"/v1/playlists/{playlist_id}/items?limit=50"
    while path:
        page = client.get(path).json()
        found.append([URIS.index(one["item"]["uri"]) for one in page["items"]])
        path = (page["next"] or "").removeprefix(client.sandbox.accounts_url)
    return found


def add(client, playlist_id, numbers):
    body = {"uris": [URIS[number] for number in numbers]}
    return client.post(f"/v1/playlists/{playlist_id}/items", json=body)


def total(sandbox, playlist_id):
    return len(sandbox.playlists.items(playlist_id))


@pytest.mark.parametrize("code", [500, 502, 503, 504])
def test_a_write_can_be_done_and_answered_with_a_failure(sandbox, client, held, code):
    sandbox.faults.add("applied", "add-items", code=code)

    assert add(client, held, [150]).status_code == code
    assert total(sandbox, held) == 131


def test_a_write_can_fail_without_being_done(sandbox, client, held):
    sandbox.faults.add("status", "add-items", code=502)

    assert add(client, held, [150]).status_code == 502
    assert total(sandbox, held) == 130


@pytest.mark.parametrize(("what", "written"), [("cut", 131), ("unheard", 130)])
def test_a_connection_can_break_after_a_write_or_before_it(sandbox, client, held, what, written):
    sandbox.faults.add(what, "add-items")

    with pytest.raises(requests.ConnectionError):
        add(client, held, [150])
    assert total(sandbox, held) == written
    assert sandbox.requests[-1].status == 0


def test_a_playlist_can_be_made_although_the_answer_is_a_failure(sandbox, client, held):
    sandbox.faults.add("applied", "create-playlist")

    assert client.post("/v1/me/playlists", json={"name": "New"}).status_code == 502
    assert sandbox.playlists.library("demo")[0].name == "New"


def test_every_batch_with_a_dead_uri_fails_and_all_others_are_written(sandbox, client, held):
    sandbox.faults.add("dead_uri", uri=URIS[155], times=None)

    codes = [add(client, held, some).status_code for some in ([150, 155, 156], [155], [150, 156])]
    replaced = client.put(f"/v1/playlists/{held}/items", json={"uris": [URIS[155]]})

    assert codes == [502, 502, 201]
    assert replaced.status_code == 502
    assert total(sandbox, held) == 132


def test_a_lockout_begins_at_a_request_and_ends_at_an_instant(sandbox, client, held):
    until = sandbox.clock.now().timestamp() + 20 * 3600
    sandbox.faults.add("locked", after=1, times=None, until=until)

    first, second = (add(client, held, [150]) for _ in range(2))
    sandbox.clock.advance(19 * 3600)
    third = add(client, held, [150])
    sandbox.clock.advance(3600)

    assert first.status_code == 201
    assert (second.status_code, second.headers["Retry-After"]) == (429, "72000")
    assert second.json()["error"]["reason"] == "QUOTA_EXCEEDED"
    assert third.headers["Retry-After"] == "3600"
    assert add(client, held, [150]).status_code == 201
    assert total(sandbox, held) == 132


def test_a_quota_can_be_used_up_at_a_certain_page(sandbox, client, held):
    sandbox.faults.add("rate_limit", "playlist-items", after=1, retry_after=52_531, quota=True)

    path = f"/v1/playlists/{held}/items?limit=50&offset="
    answers = [client.get(f"{path}{offset}") for offset in (0, 50, 50)]

    assert [one.status_code for one in answers] == [200, 429, 200]
    assert answers[1].headers["Retry-After"] == "52531"


def test_somebody_can_edit_a_playlist_while_it_is_read(sandbox, client, held):
    before = client.get(f"/v1/playlists/{held}").json()["snapshot_id"]
    sandbox.faults.add("someone_edits", "playlist-items", after=1, remove=0)

    found = read(client, held)

    # Song 50 slipped to the first page, which had been read.
    assert [page[0] for page in found] == [0, 51, 101]
    assert sum(len(page) for page in found) == 129
    assert client.get(f"/v1/playlists/{held}").json()["snapshot_id"] != before


def test_an_edit_can_add_and_can_tell_of_itself_late(sandbox, client, held):
    before = client.get(f"/v1/playlists/{held}").json()["snapshot_id"]
    sandbox.faults.add(
        "someone_edits", "playlist-items", add={"kind": "local", "title": "Tape"}, at=0, lag=True
    )
    first = client.get(f"/v1/playlists/{held}/items?limit=1").json()

    assert first["items"][0]["item"]["name"] == "Tape"
    assert first["total"] == 131
    assert client.get(f"/v1/playlists/{held}").json()["snapshot_id"] == before
    sandbox.clock.advance(30)
    assert client.get(f"/v1/playlists/{held}").json()["snapshot_id"] != before


def test_a_page_can_be_shorter_than_asked_and_next_leads_to_the_rest(sandbox, client, held):
    sandbox.faults.add("fewer", "playlist-items", items=7)

    found = read(client, held)

    assert [len(page) for page in found] == [7, 50, 50, 23]
    assert list(chain(*found)) == list(range(130))


def test_a_page_can_be_shorter_than_asked_and_the_rest_is_never_shown(sandbox, client, held):
    sandbox.faults.add("fewer", "playlist-items", items=7, skips=True)

    assert [len(page) for page in read(client, held)] == [7, 50, 30]


def test_a_page_can_come_once_more_and_say_so(sandbox, client, held):
    sandbox.faults.add("other_page", "playlist-items", after=1, offset=0)

    path = f"/v1/playlists/{held}/items?limit=50&offset="
    first, again = (client.get(f"{path}{offset}").json() for offset in (0, 50))

    assert again == first
    assert again["offset"] == 0


def test_a_page_can_come_once_more_under_another_ones_offset(sandbox, client, held):
    sandbox.faults.add("other_page", "playlist-items", after=1, offset=0, owns_up=False)

    found = read(client, held)

    assert [page[0] for page in found] == [0, 0, 100]
    assert sum(len(page) for page in found) == 130


def test_json_can_end_in_the_middle_although_the_body_is_whole(sandbox, client, held):
    sandbox.faults.add("truncated", "playlist-items")
    answer = client.get(f"/v1/playlists/{held}/items")

    assert answer.status_code == 200
    assert len(answer.content) == int(answer.headers["Content-Length"])
    with pytest.raises(requests.JSONDecodeError):
        answer.json()
    assert client.get(f"/v1/playlists/{held}/items").json()["total"] == 130


def test_a_playlist_can_come_twice_at_the_edge_of_a_page(sandbox, client, held):
    sandbox.faults.add("twice_at_the_edge", "playlists", times=None)
    first = client.get("/v1/me/playlists?limit=5").json()
    second = client.get(first["next"].removeprefix(sandbox.accounts_url)).json()
    last = client.get("/v1/me/playlists?limit=50&offset=1000").json()

    assert len(first["items"]) == 5
    assert second["items"][0] == first["items"][-1]
    assert len({one["id"] for one in [*first["items"], *second["items"]]}) == 10
    assert last["items"] == []


def test_faults_of_lists_leave_a_refusal_and_a_playlist_alone(sandbox, client, held):
    for what in ("fewer", "other_page", "twice_at_the_edge", "duplicate", "empty_items"):
        sandbox.faults.add(what)
        assert client.get(f"/v1/playlists/{held}").json()["items"]["total"] == 130
        sandbox.faults.add(what)
        assert client.get("/v1/playlists/unknown/items?offset=3").status_code == 404
