"""Signs that labels have drifted: their evidence, their confidence, and jumps of monthly shares.

Add a figure here, as a small table, when it shows that somebody should look at the labels. The
thresholds are in the checks; how accurate labels are is `evaluation.py`.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.contexts.timeline import UNKNOWN_LENGTH
from pipelines.listening.schema.sql import query
from pipelines.listening.time.intervals import MINUTE

MIN_MINUTES = 600
"""A month with fewer is a few evenings, each of which changes the shares. Reasoned."""

MONTHS_BEFORE = 6
"""Older months reflect other habits; half a year has two seasons. Reasoned."""

MIN_MONTHS = 3
"""With fewer, the median is one of two months, and either may be the odd one. Reasoned."""

MAX_CHANGE = 0.25
"""Change of a share of the month's minutes: one hour in four more or less. Reasoned."""

MAX_FACTOR = 3
"""A share that falls from 0.6 to 0.33 is no change of habits; one that triples, or falls to a
third, is. Reasoned."""

RECENT_MONTHS = 3
"""How many of the last months with plays are counted."""

CONTENT_EVIDENCE = ("playlist", "names", "genre", "sound")
"""Kinds of evidence about what was played; the others are about when, on what and how often."""

UNSURE = 0.5
"""Labels with less confidence are wrong more often than right, by definition of confidence."""

DECILES = tuple(range(10, 100, 10))


def jumps(by_month: pa.Table, today: date) -> pa.Table:
    """The shares of the last complete month compared with the median of the months before.

    Args:
        by_month: `contexts_by_month` rows.
        today: a day in the first month that is not complete.

    Returns:
        One row per context: `month`, `context`, its `share` of the month's minutes, `usual` (the
        median share before), `months` (how many before), and whether it `jumped`. No rows if the
        month, or too many months before, have too few minutes.
    """
    return query(
        """
        WITH everything AS (SELECT month, context, minutes FROM by_month WHERE scope = 'all'),
        totals AS (SELECT month, sum(minutes) AS total FROM everything GROUP BY month),
        judged AS (SELECT max(month) AS last FROM totals WHERE month < date_trunc('month', $1)),
        enough AS (
            SELECT month, total, month = last AS is_last FROM totals, judged
            WHERE month BETWEEN last - to_months($2) AND last AND total >= $3
        ),
        shares AS (
            SELECT enough.month, context, is_last, coalesce(minutes, 0) / total AS share
            FROM enough CROSS JOIN (SELECT DISTINCT context FROM everything)
            LEFT JOIN everything USING (month, context)
        ),
        beside AS (
            SELECT
                max(month) AS month,
                context,
                max(share) FILTER (is_last) AS share,
                median(share) FILTER (NOT is_last) AS usual,
                count(*) FILTER (NOT is_last) AS months
            FROM shares GROUP BY context
        )
        SELECT
            *,
            abs(share - usual) > $5
            AND greatest(share, usual) > $6 * least(share, usual) AS jumped
        FROM beside WHERE share IS NOT NULL AND months >= $4 ORDER BY share DESC, context
        """,
        params=[
            today,
            MONTHS_BEFORE,
            MIN_MINUTES,
            MIN_MONTHS,
            MAX_CHANGE,
            MAX_FACTOR,
        ],
        by_month=by_month,
    )


def totals_by_month(by_month: pa.Table) -> pa.Table:
    """The sum of each month's shares by scope; months without plays are left out.

    Args:
        by_month: `contexts_by_month` rows.

    Returns:
        One row per scope and month: `scope`, `month`, `minutes`, `share`.
    """
    return query(
        """
        SELECT scope, month, sum(minutes) AS minutes, sum(share) AS share FROM by_month
        GROUP BY scope, month HAVING sum(minutes) > 0 ORDER BY scope, month
        """,
        by_month=by_month,
    )


def evidence_coverage(manifest: Mapping[str, Mapping[str, Any]]) -> pa.Table:
    """The share of recent plays that each kind of evidence covers.

    Args:
        manifest: the manifest of `labelled_plays`: for each path its `rows` and, in `coverage`,
            how many of them have evidence of each kind.

    Returns:
        One row: `plays`, the share of plays by kind, and `telling`: an upper bound of the share
        with evidence about what was played. No row if there are no plays.
    """
    recent = sorted(path for path, month in manifest.items() if month["rows"])[-RECENT_MONTHS:]
    if not recent:
        return pa.table({"telling": pa.array([], pa.float64())})
    months = [manifest[path] for path in recent]
    plays = sum(month["rows"] for month in months)
    kinds = {kind: None for month in months for kind in month["coverage"]}
    shares = {
        kind: sum(month["coverage"].get(kind, 0) for month in months) / plays for kind in kinds
    }
    content = min(1.0, sum(shares.get(kind, 0) for kind in CONTENT_EVIDENCE))
    return pa.Table.from_pylist([{"plays": plays, **shares, "telling": content}])


def confidence_distribution(plays: pa.Table) -> pa.Table:
    """The distribution of labels' confidence, weighted by minutes.

    Args:
        plays: `labelled_plays` rows.

    Returns:
        One row: `minutes` (three of a play of unknown length), the share of them with `unsure`
        labels, and the deciles of confidence (`p10` to `p90`). No row if nothing was played.
    """
    unknown = pc.equal(plays["ms_played_source"], "unknown")
    weight = pc.if_else(unknown, UNKNOWN_LENGTH, plays["ms_played"].fill_null(0))
    ms_played = weight.to_numpy()
    confidence = plays["context_confidence"].to_numpy().astype(np.float64)
    if not ms_played.sum():
        return pa.table({"unsure": pa.array([], pa.float64())})
    row = {
        "minutes": ms_played.sum() / MINUTE,
        "unsure": ms_played[confidence < UNSURE].sum() / ms_played.sum(),
        **dict(zip((f"p{q}" for q in DECILES), _deciles(confidence, ms_played), strict=True)),
    }
    return pa.Table.from_pylist([row])


def _deciles(values: npt.NDArray[np.float64], weights: npt.NDArray[np.int32]) -> list[float]:
    order = np.argsort(values, kind="stable")
    below = np.cumsum(weights[order])
    at = np.searchsorted(below, below[-1] * np.array(DECILES) / 100)
    return [float(value) for value in values[order][at]]
