"""`playledger status`: health as tables for a person, or as JSON for a probe.

What is checked is `ops/health.py`.
"""

from collections.abc import Iterator
from datetime import datetime

import click
import msgspec
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from pipelines.cli.terminal import show
from pipelines.errors import PlayledgerError
from pipelines.ops.health import Health, ListenerHealth, check_health, health_unavailable
from pipelines.ops.health_words import NONE, ago, cache_line, login_words, survey_line
from pipelines.resources.lake.lakes import Lake
from pipelines.settings import Settings


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for probes.")
@click.pass_obj
def status(settings: Settings, *, as_json: bool) -> None:
    """Show the state of logins, collecting, lockouts and the lake; exit with 1 if unhealthy.

    Reads the lake and the token files only: no request goes to Spotify or to Dagster.
    """
    try:
        health = check_health(settings, Lake.open(settings))
    except PlayledgerError as problem:
        if not as_json:
            raise
        health = health_unavailable(str(problem))
    if as_json:
        click.echo(health_json(health))
    else:
        show(health_tables(health))
    if not health.healthy:
        raise SystemExit(1)


def health_json(health: Health) -> str:
    """One object with all of it; instants in UTC, `healthy` first."""
    document = {"healthy": health.healthy} | msgspec.to_builtins(health)
    return msgspec.json.format(msgspec.json.encode(document)).decode()


def health_tables(health: Health) -> RenderableType:
    """A table of listeners, and below it what is wrong."""
    table = Table("listener", "login", "last response", "last snapshot", "open gaps")
    for listener in health.listeners:
        table.add_row(*_row(listener, health.checked_at))
    return Group(table, *_lines(health))


def _row(listener: ListenerHealth, now: datetime) -> tuple[str, ...]:
    return (
        listener.listener,
        login_words(listener.login),
        ago(listener.last_response_at, now),
        listener.last_snapshot or NONE,
        NONE if listener.open_gaps is None else str(listener.open_gaps),
    )


def _lines_of(one: ListenerHealth, now: datetime) -> Iterator[Text]:
    if one.odd_answers:
        yield Text(
            f"{one.listener}: polls since yesterday that were not readable in full: "
            f"{one.odd_answers}; all else in them was taken, and `refused` names what was not"
        )
    if one.write_login:
        yield Text(f"{one.listener}: may write playlists (login: {login_words(one.write_login)})")
    if one.scrobbles_read_at:
        yield Text(f"{one.listener}: Last.fm was last read {ago(one.scrobbles_read_at, now)}")


def _lines(health: Health) -> Iterator[Text]:
    reachable = "reachable" if health.lake_reachable else "not reachable"
    yield Text(f"lake: {health.lake_url}, {reachable}")
    for lockout in health.lockouts:
        until = f"until {lockout.retry_at:%Y-%m-%d %H:%M:%S} UTC"
        since = f"since {lockout.locked_at:%Y-%m-%d %H:%M} UTC"
        yield Text(f"lockout: {lockout.group}, {until}, {since}")
    for one in health.listeners:
        yield from _lines_of(one, health.checked_at)
    for survey in health.surveys:
        yield Text(survey_line(survey))
    if health.cache:
        yield Text(cache_line(health.cache))
    if health.catalogue_reads_per_day == 0:
        yield Text("catalogue: no track is looked up (CATALOGUE_READS_PER_DAY is 0)")
    if not health.listeners:
        yield Text("no listeners yet")
    for problem in health.problems:
        style = "red" if problem.level == "failure" else "yellow"
        yield Text(f"{problem.level}: {problem.sentence}", style=style)
    yield Text("healthy" if health.healthy else "not healthy", style="bold")
