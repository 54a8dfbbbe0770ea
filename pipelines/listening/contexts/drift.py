"""How labels come to be doubted: what they rest on, how sure they are, how a month's shares jump.

Figures that tell a person when to look at their labels live here, as small tables. From where on
they should look is said by the checks; how right labels are belongs in `evaluation.py`.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.listening.schema.sql import query
from pipelines.listening.time.intervals import MINUTE

MIN_MINUTES = 600
"""A month with fewer is a few evenings, of which each one moves the shares. Reasoned."""

MONTHS_BEFORE = 6
"""Older months tell of other habits; half a year holds two seasons. Reasoned."""

MIN_MONTHS = 3
"""With fewer, the median is one of two months, and either may be the odd one. Reasoned."""

MAX_CHANGE = 0.25
"""Of the month's minutes: one hour in four that was not there before, or no longer is. Reasoned."""

MAX_FACTOR = 3
"""A context that had 0.6 and has 0.33 is still the same life; one that became three times as
common, or fell to a third, is new or gone. Reasoned."""

RECENT_MONTHS = 3
"""Months with plays of which evidence is counted."""

CONTENT_EVIDENCE = ("playlist", "names", "genre", "sound")
"""Kinds of evidence that speak of what was heard; the others of when, on what and how often."""

UNSURE = 0.5
"""Labels with less confidence are wrong more often than right: so confidence is defined."""

DECILES = tuple(range(10, 100, 10))


def jumps(by_month: pa.Table, today: date) -> pa.Table:
    """The shares of the last complete month beside what was usual in the months before.

    Args:
        by_month: `contexts_by_month` rows.
        today: a day in the first month that is not complete.

    Returns:
        One row per context: `month`, `context`, `share` and `usual` (the median before) of the
        month's minutes, `months` that are the past, and whether it `jumped`. No rows where the
        month, or too much of its past, has too few minutes to judge.
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
    """What a month's shares add up to in each scope; without months in which nothing was heard.

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
    """Which evidence the plays of the last months have.

    Args:
        manifest: that of `labelled_plays`: by path its `plays` and, in `coverage`, how many of
            them have evidence of each kind.

    Returns:
        One row: `plays`, by kind the share of plays, and `telling`: the most that evidence of
        what was heard can cover, each kind covering other plays. No row where there are no
        plays.
    """
    recent = sorted(path for path, month in manifest.items() if month["plays"])[-RECENT_MONTHS:]
    if not recent:
        return pa.table({"telling": pa.array([], pa.float64())})
    months = [manifest[path] for path in recent]
    plays = sum(month["plays"] for month in months)
    kinds = {kind: None for month in months for kind in month["coverage"]}
    shares = {
        kind: sum(month["coverage"].get(kind, 0) for month in months) / plays for kind in kinds
    }
    content = min(1.0, sum(shares.get(kind, 0) for kind in CONTENT_EVIDENCE))
    return pa.Table.from_pylist([{"plays": plays, **shares, "telling": content}])


def confidence_distribution(plays: pa.Table) -> pa.Table:
    """How sure labels are, each minute heard as one vote.

    Args:
        plays: `labelled_plays` rows.

    Returns:
        One row: `minutes`, the share of them that is `unsure`, and the confidence that a tenth,
        two tenths, … of the minutes do not exceed (`p10` to `p90`). No row where nothing was
        heard.
    """
    ms_played = plays["ms_played"].fill_null(0).to_numpy()
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
