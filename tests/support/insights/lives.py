"""Small lives of listeners, and the insights that are made of them.

Add here what several modules need to tell a life in a few words. What the tables of it should be is
`recomputed.py`; what a test expects belongs to the test.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from pipelines.listening.catalogue.tracks_and_artists import unique_artists, unique_tracks
from pipelines.listening.contexts import CONTEXTS
from pipelines.listening.contexts.filling import fill
from pipelines.listening.contexts.labels import reference_data_of
from pipelines.listening.contexts.summaries import sessions
from pipelines.listening.insights import inputs as insight_inputs
from pipelines.listening.insights import runner
from pipelines.listening.insights.inputs import DEFAULT_ROTATION, Rotation
from pipelines.listening.playlists.recordings import with_recordings
from pipelines.listening.schema.context_tables import LABELLED_PLAYS
from pipelines.listening.schema.count_tables import LASTFM_TRACKS, LASTFM_USER_TRACKS
from pipelines.listening.schema.playlist_tables import (
    PLAYLIST_CHANGES,
    PLAYLIST_ENTRIES,
    PLAYLIST_READINGS,
)
from pipelines.listening.schema.reference_tables import (
    ARTIST_GENRES,
    AUDIO_FEATURES,
    SPOTIFY_PLAY_COUNTS,
)
from pipelines.listening.schema.tables import GAPS, KNOWN_ARTISTS, PLAYS, TOP_LISTS
from pipelines.listening.sources.lastfm_counts import with_names
from pipelines.listening.time.local_time import Zone

Row = dict[str, Any]

BERLIN = (Zone("Europe/Berlin"),)
PAUSE = timedelta(minutes=20)
FOUR_MINUTES = 240_000


@dataclass(frozen=True)
class Life:
    """All that a listener's insights are made of.

    Attributes:
        plays: columns of `plays`, and `context` with its `context_confidence`.
        gaps: `gaps` rows.
        known_to: the instant up to which everything is known.
        known_from: the instant from which on it is; None: from the first play on.
        zones: where the listener lived.
        exclude: contexts that are not "mine".
        sounds: `audio_features` rows.
        artists: `known_artists` rows.
        lists: `top_lists` rows.
        rotation: what counts as heavy rotation.
        entries: `playlist_entries` rows.
        readings: `playlist_readings` rows.
        changes: `playlist_changes` rows.
        scrobbled: `lastfm_user_tracks` rows.
        everyones: `lastfm_tracks` rows.
        on_spotify: `spotify_play_counts` rows.
    """

    plays: Sequence[Row] = ()
    gaps: Sequence[Row] = ()
    known_to: datetime | None = None
    known_from: datetime | None = None
    zones: Sequence[Zone] = BERLIN
    exclude: Sequence[str] = ("sleep", "kids")
    sounds: Sequence[Row] = ()
    artists: Sequence[Row] = ()
    lists: Sequence[Row] = ()
    rotation: Rotation = DEFAULT_ROTATION
    entries: Sequence[Row] = ()
    readings: Sequence[Row] = ()
    changes: Sequence[Row] = ()
    scrobbled: Sequence[Row] = ()
    everyones: Sequence[Row] = ()
    on_spotify: Sequence[Row] = ()


def at(told: str) -> datetime:
    """An instant, UTC, from `2026-03-01 12:00` or a day alone, which is its noon."""
    moment = datetime.fromisoformat(told if len(told) > len("2026-03-01") else f"{told} 12:00")
    return moment.replace(tzinfo=UTC)


def song(title: str | None = "Song", artist: str | None = "Band", **known: Any) -> Row:
    """What is told of a track; its id follows from its names unless told."""
    return {
        "track_id": f"{artist}/{title}",
        "track_name": title,
        "artist_name": artist,
        "duration_ms": FOUR_MINUTES,
        **known,
    }


def heard(when: datetime | str, what: Row | None = None, **known: Any) -> Row:
    """A play that ended then: of four minutes, told by an export, unless something else is said."""
    return {
        "played_at": at(when) if isinstance(when, str) else when,
        "kind": "track",
        "ms_played": FOUR_MINUTES,
        "source": "export",
        "context": "everyday",
        "context_confidence": 0.75,
        **(song() if what is None else what),
        **known,
    }


def daily(
    first: date | str, days: int, what: Row | None = None, times: int = 1, **known: Any
) -> list[Row]:
    """So many plays from noon (UTC) on, on each of so many days."""
    noon = at(str(first))
    return [
        heard(noon + timedelta(days=day, minutes=5 * time), what, **known)
        for day in range(days)
        for time in range(times)
    ]


def gap(start: str, end: str, *, closed: bool = False) -> Row:
    """Time, UTC, in which plays may have been lost."""
    ended = at(end)
    return {
        "gap_start": at(start),
        "gap_end": ended,
        "detected_at": ended,
        "closed_at": ended if closed else None,
    }


def local(moment: datetime, zones: Sequence[Zone]) -> datetime:
    """What the listener's clock showed, by Python's own zone database."""
    shown = moment.astimezone(ZoneInfo(zones[0].name)).replace(tzinfo=None)
    for zone in zones[1:]:
        there = moment.astimezone(ZoneInfo(zone.name)).replace(tzinfo=None)
        if zone.since and there.date() >= zone.since:
            shown = there
    return shown


def labelled_plays(life: Life) -> pa.Table:
    """The `labelled_plays` of a life."""
    plays = _plays(life)
    return _labelled(life, fill(plays, unique_tracks(plays)).plays)


def inputs(life: Life) -> dict[str, pa.Table]:
    """What insights select from, as the assets before them make it."""
    plays = _plays(life)
    tracks = unique_tracks(plays)
    features = AUDIO_FEATURES.from_rows(list(life.sounds))
    labelled = _labelled(life, fill(plays, tracks).plays)
    rows = insight_inputs.number_plays(labelled)
    began = min((one["played_at"] for one in life.plays), default=life.known_to)
    began = life.known_from or began
    return {
        "labelled_plays": rows,
        "sessions": sessions(labelled),
        "gaps": GAPS.conform(GAPS.from_rows(list(life.gaps))),
        "known_tracks": insight_inputs.known_tracks(
            tracks, reference_data_of(tracks, features, ARTIST_GENRES.empty())
        ),
        "unique_artists": unique_artists(tracks, KNOWN_ARTISTS.from_rows(list(life.artists))),
        "top_lists": TOP_LISTS.conform(TOP_LISTS.from_rows(list(life.lists))),
        "settings": insight_inputs.settings(
            rows,
            (began, life.known_to) if began and life.known_to else None,
            life.zones,
            life.rotation,
        ),
        "named_tracks": with_names(tracks),
        "lastfm_user_tracks": LASTFM_USER_TRACKS.conform(
            LASTFM_USER_TRACKS.from_rows(list(life.scrobbled))
        ),
        "lastfm_tracks": LASTFM_TRACKS.conform(LASTFM_TRACKS.from_rows(list(life.everyones))),
        "spotify_play_counts": SPOTIFY_PLAY_COUNTS.conform(
            SPOTIFY_PLAY_COUNTS.from_rows(list(life.on_spotify))
        ),
        **playlist_inputs(life, tracks, features),
    }


AS_LISTED = {"listed": True, "changed": False}
"""Of a reading, unless a test says otherwise: in the library, and as it was read."""


def playlist_inputs(life: Life, tracks: pa.Table, features: pa.Table) -> dict[str, pa.Table]:
    """What insights about playlists select from besides.

    Args:
        life: has the playlists; their rows stay in this order.
        tracks: its `unique_tracks`.
        features: its `audio_features`.
    """
    entries = with_recordings(PLAYLIST_ENTRIES.from_rows(list(life.entries)), tracks)
    different = insight_inputs.playlist_tracks(entries)
    reference = reference_data_of(different, features, ARTIST_GENRES.empty())
    return {
        "playlist_entries": entries,
        "playlist_tracks": insight_inputs.known_tracks(different, reference),
        "playlist_readings": PLAYLIST_READINGS.conform(
            PLAYLIST_READINGS.from_rows([AS_LISTED | dict(row) for row in life.readings])
        ),
        "playlist_changes": PLAYLIST_CHANGES.conform(
            PLAYLIST_CHANGES.from_rows(list(life.changes))
        ),
    }


def tables(life: Life, wanted: Iterable[str] | None = None) -> dict[str, pa.Table]:
    """The insights of a life, or some of them."""
    names = list(runner.insights()) if wanted is None else list(wanted)
    return dict(runner.compute(names, inputs(life), life.zones))


def _plays(life: Life) -> pa.Table:
    return PLAYS.conform(PLAYS.from_rows([_play(life, n) for n in range(len(life.plays))]))


def _play(life: Life, number: int) -> Row:
    told = life.plays[number]
    shown = local(told["played_at"], life.zones)
    lasted = told["ms_played"]
    return {
        "play_id": f"{number:05}",
        "listener": "nico",
        "started_at": told["played_at"] - timedelta(milliseconds=lasted or 0),
        "local_time": shown,
        "local_date": shown.date(),
        "local_hour": shown.hour,
        "local_weekday": shown.weekday(),
        "ms_played_source": "measured",
        "counts": (lasted or 0) >= 30_000,
        **{name: value for name, value in told.items() if name in PLAYS.schema.names},
    }


def _labelled(life: Life, plays: pa.Table) -> pa.Table:
    """The plays with the contexts that the life tells of them."""
    rows = plays.to_pylist()
    for row, session in zip(rows, _sessions(rows), strict=True):
        told = life.plays[int(row["play_id"])]
        row |= {
            "session_id": session,
            "context": told["context"],
            "context_confidence": told["context_confidence"],
            "context_scores": [{"context": one, "score": 1 / len(CONTEXTS)} for one in CONTEXTS],
            "context_evidence": told.get("context_evidence", []),
            "context_given": told.get("context_given"),
            "mine": told["context"] not in life.exclude,
        }
    return LABELLED_PLAYS.conform(LABELLED_PLAYS.from_rows(rows))


def _sessions(rows: Sequence[Row]) -> list[str]:
    """For each play the instant at which its session began."""
    begins = [row["started_at"].isoformat() for row in rows[:1]]
    for before, row in pairwise(rows):
        apart = row["started_at"] - before["played_at"] > PAUSE
        begins.append(row["started_at"].isoformat() if apart else begins[-1])
    return begins
