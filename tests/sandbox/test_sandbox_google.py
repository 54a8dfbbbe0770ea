"""The sandbox's Google: who is let in, and which cells of a sheet come back."""

from datetime import UTC, date, datetime, time
from typing import Any

import pytest
import requests
from google.auth import crypt, jwt

from sandbox import Sandbox
from sandbox.google import AUDIENCE, GRANT, MAIL, SCOPE

ID = "a-sheet-of-ours"
ROWS = [
    ["Time", "Name", "Age"],
    [datetime(2026, 11, 28, 12, tzinfo=UTC), "Ada", 20],
    [date(2026, 11, 28), "", ""],
    [time(6), "Ben", True, "", None],
    ["", ""],
]


@pytest.fixture
def token(sandbox: Sandbox) -> str:
    sandbox.google.sheet(ID, ROWS)
    return str(_token(sandbox).json()["access_token"])


def _token(sandbox: Sandbox, **claims: Any) -> requests.Response:
    account = sandbox.google.account(sandbox.accounts_url)
    now = int(datetime.now(UTC).timestamp())
    told = {"iss": MAIL, "aud": AUDIENCE, "scope": SCOPE, "iat": now, "exp": now + 3600}
    signer: Any = crypt.RSASigner.from_string(account["private_key"])  # type: ignore[no-untyped-call]
    grant = jwt.encode(signer, told | claims)  # type: ignore[no-untyped-call]
    form = {"grant_type": GRANT, "assertion": grant}
    return requests.post(account["token_uri"], data=form, timeout=10)


def _read(sandbox: Sandbox, token: str, text: str, **query: str) -> requests.Response:
    url = f"{sandbox.accounts_url}/v4/spreadsheets/{ID}/values/{text}"
    headers = {"Authorization": f"Bearer {token}"}
    return requests.get(url, params=query, headers=headers, timeout=10)


@pytest.mark.parametrize(
    ("claims", "error"),
    [
        ({"iss": "somebody@else.example"}, "invalid_grant"),
        ({"aud": "https://else.example"}, "invalid_grant"),
        ({"exp": 5, "iat": 1}, "invalid_grant"),
        ({"scope": SCOPE.removesuffix(".readonly")}, "invalid_scope"),
    ],
)
def test_a_grant_is_checked(sandbox: Sandbox, claims: dict[str, Any], error: str) -> None:
    answer = _token(sandbox, **claims)
    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert _token(sandbox).status_code == 200


def test_without_a_token_nothing_is_told(sandbox: Sandbox, token: str) -> None:
    assert _read(sandbox, "ya29.mine", "A:Z").status_code == 401
    assert _read(sandbox, token, "A:Z").status_code == 200
    sandbox.google.expire()
    assert _read(sandbox, token, "A:Z").status_code == 401


def test_cells_come_back_as_they_are_asked_for(sandbox: Sandbox, token: str) -> None:
    plain = {"valueRenderOption": "UNFORMATTED_VALUE", "dateTimeRenderOption": "SERIAL_NUMBER"}
    assert _read(sandbox, token, "A:Z", **plain).json()["values"] == [
        ["Time", "Name", "Age"],
        [46354.5, "Ada", 20],
        [46354.0],
        [0.25, "Ben", True],
    ]
    formatted = _read(sandbox, token, "A:Z").json()["values"]
    assert formatted[1] == ["28.11.2026 12:00:00", "Ada", "20"]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("A:A", ["Time"]),
        ("B:C", ["Name", "Age"]),
        ("A1:B2", ["Time", "Name"]),
        ("'Form responses 1'!B2:Z", ["Ada", 20]),
        ("Form responses 1", ["Time", "Name", "Age"]),
        ("Notes", ["a note"]),
    ],
)
def test_a_range_is_a_part(sandbox: Sandbox, token: str, text: str, first: list[Any]) -> None:
    sandbox.google.sheet(ID, [["a note"]], tab="Notes")
    plain = {"valueRenderOption": "UNFORMATTED_VALUE"}
    assert _read(sandbox, token, text, **plain).json()["values"][0] == first


@pytest.mark.parametrize("text", ["Answers", "Answers!A:Z", "Form responses 1!?"])
def test_a_range_that_is_not_there_is_refused(sandbox: Sandbox, token: str, text: str) -> None:
    assert _read(sandbox, token, text).status_code == 400


def test_columns_move_with_all_that_is_in_them(sandbox: Sandbox, token: str) -> None:
    sandbox.google.sheet(ID, [["Name", "Song"], ["Ada", "One"], ["Ben"]])
    sandbox.google.move_columns(ID)
    rows = _read(sandbox, token, "A:Z").json()["values"]
    assert [dict(zip(rows[0], row, strict=False)) for row in rows[1:]] == [
        {"Song": "One", "Any comments?": "", "Name": "Ada"},
        {"Song": "", "Any comments?": "", "Name": "Ben"},
    ]


def test_another_process_sets_a_sheet(sandbox: Sandbox, token: str) -> None:
    place = f"{sandbox.accounts_url}/_sandbox/google"
    asked = {"sheet": ID, "rows": [["Name"], ["Cleo"]]}
    assert requests.post(place, json=asked, timeout=10).json() == {ID: True}
    assert _read(sandbox, token, "A:Z").json()["values"] == [["Name"], ["Cleo"]]
    requests.post(place, json={"sheet": ID, "shared": False}, timeout=10)
    assert _read(sandbox, token, "A:Z").status_code == 403


def test_the_key_is_gone_when_the_sandbox_ends() -> None:
    with Sandbox("nico") as sandbox:
        file = sandbox.google_account_file
        assert file.exists()
    assert not file.exists()
