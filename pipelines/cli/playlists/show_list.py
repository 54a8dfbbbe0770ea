"""`playledger playlists list`: the playlists of a listener, and what is known of each.

It shows `playlist_readings` as it is stored and asks nobody; reading is `fetch.py`.
"""

import click
from rich.table import Table
from rich.text import Text

from pipelines.cli.terminal import show
from pipelines.listening.plain_text import plain
from pipelines.listening.schema.playlist_tables import PLAYLIST_READINGS
from pipelines.resources.lake.lakes import Lake
from pipelines.settings import Settings

STATES = {
    "read": "read",
    "partly": "read in part",
    "not_readable": "not readable",
    "not_read": "not read",
}


@click.command(name="list")
@click.argument("listener")
@click.pass_obj
def list_playlists(settings: Settings, listener: str) -> None:
    """List LISTENER's playlists: name, id, items, when each was read, and its state."""
    name = settings.listener(listener).name
    rows = Lake.open(settings).of(name).read(PLAYLIST_READINGS).to_pylist()
    if not rows:
        show(f"No playlist of {name}'s is known yet: run `playledger playlists fetch {name}`")
        return
    table = Table()
    table.add_column("playlist")
    table.add_column("id", no_wrap=True)
    table.add_column("items", justify="right")
    table.add_column("read")
    table.add_column("state")
    for row in sorted(rows, key=lambda row: ((row["name"] or "").casefold(), row["playlist_id"])):
        items = row["items"] if row["items"] is not None else row["total"]
        since = ", changed since" if row["changed"] and row["state"] == "read" else ""
        reason = f": {row['reason']}" if row["reason"] else ""
        table.add_row(
            Text(plain(row["name"] or "")),  # not markup: names have brackets
            row["playlist_id"],
            "" if items is None else f"{items:,}",
            f"{row['read_at']:%Y-%m-%d %H:%M} UTC" if row["read_at"] else "",
            Text(plain(f"{STATES.get(row['state'], row['state'])}{since}{reason}")),
        )
    show(table)
