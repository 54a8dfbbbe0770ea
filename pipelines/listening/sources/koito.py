"""Koito: the JSON of all listens that it exports.

A name is one of several aliases. What a listen's fields mean is here; how JSON is taken apart is
`json_rows.py`.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.privacy_export.parser import Part
from pipelines.listening.schema.sql import query
from pipelines.listening.schema.tables import NAMES as NAMES_TYPE
from pipelines.listening.schema.tables import UTC_MS
from pipelines.listening.sources.csv_text import instant_sql
from pipelines.listening.sources.json_rows import JsonRows, read_parts
from pipelines.listening.sources.rows import instants_of, part_of
from pipelines.listening.sources.scrobbles import credited, mbids, whole
from pipelines.listening.sources.source import MBID, NAMES, START, Reading, Source, SourceFile

_LISTENS = re.compile(rb'"listens"\s*:\s*\[')
_OWN = re.compile(rb'"(?:exported_at|aliases)"\s*:')


class Alias(msgspec.Struct, gc=False):
    """One of the names of something."""

    alias: str | None = None
    is_primary: bool | None = None


class Track(msgspec.Struct, gc=False):
    """What was heard; its length is in seconds."""

    mbid: str | None = None
    duration: float | None = None
    aliases: list[Alias | None] | None = None


class Album(msgspec.Struct, gc=False):
    """The album of a track."""

    aliases: list[Alias | None] | None = None


class Artist(msgspec.Struct, gc=False):
    """An artist; several of a track may be the primary one, or none."""

    is_primary: bool | None = None
    aliases: list[Alias | None] | None = None


class Listen(msgspec.Struct, gc=False):
    """A row of the export."""

    listened_at: str | float | None = None
    track: Track | None = None
    album: Album | None = None
    artists: list[Artist | None] | None = None


def recognises(name: str, head: bytes) -> bool:  # noqa: ARG001 the content decides
    """Whether a file begins like an export of Koito's.

    Args:
        name: its path, which may be anything.
        head: its first bytes.
    """
    return _LISTENS.search(head) is not None and _OWN.search(head) is not None


def read(file: SourceFile, reading: Reading) -> Iterator[Part]:
    """The listens of one file.

    Args:
        file: the file.
        reading: what is known beside it.

    Raises:
        NotAnExport: where it is none after all.
    """
    yield from read_parts(
        file, lambda rows: _part(rows, file.name, reading), Listen, "listened_at", ("listens",)
    )


def _part(rows: JsonRows[Listen], name: str, reading: Reading) -> Part:
    tracks = [one.track or Track() for one in rows.rows]
    artists = [_artists(one.artists) for one in rows.rows]
    columns = {
        "started_at": _times(rows),
        "track_name": pa.array([name_of(one.aliases) for one in tracks], pa.string()),
        "artist_name": pa.array([one[0] if one else None for one in artists], pa.string()),
        "album_name": rows.column(lambda one: name_of(one.album.aliases) if one.album else None),
        "duration_ms": whole(pa.array([one.duration for one in tracks], pa.float64()), 1000),
        "recording_mbid": mbids(pa.array([one.mbid for one in tracks], pa.string())),
        "artist_names": pa.array(artists, NAMES_TYPE),
    }

    def text(at: int) -> dict[str, object]:
        artist = artists[at]
        return {
            "listened_at": rows.rows[at].listened_at,
            "track": name_of(tracks[at].aliases),
            "artist": artist[0] if artist else None,
        }

    return part_of(
        KOITO, name, columns, reading, text=text, first=rows.first, problems=rows.problems
    )


def _times(rows: JsonRows[Listen]) -> pa.Array:
    """When listens began: ISO 8601, or seconds since 1970."""
    given = [one.listened_at for one in rows.rows]
    texts = pa.array([one if isinstance(one, str) else None for one in given], pa.string())
    numbers = pa.array([one if isinstance(one, float) else None for one in given], pa.float64())
    digits = pc.if_else(pc.match_substring_regex(texts, r"^\d{1,12}$"), texts, None)
    numbers = pc.coalesce(numbers, digits.cast(pa.float64()))
    told = pa.table({"row": pa.array(range(len(texts))), "told": texts})
    # The words of the query are ours.
    sql = f"SELECT row, {instant_sql('told')} AS moment FROM told ORDER BY row"  # noqa: S608
    written = query(sql, told=told)["moment"].combine_chunks().cast(pa.timestamp("ms"))
    return pc.coalesce(written.cast(UTC_MS), instants_of(numbers))


def name_of(aliases: Sequence[Alias | None] | None) -> str | None:
    """The primary one of some names, else the first.

    Args:
        aliases: the names.
    """
    told = [one for one in aliases or () if one and one.alias]
    return next((one.alias for one in told if one.is_primary), told[0].alias if told else None)


def _artists(artists: Sequence[Artist | None] | None) -> list[str] | None:
    """Names of all artists, the primary one first."""
    told = sorted((one for one in artists or () if one), key=lambda one: not one.is_primary)
    return credited([name_of(one.aliases) for one in told])


KOITO = Source(
    name="koito",
    title="Koito",
    rank=12,
    place=22,
    stamp=START,
    precision=timedelta(seconds=1),
    measures=False,
    covers=False,
    identities=(MBID, NAMES),
    recognise=recognises,
    read=read,
)

SOURCES = (KOITO,)
