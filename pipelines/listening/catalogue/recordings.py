"""Which rows of different sources may be the same recording, for matching plays.

A track has several ids, albums and spellings. Rows that share any of a recording's names get the
same code. That takes more for the same than `recording_ids.py` does, which says what counts as one
song: here time and length decide besides. Add here a further name of a recording; which plays of a
recording are the same play belongs in `listening/ledger/matching.py`.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.arrays import MISSING, Bools, Ints
from pipelines.listening.catalogue.kinds import SPOKEN
from pipelines.listening.catalogue.names import nobodys, normal_name, normal_names
from pipelines.listening.schema.sql import query

NAME_LIST = pa.list_(pa.string())


def id_sql(uri: str) -> str:
    """DuckDB SQL for the id in a Spotify uri; null for local files, which have none."""
    return (
        f"CASE WHEN {uri} LIKE 'spotify:%:%' AND NOT starts_with({uri}, 'spotify:local:') "
        f"THEN nullif(split_part({uri}, ':', 3), '') END"
    )


def recording_codes(polled: pa.Table, exported: pa.Table) -> tuple[Ints, Ints]:
    """A code for each row's recording, shared by both tables.

    A recording's names are its id; its ISRC, which only polls have; its first artist with its
    title; and its album's artist with its title, since an export has only that. Episodes and
    chapters are named by their show or book with their title. Old account data mixes songs and
    episodes, so the artist of a row of unknown kind may be a show.

    Args:
        polled: rows with the columns of `polled`.
        exported: rows with the columns of `streaming_history`.

    Returns:
        Codes of the rows of `polled` and of `exported`; -1 where a row has no name at all.
    """
    names = [
        query(_POLLED_NAMES, polled=_with_normal_names(polled)),
        query(_EXPORTED_NAMES, exported=_with_normal_names(exported)),
    ]
    number_of = _components(pa.concat_tables(names))
    codes = [_codes(rows, number_of) for rows in names]
    return codes[0], codes[1]


def _with_normal_names(rows: pa.Table) -> pa.Table:
    for name in ("artist_name", "track_name", "album_name", "album_artist"):
        at = rows.schema.get_field_index(name)
        if at != MISSING:
            rows = rows.set_column(at, name, normal_names(rows[name]))
    return rows


def _components(names: pa.Table) -> dict[str, int]:
    """A code for each name: names that occur in one row are connected and have the same code."""
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        while parent.setdefault(name, name) != name:
            parent[name] = name = parent[parent[name]]
        return name

    different = names.group_by(names.column_names, use_threads=False).aggregate([])
    for row in zip(*(column.to_pylist() for column in different.columns), strict=True):
        first, *rest = [name for name in row if name is not None] or [None]
        if first is not None:
            for other in (first, *rest):
                parent[root(other)] = root(first)
    roots = {name: root(name) for name in sorted(parent)}
    numbers = {name: number for number, name in enumerate(dict.fromkeys(roots.values()))}
    return {name: numbers[of] for name, of in roots.items()}


def _codes(names: pa.Table, number_of: dict[str, int]) -> Ints:
    """Each row's code, by the first of its names."""
    first = pc.coalesce(*names.columns).combine_chunks().dictionary_encode()
    numbers = np.array([*(number_of[name] for name in first.dictionary.to_pylist()), MISSING])
    indices = first.indices.fill_null(len(numbers) - 1).to_numpy(zero_copy_only=False)
    codes: Ints = numbers[indices].astype(np.int64)
    return codes


_POLLED_NAMES = f"""
SELECT
    'id:' || coalesce(track_id, {id_sql("track_uri")}, track_uri) AS by_id,
    'isrc:' || isrc AS by_isrc,
    'name:' || artist_name || '|' || track_name AS by_name,
    CASE WHEN kind = 'episode' THEN 'part:' || album_name || '|' || track_name
        ELSE 'name:' || album_artist || '|' || track_name END AS by_album
FROM polled
"""  # noqa: S608 built from constants

_EXPORTED_NAMES = f"""
SELECT
    'id:' || coalesce({id_sql("track_uri")}, track_uri) AS by_id,
    NULL::VARCHAR AS by_isrc,
    'name:' || artist_name || '|' || track_name AS by_name,
    CASE WHEN kind IN {SPOKEN} THEN 'part:' || album_name || '|' || track_name
        WHEN kind = 'unknown' THEN 'part:' || artist_name || '|' || track_name END AS by_album
FROM exported
"""  # noqa: S608 built from constants


