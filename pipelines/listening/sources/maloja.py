"""Maloja: the JSON of all scrobbles that it exports, and lists of them.

A scrobble may say for how long it was heard, its track how long it is. Maloja gives each scrobble a
second of its own, so a time may be a few seconds late. How JSON is taken apart is `json_rows.py`.
"""

import re
from collections.abc import Iterator
from datetime import timedelta

import msgspec
import pyarrow as pa

from pipelines.listening.privacy_export.parser import Part
from pipelines.listening.schema.tables import NAMES as NAMES_TYPE
from pipelines.listening.sources.json_rows import JsonRows, read_parts
from pipelines.listening.sources.rows import instants_of, part_of
from pipelines.listening.sources.scrobbles import credited, whole
from pipelines.listening.sources.source import NAMES, START, Reading, Source, SourceFile

WRAPPERS = ("scrobbles", "list")

_OWN = re.compile(rb'"maloja"\s*:\s*\{')
_TIME = re.compile(rb'"time"\s*:\s*"?\d')
_TRACK = re.compile(rb'"track"\s*:\s*\{')
_NAMED = re.compile(rb'"(?:artists|title)"\s*:')


class Album(msgspec.Struct, gc=False):
    """The album of a track."""

    albumtitle: str | None = None
    title: str | None = None


class Track(msgspec.Struct, gc=False):
    """What was heard; its length is in seconds."""

    artists: list[str | None] | str | None = None
    title: str | None = None
    album: Album | str | None = None
    length: float | None = None


class Scrobble(msgspec.Struct, gc=False):
    """A row of the export; `duration` is for how many seconds it was heard."""

    time: float | None = None
    track: Track | None = None
    album: Album | str | None = None
    duration: float | None = None


def recognises(name: str, head: bytes) -> bool:  # noqa: ARG001 the content decides
    """Whether a file begins like scrobbles of Maloja's.

    Args:
        name: its path, which may be anything.
        head: its first bytes.
    """
    if _OWN.search(head):
        return True
    return all(one.search(head) for one in (_TIME, _TRACK, _NAMED))


def read(file: SourceFile, reading: Reading) -> Iterator[Part]:
    """The scrobbles of one file.

    Args:
        file: the file.
        reading: what is known beside it.

    Raises:
        NotAnExport: where it is none after all.
    """
    yield from read_parts(
        file, lambda rows: _part(rows, file.name, reading), Scrobble, "time", WRAPPERS
    )


def _part(rows: JsonRows[Scrobble], name: str, reading: Reading) -> Part:
    tracks = [one.track or Track() for one in rows.rows]
    artists = [
        credited([one.artists] if isinstance(one.artists, str) else one.artists) for one in tracks
    ]
    albums = [
        _title(track.album) or _title(one.album)
        for one, track in zip(rows.rows, tracks, strict=True)
    ]
    columns = {
        "started_at": instants_of(rows.column(lambda one: one.time, pa.float64())),
        "track_name": pa.array([one.title for one in tracks], pa.string()),
        "artist_name": pa.array([one[0] if one else None for one in artists], pa.string()),
        "album_name": pa.array(albums, pa.string()),
        "ms_played": whole(rows.column(lambda one: one.duration, pa.float64()), 1000),
        "duration_ms": whole(pa.array([one.length for one in tracks], pa.float64()), 1000),
        "artist_names": pa.array(artists, NAMES_TYPE),
    }

    def text(at: int) -> dict[str, object]:
        artist = artists[at]
        return {
            "time": rows.rows[at].time,
            "title": tracks[at].title,
            "artist": artist[0] if artist else None,
        }

    return part_of(
        MALOJA, name, columns, reading, text=text, first=rows.first, problems=rows.problems
    )


def _title(album: Album | str | None) -> str | None:
    return album if album is None or isinstance(album, str) else album.albumtitle or album.title


MALOJA = Source(
    name="maloja",
    title="Maloja",
    rank=13,
    place=23,
    stamp=START,
    precision=timedelta(seconds=1),
    measures=False,
    covers=False,
    identities=(NAMES,),
    recognise=recognises,
    read=read,
)

SOURCES = (MALOJA,)
