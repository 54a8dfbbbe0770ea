"""What runs and ticks may ask of a bucket: operations are billed, and polls come 96 times a day."""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest

from pipelines.definitions import defs
from pipelines.resources.dagster_resources import resources_from
from sandbox import Sandbox
from testing.counting_proxy import Traffic, counted
from testing.pipeline import failures
from testing.prices import dollars
from testing.servers import S3Server

pytestmark = pytest.mark.rare


@pytest.fixture
def traffic(bucket: S3Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Traffic]:
    """What goes to the bucket that is the lake."""
    with counted(bucket) as (proxied, traffic):
        monkeypatch.setenv("S3_ENDPOINT_URL", proxied.endpoint_url)
        yield traffic


def test_a_poll_with_nothing_new_asks_little_and_years_of_polls_add_nothing(
    traffic: Traffic, sandbox: Sandbox, new_pipeline: Callable
) -> None:
    sandbox.clock.fix(datetime.now(UTC) - timedelta(hours=1))
    pipeline = new_pipeline()
    for _ in range(2):  # the first of a date makes more
        assert failures(pipeline.run("poll_nico")) == []
        told, asked = traffic.classes, sorted(traffic.asked)
        traffic.clear()
    assert told["A"] + told["B"] <= 20, asked

    for day in range(30):
        date = f"date={datetime(2012, 1, 1, tzinfo=UTC) + timedelta(days=day):%Y-%m-%d}"
        pipeline.lake.store.put(f"users/nico/raw/recently_played/{date}/long_ago", b"")
    traffic.clear()
    assert failures(pipeline.run("poll_nico")) == []
    assert traffic.classes == told, sorted(traffic.asked)


def test_a_tick_of_a_schedule_or_of_a_sensor_asks_little(
    traffic: Traffic, new_pipeline: Callable
) -> None:
    instance = new_pipeline().instance
    repository = defs().get_repository_def()
    context = dg.build_sensor_context(
        instance, repository_def=repository, resources=dict(resources_from(os.environ))
    )
    with context:
        repository.get_sensor_def("import_nico_sensor").evaluate_tick(context)
    assert max(traffic.classes["A"], traffic.classes["B"]) <= 1, traffic.asked


def test_begun_millions_are_billed_whole_after_those_that_are_free() -> None:
    assert dollars(0.9, "A") == 0
    assert dollars(1.000001, "A") == 4.50
    assert dollars(11.2, "B") == 2 * 0.36
