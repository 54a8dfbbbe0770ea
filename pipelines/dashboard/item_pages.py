"""How the pages of artists and of songs look: the list, and the page of one of them.

What they show is loaded by `items.py`. Add here what both show; what is of artists or of songs
alone belongs to the page.
"""

from collections.abc import Callable, Sequence
from datetime import date

import streamlit as st

from pipelines.dashboard.address_widgets import asked_page, page_choice, search_box, select_box
from pipelines.dashboard.choices import Choices, period_words
from pipelines.dashboard.figures import Figure, show_figures
from pipelines.dashboard.frame import Opened
from pipelines.dashboard.item_charts import show_item_charts
from pipelines.dashboard.items import (
    ARTISTS,
    SONGS,
    SORTS,
    Asked,
    Item,
    Kind,
    Listed,
    Row,
    away_words,
    load_item,
    load_list,
)
from pipelines.dashboard.links import Link, open_link
from pipelines.dashboard.listing import Cell, Column, Listing, show_listing
from pipelines.dashboard.reading import Reading
from pipelines.dashboard.words import (
    UNTITLED,
    counted,
    day_words,
    joined,
    move_words,
    number,
    percent,
    plain_label,
    short_day,
    time_heard,
)

SORT_WORDS = {
    "plays": "Most plays",
    "minutes": "Longest heard",
    "name": "Name",
    "first": "Last discovered",
    "last": "Last heard",
}


def is_made(reading: Reading, *tables: str) -> bool:
    """Whether tables are there; if they are not, the page says when they will be.

    Args:
        reading: the listener's.
        tables: their names.
    """
    if all(reading.has(name) for name in tables):
        return True
    st.text(
        "Nothing is known here yet: this page's tables are made by the next daily run, or at once "
        "where insights are materialized."
    )
    return False


def key_asked(kind: Kind) -> str:
    """The key of the item that the address asks for; empty for the list."""
    return st.query_params.get(kind.argument, "")


def item_link(kind: Kind, key: str | None, choices: Choices) -> Link | None:
    """Where an item's page is; None for what has no key."""
    return Link(kind.page, choices.to_address(**{kind.argument: key})) if key else None


def show_list(kind: Kind, page: Opened) -> None:
    """The list, and what to search in it.

    Args:
        kind: of what.
        page: as it is open.
    """
    choices = page.choices
    of_all_time = not choices.year
    sorts = SORTS if of_all_time else SORTS[:3]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        search = search_box("Search", f"A {kind.one}" if kind is SONGS else f"An {kind.one}")
        sort = select_box("sort", "Order", sorts, SORT_WORDS.__getitem__, width=180)
    listed = load_list(kind, page.reading, choices, Asked(search, sort, asked_page()))
    st.caption(_summary(kind, listed, choices, search))
    if not listed.rows:
        return
    show_listing(listing_of(kind, listed, choices), key=f"list-{kind.page}")
    page_choice(listed.pages)


def listing_of(kind: Kind, listed: Listed, choices: Choices) -> Listing:
    """A page of a list as it is shown."""
    songs, of_period = kind is SONGS, listed.is_top
    columns = [
        Column("Rank", figures=True),
        Column("Song" if songs else "Artist", wide=True),
        Column("Plays", figures=True),
        Column("Time", figures=True),
        *([] if songs else [Column("Songs", figures=True, on_phones=False)]),
        *(
            [Column("Before", on_phones=False)]
            if of_period
            else [
                Column("First heard", figures=True, on_phones=False),
                Column("Last heard", figures=True, on_phones=False),
            ]
        ),
    ]
    rows = [_row(kind, row, listed, choices) for row in listed.rows]
    return Listing(f"{kind.page.title()}, {period_words(choices.period)}", columns, rows)


def _row(kind: Kind, row: Row, listed: Listed, choices: Choices) -> list[Cell]:
    songs = kind is SONGS
    artist = row["artist_name"] or ""
    return [
        Cell(number(row["rank"])),
        Cell(
            row[kind.name] or UNTITLED,
            item_link(kind, row["key"], choices),
            note=artist if songs else "",
            note_link=item_link(ARTISTS, row.get("artist_key"), choices) if songs else None,
        ),
        Cell(number(row["plays"]), share=row["plays"] / listed.most),
        Cell(time_heard(row["minutes"])),
        *([] if songs else [Cell(number(row["tracks"]))]),
        *(
            [Cell(move_words(row["move"], row["rank_before"], away_words(row)))]
            if listed.is_top
            else [Cell(short_day(row["first_heard_on"])), Cell(short_day(row["last_heard_on"]))]
        ),
    ]


