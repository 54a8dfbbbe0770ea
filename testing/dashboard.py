"""The dashboard, served by a process of its own, and browsers' cookies of who is logged in."""

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from pipelines.dashboard.login.access import COOKIE
from pipelines.resources.dashboard_logins import DashboardLogins
from pipelines.settings import Settings
from testing.servers import free_ports

SERVE = """
from pipelines.dashboard.app import serve
from pipelines.settings import Settings
serve(Settings(), "127.0.0.1", {port})
"""

SETTLED = (
    "document.querySelector('[data-testid=stApp]')?.dataset.testScriptState === 'notRunning'"
    " && !document.querySelector('[data-testid=stSkeleton]')"
    " && !!document.querySelector('h1, h2, h3, [data-testid=stAlert]')"
)
"""True in a page whose script has run to its end and whose elements are drawn."""


@dataclass
class Served:
    """A dashboard that is being served.

    Attributes:
        url: of it, without a slash at the end.
        lake: what it reads.
        process: the server's.
        log: where it writes what it has to say.
        logins: where it keeps who is logged in.
    """

    url: str
    lake: Path
    process: subprocess.Popen[bytes]
    log: Path
    logins: Path

    def address(self, page: str = "", **parameters: str) -> str:
        """The address of a page.

        Args:
            page: its name; the first page without one.
            **parameters: what is chosen, such as `listener`, `scope` and `period`.
        """
        asked = f"?{urlencode(parameters)}" if parameters else ""
        return f"{self.url}/{page}{asked}"

    def said(self) -> str:
        """All that the server has written so far."""
        return self.log.read_text()

    def cookie(self, listener: str) -> Any:
        """Log somebody in; returns what their browser sends along, as Playwright takes it."""
        kept = Settings.of({"DASHBOARD_FILE": str(self.logins)}).dashboard
        return {
            "name": f"{COOKIE}-{urlsplit(self.url).port}",
            "value": DashboardLogins(kept).begin(listener),
            "url": self.url,
            "httpOnly": True,
        }


@contextmanager
def served(
    lake: Path, listeners: Path, folder: Path, variables: Mapping[str, str] | None = None
) -> Iterator[Served]:
    """Serve a lake.

    Args:
        lake: the folder.
        listeners: a `listeners.toml`.
        folder: for what the server writes; must exist.
        variables: of the environment, besides these.
    """
    (port,) = free_ports(1)
    url = f"http://127.0.0.1:{port}"
    log, logins = folder / "dashboard.log", folder / "dashboard.sqlite"
    environment = {
        **os.environ,
        "LAKE_URL": str(lake),
        "LISTENERS_FILE": str(listeners),
        "TOKENS_DIR": str(folder / "tokens"),
        "DASHBOARD_URL": url,
        "DASHBOARD_FILE": str(logins),
        **(variables or {}),
    }
    with answering(["-c", SERVE.format(port=port)], environment, url, log) as process:
        yield Served(url, lake, process, log, logins)


@contextmanager
def answering(
    arguments: Sequence[str], environment: Mapping[str, str], url: str, log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """A process of Python's that serves Streamlit, from when it answers until the block ends.

    Args:
        arguments: of Python.
        environment: of the process.
        url: at which it will answer.
        log: where it writes what it has to say.
    """
    with log.open("wb") as written:
        process = subprocess.Popen(
            [sys.executable, *arguments], env=environment, stdout=written, stderr=subprocess.STDOUT
        )
        try:
            _wait_until_ready(process, url, log)
            yield process
        finally:
            process.terminate()
            process.wait(120)


def _wait_until_ready(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    until = time.monotonic() + 240
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=2):  # noqa: S310 ours
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"the dashboard does not answer: {log.read_text()[-2000:]}")
