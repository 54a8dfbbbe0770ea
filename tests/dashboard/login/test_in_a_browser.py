"""The dashboard as it is served, in chromium: what the browser shows, sends and is refused."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
import requests

from pipelines.cli.dashboard import invitation_link
from pipelines.resources.dashboard_logins import DashboardLogins
from pipelines.resources.lake.lakes import Lake
from pipelines.settings import Settings
from sandbox import Sandbox
from tests.support.browsing import PATIENCE_MS, Browser, Page, Request
from tests.support.environment import Environment

pytestmark = [pytest.mark.rare, pytest.mark.timeout(600)]

SCRIPT = Path(__file__).with_name("a_script.py")
SERVING = Path(__file__).with_name("serving.py")
HEARS_ABOUT = re.compile(r"The dashboard is at (http://\S+)")


@dataclass
class Running:
    """A dashboard in a process of its own.

    Attributes:
        url: where it is.
        process: that serves it.
        log: what it wrote.
    """

    url: str
    process: subprocess.Popen[str]
    log: Path

    def invite(self, listener: str) -> str:
        return invitation_link(Settings(), listener, timedelta(hours=1), self.url)

    @property
    def logins(self) -> DashboardLogins:
        return DashboardLogins(Settings().dashboard)


@dataclass
class Tab:
    """A browser of somebody's, and what it asked for and complained of."""

    page: Page
    asked: list[str] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(PATIENCE_MS)
        self.page.on("console", lambda told: self.heard.append(f"{told.type}: {told.text}"))
        self.page.on("pageerror", lambda error: self.heard.append(f"error: {error}"))
        self.page.on("request", self._asked)

    def _asked(self, request: Request) -> None:
        self.asked.append(request.url)

    def come_in(self, link: str) -> None:
        self.page.goto(link)
        self.page.click("button")

    def shows(self, text: str) -> None:
        self.page.get_by_text(text, exact=True).first.wait_for()

    def click(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()


def start(log: Path, *command: str) -> Running:
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, *command], env=dict(os.environ), stdout=out, stderr=out, text=True
        )
    for _ in range(2_400):
        if found := HEARS_ABOUT.search(log.read_text()):
            url = found[1]
            if _answers(url):
                return Running(url, process, log)
        if process.poll() is not None:
            break
        _pause()
    process.kill()
    raise AssertionError(log.read_text())


def _pause() -> None:
    time.sleep(0.1)


def _answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/_stcore/health", timeout=5).ok
    except requests.RequestException:
        return False


@pytest.fixture
def running(environment: Environment, sandbox: Sandbox, tmp_path: Path) -> Iterator[Running]:
    """Of nico and mira, with a script that shows who is there."""
    environment.listeners("nico", "mira")
    environment.set(ACTED=str(tmp_path / "acted"))
    served = start(tmp_path / "log", str(SERVING), str(SCRIPT))
    yield served
    served.process.send_signal(signal.SIGINT)
    served.process.wait(60)


@pytest.fixture
def tab(browser: Browser) -> Iterator[Callable[[], Tab]]:
    """A browser that shares nothing with any other."""
    contexts = []

    def new() -> Tab:
        contexts.append(browser.new_context(viewport={"width": 1280, "height": 900}))
        return Tab(contexts[-1].new_page())

    yield new
    for context in contexts:
        context.close()


def test_a_link_leads_in_and_no_request_leaves(running: Running, tab: Callable[[], Tab]) -> None:
    seen = tab()
    link = running.invite("nico")
    seen.come_in(link)
    seen.shows("Plays of nico")
    secret = link.partition("#")[2]
    assert seen.page.url == f"{running.url}/"
    assert all(url.startswith((running.url, "data:", "blob:")) for url in seen.asked), seen.asked
    assert not any(secret in url for url in seen.asked)
    assert seen.heard == [], "the policy forbids nothing that the page needs"
    cookies = {one["name"]: one for one in seen.page.context.cookies()}
    [ours] = [name for name in cookies if name.startswith("playledger")]
    assert set(cookies) <= {ours, "_streamlit_xsrf"}
    assert cookies[ours]["httpOnly"]
    assert cookies[ours]["value"] not in seen.page.evaluate("document.cookie")
    assert cookies[ours]["value"] not in seen.page.content()
    assert "nico logged in with an invitation" in running.log.read_text()
    # It works once.
    other = tab()
    other.come_in(link)
    other.shows("This link does not work")


def test_spotify_leads_in_too(running: Running, sandbox: Sandbox, tab: Callable[[], Tab]) -> None:
    for name in ("nico", "mira"):
        answer = requests.get(
            f"{sandbox.api_url}me",
            headers={"Authorization": f"Bearer {sandbox.access_token(name)}"},
            timeout=60,
        ).json()
        lake = Lake.open(Settings()).of(name)
        lake.write_document("profile.json", {"account_id": answer["account_id"], "user_id": None})
    sandbox.app.accounts.signed_in = "mira"
    seen = tab()
    seen.page.goto(running.url)
    seen.page.get_by_role("link", name="Log in with Spotify").click()
    seen.shows("Plays of mira")
    assert "mira logged in with Spotify" in running.log.read_text()
    seen.page.goto(f"{running.url}/auth/account")
    seen.click("Renew at Spotify")
    seen.page.get_by_text("Your consent lasts until").wait_for()
    seen.click("Log out")
    seen.shows("You are logged out.")
    seen.page.go_back()
    seen.page.reload()
    seen.page.get_by_role("link", name="Log in with Spotify").wait_for()


