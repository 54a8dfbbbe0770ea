"""The page as a listener sees it: in Chromium, from a file, on a phone and on a desk.

Add a case for how it looks and is used; whether its numbers are right belongs to
`test_charts_tell_the_tables.py`, lives that are told by half to `test_lives_told_by_half.py`.
"""

from collections.abc import Callable, Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import pytest

from pipelines.report.page import page as report
from tests.report.listeners import (
    HOSTILE,
    LINKED,
    Tables,
    asleep,
    nothing,
    one_play,
    small_life,
    told_by,
)
from tests.support.browsing import (
    DESK,
    HEIGHT,
    PHONE,
    Browser,
    Page,
    Seen,
    assert_pictures_are_plotlys,
    draw_all,
    open_table,
    open_tables,
    unfold,
    wait_for,
)

pytestmark = pytest.mark.rare


@pytest.fixture(scope="module")
def small() -> Tables:
    return told_by(small_life())


@pytest.fixture(scope="module")
def seen(browser: Browser, small: Tables, tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """The report of three months, loaded once: loading is what takes time."""
    file = tmp_path_factory.mktemp("report") / "index.html"
    file.write_text(report("nico", small), encoding="utf-8")
    return Seen(browser, file)


@pytest.fixture
def page(seen: Seen) -> Iterator[Page]:
    """It as it is opened; any complaint, request or dialog fails the test."""
    page = seen.page
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": DESK, "height": HEIGHT})
    page.check("input[value=all]", force=True)
    page.select_option("#period", "2026-03")
    unfold(page)
    yield page
    assert seen.heard == [seen.file]


def figure(page: Page, name: str) -> float | None:
    """The value that a figure in the text stands for."""
    told = page.locator(f"[data-figure={name}]").get_attribute("data-value")
    return float(told) if told else None


def caption(page: Page, chart: str) -> str:
    return page.locator(f"#chart-{chart} .caption").inner_text()


def month_of(small: Tables, scope: str, month: date) -> dict[str, Any]:
    rows = small["listening_by_month"].to_pylist()
    [row] = [row for row in rows if row["scope"] == scope and row["month"] == month]
    return row  # type: ignore[no-any-return]


UNTOLD = """() => [...document.querySelectorAll('figure')].filter((one) => {
  // A chart without data is a line at the end of the page, and nothing else.
  const title = one.querySelector('h4').textContent;
  const lines = [...document.querySelectorAll('#unknown li strong')];
  const lacks = lines.some((line) => line.textContent.includes(title));
  if (one.hidden) return !lacks;
  if (lacks) return true;
  const shown = (name) => one.querySelector(name).checkVisibility();
  const drawn = shown('.plot');
  return shown('.caption') !== drawn || shown('summary') !== drawn || shown('.empty') === drawn;
}).map((one) => one.id)"""
"""Charts that lack their caption or their table, or are empty without a sentence that says why."""


@pytest.mark.parametrize(
    ("width", "theme", "scope", "month"),
    [
        (PHONE, "light", "mine", "2026-03-01"),
        (PHONE, "dark", "all", "2026-02-01"),
        (DESK, "light", "all", "2026-01-01"),
        (DESK, "dark", "mine", "2026-02-01"),
    ],
)
def test_every_chart_is_drawn_without_a_complaint_or_a_request(
    page: Page, width: int, theme: Literal["light", "dark"], scope: str, month: str
) -> None:
    page.emulate_media(color_scheme=theme)
    page.check(f"input[value={scope}]", force=True)
    page.select_option("#period", month[:7])
    draw_all(page, width)
    wait_for(page, f"document.documentElement.scrollWidth <= {width}")
    assert_pictures_are_plotlys(page)


@pytest.mark.parametrize(
    ("tables", "meant"),
    [
        (lambda: told_by(one_play()), "1 play is known"),
        (lambda: told_by(asleep()), "All that was heard in February 2026 was sleep"),
        (nothing, "No play is known yet"),
    ],
    ids=["one play", "nothing of their own", "nothing"],
)
def test_a_listener_of_little_or_nothing_is_told_so(
    browser: Browser, tmp_path: Path, tables: Callable[[], Tables], meant: str
) -> None:
    file = tmp_path / "index.html"
    file.write_text(report("nico", tables()), encoding="utf-8")
    seen = Seen(browser, file)
    if seen.page.locator("#scope").is_visible():
        seen.page.check("input[value=mine]", force=True)
    draw_all(seen.page, PHONE)
    assert meant in seen.page.locator("main").inner_text()
    assert seen.page.evaluate(UNTOLD) == []
    seen.page.close()
    assert seen.heard == [seen.file]


def test_figures_are_those_of_the_tables_in_either_scope_and_any_month(
    page: Page, small: Tables
) -> None:
    for scope in ("mine", "all"):
        page.check(f"input[value={scope}]", force=True)
        for month in (date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)):
            page.select_option("#period", f"{month:%Y-%m}")
            row = month_of(small, scope, month)
            for name in ("artists", "tracks", "sessions"):
                assert figure(page, name) == row[name]
            assert figure(page, "great-plays") == row["plays"]
            assert figure(page, "great-days") == row["days_heard"]
            assert figure(page, "minutes") == pytest.approx(row["minutes"], abs=0.05)
            told = page.locator("[data-figure=great-plays]").inner_text()
            assert ("at least" in told) == row["at_least"]


