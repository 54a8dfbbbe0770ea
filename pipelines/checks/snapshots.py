"""Checks on the snapshots of a date.

Add here what a date's tables must mean. A date's three top lists are checked together; the metadata
names the time range of what is wrong. What spans dates belongs in `ledger.py`.
"""

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from pipelines import run_context
from pipelines.assets import snapshots
from pipelines.checks.suite import (
    Check,
    Load,
    Stored,
    asset_checks,
    check,
    structure_of,
)
from pipelines.listening.schema.table import Table
from pipelines.listening.schema.tables import (
    RECENT_TRACKS,
    REFUSED,
    TIME_RANGES,
    TOP_ARTISTS,
    TOP_TRACKS,
)
from pipelines.resources.lake.lakes import ListenerLake

MOSTLY = 0.9
"""Share of rows that should have a value in columns that Spotify has always filled. Reasoned."""


def mostly_there(column: str, table: str = "") -> Check:
    """A warning where a column is null more often than it should be.

    Args:
        column: its name.
        table: name of the table it is in, as in `Rule`.
    """
    return check(
        f"{column}_is_mostly_there",
        "ExpectColumnValuesToNotBeNull",
        {"column": column, "mostly": MOSTLY},
        table,
        blocking=False,
    )


def _recent(lake: ListenerLake, date: str | None) -> Stored:
    day = {"date": date or ""}
    return Stored.one(
        RECENT_TRACKS.path.format(**day),
        lake.read_unvalidated(RECENT_TRACKS, **day),
        refused=lake.read_unvalidated(REFUSED, **day),
    )


RECENT_CHECKS = [
    structure_of(RECENT_TRACKS),
    *(mostly_there(column) for column in ("track_id", "artist_id", "duration_ms")),
    check(
        "no_row_was_refused",
        # Every refused row has a reason: each is an example.
        "ExpectColumnValuesToBeNull",
        {"column": "reason"},
        "refused",
        blocking=False,
    ),
]

recent_tracks_checks = asset_checks(
    snapshots.recent_tracks, RECENT_CHECKS, _recent, partitions=run_context.dates
)


def lists(by_range: Mapping[str, pa.Table], identity: str) -> pa.Table:
    """Figures about a date's top lists, for checks.

    Args:
        by_range: the stored rows of each list, by time range.
        identity: the column that identifies the track or artist.

    Returns:
        One row per list: `time_range`, its number of `rows`, how many ranks from 1 to the last
        are `missing_ranks`, and the share of rows `with_identity`, null for an empty list.
    """
    return pa.Table.from_pylist(
        [
            {
                "time_range": time_range,
                "rows": len(rows),
                "missing_ranks": _missing_ranks(rows),
                "with_identity": _share_there(rows, identity),
            }
            for time_range, rows in by_range.items()
        ],
        _LISTS,
    )


_LISTS = pa.schema(
    [
        ("time_range", pa.string()),
        ("rows", pa.int64()),
        ("missing_ranks", pa.int64()),
        ("with_identity", pa.float64()),
    ]
)


def _missing_ranks(rows: pa.Table) -> int | None:
    if "rank" not in rows.column_names or not pa.types.is_integer(rows["rank"].type):
        return None
    ranks = {rank for rank in rows["rank"].to_pylist() if rank is not None}
    # Invalid ranks, such as 0, are in the place of missing ones.
    return len(set(range(1, max([*ranks, len(ranks)]) + 1)) - ranks) if ranks else 0


def _share_there(rows: pa.Table, column: str) -> float | None:
    if column not in rows.column_names or not len(rows):
        return None
    return 1 - float(pc.sum(rows[column].is_null()).as_py()) / len(rows)


def _of_lists(table: Table, identity: str) -> list[Check]:
    return [
        structure_of(table, apart=True),
        check(
            "ranks_have_no_holes",
            "ExpectColumnValuesToBeBetween",
            {"column": "missing_ranks", "max_value": 0},
            "lists",
            counted="lists",
        ),
        check(
            "lists_are_not_empty",
            "ExpectColumnValuesToBeBetween",
            {"column": "rows", "min_value": 1},
            "lists",
            blocking=False,
            counted="lists",
        ),
        check(
            f"{identity}_is_mostly_there",
            "ExpectColumnValuesToBeBetween",
            {"column": "with_identity", "min_value": MOSTLY},
            "lists",
            blocking=False,
            counted="lists",
        ),
    ]


def _lists(table: Table, identity: str) -> Load[ListenerLake]:
    def load(lake: ListenerLake, date: str | None) -> Stored:
        by_range = {
            name: lake.read_unvalidated(table, date=date or "", time_range=name)
            for name in TIME_RANGES
        }
        files = {
            table.path.format(date=date, time_range=name): rows for name, rows in by_range.items()
        }
        return Stored({"lists": lists(by_range, identity)}, files)

    return load


TOP_TRACKS_CHECKS = _of_lists(TOP_TRACKS, "track_id")
TOP_ARTISTS_CHECKS = _of_lists(TOP_ARTISTS, "artist_id")

top_tracks_checks = asset_checks(
    snapshots.top_tracks,
    TOP_TRACKS_CHECKS,
    _lists(TOP_TRACKS, "track_id"),
    partitions=run_context.dates,
)
top_artists_checks = asset_checks(
    snapshots.top_artists,
    TOP_ARTISTS_CHECKS,
    _lists(TOP_ARTISTS, "artist_id"),
    partitions=run_context.dates,
)
