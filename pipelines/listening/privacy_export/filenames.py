"""What the name of a file in a privacy export says: whether it is history, and its place in it.

Add a pattern here when Spotify names its files anew. What a file holds is told by its content,
which is read in `parser.py`; finding files on a disk is `ingest/archive.py`.
"""

import re
from dataclasses import dataclass

_BROWSER_COPY = r"(?: ?\(\d+\))?"

_PATTERNS = tuple(
    re.compile(pattern + _BROWSER_COPY + r"\.json", re.IGNORECASE)
    for pattern in (
        r"Streaming_History_(?P<family>audio|video)(?:_\d{4}(?:-\d{4})?)?(?:_(?P<number>\d{1,9}))?",
        r"Streaming_History_(?P<family>audio|video)_\w+?",
        r"StreamingHistory_(?P<family>music|podcast|audiobook)(?:_(?P<number>\d{1,9}))?",
        r"Streaming(?P<family>History)(?P<number>\d{1,9})?",
        r"(?P<family>endsong)(?:_(?P<number>\d{1,9}))?",
    )
)


@dataclass(frozen=True, order=True)
class Name:
    """What a history file's name says; names sort as their files follow each other.

    Attributes:
        folder: the path before the file's name, "" if there is none.
        family: audio, video (extended history), endsong (its older name), music, podcast,
            audiobook or history (account data; old files mix podcasts in).
        order: by which equal families sort: the number as a number, then the name itself.
    """

    folder: str
    family: str
    order: tuple[int, str]

    @property
    def number(self) -> int | None:
        """The file's place among those of its family; null where the name has none."""
        return self.order[0] if self.order[0] >= 0 else None


def history_name(path: str) -> Name | None:
    """What the name at the end of a path says; null where it names no history file.

    Args:
        path: a path inside an export, its parts joined by "/".
    """
    folder, _, name = path.rpartition("/")
    for pattern in _PATTERNS:
        if found := pattern.fullmatch(name):
            told = found.groupdict()
            number = int(told["number"]) if told.get("number") else -1
            return Name(folder, told["family"].lower(), (number, name))
    return None
