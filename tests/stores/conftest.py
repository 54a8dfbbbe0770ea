"""The places that every store test runs on: a folder, SeaweedFS and moto.

Servers start once per session, when the first test asks for them; every test gets a place of its
own. Fixtures for one test only stay beside it.
"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from pipelines.resources.s3 import open_store
from pipelines.resources.stores import Store
from tests.servers import S3Server, moto_server, seaweedfs


@dataclass(frozen=True)
class Place:
    """Where a lake lies; every `open` is a store of its own, as another process would have."""

    url: str
    options: dict[str, str] = field(default_factory=dict)

    def open(self) -> Store:
        return open_store(self.url, **self.options)


@pytest.fixture(scope="session")
def weed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with seaweedfs(tmp_path_factory.mktemp("weed")) as server:
        yield server


@pytest.fixture(scope="session")
def moto() -> Iterator[S3Server]:
    with moto_server() as server:
        yield server


@pytest.fixture(params=["folder", "weed", "moto"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "folder":
        return Place(str(tmp_path / "lake"))
    server = request.getfixturevalue(request.param)
    return Place(f"s3://{server.bucket}/{secrets.token_hex(4)}/lake", server.options)


@pytest.fixture
def store(place: Place) -> Store:
    return place.open()
