"""`playledger survey reopen`: has a survey read again that was closed by forgetting all of it."""

import click

from pipelines.cli.terminal import show
from pipelines.resources.lake.lakes import Lake
from pipelines.settings import Settings
from pipelines.surveys.closing import reopen

WARNING = (
    "A new key is made, so that everybody whose answer the sheet still has comes back under "
    "another pseudonym and with another code, also those who were forgotten one by one: delete "
    "their rows from the sheet first."
)


@click.command(name="reopen")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask first.")
@click.pass_obj
def reopen_survey(settings: Settings, name: str, *, yes: bool) -> None:
    """Read survey NAME again, which was closed when everything of it was forgotten."""
    survey = settings.survey(name)
    if not yes:
        click.confirm(f"{WARNING} Read the sheet of {name} again?", abort=True)
    was_closed = reopen(Lake.open(settings).survey(survey.name))
    state = "is open again" if was_closed else "was not closed"
    show(f"Survey {name} {state}: `playledger survey run {name}` reads its sheet.")
