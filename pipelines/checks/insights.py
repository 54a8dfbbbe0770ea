"""Checks on insights: what must hold between their rows, and what should make a person look.

Add here what compares rows of one table: other tables may be derived from other plays. What must
hold for a single row is enforced before it is written.
"""

from datetime import UTC, date, datetime

import pyarrow as pa

from pipelines.assets.insights import insight_tables
from pipelines.checks.structure import as_declared
from pipelines.checks.suite import Stored, asset_checks, check, structure_of
from pipelines.listening.contexts import drift
from pipelines.listening.insights.runner import insights
from pipelines.listening.schema.sql import query
from pipelines.resources.lake.lakes import ListenerLake

ROUNDING = 1e-6
"""How far shares may be from adding up to one."""


def _listening(lake: ListenerLake, _: str | None) -> Stored:
    table = insights()["listening_by_month"].table
    rows = lake.read_unvalidated(table)
    return Stored.one(table.path, rows, months=query(_SIDE_BY_SIDE, rows=as_declared(rows, table)))


_SIDE_BY_SIDE = """
SELECT month, mine.plays AS my_plays, every.plays, mine.minutes AS my_minutes, every.minutes,
    mine.plays > every.plays OR mine.minutes > every.minutes OR mine.tracks > every.tracks
        OR mine.artists > every.artists OR mine.sessions > every.sessions AS more_than_all
FROM (FROM rows WHERE scope = 'mine') mine JOIN (FROM rows WHERE scope = 'all') every USING (month)
ORDER BY month
"""

LISTENING_CHECKS = [
    # If rows are not as declared, the other check has nothing to compare.
    structure_of(insights()["listening_by_month"].table),
    check(
        "mine_is_never_more_than_all",
        "ExpectColumnValuesToBeInSet",
        {"column": "more_than_all", "value_set": [False]},
        "months",
        counted="months",
    ),
]

listening_checks = asset_checks(
    insight_tables, LISTENING_CHECKS, _listening, of="listening_by_month"
)


def _months(lake: ListenerLake, day: str | None) -> Stored:
    table = insights()["contexts_by_month"].table
    rows = lake.read_unvalidated(table)
    declared = as_declared(rows, table)
    today = date.fromisoformat(day) if day else datetime.now(UTC).date()
    return Stored.one(
        table.path, rows, in_all=drift.totals_by_month(declared), jumps=drift.jumps(declared, today)
    )


def _shares(jumps: pa.Table) -> dict[str, float]:
    rows = jumps.to_pylist()
    usual = {f"{row['context']}_usually": row["usual"] for row in rows}
    return {row["context"]: row["share"] for row in rows} | usual


MONTHS_CHECKS = [
    structure_of(insights()["contexts_by_month"].table),
    check(
        "shares_of_a_month_add_up",
        "ExpectColumnValuesToBeBetween",
        {"column": "share", "min_value": 1 - ROUNDING, "max_value": 1 + ROUNDING},
        "in_all",
        counted="months",
    ),
    check(
        "no_share_jumped",
        "ExpectColumnValuesToBeInSet",
        {"column": "jumped", "value_set": [False]},
        "jumps",
        blocking=False,
        figures=_shares,
        counted="contexts",
    ),
]

months_checks = asset_checks(insight_tables, MONTHS_CHECKS, _months, of="contexts_by_month")
