"""Two listeners, and what their clients share; add here what more than one of these modules needs.

Whole jobs, with what is derived and checked, are another room's business.
"""

import pytest

from pipelines.resources.spotify.client import SpotifyClient
from pipelines.resources.spotify.rate_limit import Throttle
from sandbox import Sandbox
from tests.support.asking import LISTENERS
from tests.support.environment import Environment


@pytest.fixture(autouse=True)
def listeners(environment: Environment, sandbox: Sandbox) -> None:
    environment.listeners(*LISTENERS)


@pytest.fixture
def throttle(client: SpotifyClient) -> Throttle:
    return client.throttle
