"""Spotify's privacy exports: the extended streaming history, and the shorter account data.

Parsing them is `listening/privacy_export/`, which tells the two apart row by row. Add here what
other rooms need to know of them.
"""

from collections.abc import Iterator
from datetime import timedelta

from pipelines.listening.privacy_export.filenames import parse_file_name
from pipelines.listening.privacy_export.formats import mentions_plays
from pipelines.listening.privacy_export.parser import Part, read_file
from pipelines.listening.sources.source import END, NAMES, URI, Reading, Source, SourceFile


def recognises(name: str, head: bytes) -> bool:  # noqa: ARG001 as every `Recognise`
    """Whether a file is named like history; any other may still mention its keys.

    Args:
        name: its path.
        head: its first bytes.
    """
    return parse_file_name(name) is not None


def read(file: SourceFile, reading: Reading) -> Iterator[Part]:
    """The rows of one file, of either kind.

    Args:
        file: the file.
        reading: what is known beside it.
    """
    yield from read_file(file.name, file.chunks(), latest=reading.latest, listed=reading.listed)


EXTENDED = Source(
    name="export",
    title="Spotify's extended streaming history",
    service="spotify",
    rank=1,
    place=2,
    stamp=END,
    precision=timedelta(seconds=1),
    measures=True,
    covers=True,
    identities=(URI, NAMES),
    recognise=recognises,
    read=read,
    mentions=mentions_plays,
    files="Streaming_History_Audio_….json (extended streaming history) or "
    "StreamingHistory_music_….json (account data) as Spotify sends them",
)

ACCOUNT = Source(
    name="account",
    title="Spotify's account data",
    service="spotify",
    rank=3,
    place=3,
    stamp=END,
    precision=timedelta(minutes=1),
    measures=True,
    covers=True,
    identities=(NAMES,),
)

SOURCES = (EXTENDED, ACCOUNT)
