"""Which recordings the items of playlists are, by the same rule as in the ledger.

A track that was ever played is the recording that the ledger says. Any other is one of those by
`catalogue/recording_ids.py`, or a recording of its own. Add here what is known of an item by what
it is, whatever the playlist; which items of a playlist are duplicates is an insight.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.arrays import MISSING, Ints
from pipelines.listening.catalogue.identifiers import isrc_sql
from pipelines.listening.catalogue.names import NOBODYS_ID, nobodys, normal_names
from pipelines.listening.catalogue.recording_ids import named_by_place, recording_ids
from pipelines.listening.playlists.versions import title_keys
from pipelines.listening.schema.sql import query

DESCRIPTION = (
    *("track_id", "track_uri", "kind", "track_name", "artist_id", "artist_name", "album_name"),
    *("isrc", "duration_ms", "explicit"),
)
"""What is compared of a track."""

SONGS = ("track", "local")
"""Kinds of items that are songs."""

_LATER = pa.scalar(253_402_300_799_000, pa.timestamp("ms", tz="UTC"))
"""When a track was first heard that never was: after all others."""


def with_recordings(entries: pa.Table, tracks: pa.Table) -> pa.Table:
    """Entries with what they are; also the input `playlist_entries` of the insights.

    Everything that needs names is done once for each different track.

    Args:
        entries: `playlist_entries` rows of any playlists, in any order.
        tracks: `unique_tracks` rows.

    Returns:
        The same rows in the same order, with `recording_id` and `artist_key` as in `unique_tracks`,
        null where nothing tells what an item is; `version`, as `title_keys` gives it; and as
        numbers, which mean something only within this table: `playlist`, in alphabetical order;
        `track`; `recording`, null for what is no song; `same`, equal for items with the same id or
        ISRC; and `alike`, equal for songs of one artist with the same title, version and
        explicitness, null for what is no song or lacks one of them.
    """
    codes, first = _different(entries)
    known = _known(entries.select(DESCRIPTION).take(pa.array(first)), tracks)
    at = pa.array(codes, mask=codes == MISSING)
    for name in known.column_names:
        entries = entries.append_column(name, known[name].take(at))
    playlists = entries["playlist_id"].combine_chunks().dictionary_encode()
    numbers = pc.rank(playlists.dictionary).cast(pa.int32()).take(playlists.indices)
    return entries.append_column("track", at).append_column("playlist", numbers)


def _different(entries: pa.Table) -> tuple[Ints, Ints]:
    """A code for each row's track, and the row that describes each code.

    It is the first that has an ISRC, by playlist and position, else the first.
    """
    keys = pc.coalesce(entries["track_id"], entries["track_uri"])
    encoded = keys.combine_chunks().dictionary_encode()
    codes = encoded.indices.fill_null(MISSING).to_numpy(zero_copy_only=False).astype(np.int64)
    order = pc.sort_indices(
        entries.select(["playlist_id", "position"]),
        sort_keys=[("playlist_id", "ascending"), ("position", "ascending")],
    ).to_numpy()
    lacking = entries["isrc"].is_null().to_numpy()[order]
    best_last = np.concatenate([order[lacking][::-1], order[~lacking][::-1]]).astype(np.int64)
    best_last = best_last[codes[best_last] != MISSING]
    first = np.empty(len(encoded.dictionary), np.int64)
    first[codes[best_last]] = best_last
    return codes, first


def _known(different: pa.Table, tracks: pa.Table) -> pa.Table:
    """What each different track is, in the same order."""
    song, version, explicit = title_keys(different["track_name"].combine_chunks())
    artist = normal_names(different["artist_name"])
    nobody = pc.is_in(artist, pa.array(sorted(nobodys()), pa.string()))
    folded = {
        "row": pa.array(np.arange(len(different))),
        "artist": artist,
        "title": normal_names(different["track_name"]),
        "nobody": pc.or_(nobody, pc.equal(different["artist_id"], NOBODYS_ID).fill_null(False)),
    }
    for name, column in folded.items():
        different = different.append_column(name, column)
    heard = tracks.select(
        [
            *("track_key", "recording_id", "artist_key", "kind", "artist_id", "artist_name"),
            *("track_name", "album_name", "isrc", "duration_ms", "first_played_at"),
        ]
    )
    heard = heard.append_column("artist", normal_names(heard["artist_name"]))
    heard = heard.append_column("title", normal_names(heard["track_name"]))
    asked = query(_ASKED, different=different, heard=heard)
    every = query(_EVERY, asked=asked, heard=heard, later=pa.table({"moment": [_LATER]}))
    every = every.append_column("joined", recording_ids(every))
    found = query(_FOUND, every=every)
    is_song = pc.is_in(found["kind"], pa.array(SONGS))
    explicit = pc.coalesce(explicit, found["explicit"], pa.scalar(False))
    place = pc.if_else(named_by_place(found["track_name"]), normal_names(found["album_name"]), "")
    parts = (found["artist_key"], song, version, explicit.cast(pa.string()), place)
    alike = pc.if_else(is_song, pc.binary_join_element_wise(*parts, "|"), None)
    return pa.table(
        {
            "recording_id": found["recording_id"],
            "artist_key": found["artist_key"],
            "version": pc.if_else(is_song, version, None),
            "recording": _numbered(pc.if_else(is_song, found["recording_id"], None)),
            "same": _numbered(pc.coalesce(found["isrc"], found["track_key"])),
            "alike": _numbered(alike),
        }
    )


def _numbered(names: pa.ChunkedArray) -> pa.Array:
    """A code for each name; null stays null."""
    return names.combine_chunks().dictionary_encode().indices


_ASKED = f"""
-- An artist by the ledger's key; one without an id there is that of the playlists where that is the
-- only one of the name.
WITH pairs AS (
    SELECT artist, artist_id FROM different UNION SELECT artist, artist_id FROM heard
),
one AS (
    SELECT artist, min(artist_id) AS id FROM pairs WHERE artist_id IS NOT NULL
    GROUP BY artist HAVING count(*) = 1
),
nameless AS (
    SELECT artist, min(artist_key) AS artist_key FROM heard
    WHERE artist_id IS NULL AND artist IS NOT NULL AND artist_key IS NOT NULL GROUP BY artist
),
theirs AS (SELECT DISTINCT artist_key FROM heard WHERE artist_key IS NOT NULL)
SELECT different.* REPLACE ({isrc_sql("different.isrc")} AS isrc),
    coalesce(different.track_id, different.track_uri) AS track_key,
    CASE WHEN nobody THEN NULL
        WHEN theirs.artist_key IS NOT NULL THEN different.artist_id
        WHEN nameless.artist_key IS NOT NULL AND (different.artist_id IS NULL OR one.id IS NOT NULL)
            THEN nameless.artist_key
        ELSE coalesce(different.artist_id, one.id, different.artist) END AS artist_key
