"""One person of a survey, found by the mail or the name that they answered with.

What was typed is gone with the process: nothing keeps it, and no message repeats it.
"""

import hmac
from dataclasses import dataclass

import pyarrow.compute as pc

from pipelines.errors import NoSuchAnswer, SurveyKeyError
from pipelines.listening.schema.survey_tables import RESPONSES
from pipelines.report.survey_own import normalised
from pipelines.resources.lake.lakes import Lake
from pipelines.settings import Settings
from pipelines.surveys.keys import KeyFile, SurveyKey


@dataclass(frozen=True)
class Person:
    """Somebody who answered.

    Attributes:
        pseudonym: what all tables call them.
        code: opens their own part of the page; a secret of theirs.
    """

    pseudonym: str
    code: str


def key_of(settings: Settings, survey: str) -> SurveyKey:
    """The key of a survey that was read before.

    Raises:
        SurveyKeyError: where it is not there.
    """
    file = KeyFile(settings.survey_keys_dir, survey)
    key = file.read()
    if key is None:
        raise SurveyKeyError(
            f"there is no key {file.path}, without which nobody can be found in survey {survey}: "
            f"put it back from a backup; if the survey was never read, run `playledger survey run "
            f"{survey}`; if the key is lost, run `playledger survey forget {survey} --all`"
        )
    return key


def find_person(settings: Settings, lake: Lake, survey: str, identity: str) -> Person:
    """Who somebody is in a survey.

    Args:
        settings: where keys are.
        lake: the whole lake.
        survey: its name.
        identity: their mail, else their name.

    Raises:
        NoSuchAnswer: where nobody with it has answered, as far as the survey was read.
        SurveyKeyError: where the key is not there.
    """
    key = key_of(settings, survey)
    pseudonym = key.pseudonym(identity)
    if pseudonym not in pc.unique(lake.survey(survey).read(RESPONSES)["pseudonym"]).to_pylist():
        raise NoSuchAnswer(
            f"nobody of that mail or name has answered in survey {survey}, as it was last read: "
            "a mail counts before a name, where the sheet has both"
        )
    return Person(pseudonym, key.code(pseudonym))


def person_of_code(settings: Settings, lake: Lake, survey: str, code: str) -> Person:
    """Whose code it is in a survey.

    Args:
        settings: where keys are.
        lake: the whole lake.
        survey: its name.
        code: as somebody typed it.

    Raises:
        NoSuchAnswer: where it is nobody's, as far as the survey was read.
        SurveyKeyError: where the key is not there.
    """
    key = key_of(settings, survey)
    typed = normalised(code).encode()
    found = None
    for pseudonym in pc.unique(lake.survey(survey).read(RESPONSES)["pseudonym"]).to_pylist():
        own = key.code(pseudonym)
        if hmac.compare_digest(normalised(own).encode(), typed):
            found = Person(pseudonym, own)
    if found is None:
        raise NoSuchAnswer("that is nobody's code in this survey, as it was last read")
    return found
