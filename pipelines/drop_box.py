"""The listener's folder `imports/` in the lake, where privacy exports are dropped.

What is in it is taken in and deleted; what cannot be taken in stays, with the reason beside it.
How one export is taken in is `importing.py`.
"""

import hashlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import BinaryIO

from pipelines.archives import ExportFile, RefusedExport, open_files
from pipelines.importing import Outcome, Progress, import_export
from pipelines.resources.lake import Lake
from pipelines.resources.stores import Entry

OURS = ("outcome.json", "refused.json")
"""What Playledger itself writes there."""

MOST_BYTES = 2**30
"""What is dropped is held in memory, file by file. An export of 14 years has 25 MB."""


@dataclass(frozen=True)
class Taken:
    """What came of everything in the box.

    Attributes:
        outcomes: of each export that was taken in.
        refused: reason by file for those that were not, and are still there.
    """

    outcomes: Sequence[Outcome]
    refused: dict[str, str]


class DropBox:
    """One listener's folder of exports that wait."""

    def __init__(self, lake: Lake, listener: str) -> None:
        self._lake, self._listener = lake, listener
        self._folder = f"users/{listener}/imports/"

    def waiting(self) -> list[Entry]:
        """Files that somebody dropped."""
        listed = self._lake.store.list(self._folder)
        return [entry for entry in listed if entry.key.rsplit("/", 1)[1] not in OURS]

    def state(self) -> str:
        """A digest of what waits, so that a file that still grows is seen; "" for nothing."""
        files = [(entry.key, entry.size) for entry in self.waiting()]
        return hashlib.sha256(repr(files).encode()).hexdigest() if files else ""

    def refused(self) -> dict[str, str]:
        """Reason by file for those that lie there because they could not be taken in."""
        names = {self._name(entry) for entry in self.waiting()}
        reasons = self._lake.document(f"{self._folder}refused.json") or {}
        return {name: reason for name, reason in reasons.items() if name in names}

    def take_all(self, progress: Progress) -> Taken:
        """Take in every export that waits, and delete those whose rows are stored."""
        outcomes: list[Outcome] = []
        refused: dict[str, str] = {}
        for files in self._exports():
            now = datetime.now(UTC)
            try:
                with open_files([self._file(entry) for entry in files]) as export:
                    outcome = import_export(
                        self._lake, self._listener, export, now=now, progress=progress
                    )
            except RefusedExport as problem:
                refused |= {self._name(entry): str(problem) for entry in files}
                continue
            outcomes.append(outcome)
            for entry in files:
                self._lake.store.delete(entry.key)
        path = f"{self._folder}refused.json"
        if refused or self._lake.document(path):
            self._lake.write_document(path, refused)
        return Taken(outcomes, refused)

    def _exports(self) -> Iterator[list[Entry]]:
        """Files that belong together: all JSON files are one export, any other file is one."""
        waiting = self.waiting()
        json = [entry for entry in waiting if entry.key.lower().endswith(".json")]
        if json:
            yield json
        yield from ([entry] for entry in waiting if entry not in json)

    def _name(self, entry: Entry) -> str:
        return entry.key.removeprefix(self._folder)

    def _file(self, entry: Entry) -> ExportFile:
        return ExportFile(self._name(entry), entry.size, partial(self._open, entry))

    def _open(self, entry: Entry) -> BinaryIO:
        if entry.size > MOST_BYTES:
            raise RefusedExport(f"{self._name(entry)} is too large: use `playledger import`")
        stored = self._lake.store.get(entry.key)
        if stored is None:
            raise RefusedExport(f"{self._name(entry)} is gone, though it was just listed")
        return io.BytesIO(stored.body)
