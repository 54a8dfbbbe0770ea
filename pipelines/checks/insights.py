"""Checks on insights: that tables agree with each other, and what should make a person look.

Add here what must hold between tables, and what is odd about a month. What a single row may hold
is refused before it is written.
"""

from datetime import UTC, datetime

import pyarrow as pa

from pipelines import runs
from pipelines.assets.insights import insight_tables
from pipelines.checks.suite import Rule, as_declared, checks, rules_of
from pipelines.listening.contexts import drift
from pipelines.listening.insights import insights
from pipelines.listening.sql import query
from pipelines.resources.lake import Lake

ROUNDING = 1e-6
"""How far shares may be from adding up to one."""

COUNTED = ("listening_by_hour", "listening_by_day", "listening_by_month")
"""Insights that count every play once."""


def _counted(lake: Lake, listener: str, _: str | None) -> dict[str, pa.Table]:
    home = f"users/{listener}/"
    tables = {name: insights()[name].table for name in COUNTED}
    found = {
        name: as_declared(lake.peek(f"{home}{table.path}", table), table)
        for name, table in tables.items()
        if lake.etag(f"{home}{table.path}")
    }
    counts = " UNION ALL ".join(
        f"SELECT '{name}' AS insight, scope, plays FROM {name}"  # noqa: S608 names from above
        for name in found
    )
    return {"": query(_BY_SCOPE.format(counts=counts), **found)}


_BY_SCOPE = """
WITH summed AS (
    SELECT scope, insight, sum(plays)::BIGINT AS plays FROM ({counts}) GROUP BY ALL
)
SELECT scope, count(DISTINCT plays) AS different_sums FROM summed GROUP BY scope ORDER BY scope
"""

LISTENING_RULES = [
    Rule(
        "hours_days_and_months_have_the_same_plays",
        "ExpectColumnValuesToBeInSet",
        {"column": "different_sums", "value_set": [1]},
    ),
]

listening_checks = checks(insight_tables, LISTENING_RULES, _counted, of="listening_by_month")


def _months(lake: Lake, listener: str, day: str | None) -> dict[str, pa.Table]:
    table = insights()["contexts_by_month"].table
    rows = lake.peek(f"users/{listener}/{table.path}", table)
    declared = as_declared(rows, table)
    today = runs.as_date(day) if day else datetime.now(UTC).date()
    return {
        "": rows,
        "in_all": drift.months_in_all(declared),
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
