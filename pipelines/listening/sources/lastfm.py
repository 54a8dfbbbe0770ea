"""Last.fm: scrobbles in the files that people make of them, and in the answers of its interface.

Last.fm itself has no export, so there are several: pages of answers and tables, `lastfm_pages.py`
and `lastfm_tables.py`. What a scrobble's fields mean is `lastfm_rows.py`. Add here what other rooms
need to know of them; asking Last.fm is `resources/lastfm/`.
"""

from collections.abc import Iterator
from datetime import timedelta

from pipelines.listening.privacy_export.parser import Part
from pipelines.listening.sources import lastfm_pages, lastfm_tables
from pipelines.listening.sources.pieces import Pieces
from pipelines.listening.sources.source import MBID, NAMES, START, Reading, Source, SourceFile


def recognises(name: str, head: bytes) -> bool:  # noqa: ARG001 the content decides
    """Whether a file begins like one of scrobbles, as JSON or as a table.

    Args:
        name: its path, which may be anything.
        head: its first bytes.
    """
    return lastfm_pages.begins_like(head) or lastfm_tables.layout_of(head) is not None


def read(file: SourceFile, reading: Reading) -> Iterator[Part]:
    """The rows of one file, of any of the formats.

    Args:
        file: the file.
        reading: what is known beside it.

    Raises:
        NotAnExport: where it is none after all.
    """
    pieces = Pieces(file.name, file.chunks())
    if pieces.begin(8).lstrip()[:1] in {b"[", b"{"}:
        yield from lastfm_pages.read(pieces, reading, LASTFM)
    else:
        yield from lastfm_tables.read(pieces, reading, LASTFM)


LASTFM = Source(
    name="lastfm",
    title="Last.fm",
    rank=11,
    place=21,
    stamp=START,
    precision=timedelta(seconds=1),
    measures=False,
    covers=False,
    identities=(MBID, NAMES),
    recognise=recognises,
    read=read,
)

SOURCES = (LASTFM,)
