"""What is done about each answer of Google's, counted in the sandbox's log."""

import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipelines.errors import GoogleLoginError, PlayledgerError, SettingsError, SheetDown, SheetError
from pipelines.resources.google import client as policy
from pipelines.resources.google.client import GoogleClient
from pipelines.settings import Settings
from pipelines.settings.surveys import Sheet
from sandbox import Sandbox
from sandbox.google import MAIL
from tests.support.environment import Environment

ID = "1AbCdEfGhIjKlMnOpQrStUvWxYz"
TAB = Sheet(ID, "Form responses 1")
ROWS = [
    ["Timestamp", "Name", "Song"],
    [datetime(2026, 11, 28, 18, tzinfo=UTC), "Ada Quill", "Karma Police"],
    ["", "Ben Marsh", "", ""],
    [None, None],
]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy, "FIRST_WAIT_S", 0.001)


@pytest.fixture
def client(sandbox: Sandbox) -> GoogleClient:
    sandbox.google.sheet(ID, ROWS)
    return GoogleClient.of(Settings())


def asked(sandbox: Sandbox, name: str = "/v4/") -> int:
    return sum(one.path.startswith(name) for one in sandbox.requests)


def refusal(client: GoogleClient, sheet: Sheet = TAB) -> PlayledgerError:
    with pytest.raises(PlayledgerError) as problem:
        client.values(sheet)
    said = str(problem.value)
    assert "\n" not in said
    assert problem.value.__cause__ is None
    assert problem.value.__context__ is None or problem.value.__suppress_context__
    return problem.value


def test_a_range_is_read_as_it_is_kept(client: GoogleClient, sandbox: Sandbox) -> None:
    assert client.values(TAB) == [
        ["Timestamp", "Name", "Song"],
        [46354.75, "Ada Quill", "Karma Police"],
        ["", "Ben Marsh"],
    ]
    [request] = [one for one in sandbox.requests if one.path.startswith("/v4/")]
    assert request.method == "GET"
    assert "valueRenderOption=UNFORMATTED_VALUE" in request.path
    assert "dateTimeRenderOption=SERIAL_NUMBER" in request.path


def test_one_login_does_for_all_ranges(client: GoogleClient, sandbox: Sandbox) -> None:
    for text in ("A:ZZ", "Form responses 1!A:B", "'Form responses 1'!A1:C2"):
        assert client.values(Sheet(ID, text))[1][1] == "Ada Quill"
    assert (asked(sandbox), asked(sandbox, "/google/token")) == (3, 1)


@pytest.mark.parametrize(
    ("written", "asked_for"),
    [
        ("A:ZZ", "A:ZZ"),
        ("$A$1:Z", "$A$1:Z"),
        ("answers_of_2026", "answers_of_2026"),
        ("Form responses 1", "'Form responses 1'"),
        ("Form responses 1!A:Z", "'Form responses 1'!A:Z"),
        ("'Form responses 1'!A:Z", "'Form responses 1'!A:Z"),
        ("Sheet1!A:Z", "'Sheet1'!A:Z"),
        ("Ada's class", "'Ada''s class'"),
        ("What? Really!A:Z", "'What? Really'!A:Z"),
        ("Réponses/Antworten", "'Réponses/Antworten'"),
    ],
)
def test_a_range_is_written_as_google_wants_it(
    client: GoogleClient, sandbox: Sandbox, written: str, asked_for: str
) -> None:
    sandbox.google.sheet(ID, ROWS, tab=asked_for.partition("!")[0].strip("'").replace("''", "'"))
    assert client.values(Sheet(ID, written))[0][0] == "Timestamp"
    [request] = [one.path for one in sandbox.requests if one.path.startswith("/v4/")]
    assert request.rpartition("?")[0] == f"/v4/spreadsheets/{ID}/values/{asked_for}"


def test_a_sheet_without_anything_has_no_rows(client: GoogleClient, sandbox: Sandbox) -> None:
    sandbox.google.sheet("another-sheet", [])
    assert client.values(Sheet("another-sheet", "A:ZZ")) == []


@pytest.mark.parametrize(
    ("fault", "options"),
    [
        ("rate_limit", {"retry_after": None}),
        ("rate_limit", {"retry_after": 0}),
        ("status", {"code": 500}),
        ("status", {"code": 503}),
        ("cut", {"at": "before"}),
        ("cut", {"at": "middle"}),
        ("not_json", {}),
        ("truncated", {}),
    ],
)
def test_what_passes_is_asked_again(
    client: GoogleClient, sandbox: Sandbox, fault: str, options: dict[str, Any]
) -> None:
    sandbox.faults.add(fault, "google", times=2, **options)
    assert len(client.values(TAB)) == 3
    assert asked(sandbox) == 3


def test_what_does_not_pass_is_given_up(client: GoogleClient, sandbox: Sandbox) -> None:
    sandbox.faults.add("status", "google", times=None, code=503)
    problem = refusal(client)
    assert type(problem) is SheetDown
    assert problem.clears_itself
    assert "503" in str(problem)
    assert asked(sandbox) == policy.MAX_ATTEMPTS


