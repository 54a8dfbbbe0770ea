"""The sensor that imports privacy exports soon after they were dropped into the inbox.

Add here what decides when an import starts. What is imported, and how, is `ingest/inbox.py`; when
the other jobs run is `schedules.py`.
"""

import dagster as dg

from pipelines.automation.recent_runs import MAX_FAILURES, is_any_running, recent_runs
from pipelines.deadline import DeadlineExceeded, run_within
from pipelines.errors import SettingsError, StoreUnavailable
from pipelines.ingest.inbox import Inbox
from pipelines.resources.dagster_resources import LakeResource
from pipelines.resources.lake.lakes import LISTENERS
from pipelines.settings import Listener

INTERVAL_S = {"folder": 120, "bucket": 300}
"""Listing a bucket costs a request, and an export can wait for minutes."""

LISTING_TIMEOUT_S = 15
"""Ticks wait for each other, and a bucket that hangs would take a minute of each."""


def import_sensor(
    listener: Listener, job_name: str, *, lake_is_a_bucket: bool
) -> dg.SensorDefinition:
    """Starts an import once something is in the listener's `imports/` and no longer grows.

    Args:
        listener: whose inbox it watches.
        job_name: of the job that imports.
        lake_is_a_bucket: whether listing the inbox costs requests; it then ticks less often.
    """

    @dg.sensor(
        name=f"{job_name}_sensor",
        job_name=job_name,
        minimum_interval_seconds=INTERVAL_S["bucket" if lake_is_a_bucket else "folder"],
        default_status=dg.DefaultSensorStatus.RUNNING,
    )
    def exports_dropped(
        context: dg.SensorEvaluationContext, lake: LakeResource
    ) -> dg.RunRequest | dg.SkipReason:
        try:
            inbox = Inbox(lake.of(listener.name))
            state = run_within(LISTING_TIMEOUT_S, inbox.state)
        except (SettingsError, StoreUnavailable, DeadlineExceeded) as problem:
            return dg.SkipReason(str(problem))
        before, _, times = (context.cursor or "").partition(" ")
        started = int(times or 0) if state == before else 0
        context.update_cursor(f"{state} {started}")
        if not state:
            return dg.SkipReason(f"nothing new in {LISTENERS}{listener.name}/imports/")
        if state != before:
            return dg.SkipReason("the files there are new: they may still be growing")
        if is_any_running(recent_runs(context.instance, job_name)):
            return dg.SkipReason("the files there are being imported")
        if started >= MAX_FAILURES:
            return dg.SkipReason(
                f"the files there were not imported by {started} runs: look at the last of them"
            )
        context.update_cursor(f"{state} {started + 1}")
        return dg.RunRequest()

    return exports_dropped
