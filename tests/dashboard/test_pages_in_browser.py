"""Every page in Chromium: for whoever looks, in both scopes, both themes, at a desk and on a phone.

What pages say is compared with tables in modules of their own; here it is that they open, that
links keep what was chosen, and that nobody else is asked anything.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pipelines.dashboard.pages import every_page
from tests.dashboard.lakes import nothing, one_day, varied_life, write_life, write_listeners
from tests.support.browsing import DRAWN, Browser, assert_pictures_are_plotlys, wait_for
from tests.support.dashboard import DESK, PHONE, Served, Tab, Theme, looking, served, settled

pytestmark = [pytest.mark.rare, pytest.mark.timeout(600)]

LISTENERS = ("nico", "mira", "nobody")
OPEN = [page for page in every_page() if page.file.exists()]


TAKEN_FOR_MARKUP = """() => [...document.querySelectorAll(
  'img[src="x"], a[href^="javascript" i], a[href*="example.com"], .katex'
)].concat([...document.scripts].filter((one) => one.textContent.includes('alert(')))
  .map((one) => one.outerHTML)"""
"""What names in these lakes would have become, had a page taken them for HTML, Markdown or TeX."""


TOO_WIDE = """() => [...document.querySelectorAll('.pl-value > span')].filter((one) =>
  one.getBoundingClientRect().right > one.closest('.pl-figure').getBoundingClientRect().right
).map((one) => one.textContent)"""
"""Figures that reach into the next one."""


def make_lake(folder: Path) -> None:
    write_life(folder, "nico", varied_life(1, 1500))
    write_life(folder, "mira", one_day())
    write_life(folder, "nobody", nothing())


@pytest.fixture(scope="module")
def server(
    once: Callable[[str, Callable[[Path], object]], Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("dashboard")
    listeners = folder / "listeners.toml"
    write_listeners(
        listeners, dict.fromkeys(LISTENERS, "") | {"nico": 'display_name = "N <b>i*co"'}
    )
    with served(once("lake-of-pages", make_lake), listeners, folder) as running:
        yield running


def no_alarm(tab: Tab) -> None:
    assert tab.complaints == []
    assert tab.page.locator("[data-testid=stException]").count() == 0
    assert "cannot be shown" not in tab.text()
    assert tab.page.evaluate(TAKEN_FOR_MARKUP) == []
    assert tab.server.process.poll() is None


@pytest.mark.parametrize(
    "way", [("all", DESK, "light"), ("mine", PHONE, "dark")], ids=["desk", "phone"]
)
@pytest.mark.parametrize("listener", LISTENERS)
def test_every_page_opens_without_complaint(
    browser: Browser, server: Served, listener: str, way: tuple[str, int, Theme]
) -> None:
    scope, width, theme = way
    with looking(browser, server, listener, width, theme) as tab:
        for page in OPEN:
            tab.open("" if page.is_cover else page.name, scope=scope)
            no_alarm(tab)
            wait_for(tab.page, f"document.documentElement.scrollWidth <= {width}")
            assert tab.page.evaluate(TOO_WIDE) == []
    assert "Traceback" not in server.said()


def test_no_style_of_ours_changes_a_chart(browser: Browser, server: Served) -> None:
    drawn = 0
    with looking(browser, server, "nico") as tab:
        for page in OPEN:
            tab.page.set_viewport_size({"width": DESK, "height": 9_000})
            tab.open("" if page.is_cover else page.name, scope="all")
            wait_for(tab.page, DRAWN)
            assert_pictures_are_plotlys(tab.page)
            drawn += tab.page.locator(".plot svg.main-svg:first-child").count()
    assert drawn > len(OPEN)


@pytest.mark.parametrize("scope", ["all", "mine"])
def test_the_cover_shows_the_figures_of_the_table(
    browser: Browser, server: Served, scope: str
) -> None:
    rows = pq.read_table(server.lake / "users/nico/aggregated/listening_by_year.parquet")
    with looking(browser, server, "nico") as tab:
        for row in rows.to_pylist():
            if row["scope"] != scope:
                continue
            tab.open(scope=scope, period=str(row["year"] or "all"))
            for label, column in (("Plays", "plays"), ("Artists", "artists"), ("Songs", "tracks")):
                shown = tab.page.inner_text(f"[data-figure='{label}'] .pl-value")
                least = "at least " if row["at_least"] else ""
                assert shown == f"{least}{row[column]:,}"


def test_the_name_of_a_listener_is_shown_as_it_is(browser: Browser, server: Served) -> None:
    with looking(browser, server, "nico") as tab:
        tab.open()
        assert tab.page.inner_text("h1") == "N <b>i*co"
        assert "N <b>i*co" in tab.page.inner_text("[data-testid=stSidebar]")


def test_the_cover_can_be_asked_for_by_its_name(browser: Browser, server: Served) -> None:
    with looking(browser, server, "nico") as tab:
        tab.open("overview", scope="all")
        assert tab.page.url.startswith(f"{server.url}/?")
        assert "scope=all" in tab.page.url
        assert "not found" not in tab.page.inner_text("body")
        no_alarm(tab)


def test_charts_without_data_are_lines_below_the_others(browser: Browser, server: Served) -> None:
    with looking(browser, server, "mira") as tab:
        tab.open("years")
        there = tab.page.locator("figure:visible h3").all_inner_texts()
        lines = tab.page.locator(".lacks li strong").all_inner_texts()
        lacking = [title for line in lines for title in line.rstrip(": ").split(" · ")]
        titles = tab.page.locator("figure h3").all_text_contents()
        assert sorted(there + lacking) == sorted(titles)
        assert lacking
        no_alarm(tab)


def test_links_of_the_menu_keep_what_was_chosen(browser: Browser, server: Served) -> None:
    with looking(browser, server, "nico") as tab:
        tab.open(scope="all", period="2025-06")
        tab.page.click("[data-testid=stSidebar] a:has-text('When')")
        tab.page.wait_for_selector("h1:has-text('When')")
        settled(tab.page)
        assert "scope=all" in tab.page.url
        assert "period=2025-06" in tab.page.url
        tab.page.click("[data-testid=stMain] button:has-text('Later')", force=True)
        tab.page.wait_for_url("**period=2025-07**")
        settled(tab.page)
        tab.page.click("[data-testid=stMain] button:has-text('Mine')")
        tab.page.wait_for_url("**scope=mine**")
        no_alarm(tab)


def test_charts_that_were_left_are_there_again_and_follow_what_was_chosen_meanwhile(
    browser: Browser, server: Served
) -> None:
    def go_to(title: str) -> None:
        tab.page.click(f"[data-testid=stSidebar] a:has-text('{title}')")
        tab.page.wait_for_selector(f"h1:has-text('{title}')")
        settled(tab.page)

    def is_as_left() -> bool:
        return bool(tab.page.evaluate(marked))

    def leave() -> None:
        tab.page.evaluate(f"{texts}[0].textContent = 'left'")
        assert is_as_left()
        go_to("Artists")

    texts = "document.querySelectorAll('figure .plot svg text')"
    marked = f"[...{texts}].some((one) => one.textContent === 'left')"
    caption = "document.querySelector('figure .caption').textContent"
    with looking(browser, server, "nico") as tab:
        tab.open("when", scope="all")
        wait_for(tab.page, f"{texts}.length")
        of_all = tab.page.evaluate(caption)
        leave()
        go_to("When")
        assert is_as_left()
        leave()
        tab.page.click("[data-testid=stMain] button:has-text('Mine')")
        tab.page.wait_for_url("**scope=mine**")
        settled(tab.page)
        go_to("When")
        wait_for(tab.page, f"{caption} !== {of_all!r}")
        of_mine = tab.page.evaluate(caption)
        wait_for(tab.page, f"!({marked})")
        leave()
        tab.page.emulate_media(color_scheme="dark")
        go_to("When")
        wait_for(tab.page, "document.querySelector('.playledger').dataset.theme === 'dark'")
        wait_for(tab.page, f"!({marked})")
        assert tab.page.evaluate(caption) == of_mine.replace("Dark is much", "Light is much")
        in_the_dark = tab.page.evaluate(caption)
        tab.open("when", scope="mine")
        wait_for(tab.page, f"{caption} === {in_the_dark!r}")
        no_alarm(tab)


def test_on_paper_every_chart_is_drawn(browser: Browser, server: Served) -> None:
    with looking(browser, server, "nico", width=PHONE) as tab:
        tab.open("now-and-then", scope="all")
        assert not tab.page.evaluate(DRAWN), "what is far below is not drawn yet"
        tab.page.pdf()
        wait_for(tab.page, DRAWN)
        no_alarm(tab)


def test_who_looks_may_choose_dark_or_light_whatever_the_machine_prefers(
    browser: Browser, server: Served
) -> None:
    with looking(browser, server, "nico") as tab:
        tab.open("when")
        wait_for(tab.page, "document.querySelector('.playledger').dataset.theme === 'light'")
        tab.page.click("[data-testid=stMainMenu] button")
        tab.page.get_by_role("menuitemradio", name="Dark").click()
        dark = "document.querySelector('.playledger')?.dataset.theme === 'dark'"
        wait_for(tab.page, dark)
        tab.open("when")
        wait_for(tab.page, dark)
        no_alarm(tab)


def test_a_link_to_another_listener_shows_ones_own(browser: Browser, server: Served) -> None:
    with looking(browser, server, "mira") as tab:
        tab.open(listener="nico", scope="all")
        assert tab.page.inner_text("h1") == "mira"
        assert tab.page.inner_text("[data-figure=Plays] .pl-value").endswith("2")


def test_the_first_stop_of_the_keyboard_leads_past_the_menu(
    browser: Browser, server: Served
) -> None:
    with looking(browser, server, "nico") as tab:
        tab.open("when")
        tab.page.keyboard.press("Tab")
        assert tab.page.evaluate("document.activeElement.innerText") == "Skip to main content"


def test_the_picture_of_the_tab_is_ours_and_comes_from_nowhere(
    browser: Browser, server: Served
) -> None:
    with looking(browser, server, "nico") as tab:
        tab.open()
        icon = tab.page.get_attribute("link[rel~=icon]", "href")
        assert icon is not None
        assert icon.startswith("data:image/svg+xml")


def test_a_damaged_table_and_a_lake_that_is_gone_are_told_of_in_a_sentence(
    browser: Browser, tmp_path: Path
) -> None:
    lake, listeners = tmp_path / "lake", tmp_path / "listeners.toml"
    write_life(lake, "nico", one_day())
    write_listeners(listeners, {"nico": ""})
    with served(lake, listeners, tmp_path) as running, looking(browser, running, "nico") as tab:
        (lake / "users/nico/aggregated/stories.parquet").write_bytes(b"nonsense")
        tab.open()
        assert "is not the table stories" in tab.text()
        lake.rename(tmp_path / "elsewhere")
        tab.open("when")
        assert f"there is no folder {lake}" in tab.text()
        (tmp_path / "elsewhere").rename(lake)
        tab.open("when")
        assert "Busiest day" in tab.text()
        assert tab.complaints == []
        assert "Traceback" not in running.said()
