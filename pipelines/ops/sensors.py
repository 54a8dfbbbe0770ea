"""Sensors of the whole deployment: they tell a person, give a sign of life, and tidy up.

What to tell is decided in `alerts.py`, what ended runs say is read in `run_events.py`, messages go
out by `notify.py`, old runs go by `run_retention.py`. Add a sensor here that is no single listener's.
None of them starts a run: each tick is a skip whose reason says what was done. Dagster ends a tick
after 60 s, so everything here has its limit.
"""

import logging
import time
from collections.abc import Callable, Collection
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

import dagster as dg
import msgspec

from pipelines import run_context
from pipelines.deadline import DeadlineExceeded, run_within
from pipelines.errors import HeartbeatFailed, SettingsError
from pipelines.ops import notify, run_events
from pipelines.ops.alerts import State, news
from pipelines.ops.health import LAKE, LAKE_OF_ONE, SETTINGS, Problem, health, unknown
from pipelines.ops.notify import Address
from pipelines.ops.run_retention import Pruning
from pipelines.resources.lake.tables import Lake
from pipelines.settings import Settings

LOOK_EVERY = timedelta(minutes=15)
"""A look at health is a few requests to the bucket; a run that fails leads to one at once."""

LOOK_WITHIN_S = 15
DELIVER_WITHIN_S = 20
"""No delivery begins later in a tick: the next one goes on."""

PRUNE_WITHIN_S = 20

T = TypeVar("T")

log = logging.getLogger("playledger")