def _summary(kind: Kind, listed: Listed, choices: Choices, search: str) -> str:
    period = period_words(choices.period)
    if not listed.found:
        if search:
            of_period = f" of {period}" if choices.year else ""
            return f"No {kind.one}{of_period} has a name with these words."
        when = f"in {period}" if choices.year else "yet"
        return f"No {kind.one} was heard for 30 seconds {when}."
    last = listed.first + len(listed.rows) - 1
    which = "" if listed.pages == 1 else f"{listed.first:,} to {last:,} are shown"
    kept = f"of the 100 most played of {period}" if listed.is_top else ""
    missing = "plays and times are at least so many" if listed.at_least else ""
    return joined([f"{counted(listed.found, kind.one)} {kept}".strip(), which, missing])


def show_item(
    kind: Kind, page: Opened, key: str, more: Callable[[Item], Sequence[Figure]]
) -> Item | None:
    """The page of one item, down to its charts.

    Args:
        kind: of what.
        page: as it is open.
        key: of the item.
        more: figures that only this kind has.

    Returns:
        The item; None where there is none.
    """
    choices = page.choices
    item = load_item(kind, page.reading, choices, key)
    open_link(f"All {kind.page}", Link(kind.page, choices.to_address()), "arrow_back")
    if item is None:
        st.text(
            f"This {kind.one} was never heard for 30 seconds"
            + (" in what counts as yours." if choices.scope == "mine" else ".")
        )
        return None
    row = item.row
    st.subheader(plain_label(row[kind.name] or UNTITLED), anchor=False)
    missing = row["at_least"]
    best = counted(row["best_month_plays"], "play")
    show_figures(
        [
            Figure("Rank", f"{number(row['rank'])} of {number(item.of)}"),
            Figure("Plays", number(row["plays"]), at_least=missing),
            Figure("Time heard", time_heard(row["minutes"]), at_least=missing),
            *more(item),
            Figure("Days heard", number(row["days_heard"]), at_least=missing),
            _day("First heard", row["first_heard_on"]),
            _day("Last heard", row["last_heard_on"]),
            Figure("Best month", f"{row['best_month']:%b %Y}", best),
            Figure("Best rank in a month", number(row["peak_rank"])),
        ]
    )
    st.caption(
        joined(
            [
                "Of all time, whatever the period; plays of 30 seconds or more",
                "some plays may be missing" if missing else "",
            ]
        )
    )
    return item


def _day(label: str, day: date) -> Figure:
    return Figure(label, f"{day:%b %Y}", day_words(day))


def contexts_listing(item: Item) -> Listing:
    """In which contexts an item was heard."""
    plays = item.row["plays"]
    rows = [
        [Cell(context), Cell(number(count), share=count / plays), Cell(percent(count / plays))]
        for context, count in item.contexts
    ]
    return Listing(
        "Contexts",
        [
            Column("Context", wide=True),
            Column("Plays", figures=True),
            Column("Share", figures=True),
        ],
        rows,
    )


def plays_link(kind: Kind, key: str, choices: Choices) -> Link:
    """Where the plays of an item are, of all time."""
    return Link("plays", choices.with_period("all").to_address(**{kind.argument: key}))


def show_charts_of(item: Item, page: Opened) -> None:
    """An item's plays and ranks over the months, by hour, and its contexts."""
    show_item_charts(item, page.reading, page.choices)
    show_heading("Contexts")
    show_listing(contexts_listing(item), key="contexts")


def show_plays_link(kind: Kind, key: str, choices: Choices) -> None:
    """The way to the plays of an item."""
    label = "All its plays" if kind is SONGS else "All their plays"
    open_link(label, plays_link(kind, key, choices), "list")


def show_heading(title: str) -> None:
    """A heading of ours above a part of an item's page."""
    st.subheader(title, anchor=False)
