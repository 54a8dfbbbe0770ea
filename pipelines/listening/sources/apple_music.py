"""Apple Music's "Play Activity", in the data that privacy.apple.com gives on request.

Only columns that are named here are ever decoded: the file also has IP addresses, places, ids of
devices and of accounts, which must get no name here. The artist is in hardly any row, and is joined
from files beside it. Add here what another year's file calls a column.

It tells nothing of what Spotify played, so it covers nothing and closes no gap.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.catalogue.names import nobody_sql, normal_sql
from pipelines.listening.privacy_export.encodings import as_utf8
from pipelines.listening.privacy_export.formats import MAX_MS_PLAYED, SCHEMA
from pipelines.listening.privacy_export.parser import DamagedFile, NotAnExport, Part
from pipelines.listening.schema.sql import query
from pipelines.listening.schema.tables import REFUSED_HISTORY
from pipelines.listening.sources.csv_text import (
    header_of,
    instant_sql,
    read_csv,
    truth_sql,
    whole_sql,
)
from pipelines.listening.sources.rows import part_of
from pipelines.listening.sources.source import END, NAMES, Reading, Source, SourceFile

TITLES = ("Song Name", "Content Name")
TIMES = ("Event End Timestamp", "Event Start Timestamp", "Event Timestamp")
LENGTH = "Play Duration Milliseconds"

ACTIVITY = {
    "event": ("Event Type",),
    "title": TITLES,
    "description": ("Track Description",),
    "artist": ("Artist Name",),
    "container": ("Container Type",),
    "container_artist": ("Container Artist Name",),
    "album": ("Album Name", "Container Album Name"),
    "started": ("Event Start Timestamp",),
    "ended": ("Event End Timestamp",),
    "told": ("Event Timestamp",),
    "played": (LENGTH,),
    "whole": ("Media Duration In Milliseconds",),
    "position": ("Start Position In Milliseconds",),
    "reason": ("End Reason Type",),
    "media": ("Media Type",),
    "offline": ("Offline",),
    "shuffle": ("Shuffle Play",),
    "platform": ("Device OS Name", "Source Type"),
    "zone": ("UTC Offset In Seconds",),
}
"""The columns that are read, and what files of different years call them."""

DESCRIBED = {
    "description": ("Track Description", "Track Name"),
    "day": ("Date Played",),
}
"""Columns of the files beside it that say "artist - title"."""

REASONS = {
    "NATURAL_END_OF_TRACK": "trackdone",
    "TRACK_SKIPPED_FORWARDS": "fwdbtn",
    "TRACK_SKIPPED_BACKWARDS": "backbtn",
    "MANUALLY_SELECTED_PLAYBACK_OF_A_DIFF_ITEM": "endplay",
    "EXITED_APPLICATION": "logout",
    "FAILED_TO_LOAD": "trackerror",
}
"""Apple's reasons in the words of the table; others stay as they are."""

SKIPS = ("fwdbtn", "backbtn", "endplay", "TRACK_BANNED")
UNKNOWN_REASONS = ("NOT_APPLICABLE", "OTHER", "NOT_SUPPORTED_BY_CLIENT")

PAUSES = (
    "PLAYBACK_MANUALLY_PAUSED",
    "PLAYBACK_SUSPENDED",
    "PLAYBACK_PAUSED_DUE_TO_INACTIVITY",
    "PAUSED_ON_TIMEOUT",
    "SCRUB_BEGIN",
    "SCRUB_END",
)
"""Reasons after which a play may go on: Apple tells each piece of it."""

LONGEST_PAUSE = timedelta(minutes=30)
"""After a longer one it is another play."""

TOLERANCE = timedelta(seconds=60)


def recognises(name: str, head: bytes) -> bool:  # noqa: ARG001 as every `Recognise`
    """Whether a file is the Play Activity, by its columns.

    Args:
        name: its path.
        head: its first bytes.
    """
    has = header_of(head).has
    return has(LENGTH) and any(map(has, TIMES)) and any(map(has, (*TITLES, "Track Description")))