def _sensor(
    name: str, seconds: int, description: str, tick: Callable[[dg.SensorEvaluationContext], str]
) -> dg.SensorDefinition:
    @dg.sensor(
        name=name,
        minimum_interval_seconds=seconds,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=description,
    )
    def sensor(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        return dg.SkipReason(tick(context))

    return sensor


def watching_sensors() -> list[dg.SensorDefinition]:
    """What a deployment has once, however many listeners it has."""
    return [
        _sensor("alerts", 60, "Tells ALERT_URLS of what goes wrong, and that it is over.", alert),
        _sensor("heartbeat", 600, "Asks for HEARTBEAT_URL after each good daily run.", heartbeat),
        _sensor("prune", 3600, "Deletes old polls from Dagster's storage.", prune),
    ]


def alert(context: dg.SensorEvaluationContext) -> str:
    """Look at what is wrong, and tell each address what it has not been told.

    The cursor holds a `State`: Dagster's storage has it, since the lake may be what is gone. It is
    written when all is said, so a tick that is cut off is told again rather than lost.
    """
    settings, now = Settings(), datetime.now(UTC)
    state = _remembered(context, State)
    _learn(context.instance, settings, state, now)
    told = _tell(settings, state)
    context.update_cursor(_to_remember(state))
    return told


def _learn(instance: dg.DagsterInstance, settings: Settings, state: State, now: datetime) -> None:
    """Bring the state up to date: first runs, since one that fails is a reason to look further."""
    ended = run_events.ended_since(instance, state.seen_at, now)
    new = [run.dagster_run for run in ended if run.dagster_run.run_id not in state.handled]
    failed = any(run.status is dg.DagsterRunStatus.FAILURE for run in new)
    known = state.looked_at is not None and state.looked_at <= now < state.looked_at + LOOK_EVERY
    if settings.alert_urls and (failed or not known):
        found = {problem.about: problem for problem in _look(settings)}
        state.health = found | {
            about: problem
            for about, problem in state.health.items()
            if about not in found and _is_hidden(about, found)
        }
        state.looked_at = now
    try:
        listeners = {listener.name for listener in settings.listeners}
    except SettingsError:
        return  # health tells of it; whose the runs are is seen when it is mended
    for run in new:
        if told := run_events.read(instance, run, listeners):
            state.take_in(told)
    state.only_of(listeners)
    state.handled = frozenset(record.dagster_run.run_id for record in ended)
    state.seen_at = now


def _is_hidden(about: str, found: Collection[str]) -> bool:
    """Whether this could not be looked at: then it is not over."""
    of_one = LAKE_OF_ONE.format(listener=about.split(maxsplit=1)[0])
    return not {LAKE, SETTINGS, of_one}.isdisjoint(found)


def _look(settings: Settings) -> list[Problem]:
    """What is wrong with the lake and the listeners."""
    try:
        lake = Lake.open(settings)
        return run_within(LOOK_WITHIN_S, lambda: health(settings, lake).problems)
    except SettingsError as problem:
        return unknown(str(problem)).problems
    except DeadlineExceeded as problem:
        where = lake.store.url("")
        return [Problem(LAKE, f"{where} does not answer ({problem}): look at the network")]
    except Exception as problem:  # noqa: BLE001 else nothing at all would be told any more
        kind = type(problem).__name__
        return unknown(f"cannot look, with an unexpected {kind}: see `playledger status`").problems


def _tell(settings: Settings, state: State) -> str:
    """Deliver what is new; the state then holds what arrived where."""
    addresses = notify.addresses(settings.alert_urls)
    secrets = notify.known_secrets(settings)
    until = time.monotonic() + DELIVER_WITHIN_S
    delivered = [_tell_one(address, state, secrets, until) for address in addresses]
    state.settle({address.name for address in addresses})
    if not settings.alert_urls:
        return "ALERT_URLS is not set: nobody is told of what goes wrong"
    unusable = len(settings.alert_urls) - len(addresses)
    parts = [f"{sum(delivered)} messages delivered", f"{len(state.present)} problems"]
    waiting = [one for one in addresses if any(news(state.present, state.told[one.name]))]
    parts += [f"{len(waiting)} addresses did not take theirs: tried again"] if waiting else []
    parts += [f"{unusable} addresses in ALERT_URLS cannot be used"] if unusable else []
    return "; ".join(parts)


def _tell_one(address: Address, state: State, secrets: frozenset[str], until: float) -> int:
    """How many messages one address took; after one that it did not, none is tried."""
    told = state.told.setdefault(address.name, {})
    count = 0
    for message in list(news(state.present, told)):
        if time.monotonic() > until or not address.deliver(message, secrets):
            break
        message.delivered(told)
        count += 1
    return count


def heartbeat(context: dg.SensorEvaluationContext) -> str:
    """Ask for `HEARTBEAT_URL` after each good daily run; where that fails, next minute again.

    The cursor holds for each listener the last run that it was asked for. Runs that ended since
    the last tick have one heartbeat together.
    """
    settings = Settings()
    try:
        url, listeners = settings.heartbeat_url, settings.listeners
    except SettingsError as problem:
        return str(problem)
    if not url:
        return "HEARTBEAT_URL is not set"
    told = _remembered(context, dict[str, str])
    good = {one.name: _good_daily(context.instance, one.name) for one in listeners}
    if told.keys() - good.keys():  # whoever is no more is not remembered either
        told = {name: run for name, run in told.items() if name in good}
        context.update_cursor(_to_remember(told))
    due = {name: run for name, run in good.items() if run and told.get(name) != run}
    if not due:
        return "no good daily run since the last heartbeat"
    try:
        notify.beat(url)
    except HeartbeatFailed as problem:
        log.warning(str(problem))
        return f"{problem}: tried again"
    context.update_cursor(_to_remember(told | due))
    return f"a heartbeat for {', '.join(due.values())}"


def _good_daily(instance: dg.DagsterInstance, listener: str) -> str | None:
    """The last good daily run for today or yesterday: an older date's is no sign of life."""
    today = datetime.now(UTC).date()
    dates = [str(today), str(today - timedelta(days=1))]
    good = dg.RunsFilter(
        job_name=f"daily_{listener}",
        statuses=[dg.DagsterRunStatus.SUCCESS],
        tags={run_context.PARTITION_TAG: dates},
    )
    found = instance.get_run_records(good, limit=1)
    return found[0].dagster_run.run_id if found else None


def prune(context: dg.SensorEvaluationContext) -> str:
    """Delete old polls; the cursor holds up to which dates that is done."""
    dates = _remembered(context, dict[str, date])
    deleted = Pruning(context.instance, dates).prune(datetime.now(UTC).date(), PRUNE_WITHIN_S)
    context.update_cursor(_to_remember(dates))
    return f"{deleted} old polls deleted"


def _remembered(context: dg.SensorEvaluationContext, kind: type[T]) -> T:
    """What the last tick wrote down; nothing, where that was another version's."""
    try:
        return msgspec.json.decode(context.cursor or "{}", type=kind)
    except msgspec.DecodeError:
        return msgspec.json.decode("{}", type=kind)


def _to_remember(what: object) -> str:
    return msgspec.json.encode(what).decode()
