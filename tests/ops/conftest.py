"""The sensors as the daemon evaluates them, and a service that takes what they send."""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import dagster as dg
import pytest

from pipelines.ops.sensors import deployment_sensors
from pipelines.resources.dagster_resources import resources_from
from tests.support.environment import Environment
from tests.support.receiving import Receiver, receiver

Tick = Callable[..., str]


@pytest.fixture
def all_is_well(log_in: Callable[..., None]) -> None:
    log_in(authorized_at=datetime.now(UTC))


@pytest.fixture
def instance(daemon: dg.DagsterInstance) -> dg.DagsterInstance:
    """Dagster's records on disk, with no run in them."""
    return daemon


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """Takes alerts and heartbeats at the addresses that the environment names."""
    with receiver() as running:
        monkeypatch.setenv("ALERT_URLS", running.alert_url)
        monkeypatch.setenv("HEARTBEAT_URL", running.heartbeat_url)
        yield running


@pytest.fixture
def tick(environment: Environment, instance: dg.DagsterInstance) -> Tick:
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
