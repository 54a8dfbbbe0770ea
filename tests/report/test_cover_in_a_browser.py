"""The cover and what follows of a period: its figures are those of the tables, whatever is chosen.

Add a case for what the top of the page says of a period. Charts belong to
`test_charts_tell_the_tables.py`, how the page is used to `test_report_in_a_browser.py`.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipelines.report.cards.drawn import HEIGHT, WIDTH, svg
from pipelines.report.cards.words import cards_of
from pipelines.report.page import page as report
from tests.report.listeners import (
    HOSTILE,
    Tables,
    full_life,
    nothing,
    one_play,
    small_life,
    ten_years,
    told_by,
)
from tests.support.browsing import DESK, PHONE, Browser, Seen, choose, wait_for
from tests.support.insights.lives import Life, daily, song

pytestmark = pytest.mark.rare

SCOPES = ("all", "mine")
LONGEST = {DESK: 7_150, PHONE: 9_700}
"""Half of what the report of a real listener was before it was folded, in pixels."""

TOP = 10
Rows = list[dict[str, Any]]

SHOWN = """() => {
  const texts = (where) => [...document.querySelectorAll(where)].map((one) => one.textContent);
  const list = (kind) => [...document.querySelectorAll(`[data-list=${kind}] > .ranks > li`)].map(
    (one) => ['name', 'by', 'move', 'amount'].map((part) =>
      one.querySelector(`.${part}`)?.textContent ?? ''));
  return {
    title: document.querySelector('h1').textContent,
    figures: Object.fromEntries([...document.querySelectorAll('[data-figure]')].map((one) =>
      [one.dataset.figure, [Number(one.dataset.value), one.textContent]])),
    first: { artist: texts('[data-first=artist] .name'), song: texts('[data-first=song] .name') },
    artists: list('artists'),
    songs: list('songs'),
    contexts: Object.fromEntries([...document.querySelectorAll('[data-context]')].map((one) =>
      [one.dataset.context, Number(one.dataset.value)])),
    phases: texts('[data-moments=phases] .name'),
    discoveries: texts('[data-moments=discoveries] .name'),
    obsessions: texts('[data-moments=obsessions] .name'),
    squares: document.querySelectorAll('.calendar rect').length,
  };
}"""
"""What the top of the page says."""


@pytest.fixture(scope="module")
def life() -> Tables:
    return told_by(full_life())


@pytest.fixture(scope="module")
def tables(life: Tables) -> Mapping[str, Rows]:
    return {name: table.to_pylist() for name, table in life.items()}


def opened(browser: Browser, tables: Tables, folder: Path, name: str | None = None) -> Seen:
    file = folder / "index.html"
    file.write_text(report("nico", tables, name), encoding="utf-8")
    return Seen(browser, file)


@pytest.fixture(scope="module")
def seen(
    browser: Browser, life: Tables, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Seen]:
    seen = opened(browser, life, tmp_path_factory.mktemp("cover"), "Nico")
    yield seen
    assert seen.heard == [seen.file]
    seen.page.close()


def of(tables: Mapping[str, Rows], name: str, scope: str, **key: Any) -> Rows:
    """A table's rows of a scope, and of a year or a month."""
    return [
        row
        for row in tables[name]
        if row["scope"] == scope and all(row[column] == value for column, value in key.items())
    ]


def move_words(row: dict[str, Any], away: str) -> str:
    """What the page says of a move, from what the table says."""
    if row["move"] == "back":
        unit = away.removeprefix("away_")
        count = row[away]
        return f"back after {count} {unit if count != 1 else unit[:-1]}" if count else "back"
    if row["move"] == "up" and row["rank_before"] > 100:
        return "from outside the top 100"
    if row["move"] in {"up", "down"}:
        return f"{row['move']} {abs(row['rank_before'] - row['rank'])}"
    if row["move"] == "same":
        return "still first" if row["rank"] == 1 else ""
    return "new" if row["move"] == "new" else ""


def longest_run(days: Rows) -> int:
    longest = run = 0
    for row in days:
        run = run + 1 if row["plays"] else 0
        longest = max(longest, run)
    return longest