@dataclass(frozen=True)
class Faces:
    """By what rows call their recordings, as codes; equal codes are equal names, -1 is none.

    Two rows name one recording if any of their names is the same; no third row is asked, so that
    the answer is the same in whatever stretch of time the two are looked at.

    Attributes:
        id: Spotify's id, or the uri of what has none.
        isrc: International Standard Recording Code.
        mbid: MusicBrainz's id.
        name: artist and title.
        other: the title with another name for the artist: that of the album, a show, the first one.
        loose: the first artist and the title, without what is added to either (`loose_title`).
        other_loose: the same of `other`.
        on_album: album and title, without what is added to either.
        title: the title alone, without what is added.
        anonymous: 1 where no artist is told, or only that there are various; else 0.
    """

    id: Ints
    isrc: Ints
    mbid: Ints
    name: Ints
    other: Ints
    loose: Ints
    other_loose: Ints
    on_album: Ints
    title: Ints
    anonymous: Ints

    def take(self, rows: Ints) -> "Faces":
        """Those of some rows; of a missing row, -1, nothing.

        Args:
            rows: row indices, or -1.
        """
        return Faces(*(np.append(values, MISSING)[rows] for values in vars(self).values()))

    @classmethod
    def concat(cls, parts: "Sequence[Faces]") -> "Faces":
        """Those of all parts, whose codes are shared."""
        columns = zip(*(vars(part).values() for part in parts), strict=True)
        return cls(*map(np.concatenate, columns))

    def same(self, other: "Faces") -> Bools:
        """Where both name one recording, row by row.

        Args:
            other: of as many rows.
        """
        return (
            _equal(self.id, other.id)
            | _equal(self.isrc, other.isrc)
            | _equal(self.mbid, other.mbid)
            | _any_equal((self.name, self.other), (other.name, other.other))
        )

    def alike(self, other: "Faces") -> Bools:
        """Where both may name one recording, but for what is added to names, or other artists.

        An export names the artist of the album, which need not be the track's.

        Args:
            other: of as many rows.
        """
        by_artist = _any_equal((self.loose, self.other_loose), (other.loose, other.other_loose))
        return by_artist | _equal(self.on_album, other.on_album)


def _equal(one: Ints, other: Ints) -> Bools:
    equal: Bools = (one == other) & (one >= 0)
    return equal


def _any_equal(some: Sequence[Ints], others: Sequence[Ints]) -> Bools:
    equal: Bools = np.any([_equal(one, other) for one in some for other in others], axis=0)
    return equal


def faces(polled: pa.Table, told: Sequence[pa.Table]) -> list[Faces]:
    """What the rows of several tables call their recordings, in codes that all of them share.

    Args:
        polled: rows with the columns of `polled`.
        told: tables with the columns of `streaming_history`.

    Returns:
        Those of `polled`, then of each other table.
    """
    tables = [polled, *told]
    spoken = [_is_spoken(table) for table in tables]
    title, loose_titles = _folded(
        [table["track_name"] for table in tables], normal_name, loose_title
    )
    artist, first_artist = _folded(
        [
            *(table["artist_name"] for table in tables),
            *map(_other_artist, tables, spoken),
        ],
        _somebody,
        first_of_artists,
    )
    count = len(title)
    names = {
        "name": _paired(artist[:count], title),
        "other": _paired(artist[count:], title),
        "loose": _paired(first_artist[:count], loose_titles),
        "other_loose": _paired(first_artist[count:], loose_titles),
        "on_album": _paired(
            _folded([table["album_name"] for table in tables], loose_title)[0], loose_titles
        ),
    }
    ids = [_spotify_id(table) for table in tables]
    mbids = [
        table["recording_mbid"] if "recording_mbid" in table.column_names else _nulls(table)
        for table in tables
    ]
    every = Faces(
        id=_folded(ids)[0],
        isrc=_folded([table["isrc"] for table in tables])[0],
        mbid=_folded(mbids)[0],
        title=loose_titles,
        anonymous=((artist[:count] < 0) & (artist[count:] < 0)).astype(np.int64),
        **names,
    )
    edges = np.cumsum([0, *map(len, tables)])
    return [
        Faces(*(values[first:last] for values in vars(every).values()))
        for first, last in pairwise(edges)
    ]


def _nulls(table: pa.Table) -> pa.ChunkedArray:
    return pa.chunked_array([pa.nulls(len(table), pa.string())])


def _is_spoken(table: pa.Table) -> pa.ChunkedArray:
    return pc.is_in(table["kind"], pa.array(SPOKEN))


def _other_artist(table: pa.Table, spoken: pa.ChunkedArray) -> pa.ChunkedArray:
    """Another name for the artist: a show or book, the album's artist, the first of several."""
    if "album_artist" in table.column_names:
        artist = table["album_artist"]
    elif table["artist_names"].null_count < len(table):
        several = pc.greater(pc.list_value_length(table["artist_names"]), 0)
        listed = pc.if_else(several, table["artist_names"], pa.scalar([None], NAME_LIST))
        artist = pc.list_element(listed, 0)
    else:
        artist = _nulls(table)
    return pc.if_else(spoken, table["album_name"], artist)


