"""The variables of the environment from which the pipeline of a test learns everything.

Every test that has an environment has this one; add a variable here when more than one room sets
it. Fixtures are in the root `conftest.py`.
"""

import os
from pathlib import Path

import pytest

from sandbox import Sandbox
from testing.servers import S3Server
from testing.variables import OF_A_PIPELINE

NOBODY = "http://127.0.0.1:9"
"""Where nobody listens: a test that was given no sandbox asks in vain."""


class Environment:
    """A folder in which everything is kept, listeners, and whom to ask.

    Attributes:
        folder: holds the lake, the tokens and the list of listeners.
        variables: all that were set, for processes that are given an environment of their own.
    """

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        """One listener, an empty lake, and nobody to ask.

        Args:
            folder: is made where it is missing.
            patch: puts everything back in the end.
        """
        self.folder = folder
        self.variables: dict[str, str] = {}
        self._patch = patch
        folder.mkdir(parents=True, exist_ok=True)
        for name in os.environ:
            if name.startswith(OF_A_PIPELINE):
                patch.delenv(name)
        self.set(
            ENV_FILE=os.devnull,  # whatever lies in the folder in which tests are started
            LAKE_URL=str(folder / "lake"),
            TOKENS_DIR=str(folder / "tokens"),
            CACHE_FILE=str(folder / "answers.sqlite"),
            DASHBOARD_FILE=str(folder / "dashboard.sqlite"),
            LISTENERS_FILE=str(folder / "listeners.toml"),
            SURVEYS_FILE=str(folder / "surveys.toml"),
            SURVEY_KEYS_DIR=str(folder / "survey-keys"),
            SPOTIFY_CLIENT_ID="an-app",
            SPOTIFY_CLIENT_SECRET="the-secret-of-the-app",
            SPOTIFY_API_URL=f"{NOBODY}/v1/",
            SPOTIFY_ACCOUNTS_URL=NOBODY,
            REQUEST_INTERVAL_S="0",
            CATALOGUE_READS_PER_DAY="0",
        )
        self.listeners("nico")
        self.surveys("")

    @property
    def lake(self) -> Path:
        """The folder of the lake, where it is in one."""
        return self.folder / "lake"

    @property
    def tokens(self) -> Path:
        """The folder of the logins."""
        return self.folder / "tokens"

    def set(self, **variables: str) -> None:
        """Set variables until the test is over."""
        for name, value in variables.items():
            self._patch.setenv(name, value)
        self.variables |= variables

    def unset(self, *names: str) -> None:
        """Take variables away until the test is over."""
        for name in names:
            self._patch.delenv(name, raising=False)
            self.variables.pop(name, None)

    def listeners(self, *names: str, timezone: str = "Europe/Berlin") -> None:
        """Say who the listeners are."""
        written = "".join(f'[{name}]\ntimezone = "{timezone}"\n' for name in names)
        (self.folder / "listeners.toml").write_text(written)

    def surveys(self, written: str) -> None:
        """Say which surveys there are, as `surveys.toml` does."""
        (self.folder / "surveys.toml").write_text(written)

    def ask(self, sandbox: Sandbox, *names: str) -> None:
        """Ask this sandbox, as these listeners."""
        self.set(**sandbox.environment(*names))

    def keep_in(self, server: S3Server, prefix: str = "ledger") -> None:
        """Have the lake in a server's bucket."""
        self.set(**server.environment(prefix))

    def dagster_home(self, text: str = "telemetry: {enabled: false}\n") -> Path:
        """Make a `DAGSTER_HOME` with this `dagster.yaml`, and name it."""
        home = self.folder / "dagster-home"
        home.mkdir()
        (home / "dagster.yaml").write_text(text)
        self.set(DAGSTER_HOME=str(home))
        return home
