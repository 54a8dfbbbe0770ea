"""What the dashboard costs with 1,000,000 plays: seconds of each page in Chromium, bytes, memory.

The lake is made as `insights.py` makes it, or is the one that `LAKE` names. Each page is opened
cold, in a server that has read nothing yet, and warm, by the menu: the median of several. Beside it
stands the floor: the same files merely parsed, whole. Memory is the server's, with five people
looking.
"""

import importlib
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import pyarrow.parquet as pq
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.many import NICO, in_a_process, write_ledger
from pipelines.dashboard.charts import packed_for
from pipelines.dashboard.choices import Choices
from pipelines.dashboard.reading import Kept, Reading
from pipelines.resources.lake.lakes import Lake
from pipelines.settings import Settings
from testing.dashboard import SETTLED, Served, served

WARM_S, COLD_S, MEMORY_MB = 0.5, 3.0, 500
READERS = 5
ROUNDS, LOOKS_MS = 5, 500
"""A warm page is opened so often, from another that somebody looks at for a moment."""

GIVEN_UP_S = 60

PAGES = {
    "overview": ("Overview", ("months", "calendar")),
    "when": ("When", None),
    "discovery": ("Discovery", None),
    "mainstream": ("Mainstream", None),
    "years": ("Years and content", None),
    "now-and-then": ("Now and then", None),
    "sound": ("Sound", None),
}
"""Name in the address -> title in the menu, and charts where the page's file does not list them."""

DRAWN = f"""{SETTLED} && [...document.querySelectorAll('.plot:not([hidden]):not(:has(svg))')]
  .every((one) => one.getBoundingClientRect().top > innerHeight)"""
"""True once all charts in the window are drawn: others are when somebody comes near them."""


@dataclass
class Read:
    """What a page reads: files, their bytes, seconds that it takes, and that parsing them takes."""

    files: int
    bytes: int
    seconds: float
    floor: float


def read_by(name: str, lake: Lake) -> Read:
    """What one page reads, in a process that has read nothing of it."""
    page = importlib.import_module(f"pipelines.dashboard.menu.{name.replace('-', '_')}")
    choices, reading = Choices(NICO.name), Reading(lake, NICO.name, Kept())
    began = time.perf_counter()
    page.load(reading, choices)
    packed_for(PAGES[name][1] or page.CHARTS, reading)
    seconds = time.perf_counter() - began
    paths = [Path(reading.lake.store.url(path)) for path in dict.fromkeys(reading.read)]
    strange = [one for one in paths if not one.match("aggregated/*") and "labelled" not in str(one)]
    assert not strange, strange
    began = time.perf_counter()
    for path in paths:
        pq.read_table(path, partitioning=None)
    floor = time.perf_counter() - began
    return Read(len(paths), sum(path.stat().st_size for path in paths), seconds, floor)


def until_drawn(page: Page) -> None:
    """Wait until the page is there, with every chart; it is looked for often."""
    quiet = 0
    while quiet < 2:
        quiet = quiet + 1 if page.evaluate(DRAWN) else 0
        page.wait_for_timeout(10)


def timed(page: Page, do: Callable[[], Any], title: str) -> float:
    """Seconds from a click until the page of a title is there."""
    began = time.perf_counter()
    do()
    heading = f"[...document.querySelectorAll('h1')].some(one => one.innerText === {title!r})"
    while not page.evaluate(heading):
        page.wait_for_timeout(5)
        if time.perf_counter() - began > GIVEN_UP_S:
            raise TimeoutError(f"{title} never came: {page.inner_text('body')[:300]}")
    until_drawn(page)
    return time.perf_counter() - began


@contextmanager
def opened(browser: Browser, server: Served) -> Iterator[Page]:
    """A tab of somebody who is logged in."""
    context = browser.new_context(viewport={"width": 1440, "height": 2400})
    context.add_cookies([server.cookie(NICO.name)])
    yield context.new_page()
    context.close()


def by_the_menu(page: Page, title: str, heading: str) -> float:
    """Seconds that a page takes which was looked at before, from another one."""
    away = "Artists"
    page.click(f"[data-testid=stSidebar] a:has-text('{away}')")
    timed(page, lambda: None, away)
    page.wait_for_timeout(LOOKS_MS)
    return timed(
        page, partial(page.click, f"[data-testid=stSidebar] a:has-text('{title}')"), heading
    )


def memory_mb(server: Served) -> float:
    """What the server holds now."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    [held] = [line for line in status.splitlines() if line.startswith("VmRSS")]
    return int(held.split()[1]) / 1024


def main() -> None:
    """Print it all, and whether it is within the bars."""
    with tempfile.TemporaryDirectory() as temporary, ExitStack() as stack:
        home = Path(temporary)
        os.environ["LAKE_URL"] = os.environ.get("LAKE", str(home / "lake"))
        lake = Lake.open(Settings())
        if "LAKE" not in os.environ:
            write_ledger(lake.of(NICO.name), new_music=True)
            insights = str(Path(__file__).parent / "insights.py")
            in_a_process(insights, "label")
            in_a_process(insights, "insights")
        listeners = home / "listeners.toml"
        listeners.write_text(f'[{NICO.name}]\ntimezone = "Europe/Berlin"\n')
        browser = stack.enter_context(sync_playwright()).chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        fits = True
        for name in PAGES:
            told = read_by(name, lake)
            print(
                f"{name:13} reads {told.files:2} files, {told.bytes / 1e6:5.2f} MB, and packs "
                f"them in {told.seconds * 1000:4.0f} ms, {told.seconds / told.floor:4.1f} x the "
                f"floor of {told.floor * 1000:3.0f} ms"
            )
        server = stack.enter_context(served(Path(os.environ["LAKE_URL"]), listeners, home))
        first = stack.enter_context(opened(browser, server))
        for name, (title, _) in PAGES.items():
            heading = NICO.name if name == "overview" else title
            address = server.address("" if name == "overview" else name)
            cold = timed(first, partial(first.goto, address), heading)
            warm = median(by_the_menu(first, title, heading) for _ in range(ROUNDS))
            fits &= warm <= WARM_S and cold <= COLD_S
            print(f"{name:13} cold {cold:4.2f} s, warm {warm:4.2f} s")
        for _ in range(READERS - 1):
            page = stack.enter_context(opened(browser, server))
            for name, (title, _) in PAGES.items():
                heading = NICO.name if name == "overview" else title
                at = server.address("" if name == "overview" else name)
                timed(page, partial(page.goto, at), heading)
        held = memory_mb(server)
        fits &= held <= MEMORY_MB
        print(
            f"the server holds {held:.0f} MB with {READERS} who look; "
            f"{'within' if fits else 'BEYOND'} the bars of {WARM_S} s warm, {COLD_S} s cold "
            f"and {MEMORY_MB} MB"
        )
        browser.close()
    sys.exit(not fits)


if __name__ == "__main__":
    main()
