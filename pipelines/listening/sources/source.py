"""What a source of plays declares of itself.

Add a property here only if other rooms decide something by it: they never ask for a source's name.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pipelines.listening.privacy_export.parser import Part
from pipelines.listening.time.local_time import Zone

END, START = "end", "start"
"""What the time of a play may be: when it ended or when it began."""

URI, ISRC, MBID, NAMES = "uri", "isrc", "mbid", "names"
"""By what a source may know a recording: Spotify's uri, the International Standard Recording Code,
MusicBrainz's id of a recording, or the names of artist and title."""

HEAD_BYTES = 64 * 2**10
"""Bytes from the beginning of a file by which its source is recognised."""


@dataclass(frozen=True)
class SourceFile:
    """A file whose source was recognised.

    Attributes:
        name: its path inside what is imported.
        chunks: its bytes in pieces, split anywhere; may end with `DamagedFile`.
    """

    name: str
    chunks: Callable[[], Iterable[bytes]]


@dataclass(frozen=True)
class Reading:
    """What a parser may need beside the bytes.

    Attributes:
        latest: the present; plays that lie more than two days after it are refused.
        zones: the listener's time zones, for files that tell local time.
        beside: files that hold no plays, but describe those of the same import (`Source.beside`).
        listed: the most refused rows to return; others are only counted.
    """

    latest: datetime
    zones: Sequence[Zone]
    beside: Sequence[SourceFile] = ()
    listed: int = 100_000


Recognise = Callable[[str, bytes], bool]
"""Whether a file is of a source: from its path and its first `HEAD_BYTES`, in UTF-8.

The path may be anything, so what is inside decides: every source is asked with the path "" first,
and with the real one only if none of them knows the file.
"""

Read = Callable[[SourceFile, Reading], Iterator[Part]]
"""The typed rows of a file, part by part; raises `NotAnExport` where it is none after all."""


Mentions = Callable[[bytes], bool]
"""Whether a piece of a file, taken anywhere out of it, seems to tell of plays."""


def never(name: str, head: bytes) -> bool:  # noqa: ARG001 as every `Recognise`
    """Recognise nothing.

    Args:
        name: the file's path.
        head: its first bytes.
    """
    return False


@dataclass(frozen=True)
class Source:
    """A source of plays.

    Attributes:
        name: as in the column `source`, of `plays` and of the rows it brings.
        title: as a person calls it.
        service: what played the music, if it is always one; "" where it may be any. Sources of
            one service tell of the same plays.
        rank: 1 is trusted most: of one play, what a source of lower rank says holds.
        place: where its name stands in a sum such as `api+export`; the smallest comes first.
        stamp: END or START: what its time is, unless a row says otherwise (`started_at`).
        precision: how long the stretch is that its time may mean: a moment, a second, a minute.
        measures: whether it says how long each play was heard.
        covers: whether it has every play of its service in a stretch of time, so that it closes
            gaps.
        identities: by what it knows recordings, such as (URI, NAMES).
        recognise: of files: whether one holds its plays.
        read: of files: their rows.
        beside: of files: whether one describes plays that another one holds.
        mentions: of files that no source recognises: whether they may be its own after all. The
            first source that has this also reads JSON that nobody knows, and says what it lacks.
        files: what its files are called, for a person who has given others; "" where its title
            says enough.
        dotted: how names of its files begin that begin with a dot, as hidden ones do elsewhere.
        polled: whether it is asked while music plays, so that its rows are in `polled` and not in
            `streaming_history`.
    """

    name: str
    title: str
    rank: int
    place: int
    stamp: str
    precision: timedelta
    measures: bool
    covers: bool
    identities: tuple[str, ...]
    service: str = ""
    recognise: Recognise = never
    read: Read | None = None
    beside: Recognise = never
    mentions: Mentions | None = None
    files: str = ""
    dotted: tuple[str, ...] = ()
    polled: bool = False
