"""Catalogue questions: asked once, then answered from what is kept."""

import json
import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from click.testing import CliRunner

from pipelines.cli.main import main
from pipelines.errors import LockedOut, RefusedRequest, SpotifyDown, UnreadableAnswer
from pipelines.resources.cache import responses
from pipelines.resources.cache.opening import open_file
from pipelines.resources.cache.responses import SEARCH, TRACK, key_of
from pipelines.resources.lake.lakes import Lake
from pipelines.resources.spotify.client import ApiCall, Spotify, SpotifyClient
from pipelines.settings import Settings
from sandbox import Sandbox
from sandbox.catalogue import catalogue
from tests.support.environment import Environment

TRACK_ID = next(iter(catalogue().tracks))


def track(key: str = TRACK_ID) -> ApiCall:
    return lambda spotify: spotify.track(key)


def client_of(listener: str) -> SpotifyClient:
    return Spotify(Settings(), Lake.open(Settings())).client(listener)


def asked(sandbox: Sandbox) -> list[str]:
    return [one.path for one in sandbox.requests if one.path != "/api/token"]


def test_the_same_question_is_sent_once_and_the_answer_says_where_it_is_from(
    sandbox: Sandbox,
) -> None:
    first = client_of("nico").look_up(TRACK, "track", track())
    again = client_of("nico").look_up(TRACK, "track", track())
    assert (first.source, again.source) == ("spotify", "cache")
    assert first.response == again.response
    assert asked(sandbox) == [f"/v1/tracks/{TRACK_ID}"]


@pytest.mark.parametrize(("hours", "source"), [(11.98, "cache"), (12.02, "spotify")])
def test_an_answer_is_good_for_twelve_hours(hours: float, source: str, sandbox: Sandbox) -> None:
    client_of("nico").look_up(TRACK, "track", track())
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=hours)):
        sandbox.accounts.access_token("nico")
        assert client_of("nico").look_up(TRACK, "track", track()).source == source


def test_two_listeners_never_get_the_answer_of_the_other(sandbox: Sandbox) -> None:
    for name in ("nico", "mira"):
        sandbox.faults.add("status", f"/v1/tracks/{TRACK_ID}", code=200, body={"for": name})
        client_of(name).look_up(TRACK, "track", track())
    for name in ("nico", "mira"):
        kept = client_of(name).look_up(TRACK, "track", track())
        assert kept.source == "cache"
        assert bytes(kept.response.body) == f'{{"for":"{name}"}}'.encode()


@pytest.mark.parametrize(
    "fault",
    [
        {"what": "status", "code": 404},
        {"what": "status", "code": 500, "times": 3},
        {"what": "rate_limit", "retry_after": 900},
        {"what": "not_json"},
        {"what": "no_content"},
    ],
)
def test_what_is_no_answer_is_not_kept(fault: dict[str, Any], sandbox: Sandbox) -> None:
    sandbox.faults.add(where="/v1/tracks", **fault)
    with suppress(RefusedRequest, SpotifyDown, LockedOut, UnreadableAnswer):
        client_of("nico").look_up(TRACK, "track", track())
    Lake.open(Settings()).store.delete("state/lockouts/")
    assert client_of("nico").look_up(TRACK, "track", track()).source == "spotify"


def test_an_old_answer_is_given_out_while_spotify_cannot_be_asked(sandbox: Sandbox) -> None:
    client_of("nico").look_up(TRACK, "track", track())
    for hours, known in ((20, True), (29 * 24, True), (31 * 24, False)):
        with time_machine.travel(datetime.now(UTC) + timedelta(hours=hours)):
            sandbox.faults.add("status", "/v1/tracks", code=503, times=3)
            if known:
                answer = client_of("nico").look_up(TRACK, "track", track())
                assert answer.source == "stale"
                assert answer.age >= timedelta(hours=hours)
            else:
                with pytest.raises(SpotifyDown):
                    client_of("nico").look_up(TRACK, "track", track())
            sandbox.faults.clear()


def test_what_a_clock_kept_that_was_far_ahead_is_not_given_out(sandbox: Sandbox) -> None:
    for days in (31, 365):
        with time_machine.travel(datetime.now(UTC) + timedelta(days=days)):
            client_of("nico").look_up(TRACK, "track", track())
        assert client_of("nico").look_up(TRACK, "track", track()).source == "spotify"


def test_nothing_of_a_token_is_in_the_file(sandbox: Sandbox) -> None:
    client = client_of("nico")
    client.look_up(TRACK, "track", track())
    token = client.login.current()
    file = Settings().cache.file
    kept = b"".join(one.read_bytes() for one in file.parent.glob(f"{file.name}*") if one.is_file())
    assert kept
    assert not any(secret.encode() in kept for secret in token.secrets)
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_search_that_found_nothing_is_repeated_after_an_hour(sandbox: Sandbox) -> None:
    def look_up() -> str:
        call = lambda spotify: spotify.search("nothing", limit=5, type="track")  # noqa: E731
        return client_of("nico").look_up(SEARCH, "search", call).source

    for body, hours in (({"tracks": {"items": []}}, 1), ({"tracks": {"items": [{"id": "a"}]}}, 12)):
        sandbox.faults.add("status", "/v1/search", code=200, body=body, times=None)
        assert look_up() == "spotify"
        for later, source in ((hours - 0.1, "cache"), (hours + 0.1, "spotify")):
            with time_machine.travel(datetime.now(UTC) + timedelta(hours=later)):
                assert look_up() == source
        sandbox.faults.clear()
        Settings().cache.file.unlink()


