"""The schedules: a poll every 15 minutes, a daily run, playlists, surveys, scrobbles.

A tick whose run would only fail is skipped with the reason, so that a lockout of 20 hours does not
leave 80 failed runs. Everybody's minute is their own, and where there are many listeners their hour
too, so that they do not start at once.
Add here what starts at a time of day; what starts after an event is a sensor beside this module.
What a run does belongs to its assets.
"""

import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from math import ceil
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
from pipelines.resources.spotify.client import Spotify, SpotifyClient
from pipelines.resources.spotify.rate_limit import Throttle
from pipelines.settings import Listener
from pipelines.settings.surveys import Survey
from pipelines.surveys.closing import why_closed

T = TypeVar("T")
Context = dg.ScheduleEvaluationContext
Decision = dg.RunRequest | str
"""A run, or why there is none."""

RETRY_HOURS = 4
"""After `MAX_FAILURES`, a day's run is tried less often: its data is available on that day only."""

LOCKOUT_TIMEOUT_S = 15
"""Ticks wait for each other, and a bucket that hangs would take a minute of each."""

IMPORTS_ONLY = (
    "{listener} only imports: there is no login, and nothing was ever collected. To collect, run "
    "`playledger login {listener}`"
)

LISTENERS_AN_HOUR = 12
"""Whose daily runs begin in the same hour: of 1,000 requests an hour the polls of 125 leave 500."""

MOST_HOURS = 12

ROUND_S = 900.0
"""Seconds in which everybody is polled once."""

REQUESTS_OF_A_DAILY_RUN = 40
"""As docs/cost.md counts them."""

DAILY_RUNS_AT_A_TIME = 5
"""As in deploy/dagster.yaml: of 1,000 requests an hour they take a fifth."""

TOO_LATE = "Spotify only reports the present"
"""Why a tick of yesterday that is evaluated today, after the daemon was down, starts nothing."""


def hours_for(listeners: int) -> int:
    """Over how many hours the daily runs of so many listeners begin."""
    return min(MOST_HOURS, max(1, ceil(listeners / LISTENERS_AN_HOUR)))


def every_15_minutes(name: str) -> str:
    """When somebody's plays are polled.

    Spotify tells of the last 50 plays. Of the shortest that it tells of, 30 seconds, they last 25
    minutes, and so no poll in time loses any. Where one is missed, 30 minutes lie between two: none
    is lost where those 50 lasted 36 seconds each, as nearly all music does.

    Args:
        name: theirs.
    """
    return f"{_place(name, 15)}-59/15 * * * *"


def hourly_from_five(name: str, hours: int = 1) -> str:
    """When somebody's run of the day starts: between 05:10 and 05:59 UTC, or in an hour after that.

    If it was locked out or failed, again every hour. That is also why no date is missed or done
    twice where the time becomes another: what is done is skipped, what is not is tried.

    Args:
        name: of the listener, or the survey.
        hours: over how many hours everybody's are spread.
    """
    hour, minute = divmod(_place(name, 50 * hours), 50)
    return f"{10 + minute} {5 + hour}-23 * * *"


def daily_from_six(name: str, hours: int = 1) -> str:
    """When it is seen whether somebody's playlists are to be read: after most daily runs.

    Args:
        name: theirs.
        hours: over how many hours everybody's are spread.
    """
    hour, minute = divmod(40 + _place(name, 60 * hours), 60)
    return f"{minute} {6 + hour} * * *"


def daily_in_the_end(hours: int) -> str:
    """When the views are made where there are several code locations: after most daily runs.

    Args:
        hours: over how many hours these are spread.
    """
    return f"0 {7 + hours} * * *"


