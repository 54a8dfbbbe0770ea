"""The pictures of the documentation, and of which pages they are.

The listener is made up, and lives the same days whenever this runs: what pages say can be compared
with what they said when the pictures were taken. Add a picture here when the documentation shows
another page.
"""

import io
import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import pyarrow.csv
from PIL import Image

from sandbox.exports import write_export
from sandbox.ledger import audio_features
from tests.support.browsing import DESK, PHONE, Browser, Page, wait_for
from tests.support.dashboard import Served, looking, settled
from tests.support.places import ROOT

IMAGES = ROOT / "docs" / "images"
WORDS = Path(__file__).parent / "words_of_pictures.json"

LISTENER = "robin"
SETTINGS = '[robin]\ntimezone = "Europe/Berlin"\ndisplay_name = "Robin"\n'
FIRST, END = datetime(2024, 2, 29, 23, tzinfo=UTC), datetime(2026, 2, 28, 23, tzinfo=UTC)

MOST_BYTES = 150_000
COLOURS = 128
WORDS_KEPT = 120
"""The first words of a page: what a picture shows stands among them."""

SEEN = """() => {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const of = node.parentElement;
    const text = node.textContent.replace(/\\s+/g, ' ').trim();
    // What a chart writes on its axes depends on the fonts of a machine.
    if (!text || of.closest('svg, script, style, noscript, option')) continue;
    if (of.checkVisibility({ visibilityProperty: true })) found.push(text);
  }
  return found;
}"""

DRAWN = """[...document.querySelectorAll('.plot:not([hidden]):not(:has(svg))')].every(
  (one) => one.getBoundingClientRect().top > innerHeight
)"""
"""True where no chart of the picture is still to be drawn."""


@dataclass(frozen=True)
class Picture:
    """A picture of the documentation.

    Attributes:
        name: of its file in `docs/images`, without `.png`.
        kind: of the report, of the dashboard, or one of the report's cards.
        page: of the dashboard; of a card, its period.
        width: of the window.
        height: of the window.
        arguments: of the address of the dashboard's page.
    """

    name: str
    kind: Literal["report", "dashboard", "card"]
    page: str = ""
    width: int = DESK
    height: int = 900
    arguments: dict[str, str] = field(default_factory=dict)


PICTURES = (
    Picture("report-cover", "report", height=1000),
    Picture("report-cover-phone", "report", width=PHONE, height=844),
    Picture("card-year", "card", "2025"),
    Picture("dashboard-overview", "dashboard", height=1000),
    Picture("dashboard-artist", "dashboard", "artists", height=1000),
    Picture("dashboard-plays", "dashboard", "plays", arguments={"period": "2025-11"}),
)


def make_life(folder: Path) -> None:
    """What somebody has who imported an export, and added a file of audio features."""
    (folder / "listeners.toml").write_text(SETTINGS)
    export, features = folder / "my_spotify_data.zip", folder / "features.csv"
    write_export(export, "demo", FIRST, END)
    pyarrow.csv.write_csv(audio_features(share=0.8), features)
    _run(folder, "reference", "add", str(features))
    _run(folder, "import", LISTENER, str(export), "--report")


def _run(folder: Path, *arguments: str) -> None:
    command = [sys.executable, "-c", "from pipelines.cli.main import main; main()", *arguments]
    environment = {
        **os.environ,
        "ENV_FILE": os.devnull,
        "LAKE_URL": str(folder / "lake"),
        "LISTENERS_FILE": str(folder / "listeners.toml"),
        "TOKENS_DIR": str(folder / "tokens"),
        "PYTHONWARNINGS": "ignore",
    }
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def take(
    picture: Picture, folder: Path, browser: Browser, server: Served
) -> tuple[bytes, list[str]]:
    """Take a picture anew.

    Args:
        picture: which.
        folder: of the life.
        browser: Chromium.
        server: the dashboard of the life.

    Returns:
        The picture as a small PNG, and the words that its page shows.
    """
    if picture.kind == "card":
        return _of_card(folder / "lake/users" / LISTENER / "report/cards", picture)
    if picture.kind == "report":
        return _of_report(folder / "lake/users" / LISTENER / "report/index.html", picture, browser)
    return _of_dashboard(picture, browser, server)


def _of_card(cards: Path, picture: Picture) -> tuple[bytes, list[str]]:
    drawn = (cards / f"{picture.page}.svg").read_text(encoding="utf-8")
    words = [text for one in re.split(r"<[^>]*>", drawn) if (text := " ".join(one.split()))]
    return small((cards / f"{picture.page}.png").read_bytes(), 540), words


def _of_report(file: Path, picture: Picture, browser: Browser) -> tuple[bytes, list[str]]:
    size = {"width": picture.width, "height": picture.height}
    page = browser.new_page(viewport=size, color_scheme="light", reduced_motion="reduce")
    try:
        page.goto(file.as_uri())
        wait_for(page, "!!document.querySelector('h1')")
        page.wait_for_timeout(500)
        return small(page.screenshot()), _words(page)
    finally:
        page.close()


def _of_dashboard(picture: Picture, browser: Browser, server: Served) -> tuple[bytes, list[str]]:
    with looking(browser, server, LISTENER, picture.width) as tab:
        tab.page.set_viewport_size({"width": picture.width, "height": picture.height})
        tab.open(picture.page, **picture.arguments)
        if picture.page == "artists":
            tab.page.locator(".listing tbody a").first.click()
            tab.page.wait_for_selector("[data-figure='Best month']")
            settled(tab.page)
        wait_for(tab.page, DRAWN)
        # A mouse over the page would be in the picture, and so would what it points at.
        tab.page.mouse.move(0, 0)
        tab.page.wait_for_timeout(1000)
        assert tab.complaints == []
        return small(tab.page.screenshot()), _words(tab.page)


def _words(page: Page) -> list[str]:
    words: list[str] = page.evaluate(SEEN)
    return words[:WORDS_KEPT]


def small(png: bytes, width: int | None = None) -> bytes:
    """A picture of few colours, which takes a fraction of the bytes.

    Args:
        png: the picture.
        width: to which it is made smaller, in pixels; as it is without.
    """
    with Image.open(io.BytesIO(png)) as opened:
        image = opened.convert("RGB")
    if width:
        image = image.resize((width, round(image.height * width / image.width)), Image.LANCZOS)
    written = io.BytesIO()
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(written, "PNG", optimize=True)
    return written.getvalue()
