"""Checks on the snapshots of a date."""

from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from pipelines import run_context
from pipelines.assets import snapshots
from pipelines.checks.suite import Load, Rule, checks, rules_of
from pipelines.ingest.recent_tracks import RecentTracks
from pipelines.listening.api.polled import MAX_CLOCK_SKEW
from pipelines.listening.schema.table import Table
from pipelines.listening.schema.tables import (
    RECENT_TRACKS,
    REFUSED,
    TIME_RANGES,
    TOP_ARTISTS,
    TOP_TRACKS,
)
from pipelines.listening.time.intervals import FIRST_PLAY_EVER
from pipelines.resources.lake.tables import Lake

MOSTLY = 0.9
"""Share of rows in which a column that Spotify always told should be there. Reasoned."""


def latest(_: pa.Table) -> datetime:
    """The latest time at which a play can have ended: now, by either clock."""
    return datetime.now(UTC) + MAX_CLOCK_SKEW


def mostly_there(column: str, *, called: str = "") -> Rule:
    """A warning where a column is null more often than it should be."""
    return Rule(
        f"{f'{called}_' if called else ''}{column}_is_mostly_there",
        "ExpectColumnValuesToNotBeNull",
        {"column": column, "mostly": MOSTLY},
        called,
        blocking=False,
    )


IN_TIME: dict[str, Any] = {
    "column": "played_at",
    "min_value": FIRST_PLAY_EVER,
    "max_value": latest,
}


def _recent(lake: Lake, listener: str, date: str | None) -> dict[str, pa.Table]:
    snapshot = RecentTracks(lake, listener, date or "")
    return {
        "": lake.peek(snapshot.path(RECENT_TRACKS), RECENT_TRACKS),
        "refused": lake.peek(snapshot.path(REFUSED), REFUSED),
    }


RECENT_RULES = [
    *rules_of(RECENT_TRACKS),
    # What no answer could show is refused when it is read: past that, our own clock is wrong.
    Rule("played_at_is_in_time", "ExpectColumnValuesToBeBetween", IN_TIME, blocking=False),
    *(mostly_there(column) for column in ("track_id", "artist_id", "duration_ms")),
    Rule(
        "no_row_was_refused", "ExpectTableRowCountToEqual", {"value": 0}, "refused", blocking=False
    ),
]

recent_tracks_checks = checks(
    snapshots.recent_tracks, RECENT_RULES, _recent, partitions=run_context.dates
)


def _ranks(time_range: str) -> list[Rule]:
    ranks = {"column": "rank"}
    return [
        Rule(f"{time_range}_ranks_are_unique", "ExpectColumnValuesToBeUnique", ranks, time_range),
        Rule(
            f"{time_range}_ranks_have_no_holes",
            "ExpectColumnValuesToBeBetween",
            # Unique whole numbers between 1 and their count are all of them.
            {"column": "rank", "min_value": 1, "max_value": lambda ranked: max(1, len(ranked))},
            time_range,
        ),
        Rule(
            f"{time_range}_list_is_not_empty",
            "ExpectTableRowCountToBeBetween",
            {"min_value": 1},
            time_range,
            blocking=False,
        ),
    ]


def _rules(table: Table, mostly: str) -> list[Rule]:
    return [
        rule
        for time_range in TIME_RANGES
        for rule in (
            *(rule for rule in rules_of(table, called=time_range) if "key_is" not in rule.name),
            *_ranks(time_range),
            mostly_there(mostly, called=time_range),
        )
    ]


def _lists(table: Table) -> Load:
    def load(lake: Lake, listener: str, date: str | None) -> dict[str, pa.Table]:
        paths = {name: table.path.format(date=date, time_range=name) for name in TIME_RANGES}
        return {name: lake.peek(f"users/{listener}/{path}", table) for name, path in paths.items()}

    return load


TOP_TRACKS_RULES = _rules(TOP_TRACKS, "track_id")
TOP_ARTISTS_RULES = _rules(TOP_ARTISTS, "artist_id")

top_tracks_checks = checks(
    snapshots.top_tracks, TOP_TRACKS_RULES, _lists(TOP_TRACKS), partitions=run_context.dates
)
top_artists_checks = checks(
    snapshots.top_artists, TOP_ARTISTS_RULES, _lists(TOP_ARTISTS), partitions=run_context.dates
)
