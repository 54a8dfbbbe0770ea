"""Running the collecting assets, and reading what the sandbox was asked.

Add here what several modules do in the same way. Fixtures are in the root `conftest.py`.
"""

import functools
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import dagster as dg

from pipelines.assets import collect
from pipelines.resources.dagster_resources import LakeResource, resources_from
from pipelines.resources.spotify.client import SpotifyClient
from sandbox import Sandbox

ALL = ("profile", "recently_played", "top_items", "playlists")
LISTENERS = ("nico", "mira")

ASK = """
import sys
from pipelines.resources.lake.lakes import Lake
from pipelines.resources.spotify.client import Spotify
from pipelines.settings import Settings

settings = Settings()
client = Spotify(settings, Lake.open(settings)).client(sys.argv[1])
print("ready", flush=True)
input()
for _ in range(int(sys.argv[2])):
    client.get("profile", lambda api: api.current_user())
"""
"""What another process runs to ask for a listener's profile so many times, once it is told."""


def today() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%d")


def asked(sandbox: Sandbox) -> list[str]:
    """What the sandbox was asked for, in order of arrival: `GET me`, `POST /api/token`."""
    return [f"{one.method} {one.path.removeprefix('/v1/')}" for one in sandbox.requests]


def gets(sandbox: Sandbox) -> list[str]:
    return [one for one in asked(sandbox) if one.startswith("GET")]


def logged_in(client: SpotifyClient, sandbox: Sandbox) -> SpotifyClient:
    """The client with a fresh token, the request for it forgotten."""
    client._access_token()
    sandbox.requests.clear()
    return client


@dataclass
class Outcome:
    """How a run went: what each failed asset says, and what the others' metadata holds."""

    success: bool
    failed: dict[str, str] = field(default_factory=dict)
    metadata: dict[str, dict[str, Any]] = field(default_factory=dict)
    raised: dict[str, str] = field(default_factory=dict)
    """Failures that nobody expected, with their traceback."""

    @property
    def line(self) -> str:
        """The one thing that every failed asset says."""
        assert not self.raised, self.raised
        (line,) = set(self.failed.values())
        assert "\n" not in line
        return line


@functools.cache
def _assets_of(listener: str) -> dict[str, dg.AssetsDefinition]:
    loaded = dg.load_assets_from_modules([collect], key_prefix=listener)
    return {one.key.path[-1]: one for one in loaded if isinstance(one, dg.AssetsDefinition)}


@dataclass
class Collector:
    """Materialises collecting assets in this process."""

    instance: dg.DagsterInstance

    def __call__(
        self,
        *names: str,
        listener: str = "nico",
        date: str | None = None,
        force: bool = False,
        tags: Mapping[str, str] | None = None,
        meanwhile: Callable[[], object] = lambda: None,
    ) -> Outcome:
        """Run these assets, or all of them.

        Args:
            names: the assets.
            listener: whose.
            date: which partition; today's where it is not given.
            force: what their configuration says.
            tags: of the run.
            meanwhile: is called once the run has been created, before any asset begins.
        """
        config: dict[str, Any] = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
        configurable = [name for name in names or ALL if name != "recently_played"]
        config["ops"] = {name: {"config": {"force": force}} for name in configurable}
        result = dg.materialize(
            [_assets_of(listener)[name] for name in names or ALL],
            resources=_once_created(meanwhile),
            partition_key=date or today(),
            instance=self.instance,
            run_config=config,
            tags=dict(tags or {}),
            raise_on_error=False,
        )
        return _outcome(result)


def _once_created(meanwhile: Callable[[], object]) -> dict[str, Any]:
    """The resources of the environment, of which the lake calls this before it is first used."""
    resources: dict[str, Any] = dict(resources_from(os.environ))
    waiting = [meanwhile]

    class Lake(LakeResource):
        def setup_for_execution(self, _: dg.InitResourceContext) -> None:
            if waiting:
                waiting.pop()()

    return resources | {"lake": Lake(url=dg.EnvVar("LAKE_URL"))}


def _outcome(result: dg.ExecuteInProcessResult) -> Outcome:
    outcome = Outcome(result.success)
    for event in result.all_events:
        if event.is_step_failure:
            name = str(event.step_key)
            data = event.step_failure_data
            if data.user_failure_data:
                outcome.failed[name] = str(data.user_failure_data.description)
            else:
                outcome.raised[name] = str(data.error and data.error.to_string())
    for event in result.get_asset_materialization_events():
        told = event.materialization
        outcome.metadata[told.asset_key.path[-1]] = {
            name: value.value for name, value in told.metadata.items()
        }
    return outcome


def python(code: str, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    """Another process that runs this code in the test's environment."""
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        env={**os.environ, **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def heard(process: subprocess.Popen[str]) -> str:
    """The next line that the process writes."""
    assert process.stdout
    return process.stdout.readline().strip()


def tell(process: subprocess.Popen[str], line: str = "go") -> None:
    assert process.stdin
    process.stdin.write(f"{line}\n")
    process.stdin.flush()
