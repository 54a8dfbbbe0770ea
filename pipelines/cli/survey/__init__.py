"""`playledger survey`: read a group's sheet, show what is stored, and forget it again.

Add a module here for another command about surveys; what it does is `pipelines/surveys/`. A name or
a mail is asked for without echo and never an argument: arguments stay in a shell's history.
"""

import click

from pipelines.cli.survey.code import code
from pipelines.cli.survey.export import export_survey
from pipelines.cli.survey.forget import forget
from pipelines.cli.survey.matches import matches
from pipelines.cli.survey.reopen import reopen_survey
from pipelines.cli.survey.run import run
from pipelines.cli.survey.show_list import list_surveys
from pipelines.ops import memory


@click.group()
def survey() -> None:
    """A group's favourite songs: read their sheet, and forget it again."""
    memory.frugal()


for command in (list_surveys, run, matches, export_survey, code, forget, reopen_survey):
    survey.add_command(command)