def _spotify_id(table: pa.Table) -> pa.ChunkedArray:
    """Spotify's id; the uri of what has none, such as a local file."""
    uri = table["track_uri"]
    parts = pc.extract_regex(uri, r"^spotify:[^:]*:(?P<id>[^:]+)")
    local = pc.starts_with(uri, "spotify:local:")
    id_ = pc.if_else(local, None, pc.struct_field(parts, "id"))
    told = [table["track_id"]] if "track_id" in table.column_names else []
    return pc.coalesce(*told, id_, uri)


def _folded(texts: Sequence[pa.ChunkedArray], *folds: Callable[[str], str | None]) -> list[Ints]:
    """For each way of folding, the code of each text; -1 where it is null, or folded to nothing.

    Each different text is folded once.
    """
    chunks = [chunk.cast(pa.string()) for one in texts for chunk in one.chunks]
    whole = pa.concat_arrays([pa.array([], pa.string()), *chunks]).dictionary_encode()
    at = whole.indices.fill_null(MISSING).to_numpy(zero_copy_only=False)
    if not folds:
        return [at.astype(np.int64)]
    different = whole.dictionary.to_pylist()
    codes = []
    for fold in folds:
        folded = pa.array([fold(text) for text in different], pa.string()).dictionary_encode()
        code = folded.indices.fill_null(MISSING).to_numpy(zero_copy_only=False)
        codes.append(np.append(code.astype(np.int64), MISSING)[at])
    return codes


def _paired(artists: Ints, titles: Ints) -> Ints:
    both = (artists >= 0) & (titles >= 0)
    return np.where(both, artists * (titles.max(initial=0) + 1) + titles, MISSING)


_ADDED = re.compile(
    r"\b(?:remaster(?:ed|izado)?|feat(?:uring)?|ft|mono|stereo|explicit|clean|bonus track|deluxe"
    r"|anniversary edition|album version|single version|original version|lp version)\b"
    r"|^(?:with|from) "
)
"""What is added to a title without making another recording of it, for the most part."""

_ANOTHER = re.compile(
    r"\b(?:live|remix(?:ed)?|mix|acoustic|demo|instrumental|karaoke|cover|sessions?|unplugged"
    r"|rehearsal|take|rework|reprise|orchestral|a cappella|acapella|sped|slowed|dub|bootleg)\b"
)
"""What makes another recording of a title."""

_BRACKETED = re.compile(
    r"\s*[(\[\uff08\u3010]([^()\[\]\uff08\uff09\u3010\u3011]*)[)\]\uff09\u3011]"
)
_AFTER_A_DASH = re.compile(r"\s+[-\u2010-\u2015]\s+([^-\u2010-\u2015]*)$")
_GUEST = re.compile(r"\s+(?:feat\.?|featuring|ft\.?)\s.*$", re.IGNORECASE)
_MAY_ADD = re.compile(r"[(\[\uff08\u3010\u2010-\u2015-]|\sf(?:ea)?t", re.IGNORECASE)
"""What a title has that anything is added to; most have nothing."""

_NEXT_ARTIST = re.compile(
    r"\s*(?:,|;|/|\s&\s|\s\+\s|\s(?:and|x|vs\.?|with|feat\.?|featuring|ft\.?)\s|\((?:feat|ft|with)\b).*$",
    re.IGNORECASE,
)


@lru_cache(maxsize=1 << 16)
def loose_title(title: str) -> str:
    """A title as it is compared, without what makes no other recording of it.

    "- Remastered 2011" and "(feat. X)" are left out, "(Live)" and "- Acoustic" are not.

    Args:
        title: as a source spells it.
    """
    short = title
    if _MAY_ADD.search(title):
        short = _BRACKETED.sub(_unless_added, short)
        while (cut := _AFTER_A_DASH.sub(_unless_added, short)) != short:
            short = cut
        short = _GUEST.sub("", short)
    return normal_name(short if short.strip() else title)


def _unless_added(match: re.Match[str]) -> str:
    words = match[1].lower()
    added = _ADDED.search(words) and not _ANOTHER.search(words)
    return "" if added else match[0]


def _somebody(artist: str) -> str | None:
    name = normal_name(artist)
    return None if name in nobodys() else name


@lru_cache(maxsize=1 << 16)
def first_of_artists(artists: str) -> str | None:
    """The first of several artists who stand in one text, as it is compared.

    Args:
        artists: such as "A, B", "A & B" or "A feat. B".
    """
    first = artists if artists.isalnum() else _NEXT_ARTIST.sub("", artists)
    return _somebody(first if first.strip() else artists)
