"""Every table that Playledger writes, declared once: `docs/tables.md` is printed from here.

Add a table here when an asset is to write one. What a row means belongs in its description, how it
is computed in the room of its subject.
"""

import pyarrow as pa

from pipelines.listening.schema.table import Table, column

UTC_MS = pa.timestamp("ms", tz="UTC")
NAMES = pa.list_(pa.string())
ARTISTS = pa.list_(pa.struct([("id", pa.string()), ("name", pa.string())]))
_POPULARITY = (pa.field("popularity", pa.int16()), pa.field("followers", pa.int64()))
ENTRIES = pa.list_(pa.struct([*ARTISTS.value_type, *_POPULARITY]))

TIME_RANGES = ("short", "medium", "long")

TRACK_COLUMNS = (
    column("track_id", pa.string(), "Spotify's id; null for local files"),
    column("track_uri", pa.string(), "spotify:track:…, spotify:episode:… or spotify:local:…"),
    column("track_name", pa.string(), "title as the source spelled it"),
    column("album_id", pa.string(), "Spotify's id of the album"),
    column("album_name", pa.string(), "album as the source spelled it"),
    column("album_type", pa.string(), "album, single or compilation"),
    column("release_date", pa.string(), "as Spotify tells it: a year, a month or a day"),
    column("isrc", pa.string(), "International Standard Recording Code"),
    column("artist_id", pa.string(), "Spotify's id of the track's first artist"),
    column("artist_name", pa.string(), "the track's first artist"),
    column("artists", ARTISTS, "every artist of the track, in Spotify's order"),
    column("release_year", pa.int16(), "the year of release_date"),
    column("duration_ms", pa.int32(), "length of the whole track, in milliseconds"),
    column("popularity", pa.int16(), "0 to 100; null since Spotify stopped telling (2026)"),
    column("explicit", pa.bool_(), "marked as explicit"),
)

KIND_SOURCE = column(
    "kind_source",
    pa.string(),
    "told (by a source of this play, or of another play of the track) or inferred (from names,"
    " lengths and dates, in doubt a track); null where kind is unknown",
)

ARTIST_KEY = column(
    "artist_key",
    pa.string(),
    "the first artist, as in unique_artists; null where it is nobody, such as Various Artists",
)

UNKNOWN_LENGTHS = column(
    "unknown_lengths",
    pa.int32(),
    "plays of unknown length: the time heard is at least what stands here",
    required=True,
)

RECORDING_MBID = column("recording_mbid", pa.string(), "MusicBrainz's id of the recording")

_MEASURED = (
    column("skipped", pa.bool_(), "ended before its end by the listener; exports only"),
    column("shuffle", pa.bool_(), "shuffle was on; exports only"),
    column("offline", pa.bool_(), "played without a connection; exports only"),
    column("incognito", pa.bool_(), "private session; exports only"),
    column("reason_start", pa.string(), "why it began; exports only"),
    column("reason_end", pa.string(), "why it ended; exports only"),
    column("platform", pa.string(), "device or system; exports only"),
    column("country", pa.string(), "country of the connection; exports only"),
)

_PLAYED_FROM = (
    column("played_from_type", pa.string(), "playlist, album, artist, collection…; polls only"),
    column("played_from_uri", pa.string(), "what it was played from; polls only"),
    column("played_from_name", pa.string(), "its name, where a collected playlist or album has it"),
)

_GENRES = column(
    "genres", NAMES, "genres of the artist; null since Spotify stopped telling (2024, 2026)"
)

RECENT_TRACKS = Table(
    name="recent_tracks",
    path="snapshots/date={date}/recent_tracks.parquet",
    grain="One play that a poll of this date showed; the union of the date's polls.",
    fields=(
        column(
            "played_at", UTC_MS, "when Spotify says it was played: mostly its end", required=True
        ),
        column("ordinal", pa.int16(), "1, 2, … among equal rows of one response", required=True),
        column("fetched_at", UTC_MS, "when a response first showed it", required=True),
        column("kind", pa.string(), "track, episode, local or unknown", required=True),
        *TRACK_COLUMNS,
        column("album_artist", pa.string(), "the album's first artist, as exports name a track"),
        _GENRES,
        *_PLAYED_FROM,
    ),
    key=("played_at", "track_id", "track_uri", "track_name", "ordinal"),
)

POLLED = Table(
    name="polled",
    path="polled/year={year}/month={month}/data.parquet",
    grain="One play that any poll showed; by local month, with a day of the months beside it.",
    fields=RECENT_TRACKS.fields,
    key=RECENT_TRACKS.key,
)

