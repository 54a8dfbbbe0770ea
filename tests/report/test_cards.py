"""Cards say what the tables say, in words that are safe to draw, and nothing that is private.

Add a case for what a card must say or must not; where cards are stored is
`tests/assets/test_report.py`, how the page saves one `test_cover_in_a_browser.py`.
"""

import json
import zlib
from base64 import b64decode
from collections.abc import Iterator
from datetime import date
from io import BytesIO
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from PIL import Image

from pipelines.report.cards.drawn import HEIGHT, WIDTH, Text, shapes_of, shortened, svg, width_of
from pipelines.report.cards.painted import png
from pipelines.report.cards.words import SCOPES, Card, Figure, Ranked, cards_of
from pipelines.report.page import chosen_name, page
from tests.report.files import Read
from tests.report.listeners import (
    HOSTILE,
    LINKED,
    Tables,
    asleep,
    full_life,
    nothing,
    one_play,
    small_life,
    told_by,
)

TOP = 5
ODD = (
    "夜に駆ける",
    "Мёртвые",
    "فيروز",
    "👩‍👩‍👧 🎧",
    "a\u0000b\u001f\ufffe",
    "\u202eevil",
    "x" * 500,
)
"""Names that fonts lack, XML forbids, or no card has room for."""


@pytest.fixture(scope="module")
def full() -> Tables:
    return told_by(full_life())


@pytest.fixture(scope="module")
def small() -> Tables:
    return told_by(small_life())


def rows(tables: Tables, name: str, scope: str) -> list[dict[str, Any]]:
    return [row for row in tables[name].to_pylist() if row["scope"] == scope]


def periods(tables: Tables, scope: str) -> Iterator[tuple[str, dict[str, Any], str, object]]:
    """Each period with its row, the ending of its tables' names, and their key."""
    for row in rows(tables, "listening_by_year", scope):
        yield str(row["year"] or "all"), row, "year", row["year"]
    for row in rows(tables, "listening_by_month", scope):
        yield f"{row['month']:%Y-%m}", row, "month", row["month"]


def words(document: str) -> list[str]:
    """All that a card says, as an XML parser reads it."""
    return [one.text or "" for one in parsed(document).iter() if one.text]


def parsed(document: str) -> ET.Element:
    return ET.fromstring(document)  # noqa: S314 our own document


@pytest.mark.parametrize("scope", SCOPES)
def test_every_figure_of_every_card_is_that_of_the_tables(scope: str, full: Tables) -> None:
    cards = cards_of(full, scope, None)
    compared = 0
    for period, row, ending, key in periods(full, scope):
        if not row["plays"]:
            assert period not in cards
            continue
        card = cards[period]
        hours, plays, days = card.figures
        assert (plays.words, plays.least) == (f"{row['plays']:,}", row["at_least"])
        assert (days.words, days.least) == (f"{row['days_heard']:,}", row["at_least"])
        told = float(hours.words.replace(",", ""))
        minutes = told if hours.unit.startswith("minute") else 60 * told
        assert minutes == pytest.approx(row["minutes"], abs=30 if minutes >= 600 else 3.1)
        for kind, entries in (("artists", card.artists), ("tracks", card.songs)):
            top = sorted(
                (one for one in rows(full, f"top_{kind}_by_{ending}", scope) if one[ending] == key),
                key=lambda one: one["rank"],
            )[:TOP]
            name = "artist_name" if kind == "artists" else "track_name"
            assert [one.name for one in entries] == [one[name] for one in top]
            least = ["at least " if one["at_least"] else "" for one in top]
            plays_of_top = [f"{one}{row['plays']:,}" for one, row in zip(least, top, strict=True)]
            assert [one.plays for one in entries] == plays_of_top
        compared += 1
    assert compared > 10
    assert len(cards) == compared


def test_bars_are_the_days_of_a_month_and_the_months_of_a_year(full: Tables) -> None:
    cards = cards_of(full, "mine", None)
    days = [row for row in rows(full, "listening_by_day", "mine") if row["day"].month == 5]
    assert [value for _, value in cards["2025-05"].bars] == [row["minutes"] for row in days]
    months = {row["month"]: row["minutes"] for row in rows(full, "listening_by_month", "mine")}
    told = [months.get(date(2025, month, 1), 0) for month in range(1, 13)]
    assert [value for _, value in cards["2025"].bars] == told


