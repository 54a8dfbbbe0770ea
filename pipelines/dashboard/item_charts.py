"""The charts of the pages of one artist, of one song and of two listeners, by the report's script.

Here rows of those pages become what their charts are drawn from; how they are drawn is in
`report/js/charts/item/`. What is beside the charts belongs to `item_pages.py`.
"""

from collections.abc import Sequence
from typing import Protocol

import pyarrow as pa

from pipelines.dashboard.charts import show_packed
from pipelines.dashboard.choices import Choices
from pipelines.dashboard.items import Item
from pipelines.dashboard.reading import Reading
from pipelines.report.packed import Json, Selection, pack

CHARTS = ("item-plays", "item-rank", "item-hours")

_MONTHS = pa.schema(
    [
        ("month", pa.date32()),
        ("plays", pa.int32()),
        ("minutes", pa.float64()),
        ("rank", pa.int32()),
        ("at_least", pa.bool_()),
    ]
)
_HOURS = pa.schema([("hour", pa.int8()), ("plays", pa.int32()), ("at_least", pa.bool_())])
_COMPARED = pa.schema(
    [
        ("place", pa.int8()),
        ("name", pa.string()),
        ("hour", pa.int8()),
        ("share", pa.float64()),
        ("at_least", pa.bool_()),
    ]
)
_SELECTIONS = {
    "item_months": Selection("month plays minutes rank at_least"),
    "item_hours": Selection("hour plays at_least"),
    "compared_hours": Selection("place name hour share at_least"),
    "listening_by_month": Selection("month"),
}


def packed_item(item: Item, reading: Reading, choices: Choices) -> Json:
    """What the charts of an item are drawn from.

    Args:
        item: the artist or the song.
        reading: the listener's tables.
        choices: the scope.
    """
    known = reading.table("listening_by_month", ["scope", "month", "at_least"])
    missing = {
        row["month"]
        for row in known.to_pylist()
        if row["scope"] == choices.scope and row["at_least"]
    }
    months = [{**vars(one), "at_least": one.month in missing} for one in item.months]
    hours = [
        {"hour": hour, "plays": plays, "at_least": item.row["at_least"]}
        for hour, plays in enumerate(item.hours)
    ]
    tables = {
        "item_months": pa.Table.from_pylist(months, schema=_MONTHS),
        "item_hours": pa.Table.from_pylist(hours, schema=_HOURS),
        "listening_by_month": known,
    }
    return pack(tables, _SELECTIONS)


def show_item_charts(item: Item, reading: Reading, choices: Choices) -> None:
    """Show the charts of an item.

    Args:
        item: the artist or the song.
        reading: the listener's tables.
        choices: scope and period; the last month of the period is marked.
    """
    charts: Sequence[str] = CHARTS
    show_packed(charts, packed_item(item, reading, choices), choices, key="item-charts")


class HourShare(Protocol):
    """An hour of the day of somebody: which, its share of their minutes, and if it may be more."""

    @property
    def hour(self) -> int:
        """0 to 23."""

    @property
    def share(self) -> float:
        """0 to 1."""

    @property
    def at_least(self) -> bool:
        """Whether plays may be missing."""


def packed_hours(people: Sequence[tuple[str, Sequence[HourShare]]], reading: Reading) -> Json:
    """What the chart of two listeners' hours is drawn from.

    Args:
        people: what each is called, with their hours; the reader first.
        reading: the reader's tables.
    """
    rows = [
        {
            "place": place,
            "name": name,
            "hour": one.hour,
            "share": one.share,
            "at_least": one.at_least,
        }
        for place, (name, hours) in enumerate(people)
        for one in hours
    ]
    tables = {
        "compared_hours": pa.Table.from_pylist(rows, schema=_COMPARED),
        "listening_by_month": reading.table("listening_by_month", ["scope", "month"]),
    }
    return pack(tables, _SELECTIONS)


def show_compared_hours(
    people: Sequence[tuple[str, Sequence[HourShare]]], choices: Choices, reading: Reading
) -> None:
    """Show at what hours two listeners listen.

    Args:
        people: what each is called, with their hours; the reader first.
        choices: scope and period.
        reading: the reader's tables.
    """
    show_packed(["compared-hours"], packed_hours(people, reading), choices, key="compared-hours")
