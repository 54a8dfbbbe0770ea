"""Plays in miniature: songs, sessions of songs that follow each other, and labels of them all.

Add a builder here when two or more of this folder's modules need it. What a test expects does not
belong here.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from pipelines.listening.catalogue.tracks_and_artists import unique_tracks
from pipelines.listening.contexts.labels import label, reference_data_of
from pipelines.listening.schema.context_tables import LABELLED_PLAYS
from pipelines.listening.schema.reference_tables import ARTIST_GENRES, AUDIO_FEATURES
from pipelines.listening.schema.tables import GAPS, PLAYS
from tests.support.spotify_answers import minutes

Row = dict[str, Any]

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
"""A Monday, midnight; the listeners of these tests live on UTC."""


def at(day: int, clock: str) -> datetime:
    """A time of day, so many days after that Monday."""
    hour, minute = map(int, clock.split(":"))
    return MONDAY + timedelta(days=day, hours=hour, minutes=minute)


def song(title: str, artist: str = "Some Band", lasting: float = 3.5, **known: Any) -> Row:
    """A song that was heard to its end, without a time yet."""
    return {
        "track_id": f"{artist}/{title}",
        "track_name": title,
        "artist_name": artist,
        "album_name": f"{artist}, collected",
        "ms_played": int(lasting * 60_000),
        "duration_ms": int(lasting * 60_000),
        **known,
    }


def play(end: datetime, what: Row | None = None, **known: Any) -> Row:
    """A play that ended then, as a row of `plays`."""
    row = (what or song("Song")) | known
    heard = row["ms_played"]
    return {
        "play_id": f"{end.isoformat()} {row.get('track_id') or row['track_name']}",
        "listener": "nico",
        "played_at": end,
        "started_at": None if heard is None else end - timedelta(milliseconds=heard),
        "local_time": end.replace(tzinfo=None),
        "local_date": end.date(),
        "local_hour": end.hour,
        "local_weekday": end.weekday(),
        "kind": "track",
        "ms_played_source": "assumed",
        "counts": (heard or 0) >= 30_000,
        "source": "api",
        **row,
    }


def heard(start: datetime, songs: Iterable[Row], pause: float = 0) -> list[Row]:
    """Songs one after another, with so many minutes between them."""
    rows, now = [], start
    for one in songs:
        now += timedelta(milliseconds=one["ms_played"])
        rows.append(play(now, one))
        now += minutes(pause)
    return rows


def from_playlist(name: str | None, uri: str = "spotify:playlist:p1") -> Row:
    """What a poll tells of a play from a playlist."""
    return {"played_from_type": "playlist", "played_from_uri": uri, "played_from_name": name}


def plays(rows: Sequence[Row]) -> pa.Table:
    """Rows as `plays`."""
    return PLAYS.conform(PLAYS.from_rows(list(rows)))


def sound(of: Row, **known: Any) -> Row:
    """A row of `audio_features`: what reference data tells of a song's sound or genres."""
    return {"track_key": of["track_id"], "track_id": of["track_id"], **known}


def gap(start: datetime, end: datetime, closed_at: datetime | None = None) -> Row:
    """Time in which plays may have been lost."""
    return {"gap_start": start, "gap_end": end, "detected_at": end, "closed_at": closed_at}


def gaps(*rows: Row) -> pa.Table:
    """Rows as `gaps`."""
    return GAPS.from_rows(list(rows))


def labelled(
    table: pa.Table,
    *,
    tracks: pa.Table | None = None,
    sounds: Iterable[Row] = (),
    lost: Iterable[Row] = (),
    exclude: Sequence[str] = ("sleep", "kids"),
    **known: Any,
) -> pa.Table:
    """Plays as `labelled_plays`, by what their own names tell and what else is said."""
    tracks = unique_tracks(table) if tracks is None else tracks
    told = reference_data_of(tracks, AUDIO_FEATURES.from_rows(list(sounds)), ARTIST_GENRES.empty())
    done = label(table, tracks=tracks, known=told, gaps=gaps(*lost), exclude=exclude, **known)
    return LABELLED_PLAYS.validate(done.rows)


def contexts(rows: pa.Table, **where: Any) -> list[str]:
    """The contexts of plays, of all or of those with these values."""
    return [
        row["context"]
        for row in rows.to_pylist()
        if all(row[name] == value for name, value in where.items())
    ]
