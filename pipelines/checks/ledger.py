"""Checks on the ledger and its gaps."""

import pyarrow as pa

from pipelines.assets import ledger
from pipelines.checks.snapshots import IN_TIME, mostly_there
from pipelines.checks.suite import Rule, checks, latest_months, rules_of
from pipelines.listening.schema.tables import GAPS, PLAYS
from pipelines.resources.lake.lakes import Lake


def _plays(lake: Lake, listener: str, day: str | None) -> dict[str, pa.Table]:
    return {"": latest_months(lake, listener, PLAYS, day)}


PLAYS_RULES = [
    *rules_of(PLAYS),
    Rule("played_at_is_in_time", "ExpectColumnValuesToBeBetween", IN_TIME, blocking=False),
    Rule(
        "ms_played_is_not_negative",
        "ExpectColumnValuesToBeBetween",
        {"column": "ms_played", "min_value": 0},
    ),
    *(mostly_there(column) for column in ("track_name", "artist_name", "ms_played")),
]

plays_checks = checks(ledger.plays, PLAYS_RULES, _plays)


def _gaps(lake: Lake, listener: str, _: str | None) -> dict[str, pa.Table]:
    gaps = lake.of(listener).read_unvalidated(GAPS)
    is_open = gaps["closed_at"].is_null() if "closed_at" in gaps.column_names else None
    return {"": gaps, "open": gaps.filter(is_open) if is_open is not None else gaps}


GAPS_RULES = [
    *rules_of(GAPS),
    Rule(
        "gap_ends_after_it_starts",
        "ExpectColumnPairValuesAToBeGreaterThanB",
        {"column_A": "gap_end", "column_B": "gap_start"},
    ),
    Rule(
        "no_gap_is_open",
        # A null in a column that no open gap fills: every open gap is an example.
        "ExpectColumnValuesToNotBeNull",
        {"column": "closed_at"},
        "open",
        blocking=False,
    ),
]

gaps_checks = checks(ledger.gaps, GAPS_RULES, _gaps)