def test_the_switch_changes_what_charts_say_and_their_tables(page: Page) -> None:
    page.select_option("#period", "2026-02")
    open_table(page, "chart-months")
    told, cells = caption(page, "months"), page.locator("#chart-months td").all_inner_texts()
    page.check("input[value=mine]", force=True)
    assert caption(page, "months") != told
    assert page.locator("#chart-months td").all_inner_texts() != cells
    assert "sleep" in page.locator("#meaning").inner_text()
    assert page.locator("#status").inner_text() == "Showing my plays, February 2026."
    assert "sleep" not in page.locator("#chart-contexts-month .caption").inner_text()


def test_what_is_not_known_is_told_in_words(page: Page) -> None:
    page.select_option("#period", "2026-03")
    assert page.locator("[data-figure=skip_share]").count() == 0
    assert "One gap is open, 30 hours in March 2026" in caption(page, "gaps")
    page.select_option("#period", "2026-01")
    assert page.locator("[data-figure=skip_share]").inner_text() == "17\u00a0%"


def test_a_chart_that_had_nothing_to_draw_is_as_wide_as_its_place_once_it_has(page: Page) -> None:
    page.select_option("#period", "2026-01")
    draw_all(page)
    page.evaluate(
        """() => {
          const period = document.querySelector('#period');
          for (const month of ['2026-03', '2026-01', '2026-03', '2026-01']) {
            period.value = month;
            period.dispatchEvent(new Event('change', { bubbles: true }));
          }
        }"""
    )
    wait_for(page, "document.querySelector('#chart-skips .plot svg')?.checkVisibility()")
    wide = "document.querySelector('#chart-skips .plot{}').getBoundingClientRect().width"
    assert page.evaluate(wide.format(" svg")) == page.evaluate(wide.format(""))


def test_the_report_can_be_used_by_keyboard_alone(page: Page) -> None:

    def focused() -> str:
        told = "document.activeElement.id || document.activeElement.name || ''"
        return str(page.evaluate(told))

    first = page.locator("a, button, input, select").first
    assert first.inner_text() == "To the report"
    first.focus()
    page.keyboard.press("Tab")
    assert focused() == "theme"
    page.keyboard.press("Tab")
    assert focused() == "scope"
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.querySelector('[name=scope]:checked').value") == "mine"
    page.keyboard.press("Tab")
    assert focused() == "period-before"
    page.keyboard.press("Enter")
    assert page.locator("#period").input_value() == "2026-02"
    page.keyboard.press("ArrowLeft")
    assert page.locator("#period").input_value() == "2026-01"
    page.keyboard.press("Enter")
    assert page.locator("#period").input_value() == "2026-01"
    assert focused() == "period-before"
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none"


def test_names_are_shown_as_they_are_written(page: Page) -> None:
    draw_all(page)
    assert page.locator("svg a, svg script, svg b").count() == 0
    assert page.locator("main a:not([href^='#'])").count() == 0
    open_tables(page)
    told = page.locator("main").inner_text()
    assert HOSTILE in told
    assert LINKED in told


def test_headings_are_in_order_and_every_chart_has_a_caption_and_a_table(page: Page) -> None:
    levels = page.evaluate(
        "[...document.querySelectorAll('h1, h2, h3, h4')].map(one => Number(one.tagName[1]))"
    )
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert page.locator("main").count() == 1
    assert page.evaluate(UNTOLD) == []


CONTRAST = """() => {
  const light = (told) => {
    const parts = told.match(/[\\d.]+/g).slice(0, 3).map((one) => {
      const part = Number(one) / 255;
      return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
  };
  const ground = (one) => {
    for (let at = one; at; at = at.parentElement) {
      const told = getComputedStyle(at).backgroundColor;
      if (!told.endsWith(', 0)')) return told;
    }
    return 'rgb(255, 255, 255)';
  };
  const texts = [...document.querySelectorAll('body *:not(svg *):not(script):not(style)')]
    .filter((one) => one.checkVisibility() && [...one.childNodes].some((child) =>
      child.nodeType === 3 && child.textContent.trim()));
  return texts.map((one) => {
    const [a, b] = [light(getComputedStyle(one).color), light(ground(one))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    return [Math.round(ratio * 100) / 100, one.textContent.trim().slice(0, 40)];
  }).filter(([ratio]) => ratio < 4.5);
}"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_text_stands_out_from_its_ground(page: Page, theme: Literal["light", "dark"]) -> None:
    page.emulate_media(color_scheme=theme)
    ground = {"light": "rgb(251, 250, 247)", "dark": "rgb(21, 24, 27)"}[theme]
    wait_for(page, f"getComputedStyle(document.body).backgroundColor === {ground!r}")
    assert page.evaluate(CONTRAST) == []


def test_on_paper_every_chart_is_drawn(page: Page) -> None:
    page.emulate_media(color_scheme="dark")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    undrawn = "[...document.querySelectorAll('.plot:not([hidden])')]"
    assert page.evaluate(f"{undrawn}.filter(one => !one.querySelector('svg')).length") == 0
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == "rgb(251, 250, 247)"
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != ground
