"""What stands on a card: figures and names of one period, as words.

Add here what a card should say; where it stands is `drawn.py`. Every figure is that of its table.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

Row = dict[str, Any]
Rows = list[Row]

ALL = "all"
"""The period of everything that is known; others are a year, '2026', and a month, '2026-03'."""

SCOPES = ("all", "mine")

_NAMES = 5
_SHORT_MINUTES = 90
_FEW_HOURS = 10
_FEW_YEARS = 3
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August"),
    *("September", "October", "November", "December"),
)
_APOSTROPHE = "\u2019"


@dataclass(frozen=True)
class Figure:
    """A number with what it counts.

    Attributes:
        words: the number as it is read.
        unit: what is counted.
        least: there may be more.
    """

    words: str
    unit: str
    least: bool


@dataclass(frozen=True)
class Ranked:
    """An artist or a song with its plays.

    Attributes:
        name: of the artist or the song.
        by: the song's artist; empty for an artist.
        plays: as it is read, with 'at least' where there may be more.
    """

    name: str
    by: str
    plays: str


@dataclass(frozen=True)
class Card:
    """All that a card says.

    Attributes:
        title: the period.
        subtitle: whose it is, or what.
        figures: the great numbers.
        artists: the most played ones, the first first.
        songs: likewise.
        bars: what was heard part by part: of a month's days, a year's months, or all years, with
            the name of each part, or an empty one.
        remark: what has to be known to read it.
    """

    title: str
    subtitle: str
    figures: tuple[Figure, ...]
    artists: tuple[Ranked, ...]
    songs: tuple[Ranked, ...]
    bars: tuple[tuple[str, float], ...]
    remark: str


def cards_of(tables: Mapping[str, pa.Table], scope: str, name: str | None) -> dict[str, Card]:
    """The card of each period in which something was played.

    Args:
        tables: insights by name; any may be empty or missing.
        scope: all, or mine.
        name: what the listener wants to be called on cards; None: no name stands there.

    Returns:
        By period: all time, then years, then months, the first first.
    """
    rows = {table: _rows(tables, table, scope) for table in _TABLES}
    days = {month: list(same) for month, same in groupby(rows["listening_by_day"], _month_of)}
    years = sorted(rows["listening_by_year"], key=lambda row: row["year"])
    tops = {
        table: {
            part: sorted(same, key=lambda row: row["rank"])[:_NAMES]
            for part, same in groupby(rows[table], lambda row: row.get("year", row.get("month")))
        }
        for table in _TABLES
        if table.startswith("top_")
    }
    cards = {}
    span = _span([row["year"] for row in years if row["year"]])
    for row in years:
        if row["plays"]:
            year = row["year"]
            subtitle = (
                _subtitle(name, "A year in music") if year else _subtitle(name, "Music") + span
            )
            bars = _bars_of_year(rows["listening_by_month"], year) if year else _bars_of_all(rows)
            names = (
                tops["top_artists_by_year"].get(year, []),
                tops["top_tracks_by_year"].get(year, []),
            )
            title = str(year) if year else "All time"
            cards[str(year or ALL)] = _card(title, subtitle, row, names, bars)
    for row in rows["listening_by_month"]:
        if row["plays"]:
            month = row["month"]
            names = (
                tops["top_artists_by_month"].get(month, []),
                tops["top_tracks_by_month"].get(month, []),
            )
            title = f"{_MONTHS[month.month - 1]} {month.year}"
            subtitle = _subtitle(name, "A month in music")
            bars = _bars_of_days(days.get(month, []))
            cards[f"{month:%Y-%m}"] = _card(title, subtitle, row, names, bars)
    return cards


_TABLES = (
    "listening_by_year",
    "listening_by_month",
    "listening_by_day",
    "top_artists_by_year",
    "top_tracks_by_year",
    "top_artists_by_month",
    "top_tracks_by_month",
)


def _rows(tables: Mapping[str, pa.Table], name: str, scope: str) -> Rows:
    if name not in tables:
        return []
    table = tables[name].filter(pc.field("scope") == scope)
    first = next(one for one in ("year", "month", "day") if one in table.column_names)
    # Only what a card may say is taken from the table.
    return table.sort_by(first).to_pylist()  # type: ignore[no-any-return]


def _month_of(row: Row) -> date:
    day: date = row["day"]
    return day.replace(day=1)


def whose(name: str) -> str:
    """Of whom something is, before what it is; who is called `me` reads of themselves."""
    return "My" if name == "me" else f"{name}{_APOSTROPHE}s"


def _subtitle(name: str | None, without: str) -> str:
    return f"{whose(name)} music" if name else without


def _span(years: list[int]) -> str:
    if len(years) < 2:  # noqa: PLR2004 from one to another
        return f", {years[0]}" if years else ""
    return f", {years[0]} to {years[-1]}"


def _card(
    title: str,
    subtitle: str,
    row: Row,
    names: tuple[Rows, Rows],
    bars: Iterable[tuple[str, float]],
) -> Card:
    least = row["at_least"]
    artists, songs = names
    silent = row["unknown_lengths"] > 0 and not row["minutes"]
    days = row["days_heard"]
    return Card(
        title=title,
        subtitle=subtitle,
        figures=(
            *(() if silent else (_time(row["minutes"], least),)),
            Figure(f"{row['plays']:,}", _counted(row["plays"], "play"), least),
            Figure(f"{days:,}", f"{_counted(days, 'day')} with music", least),
        ),
        artists=tuple(
            Ranked(one["artist_name"] or "an unnamed artist", "", _plays(one)) for one in artists
        ),
        songs=tuple(
            Ranked(
                one["track_name"] or "an unnamed song",
                one["artist_name"] or "artist not known",
                _plays(one),
            )
            for one in songs
        ),
        bars=tuple(bars),
        remark="“At least”: some plays may be missing." if least else "",
    )


def _time(minutes: float, least: bool) -> Figure:
    if minutes < _SHORT_MINUTES:
        rounded = _rounded(minutes)
        return Figure(f"{rounded:,}", _counted(rounded, "minute"), least)
    hours = minutes / 60
    if hours < _FEW_HOURS:
        return Figure(f"{_rounded(10 * hours) / 10:g}", "hours", least)
    return Figure(f"{_rounded(hours):,}", "hours", least)


def _rounded(value: float) -> int:
    """As the page rounds: a half goes up."""
    return int(value + 0.5)


def _counted(count: int, what: str) -> str:
    return what if count == 1 else f"{what}s"


def _plays(row: Row) -> str:
    return f"{'at least ' if row['at_least'] else ''}{row['plays']:,}"


def _bars_of_year(months: Rows, year: int) -> list[tuple[str, float]]:
    heard = {row["month"].month: row["minutes"] for row in months if row["month"].year == year}
    return [(name[0], heard.get(number, 0.0)) for number, name in enumerate(_MONTHS, 1)]


def _bars_of_all(rows: Mapping[str, Rows]) -> list[tuple[str, float]]:
    years = {row["year"]: row["minutes"] for row in rows["listening_by_year"] if row["year"]}
    if len(years) > _FEW_YEARS:
        return [(_short(year), minutes) for year, minutes in years.items()]
    months = rows["listening_by_month"]
    return [
        (_short(row["month"].year) if n == 0 or row["month"].month == 1 else "", row["minutes"])
        for n, row in enumerate(months)
    ]


def _short(year: int) -> str:
    return f"{_APOSTROPHE}{year % 100:02}"


def _bars_of_days(days: Rows) -> list[tuple[str, float]]:
    return [
        (str(day) if day == 1 or day % 5 == 0 else "", row["minutes"])
        for row in days
        for day in [row["day"].day]
    ]
