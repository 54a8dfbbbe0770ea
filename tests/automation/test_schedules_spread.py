"""When schedules start: everybody has their own minute, and no date is missed or done twice."""

from collections import Counter, defaultdict, deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from heapq import heapify, heappop, heappush
from itertools import pairwise, takewhile
from pathlib import Path

import dagster as dg
import pytest
import time_machine
from dagster._utils.schedules import cron_string_iterator
from hypothesis import given
from hypothesis import strategies as st

from pipelines.automation.schedules import (
    MOST_HOURS,
    REQUESTS_OF_A_DAILY_RUN,
    busy_until,
    daily_from_six,
    daily_in_the_end,
    daily_schedule,
    every_15_minutes,
    hourly_from_five,
    hours_for,
    poll_schedule,
)
from pipelines.resources.lake.lakes import Lake
from pipelines.resources.spotify.client import Spotify
from pipelines.resources.spotify.rate_limit import Throttle
from pipelines.settings import Settings
from tests.support.environment import Environment
from tests.support.ticks import tick

NAMES = st.sets(st.from_regex(r"[a-z0-9_]{1,40}", fullmatch=True), min_size=125, max_size=125)
DAY = datetime(2026, 11, 20, tzinfo=UTC)


def ticks(cron: str, since: datetime, until: datetime) -> list[datetime]:
    """When a schedule ticks, from one moment to before another."""
    times = cron_string_iterator(since.timestamp(), cron, "UTC")
    return list(takewhile(lambda at: at < until, times))


@pytest.mark.parametrize(
    ("cron", "most"), [(every_15_minutes, 32), (hourly_from_five, 18), (daily_from_six, 18)]
)
@given(names=NAMES)
def test_125_listeners_do_not_start_in_the_same_minute(
    cron: Callable[[str], str], most: int, names: set[str]
) -> None:
    started = Counter(ticks(cron(name), DAY, DAY + timedelta(days=1))[0] for name in names)
    assert max(started.values()) <= most


@given(name=st.from_regex(r"[a-z0-9_]{1,40}", fullmatch=True))
def test_a_poll_comes_every_15_minutes_and_a_daily_run_from_05_10_until_23_59(name: str) -> None:
    polls = ticks(every_15_minutes(name), DAY, DAY + timedelta(days=1))
    assert len(polls) == 96
    assert {b - a for a, b in pairwise(polls)} == {timedelta(minutes=15)}
    tries = ticks(hourly_from_five(name), DAY, DAY + timedelta(days=1))
    assert DAY.replace(hour=5, minute=10) <= tries[0] <= DAY.replace(hour=5, minute=59)
    assert [at.hour for at in tries] == list(range(5, 24))
    [playlists] = ticks(daily_from_six(name), DAY, DAY + timedelta(days=1))
    assert DAY.replace(hour=6, minute=40) <= playlists < DAY.replace(hour=7, minute=40)


@given(names=NAMES)
def test_daily_runs_of_many_are_spread_over_hours_and_end_before_the_views(names: set[str]) -> None:
    hours = hours_for(len(names))
    runs, playlists = (
        [ticks(cron(name, hours), DAY, DAY + timedelta(days=1))[0] for name in names]
        for cron in (hourly_from_five, daily_from_six)
    )
    for begun in (runs, playlists):
        assert max(Counter(at.hour for at in begun).values()) <= 2 * len(names) / hours
    [views] = ticks(daily_in_the_end(hours), DAY, DAY + timedelta(days=1))
    assert timedelta(hours=1) <= views - max(runs) <= timedelta(hours=1 + hours)


@pytest.mark.parametrize(("listeners", "hours"), [(0, 1), (1, 1), (12, 1), (13, 2), (125, 11)])
def test_a_few_begin_within_one_hour(listeners: int, hours: int) -> None:
    assert hours_for(listeners) == hours
    assert hours_for(10_000) == MOST_HOURS


