"""Which answers are spoken of: new ones come in together, so that nobody's follows from a change.

Whoever keeps yesterday's tables and today's would otherwise see what the one person told who
answered in between. So answers that are new or changed wait until they are those of k people.
Answers that were taken back are gone at once, whatever follows from that.
"""

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.survey.answers import Answers


@dataclass(frozen=True)
class Release:
    """The answers that are spoken of.

    Attributes:
        answers: of whoever has come in.
        waiting: people whose answers are new or changed, and too few to come in.
    """

    answers: Answers
    waiting: int


def released(now: Answers, before: Answers | None, k: int) -> Release:
    """What is spoken of now.

    Args:
        now: all answers that the sheet has.
        before: those that were spoken of so far; None if none were.
        k: so many people's answers come in together.
    """
    if before is None or not len(before.responses):
        return Release(now, 0)
    told, known = _told_by(now), _told_by(before)
    changed = {one for one, answer in told.items() if known.get(one) != answer}
    if len(changed) >= k or not changed:
        return Release(now, 0)
    still = pa.array(sorted(known.keys() & told.keys()), pa.string())
    responses, named = (
        rows.filter(pc.is_in(rows["pseudonym"], still)) for rows in (before.responses, before.named)
    )
    return Release(Answers(responses, named, now.refused), len(changed))


def _told_by(answers: Answers) -> dict[str, list[object]]:
    """What each person told, by pseudonym."""
    told: dict[str, list[object]] = {}
    for rows in (answers.responses, answers.named):
        order = [(name, "ascending") for name in rows.column_names[:2]]
        for row in rows.sort_by(order).to_pylist():
            told.setdefault(row["pseudonym"], []).append(row)
    return told
