"""Buckets of real servers, each lake below a prefix of its own, and the pipeline to fill them.

Servers start once per session. What is true of every store is tested in `tests/stores`.
"""

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipelines import run_context
from pipelines.resources.lake.lakes import Lake
from tests.bucket.faulty_proxy import FaultyProxy
from tests.bucket.lakes import received
from tests.pipeline.conftest import point_at, sandbox  # noqa: F401 they are fixtures
from tests.pipeline.jobs import Pipeline, failures, unrecorded
from tests.servers import (
    SIMULATOR_IS_MISSING,
    S3Server,
    has_r2_simulator,
    r2_simulator,
    seaweedfs,
)

LakeIn = Callable[[S3Server], None]
Undisturbed = Callable[[Lake], Lake]


@pytest.fixture(scope="session")
def weed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with seaweedfs(tmp_path_factory.mktemp("weed")) as server:
        yield server


@pytest.fixture(scope="session")
def r2(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    if not has_r2_simulator():
        pytest.skip(SIMULATOR_IS_MISSING)
    with r2_simulator(tmp_path_factory.mktemp("r2")) as server:
        yield server


@pytest.fixture(params=["weed", "r2"])
def server(request: pytest.FixtureRequest) -> S3Server:
    found: S3Server = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def lake_in(
    sandbox: object,  # noqa: F811
    point_at: Callable[[object], None],  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> LakeIn:
    """Make the environment name a new lake in a server's bucket."""
    point_at(sandbox)

    def named(server: S3Server) -> None:
        for name, value in server.environment(secrets.token_hex(4)).items():
            monkeypatch.setenv(name, value)

    return named


@pytest.fixture
def proxy(server: S3Server, lake_in: LakeIn) -> Iterator[FaultyProxy]:
    """A way to the server that can be spoiled; the environment's lake lies behind it."""
    with FaultyProxy(server) as proxy:
        lake_in(proxy.server)
        yield proxy


@pytest.fixture
def new_pipeline() -> Iterator[Callable[[], Pipeline]]:
    with unrecorded() as opened:
        yield opened


@pytest.fixture
def pipeline(proxy: FaultyProxy, new_pipeline: Callable[[], Pipeline]) -> Pipeline:
    """The pipeline on a lake behind the proxy."""
    return new_pipeline()


@pytest.fixture
def undisturbed(
    tmp_path: Path, new_pipeline: Callable[[], Pipeline], monkeypatch: pytest.MonkeyPatch
) -> Undisturbed:
    """Derives all anew, in a folder that the environment names from then on."""

    def derived(lake: Lake) -> Lake:
        monkeypatch.setenv("LAKE_URL", str(tmp_path / "undisturbed"))
        pipeline = new_pipeline()
        for key, body in received(lake).items():
            pipeline.lake.store.put(key, body)
        result = pipeline.run("daily_nico", tags={run_context.BACKFILL_TAG: "by hand"})
        assert failures(result) == []
        return pipeline.lake

    return derived