FROM different
    LEFT JOIN theirs ON theirs.artist_key = different.artist_id
    LEFT JOIN nameless ON nameless.artist = different.artist
    LEFT JOIN one ON one.artist = different.artist
"""  # noqa: S608 built from constants

_EVERY = """
SELECT coalesce(asked.row, -1) AS row, coalesce(heard.track_key, asked.track_key) AS track_key,
    heard.recording_id,
    if(heard.track_key IS NULL, asked.artist_key, heard.artist_key) AS artist_key,
    coalesce(heard.kind, asked.kind) AS kind,
    coalesce(heard.isrc, asked.isrc) AS isrc,
    coalesce(heard.duration_ms, asked.duration_ms) AS length,
    coalesce(heard.artist, asked.artist) AS artist,
    coalesce(heard.title, asked.title) AS title,
    coalesce(heard.track_name, asked.track_name) AS track_name,
    coalesce(heard.album_name, asked.album_name) AS album_name,
    coalesce(heard.first_played_at, (SELECT moment FROM later)) AS first_played_at,
    asked.explicit
FROM heard FULL JOIN asked ON heard.track_key = asked.track_key
"""

_FOUND = """
-- Of the recordings of the ledger that a track is one with, the one with its ISRC, then the nearest
-- by length, then the first heard.
WITH heard AS (SELECT * FROM every WHERE recording_id IS NOT NULL),
candidates AS (
    SELECT fresh.row, arg_min(heard.recording_id, (
        heard.isrc IS DISTINCT FROM fresh.isrc, abs(heard.length - fresh.length),
        heard.first_played_at, heard.track_key
    )) AS recording_id
    FROM every fresh JOIN heard USING (joined)
    WHERE fresh.recording_id IS NULL GROUP BY fresh.row
)
SELECT every.* EXCLUDE (recording_id),
    coalesce(every.recording_id, candidates.recording_id, joined)
        AS recording_id
FROM every LEFT JOIN candidates ON candidates.row = every.row AND every.recording_id IS NULL
WHERE every.row >= 0 ORDER BY every.row
"""
