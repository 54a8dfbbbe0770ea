"""A survey's page as its group sees it: in Chromium, from a file, on a phone and on a desk."""

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Literal

import pytest

from pipelines.report.survey import page as survey_page
from pipelines.report.survey_own import NOBODY
from tests.report.surveys import (
    ENDED,
    ENDS,
    IMAGE,
    MAJORS,
    UNKNOWN,
    UNWILLING,
    K,
    Tables,
    code,
    few,
    group,
    kept,
    nobody,
    sealed_parts,
    small,
)
from tests.report.test_report_in_a_browser import CONTRAST
from tests.support.browsing import (
    CHROMIUM,
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
    wait_for,
)

pytestmark = pytest.mark.rare

PEOPLE = 45

UNTOLD = """() => [...document.querySelectorAll('figure')].filter((one) => {
  if (!one.checkVisibility()) return false;
  const shown = (name) => one.querySelector(name).checkVisibility();
  const drawn = shown('.plot');
  return shown('.caption') !== drawn || shown('summary') !== drawn || shown('.empty') === drawn;
}).map((one) => one.id)"""
"""Charts that lack their caption or their table, or are empty without a sentence that says why."""


STAR = (
    "[...document.querySelectorAll('#chart-map .textpoint')].some(one => one.textContent === 'you')"
)
"""The reader's own place on the map."""


@pytest.fixture(scope="module")
def seen(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """The page of a class, loaded once: loading is what takes time."""
    file = tmp_path_factory.mktemp("survey") / "index.html"
    file.write_text(survey_page("Music of 3b", K, group(), sealed_parts(PEOPLE)), encoding="utf-8")
    return Seen(browser, file)


@pytest.fixture
def page(seen: Seen) -> Iterator[Page]:
    """It as it is opened; any complaint, request or dialog fails the test."""
    page = seen.page
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": DESK, "height": HEIGHT})
    page.select_option("#major", "")
    if page.locator("#close").is_visible():
        page.click("#close")
    yield page
    assert seen.heard == [seen.file]


def enter(page: Page, secret: str) -> str:
    page.fill("#code", secret)
    page.press("#code", "Enter")
    return page.locator("#code-said").inner_text()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [PHONE, DESK])
def test_every_chart_is_drawn_without_a_complaint_or_a_request(
    page: Page, width: int, theme: Literal["light", "dark"]
) -> None:
    page.emulate_media(color_scheme=theme)
    enter(page, code(0))
    draw_all(page, width)
    assert page.evaluate(UNTOLD) == []
    wait_for(page, f"document.documentElement.scrollWidth <= {width}")
    assert page.evaluate(CONTRAST) == []
    assert_pictures_are_plotlys(page)


@pytest.mark.parametrize(
    ("tables", "meant"),
    [
        (nobody, ["Nobody has answered yet."]),
        (few, ["Fewer than 5 people have answered."]),
        (
            small,
            [
                "With 12 people no groups can be told from chance.",
                "it takes 40",
                "Reference data knows the sound of too few of these songs",
                "Nothing of this can be told: it would tell of fewer than 5 people",
            ],
        ),
    ],
    ids=["nobody", "few", "small"],
)
def test_a_group_of_whom_little_can_be_told_is_told_so(
    browser: Browser, tmp_path: Path, tables: Callable[[], Tables], meant: list[str]
) -> None:
    file = tmp_path / "index.html"
    file.write_text(survey_page("Music of 3b", K, tables(), NOBODY), encoding="utf-8")
    seen = Seen(browser, file)
    draw_all(seen.page, PHONE)
    told = seen.page.locator("main").inner_text()
    assert [one for one in meant if one not in told] == []
    assert seen.page.evaluate(UNTOLD) == []
    assert not seen.page.locator("#controls").is_visible()
    seen.page.close()
    assert seen.heard == [seen.file]


