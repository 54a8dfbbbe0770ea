"""Whose answers figures speak of: new ones come in together, so that nobody's follows from one.

Whoever keeps yesterday's tables and today's would otherwise see what the one person told who
answered in between. So answers that are new or changed wait until they are those of k people.
Answers that were taken back are gone at once, whatever follows from that.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.survey.answers import CATEGORIES
from pipelines.listening.survey.suppression import OTHER


@dataclass(frozen=True)
class Release:
    """Whose answers are spoken of now.

    Attributes:
        told: their `survey_responses` rows.
        waiting: how many answers are new or changed, and too few to come in.
        holds: whether figures have to stay as they are: what somebody said before they changed
            their answer is not kept, so nothing can be made with it any more.
    """

    told: pa.Table
    waiting: int
    holds: bool


def released(now: pa.Table, before: pa.Table, k: int) -> Release:
    """Whose answers are spoken of now.

    Args:
        now: `survey_responses` rows, all that there are.
        before: rows of those that were spoken of so far, as they were then.
        k: so many people's answers come in together.
    """
    answers, known = _by_pseudonym(now), _by_pseudonym(before)
    new = answers.keys() - known.keys()
    values = _values(now), _values(before)
    both = answers.keys() & known.keys()
    edited = {one for one in both if _is_another(answers[one], known[one], *values)}
    waiting = len(new) + len(edited)
    if not known or not waiting or waiting >= k:
        return Release(now, 0, holds=False)
    left = known.keys() - answers.keys()
    # Figures have to be made anew without who left: what was edited is not among them either, or it
    # would show.
    waits = new | edited if left else new
    told = now.filter(pc.invert(pc.is_in(now["pseudonym"], pa.array(sorted(waits), pa.string()))))
    return Release(told, waiting, holds=bool(edited) and not left)


def _by_pseudonym(rows: pa.Table) -> dict[str, dict[str, object]]:
    return {row["pseudonym"]: row for row in rows.to_pylist()}


def _values(rows: pa.Table) -> dict[str, set[object]]:
    """What is told in each category, and None, which is never told as `OTHER`."""
    return {name: {None, *rows[name].to_pylist()} for name in CATEGORIES}


def _is_another(
    now: Mapping[str, object],
    before: Mapping[str, object],
    all_now: Mapping[str, Collection[object]],
    all_before: Mapping[str, Collection[object]],
) -> bool:
    """Whether somebody changed their answer.

    A value that few gave is `OTHER`, and becomes itself when others give it too: that is no change.
    But where it was or is told of others, who left or joined them did change theirs.

    Args:
        now: their answer.
        before: their answer as it was.
        all_now: by category, all that is told now.
        all_before: the same of then.
    """

    def others_did(name: str) -> bool:
        """Whether a value is another only because fewer or more people give it."""
        if name not in CATEGORIES:
            return False
        hidden = now[name] == OTHER and before[name] not in all_now[name]
        shown = before[name] == OTHER and now[name] not in all_before[name]
        return hidden or shown

    return any(now[name] != before[name] and not others_did(name) for name in now)
