"""Checks on context labels, on the sessions and months they make, and on what they rest on.

Add here what labels must always be, and what should make a person look at them. The figures
behind the warnings belong in `listening/contexts/drift.py`.
"""

from datetime import UTC, datetime

import pyarrow as pa

from pipelines import runs
from pipelines.assets import contexts
from pipelines.checks.suite import Rule, checks, latest_months, rules_of
from pipelines.listening.context_tables import CONTEXTS_BY_MONTH, LABELLED_PLAYS, SESSIONS
from pipelines.listening.contexts import CONTEXTS, drift
from pipelines.listening.table import RefusedTable, Table
from pipelines.resources.lake import Lake

LEAST_TELLING = 0.05
"""With evidence of what was heard for fewer plays, labels rest on clock and habits. Reasoned."""

MOST_UNSURE = 0.5
"""Share of minutes: where more are unsure, the labels are a guess as a whole. Reasoned."""

ROUNDING = 1e-6
"""How far shares may be from adding up to one."""


def _as_declared(rows: pa.Table, table: Table) -> pa.Table:
    """What figures can be made of; none of what is not as declared, since other rules say so."""
    try:
        return table.recognise(rows)
    except RefusedTable:
        return table.empty()


def _one_row(table: pa.Table) -> dict[str, float]:
    """The numbers of a table with at most one row, by column."""
    return {name: value for row in table.to_pylist() for name, value in row.items()}


def _labels(lake: Lake, listener: str, day: str | None) -> dict[str, pa.Table]:
    rows = latest_months(lake, listener, LABELLED_PLAYS, day)
    manifest = lake.document(f"users/{listener}/labelled_plays/_manifest.json") or {}
    return {
        "": rows,
        "evidence": drift.what_labels_rest_on(manifest),
        "confidence": drift.how_sure_labels_are(_as_declared(rows, LABELLED_PLAYS)),
    }


LABELS_RULES = [
    *rules_of(LABELLED_PLAYS),
    Rule(
        "context_is_known",
        "ExpectColumnValuesToBeInSet",
        {"column": "context", "value_set": CONTEXTS},
    ),
    Rule(
        "context_confidence_is_a_share",
        "ExpectColumnValuesToBeBetween",
        {"column": "context_confidence", "min_value": 0, "max_value": 1},
    ),
    Rule(
        "labels_rest_on_more_than_clock_and_habits",
        "ExpectColumnValuesToBeBetween",
        {"column": "telling", "min_value": LEAST_TELLING},
        "evidence",
        blocking=False,
        figures=_one_row,
    ),
    Rule(
        "most_labels_are_sure",
        "ExpectColumnValuesToBeBetween",
        {"column": "unsure", "max_value": MOST_UNSURE},
        "confidence",
        blocking=False,
        figures=_one_row,
    ),
]

labels_checks = checks(contexts.labelled_plays, LABELS_RULES, _labels)


def _sessions(lake: Lake, listener: str, _: str | None) -> dict[str, pa.Table]:
    return {"": lake.peek(f"users/{listener}/{SESSIONS.path}", SESSIONS)}


SESSIONS_RULES = [
    *rules_of(SESSIONS),
    Rule(
        "session_does_not_end_before_it_starts",
        "ExpectColumnPairValuesAToBeGreaterThanB",
        # A single play of unknown length starts when it ends.
        {"column_A": "ended_at", "column_B": "started_at", "or_equal": True},
    ),
]

sessions_checks = checks(contexts.context_tables, SESSIONS_RULES, _sessions, of="sessions")


def _months(lake: Lake, listener: str, day: str | None) -> dict[str, pa.Table]:
    rows = lake.peek(f"users/{listener}/{CONTEXTS_BY_MONTH.path}", CONTEXTS_BY_MONTH)
    declared = _as_declared(rows, CONTEXTS_BY_MONTH)
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
    *rules_of(CONTEXTS_BY_MONTH),
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

months_checks = checks(contexts.context_tables, MONTHS_RULES, _months, of="contexts_by_month")
