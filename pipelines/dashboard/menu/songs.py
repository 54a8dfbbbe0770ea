"""Songs: a list to search, or, where the address has a `song`, the page of that one.

What is loaded is `items.py`, which artists use too.
"""

from pipelines.dashboard.choices import Choices
from pipelines.dashboard.figures import Figure
from pipelines.dashboard.frame import opened
from pipelines.dashboard.item_pages import (
    is_made,
    item_link,
    key_asked,
    show_charts_of,
    show_item,
    show_list,
    show_plays_link,
)
from pipelines.dashboard.items import ARTISTS, SONGS, Item
from pipelines.dashboard.listing import Cell, Column, Listing, show_listing

_MINUTE_MS = 60_000


def figures_of(item: Item) -> list[Figure]:
    """What only songs have."""
    length = item.row["duration_ms"]
    if length is None:
        return []
    minutes, rest = divmod(length, _MINUTE_MS)
    return [Figure("Length", f"{minutes}:{rest // 1000:02d} min")]


def description(item: Item, choices: Choices) -> Listing:
    """By whom it is, on which album, and its code."""
    row = item.row
    rows = [
        [
            Cell("Artist"),
            Cell(row["artist_name"] or "", item_link(ARTISTS, row["artist_key"], choices)),
        ],
        [Cell("Album"), Cell(row["album_name"] or "")],
        [Cell("ISRC"), Cell(row["isrc"] or "")],
    ]
    return Listing(
        "What is known of the song",
        [Column(""), Column("", wide=True)],
        [row for row in rows if row[1].text],
    )


def show() -> None:
    """The page."""
    page = opened()
    if not is_made(page.reading, "artists", "songs"):
        return
    key = key_asked(SONGS)
    if not key:
        show_list(SONGS, page)
        return
    item = show_item(SONGS, page, key, figures_of)
    if item is None:
        return
    show_listing(description(item, page.choices), key="description")
    show_charts_of(item, page)
    show_plays_link(SONGS, key, page.choices)


if __name__ == "__main__":
    show()