def test_of_threads_that_ask_the_same_one_asks_spotify(sandbox: Sandbox) -> None:
    clients = [client_of("nico") for _ in range(6)]
    sources: list[str] = []
    threads = [
        threading.Thread(
            target=lambda one=one: sources.append(one.look_up(TRACK, "track", track()).source)
        )
        for one in clients
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(sources) == ["cache"] * 5 + ["spotify"]
    assert len(asked(sandbox)) == 1


def test_who_asked_just_before_it_was_somebodys_turn_is_not_asked_for_again(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    flight = responses.ResponseCache._flight

    def late(self: responses.ResponseCache, key: object) -> object:
        monkeypatch.setattr(responses.ResponseCache, "_flight", flight)
        assert client_of("nico").look_up(TRACK, "track", track()).source == "spotify"
        return flight(self, key)  # type: ignore[arg-type]

    monkeypatch.setattr(responses.ResponseCache, "_flight", late)
    assert client_of("nico").look_up(TRACK, "track", track()).source == "cache"
    assert len(asked(sandbox)) == 1


def test_of_a_thousand_repeated_questions_more_than_99_percent_are_saved(
    sandbox: Sandbox,
) -> None:
    client = client_of("nico")
    keys = list(catalogue().tracks)[:8]
    for number in range(1_000):
        client.look_up(TRACK, "track", track(keys[number % 8]))
    assert client.cache is not None
    assert client.cache.counts.times == {"hit": 992, "miss": 8}
    assert len(asked(sandbox)) == 8
    client.cache.counts.write_down()
    told = CliRunner().invoke(main, ["cache", "stats", "--json"])
    document = json.loads(told.output)
    assert document["backend"] == "sqlite"
    assert document["entries"] == 8
    [day] = document["days"]
    assert (day["listener"], day["hit"], day["miss"], day["saved"]) == ("nico", 992, 8, 992)
    assert "992 of 1,000 requests saved" in CliRunner().invoke(main, ["status"]).output
    assert "8 answers were removed" in CliRunner().invoke(main, ["cache", "clear", "nico"]).output
    assert "0 answers" in CliRunner().invoke(main, ["cache", "stats"]).output


def test_a_kept_answer_that_is_damaged_is_asked_for_again(sandbox: Sandbox) -> None:
    client_of("nico").look_up(TRACK, "track", track())
    store, client = open_file(Settings().cache), client_of("nico")
    store.put(key_of("nico", client.login.account, TRACK, track()), b"no answer", 100)
    assert client.look_up(TRACK, "track", track()).source == "spotify"
    assert client_of("nico").look_up(TRACK, "track", track()).source == "cache"


def test_questions_of_a_long_run_are_written_down_meanwhile(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(responses, "WRITE_DOWN_S", -1)
    client_of("nico").look_up(TRACK, "track", track())
    sandbox.faults.add("status", "/v1/tracks", code=404, times=1)
    with suppress(RefusedRequest):
        client_of("nico").look_up(TRACK, "track", track("0" * 22))
    [(_, listener, outcome, times)] = open_file(Settings().cache).tallied()
    assert (listener, outcome, times) == ("nico", "miss", 2), "a refusal was sent for, too"


@pytest.mark.parametrize("down", ["/v1/tracks", "/api/token"])
def test_old_answers_are_given_for_as_long_as_spotify_is_down(down: str, sandbox: Sandbox) -> None:
    keys = list(catalogue().tracks)[:8]
    client = client_of("nico")
    for key in keys:
        client.look_up(TRACK, "track", track(key))
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=13)):
        sandbox.faults.add("status", down, code=503, times=None)
        later = client_of("nico")
        answers = [later.look_up(TRACK, "track", track(key)) for key in keys]
    assert {one.source for one in answers} == {"stale"}


def test_a_stale_answer_says_what_it_stands_for(sandbox: Sandbox) -> None:
    fresh = client_of("nico").look_up(TRACK, "track", track())
    assert fresh.instead_of is None
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=20)):
        sandbox.faults.add("rate_limit", "/v1/tracks", retry_after=7_200)
        answer = client_of("nico").look_up(TRACK, "track", track())
    assert answer.source == "stale"
    assert isinstance(answer.instead_of, LockedOut)


def test_of_a_place_that_cannot_be_read_it_is_told_why(
    sandbox: Sandbox, environment: Environment, tmp_path: Path
) -> None:
    environment.set(CACHE_FILE=str(tmp_path))
    cache = Spotify(Settings(), Lake.open(Settings())).cache
    assert cache
    used = cache.usage()
    assert (used.backend, used.entries, used.bytes) == ("sqlite", None, None)
    assert str(tmp_path) in used.problem