def test_at_least_is_said_where_plays_may_be_missing_and_nowhere_else(full: Tables) -> None:
    cards = cards_of(full, "all", None)
    said = {
        period: "at least" in " ".join(words(svg(card))).lower() for period, card in cards.items()
    }
    meant = {period: row["at_least"] for period, row, *_ in periods(full, "all") if period in said}
    assert said == meant
    assert {True, False} == set(said.values())


def test_a_card_of_scrobbles_claims_no_time() -> None:
    card = card_of(figures=(Figure("12", "plays", least=True),))
    assert "hours" not in words(svg(card))


def card_of(**changed: Any) -> Card:
    told: dict[str, Any] = {
        "title": "2026",
        "subtitle": "A year in music",
        "figures": (),
        "artists": (),
        "songs": (),
        "bars": (("J", 1.0), ("F", 0.0)),
        "remark": "",
    }
    return Card(**(told | changed))


def test_names_are_text_whatever_they_hold(small: Tables) -> None:
    cards = cards_of(small, "all", HOSTILE)
    documents = [svg(card) for card in cards.values()]
    names = {tag.tag.split("}")[1] for one in documents for tag in parsed(one).iter()}
    assert names == {"svg", "title", "path", "text"}
    assert any(LINKED[:8] in told for one in documents for told in words(one))


@pytest.mark.parametrize("name", ODD)
def test_any_name_can_be_drawn_and_painted(name: str) -> None:
    ranked = tuple(Ranked(name, name, "at least 1,234,567") for _ in range(TOP))
    card = card_of(subtitle=f"{name}'s music", artists=ranked, songs=ranked)
    assert words(svg(card))
    with Image.open(BytesIO(png(card))) as image:
        assert image.size == (WIDTH, HEIGHT)


def test_what_is_too_long_ends_visibly_in_an_ellipsis_and_fits() -> None:
    long = shortened("W" * 80, 30, 300)
    assert long.endswith("…")
    assert width_of(long, 30) <= 300
    assert shortened("Short", 30, 300) == "Short"
    figures = tuple(Figure("123,456,789", "plays", least=True) for _ in range(3))
    ranked = tuple(Ranked("W" * 90, "M" * 90, "at least 123,456") for _ in range(TOP))
    shapes = shapes_of(card_of(figures=figures, artists=ranked, songs=ranked))
    for shape in shapes:
        if isinstance(shape, Text) and shape.anchor == "start":
            assert shape.x + width_of(shape.words, shape.size) <= WIDTH


def test_a_card_says_no_name_that_the_listener_did_not_set(small: Tables) -> None:
    assert chosen_name("nico", None) is None
    assert chosen_name("nico", "nico") is None
    assert chosen_name("nico", "Nico") == "Nico"
    for card in cards_of(small, "all", None).values():
        assert "nico" not in svg(card).lower()
    assert "Nico\u2019s music" in svg(cards_of(small, "all", "Nico")["2026"])
    assert "My music" in svg(cards_of(small, "all", "me")["2026"])


def test_a_card_says_nothing_private(small: Tables) -> None:
    told = "".join(svg(card) for card in cards_of(small, "mine", None).values()).lower()
    for private in ("sleep", "kids", "focus", "workout", "berlin", ":00"):
        assert private not in told


def test_the_same_card_gives_the_same_bytes(small: Tables) -> None:
    one, other = (cards_of(small, "all", None)["2026"] for _ in range(2))
    assert svg(one) == svg(other)
    assert png(one) == png(other)
    assert len(png(one)) < 100_000


@pytest.mark.parametrize("tables", [dict, nothing, lambda: told_by(asleep())])
def test_nothing_of_their_own_has_no_card(tables: Any) -> None:
    assert cards_of(tables(), "mine", None) == {}


def test_one_play_has_a_card() -> None:
    cards = cards_of(told_by(one_play()), "mine", None)
    assert list(cards) == ["all", "2026", "2026-03"]
    told = words(svg(cards["2026-03"]))
    assert {"play", "day with music"} <= set(told)
    assert png(cards["all"])


def test_the_page_carries_every_card_as_it_is_stored(full: Tables) -> None:
    packed = Read(page("nico", full, "Nico")).carried["cards"]
    carried = json.loads(zlib.decompress(b64decode(packed)))
    assert carried == {
        scope: {period: svg(card) for period, card in cards_of(full, scope, "Nico").items()}
        for scope in SCOPES
    }