def names_artists(name: str, head: bytes) -> bool:
    """Whether a file tells who made the songs: daily tracks, or the library.

    Args:
        name: its path.
        head: its first bytes.
    """
    header = header_of(head)
    described = header.has("Track Description") or header.has("Track Name", "Last Played Date")
    library = all(key in head for key in (b'"Title"', b'"Artist"', b'"Track Identifier"'))
    return not recognises(name, head) and (described or library)


def read(file: SourceFile, reading: Reading) -> Iterator[Part]:
    """The plays of one file: the rows that are the end of one, those of one play joined.

    Args:
        file: the file.
        reading: what is known beside it; of it, the files that name artists.

    Raises:
        NotAnExport: where the file has not a single row.
    """
    pieces = list(read_csv(file.chunks(), ACTIVITY))
    rows = pa.concat_tables([piece.columns for piece in pieces])
    damage = pieces[-1].damage
    if not len(rows):
        raise NotAnExport(damage or f"{file.name} has no rows")
    rows = rows.append_column("line", pa.array(range(len(rows)), pa.int32()))
    problems = {
        piece.first - 1 + at: problem for piece in pieces for at, problem in piece.problems.items()
    }
    broken = pa.table({"line": pa.array(list(problems), pa.int32())})
    library, described = _beside(reading)
    typed = query(_TYPED, rows=rows, broken=broken)
    plays = query(_PLAYS, typed=typed)
    named = query(_NAMED, plays=plays, library=library, described=described)
    yield replace(
        _part(file, reading, named, problems),
        encoding=next((piece.encoding for piece in pieces if piece.encoding), ""),
        lost_characters=sum(piece.lost_characters for piece in pieces),
        note=_left_out(typed, plays),
    )
    if damage:
        refused = REFUSED_HISTORY.from_rows(
            [{"file": file.name, "row": 0, "reason": damage, "text": "{}"}]
        )
        yield Part(SCHEMA.empty_table(), refused, 1, damaged=True)


def _part(file: SourceFile, reading: Reading, plays: pa.Table, problems: Mapping[int, str]) -> Part:
    """The plays, numbered as their rows are in the file."""
    columns = {name: plays[name] for name in plays.column_names if name in SCHEMA.names}
    at = {row: index for index, row in enumerate(plays["line"].to_pylist()) if row in problems}

    def text(index: int) -> dict[str, object]:
        # Not as it stands there: what is no time or number may be anything.
        kept = ("track_name", "album_name", "started_at", "played_at", "ms_played")
        return {name: plays[name][index].as_py() for name in kept}

    part = part_of(
        APPLE,
        file.name,
        columns,
        reading,
        text=text,
        problems={at[row]: problem for row, problem in problems.items()},
        needs_artist=False,
    )
    return replace(
        part,
        rows=_renumbered(part.rows, plays["line"]),
        refused=_renumbered(part.refused, plays["line"]),
    )


def _renumbered(rows: pa.Table, at: pa.ChunkedArray) -> pa.Table:
    """Rows with the number of their row in the file, instead of that among plays."""
    numbers = pc.add(at.take(pc.subtract(rows["row"], 1)), 1).cast(pa.int32())
    place = rows.schema.get_field_index("row")
    return rows.set_column(place, rows.schema.field("row"), numbers)


def _left_out(typed: pa.Table, plays: pa.Table) -> str:
    """What to say of rows that are something else than a play; "" where there are none."""
    is_play = typed["is_play"]
    events = typed.filter(pc.invert(is_play))["event"]
    # Of what is no word of Apple's, nobody knows what it tells.
    words = pc.if_else(pc.match_substring_regex(events, "^[A-Z_]{1,40}$"), events, None)
    counts = {
        one["values"] or "of no known type": one["counts"]
        for one in pc.value_counts(words.combine_chunks()).to_pylist()
    }
    counts["told twice, or pieces of a play"] = pc.sum(is_play).as_py() - len(plays)
    told = ", ".join(f"{count:,} {what}" for what, count in sorted(counts.items()) if count)
    return told and f"rows that are no plays of their own were left out: {told}"


