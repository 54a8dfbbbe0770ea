"""Checks on insights: what must hold between their rows, and what should make a person look.

Compare rows of one table only: others may have been made of other plays. What a single row may hold
is refused before it is written.
"""

from datetime import UTC, datetime

import pyarrow as pa

from pipelines import run_context
from pipelines.assets.insights import insight_tables
from pipelines.checks.suite import Rule, as_declared, checks, rules_of
from pipelines.listening.contexts import drift
from pipelines.listening.insights.runner import insights
from pipelines.listening.schema.sql import query
from pipelines.resources.lake.tables import Lake

ROUNDING = 1e-6
"""How far shares may be from adding up to one."""


def _listening(lake: Lake, listener: str, _: str | None) -> dict[str, pa.Table]:
    table = insights()["listening_by_month"].table
    rows = as_declared(lake.peek(f"users/{listener}/{table.path}", table), table)
    return {"": query(_SIDE_BY_SIDE, rows=rows)}


_SIDE_BY_SIDE = """
SELECT month, mine.plays AS my_plays, every.plays, mine.minutes AS my_minutes, every.minutes,
    mine.plays > every.plays OR mine.minutes > every.minutes OR mine.tracks > every.tracks
        OR mine.artists > every.artists OR mine.sessions > every.sessions AS more_than_all
FROM (FROM rows WHERE scope = 'mine') mine JOIN (FROM rows WHERE scope = 'all') every USING (month)
ORDER BY month
"""

LISTENING_RULES = [
    Rule(
        "mine_is_never_more_than_all",
        "ExpectColumnValuesToBeInSet",
        {"column": "more_than_all", "value_set": [False]},
    ),
]

listening_checks = checks(insight_tables, LISTENING_RULES, _listening, of="listening_by_month")


def _months(lake: Lake, listener: str, day: str | None) -> dict[str, pa.Table]:
    table = insights()["contexts_by_month"].table
    rows = lake.peek(f"users/{listener}/{table.path}", table)
    declared = as_declared(rows, table)
    today = run_context.as_date(day) if day else datetime.now(UTC).date()
    return {
        "": rows,
        "in_all": drift.totals_by_month(declared),
        "jumps": drift.jumps(declared, today),
    }


def _shares(jumps: pa.Table) -> dict[str, float]:
    rows = jumps.to_pylist()
    usual = {f"{row['context']}_usually": row["usual"] for row in rows}
    return {row["context"]: row["share"] for row in rows} | usual


MONTHS_RULES = [
    *rules_of(insights()["contexts_by_month"].table),
    Rule(
        "shares_of_a_month_add_up",
        "ExpectColumnValuesToBeBetween",
        {"column": "share", "min_value": 1 - ROUNDING, "max_value": 1 + ROUNDING},
        "in_all",
    ),
    Rule(
        "no_share_jumped",
        "ExpectColumnValuesToBeInSet",
        {"column": "jumped", "value_set": [False]},
        "jumps",
        blocking=False,
        figures=_shares,
    ),
]

months_checks = checks(insight_tables, MONTHS_RULES, _months, of="contexts_by_month")
