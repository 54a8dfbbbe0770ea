"""What is done about each failure of Spotify's, counted in the sandbox's log."""

import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
import spotipy

from pipelines.errors import LockedOut, RefreshFailed, SpotifyDown, SpotifyError
from pipelines.resources.spotify import client as spotify_client
from pipelines.resources.spotify import oauth
from pipelines.resources.spotify.client import SpotifyClient
from sandbox import Sandbox
from tests.support.asking import Collector, asked, gets, logged_in


def me(client: SpotifyClient) -> object:
    return client.get("profile", lambda api: api.current_user())


@pytest.fixture
def asking(client: SpotifyClient, sandbox: Sandbox) -> SpotifyClient:
    """A client with a token, so that the log holds only what it asks for."""
    return logged_in(client, sandbox)


@pytest.mark.parametrize("code", [500, 502, 503, 504])
@pytest.mark.usefixtures("quick")
def test_a_server_error_is_tried_three_times(
    code: int, asking: SpotifyClient, sandbox: Sandbox
) -> None:
    sandbox.faults.add("status", "me", code=code, times=None, message="Sorry")
    with pytest.raises(SpotifyDown, match=f"^profile: Spotify answered {code}: Sorry$"):
        me(asking)
    assert asked(sandbox) == ["GET me"] * 3


def test_the_waits_between_tries_grow_and_vary(
    asking: SpotifyClient, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spotify_client, "FIRST_WAIT_S", 0.2)
    asked_to_sleep: list[float] = []

    def sleep(seconds: float) -> None:
        asked_to_sleep.append(seconds)
        time.sleep(seconds)

    # When a request arrives says less: one may be longer on its way than the next.
    monkeypatch.setattr("tenacity.nap.time", SimpleNamespace(sleep=sleep))
    sandbox.faults.add("status", "me", code=503, times=None)
    waits = []
    for _ in range(2):
        asked_to_sleep.clear()
        asking.streak.length = 0
        with pytest.raises(SpotifyDown):
            me(asking)
        first, second = asked_to_sleep
        assert first >= 0.2
        assert second >= 0.4
        waits.append(first)
    assert waits[0] != waits[1]


@pytest.mark.parametrize("at", ["before", "middle"])
@pytest.mark.usefixtures("quick")
def test_a_cut_connection_is_tried_three_times(
    at: str, asking: SpotifyClient, sandbox: Sandbox
) -> None:
    sandbox.faults.add("cut", "me", at=at, times=None)
    with pytest.raises(SpotifyDown, match=r"^profile: no answer from http://127.0.0.1:\d+/v1/ \("):
        me(asking)
    assert asked(sandbox) == ["GET me"] * 3


@pytest.mark.usefixtures("quick")
def test_a_server_that_hangs_is_tried_three_times(
    asking: SpotifyClient, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spotify_client, "TIMEOUT_S", (1, 1))
    sandbox.faults.add("hang", "me", seconds=60, times=None)
    with pytest.raises(SpotifyDown, match="ReadTimeout"):
        me(asking)
    assert asked(sandbox) == ["GET me"] * 3


@pytest.mark.usefixtures("quick")
def test_a_failure_that_passes_is_no_failure(asking: SpotifyClient, sandbox: Sandbox) -> None:
    sandbox.faults.add("status", "me", code=502)
    sandbox.faults.add("cut", "me")
    me(asking)
    assert asked(sandbox) == ["GET me"] * 3


@pytest.mark.parametrize("code", [400, 403, 404, 302])
def test_any_other_refusal_is_final_and_in_spotifys_own_words(
    code: int, asking: SpotifyClient, sandbox: Sandbox
) -> None:
    sandbox.faults.add("status", "me", code=code, message="Insufficient client scope")
    told = f"^profile: Spotify answered {code}: Insufficient client scope$"
    with pytest.raises(SpotifyError, match=told):
        me(asking)
    assert asked(sandbox) == ["GET me"]


def test_an_expired_access_token_is_refreshed_once_and_the_question_repeated(
    asking: SpotifyClient, sandbox: Sandbox
) -> None:
    sandbox.accounts.expire("nico")
    me(asking)
    assert asked(sandbox) == ["GET me", "POST /api/token", "GET me"]


