"""Which time a privacy export covers: intervals in which it has every play.

If only some files of an export are there, the time between them is not covered. Add here what
decides which time a file covers. What follows from the intervals is `listening/ledger/gaps.py` and
`listening/ledger/matching.py`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from pipelines.listening.privacy_export.filenames import FileName, parse_file_name
from pipelines.listening.time.intervals import Interval

MUSIC_FAMILIES = {
    "audio": "extended",
    "endsong": "extended",
    "music": "account",
    "history": "account",
}
"""Families of music files, and the kind of export that they belong to."""

OTHER_FAMILIES = {"video": "extended", "podcast": "account", "audiobook": "account"}
"""Families without music, likewise."""


@dataclass(frozen=True, order=True)
class FileInterval:
    """The time from the first to the last play of one file.

    Attributes:
        name: the file's path inside the export.
        first: time of its first play.
        last: time of its last play.
        complete: whether every row could be read.
        damaged: whether it has damaged parts with an unknown number of rows.
    """

    name: str
    first: datetime
    last: datetime
    complete: bool = True
    damaged: bool = False


def covered_intervals(files: Sequence[FileInterval]) -> tuple[Interval, ...]:
    """The intervals that these files of one export cover, in order of time.

    A file covers the time from its first row to its last. Files with consecutive numbers cover the
    time between them too, unless an unknown part of the earlier one is lost. If the music is one
    such series from number 0 on, or one file, then files without music (videos, podcasts,
    audiobooks) extend the interval; by themselves they cover nothing.

    Args:
        files: files with at least one row; those with an unknown name count as music.
    """
    named = [
        (file, parse_file_name(file.name) or FileName("", "audio", "", (-1, ""))) for file in files
    ]
    intervals: list[Interval] = []
    for kind in ("extended", "account"):
        for folder in sorted({name.folder for _, name in named}):
            here = [(file, name) for file, name in named if name.folder == folder]
            music = [(name, file) for file, name in here if MUSIC_FAMILIES.get(name.family) == kind]
            runs = list(_series(sorted(music, key=lambda one: one[0])))
            if len(runs) == 1 and min(music)[0].number in {None, 0}:
                runs[0] += [file for file, name in here if OTHER_FAMILIES.get(name.family) == kind]
            intervals += [
                Interval(
                    min(file.first for file in run),
                    max(file.last for file in run),
                    complete=all(file.complete for file in run),
                )
                for run in runs
            ]
    return tuple(sorted(intervals, key=lambda span: (span.start, span.end)))


def _series(files: Sequence[tuple[FileName, FileInterval]]) -> Iterator[list[FileInterval]]:
    """Series of files without a hole. Those of an old `endsong` are not in order of time."""
    for (family, _), of_family in groupby(files, key=lambda one: (one[0].family, one[0].suffix)):
        run: list[FileInterval] = []
        last: FileName | None = None
        for name, file in of_family:
            follows = last and last.number is not None and name.number == last.number + 1
            if run and not (follows and not run[-1].damaged):
                yield run
                run = []
            if family == "endsong" and not run and name.number not in {None, 0}:
                continue
            run.append(file)
            last = name
        if run:
            yield run
