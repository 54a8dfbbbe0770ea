"""What the pages of artists and of songs have in common: a list to search, and one item's own page.

Figures are those of the tables: of all time those of `artists` and `songs`, of a month or a year
those of its tops. Add here what both pages load; how it looks is in `item_pages.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.dashboard.choices import Choices
from pipelines.dashboard.reading import Reading
from pipelines.dashboard.searching import holding, words_of
from pipelines.dashboard.words import counted
from pipelines.listening.time.months import Month

PER_PAGE = 100
SORTS = ("plays", "minutes", "name", "first", "last")
"""How a list can be sorted; only the first three of a month or a year."""

Row = dict[str, Any]


@dataclass(frozen=True)
class Kind:
    """Artists or songs: what they are called in tables and addresses.

    Attributes:
        table: of all of them.
        top: begins the names of the tables of tops.
        key: column of `table` that tells them apart, and what the address calls it.
        top_key: the same column in the tables of tops.
        name: column of their names.
        page: where they are listed.
        argument: what the address of one of them is asked by.
        one: the word for one.
        own: columns of `table` that only they have.
        top_own: columns of tops that only they have.
    """

    table: str
    top: str
    key: str
    top_key: str
    name: str
    page: str
    argument: str
    one: str
    own: tuple[str, ...]
    top_own: tuple[str, ...]

    @property
    def texts(self) -> tuple[str, ...]:
        """Columns that are searched."""
        return ("artist_name",) if self.name == "artist_name" else (self.name, "artist_name")


ARTISTS = Kind(
    table="artists",
    top="top_artists",
    key="artist_key",
    top_key="artist_key",
    name="artist_name",
    page="artists",
    argument="artist",
    one="artist",
    own=("tracks",),
    top_own=("tracks",),
)
SONGS = Kind(
    table="songs",
    top="top_tracks",
    key="track_key",
    top_key="recording_id",
    name="track_name",
    page="songs",
    argument="song",
    one="song",
    own=("artist_name", "artist_key"),
    top_own=("artist_name",),
)


@dataclass(frozen=True)
class Asked:
    """What a list is asked for.

    Attributes:
        search: words that names must hold.
        sort: one of `SORTS`.
        page: from 1 on.
    """

    search: str = ""
    sort: str = SORTS[0]
    page: int = 1


@dataclass(frozen=True)
class Listed:
    """One page of a list.

    Attributes:
        rows: with the columns of the table, and `key`.
        found: how many there are on all pages.
        pages: how many pages.
        first: position of the first row in what was found, from 1 on.
        most: plays of the most played of all rows, found or not.
        is_top: whether only the 100 most played of the period are known.
        at_least: whether plays may be missing.
    """

    rows: Sequence[Row] = ()
    found: int = 0
    pages: int = 1
    first: int = 1
    most: int = 1
    is_top: bool = False
    at_least: bool = False


@dataclass(frozen=True)
class MonthOf:
    """One month of an item, also one in which it was not heard.

    Attributes:
        month: its first day.
        plays: in it.
        minutes: heard in it.
        rank: in it; None where it was not heard.
    """

    month: date
    plays: int
    minutes: float
    rank: int | None


@dataclass(frozen=True)
class Item:
    """An artist or a song.

    Attributes:
        row: of its table.
        of: how many there are in the scope.
        months: every month from its first to the last that is known.
        hours: plays by hour of the day, from midnight on.
        contexts: names and plays, most plays first.
    """

    row: Row
    of: int
    months: Sequence[MonthOf]
    hours: Sequence[int]
    contexts: Sequence[tuple[str, int]]


def ranked(kind: Kind, reading: Reading, choices: Choices) -> pa.Table:
    """Rows of the period in order of rank, with the columns of every list.

    Of all time every item; of a month or a year the 100 most played.
    """
    if choices.year:
        return top(kind, reading, choices)
    rows = reading.table(
        kind.table,
        [kind.key, "rank", kind.name, *kind.own, "plays", "minutes", *_OF_ALL_TIME],
        {"scope": choices.scope},
    )
    rows = rows.rename_columns(["key" if n == kind.key else n for n in rows.column_names])
    return rows.sort_by("rank")


_OF_ALL_TIME = ("first_heard_on", "last_heard_on", "days_heard", "at_least")


def top(kind: Kind, reading: Reading, choices: Choices) -> pa.Table:
    """The 100 most played of the period, all time among them, in order of rank, with moves.

    Args:
        kind: of what.
        reading: the listener's tables.
        choices: scope and period.
    """
    columns = [kind.top_key, "rank", kind.name, *kind.top_own, "plays", "minutes", "move"]
    columns += ["rank_before", "at_least"]
    where: Row = {"scope": choices.scope}
    if choices.month:
        name, away = f"{kind.top}_by_month", "away_months"
        where["month"] = choices.month.first
    else:
        name, away = f"{kind.top}_by_year", "away_years"
        where["year"] = choices.year or 0
    rows = reading.table(name, [*columns, away], where)
    rows = rows.rename_columns(["key" if n == kind.top_key else n for n in rows.column_names])
    return rows.sort_by("rank")


def load_list(kind: Kind, reading: Reading, choices: Choices, asked: Asked) -> Listed:
    """What a list shows.

    Args:
        kind: of what.
        reading: the listener's tables.
        choices: scope and period.
        asked: what of the list.
    """
    rows = ranked(kind, reading, choices)
    is_top = bool(choices.year)
    if not len(rows):
        return Listed(is_top=is_top)
    most = pc.max(rows["plays"]).as_py()
    words = words_of(asked.search)
    found = rows.filter(holding(words, *(rows[name] for name in kind.texts))) if words else rows
    found = _sorted(found, asked.sort, kind)
    pages = max(1, -(-len(found) // PER_PAGE))
    first = (min(asked.page, pages) - 1) * PER_PAGE
    return Listed(
        found.slice(first, PER_PAGE).to_pylist(),
        len(found),
        pages,
        first + 1,
        most,
        is_top,
        pc.any(rows["at_least"]).as_py(),
    )


def load_item(kind: Kind, reading: Reading, choices: Choices, key: str) -> Item | None:
    """One item, of all time; None where there is none in the scope.

    Args:
        kind: of what.
        reading: the listener's tables.
        choices: the scope.
        key: of the item.
    """
    rows = reading.table(kind.table, where={"scope": choices.scope, kind.key: key}).to_pylist()
    if not rows:
        return None
    [row] = rows
    scopes = reading.table(kind.table, ["scope"], {"scope": choices.scope})
    last = max([*reading.months[-1:], *(Month.of(one["month"]) for one in row["by_month"][-1:])])
    return Item(
        row,
        len(scopes),
        every_month(row["by_month"], last),
        [one["plays"] for one in row["by_hour"]],
        [(one["context"], one["plays"]) for one in row["contexts"]],
    )


def every_month(by_month: Sequence[Row], last: Month) -> list[MonthOf]:
    """The months of an item, and those between in which it was not heard.

    Args:
        by_month: as its table has them, in order of time.
        last: the month to end with, not before the last of them.
    """
    if not by_month:
        return []
    known = {Month.of(one["month"]): one for one in by_month}
    months, month = [], min(known)
    while month <= last:
        one = known.get(month, {"plays": 0, "minutes": 0.0, "rank": None})
        months.append(MonthOf(month.first, one["plays"], one["minutes"], one["rank"]))
        month = month.plus_months(1)
    return months


def away_words(row: Mapping[str, Any]) -> str:
    """For how long an entry of a top was away; nothing where nobody knows."""
    if months := row.get("away_months"):
        return counted(months, "month")
    if years := row.get("away_years"):
        return counted(years, "year")
    return ""


def _sorted(rows: pa.Table, sort: str, kind: Kind) -> pa.Table:
    """Rows in an order; those that are equal in it stay in order of rank."""
    by = {
        "minutes": ("minutes", "descending"),
        "first": ("first_heard_on", "descending"),
        "last": ("last_heard_on", "descending"),
    }
    if sort == "name":
        names = pc.utf8_lower(pc.fill_null(rows[kind.name], ""))
        order = pc.sort_indices(
            pa.table({"name": names, "rank": rows["rank"]}),
            sort_keys=[("name", "ascending"), ("rank", "ascending")],
        )
        return rows.take(order)
    if sort in by and by[sort][0] in rows.column_names:
        return rows.sort_by([by[sort], ("rank", "ascending")])
    return rows
