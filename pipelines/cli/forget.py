"""`playledger forget`: shows what is stored about a listener, asks, and has it deleted for good.

What is deleted, and where, is `ops/forgetting.py`.
"""

import click
from rich.console import RenderableType
from rich.table import Table

from pipelines.cli.terminal import show
from pipelines.ops.forgetting import StoredData, open_eraser
from pipelines.settings import Settings

NOT_DELETED = (
    "Copies elsewhere are out of reach: exports, mailed reports, alerts that were sent, backups, "
    "logs that systemd or containers keep, and versions of files in a bucket. At Spotify, remove "
    "the app's access under Account → Manage apps."
)


@click.command()
@click.argument("listener")
@click.option("--yes", is_flag=True, help="Do not ask first.")
@click.option("--without-dagster", is_flag=True, help="Leave Dagster's records and logs alone.")
@click.pass_obj
def forget(settings: Settings, listener: str, *, yes: bool, without_dagster: bool) -> None:
    """Delete everything stored about LISTENER for good: lake, tokens, Dagster's records, logs.

    Their logins to the dashboard end too. They must no longer be in listeners.toml. If
    interrupted, it can be run again.
    """
    with open_eraser(listener, settings, without_dagster=without_dagster) as eraser:
        stored = eraser.find()
        show(deletion_table(listener, stored))
        if stored.counts and not yes:
            click.confirm("Delete all this for good?", abort=True)
        eraser.delete(stored)
    kept = " Dagster's records and logs were left alone." if without_dagster else ""
    show(f"Nothing of {listener} is left.{kept} {NOT_DELETED}")


def deletion_table(listener: str, stored: StoredData) -> RenderableType:
    """What would be deleted, by place and kind.

    Args:
        listener: their name.
        stored: what is stored about them.
    """
    if not stored.counts:
        return f"Nothing is stored about {listener}."
    table = Table(title=f"Everything stored about {listener}")
    for column in ("where", "what"):
        table.add_column(column)
    table.add_column("", justify="right")
    for (place, kind), number in stored.counts.items():
        table.add_row(place, kind, f"{number:,}")
    return table
