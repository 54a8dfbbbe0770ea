"""Ticks of a schedule as the daemon makes them. What a tick must answer belongs in tests."""

import os
from collections.abc import Callable
from datetime import UTC, datetime

import dagster as dg

from pipelines.resources.dagster_resources import resources_from
from pipelines.settings import Settings


def tick(
    schedule: Callable[..., dg.ScheduleDefinition],
    instance: dg.DagsterInstance,
    job: str = "a_job",
    *,
    due: datetime | None = None,
    listener: str = "nico",
) -> dg.RunRequest | dg.SkipReason:
    """What a listener's schedule answers now at a tick that was due now, or earlier."""
    due = due or datetime.now(UTC)
    resources = dict(resources_from(os.environ))
    with dg.build_schedule_context(scheduled_execution_time=due, resources=resources) as context:
        # An instance that is kept in memory has no reference by which to open it again.
        context._instance_ref, context._instance = object(), instance  # type: ignore[assignment]
        answer = schedule(Settings().listener(listener), job)(context)
    assert isinstance(answer, dg.RunRequest | dg.SkipReason)
    return answer
