"""The places that every store test runs on: a folder, SeaweedFS, R2's simulator and moto.

Servers start once per session, when the first test asks for them; every test gets a place of its
own. Fixtures for one test only stay beside it.
"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from pipelines.resources.lake.object_store import Store
from pipelines.resources.lake.opening import open_store
from pipelines.resources.lake.r2 import r2_client
from pipelines.resources.lake.s3 import S3
from tests.servers import (
    SIMULATOR_IS_MISSING,
    S3Server,
    has_r2_simulator,
    moto_server,
    r2_simulator,
    seaweedfs,
)


@dataclass(frozen=True)
class Place:
    """Where a lake lies; every `open` is a store of its own, as another process would have.

    Stores on a server share one client: to make one takes longer than most tests.
    """

    url: str
    server: S3Server | None = None

    @property
    def options(self) -> dict[str, str]:
        return self.server.options if self.server else {}

    def open(self) -> Store:
        if self.server is None:
            return open_store(self.url)
        parts = urlsplit(self.url)
        return S3(parts.netloc, parts.path.strip("/"), partial(client_of, self.server.endpoint_url))


CLIENTS: dict[str, Any] = {}


def client_of(endpoint_url: str) -> Any:
    return CLIENTS[endpoint_url]


def remembered(server: S3Server) -> S3Server:
    """Make the client that the stores on this server share, as `open_store` would make it."""
    CLIENTS[server.endpoint_url] = r2_client(
        endpoint_url=server.endpoint_url,
        aws_access_key_id=server.access_key,
        aws_secret_access_key=server.secret_key,
    ).get_client()
    return server


@pytest.fixture(scope="session")
def weed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with seaweedfs(tmp_path_factory.mktemp("weed")) as server:
        yield remembered(server)


@pytest.fixture(scope="session")
def moto() -> Iterator[S3Server]:
    with moto_server() as server:
        yield remembered(server)


@pytest.fixture(scope="session")
def r2(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    if not has_r2_simulator():
        pytest.skip(SIMULATOR_IS_MISSING)
    with r2_simulator(tmp_path_factory.mktemp("r2")) as server:
        yield remembered(server)


@pytest.fixture(params=["folder", "weed", "r2", "moto"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "folder":
        return Place(str(tmp_path / "lake"))
    server = request.getfixturevalue(request.param)
    return Place(f"s3://{server.bucket}/{secrets.token_hex(4)}/lake", server)


@pytest.fixture
def store(place: Place) -> Store:
    return place.open()