def test_google_is_given_the_time_that_it_asks_for(
    client: GoogleClient, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    monkeypatch.setattr("tenacity.nap.time.sleep", waited.append)
    sandbox.faults.add("rate_limit", "google", retry_after=17)
    client.values(TAB)
    assert waited == [17]


def test_a_run_does_not_wait_beyond_its_end(client: GoogleClient, sandbox: Sandbox) -> None:
    client.time_left = lambda: 5.0
    sandbox.faults.add("rate_limit", "google", times=None, retry_after=17)
    assert type(refusal(client)) is SheetDown
    assert asked(sandbox) == 1


def test_a_token_that_ended_early_is_replaced(client: GoogleClient, sandbox: Sandbox) -> None:
    client.values(TAB)
    sandbox.google.expire()
    assert len(client.values(TAB)) == 3
    assert asked(sandbox, "/google/token") == 2


def test_a_sheet_that_is_not_shared_says_with_whom_to_share_it(
    client: GoogleClient, sandbox: Sandbox
) -> None:
    sandbox.google.share(ID, shared=False)
    problem = refusal(client)
    assert type(problem) is SheetError
    assert MAIL in str(problem)
    assert "share" in str(problem)
    assert asked(sandbox) == 1


def test_a_sheet_that_is_gone_and_a_range_that_is_not_there_name_the_setting(
    client: GoogleClient, sandbox: Sandbox
) -> None:
    assert "`sheet.range`" in str(refusal(client, Sheet(ID, "Antworten!A:Z")))
    sandbox.google.delete(ID)
    assert "`sheet.id`" in str(refusal(client))


@pytest.mark.parametrize("status", [400, 401, 402, 418, 499])
def test_any_other_status_is_one_sentence(
    client: GoogleClient, sandbox: Sandbox, status: int
) -> None:
    sandbox.faults.add("status", "google", times=None, code=status, message="Ada Quill")
    problem = refusal(client)
    assert isinstance(problem, SheetError | GoogleLoginError)
    assert str(status) in str(problem)
    assert "Ada" not in str(problem)


def test_a_key_that_google_does_not_know_any_more_is_no_matter_of_waiting(
    client: GoogleClient, sandbox: Sandbox
) -> None:
    sandbox.google.valid = False
    problem = refusal(client)
    assert type(problem) is GoogleLoginError
    assert MAIL in str(problem)
    assert not problem.clears_itself
    assert asked(sandbox) == 0


def test_an_expired_grant_is_no_matter_of_waiting(client: GoogleClient, sandbox: Sandbox) -> None:
    sandbox.faults.add("invalid_grant", "google-token", times=None)
    assert type(refusal(client)) is GoogleLoginError


def test_a_login_service_that_is_down_is_asked_again(
    client: GoogleClient, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    sandbox.faults.add("status", "google-token", times=4, code=503)
    assert len(client.values(TAB)) == 3


def test_a_login_service_that_does_not_answer_is_named(
    client: GoogleClient, sandbox: Sandbox
) -> None:
    sandbox.faults.add("unheard", "google-token", times=None)
    assert type(refusal(client)) is SheetDown


def _spoilt(name: str) -> Callable[[dict[str, str]], Any]:
    return lambda told: told | {name: "-----BEGIN SECRET-----"}


@pytest.mark.parametrize(
    "spoil",
    [
        lambda _told: None,
        lambda _told: "a text",
        lambda told: [told],
        lambda told: {"type": "authorized_user", "client_secret": told["private_key"]},
        _spoilt("private_key"),
    ],
)
def test_a_file_that_is_no_key_is_one_sentence_without_what_is_in_it(
    sandbox: Sandbox, environment: Environment, tmp_path: Path, spoil: Callable[..., Any]
) -> None:
    file = tmp_path / "key.json"
    told = json.loads(sandbox.google_account_file.read_text())
    file.write_text(json.dumps(spoil(told)))
    environment.set(GOOGLE_SERVICE_ACCOUNT_FILE=str(file))
    with pytest.raises(GoogleLoginError, match="GOOGLE_SERVICE_ACCOUNT_FILE") as problem:
        GoogleClient.of(Settings())
    assert "SECRET" not in str(problem.value)
    assert "PRIVATE" not in str(problem.value)
    assert problem.value.__context__ is None or problem.value.__suppress_context__


def test_a_file_that_is_not_there_is_named(environment: Environment, tmp_path: Path) -> None:
    environment.set(GOOGLE_SERVICE_ACCOUNT_FILE=str(tmp_path / "none.json"))
    with pytest.raises(GoogleLoginError, match=r"none\.json"):
        GoogleClient.of(Settings())
    environment.unset("GOOGLE_SERVICE_ACCOUNT_FILE")
    with pytest.raises(SettingsError, match="as CSV"):
        GoogleClient.of(Settings())


def test_neither_key_nor_token_nor_cell_gets_into_a_log(
    client: GoogleClient, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        client.values(TAB)
        sandbox.google.expire()
        client.values(TAB)
        sandbox.google.valid = False
        sandbox.google.expire()
        refusal(client)
    logged = "".join(str(vars(record)) for record in caplog.records)
    assert "google 200" in caplog.text
    for secret in ("PRIVATE KEY", "ya29.", "eyJ", "Ada Quill", "Karma"):
        assert secret not in logged


def test_what_google_s_library_would_log_of_an_answer_is_not_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.DEBUG):
        for name in ("google.auth.transport.requests", "google.oauth2._client"):
            logging.getLogger(name).debug("Response received: Ada Quill")
            logging.getLogger(name).warning("a warning")
    assert [record.message for record in caplog.records] == ["a warning"] * 2


def test_no_redirect_is_followed(client: GoogleClient, sandbox: Sandbox) -> None:
    sandbox.faults.add("status", "google", code=302, headers={"Location": "http://127.0.0.1:9/"})
    assert "302" in str(refusal(client))
    assert asked(sandbox) == 1
