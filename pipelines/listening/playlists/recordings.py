"""Which recordings the items of playlists are, by the same rule as in the ledger.

A track that was ever played is the recording that the ledger says. Any other is one of those by
`catalogue/recording_ids.py`, or a recording of its own. Add here what is known of an item by what
it is, whatever the playlist; which items of a playlist are duplicates is an insight.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.arrays import MISSING, Ints, placed
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

_NAMES = ("track_name", "album_name")
_WHEN = "first_played_at"
_FILLED = ("kind", "isrc", "length", "artist", "title", *_NAMES)
"""What a playlist may tell of a track that the ledger knows."""

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
    playlists = entries["playlist_id"].combine_chunks().dictionary_encode()
    numbers = pc.rank(playlists.dictionary).cast(pa.int32()).take(playlists.indices)
    codes, first = _different(entries, numbers)
    known = _known(entries.select(DESCRIPTION).take(pa.array(first)), tracks)
    at = pa.array(codes, mask=codes == MISSING)
    for name in known.column_names:
        entries = entries.append_column(name, known[name].take(at))
    return entries.append_column("track", at).append_column("playlist", numbers)


def _different(entries: pa.Table, playlists: pa.Array) -> tuple[Ints, Ints]:
    """A code for each row's track, and the row that describes each code.

    It is the first that has an ISRC, by playlist and position, else the first.
    """
    keys = pc.coalesce(entries["track_id"], entries["track_uri"])
    encoded = keys.combine_chunks().dictionary_encode()
    codes = encoded.indices.fill_null(MISSING).to_numpy().astype(np.int64)
    place = playlists.to_numpy().astype(np.int64) << 32 | entries["position"].to_numpy()
    order = np.argsort(place, kind="stable")
    lacking = entries["isrc"].is_null().to_numpy()[order]
    best_last = np.concatenate([order[lacking][::-1], order[~lacking][::-1]]).astype(np.int64)
    best_last = best_last[codes[best_last] != MISSING]
    first = np.empty(len(encoded.dictionary), np.int64)
    first[codes[best_last]] = best_last
    return codes, first


def _known(different: pa.Table, tracks: pa.Table) -> pa.Table:
    """What each different track is, in the same order."""
    song, version, called = title_keys(different["track_name"].combine_chunks())
    heard = _with_folded(tracks).rename_columns({"duration_ms": "length"})
    asked = _asked(different, heard)
    heard = heard.select(["track_key", "recording_id", "artist_key", _WHEN, *_FILLED])
    every, at = _every(asked, heard)
    every = every.append_column("place", named_by_place(every["track_name"], every["title"]))
    joined = recording_ids(every)
    recording = _of_the_ledger(every.append_column("joined", joined)).take(at)
    found = every.select(["artist_key", "kind", "isrc", "track_key", "place"]).take(at)
    is_song = pc.is_in(found["kind"], pa.array(SONGS))
    explicit = pc.coalesce(called, different["explicit"], pa.scalar(False))
    album = pc.if_else(found["place"], every["album_name"].take(at), None)
    place = pc.if_else(found["place"], normal_names(album), "")
    song = pc.if_else(pc.equal(song, ""), None, song)  # a title of blanks says nothing
    parts = (found["artist_key"], song, version, explicit.cast(pa.string()), place)
    alike = pc.if_else(is_song, pc.binary_join_element_wise(*parts, "|"), None)
    return pa.table(
        {
            "recording_id": recording,
            "artist_key": found["artist_key"],
            "version": pc.if_else(is_song, version, None),
            "recording": _numbered(pc.if_else(is_song, recording, None)),
            "same": _numbered(pc.coalesce(found["isrc"], found["track_key"])),
            "alike": _numbered(alike),
        }
    )


def _asked(different: pa.Table, heard: pa.Table) -> pa.Table:
    """The tracks of playlists with the keys that the ledger would give them."""
    asked = _with_folded(different)
    # Many songs are of few artists: these are looked for, not those.
    pairs = [asked[name].combine_chunks().dictionary_encode() for name in ("artist", "artist_id")]
    codes = [one.indices.fill_null(MISSING).to_numpy().astype(np.int64) for one in pairs]
    pair = (codes[0] + 1) * (len(pairs[1].dictionary) + 1) + codes[1] + 1
    _, first, of_pair = np.unique(pair, return_index=True, return_inverse=True)
    artists = asked.select(["artist", "artist_id"]).take(pa.array(first))
    nobody = pc.is_in(artists["artist"], pa.array(sorted(nobodys()), pa.string()))
    told = pc.equal(artists["artist_id"], NOBODYS_ID).fill_null(False)
    artists = artists.append_column("nobody", pc.or_(nobody, told))
    artists = artists.append_column("row", pa.array(np.arange(len(first))))
    heard = heard.select(["artist_id", "artist_key", "artist"])
    keys = query(_ARTIST_KEYS, different=artists, heard=heard)["artist_key"].combine_chunks()
    isrc = query(f"SELECT {isrc_sql('isrc')} AS isrc FROM asked", asked=asked.select(["isrc"]))  # noqa: S608 built from constants
    return pa.table(
        {
            "track_key": pc.coalesce(asked["track_id"], asked["track_uri"]),
            "artist_key": keys.take(pa.array(of_pair)),
            "isrc": isrc["isrc"],
            "length": asked["duration_ms"],
            **{name: asked[name] for name in ("kind", "artist", "title", *_NAMES)},
        }
    )


def _with_folded(tracks: pa.Table) -> pa.Table:
    tracks = tracks.append_column("artist", normal_names(tracks["artist_name"]))
    return tracks.append_column("title", normal_names(tracks["track_name"]))


def _every(asked: pa.Table, heard: pa.Table) -> tuple[pa.Table, pa.Array]:
    """The tracks of the ledger and the others in playlists, and where each of `asked` is in it.

    What the ledger does not tell of a track, the playlist does, but for its artist and recording.
    """
    at = pc.index_in(asked["track_key"], heard["track_key"].combine_chunks()).combine_chunks()
    fresh = at.is_null()
    again = asked.take(pc.index_in(heard["track_key"], asked["track_key"].combine_chunks()))
    told = {name: pc.coalesce(heard[name], again[name]) for name in _FILLED}
    whole = {**{name: heard[name] for name in heard.column_names}, **told}
    others = asked.filter(fresh).append_column(_WHEN, pa.repeat(_LATER, pc.sum(fresh).as_py() or 0))
    every = pa.concat_tables([pa.table(whole), others], promote_options="default")
    number = len(heard) - 1 + np.cumsum(fresh.to_numpy(zero_copy_only=False))
    return every, pc.coalesce(at.cast(pa.int64()), pa.array(number))


def _of_the_ledger(every: pa.Table) -> pa.Array:
    """The `recording_id` of each track: the ledger's, also of what is one with a track of it."""
    is_heard = every["recording_id"].is_valid()
    every = every.append_column("row", pa.array(np.arange(len(every))))
    every = every.select(["row", "track_key", "recording_id", "joined", "isrc", "length", _WHEN])
    heard = every.filter(is_heard)
    is_one = pc.is_in(every["joined"], heard["joined"].combine_chunks())
    fresh = every.filter(pc.and_not(is_one, is_heard))
    one = query(_CANDIDATES, fresh=fresh, heard=heard)
    found = placed(one["recording_id"], one["row"].to_numpy(), len(every))
    return pc.coalesce(every["recording_id"], found, every["joined"]).combine_chunks()


def _numbered(names: pa.ChunkedArray) -> pa.Array:
    """A code for each name; null stays null."""
    return names.combine_chunks().dictionary_encode().indices


_ARTIST_KEYS = """
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
SELECT CASE WHEN nobody THEN NULL
        WHEN theirs.artist_key IS NOT NULL THEN different.artist_id
        WHEN nameless.artist_key IS NOT NULL AND (different.artist_id IS NULL OR one.id IS NOT NULL)
            THEN nameless.artist_key
        ELSE coalesce(different.artist_id, one.id, different.artist) END AS artist_key
FROM different
    LEFT JOIN theirs ON theirs.artist_key = different.artist_id
    LEFT JOIN nameless ON nameless.artist = different.artist
    LEFT JOIN one ON one.artist = different.artist
ORDER BY different.row
"""

_CANDIDATES = """
-- Of the recordings of the ledger that a track is one with, the one with its ISRC, then the nearest
-- by length, then the first heard.
SELECT fresh.row, arg_min(heard.recording_id, (
    heard.isrc IS DISTINCT FROM fresh.isrc, abs(heard.length - fresh.length),
    heard.first_played_at, heard.track_key
)) AS recording_id
FROM fresh JOIN heard USING (joined) GROUP BY fresh.row
"""