def _place(name: str, places: int) -> int:
    """One of so many places, the same for a name whenever and wherever it is asked for."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8]) % places


def poll_schedule(listener: Listener, job_name: str) -> dg.ScheduleDefinition:
    """A poll every 15 minutes, unless no request could be sent anyway.

    Args:
        listener: whose plays are polled.
        job_name: of the job that polls.
    """

    def poll(context: Context, lake: LakeResource, spotify: SpotifyResource) -> Decision:
        if reason := _only_imports(listener, lake.open(), spotify):
            return reason
        client = _ready(listener, lake.open(), spotify.open())
        reason = _too_late(context) or _full(client.throttle)
        return reason or dg.RunRequest(partition_key=_date(context))

    return _schedule(job_name, every_15_minutes(listener.name), poll)


def daily_schedule(listener: Listener, job_name: str, hours: int = 1) -> dg.ScheduleDefinition:
    """One successful run a day; it also starts, and fails, if a person has to repair something.

    Args:
        listener: whose run it is.
        job_name: of the daily job.
        hours: over how many hours everybody's are spread.
    """

    def daily(context: Context, lake: LakeResource, spotify: SpotifyResource) -> Decision:
        try:
            if reason := _only_imports(listener, lake.open(), spotify):
                return reason
            full = _busy(_ready(listener, lake.open(), spotify.open()).throttle)
        except PlayledgerError as problem:
            full = None
            if problem.clears_itself:
                raise
            context.log.warning(str(problem))
        date = _date(context)
        reason = _too_late(context) or _done(context, job_name, {run_context.PARTITION_TAG: date})
        return reason or full or dg.RunRequest(partition_key=date)

    return _schedule(job_name, hourly_from_five(listener.name, hours), daily)


def scrobbles_schedule(listener: Listener, job_name: str) -> dg.ScheduleDefinition:
    """One run a day that reads Last.fm, where no daily run does, since there is no login.

    Args:
        listener: whose run it is.
        job_name: of the job that reads scrobbles.
    """

    def scrobbles(context: Context, lake: LakeResource, spotify: SpotifyResource) -> Decision:
        if not _only_imports(listener, lake.open(), spotify):
            return f"the daily run of {listener.name} reads Last.fm too"
        tags = {run_context.DAY_TAG: _date(context)}
        return _done(context, job_name, tags) or dg.RunRequest(tags=tags)

    return _schedule(job_name, hourly_from_five(listener.name), scrobbles)


def survey_schedule(survey: Survey, job_name: str) -> dg.ScheduleDefinition:
    """One successful run a day; after a failure again every hour, a few times.

    A survey that is closed, or whose time is over, is not read.

    Args:
        survey: whose sheet is read.
        job_name: of its job.
    """

    def survey_is_due(context: Context, lake: LakeResource, _: SpotifyResource) -> Decision:
        tags = {run_context.DAY_TAG: _date(context)}
        if reason := _done(context, job_name, tags):
            return reason
        try:
            own = lake.open().survey(survey.name)
            closed = _within_a_tick(lake.open(), lambda: why_closed(own, survey))
        except PlayledgerError as problem:
            context.log.warning(str(problem))
            closed = None
        return closed or dg.RunRequest(tags=tags)

    return _schedule(job_name, hourly_from_five(survey.name), survey_is_due)


def views_schedule(job_name: str, hours: int) -> dg.ScheduleDefinition:
    """The views once a day, after most daily runs, where not every daily run can make them.

    Args:
        job_name: of their job.
        hours: over how many hours everybody's daily runs are spread.
    """
    return dg.ScheduleDefinition(
        name=f"{job_name}_schedule",
        job_name=job_name,
        cron_schedule=daily_in_the_end(hours),
        default_status=dg.DefaultScheduleStatus.RUNNING,
    )


def playlists_schedule(listener: Listener, job_name: str, hours: int = 1) -> dg.ScheduleDefinition:
    """Playlists are read once a week; what a run did not finish goes on the next day.

    A tick asks the lake for one small table, and Spotify for nothing.

    Args:
        listener: whose playlists they are.
        job_name: of the job that reads them.
        hours: over how many hours everybody's are spread.
    """

    def playlists(context: Context, lake: LakeResource, spotify: SpotifyResource) -> Decision:
        if reason := _only_imports(listener, lake.open(), spotify):
            return reason
        _ready(listener, lake.open(), spotify.open())
        own = lake.of(listener.name)
        stored = _within_a_tick(lake.open(), lambda: own.find_if_valid(PLAYLIST_READINGS))
        rows = stored.rows.to_pylist() if stored else []
        if not (reason := due(rows, listener.playlists, datetime.now(UTC))):
            return "every playlist was looked at within the last week"
        if is_any_running(recent_runs(context.instance, job_name)):
            return "playlists are being read"
        context.log.info(reason)
        config = {"ops": {playlist_tables.op.name: {"config": {"scheduled": True}}}}
        return dg.RunRequest(run_config=config, tags={run_context.DAY_TAG: _date(context)})

    return _schedule(job_name, daily_from_six(listener.name, hours), playlists)


def _schedule(
    job_name: str,
    cron: str,
    decide: Callable[[Context, LakeResource, SpotifyResource], Decision],
) -> dg.ScheduleDefinition:
    """A schedule that skips with the reason, or with the sentence of what is wrong."""

    @dg.schedule(
        name=f"{job_name}_schedule",
        job_name=job_name,
        cron_schedule=cron,
        default_status=dg.DefaultScheduleStatus.RUNNING,
    )
    def schedule(
        context: Context, lake: LakeResource, spotify: SpotifyResource
    ) -> dg.RunRequest | dg.SkipReason:
        try:
            decision = decide(context, lake, spotify)
        except PlayledgerError as problem:
            decision = str(problem)
        return dg.SkipReason(decision) if isinstance(decision, str) else decision

    return schedule


def _date(context: Context) -> str:
    return context.scheduled_execution_time.astimezone(UTC).strftime("%Y-%m-%d")


def _too_late(context: Context) -> str | None:
    date = _date(context)
    return f"{date} is over: {TOO_LATE}" if date < f"{datetime.now(UTC):%Y-%m-%d}" else None


def _only_imports(listener: Listener, lake: Lake, spotify: SpotifyResource) -> str | None:
    settings = settings_of(spotify)
    own, scrobbles = lake.of(listener.name), listener.lastfm_user is not None
    if _within_a_tick(lake, lambda: imports_only(settings, own, scrobbles=scrobbles)):
        return IMPORTS_ONLY.format(listener=listener.name)
    return None


def _ready(listener: Listener, lake: Lake, spotify: Spotify) -> SpotifyClient:
    """Who sends requests for a listener; that nobody would answer them is an error."""
    _within_a_tick(lake, spotify.lockouts(listener.name).check)
    client = spotify.client(listener.name)
    client.login.current()
    return client


def _full(throttle: Throttle) -> str | None:
    """Why not even one request can be sent; None where it can."""
    if (at := throttle.full_until(1)) is None:
        return None
    return f"{throttle.per_hour} requests an hour (REQUESTS_PER_HOUR) are sent until {at:%H:%M} UTC"


def _busy(throttle: Throttle) -> str | None:
    """Why a daily run would take from polls what they need; None where it does not."""
    if (at := busy_until(throttle)) is None:
        return None
    return (
        f"so many of {throttle.per_hour} requests an hour (REQUESTS_PER_HOUR) were sent just now "
        f"that polls may need the rest until {at:%H:%M} UTC"
    )


def busy_until(throttle: Throttle) -> datetime | None:
    """Until when a daily run would take from polls what they need; None where it does not.

    The hour must have room for those that run already, and the quarter of an hour for this one.

    Args:
        throttle: of the app, or of all apps of its developer.
    """
    # Half of a quarter's share at most, or who has a small share of the hour could never begin.
    needed = min(REQUESTS_OF_A_DAILY_RUN, throttle.per_hour // 8)
    at = throttle.full_until(throttle.per_hour // DAILY_RUNS_AT_A_TIME)
    return at or throttle.full_until(needed, ROUND_S)


def _within_a_tick(lake: Lake, ask: Callable[[], T]) -> T:
    """What the lake answers, unless that takes too long."""
    try:
        return run_within(LOCKOUT_TIMEOUT_S, ask)
    except DeadlineExceeded as problem:
        raise StoreUnavailable(f"{lake.store.url('')} does not answer ({problem})") from None


def _done(context: Context, job: str, tags: Mapping[str, str]) -> str | None:
    """Why the run of the day with these tags is not started again; None where it should be."""
    date, hour = _date(context), context.scheduled_execution_time.astimezone(UTC).hour
    records = recent_runs(context.instance, job, tags)
    statuses = [record.dagster_run.status for record in records]
    if dg.DagsterRunStatus.SUCCESS in statuses:
        return f"{date} is done"
    if is_any_running(records):
        return f"{date} is running"
    failures = statuses.count(dg.DagsterRunStatus.FAILURE)
    # Hours are chosen so that the last try of a day, after 23:10, is one of them.
    if failures >= MAX_FAILURES and (hour + 1) % RETRY_HOURS:
        again = f"it is tried again every {RETRY_HOURS} hours"
        return f"{date} has failed {failures} times: look at its last run; {again}"
    return None