POLLS = Table(
    name="polls",
    path="snapshots/date={date}/polls.parquet",
    grain="One response to the question what was played recently, and what it lets us know.",
    fields=(
        column("fetched_at", UTC_MS, "when the question was asked", required=True),
        column("response", pa.string(), "file name in raw/recently_played/", required=True),
        column("items", pa.int16(), "plays it showed", required=True),
        column("refused", pa.int16(), "of them, plays that could not be read", required=True),
        column("full", pa.bool_(), "more may lie before its oldest play", required=True),
        column(
            "known_to",
            UTC_MS,
            "what ended before this it could show: when it was asked, by the slower of two clocks",
            required=True,
        ),
        column(
            "oldest_played_at",
            UTC_MS,
            "the play at its end: of what was played since, it shows everything; null: not known",
        ),
        column("newest_played_at", UTC_MS, "the newest play it showed"),
    ),
    key=("response",),
    order=("fetched_at", "response"),
)

REFUSED = Table(
    name="refused",
    path="snapshots/date={date}/refused.parquet",
    grain="One row of a response not read, or not in full; the response itself stays in raw/.",
    fields=(
        column("response", pa.string(), "file name in raw/recently_played/", required=True),
        column(
            "item",
            pa.int32(),
            "position in the response, counted from 1; 0 where the response itself is damaged",
            required=True,
        ),
        column(
            "reason",
            pa.string(),
            "what was wrong with it; kept without …: its play is there, these fields are null; "
            "kept with U+FFFD in …: that stands for what is no Unicode text",
            required=True,
        ),
        column("row", pa.string(), "the row as received, or the beginning of it", required=True),
    ),
    key=("response", "item"),
)

_RANK = (
    column("rank", pa.int32(), "1 is the most played", required=True),
    column(
        "time_range",
        pa.string(),
        "short (4 weeks), medium (6 months), long (1 year)",
        required=True,
    ),
    column("fetched_at", UTC_MS, "when the list was asked for", required=True),
)

TOP_TRACKS = Table(
    name="top_tracks",
    path="snapshots/date={date}/top_tracks_{time_range}.parquet",
    grain="One track in Spotify's list of the listener's top tracks, as of this date.",
    fields=(*_RANK, *TRACK_COLUMNS, _GENRES),
    key=("rank",),
)

TOP_ARTISTS = Table(
    name="top_artists",
    path="snapshots/date={date}/top_artists_{time_range}.parquet",
    grain="One artist in Spotify's list of the listener's top artists, as of this date.",
    fields=(
        *_RANK,
        column("artist_id", pa.string(), "Spotify's id"),
        column("artist_uri", pa.string(), "spotify:artist:…"),
        column("artist_name", pa.string(), "name", required=True),
        column("popularity", pa.int16(), "0 to 100; null since Spotify stopped telling (2026)"),
        column("followers", pa.int64(), "null since Spotify stopped telling (2026)"),
        _GENRES,
    ),
    key=("rank",),
)

PLAYS = Table(
    name="plays",
    path="plays/year={year}/month={month}/data.parquet",
    grain="One play, exactly once, with what its own sources say of it.",
    fields=(
        column(
            "play_id",
            pa.string(),
            "stable name of the play, see play_id in ledger.py",
            required=True,
        ),
        column("listener", pa.string(), "whose play", required=True),
        column(
            "played_at",
            UTC_MS,
            "when the play ended; when it began, where nobody knows for how long it ran",
            required=True,
        ),
        column("started_at", UTC_MS, "when it began: as told, else played_at less ms_played"),
        column(
            "local_time", pa.timestamp("ms"), "played_at on the listener's clock", required=True
        ),
        column("local_date", pa.date32(), "day on the listener's calendar", required=True),
        column("local_hour", pa.int8(), "0 to 23 on the listener's clock", required=True),
        column("local_weekday", pa.int8(), "0 is Monday", required=True),
        column("kind", pa.string(), "track, episode, audiobook, local or unknown", required=True),
        *TRACK_COLUMNS,
        column("ms_played", pa.int32(), "milliseconds heard"),
        column(
            "ms_played_source",
            pa.string(),
            "measured (a source says so), assumed (a play that reached its end: its length) or"
            " unknown",
            required=True,
        ),
        column("counts", pa.bool_(), "30 seconds or more were heard", required=True),
        *_MEASURED,
        *_PLAYED_FROM,
        column(
            "source",
            pa.string(),
            "where it is known from: a source, or the sum of several (api+export)",
            required=True,
        ),
        RECORDING_MBID,
        column(
            "probable_double",
            pa.bool_(),
            "began less than 30 seconds after another play of the same recording that the same"
            " source told of: probably that play once more, from another program",
        ),
    ),
    key=("play_id",),
    order=("played_at", "play_id"),
)

