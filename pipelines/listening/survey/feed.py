"""The latest answers, in spans of days in which at least k people answered.

Add here what a feed says of a span: of what at least k of its people have in common, never of one.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa

from pipelines.listening.schema.survey_tables import FEED
from pipelines.listening.survey.suppression import Bools

NOTHING_IN_COMMON = "Nothing that enough of them have in common."

MOST_NAMED = 3
"""So many things a feed says of a span."""


@dataclass(frozen=True)
class Span:
    """Some days in a row.

    Attributes:
        since: its first day.
        until: its last day.
        people: who answered then.
    """

    since: date
    until: date
    people: int


def spans(days: list[date], k: int) -> list[Span]:
    """Spans of days with at least k people each, the first one first.

    A span ends on the first day on which it has k people. The days after the last span are too few
    to be one, and belong to it.

    Args:
        days: on which each person answered.
        k: the fewest people of a span.
    """
    found: list[Span] = []
    since, people = None, 0
    for day, count in sorted(Counter(days).items()):
        since, people = since or day, people + count
        if people >= k:
            found.append(Span(since, day, people))
            since, people = None, 0
    if found and since:
        found[-1] = Span(found[-1].since, max(days), found[-1].people + people)
    return found


def feed(days: list[date | None], sets: Bools, names: list[str], k: int) -> pa.Table:
    """The feed of a survey.

    Args:
        days: on which each person answered; None where the sheet does not tell.
        sets: people by things that they named, of those that are told of everybody.
        names: of these things.
        k: the fewest people.

    Returns:
        `survey_feed`; without rows where days are told of fewer than k people, or of all but
        fewer than k.
    """
    told = [day for day in days if day is not None]
    if 0 < len(days) - len(told) < k:
        return FEED.empty()
    rows = []
    for span in spans(told, k):
        own = np.array([day is not None and span.since <= day <= span.until for day in days])
        sizes = sets[own].sum(axis=0, dtype=np.int64)
        order = sorted(np.flatnonzero(sizes >= k), key=lambda at: (-sizes[at], names[at]))
        common = [names[at] for at in order[:MOST_NAMED]]
        words = f"At least {k} each named {_listed(common)}." if common else NOTHING_IN_COMMON
        rows.append({**vars(span), "words": words})
    return FEED.from_rows(rows)


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
