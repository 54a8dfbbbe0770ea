"""`playledger survey forget`: asks, and has one person's answers deleted, or all of a survey.

What is deleted, and where, is `surveys/forgetting.py`.
"""

import click

from pipelines.cli.survey.asking import ask_who
from pipelines.cli.terminal import show
from pipelines.errors import NotForgotten
from pipelines.resources.lake.lakes import Lake
from pipelines.settings import Settings
from pipelines.settings.surveys import SURVEY_NAME
from pipelines.surveys.discretion import without_words
from pipelines.surveys.forgetting import forget_person, forget_survey
from pipelines.surveys.people import find_person

ELSEWHERE = (
    "Out of reach are the form and its sheet or file, copies of the page and of tables that "
    "somebody saved, backups, and versions of files that a bucket keeps."
)


@click.command()
@click.argument("name")
@click.argument("pseudonym", required=False)
@click.option("--all", "everybody", is_flag=True, help="Everything of the survey, and its key.")
@click.option("--yes", is_flag=True, help="Do not ask first.")
@click.pass_obj
def forget(
    settings: Settings, name: str, pseudonym: str | None, *, everybody: bool, yes: bool
) -> None:
    """Delete the answers of one person in survey NAME for good, or everything with --all.

    Without PSEUDONYM it asks, without showing it, for the mail or name that they answered with.
    They do not come back while the sheet still has their row. If interrupted, it can be run again.
    """
    if everybody and pseudonym:
        raise click.UsageError("either a PSEUDONYM or --all")
    if not SURVEY_NAME.fullmatch(name):
        raise NotForgotten(f"{name!r} is not a survey's name: nothing was deleted")
    if everybody:
        _forget_survey(settings, name, yes=yes)
    else:
        _forget_person(settings, name, pseudonym, yes=yes)


def _forget_survey(settings: Settings, name: str, *, yes: bool) -> None:
    lake = Lake.open(settings)
    files = len(lake.survey(name).etags())
    show(f"Survey {name}: {files:,} files in {lake.survey(name).store.url('')}, and its key.")
    if not yes:
        click.confirm("Delete all this for good?", abort=True)
    deleted = forget_survey(settings, lake, name)
    key = "its key" if deleted.key else "no key, since there was none"
    show(
        f"Deleted: {deleted.files:,} files and {key}. Dagster's records have numbers only. "
        f"The sheet is not read any more; `playledger survey reopen {name}` changes that. "
        f"{ELSEWHERE}"
    )


def _forget_person(settings: Settings, name: str, pseudonym: str | None, *, yes: bool) -> None:
    survey = settings.survey(name)
    lake = Lake.open(settings)
    if pseudonym is None:
        pseudonym = find_person(settings, lake, name, ask_who()).pseudonym
    if not yes:
        click.confirm(f"Delete the answers of {pseudonym} in {name} for good?", abort=True)
    without_words(name, lambda: forget_person(settings, lake, survey, pseudonym))
    show(
        f"Nothing of {pseudonym} is left in the tables, the page and the manifests of {name}, and "
        "the next runs leave their row out: delete it from the sheet too. Figures from before and "
        f"after differ by this person: do not hand out both. {ELSEWHERE}"
    )
