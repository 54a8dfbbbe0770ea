"""The machine's clock set back by an hour or a day, or ahead by a year for one poll, then right.

Such a poll is refused. What was kept under its date, before clocks were compared, is still read.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest
import time_machine

from pipelines.automation.schedules import daily_schedule, poll_schedule
from pipelines.errors import LockedOut, Subject
from pipelines.ops import run_events
from pipelines.ops.alerts import FinishedRun
from pipelines.ops.health import check_health
from pipelines.resources.lake.lakes import Lake
from pipelines.resources.spotify import clock
from pipelines.resources.spotify.lockouts import Lockouts
from pipelines.settings import Settings
from sandbox import Sandbox, truth
from testing.pipeline import Pipeline, failures
from tests.support.environment import Environment
from tests.support.ticks import tick

pytestmark = pytest.mark.rare

NOON = datetime(2026, 5, 20, 12, tzinfo=UTC)
HOUR, DAY, YEAR = timedelta(hours=1), timedelta(days=1), timedelta(days=365)
STEPS = {-HOUR: "1 h behind", -DAY: "1 day behind", YEAR: "365 days ahead of"}

Clocks = Callable[[datetime, timedelta], AbstractContextManager[None]]


@pytest.fixture
def clocks(sandbox: Sandbox) -> Clocks:
    """Set Spotify's clock right, and the machine's ahead of it."""
    sandbox.shows_its_clock = True

    @contextmanager
    def at(moment: datetime, ahead: timedelta = timedelta()) -> Iterator[None]:
        sandbox.clock.fix(moment)
        with time_machine.travel(moment + ahead, tick=True):
            yield

    return at


def poll(pipeline: Pipeline) -> list[str]:
    """A poll as its schedule starts it; what failed."""
    wanted = tick(poll_schedule, pipeline.instance, "poll_nico")
    assert isinstance(wanted, dg.RunRequest)
    return failures(pipeline.run("poll_nico", wanted.partition_key))


def gaps(pipeline: Pipeline) -> list[tuple[datetime, datetime]]:
    rows = pipeline.table("aggregated/gaps.parquet")
    return [(row["gap_start"], row["gap_end"]) for row in rows]


@pytest.mark.parametrize("kept", [False, True], ids=["refused", "kept"])
@pytest.mark.parametrize("step", STEPS, ids=str)
def test_polls_go_on_and_every_play_is_there_once(  # noqa: PLR0917 fixtures
    step: timedelta,
    kept: bool,
    pipeline: Pipeline,
    sandbox: Sandbox,
    clocks: Clocks,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    times = [NOON, NOON + HOUR, NOON + 2 * HOUR, NOON + 4 * HOUR, NOON + 28 * HOUR]
    for number, moment in enumerate(times):
        is_wrong = number == 1
        with clocks(moment, step if is_wrong else timedelta()), monkeypatch.context() as patch:
            if kept:  # as it was kept when nothing was compared
                patch.setattr(clock, "MOST_OFF", 2 * YEAR)
            failed = poll(pipeline)
        if is_wrong and not kept:
            assert failed[0].startswith(f"this machine's clock is {STEPS[step]} Spotify's")
            assert len(pipeline.bodies("raw/recently_played/")) == 1
        else:
            assert failed == []

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
    assert len(names) == len(times) - (not kept)

    with clocks(times[-1]):
        before = pipeline.bodies("aggregated/gaps"), pipeline.bodies("plays/")
        pipeline.lake.store.delete("users/nico/polled/")
        assert failures(pipeline.rebuild()) == []
        assert (pipeline.bodies("aggregated/gaps"), pipeline.bodies("plays/")) == before
        told = check_health(Settings(), pipeline.lake)
        assert abs(told.listeners[0].last_response_at - times[-1]) < timedelta(minutes=1)
        assert [one.sentence for one in told.problems] == []


@pytest.mark.parametrize("ahead", [HOUR, DAY, YEAR, -HOUR, -DAY], ids=str)
def test_a_lockout_that_a_wrong_clock_meets_is_obeyed_and_over_by_itself(
    ahead: timedelta, pipeline: Pipeline, sandbox: Sandbox, clocks: Clocks
) -> None:
    sandbox.faults.add("rate_limit", "token", retry_after=7200)
    with clocks(NOON, ahead):
        assert "this machine's clock is" in poll(pipeline)[0]
    sandbox.requests.clear()
    for minutes, off in ((15, ahead), (110, ahead), (111, timedelta()), (119, timedelta())):
        with clocks(NOON + timedelta(minutes=minutes), off):
            skipped = tick(poll_schedule, pipeline.instance, "poll_nico")
            assert isinstance(skipped, dg.SkipReason)
            assert "Spotify refuses requests until" in str(skipped.skip_message)
    assert sandbox.requests == []
    with clocks(NOON + 3 * HOUR + timedelta(minutes=1)):
        assert isinstance(tick(daily_schedule, pipeline.instance, "daily_nico"), dg.RunRequest)
        assert poll(pipeline) == []


def test_a_lockout_is_not_begun_anew_for_clocks_that_differ_a_little(
    environment: Environment, clocks: Clocks
) -> None:
    lockouts = Lockouts(Lake.open(Settings()), "app", Settings().tokens_dir)
    with clocks(NOON, timedelta(minutes=5)):
        lockouts.lock("profile", NOON + HOUR, "429")
    with clocks(NOON), pytest.raises(LockedOut) as raised:
        lockouts.check()
    assert raised.value.retry_at == NOON + HOUR


def test_alerts_name_the_clock_and_the_next_good_poll_resolves_it(
    pipeline: Pipeline, clocks: Clocks
) -> None:
    def finished(date: str) -> FinishedRun:
        run = pipeline.run("poll_nico", date).dagster_run
        found = run_events.read(pipeline.instance, run, {"nico"})
        assert found
        return found

    with clocks(NOON, HOUR):
        refused = finished(f"{NOON:%F}")
    with clocks(NOON + HOUR):
        good = finished(f"{NOON:%F}")
    assert refused.subject is Subject.CLOCK
    assert refused.failure
    key, problem = refused.failure
    assert problem.topic == "poll of nico"
    assert "this machine's clock is 1 h ahead of Spotify's" in problem.sentence
    assert good.failure is None
    assert key in good.resolves
