"""A lockout of 20 hours, a login that ends, a month without the machine: it goes on by itself."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest
import time_machine

from pipelines.automation.schedules import daily_schedule, poll_schedule
from sandbox import Sandbox, truth
from testing.pipeline import Pipeline, failures
from tests.support.environment import Environment
from tests.support.ticks import tick

pytestmark = pytest.mark.rare

NOON = datetime(2026, 5, 20, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CATCH_UP = 5
"""How many missed ticks of a schedule the daemon makes up for, at most."""

Live = Callable[..., list[str] | None]


@pytest.fixture
def live(pipeline: Pipeline, sandbox: Sandbox) -> Live:
    """A tick of the polls' schedule at a moment, and the run that it starts, if it starts one."""

    def at(moment: datetime, listener: str = "nico") -> list[str] | None:
        sandbox.clock.fix(moment)
        job = f"poll_{listener}"
        with time_machine.travel(moment, tick=True):
            wanted = tick(poll_schedule, pipeline.instance, job, listener=listener)
            if isinstance(wanted, dg.SkipReason):
                return None
            assert wanted.partition_key == f"{moment:%F}"
            return failures(pipeline.run(job, wanted.partition_key))

    return at


def lived(since: datetime, until: datetime) -> list[tuple[datetime, str]]:
    plays = truth("nico", since, until)
    return [(play.played_at, play.track.id) for play in plays if not play.skipped]


def heard(pipeline: Pipeline) -> list[tuple[datetime, str]]:
    return sorted((play["played_at"], play["track_id"]) for play in pipeline.plays())


def test_a_lockout_of_twenty_hours_is_met_by_every_tick_with_silence(
    live: Live, pipeline: Pipeline, sandbox: Sandbox
) -> None:
    assert live(NOON) == []
    sandbox.faults.add("rate_limit", "recently-played", retry_after=20 * 3600, quota=True)
    [told] = live(NOON + HOUR) or []
    assert "2026-05-21 09:00" in told

    sandbox.requests.clear()
    quarters = [NOON + HOUR + timedelta(minutes=15 * n) for n in range(1, 80)]
    for moment in quarters:
        assert live(moment) is None
        with time_machine.travel(moment, tick=True):
            daily = tick(daily_schedule, pipeline.instance, "daily_nico")
            assert isinstance(daily, dg.SkipReason)
    assert sandbox.requests == []

    back = NOON + 21 * HOUR + timedelta(minutes=15)
    assert live(back) == []
    with time_machine.travel(back, tick=True):
        assert isinstance(tick(daily_schedule, pipeline.instance, "daily_nico"), dg.RunRequest)


def test_one_listeners_login_ends_and_the_other_goes_on(
    live: Live,
    pipeline: Pipeline,
    sandbox: Sandbox,
    environment: Environment,
) -> None:
    environment.listeners("nico", "mira")
    for name in ("nico", "mira"):
        assert live(NOON, name) == []
    sandbox.accounts.revoke("mira")
    told = live(NOON + HOUR, "mira")
    assert told
    assert all("playledger login mira" in line for line in told)

    sandbox.requests.clear()
    for hours in range(2, 8):
        assert live(NOON + hours * HOUR, "mira") is None
        assert live(NOON + hours * HOUR, "nico") == []
    assert {one.user for one in sandbox.requests if one.path.startswith("/v1")} == {"nico"}
    assert not [one for one in sandbox.requests if one.status != 200]
    since = heard(pipeline)[0][0]
    assert heard(pipeline) == lived(since, NOON + 7 * HOUR)
    with time_machine.travel(NOON + 7 * HOUR, tick=True):
        daily = tick(daily_schedule, pipeline.instance, "daily_mira", listener="mira")
        assert isinstance(daily, dg.RunRequest), "it fails, for someone to see"


def test_after_a_month_off_there_is_one_gap_and_no_flood_of_runs(
    live: Live, pipeline: Pipeline, sandbox: Sandbox
) -> None:
    assert live(NOON) == []
    [asked] = [one.time for one in sandbox.requests if "recently-played" in one.path]
    back = NOON + 30 * DAY + timedelta(minutes=3)
    assert live(back) == []

    [gap] = pipeline.table("aggregated/gaps.parquet")
    rows = heard(pipeline)
    shown = lived(NOON - 9 * DAY, back)[-50:]
    assert rows[-50:] == shown, "all that Spotify still shows"
    assert rows[:-50] == lived(rows[0][0], NOON)
    assert (gap["gap_start"], gap["gap_end"]) == (
        pytest.approx(datetime.fromtimestamp(asked, UTC), abs=timedelta(seconds=30)),
        shown[0][0],
    )
    assert gap["closed_at"] is None


@pytest.mark.parametrize(
    ("schedule", "job", "every"),
    [
        (poll_schedule, "poll_nico", timedelta(minutes=15)),
        (daily_schedule, "daily_nico", HOUR),
    ],
)
def test_ticks_of_yesterday_that_are_made_up_for_start_nothing(
    schedule: Callable[..., dg.ScheduleDefinition],
    job: str,
    every: timedelta,
    pipeline: Pipeline,
) -> None:
    midnight = datetime(2026, 6, 20, tzinfo=UTC)
    with time_machine.travel(midnight + timedelta(minutes=3), tick=True):
        for missed in range(1, CATCH_UP):
            late = tick(schedule, pipeline.instance, job, due=midnight - missed * every)
            assert isinstance(late, dg.SkipReason)
            assert str(late.skip_message).startswith("2026-06-19 is over")
        assert isinstance(tick(schedule, pipeline.instance, job), dg.RunRequest)
