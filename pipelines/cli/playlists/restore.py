"""`playledger playlists restore`: a kept state of a playlist becomes a new playlist.

Which states there are, and what cannot come back, is `library/restoring.py`; it is written like any
plan, after the same question.
"""

from collections import Counter

import click
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from pipelines.cli.playlists.apply import apply_plan
from pipelines.cli.terminal import show
from pipelines.library.plans import Plans
from pipelines.library.restoring import LATEST, State, restoring, state_of, states
from pipelines.listening.plain_text import plain
from pipelines.listening.playlists.describe import markdown
from pipelines.listening.playlists.parts import Pace
from pipelines.listening.playlists.plan import Plan
from pipelines.resources.lake.lakes import Lake
from pipelines.settings import Settings


@click.command()
@click.argument("listener")
@click.argument("playlist", required=False)
@click.option(
    "--at",
    default=LATEST,
    show_default=True,
    metavar="TIME",
    help="Its state at that time, such as 2026-11-28 or 2026-11-28T17:30 (UTC).",
)
@click.option("--name", help="Of the new playlist; by default the old name with the date.")
@click.option("--list", "listing", is_flag=True, help="List the states that are kept.")
@click.option("--confirm", metavar="PLAN", help="The plan's id, instead of typing it in.")
@click.pass_obj
def restore(
    settings: Settings,
    listener: str,
    playlist: str | None,
    *,
    at: str,
    name: str | None,
    listing: bool,
    confirm: str | None,
) -> None:
    """Make a kept state of one of LISTENER's playlists again, as a new playlist.

    PLAYLIST is a name, an id or an address, or `liked`. Every complete reading is such a state. The
    playlist as it is now is not touched.
    """
    lake = Lake.open(settings)
    own = lake.of(settings.listener(listener).name)
    if listing:
        wanted = state_of(own, playlist).reading.playlist_id if playlist else ""
        show(_listed(states(own, wanted), own.listener))
        return
    if not playlist:
        raise click.UsageError("name a playlist, or --list")
    pace = Pace(settings.request_interval_s, settings.requests_per_hour)
    planned = restoring(own, state_of(own, playlist, at), name=name, pace=pace)
    page = Plans(own).save(planned.plan, markdown(planned))
    show(_cannot_come_back(planned.plan))
    show(f"All of it, in full: {page}", markup=False)
    apply_plan(settings, lake, own, planned.plan, confirm)


def _listed(kept: list[State], listener: str) -> RenderableType:
    if not kept:
        return (
            f"Nothing is kept of {listener}'s playlists yet: run "
            f"`playledger playlists fetch {listener}`"
        )
    table = Table("playlist", "id", "state of", "items")
    table.columns[3].justify = "right"
    for one in kept:
        table.add_row(
            Text(plain(one.name)),
            one.reading.playlist_id,
            f"{one.reading.started_at:%Y-%m-%dT%H:%M:%S} UTC",
            "" if one.items is None else f"{one.items:,}",
        )
    return table


def _cannot_come_back(plan: Plan) -> RenderableType:
    reasons = Counter(one.reason for one in plan.left)
    lines = [Text(f"cannot come back: {number:,}, {why}") for why, number in reasons.items()]
    named = [Text(f"  place {one.position:,}: {plain(one.title)}") for one in plan.left[:10]]
    more = [Text(f"  and {len(plan.left) - 10:,} more")] if len(plan.left) > 10 else []  # noqa: PLR2004
    return Group(*lines, *named, *more)
