"""Errors of a survey without what they are about.

An unexpected exception, of a library or of ours, may quote a cell of the sheet, and Dagster would
keep its message and its traceback for good. So only its kind goes on, and where in our code it
came from. Add here what else might carry an answer out of the process.
"""

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipelines.errors import PlayledgerError, RefusedTable, SurveyFailed

_HERE = Path(__file__).parents[1]


@contextmanager
def without_words(survey: str) -> Iterator[None]:
    """Let errors that a person can act on pass, and strip all others of their words.

    Args:
        survey: its name.

    Raises:
        SurveyFailed: in the place of an error that was not expected.
    """
    try:
        yield
    except RefusedTable as problem:  # it gives keys as examples, and those are pseudonyms
        failed = SurveyFailed(_sentence(survey, problem))
    except PlayledgerError:
        raise
    except Exception as problem:  # noqa: BLE001 whatever it is, it must not speak
        failed = SurveyFailed(_sentence(survey, problem))
    else:
        return
    # Outside of `except`, so that it has no context which somebody might print.
    raise failed


def _sentence(survey: str, problem: Exception) -> str:
    frames = traceback.extract_tb(problem.__traceback__)
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(_HERE)]
    where = [f"{Path(one.filename).relative_to(_HERE.parent)}:{one.lineno}" for one in ours]
    return (
        f"survey {survey} failed with an unexpected {type(problem).__name__} at "
        f"{' < '.join(reversed(where)) or 'an unknown place'}; its text is not shown, since it may "
        "quote an answer, and everything stored is as it was: please report this line"
    )
