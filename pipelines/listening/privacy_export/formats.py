"""Rows of Spotify's privacy exports as typed structs, and their mapping to columns of HISTORY.

Add a format here when Spotify uses other keys. Only keys that are fields of these structs are ever
decoded or written: IP addresses, user names and user agents have no field, and must not get one.
Splitting a file into rows, and the handling of damaged rows, is `parser.py`.
"""

# ruff: noqa: N815  (fields are spelled as Spotify spells its keys)

import re
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
from pipelines.listening.privacy_export.filenames import parse_file_name
from pipelines.listening.schema.tables import HISTORY, UTC_MS
from pipelines.listening.time.intervals import FIRST_PLAY_EVER, millis

SCHEMA = pa.schema([f for f in HISTORY.fields if f.name not in {"ordinal", "imported_at"}])

MIN_TIME_LENGTH = len("2021-04-22 05:41")
"""Arrow parses a date or an hour as a time; no export contains one."""

_LIKE_A_TIME = r"^\d{4}-\d\d-\d\d[ T]\d\d:\d\d"

SKIPS = ("fwdbtn", "backbtn", "endplay", "unknown")
"""Reasons for which a play ended early: `skipped` itself was false for years (2015 to 2022)."""

MAX_EPOCH_SECONDS = 100_000_000_000
"""A greater `offline_timestamp` is in milliseconds."""

OFFLINE_MS = (int(FIRST_PLAY_EVER.timestamp()) * 1000, 4_102_444_800_000)
"""From 2006 to 2100: any other `offline_timestamp` is invalid."""

MAX_ROW_BYTES = 2**20
TOO_LONG = "is longer than any play"
"""Why a row of more than `MAX_ROW_BYTES` bytes is refused: decoded it may be 20 times as large."""

MAX_NAME_BYTES = 8 * 2**10
"""No name, platform or reason is as long; millions of longer ones would fill the memory."""

MAX_MS_PLAYED = 24 * 60 * 60 * 1000
"""A video that runs all night is a play; one of more than a day is an error."""

TOO_OLD = (
    "has the format of 2018, which does not say how long anything was played: "
    "request the extended streaming history, which has these plays too"
)
_MENTIONED = re.compile(
    rb"""\b(?:ms_played|msPlayed)["']?\s*[:,;\r\n\t]|"time"\s*:\s*"\d{4}-\d\d-\d\d[ T]\d\d:\d\d"""
)
_TOO_OLD_KEYS = {"artistName", "trackName", "time"}

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
class ExportFormat:
    """One of the formats of listening history.

    Attributes:
        row: the struct that its rows are decoded to.
        time: the field with the time at which a play ended.
        length: the field with the milliseconds heard.
        columns: maps fields (`fields_of`) to columns of HISTORY; missing columns are null.
    """

    row: type[Row]
    time: str
    length: str
    columns: Callable[[Columns], dict[str, pa.Array]]

    @cached_property
    def decoder(self) -> msgspec.json.Decoder[list[Row]]:
        """A decoder for a list of its rows."""
        return msgspec.json.Decoder(list[self.row])  # type: ignore[name-defined]


def detect_format(keys: Collection[str], name: str) -> ExportFormat | None:
    """The format of a row; None if it is not listening history.

    Args:
        keys: the row's keys.
        name: name of its file: only that distinguishes a music file from an older one that
            includes podcasts.
    """
    format_ = next((one for needed, one in _FORMATS if needed <= set(keys)), None)
    file = parse_file_name(name)
    return MUSIC if format_ is MIXED and file and file.family == "music" else format_


def mentions_plays(text: bytes) -> bool:
    """Whether a text has the keys of a row of history, in whatever it is written.

    Args:
        text: a part of a file; of a table in another format too, such as CSV.
    """
    return bool(_MENTIONED.search(text))


def is_too_old(keys: Collection[str]) -> bool:
    """Whether a row is of the account data of 2018, which has no lengths (`TOO_OLD`).

    Args:
        keys: the row's keys.
    """
    return set(keys) >= _TOO_OLD_KEYS and "msPlayed" not in keys


def fields_of(rows: Sequence[Row], format_: ExportFormat) -> dict[str, pa.Array]:
    """The fields of rows as one Arrow array each; empty strings become null.

    Args:
        rows: decoded rows of one format.
        format_: that format.

    Returns:
        Arrays by the name of the field.
    """
    names = format_.row.__struct_fields__
    return {name: _array(name, list(map(attrgetter(name), rows))) for name in names}


