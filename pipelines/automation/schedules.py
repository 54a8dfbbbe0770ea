"""The schedules: a poll every 15 minutes, a daily run, playlists, surveys, scrobbles.

A tick whose run would only fail is skipped with the reason, so that a lockout of 20 hours does not
leave 80 failed runs. Add here what starts at a time of day; what starts after an event is a sensor
beside this module. What a run does belongs to its assets.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TypeVar

import dagster as dg

from pipelines import run_context
from pipelines.assets.playlists import playlist_tables
from pipelines.automation.recent_runs import MAX_FAILURES, is_any_running, recent_runs
from pipelines.deadline import DeadlineExceeded, run_within
from pipelines.errors import PlayledgerError, StoreUnavailable
from pipelines.library.wanted import due
from pipelines.listening.schema.playlist_tables import PLAYLIST_READINGS
from pipelines.ops.health import imports_only
from pipelines.resources.dagster_resources import LakeResource, SpotifyResource, settings_of
from pipelines.resources.lake.lakes import Lake
from pipelines.resources.spotify.client import Spotify
from pipelines.settings import Listener
from pipelines.settings.surveys import Survey
from pipelines.surveys.closing import why_closed

T = TypeVar("T")

EVERY_15_MINUTES = "*/15 * * * *"
"""50 tracks of 31 seconds last 26 minutes: one poll may be missed without losing plays."""

HOURLY_FROM_FIVE = "10 5-23 * * *"
"""The daily run starts at 05:10 UTC; if it was locked out or failed, again every hour."""

RETRY_HOURS = 4
"""After `MAX_FAILURES`, a day's run is tried less often: its data is available on that day only."""

DAILY_AT_SIX = "40 6 * * *"
"""When it is seen whether playlists are to be read: after most daily runs."""

LOCKOUT_TIMEOUT_S = 15
"""Ticks wait for each other, and a bucket that hangs would take a minute of each."""

IMPORTS_ONLY = (
    "{listener} only imports: there is no login, and nothing was ever collected. To collect, run "
    "`playledger login {listener}`"
)

TOO_LATE = "Spotify only reports the present"
"""Why a tick of yesterday that is evaluated today, after the daemon was down, starts nothing."""


def poll_schedule(listener: Listener, job_name: str) -> dg.ScheduleDefinition:
    """A poll every 15 minutes, unless no request could be sent anyway.

    Args:
        listener: whose plays are polled.
        job_name: of the job that polls.
    """

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
            if _imports_only(listener, lake.open(), spotify):
                return dg.SkipReason(IMPORTS_ONLY.format(listener=listener.name))
            _check_requests_can_be_sent(listener, lake.open(), spotify.open())
        except PlayledgerError as problem:
            return dg.SkipReason(str(problem))
        date = _date(context)
        if _is_over(date):
            return dg.SkipReason(f"{date} is over: {TOO_LATE}")
        return dg.RunRequest(partition_key=date)

    return poll


def daily_schedule(listener: Listener, job_name: str) -> dg.ScheduleDefinition:
    """One successful run a day; it also starts, and fails, if a person has to repair something.

    Args:
        listener: whose run it is.
        job_name: of the daily job.
    """

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
            if _imports_only(listener, lake.open(), spotify):
                return dg.SkipReason(IMPORTS_ONLY.format(listener=listener.name))
            _check_requests_can_be_sent(listener, lake.open(), spotify.open())
        except PlayledgerError as problem:
            if problem.clears_itself:
                return dg.SkipReason(str(problem))
            context.log.warning(str(problem))
        date = _date(context)
        if _is_over(date):
            return dg.SkipReason(f"{date} is over: {TOO_LATE}")
        hour = context.scheduled_execution_time.astimezone(UTC).hour
        if reason := _reason_to_skip(context.instance, job_name, date, hour):
            return dg.SkipReason(reason)
        return dg.RunRequest(partition_key=date)

    return daily


def scrobbles_schedule(listener: Listener, job_name: str) -> dg.ScheduleDefinition:
    """One run a day that reads Last.fm, where no daily run does, since there is no login.

    Args:
        listener: whose run it is.
        job_name: of the job that reads scrobbles.
    """

    @dg.schedule(
        name=f"{job_name}_schedule",
        job_name=job_name,
        cron_schedule=HOURLY_FROM_FIVE,
        default_status=dg.DefaultScheduleStatus.RUNNING,
    )
    def scrobbles(
        context: dg.ScheduleEvaluationContext, lake: LakeResource, spotify: SpotifyResource
    ) -> dg.RunRequest | dg.SkipReason:
        try:
            if not _imports_only(listener, lake.open(), spotify):
                return dg.SkipReason(f"the daily run of {listener.name} reads Last.fm too")
        except PlayledgerError as problem:
            return dg.SkipReason(str(problem))
        date = _date(context)
        hour = context.scheduled_execution_time.astimezone(UTC).hour
        tags = {run_context.DAY_TAG: date}
        if reason := _reason_to_skip(context.instance, job_name, date, hour, tags):
            return dg.SkipReason(reason)
        return dg.RunRequest(tags=tags)

    return scrobbles


