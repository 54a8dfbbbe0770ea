"""Answers in a server, and what happens while it is away; with a real Valkey."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.errors import SettingsError
from pipelines.resources.cache.opening import open_store
from pipelines.resources.cache.redis_server import RedisStore
from pipelines.resources.cache.responses import TRACK
from pipelines.resources.cache.sqlite import SqliteStore
from pipelines.resources.cache.store import CacheUnavailable, Key
from pipelines.resources.cache.switching import AGAIN_S, SwitchingStore
from pipelines.resources.lake.lakes import Lake
from pipelines.resources.spotify.client import Spotify
from pipelines.settings import Settings
from sandbox import Sandbox
from sandbox.catalogue import catalogue
from testing.redis_servers import PASSWORD, Valkey, valkey
from tests.support.environment import Environment

A, B = Key("nico", "a" * 64), Key("nico", "b" * 64)
THEIRS = Key("nico2", "a" * 64)
TRACK_ID = next(iter(catalogue().tracks))


@pytest.fixture(params=["valkey", "dragonfly"])
def store(
    request: pytest.FixtureRequest, valkey_server: Valkey, dragonfly_url: str
) -> Iterator[RedisStore]:
    opened = RedisStore(valkey_server.url if request.param == "valkey" else dragonfly_url)
    yield opened
    opened.clear()


@pytest.fixture
def mortal(tmp_path: Path) -> Iterator[Valkey]:
    """A server that a test may kill."""
    with valkey(tmp_path) as server:
        yield server


def test_what_is_kept_is_found_by_its_owner_alone(store: RedisStore) -> None:
    assert store.get(A) is None
    store.put(A, b"one\x00\xff", 100)
    assert store.get(A) == b"one\x00\xff"
    assert store.get(THEIRS) is None
    assert store.usage().entries == 1


def test_an_owners_answers_are_removed_and_nobody_elses(store: RedisStore) -> None:
    for number in range(1_200):
        store.put(Key("nico", f"{number:064}"), b"x", 100)
    for key in (B, THEIRS):
        store.put(key, b"x", 100)
    assert store.count("nico") == 1_201
    assert store.drop("nico") == 1_201
    assert (store.count("nico"), store.get(THEIRS)) == (0, b"x")


def test_what_an_earlier_version_kept_for_an_owner_is_removed_too(
    valkey_server: Valkey,
) -> None:
    store = RedisStore(valkey_server.url)
    with valkey_server.client as client:
        for owner in ("nico", "nico2"):
            client.set(f"playledger:0:{owner}:{A.name}", b"x", ex=100)
        assert (store.count("nico"), store.drop("nico")) == (1, 1)
        assert client.keys("*") == [f"playledger:0:nico2:{A.name}".encode()]
    store.clear()


def test_an_answer_is_over_when_its_time_is(store: RedisStore, valkey_server: Valkey) -> None:
    store.put(A, b"x", 1e-9)
    with valkey_server.client as client:
        left = [client.pttl(key) for key in client.keys("*")]  # -2 where it is over by now
    assert all(ms == -2 or 0 <= ms <= 1000 for ms in left)


def test_a_server_that_is_away_is_a_reason_without_its_password(mortal: Valkey) -> None:
    store = RedisStore(mortal.url)
    store.put(A, b"x", 100)
    mortal.kill()
    with pytest.raises(CacheUnavailable, match=r"127\.0\.0\.1: ConnectionError") as told:
        store.get(A)
    assert PASSWORD not in str(told.value)
    wrong = RedisStore(mortal.url.replace(PASSWORD, "another"))
    mortal.start()
    with pytest.raises(CacheUnavailable, match="AuthenticationError"):
        wrong.get(A)
    store.put(A, b"y", 100)
    assert store.get(A) == b"y"


def test_a_file_stands_in_at_once_and_the_server_is_tried_again_after_a_minute(
    mortal: Valkey, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    now = [0.0]
    store = SwitchingStore(
        RedisStore(mortal.url),
        SqliteStore(tmp_path / "a.sqlite", 2**20),
        lambda: now[0],
    )
    store.put(A, b"there", 100)
    mortal.kill()
    with caplog.at_level(logging.WARNING):
        assert store.get(A) is None
        for _ in range(3):
            store.put(A, b"here", 100)
            assert store.get(A) == b"here"
            now[0] += AGAIN_S
    assert len(caplog.records) == 1
    assert store.usage().backend == "sqlite"
    assert "ConnectionError" in store.usage().problem
    mortal.start()
    assert store.get(A) == b"here", "it is not a minute yet"
    now[0] += AGAIN_S
    assert store.get(A) is None, "the server has begun anew"
    assert store.usage().problem == ""
    mortal.kill()
    with pytest.raises(CacheUnavailable):
        store.drop("nico")


def test_two_listeners_share_a_server_and_no_answer_and_no_token_is_in_it(
    sandbox: Sandbox, environment: Environment, mortal: Valkey
) -> None:
    environment.set(CACHE_URL=mortal.url)
    spotify = Spotify(Settings(), Lake.open(Settings()))
    secrets: list[str] = []
    for name in ("nico", "mira"):
        sandbox.faults.add("status", f"/v1/tracks/{TRACK_ID}", code=200, body={"for": name})
        client = spotify.client(name)
        client.look_up(TRACK, "track", lambda spotify: spotify.track(TRACK_ID))
        secrets += client.login.current().secrets
    for name in ("nico", "mira"):
        kept = Spotify(Settings(), Lake.open(Settings())).client(name)
        answer = kept.look_up(TRACK, "track", lambda spotify: spotify.track(TRACK_ID))
        assert answer.source == "cache"
        assert bytes(answer.response.body) == f'{{"for":"{name}"}}'.encode()
    dump = mortal.dump()
    assert b"playledger" in dump
    assert not any(secret.encode() in dump for secret in secrets)
    assert (
        not Settings().cache.file.exists()
        or SqliteStore(Settings().cache.file, 2**20).usage().entries == 0
    )


def test_a_run_goes_on_while_the_server_dies_and_comes_back(
    sandbox: Sandbox, environment: Environment, mortal: Valkey
) -> None:
    environment.set(CACHE_URL=mortal.url)
    client = Spotify(Settings(), Lake.open(Settings())).client("nico")
    tracks = list(catalogue().tracks)[:12]
    for number, key in enumerate(tracks):
        if number == 4:
            mortal.kill()
        if number == 8:
            mortal.start()
        client.look_up(TRACK, "track", lambda spotify, key=key: spotify.track(key))
    again = [
        client.look_up(TRACK, "track", lambda spotify, key=key: spotify.track(key)).source
        for key in tracks[4:]
    ]
    assert set(again) == {"cache"}


@pytest.mark.parametrize(
    "rest", ["h:port/0", "h:99999", "[::1", "h:6379/?unheard_of=4", "h/?ssl_cert_reqs=perhaps"]
)
def test_what_is_no_address_of_a_servers_is_a_setting_to_correct(
    rest: str, environment: Environment
) -> None:
    environment.set(CACHE_URL=f"rediss://:{PASSWORD}@{rest}")
    with pytest.raises(SettingsError, match=r"^CACHE_URL: .* such as redis://") as problem:
        open_store(Settings().cache)
    assert PASSWORD not in str(problem.value)


def test_a_host_that_cannot_exist_is_away_like_any_other(environment: Environment) -> None:
    environment.set(CACHE_URL=f"redis://{'long' * 20}:6379/0")
    assert open_store(Settings().cache).get(A) is None


def test_what_is_kept_of_somebody_is_counted_and_removed_in_both_places_or_not_at_all(
    mortal: Valkey, tmp_path: Path
) -> None:
    file, server = SqliteStore(tmp_path / "answers.sqlite", 2**20), RedisStore(mortal.url)
    both = SwitchingStore(server, file)
    for store in (file, server):
        for key in (A, THEIRS):
            store.put(key, b"x", 100)
    assert both.count("nico") == 2
    assert both.drop("nico") == 2
    assert (both.count("nico"), both.count("nico2")) == (0, 2)
    assert both.clear() == 2
    assert both.sweep(1) == 0
    file.put(A, b"x", -1)
    assert both.sweep(1) == 1, "of the file; the server does it by itself"
    file.put(A, b"x", 100)
    mortal.kill()
    for ask in (lambda: both.count("nico"), lambda: both.drop("nico"), both.clear):
        with pytest.raises(CacheUnavailable):
            ask()