def bounds(period: str) -> tuple[date, date]:
    if period == "all":
        return date.min, date.max
    year, month = (*map(int, period.split("-")), 0)[:2]
    if not month:
        return date(year, 1, 1), date(year, 12, 31)
    after = date(year + month // 12, month % 12 + 1, 1)
    return date(year, month, 1), after - timedelta(days=1)


PERIODS = ("all", "2025", "2026", *(f"2025-{month:02}" for month in range(2, 13)), "2026-03")


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("period", PERIODS)
def test_the_cover_and_all_that_follows_are_those_of_the_tables(
    seen: Seen, tables: Mapping[str, Rows], scope: str, period: str
) -> None:
    choose(seen.page, scope, period)
    shown = seen.page.evaluate(SHOWN)
    first, last = bounds(period)
    ofmonth = "-" in period
    key: dict[str, Any] = (
        {"month": first} if ofmonth else {"year": 0 if first.year == 1 else first.year}
    )
    ending, away = ("month", "away_months") if ofmonth else ("year", "away_years")
    [row] = of(tables, f"listening_by_{ending}", scope, **key)
    days = [one for one in of(tables, "listening_by_day", scope) if first <= one["day"] <= last]

    told = {name: value for name, (value, _) in shown["figures"].items()}
    assert told["great-plays"] == row["plays"] == sum(one["plays"] for one in days)
    assert told["great-days"] == row["days_heard"] == sum(one["plays"] > 0 for one in days)
    assert told["great-hours"] == told["minutes"] == pytest.approx(row["minutes"], abs=0.051)
    assert told["streak"] == longest_run(days)
    assert told["busiest"] == pytest.approx(max(one["minutes"] for one in days), abs=0.051)
    assert (told["artists"], told["tracks"]) == (row["artists"], row["tracks"])
    for name in ("great-hours", "great-plays", "great-days", "minutes", "streak", "artists"):
        assert ("at least" in shown["figures"][name][1]) == row["at_least"]
    assert shown["squares"] == len(days)

    for kind, table, column in (
        ("artists", "top_artists_by_", "artist_name"),
        ("songs", "top_tracks_by_", "track_name"),
    ):
        top = sorted(of(tables, f"{table}{ending}", scope, **key), key=lambda one: one["rank"])
        meant = [
            [
                one[column],
                "" if kind == "artists" else one["artist_name"],
                move_words(one, away),
            ]
            for one in top[:TOP]
        ]
        assert [entry[:3] for entry in shown[kind]] == meant
        for entry, one in zip(shown[kind], top, strict=False):
            least = "at least " if one["at_least"] else ""
            assert entry[3].startswith(f"{least}{one['plays']:,} play")
        assert shown["first"][kind[:-1]] == [top[0][column]]

    spent: dict[str, float] = {}
    for one in of(tables, "contexts_by_month", scope):
        if first <= one["month"] <= last:
            spent[one["context"]] = spent.get(one["context"], 0) + one["minutes"]
    assert shown["contexts"] == pytest.approx(spent, abs=0.7)

    phases = [
        one["title"]
        for one in sorted(of(tables, "phases", scope), key=lambda one: one["rank"])
        if one["ends_on"] >= first and one["starts_on"] <= last
    ]
    assert shown["phases"] == phases[:5]
    new = [
        one["artist_name"]
        for one in sorted(
            of(tables, f"top_artists_by_{ending}", scope, **key), key=lambda one: one["rank"]
        )[: 30 if ofmonth else 25]
        if one["move"] == "new"
    ]
    assert shown["discoveries"] == new[:5]
    looped = [
        one["track_name"]
        for one in of(tables, "obsessions", scope)
        if one["loop"] is None and one["ends_on"] >= first and one["starts_on"] <= last
    ]
    assert len(shown["obsessions"]) == min(len(looped), 5)
    assert all(name.split(" by ")[0] in looped for name in shown["obsessions"])


def test_the_title_names_the_listener_and_the_period(seen: Seen) -> None:
    for period, meant in (
        ("all", "Nico’s music"),  # noqa: RUF001 as the page has it
        ("2025", "Nico’s 2025"),  # noqa: RUF001
        ("2025-12", "Nico’s December 2025"),  # noqa: RUF001
    ):
        choose(seen.page, "all", period)
        assert seen.page.locator("h1").inner_text() == meant
        assert seen.page.title() == meant


def test_a_link_shows_the_same_period_and_scope(seen: Seen, browser: Browser) -> None:
    choose(seen.page, "all", "2025-11")
    address = seen.page.evaluate("location.href")
    assert re.search(r"#period=2025-11&scope=all$", address)
    other = browser.new_page()
    other.goto(address)
    assert other.evaluate(SHOWN)["title"].endswith("November 2025")
    assert other.locator("#period").input_value() == "2025-11"
    assert other.locator("input[value=all]").is_checked()
    other.evaluate("location.hash = '#period=2025&scope=mine'")
    wait_for(other, "document.querySelector('#period').value === '2025'")
    assert other.locator("input[value=mine]").is_checked()
    other.evaluate("location.hash = '#period=1850&scope=others'")
    assert other.locator("#period").input_value() == "2025"
    other.close()


def test_contents_open_the_chapter_they_name(seen: Seen, browser: Browser) -> None:
    page = seen.page
    choose(page, "all", "2025")
    assert not page.locator("#who").evaluate("(one) => one.open")
    page.locator(".folded-contents summary").click()
    page.locator(".contents a[href='#who']").click()
    assert page.locator("#who").evaluate("(one) => one.open")
    wait_for(page, "document.querySelector('#who .plot svg') !== null")
    assert page.evaluate("document.querySelector('#who').getBoundingClientRect().top") < 400
    other = browser.new_page()
    other.goto(page.evaluate("location.href"))
    wait_for(other, "document.querySelector('#who').open")
    other.close()
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = false; })")


