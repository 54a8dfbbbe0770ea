"""What a run says of itself: whose it is, for which date, and why it was started.

Add here what several assets, checks or schedules need to know of their run.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime

import dagster as dg

from pipelines.errors import PlayledgerError
from pipelines.listening.schema.table import Table

PARTITION_TAG = "dagster/partition"
BACKFILL_TAG = "dagster/backfill"
POLL_TAG = "playledger/poll"
IMPORT_TAG = "playledger/import"

SUBJECT = "subject"
"""The metadata of a failed step under which it says what its error is about."""

FIRST_DATE = "2026-01-01"

dates = dg.DailyPartitionsDefinition(start_date=FIRST_DATE, timezone="UTC", end_offset=1)
"""The dates on which Spotify is asked: UTC, today included."""


def listener_of(context: dg.AssetExecutionContext) -> str:
    """Whose asset it is: the first part of its key."""
    return str(context.asset_key.path[0])


def date_of(tags: Mapping[str, str]) -> str | None:
    """The date, YYYY-MM-DD, that a run is for; None for a rebuild of everything."""
    return tags.get(PARTITION_TAG)


def is_poll(context: dg.AssetExecutionContext) -> bool:
    """Whether the run only brings the newest plays, as every 15 minutes."""
    return POLL_TAG in context.run.tags


def is_import(context: dg.AssetExecutionContext) -> bool:
    """Whether the run was started to take in a privacy export."""
    return IMPORT_TAG in context.run.tags


def is_rebuild(context: dg.AssetExecutionContext) -> bool:
    """Whether the run is to make everything anew: it is for no date and for no export."""
    return date_of(context.run.tags) is None and not is_import(context)


def is_backfill(context: dg.AssetExecutionContext) -> bool:
    """Whether the run is part of a backfill."""
    return BACKFILL_TAG in context.run.tags


def created_at(context: dg.AssetExecutionContext) -> datetime:
    """When the run was created: not when it came to run."""
    record = context.instance.get_run_record_by_id(context.run.run_id)
    return record.create_timestamp.astimezone(UTC) if record else datetime.now(UTC)


def column_schema(table: Table) -> dict[str, dg.TableSchema]:
    """The metadata by which Dagster shows a table's columns."""
    columns = [dg.TableColumn(name, type_, meaning) for name, type_, meaning in table.column_docs]
    return {"dagster/column_schema": dg.TableSchema(columns)}


def as_date(text: str) -> date:
    """A partition key as a date."""
    return date.fromisoformat(text)


@contextmanager
def expected_failures() -> Iterator[None]:
    """Turn errors that a person can act on into a `Failure` whose description is their sentence.

    Dagster does not retry them: Spotify's own retries are over by then, and none of the others
    clears within a run.
    """
    try:
        yield
    except PlayledgerError as problem:
        raise dg.Failure(
            str(problem), metadata={SUBJECT: problem.subject.value}, allow_retries=False
        ) from None
