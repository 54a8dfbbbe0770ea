"""Which tracks are the same recording: the rule, in one place, and what it costs.

A recording is what people call a song: it has several ids, on a single, on albums and compilations,
in several countries. Which rows of two sources are the same *play* is another question, for which
more may be taken as the same (`recordings.py`).

The rule, over all tracks that were ever played:

1. Tracks with the same ISRC are one recording, whatever else differs.
2. Tracks with two ISRCs are two.
3. Of the same artist (`artist_key`) with the same title (`names.py`), tracks are one recording if
   their lengths lie within `SAME_LENGTH_MS`. The length is the one that Spotify tells; of a track
   that only exports know, what its whole plays lasted.
4. What has no ISRC is that of a track of 3 that has one, and what has no length is as long as one
   that has: as one on the same album if there is one, else as the one that was heard first.
5. A title that names a place on an album ("Intro", "Interlude 2", "Track 03") is a song only
   together with its album; such titles are in `reference_data/places_on_albums.txt`.
6. Without an artist ("Various Artists" is none) or a title, and for episodes and chapters, every
   track is a recording of its own.

What polls tell later changes an answer only where it contradicts it: by a second ISRC, or by a
length. That a track is now known to have an ISRC changes the `recording_id` of all it is one with,
but not which these are. In all ties the first heard counts, not the most played, since the former
stays so.

The cost: a song whose single is some seconds shorter, or that came out anew under an ISRC of its
own, is two. Two songs of one artist with the same title and nearly the same length are one, while
no ISRC says otherwise. And one that was never heard to its end is counted with the first of its
name.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.arrays import MISSING, placed
from pipelines.listening.catalogue.kinds import SPOKEN
from pipelines.listening.catalogue.names import data_lines, normal_name, normal_names
from pipelines.listening.schema.sql import query

SAME_LENGTH_MS = 5_000
"""Measured on 5,000 pairs of tracks with the same artist and title in a public file: 99.8 % of them
differ by less, hardly any by 5 to 30 s."""

_NUMBERED = "track|pista|piste|spur|titel|faixa|traccia|chapter|kapitel|part|teil|pt|трек|トラック"
"""Words that with a number name a place."""

_NUMBER = r"(?:[ivx]+|\d+)"

_BASE = r"\s*(?:[(\[\x{FF08}\x{3010}].*|\s[\x{2010}-\x{2015}-]\s.*)$"
"""What is added to a name: "(Deluxe Edition)", "- Remastered 2011"."""


def recording_ids(tracks: pa.Table) -> pa.Array:
    """The `recording_id` of each track, in the same order.

    It is the ISRC, else artist and title, with the key of the first heard track where these are not
    enough, else the track's own key.

    Args:
        tracks: columns track_key, kind, isrc, length, artist_key, album_name, first_played_at, the
            normal names artist and title, and place, as `named_by_place` gives it.
    """
    songs = _songs(tracks)
    known = tracks.select(["track_key", "isrc", "length", "artist", "title", "first_played_at"])
    added = {
        "song": songs,
        "album": _folded_base(tracks["album_name"]),
        "row": pa.array(np.arange(len(tracks))),
    }
    for name, column in added.items():
        known = known.append_column(name, column)
    # Most tracks have an ISRC, and nothing else is asked about them.
    named = query(_NAMED, tracks=known.filter(_to_be_named(known)))
    names = placed(named["id"], named["row"].to_numpy(), len(tracks))
    by_isrc = pc.binary_join_element_wise("isrc:", tracks["isrc"], "")
    return pc.coalesce(by_isrc, names, tracks["track_key"]).combine_chunks()


def _songs(tracks: pa.Table) -> pa.Array:
    """A code for artist and title as in rules 3 and 5; null where rule 6 holds."""
    album = pc.coalesce(_folded_base(tracks["album_name"]), "")
    with_album = pc.if_else(tracks["place"], pc.binary_join_element_wise("|", album, ""), "")
    song = pc.binary_join_element_wise(tracks["artist_key"], tracks["title"], "|")
    song = pc.binary_join_element_wise(song, pc.coalesce(with_album, ""), "")
    no_music = pc.is_in(tracks["kind"], pa.array([*SPOKEN, None]))
    song = pc.if_else(no_music, None, song)
    return song.combine_chunks().dictionary_encode().indices


def _to_be_named(tracks: pa.Table) -> pa.Array:
    """Which tracks have to do with the name of one without ISRC: its song, and others so called."""
    song = tracks["song"].fill_null(MISSING).to_numpy()
    names = pc.binary_join_element_wise(tracks["artist"], tracks["title"], "|")
    name = names.combine_chunks().dictionary_encode().indices.fill_null(MISSING).to_numpy()
    # The last place of each is that of what has no song, or no name.
    asked = np.zeros(song.max(initial=MISSING) + 2, bool)
    called = np.zeros(name.max(initial=MISSING) + 2, bool)
    asked[song[tracks["isrc"].is_null().to_numpy()]] = True
    asked[MISSING] = False
    called[name[asked[song]]] = True
    called[MISSING] = False
    asked[song[called[name]]] = True
    asked[MISSING] = False
    return pa.array(asked[song])


def named_by_place(names: pa.ChunkedArray, titles: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Whether each title names a place on an album, as in rule 5; null stays null.

    Args:
        names: of tracks, in any spelling.
        titles: the same, as `normal_names` gives them.
    """
    longer = pc.match_substring_regex(names, _BASE)
    bases = pc.if_else(longer, _folded_base(pc.if_else(longer, names, None)), titles)
    return pc.match_substring_regex(bases, _places())


