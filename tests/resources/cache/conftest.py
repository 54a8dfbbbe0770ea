"""Servers that speak Redis's commands: one of each kind for all modules of this room."""

from collections.abc import Iterator

import pytest

from pipelines.resources.cache import redis_server
from testing.redis_servers import Valkey, dragonfly, valkey


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine's server answers late; one that is away refuses at once all the same."""
    monkeypatch.setattr(redis_server, "TIMEOUT_S", 30)


@pytest.fixture(scope="session")
def valkey_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    with valkey(tmp_path_factory.mktemp("valkey")) as server:
        yield server


@pytest.fixture(scope="session")
def dragonfly_url() -> Iterator[str]:
    with dragonfly() as url:
        yield url
