"""The rows of Spotify's privacy exports as typed structs, and their columns in HISTORY's terms.

Add a format here when Spotify tells its history in other keys. The fields of the structs are the
only keys that are ever decoded or written: an IP address, a user name or a user agent has none,
and must get none. Cutting a file into rows, and what becomes of damaged ones, is `parser.py`.
"""

# ruff: noqa: N815  (fields are spelled as Spotify spells its keys)

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from operator import attrgetter
from typing import Annotated

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.api.objects import Milliseconds
from pipelines.listening.privacy_export.filenames import history_name
from pipelines.listening.schema.tables import HISTORY, UTC_MS
from pipelines.listening.time.intervals import FIRST_PLAY_EVER

SCHEMA = pa.schema([f for f in HISTORY.fields if f.name not in {"ordinal", "imported_at"}])

SHORTEST_TIME = len("2021-04-22 05:41")
"""Arrow takes a day or an hour for a time; no export means one."""

SKIPS = ("fwdbtn", "backbtn", "endplay", "unknown")
"""With these a play ends before its end: `skipped` itself was false for years (2015 to 2022)."""

MOST_SECONDS = 100_000_000_000
"""A greater `offline_timestamp` counts milliseconds."""

OFFLINE_MS = (int(FIRST_PLAY_EVER.timestamp()) * 1000, 4_102_444_800_000)
"""From 2006 to 2100: an `offline_timestamp` beyond is nonsense."""

MOST_LOST = 100_000
"""Rows that are refused, in one file: a file of nothing else would fill the memory."""

LONGEST_ROW = 2**20
TOO_LONG = "is longer than any play"
"""Why a row of more than `LONGEST_ROW` bytes is refused: many keys take twenty times their size."""

Stamp = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
Columns = Mapping[str, pa.Array]


class Extended(msgspec.Struct, gc=False):
    """A row of the extended streaming history."""

    ts: str
    ms_played: Milliseconds
    platform: str | None = None
    conn_country: str | None = None
    master_metadata_track_name: str | None = None
    master_metadata_album_artist_name: str | None = None
    master_metadata_album_album_name: str | None = None
    spotify_track_uri: str | None = None
    episode_name: str | None = None
    episode_show_name: str | None = None
    spotify_episode_uri: str | None = None
    audiobook_title: str | None = None
    audiobook_uri: str | None = None
    audiobook_chapter_uri: str | None = None
    audiobook_chapter_title: str | None = None
    reason_start: str | None = None
    reason_end: str | None = None
    shuffle: bool | None = None
    skipped: bool | None = None
    offline: bool | None = None
    offline_timestamp: Stamp | None = None
    incognito_mode: bool | None = None


class Music(msgspec.Struct, gc=False):
    """A row of the account data: music, in old files podcasts too."""

    endTime: str
    msPlayed: Milliseconds
    trackName: str | None = None
    artistName: str | None = None


class Podcast(msgspec.Struct, gc=False):
    """A row of the account data: an episode."""

    endTime: str
    msPlayed: Milliseconds
    episodeName: str | None = None
    podcastName: str | None = None


class Audiobook(msgspec.Struct, gc=False):
    """A row of the account data: a chapter."""

    endTime: str
    msPlayed: Milliseconds
    chapterName: str | None = None
    audiobookName: str | None = None
    authorName: str | None = None


Row = Extended | Music | Podcast | Audiobook


@dataclass(frozen=True, eq=False)
class Format:
    """One of the ways in which Spotify tells history.

    Attributes:
        row: what its rows are decoded to.
        time: the field that tells when a play ended.
        columns: from fields (`fields_of`) to columns of HISTORY; a column not given is null.
    """

    row: type[Row]
    time: str
    columns: Callable[[Columns], dict[str, pa.Array]]

    @cached_property
    def decoder(self) -> msgspec.json.Decoder[list[Row]]:
        """Decodes a list of its rows."""
        return msgspec.json.Decoder(list[self.row])  # type: ignore[name-defined]


def format_of(keys: Collection[str], name: str) -> Format | None:
    """The format of a row with these keys; null where it is no row of history.

    Args:
        keys: of the row.
        name: of its file: only that tells a file of music from an older one that mixes podcasts
            in.
    """
    found = next((one for needed, one in _TOLD_BY if needed <= set(keys)), None)
    told = history_name(name)
    return MUSIC if found is MIXED and told and told.family == "music" else found