def _folded_base(names: pa.ChunkedArray) -> pa.Array:
    """Normal names without what is added to them, or the whole where nothing else is left."""
    encoded = names.combine_chunks().dictionary_encode()
    different = encoded.dictionary
    base = pc.replace_substring_regex(different, _BASE, "")
    return normal_names(pc.if_else(pc.equal(base, ""), different, base)).take(encoded.indices)


def _places() -> str:
    """A regular expression for normal titles that name a place."""
    places = "|".join(sorted({normal_name(place) for place in data_lines("places_on_albums.txt")}))
    return rf"^(?:(?:{places})(?: {_NUMBER})?|(?:{_NUMBERED}) ?{_NUMBER})$"


_NAMED = f"""
WITH songs AS (FROM tracks WHERE song IS NOT NULL),
steps AS (
    SELECT row, length - lag(length) OVER (
        PARTITION BY song ORDER BY length, track_key
    ) > {SAME_LENGTH_MS} AS other
    FROM songs WHERE length IS NOT NULL
),
islands AS (
    SELECT songs.*, sum(coalesce(other, false)::INTEGER) OVER (
        PARTITION BY song ORDER BY length, track_key
    ) AS island
    FROM songs JOIN steps USING (row)
),
-- Many of nearly one length may reach far from the first to the last: these are cut in pieces.
long AS (
    SELECT *, (island, (length - min(length) OVER (PARTITION BY song, island))
        // ({SAME_LENGTH_MS} + 1)) AS part
    FROM islands
),
-- Each track that lacks something with the track of the same song that has it.
alike AS (
    SELECT songs.row, arg_min(
        part, (songs.album IS DISTINCT FROM long.album, long.first_played_at, long.track_key)
    ) AS part
    FROM songs JOIN long USING (song) WHERE songs.length IS NULL GROUP BY songs.row
),
parts AS (
    SELECT songs.*, coalesce(long.part, alike.part, (0, 0)) AS part
    FROM songs LEFT JOIN long USING (row) LEFT JOIN alike USING (row)
),
coded AS (
    SELECT mute.row, arg_min(
        told.isrc, (mute.album IS DISTINCT FROM told.album, told.first_played_at, told.track_key)
    ) AS isrc
    FROM parts mute JOIN parts told USING (song, part)
    WHERE mute.isrc IS NULL AND told.isrc IS NOT NULL GROUP BY mute.row
),
recordings AS (
    SELECT song, part,
        min((first_played_at, track_key)) AS heard,
        arg_min(artist || '|' || title, (first_played_at, track_key)) AS name
    FROM parts GROUP BY song, part
),
called AS (
    SELECT song, part, 'name:' || name || if(
        row_number() OVER (PARTITION BY name ORDER BY heard) = 1, '', '|' || heard[2]
    ) AS id
    FROM recordings
)
SELECT parts.row, coalesce('isrc:' || coded.isrc, called.id) AS id
FROM parts LEFT JOIN coded USING (row) JOIN called USING (song, part)
WHERE parts.isrc IS NULL
"""  # noqa: S608 built from constants
