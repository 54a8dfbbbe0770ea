"""The inbox: the listener's folder `imports/` in the lake, where files with plays are dropped.

Files in it are imported, and deleted once their rows are stored. Files that cannot be imported
stay, with the reason in `refused.json`. How one export is imported is `privacy_export.py`.
"""

import hashlib
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import count
from typing import Any, BinaryIO

from pipelines.errors import RefusedExport
from pipelines.ingest.archive import Export, ExportFile, apart, is_hidden, open_files
from pipelines.ingest.privacy_export import (
    UTC_CLOCK,
    ImportOutcome,
    ProgressCallback,
    import_export,
)
from pipelines.listening.plain_text import plain
from pipelines.listening.privacy_export.filenames import parse_file_name
from pipelines.listening.time.local_time import Zone
from pipelines.resources.lake.lakes import ListenerLake
from pipelines.resources.lake.object_store import Conflict, Entry

FOLDER = "imports/"
REFUSED_FILES = f"{FOLDER}refused.json"

OWN_FILES = ("outcome.json", "refused.json")
"""Files that Playledger itself writes there."""

MAX_BYTES = 2**30
"""Dropped files are held in memory, one at a time. An export of 14 years has 25 MB."""

MAX_INBOX_BYTES = 2 * MAX_BYTES
"""Where so much lies there already, nothing more is taken: nobody fills the disk by sending."""

MAX_NAME = 100
"""Signs of the name of a file that somebody sent."""

NO_HISTORY = "is no file of listening history: left alone"
"""A reason that is no refusal. It stands in files that older versions wrote: keep it as it is."""


@dataclass(frozen=True)
class InboxResult:
    """The result of importing everything in the inbox.

    Attributes:
        outcomes: of each export that was imported.
        refused: the reason by file for those that were not, or not in full, and are still there.
    """

    outcomes: Sequence[ImportOutcome]
    refused: Mapping[str, str]


