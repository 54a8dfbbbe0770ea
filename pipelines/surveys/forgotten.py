"""Who was forgotten, so that they do not come back as long as the sheet still has their row.

What is kept is a mark: an HMAC of the pseudonym, with the survey's key. Without the key it tells
nothing, and with it only whether a pseudonym that somebody already has was forgotten. What is
deleted when somebody is forgotten is `forgetting.py`.
"""

import hmac
import json

from pipelines.errors import CorruptFile
from pipelines.resources.lake.lakes import SurveyLake
from pipelines.resources.lake.tables import retry_on_conflict

PATH = "kept/forgotten.json"


class Forgotten:
    """The marks of those who were forgotten.

    Args:
        lake: the survey's.
        secret: the survey's key.

    Raises:
        CorruptFile: where the file cannot be read: nobody knows then who must not come back.
    """

    def __init__(self, lake: SurveyLake, secret: bytes) -> None:
        self._lake, self._secret = lake, secret
        self.marks, self.etag = self._read()

    def __contains__(self, pseudonym: object) -> bool:
        return bool(self.marks) and self._mark(str(pseudonym)) in self.marks

    @retry_on_conflict
    def add(self, pseudonym: str) -> None:
        """Remember that somebody was forgotten."""
        self.marks, self.etag = self._read()
        marks = sorted({*self.marks, self._mark(pseudonym)})
        body = json.dumps({"forgotten": marks}, indent=1).encode() + b"\n"
        self.etag = self._lake.store.put_if_match(PATH, body, self.etag)
        self.marks = frozenset(marks)

    def _read(self) -> tuple[frozenset[str], str | None]:
        stored = self._lake.store.get(PATH)
        if stored is None:
            return frozenset(), None
        try:
            return frozenset(map(str, json.loads(stored.body)["forgotten"])), stored.etag
        except (ValueError, TypeError, KeyError, RecursionError):
            raise CorruptFile(
                f"{self._lake.store.url(PATH)} cannot be read, which says who was forgotten: "
                "restore it from a backup, or delete it and forget these people again"
            ) from None

    def _mark(self, pseudonym: str) -> str:
        return hmac.digest(self._secret, f"forgotten|{pseudonym}".encode(), "sha256").hex()[:32]
