"""Servers that speak Redis's commands: one of each kind for all modules of this room."""

from collections.abc import Iterator

import pytest

from testing.redis_servers import Valkey, dragonfly, valkey


@pytest.fixture(scope="session")
def valkey_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    with valkey(tmp_path_factory.mktemp("valkey")) as server:
        yield server


@pytest.fixture(scope="session")
def dragonfly_url() -> Iterator[str]:
    with dragonfly() as url:
        yield url