_TOLD_ELSEWHERE = (
    column("started_at", UTC_MS, "when the play began, where the source tells that"),
    column(
        "precision_ms",
        pa.int32(),
        "how long the stretch is that the time may mean; null: as its source is declared",
    ),
    column("duration_ms", pa.int32(), "length of the whole track, in milliseconds"),
    column("isrc", pa.string(), "International Standard Recording Code"),
    RECORDING_MBID,
    column("artist_names", NAMES, "every artist, where the source lists them"),
    column(
        "told_id",
        pa.string(),
        "the source's own id of the play: rows of one source that have the same are one play",
    ),
    column("told_by", pa.string(), "of a play moved from another lake: who told of it"),
    column("moved", pa.string(), "of a play moved from another lake: what else it was, as JSON"),
)
"""Columns of `streaming_history` that Spotify's exports have nothing for."""

IMPORT_AGAIN = "delete the folder of its import and import the export again"

HISTORY = Table(
    name="streaming_history",
    path="streaming_history/{import}/year={year}/data.parquet",
    grain="One play in an imported file, as it stands there; by the year (UTC) in which it ended.",
    fields=(
        column(
            "played_at",
            UTC_MS,
            "when the play ended, to the second; account data: its minute; when it began, where"
            " neither its end nor its length is told",
            required=True,
        ),
        column("source", pa.string(), "where it is known from, such as export", required=True),
        column("kind", pa.string(), "track, episode, audiobook, local or unknown", required=True),
        column("track_uri", pa.string(), "spotify:track:…, spotify:episode:…; null: names only"),
        column("track_name", pa.string(), "title; of an episode or of an audiobook's chapter too"),
        column("artist_name", pa.string(), "the album's artist; an audiobook's author"),
        column("album_name", pa.string(), "album; show of an episode; audiobook of a chapter"),
        column("ms_played", pa.int32(), "milliseconds heard; null where the source does not tell"),
        *_MEASURED,
        column("offline_at", UTC_MS, "when it was played without a connection"),
        column("file", pa.string(), "file of the export", required=True),
        column("row", pa.int32(), "position in that file, counted from 1", required=True),
        column("ordinal", pa.int32(), "1, 2, … among equal rows of the export", required=True),
        column("imported_at", UTC_MS, "when the export was first imported", required=True),
        *_TOLD_ELSEWHERE,
    ),
    key=("file", "row"),
    order=("played_at", "file", "row"),
    added=tuple(one.name for one in _TOLD_ELSEWHERE),
    repair=IMPORT_AGAIN,
)

REFUSED_HISTORY = Table(
    name="refused_history",
    path="streaming_history/{import}/refused.parquet",
    grain="One row of a privacy export that could not be read, without what is private in it.",
    fields=(
        column("file", pa.string(), "file of the export", required=True),
        column(
            "row",
            pa.int32(),
            "position in that file, counted from 1; 0 where the file itself is damaged",
            required=True,
        ),
        column("reason", pa.string(), "what was wrong with it", required=True),
        column("text", pa.string(), "what could be read of it, as JSON", required=True),
    ),
    key=("file", "row"),
    repair=IMPORT_AGAIN,
)

COVERED = Table(
    name="covered",
    path="aggregated/covered.parquet",
    grain="One stretch of time of which a source has every play; answers that meet are one.",
    fields=(
        column("source", pa.string(), "the source: api, export, account, …", required=True),
        column(
            "origin",
            pa.string(),
            "the import; of polls the first answer of the stretch, in raw/recently_played/",
            required=True,
        ),
        column("start", UTC_MS, "from here on; null: from the beginning"),
        column("end", UTC_MS, "up to here", required=True),
        column("known_at", UTC_MS, "when the import or the first answer came", required=True),
        column("last_at", UTC_MS, "when the last answer came that made it longer", required=True),
        column("complete", pa.bool_(), "every row of it could be read", required=True),
        column("began", UTC_MS, "of an import: when its first play had begun, at the latest"),
        column("ended", UTC_MS, "of an import: when its last play had ended, at the earliest"),
    ),
    key=("source", "origin", "start", "end"),
    order=("known_at", "origin", "end", "start"),
)

