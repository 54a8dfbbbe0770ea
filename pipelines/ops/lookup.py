"""Everything that is known of one track, from the lake alone, for `playledger lookup`.

An answer is kept in the cache, under the versions of the tables that it was made of: looked up
again, it costs no reading of them. Add here what else is known of a track, with its source. How it
is shown is `cli/lookup.py`.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import reduce
from typing import Any
from urllib.parse import quote_plus

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.errors import NoSuchTrack
from pipelines.listening.catalogue.audio_features import genres_of, match_features
from pipelines.listening.catalogue.described import BY_ID, BY_SEARCH, searched_for
from pipelines.listening.catalogue.identifiers import normal_isrc, spotify_uri
from pipelines.listening.catalogue.names import normal_name
from pipelines.listening.catalogue.tracks_and_artists import names_of
from pipelines.listening.insights.runner import insights
from pipelines.listening.schema.playlist_tables import LIKED, PLAYLIST_READINGS
from pipelines.listening.schema.reference_tables import (
    ARTIST_GENRES,
    AUDIO_FEATURES,
    REFERENCE_TABLES,
    SOUND,
)
from pipelines.listening.schema.table import Table
from pipelines.listening.schema.tables import DESCRIBED_TRACKS, UNIQUE_ARTISTS, UNIQUE_TRACKS
from pipelines.resources.cache.store import CacheUnavailable, Key, Store
from pipelines.resources.lake.lakes import ListenerLake
from pipelines.resources.lake.object_store import Entry

VERSION = 2
"""Raise it when an answer looks different."""

KEEP_S = 30 * 24 * 3600.0

_NAMED = ("recording_id", "track_id", "track_uri", "isrc", "artist_name", "track_name")
_ID = re.compile(r"[0-9A-Za-z]{22}")
_DASH = re.compile(r"\s+[-\u2013\u2014]\s+")


@dataclass(frozen=True)
class Tables:
    """The tables that an answer is made of."""

    tracks: Table = UNIQUE_TRACKS
    counts: Table = insights()["play_counts"].table
    items: Table = insights()["playlist_items"].table
    readings: Table = PLAYLIST_READINGS
    described: Table = DESCRIBED_TRACKS
    artists: Table = UNIQUE_ARTISTS


AGGREGATED = "aggregated/"
"""Where most of these tables are: one listing tells their versions."""


def look_up(lake: ListenerLake, text: str, cache: Store | None = None) -> dict[str, Any]:
    """What is known of a track, as JSON has it.

    Args:
        lake: the listener's.
        text: an id, uri or address of Spotify's, an ISRC, a recording_id, or "artist - title".
        cache: where answers are kept.

    Raises:
        NoSuchTrack: where nothing matches, or several recordings do; names these.
    """
    key = _key(lake, text) if cache else None
    if cache and key:
        with suppress(CacheUnavailable, ValueError):
            if kept := cache.get(key):
                answer: object = json.loads(kept)
                if isinstance(answer, dict):  # anything else is not ours
                    return answer
    found: dict[str, Any] = json.loads(json.dumps(_answer(lake, text), default=_as_text))
    if cache and key:
        with suppress(CacheUnavailable):
            cache.put(key, json.dumps(found).encode(), KEEP_S)
    return found


def _key(lake: ListenerLake, text: str) -> Key:
    """The key of an answer, without reading a table: a digest of reference data takes long."""
    paths = {table.path for table in vars(Tables()).values()}
    own = {entry.key: entry.stamp for entry in lake.store.list(AGGREGATED) if entry.key in paths}
    shared = _reference_entries(lake)
    stamps = [own.get(path, "") for path in sorted(paths)]
    stamps += [entry.stamp if entry else "" for entry in shared.values()]
    whole = json.dumps(["lookup", VERSION, text.strip(), *stamps])
    return Key(lake.listener, hashlib.sha256(whole.encode()).hexdigest())


def _reference_entries(lake: ListenerLake) -> dict[str, Entry | None]:
    """The files of the reference data, by the name of the table."""
    found = {entry.key: entry for entry in lake.lake.store.list("reference/")}
    return {table.name: found.get(table.path) for table in REFERENCE_TABLES}


def _answer(lake: ListenerLake, text: str) -> dict[str, Any]:
    tables = Tables()
    recording = _recording(lake, tables, text)
    tracks = _rows(lake.read(tables.tracks), recording)
    tracks.sort(key=lambda row: (-row["plays"], row["track_key"]))
    [counts] = _rows(lake.read(tables.counts), recording) or [{}]
    readings = {
        row["playlist_id"]: row
        for row in lake.read(tables.readings, ["playlist_id", "name", "read_at"]).to_pylist()
    }
    items = [
        {**row, "read_at": readings.get(row["playlist_id"], {}).get("read_at")}
        for row in _rows(lake.read(tables.items), recording)
    ]
    told = tracks or items
    first = told[0]
    catalogue = _catalogue(lake.read(tables.described), tracks)
    sources = [
        Source("plays", tracks, "last_played_at"),
        Source("playlists", items, "read_at"),
        *_reference(lake, tables, told),
    ]
    return {
        "recording_id": recording,
        "track_name": counts.get("track_name") or first["track_name"],
        "artist_name": counts.get("artist_name") or first["artist_name"],
        "kind": first["kind"],
        "metadata": _metadata(sources, catalogue),
        "catalogue": catalogue,
        "first_played_at": min((row["first_played_at"] for row in tracks), default=None),
        "last_played_at": max((row["last_played_at"] for row in tracks), default=None),
        "counts": {name: value for name, value in counts.items() if name not in _NOT_COUNTS},
        "contexts": counts.get("contexts") or [],
        "playlists": _playlists(items, readings),
        "tracks": [
            {name: row.get(name) for name in ("track_id", "track_uri", "isrc", "album_name")}
            | {"plays": row.get("plays")}
            for row in tracks
        ],
        "links": _links(told, counts),
    }


_NOT_COUNTS = {
    *("recording_id", "track_name", "artist_name", "track_id", "kind", "contexts", "lastfm_url"),
}

_DESCRIBING = (
    *("album_name", "album_type", "release_date", "release_year", "duration_ms", "explicit"),
    *("isrc", "popularity", "genres"),
    *(column.name for column in SOUND),
    "mood_score",
)

_OF_THE_CATALOGUE = (
    *("asked_by", "asked_at", "status", "told_at", "place", "track_id", "isrc", "album_name"),
    *("album_type", "release_date", "release_year", "duration_ms", "explicit", "popularity"),
)


@dataclass(frozen=True)
class Source:
    """Something that describes a track.

    Attributes:
        name: as it is shown.
        rows: what it says, the most telling first.
        at: the column that says as of when.
    """

    name: str
    rows: Sequence[Mapping[str, Any]]
    at: str


def _metadata(sources: Sequence[Source], catalogue: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What describes it, each with where it is from and how old that is."""
    found = {}
    for name in _DESCRIBING:
        for source in sources:
            row = next((one for one in source.rows if one.get(name) is not None), None)
            if row:
                found[name] = {"value": row[name], "source": source.name, "as_of": row[source.at]}
                break
        if name in found and found[name]["source"] == "plays":
            found[name] |= _from_the_catalogue(name, found[name]["value"], catalogue)
    return found


