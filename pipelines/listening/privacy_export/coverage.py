"""Of which stretches of time a privacy export tells every play.

Whoever has some files of an export, and not all, must not be told that nothing is missing between
them. What follows from the stretches is `listening/ledger/gaps.py` (gaps) and `listening/ledger/matching.py`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from pipelines.listening.privacy_export.filenames import Name, history_name
from pipelines.listening.time.intervals import Interval

MAIN = {"audio": "extended", "endsong": "extended", "music": "account", "history": "account"}
"""Families of files that hold the music, and the kind of export they belong to."""

BESIDE = {"video": "extended", "podcast": "account", "audiobook": "account"}


@dataclass(frozen=True, order=True)
class FileSpan:
    """One file of an export: its name, its first and last play, and what of it was lost.

    Attributes:
        name: path inside the export.
        first: its first play's time.
        last: its last play's time.
        complete: that every row could be read.
        damaged: that there are parts of which nobody knows how many rows they were.
    """

    name: str
    first: datetime
    last: datetime
    complete: bool = True
    damaged: bool = False


def vouched(files: Sequence[FileSpan]) -> tuple[Interval, ...]:
    """The stretches for which these files of one export vouch, in order of time.

    A file vouches from its first row to its last. Files that follow each other by their numbers
    vouch for what lies between them too, unless an unknown part of the earlier one is lost. Where
    the music is one such series from number 0 on, or one file, what lies beside it (videos,
    podcasts, audiobooks) widens the stretch; alone these files vouch for nothing, since no music
    is in them.

    Args:
        files: those with at least one row; a name that says nothing is taken for music.
    """
    named = [(file, history_name(file.name) or Name("", "audio", (-1, ""))) for file in files]
    spans: list[Interval] = []
    for kind in ("extended", "account"):
        for folder in sorted({name.folder for _, name in named}):
            here = [(file, name) for file, name in named if name.folder == folder]
            music = [(name, file) for file, name in here if MAIN.get(name.family) == kind]
            runs = list(_runs(sorted(music, key=lambda one: one[0])))
            if len(runs) == 1 and min(music)[0].number in {None, 0}:
                runs[0] += [file for file, name in here if BESIDE.get(name.family) == kind]
            spans += [
                Interval(
                    min(file.first for file in run),
                    max(file.last for file in run),
                    complete=all(file.complete for file in run),
                )
                for run in runs
            ]
    return tuple(sorted(spans, key=lambda span: (span.start, span.end)))


def _runs(files: Sequence[tuple[Name, FileSpan]]) -> Iterator[list[FileSpan]]:
    """Files that follow each other without a hole. An old `endsong` is in no order of time."""
    for family, of_family in groupby(files, key=lambda one: one[0].family):
        run: list[FileSpan] = []
        last: Name | None = None
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