def survey_schedule(survey: Survey, job_name: str) -> dg.ScheduleDefinition:
    """One successful run a day; after a failure again every hour, a few times.

    A survey that is closed, or whose time is over, is not read.

    Args:
        survey: whose sheet is read.
        job_name: of its job.
    """

    @dg.schedule(
        name=f"{job_name}_schedule",
        job_name=job_name,
        cron_schedule=HOURLY_FROM_FIVE,
        default_status=dg.DefaultScheduleStatus.RUNNING,
    )
    def survey_is_due(
        context: dg.ScheduleEvaluationContext, lake: LakeResource
    ) -> dg.RunRequest | dg.SkipReason:
        date = _date(context)
        hour = context.scheduled_execution_time.astimezone(UTC).hour
        tags = {run_context.DAY_TAG: date}
        if reason := _reason_to_skip(context.instance, job_name, date, hour, tags):
            return dg.SkipReason(reason)
        try:
            own = lake.open().survey(survey.name)
            closed = _within_a_tick(lake.open(), lambda: why_closed(own, survey))
        except PlayledgerError as problem:
            context.log.warning(str(problem))
            closed = None
        return dg.SkipReason(closed) if closed else dg.RunRequest(tags=tags)

    return survey_is_due


def playlists_schedule(listener: Listener, job_name: str) -> dg.ScheduleDefinition:
    """Playlists are read once a week; what a run did not finish goes on the next day.

    A tick asks the lake for one small table, and Spotify for nothing.

    Args:
        listener: whose playlists they are.
        job_name: of the job that reads them.
    """

    @dg.schedule(
        name=f"{job_name}_schedule",
        job_name=job_name,
        cron_schedule=DAILY_AT_SIX,
        default_status=dg.DefaultScheduleStatus.RUNNING,
    )
    def playlists(
        context: dg.ScheduleEvaluationContext, lake: LakeResource, spotify: SpotifyResource
    ) -> dg.RunRequest | dg.SkipReason:
        try:
            if _imports_only(listener, lake.open(), spotify):
                return dg.SkipReason(IMPORTS_ONLY.format(listener=listener.name))
            _check_requests_can_be_sent(listener, lake.open(), spotify.open())
            own = lake.of(listener.name)
            stored = _within_a_tick(lake.open(), lambda: own.find_if_valid(PLAYLIST_READINGS))
        except PlayledgerError as problem:
            return dg.SkipReason(str(problem))
        rows = stored.rows.to_pylist() if stored else []
        if not (reason := due(rows, listener.playlists, datetime.now(UTC))):
            return dg.SkipReason("every playlist was looked at within the last week")
        if is_any_running(recent_runs(context.instance, job_name)):
            return dg.SkipReason("playlists are being read")
        context.log.info(reason)
        config = {"ops": {playlist_tables.op.name: {"config": {"scheduled": True}}}}
        return dg.RunRequest(run_config=config, tags={run_context.DAY_TAG: _date(context)})

    return playlists


def _date(context: dg.ScheduleEvaluationContext) -> str:
    return context.scheduled_execution_time.astimezone(UTC).strftime("%Y-%m-%d")


def _is_over(date: str) -> bool:
    return date < f"{datetime.now(UTC):%Y-%m-%d}"


def _imports_only(listener: Listener, lake: Lake, spotify: SpotifyResource) -> bool:
    settings = settings_of(spotify)
    own, scrobbles = lake.of(listener.name), listener.lastfm_user is not None
    return _within_a_tick(lake, lambda: imports_only(settings, own, scrobbles=scrobbles))


def _check_requests_can_be_sent(listener: Listener, lake: Lake, spotify: Spotify) -> None:
    _within_a_tick(lake, spotify.lockouts().check)
    spotify.client(listener.name).login.current()


def _within_a_tick(lake: Lake, ask: Callable[[], T]) -> T:
    """What the lake answers, unless that takes too long."""
    try:
        return run_within(LOCKOUT_TIMEOUT_S, ask)
    except DeadlineExceeded as problem:
        raise StoreUnavailable(f"{lake.store.url('')} does not answer ({problem})") from None


def _reason_to_skip(
    instance: dg.DagsterInstance,
    job: str,
    date: str,
    hour: int,
    tags: Mapping[str, str] | None = None,
) -> str | None:
    """Why a day's run is not started again; None where it should be."""
    records = recent_runs(instance, job, tags or {run_context.PARTITION_TAG: date})
    statuses = [record.dagster_run.status for record in records]
    if dg.DagsterRunStatus.SUCCESS in statuses:
        return f"{date} is done"
    if is_any_running(records):
        return f"{date} is running"
    failures = statuses.count(dg.DagsterRunStatus.FAILURE)
    # Hours are chosen so that the last try of a day, at 23:10, is one of them.
    if failures >= MAX_FAILURES and (hour + 1) % RETRY_HOURS:
        again = f"it is tried again every {RETRY_HOURS} hours"
        return f"{date} has failed {failures} times: look at its last run; {again}"
    return None
