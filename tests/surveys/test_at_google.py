"""A survey whose sheet is at Google: what goes wrong there is one sentence, and nothing is lost."""

from collections.abc import Callable

import pytest

from pipelines.errors import GoogleLoginError, SheetDown, SheetError, SurveyError, WrongColumns
from pipelines.resources.google import client as policy
from pipelines.resources.lake.lakes import SurveyLake
from pipelines.surveys.making import Made
from sandbox import Sandbox
from tests.support.environment import Environment
from tests.surveys import classes
from tests.surveys.conftest import Answer

ID = "1AbCdEfGhIjKlMnOpQrStUvWxYz"
Run = Callable[..., Made]
PEOPLE = 8


@pytest.fixture
def google(
    sandbox: Sandbox,
    answer: Answer,
    environment: Environment,
    monkeypatch: pytest.MonkeyPatch,
) -> Sandbox:
    """A Google that has the sheet of the survey."""
    monkeypatch.setattr(policy, "FIRST_WAIT_S", 0.001)
    environment.surveys(f'[spring]\ntitle = "Our songs"\nsheet = "{ID}"\n')
    sandbox.google.sheet(ID, classes.rows(PEOPLE))
    return sandbox


def told(problem: pytest.ExceptionInfo[SurveyError]) -> str:
    said = str(problem.value)
    assert said.startswith("survey spring: ")
    assert "\n" not in said
    assert classes.traces({"": said.encode()}) == {}
    return said


def reads(google: Sandbox) -> int:
    return sum(one.path.startswith("/v4/") for one in google.requests)


BREAKS: dict[str, tuple[Callable[[Sandbox], object], type[SurveyError], str]] = {
    "unshared": (lambda s: s.google.share(ID, shared=False), SheetError, "share it with"),
    "deleted": (lambda s: s.google.delete(ID), SheetError, "`sheet.id`"),
    "down": (
        lambda s: s.faults.add("status", "google", times=None, code=503),
        SheetDown,
        "503: there is nothing to do, it is tried again",
    ),
    "busy": (
        lambda s: s.faults.add("rate_limit", "google", times=None, retry_after=0),
        SheetDown,
        "429: there is nothing to do, it is tried again",
    ),
    "cut off": (lambda s: s.faults.add("cut", "google", times=None), SheetDown, "no answer"),
    "expired grant": (
        lambda s: s.faults.add("invalid_grant", "google-token", times=None),
        GoogleLoginError,
        "make a new key",
    ),
    "emptied": (lambda s: s.google.sheet(ID, []), WrongColumns, "its sheet is empty"),
    "no header": (
        lambda s: s.google.sheet(ID, classes.rows(PEOPLE)[1:]), WrongColumns, "who answered"
    ),
    "renamed": (
        lambda s: s.google.sheet(
            ID,
            [[str(h).replace("Song", "Pick") for h in classes.header()], *classes.rows(PEOPLE)[1:]],
        ),
        WrongColumns,
        "no column that says a song",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", BREAKS)
def test_what_goes_wrong_at_google_leaves_everything_as_it_was(
    google: Sandbox, run: Run, spring: SurveyLake, what: str
) -> None:
    run()
    before = spring.etags()
    spoil, kind, words = BREAKS[what]
    spoil(google)
    with pytest.raises(SurveyError) as problem:
        run()
    assert type(problem.value) is kind
    assert words in told(problem)
    assert spring.etags() == before


def test_a_run_sends_one_request(google: Sandbox, run: Run) -> None:
    assert run().changed
    assert reads(google) == 1
    assert run().changed == []
    assert reads(google) == 2


def test_what_passes_is_waited_for(google: Sandbox, run: Run) -> None:
    google.faults.add("rate_limit", "google", retry_after=0)
    google.faults.add("status", "google", code=500)
    google.faults.add("cut", "google", at="middle")
    assert run().changed
    assert reads(google) == 4


def test_columns_that_moved_make_no_difference(
    google: Sandbox, run: Run, spring: SurveyLake
) -> None:
    run()
    before = spring.etags()
    google.google.move_columns(ID)
    assert run().changed == []
    assert spring.etags() == before
