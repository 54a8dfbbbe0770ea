"""`playledger playlists`: a listener's playlists, read, planned, written and restored.

Each command is a module here, and a line below. What a command does belongs to `library/`.
"""

import click

from pipelines.cli.playlists.plan import plan


@click.group()
def playlists() -> None:
    """Read playlists, plan new ones, and write what was planned."""


playlists.add_command(plan)