def test_a_second_401_is_an_error(asking: SpotifyClient, sandbox: Sandbox) -> None:
    sandbox.faults.add("status", "me", code=401, message="No", times=None)
    with pytest.raises(SpotifyError, match=r"^profile: Spotify answered 401: No,") as error:
        me(asking)
    assert str(error.value).endswith(", also with a new token: run `playledger login nico`")
    assert asked(sandbox) == ["GET me", "POST /api/token", "GET me"]


NOT_A_PAGE: dict[str, dict[str, Any]] = {
    "204": {"what": "no_content"},
    "a web page": {"what": "not_json"},
    "a JSON list": {"what": "status", "code": 200, "body": [1]},
    "nothing": {"what": "status", "code": 200, "body": b""},
    "no items": {"what": "status", "code": 200, "body": {"total": 0}},
    "null items": {"what": "status", "code": 200, "body": {"items": None}},
    "items that are no list": {"what": "status", "code": 200, "body": {"items": {"id": "a"}}},
    "an error": {"what": "status", "code": 200, "body": {"error": {"status": 500}}},
}


@pytest.mark.parametrize("answer", NOT_A_PAGE.values(), ids=NOT_A_PAGE)
def test_an_answer_that_is_no_list_is_an_error_and_not_kept_as_one(
    answer: dict[str, Any],
    sandbox: Sandbox,
    collect_for: Collector,
    kept: Callable[[], list[str]],
) -> None:
    collect_for("profile")
    sandbox.faults.add(where="recently-played", **answer)
    sandbox.faults.add(where="playlists", **answer)
    outcome = collect_for("recently_played", "playlists")
    assert set(outcome.failed) == {"recently_played", "playlists"}
    assert all("Spotify answered" in line for line in outcome.failed.values())
    is_told_apart = answer["what"] == "no_content"
    assert kept() == ["profile"] + ["unreadable"] * (0 if is_told_apart else 2)
    assert collect_for().success, "the next run finds nothing that it stumbles over"


def test_an_answer_without_content_says_that_the_next_run_asks_again(
    asking: SpotifyClient, sandbox: Sandbox
) -> None:
    sandbox.faults.add("no_content", "me")
    with pytest.raises(SpotifyError) as error:
        me(asking)
    told = "profile: Spotify answered without content (204): the next run tries again"
    assert str(error.value) == told


@pytest.mark.parametrize("body", [{}, {"id": None}, {"id": 7}, {"error": "none"}])
def test_a_profile_without_an_account_is_an_error_and_not_kept_as_one(
    body: dict[str, Any],
    sandbox: Sandbox,
    collect_for: Collector,
    kept: Callable[[], list[str]],
) -> None:
    sandbox.faults.add("status", "me", code=200, body=body)
    line = collect_for("profile").line
    assert line.startswith("profile: Spotify answered without an account")
    assert kept() == ["unreadable"]


@pytest.mark.usefixtures("quick")
def test_after_five_failures_in_a_row_nothing_more_is_sent_in_the_run(
    sandbox: Sandbox, collect_for: Collector
) -> None:
    collect_for("profile")
    sandbox.requests.clear()
    sandbox.faults.add("status", "/v1", code=503, times=None)
    outcome = collect_for(force=True)
    assert not outcome.success
    assert not outcome.raised
    assert len(asked(sandbox)) == 5
    assert any(
        line.endswith("not requested: Spotify failed 5 times in a row, the next run tries again")
        for line in outcome.failed.values()
    )


@pytest.mark.usefixtures("quick")
def test_failures_in_a_row_stop_token_refreshes_too(
    sandbox: Sandbox, asking: SpotifyClient
) -> None:
    sandbox.faults.add("status", "me", code=503, times=None)
    for _ in range(2):
        with pytest.raises(SpotifyError):
            me(asking)
    sandbox.requests.clear()
    asking.login._file.write(oauth.replace(asking.login.current(), expires_at=1.0, obtained_at=0.0))
    with pytest.raises(SpotifyError, match="not requested"):
        me(asking)
    assert asked(sandbox) == []


