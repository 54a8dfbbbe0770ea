"""The page as a listener sees it: in Chromium, from a file.

Add what several modules need to open a page and to wait for it. It needs Debian's `chromium`, and
modules that import it are skipped where that is not installed; Playwright's own browsers are not
asked for.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

CHROMIUM = shutil.which("chromium")
if CHROMIUM is None:
    pytest.skip("no chromium is installed (Debian: apt install chromium)", allow_module_level=True)

from playwright.sync_api import (  # noqa: E402 only where it is used
    Browser,
    Page,
    Request,
    sync_playwright,
)

__all__ = [
    "DRAWN",
    "Browser",
    "Page",
    "Seen",
    "assert_pictures_are_plotlys",
    "choose",
    "draw_all",
    "open_table",
    "open_tables",
    "started",
    "unfold",
    "wait_for",
]

PHONE, DESK = 390, 1440
HEIGHT = 900
PATIENCE_MS = 60_000
"""How long a slow machine may take to show something."""

TOLD = """[...document.querySelectorAll('.chapter')].every(
  (one) => one.hidden || one.querySelector('.gist').textContent
)"""
"""True once all chapters are filled, which a report does only after its cover is painted."""

TABLED = """[...document.querySelectorAll('figure')].every(
  (one) => !one.querySelector('.plot')?.checkVisibility() || one.querySelector('tbody tr')
)"""
"""True where every chart that is drawn has its table."""

QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class Seen:
    """A listener's report in a browser, and what it complained of or asked for."""

    def __init__(self, browser: Browser, file: Path) -> None:
        self.page = browser.new_page(
            viewport={"width": DESK, "height": HEIGHT}, reduced_motion="reduce"
        )
        self.file = file.as_uri()
        self.heard: list[str] = []
        self.page.on("console", lambda told: self.heard.append(f"{told.type}: {told.text}"))
        self.page.on("pageerror", lambda error: self.heard.append(f"error: {error}"))
        self.page.on("dialog", lambda dialog: self.heard.append(f"dialog: {dialog.message}"))
        self.page.on("request", self._asked)
        self.page.set_default_timeout(PATIENCE_MS)
        self.page.goto(self.file)
        assert self.heard == [self.file]
        wait_for(self.page, TOLD)

    def _asked(self, request: Request) -> None:
        if not request.url.startswith(("data:", "blob:")):
            self.heard.append(request.url)


@contextmanager
def started() -> Iterator[Browser]:
    """Chromium without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield browser
        browser.close()


def draw_all(page: Page, width: int = DESK) -> None:
    """Unfold all chapters and make the window as high as the page, so that every chart is drawn."""
    unfold(page)
    page.set_viewport_size({"width": width, "height": 45_000})
    wait_for(page, DRAWN)


def unfold(page: Page) -> None:
    """Open every chapter; what is folded has no text that anybody sees."""
    page.evaluate("document.querySelectorAll('.chapter').forEach((one) => { one.open = true; })")


STYLED = """(() => {
  // Each selector by itself, with what it is nested in; a rule for all has no name to mistake.
  const selectors = (rules, outer) => [...rules].flatMap((rule) => {
    const own = (rule.selectorText ?? '&').split(/,(?![^(]*[)])/).map((one) => one.trim())
      .map((one) => (one.includes('&') || !outer ? one : `& ${one}`).replaceAll('&', outer));
    const here = rule.selectorText === undefined ? [] : own;
    const within = rule.selectorText === undefined ? outer : `:is(${own.join()})`;
    return [...here, ...(rule.cssRules ? selectors(rule.cssRules, within) : [])];
  });
  return [...document.styleSheets]
    .filter((sheet) => !sheet.ownerNode.id.startsWith('plotly'))
    .flatMap((sheet) => selectors(sheet.cssRules, ''))
    .filter((one) => /[.][a-z-]+[^ ]*$/i.test(one))
    .filter((one) => document.querySelector(`:is(${one}):is(.plot svg *)`));
})()"""
"""Rules of the page's own for a class that reach into a picture, where classes are Plotly's."""

DRAWN = "!document.querySelector('.plot:not([hidden]):not(:has(svg))')"
"""True once every chart that has something to draw is drawn."""

CUT = """[...document.querySelectorAll('.plot svg .ytick text')].filter((one) => {
  const [text, picture] = [one, one.closest('svg')].map((it) => it.getBoundingClientRect());
  return text.left < picture.left - 1;
}).map((one) => one.textContent)"""
"""Labels beside a chart that begin left of its picture."""


def assert_pictures_are_plotlys(page: Page) -> None:
    """See that no class of ours changes a picture, and that no label beside one is cut off."""
    styled, cut = page.evaluate(STYLED), page.evaluate(CUT)
    assert (styled, cut) == ([], []), (styled, cut)


def open_table(page: Page, chart: str) -> None:
    """Open the table of a chart's numbers, which is made only after it was opened.

    Args:
        page: the report, or the dashboard.
        chart: the id of the chart's figure.
    """
    page.locator(f"#{chart} summary").click()
    page.locator(f"#{chart} details[open] tbody td").first.wait_for()


def open_tables(page: Page) -> None:
    """Open the tables of all charts that are drawn, as far as nothing is folded around them.

    Args:
        page: the report, a survey's page, or the dashboard.
    """
    page.evaluate(
        "document.querySelectorAll('figure details').forEach((one) => { one.open = true; })"
    )
    wait_for(page, TABLED)


def wait_for(page: Page, truth: str) -> None:
    """Wait until an expression is true; Playwright's own way is what the page's policy forbids."""
    for _ in range(2_400):
        if page.evaluate(truth):
            return
        page.wait_for_timeout(25)
    pytest.fail(f"still not so: {truth}")


def choose(page: Page, scope: str, period: str) -> None:
    """What a listener does with the switches on top.

    Args:
        page: the report.
        scope: all, or mine.
        period: all, a year, or a month, of which the day does not matter.
    """
    page.check(f"input[value={scope}]", force=True)
    page.select_option("#period", period[: len("2026-03")])
