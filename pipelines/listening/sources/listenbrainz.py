"""ListenBrainz: the zip of all listens by month, the older single list, and its answers.

A listen's time is when it began, but for those that ListenBrainz took from Spotify by itself, which
carry the time of Spotify: the end. What a listen's fields mean is here; how JSON is taken apart is
`json_rows.py`.
"""

import re
from collections.abc import Iterator
from datetime import timedelta

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.privacy_export.parser import Part
from pipelines.listening.schema.tables import NAMES as NAMES_TYPE
from pipelines.listening.sources.json_rows import JsonRows, read_parts
from pipelines.listening.sources.rows import instants_of, part_of
from pipelines.listening.sources.scrobbles import (
    credited,
    isrcs,
    kinds_of,
    mbids,
    track_uris,
    whole,
)
from pipelines.listening.sources.source import (
    ISRC,
    MBID,
    NAMES,
    START,
    URI,
    Reading,
    Source,
    SourceFile,
)

WRAPPERS = ("listens", "payload")
"""Under which keys lists of listens stand in answers and in what was sent."""

_TIME = re.compile(rb'"listened_at"\s*:')
_TRACK = re.compile(rb'"track_metadata"\s*:')


class Credit(msgspec.Struct, gc=False):
    """An artist as the release names them."""

    artist_credit_name: str | None = None


class Mapping(msgspec.Struct, gc=False):
    """What ListenBrainz took the listen for in MusicBrainz."""

    recording_mbid: str | None = None
    artists: list[Credit | None] | None = None


class Info(msgspec.Struct, gc=False):
    """What the program that sent the listen said of it."""

    isrc: str | None = None
    spotify_id: str | None = None
    origin_url: str | None = None
    recording_mbid: str | None = None
    duration_ms: float | None = None
    duration: float | None = None
    duration_played: float | None = None
    ms_played: float | None = None
    artist_names: list[str | None] | None = None
    music_service: str | None = None
    music_service_name: str | None = None
    listening_from: str | None = None
    submission_client: str | None = None


class Metadata(msgspec.Struct, gc=False):
    """What was heard."""

    track_name: str | None = None
    artist_name: str | None = None
    release_name: str | None = None
    mbid_mapping: Mapping | None = None
    additional_info: Info | None = None


class Listen(msgspec.Struct, gc=False):
    """A row of the export."""

    listened_at: float | None = None
    track_metadata: Metadata | None = None


def recognises(name: str, head: bytes) -> bool:  # noqa: ARG001 the content decides
    """Whether a file begins like listens.

    Args:
        name: its path, which may be anything.
        head: its first bytes.
    """
    return _TIME.search(head) is not None and _TRACK.search(head) is not None


def read(file: SourceFile, reading: Reading) -> Iterator[Part]:
    """The listens of one file.

    Args:
        file: the file.
        reading: what is known beside it.

    Raises:
        NotAnExport: where it is none after all.
    """
    yield from read_parts(
        file, lambda rows: _part(rows, file.name, reading), Listen, "listened_at", WRAPPERS
    )


NO_METADATA, NO_INFO, NO_MAPPING = Metadata(), Info(), Mapping()


def _part(rows: JsonRows[Listen], name: str, reading: Reading) -> Part:
    tracks = [one.track_metadata or NO_METADATA for one in rows.rows]
    told = [one.additional_info or NO_INFO for one in tracks]
    mapped = [one.mbid_mapping or NO_MAPPING for one in tracks]

    def texts(values: list[str | None]) -> pa.Array:
        return pa.array(values, pa.string())

    def numbers(values: list[float | None]) -> pa.Array:
        return pa.array(values, pa.float64())

    time = instants_of(rows.column(lambda one: one.listened_at, pa.float64()))
    is_end = pa.array(list(map(took_from_spotify, told)), pa.bool_())
    uris = pc.coalesce(
        track_uris(texts([one.spotify_id for one in told])),
        track_uris(texts([one.origin_url for one in told])),
    )
    artists = [
        credited([credit.artist_credit_name for credit in one.artists or () if credit])
        or credited(info.artist_names)
        for one, info in zip(mapped, told, strict=True)
    ]
    columns = {
        "started_at": pc.if_else(is_end, None, time),
        "played_at": pc.if_else(is_end, time, None),
        "kind": kinds_of(uris),
        "track_uri": uris,
        "track_name": texts([one.track_name for one in tracks]),
        "artist_name": texts([one.artist_name for one in tracks]),
        "album_name": texts([one.release_name for one in tracks]),
        "ms_played": pc.coalesce(
            whole(numbers([one.ms_played for one in told])),
            whole(numbers([one.duration_played for one in told]), 1000),
        ),
        "duration_ms": pc.coalesce(
            whole(numbers([one.duration_ms for one in told])),
            whole(numbers([one.duration for one in told]), 1000),
        ),
        "isrc": isrcs(texts([one.isrc for one in told])),
        "recording_mbid": pc.coalesce(
            mbids(texts([one.recording_mbid for one in mapped])),
            mbids(texts([one.recording_mbid for one in told])),
        ),
        "artist_names": pa.array(artists, NAMES_TYPE),
    }

    def text(at: int) -> dict[str, object]:
        heard = tracks[at]
        return {
            "listened_at": rows.rows[at].listened_at,
            "track_name": heard.track_name,
            "artist_name": heard.artist_name,
            "release_name": heard.release_name,
        }

    return part_of(
        LISTENBRAINZ,
        name,
        columns,
        reading,
        text=text,
        first=rows.first,
        problems=rows.problems,
    )


def took_from_spotify(info: Info) -> bool:
    """Whether ListenBrainz took a listen from Spotify by itself, so that its time is the end.

    Programs that watch Spotify playing name themselves, and send the beginning.

    Args:
        info: what was said of the listen.
    """
    services = (info.music_service, info.music_service_name, info.listening_from)
    if not any("spotify" in service.lower() for service in services if service):
        return False
    client = (info.submission_client or "").strip().lower()
    return not client or client.startswith("listenbrainz")


LISTENBRAINZ = Source(
    name="listenbrainz",
    title="ListenBrainz",
    rank=10,
    place=20,
    stamp=START,
    precision=timedelta(seconds=1),
    measures=False,
    covers=False,
    identities=(URI, ISRC, MBID, NAMES),
    recognise=recognises,
    read=read,
)

SOURCES = (LISTENBRAINZ,)