def test_nothing_is_drawn_before_somebody_opens_it(
    browser: Browser, life: Tables, tmp_path: Path
) -> None:
    seen = opened(browser, life, tmp_path)
    assert seen.page.locator(".plot svg").count() == 0
    lines = seen.page.locator(".chapter:not([hidden]) .gist").all_inner_texts()
    assert lines
    assert all(line.endswith((".", "!", "?")) for line in lines)
    seen.page.locator("#when summary").first.click()
    wait_for(seen.page, "document.querySelector('#when .plot svg') !== null")
    seen.page.close()


def test_printing_opens_every_chapter_and_folds_them_again(seen: Seen) -> None:
    page = seen.page
    folded = "[...document.querySelectorAll('.chapter:not([hidden])')].filter((one) => !one.open)"
    before = page.evaluate(f"{folded}.length")
    assert before > 5
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate(f"{folded}.length") == 0
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.evaluate(f"{folded}.length") == before


@pytest.mark.parametrize("width", [DESK, PHONE])
@pytest.mark.parametrize("period", ["all", "2025", "2025-12"])
def test_the_page_is_half_as_long_as_it_was(seen: Seen, width: int, period: str) -> None:
    choose(seen.page, "mine", period)
    seen.page.set_viewport_size({"width": width, "height": 900})
    # What was drawn for the other width takes a moment to follow.
    wait_for(seen.page, f"document.documentElement.scrollWidth <= {width}")
    wait_for(seen.page, f"document.documentElement.scrollHeight <= {LONGEST[width]}")


def test_no_seconds_of_work_come_before_the_cover_of_ten_years_is_painted(
    browser: Browser, tmp_path: Path
) -> None:
    file = tmp_path / "index.html"
    file.write_text(report("nico", ten_years(), "Nico"), encoding="utf-8")
    page = browser.new_page(viewport={"width": DESK, "height": 900})
    paints = "performance.getEntriesByName('first-contentful-paint')"
    painted = []
    for _ in range(5):
        page.goto(file.as_uri())
        wait_for(page, f"{paints}.length")
        painted.append(page.evaluate(f"{paints}[0].startTime"))
    page.close()
    # The other processes of a test run take turns with it: its quickest is its own time.
    assert min(painted) < 5_000


def test_the_cover_needs_no_library(browser: Browser, life: Tables, tmp_path: Path) -> None:
    whole = report("nico", life, "Nico")
    scripts = [*re.finditer(r"<script>.*?</script>", whole, re.DOTALL)]
    library = max(scripts, key=lambda one: len(one[0]))
    file = tmp_path / "index.html"
    file.write_text(whole[: library.start()] + whole[library.end() :], encoding="utf-8")
    seen = Seen(browser, file)
    assert seen.page.evaluate(SHOWN)["squares"] > 300
    seen.page.close()


def test_a_card_is_saved_as_it_is_stored_and_as_a_picture(
    seen: Seen, life: Tables, tmp_path: Path
) -> None:
    choose(seen.page, "mine", "2025-12")
    with seen.page.expect_download() as drawn:
        seen.page.get_by_text("Save it as SVG").click()
    drawn.value.save_as(tmp_path / "card.svg")
    told = (tmp_path / "card.svg").read_text(encoding="utf-8")
    assert told == svg(cards_of(life, "mine", "Nico")["2025-12"])
    with seen.page.expect_download() as painted:
        seen.page.get_by_text("Save this card").click()
    assert painted.value.suggested_filename == "2025-12.png"
    painted.value.save_as(tmp_path / "card.png")
    head = (tmp_path / "card.png").read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    assert (int.from_bytes(head[16:20]), int.from_bytes(head[20:24])) == (WIDTH, HEIGHT)


def one_day() -> Life:
    return Life(plays=daily("2026-02-03", 1, song("Only", "Band"), times=9))


def scrobbles() -> Life:
    return Life(plays=daily("2026-02-03", 9, song("Only", "Band"), source="lastfm", ms_played=None))


@pytest.mark.parametrize(
    ("tables", "meant"),
    [
        (nothing, "No play is known yet"),
        (lambda: told_by(one_play()), "day with music"),
        (lambda: told_by(one_day()), "days with music|day with music"),
        (lambda: told_by(scrobbles()), "not known"),
        (ten_years, "Most played artist"),
    ],
    ids=["nothing", "one play", "one day", "scrobbles", "ten years"],
)
def test_a_listener_of_any_length_has_a_cover(
    browser: Browser, tmp_path: Path, tables: Callable[[], Tables], meant: str
) -> None:
    seen = opened(browser, tables(), tmp_path)
    told = seen.page.locator("main").inner_text()
    assert re.search(meant, told)
    assert not re.search(r"\b(NaN|undefined|null|Invalid)\b", told)
    assert seen.heard == [seen.file]
    seen.page.close()


def test_a_hostile_name_is_text_on_the_cover(browser: Browser, tmp_path: Path) -> None:
    seen = opened(browser, told_by(small_life()), tmp_path, HOSTILE)
    assert HOSTILE in seen.page.locator("h1").inner_text()
    assert seen.page.locator("main script, main b, main a:not([href^='#'])").count() == 0
    assert seen.heard == [seen.file]
    seen.page.close()
