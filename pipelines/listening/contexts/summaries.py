"""Tables computed from labelled plays: sessions, and the evaluation against manual labels.

Add a table here if it is about labels as a whole. Figures by month are insights.
"""

import numpy as np
import pyarrow as pa

from pipelines.listening.contexts import CONTEXTS
from pipelines.listening.contexts.evaluation import Evaluation, evaluate
from pipelines.listening.contexts.labels import decide
from pipelines.listening.contexts.timeline import UNKNOWN_LENGTH
from pipelines.listening.contexts.weights import Weights
from pipelines.listening.schema.context_tables import SESSIONS
from pipelines.listening.schema.sql import query
from pipelines.listening.schema.table import Table

COLUMNS = (
    "played_at",
    "started_at",
    "local_time",
    "recording_id",
    "ms_played",
    "ms_played_source",
    "skipped",
    "played_from_uri",
    "played_from_name",
    "session_id",
    "context",
    "context_confidence",
    "context_scores",
    "context_evidence",
    "context_given",
    "mine",
)
"""The columns of `labelled_plays` from which these tables are computed."""


def sessions(plays: pa.Table) -> pa.Table:
    """One row per session; its context is the one with most of its minutes.

    Args:
        plays: `labelled_plays` rows, at least the columns `COLUMNS`.
    """
    return _conformed(SESSIONS, query(_SESSIONS, plays=plays))


def evaluation(plays: pa.Table, weights: Weights) -> tuple[Evaluation, pa.Table]:
    """Evaluate labels by the evidence alone against sessions labelled by hand.

    Args:
        plays: `labelled_plays` rows, at least the columns `COLUMNS`.
        weights: the weights with which they were labelled.

    Returns:
        The evaluation, and the number of sessions labelled by hand for each context.
    """
    by_hand = query("SELECT * FROM plays WHERE context_given = 'session'", plays=plays)
    scores = by_hand["context_scores"].combine_chunks().flatten().field("score")
    probabilities = scores.to_numpy(zero_copy_only=False).reshape(-1, len(CONTEXTS))
    chosen, confidence = decide(probabilities, weights)
    minutes = query(f"SELECT {_WEIGHT} / 60000 AS minutes FROM p", p=by_hand)["minutes"]  # noqa: S608 a constant
    predicted = pa.array(CONTEXTS).take(pa.array(chosen))
    result = evaluate(
        by_hand["context"].combine_chunks(),
        predicted,
        pa.array(confidence),
        minutes.combine_chunks(),
    )
    return result, query(_LABELLED, plays=by_hand, contexts=_contexts())


def _contexts() -> pa.Table:
    return pa.table({"context": CONTEXTS, "position": np.arange(len(CONTEXTS))})


def _conformed(table: Table, rows: pa.Table) -> pa.Table:
    return table.conform(rows.select(table.schema.names).cast(table.schema))


_WEIGHT = f"if(ms_played_source = 'unknown', {UNKNOWN_LENGTH}, coalesce(ms_played, 0))"
"""DuckDB SQL: the milliseconds with which a play counts where contexts are compared."""

_LABELLED = """
SELECT count(DISTINCT session_id)::INTEGER AS sessions
FROM contexts LEFT JOIN plays USING (context) GROUP BY context, position ORDER BY position
"""

_SESSIONS = f"""
-- Sums of integers, which do not depend on the order of rows.
WITH timed AS (
    SELECT *, coalesce(started_at, played_at) AS start, coalesce(ms_played, 0) AS ms,
        {_WEIGHT} AS weight,
        round(context_confidence * 1e6)::BIGINT AS sure,
        local_time - to_milliseconds(coalesce(ms_played, 0)) AS local_start
    FROM plays
),
whole AS (
    SELECT session_id,
        min(start) AS started_at,
        max(played_at) AS ended_at,
        min(local_start)::DATE AS local_date,
        count(*) AS plays,
        sum(ms) AS ms,
        sum(weight) AS weight,
        count(*) - count(ms_played) AS unknown_lengths,
        count(DISTINCT recording_id) AS unique_tracks,
        avg(skipped::INTEGER) AS skip_share,
        first(coalesce(played_from_name, played_from_uri) ORDER BY start, played_at) AS opened_from
    FROM timed GROUP BY session_id
),
by_context AS (
    SELECT session_id, context, sum(weight) AS weight, count(*) AS plays,
        sum(weight * sure) AS sure, sum(sure) AS sure_by_plays, bool_and(mine) AS mine
    FROM timed GROUP BY ALL
),
main AS (
    SELECT * FROM by_context
    QUALIFY row_number() OVER (
        PARTITION BY session_id ORDER BY weight DESC, plays DESC, context
    ) = 1
),
explained AS (
    SELECT session_id, explanation, count(*) AS times
    FROM (
        SELECT session_id, context, unnest(context_evidence) AS explanation FROM timed
    ) SEMI JOIN main USING (session_id, context)
    GROUP BY ALL
),
evidence AS (
    SELECT session_id, list(explanation ORDER BY times DESC, explanation)[:3] AS context_evidence
    FROM explained GROUP BY session_id
)
SELECT whole.*, whole.ms / 60000 AS minutes, main.context, main.mine,
    (if(whole.weight > 0, main.sure / whole.weight, main.sure_by_plays / whole.plays) / 1e6)::FLOAT
        AS context_confidence,
    coalesce(context_evidence, []) AS context_evidence
FROM whole JOIN main USING (session_id) LEFT JOIN evidence USING (session_id)
"""  # noqa: S608 built from constants of this module
