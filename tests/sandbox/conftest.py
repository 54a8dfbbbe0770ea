"""A sandbox on a Friday evening in Berlin, and clients that talk to it.

Fixtures that two or more of this folder's modules use live here; everything else beside its test.
"""

from collections.abc import Iterator

import pytest
import requests
import spotipy

from sandbox import Sandbox

FRIDAY_EVENING = "2026-11-20T21:30:00Z"


class Client(requests.Session):
    """A session that carries one listener's token and takes paths instead of addresses."""

    def __init__(self, sandbox: Sandbox, user: str = "demo") -> None:
        super().__init__()
        self.sandbox = sandbox
        self.headers["Authorization"] = f"Bearer {sandbox.access_token(user)}"

    def request(self, method, url, **more):
        more.setdefault("timeout", 10)
        return super().request(method, self.sandbox.accounts_url + url, **more)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox("demo", "nico") as running:
        running.clock.fix(FRIDAY_EVENING)
        yield running


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[Client]:
    with Client(sandbox) as session:
        yield session


@pytest.fixture
def spotify(sandbox: Sandbox) -> Iterator[spotipy.Spotify]:
    with requests.Session() as session:
        api = spotipy.Spotify(auth=sandbox.access_token("demo"), requests_session=session)
        api.prefix = sandbox.api_url
        yield api
