"""The places that every store test runs on: a folder, SeaweedFS, R2's simulator and moto.

Every test gets a place of its own. Fixtures for one test only stay beside it.
"""

import functools
import secrets
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
from testing.servers import S3Server


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
        return S3(parts.netloc, parts.path.strip("/"), partial(client_of, self.server))


@functools.cache
def client_of(server: S3Server) -> Any:
    """The client that the stores on this server share, as `open_store` would make it."""
    return r2_client(
        endpoint_url=server.endpoint_url,
        aws_access_key_id=server.access_key,
        aws_secret_access_key=server.secret_key,
    )


@pytest.fixture(
    params=[
        "folder",
        "weed",
        *(pytest.param(name, marks=pytest.mark.rare) for name in ("r2", "moto")),
    ]
)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "folder":
        return Place(str(tmp_path / "lake"))
    server = request.getfixturevalue(request.param)
    return Place(f"s3://{server.bucket}/{secrets.token_hex(4)}/lake", server)


@pytest.fixture
def store(place: Place) -> Store:
    return place.open()
