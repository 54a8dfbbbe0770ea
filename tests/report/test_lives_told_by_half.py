"""Lives that are thin or told in part: what is not known must not be drawn as nothing.

Add a life here when the page said something false or broke on it.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.report.page import page as report
from tests.report.listeners import BAND, told_by
from tests.support.browsing import Browser, Page, Seen, choose, draw_all, unfold, wait_for
from tests.support.insights.lives import Life, daily, gap, heard, song

pytestmark = pytest.mark.rare

NAMELESS = song("Removed", "")
NARROWEST = 320
OCTOBER, FEBRUARY, MARCH = "2025-10-01", "2026-02-01", "2026-03-01"

HALF_TOLD = Life(
    plays=[
        heard("2025-10-05", BAND),
        heard("2026-02-06", BAND, source="api"),
        *daily("2026-02-07", 1, song("Other", "Another"), times=9, source="api"),
        *daily("2026-03-01", 3, NAMELESS, times=2, source="api"),
        heard("2026-03-09", BAND, source="api"),
    ],
    gaps=[gap("2025-10-25 10:00", "2026-02-05 00:00")],
)
"""Three months lie within a gap; of two others there are one and two sessions."""

MIXED = Life(
    plays=[
        *daily("2025-10-05", 20, BAND, times=3, skipped=False),
        heard("2025-10-25", BAND, source="api"),
    ]
)
"""An export that was asked for in the middle of the only month."""


@pytest.fixture(scope="module")
def seen(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    seen = opened(HALF_TOLD, browser, tmp_path_factory.mktemp("half"))
    yield seen
    seen.page.close()


def opened(life: Life, browser: Browser, folder: Path) -> Seen:
    file = folder / "index.html"
    file.write_text(report("nico", told_by(life)), encoding="utf-8")
    seen = Seen(browser, file)
    unfold(seen.page)
    return seen


def caption(page: Page, chart: str) -> str:
    return page.locator(f"#chart-{chart} .caption").inner_text()


def cells(page: Page, chart: str) -> list[list[str]]:
    """The rows of what a chart has as a table."""
    page.evaluate(f"document.querySelector('#chart-{chart} details').open = true")
    rows = f"#chart-{chart} tbody tr"
    wait_for(page, f"document.querySelector('{rows}')")
    told = page.evaluate(
        f"[...document.querySelectorAll('{rows}')].map((row) =>"
        " [...row.children].map((cell) => cell.textContent))"
    )
    return list(told)


def test_of_a_month_inside_a_gap_nothing_is_known(seen: Seen) -> None:
    told = {month: what for month, what, *_ in cells(seen.page, "gaps")}
    for month in ("November 2025", "December 2025", "January 2026"):
        assert "gap" in told[month]
        assert "nothing was heard" not in told[month]
    assert "complete" not in told["October 2025"]


def test_hours_of_a_gap_are_in_the_months_in_which_they_lie(seen: Seen) -> None:
    hours = {month: lost for month, _, lost, *_ in cells(seen.page, "gaps")}
    assert hours == {
        "October 2025": "158",
        "November 2025": "720",
        "December 2025": "744",
        "January 2026": "744",
        "February 2026": "96",
        "March 2026": "",
    }
    assert "2,462 hours from October 2025 to February 2026" in caption(seen.page, "gaps")


def test_no_median_is_told_of_one_or_two_sessions(seen: Seen) -> None:
    for month, meant, longest in (
        (OCTOBER, "1 session began", "4 minutes"),
        (FEBRUARY, "2 sessions began", "36 minutes"),
    ):
        choose(seen.page, "all", month)
        told = caption(seen.page, "sessions")
        assert meant in told
        assert longest in told
        assert "half" not in told
        assert "median" not in told
        assert "more than" not in told


def test_an_artist_without_a_name_is_drawn(seen: Seen) -> None:
    choose(seen.page, "all", MARCH)
    draw_all(seen.page)
    for chart in ("artist-flow", "artist-race", "songs"):
        assert seen.page.locator(f"#chart-{chart} .plot svg").first.is_visible()
    assert "could not be drawn" not in seen.page.locator("main").inner_text()
    assert seen.heard == [seen.file]


def test_the_narrowest_screen_does_not_scroll_sideways(seen: Seen) -> None:
    draw_all(seen.page, NARROWEST)
    # Charts that were drawn wider take a moment to follow.
    wait_for(seen.page, f"document.documentElement.scrollWidth <= {NARROWEST}")


def test_a_month_of_an_export_and_polls_is_complete(browser: Browser, tmp_path: Path) -> None:
    seen = opened(MIXED, browser, tmp_path)
    told = caption(seen.page, "gaps")
    assert "complete" in told
    assert "at least" not in told
    assert "skip" not in told
    choose(seen.page, "all", OCTOBER)
    assert seen.page.locator("[data-figure=skip_share]").count() == 1
    seen.page.close()