def times_of(
    fields: Columns, format_: ExportFormat, latest: datetime
) -> tuple[pa.Array, dict[int, str]]:
    """Parse times, and report rows that cannot be a play.

    Args:
        fields: the rows' fields, from `fields_of`.
        format_: their format. Times are ISO 8601 with a time zone or in UTC; nothing else is one.
        latest: the latest time at which a play may end.

    Returns:
        timestamp[ms, UTC] of the same length, null where there is no time; and the problem of each
        row that has one, by index.
    """
    times = _times(fields[format_.time])
    since_1970 = times.cast(pa.int64())  # a year beyond 9999 is no `datetime`
    earliest = millis(FIRST_PLAY_EVER)
    checks = {
        f"{format_.time} is no time": pc.is_null(times),
        f"{format_.time} is before {FIRST_PLAY_EVER:%Y}": pc.less(since_1970, earliest),
        f"{format_.time} lies in the future": pc.greater(since_1970, millis(latest)),
        f"{format_.length} is more than a day": pc.greater(fields[format_.length], MAX_MS_PLAYED),
    }
    for name, values in fields.items():
        if values.type == pa.string() and (_longest(values) > MAX_NAME_BYTES):
            too_long = pc.greater(pc.binary_length(values), MAX_NAME_BYTES)
            checks[f"{name} is longer than any name"] = too_long
    problems: dict[int, str] = {}
    for problem, bad in checks.items():
        if pc.any(bad).as_py():
            for at in pc.indices_nonzero(bad.fill_null(False)).to_pylist():
                problems.setdefault(at, problem)
    return times, problems


def _longest(texts: pa.Array) -> int:
    """Bytes of the longest text."""
    return pc.max(pc.binary_length(texts)).as_py() or 0