def fields_of(rows: Sequence[Row], format_: Format) -> dict[str, pa.Array]:
    """The fields of rows as one Arrow array each; empty strings are null."""
    names = format_.row.__struct_fields__
    return {name: _array(name, list(map(attrgetter(name), rows))) for name in names}


def times_of(texts: pa.Array, latest: datetime) -> tuple[pa.Array, dict[int, str]]:
    """Times as milliseconds in UTC, and what is wrong with those that cannot be a play's.

    Args:
        texts: ISO 8601, with a time zone or in UTC; no other spelling is a time.
        latest: no play ends after it.

    Returns:
        timestamp[ms, UTC] of the same length, null where there is no time; the problem by
        position.
    """
    times = _times(texts)
    first, last = pa.scalar(FIRST_PLAY_EVER, UTC_MS), pa.scalar(latest, UTC_MS)
    good = pc.and_(pc.greater_equal(times, first), pc.less_equal(times, last)).fill_null(False)
    if pc.all(good).as_py() is not False:
        return times, {}
    bad = pc.indices_nonzero(pc.invert(good)).to_pylist()
    return times, {at: _problem(times[at].as_py()) for at in bad}


def table_of(
    told: Columns, times: pa.Array, numbers: Sequence[int], format_: Format, name: str
) -> pa.Table:
    """The rows of one file in HISTORY's columns, without `ordinal` and `imported_at`.

    Args:
        told: their fields, from `fields_of`.
        times: when each play ended, from `times_of`.
        numbers: position of each row in its file, counted from 1.
        format_: of the file.
        name: of the file.
    """
    columns = format_.columns(told) | {
        "played_at": times,
        "file": _all(name, times),
        "row": pa.array(numbers, pa.int32()),
    }
    return pa.Table.from_arrays(
        [columns.get(f.name, pa.nulls(len(times), f.type)) for f in SCHEMA], schema=SCHEMA
    )


def _array(name: str, values: Sequence[object]) -> pa.Array:
    type_ = _ARROW_TYPES.get(name, pa.string())
    array = pa.array(values, type_)
    if type_ != pa.string() or array.null_count == len(array):
        return array
    empty = pc.equal(array, "")
    return pc.if_else(empty, None, array) if pc.any(empty).as_py() else array


def _times(texts: pa.Array) -> pa.Array:
    try:
        return _cast(texts)
    except pa.ArrowInvalid:  # one of them is no time: find out which
        return pa.array([_time(text) for text in texts], UTC_MS)


def _time(text: pa.Scalar) -> datetime | None:
    try:
        [time] = _cast(pa.array([text.as_py()], pa.string())).to_pylist()
    except pa.ArrowInvalid:
        return None
    return time  # type: ignore[no-any-return]


def _cast(texts: pa.Array) -> pa.Array:
    if (pc.min(pc.binary_length(texts)).as_py() or SHORTEST_TIME) < SHORTEST_TIME:
        raise pa.ArrowInvalid("a date without a time")
    try:
        times = texts.cast(pa.timestamp("us", "UTC"))
    except pa.ArrowInvalid:  # account data tells no time zone, and means UTC
        times = texts.cast(pa.timestamp("us"))
    return times.cast(UTC_MS, safe=False)


def _problem(time: datetime | None) -> str:
    if time is None:
        return "is no time"
    return f"is before {FIRST_PLAY_EVER:%Y}" if time < FIRST_PLAY_EVER else "lies in the future"


def _extended(told: Columns) -> dict[str, pa.Array]:
    uris = (
        told["spotify_track_uri"],
        told["spotify_episode_uri"],
        told["audiobook_chapter_uri"],
        told["audiobook_uri"],
    )
    uri = pc.coalesce(*uris)
    return {
        "source": _all("export", uri),
        "kind": _kind(told, uri),
        "track_uri": uri,
        "track_name": pc.coalesce(
            told["master_metadata_track_name"],
            told["episode_name"],
            told["audiobook_chapter_title"],
            told["audiobook_title"],
        ),
        "artist_name": told["master_metadata_album_artist_name"],
        "album_name": pc.coalesce(
            told["master_metadata_album_album_name"],
            told["episode_show_name"],
            told["audiobook_title"],
        ),
        "ms_played": told["ms_played"],
        "skipped": _skipped(told["skipped"], told["reason_end"]),
        "shuffle": told["shuffle"],
        "offline": told["offline"],
        "incognito": told["incognito_mode"],
        "reason_start": told["reason_start"],
        "reason_end": told["reason_end"],
        "platform": told["platform"],
        "country": told["conn_country"],
        "offline_at": _offline_at(told["offline_timestamp"]),
    }


