"""The tables of what Last.fm counts: how often the listener, and everyone, played a track.

Last.fm knows tracks by their names alone, so a row is a name there and no recording. Add a table
here when another count is read from elsewhere. What the counts of a recording are is the insight
`play_counts`.
"""

import pyarrow as pa

from pipelines.listening.schema.table import Table, column
from pipelines.listening.schema.tables import UTC_MS

NAME_KEY = column("name_key", pa.string(), "artist|title as names are compared", required=True)

LASTFM_USER_TRACKS = Table(
    name="lastfm_user_tracks",
    path="aggregated/lastfm_user_tracks.parquet",
    grain=(
        "One track that the listener ever scrobbled to Last.fm, by its names there: the list of "
        "their top tracks as it was last read in full."
    ),
    fields=(
        column("artist_name", pa.string(), "artist as Last.fm spells it", required=True),
        column("track_name", pa.string(), "title as Last.fm spells it", required=True),
        NAME_KEY,
        column("plays", pa.int64(), "how often they scrobbled it", required=True),
        column("as_of", UTC_MS, "when the list was read", required=True),
    ),
    key=("artist_name", "track_name"),
)

LASTFM_TRACKS = Table(
    name="lastfm_tracks",
    path="aggregated/lastfm_tracks.parquet",
    grain="One name of a track that Last.fm was asked for, and what it answered last.",
    fields=(
        column("asked_artist", pa.string(), "artist as it was asked for", required=True),
        column("asked_title", pa.string(), "title as it was asked for", required=True),
        NAME_KEY,
        column(
            "artist_name",
            pa.string(),
            "artist of the track that Last.fm told of; null where it knows none of the name",
        ),
        column("track_name", pa.string(), "its title, likewise"),
        column(
            "corrected",
            pa.bool_(),
            "Last.fm told of another spelling than was asked for, which it takes this one for",
            required=True,
        ),
        column("plays", pa.int64(), "how often everyone together scrobbled it"),
        column("listeners", pa.int64(), "how many people did"),
        column("url", pa.string(), "its page at Last.fm"),
        column("as_of", UTC_MS, "when Last.fm was asked", required=True),
    ),
    key=("asked_artist", "asked_title"),
)
