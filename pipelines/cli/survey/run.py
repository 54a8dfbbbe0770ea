"""`playledger survey run`: reads a survey's sheet now, and shows what it made of it.

What is read and made is `surveys/making.py`; the daily run does the same.
"""

import click
from rich.table import Table

from pipelines.cli.terminal import console, show
from pipelines.listening.plain_text import plain
from pipelines.listening.schema.survey_tables import SONGS, SURVEY_TABLES
from pipelines.listening.survey.coverage import coverage_of_group, describe_coverage
from pipelines.resources.lake.lakes import Lake
from pipelines.settings import Settings
from pipelines.surveys.discretion import without_words
from pipelines.surveys.making import PAGE, Made, make

NO_SOUND = (
    "How these songs sound is not known, so people cannot be compared: add reference data with "
    "`playledger reference add FILE`, and run this again"
)


@click.command()
@click.argument("name")
@click.option("--full-refresh", is_flag=True, help="Make everything again, whatever has changed.")
@click.pass_obj
def run(settings: Settings, name: str, *, full_refresh: bool) -> None:
    """Read the sheet of survey NAME, and make its tables and its page.

    What has not changed is not made again.
    """
    survey = settings.survey(name)
    lake = Lake.open(settings)
    with console.status(f"survey {name}"):
        made = without_words(name, lambda: make(settings, lake, survey, full_refresh=full_refresh))
    show(made_table(made))
    for what, number in made.counts.items():
        show(f"{what}: {number:,}", markup=False)
    known = coverage_of_group(lake.survey(name).read(SONGS))
    show(describe_coverage(known))
    if known["songs"] and not known["with_features"]:
        show(NO_SOUND, style="yellow", markup=False)
    for note in made.notes:
        show(plain(note), style="yellow", markup=False)
    files = len(made.changed)
    changed = f"{files} file{'s' if files > 1 else ''} written" if files else "nothing has changed"
    show(f"{changed}. The page: {lake.survey(name).store.url(PAGE)}", markup=False)


def made_table(made: Made) -> Table:
    """The survey's tables, with their rows."""
    table = Table("table", "")
    table.add_column("rows", justify="right")
    for one in SURVEY_TABLES:
        state = "written" if one.path in made.changed else "as before"
        table.add_row(one.path, state, f"{made.rows.get(one.name, 0):,}")
    return table