def _kind(told: Columns, uri: pa.Array) -> pa.Array:
    def any_of(*names: str) -> pa.Array:
        return pc.is_valid(pc.coalesce(*(told[name] for name in names)))

    audiobook = (name for name in told if name.startswith("audiobook_"))
    nameless_uri = pc.and_(any_of("master_metadata_track_name"), pc.is_null(uri))
    kinds = {
        "track": pc.starts_with(told["spotify_track_uri"], "spotify:track:"),
        "local": pc.starts_with(told["spotify_track_uri"], "spotify:local:"),
        "episode": any_of("spotify_episode_uri", "episode_name"),
        "audiobook": any_of(*audiobook),
        "local ": nameless_uri,
    }
    conditions = pa.StructArray.from_arrays(
        [told_so.fill_null(False) for told_so in kinds.values()],
        names=list(kinds),
    )
    return pc.case_when(conditions, *(kind.strip() for kind in kinds), "unknown")


def _skipped(skipped: pa.Array, reason_end: pa.Array) -> pa.Array:
    ended_early = pc.or_(skipped.fill_null(False), pc.is_in(reason_end, pa.array(SKIPS)))
    return pc.if_else(pc.or_(pc.is_valid(skipped), pc.is_valid(reason_end)), ended_early, None)


def _offline_at(stamps: pa.Array) -> pa.Array:
    in_ms = pc.if_else(pc.greater(stamps, MOST_SECONDS), stamps, pc.multiply(stamps, 1000))
    sound = pc.and_(
        pc.greater(stamps, 0),  # a large negative one wraps when it is multiplied
        pc.and_(pc.greater_equal(in_ms, OFFLINE_MS[0]), pc.less(in_ms, OFFLINE_MS[1])),
    )
    return pc.if_else(sound, in_ms, None).cast(UTC_MS)


def _account(kind: str, **names: str) -> Callable[[Columns], dict[str, pa.Array]]:
    def columns(told: Columns) -> dict[str, pa.Array]:
        played = told["msPlayed"]
        alike = {"source": _all("account", played), "kind": _all(kind, played)}
        named = {column: told[name] for column, name in names.items()}
        return alike | named | {"ms_played": played}

    return columns


def _all(text: str, like: pa.Array) -> pa.Array:
    return pa.repeat(pa.scalar(text, pa.string()), len(like))


_ARROW_TYPES = {
    "ms_played": pa.int32(),
    "msPlayed": pa.int32(),
    "shuffle": pa.bool_(),
    "skipped": pa.bool_(),
    "offline": pa.bool_(),
    "incognito_mode": pa.bool_(),
    "offline_timestamp": pa.int64(),
}
"""Of the fields that are no strings."""

EXTENDED = Format(Extended, "ts", _extended)
MUSIC = Format(
    Music, "endTime", _account("track", track_name="trackName", artist_name="artistName")
)
MIXED = Format(
    Music, "endTime", _account("unknown", track_name="trackName", artist_name="artistName")
)
PODCAST = Format(
    Podcast, "endTime", _account("episode", track_name="episodeName", album_name="podcastName")
)
AUDIOBOOK = Format(
    Audiobook,
    "endTime",
    _account(
        "audiobook",
        track_name="chapterName",
        album_name="audiobookName",
        artist_name="authorName",
    ),
)

_TOLD_BY = (
    ({"ts", "ms_played"}, EXTENDED),
    ({"endTime", "msPlayed", "trackName"}, MIXED),
    ({"endTime", "msPlayed", "episodeName"}, PODCAST),
    ({"endTime", "msPlayed", "audiobookName"}, AUDIOBOOK),
    ({"endTime", "msPlayed", "chapterName"}, AUDIOBOOK),
)
"""The keys of a row, and the format that has them."""

KNOWN_KEYS = frozenset(key for _, one in _TOLD_BY for key in one.row.__struct_fields__)
"""All that may be told of a refused row."""


def too_long(row: msgspec.Raw) -> bool:
    """Whether a row has more bytes than a play can have, and must not be looked into."""
    return memoryview(row).nbytes > LONGEST_ROW
