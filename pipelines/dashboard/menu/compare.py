"""Two listeners side by side, where both agreed: each names the other in `compare_with`.

What they share, what one could show the other, and at what hours they listen. Nothing of a listener
is read here before it is known that both agreed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import streamlit as st

from pipelines.dashboard import running
from pipelines.dashboard.address_widgets import select_box
from pipelines.dashboard.choices import Choices
from pipelines.dashboard.figures import Figure, show_figures
from pipelines.dashboard.frame import Opened, opened
from pipelines.dashboard.item_charts import show_compared_hours
from pipelines.dashboard.item_pages import is_made, item_link, show_heading
from pipelines.dashboard.items import ARTISTS, SONGS, Kind, ranked
from pipelines.dashboard.listing import Cell, Column, Listing, show_listing
from pipelines.dashboard.reading import Reading
from pipelines.dashboard.words import UNTITLED, number, percent
from pipelines.listening.catalogue.names import normal_names
from pipelines.listening.plain_text import plain
from pipelines.listening.schema.sql import query

SHOWN = 15

Row = dict[str, Any]


@dataclass(frozen=True)
class Both:
    """What two listeners have in common of artists or of songs.

    Attributes:
        yours: how many you heard.
        theirs: how many they heard.
        shared: how many both heard.
        likeness: the sum of the smaller of both shares of plays, 0 to 1; None where one of them
            heard nothing.
        most_shared: with `key`, names and plays of both; those that are most of both come first.
        unknown_to_you: what they played most of what you never did.
        unknown_to_them: what you played most of what they never did.
        at_least: whether plays may be missing.
    """

    yours: int
    theirs: int
    shared: int
    likeness: float | None
    most_shared: Sequence[Row]
    unknown_to_you: Sequence[Row]
    unknown_to_them: Sequence[Row]
    at_least: bool


@dataclass(frozen=True)
class HourOf:
    """An hour of the day of one listener.

    Attributes:
        hour: 0 to 23, on their clock.
        minutes: heard in it, on all days together.
        share: of all minutes.
        at_least: whether plays may be missing.
    """

    hour: int
    minutes: float
    share: float
    at_least: bool


def load(kind: Kind, you: Reading, they: Reading, choices: Choices) -> Both:
    """Compare what two listeners heard, by name.

    Ids would not do: of what only names are told, one of them may know the id and the other not.

    Args:
        kind: artists or songs.
        you: tables of the reader.
        they: tables of the other.
        choices: scope and period, of both.
    """
    mine, theirs = (ranked(kind, reading, choices) for reading in (you, they))
    both = query(_BOTH, yours=_by_name(kind, mine), theirs=_by_name(kind, theirs)).to_pylist()
    shared = [row for row in both if row["yours"] is not None and row["theirs"] is not None]
    only_theirs = [row for row in both if row["yours"] is None]
    only_yours = [row for row in both if row["theirs"] is None]
    return Both(
        len(both) - len(only_theirs),
        len(both) - len(only_yours),
        len(shared),
        sum(row["least"] for row in shared) if len(mine) and len(theirs) else None,
        sorted(shared, key=lambda row: (-row["least"], row["by_name"]))[:SHOWN],
        _never_heard(kind, only_theirs, you, "theirs"),
        _never_heard(kind, only_yours, they, "yours"),
        any(pc.any(rows["at_least"]).as_py() for rows in (mine, theirs)),
    )


def load_hours(reading: Reading, choices: Choices) -> list[HourOf]:
    """When a listener listens, over all time.

    Args:
        reading: their tables.
        choices: the scope.
    """
    columns = ["hour", "minutes", "at_least"]
    rows = reading.table("listening_by_hour", columns, {"scope": choices.scope}).to_pylist()
    total = sum(row["minutes"] for row in rows)
    hours = []
    for hour in range(24):
        same = [row for row in rows if row["hour"] == hour]
        minutes = sum(row["minutes"] for row in same)
        share = minutes / total if total else 0.0
        hours.append(HourOf(hour, minutes, share, any(row["at_least"] for row in same)))
    return hours


_BOTH = """
SELECT coalesce(yours.by_name, theirs.by_name) AS by_name,
    yours.key, coalesce(yours.name, theirs.name) AS name,
    coalesce(yours.artist_name, theirs.artist_name) AS artist_name,
    yours.plays AS yours, theirs.plays AS theirs,
    least(
        yours.plays / (SELECT sum(plays) FROM yours),
        theirs.plays / (SELECT sum(plays) FROM theirs)
    ) AS least
FROM yours FULL JOIN theirs USING (by_name)
"""

_SAME = """
SELECT by_name, arg_min(key, rank) AS key, arg_min(name, rank) AS name,
    arg_min(artist_name, rank) AS artist_name, sum(plays)::BIGINT AS plays
