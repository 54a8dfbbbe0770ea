"""Where everything stands on a card, and the card as SVG.

`shapes_of` is the one layout, which `painted.py` paints as PNG too. Add here how a card looks; what
it says belongs in `words.py`. Text is measured by guess, on the safe side, since nobody knows with
which font it will be drawn: what is too long ends in an ellipsis, visibly.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Literal
from xml.sax.saxutils import escape

from pipelines.report.cards.words import Card, Figure, Ranked

WIDTH, HEIGHT = 1080, 1350
PAPER, INK, FAINT, ACCENT, PALE = "#fbfaf7", "#1d2125", "#5b6269", "#17607a", "#bdd5da"

Anchor = Literal["start", "end"]
Family = Literal["serif", "sans"]

_FONTS: dict[Family, str] = {
    "serif": "Iowan Old Style, Palatino Linotype, Palatino, Georgia, DejaVu Serif, serif",
    "sans": "system-ui, -apple-system, Segoe UI, Roboto, Helvetica Neue, Arial, sans-serif",
}
_MARGIN = 84
_GAP = 60
_A_YEAR = len("2026")
_HALF = (WIDTH - 2 * _MARGIN - _GAP) // 2


@dataclass(frozen=True)
class Text:
    """Words from a point on: their baseline begins, or ends, there."""

    x: float
    y: float
    size: int
    words: str
    fill: str = INK
    family: Family = "sans"
    bold: bool = False
    anchor: Anchor = "start"


@dataclass(frozen=True)
class Box:
    """A filled rectangle."""

    x: float
    y: float
    width: float
    height: float
    fill: str


Shape = Text | Box


def svg(card: Card) -> str:
    """The card as an SVG document that needs nothing else.

    It is short, because a page carries some hundreds of them: what most texts have is said once,
    and bars of one colour are one path.
    """
    size = f'width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}"'
    most = f'font-family="{_FONTS["sans"]}" fill="{FAINT}"'
    title = escape(clean(f"{card.title}: {card.subtitle}"))
    drawn = "".join(
        _path(fill, same) if fill else "".join(map(_text, same))
        for fill, same in groupby(shapes_of(card), _fill_of_box)
    )
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} {most}>'
    return f"{head}<title>{title}</title>{drawn}</svg>\n"


def _fill_of_box(shape: Shape) -> str:
    return shape.fill if isinstance(shape, Box) else ""


def _path(fill: str, boxes: Iterable[Shape]) -> str:
    """Boxes of one colour that nothing stands between."""
    lines = (
        f"M{box.x:g} {box.y + box.height:g}v{-box.height:g}h{box.width:g}V{box.y + box.height:g}z"
        for box in boxes
        if isinstance(box, Box)
    )
    return f'<path fill="{fill}" d="{"".join(lines)}"/>'


def _text(shape: Shape) -> str:
    if not isinstance(shape, Text) or not shape.words:
        return ""
    family = f' font-family="{_FONTS[shape.family]}"' if shape.family != "sans" else ""
    weight = ' font-weight="600"' if shape.bold else ""
    anchor = ' text-anchor="end"' if shape.anchor == "end" else ""
    fill = f' fill="{shape.fill}"' if shape.fill != FAINT else ""
    return (
        f'<text x="{shape.x:g}" y="{shape.y:g}" font-size="{shape.size}"'
        f"{family}{weight}{anchor}{fill}>{escape(shape.words)}</text>"
    )


def shapes_of(card: Card) -> Iterator[Shape]:
    """All shapes of a card, from back to front."""
    yield Box(0, 0, WIDTH, HEIGHT, PAPER)
    yield Box(0, 0, WIDTH, 18, ACCENT)
    size = 150 if len(card.title) <= _A_YEAR else 92
    yield Text(_MARGIN, 118, 34, shortened(card.subtitle, 34, 900), FAINT)
    yield Text(_MARGIN - 4, 248, size, card.title, INK, "serif")
    yield from _great(card.figures)
    yield from _bars(card.bars)
    for x, title, entries in (
        (_MARGIN, "Artists", card.artists),
        (_MARGIN + _HALF + _GAP, "Songs", card.songs),
    ):
        yield from _list(x, title, entries)
    yield Box(_MARGIN, 1276, WIDTH - 2 * _MARGIN, 1, INK)
    yield Text(_MARGIN, 1314, 22, card.remark, FAINT)
    yield Text(WIDTH - _MARGIN, 1314, 22, "Playledger", FAINT, anchor="end")


def _great(figures: tuple[Figure, ...]) -> Iterator[Shape]:
    across = (WIDTH - 2 * _MARGIN - (len(figures) - 1) * _GAP / 2) / max(len(figures), 1)
    # All of one size: the largest at which the longest fits.
    longest = max((width_of(figure.words, 72) for figure in figures), default=0.0)
    size = 72 if longest <= across else int(72 * across / longest)
    for n, figure in enumerate(figures):
        x = round(_MARGIN + n * (across + _GAP / 2), 1)
        yield Box(x, 300, round(across, 1), 2, INK)
        yield Text(x, 336, 24, "at least" if figure.least else "", FAINT)
        yield Text(x, 408, size, figure.words, INK, "serif")
        yield Text(x, 448, 26, figure.unit, FAINT)


def _bars(bars: tuple[tuple[str, float], ...]) -> Iterator[Shape]:
    top, bottom = 500, 640
    most = max((value for _, value in bars), default=0.0)
    if not most:
        return
    across = (WIDTH - 2 * _MARGIN) / len(bars)
    places = [round(_MARGIN + n * across) for n in range(len(bars))]
    for x, (_, value) in zip(places, bars, strict=True):
        height = round((bottom - top) * value / most)
        fill = ACCENT if value == most else PALE
        if height:
            yield Box(x, bottom - height, max(round(across * 0.82), 1), height, fill)
    yield Box(_MARGIN, bottom, WIDTH - 2 * _MARGIN, 1, FAINT)
    for x, (name, _) in zip(places, bars, strict=True):
        if name:
            yield Text(x, bottom + 32, 22, name, FAINT)


def _list(x: float, title: str, entries: tuple[Ranked, ...]) -> Iterator[Shape]:
    yield Text(x, 744, 30, title if entries else "", ACCENT, bold=True)
    for n, entry in enumerate(entries):
        y = 800 + n * 98
        plays = shortened(entry.plays, 24, 190)
        room = _HALF - 46 - width_of(plays, 24) - 18
        yield Text(x, y, 30, str(n + 1), FAINT)
        yield Text(x + 46, y, 30, shortened(entry.name, 30, room), INK, bold=n == 0)
        yield Text(x + 46, y + 34, 24, shortened(entry.by, 24, _HALF - 46), FAINT)
        yield Text(x + _HALF, y, 24, plays, FAINT, anchor="end")


_ILLEGAL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def clean(words: str) -> str:
    """Words on one line, without signs that no XML may hold and no font can draw."""
    return " ".join(_ILLEGAL.sub(" ", words).split())


def shortened(words: str, size: int, room: float) -> str:
    """Words that fit, with an ellipsis where some had to go.

    Args:
        words: any text.
        size: of the letters, in pixels.
        room: how wide they may be, in pixels.
    """
    words = clean(words)
    if width_of(words, size) <= room:
        return words
    while words and width_of(f"{words}…", size) > room:
        words = words[:-1]
    return f"{words.rstrip()}…"


def width_of(words: str, size: int) -> float:
    """How wide words are, by guess: rather too wide than too narrow."""
    return size * sum(map(_width, words))


def _width(sign: str) -> float:
    if unicodedata.east_asian_width(sign) in "WF":
        return 1.0
    if unicodedata.combining(sign):
        return 0.0
    if sign in "MWmw@%—…" or sign.isupper():
        return 0.75
    return 0.3 if sign in "iljtfrI.,:;'\u2019 !|()-" else 0.58
