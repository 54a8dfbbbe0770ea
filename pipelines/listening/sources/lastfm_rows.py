"""What the fields of a scrobble of Last.fm's mean, whatever the file that they stand in.

Times are when a track began, in UTC. A track that is being played now comes with every page and has
no time yet: it is no play, and no error either. Add here what holds of every format; how a format
is taken apart is the module of that format.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.privacy_export.parser import LEFT_OUT, Part
from pipelines.listening.schema.tables import UTC_MS
from pipelines.listening.sources.rows import instants_of, part_of
from pipelines.listening.sources.source import Reading, Source

PLAYING = f"was playing when the file was made, and has no time yet{LEFT_OUT}"

NOT_UNDERSTOOD = "its time is not understood"

_NUMBER = r"^\s*-?\d{1,15}(?:\.\d{1,9})?\s*$"
_MBID = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

MINUTES = r"\d{1,2} [A-Za-z]{3} \d{4},? ?\d{1,2}:\d\d"
"""A time as Last.fm writes it for people: 13 Jun 2025, 00:55."""

_WRITTEN = (
    r"^\s*(?P<day>\d{1,2}) (?P<month>[A-Za-z]{3}) (?P<year>\d{4}),? ?"
    r"(?P<hour>\d{1,2}):(?P<minute>\d\d)\s*$"
)

MINUTE_MS = 60_000


@dataclass(frozen=True)
class Scrobbles:
    """Some scrobbles, column by column, all of them texts as they stand in a file.

    Attributes:
        track: titles.
        artist: names.
        album: names.
        mbid: MusicBrainz's ids of the recordings.
        seconds: when they began, in seconds since 1970.
        milliseconds: the same in milliseconds.
        written: the same as a person writes it, to the minute.
        playing: which are being played.
        left_out: why some others are no plays of their own, by index.
        problems: why some cannot be read, by index.
    """

    track: pa.Array
    artist: pa.Array
    album: pa.Array
    mbid: pa.Array | None = None
    seconds: pa.Array | None = None
    milliseconds: pa.Array | None = None
    written: pa.Array | None = None
    playing: pa.Array | None = None
    left_out: Mapping[int, str] = field(default_factory=dict)
    problems: Mapping[int, str] = field(default_factory=dict)

    def part(self, source: Source, name: str, reading: Reading, first: int) -> Part:
        """The rows that they are.

        Args:
            source: the declaration.
            name: of the file.
            reading: what is known beside it.
            first: number of the first one in the file.
        """
        count = len(self.track)
        exact, told = self._exact(count)
        minutes = pc.and_(pc.is_null(exact), self._has(self.written, count))
        by_minute = _minutes(self.written) if self.written is not None else pa.nulls(count, UTC_MS)
        time = pc.coalesce(exact, by_minute)
        playing = pc.fill_null(self.playing, False) if self.playing is not None else None
        at_once = pc.indices_nonzero(playing).to_pylist() if playing is not None else []
        left_out = {
            at: why
            for at, why in (dict.fromkeys(at_once, PLAYING) | dict(self.left_out)).items()
            if at not in self.problems
        }
        odd = pc.and_(pc.is_null(time), told)
        problems = (
            dict.fromkeys(pc.indices_nonzero(odd).to_pylist(), NOT_UNDERSTOOD)
            | left_out
            | dict(self.problems)
        )
        part = part_of(
            source,
            name,
            {
                "started_at": time,
                "track_name": self.track,
                "artist_name": self.artist,
                "album_name": self.album,
                "recording_mbid": _mbids(self.mbid, count),
                "precision_ms": pc.if_else(
                    minutes, pa.scalar(MINUTE_MS, pa.int32()), pa.scalar(None, pa.int32())
                ),
            },
            reading,
            text=self._text,
            first=first,
            problems=problems,
        )
        return replace(part, lost=part.lost - len(left_out))

    def _exact(self, count: int) -> tuple[pa.Array, pa.Array]:
        """The times to the second, and which rows tell any time at all."""
        exact, told = pa.nulls(count, UTC_MS), self._has(self.written, count)
        for texts, per_second in ((self.seconds, 1), (self.milliseconds, 1000)):
            if texts is not None:
                number = pc.if_else(pc.match_substring_regex(texts, _NUMBER), texts, None)
                number = pc.utf8_trim_whitespace(number).cast(pa.float64())
                exact = pc.coalesce(exact, instants_of(number, per_second=per_second))
                told = pc.or_(told, self._has(texts, count))
        return exact, told

    @staticmethod
    def _has(texts: pa.Array | None, count: int) -> pa.Array:
        if texts is None:
            return pa.repeat(pa.scalar(False), count)
        return pc.fill_null(pc.not_equal(pc.utf8_trim_whitespace(texts), ""), False)

    def _text(self, at: int) -> dict[str, object]:
        columns = {
            "artist": self.artist,
            "track": self.track,
            "album": self.album,
            "uts": self.seconds,
            "date": self.milliseconds,
            "utc_time": self.written,
        }
        return {name: one[at].as_py() for name, one in columns.items() if one is not None}


def without_time(*texts: pa.Array | None) -> pa.Array:
    """Which rows of a table tell no time at all: those that were playing.

    Args:
        texts: the columns of a time that the table has.
    """
    columns = [one for one in texts if one is not None]
    empty = [pc.equal(pc.utf8_trim_whitespace(pc.fill_null(one, "")), "") for one in columns]
    result = empty[0]
    for one in empty[1:]:
        result = pc.and_(result, one)
    return result


def _minutes(texts: pa.Array) -> pa.Array:
    """Times such as 13 Jun 2025, 00:55; null for anything else."""
    found = pc.extract_regex(texts, _WRITTEN)
    parts = {name: pc.struct_field(found, name) for name in ("day", "month", "year", "hour")}
    month = pc.index_in(pc.utf8_lower(parts["month"]), value_set=pa.array(_MONTHS))
    two = {
        "month": pc.add(month, 1).cast(pa.string()),
        "day": parts["day"],
        "hour": parts["hour"],
    }
    padded = {name: pc.utf8_lpad(text, 2, "0") for name, text in two.items()}
    date = pc.binary_join_element_wise(parts["year"], padded["month"], padded["day"], "-")
    clock = pc.binary_join_element_wise(padded["hour"], pc.struct_field(found, "minute"), ":")
    iso = pc.binary_join_element_wise(date, clock, " ")
    return pc.strptime(iso, format="%Y-%m-%d %H:%M", unit="ms", error_is_null=True).cast(UTC_MS)


def _mbids(texts: pa.Array | None, count: int) -> pa.Array:
    """Ids in small letters; null for what is none: Last.fm has them empty, or wrong."""
    if texts is None:
        return pa.nulls(count, pa.string())
    small = pc.utf8_lower(pc.utf8_trim_whitespace(texts))
    return pc.if_else(pc.match_substring_regex(small, _MBID), small, None)
