"""Whose answers figures speak of: new ones come in together, so that nobody's follows from one.

Whoever keeps yesterday's tables and today's would otherwise see what the one person told who
answered in between. So answers that are new or changed wait until they are those of k people.
Answers that were taken back are gone at once, whatever follows from that.
"""

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
    edited = {one for one in answers.keys() & known.keys() if _is_another(answers[one], known[one])}
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


def _is_another(now: dict[str, object], before: dict[str, object]) -> bool:
    """Whether somebody changed their answer.

    A value that few gave is `OTHER`, and becomes itself when others give it too: that is no change.
    """
    changed = [name for name in now if now[name] != before[name]]
    return any(name not in CATEGORIES or OTHER not in {now[name], before[name]} for name in changed)
