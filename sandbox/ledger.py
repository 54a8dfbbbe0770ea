"""A life as the pipeline's tables would hold it, with the label of every play: for measuring.

Here plays become rows of `plays`, half as an export tells them and half as polls do, and some
tracks get audio features. It and `survey_worlds` know the pipeline's tables; add here what a source
tells of a play. What is true of a play belongs in `life`, how music sounds in `sound`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from random import Random

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.schema.tables import PLAYS, UTC_MS
from sandbox.catalogue import Track, catalogue
from sandbox.clock import unix_ms
from sandbox.life import Play, truth, zone_of
from sandbox.listeners import playlists
from sandbox.people import person_of
from sandbox.sound import measured

FEATURES_SHARE = 0.25
"""Share of the tracks of which audio features are known, unless more is wanted."""

_POLLED_SHARE = 1 / 3
_COUNTS_MS = 30_000
_COMMON_TRACK = ("track_id", "track_uri", "track_name", "album_name")

_PLATFORMS: Mapping[str, Mapping[str, int]] = {
    "sleep": {"phone": 7, "cast": 3},
    "kids": {"phone": 5, "cast": 4, "osx": 1},
    "workout": {"phone": 13, "watch": 5, "cast": 1},
    "focus": {"osx": 6, "web_player": 2, "phone": 4},
    "party": {"cast": 5, "phone": 4, "osx": 3},
    "relaxation": {"cast": 4, "phone": 5, "osx": 2},
    "everyday": {"phone": 8, "osx": 2, "cast": 2},
}
"""What a session is played on, with weights; a listener has one kind of phone."""


def plays_of(
    seed: str, start: datetime, end: datetime, *, polled_from: datetime | None = None
) -> tuple[pa.Table, list[str]]:
    """A span of a life as `plays`, and what was done at each.

    Args:
        seed: Which life.
        start: The first instant, aware.
        end: The first instant that is too late, aware.
        polled_from: Plays that ended before this are told by an export, the others by polls,
            which show no skipped ones; None for two thirds of the span.

    Returns:
        Rows of the pipeline's `plays`, on the clock of `person_of(seed).timezone`, and their
        labels in the same order.
    """
    since = end - (end - start) * _POLLED_SHARE if polled_from is None else polled_from
    lived = truth(seed, start, end)
    exported = [play for play in lived if play.played_at < since]
    polled = [play for play in lived if play.played_at >= since and not play.skipped]
    parts = [_told_by_export(seed, exported), _told_by_polls(seed, polled)]
    table = PLAYS.conform(pa.concat_tables([_complete(part, seed) for part in parts]))
    return table, [play.label for play in (*exported, *polled)]


def audio_features(seed: str | None = None, share: float = FEATURES_SHARE) -> pa.Table:
    """Reference data in the columns of the public Spotify Tracks Dataset.

    Args:
        seed: Only the music of this life's person; None for the whole catalogue.
        share: How much of it, 0 to 1.

    Returns:
        One row for each of that share of the tracks, which are the same for every seed.
    """
    shelves = catalogue().shelves
    names = [s.name for s in person_of(seed).shelves.values()] if seed is not None else shelves
    tracks = (track for name in names for track in shelves[name])
    return pa.Table.from_pylist([_features(t) for t in tracks if _chance(t) < share])


def _chance(track: Track) -> float:
    return Random(f"{track.id}/known").random()


def _features(track: Track) -> dict[str, object]:
    rng = Random(f"{track.id}/features")
    shelf = person_of(track.shelf).shelves[track.shelf.partition("/")[2]]
    return {
        "track_id": track.id,
        "artists": ";".join(artist.name for artist in track.artists),
        "album_name": track.album.name,
        "track_name": track.name,
        "popularity": track.popularity,
        "duration_ms": track.duration_ms,
        "explicit": track.explicit,
        **measured(shelf.sound, rng),
        "track_genre": rng.choice(shelf.tagged),
    }


def _told_by_export(seed: str, plays: Sequence[Play]) -> pa.Table:
    at = [unix_ms(play.played_at) // 1000 * 1000 for play in plays]
    first = [one is None or one.session != two.session for one, two in _pairs(plays)]
    tracks = _tracks(plays)
    columns = {name: tracks[name] for name in _COMMON_TRACK} | {
        "artist_name": tracks["album_artist"],
        "played_at": pa.array(at, pa.int64()),
        "ms_played": [play.ms_played for play in plays],
        "skipped": [play.skipped for play in plays],
        "shuffle": [_shuffles(play.session, play.context) for play in plays],
        "offline": [False] * len(plays),
        "incognito": [False] * len(plays),
        "reason_start": [
            _begins(new, one) for new, (one, _) in zip(first, _pairs(plays), strict=True)
        ],
        "reason_end": ["fwdbtn" if play.skipped else "trackdone" for play in plays],
        "platform": [_platform(seed, play.label, play.session) for play in plays],
        "country": [person_of(seed).country] * len(plays),
    }
    return _with(columns, plays, source="export", how="measured")


def _told_by_polls(seed: str, plays: Sequence[Play]) -> pa.Table:
    names = {each.id: each.name for each in playlists(seed)}
    names |= {album.id: album.name for album in catalogue().albums.values()}
    opened = [play.context.split(":") if play.context else None for play in plays]
    tracks = _tracks(plays).drop_columns("album_artist")
    columns = {name: tracks[name] for name in tracks.column_names} | {
        "played_at": pa.array([unix_ms(play.played_at) for play in plays], pa.int64()),
        "ms_played": tracks["duration_ms"],
        "played_from_type": [parts and parts[1] for parts in opened],
        "played_from_uri": [play.context for play in plays],
        "played_from_name": [parts and names[parts[2]] for parts in opened],
    }
    return _with(columns, plays, source="api", how="assumed")


def _with(
    columns: Mapping[str, object], plays: Sequence[Play], *, source: str, how: str
) -> pa.Table:
    same = {"kind": "track", "source": source, "ms_played_source": how, "probable_double": False}
    return pa.table({**columns, **{name: [value] * len(plays) for name, value in same.items()}})


def _complete(told: pa.Table, seed: str) -> pa.Table:
    """All columns of `plays`: those that follow from others, and null for what is not told."""
    keys = zip(told["played_at"].to_pylist(), told["track_id"].to_pylist(), strict=True)
    played_at = told["played_at"].cast(UTC_MS)
    ms_played = told["ms_played"].cast(pa.int64())
    local = pc.local_timestamp(played_at.cast(pa.timestamp("ms", tz=zone_of(seed).key)))
    known = {name: told[name] for name in told.column_names} | {
        "play_id": [sha256(f"{seed}|{at}|{track}".encode()).hexdigest()[:32] for at, track in keys],
        "listener": [seed] * len(told),
        "played_at": played_at,
        "started_at": pc.subtract(played_at, ms_played.cast(pa.duration("ms"))),
        "local_time": local,
        "local_date": local.cast(pa.date32()),
        "local_hour": pc.hour(local),
        "local_weekday": pc.day_of_week(local),
        "counts": pc.greater_equal(ms_played, _COUNTS_MS),
    }
    empty = PLAYS.empty()
    return pa.table(
        {
            field.name: known.get(field.name, pa.nulls(len(told), empty[field.name].type))
            for field in PLAYS.fields
        }
    ).cast(PLAYS.schema)


def _tracks(plays: Sequence[Play]) -> pa.Table:
    """What polls tell of each play's track, and the album's artist."""
    distinct = {play.track.id: play.track for play in plays}
    places = {key: place for place, key in enumerate(distinct)}
    fields = [PLAYS.schema.field(name) for name in _DESCRIBED] + [
        pa.field("album_artist", pa.string())
    ]
    rows = [_described(track) for track in distinct.values()]
    table = pa.Table.from_pylist(rows, schema=pa.schema(fields))
    return table.take(pa.array([places[play.track.id] for play in plays], pa.int64()))


_DESCRIPTION: Mapping[str, Callable[[Track], object]] = {
    "track_id": lambda track: track.id,
    "track_uri": lambda track: f"spotify:track:{track.id}",
    "track_name": lambda track: track.name,
    "album_id": lambda track: track.album.id,
    "album_name": lambda track: track.album.name,
    "album_type": lambda track: track.album.kind,
    "release_date": lambda track: track.album.release_date,
    "isrc": lambda track: track.isrc,
    "artist_id": lambda track: track.artists[0].id,
    "artist_name": lambda track: track.artists[0].name,
    "artists": lambda track: [{"id": one.id, "name": one.name} for one in track.artists],
    "release_year": lambda track: track.album.released.year,
    "duration_ms": lambda track: track.duration_ms,
    "explicit": lambda track: track.explicit,
    "album_artist": lambda track: track.album.artist.name,
}
_DESCRIBED = tuple(name for name in _DESCRIPTION if name != "album_artist")


def _described(track: Track) -> dict[str, object]:
    return {name: tells(track) for name, tells in _DESCRIPTION.items()}


def _pairs(plays: Sequence[Play]) -> Iterable[tuple[Play | None, Play]]:
    """Each play with the one before it."""
    return zip((None, *plays), plays, strict=False)


def _begins(new: bool, before: Play | None) -> str:
    if new or before is None:
        return "clickrow"
    return "fwdbtn" if before.skipped else "trackdone"


@lru_cache(maxsize=4096)
def _shuffles(session: datetime, opened: str | None) -> bool:
    """Playlists mostly, albums hardly ever."""
    kind = opened.split(":")[1] if opened else None
    chance = {"playlist": 0.85, "album": 0.05}.get(kind or "", 0.3)
    return Random(f"{session}/{opened}/shuffle").random() < chance


@lru_cache(maxsize=4096)
def _platform(seed: str, label: str, session: datetime) -> str:
    kinds = _PLATFORMS[label]
    rng = Random(f"{seed}/{session.astimezone(UTC)}/platform")
    chosen = rng.choices(tuple(kinds), tuple(kinds.values()))[0]
    return Random(f"{seed}/phone").choice(("ios", "android")) if chosen == "phone" else chosen
