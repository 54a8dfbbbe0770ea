"""Checks on context labels, on sessions, and on the evidence for labels.

Add here what must hold for labels, and what should make a person look at them. The figures behind
the warnings belong in `listening/contexts/drift.py`.
"""

import pyarrow as pa

from pipelines.assets import contexts
from pipelines.checks.structure import as_declared, together
from pipelines.checks.suite import Stored, asset_checks, check, latest_months, structure_of
from pipelines.listening.contexts import CONTEXTS, drift
from pipelines.listening.schema.context_tables import LABELLED_PLAYS, SESSIONS
from pipelines.resources.lake.lakes import ListenerLake, folder_of
from pipelines.resources.lake.manifest import Manifest

MIN_TELLING = 0.05
"""Share of plays: with evidence of what was played for fewer, labels rest on clock and habits.
Reasoned."""

MAX_UNSURE = 0.5
"""Share of minutes with an unsure label: above it, the labels as a whole are a guess. Reasoned."""


def _one_row(table: pa.Table) -> dict[str, float]:
    """The numbers of a table with at most one row, by column."""
    return {name: value for row in table.to_pylist() for name, value in row.items()}


def _labels(lake: ListenerLake, day: str | None) -> Stored:
    files = latest_months(lake, LABELLED_PLAYS, day)
    rows = together(files, LABELLED_PLAYS)
    manifest = Manifest(lake, folder_of(LABELLED_PLAYS)).entries
    tables = {
        "": rows,
        "evidence": drift.evidence_coverage(manifest),
        "confidence": drift.confidence_distribution(as_declared(rows, LABELLED_PLAYS)),
    }
    return Stored(tables, files)


LABELS_CHECKS = [
    structure_of(LABELLED_PLAYS),
    check(
        "context_is_known",
        "ExpectColumnValuesToBeInSet",
        {"column": "context", "value_set": CONTEXTS},
    ),
    check(
        "context_confidence_is_a_share",
        "ExpectColumnValuesToBeBetween",
        {"column": "context_confidence", "min_value": 0, "max_value": 1},
    ),
    check(
        "labels_rest_on_more_than_clock_and_habits",
        "ExpectColumnValuesToBeBetween",
        {"column": "telling", "min_value": MIN_TELLING},
        "evidence",
        blocking=False,
        figures=_one_row,
    ),
    check(
        "most_labels_are_sure",
        "ExpectColumnValuesToBeBetween",
        {"column": "unsure", "max_value": MAX_UNSURE},
        "confidence",
        blocking=False,
        figures=_one_row,
    ),
]

labels_checks = asset_checks(contexts.labelled_plays, LABELS_CHECKS, _labels)


def _sessions(lake: ListenerLake, _: str | None) -> Stored:
    return Stored.one(SESSIONS.path, lake.read_unvalidated(SESSIONS))


SESSIONS_CHECKS = [
    structure_of(SESSIONS),
    check(
        "session_does_not_end_before_it_starts",
        "ExpectColumnPairValuesAToBeGreaterThanB",
        # A single play of unknown length starts when it ends.
        {"column_A": "ended_at", "column_B": "started_at", "or_equal": True},
    ),
]

sessions_checks = asset_checks(contexts.context_tables, SESSIONS_CHECKS, _sessions, of="sessions")
