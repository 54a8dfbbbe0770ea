"""Sensors of the whole deployment: alerts, heartbeat, and pruning of old runs and answers.

Which notifications are due is decided in `alerts.py`; finished runs are read by `run_events.py`;
`notify.py` sends, and `run_retention.py` deletes old runs. Add a sensor here that does not belong
to a single listener. None of them starts a run: each tick is a skip whose reason says what it did.
Dagster ends a tick after 60 s, so each part has its limit.
"""

import logging
import time
from collections.abc import Callable, Collection, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

import dagster as dg
import msgspec

from pipelines import run_context
from pipelines.deadline import DeadlineExceeded, run_within
from pipelines.errors import HeartbeatFailed, SettingsError
from pipelines.ops import notify, run_events
from pipelines.ops.alerts import State, pending_notifications
from pipelines.ops.health import (
    LAKE,
    LISTENER_LAKE,
    SETTINGS,
    Problem,
    check_health,
    health_unavailable,
    survey_topic,
)
from pipelines.ops.notify import Address
from pipelines.ops.run_retention import Pruning
from pipelines.resources.cache.opening import open_store
from pipelines.resources.cache.store import CacheUnavailable
from pipelines.resources.dagster_resources import (
    LakeResource,
    ListenersResource,
    NotificationsResource,
    SpotifyResource,
    SurveysResource,
    settings_of,
)
from pipelines.resources.lake.lakes import Lake
from pipelines.settings import Settings

HEALTH_INTERVAL = timedelta(minutes=15)
"""A health check is a few requests to the bucket; a run that fails triggers one at once."""

HEALTH_TIMEOUT_S = 15
DELIVERY_BUDGET_S = 20
"""No delivery starts later in a tick: the next one goes on."""

PRUNE_BUDGET_S = 20
SWEEP_BUDGET_S = 10

T = TypeVar("T")

log = logging.getLogger("playledger")


def _sensor(
    name: str,
    seconds: int,
    description: str,
    tick: Callable[[dg.SensorEvaluationContext, Settings, Lake], str],
) -> dg.SensorDefinition:
    @dg.sensor(
        name=name,
        minimum_interval_seconds=seconds,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=description,
    )
    def sensor(  # noqa: PLR0917 resources come as parameters
        context: dg.SensorEvaluationContext,
        lake: LakeResource,
        spotify: SpotifyResource,
        listeners: ListenersResource,
        surveys: SurveysResource,
        notifications: NotificationsResource,
    ) -> dg.SkipReason:
        settings = settings_of(lake, spotify, listeners, surveys, notifications)
        return dg.SkipReason(tick(context, settings, lake.open()))

    return sensor


def deployment_sensors() -> list[dg.SensorDefinition]:
    """The sensors that a deployment has once, however many listeners it has."""
    return [
        _sensor(
            "alerts",
            60,
            "Notifies ALERT_URLS when something goes wrong, and when it is resolved.",
            alerts_tick,
        ),
        _sensor(
            "heartbeat",
            600,
            "Requests HEARTBEAT_URL after each successful daily run.",
            _heartbeat_tick,
        ),
        _sensor(
            "prune",
            3600,
            "Deletes old polls from Dagster's storage, and old answers from the cache.",
            _prune_tick,
        ),
    ]


def alerts_tick(context: dg.SensorEvaluationContext, settings: Settings, lake: Lake) -> str:
    """Look for problems, and notify each address of what it has not been notified of.

    The cursor holds a `State`: Dagster's storage has it, since the lake may be what is gone. It is
    written last, so that a tick that is cut off notifies twice rather than never.

    Args:
        context: of the tick.
        settings: the listeners, `ALERT_URLS`, and where the tokens are.
        lake: the lake to check.

    Returns:
        What was done, in one line.
    """
    state, now = decode_cursor(context, State), datetime.now(UTC)
    _update(context.instance, settings, lake, state, now)
    summary = _notify(settings, state)
    context.update_cursor(encode_cursor(state))
    return summary


def _update(
    instance: dg.DagsterInstance, settings: Settings, lake: Lake, state: State, now: datetime
) -> None:
    """Bring the state up to date: runs first, since a failed one triggers a health check."""
    finished = run_events.finished_since(instance, state.runs_read_until, now)
    new = [run.dagster_run for run in finished if run.dagster_run.run_id not in state.runs_read]
    failed = any(run.status is dg.DagsterRunStatus.FAILURE for run in new)
    checked_at = state.health_checked_at
    recent = checked_at is not None and checked_at <= now < checked_at + HEALTH_INTERVAL
    if settings.alert_urls and (failed or not recent):
        problems = {problem.topic: problem for problem in _health_problems(settings, lake)}
        state.health = problems | {
            topic: problem
            for topic, problem in state.health.items()
            if topic not in problems and _is_unobservable(topic, problems)
        }
        state.health_checked_at = now
    try:
        owners = {run_events.EVERYBODY, *(listener.name for listener in settings.listeners)}
    except SettingsError:
        return  # health reports it; the runs are read once it is resolved
    try:
        owners |= {survey_topic(survey.name) for survey in settings.surveys}
    except SettingsError:  # likewise; until then nothing is known of surveys, and nothing forgotten
        owners |= state.owners
    for run in new:
        if result := run_events.read(instance, run, owners):
            state.add_run(result)
    state.drop_others(owners)
    state.runs_read = frozenset(record.dagster_run.run_id for record in finished)
    state.runs_read_until = now


def _is_unobservable(topic: str, problems: Collection[str]) -> bool:
    """Whether other problems keep this topic from being checked: then it is not resolved."""
    of_listener = LISTENER_LAKE.format(listener=topic.split(maxsplit=1)[0])
    return not {LAKE, SETTINGS, of_listener}.isdisjoint(problems)


