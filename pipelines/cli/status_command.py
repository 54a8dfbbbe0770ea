"""What `playledger status` shows: health as tables for a person, or as JSON for a probe.

What is looked at is `ops/health.py`.
"""

from collections.abc import Iterator
from datetime import datetime

import msgspec
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from pipelines.ops.health import Health, ListenerHealth, LoginHealth

NONE = "-"


def as_json(health: Health) -> str:
    """One object with all that is known; instants in UTC, `healthy` first."""
    document = {"healthy": health.healthy} | msgspec.to_builtins(health)
    return msgspec.json.format(msgspec.json.encode(document)).decode()


def as_text(health: Health) -> RenderableType:
    """Tables, and below them what is wrong."""
    table = Table("listener", "login", "last response", "last snapshot", "open gaps")
    for one in health.listeners:
        table.add_row(*_row(one, health.checked_at))
    return Group(table, *_lines(health))


def _row(one: ListenerHealth, now: datetime) -> tuple[str, ...]:
    return (
        one.listener,
        _login(one.login),
        _ago(one.last_response_at, now),
        one.last_snapshot or NONE,
        NONE if one.open_gaps is None else str(one.open_gaps),
    )


def _login(login: LoginHealth) -> str:
    age = "" if login.age_days is None else f"{login.age_days} days old"
    at_most = "at most " if login.age_days is None else ""
    over = login.days_left is None or login.state == "expired"
    left = "" if over else f"{at_most}{login.days_left} days left"
    return ", ".join(part for part in (login.state, age, left) if part)


def _ago(at: datetime | None, now: datetime) -> str:
    if at is None:
        return NONE
    minutes = round((now - at).total_seconds() / 60)
    hours = round(minutes / 60)
    spans = [(minutes, "minute", 120), (hours, "hour", 72), (round(hours / 24), "day", 10**6)]
    count, unit = next((n, unit) for n, unit, most in spans if n < most)
    return f"{at:%Y-%m-%d %H:%M} UTC ({count} {unit}{'s' * (count != 1)} ago)"


def _lines(health: Health) -> Iterator[Text]:
    reachable = "reachable" if health.lake_reachable else "not reachable"
    yield Text(f"lake: {health.lake_url}, {reachable}")
    for one in health.lockouts:
        until = f"until {one.retry_at:%Y-%m-%d %H:%M:%S} UTC"
        yield Text(f"lockout: {one.group}, {until}, since {one.locked_at:%Y-%m-%d %H:%M} UTC")
    if not health.listeners:
        yield Text("no listeners yet")
    for problem in health.problems:
        style = "red" if problem.level == "failure" else "yellow"
        yield Text(f"{problem.level}: {problem.sentence}", style=style)
    yield Text("healthy" if health.healthy else "not healthy", style="bold")
