"""The machine's clock set back by an hour or a day, or ahead by a year for one poll, then right."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import dagster as dg
import pytest
import time_machine

from pipelines.automation.schedules import daily_schedule, poll_schedule
from pipelines.errors import LockedOut
from pipelines.ops.health import check_health
from pipelines.resources.lake.lakes import Lake
from pipelines.resources.spotify.lockouts import Lockouts
from pipelines.settings import Settings
from sandbox import Sandbox, server, truth
from testing.pipeline import Pipeline, failures
from tests.support.environment import Environment
from tests.support.ticks import tick

pytestmark = pytest.mark.rare

NOON = datetime(2026, 5, 20, 12, tzinfo=UTC)
HOUR, DAY, YEAR = timedelta(hours=1), timedelta(days=1), timedelta(days=365)
STEPS = (-HOUR, -DAY, YEAR)

Clocks = Callable[[datetime, timedelta], AbstractContextManager[None]]


@pytest.fixture
def clocks(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Clocks:
    """Set Spotify's clock right, and the machine's ahead of it."""
    monkeypatch.setattr(
        server._Handler,
        "date_time_string",
        lambda *_: format_datetime(sandbox.clock.now(), usegmt=True),
    )

    @contextmanager
    def at(moment: datetime, ahead: timedelta = timedelta()) -> Iterator[None]:
        sandbox.clock.fix(moment)
        with time_machine.travel(moment + ahead, tick=True):
            yield

    return at


def poll(pipeline: Pipeline) -> None:
    """A poll as its schedule starts it."""
    wanted = tick(poll_schedule, pipeline.instance, "poll_nico")
    assert isinstance(wanted, dg.RunRequest)
    assert failures(pipeline.run("poll_nico", wanted.partition_key)) == []


def gaps(pipeline: Pipeline) -> list[tuple[datetime, datetime]]:
    rows = pipeline.table("aggregated/gaps.parquet")
    return [(row["gap_start"], row["gap_end"]) for row in rows]


@pytest.mark.parametrize("step", STEPS, ids=str)
def test_polls_go_on_and_every_play_is_there_once(
    step: timedelta, pipeline: Pipeline, sandbox: Sandbox, clocks: Clocks
) -> None:
    times = [NOON, NOON + HOUR, NOON + 2 * HOUR, NOON + 4 * HOUR, NOON + 28 * HOUR]
    for number, moment in enumerate(times):
        with clocks(moment, step if number == 1 else timedelta()):
            poll(pipeline)

    plays = pipeline.plays()
    began = min(play["played_at"] for play in plays)
    last_poll_shows = sorted(play["played_at"] for play in plays)[-50]
    lived = [play for play in truth("nico", began, times[-1]) if not play.skipped]
    missed = [play for play in lived if times[-2] < play.played_at < last_poll_shows]
    assert sorted((play["played_at"], play["track_id"]) for play in plays) == sorted(
        (play.played_at, play.track.id) for play in lived if play not in missed
    )
    found = gaps(pipeline)
    assert missed, "28 hours are more than 50 plays"
    assert all(any(start <= play.played_at <= end for start, end in found) for play in missed)
    names = list(pipeline.bodies("raw/recently_played/"))
    assert len(names) == len(times)

    with clocks(times[-1]):
        before = pipeline.bodies("aggregated/gaps"), pipeline.bodies("plays/")
        pipeline.lake.store.delete("users/nico/polled/")
        assert failures(pipeline.rebuild()) == []
        assert (pipeline.bodies("aggregated/gaps"), pipeline.bodies("plays/")) == before
        told = check_health(Settings(), pipeline.lake)
        assert abs(told.listeners[0].last_response_at - times[-1]) < timedelta(minutes=1)
        assert [one.sentence for one in told.problems] == []


@pytest.mark.parametrize("ahead", [HOUR, DAY, YEAR], ids=str)
def test_a_lockout_of_a_clock_that_was_ahead_lasts_no_longer_than_spotify_said(
    ahead: timedelta, pipeline: Pipeline, sandbox: Sandbox, clocks: Clocks
) -> None:
    sandbox.faults.add("rate_limit", "recently-played", retry_after=7200)
    with clocks(NOON, ahead):
        assert "refuses requests" in failures(pipeline.run("poll_nico", f"{NOON + ahead:%F}"))[0]
    with clocks(NOON + HOUR):
        skipped = tick(poll_schedule, pipeline.instance, "poll_nico")
        assert isinstance(skipped, dg.SkipReason), "how long ago it began is not known"
    sandbox.requests.clear()
    with clocks(NOON + 3 * HOUR + timedelta(minutes=1)):
        assert isinstance(tick(daily_schedule, pipeline.instance, "daily_nico"), dg.RunRequest)
        poll(pipeline)


def test_a_lockout_is_not_begun_anew_for_clocks_that_differ_a_little(
    environment: Environment, clocks: Clocks
) -> None:
    lockouts = Lockouts(Lake.open(Settings()), "app", Settings().tokens_dir)
    with clocks(NOON, timedelta(minutes=5)):
        lockouts.lock("profile", NOON + HOUR, "429")
    with clocks(NOON), pytest.raises(LockedOut) as raised:
        lockouts.check()
    assert raised.value.retry_at == NOON + HOUR
