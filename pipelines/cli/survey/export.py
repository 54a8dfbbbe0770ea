"""`playledger survey export`: what is published of a survey as CSV or JSON, for other programs.

Tables with a row for a person are no part of it. How the tables are read and written is
`ops/table_export.py`.
"""

from pathlib import Path

import click
from rich.progress import MofNCompleteColumn

from pipelines.cli.export_tables import format_option, show_outcome
from pipelines.cli.terminal import progress_bar
from pipelines.listening.schema.csv_json import TextFormat
from pipelines.ops.table_export import export_published
from pipelines.resources.lake.lakes import Lake
from pipelines.settings import Settings


@click.command(name="export")
@click.argument("name")
@click.option(
    "--to",
    "folder",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="A new or empty folder.",
)
@format_option
@click.pass_obj
def export_survey(settings: Settings, name: str, folder: Path, format_: TextFormat) -> None:
    """Export what is published of survey NAME as CSV or JSON.

    These are the figures of the page, of nobody alone. There is a file for every table, and a
    README.md that says what each column means.
    """
    survey, lake = settings.survey(name), Lake.open(settings)
    with progress_bar(survey.name, MofNCompleteColumn()) as progress:
        exported = export_published(survey.name, lake, folder, format_, progress)
    show_outcome(exported)
