"""`playledger playlists apply`: a plan is confirmed by its id, written, and read back.

How it is written is `library/applying.py`. No request is sent before it is confirmed.
"""

import click
from rich.console import Group, RenderableType
from rich.progress import MofNCompleteColumn
from rich.table import Table
from rich.text import Text

from pipelines.cli.terminal import progress_bar, show
from pipelines.library.applying import UNLISTED, Applying
from pipelines.library.plans import Plans
from pipelines.library.sources import titles
from pipelines.listening.plain_text import plain
from pipelines.listening.playlists.plan import Plan
from pipelines.listening.playlists.written import Written
from pipelines.resources.lake.lakes import Lake, ListenerLake
from pipelines.resources.spotify.client import Spotify
from pipelines.settings import Settings


@click.command()
@click.argument("listener")
@click.argument("plan_id", metavar="PLAN")
@click.option("--confirm", metavar="PLAN", help="The plan's id, instead of typing it in.")
@click.pass_obj
def apply(settings: Settings, listener: str, plan_id: str, confirm: str | None) -> None:
    """Write PLAN, which `playlists plan` made, to LISTENER's account: as new playlists only.

    It asks for the plan's id; until then nothing is sent to Spotify. If it is interrupted, or
    Spotify refuses for a while, run it again: it goes on where it stopped. It needs a login of its
    own: `playledger login LISTENER --write`.
    """
    lake = Lake.open(settings)
    own = lake.of(settings.listener(listener).name)
    apply_plan(settings, lake, own, Plans(own).load(plan_id), confirm)


def apply_plan(
    settings: Settings, lake: Lake, own: ListenerLake, plan: Plan, confirm: str | None
) -> None:
    """Show what will be written, ask, write it, and show what was.

    Args:
        settings: the app, and where logins are.
        lake: the lake.
        own: the listener's.
        plan: the plan.
        confirm: its id, where a person has typed it in already.

    Raises:
        ApplyFailed: where it is not done; says how to go on.
    """
    applying = Applying(own, Spotify(settings, lake), plan)
    if applying.written.done:
        show(_done(applying.written))
        return
    applying.check_logins()
    show(_before(applying.written))
    typed = confirm or click.prompt("Type the id of the plan to write it", prompt_suffix=": ")
    amount = MofNCompleteColumn(separator=" of ")
    applying.apply_confirmed(typed, lambda counted: progress_bar(counted, amount))
    show(_after(applying.written, own))
    applying.check_done()


def _before(written: Written) -> RenderableType:
    """What will be written, and what is already."""
    plan = written.plan
    table = Table("new playlist", "songs", "written")
    for column in table.columns[1:]:
        column.justify = "right"
    for part in written.parts:
        table.add_row(Text(plain(part.part.name)), f"{len(part.part.uris):,}", f"{part.stop:,}")
    lines: list[RenderableType] = [
        Text(f"Plan {plan.id} for {plan.listener}, made on {plan.made_at:%Y-%m-%d %H:%M} UTC"),
        table,
    ]
    if plan.sources:
        names = ", ".join(plain(one.name or one.playlist_id) for one in plan.sources)
        lines.append(Text(f"From {names}, which are only read."))
    if plan.left:
        lines.append(Text(f"{len(plan.left):,} items are not in it, as the plan's page says."))
    notes = plan.figures.get("notes", ())
    lines += [Text(plain(note)) for note in notes]
    cost = plan.figures.get("requests")
    if cost:
        lines.append(
            Text(f"About {cost['total']:,} requests in {cost['minutes']:,} minutes, all in all.")
        )
    return Group(*lines, Text(UNLISTED))


def _after(written: Written, lake: ListenerLake) -> RenderableType:
    """What was written, what was left out, and where it differs."""
    table = Table("playlist", "items", "address")
    lines: list[RenderableType] = [table]
    left = [one for part in written.parts for one in part.left_out]
    names = titles(lake, written.plan) if left else {}
    for part in written.parts:
        back = part.read_back
        table.add_row(Text(plain(part.part.name)), f"{back.items:,}" if back else "", part.address)
        for one in part.left_out:
            title = plain(names.get(one.uri, one.uri))
            place = f"{one.position + 1:,} of {plain(part.part.name)}"
            lines.append(Text(f"left out: {title} ({one.uri}, place {place}): {one.reason}"))
        if back and back.public:
            lines.append(
                Text(f"{plain(part.part.name)}: Spotify shows it as public, though not asked to")
            )
        differences = back.differences if back else ()
        lines += [Text(f"{plain(part.part.name)}: {told}", style="red") for told in differences]
    if written.done:
        but = f", without {len(left):,} songs that Spotify does not take" if left else ""
        lines.append(Text(f"Done: read back, and as planned{but}.", style="bold"))
    return Group(*lines)


def _done(written: Written) -> RenderableType:
    """That there is nothing to do any more."""
    lines = [
        Text(
            f"Plan {written.plan.id} is done. What has been changed there since then stays as it "
            "is; for another copy, make the plan with another --name.",
            style="bold",
        )
    ]
    lines += [
        Text(
            f"{plain(part.part.name)}: {part.read_back.items:,} items on "
            f"{part.read_back.at:%Y-%m-%d %H:%M} UTC, {part.address}"
        )
        for part in written.parts
        if part.read_back
    ]
    return Group(*lines)