def test_a_very_large_group_is_drawn(browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "index.html"
    file.write_text(survey_page("Music", K, group(1000, 12), sealed_parts(1000)), encoding="utf-8")
    seen = Seen(browser, file)
    assert enter(seen.page, code(999)).startswith("Open.")
    draw_all(seen.page)
    assert seen.page.evaluate(UNTOLD) == []
    seen.page.close()
    assert seen.heard == [seen.file]


def test_a_code_opens_ones_own_songs_place_and_twins(page: Page) -> None:
    assert "Type your code below" in page.locator("#chart-map .caption").inner_text()
    assert enter(page, f" {code(0)[:13]}-{code(0)[13:].upper()} ").startswith("Open.")
    told = page.locator("#own-part").inner_text()
    for song in kept(PEOPLE)["survey_songs"].slice(0, 10).to_pylist():
        assert song["track_name"] in told
        assert song["artist_name"] in told
    assert "8 of 10 songs are recognised" in told
    assert "You are in group 1, more energy and loudness" in told
    # However few pairs are as alike by chance: the likest of many is picked out.
    assert "where songs are dealt out at random 97 are." in told
    assert "that of 93 in a hundred people is less alike, so this may well be chance." in told
    assert (
        "that of 95 in a hundred people is less alike, so this is more than chance. "
        "You both named the song Dreams"
    ) in told
    assert "Your name, your mail and your home town are not" in told
    draw_all(page)
    wait_for(page, STAR)
    assert page.locator("#chart-own-sound svg").count() > 0
    assert page.locator("#code").input_value() == ""


def test_what_a_code_opened_can_be_closed_again(page: Page) -> None:
    enter(page, code(0))
    page.click("#close")
    assert page.locator("#own-part").inner_text() == ""
    assert not page.locator("#chart-own-sound").is_visible()
    draw_all(page)
    wait_for(page, f"!{STAR}")


@pytest.mark.parametrize("wrong", ["", "nonsense", code(0)[:25], code(PEOPLE), IMAGE])
def test_a_wrong_code_is_answered_by_a_sentence_and_closes_what_was_open(
    page: Page, wrong: str
) -> None:
    enter(page, code(0))
    assert enter(page, wrong).startswith("This code opens nothing here.")
    assert page.locator("#own-part").inner_text() == ""


@pytest.mark.parametrize(
    ("person", "meant"),
    [(UNWILLING, "You did not agree that others see"), (UNKNOWN, "yours are too few")],
    ids=["did not agree", "too few songs"],
)
def test_who_is_not_compared_is_told_why(page: Page, person: int, meant: str) -> None:
    enter(page, code(person))
    assert meant in page.locator("#own-part").inner_text()


def test_figures_of_one_subject_are_told_where_they_may_be(page: Page) -> None:
    options = page.locator("#major option").all_inner_texts()
    assert options == ["everybody", *sorted(MAJORS)]
    before = page.locator("#chart-survey-artists .caption").inner_text()
    ages = page.locator("#chart-ages .caption").inner_text()
    page.select_option("#major", "Nursing")
    assert page.locator(
        "#chart-survey-artists .caption, #chart-survey-artists .empty"
    ).all_inner_texts() != [before, ""]
    assert page.locator("#chart-ages .caption").inner_text() == ages
    assert "those of Nursing" in page.locator("#meaning").inner_text()


def test_hidden_figures_are_called_so(page: Page) -> None:
    page.select_option("#major", "Nursing")
    draw_all(page)
    drawn = "document.querySelector('#chart-survey-decades .plot').textContent"
    wait_for(page, f"{drawn}.includes('fewer than 5')")
    assert (
        "Fewer than 5 people are not counted"
        in page.locator("#chart-survey-decades .caption").inner_text()
    )
    open_table(page, "chart-survey-decades")
    assert "fewer than 5" in page.locator("#chart-survey-decades table").inner_text()


def test_names_are_shown_as_they_are_written(page: Page) -> None:
    enter(page, code(0))
    draw_all(page)
    assert page.locator("svg a, svg script, svg b, main img, main script").count() == 0
    assert page.locator("main a:not([href^='#'])").count() == 0
    open_tables(page)
    told = page.locator("main").inner_text()
    assert IMAGE in told
    assert ENDED in told


def test_axes_of_the_map_are_named_in_words(page: Page) -> None:
    draw_all(page)
    told = page.locator("#chart-map .plot").text_content() or ""
    told = told.replace("\xa0", " ")
    assert [one for ends in ENDS[:2] for one in ends if one not in told] == []
    caption = page.locator("#chart-map .caption").inner_text()
    assert "No dot is a person: each stands for 5 people or more" in caption


def test_the_answer_of_the_predictor_comes_before_its_figures(page: Page) -> None:
    told = page.locator("#predictor").inner_text()
    answer = "The songs of 45 people tell what they study better than guessing."
    assert -1 < told.find(answer) < told.find("Told right, against guessing")
    assert "in none of 500 tries (p = 0.002)" in told


def test_where_nothing_is_drawn_in_three_dimensions_a_sentence_says_so(
    browser: Browser, seen: Seen
) -> None:
    other = browser.new_page()
    other.add_init_script("HTMLCanvasElement.prototype.getContext = () => null")
    other.goto(seen.file)
    other.click(".wish")
    assert "it has no WebGL" in other.locator(".space").inner_text()
    other.close()


def test_the_map_can_be_seen_in_three_dimensions(browser: Browser, seen: Seen) -> None:
    drawing = browser.browser_type.launch(
        executable_path=CHROMIUM, args=["--no-sandbox", "--enable-unsafe-swiftshader"]
    )
    other, errors = drawing.new_page(), []
    other.on("console", lambda told: errors.append(told.text) if told.type == "error" else None)
    other.goto(seen.file)
    enter(other, code(0))
    other.click(".wish")
    wait_for(other, "document.querySelector('#chart-map-in-space canvas')")
    assert "Drag it to turn it" in other.locator("#chart-map-in-space .caption").inner_text()
    drawing.close()
    assert errors == []


def test_the_page_can_be_used_by_keyboard_alone(page: Page) -> None:
    page.locator("#code").focus()
    page.keyboard.type(code(3))
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert page.locator("#code-said").inner_text().startswith("Open.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.locator("#code-said").inner_text() == "Closed."
    assert page.evaluate("document.activeElement.id") == "code"


def test_headings_are_in_order_and_every_chapter_is_in_the_contents(page: Page) -> None:
    levels = page.evaluate(
        "[...document.querySelectorAll('h1, h2, h3')].map(one => Number(one.tagName[1]))"
    )
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    chapters = page.locator("main section").evaluate_all("all => all.map(one => one.id)")
    links = page.locator(".contents a").evaluate_all("all => all.map(one => one.hash.slice(1))")
    assert links == chapters


def test_on_paper_every_chart_is_drawn(page: Page) -> None:
    page.emulate_media(color_scheme="dark")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    undrawn = "[...document.querySelectorAll('.plot:not([hidden])')]"
    assert page.evaluate(f"{undrawn}.filter(one => !one.querySelector('svg')).length") == 0
    page.evaluate("dispatchEvent(new Event('afterprint'))")