class Inbox:
    """One listener's exports that are waiting to be imported.

    Args:
        lake: the listener's.
    """

    def __init__(self, lake: ListenerLake) -> None:
        self._lake = lake
        self._versions: dict[str, str] = {}

    def waiting(self) -> list[Entry]:
        """Files that somebody dropped and that no run has tried to import in their current size."""
        files = self._files()
        notes = self._notes() if files else {}
        return [
            entry for entry in files if notes.get(self._name(entry), {}).get("size") != entry.size
        ]

    def state(self) -> str:
        """A digest of the waiting files, so that one that still grows is noticed; "" for none."""
        files = [(self._name(entry), entry.size) for entry in self.waiting()]
        return hashlib.sha256(repr(files).encode()).hexdigest() if files else ""

    def drop(self, name: str, body: bytes) -> str:
        """Put a file there that somebody sent; returns what it is called there.

        Args:
            name: whatever it was called, wherever it came from.
            body: its content.

        Raises:
            RefusedExport: where it is empty or too large, or too much lies there already.
        """
        if not body:
            raise RefusedExport("the file is empty")
        if len(body) > MAX_BYTES:
            raise RefusedExport("the file is too large to be sent: use `playledger import`")
        if sum(entry.size for entry in self._lake.store.list(FOLDER)) >= MAX_INBOX_BYTES:
            raise RefusedExport(
                f"{MAX_INBOX_BYTES >> 30} GB wait to be imported already: import them first, or "
                "let whoever runs Playledger delete what cannot be imported"
            )
        safe = safe_name(name)
        stem, dot, ending = safe.rpartition(".") if "." in safe else (safe, "", "")
        for number in count(1):
            called = f"{stem}{f' {number}' if number > 1 else ''}{dot}{ending}"
            try:
                self._lake.store.put_if_absent(f"{FOLDER}{called}", body)
            except Conflict:  # such as the same export once more: Spotify calls all of them alike
                continue
            return called
        raise AssertionError

    def refused(self) -> dict[str, str]:
        """The reason by file for those that stay because they could not be imported."""
        names = {self._name(entry) for entry in self._files()}
        return {
            name: note["reason"]
            for name, note in self._notes().items()
            if name in names and note["reason"] != NO_HISTORY
        }

    def import_all(
        self, progress: ProgressCallback, zones: Sequence[Zone] = UTC_CLOCK
    ) -> InboxResult:
        """Import every waiting export, and delete the files whose rows are stored.

        Args:
            progress: called with the bytes read so far and their total.
            zones: the listener's time zones.
        """
        outcomes: list[ImportOutcome] = []
        reasons: dict[str, str] = {}
        sizes: dict[str, int] = {}
        for files in self._together():
            sizes |= {self._name(entry): entry.size for entry in files}
            names = [self._name(entry) for entry in files]
            try:
                with open_files([self._file(entry) for entry in files]) as opened:
                    not_imported = self._import(names, apart(opened), outcomes, progress, zones)
            except RefusedExport as problem:
                reasons |= dict.fromkeys(names, str(problem))
                continue
            reasons |= not_imported
            self._delete(entry for entry in files if self._name(entry) not in not_imported)
        self._add_notes(
            {name: {"reason": why, "size": sizes[name]} for name, why in reasons.items()}
        )
        refused = {name: why for name, why in reasons.items() if why != NO_HISTORY}
        return InboxResult(outcomes, refused)

    def _import(
        self,
        names: Sequence[str],
        exports: Sequence[Export],
        outcomes: list[ImportOutcome],
        progress: ProgressCallback,
        zones: Sequence[Zone],
    ) -> dict[str, str]:
        """Import exports that were opened together; the reason by file for those that stay."""
        files: list[dict[str, Any]] = []
        for export in exports:
            now = datetime.now(UTC)
            try:
                outcome = import_export(self._lake, export, now=now, zones=zones, progress=progress)
            except RefusedExport as problem:
                if len(exports) == 1:
                    raise
                files += [{"name": file.name, "problem": str(problem)} for file in export.files]
            else:
                outcomes.append(outcome)
                files += outcome["files"]
            files += [{"name": file.name} for file in export.beside]
        return _not_imported(names, files)

    def _together(self) -> Iterator[list[Entry]]:
        """The waiting files, grouped by what has to be looked at together.

        All JSON and CSV files may be parts of one export, under whatever name and compressed or
        not, together with what is in the same folder below `imports/`, such as Spotify's read-me.
        Any other file is an export of its own.
        """
        waiting = self.waiting()
        parts = [entry for entry in waiting if _may_be_part(self._name(entry))]
        folders = {self._subfolder(entry) for entry in parts} - {""}
        beside = [
            entry
            for entry in waiting
            if entry not in parts
            and not entry.key.lower().endswith(".zip")
            and self._subfolder(entry) in folders
        ]
        if parts:
            yield parts + beside
        yield from ([entry] for entry in waiting if entry not in parts and entry not in beside)

    def _subfolder(self, entry: Entry) -> str:
        """The subfolder of `imports/` that contains a file, at whatever depth; "" for none."""
        return self._name(entry).rpartition("/")[0].partition("/")[0]

    def _files(self) -> list[Entry]:
        """All files but our own and those that file managers hide."""
        listed = [(entry.key.split("/"), entry) for entry in self._lake.store.list(FOLDER)]
        return [
            entry
            for parts, entry in listed
            if parts[-1] not in OWN_FILES and not is_hidden(parts[-1]) and "__MACOSX" not in parts
        ]

    def _name(self, entry: Entry) -> str:
        return entry.key.removeprefix(FOLDER)

    def _file(self, entry: Entry) -> ExportFile:
        return ExportFile(self._name(entry), entry.size, partial(self._open, entry))

    def _open(self, entry: Entry) -> BinaryIO:
        name = self._name(entry)
        if entry.size > MAX_BYTES:
            raise RefusedExport(f"{name} is too large: use `playledger import`")
        stored = self._lake.store.get(entry.key)
        changed = stored is None or self._versions.setdefault(name, stored.etag) != stored.etag
        if stored is None or changed or len(stored.body) != entry.size:
            raise RefusedExport(f"{name} changed while it was read: drop it again")
        return io.BytesIO(stored.body)

    def _delete(self, entries: Iterator[Entry]) -> None:
        for entry in entries:
            # Spotify gives every export the same name: another one may have been dropped by now.
            if self._lake.etag_of(entry.key) == self._versions.get(self._name(entry)):
                self._lake.store.delete(entry.key)

    def _notes(self) -> dict[str, dict[str, Any]]:
        """Size and reason by file for those that were tried and are still there."""
        notes: dict[str, dict[str, Any]] = self._lake.document(REFUSED_FILES) or {}
        return notes

    def _add_notes(self, new: Mapping[str, dict[str, Any]]) -> None:
        names = {self._name(entry) for entry in self._files()}
        before = self._notes()
        notes = {name: note for name, note in {**before, **new}.items() if name in names}
        if notes or before:
            self._lake.write_document(REFUSED_FILES, notes)


def safe_name(name: str) -> str:
    """A name for a file in the inbox, like the one that it came with but for what does harm there.

    Args:
        name: anything, such as a path of another machine's.
    """
    base = plain(name).replace("\\", "/").rpartition("/")[2]
    kept = re.sub(r"[^\w .()\[\]+,-]", "_", base).strip(" .")
    if len(kept) > MAX_NAME:
        stem, dot, ending = kept.rpartition(".")
        kept = f"{stem[: MAX_NAME - 12]}{dot}{ending[-10:]}" if dot else kept[:MAX_NAME]
    if not kept.strip("_") or kept.lower() in OWN_FILES or is_hidden(kept) or kept == "__MACOSX":
        kept = f"sent {kept}".strip()
    return kept


def _may_be_part(name: str) -> bool:
    """Whether a file seems to be one of an export that was unpacked."""
    base = name.rpartition("/")[2].lower()
    tabular = ".json" in base or ".csv" in base
    return not base.endswith(".zip") and (tabular or parse_file_name(base) is not None)


def _not_imported(names: Sequence[str], files: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The reason by file for those of imported exports that stay in the inbox."""
    problems = {file["name"]: file["problem"] for file in files if "problem" in file}
    if len(names) == 1:  # a zip, or one file under its own name
        return dict.fromkeys(names, "; ".join(problems.values())) if problems else {}
    reasons = {}
    for name in names:
        inside = [file for file in files if _is_in(name, file["name"])]
        because = "; ".join(file["problem"] for file in inside if "problem" in file)
        if because or not inside:
            reasons[name] = because or NO_HISTORY
    return reasons


def _is_in(dropped: str, name: str) -> bool:
    return name == dropped or name.startswith(f"{dropped}/")
