"""When schedules start: everybody has their own minute, and no date is missed or done twice."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise, takewhile

import dagster as dg
import pytest
import time_machine
from dagster._utils.schedules import cron_string_iterator
from hypothesis import given
from hypothesis import strategies as st

from pipelines.automation.schedules import (
    daily_from_six,
    daily_schedule,
    every_15_minutes,
    hourly_from_five,
)
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


def test_a_name_keeps_its_minute() -> None:
    assert every_15_minutes("nico") == "10-59/15 * * * *"
    assert hourly_from_five("nico") == "30 5-23 * * *"


@pytest.mark.parametrize("changed_at", [(4, 0), (5, 9), (5, 30), (5, 58), (12, 0), (23, 58)])
@pytest.mark.parametrize(
    ("old", "new"), [("10 5-23 * * *", "57 5-23 * * *"), ("57 5-23 * * *", "10 5-23 * * *")]
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