class _LibraryTrack(msgspec.Struct, gc=False):
    """A track of the library; whatever else is known of it has no name here."""

    title: Any = msgspec.field(default=None, name="Title")
    artist: Any = msgspec.field(default=None, name="Artist")
    album: Any = msgspec.field(default=None, name="Album")


def _beside(reading: Reading) -> tuple[pa.Table, pa.Table]:
    """Songs with their artists: those of the library, and those that were described."""
    library: list[_LibraryTrack] = []
    described: list[pa.Table] = []
    for file in reading.beside:
        begin = b"".join(_readable(file))
        if begin.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in {b"[", b"{"}:
            library += _tracks(begin)
        elif header_of(begin).has("Track Description") or header_of(begin).has("Track Name"):
            described += [rows.columns for rows in read_csv([begin], DESCRIBED)]
    songs = {
        name: pa.array(
            [text if isinstance(text := getattr(one, name), str) else None for one in library],
            pa.string(),
        )
        for name in ("title", "artist", "album")
    }
    empty = pa.schema([(name, pa.string()) for name in DESCRIBED]).empty_table()
    return pa.table(songs), pa.concat_tables([empty, *described])


def _readable(file: SourceFile) -> Iterator[bytes]:
    """What can be read of a file: without the rest, some artists stay unknown."""
    try:
        yield from as_utf8(file.chunks())
    except DamagedFile:
        return


def _tracks(text: bytes) -> list[_LibraryTrack]:
    try:
        return msgspec.json.decode(text, type=list[_LibraryTrack])
    except (ValueError, RecursionError):
        return []


def _quoted(texts: tuple[str, ...]) -> str:
    return ", ".join(f"'{text}'" for text in texts)


def _ms(length: timedelta) -> int:
    return length // timedelta(milliseconds=1)


def _possible_sql(length: str) -> str:
    return f"CASE WHEN {length} BETWEEN 0 AND {MAX_MS_PLAYED} THEN {length} END"


_TYPED = f"""
-- Each row with its values; a length that cannot be is none.
WITH told AS (
    SELECT
        * REPLACE (
            upper(trim(event)) AS event,
            {instant_sql("started")} AS started,
            {instant_sql("ended")} AS ended,
            {instant_sql("told")} AS told,
            {whole_sql("played")} AS played,
            {_possible_sql(whole_sql("whole"))} AS whole,
            {whole_sql("position")} AS position,
            {whole_sql("zone")} AS zone,
            {truth_sql("offline")} AS offline,
            upper(trim(reason)) AS reason,
            coalesce(title, regexp_replace(description, '^.*? - ', '')) AS title,
            coalesce(
                nullif(trim(artist), ''),
                CASE WHEN title IS NULL
                    THEN nullif(regexp_extract(description, '^(.*?) - ', 1), '') END
            ) AS artist
        ),
        line IN (SELECT line FROM broken) AS is_broken
    FROM rows
),
possible AS (
    SELECT
        * REPLACE (
            CASE WHEN started <= coalesce(ended, started) THEN started END AS started,
            -- Nothing is heard for longer than it ran, or than twice the track.
            CASE WHEN played <= coalesce(
                greatest(nullif(epoch_ms(ended) - epoch_ms(started), 0), 2 * nullif(whole, 0))
                    + {_ms(TOLERANCE)},
                {MAX_MS_PLAYED}
            ) THEN {_possible_sql("played")} END AS played
        )
    FROM told
)
SELECT
    * EXCLUDE (description, told) REPLACE (
        coalesce(
            started,
            ended - to_milliseconds(played),
            CASE WHEN ended IS NULL THEN told - to_milliseconds(played) END
        ) AS started,
        coalesce(ended, started + to_milliseconds(played), told) AS ended
    ),
    is_broken OR event IN ('PLAY_END', 'PLAY') OR (event IS NULL AND played > 0) AS is_play,
    {normal_sql("title")} AS title_key
FROM possible
ORDER BY line
"""  # noqa: S608 built from constants