GAPS = Table(
    name="gaps",
    path="aggregated/gaps.parquet",
    grain="One stretch of time in which plays may have been lost.",
    fields=(
        column("gap_start", UTC_MS, "up to here everything is known", required=True),
        column("gap_end", UTC_MS, "from here on everything is known again", required=True),
        column(
            "detected_at",
            UTC_MS,
            "when the response or import came that revealed it",
            required=True,
        ),
        column("closed_at", UTC_MS, "when it was filled; null while it is open"),
        column("closed_by", pa.string(), "the import or response that filled it"),
        column(
            "partly_known",
            pa.bool_(),
            "sources that have some plays and never all, such as scrobbles, tell of plays in it",
        ),
        column("plays_known", pa.int32(), "how many plays these sources alone tell of in it"),
    ),
    key=("gap_start", "gap_end"),
    added=("partly_known", "plays_known"),
)

UNIQUE_TRACKS = Table(
    name="unique_tracks",
    path="aggregated/unique_tracks.parquet",
    grain=(
        "One track that was ever played, with what is known of it. What no play tells is from "
        "Spotify's catalogue. Where track_id and track_uri are null, that may be a guess: album, "
        "date of release and length of what a search for the names found (described_tracks)."
    ),
    fields=(
        column(
            "track_key",
            pa.string(),
            "its id; else its uri; else its artist and title",
            required=True,
        ),
        column(
            "recording_id", pa.string(), "the same for one song on several albums", required=True
        ),
        ARTIST_KEY,
        column("kind", pa.string(), "track, episode, audiobook, local or unknown", required=True),
        KIND_SOURCE,
        *TRACK_COLUMNS,
        column("plays", pa.int32(), "plays of 30 seconds or more", required=True),
        column("ms_played", pa.int64(), "milliseconds heard over all plays", required=True),
        UNKNOWN_LENGTHS,
        column("first_played_at", UTC_MS, "end of the first play known", required=True),
        column("last_played_at", UTC_MS, "end of the last play known", required=True),
    ),
    key=("track_key",),
)

DESCRIBED_TRACKS = Table(
    name="described_tracks",
    path="aggregated/described_tracks.parquet",
    grain="What Spotify's catalogue said of one track that was asked for, by its id or its names.",
    fields=(
        column(
            "asked_by",
            pa.string(),
            "id, or search: then this is one of the hits with the same artist and title, a guess",
            required=True,
        ),
        column(
            "asked_for",
            pa.string(),
            "the id; of a search artist and title as names are compared, with | between them",
            required=True,
        ),
        column(
            "place",
            pa.int16(),
            "1; of a search 1, 2, … in Spotify's order; 0: there was nothing, and all else is null",
            required=True,
        ),
        column("asked_at", UTC_MS, "when it was last asked for", required=True),
        column(
            "status",
            pa.int16(),
            "of the last answer: 200, or such as 404 where Spotify has no such track",
            required=True,
        ),
        column("told_at", UTC_MS, "when what stands here was told"),
        *TRACK_COLUMNS,
    ),
    key=("asked_by", "asked_for", "place"),
)

CACHE_OUTCOMES = Table(
    name="cache_outcomes",
    path="aggregated/cache_outcomes.parquet",
    grain=(
        "What became of the questions of one kind that were asked of Spotify's catalogue on one "
        "date: answered from the cache, or sent."
    ),
    fields=(
        column("date", pa.date32(), "date of the runs that asked, UTC", required=True),
        column("kind", pa.string(), "what was asked: track, by its id, or search", required=True),
        column("hits", pa.int32(), "answered with what was kept, not long ago", required=True),
        column(
            "misses",
            pa.int32(),
            "sent to Spotify, with whatever result; a question that had to be repeated is one",
            required=True,
        ),
        column(
            "stale",
            pa.int32(),
            "answered with what was kept longer ago, as Spotify could not be asked",
            required=True,
        ),
        column(
            "saved_requests", pa.int32(), "hits and stale: they needed no request", required=True
        ),
        column(
            "backend",
            pa.string(),
            "where answers were kept when the date's last run ended: sqlite or redis; null where"
            " none are",
        ),
        column(
            "entries",
            pa.int64(),
            "how many were kept then, of all kinds and listeners; null where that was not told",
        ),
        column("bytes", pa.int64(), "what they took, likewise; servers do not tell that"),
    ),
    key=("date", "kind"),
)