def _health_problems(settings: Settings, lake: Lake) -> list[Problem]:
    """What is wrong with the lake and the listeners."""
    try:
        return run_within(HEALTH_TIMEOUT_S, lambda: check_health(settings, lake).problems)
    except SettingsError as problem:
        return health_unavailable(str(problem)).problems
    except DeadlineExceeded as problem:
        url = lake.store.url("")
        return [Problem(LAKE, f"{url} does not answer ({problem}): check the network")]
    except Exception as problem:  # noqa: BLE001 else no alert at all would be sent any more
        kind = type(problem).__name__
        reason = f"the health check failed with an unexpected {kind}: see `playledger status`"
        return health_unavailable(reason).problems


def _notify(settings: Settings, state: State) -> str:
    """Deliver pending notifications; the state then holds what arrived where."""
    addresses = notify.parse_addresses(settings.alert_urls)
    secrets = notify.configured_secrets(settings)
    deadline = time.monotonic() + DELIVERY_BUDGET_S
    delivered = [_notify_address(address, state, secrets, deadline) for address in addresses]
    state.forget_delivered({address.name for address in addresses})
    if not settings.alert_urls:
        return "ALERT_URLS is not set: no alerts are sent"
    unusable = len(settings.alert_urls) - len(addresses)
    parts = [f"{sum(delivered)} messages delivered", f"{len(state.current_problems)} problems"]
    waiting = [
        one
        for one in addresses
        if any(pending_notifications(state.current_problems, state.notified[one.name]))
    ]
    parts += [f"delivery to {len(waiting)} addresses failed, to be retried"] if waiting else []
    parts += [f"{unusable} addresses in ALERT_URLS cannot be used"] if unusable else []
    return "; ".join(parts)


def _notify_address(
    address: Address, state: State, secrets: frozenset[str], deadline: float
) -> int:
    """How many notifications one address accepted; after the first failure no more are sent."""
    notified = state.notified.setdefault(address.name, {})
    count = 0
    for notification in list(pending_notifications(state.current_problems, notified)):
        if time.monotonic() > deadline or not address.deliver(notification, secrets):
            break
        notification.mark_delivered(notified)
        count += 1
    return count


def _heartbeat_tick(context: dg.SensorEvaluationContext, settings: Settings, _: Lake) -> str:
    """Request `HEARTBEAT_URL` after each successful daily run; the next tick retries a failure.

    The cursor holds for each listener the last run that had its heartbeat. Runs that finished
    since the last tick share one heartbeat.
    """
    try:
        url, listeners = settings.heartbeat_url, settings.listeners
    except SettingsError as problem:
        return str(problem)
    if not url:
        return "HEARTBEAT_URL is not set"
    acknowledged = decode_cursor(context, dict[str, str])
    latest = {one.name: _latest_daily_run(context.instance, one.name) for one in listeners}
    if acknowledged.keys() - latest.keys():  # forget removed listeners here too
        acknowledged = {name: run for name, run in acknowledged.items() if name in latest}
        context.update_cursor(encode_cursor(acknowledged))
    due = {name: run for name, run in latest.items() if run and acknowledged.get(name) != run}
    if not due:
        return "no successful daily run since the last heartbeat"
    try:
        notify.send_heartbeat(url)
    except HeartbeatFailed as problem:
        log.warning(str(problem))
        return f"{problem}: will be retried"
    context.update_cursor(encode_cursor(acknowledged | due))
    return f"heartbeat sent for {', '.join(due.values())}"


def _latest_daily_run(instance: dg.DagsterInstance, listener: str) -> str | None:
    """The last successful daily run for today or yesterday: an older date's is no sign of life."""
    today = datetime.now(UTC).date()
    dates = [str(today), str(today - timedelta(days=1))]
    successful = dg.RunsFilter(
        job_name=f"daily_{listener}",
        statuses=[dg.DagsterRunStatus.SUCCESS],
        tags={run_context.PARTITION_TAG: dates},
    )
    records = instance.get_run_records(successful, limit=1)
    return records[0].dagster_run.run_id if records else None


def _prune_tick(context: dg.SensorEvaluationContext, settings: Settings, _: Lake) -> str:
    """Delete old polls and old answers; the cursor holds up to which dates polls are deleted."""
    dates = decode_cursor(context, dict[str, date])
    deleted = Pruning(context.instance, dates).prune(datetime.now(UTC).date(), PRUNE_BUDGET_S)
    context.update_cursor(encode_cursor(dates))
    return "; ".join([f"{deleted} old polls deleted", *_sweep_cache(settings)])


def _sweep_cache(settings: Settings) -> Iterator[str]:
    """Remove what is kept for too long; yields what there is to say of it."""
    try:
        removed = open_store(settings.cache).sweep(SWEEP_BUDGET_S)
    except (CacheUnavailable, SettingsError) as problem:
        yield f"no answers were removed from the cache ({problem})"
    else:
        if removed:
            yield f"{removed:,} old answers removed from the cache"


def decode_cursor(context: dg.SensorEvaluationContext, kind: type[T]) -> T:
    """What the last tick wrote; an empty value where another version wrote something else.

    Args:
        context: of the tick.
        kind: the type of what is written.
    """
    try:
        return msgspec.json.decode(context.cursor or "{}", type=kind)
    except msgspec.DecodeError:
        return msgspec.json.decode("{}", type=kind)


def encode_cursor(value: object) -> str:
    """What the next tick is to read."""
    return msgspec.json.encode(value).decode()