def test_two_browsers_of_two_listeners_never_mix(running: Running, tab: Callable[[], Tab]) -> None:
    nico, mira = tab(), tab()
    nico.come_in(running.invite("nico"))
    mira.come_in(running.invite("mira"))
    for one, name, other in ((nico, "nico", "mira"), (mira, "mira", "nico")):
        one.shows(f"Plays of {name}")
        one.page.get_by_label("Type").fill(f"a secret of {name}")
        one.page.get_by_label("Type").press("Enter")
        one.shows(f"Typed: a secret of {name}")
        one.click("Part")
        one.shows(f"A part of {name}'s page")
        assert other not in one.page.content()
    with mira.page.expect_download() as taken:
        mira.click("Take away")
    assert taken.value.path().read_text() == "secret of mira"
    nico.page.reload()
    nico.shows("Plays of nico")
    assert "mira" not in nico.page.content()


def test_another_login_in_the_same_browser_begins_anew(
    running: Running, tab: Callable[[], Tab]
) -> None:
    seen = tab()
    seen.come_in(running.invite("nico"))
    seen.shows("Plays of nico")
    seen.page.get_by_label("Type").fill("a secret of nico")
    seen.page.get_by_label("Type").press("Enter")
    seen.shows("Typed: a secret of nico")
    seen.come_in(running.invite("mira"))
    seen.shows("Plays of mira")
    assert "nico" not in seen.page.content()
    assert [one.listener for one in running.logins.all()] == ["mira"]


@pytest.mark.parametrize("button", ["Act", "Part", "Fail"])
def test_an_open_page_of_a_login_that_ended_does_nothing_more(
    button: str, running: Running, tab: Callable[[], Tab], tmp_path: Path
) -> None:
    seen = tab()
    seen.come_in(running.invite("nico"))
    seen.shows("Plays of nico")
    running.logins.end_all("nico")
    seen.click(button)
    seen.shows("Nobody is logged in.")
    assert "nico" not in seen.page.get_by_test_id("stAppViewContainer").inner_text()
    assert not (tmp_path / "acted").exists()
    seen.page.reload()
    seen.page.get_by_role("link", name="Log in with Spotify").wait_for()


def test_a_file_comes_in_with_a_login_and_not_without(
    running: Running, tab: Callable[[], Tab]
) -> None:
    file = {"name": "export.zip", "mimeType": "application/zip", "buffer": b"12345"}
    seen = tab()
    seen.come_in(running.invite("nico"))
    seen.page.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]
    seen.shows("Uploaded 5 bytes")
    running.logins.end_all("nico")
    sent = len([url for url in seen.asked if "upload_file" in url])
    seen.page.locator("input[type=file]").set_input_files({**file, "name": "more.zip"})  # type: ignore[arg-type]
    seen.shows("Nobody is logged in.")
    assert len([url for url in seen.asked if "upload_file" in url]) == sent


def test_an_error_tells_nothing_of_the_server(running: Running, tab: Callable[[], Tab]) -> None:
    seen = tab()
    seen.come_in(running.invite("nico"))
    seen.shows("Plays of nico")
    seen.click("Fail")
    seen.page.get_by_test_id("stException").wait_for()
    content = seen.page.content()
    for told in ("a-secret-of-the-server", "ValueError", "a_script.py", "Traceback"):
        assert told not in content
    assert "a-secret-of-the-server" in running.log.read_text(), "it is in the log"


def test_the_log_holds_no_secret(running: Running, tab: Callable[[], Tab]) -> None:
    seen = tab()
    link = running.invite("nico")
    seen.come_in(link)
    seen.shows("Plays of nico")
    token = next(
        one["value"] for one in seen.page.context.cookies() if one["name"].startswith("playled")
    )
    log = running.log.read_text()
    assert link.partition("#")[2] not in log
    assert token not in log
    assert "nico logged in" in log or "nico" not in log


def test_the_real_pages_need_nothing_from_elsewhere(
    environment: Environment,
    tmp_path: Path,
    tab: Callable[[], Tab],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    environment.lake.mkdir(exist_ok=True)
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / ".streamlit").mkdir(parents=True)
    # Whatever a folder says: the options are ours.
    (elsewhere / ".streamlit" / "config.toml").write_text(
        '[browser]\ngatherUsageStats = true\n[client]\nshowErrorDetails = "full"\n'
    )
    monkeypatch.chdir(elsewhere)
    environment.set(HOME=str(elsewhere))
    served = start(tmp_path / "log", "-m", "pipelines.cli.main", "dashboard", "--port", "0")
    try:
        seen = tab()
        seen.come_in(served.invite("nico"))
        seen.page.get_by_test_id("stSidebar").wait_for()
        seen.page.wait_for_timeout(2_000)
        assert all(url.startswith((served.url, "data:", "blob:")) for url in seen.asked)
        assert not any("Content Security Policy" in one for one in seen.heard), seen.heard
    finally:
        served.process.send_signal(signal.SIGINT)
        assert served.process.wait(60) in {0, 1, -signal.SIGINT, 130}
    assert "Traceback" not in served.log.read_text()
