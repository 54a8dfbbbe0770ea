"""Pano Scrobbler: the JSON of what it saw on a phone, one row per line.

Its rows are of several events, of which a scrobble alone is a play. How JSON is taken apart is
`json_rows.py`.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.privacy_export.parser import Part
from pipelines.listening.sources.json_rows import JsonRows, read_parts
from pipelines.listening.sources.rows import instants_of, part_of
from pipelines.listening.sources.scrobbles import whole
from pipelines.listening.sources.source import NAMES, START, Reading, Source, SourceFile

SCROBBLE = "scrobble"
OTHER = "is another event than a play"

_KEYS = (re.compile(rb'"timeMs"\s*:'), re.compile(rb'"track"\s*:'), re.compile(rb'"artist"\s*:'))


class Event(msgspec.Struct, gc=False):
    """A row of the export."""

    timeMs: float | None = None  # noqa: N815 as the file spells it
    artist: str | None = None
    track: str | None = None
    album: str | None = None
    durationMs: float | None = None  # noqa: N815
    event: str | None = None


def recognises(name: str, head: bytes) -> bool:  # noqa: ARG001 the content decides
    """Whether a file begins like events of Pano Scrobbler's.

    Args:
        name: its path, which may be anything.
        head: its first bytes.
    """
    return all(key.search(head) for key in _KEYS)


def read(file: SourceFile, reading: Reading) -> Iterator[Part]:
    """The scrobbles of one file.

    Args:
        file: the file.
        reading: what is known beside it.

    Raises:
        NotAnExport: where it is none after all.
    """
    yield from read_parts(file, lambda rows: _part(rows, file.name, reading), Event, "timeMs")


def _part(rows: JsonRows[Event], name: str, reading: Reading) -> Part:
    columns = {
        "started_at": instants_of(
            rows.column(lambda one: one.timeMs, pa.float64()), per_second=1000
        ),
        "track_name": rows.column(lambda one: one.track),
        "artist_name": rows.column(lambda one: one.artist),
        "album_name": rows.column(lambda one: one.album),
        "duration_ms": whole(rows.column(lambda one: one.durationMs, pa.float64())),
    }
    others = {
        at: OTHER
        for at, one in enumerate(rows.rows)
        if one.event is not None and one.event.strip().lower() != SCROBBLE
    }

    def text(at: int) -> dict[str, object]:
        one = rows.rows[at]
        return {
            "timeMs": one.timeMs,
            "track": one.track,
            "artist": one.artist,
            "album": one.album,
            "event": one.event,
        }

    part = part_of(
        PANO,
        name,
        columns,
        reading,
        text=text,
        first=rows.first,
        problems=others | dict(rows.problems),
    )
    if not others:
        return part
    # A love or a block is no play that is missing.
    refused = part.refused.filter(pc.not_equal(part.refused["reason"], OTHER))
    told = f"{len(others):,} rows of other events than plays were left out"
    return replace(part, refused=refused, lost=part.lost - len(others), note=told)


PANO = Source(
    name="pano",
    title="Pano Scrobbler",
    rank=16,
    place=26,
    stamp=START,
    precision=timedelta(seconds=1),
    measures=False,
    covers=False,
    identities=(NAMES,),
    recognise=recognises,
    read=read,
)

SOURCES = (PANO,)
