"""`playledger playlists`: what is in playlists, read from Spotify and kept.

Add a module here for a new command of this group, and a line below. What a command does belongs to
`pipelines/library/`.
"""

import click

from pipelines.cli.playlists.fetch import fetch
from pipelines.cli.playlists.show_list import list_playlists


@click.group()
def playlists() -> None:
    """Read playlists, and see what is known of them."""


for command in (fetch, list_playlists):
    playlists.add_command(command)