FROM rows GROUP BY by_name
"""


def _by_name(kind: Kind, rows: pa.Table) -> pa.Table:
    """Rows by what people call them: those of one name are one."""
    named = {
        "by_name": _names(kind, rows),
        "name": rows[kind.name],
        **{name: rows[name] for name in ("key", "artist_name", "rank", "plays")},
    }
    return query(_SAME, rows=pa.table(named))


def _names(kind: Kind, rows: pa.Table) -> pa.Array:
    parts = [pc.fill_null(normal_names(rows[name]), "") for name in reversed(kind.texts)]
    return pc.binary_join_element_wise(*parts, "|")


def _never_heard(kind: Kind, rows: Sequence[Row], reading: Reading, by: str) -> list[Row]:
    """The most played of some rows that a listener never heard, in any context or year."""
    columns = [kind.name, "artist_name"]
    heard = set(_names(kind, reading.table(kind.table, columns, {"scope": "all"})).to_pylist())
    new = [row for row in rows if row["by_name"] not in heard]
    return sorted(new, key=lambda row: (-row[by], row["by_name"]))[:SHOWN]


def shared_listing(kind: Kind, both: Both, names: tuple[str, str], choices: Choices) -> Listing:
    """What both heard most, as it is shown.

    Args:
        kind: artists or songs.
        both: what they have in common.
        names: what you and they are called.
        choices: for links.
    """
    most = max((max(row["yours"], row["theirs"]) for row in both.most_shared), default=1)
    columns = [
        Column(kind.one.capitalize(), wide=True),
        *(Column(f"{name}, plays", figures=True) for name in names),
    ]
    rows = [
        [
            _name_cell(kind, row, choices),
            Cell(number(row["yours"]), share=row["yours"] / most),
            Cell(number(row["theirs"]), share=row["theirs"] / most),
        ]
        for row in both.most_shared
    ]
    return Listing(f"Shared {kind.page}", columns, rows)


def unknown_listing(
    kind: Kind, rows: Sequence[Row], by: str, caption: str, choices: Choices
) -> Listing:
    """What one heard most of what the other never heard, as it is shown.

    Args:
        kind: artists or songs.
        rows: as in `Both`.
        by: whose plays are shown: `yours` or `theirs`.
        caption: what it is a list of.
        choices: for links; of what the reader never heard there is no page.
    """
    columns = [Column(kind.one.capitalize(), wide=True), Column("Plays", figures=True)]
    most = max((row[by] for row in rows), default=1)
    listed = [
        [_name_cell(kind, row, choices), Cell(number(row[by]), share=row[by] / most)]
        for row in rows
    ]
    return Listing(caption, columns, listed)


def _name_cell(kind: Kind, row: Row, choices: Choices) -> Cell:
    note = (row["artist_name"] or "") if kind is SONGS else ""
    return Cell(row["name"] or UNTITLED, item_link(kind, row["key"], choices), note=note)


def show() -> None:
    """The page."""
    page = opened()
    if page.choices.listener != page.visitor.listener:
        st.text("Only whoever agreed can compare: choose your own plays.")
        return
    names = {
        one: plain(page.settings.listener(one).display_name) for one in page.visitor.compared_with
    }
    if not names:
        st.text(
            "Nobody can be compared with you yet. Two listeners are compared where each names the "
            "other in compare_with, in listeners.toml."
        )
        return
    chosen = select_box("with", "Compared with", list(names), names.__getitem__, 260)
    they = running.current().reading(chosen)
    if is_made(page.reading, "artists", "songs") and is_made(they, "artists", "songs"):
        _show_both(page, they, (plain(page.listener.display_name), names[chosen]))


def _show_both(page: Opened, they: Reading, names: tuple[str, str]) -> None:
    choices, you = page.choices, page.reading
    compared = {kind: load(kind, you, they, choices) for kind in (ARTISTS, SONGS)}
    artists, songs = compared[ARTISTS], compared[SONGS]
    if artists.likeness is None and songs.likeness is None:
        st.text("One of you heard no music in this period, so there is nothing to compare.")
        return
    show_figures(
        [
            Figure("Likeness by artists", _likeness(artists)),
            Figure("Likeness by songs", _likeness(songs)),
            *(
                Figure(
                    f"Shared {kind.page}",
                    number(both.shared),
                    f"of {number(both.yours)} and {number(both.theirs)}",
                    at_least=both.at_least,
                )
                for kind, both in compared.items()
            ),
        ]
    )
    what = "the 100 most played of the period" if choices.year else "everything that was heard"
    st.caption(
        f"Likeness: of each artist, or song, the smaller of both shares of plays counts; together "
        f"they are the likeness. 100 % is the same music in the same measure, 0 % nothing in "
        f"common. Compared is {what}, by name."
    )
    for kind, both in compared.items():
        if both.most_shared:
            show_heading(f"Shared {kind.page}")
            show_listing(shared_listing(kind, both, names, choices), key=f"shared-{kind.page}")
    for kind, both in compared.items():
        columns = st.columns(2)
        for column, rows, by, title in (
            (columns[0], both.unknown_to_you, "theirs", f"{kind.page.capitalize()} new to you"),
            (columns[1], both.unknown_to_them, "yours", f"{kind.page.capitalize()} new to them"),
        ):
            with column:
                show_heading(title)
                if rows:
                    listing = unknown_listing(kind, rows, by, title, choices)
                    show_listing(listing, key=f"{by}-{kind.page}")
                else:
                    st.text("None.")
    show_compared_hours(
        [(names[0], load_hours(you, choices)), (names[1], load_hours(they, choices))], choices, you
    )


def _likeness(both: Both) -> str:
    return "not known" if both.likeness is None else percent(both.likeness)


if __name__ == "__main__":
    show()
