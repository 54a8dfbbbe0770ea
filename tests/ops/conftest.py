"""The sensors as the daemon evaluates them, and a service that takes what they send."""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest

from pipelines.ops.sensors import deployment_sensors
from pipelines.resources.dagster_resources import resources_from
from pipelines.resources.lake.lakes import Lake
from pipelines.resources.spotify.token_store import Token, TokenFile
from pipelines.settings import Settings
from tests.support.receiving import Receiver, receiver

Tick = Callable[..., str]
LogIn = Callable[..., None]


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A deployment of one listener, whose login is good."""
    listeners = tmp_path / "listeners.toml"
    listeners.write_text("[nico]\n")
    for name, value in {
        "LAKE_URL": str(tmp_path / "lake"),
        "TOKENS_DIR": str(tmp_path / "tokens"),
        "LISTENERS_FILE": str(listeners),
        "SPOTIFY_CLIENT_ID": "an-app",
        "SPOTIFY_CLIENT_SECRET": "the-secret-of-the-app",
    }.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def log_in(environment: None) -> LogIn:
    """Keep a token for nico that says so."""

    def keep(**told: object) -> None:
        TokenFile(Settings().tokens_dir, "nico").write(
            Token(refresh_token="the-refresh-token", **told)
        )

    return keep


@pytest.fixture
def all_is_well(log_in: LogIn) -> None:
    log_in(authorized_at=datetime.now(UTC))


@pytest.fixture
def lake(environment: None) -> Lake:
    return Lake.open(Settings())


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    home = tmp_path / "dagster"
    home.mkdir()
    overrides = {"telemetry": {"enabled": False}}
    with dg.DagsterInstance.local_temp(str(home), overrides=overrides) as opened:
        yield opened


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """Takes alerts and heartbeats at the addresses that the environment names."""
    with receiver() as running:
        monkeypatch.setenv("ALERT_URLS", running.alert_url)
        monkeypatch.setenv("HEARTBEAT_URL", running.heartbeat_url)
        yield running


@pytest.fixture
def tick(environment: None, instance: dg.DagsterInstance) -> Tick:
    """Evaluates a sensor with the cursor that it left; what it says of the tick."""
    cursors: dict[str, str | None] = {}
    sensors = {sensor.name: sensor for sensor in deployment_sensors()}

    def evaluate(name: str = "alerts", *, forget: bool = False) -> str:
        cursor = cursors.get(name)
        resources = dict(resources_from(os.environ))
        with dg.build_sensor_context(
            instance, cursor, sensor_name=name, resources=resources
        ) as context:
            answer = sensors[name].evaluate_tick(context)
        cursors[name] = cursor if forget else answer.cursor
        assert answer.skip_message
        return str(answer.skip_message)

    evaluate.cursors = cursors  # type: ignore[attr-defined]
    return evaluate
