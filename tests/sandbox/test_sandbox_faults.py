import threading
import time
from datetime import timedelta

import pytest
import requests

from sandbox import Sandbox, truth
from sandbox.clock import iso
from sandbox.effects import EFFECTS

RECENT = "/v1/me/player/recently-played?limit=50"
TOP = "/v1/me/top/tracks?limit=50"


def test_a_status_comes_with_its_headers_and_body(sandbox, client):
    sandbox.faults.add("status", "me", code=503, headers={"X-A": "b"}, body={"error": "busy"})
    answer = client.get("/v1/me")

    assert (answer.status_code, answer.headers["X-A"]) == (503, "b")
    assert answer.json() == {"error": "busy"}
    assert client.get("/v1/me").status_code == 200


@pytest.mark.parametrize("code", [401, 403, 500, 502, 503, 504])
def test_a_status_alone_has_spotifys_error_body(sandbox, client, code):
    sandbox.faults.add("status", code=code)

    assert client.get("/v1/me").json()["error"]["status"] == code


def test_a_rate_limit_says_when_to_come_back_and_why(sandbox, client):
    sandbox.faults.add("rate_limit", retry_after=72_000, quota=True)
    sandbox.faults.add("rate_limit", retry_after=None)
    first, second = client.get("/v1/me"), client.get("/v1/me")

    assert first.headers["Retry-After"] == "72000"
    assert first.json() == {
        "error": {"status": 429, "message": "Too many requests", "reason": "QUOTA_EXCEEDED"}
    }
    assert second.status_code == 429
    assert "Retry-After" not in second.headers


def test_a_fault_waits_for_its_turn_and_is_spent(sandbox, client):
    sandbox.faults.add("status", "me", code=500, after=1, times=2)

    assert [client.get("/v1/me").status_code for _ in range(4)] == [200, 500, 500, 200]


def test_a_fault_strikes_only_where_it_was_ordered(sandbox, client):
    sandbox.faults.add("status", "/v1/me/top", code=500, times=None)
    sandbox.faults.add("status", "track", code=502, times=None)

    assert client.get("/v1/me").status_code == 200
    assert client.get(TOP).status_code == 500
    assert client.get("/v1/me/top/artists").status_code == 500
    assert client.get("/v1/tracks/any").status_code == 502


def test_a_fault_can_be_one_listeners_only(sandbox, client):
    sandbox.faults.add("status", user="nico", code=500, times=None)

    assert client.get("/v1/me").status_code == 200
    client.headers["Authorization"] = f"Bearer {sandbox.access_token('nico')}"
    assert client.get("/v1/me").status_code == 500


def test_two_orders_of_one_failure_each_fail_twice_in_a_row(sandbox, client):
    sandbox.faults.add("status", code=500)
    sandbox.faults.add("status", code=502)

    assert [client.get("/v1/me").status_code for _ in range(3)] == [500, 502, 200]


def test_a_hanging_answer_comes_in_the_end(sandbox, client):
    sandbox.faults.add("hang", seconds=0.3)
    start = time.monotonic()

    assert client.get("/v1/me").status_code == 200
    assert time.monotonic() - start >= 0.3


def test_a_client_that_will_not_wait_times_out(sandbox, client):
    sandbox.faults.add("hang", seconds=60)

    with pytest.raises(requests.ReadTimeout):
        client.get("/v1/me", timeout=0.1)


def test_a_sandbox_ends_at_once_although_an_answer_hangs():
    failures = []

    def ask(url: str) -> None:
        try:
            requests.get(url, timeout=200)
        except requests.ConnectionError as broken:
            failures.append(broken)

    with Sandbox() as sandbox:
        sandbox.faults.add("hang", seconds=200)
        asking = threading.Thread(target=ask, args=(f"{sandbox.api_url}me",))
        asking.start()
        while not sandbox.requests:
            time.sleep(0.01)
        start = time.monotonic()
    asking.join()

    assert time.monotonic() - start < 60
    assert failures


@pytest.mark.parametrize("at", ["before", "middle"])
def test_a_cut_connection_is_an_error_of_the_connection(sandbox, client, at):
    sandbox.faults.add("cut", at=at)

    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        client.get(RECENT)
    assert sandbox.requests[0].status == (0 if at == "before" else 200)
    assert client.get(RECENT).status_code == 200


def test_a_web_page_can_stand_where_json_was_due(sandbox, client):
    sandbox.faults.add("not_json")
    answer = client.get(RECENT)

    assert answer.status_code == 200
    with pytest.raises(requests.JSONDecodeError):
        answer.json()


def test_an_answer_can_have_no_content(sandbox, client):
    sandbox.faults.add("no_content")
    answer = client.get(RECENT)

    assert (answer.status_code, answer.content) == (204, b"")
    assert client.get(RECENT).status_code == 200


