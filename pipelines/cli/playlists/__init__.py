"""`playledger playlists`: what is in playlists, what is planned, and what is written.

Add a module here for a new command of this group, and a line below. What a command does belongs to
`pipelines/library/`.
"""

import click

from pipelines.cli.playlists.apply import apply
from pipelines.cli.playlists.fetch import fetch
from pipelines.cli.playlists.plan import plan
from pipelines.cli.playlists.restore import restore
from pipelines.cli.playlists.show_list import list_playlists
from pipelines.ops import memory


@click.group()
def playlists() -> None:
    """Read playlists, plan new ones, and write what was planned."""
    memory.frugal()


for command in (fetch, list_playlists, plan, apply, restore):
    playlists.add_command(command)
