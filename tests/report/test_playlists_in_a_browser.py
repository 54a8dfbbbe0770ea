"""The chapter about playlists as a listener sees and uses it, in Chromium.

Add a case for how it looks and is used. Whether its numbers are right is in
`charts_of_playlists.py`, which rows the page carries in `test_playlists.py`.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest

from pipelines.report.page import page as report
from tests.report.libraries import CLEAN, IMAGE, WEIGHTED, library, many_playlists
from tests.report.listeners import Tables, full_life, small_life, told_by
from tests.report.test_report_in_a_browser import CONTRAST, UNTOLD
from tests.support.browsing import (
    DESK,
    HEIGHT,
    PHONE,
    Browser,
    Page,
    Seen,
    assert_pictures_are_plotlys,
    draw_all,
    unfold,
    wait_for,
)
from tests.support.insights.lives import Life, song

pytestmark = pytest.mark.rare

NARROWEST = 320


def opened(browser: Browser, folder: Path, tables: Tables) -> Seen:
    file = folder / "index.html"
    file.write_text(report("nico", tables), encoding="utf-8")
    seen = Seen(browser, file)
    unfold(seen.page)
    return seen


@pytest.fixture(scope="module")
def seen(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Seen:
    return opened(browser, tmp_path_factory.mktemp("playlists"), told_by(full_life()))


@pytest.fixture
def page(seen: Seen) -> Iterator[Page]:
    """The report as it is opened; any complaint, request or dialog fails the test."""
    seen.page.emulate_media(color_scheme="light")
    seen.page.set_viewport_size({"width": DESK, "height": HEIGHT})
    seen.page.select_option("#playlist", WEIGHTED)
    yield seen.page
    assert seen.heard == [seen.file]


def caption(page: Page, chart: str) -> str:
    return page.locator(f"#chart-playlist-{chart} .caption").inner_text()


def reason(page: Page, chart: str) -> str:
    return page.locator(f"#chart-playlist-{chart} .empty").inner_text()


def cells(page: Page, chart: str) -> list[str]:
    page.evaluate(f"document.querySelector('#chart-playlist-{chart} details').open = true")
    wait_for(page, f"document.querySelector('#chart-playlist-{chart} td')")
    return page.locator(f"#chart-playlist-{chart} td").all_inner_texts()


def test_the_largest_of_their_own_is_shown_and_another_can_be_chosen(page: Page) -> None:
    offered = page.locator("#playlist option").all_inner_texts()
    assert offered == ["Weighted (83)", f"{IMAGE} (26)", "Liked Songs (6)", "Hers (11)"]
    assert "“Weighted”" in caption(page, "top-weights")
    told = cells(page, "artists")
    page.get_by_label("Playlist", exact=True).select_option(CLEAN)
    assert f"“{IMAGE}”" in caption(page, "artists")
    assert cells(page, "artists") != told
    assert page.locator("#status").inner_text() == f"Showing the playlist {IMAGE}."


@pytest.mark.parametrize(("width", "theme"), [(PHONE, "dark"), (DESK, "light")])
def test_every_chart_of_every_playlist_is_drawn_without_a_complaint_or_a_request(
    page: Page, width: int, theme: Literal["light", "dark"]
) -> None:
    page.emulate_media(color_scheme=theme)
    for name in page.locator("#playlist option").evaluate_all("all => all.map(one => one.value)"):
        page.select_option("#playlist", name)
        draw_all(page, width)
        wait_for(page, f"document.documentElement.scrollWidth <= {width}")
        assert page.evaluate(UNTOLD) == []
        assert "could not be drawn" not in page.locator("main").inner_text()
        assert_pictures_are_plotlys(page)


def test_a_playlists_name_is_shown_as_it_is_written(page: Page) -> None:
    draw_all(page)
    page.select_option("#playlist", CLEAN)
    assert page.locator("main img:not(.card)").count() == 0
    # The one link of a chart's own is to Last.fm, whose terms ask for it.
    assert page.locator("svg a").all_text_contents() in ([], ["Last.fm"])
    assert page.locator("svg script, svg b").count() == 0
    names = page.locator("#chart-playlists .ytick text").all_text_contents()
    assert IMAGE in [name.strip() for name in names]


def test_what_stands_there_once_and_never_came_or_went_is_said_in_a_sentence(page: Page) -> None:
    page.select_option("#playlist", "liked_songs")
    assert "stands there once" in reason(page, "weights")
    assert reason(page, "top-weights") == "No song stands in “Liked Songs” more than once."
    assert "No song stands in “Liked Songs” twice" in reason(page, "duplicates")
    assert "two readings that differ" in reason(page, "history")


def test_a_clean_up_is_told_and_why_which_item_would_be_kept(page: Page) -> None:
    assert "a clean-up would keep 16" in caption(page, "duplicates")
    page.select_option("#playlist", CLEAN)
    assert "1 more item is probably the same song" in caption(page, "duplicates")
    told = cells(page, "duplicates")
    assert "same ISRC, other id" in told
    assert "probable, by name" in told
    assert any("ISRC DEA37" in cell for cell in told)
    assert "not kept" not in told
    assert "the first added and the best" in told


def test_every_text_stands_out_from_its_ground(page: Page) -> None:
    assert page.evaluate(CONTRAST) == []


def test_without_a_playlist_there_is_no_word_of_any(browser: Browser, tmp_path: Path) -> None:
    seen = opened(browser, tmp_path, told_by(small_life()))
    assert "laylist" not in seen.page.locator(".contents").inner_text()
    assert seen.page.locator("#playlists, #in-a-playlist, #playlist").count() == 0
    seen.page.close()


def test_with_a_single_playlist_there_is_nothing_to_choose(
    browser: Browser, tmp_path: Path
) -> None:
    whole = library(lambda n: song(f"Song {n}"), 40)
    one = {
        name: [row for row in rows if row["playlist_id"] == WEIGHTED]
        for name, rows in whole.items()
    }
    seen = opened(browser, tmp_path, told_by(Life(plays=small_life().plays, **one)))
    assert not seen.page.locator("#playlist").is_visible()
    assert reason(seen.page, "overlap") == "It takes two playlists with songs in them."
    assert reason(seen.page, "verdicts") == "No play of a song in “Weighted” is known."
    assert reason(seen.page, "over-and-under") == "The same goes for this."
    assert "No play of these songs is known" in caption(seen.page, "top-weights")
    assert seen.heard == [seen.file]
    seen.page.close()


def test_playlists_are_shown_even_where_no_play_is_known(browser: Browser, tmp_path: Path) -> None:
    life = Life(**library(lambda n: song(f"Song {n}"), 40))
    seen = opened(browser, tmp_path, told_by(life))
    draw_all(seen.page, PHONE)
    assert "No play is known yet" in seen.page.locator("main").inner_text()
    assert not seen.page.locator("#controls").is_visible()
    seen.page.get_by_text("Contents", exact=True).click()
    assert seen.page.locator(".contents a").all_inner_texts() == [
        "What is in your playlists?",
        "What is one playlist made of?",
    ]
    assert "“Weighted”" in caption(seen.page, "top-weights")
    assert seen.page.evaluate(UNTOLD) == []
    assert seen.heard == [seen.file]
    seen.page.close()


def test_what_two_or_thirty_playlists_have_in_common_can_be_read(
    browser: Browser, tmp_path: Path
) -> None:
    small = told_by(small_life())
    for count in (2, 30):
        seen = opened(browser, tmp_path, small | many_playlists(count, 50))
        draw_all(seen.page)
        shown = seen.page.locator("#chart-playlist-overlap")
        assert "most in common" in shown.locator(".caption").inner_text()
        if count == 2:
            told = shown.locator(".bartext").all_text_contents()
            assert told == ["29", "21", "29"]
        else:
            assert shown.locator(".ytick").count() == count
            numbers = shown.locator(".hm text")
            assert numbers.count() == count * (count - 1)
            widest = numbers.evaluate_all(
                "all => Math.max(...all.map((one) => one.getBoundingClientRect().width))"
            )
            assert widest < 1000 / count
        draw_all(seen.page, NARROWEST)
        wait_for(seen.page, f"document.documentElement.scrollWidth <= {NARROWEST}")
        if count == 30:
            wait_for(
                seen.page,
                "document.querySelectorAll('#chart-playlist-overlap .ytick').length === 8",
            )
            assert "Drawn are 8 of 30 playlists" in shown.locator(".caption").inner_text()
        assert seen.heard == [seen.file]
        seen.page.close()
