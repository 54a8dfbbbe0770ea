"""`playledger cache`: what is kept of Spotify's answers, and how to be rid of it.

What is kept, and for how long, is `resources/cache/`.
"""

import click
import msgspec
from rich.table import Table

from pipelines.cli.terminal import show
from pipelines.errors import CacheProblem
from pipelines.resources.cache.opening import open_file, open_store
from pipelines.resources.cache.responses import OUTCOMES
from pipelines.resources.cache.store import CacheUnavailable
from pipelines.settings import Settings


@click.group()
def cache() -> None:
    """Answers of Spotify's catalogue that are kept for some hours."""


@cache.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_obj
def stats(settings: Settings, *, as_json: bool) -> None:
    """Show what is kept, and what became of questions, day by day.

    Saved are hits and stale answers: requests that were not sent. Counted are the questions of
    this machine.
    """
    try:
        used = open_store(settings.cache).usage()
        tallied = open_file(settings.cache).tallied()
    except CacheUnavailable as problem:
        raise CacheProblem(f"the cache cannot be read ({problem})") from None
    rows: dict[tuple[str, str], dict[str, int]] = {}
    for day, listener, outcome, times in tallied:
        rows.setdefault((day, listener), dict.fromkeys(OUTCOMES, 0))[outcome] = times
    days = [
        {"day": day, "listener": listener, **times, "saved": times["hit"] + times["stale"]}
        for (day, listener), times in sorted(rows.items())
    ]
    if as_json:
        click.echo(msgspec.json.encode({**msgspec.to_builtins(used), "days": days}))
        return
    table = Table("day", "listener")
    for column in ("hits", "misses", "stale", "saved"):
        table.add_column(column, justify="right")
    for row in days:
        date, name, *numbers = row.values()
        table.add_row(str(date), str(name), *(f"{number:,}" for number in numbers))
    show(table)
    size = "" if used.bytes is None else f", {used.bytes / 2**20:,.1f} MB"
    show(f"{used.backend}: {used.entries or 0:,} answers{size}")
    if used.problem:
        show(f"The server is away ({used.problem}): a file is used instead.", style="yellow")


@cache.command()
@click.argument("listener", required=False)
@click.pass_obj
def clear(settings: Settings, listener: str | None) -> None:
    """Remove what is kept for LISTENER, or for everybody."""
    store = open_store(settings.cache)
    try:
        removed = store.drop(listener) if listener else store.clear()
    except CacheUnavailable as problem:
        raise CacheProblem(
            f"the cache cannot be emptied ({problem}): run this again when it can"
        ) from None
    show(f"{removed:,} answers were removed.")
