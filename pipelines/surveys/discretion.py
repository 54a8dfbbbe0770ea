"""Errors of a survey without what they are about.

An unexpected exception, of a library or of ours, may quote a cell of the sheet, and Dagster would
keep its message and its traceback for good. So only its kind goes on, and where in our code it
came from. Add here what else might carry an answer out of the process.
"""

import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from pipelines.errors import PlayledgerError, RefusedTable, SurveyFailed

T = TypeVar("T")

_HERE = Path(__file__).parents[1]


def without_words(survey: str, work: Callable[[], T]) -> T:
    """Do something; errors that a person can act on pass, all others lose their words.

    Args:
        survey: its name.
        work: what to do.

    Raises:
        SurveyFailed: in the place of an error that was not expected.
    """
    try:
        return work()
    except RefusedTable as problem:  # it gives keys as examples, and those are pseudonyms
        failed = SurveyFailed(_sentence(survey, problem))
    except PlayledgerError:
        raise
    except BaseException as problem:
        if not (isinstance(problem, Exception) or is_panic(problem)):
            raise  # whoever ends the process
        failed = SurveyFailed(_sentence(survey, problem))
    # Outside of `except`, so that it has no context, which somebody might print.
    raise failed


def is_panic(problem: BaseException) -> bool:
    """Whether a library in Rust gave up; its error is no `Exception`, and has no name to import."""
    return type(problem).__name__ == "PanicException"


def _sentence(survey: str, problem: BaseException) -> str:
    frames = traceback.extract_tb(problem.__traceback__)
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(_HERE)]
    where = [f"{Path(one.filename).relative_to(_HERE.parent)}:{one.lineno}" for one in ours]
    return (
        f"survey {survey} failed with an unexpected {type(problem).__name__} at "
        f"{' < '.join(reversed(where)) or 'an unknown place'}; its text is not shown, since it may "
        "quote an answer, and no file is half written: please report this line"
    )
