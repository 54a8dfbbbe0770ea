"""What an operator does in Dagster's UI, and what can be seen there.

Add a step here when a scene needs one. What must be seen is said in the tests.
"""

import os
from pathlib import Path

from playwright.sync_api import Locator, Page

RECENT_TRACKS = "/assets/nico/recent_tracks?view=partitions"
CHECKS = "/assets/nico/plays?view=checks&checkDetail="
REBUILD = "/locations/pipelines.definitions/sensors/rebuild_nico_sensor"
DATED = 'group:"nico/snapshots"'

ANYWHERE = """() => {
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const text = texts.currentNode;
        text.data = text.data.replace(/"\\/[^"]*\\/(dagster|pipelines|python3[^/]*)\\//g, '"$1/');
    }
}"""
"""Takes from stack traces where on this machine the code lies."""


class Operator:
    """A person at a browser."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self._url = page, url

    def open(self, path: str) -> None:
        """Go to a page of the UI."""
        self.page.goto(self._url + path)

    def choose_range(self, first: str, last: str) -> None:
        """Select all that is derived date by date, and a range of dates to derive again."""
        page = self.page
        self.open("/asset-groups")
        page.locator(".CodeMirror:visible").click()
        page.keyboard.type(DATED)
        page.keyboard.press("Enter")
        page.wait_for_url("**nico%2Fsnapshots**")
        page.reload()  # the button, too, now stands for these assets alone
        page.get_by_role("button", name="Materialize all…").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_text("Launch runs to materialize 4 assets").wait_for()
        dates = dialog.get_by_role("textbox").first
        dates.fill(f"[{first}...{last}]")
        dates.press("Enter")

    def launch(self) -> str:
        """Start the backfill that was chosen; returns its page."""
        self.page.get_by_role("button", name="Launch backfill").click()
        self.page.get_by_role("dialog").wait_for(state="hidden")
        link = self.page.locator("a[href^='/runs/b/']")
        link.wait_for()
        return link.get_attribute("href") or ""

    def see(self, date: str, colour: str) -> None:
        """Wait until the dot beside a date has this colour, such as `green`."""
        dot = f"[data-tooltip='{date}'] + div[style*='--color-accent-{colour}']"
        self.page.locator(dot).wait_for()

    def row(self, text: str) -> Locator:
        """The rows of a long list in which this stands."""
        return self.page.locator("[class*=VirtualizedTable_row]", has_text=text)

    def keep(self, scene: str) -> None:
        """A picture for docs/backfills.md, where `SCREENSHOTS` names a folder for them."""
        if folder := os.environ.get("SCREENSHOTS"):
            self.page.evaluate(ANYWHERE)
            self.page.wait_for_timeout(300)  # what fades in has done so
            self.page.screenshot(path=Path(folder) / f"{scene}.png")
