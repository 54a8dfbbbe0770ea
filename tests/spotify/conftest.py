"""A sandbox to ask, an environment that points at it, and the collecting assets to run on it.

Fixtures that two or more of this folder's modules use live here; everything else beside its test.
Whole jobs, with what is derived and checked, are another folder's business.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import dagster as dg
import pytest

from pipelines.resources.lake.lakes import Lake
from pipelines.resources.spotify import client as policy
from pipelines.resources.spotify.client import Spotify, SpotifyClient
from pipelines.resources.spotify.lockouts import Lockouts
from pipelines.resources.spotify.rate_limit import Throttle
from pipelines.resources.spotify.token_store import TokenFile
from pipelines.settings import Settings
from sandbox import Sandbox
from tests.spotify.asking import LISTENERS, Collector, Environment


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(*LISTENERS) as running:
        yield running


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, sandbox: Sandbox) -> Environment:
    """The environment points at the sandbox; call it to point at another one."""
    listeners = tmp_path / "listeners.toml"
    listeners.write_text("".join(f"[{name}]\n" for name in LISTENERS))
    fixed = {
        "LAKE_URL": str(tmp_path / "lake"),
        "TOKENS_DIR": str(tmp_path / "tokens"),
        "LISTENERS_FILE": str(listeners),
    }

    def point_at(other: Sandbox) -> None:
        for name, value in {**fixed, **other.environment(*LISTENERS)}.items():
            monkeypatch.setenv(name, value)

    point_at(sandbox)
    return point_at


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits between tries are a hundredth of what they are."""
    monkeypatch.setattr(policy, "FIRST_WAIT_S", 0.01)


@pytest.fixture
def lake(environment: Environment) -> Lake:
    return Lake.open(Settings())


@pytest.fixture
def kept(lake: Lake) -> Callable[[], list[str]]:
    """The endpoints of the responses kept, one for each response."""

    def endpoints() -> list[str]:
        keys = [entry.key for entry in lake.store.list("users/")]
        return sorted(key.split("/")[3] for key in keys if "/raw/" in key)

    return endpoints


@pytest.fixture(scope="session")
def instance() -> Iterator[dg.DagsterInstance]:
    """One for all: nothing that is collected depends on earlier runs."""
    with dg.DagsterInstance.ephemeral() as opened:
        yield opened


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dg.DagsterInstance]:
    folder = str(tmp_path_factory.mktemp("dagster"))
    quiet = {"telemetry": {"enabled": False}}
    with dg.DagsterInstance.local_temp(folder, overrides=quiet) as opened:
        yield opened


@pytest.fixture
def daemon(home: dg.DagsterInstance) -> dg.DagsterInstance:
    """An instance on disk, as the daemon has it, without any run."""
    home.wipe()
    return home


@pytest.fixture
def lockouts(lake: Lake, sandbox: Sandbox) -> Lockouts:
    """What another machine knows of: the lake's alone."""
    return Lockouts(lake, sandbox.client_id, Settings().tokens_dir)


@pytest.fixture
def collect_for(environment: Environment, instance: dg.DagsterInstance) -> Collector:
    return Collector(instance)


@pytest.fixture
def new_client(lake: Lake) -> Callable[[str], SpotifyClient]:
    """Clients as another run would have them: with a breaker of their own."""
    return lambda listener: Spotify(Settings(), lake).client(listener)


@pytest.fixture
def client(new_client: Callable[[str], SpotifyClient]) -> SpotifyClient:
    return new_client("nico")


@pytest.fixture
def throttle(client: SpotifyClient) -> Throttle:
    return client.throttle


@pytest.fixture
def token_file(environment: Environment) -> TokenFile:
    return TokenFile(Settings().tokens_dir, "nico")