KNOWN_ARTISTS = Table(
    name="known_artists",
    path="aggregated/known_artists.parquet",
    grain="One artist whom a top list of any date described, as the last one did.",
    fields=(
        column("artist_id", pa.string(), "Spotify's id", required=True),
        column("popularity", pa.int16(), "0 to 100"),
        column("followers", pa.int64(), "followers at Spotify"),
        column("genres", NAMES, "genres; an empty list where Spotify said that there are none"),
        column("told_on", pa.date32(), "date of that top list", required=True),
    ),
    key=("artist_id",),
)

UNIQUE_ARTISTS = Table(
    name="unique_artists",
    path="aggregated/unique_artists.parquet",
    grain="One first artist of music that was played, with what is known of them.",
    fields=(
        column(
            "artist_key", pa.string(), "their id; else their name as it is compared", required=True
        ),
        column("artist_id", pa.string(), "Spotify's id"),
        column("artist_name", pa.string(), "name as last spelled"),
        column("popularity", pa.int16(), "0 to 100 in the last top list that told it"),
        column("followers", pa.int64(), "in the last top list that told it"),
        column("genres", NAMES, "in the last top list that told them"),
        column("told_on", pa.date32(), "date of that top list"),
        column("plays", pa.int32(), "plays of 30 seconds or more", required=True),
        column("ms_played", pa.int64(), "milliseconds heard over all plays", required=True),
        UNKNOWN_LENGTHS,
        column("tracks", pa.int32(), "different tracks heard", required=True),
        column("first_played_at", UTC_MS, "end of the first play known", required=True),
        column("last_played_at", UTC_MS, "end of the last play known", required=True),
    ),
    key=("artist_key",),
)

_METRIC = pa.float64()

ALL_SNAPSHOTS_METRICS = Table(
    name="all_snapshots_metrics",
    path="aggregated/all_snapshots_metrics.parquet",
    grain="One date's computed_metrics.json, flat; null where Spotify did not tell.",
    fields=(
        column("date", pa.date32(), "date of the snapshot, UTC", required=True),
        column("recent_count", pa.int32(), "plays that the date's polls showed", required=True),
        column("recent_unique_tracks", pa.int32(), "different tracks among them", required=True),
        column(
            "recent_unique_artists", pa.int32(), "different first artists among them", required=True
        ),
        column("recent_avg_popularity", _METRIC, "mean popularity, 0 to 100"),
        column("recent_explicit_ratio", _METRIC, "share marked as explicit, 0 to 1"),
        column("recent_avg_duration_seconds", _METRIC, "mean length, in seconds"),
        column("recent_avg_release_year", _METRIC, "mean year of release"),
        *(
            column(f"top_tracks_{time_range}_{name}", type_, meaning)
            for time_range in TIME_RANGES
            for name, type_, meaning in (
                ("avg_popularity", _METRIC, "mean popularity, 0 to 100"),
                ("explicit_ratio", _METRIC, "share marked as explicit, 0 to 1"),
                ("avg_duration_seconds", _METRIC, "mean length, in seconds"),
                ("album_share", _METRIC, "share released on an album, 0 to 1"),
            )
        ),
        *(
            column(f"top_artists_{time_range}_{name}", type_, meaning)
            for time_range in TIME_RANGES
            for name, type_, meaning in (
                ("count", pa.int32(), "artists in the list"),
                ("avg_popularity", _METRIC, "mean popularity, 0 to 100"),
                ("avg_followers", _METRIC, "mean number of followers"),
                ("unique_genres", pa.int32(), "different genres"),
            )
        ),
        column(
            "artist_diversity", _METRIC, "different artists per play of the date's polls, 0 to 1"
        ),
        column("mainstream_score", _METRIC, "mean popularity of the short top tracks, 0 to 100"),
    ),
    key=("date",),
)

TOP_LISTS = Table(
    name="top_lists",
    path="aggregated/top_lists.parquet",
    grain="One list of Spotify's of the listener's top tracks or artists, as of one date.",
    fields=(
        column("date", pa.date32(), "date of the snapshot, UTC", required=True),
        column("kind", pa.string(), "tracks or artists", required=True),
        column("time_range", pa.string(), "short, medium or long, as in top_tracks", required=True),
        column(
            "entries",
            ENTRIES,
            "the first 50 by rank; popularity and followers are null where no longer told",
            required=True,
        ),
    ),
    key=("date", "kind", "time_range"),
)
