"""What is done about each answer of Last.fm's, counted in the sandbox's log."""

import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from typing import Any

import msgspec
import pytest

from pipelines.errors import LastfmDown, LastfmError, SettingsError, WrongClock
from pipelines.resources.lastfm import client as policy
from pipelines.resources.lastfm.client import Lastfm, LastfmClient
from pipelines.settings import Settings
from sandbox import Sandbox
from sandbox.lastfm import World

NOW = "2026-11-20T21:30:00Z"
UNTIL = 1_795_210_200


@pytest.fixture
def sandbox(sandbox: Sandbox) -> Iterator[Sandbox]:
    sandbox.clock.fix(NOW)
    sandbox.lastfm.begin("2026-11-15T00:00:00Z")
    return sandbox


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy, "FIRST_WAIT_S", 0.001)


@pytest.fixture
def client(sandbox: Sandbox) -> LastfmClient:
    return Lastfm(Settings()).client("nico", "nico", lambda: 100.0)


def asked(sandbox: Sandbox) -> int:
    return len(sandbox.requests)


def test_a_page_has_its_place_and_no_pictures(client: LastfmClient) -> None:
    answer = client.scrobbles(end=UNTIL, limit=5)
    tracks = msgspec.json.decode(answer.body)["recenttracks"]["track"]
    assert (answer.page, answer.total) == (1, answer.total)
    assert answer.pages == -(-answer.total // 5) > 1
    assert tracks[0]["@attr"] == {"nowplaying": "true"}
    assert len(tracks) == 6
    for track in tracks:
        assert not {"image", "url", "streamable"} & track.keys()
        assert {"artist", "album", "name", "mbid"} <= track.keys()
    assert "api_key" not in answer.params


def test_the_whole_is_asked_for_as_last_fm_documents_it(
    client: LastfmClient, sandbox: Sandbox
) -> None:
    client.scrobbles(start=UNTIL - 1000, end=UNTIL, page=2)
    [request] = sandbox.requests
    for part in ("method=user.getRecentTracks", "user=nico", "format=json", "limit=200", "page=2"):
        assert part in request.path
    assert f"from={UNTIL - 1000}" in request.path
    assert f"to={UNTIL}" in request.path


def test_who_asks_can_be_told(client: LastfmClient, sandbox: Sandbox) -> None:
    seen: list[str] = []
    answer = sandbox.lastfm.answer

    def noting(request: Any, view: Any) -> Any:
        seen.append(request.headers["user-agent"])
        return answer(request, view)

    sandbox.lastfm.answer = noting  # type: ignore[method-assign]
    client.scrobbles(end=UNTIL)
    assert seen[0].startswith("Playledger")


@pytest.mark.parametrize("number", [8, 11, 16, 29])
@pytest.mark.parametrize("code", [200, 400, 500])
def test_errors_that_pass_are_asked_again_in_any_status(
    number: int, code: int, client: LastfmClient, sandbox: Sandbox
) -> None:
    sandbox.faults.add("lastfm_error", "lastfm", number=number, code=code, times=2)
    assert client.scrobbles(end=UNTIL).total > 0
    assert asked(sandbox) == client.sent == 3


@pytest.mark.parametrize(
    ("what", "options"),
    [
        ("status", {"code": 503}),
        ("status", {"code": 404, "body": b"<html>not here</html>"}),
        ("status", {"code": 200, "body": {}}),
        ("status", {"code": 200, "body": {"recenttracks": {"track": []}}}),
        ("not_json", {}),
        ("no_content", {}),
        ("cut", {"at": "before"}),
        ("cut", {"at": "middle"}),
    ],
)
def test_what_is_no_answer_is_asked_for_again(
    what: str, options: dict[str, Any], client: LastfmClient, sandbox: Sandbox
) -> None:
    sandbox.faults.add(what, "lastfm", times=2, **options)
    assert client.scrobbles(end=UNTIL).total > 0
    assert asked(sandbox) == 3


def test_it_is_not_asked_for_ever(client: LastfmClient, sandbox: Sandbox) -> None:
    sandbox.faults.add("lastfm_error", "lastfm", number=29, code=429, times=None)
    with pytest.raises(LastfmDown, match=r"^Last.fm answered error 29 \(.*, HTTP 429\)$"):
        client.scrobbles(end=UNTIL)
    assert asked(sandbox) == policy.MAX_ATTEMPTS


def test_waits_grow(
    client: LastfmClient, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policy, "FIRST_WAIT_S", 0.1)
    sandbox.faults.add("lastfm_error", "lastfm", number=8, times=3)
    client.scrobbles(end=UNTIL)
    waits = [b.time - a.time for a, b in pairwise(sandbox.requests)]
    assert waits[0] >= 0.1
    assert waits[2] >= 0.4


def test_nothing_is_asked_again_once_the_run_has_to_end(sandbox: Sandbox) -> None:
    client = Lastfm(Settings()).client("nico", "nico", lambda: 0.0)
    sandbox.faults.add("lastfm_error", "lastfm", number=8, times=None)
    with pytest.raises(LastfmDown):
        client.scrobbles(end=UNTIL)
    assert asked(sandbox) == 1


def unknown(sandbox: Sandbox) -> None:
    sandbox.app.listeners.pop("nico")


def suspended(sandbox: Sandbox) -> None:
    sandbox.lastfm.suspended = True


def hidden(sandbox: Sandbox) -> None:
    sandbox.lastfm.hidden.add("nico")


def another_key(sandbox: Sandbox) -> None:
    sandbox.lastfm.api_key = "another"


@pytest.mark.parametrize(
    ("happens", "number", "what_to_do"),
    [
        (unknown, 6, r"correct `user` under \[nico.lastfm\] in listeners.toml"),
        (another_key, 10, r"compare it with your key on https://www.last.fm/api/accounts"),
        (hidden, 17, r"'Hide recent listening information' on https://www.last.fm/settings/priv"),
        (suspended, 26, r"suspended the key in LASTFM_API_KEY: ask Last.fm why"),
    ],
)
def test_what_a_person_has_to_mend_is_asked_once_and_says_how(
    happens: Callable[[Sandbox], None],
    number: int,
    what_to_do: str,
    client: LastfmClient,
    sandbox: Sandbox,
) -> None:
    happens(sandbox)
    with pytest.raises(LastfmError, match=what_to_do) as told:
        client.scrobbles(end=UNTIL)
    assert not told.value.clears_itself
    assert f"(Last.fm's error {number})" in str(told.value)
    assert "\n" not in str(told.value)
    assert asked(sandbox) == 1


def test_other_errors_are_told_in_last_fms_words(client: LastfmClient, sandbox: Sandbox) -> None:
    sandbox.faults.add("lastfm_error", "lastfm", number=27, code=400, times=None)
    with pytest.raises(LastfmError, match="error 27"):
        client.scrobbles(end=UNTIL)
    assert asked(sandbox) == 1


def test_without_a_key_nothing_is_asked(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LASTFM_API_KEY")
    with pytest.raises(SettingsError, match="LASTFM_API_KEY is not set: make a key on https"):
        Lastfm(Settings()).client("nico", "nico", lambda: 100.0)
    assert asked(sandbox) == 0


def test_requests_are_a_second_apart_unless_another_is_set() -> None:
    assert Settings.of({}).lastfm_request_interval_s == 1
    assert Settings.of({"LASTFM_REQUEST_INTERVAL_S": "0"}).lastfm_request_interval_s == 0


def test_requests_are_spaced(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LASTFM_REQUEST_INTERVAL_S", "0.3")
    for name in ("nico", "mira"):  # also those of several listeners
        Lastfm(Settings()).client(name, name, lambda: 100.0).scrobbles(end=UNTIL)
    first, second = sandbox.requests
    assert second.time - first.time >= 0.3


@pytest.mark.parametrize("fails", ["", "cut", "another_key", "echo", "long_echo"])
def test_the_key_is_in_no_log_and_no_error(
    fails: str,
    client: LastfmClient,
    sandbox: Sandbox,
    caplog: pytest.LogCaptureFixture,
) -> None:
    key = client.app.api_key
    if fails == "cut":
        sandbox.faults.add("cut", "lastfm", times=None)
    if fails == "another_key":
        another_key(sandbox)
    if fails in {"echo", "long_echo"}:
        before = "x" * 180 if fails == "long_echo" else ""
        body = {"error": 4, "message": f"{before} no such key: {key}"}
        sandbox.faults.add("status", "lastfm", code=400, body=body)
    told = ""
    with caplog.at_level(logging.DEBUG):
        try:
            client.scrobbles(end=UNTIL)
        except LastfmError as problem:
            told = f"{problem!r} {problem.__cause__} {problem.__suppress_context__}"
    assert caplog.records
    assert key not in caplog.text
    assert key not in told
    assert key[:5] not in told
    assert key not in repr(client)
    assert key not in str(sandbox.requests)


def test_top_tracks_are_of_all_time_in_pages_as_long_as_last_fm_lets_them_be(
    client: LastfmClient, sandbox: Sandbox
) -> None:
    sandbox.lastfm.longest_top_page = 3
    first = client.top_tracks()
    tracks = msgspec.json.decode(first.body)["toptracks"]["track"]
    assert len(tracks) == 3
    assert first.pages == -(-first.total // 3) > 1
    assert not {"image", "url", "streamable"} & {*tracks[0], *tracks[0]["artist"]}
    assert client.top_tracks(page=2).body != first.body
    for part in ("method=user.getTopTracks", "user=nico", "period=overall", "limit=1000", "page=1"):
        assert part in sandbox.requests[0].path


def test_everyones_plays_are_asked_for_by_the_name_as_it_is(
    client: LastfmClient, sandbox: Sandbox
) -> None:
    sandbox.lastfm.world["Band & Co", "Söng?"] = World(1200, 34)
    told = client.track("Band & Co", "Söng?")
    assert told.body is not None
    assert not told.corrected
    assert set(msgspec.json.decode(told.body)) == set(policy.TOLD_OF_A_TRACK)
    assert "autocorrect=0" in sandbox.requests[0].path
    assert asked(sandbox) == client.sent == 1


def test_a_name_that_is_not_known_is_asked_once_more_as_another_spelling(
    client: LastfmClient, sandbox: Sandbox
) -> None:
    sandbox.lastfm.world["Band", "Song"] = World(1200, 34)
    sandbox.lastfm.corrections["Band", "Sogn"] = ("Band", "Song")
    told = client.track("Band", "Sogn")
    assert told.corrected
    assert told.body is not None
    assert msgspec.json.decode(told.body)["name"] == "Song"
    assert asked(sandbox) == 2
    assert client.track("Nobody", "Nothing").body is None
    assert asked(sandbox) == 4


@pytest.mark.parametrize("number", [8, 11, 16, 29])
def test_errors_of_the_other_methods_pass_likewise(
    number: int, client: LastfmClient, sandbox: Sandbox
) -> None:
    sandbox.lastfm.world["Band", "Song"] = World(1200, 34)
    for ask in (client.top_tracks, lambda: client.track("Band", "Song")):
        sandbox.faults.add("lastfm_error", "lastfm", number=number, code=500, times=2)
        ask()
    assert asked(sandbox) == 6


@pytest.mark.parametrize("body", [{}, {"track": []}, {"track": {"name": 5}}, {"toptracks": []}])
def test_what_is_not_what_was_asked_for_is_asked_for_again(
    body: Any, client: LastfmClient, sandbox: Sandbox
) -> None:
    sandbox.lastfm.world["Band", "Song"] = World(1200, 34)
    for ask in (client.top_tracks, lambda: client.track("Band", "Song")):
        sandbox.faults.add("status", "lastfm", code=200, body=body, times=1)
        ask()
    assert asked(sandbox) == 4


@pytest.mark.parametrize("ask", ["scrobbles", "top_tracks", "track"])
def test_with_a_wrong_clock_no_answer_is_given_out_and_nothing_is_repeated(
    ask: str, client: LastfmClient, sandbox: Sandbox
) -> None:
    headers = {"Date": format_datetime(datetime.now(UTC) - timedelta(hours=3), usegmt=True)}
    sandbox.faults.add("headers", "lastfm", times=None, headers=headers)
    questions: dict[str, Callable[[], object]] = {
        "scrobbles": lambda: client.scrobbles(end=UNTIL),
        "top_tracks": client.top_tracks,
        "track": lambda: client.track("Band", "One"),
    }
    with pytest.raises(WrongClock, match=r"clock is 3 h ahead of Last\.fm's, so noth"):
        questions[ask]()
    assert asked(sandbox) == 1
