"""A 429: waited for once where it is short, and otherwise obeyed by everybody until it is over."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from threading import Thread
from typing import Any

import dagster as dg
import msgspec
import pytest
import time_machine

from pipelines.automation.schedules import daily_schedule, poll_schedule
from pipelines.errors import CorruptFile, LockedOut, StoreUnavailable
from pipelines.resources.lake.lakes import Lake
from pipelines.resources.spotify import client as spotify_client
from pipelines.resources.spotify.client import SpotifyClient
from pipelines.resources.spotify.lockouts import Lockout, Lockouts
from pipelines.settings import Settings
from sandbox import Sandbox
from tests.support.asking import Collector, asked, gets, logged_in
from tests.support.dagster_processes import until
from tests.support.ticks import tick

NewClient = Callable[[str], SpotifyClient]
LONG: dict[str, Any] = {"what": "rate_limit", "retry_after": 72_000}
QUOTA: dict[str, Any] = {"what": "rate_limit", "retry_after": 72_000, "quota": True}
QUOTA_ALONE: dict[str, Any] = {"what": "rate_limit", "retry_after": None, "quota": True}


def me(client: SpotifyClient) -> object:
    return client.get("profile", lambda api: api.current_user())


@pytest.fixture
def lake_that_takes_no_lockout(lake: Lake) -> None:
    """Everything else can be written: it breaks between the question and the answer."""
    lake.store.put("state/lockouts", b"a file where a folder is needed")


def test_a_short_wait_is_waited_for_once(client: SpotifyClient, sandbox: Sandbox) -> None:
    logged_in(client, sandbox)
    sandbox.faults.add("rate_limit", "me", retry_after=1)
    now = time.time()
    client.throttle.clock = lambda: now  # the wait is as long, however late it begins
    me(client)
    refused, answered = sandbox.requests
    assert answered.time - refused.time >= 1
    assert client.throttle.total_wait_s >= 0.9


def test_a_429_that_does_not_say_how_long_is_waited_for_too(
    client: SpotifyClient, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spotify_client, "DEFAULT_RETRY_AFTER_S", 0.2)
    logged_in(client, sandbox)
    sandbox.faults.add("rate_limit", "me", retry_after=None)
    me(client)
    assert asked(sandbox) == ["GET me"] * 2


def test_nobody_else_sends_while_one_waits(new_client: NewClient, sandbox: Sandbox) -> None:
    first, second = (logged_in(new_client(name), sandbox) for name in ("nico", "mira"))
    sandbox.faults.add("hang", "me", seconds=0.3, user="nico")
    sandbox.faults.add("rate_limit", "me", retry_after=1, user="nico")
    # The second is already waiting for its turn when the first is refused.
    threads = [Thread(target=me, args=(one,)) for one in (first, second)]
    for thread in threads:
        thread.start()
        until(lambda: sandbox.requests, "the first one, who has the turn", every=0.01)
    for thread in threads:
        thread.join()
    refused, *later = sandbox.requests
    assert refused.status == 429
    assert len(later) == 2
    assert all(one.time - refused.time >= 1 for one in later)


def test_a_second_429_is_a_failure(
    client: SpotifyClient, sandbox: Sandbox, lockouts: Lockouts
) -> None:
    logged_in(client, sandbox)
    sandbox.faults.add("rate_limit", "me", retry_after=1, times=None)
    with pytest.raises(LockedOut, match="429 again at profile"):
        me(client)
    assert asked(sandbox) == ["GET me"] * 2
    assert lockouts.in_force()


@pytest.mark.parametrize(
    ("fault", "hours", "reason"),
    [(LONG, 20, "429"), (QUOTA, 20, "QUOTA_EXCEEDED"), (QUOTA_ALONE, 1, "QUOTA_EXCEEDED")],
    ids=["long", "quota", "quota_alone"],
)
def test_a_long_wait_is_written_down_and_nothing_more_is_sent(  # noqa: PLR0917 fixtures
    fault: dict[str, Any],
    hours: int,
    reason: str,
    sandbox: Sandbox,
    collect_for: Collector,
    lake: Lake,
) -> None:
    collect_for("profile")
    collect_for("profile", listener="mira")
    sandbox.requests.clear()
    sandbox.faults.add(where="/v1", times=None, **fault)
    began = time.monotonic()
    outcome = collect_for()
    assert time.monotonic() - began < 60
    assert len(asked(sandbox)) == 1, "no other asset asks"

    (entry,) = lake.store.list(f"state/lockouts/{sandbox.client_id}/")
    stored = lake.store.get(entry.key)
    assert stored
    lockout = msgspec.json.decode(stored.body, type=Lockout)
    told = timedelta(hours=hours)
    assert told <= lockout.retry_at - lockout.locked_at < told + timedelta(seconds=5)
    assert lockout.reason == reason
    assert outcome.line.startswith(
        f"Spotify refuses requests until {lockout.retry_at:%Y-%m-%d %H:%M:%S} UTC ({reason} at "
    )


def test_during_a_lockout_nobody_sends_anything(
    sandbox: Sandbox, collect_for: Collector, lockouts: Lockouts
) -> None:
    collect_for("profile")
    sandbox.requests.clear()
    lockouts.lock("playlists", datetime.now(UTC) + timedelta(hours=1), "429")
    for listener in ("nico", "mira"):  # mira would first have to refresh her token
        assert "refuses requests until" in collect_for(listener=listener).line
    assert asked(sandbox) == []


def test_a_lockout_stops_the_refresh_of_a_stale_token(
    sandbox: Sandbox, collect_for: Collector, lockouts: Lockouts
) -> None:
    collect_for("profile")
    sandbox.requests.clear()
    lockouts.lock("playlists", datetime.now(UTC) + timedelta(hours=20), "429")
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=55), tick=True):
        assert not collect_for().success
    assert asked(sandbox) == []


def test_a_lockout_costs_nobody_a_turn(client: SpotifyClient, lockouts: Lockouts) -> None:
    lockouts.lock("playlists", datetime.now(UTC) + timedelta(hours=1), "429")
    with pytest.raises(LockedOut):
        me(client)
    assert not client.throttle.path.exists()


def test_a_lockout_that_comes_while_one_waits_for_its_turn_is_heeded(
    new_client: NewClient, sandbox: Sandbox
) -> None:
    first, second = logged_in(new_client("nico"), sandbox), new_client("mira")
    sandbox.faults.add("hang", "me", seconds=0.3)
    sandbox.faults.add(where="me", **LONG)
    raised: list[str] = []

    def ask(client: SpotifyClient) -> None:
        try:
            me(client)
        except LockedOut as lockout:
            raised.append(str(lockout))

    threads = [Thread(target=ask, args=(one,)) for one in (first, second)]
    for thread in threads:
        thread.start()
        until(lambda: sandbox.requests, "the first one, who has the turn", every=0.01)
    for thread in threads:
        thread.join()
    assert asked(sandbox) == ["GET me"], "the second one's token refresh did not go out"
    assert len(raised) == 2


def test_after_retry_at_everything_goes_on_by_itself(
    sandbox: Sandbox, collect_for: Collector, lockouts: Lockouts, daemon: dg.DagsterInstance
) -> None:
    sandbox.faults.add(where="me", **QUOTA_ALONE)
    assert not collect_for().success
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=1, seconds=2), tick=True):
        assert lockouts.in_force() == []
        assert isinstance(tick(poll_schedule, daemon), dg.RunRequest)
        assert isinstance(tick(daily_schedule, daemon), dg.RunRequest)
        assert collect_for().success


def test_retry_after_may_be_a_date(
    client: SpotifyClient, sandbox: Sandbox, lockouts: Lockouts
) -> None:
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=3)
    headers = {"Retry-After": format_datetime(until, usegmt=True)}
    sandbox.faults.add("status", "me", code=429, headers=headers)
    began = datetime.now(UTC)
    with pytest.raises(LockedOut):
        me(client)
    lasted = datetime.now(UTC) - began
    [lockout] = lockouts.in_force()
    assert until <= lockout.retry_at <= until + timedelta(seconds=2) + lasted


@pytest.mark.parametrize("told", ["soon", "-5", "", "NaN", "1e9", "Fri, 99 Foo 2026 00:00:00 GMT"])
def test_a_retry_after_that_says_nothing_is_taken_for_none(
    told: str, client: SpotifyClient, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spotify_client, "DEFAULT_RETRY_AFTER_S", 0.01)
    sandbox.faults.add("status", "me", code=429, headers={"Retry-After": told})
    me(client)
    assert len(gets(sandbox)) == 2


def test_a_429_of_the_accounts_service_locks_too(
    sandbox: Sandbox, collect_for: Collector, lockouts: Lockouts
) -> None:
    sandbox.faults.add("rate_limit", "token", retry_after=72_000)
    assert "(429 at token)" in collect_for().line
    assert asked(sandbox) == ["POST /api/token"]
    assert lockouts.in_force()


def test_another_app_is_not_locked_out(client: SpotifyClient, sandbox: Sandbox, lake: Lake) -> None:
    until = datetime.now(UTC) + timedelta(hours=1)
    Lockouts(lake, "another-app", Settings().tokens_dir).lock("profile", until, "429")
    me(client)


@pytest.mark.usefixtures("lake_that_takes_no_lockout")
def test_a_lockout_holds_on_this_machine_where_the_lake_cannot_be_written(
    sandbox: Sandbox, collect_for: Collector, lake: Lake, daemon: dg.DagsterInstance
) -> None:
    sandbox.faults.add(where="me", **LONG)
    line = collect_for("profile").line
    assert line.startswith("Spotify refuses requests until ")
    assert "; but this could not be recorded: cannot write " in line
    sandbox.requests.clear()
    for listener in ("nico", "mira"):
        again = collect_for(listener=listener).line
        assert again == line.partition("; but")[0]
    assert asked(sandbox) == []
    for schedule in (poll_schedule, daily_schedule):
        skipped = tick(schedule, daemon)
        assert isinstance(skipped, dg.SkipReason)
        assert "refuses requests until" in str(skipped.skip_message)


def test_a_lake_that_cannot_be_listed_lets_nothing_out(
    client: SpotifyClient, sandbox: Sandbox, lake: Lake
) -> None:
    client.lockouts.lock("profile", datetime.now(UTC) + timedelta(hours=20), "429")
    root = Path(lake.store.url(""))
    (root / "state").rename(root / "elsewhere")
    (root / "state").symlink_to("state")
    with pytest.raises(StoreUnavailable):
        me(client)
    assert asked(sandbox) == []


def test_a_lockout_that_can_be_written_down_nowhere_says_so(
    lake: Lake, sandbox: Sandbox, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    root = Path(lake.store.url(""))
    root.mkdir(exist_ok=True)
    (root / "state").touch()
    lockouts = Lockouts(lake, sandbox.client_id, tmp_path / "file")
    told = str(lockouts.lock("profile", datetime.now(UTC) + timedelta(hours=20), "429"))
    assert "; but this could not be recorded: cannot " in told
    assert "; TOKENS_DIR: cannot " in told


def test_the_longest_lockout_counts_wherever_it_is_kept(
    client: SpotifyClient, lockouts: Lockouts, lake: Lake
) -> None:
    now = datetime.now(UTC)
    root = Path(lake.store.url(""))
    root.mkdir(exist_ok=True)
    (root / "state").touch()
    client.lockouts.lock("profile", now + timedelta(hours=2), "429")  # on this machine alone
    (root / "state").unlink()
    for hours, longest in ((1, 2), (3, 3)):
        lockouts.lock("playlists", now + timedelta(hours=hours), "from another machine")
        active = client.lockouts.in_force()
        assert active[0].retry_at == now + timedelta(hours=longest)


@pytest.mark.parametrize("name", ["recently_played", "playlists", "profile"])
def test_nothing_is_asked_whose_answer_could_not_be_kept(
    name: str, sandbox: Sandbox, collect_for: Collector, lake: Lake
) -> None:
    collect_for("profile")
    sandbox.requests.clear()
    lake.store.delete("state/last_asked.json")
    state = Path(lake.store.url("state"))
    state.rmdir()
    state.touch()
    assert "a file is in the place of a folder" in collect_for(name, force=True).line
    assert asked(sandbox) == []


def test_only_who_asks_writes_that_somebody_asked(collect_for: Collector, lake: Lake) -> None:
    def asks() -> bool:
        return lake.store.delete("state/last_asked.json") > 0

    collect_for()
    assert asks()
    collect_for("profile", "top_items", "playlists")
    assert not asks(), "all is there"
    collect_for(tags={"dagster/backfill": "abc"})
    assert not asks()
    Lockouts(lake, Settings().app.client_id, Settings().tokens_dir).lock(
        "me", datetime(2100, 1, 1, tzinfo=UTC), "429"
    )
    collect_for()
    assert not asks()


def test_a_shorter_lockout_does_not_replace_a_longer_one(lockouts: Lockouts) -> None:
    now = datetime.now(UTC)
    lockouts.lock("profile", now + timedelta(hours=20), "429")
    lockouts.lock("profile", now + timedelta(hours=1), "QUOTA_EXCEEDED")
    lockouts.lock("playlists", now + timedelta(hours=2), "429")
    active = lockouts.in_force()
    assert active[0].retry_at == now + timedelta(hours=20)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'{"group": "a", "retry_at": 5, "reason": "429", "locked_at": 1}',
        b'{"group":"a","retry_at":"2099-01-01T00:00:00","reason":"","locked_at":"2026-01-01T00:00Z"}',
    ],
)
def test_a_lockout_that_cannot_be_read_is_an_error_and_not_taken_for_none(
    body: bytes,
    sandbox: Sandbox,
    collect_for: Collector,
    lake: Lake,
    daemon: dg.DagsterInstance,
) -> None:
    lake.store.put(f"state/lockouts/{sandbox.client_id}/profile.json", body)
    assert "profile.json is not a lockout" in collect_for().line
    assert asked(sandbox) == []
    skipped = tick(poll_schedule, daemon)
    assert isinstance(skipped, dg.SkipReason)
    assert "is not a lockout" in str(skipped.skip_message)
    assert isinstance(tick(daily_schedule, daemon), dg.RunRequest), "it fails, for all to see"


def test_a_corrupt_lockout_names_its_file_and_says_what_to_do(
    lockouts: Lockouts, lake: Lake, sandbox: Sandbox
) -> None:
    key = f"state/lockouts/{sandbox.client_id}/profile.json"
    lake.store.put(key, b"{")
    with pytest.raises(CorruptFile, match="delete it when no lockout is in force") as error:
        lockouts.in_force()
    assert lake.store.url(key) in str(error.value)


def test_apps_of_one_developer_share_lockouts_and_turns_and_others_do_not(
    new_client: Callable[[str], SpotifyClient],
    lockouts: Lockouts,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def as_app(client_id: str, developer: str) -> SpotifyClient:
        monkeypatch.setenv("SPOTIFY_CLIENT_ID", client_id)
        monkeypatch.setenv("SPOTIFY_DEVELOPER", developer)
        return new_client("nico")

    first, second, stranger = as_app("app1", "me"), as_app("app2", "me"), as_app("app3", "")
    first.lockouts.lock("profile", datetime.now(UTC) + timedelta(hours=1), "QUOTA_EXCEEDED")
    with pytest.raises(LockedOut):
        second.lockouts.check()
    stranger.lockouts.check()
    assert first.throttle.path == second.throttle.path != stranger.throttle.path
