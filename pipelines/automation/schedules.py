"""When runs start by themselves, and when they had better not.

A tick that would only fail is skipped with the reason, so that a lockout of 20 hours does not
leave 80 red runs. What a run does is its assets' business.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import dagster as dg

from pipelines import run_context
from pipelines.deadline import DeadlineExceeded, run_within
from pipelines.errors import PlayledgerError, SettingsError, StoreUnavailable
from pipelines.ingest.inbox import Inbox
from pipelines.resources.dagster_resources import LakeResource, SpotifyResource
from pipelines.resources.lake.lakes import LISTENERS, Lake
from pipelines.resources.spotify.client import Spotify
from pipelines.settings import Listener

EVERY_15_MINUTES = "*/15 * * * *"
"""50 tracks of 31 seconds last 26 minutes: a poll may come late once without a loss."""

HOURLY_FROM_FIVE = "10 5-23 * * *"
"""The daily run starts at 05:10 UTC; where it was locked out or failed, an hour later again."""

MOST_FAILURES = 3
"""How often the same is tried in a row before a person should look. Reasoned."""

THEN_EVERY_HOURS = 4
"""A day's run is tried on, though less often: what only that day can tell must not be lost."""

LOOK_FOR_EXPORTS_S = {"folder": 60, "bucket": 300}
"""To look into a bucket costs a request, and an export can wait for minutes."""

LOOK_WITHIN_S = 15
"""Ticks wait for each other, and a bucket that hangs would take a minute of each."""

LOST_AFTER = timedelta(hours=2)
"""A run that says it is under way for longer has been killed: see DAILY_TAGS' max_runtime."""


TOO_LATE = "Spotify only reports the present"
"""Why a tick of yesterday that comes today, after a time without a daemon, starts nothing."""


def poll_schedule(listener: Listener, job_name: str) -> dg.ScheduleDefinition:
    """A poll every 15 minutes, unless Spotify could not be asked anyway."""

    @dg.schedule(
        name=f"{job_name}_schedule",
        job_name=job_name,
        cron_schedule=EVERY_15_MINUTES,
        default_status=dg.DefaultScheduleStatus.RUNNING,
    )
    def poll(
        context: dg.ScheduleEvaluationContext, lake: LakeResource, spotify: SpotifyResource
    ) -> dg.RunRequest | dg.SkipReason:
        try:
            _check_that_spotify_may_be_asked(listener, lake.open(), spotify.open())
        except PlayledgerError as problem:
            return dg.SkipReason(str(problem))
        date = _date(context)
        if _is_over(date):
            return dg.SkipReason(f"{date} is over: {TOO_LATE}")
        return dg.RunRequest(partition_key=date)

    return poll


def daily_schedule(listener: Listener, job_name: str) -> dg.ScheduleDefinition:
    """One good run a day; what only a person can mend makes it fail, for someone to see."""

    @dg.schedule(
        name=f"{job_name}_schedule",
        job_name=job_name,
        cron_schedule=HOURLY_FROM_FIVE,
        default_status=dg.DefaultScheduleStatus.RUNNING,
    )
    def daily(
        context: dg.ScheduleEvaluationContext, lake: LakeResource, spotify: SpotifyResource
    ) -> dg.RunRequest | dg.SkipReason:
        try:
            _check_that_spotify_may_be_asked(listener, lake.open(), spotify.open())
        except PlayledgerError as problem:
            if problem.clears_itself:
                return dg.SkipReason(str(problem))
            context.log.warning(str(problem))
        date = _date(context)
        if _is_over(date):
            return dg.SkipReason(f"{date} is over: {TOO_LATE}")
        hour = context.scheduled_execution_time.astimezone(UTC).hour
        if reason := _why_not_again(context.instance, job_name, date, hour):
            return dg.SkipReason(reason)
        return dg.RunRequest(partition_key=date)

    return daily


def import_sensor(
    listener: Listener, job_name: str, *, lake_is_a_bucket: bool
) -> dg.SensorDefinition:
    """An import as soon as something lies in the listener's `imports/`, and no longer grows."""

    @dg.sensor(
        name=f"{job_name}_sensor",
        job_name=job_name,
        minimum_interval_seconds=LOOK_FOR_EXPORTS_S["bucket" if lake_is_a_bucket else "folder"],
        default_status=dg.DefaultSensorStatus.RUNNING,
    )
    def dropped(
        context: dg.SensorEvaluationContext, lake: LakeResource
    ) -> dg.RunRequest | dg.SkipReason:
        try:
            inbox = Inbox(lake.of(listener.name))
            state = run_within(LOOK_WITHIN_S, inbox.state)
        except (SettingsError, StoreUnavailable, DeadlineExceeded) as problem:
            return dg.SkipReason(str(problem))
        before, _, times = (context.cursor or "").partition(" ")
        started = int(times or 0) if state == before else 0
        context.update_cursor(f"{state} {started}")
        if not state:
            return dg.SkipReason(f"nothing new in {LISTENERS}{listener.name}/imports/")
        if state != before:
            return dg.SkipReason("what lies there is new: it may still be growing")
        if _under_way(_runs(context.instance, job_name)):
            return dg.SkipReason("what lies there is being taken in")
        if started >= MOST_FAILURES:
            return dg.SkipReason(f"what lies there was not taken in by {started} runs: look there")
        context.update_cursor(f"{state} {started + 1}")
        return dg.RunRequest()

    return dropped


def _date(context: dg.ScheduleEvaluationContext) -> str:
    return context.scheduled_execution_time.astimezone(UTC).strftime("%Y-%m-%d")


def _is_over(date: str) -> bool:
    return date < f"{datetime.now(UTC):%Y-%m-%d}"


def _check_that_spotify_may_be_asked(listener: Listener, lake: Lake, spotify: Spotify) -> None:
    try:
        run_within(LOOK_WITHIN_S, spotify.lockouts().check)
    except DeadlineExceeded as problem:
        raise StoreUnavailable(f"{lake.store.url('')} does not answer ({problem})") from None
    spotify.client(listener.name).login.current()


def _why_not_again(instance: dg.DagsterInstance, job: str, date: str, hour: int) -> str | None:
    """Why a day's run is not started once more; None where it should be."""
    records = _runs(instance, job, {run_context.PARTITION_TAG: date})
    statuses = [record.dagster_run.status for record in records]
    if dg.DagsterRunStatus.SUCCESS in statuses:
        return f"{date} is done"
    if _under_way(records):
        return f"{date} is under way"
    failures = statuses.count(dg.DagsterRunStatus.FAILURE)
    # So that the last try of a day, at 23:10, is one of them.
    if failures >= MOST_FAILURES and (hour + 1) % THEN_EVERY_HOURS:
        again = f"it is tried again every {THEN_EVERY_HOURS} hours"
        return f"{date} has failed {failures} times: look at its last run; {again}"
    return None


def _runs(
    instance: dg.DagsterInstance, job: str, tags: Mapping[str, str] | None = None
) -> Sequence[dg.RunRecord]:
    """A job's latest runs."""
    return instance.get_run_records(dg.RunsFilter(job_name=job, tags=dict(tags or {})), limit=50)


def _under_way(records: Iterable[dg.RunRecord]) -> bool:
    since = datetime.now(UTC) - LOST_AFTER
    return any(
        not record.dagster_run.is_finished and record.create_timestamp.astimezone(UTC) > since
        for record in records
    )
