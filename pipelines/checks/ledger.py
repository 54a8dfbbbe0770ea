"""Checks on the ledger and its gaps.

Add here what must hold for plays, and which gaps should make a person look. That a gap ends after
it starts is not checked: gaps shorter than three seconds are never written.
"""

from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.assets import ledger
from pipelines.checks.snapshots import mostly_there
from pipelines.checks.structure import together
from pipelines.checks.suite import (
    Stored,
    asset_checks,
    check,
    latest_months,
    structure_of,
)
from pipelines.listening.api.polled import MAX_CLOCK_SKEW
from pipelines.listening.schema.tables import GAPS, PLAYS
from pipelines.listening.sources.registry import told_by
from pipelines.listening.sources.rows import FIRST_SCROBBLE
from pipelines.resources.lake.lakes import ListenerLake

MEASURED = "measured"


def latest(_: pa.Table) -> datetime:
    """The latest time at which a play can have ended, by any machine's clock."""
    return datetime.now(UTC) + MAX_CLOCK_SKEW


IN_TIME: dict[str, Any] = {
    "column": "played_at",
    "min_value": FIRST_SCROBBLE,
    "max_value": latest,
}


def _plays(lake: ListenerLake, day: str | None) -> Stored:
    files = latest_months(lake, PLAYS, day)
    rows = together(files, PLAYS)
    return Stored({"": rows, MEASURED: rows.filter(_tells_lengths(rows))}, files)


def _tells_lengths(rows: pa.Table) -> pa.ChunkedArray:
    """Of which plays the length should be known: not of those that only scrobbles tell of."""
    if "source" not in rows.column_names:  # the check of its structure says so
        return pa.chunked_array([pa.nulls(len(rows), pa.bool_())])
    told = told_by(rows["source"])
    return pc.or_(told["measured"], told["covered"])


PLAYS_CHECKS = [
    structure_of(PLAYS),
    check("played_at_is_in_time", "ExpectColumnValuesToBeBetween", IN_TIME, blocking=False),
    check(
        "ms_played_is_not_negative",
        "ExpectColumnValuesToBeBetween",
        {"column": "ms_played", "min_value": 0},
    ),
    *(mostly_there(column) for column in ("track_name", "artist_name")),
    mostly_there("ms_played", MEASURED),
]

plays_checks = asset_checks(ledger.plays, PLAYS_CHECKS, _plays)


def _gaps(lake: ListenerLake, _: str | None) -> Stored:
    gaps = lake.read_unvalidated(GAPS)
    is_open = gaps["closed_at"].is_null() if "closed_at" in gaps.column_names else None
    return Stored.one(GAPS.path, gaps, open=gaps.filter(is_open) if is_open is not None else gaps)


GAPS_CHECKS = [
    structure_of(GAPS),
    check(
        "no_gap_is_open",
        # `closed_at` is null in every open gap: each is an example.
        "ExpectColumnValuesToNotBeNull",
        {"column": "closed_at"},
        "open",
        blocking=False,
    ),
]

gaps_checks = asset_checks(ledger.coverage_tables, GAPS_CHECKS, _gaps, of="gaps")
