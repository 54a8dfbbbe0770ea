"""A 429: waited for once where it is short, and otherwise obeyed by everybody until it is over."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from threading import Thread
from typing import Any

import dagster as dg
import msgspec
import pytest
import time_machine

from pipelines.resources import spotify
from pipelines.resources.lake import CorruptFile, Lake
from pipelines.resources.lockouts import LockedOut, Lockout, Lockouts
from pipelines.resources.login import LoginMissing
from pipelines.resources.spotify import SpotifyClient
from pipelines.schedules import daily_schedule, poll_schedule
from pipelines.settings import Listener
from sandbox import Sandbox
from tests.spotify.asking import Collector, asked, gets, logged_in

NewClient = Callable[[str], SpotifyClient]
NICO = Listener("nico", ())
LONG = {"what": "rate_limit", "retry_after": 72_000}
QUOTA = {"what": "rate_limit", "retry_after": 72_000, "quota": True}
QUOTA_ALONE = {"what": "rate_limit", "retry_after": None, "quota": True}


def me(client: SpotifyClient) -> object:
    return client.ask("profile", lambda api: api.current_user())


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dg.DagsterInstance]:
    folder = str(tmp_path_factory.mktemp("dagster"))
    quiet = {"telemetry": {"enabled": False}}
    with dg.DagsterInstance.local_temp(folder, overrides=quiet) as opened:
        yield opened


@pytest.fixture
def instance(home: dg.DagsterInstance) -> dg.DagsterInstance:
    """An instance on disk, as the daemon has it, without any run."""
    home.wipe()
    return home


@pytest.fixture
def lockouts(lake: Lake, sandbox: Sandbox) -> Lockouts:
    return Lockouts(lake, sandbox.client_id)


def tick(
    schedule: Callable[..., dg.ScheduleDefinition], instance: dg.DagsterInstance
) -> dg.RunRequest | dg.SkipReason:
    with dg.build_schedule_context(
        instance=instance, scheduled_execution_time=datetime.now(UTC)
    ) as context:
        answer = schedule(NICO, "a_job")(context)
    assert isinstance(answer, dg.RunRequest | dg.SkipReason)
    return answer


def test_a_short_wait_is_waited_for_once(client: SpotifyClient, sandbox: Sandbox) -> None:
    logged_in(client, sandbox)
    sandbox.faults.add("rate_limit", "me", retry_after=1)
    me(client)
    refused, answered = sandbox.requests
    assert 1 <= answered.time - refused.time < 3
    assert client.throttle.waited_s >= 0.9


def test_a_429_that_does_not_say_how_long_is_waited_for_too(
    client: SpotifyClient, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spotify, "UNTOLD_RETRY_AFTER_S", 0.2)
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
        time.sleep(0.1)
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
    assert lockouts.active()


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
    assert time.monotonic() - began < 5
    assert len(asked(sandbox)) == 1, "no other asset asks"

    (entry,) = lake.store.list(f"state/lockouts/{sandbox.client_id}/")
    stored = lake.store.get(entry.key)
    assert stored
    lockout = msgspec.json.decode(stored.body, type=Lockout)
    told = timedelta(hours=hours)
    assert told <= lockout.retry_at - lockout.locked_at < told + timedelta(seconds=5)
    assert lockout.reason == reason
    assert outcome.line.startswith(
        f"Spotify wants no requests until {lockout.retry_at:%Y-%m-%d %H:%M:%S} UTC ({reason} at "
    )


def test_during_a_lockout_nobody_sends_anything(
    sandbox: Sandbox, collect_for: Collector, lockouts: Lockouts
) -> None:
    collect_for("profile")
    sandbox.requests.clear()
    lockouts.lock("playlists", datetime.now(UTC) + timedelta(hours=1), "429")
    for listener in ("nico", "mira"):  # mira would first have to refresh her token
        assert "wants no requests until" in collect_for(listener=listener).line
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
        time.sleep(0.1)
    for thread in threads:
        thread.join()
    assert asked(sandbox) == ["GET me"], "the second one's token refresh did not go out"
    assert len(raised) == 2


def test_after_retry_at_everything_goes_on_by_itself(
    sandbox: Sandbox, collect_for: Collector, lockouts: Lockouts, instance: dg.DagsterInstance
) -> None:
    sandbox.faults.add(where="me", **QUOTA_ALONE)
    assert not collect_for().success
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=1, seconds=2), tick=True):
        assert lockouts.active() is None
        assert isinstance(tick(poll_schedule, instance), dg.RunRequest)
        assert isinstance(tick(daily_schedule, instance), dg.RunRequest)
        assert collect_for().success


@pytest.mark.parametrize("schedule", [poll_schedule, daily_schedule])
def test_schedules_skip_with_the_time(
    schedule: Callable[..., dg.ScheduleDefinition],
    lockouts: Lockouts,
    instance: dg.DagsterInstance,
) -> None:
    lockouts.lock("profile", datetime(2100, 1, 2, 3, 4, 5, tzinfo=UTC), "QUOTA_EXCEEDED")
    skipped = tick(schedule, instance)
    assert isinstance(skipped, dg.SkipReason)
    assert "Spotify wants no requests until 2100-01-02 03:04:05 UTC" in str(skipped.skip_message)


def test_without_a_lockout_schedules_start_today(
    environment: object, instance: dg.DagsterInstance
) -> None:
    for schedule in (poll_schedule, daily_schedule):
        request = tick(schedule, instance)
        assert isinstance(request, dg.RunRequest)
        assert request.partition_key == f"{datetime.now(UTC):%Y-%m-%d}"


def test_a_poll_without_a_login_is_skipped_and_a_daily_run_fails_for_someone_to_see(
    environment: object, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SPOTIFY_REFRESH_TOKEN_NICO")
    skipped = tick(poll_schedule, instance)
    assert isinstance(skipped, dg.SkipReason)
    assert skipped.skip_message == str(LoginMissing("nico"))
    assert isinstance(tick(daily_schedule, instance), dg.RunRequest)


def test_a_days_run_that_failed_three_times_waits_for_a_person(
    environment: object, instance: dg.DagsterInstance
) -> None:
    for _ in range(3):
        _run(instance, dg.DagsterRunStatus.FAILURE)
    skipped = tick(daily_schedule, instance)
    assert isinstance(skipped, dg.SkipReason)
    assert "has failed 3 times" in str(skipped.skip_message)


@pytest.mark.parametrize(
    ("status", "told"),
    [(dg.DagsterRunStatus.SUCCESS, "is done"), (dg.DagsterRunStatus.STARTED, "is under way")],
)
def test_a_date_that_is_done_or_under_way_is_not_started_again(
    status: dg.DagsterRunStatus, told: str, environment: object, instance: dg.DagsterInstance
) -> None:
    _run(instance, status)
    skipped = tick(daily_schedule, instance)
    assert isinstance(skipped, dg.SkipReason)
    assert skipped.skip_message == f"{datetime.now(UTC):%Y-%m-%d} {told}"


def test_a_run_that_was_lost_hours_ago_does_not_stop_the_next(
    environment: object, instance: dg.DagsterInstance
) -> None:
    _run(instance, dg.DagsterRunStatus.STARTED)
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=2, minutes=1), tick=True):
        context = dg.build_schedule_context(
            instance=instance,
            scheduled_execution_time=datetime.now(UTC) - timedelta(hours=2, minutes=1),
        )
        assert isinstance(daily_schedule(NICO, "a_job")(context), dg.RunRequest)


def _run(instance: dg.DagsterInstance, status: dg.DagsterRunStatus) -> None:
    instance.add_run(
        dg.DagsterRun(
            job_name="a_job",
            status=status,
            tags={"dagster/partition": f"{datetime.now(UTC):%Y-%m-%d}"},
        )
    )


def test_retry_after_may_be_a_date(
    client: SpotifyClient, sandbox: Sandbox, lockouts: Lockouts
) -> None:
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=3)
    headers = {"Retry-After": format_datetime(until, usegmt=True)}
    sandbox.faults.add("status", "me", code=429, headers=headers)
    with pytest.raises(LockedOut):
        me(client)
    lockout = lockouts.active()
    assert lockout
    assert until <= lockout.retry_at <= until + timedelta(seconds=2)


@pytest.mark.parametrize("told", ["soon", "-5", "", "NaN", "1e9", "Fri, 99 Foo 2026 00:00:00 GMT"])
def test_a_retry_after_that_says_nothing_is_taken_for_none(
    told: str, client: SpotifyClient, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spotify, "UNTOLD_RETRY_AFTER_S", 0.01)
    sandbox.faults.add("status", "me", code=429, headers={"Retry-After": told})
    me(client)
    assert len(gets(sandbox)) == 2


def test_a_429_of_the_accounts_service_locks_too(
    sandbox: Sandbox, collect_for: Collector, lockouts: Lockouts
) -> None:
    sandbox.faults.add("rate_limit", "token", retry_after=72_000)
    assert "(429 at token)" in collect_for().line
    assert asked(sandbox) == ["POST /api/token"]
    assert lockouts.active()


def test_another_app_is_not_locked_out(client: SpotifyClient, sandbox: Sandbox, lake: Lake) -> None:
    until = datetime.now(UTC) + timedelta(hours=1)
    Lockouts(lake, "another-app").lock("profile", until, "429")
    me(client)


def test_a_shorter_lockout_does_not_replace_a_longer_one(lockouts: Lockouts) -> None:
    now = datetime.now(UTC)
    lockouts.lock("profile", now + timedelta(hours=20), "429")
    lockouts.lock("profile", now + timedelta(hours=1), "QUOTA_EXCEEDED")
    lockouts.lock("playlists", now + timedelta(hours=2), "429")
    active = lockouts.active()
    assert active
    assert active.retry_at == now + timedelta(hours=20)


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
    instance: dg.DagsterInstance,
) -> None:
    lake.store.put(f"state/lockouts/{sandbox.client_id}/profile.json", body)
    assert "profile.json is not a lockout" in collect_for().line
    assert asked(sandbox) == []
    skipped = tick(poll_schedule, instance)
    assert isinstance(skipped, dg.SkipReason)
    assert "is not a lockout" in str(skipped.skip_message)
    assert isinstance(tick(daily_schedule, instance), dg.RunRequest), "it fails, for all to see"


def test_a_corrupt_lockout_names_its_file_and_says_what_to_do(
    lockouts: Lockouts, lake: Lake, sandbox: Sandbox
) -> None:
    key = f"state/lockouts/{sandbox.client_id}/profile.json"
    lake.store.put(key, b"{")
    with pytest.raises(CorruptFile, match="delete it when no lockout is in force") as error:
        lockouts.active()
    assert lake.store.url(key) in str(error.value)
