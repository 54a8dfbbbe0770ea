"""`playledger survey code`: the code that opens one person's own part of the page.

Whoever runs the survey gives it to that person, and to nobody else.
"""

import click

from pipelines.cli.survey.asking import ask_who
from pipelines.cli.terminal import show
from pipelines.resources.lake.lakes import Lake
from pipelines.settings import Settings
from pipelines.surveys.people import Person, find_person


@click.command()
@click.argument("name")
@click.pass_obj
def code(settings: Settings, name: str) -> None:
    """Show the code of one person in survey NAME.

    Asks, without showing it, for the mail or the name that they answered with. Give the code to
    that person alone: it opens their own part of the page.
    """
    survey = settings.survey(name)
    person: Person = find_person(settings, Lake.open(settings), survey.name, ask_who())
    show(f"code: {person.code}", markup=False)
    show(f"pseudonym: {person.pseudonym}", markup=False)