_COLUMNS = """
    title AS track_name, title_key, artist, container, container_artist, album AS album_name,
    started AS started_at, ended AS played_at, played AS ms_played, whole AS duration_ms, reason,
    media, offline, shuffle, platform, zone
"""

_BETTER = "played IS NULL, started IS NULL, artist IS NULL, line"
"""The order of rows that tell of one play: the first one is kept."""

_PLAYS = f"""
WITH told AS (
    SELECT
        line, title_key, album, artist, started, ended, played, whole, position, reason, is_broken
    FROM typed
    WHERE is_play
),
ranked AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY ended, title_key, played ORDER BY {_BETTER}) AS same_length,
        row_number() OVER (PARTITION BY ended, title_key, started ORDER BY {_BETTER}) AS same_start
    FROM told
),
once AS (
    -- Several devices of an account tell of one play.
    SELECT *
    FROM ranked
    WHERE is_broken OR ended IS NULL OR title_key IS NULL OR (same_length = 1 AND same_start = 1)
),
-- The end of searching in a track tells once more what the pieces before it told.
apart AS (
    SELECT *
    FROM once
    WINDOW timeline AS (ORDER BY ended, started DESC, line)
    QUALIFY NOT coalesce(
        reason = 'SCRUB_END'
        AND lag(title_key) OVER timeline = title_key
        AND lag(started) OVER timeline > started,
        false
    )
),
pieces AS (
    SELECT
        *,
        coalesce(
            lag(title_key) OVER timeline = title_key
            AND lag(album) OVER timeline IS NOT DISTINCT FROM album
            AND lag(reason) OVER timeline IN ({_quoted(PAUSES)})
            AND epoch_ms(started) - epoch_ms(lag(ended) OVER timeline)
                BETWEEN -1000 AND {_ms(LONGEST_PAUSE)}
            AND coalesce(position, 1) > 0
            -- More than the whole track is the track once more.
            AND lag(played) OVER timeline + played <= whole + 5000,
            false
        ) AS goes_on
    FROM apart
    WINDOW timeline AS (ORDER BY ended, started, line)
),
numbered AS (
    SELECT
        line,
        sum((NOT goes_on)::INT) OVER timeline AS play,
        NOT goes_on AND NOT coalesce(lead(goes_on) OVER timeline, false) AS is_whole
    FROM pieces
    WINDOW timeline AS (ORDER BY ended, started, line)
),
joined AS (
    SELECT
        min(line) AS line,
        arg_min(title, line) AS track_name,
        any_value(title_key) AS title_key,
        arg_min(artist, line) AS artist,
        arg_min(container, line) AS container,
        arg_min(container_artist, line) AS container_artist,
        arg_min(album, line) AS album_name,
        min(started) AS started_at,
        max(ended) AS played_at,
        CASE WHEN count(played) = count(*) THEN {_possible_sql("sum(played)::BIGINT")} END
            AS ms_played,
        max(whole) AS duration_ms,
        last(reason ORDER BY ended, line) AS reason,
        arg_min(media, line) AS media,
        arg_min(offline, line) AS offline,
        arg_min(shuffle, line) AS shuffle,
        arg_min(platform, line) AS platform,
        arg_min(zone, line) AS zone
    FROM typed
    JOIN (FROM numbered WHERE NOT is_whole) USING (line)
    GROUP BY play
)
SELECT line, {_COLUMNS} FROM typed WHERE line IN (SELECT line FROM numbered WHERE is_whole)
UNION ALL
SELECT * FROM joined
ORDER BY line
"""  # noqa: S608 built from constants

