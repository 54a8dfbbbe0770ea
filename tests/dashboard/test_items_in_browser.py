"""Pages of artists, songs, plays and two listeners in Chromium: figures, links, names."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from pipelines.dashboard.words import time_heard
from pipelines.listening.plain_text import plain
from tests.dashboard.lakes import HOSTILE, varied_life, write_life, write_listeners
from tests.support.browsing import PHONE, Browser, open_table, wait_for
from tests.support.dashboard import Served, Tab, looking, served, settled

pytestmark = [pytest.mark.rare, pytest.mark.timeout(600)]


def make_lake(folder: Path) -> None:
    write_life(folder, "nico", varied_life(1, 900))
    write_life(folder, "mira", varied_life(2, 300))


@pytest.fixture(scope="module")
def server(
    once: Callable[[str, Callable[[Path], object]], Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("items")
    listeners = folder / "listeners.toml"
    settings = {
        "nico": 'display_name = "N <b>i*co"\ncompare_with = ["mira"]',
        "mira": 'compare_with = ["nico"]',
    }
    write_listeners(listeners, settings)
    with served(once("lake-of-items-seen", make_lake), listeners, folder) as running:
        yield running


def rows_of(tab: Tab) -> list[list[str]]:
    """What the first list of a page shows, without its notes."""
    tab.page.wait_for_selector(".listing tbody tr")
    return tab.page.evaluate(  # type: ignore[no-any-return]
        "[...document.querySelector('.listing tbody').rows].map((row) =>"
        " [...row.cells].map((cell) => cell.firstChild.textContent))"
    )


def table_of(server: Served, name: str, scope: str) -> list[dict[str, Any]]:
    rows = pq.read_table(server.lake / f"users/nico/aggregated/{name}.parquet")
    return rows.filter(pc.field("scope") == scope).sort_by("rank").to_pylist()


@pytest.mark.parametrize("scope", ["all", "mine"])
def test_lists_show_the_figures_of_their_tables(
    browser: Browser, server: Served, scope: str
) -> None:
    with looking(browser, server, "nico") as tab:
        for page, table, name in (
            ("artists", "artists", "artist_name"),
            ("songs", "songs", "track_name"),
        ):
            tab.open(page, scope=scope)
            shown = [row[:4] for row in rows_of(tab)]
            assert shown == [
                [
                    str(row["rank"]),
                    plain(row[name]),
                    f"{row['plays']:,}",
                    time_heard(row["minutes"]),
                ]
                for row in table_of(server, table, scope)[: len(shown)]
            ]
        assert tab.complaints == []


@pytest.mark.parametrize("scope", ["all", "mine"])
def test_the_page_of_an_artist_shows_the_row_of_the_table(
    browser: Browser, server: Served, scope: str
) -> None:
    with looking(browser, server, "nico") as tab:
        for row in table_of(server, "artists", scope)[:3]:
            tab.open("artists", scope=scope, artist=row["artist_key"])
            tab.page.wait_for_selector("[data-figure=Plays]")
            least = "at least " if row["at_least"] else ""
            shown = tab.page.inner_text("[data-figure=Plays] .pl-value")
            assert shown == f"{least}{row['plays']:,}"
            assert plain(row["artist_name"]) in tab.text()
            open_table(tab.page, "chart-item-plays")
            cells = tab.page.locator("#chart-item-plays tbody tr td:nth-child(2)").all_inner_texts()
            assert sum(int(one.replace(",", "")) for one in cells) == row["plays"]
        assert tab.complaints == []


def test_links_lead_on_and_all_is_in_the_address(browser: Browser, server: Served) -> None:
    with looking(browser, server, "nico", PHONE) as tab:
        tab.open("artists", scope="all", search="artist 12")
        tab.page.click(".listing a:has-text('Artist 12')")
        tab.page.wait_for_url("**artist=artist+12**")
        tab.page.wait_for_selector("h3:has-text('Artist 12')")
        settled(tab.page)
        assert "scope=all" in tab.page.url
        address = tab.page.url
        tab.page.click("a:has-text('All their plays')")
        tab.page.wait_for_url("**/plays**artist=artist**")
        settled(tab.page)
        tab.page.goto(address)
        tab.page.wait_for_selector("h3:has-text('Artist 12')")
        wait_for(tab.page, f"document.documentElement.scrollWidth <= {PHONE}")
        assert tab.complaints == []


def test_a_list_is_reached_by_the_keyboard(browser: Browser, server: Served) -> None:
    with looking(browser, server, "nico") as tab:
        tab.open("songs", scope="all")
        tab.page.wait_for_selector(".listing a")
        tab.page.locator(".listing a").first.focus()
        tab.page.keyboard.press("Enter")
        tab.page.wait_for_url("**song=**")
        settled(tab.page)
        assert tab.complaints == []


def test_no_name_is_markup_anywhere(browser: Browser, server: Served) -> None:
    with looking(browser, server, "nico") as tab:
        for page in ("artists", "songs", "plays", "compare"):
            tab.open(page, scope="all")
            tab.page.wait_for_selector(".listing tbody tr")
            text = tab.text()
            assert plain(HOSTILE[0]) in text
        for name in HOSTILE[:5]:
            tab.open("artists", scope="all", search=name)
            if tab.page.locator(".listing a").count():
                tab.page.locator(".listing a").first.click()
                tab.page.wait_for_url("**artist=**")
                settled(tab.page)
                shown = tab.page.inner_text("[data-testid=stHeading] h3")
                assert " ".join(shown.split()) == plain(name)
        links = tab.page.evaluate("[...document.links].map((one) => one.protocol)")
        assert set(links) <= {"http:"}
        assert tab.page.locator("[data-testid=stMain] img[src=x]").count() == 0
        assert tab.complaints == []


def test_nobody_who_did_not_agree_is_compared(browser: Browser, server: Served) -> None:
    with looking(browser, server, "mira") as tab:
        tab.open("compare", listener="nico", scope="all", **{"with": "mira"})
        assert "N <b>i*co" in tab.text()
        assert tab.complaints == []
