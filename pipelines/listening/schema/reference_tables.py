"""The tables of reference data: tracks and artists as sources other than Spotify describe them.

They exist once in a lake, not per listener. Add a table here when it belongs to no listener; those
of a listener are in `tables.py`. How they are computed is `listening/catalogue/audio_features.py`.
"""

import pyarrow as pa

from pipelines.listening.schema.table import Table, column
from pipelines.listening.schema.tables import NAMES

_SHARE = pa.float64()

SOUND = (
    column("danceability", _SHARE, "how fit for dancing, 0 to 1"),
    column("energy", _SHARE, "how intense, 0 to 1"),
    column("key", pa.int8(), "0 is C, 1 is C sharp … 11 is B"),
    column("loudness", pa.float64(), "mean loudness, in dB: mostly -60 to 0"),
    column("mode", pa.int8(), "1 is major, 0 is minor"),
    column("speechiness", _SHARE, "how much is spoken, 0 to 1"),
    column("acousticness", _SHARE, "confidence that it is acoustic, 0 to 1"),
    column("instrumentalness", _SHARE, "confidence that nobody sings, 0 to 1"),
    column("liveness", _SHARE, "confidence that an audience was there, 0 to 1"),
    column("valence", _SHARE, "how cheerful, 0 to 1"),
    column("tempo", pa.float64(), "beats per minute"),
    column("time_signature", pa.int8(), "beats in a bar"),
)
"""The audio features, as in the files."""

MOOD_SCORE = column(
    "mood_score",
    _SHARE,
    "our own: mean of valence, energy and 1 - acousticness; 0 dark and calm, 1 bright and lively",
)

AUDIO_FEATURES = Table(
    name="audio_features",
    path="reference/audio_features.parquet",
    grain=(
        "One track of which a reference file told audio features, genres or the date of release. "
        "Of several rows of a file each column is that of the most popular one that has it; of "
        "several files that of the one added last. Tracks of the ledger are found by id, else by "
        "ISRC, else by artist and title: then the most popular row with audio features counts, "
        "and of equally popular ones the first by track_key."
    ),
    fields=(
        column(
            "track_key",
            pa.string(),
            "its id; else its ISRC; else artist|title as in name_key",
            required=True,
        ),
        column("track_id", pa.string(), "Spotify's id"),
        column("isrc", pa.string(), "International Standard Recording Code"),
        column(
            "name_key",
            pa.string(),
            "first artist|title as names are compared",
        ),
        column("artists", NAMES, "every artist of the track, in the file's order"),
        column("track_name", pa.string(), "title as the file spelled it"),
        column("album_name", pa.string(), "album as the file spelled it"),
        column("album_type", pa.string(), "album, single or compilation"),
        column("release_date", pa.string(), "YYYY, YYYY-MM or YYYY-MM-DD"),
        column("release_year", pa.int16(), "year of release"),
        column("duration_ms", pa.int32(), "length of the whole track, in milliseconds"),
        column("popularity", pa.int16(), "0 to 100, when the file was made"),
        column("explicit", pa.bool_(), "marked as explicit"),
        column(
            "genres",
            NAMES,
            "genres of all rows in lower case, one spelling of each, from a to z; null where none "
            "was told",
        ),
        *SOUND,
        MOOD_SCORE,
    ),
    key=("track_key",),
    added=("album_type", "release_date", "release_year"),
    repair="delete it and add the reference data again",
)

ARTIST_GENRES = Table(
    name="artist_genres",
    path="reference/artist_genres.parquet",
    grain="One artist of a track in audio_features that has a genre.",
    fields=(
        column(
            "artist_key",
            pa.string(),
            "their name as it is compared",
            required=True,
        ),
        column("artist_name", pa.string(), "name as it is spelled most often", required=True),
        column("genres", NAMES, "genres of their tracks, that of most tracks first", required=True),
        column(
            "genre_tracks",
            pa.list_(pa.struct([("genre", pa.string()), ("tracks", pa.int32())])),
            "the same genres, with the number of their tracks that have each",
            required=True,
        ),
        column("tracks", pa.int32(), "their tracks that have a genre", required=True),
    ),
    key=("artist_key",),
    repair="delete it and add the reference data again",
)

REFERENCE_TABLES = (AUDIO_FEATURES, ARTIST_GENRES)

SPOTIFY_PLAY_COUNTS = Table(
    name="spotify_play_counts",
    path="reference/spotify_play_counts.parquet",
    grain=(
        "One track of which a file that somebody added told how often everyone played it on "
        "Spotify, which Spotify's Web API does not tell. Of several rows the latest counts, by "
        "as_of; of equally late ones the largest. Recordings are found by a track's id, else by "
        "ISRC, else by artist and title."
    ),
    fields=(
        column(
            "track_key",
            pa.string(),
            "its id; else its ISRC; else artist|title as in name_key",
            required=True,
        ),
        column("track_id", pa.string(), "Spotify's id"),
        column("isrc", pa.string(), "International Standard Recording Code"),
        column("name_key", pa.string(), "artist|title as names are compared"),
        column("plays", pa.int64(), "how often everyone played it", required=True),
        column("as_of", pa.date32(), "the day on which that was so, as the file says"),
    ),
    key=("track_key",),
    repair="delete it and add the file of play counts again",
)

SHARED_TABLES = (*REFERENCE_TABLES, SPOTIFY_PLAY_COUNTS)
"""All tables that belong to no listener; contexts and sounds are made of `REFERENCE_TABLES`."""
