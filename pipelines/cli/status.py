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
from pipelines.ops.health import (
    CacheHealth,
    Health,
    ListenerHealth,
    LoginHealth,
    SurveyHealth,
    check_health,
    health_unavailable,
)
from pipelines.resources.lake.lakes import Lake
from pipelines.settings import Settings

NONE = "-"


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
        _login(listener.login),
        _ago(listener.last_response_at, now),
        listener.last_snapshot or NONE,
        NONE if listener.open_gaps is None else str(listener.open_gaps),
    )


def _login(login: LoginHealth) -> str:
    age = "" if login.age_days is None else f"{login.age_days} days old"
    at_most = "at most " if login.age_days is None else ""
    no_time_left = login.days_left is None or login.state == "expired"
    left = "" if no_time_left else f"{at_most}{login.days_left} days left"
    return ", ".join(part for part in (login.state, age, left) if part)


def _ago(at: datetime | None, now: datetime) -> str:
    if at is None:
        return NONE
    minutes = round((now - at).total_seconds() / 60)
    hours = round(minutes / 60)
    spans = [(minutes, "minute", 120), (hours, "hour", 72), (round(hours / 24), "day", 10**6)]
    count, unit = next((n, unit) for n, unit, limit in spans if n < limit)
    return f"{at:%Y-%m-%d %H:%M} UTC ({count} {unit}{'s' * (count != 1)} ago)"


def cache_line(cache: CacheHealth) -> str:
    """What is kept of Spotify's answers, and what that saved in a week."""
    asked = cache.hits + cache.misses + cache.stale
    kept = [] if cache.entries is None else [f"{cache.entries:,} answers"]
    kept += [] if cache.bytes is None else [f"{cache.bytes / 2**20:,.1f} MB"]
    used = f"; in a week {cache.hits + cache.stale:,} of {asked:,} requests saved" if asked else ""
    stale = f", {cache.stale:,} of them with old answers" if cache.stale else ""
    return f"cache: {cache.backend}, {', '.join(kept)}{used}{stale}"


def survey_line(survey: SurveyHealth) -> str:
    """How many answered, and until when that is kept."""
    people = "not read yet" if survey.people is None else f"{survey.people:,} people"
    kept = f", to be kept until {survey.keep_until}" if survey.keep_until else ""
    return f"survey {survey.survey}: {people}{kept}{', not read any more' if survey.closed else ''}"


def _lines_of(one: ListenerHealth, now: datetime) -> Iterator[Text]:
    if one.odd_answers:
        yield Text(
            f"{one.listener}: polls since yesterday that were not readable in full: "
            f"{one.odd_answers}; all else in them was taken, and `refused` names what was not"
        )
    if one.write_login:
        yield Text(f"{one.listener}: may write playlists (login: {_login(one.write_login)})")
    if one.scrobbles_read_at:
        yield Text(f"{one.listener}: Last.fm was last read {_ago(one.scrobbles_read_at, now)}")


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
