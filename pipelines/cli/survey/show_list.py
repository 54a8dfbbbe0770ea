"""`playledger survey list`: the surveys, where their answers come from, and how many there are."""

import click
from rich.table import Table
from rich.text import Text

from pipelines.cli.terminal import show
from pipelines.listening.plain_text import plain
from pipelines.listening.schema.survey_tables import RESPONSES
from pipelines.resources.lake.lakes import Lake
from pipelines.settings import Settings
from pipelines.settings.surveys import Sheet, Survey
from pipelines.surveys.closing import CLOSED, why_closed


@click.command(name="list")
@click.pass_obj
def list_surveys(settings: Settings) -> None:
    """Show the surveys in surveys.toml, and those of which something is stored."""
    lake = Lake.open(settings)
    known = {survey.name: survey for survey in settings.surveys}
    # Of one that was forgotten nothing is left but the mark that it is closed.
    stored = [name for name in lake.surveys() if set(lake.survey(name).etags()) - {CLOSED}]
    if not known and not stored:
        show(f"There are no surveys in {settings.surveys_file} yet: see docs/surveys.md")
        return
    table = Table("survey", "answers from")
    table.add_column("people", justify="right")
    table.add_column("keep until")
    table.add_column("")
    for name in sorted({*known, *stored}):
        table.add_row(*map(Text, _row(lake, name, known.get(name))))
    show(table)


def _row(lake: Lake, name: str, survey: Survey | None) -> tuple[str, ...]:
    own = lake.survey(name)
    answers = own.find_if_valid(RESPONSES)
    people = f"{len(answers.rows):,}" if answers else "-"
    if survey is None:
        hint = f"not in surveys.toml any more: `playledger survey forget {name} --all`"
        return name, "-", people, "-", hint
    source = "Google" if isinstance(survey.source, Sheet) else plain(survey.source.name)
    return (
        name,
        source,
        people,
        str(survey.keep_until or "-"),
        "not read any more" if why_closed(own, survey) else "",
    )
