"""Every chart draws and lists what the tables hold, in either scope and in any month.

Add a case when a mistake in a chart went unnoticed. What a chart should tell is reckoned in
`charts_told.py`; how the page looks and is used belongs to `test_report_in_a_browser.py`.
"""

import json
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pipelines.report.page import page as report
from tests.report import (  # noqa: F401 importing them fills CHARTS
    charts_of_habits,
    charts_of_listening,
    charts_of_playlists,
    charts_of_taste,
)
from tests.report.charts_told import CHARTS, Rows, Seen, Told, drawn_as
from tests.report.listeners import Tables, full_life, told_by
from tests.support.browsing import Page, choose, draw_all, open_tables
from tests.support.browsing import Seen as Opened

pytestmark = [pytest.mark.rare, pytest.mark.timeout(600)]

SCOPES = ("all", "mine")
MONTHS = (date(2026, 2, 1), date(2026, 3, 1))
DAY_MS = 86_400_000

Shown = Mapping[str, Any]

SHOWN = """() => Object.fromEntries([...document.querySelectorAll('figure')].map((figure) => {
  const plot = figure.querySelector('.plot');
  const lacks = ({ marker, line }) => {
    if (Array.isArray(marker?.pattern?.shape)) return marker.pattern.shape.map(Boolean);
    return Array.isArray(marker?.color) ? marker.color.map((one) => one !== line?.color) : null;
  };
  return [figure.id.replace('chart-', ''), {
    table: plot.hidden ? [] : [...figure.querySelectorAll('tbody tr')].map((row) =>
      [...row.children].map((cell) => cell.textContent)),
    traces: plot.hidden ? null : plot.data.filter((trace) => String(trace.x)).map((trace) => ({
      ...Object.fromEntries(['type', 'name', 'x', 'y', 'z', 'r', 'base', 'text', 'node', 'link']
        .map((key) => [key, trace[key]])),
      lacks: lacks(trace),
    })),
    shapes: plot.layout?.shapes ?? [],
    notes: (plot.layout?.annotations ?? []).map((note) => note.text),
    names: plot.layout?.yaxis?.ticktext ?? [],
    firstOnTop: plot._fullLayout?.yaxis?.range?.[0] > plot._fullLayout?.yaxis?.range?.[1],
  }];
}))"""
"""Of each chart the cells of its table, and what Plotly was given to draw."""


TOP = """() => ({
  stories: [...document.querySelectorAll('[data-story]')].map((one) => one.textContent),
})"""
"""What the top of the page tells in sentences, in order; figures are those of a period."""


@pytest.fixture(scope="module")
def life() -> Tables:
    return told_by(full_life())


@pytest.fixture(scope="module")
def tables(life: Tables) -> Mapping[str, Rows]:
    return {name: table.to_pylist() for name, table in life.items()}


@pytest.fixture(scope="module")
def shown(
    request: pytest.FixtureRequest, once: Callable[[str, Callable[[Path], object]], Path]
) -> Mapping[tuple[str, date], Shown]:
    """What the page shows, by scope and month; it is loaded once, which is what takes time."""

    def make(folder: Path) -> None:
        browser, life = request.getfixturevalue("browser"), request.getfixturevalue("life")
        file = folder / "index.html"
        file.write_text(report("nico", life), encoding="utf-8")
        opened = Opened(browser, file)
        page = opened.page
        choose(page, SCOPES[0], MONTHS[0].isoformat())
        draw_all(page)
        open_tables(page)
        told = [_shown(page, scope, month) for scope in SCOPES for month in MONTHS]
        assert opened.heard == [opened.file]
        page.close()
        (folder / "shown.json").write_text(json.dumps(told), encoding="utf-8")

    told = json.loads((once("charts", make) / "shown.json").read_text(encoding="utf-8"))
    places = [(scope, month) for scope in SCOPES for month in MONTHS]
    return dict(zip(places, told, strict=True))


def _shown(page: Page, scope: str, month: date) -> Shown:
    choose(page, scope, month.isoformat())
    return {"top": page.evaluate(TOP), **page.evaluate(SHOWN)}


def cell(text: str) -> float | str | None:
    """A cell as the number that it shows, a share in percents; or its words; or not known."""
    plain = text.replace("\u00a0", "").replace(" %", "%").replace(",", "")
    if plain == "–":  # noqa: RUF001 as the page has it
        return None
    if plain in {"<1%", ">99%"}:
        return 0.5 if plain == "<1%" else 99.5
    try:
        return float(plain.removeprefix("< ").removesuffix("%"))
    except ValueError:
        return text


