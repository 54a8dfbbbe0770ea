"""The report's charts in a page of the dashboard, as Streamlit serves it to a browser.

What each chart should tell is reckoned in `tests/report/`, once for both places. Add a case when a
chart could differ here.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import requests

from pipelines.dashboard.charts import chart_routes
from pipelines.resources.lake.lakes import Lake
from pipelines.settings import Settings
from tests.dashboard.charts_served import served, written
from tests.report import (  # noqa: F401 importing them fills CHARTS
    charts_of_habits,
    charts_of_listening,
    charts_of_playlists,
    charts_of_taste,
)
from tests.report.charts_told import CHARTS, Seen
from tests.report.listeners import Tables, full_life, told_by
from tests.report.test_charts_tell_the_tables import SHOWN, cell, drawn
from tests.support.browsing import DESK, DRAWN, PHONE, Browser, Page, open_tables, wait_for
from tests.support.environment import Environment

pytestmark = [pytest.mark.rare, pytest.mark.timeout(600)]

WAIT_MS = 180_000


@pytest.fixture(scope="module")
def life() -> Tables:
    return told_by(full_life())


@pytest.fixture(scope="module")
def address(life: Tables, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch:
        environment = Environment(tmp_path_factory.mktemp("charts"), patch)
        written(Lake.open(Settings()), "nico", life)
        with served(environment) as at:
            yield at


def opened(browser: Browser, address: str, ids: list[str], **more: Any) -> tuple[Page, list[str]]:
    """A page with charts drawn, and every request that it made and complaint that it had."""
    heard: list[str] = []
    width = more.pop("width", DESK)
    page = browser.new_page(
        viewport={"width": width, "height": 3000 + 700 * len(ids)},
        reduced_motion="reduce",
        color_scheme=more.pop("theme", "light"),
    )
    page.set_default_timeout(WAIT_MS)
    page.on("request", lambda asked: heard.append(asked.url))
    page.on("pageerror", lambda error: heard.append(f"error: {error}"))
    page.on("dialog", lambda dialog: heard.append(f"dialog: {dialog.message}"))
    chosen = "&".join(f"{name}={value}" for name, value in more.items())
    page.goto(f"{address}?charts={','.join(ids)}&{chosen}")
    page.wait_for_selector(f"figure:nth-of-type({len(ids)})")
    wait_for(page, DRAWN)
    return page, heard


def strangers(heard: list[str], address: str) -> list[str]:
    """What was asked of anybody but the server, and complaints."""
    own = (address, address.replace("http", "ws"), "blob:", "data:")
    return [one for one in heard if not one.startswith(own)]


@pytest.mark.parametrize(
    ("theme", "scope", "period", "month"),
    # Of a year charts show the last month.
    [("light", "all", "2026-02", date(2026, 2, 1)), ("dark", "mine", "2026", date(2026, 3, 1))],
)
def test_charts_tell_the_tables_and_nothing_leaves_the_machine(  # noqa: PLR0917
    browser: Browser, address: str, life: Tables, theme: str, scope: str, period: str, month: date
) -> None:
    page, heard = opened(browser, address, list(CHARTS), theme=theme, scope=scope, period=period)
    open_tables(page)
    shown = page.evaluate(SHOWN)
    rows = {name: table.to_pylist() for name, table in life.items()}
    assert list(shown) == list(CHARTS)
    for name, reckon in CHARTS.items():
        told = reckon(Seen(rows, scope, month))
        width = len(told.table[0])
        cells = [[cell(text) for text in row[:width]] for row in shown[name]["table"]]
        assert (sorted(cells, key=str) if name == "rotation" else cells) == told.table, name
        assert drawn(name, shown[name], told) == told.drawn, name
    assert page.locator(".playledger").get_attribute("data-theme") == theme
    assert strangers(heard, address) == []
    page.close()


def test_scripts_are_fetched_once_and_may_be_kept(browser: Browser, address: str) -> None:
    page, heard = opened(browser, address, ["hours"])
    scripts = [one for one in heard if "/playledger/" in one]
    assert len(scripts) == len(set(scripts)) == len(chart_routes())
    for script in scripts:
        answer = requests.get(script, timeout=60)
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.headers["Content-Type"].startswith("text/javascript")
    page.close()


def test_on_a_phone_nothing_is_wider_than_the_screen(browser: Browser, address: str) -> None:
    ids = ["hours", "artist-race", "artist-flow", "songs", "gaps"]
    page, _ = opened(browser, address, ids, width=PHONE, theme="dark")
    # A chart that was drawn wider takes a moment to follow.
    wait_for(
        page,
        """[...document.querySelectorAll('.playledger, .playledger figure, .plot svg')]
        .every((one) => one.getBoundingClientRect().right <= innerWidth + 1)""",
    )
    page.close()


def test_a_chart_follows_the_theme_and_the_keyboard(browser: Browser, address: str) -> None:
    page, _ = opened(browser, address, ["artist-race"])
    ink = "getComputedStyle(document.querySelector('.playledger h3')).color"
    light = page.evaluate(ink)
    page.emulate_media(color_scheme="dark")
    wait_for(page, "document.querySelector('.playledger').dataset.theme === 'dark'")
    assert page.evaluate(ink) != light
    page.locator("summary").focus()
    page.keyboard.press("Enter")
    page.locator("figure table").wait_for()
    slider = page.locator("input[type=range]")
    before = page.locator(".caption").inner_text()
    slider.focus()
    page.keyboard.press("ArrowLeft")
    wait_for(page, f"document.querySelector('.caption').textContent !== {before!r}")
    page.close()
