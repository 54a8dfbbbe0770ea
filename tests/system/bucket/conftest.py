"""Buckets of real servers, each lake below a prefix of its own, and the pipeline to fill them.

What is true of every store is tested in `tests/resources/lake`.
"""

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipelines import run_context
from pipelines.resources.lake.lakes import Lake
from sandbox import Sandbox
from testing.pipeline import Pipeline, failures
from testing.servers import S3Server
from tests.support.environment import Environment
from tests.system.bucket.faulty_proxy import FaultyProxy
from tests.system.bucket.lakes import received

LakeIn = Callable[[S3Server], None]
Undisturbed = Callable[[Lake], Lake]


@pytest.fixture(params=["weed", "r2"])
def server(request: pytest.FixtureRequest) -> S3Server:
    found: S3Server = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def lake_in(sandbox: Sandbox, environment: Environment) -> LakeIn:
    """Make the environment name a new lake in a server's bucket."""
    return lambda server: environment.keep_in(server, secrets.token_hex(4))


@pytest.fixture
def proxy(server: S3Server, lake_in: LakeIn) -> Iterator[FaultyProxy]:
    """A way to the server that can be spoiled; the environment's lake lies behind it."""
    with FaultyProxy(server) as proxy:
        lake_in(proxy.server)
        yield proxy


@pytest.fixture
def pipeline(proxy: FaultyProxy, new_pipeline: Callable[[], Pipeline]) -> Pipeline:
    """The pipeline on a lake behind the proxy."""
    return new_pipeline()


@pytest.fixture
def undisturbed(
    tmp_path: Path, new_pipeline: Callable[[], Pipeline], environment: Environment
) -> Undisturbed:
    """Derives all anew, in a folder that the environment names from then on."""

    def derived(lake: Lake) -> Lake:
        environment.set(LAKE_URL=str(tmp_path / "undisturbed"))
        pipeline = new_pipeline()
        for key, body in received(lake).items():
            pipeline.lake.store.put(key, body)
        result = pipeline.run("daily_nico", tags={run_context.BACKFILL_TAG: "by hand"})
        assert failures(result) == []
        return pipeline.lake

    return derived
