"""What pages show beside charts and lists: a cover, figures, rankings, lines of text.

They look like the report, and show all they are given as text, never as HTML.
`report/js/dashboard/figures.js` draws them, `figures.css` is their look. Add a part that several
pages have; what is in it is a page's own.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import streamlit as st

from pipelines.dashboard.links import Link, follow, nothing
from pipelines.listening.plain_text import plain


@dataclass(frozen=True)
class Figure:
    """A figure with its label.

    Attributes:
        label: what it is of.
        value: as it is shown.
        note: what to compare it with, or what it does not say.
        at_least: whether it may be more.
    """

    label: str
    value: str
    note: str = ""
    at_least: bool = False


@dataclass(frozen=True)
class Entry:
    """A row of a ranking.

    Attributes:
        rank: from 1 on.
        name: of what is ranked.
        by: whose it is, such as a song's artist.
        figure: by what it is ranked, as it is shown.
        part: how long its bar is, 0 to 1.
        move: in words.
        tone: `new`, `back`, `up`, `down`, `same`, or nothing.
        link: where more of it is told; None for nowhere.
    """

    rank: int
    name: str
    by: str
    figure: str
    part: float
    move: str = ""
    tone: str = ""
    link: Link | None = None


@dataclass(frozen=True)
class Line:
    """A sentence, and something smaller below it."""

    text: str
    note: str = ""


def show_cover(over: str, title: str, below: str, figures: Sequence[Figure]) -> None:
    """The head of a page that is a cover: a great title, and figures.

    Args:
        over: a line above the title.
        title: the page's.
        below: a line below it.
        figures: the greatest first.
    """
    _show("cover", over=plain(over), title=plain(title), below=below, figures=_all(figures))


def show_figures(figures: Sequence[Figure]) -> None:
    """Figures side by side; nothing where there are none."""
    if figures:
        _show("figures", figures=_all(figures))


def show_ranking(title: str, unit: str, entries: Sequence[Entry], empty: str) -> None:
    """A list by rank; a click on a name opens the page that tells more.

    Args:
        title: above it.
        unit: what its figures count.
        entries: in order.
        empty: what is said instead where there are none.
    """
    rows = [
        {
            **asdict(entry),
            "name": plain(entry.name),
            "by": plain(entry.by),
            "link": entry.link.as_data if entry.link else None,
        }
        for entry in entries
    ]
    follow(_show("ranking", title=title, unit=unit, entries=rows, empty=empty).go)


def show_lines(title: str, lines: Sequence[Line]) -> None:
    """Sentences under a title; nothing where there are none."""
    if lines:
        _show("lines", title=title, lines=_all(lines))


def show_notice(lines: Sequence[str]) -> None:
    """What should be known of what is shown; nothing where there is nothing."""
    if lines:
        _show("notice", lines=_all([Line(line) for line in lines]))


def _all(parts: Sequence[Figure] | Sequence[Line]) -> list[dict[str, Any]]:
    return [asdict(one) for one in parts]


def _show(kind: str, **part: Any) -> Any:
    return _component()(
        data={"kind": kind, **part},
        key=f"part-{kind}-{part.get('title', '')}",
        on_go_change=nothing,
    )


def _component() -> Any:
    return st.components.v2.component(
        "playledger_figures",
        html='<div class="pl"></div>',
        css=_text("figures.css"),
        js=_text("figures.js"),
        # So that tests, readers of screens and the keyboard find one page and not many.
        isolate_styles=False,
    )


@cache
def _text(name: str) -> str:
    return (files("pipelines.dashboard") / name).read_text(encoding="utf-8")