def table_of(
    fields: Columns, times: pa.Array, numbers: Sequence[int], format_: ExportFormat, name: str
) -> pa.Table:
    """Rows of one file as columns of HISTORY, without `ordinal` and `imported_at`.

    Args:
        fields: the rows' fields, from `fields_of`.
        times: when each play ended, from `times_of`.
        numbers: position of each row in its file, counted from 1.
        format_: format of the file.
        name: name of the file.
    """
    columns = format_.columns(fields) | {
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
    shortest = pc.min(pc.binary_length(array)).as_py()
    return array if shortest else pc.if_else(pc.equal(array, ""), None, array)


def _times(texts: pa.Array) -> pa.Array:
    try:
        return _cast(texts)
    except pa.ArrowInvalid:  # one of them is not a time: find out which
        like_times = pc.match_substring_regex(texts, _LIKE_A_TIME)
        different = pc.unique(pc.if_else(like_times, texts, None))
        times = pa.concat_arrays([_time(text) for text in different])
        return times.take(pc.index_in(pc.if_else(like_times, texts, None), different))


def _time(text: pa.Scalar) -> pa.Array:
    try:
        return _cast(pa.array([text.as_py()], pa.string()))
    except pa.ArrowInvalid:
        return pa.nulls(1, UTC_MS)


def _cast(texts: pa.Array) -> pa.Array:
    if (pc.min(pc.binary_length(texts)).as_py() or MIN_TIME_LENGTH) < MIN_TIME_LENGTH:
        raise pa.ArrowInvalid("a date without a time")
    try:
        times = texts.cast(pa.timestamp("us", "UTC"))
    except pa.ArrowInvalid:  # account data has no time zone, and means UTC
        times = texts.cast(pa.timestamp("us"))
    return times.cast(UTC_MS, safe=False)


def _extended(fields: Columns) -> dict[str, pa.Array]:
    uris = (
        fields["spotify_track_uri"],
        fields["spotify_episode_uri"],
        fields["audiobook_chapter_uri"],
        fields["audiobook_uri"],
    )
    uri = pc.coalesce(*uris)
    return {
        "source": _all("export", uri),
        "kind": _kind(fields, uri),
        "track_uri": uri,
        "track_name": pc.coalesce(
            fields["master_metadata_track_name"],
            fields["episode_name"],
            fields["audiobook_chapter_title"],
            fields["audiobook_title"],
        ),
        "artist_name": fields["master_metadata_album_artist_name"],
        "album_name": pc.coalesce(
            fields["master_metadata_album_album_name"],
            fields["episode_show_name"],
            fields["audiobook_title"],
        ),
        "ms_played": fields["ms_played"],
        "skipped": _skipped(fields["skipped"], fields["reason_end"]),
        "shuffle": fields["shuffle"],
        "offline": fields["offline"],
        "incognito": fields["incognito_mode"],
        "reason_start": fields["reason_start"],
        "reason_end": fields["reason_end"],
        "platform": fields["platform"],
        "country": fields["conn_country"],
        "offline_at": _offline_at(fields["offline_timestamp"]),
    }


def _kind(fields: Columns, uri: pa.Array) -> pa.Array:
    def any_of(*names: str) -> pa.Array:
        return pc.is_valid(pc.coalesce(*(fields[name] for name in names)))

    audiobook = (name for name in fields if name.startswith("audiobook_"))
    nameless_uri = pc.and_(any_of("master_metadata_track_name"), pc.is_null(uri))
    kinds = {
        "track": pc.starts_with(fields["spotify_track_uri"], "spotify:track:"),
        "local": pc.starts_with(fields["spotify_track_uri"], "spotify:local:"),
        "episode": any_of("spotify_episode_uri", "episode_name"),
        "audiobook": any_of(*audiobook),
        "local ": nameless_uri,
    }
    conditions = pa.StructArray.from_arrays(
        [condition.fill_null(False) for condition in kinds.values()],
        names=list(kinds),
    )
    return pc.case_when(conditions, *(kind.strip() for kind in kinds), "unknown")


def _skipped(skipped: pa.Array, reason_end: pa.Array) -> pa.Array:
    ended_early = pc.or_(skipped.fill_null(False), pc.is_in(reason_end, pa.array(SKIPS)))
    return pc.if_else(pc.or_(pc.is_valid(skipped), pc.is_valid(reason_end)), ended_early, None)


def _offline_at(stamps: pa.Array) -> pa.Array:
    in_ms = pc.if_else(pc.greater(stamps, MAX_EPOCH_SECONDS), stamps, pc.multiply(stamps, 1000))
    plausible = pc.and_(
        pc.greater(stamps, 0),  # a large negative number overflows when multiplied
        pc.and_(pc.greater_equal(in_ms, OFFLINE_MS[0]), pc.less(in_ms, OFFLINE_MS[1])),
    )
    return pc.if_else(plausible, in_ms, None).cast(UTC_MS)


def _account(kind: str, **names: str) -> Callable[[Columns], dict[str, pa.Array]]:
    def columns(fields: Columns) -> dict[str, pa.Array]:
        played = fields["msPlayed"]
        alike = {"source": _all("account", played), "kind": _all(kind, played)}
        named = {column: fields[name] for column, name in names.items()}
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
"""Types of the fields that are not strings."""

EXTENDED = ExportFormat(Extended, "ts", "ms_played", _extended)
MUSIC = ExportFormat(
    Music,
    "endTime",
    "msPlayed",
    _account("track", track_name="trackName", artist_name="artistName"),
)
MIXED = ExportFormat(
    Music,
    "endTime",
    "msPlayed",
    _account("unknown", track_name="trackName", artist_name="artistName"),
)
PODCAST = ExportFormat(
    Podcast,
    "endTime",
    "msPlayed",
    _account("episode", track_name="episodeName", album_name="podcastName"),
)
AUDIOBOOK = ExportFormat(
    Audiobook,
    "endTime",
    "msPlayed",
    _account(
        "audiobook",
        track_name="chapterName",
        album_name="audiobookName",
        artist_name="authorName",
    ),
)

_FORMATS = (
    ({"ts", "ms_played"}, EXTENDED),
    ({"endTime", "msPlayed", "trackName"}, MIXED),
    ({"endTime", "msPlayed", "episodeName"}, PODCAST),
    ({"endTime", "msPlayed", "audiobookName"}, AUDIOBOOK),
    ({"endTime", "msPlayed", "chapterName"}, AUDIOBOOK),
)
"""Keys that identify a row, and its format."""

KNOWN_KEYS = frozenset(key for _, one in _FORMATS for key in one.row.__struct_fields__)
"""The only keys of a refused row whose values may be stored."""


def too_long(row: msgspec.Raw) -> bool:
    """Whether a row has more bytes than a play can have, and must not be decoded."""
    return memoryview(row).nbytes > MAX_ROW_BYTES