def test_every_chart_is_reckoned_anew(shown: Mapping[tuple[str, date], Shown]) -> None:
    assert set(shown["all", MONTHS[0]]) == {"top", *CHARTS}


@pytest.mark.parametrize("scope", SCOPES)
def test_stories_are_those_of_the_tables(
    scope: str, tables: Mapping[str, Rows], shown: Mapping[tuple[str, date], Shown]
) -> None:
    seen = Seen(tables, scope, MONTHS[0])
    top = shown[scope, MONTHS[0]]["top"]
    stories = sorted(seen.rows("stories"), key=lambda row: row["place"])
    assert top["stories"] == [
        row["sentence"] + (" (plays may be missing)" if row["at_least"] else "") for row in stories
    ]


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_tells_the_tables(
    name: str,
    scope: str,
    tables: Mapping[str, Rows],
    shown: Mapping[tuple[str, date], Shown],
) -> None:
    for month in MONTHS:
        told = CHARTS[name](Seen(tables, scope, month))
        here = shown[scope, month][name]
        assert here["traces"] is not None, "this life should have something to draw"
        width = len(told.table[0])
        cells = [[cell(text) for text in row[:width]] for row in here["table"]]
        assert (sorted(cells, key=str) if name == "rotation" else cells) == told.table
        assert drawn(name, here, told) == told.drawn
        if told.names is not None:
            assert here["firstOnTop"]
            names = [one.split("<br>")[0].strip() for one in here["names"]]
            assert names == [drawn_as(one) for one in told.names]
        for trace, lacks in (told.missing or {}).items():
            assert here["traces"][trace]["lacks"] == lacks
        if told.under is not None:
            assert underlined(here, list(told.under)) == told.under


def drawn(name: str, here: Shown, told: Told) -> list[dict[str, Any]]:
    """What is drawn, as far as what should be is told."""
    if name in PICTURES:
        return [PICTURES[name](here)]
    assert len(here["traces"]) == len(told.drawn)
    return [
        {key: _plain(key, trace[key]) for key in wanted}
        for trace, wanted in zip(here["traces"], told.drawn, strict=True)
    ]


def _plain(key: str, told: Any) -> Any:
    return [" ".join(text.split()) for text in told] if key == "text" else told


def underlined(here: Shown, dates: list[date]) -> dict[date, bool]:
    """Below which days or months a line is drawn; below the last one it may end in the middle."""
    lines = [(one["x0"], one["x1"]) for one in here["shapes"] if one["y0"] == one["y1"] == 0]
    return {
        day: any(
            begins <= day.isoformat() and (day.isoformat() < ends or day == dates[-1])
            for begins, ends in lines
        )
        for day in dates
    }


def flows(here: Shown) -> dict[str, Any]:
    """The flow of artists: from which column, from whom, to whom, and how many plays."""
    [trace] = here["traces"]
    node, link = trace["node"], trace["link"]
    told = zip(link["source"], link["target"], link["value"], strict=True)
    names = [label.split(" · ")[0] for label in node["label"]]
    return {
        "flows": sorted(
            [round(2 * node["x"][source]), names[source], names[target], value]
            for source, target, value in told
        )
    }


def circles(here: Shown) -> dict[str, Any]:
    """The areas of the circles, and the numbers in them."""
    radii = [(one["x1"] - one["x0"]) / 2 for one in here["shapes"]]
    return {
        "circles": [3.14159265 * radius**2 for radius in radii],
        "counts": [int(note) for note in here["notes"] if note.isdigit()],
    }


def stays(here: Shown) -> dict[str, Any]:
    """The bars of heavy rotation: from when, how many days, whether it lasts, what is missing."""
    bars = (
        [begins, length / DAY_MS, trace["name"] == "lasts to this day", lacks]
        for trace in here["traces"]
        for begins, length, lacks in zip(trace["base"], trace["x"], trace["lacks"], strict=True)
    )
    return {"stays": sorted(bars)}


def spans(here: Shown) -> dict[str, Any]:
    """From when to when gaps are drawn."""
    [trace] = [trace for trace in here["traces"] if trace["name"] == "an open gap"]
    ends = [one for one in trace["x"] if one]
    return {"spans": [list(pair) for pair in zip(ends[::2], ends[1::2], strict=True)]}


PICTURES = {
    "artist-flow": flows,
    "taste-overlap": circles,
    "rotation": stays,
    "gaps": spans,
}
"""Those whose values are not x and y."""
