"""The one environment that tests have, servers that they share, and how chance behaves.

A test that runs anything of the pipeline takes `environment`, and `sandbox` where Spotify is to be
asked; `lake`, `pipeline` and clients follow from these. A room's own conftest holds what only that
room needs, and never an environment.
"""

import gzip
import os
import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg
import pytest
from hypothesis import HealthCheck, settings

from pipelines.listening.api.responses import file_name
from pipelines.resources.lake.lakes import Lake
from pipelines.resources.spotify import client as policy
from pipelines.resources.spotify.client import Spotify, SpotifyClient
from pipelines.resources.spotify.lockouts import Lockouts
from pipelines.resources.spotify.token_store import Token, TokenFile
from pipelines.settings import Settings
from sandbox import Sandbox
from testing.pipeline import Pipeline, unrecorded
from testing.servers import (
    SIMULATOR_IS_MISSING,
    S3Server,
    has_r2_simulator,
    moto_server,
    r2_simulator,
    seaweedfs,
)
from tests.support.asking import Collector
from tests.support.environment import Environment
from tests.support.once import made_once

if TYPE_CHECKING:
    from tests.support.browsing import Browser

settings.register_profile(
    "everyday",
    max_examples=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.register_profile("all", settings.get_profile("everyday"))
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "everyday"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give tests that wait for a browser or for processes a second try; the summary names these.

    On a busy machine a browser loses a click on what it draws anew just then, and processes that
    are waited for are late. No other test has one, and least of all one that looks for a race: what
    fails by chance there is a fault of ours. Nor has any after the third in a run.
    """
    for item in items:
        in_a_browser = {"browser", "operator"} & {*getattr(item, "fixturenames", ())}
        if in_a_browser or item.get_closest_marker("waits"):
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="session")
def once(
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[str, Callable[[Path], object]], Path]:
    """A folder made once in a run, by whichever worker needs it first; copy it to change it."""
    return partial(made_once, tmp_path_factory)


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Environment:
    """Of one listener, nico, who keeps everything in the test's folder and has nobody to ask."""
    return Environment(tmp_path, monkeypatch)


@pytest.fixture
def sandbox(environment: Environment) -> Iterator[Sandbox]:
    """A Spotify that knows nico and mira; the environment points at it."""
    with Sandbox("nico", "mira") as running:
        environment.ask(running, "nico", "mira")
        yield running


@pytest.fixture
def lake(environment: Environment) -> Lake:
    return Lake.open(Settings())


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    """Dagster's memory of runs, forgotten with the test."""
    with dg.DagsterInstance.ephemeral() as opened:
        yield opened


@pytest.fixture
def new_pipeline(environment: Environment) -> Iterator[Callable[[], Pipeline]]:
    """Opens the pipeline on the lake that the environment names by then."""
    with unrecorded() as opened:
        yield opened


@pytest.fixture
def pipeline(sandbox: Sandbox, new_pipeline: Callable[[], Pipeline]) -> Pipeline:
    """The pipeline on an empty folder, with a sandbox to ask."""
    return new_pipeline()


@pytest.fixture
def new_client(sandbox: Sandbox, lake: Lake) -> Callable[[str], SpotifyClient]:
    """Clients as another run would have them: with a count of failures of their own."""
    return lambda listener: Spotify(Settings(), lake).client(listener)


@pytest.fixture
def client(new_client: Callable[[str], SpotifyClient]) -> SpotifyClient:
    return new_client("nico")


@pytest.fixture(scope="session")
def _collecting() -> Iterator[dg.DagsterInstance]:
    """One for all: nothing that is collected depends on earlier runs."""
    with dg.DagsterInstance.ephemeral() as opened:
        yield opened


@pytest.fixture
def collect_for(sandbox: Sandbox, _collecting: dg.DagsterInstance) -> Collector:
    """Runs the collecting assets alone."""
    return Collector(_collecting)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits between tries are a hundredth of what they are."""
    monkeypatch.setattr(policy, "FIRST_WAIT_S", 0.01)


@pytest.fixture
def lockouts(lake: Lake, sandbox: Sandbox) -> Lockouts:
    """What another machine knows of: the lake's alone."""
    return Lockouts(lake, sandbox.client_id, Settings().tokens_dir)


@pytest.fixture
def kept(lake: Lake) -> Callable[[], list[str]]:
    """The endpoints of the responses kept, one for each response."""

    def endpoints() -> list[str]:
        keys = [entry.key for entry in lake.store.list("users/")]
        return sorted(key.split("/")[3] for key in keys if "/raw/" in key)

    return endpoints


@pytest.fixture
def log_in(environment: Environment) -> Callable[..., None]:
    """Keep a token of nico's, or another listener's, that says so."""

    def keep(listener: str = "nico", **told: object) -> None:
        TokenFile(environment.tokens, listener).write(
            Token(refresh_token="the-refresh-token", **told)
        )

    return keep


@pytest.fixture
def token_file(environment: Environment) -> TokenFile:
    return TokenFile(environment.tokens, "nico")


@pytest.fixture
def answered(lake: Lake) -> Callable[[str, datetime], None]:
    """Keep a response of some time; its content is nobody's business here."""

    def keep(listener: str, at: datetime) -> None:
        path = f"users/{listener}/raw/recently_played/date={at:%Y-%m-%d}/{file_name(at)}"
        lake.store.put(path, gzip.compress(b"{}"))

    return keep


@pytest.fixture
def imported(lake: Lake) -> Callable[[str], None]:
    """Keep the outcome of an import, without any row of it."""

    def keep(listener: str = "nico") -> None:
        outcome = {"import_id": "an-export", "imported_at": f"{datetime.now(UTC).isoformat()}"}
        path = "streaming_history/an-export/outcome.json"
        lake.of(listener).write_document(path, {**outcome, "vouches_for": [], "months": []})

    return keep


@pytest.fixture
def both_are_well(
    environment: Environment,
    log_in: Callable[..., None],
    answered: Callable[[str, datetime], None],
) -> None:
    """Nico and mira have logged in, and were answered just now."""
    environment.listeners("nico", "mira")
    for listener in ("nico", "mira"):
        log_in(listener, authorized_at=datetime.now(UTC))
        answered(listener, datetime.now(UTC))


@pytest.fixture(scope="session")
def _on_disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dg.DagsterInstance]:
    folder = str(tmp_path_factory.mktemp("dagster"))
    quiet = {"telemetry": {"enabled": False}}
    with dg.DagsterInstance.local_temp(folder, overrides=quiet) as opened:
        yield opened


@pytest.fixture
def daemon(_on_disk: dg.DagsterInstance) -> dg.DagsterInstance:
    """An instance on disk, as the daemon has it, without any run."""
    _on_disk.wipe()
    return _on_disk


@pytest.fixture(scope="session")
def weed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with seaweedfs(tmp_path_factory.mktemp("weed")) as server:
        yield server


@pytest.fixture(scope="session")
def moto() -> Iterator[S3Server]:
    with moto_server() as server:
        yield server


@pytest.fixture(scope="session")
def r2(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    if not has_r2_simulator():
        pytest.skip(SIMULATOR_IS_MISSING)
    with r2_simulator(tmp_path_factory.mktemp("r2")) as server:
        yield server


@pytest.fixture
def bucket(weed: S3Server, environment: Environment) -> S3Server:
    """The server whose bucket holds the lake, below a prefix of this test's own."""
    environment.keep_in(weed, secrets.token_hex(4))
    return weed


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    """Chromium, for one module: as long as it runs nothing else can have a loop of events."""
    # Not above: what has no need of a browser should not be skipped where there is none.
    from tests.support.browsing import started

    with started() as browser:
        yield browser
