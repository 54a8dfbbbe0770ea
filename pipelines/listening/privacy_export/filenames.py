"""File names in a privacy export: which files are listening history, and their order.

Add a pattern here when Spotify changes the names. The format of a file is detected from its content
in `parser.py`; finding files on a disk is `ingest/archive.py`.
"""

import re
from dataclasses import dataclass

_SUFFIX = r"(?P<suffix>(?:[ .(-].*)?)"
"""What people and programs add: "(1)", " - Copy", ".txt", ".json.gz"."""

_EXTENSIONS = re.compile(r"(?:\.(?:json|txt|gz|bz2|xz))+$")

_PATTERNS = tuple(
    re.compile(pattern + _SUFFIX, re.IGNORECASE)
    for pattern in (
        r"Streaming_History_(?P<family>audio|video)(?:_\d{4}(?:-\d{4})?)?(?:_(?P<number>\d{1,9}))?",
        r"Streaming_History_(?P<family>audio|video)_\w+?",
        r"StreamingHistory_(?P<family>music|podcast|audiobook)(?:_(?P<number>\d{1,9}))?",
        r"Streaming(?P<family>History)(?P<number>\d{1,9})?",
        r"(?P<family>endsong)(?:_(?P<number>\d{1,9}))?",
    )
)


@dataclass(frozen=True, order=True)
class FileName:
    """The parsed name of a history file; sorted, names are in the order of their files.

    Attributes:
        folder: the path before the file's name, "" if there is none.
        family: audio, video (extended history), endsong (its older name), music, podcast,
            audiobook or history (account data; old files include podcasts).
        suffix: what was added to the name, without extensions; "" for the name as Spotify gave it.
        order: sort key within a family: the number in the name (-1: none), then the name.
    """

    folder: str
    family: str
    suffix: str
    order: tuple[int, str]

    @property
    def number(self) -> int | None:
        """The file's number within its family; None if the name has none."""
        return self.order[0] if self.order[0] >= 0 else None


def parse_file_name(path: str) -> FileName | None:
    """Parse the file name at the end of a path; None if it is not that of a history file.

    Args:
        path: a path inside an export, its parts joined by "/".
    """
    folder, _, name = path.rpartition("/")
    for pattern in _PATTERNS:
        if match := pattern.fullmatch(name):
            parts = match.groupdict()
            number = int(parts["number"]) if parts.get("number") else -1
            suffix = _EXTENSIONS.sub("", parts["suffix"].lower())
            return FileName(folder, parts["family"].lower(), suffix, (number, name))
    return None


def export_of(path: str) -> str:
    """Which export a file is of, among files that came together.

    Those of one folder under Spotify's names are one; copies are one of their own, and so is each
    file under another name: it may be a part of the same history, or the same part once more.

    Args:
        path: a path inside an export, its parts joined by "/".
    """
    name = parse_file_name(path)
    return f"{name.folder}/*{name.suffix}" if name else path
