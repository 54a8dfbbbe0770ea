"""Artists: a list to search, or, where the address has an `artist`, the page of that one.

What is loaded is `items.py`, which songs use too.
"""

from pipelines.dashboard.choices import Choices
from pipelines.dashboard.figures import Figure
from pipelines.dashboard.frame import opened
from pipelines.dashboard.item_pages import (
    is_made,
    item_link,
    key_asked,
    show_charts_of,
    show_heading,
    show_item,
    show_list,
    show_plays_link,
)
from pipelines.dashboard.items import ARTISTS, SONGS, Item
from pipelines.dashboard.listing import Cell, Column, Listing, show_listing
from pipelines.dashboard.words import UNTITLED, number


def figures_of(item: Item) -> list[Figure]:
    """What only artists have."""
    return [Figure("Songs", number(item.row["tracks"]))]


def top_songs(item: Item, choices: Choices) -> Listing:
    """The artist's most played songs."""
    songs = item.row["top_tracks"]
    most = max((one["plays"] for one in songs), default=1)
    rows = [
        [
            Cell(number(place)),
            Cell(one["track_name"] or UNTITLED, item_link(SONGS, one["track_key"], choices)),
            Cell(number(one["plays"]), share=one["plays"] / most),
        ]
        for place, one in enumerate(songs, 1)
    ]
    columns = [Column("", figures=True), Column("Song", wide=True), Column("Plays", figures=True)]
    return Listing("Most played songs", columns, rows)


def show() -> None:
    """The page."""
    page = opened()
    if not is_made(page.reading, "artists", "songs"):
        return
    key = key_asked(ARTISTS)
    if not key:
        show_list(ARTISTS, page)
        return
    item = show_item(ARTISTS, page, key, figures_of)
    if item is None:
        return
    show_charts_of(item, page)
    show_heading("Most played songs")
    show_listing(top_songs(item, page.choices), key="top-songs")
    show_plays_link(ARTISTS, key, page.choices)


if __name__ == "__main__":
    show()