def _from_the_catalogue(
    name: str, value: object, catalogue: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Who else says so: what no play told, the table of tracks has from the catalogue."""
    for row in catalogue:
        if row["place"] and name in row and row[name] == value:
            return {"source": _CATALOGUE[row["asked_by"]], "as_of": row["told_at"]}
    return {}


_CATALOGUE = {BY_ID: "catalogue", BY_SEARCH: "search"}


def _catalogue(described: pa.Table, tracks: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the catalogue said of the tracks, those asked for by id first."""
    asked = {(BY_ID, row["track_id"]) for row in tracks if row["track_id"]}
    asked |= {
        (BY_SEARCH, searched_for(normal_name(artist), normal_name(title)))
        for row in tracks
        if not row["track_id"] and (artist := row["artist_name"]) and (title := row["track_name"])
    }
    keys = pa.array([key for _, key in asked], pa.string())
    rows = described.filter(pc.is_in(described["asked_for"], value_set=keys)).to_pylist()
    return [
        {name: row[name] for name in _OF_THE_CATALOGUE}
        for row in rows
        if (row["asked_by"], row["asked_for"]) in asked
    ]


def _reference(
    lake: ListenerLake, tables: Tables, rows: Sequence[dict[str, Any]]
) -> Iterator[Source]:
    """What top lists say of its artist, and what files that were added say of it and of them."""
    artists = {row["artist_key"]: None for row in rows if row.get("artist_key")}
    told = lake.read(tables.artists, ["artist_key", "genres", "told_on"])
    keys = pa.array(list(artists), pa.string())
    known = told.filter(pc.is_in(told["artist_key"], value_set=keys)).to_pylist()
    yield Source("top_lists", [one for one in known if one["genres"]], "told_on")
    written = {
        name: entry and entry.written and datetime.fromtimestamp(entry.written, UTC)
        for name, entry in _reference_entries(lake).items()
    }
    yield Source(
        "audio_features",
        [{**one, "as_of": written[AUDIO_FEATURES.name]} for one in _features(lake, rows)],
        "as_of",
    )
    named = [row["artist_name"] for row in rows if row["artist_name"]][:1]
    genres = genres_of(named, lake.lake.read(ARTIST_GENRES)).to_pylist()
    yield Source(
        "artist_genres",
        [{"genres": one, "as_of": written[ARTIST_GENRES.name]} for one in genres],
        "as_of",
    )


def _features(lake: ListenerLake, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Reference data of the tracks; of all of it only what can match is looked at."""
    tracks = pa.Table.from_pylist(
        [{name: row.get(name) for name in _MATCHED_BY} for row in rows],
        pa.schema([(name, pa.string()) for name in _MATCHED_BY]),
    )
    keys = {"track_id": tracks["track_id"], "isrc": tracks["isrc"], "name_key": names_of(tracks)}
    whole = lake.lake.read(AUDIO_FEATURES)
    near = [pc.is_in(whole[name], value_set=some.drop_null()) for name, some in keys.items()]
    matched = match_features(tracks, whole.filter(reduce(pc.or_, near)))
    return [row for row in matched.to_pylist() if row["how"]]


_MATCHED_BY = ("track_id", "isrc", "artist_name", "track_name")


def _playlists(
    items: Sequence[dict[str, Any]], readings: Mapping[str, Mapping[str, Any]]
) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for item in sorted(items, key=lambda row: (row["playlist_id"], row["position"])):
        id_ = item["playlist_id"]
        name = readings.get(id_, {}).get("name") or ("Liked Songs" if id_ == LIKED else None)
        one = found.setdefault(id_, {"playlist_id": id_, "name": name, "positions": []})
        one["positions"].append(item["position"])
    return list(found.values())


def _links(rows: Sequence[dict[str, Any]], counts: Mapping[str, Any]) -> dict[str, str]:
    """Its pages; that of Last.fm is by its names where Last.fm was not asked."""
    links = {}
    uris = (row["track_uri"] for row in rows)
    if uri := next((one for one in uris if one and one.count(":") == 2), None):  # noqa: PLR2004
        links["spotify"] = f"https://open.spotify.com/{'/'.join(uri.split(':')[1:])}"
    artist, title = rows[0]["artist_name"], rows[0]["track_name"]
    if counts.get("lastfm_url"):
        links["lastfm"] = counts["lastfm_url"]
    elif artist and title and rows[0]["kind"] not in {"episode", "audiobook"}:
        links["lastfm"] = f"https://www.last.fm/music/{quote_plus(artist)}/_/{quote_plus(title)}"
    return links


def _rows(rows: pa.Table, recording: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = rows.filter(pc.equal(rows["recording_id"], recording)).to_pylist()
    return found


def _recording(lake: ListenerLake, tables: Tables, text: str) -> str:
    """The one recording that is meant: of what was played, else of what is in playlists."""
    near = next(filter(None, _candidates(lake, tables, text)), {})
    if len(near) == 1:
        return next(iter(near))
    if not near:
        raise NoSuchTrack(
            f"no track of {lake.listener}'s is called {text!r}: give an id or address of "
            'Spotify\'s, an ISRC, or "artist - title"'
        )
    raise NoSuchTrack(
        f"{text!r} may be any of {len(near)} recordings of {lake.listener}'s: name one by its "
        "recording_id",
        near,
    )


def _candidates(lake: ListenerLake, tables: Tables, text: str) -> Iterator[dict[str, str]]:
    """Recordings that may be meant, and what they are called; the most likely ones first."""
    for table in (tables.tracks, tables.items):
        rows = lake.read(table, _NAMED)
        yield _described(rows, _exact(rows, text))
        yield _described(rows, _containing(rows, text))


def _exact(rows: pa.Table, text: str) -> Any:
    """Which rows are meant by an id or by names."""
    text = text.strip()
    uri = spotify_uri(text)
    if uri or _ID.fullmatch(text):
        id_ = uri.rpartition(":")[2] if uri else text
        by_uri = pc.ends_with(rows["track_uri"].fill_null(""), f":{id_}")
        return pc.or_(pc.equal(rows["track_id"].fill_null(""), id_), by_uri)
    found = pc.equal(rows["recording_id"].fill_null(""), text)
    if isrc := normal_isrc(text):
        found = pc.or_(found, pc.equal(rows["isrc"].fill_null(""), isrc))
    keys = pa.array(list(_name_keys(text)), pa.string())
    return pc.or_(found, pc.is_in(names_of(rows), value_set=keys))


def _name_keys(text: str) -> Iterator[str]:
    """What "artist - title" may mean, as names are compared: either may have a dash itself."""
    for dash in _DASH.finditer(text):
        artist, title = normal_name(text[: dash.start()]), normal_name(text[dash.end() :])
        yield f"{artist}|{title}"
        yield f"{title}|{artist}"


def _containing(rows: pa.Table, text: str) -> Any:
    """Which rows have these words in their names, in this order."""
    names = names_of(rows).fill_null("")
    words = [word for part in _DASH.split(text) for word in normal_name(part).split()]
    pattern = ".*".join(re.escape(word) for word in words)
    return pc.match_substring_regex(names, pattern or "^$")


def _described(rows: pa.Table, which: Any) -> dict[str, str]:
    """The recordings of some rows, and what they are called."""
    found: dict[str, str] = {}
    for row in rows.filter(which).to_pylist():
        if row["recording_id"] is not None:
            found.setdefault(row["recording_id"], f"{row['artist_name']} - {row['track_name']}")
    return dict(sorted(found.items(), key=lambda item: (item[1].casefold(), item[0])))


def _as_text(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(f"{type(value)} is not to be stored")
