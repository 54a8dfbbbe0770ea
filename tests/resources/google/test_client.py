"""What is done about each answer of Google's, counted in the sandbox's log."""

from datetime import datetime

import pytest

from pipelines.resources.google import client as policy
from pipelines.resources.google.client import GoogleClient
from pipelines.settings import Settings
from pipelines.settings.surveys import Sheet
from sandbox import Sandbox

ID = "1AbCdEfGhIjKlMnOpQrStUvWxYz"
ROWS = [
    ["Timestamp", "Name", "Song"],
    [datetime(2026, 11, 28, 18, 0, 0), "Ada Quill", "Karma Police"],
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


def asked(sandbox: Sandbox) -> list[str]:
    return [one.path.partition("?")[0] for one in sandbox.requests]


def test_a_range_is_read_as_it_is_kept(client: GoogleClient) -> None:
    rows = client.values(Sheet(ID, "Form responses 1"))
    assert rows == [
        ["Timestamp", "Name", "Song"],
        [46354.75, "Ada Quill", "Karma Police"],
        ["", "Ben Marsh"],
    ]
