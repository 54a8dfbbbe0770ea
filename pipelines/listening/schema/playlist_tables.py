"""The tables of playlists that are read from Spotify, page by page.

Add a table here when a reading of a playlist is to be kept as rows. What follows from these rows
(weights, duplicates, overlap) is an insight; plans are documents, in `listening/playlists/plan.py`.
"""

import pyarrow as pa

from pipelines.listening.schema.table import Table, column
from pipelines.listening.schema.tables import TRACK_COLUMNS, UTC_MS

LIKED = "liked_songs"
"""Stands for the id of a playlist: the songs that the listener likes are a list without one."""

PLAYLIST_ID = column(
    "playlist_id", pa.string(), f"Spotify's id; {LIKED} for the songs they like", required=True
)

PLAYLIST_READINGS = Table(
    name="playlist_readings",
    path="aggregated/playlist_readings.parquet",
    grain="One playlist in the listener's library, and how it was last read.",
    fields=(
        PLAYLIST_ID,
        column("name", pa.string(), "as Spotify told it last"),
        column(
            "listed", pa.bool_(), "in the listener's library when that was last seen", required=True
        ),
        column("owned", pa.bool_(), "the listener made it; null where that is not known"),
        column("collaborative", pa.bool_(), "others may add to it"),
        column("public", pa.bool_(), "what Spotify says, which is not always so"),
        column(
            "state",
            pa.string(),
            "read (its items are those of read_at), partly (a reading began and goes on with the"
            " next run), not_readable (Spotify refuses its items) or not_read (nobody asked yet)",
            required=True,
        ),
        column("reason", pa.string(), "why it could not be read, in words"),
        column(
            "total",
            pa.int32(),
            "how many items Spotify said that it has, at its last complete reading where there is"
            " one",
        ),
        column("items", pa.int32(), "how many the last complete reading has; null: none yet"),
        column("snapshot_id", pa.string(), "of the last complete reading; liked songs have none"),
        column("read_at", UTC_MS, "when the last complete reading began; null: none yet"),
        column("seen_at", UTC_MS, "when it was last looked at, whether it was read or not"),
        column(
            "changed", pa.bool_(), "it has changed since it was read, as of seen_at", required=True
        ),
    ),
    key=("playlist_id",),
)

PLAYLIST_ENTRIES = Table(
    name="playlist_entries",
    path="playlists/{playlist}/entries.parquet",
    grain="One item of a playlist, as its last complete reading shows it.",
    fields=(
        PLAYLIST_ID,
        column("position", pa.int32(), "place in the playlist, counted from 1", required=True),
        column("kind", pa.string(), "track, episode, local or unknown", required=True),
        column(
            "state",
            pa.string(),
            "gone (Spotify shows an empty item), playable, unplayable (as of the last look) or"
            " unknown (nobody looked)",
            required=True,
        ),
        *TRACK_COLUMNS,
        column(
            "relinked_from",
            pa.string(),
            "uri of the track that was added, where Spotify shows another in its place",
        ),
        column("added_at", UTC_MS, "when it was added; null in very old playlists"),
        column("added_by", pa.string(), "a hash that stands for whoever added it"),
    ),
    key=("playlist_id", "position"),
)

PLAYLIST_CHANGES = Table(
    name="playlist_changes",
    path="playlists/{playlist}/changes.parquet",
    grain="One track of which a reading of a playlist has more or fewer than the one before.",
    fields=(
        PLAYLIST_ID,
        column("read_at", UTC_MS, "when the later reading began", required=True),
        column("before_at", UTC_MS, "when the earlier reading began", required=True),
        column(
            "track_uri",
            pa.string(),
            "what was added; `unnamed:` and its names for what has no uri; empty for items that "
            "Spotify shows without anything in them",
            required=True,
        ),
        column("track_id", pa.string(), "Spotify's id"),
        column("track_name", pa.string(), "title"),
        column("artist_name", pa.string(), "first artist"),
        column("isrc", pa.string(), "International Standard Recording Code"),
        column("before", pa.int32(), "how often it was in the earlier reading", required=True),
        column("after", pa.int32(), "how often it is in the later reading", required=True),
        column("added_at", UTC_MS, "when it was added last, where it came"),
    ),
    key=("playlist_id", "read_at", "track_uri"),
)
