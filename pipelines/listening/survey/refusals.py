"""What counts for nothing, and why: rows, songs and other cells, by where they are and by a reason.

No reason has a text of the sheet in it. Add here a reason to leave out a row or a song of it; those
of other cells are beside what reads them.
"""

import pyarrow as pa

from pipelines.listening.schema.survey_tables import REFUSED_ANSWERS

NOBODY = "no name or mail"
TEST = "a test"
HEADER = "the header again"
NO_CONSENT = "does not agree to take part"
FORGOTTEN = "forgotten"
REPLACED = "a later answer of the same person counts"
NAMES_A_PERSON = "has the name or mail of somebody who answered"
NAMES_A_TOWN = "has the hometown of who named it"
NAMES_ANOTHERS_TOWN = "has the hometown of somebody else who answered"
NAMED_TWICE = "the same song again"
TOO_MANY = "more songs than a person may name"
"""Why a row, or a song of it, counts for nothing."""

Place = tuple[int, int]
"""Where a row is: which sheet, and its number there."""


class Refused:
    """Collects what is refused: one reason for each cell, or for all of a row."""

    def __init__(self) -> None:
        self._reasons: dict[tuple[int, int, str], str] = {}

    def add(self, at: Place, name: str, reason: str) -> None:
        """Refuse a cell, by its field, or a whole row, by ""; of several reasons the first one."""
        self._reasons.setdefault((*at, name), reason)

    def table(self) -> pa.Table:
        """`survey_refused` rows."""
        names = ("file", "row", "field", "reason")
        rows = [
            dict(zip(names, (*where, reason), strict=True))
            for where, reason in self._reasons.items()
            if not where[2] or (*where[:2], "") not in self._reasons
        ]
        return REFUSED_ANSWERS.conform(REFUSED_ANSWERS.from_rows(rows))