_NAMED = f"""
WITH titles AS (SELECT DISTINCT title_key FROM plays WHERE title_key IS NOT NULL),
-- Where " - " parts artist and title is told by the titles that were played: the first possible.
ways AS (
    SELECT description, unnest(range(1, len(parts))) AS way, parts
    FROM (
        SELECT DISTINCT description, string_split(description, ' - ') AS parts FROM described
    )
),
split AS (
    SELECT
        description,
        {normal_sql("array_to_string(parts[way + 1:], ' - ')")} AS title_key,
        trim(array_to_string(parts[:way], ' - ')) AS artist,
        way
    FROM ways
),
artists AS (
    SELECT description, title_key, artist
    FROM split
    JOIN titles USING (title_key)
    QUALIFY row_number() OVER (PARTITION BY description ORDER BY way) = 1
),
dated AS (
    SELECT title_key, artist, try_strptime(trim(day), ['%Y%m%d', '%Y-%m-%d'])::DATE AS day
    FROM described
    JOIN artists USING (description)
),
owned AS (
    SELECT
        {normal_sql("title")} AS title_key,
        {normal_sql("album")} AS album_key,
        artist
    FROM library
    WHERE trim(artist) <> ''
),
any_time AS (
    SELECT title_key, artist FROM dated UNION ALL SELECT title_key, artist FROM owned
),
-- A name is joined where it is the only one.
of_album AS (
    SELECT title_key, album_key, min(artist) AS artist FROM owned
    WHERE album_key IS NOT NULL
    GROUP BY ALL HAVING count(DISTINCT {normal_sql("artist")}) = 1
),
of_title AS (
    SELECT title_key, min(artist) AS artist FROM any_time
    GROUP BY ALL HAVING count(DISTINCT {normal_sql("artist")}) = 1
),
-- Days are told on the listener's calendar or in UTC.
of_day AS (
    SELECT line, min(dated.artist) AS artist
    FROM plays
    JOIN dated ON dated.title_key = plays.title_key AND dated.day IN (
        played_at::TIMESTAMP::DATE,
        (played_at::TIMESTAMP + to_seconds(coalesce(zone, 0)))::DATE,
        started_at::TIMESTAMP::DATE,
        (started_at::TIMESTAMP + to_seconds(coalesce(zone, 0)))::DATE
    )
    GROUP BY line HAVING count(DISTINCT {normal_sql("dated.artist")}) = 1
),
known AS (
    SELECT
        plays.* EXCLUDE (reason),
        coalesce(word, plays.reason) AS reason,
        coalesce(
            plays.artist,
            -- That of a playlist is who made the list.
            CASE WHEN coalesce(container, 'ALBUM') = 'ALBUM'
                AND NOT ({nobody_sql("container_artist", "NULL::VARCHAR")})
                THEN container_artist END,
            of_album.artist, of_day.artist, of_title.artist
        ) AS artist_name
    FROM plays
    LEFT JOIN (VALUES {", ".join(f"('{told}', '{word}')" for told, word in REASONS.items())})
        AS reasons (told, word) ON reasons.told = plays.reason
    LEFT JOIN of_album ON of_album.title_key = plays.title_key
        AND of_album.album_key = {normal_sql("plays.album_name")}
    LEFT JOIN of_day ON of_day.line = plays.line
    LEFT JOIN of_title ON of_title.title_key = plays.title_key
)
SELECT
    * EXCLUDE (artist, container, container_artist, title_key, reason, media, shuffle, zone)
        REPLACE (
            played_at::TIMESTAMP_MS AS played_at,
            started_at::TIMESTAMP_MS AS started_at
        ),
    -- A video may be a song's, or of any other kind.
    if(upper(media) LIKE '%VIDEO%', 'unknown', 'track') AS kind,
    reason AS reason_end,
    CASE WHEN reason NOT IN ({_quoted(UNKNOWN_REASONS)}) THEN reason IN ({_quoted(SKIPS)}) END
        AS skipped,
    CASE upper(shuffle) WHEN 'SHUFFLE_ON' THEN true WHEN 'SHUFFLE_OFF' THEN false END AS shuffle
FROM known
ORDER BY line
"""  # noqa: S608 built from constants

APPLE = Source(
    name="apple",
    title="Apple Music",
    service="apple",
    rank=5,
    place=10,
    stamp=END,
    precision=timedelta(milliseconds=1),
    measures=True,
    covers=False,
    identities=(NAMES,),
    recognise=recognises,
    read=read,
    beside=names_artists,
)

SOURCES = (APPLE,)
