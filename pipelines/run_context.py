"""The context of a run: which listener and dates it is for, and why it was started.

Add here what several assets, checks or schedules need to know about their run, or how a run
reports its results. What the run computes belongs to its assets.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import dagster as dg

from pipelines.errors import PlayledgerError, Subject
from pipelines.listening.schema.table import Table

PARTITION_TAG = "dagster/partition"
RANGE_START_TAG = "dagster/asset_partition_range_start"
RANGE_END_TAG = "dagster/asset_partition_range_end"
BACKFILL_TAG = "dagster/backfill"
POLL_TAG = "playledger/poll"
IMPORT_TAG = "playledger/import"
DAY_TAG = "playledger/day"
"""The day for which a run was started that has no date."""

SURVEY = "survey"
"""First part of the keys of surveys' assets, `survey/<name>/<table>`, and of their jobs' names."""

SUBJECT = "subject"
"""Key of the metadata of a failed step that holds the subject of its error."""

OF_EVERY_DATE = {
    *(Subject.LAKE, Subject.SETTINGS, Subject.LOGIN, Subject.LOCKOUT),
    Subject.CLOCK,
}
"""Subjects of errors that the next date of a range would have too."""

NAMED_DATES = 3
"""How many dates a message names; more are counted."""

FIRST_DATE = "2026-01-01"

dates = dg.DailyPartitionsDefinition(start_date=FIRST_DATE, timezone="UTC", end_offset=1)
"""The dates for which responses are collected: UTC, today included."""


class RefreshConfig(dg.Config):
    """How much of a table that grows by dates is derived.

    Attributes:
        full_refresh: derive all of it again from scratch. Otherwise the missing dates are added.
    """

    full_refresh: bool = False


def listener_of(context: dg.AssetExecutionContext) -> str:
    """The listener whose assets are made: the first part of their keys."""
    keys = context.selected_asset_keys or {context.asset_key}
    return str(next(iter(keys)).path[0])


def survey_of(context: dg.AssetExecutionContext) -> str:
    """The survey whose assets are made: the second part of their keys."""
    keys = context.selected_asset_keys or {context.asset_key}
    return str(next(iter(keys)).path[1])


def date_of(tags: Mapping[str, str]) -> str | None:
    """The date, YYYY-MM-DD, that a run is for, the first of several; None for a run without one."""
    return tags.get(PARTITION_TAG) or tags.get(RANGE_START_TAG)


def is_poll(context: dg.AssetExecutionContext) -> bool:
    """Whether the run only collects the newest plays, as every 15 minutes."""
    return POLL_TAG in context.run.tags


def is_import(context: dg.AssetExecutionContext) -> bool:
    """Whether the run was started to import a privacy export."""
    return IMPORT_TAG in context.run.tags


def is_backfill(context: dg.AssetExecutionContext) -> bool:
    """Whether the run is part of a backfill."""
    return BACKFILL_TAG in context.run.tags


def created_at(context: dg.AssetExecutionContext) -> datetime:
    """When the run was created, which can be long before it started."""
    record = context.instance.get_run_record_by_id(context.run.run_id)
    return record.create_timestamp.astimezone(UTC) if record else datetime.now(UTC)


def column_schema(table: Table) -> dict[str, dg.TableSchema]:
    """The metadata with which Dagster shows a table's columns."""
    columns = [dg.TableColumn(name, type_, meaning) for name, type_, meaning in table.column_docs]
    return {"dagster/column_schema": dg.TableSchema(columns)}


@contextmanager
def expected_failures() -> Iterator[None]:
    """Turn errors that a person can act on into a `Failure` whose description is their message.

    Dagster does not retry them: requests to Spotify were already retried, and none of the others
    goes away within a run.
    """
    try:
        yield
    except PlayledgerError as problem:
        raise _failure(str(problem), problem) from None


def for_each_date(
    context: dg.AssetExecutionContext, work: Callable[[str], Mapping[str, Any]]
) -> dg.MaterializeResult:
    """Do the work of the run's date, or of each date of a backfill's range.

    A date that fails does not stop the others of a range, unless all of them would fail alike: the
    others are materialized, and the step then fails with the errors of those that failed.

    Args:
        context: of an asset that is partitioned by date.
        work: from a date, YYYY-MM-DD, to the metadata of its materialization.

    Raises:
        dagster.Failure: where a date has failed.
    """
    failed: dict[str, PlayledgerError] = {}
    done: dict[str, Mapping[str, Any]] = {}
    for date in context.partition_keys:
        try:
            done[date] = work(date)
        except PlayledgerError as problem:
            failed[date] = problem
            if problem.subject in OF_EVERY_DATE:
                break
    if failed:
        for date, metadata in done.items():
            context.log_event(
                dg.AssetMaterialization(context.asset_key, partition=date, metadata=metadata)
            )
        raise _failure(_summary(failed), next(iter(failed.values()))) from None
    if len(done) == 1:
        return dg.MaterializeResult(metadata=next(iter(done.values())))
    for date, metadata in done.items():
        context.add_asset_metadata(metadata, partition_key=date)
    return dg.MaterializeResult()


def _summary(failed: Mapping[str, PlayledgerError]) -> str:
    """The first error of each kind, and which other dates failed in the same way."""
    kinds: dict[type[PlayledgerError], list[str]] = {}
    for date, problem in failed.items():
        kinds.setdefault(type(problem), []).append(date)
    return "; ".join(
        f"{failed[first]}" + (f" (likewise {_some(others)})" if others else "")
        for first, *others in kinds.values()
    )


def _some(failed_dates: Sequence[str]) -> str:
    if len(failed_dates) <= NAMED_DATES:
        return ", ".join(failed_dates)
    return f"{len(failed_dates)} other dates until {failed_dates[-1]}"


def _failure(description: str, problem: PlayledgerError) -> dg.Failure:
    subject = problem.subject.value
    return dg.Failure(description, metadata={SUBJECT: subject}, allow_retries=False)
