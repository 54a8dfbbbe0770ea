"""Each request to Spotify is one line, as JSON where that is asked for."""

import json
import logging
from collections.abc import Callable, Iterator

import pytest

from pipelines.ops import logs
from pipelines.resources.spotify.client import SpotifyClient
from pipelines.settings import Settings
from sandbox import Sandbox


@pytest.fixture
def json_lines(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Iterator[Callable[[], list[dict[str, object]]]]:
    monkeypatch.setenv("LOG_FORMAT", "json")
    logs.configure(Settings())
    logs.configure(Settings())  # a process loads the definitions more than once
    yield lambda: [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    monkeypatch.delenv("LOG_FORMAT")
    logs.configure(Settings())


@pytest.mark.usefixtures("quick")
def test_each_request_is_one_line_with_endpoint_status_and_milliseconds(
    client: SpotifyClient, sandbox: Sandbox, json_lines: Callable[[], list[dict[str, object]]]
) -> None:
    sandbox.faults.add("status", "me", code=503, times=1)
    sandbox.faults.add("cut", "me", times=1)
    client.get("profile", lambda api: api.current_user())
    lines = json_lines()
    assert [(one["endpoint"], one["status"]) for one in lines] == [
        ("token", 200),
        ("profile", 503),
        ("profile", None),
        ("profile", 200),
    ]
    assert len(sandbox.requests) == len(lines)
    for one in lines:
        assert one["level"] == "INFO"
        assert one["listener"] == "nico"
        assert isinstance(one["ms"], int)
        assert str(one["time"]).endswith("+00:00")


def test_a_wrong_format_is_told_and_stops_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("LOG_FORMAT", "yaml")
    logs.configure(Settings())
    assert "LOG_FORMAT: 'yaml' is not one of text, json" in caplog.text


def test_addresses_that_are_secrets_are_taken_out_of_what_libraries_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv(
        "ALERT_URLS", "discord://4815162342/Tok3n-of-the-hook mailto://u:pass%21word@a.b"
    )
    monkeypatch.setenv("HEARTBEAT_URL", "https://beat.example/ping/0123-4567-89ab")
    logs.configure(Settings())
    library = logging.getLogger("urllib3.connectionpool")
    with caplog.at_level(logging.DEBUG, logger=library.name):
        library.debug('%s "GET %s"', "https://beat.example", "/ping/0123-4567-89ab")
        library.debug("POST /api/webhooks/4815162342/Tok3n-of-the-hook pass!word")
        library.debug("GET /v1/me/player/recently-played?limit=50")
    for secret in ("4815162342", "Tok3n", "pass!word", "0123-4567"):
        assert secret not in caplog.text
    assert "GET /v1/me/player/recently-played?limit=50" in caplog.text


@pytest.mark.usefixtures("quick")
def test_a_request_without_an_answer_is_a_line_too(
    client: SpotifyClient, sandbox: Sandbox, json_lines: Callable[[], list[dict[str, object]]]
) -> None:
    sandbox.faults.add("cut", "token")
    with pytest.raises(Exception):  # noqa: B017, PT011 which one is told elsewhere
        client.get("profile", lambda api: api.current_user())
    (line,) = json_lines()
    assert (line["endpoint"], line["status"]) == ("token", None)
