"""A list whose rows lead somewhere: a table of real links, for mouse, keyboard and screen readers.

Names get into the page as text, never as markup. `report/js/dashboard/listing.js` draws it. Add
here what any list of a page shows; which columns a list has belongs to the page, and where a row
leads is a `Link` (`links.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import streamlit as st

from pipelines.dashboard.links import Link, follow, nothing
from pipelines.listening.plain_text import plain

_STYLE, _SCRIPT = "listing.css", "listing.js"


@dataclass(frozen=True)
class Cell:
    """What stands in one column of one row.

    Attributes:
        text: the text; that of somebody else is shown as it is, in one line.
        link: where it leads.
        share: length of the bar behind it, 0 to 1; None for no bar.
        note: smaller, in lines of their own.
        note_link: where the note leads.
    """

    text: str
    link: Link | None = None
    share: float | None = None
    note: str = ""
    note_link: Link | None = None


@dataclass(frozen=True)
class Column:
    """A column of a list.

    Attributes:
        title: above it.
        figures: whether it holds figures, which stand below each other.
        wide: whether it takes the room that others leave.
        on_phones: whether it is shown where there is little room.
    """

    title: str
    figures: bool = False
    wide: bool = False
    on_phones: bool = True


@dataclass(frozen=True)
class Listing:
    """A list.

    Attributes:
        caption: what it is a list of, for those who do not see the page around it.
        columns: of every row.
        rows: a cell for each column.
    """

    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]] = field(default=())


def show_listing(listing: Listing, key: str) -> None:
    """Show a list; whoever follows a link of it leaves this page.

    Args:
        listing: the list.
        key: tells two lists of a page apart.
    """
    follow(_component()(data=as_data(listing), key=key, on_go_change=nothing).go)


def as_data(listing: Listing) -> dict[str, Any]:
    """A list as its script reads it."""
    return {
        "caption": listing.caption,
        "columns": [
            {
                "title": one.title,
                "kind": _kind(one),
                "phone": one.on_phones,
            }
            for one in listing.columns
        ],
        "rows": [[_cell(cell) for cell in row] for row in listing.rows],
    }


def _kind(column: Column) -> Literal["figures", "wide", "text"]:
    return "figures" if column.figures else "wide" if column.wide else "text"


def _cell(cell: Cell) -> dict[str, Any]:
    written: dict[str, Any] = {"text": plain(cell.text)}
    if cell.link:
        written["link"] = cell.link.as_data
    if cell.share is not None:
        written["share"] = round(float(cell.share), 4)
    if cell.note:
        written["note"] = plain(cell.note)
    if cell.note_link:
        written["noteLink"] = cell.note_link.as_data
    return written


@cache
def _component() -> Any:
    folder = files("pipelines.dashboard")
    return st.components.v2.component(
        "playledger_listing",
        css=(folder / _STYLE).read_text(encoding="utf-8"),
        js=(folder / _SCRIPT).read_text(encoding="utf-8"),
        # Its text is part of the page's, for those who search in it.
        isolate_styles=False,
    )