def test_a_list_can_be_empty_all_of_a_sudden(sandbox, client):
    sandbox.faults.add("empty_items", times=2)
    recent = client.get(RECENT).json()

    assert (recent["items"], recent["next"], recent["cursors"]) == ([], None, None)
    assert client.get(TOP).json()["items"] == []


def test_a_refresh_can_be_refused(sandbox, client):
    sandbox.faults.add("invalid_grant", "token")
    answer = client.post("/api/token", data={"grant_type": "refresh_token"})

    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_grant"


def test_a_stale_list_is_what_was_true_then(sandbox, client):
    now = sandbox.clock.now()
    sandbox.clock.fix(now - timedelta(hours=6))
    then = client.get(RECENT).json()["items"]
    sandbox.clock.fix(now)
    sandbox.faults.add("stale", "recently-played", at=iso(now - timedelta(hours=6)))

    assert client.get(RECENT).json()["items"] == then
    assert client.get(RECENT).json()["items"] != then


def test_late_plays_are_missing_first_and_then_stand_where_they_belong(sandbox, client):
    now = sandbox.clock.now()
    whole = client.get(RECENT).json()["items"]
    start, end = whole[20]["played_at"], whole[10]["played_at"]
    sandbox.faults.add(
        "late",
        "recently-played",
        times=None,
        start=start,
        end=end,
        visible_from=now + timedelta(hours=1),
    )
    early = [item["played_at"] for item in client.get(RECENT).json()["items"]]
    sandbox.clock.advance(3600)
    later = [item["played_at"] for item in client.get(RECENT).json()["items"]]

    assert len(early) == 50
    assert not [at for at in early if start <= at < end]
    assert [at for at in later if start <= at < end] == [item["played_at"] for item in whole[11:21]]


def test_a_top_list_can_go_on_for_ever(sandbox, client):
    sandbox.faults.add("endless", "top-tracks", times=None)
    page, firsts = client.get(TOP).json(), []
    for _ in range(12):
        firsts.append(page["items"])
        page = client.get(page["next"].removeprefix(sandbox.accounts_url)).json()

    assert all(items == firsts[0] for items in firsts)
    assert "offset=650" in page["next"]


def test_an_item_can_come_twice(sandbox, client):
    sandbox.faults.add("duplicate", at=3)
    items = client.get(RECENT).json()["items"]

    assert len(items) == 51
    assert items[3] == items[4]


def test_a_track_or_its_album_can_be_null(sandbox, client):
    sandbox.faults.add("null_track", at=1)
    sandbox.faults.add("null_album", at=2)

    items = client.get(RECENT).json()["items"]

    assert items[1]["track"] is None
    assert items[2]["track"]["album"] is None
    assert items[3]["track"]["album"]


def test_a_fault_beyond_the_end_of_a_list_changes_nothing(sandbox, client):
    for what in ("duplicate", "null_track", "local_file", "no_played_at"):
        sandbox.faults.add(what, at=50)

    assert len(client.get(RECENT).json()["items"]) == 50


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("path", [RECENT, TOP])
def test_one_item_can_be_spoilt_twice(sandbox, client, path, order):
    for what in ("null_track", "null_album", "local_file")[::order]:
        sandbox.faults.add(what)

    assert client.get(path).status_code == 200


def test_a_play_can_lack_its_time(sandbox, client):
    sandbox.faults.add("no_played_at")

    assert "played_at" not in client.get(RECENT).json()["items"][0]


def test_a_local_file_has_no_id(sandbox, client):
    sandbox.faults.add("local_file", "playlist-items")
    mine = client.get("/v1/me/playlists").json()["items"][0]["id"]
    track = client.get(f"/v1/playlists/{mine}/items").json()["items"][0]["item"]

    assert (track["id"], track["album"]["id"], track["is_local"]) == (None, None, True)
    assert track["uri"].startswith("spotify:local:")


def test_an_episode_can_stand_where_a_track_was_due(sandbox, client):
    sandbox.faults.add("episode")

    assert client.get(RECENT).json()["items"][0]["track"]["type"] == "episode"


def test_faults_of_items_leave_a_refusal_alone(sandbox, client):
    sandbox.accounts.expire("demo")
    for what in ("duplicate", "null_track", "endless", "empty_items", "no_played_at"):
        sandbox.faults.add(what)
        assert client.get(TOP).status_code == 401


def test_what_cannot_go_wrong_cannot_be_ordered(sandbox):
    with pytest.raises(ValueError, match="no fault called 'flood'"):
        sandbox.faults.add("flood")
    with pytest.raises(ValueError, match="code"):
        sandbox.faults.add("status")


def test_every_effect_says_what_it_does():
    assert all(effect.__doc__ for effect in EFFECTS.values())


def test_faults_do_not_change_the_life_itself(sandbox, client):
    now = sandbox.clock.now()
    before = truth("demo", now - timedelta(days=1), now)
    for what in ("duplicate", "null_track", "local_file"):
        sandbox.faults.add(what)
        client.get(RECENT)

    assert truth("demo", now - timedelta(days=1), now) == before
