"""What a run over several dates does when some of them fail."""

from collections.abc import Mapping
from typing import Any

import dagster as dg

from pipelines.errors import NothingCollected, PlayledgerError, StoreUnavailable, UnreadableResponse
from pipelines.run_context import RANGE_END_TAG, RANGE_START_TAG, dates, for_each_date

DATES = [f"2026-02-{day:02d}" for day in range(1, 10)]


def run(problems: Mapping[str, PlayledgerError]) -> tuple[list[str], list[str], str]:
    """Run an asset over all dates.

    Returns:
        The dates tried, the dates materialized, and the message of the failed step.
    """
    tried: list[str] = []

    def work(date: str) -> dict[str, Any]:
        tried.append(date)
        if date in problems:
            raise problems[date]
        return {"plays": 1}

    @dg.asset(partitions_def=dates, backfill_policy=dg.BackfillPolicy.single_run())
    def plays(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        return for_each_date(context, work)

    tags = {RANGE_START_TAG: DATES[0], RANGE_END_TAG: DATES[-1]}
    with dg.DagsterInstance.ephemeral() as instance:
        result = dg.materialize([plays], instance=instance, tags=tags, raise_on_error=False)
        done = sorted(instance.get_materialized_partitions(plays.key))
    (failed,) = [event for event in result.all_events if event.is_step_failure]
    expected = failed.step_failure_data.user_failure_data
    assert expected
    return tried, done, str(expected.description)


def test_dates_that_fail_alike_are_one_message_and_the_others_are_materialized() -> None:
    missing = DATES[1:3]
    tried, done, message = run({date: NothingCollected("profile", date) for date in missing})
    assert tried == DATES
    assert done == [date for date in DATES if date not in missing]
    assert message == f"{NothingCollected('profile', missing[0])} (likewise {missing[1]})"


def test_many_dates_that_fail_alike_are_counted() -> None:
    _, _, message = run({date: NothingCollected("profile", date) for date in DATES})
    assert message.endswith(f"(likewise 8 other dates until {DATES[-1]})")


def test_dates_that_fail_of_different_things_are_each_said() -> None:
    damaged = UnreadableResponse("raw/x cannot be read")
    _, _, message = run({DATES[0]: NothingCollected("profile", DATES[0]), DATES[4]: damaged})
    assert message == f"{NothingCollected('profile', DATES[0])}; {damaged}"


def test_what_every_date_would_fail_of_is_tried_once() -> None:
    gone = StoreUnavailable("the bucket is gone")
    tried, done, message = run(dict.fromkeys(DATES[2:], gone))
    assert tried == DATES[:3]
    assert done == DATES[:2]
    assert message == "the bucket is gone"
