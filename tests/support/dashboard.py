"""The dashboard as people use it: opened in Chromium, from a server in a process of its own.

`served` starts the real server on a free port; one for a module is enough. A `Tab` is a page in a
browser that notes what it complained of and whom it asked; `settled` waits until the server has
shown all that it will. Add what several modules about the dashboard need to open a page or to wait.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest

from testing.dashboard import SETTLED, Served, served
from tests.support.browsing import DESK, HEIGHT, PATIENCE_MS, PHONE, Browser, Page

__all__ = ["DESK", "PHONE", "Served", "Tab", "Theme", "looking", "served", "settled"]

Theme = Literal["light", "dark"]

MOUNTED = """[...document.querySelectorAll('[data-testid=stBidiComponentRegular]')].every(
  (one) => one.querySelector('.pl > *, .listing table, .playledger')
)"""
"""True where each of our components has drawn: its script is fetched after the page's is over."""

STILL = """document.getAnimations().every(
  (one) => one.playState !== 'running' || one.effect?.getComputedTiming().endTime === Infinity
)"""
"""True where nothing moves: a click on what unfolds just then may meet nothing."""


@dataclass
class Tab:
    """A page in a browser, and what it complained of or asked for.

    Attributes:
        page: Playwright's.
        server: what it looks at.
        complaints: of the console and of scripts, and requests that left the server.
    """

    page: Page
    server: Served
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        self.page.on("dialog", self._interrupted)
        self.page.on("request", lambda asked: self._asked(asked.url))
        self.page.set_default_timeout(PATIENCE_MS)

    def open(self, page: str = "", **parameters: str) -> None:
        """Open a page of the dashboard, and wait until it is all there."""
        self.page.goto(self.server.address(page, **parameters))
        settled(self.page)

    def text(self) -> str:
        """All that the open page shows beside the menu."""
        return self.page.inner_text("[data-testid=stMain]")

    def _heard(self, told: Any) -> None:
        # Streamlit looks below the page's own address first for the server, and tells of it.
        if told.type in {"error", "warning"} and "/_stcore/" not in told.location["url"]:
            self.complaints.append(f"{told.type}: {told.text}")

    def _interrupted(self, dialog: Any) -> None:
        # No page of ours has one: a name was taken for a script.
        self.complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _asked(self, url: str) -> None:
        if not url.startswith((self.server.url, "data:", "blob:", "about:")):
            self.complaints.append(f"asked {url}")


def settled(page: Page) -> None:
    """Wait until the script of a page has run to its end, and what it shows is drawn."""
    quiet = 0
    for _ in range(4_800):
        quiet = quiet + 1 if page.evaluate(f"{SETTLED} && {MOUNTED} && {STILL}") else 0
        if quiet == 4:
            return
        page.wait_for_timeout(25)
    pytest.fail(f"the page never came to rest: {page.inner_text('body')[:500]}")


@contextmanager
def looking(
    browser: Browser,
    server: Served,
    listener: str,
    width: int = DESK,
    theme: Theme = "light",
) -> Iterator[Tab]:
    """A browser of somebody who is logged in, with one empty tab.

    Args:
        browser: Chromium.
        server: the dashboard.
        listener: who is logged in.
        width: of the window, in pixels.
        theme: what their machine prefers.
    """
    context = browser.new_context(
        viewport={"width": width, "height": HEIGHT},
        color_scheme=theme,
        reduced_motion="reduce",
    )
    context.add_cookies([server.cookie(listener)])
    try:
        yield Tab(context.new_page(), server)
    finally:
        context.close()