@pytest.mark.usefixtures("quick")
def test_a_success_in_between_ends_the_failures_in_a_row(
    sandbox: Sandbox, asking: SpotifyClient
) -> None:
    for _ in range(4):
        sandbox.faults.add("status", "me", code=503, times=2)
        me(asking)
    assert len(asked(sandbox)) == 12


@pytest.mark.usefixtures("quick")
def test_another_run_counts_failures_in_a_row_of_its_own(
    sandbox: Sandbox, collect_for: Collector
) -> None:
    sandbox.faults.add("status", "/v1", code=503, times=5)
    assert not collect_for().success
    assert collect_for().success


@pytest.mark.parametrize(
    "fault",
    [
        {"what": "status", "code": 503},
        {"what": "cut"},
        {"what": "cut", "at": "middle"},
        {"what": "not_json"},
        {"what": "no_content"},
        {"what": "status", "code": 200, "body": {}},
        {"what": "status", "code": 200, "body": [1]},
        {"what": "status", "code": 200, "body": {"access_token": "", "expires_in": 3600}},
        {"what": "status", "code": 200, "body": {"access_token": None, "expires_in": 3600}},
        {"what": "status", "code": 400, "body": {"error": "invalid_client"}},
        {"what": "status", "code": 302, "headers": {"Location": "/api/token"}},
    ],
    ids=str,
)
def test_a_token_is_asked_for_once_whatever_comes(
    fault: dict[str, Any],
    client: SpotifyClient,
    sandbox: Sandbox,
) -> None:
    sandbox.faults.add(where="token", times=None, **fault)
    with pytest.raises(RefreshFailed) as failure:
        me(client)
    assert "\n" not in str(failure.value)
    assert asked(sandbox) == ["POST /api/token"]
    sandbox.faults.clear()
    me(client)


@pytest.mark.parametrize("code", [500, 503])
@pytest.mark.parametrize(
    "body", [b"<h1>Sorry</h1>", {"error": "server_error"}], ids=["html", "json"]
)
def test_a_token_service_that_is_down_is_told_with_its_status(
    code: int, body: object, client: SpotifyClient, sandbox: Sandbox
) -> None:
    sandbox.faults.add("status", "token", code=code, body=body)
    with pytest.raises(RefreshFailed) as failure:
        me(client)
    assert str(failure.value) == (
        f"{sandbox.accounts_url} issued nico no new token (it answered {code}): "
        "the next run tries again"
    )


@pytest.mark.parametrize(
    ("error", "told"),
    [("invalid_client", "invalid_client"), ("AQechoed", "an answer that is not an OAuth error")],
)
def test_only_a_known_error_code_of_the_token_service_is_shown(
    error: str, told: str, client: SpotifyClient, sandbox: Sandbox
) -> None:
    sandbox.faults.add("status", "token", code=400, body={"error": error})
    with pytest.raises(RefreshFailed) as failure:
        me(client)
    assert str(failure.value).startswith(
        f"Spotify issued nico no new token ({told}): check SPOTIFY"
    )


def test_a_token_service_that_hangs_is_asked_once(
    client: SpotifyClient, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oauth, "TIMEOUT_S", (1, 1))
    sandbox.faults.add("hang", "token", seconds=60)
    with pytest.raises(RefreshFailed, match="ReadTimeout"):
        me(client)
    assert asked(sandbox) == ["POST /api/token"]


def test_nobody_listening_is_a_clear_line(
    asking: SpotifyClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spotify_client, "MAX_ATTEMPTS", 1)
    asking.api_url = "http://127.0.0.1:9/v1/"
    with pytest.raises(SpotifyDown, match=r"no answer from http://127.0.0.1:9/v1/ \(Connection"):
        me(asking)


def test_spotipy_itself_never_retries(asking: SpotifyClient, sandbox: Sandbox) -> None:
    sandbox.faults.add("rate_limit", "me", retry_after=3600, times=None)
    began = time.monotonic()
    with pytest.raises(LockedOut):
        asking.get("profile", spotipy.Spotify.current_user)
    assert gets(sandbox) == ["GET me"]
    assert time.monotonic() - began < 60
