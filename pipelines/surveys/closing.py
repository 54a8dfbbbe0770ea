"""Whether a survey is read at all: until its retention date, and unless it was closed.

A survey is closed when everything of it was forgotten: otherwise the next run would read its sheet
again. Add here what else stops a survey from being read; what is deleted is `forgetting.py`.
"""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from pipelines.errors import SurveyClosed
from pipelines.resources.lake.lakes import SurveyLake
from pipelines.settings.surveys import Survey

CLOSED = "closed.json"


def why_closed(lake: SurveyLake, survey: Survey, today: date | None = None) -> str | None:
    """Why a survey is not read, as a sentence; None where it is.

    Args:
        lake: the survey's.
        survey: its settings.
        today: the date where its sheet is filled in; None for the current one.
    """
    if closed := lake.document_if_valid(CLOSED):
        return (
            f"survey {survey.name} was closed on {closed.get('closed_on')}, when everything of it "
            f"was forgotten: to read its sheet again, run `playledger survey reopen {survey.name}`"
        )
    today = today or datetime.now(ZoneInfo(survey.timezone)).date()
    if survey.keep_until and today > survey.keep_until:
        return (
            f"survey {survey.name} was to be kept until {survey.keep_until}, so its sheet is not "
            f"read any more: run `playledger survey forget {survey.name} --all`"
        )
    return None


def check_open(lake: SurveyLake, survey: Survey) -> None:
    """Refuse a survey that is closed, or whose time is over.

    Args:
        lake: the survey's.
        survey: its settings.

    Raises:
        SurveyClosed: with the reason.
    """
    if reason := why_closed(lake, survey):
        raise SurveyClosed(reason)


def close(lake: SurveyLake) -> None:
    """Have nothing of a survey read from now on."""
    lake.write_document(CLOSED, {"closed_on": f"{datetime.now(UTC):%Y-%m-%d}"})


def reopen(lake: SurveyLake) -> bool:
    """Have a survey read again; returns whether it was closed."""
    return lake.store.delete(CLOSED) > 0


def purge(lake: SurveyLake) -> int:
    """Delete all of a survey's files but the mark that it is closed; returns how many."""
    paths = [path for path in lake.etags() if path != CLOSED]
    return sum(lake.store.delete(path) for path in paths)
