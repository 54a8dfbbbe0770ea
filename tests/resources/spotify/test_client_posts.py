"""A POST is sent once: what is done about each failure of one, counted in the sandbox's log."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from msgspec.structs import replace

from pipelines.errors import LockedOut, OutcomeUnknown, RefusedRequest, SpotifyError, WrongClock
from pipelines.listening.api.responses import Response
from pipelines.resources.lake.lakes import Lake
from pipelines.resources.spotify import client as spotify_client
from pipelines.resources.spotify.client import Spotify, SpotifyClient
from pipelines.resources.spotify.token_store import TokenFile
from pipelines.settings import Settings
from sandbox import Sandbox
from tests.library.writers import may_write
from tests.support.asking import asked

CREATE = "create-playlist"


@pytest.fixture
def writing(sandbox: Sandbox, lake: Lake) -> SpotifyClient:
    """A client that may write, with a token."""
    may_write(sandbox)
    return Spotify(Settings(), lake).client("nico", "write")


def make(client: SpotifyClient, calls: list[int] | None = None) -> Response:
    def call(api: Any) -> object:
        if calls is not None:
            calls.append(1)
        return api.current_user_playlist_create("New", public=False)

    return client.post("playlist_create", call)


def made(sandbox: Sandbox) -> int:
    return sum(one.name == "New" for one in sandbox.playlists.library("nico"))


def test_a_post_is_answered_as_received(writing: SpotifyClient, sandbox: Sandbox) -> None:
    response = make(writing)
    assert response.status == 201
    assert response.request.path == "me/playlists"
    assert asked(sandbox) == ["POST me/playlists"]
    assert made(sandbox) == 1


@pytest.mark.parametrize(
    ("fault", "done", "answered"),
    [
        ({"what": "status", "code": 500}, 0, True),
        ({"what": "status", "code": 503}, 0, True),
        ({"what": "applied"}, 1, True),
        ({"what": "no_content"}, 0, True),
        ({"what": "status", "code": 302}, 0, True),
        ({"what": "cut"}, 1, False),
        ({"what": "unheard"}, 0, False),
    ],
    ids=str,
)
def test_after_a_failure_nobody_knows_and_it_is_not_repeated(
    fault: dict[str, Any], done: int, answered: bool, writing: SpotifyClient, sandbox: Sandbox
) -> None:
    sandbox.faults.add(where=CREATE, times=None, **fault)
    with pytest.raises(OutcomeUnknown) as failure:
        make(writing)
    assert failure.value.answered is answered
    assert asked(sandbox) == ["POST me/playlists"]
    assert made(sandbox) == done


def test_after_a_timeout_nobody_knows(
    writing: SpotifyClient, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spotify_client, "TIMEOUT_S", (1, 1))
    sandbox.faults.add("hang", CREATE, seconds=60)
    with pytest.raises(OutcomeUnknown, match="ReadTimeout"):
        make(writing)
    assert asked(sandbox) == ["POST me/playlists"]


@pytest.mark.parametrize("code", [400, 403, 404, 413])
def test_a_refusal_is_final_and_has_its_status(
    code: int, writing: SpotifyClient, sandbox: Sandbox
) -> None:
    sandbox.faults.add("status", CREATE, code=code, message="No")
    with pytest.raises(
        RefusedRequest, match=f"^playlist_create: Spotify answered {code}: No$"
    ) as no:
        make(writing)
    assert no.value.status == code
    assert asked(sandbox) == ["POST me/playlists"]


def test_a_token_that_is_not_accepted_is_renewed_and_the_post_sent_once_more(
    writing: SpotifyClient, sandbox: Sandbox
) -> None:
    token = writing.login.current()
    file = TokenFile(Settings().tokens_dir, "nico", "write")
    # Of the sandbox's refresh tokens none may write: the renewed one is refused for its scope.
    file.write(replace(token, refresh_token=sandbox.refresh_token("nico")))
    sandbox.accounts.expire("nico")
    calls: list[int] = []
    with pytest.raises(RefusedRequest, match="403"):
        make(writing, calls)
    assert asked(sandbox) == ["POST me/playlists", "POST /api/token", "POST me/playlists"]
    assert len(calls) == 2, "what is noted before a request is noted before each"


def test_a_second_401_names_the_command_of_this_login(
    writing: SpotifyClient, sandbox: Sandbox
) -> None:
    token = writing.login.current()
    file = TokenFile(Settings().tokens_dir, "nico", "write")
    file.write(replace(token, refresh_token=sandbox.refresh_token("nico")))
    sandbox.faults.add("status", CREATE, times=None, code=401, message="no")
    with pytest.raises(
        SpotifyError, match="also with a new token: run `playledger login nico --write`"
    ):
        make(writing)


@pytest.mark.parametrize(
    ("retry_after", "quota", "sent"), [(0, False, 2), (70, False, 1), (5, True, 1)]
)
def test_a_429_is_treated_as_that_of_a_get(
    retry_after: int, quota: bool, sent: int, writing: SpotifyClient, sandbox: Sandbox
) -> None:
    sandbox.faults.add("rate_limit", CREATE, retry_after=retry_after, quota=quota)
    if sent == 2:
        make(writing)
    else:
        with pytest.raises(LockedOut):
            make(writing)
        with pytest.raises(LockedOut):
            make(writing)
    assert asked(sandbox) == ["POST me/playlists"] * sent


def test_the_reading_login_cannot_write(client: SpotifyClient, sandbox: Sandbox) -> None:
    with pytest.raises(RefusedRequest, match="403"):
        make(client)
    assert made(sandbox) == 0


@pytest.mark.usefixtures("quick")
def test_failures_of_posts_count_in_the_same_row(writing: SpotifyClient, sandbox: Sandbox) -> None:
    sandbox.faults.add("status", "/v1", times=None, code=502)
    for _ in range(5):
        with pytest.raises(OutcomeUnknown):
            make(writing)
    with pytest.raises(SpotifyError, match="not requested: Spotify failed 5 times in a row"):
        make(writing)
    assert len(asked(sandbox)) == 5


def test_one_line_is_logged_without_secrets(
    writing: SpotifyClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    make(writing)
    assert "nico playlist_create 201" in caplog.text
    for secret in writing.login.current().secrets:
        assert secret not in caplog.text


def test_with_a_wrong_clock_what_is_made_is_answered_and_nothing_more_is_made(
    writing: SpotifyClient, sandbox: Sandbox
) -> None:
    date = format_datetime(datetime.now(UTC) - timedelta(hours=1), usegmt=True)
    sandbox.faults.add("headers", CREATE, times=None, headers={"Date": date})
    assert make(writing).status == 201
    with pytest.raises(WrongClock):
        make(writing)
    assert made(sandbox) == 1
