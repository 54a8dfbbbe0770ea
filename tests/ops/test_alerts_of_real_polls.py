"""What real polls meet, from Spotify's answer to the message: causes are told by health, once."""

from collections.abc import Callable

import dagster as dg
import pytest

from pipelines.ops.sensors import deployment_sensors
from sandbox import Sandbox
from testing.pipeline import Pipeline, failures
from tests.support.receiving import Receiver


@pytest.fixture
def instance(pipeline: Pipeline) -> dg.DagsterInstance:
    return pipeline.instance


@pytest.mark.parametrize(
    ("fault", "title"),
    [
        (("rate_limit", "recently-played", {"retry_after": 72_000}), "lockout"),
        (("invalid_grant", "token", {}), "nico login"),
        (("status", "recently-played", {"code": 404, "message": "Gone"}), "poll of nico"),
    ],
)
def test_a_poll_that_fails_is_one_alert(
    *,
    fault: tuple[str, str, dict[str, object]],
    title: str,
    pipeline: Pipeline,
    sandbox: Sandbox,
    tick: Callable[..., str],
    service: Receiver,
) -> None:
    assert tick() == "0 messages delivered; 0 problems", "a new deployment is no problem"
    what, where, options = fault
    sandbox.faults.add(what, where, times=None, **options)
    for _ in range(2):
        assert failures(pipeline.run("poll_nico")) != []
        tick()
    assert service.told == [("failure", f"Playledger: {title}")]


def test_all_sensors_are_there_once_however_many_listeners_there_are() -> None:
    from pipelines.definitions import build_definitions
    from pipelines.settings import Listener

    defined = build_definitions([Listener("nico", ()), Listener("mira", ())])
    names = [sensor.name for sensor in defined.sensors or ()]
    assert [name for name in names if name in {"alerts", "heartbeat", "prune"}] == [
        sensor.name for sensor in deployment_sensors()
    ]
