"""Rockbox and other portable players: the log of Audioscrobbler's format, `.scrobbler.log`.

Values are separated by tabs and have no header: artist, album, title, number on the album, length
in seconds, L (listened) or S (skipped), time, and MusicBrainz's id, the last ones of which may be
missing. Comments before them say which clock the time is of; one that knows no time zone is the
listener's own.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.privacy_export.parser import NotAnExport, Part
from pipelines.listening.schema.sql import query
from pipelines.listening.schema.tables import UTC_MS
from pipelines.listening.sources.pieces import Pieces, column
from pipelines.listening.sources.rows import instants_of, part_of
from pipelines.listening.sources.scrobbles import mbids, whole
from pipelines.listening.sources.source import MBID, NAMES, START, Reading, Source, SourceFile
from pipelines.listening.time.local_time import Zone, instant_of_local_sql

ARTIST, ALBUM, TITLE, LENGTH, RATING, TIME, RECORDING = 0, 1, 2, 4, 5, 6, 7
WIDTH = RECORDING + 1
NEEDED = TIME + 1

UNTAGGED = "<untagged>"
"""What Rockbox writes for the artist of a file that names none."""

_MARK = re.compile(rb"(?:\xef\xbb\xbf|\s)*+#AUDIOSCROBBLER/", re.IGNORECASE)
_ROW = re.compile(rb"^(?:[^\t\r\n]*+\t){4}-?\d*+\t[LS]\t\d++(?:\t[^\r\n]*+)?\r?$", re.MULTILINE)
_NUMBER = r"^\s*-?\d{1,15}(?:\.\d{1,9})?\s*$"
_UTC = re.compile(rb"#TZ/\s*(?:UTC|GMT|Z)\s*$", re.IGNORECASE)
_CLOCK = re.compile(rb"#TZ/", re.IGNORECASE)


def recognises(name: str, head: bytes) -> bool:  # noqa: ARG001 the content decides
    """Whether a file begins like such a log.

    Args:
        name: its path, which may be anything.
        head: its first bytes.
    """
    return _MARK.match(head) is not None or _ROW.search(head) is not None


def read(file: SourceFile, reading: Reading) -> Iterator[Part]:
    """The plays of one log.

    Args:
        file: the file.
        reading: what is known beside it.

    Raises:
        NotAnExport: where it is empty.
    """
    pieces = Pieces(file.name, file.chunks())
    first, local = 1, True
    if not pieces.begin(1):
        raise NotAnExport(pieces.damage or f"{file.name} is empty")
    while True:
        pieces.fill()
        if not pieces.buffer:
            break
        end = len(pieces.buffer) if pieces.exhausted else pieces.buffer.rfind(b"\n") + 1
        text = pieces.take(end or len(pieces.buffer)).replace(b"\r", b"\n")
        # A log to which another one was added has its own clock from there on.
        for lines, of_listener in _by_clock(text.split(b"\n"), local=local):
            local = of_listener
            yield pieces.described(_part(lines, file.name, reading, first, local=local))
            first += len(lines)
    yield pieces.end(any_rows=first > 1)


def _by_clock(lines: Sequence[bytes], *, local: bool) -> Iterator[tuple[list[bytes], bool]]:
    """Rows without comments, and whether their times are of the listener's clock."""
    rows: list[bytes] = []
    for line in lines:
        if line.startswith((b"#", b"\xef\xbb\xbf#")):
            if _CLOCK.search(line):
                if rows:
                    yield rows, local
                    rows = []
                local = _UTC.search(line) is None
        elif line.strip():
            rows.append(line)
    yield rows, local


def _part(lines: Sequence[bytes], name: str, reading: Reading, first: int, *, local: bool) -> Part:
    rows = [line.decode().split("\t") for line in lines]
    problems = {
        at: f"has {len(row)} values instead of {WIDTH}"
        for at, row in enumerate(rows)
        if len(row) < NEEDED or any(value.strip() for value in row[WIDTH:])
    }

    def values(of: int) -> pa.Array:
        return pc.utf8_trim_whitespace(column([row[of] if of < len(row) else None for row in rows]))

    artist, rating = values(ARTIST), pc.utf8_upper(values(RATING))
    time = instants_of(_numbers(values(TIME)))
    columns = {
        "started_at": _of_clock(time, reading.zones) if local else time,
        "track_name": values(TITLE),
        "artist_name": pc.if_else(pc.equal(pc.utf8_lower(artist), UNTAGGED), None, artist),
        "album_name": values(ALBUM),
        "duration_ms": whole(_numbers(values(LENGTH)), 1000),
        "skipped": pc.if_else(pc.is_in(rating, pa.array(["L", "S"])), pc.equal(rating, "S"), None),
        "recording_mbid": mbids(values(RECORDING)),
    }

    def text(at: int) -> dict[str, object]:
        names = {"artist": ARTIST, "album": ALBUM, "title": TITLE, "time": TIME}
        return {key: rows[at][of] for key, of in names.items() if of < len(rows[at])}

    return part_of(ROCKBOX, name, columns, reading, text=text, first=first, problems=problems)


def _numbers(texts: pa.Array) -> pa.Array:
    number = pc.if_else(pc.match_substring_regex(texts, _NUMBER), texts, None)
    return pc.utf8_trim_whitespace(number).cast(pa.float64())


def _of_clock(shown: pa.Array, zones: Sequence[Zone]) -> pa.Array:
    """When the listener's clock showed what is given as if it were UTC."""
    rows = pa.table({"row": pa.array(range(len(shown))), "shown": shown.cast(pa.timestamp("ms"))})
    # Names of zones are checked where settings are read.
    sql = f"SELECT {instant_of_local_sql('shown', zones)} AS moment FROM rows ORDER BY row"  # noqa: S608
    return query(sql, rows=rows)["moment"].combine_chunks().cast(UTC_MS)


ROCKBOX = Source(
    name="rockbox",
    title="Rockbox (.scrobbler.log)",
    rank=15,
    place=25,
    stamp=START,
    precision=timedelta(seconds=1),
    measures=False,
    covers=False,
    identities=(MBID, NAMES),
    recognise=recognises,
    read=read,
    dotted=(".scrobbler",),
)

SOURCES = (ROCKBOX,)
