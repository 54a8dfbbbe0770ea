"""`playledger export`: every table of a listener as CSV or JSON, for any program to read.

How the tables are read and written is `ops/table_export.py`.
"""

from pathlib import Path

import click
from rich.markup import escape
from rich.progress import MofNCompleteColumn
from rich.table import Table

from pipelines.cli.terminal import progress_bar, show
from pipelines.listening.schema.csv_json import TextFormat
from pipelines.ops.table_export import COUNTS, TOTAL, TableExport, export_tables
from pipelines.resources.lake.lakes import Lake
from pipelines.settings import Settings

format_option = click.option(
    "--format",
    "format_",
    type=click.Choice(["csv", "json"]),
    default="csv",
    show_default=True,
    help="json: each file one array, a row per line.",
)


@click.command()
@click.argument("listener")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@format_option
@click.option(
    "--total",
    is_flag=True,
    help=f"With json: {TOTAL} in {COUNTS}, a sum of unlike counts (yours, and everyone's).",
)
@click.pass_obj
def export(
    settings: Settings, listener: str, folder: Path, format_: TextFormat, *, total: bool
) -> None:
    """Export all tables of LISTENER to FOLDER, a new or empty one, as CSV or JSON.

    There is a file for every table, including those without rows yet, and a README.md that says
    what each column means.
    """
    if total and format_ != "json":
        raise click.UsageError("--total is for --format json")
    name, lake = settings.listener(listener).name, Lake.open(settings)
    with progress_bar(name, MofNCompleteColumn()) as progress:
        exported = export_tables(name, lake, folder, format_, progress, total=total)
    show_outcome(exported)


def show_outcome(exported: TableExport) -> None:
    """Show how many rows were written.

    Raises:
        click.ClickException: where something could not be read; what it was is shown.
    """
    show(rows_table(exported))
    for problem in exported.problems:
        show(f"not read: {problem}", markup=False)
    if exported.problems:
        raise click.ClickException(f"{exported.folder} lacks what could not be read")


def rows_table(exported: TableExport) -> Table:
    """How many rows of each table were written."""
    table = Table(title=escape(f"Exported to {exported.folder}"))
    table.add_column("table")
    table.add_column("rows", justify="right")
    for name, rows in exported.rows.items():
        table.add_row(name, f"{rows:,}")
    return table