@pytest.mark.parametrize(("begins_at", "all_done"), [(0, True), (6, True), (15, False)])
def test_one_budget_carries_125_listeners_and_nobody_misses_two_polls_in_a_row(
    begins_at: int, all_done: bool, tmp_path: Path
) -> None:
    names = [f"app{app:02}_{n}" for app in range(25) for n in range(5)]
    hours, begun = hours_for(len(names)), DAY + timedelta(hours=begins_at)
    end = DAY + timedelta(days=1)
    due = [
        (at.timestamp(), kind, name)
        for name in names
        for kind, cron in (("poll", every_15_minutes(name)), ("run", hourly_from_five(name, hours)))
        for at in ticks(cron, begun, end)
    ]
    heapify(due)
    sent: deque[float] = deque()
    throttle = InMemory(sent, tmp_path)
    polled: dict[str, list[bool]] = defaultdict(list)
    done = set()
    while due:
        throttle.now, kind, name = heappop(due)
        if kind == "run" and name not in done and busy_until(throttle) is None:
            done.add(name)
            for n in range(REQUESTS_OF_A_DAILY_RUN):  # which all others' come in between
                heappush(due, (throttle.now + 20 + 4 * n, "request", name))
        elif kind != "run":
            if is_free := throttle.full_until(1) is None:
                sent.append(throttle.now)
            if kind == "poll":
                polled[name].append(is_free)
    assert (done == set(names)) == all_done
    if all_done:  # who begins in the afternoon has the whole day's runs before them
        assert all(a or b for polls in polled.values() for a, b in pairwise(polls))
    every = [poll for polls in polled.values() for poll in polls]
    assert sum(every) > 0.99 * len(every)


class InMemory(Throttle):
    """The throttle, but that what was sent need not be written down each time."""

    def __init__(self, sent: deque[float], folder: Path) -> None:
        super().__init__(folder / "none.json", 0, 1000, clock=lambda: self.now)
        self.now, self._sent = 0.0, sent

    def _read(self) -> tuple[list[float], float]:
        while self._sent and self._sent[0] <= self.now - 3600:
            self._sent.popleft()
        return list(self._sent), 0.0


def test_ticks_say_that_the_hour_is_full_and_start_nothing(
    sandbox: object, daemon: dg.DagsterInstance, environment: Environment
) -> None:
    environment.set(REQUESTS_PER_HOUR="40")
    settings = Settings()
    throttle = Spotify(settings, Lake.open(settings)).client("nico").throttle
    throttle.interval_s = 0

    def send(requests: int) -> None:
        for _ in range(requests):
            with throttle.slot():
                pass

    send(5)
    assert isinstance(tick(daily_schedule, daemon), dg.RunRequest)
    send(1)
    told = tick(daily_schedule, daemon)
    assert isinstance(told, dg.SkipReason)
    assert (told.skip_message or "").startswith(
        "so many of 40 requests an hour (REQUESTS_PER_HOUR) were sent just now that polls may need"
    )
    send(33)
    assert isinstance(tick(poll_schedule, daemon), dg.RunRequest)
    send(1)
    told = tick(poll_schedule, daemon)
    assert isinstance(told, dg.SkipReason)
    assert (told.skip_message or "").startswith("40 requests an hour (REQUESTS_PER_HOUR) are sent")


def test_a_name_keeps_its_minute() -> None:
    assert every_15_minutes("nico") == "10-59/15 * * * *"
    assert hourly_from_five("nico") == "30 5-23 * * *"
    assert hourly_from_five("nico", 11) == "30 14-23 * * *"


@pytest.mark.parametrize("changed_at", [(4, 0), (5, 9), (5, 30), (5, 58), (12, 0), (23, 58)])
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("10 5-23 * * *", "57 5-23 * * *"),
        ("57 5-23 * * *", "10 5-23 * * *"),
        ("10 5-23 * * *", "57 15-23 * * *"),
        ("57 15-23 * * *", "10 5-23 * * *"),
    ],
)
def test_no_date_is_missed_or_done_twice_when_the_minute_becomes_another(
    sandbox: object,
    daemon: dg.DagsterInstance,
    old: str,
    new: str,
    changed_at: tuple[int, int],
) -> None:
    changed = DAY.replace(hour=changed_at[0], minute=changed_at[1])
    done: Counter[str] = Counter()
    for at in (*ticks(old, DAY, changed), *ticks(new, changed, DAY + timedelta(days=2))):
        with time_machine.travel(at):
            asked = tick(daily_schedule, daemon, due=at)
            if isinstance(asked, dg.RunRequest):
                assert asked.partition_key
                done[asked.partition_key] += 1
                daemon.add_run(
                    dg.DagsterRun(
                        job_name="a_job",
                        status=dg.DagsterRunStatus.SUCCESS,
                        tags={"dagster/partition": asked.partition_key},
                    )
                )
    assert done == {f"{DAY:%Y-%m-%d}": 1, f"{DAY + timedelta(days=1):%Y-%m-%d}": 1}
