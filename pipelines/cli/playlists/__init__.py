"""`playledger playlists`: what is in playlists, read from Spotify and kept, and what is planned.

Add a module here for a new command of this group, and a line below. What a command does belongs to
`pipelines/library/`.
"""

import click

from pipelines.cli.playlists.fetch import fetch
from pipelines.cli.playlists.plan import plan
from pipelines.cli.playlists.show_list import list_playlists


@click.group()
def playlists() -> None:
    """Read playlists, see what is known of them, and plan new ones."""


for command in (fetch, list_playlists, plan):
    playlists.add_command(command)
