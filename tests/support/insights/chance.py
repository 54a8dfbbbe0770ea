"""Lives by chance: few songs and few days, so that ranks tie and songs are looped.

Add here what lives should have in them. What must hold of them belongs to the tests.
"""

from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from pipelines.listening.catalogue.names import normal_name
from pipelines.listening.contexts import CONTEXTS
from pipelines.listening.insights.inputs import DEFAULT_ROTATION, Rotation
from pipelines.listening.time.local_time import Zone
from tests.support.insights.lives import BERLIN, Life, Row, at, heard, song
from tests.support.insights.playlists import change, playlists, reading

EVENING = at("2026-01-03 20:50")
ZONES = (
    BERLIN,
    (Zone("Pacific/Auckland"),),
    (Zone("Pacific/Honolulu"), Zone("Asia/Kolkata", EVENING.date() + timedelta(days=9))),
)
BEGINS = tuple(at(told) for told in ("2024-02-20 09:00", "2025-12-12 23:30", "2026-03-18 00:10"))

ISRC = "DEA379900001"

SONGS = (
    song("One", "Band", artist_id="b", isrc=ISRC, release_date="2025-11", release_year=2025),
    song("One", "BAND", track_id="one-again", artist_id="b", isrc=ISRC, album_type="album"),
    song("one!", "Band", track_id=None),
    song("Two", "Band", explicit=True, popularity=75, release_date="1999", release_year=1999),
    song("Two", "Other", artist_id="o", album_type="single", explicit=False, popularity=9),
    song("Three", None, track_id="nobody", album_type="compilation"),
    song(None, "other", track_id="untitled", duration_ms=None),
    song("Four", "Guest", release_date="2026-02-27", release_year=2026, duration_ms=600_000),
    song("Talk", None, kind="episode", track_id=None, track_uri="spotify:episode:e"),
    song("Book", "Author", kind="audiobook", track_id="book"),
)

SOUND = {
    "danceability": 0.4,
    "energy": 0.8,
    "loudness": -7.25,
    "speechiness": 0.1,
    "acousticness": 0.5,
    "instrumentalness": 0.75,
    "liveness": 0.2,
    "valence": 0.3,
    "tempo": 120.5,
    "mood_score": 1.6 / 3,
}
SOUNDS = (
    {"track_key": "1", "track_id": "one-again", "popularity": 90, "genres": ["Rock"], **SOUND},
    {"track_key": "2", "track_id": "Band/Two", "popularity": 20, **SOUND, "acousticness": 0.9},
    {"track_key": "3", "track_id": "Guest/Four", "popularity": 74, "genres": ["Jazz", "pop"]},
    {"track_key": "4", "track_id": "nobody", "genres": ["jazz", "folk", "noise", "rock"]},
)
ARTISTS = (
    {"artist_id": "o", "genres": ["pop", "jazz", "folk", "rock"], "told_on": EVENING.date()},
)

TOP: dict[str, list[tuple[str, str | None]]] = {
    "tracks": [
        ("Band/One", "One"),
        ("one-again", "One"),
        ("Band/Two", "Two"),
        ("nobody", "Three"),
        ("untitled", None),
        ("Guest/Four", "Four"),
        ("never heard", "Five"),
    ],
    "artists": [
        ("b", "Band"),
        ("o", "OTHER"),
        ("x", "other"),
        ("g", "Guest"),
        ("n", "Never Heard"),
        ("m", "Nor Them"),
        ("l", "Nor These"),
    ],
}
"""Ids and names that Spotify's lists may tell."""

NAMES = (("Band", "One"), ("BAND", "One!"), ("Band", "Two"), ("Guest", "Four"), ("Else", "Five"))
"""Names that Last.fm may have, of which two are one to us."""


def _key(artist: str, title: str) -> str:
    return f"{normal_name(artist)}|{normal_name(title)}"


_SCROBBLED = st.dictionaries(st.sampled_from(NAMES), st.integers(0, 9)).map(
    lambda told: [
        {
            "artist_name": artist,
            "track_name": title,
            "name_key": _key(artist, title),
            "plays": plays,
            "as_of": EVENING,
        }
        for (artist, title), plays in told.items()
    ]
)
_EVERYONES = st.dictionaries(
    st.sampled_from(NAMES),
    st.tuples(st.sampled_from((None, *NAMES)), st.sampled_from((None, 0, 7)), st.integers(0, 3)),
).map(
    lambda told: [
        {
            "asked_artist": artist,
            "asked_title": title,
            "name_key": _key(artist, title),
            "artist_name": page and page[0],
            "track_name": page and page[1],
            "corrected": page is not None and page != (artist, title),
            "plays": page and plays,
            "listeners": page and plays,
            "url": page and "/".join(page),
            "as_of": EVENING + timedelta(days=days),
        }
        for (artist, title), (page, plays, days) in told.items()
    ]
)
ON_SPOTIFY = (
    {"track_key": "1", "track_id": "one-again", "plays": 5, "as_of": None},
    {"track_key": "2", "track_id": "Band/One", "plays": 7, "as_of": EVENING.date()},
    {"track_key": "3", "isrc": ISRC, "plays": 9, "as_of": None},
    {"track_key": "4", "name_key": _key("Guest", "Four"), "plays": 4, "as_of": None},
)

_NOWHERE = {"played_from_type": None, "played_from_uri": None, "played_from_name": None}
_ALBUM = {"played_from_type": "album", "played_from_uri": "a", "played_from_name": None}
_BY_EXPORTS: Any = {"skipped": st.sampled_from((None, True, False))}
_BY_POLLS: Any = st.sampled_from((_NOWHERE, _ALBUM, _ALBUM | {"played_from_name": "A"}))


def _of(source: str) -> st.SearchStrategy[Row]:
    """What one source can tell of a play."""
    told = st.fixed_dictionaries(
        {
            "source": st.just(source),
            "ms_played": st.sampled_from((240_000, 240_000, 30_000, 29_999, 100_001, None)),
            "context": st.sampled_from(("everyday", "everyday", "everyday", "kids", *CONTEXTS)),
            "context_confidence": st.sampled_from((0.25, 0.5, 0.875)),
            **(_BY_EXPORTS if "export" in source else {}),
        }
    )
    places = _BY_POLLS if "api" in source else st.just({})
    return st.builds(lambda play, place: play | place, told, places)


_PLAY = st.sampled_from(("api", "api", "export", "account", "api+export")).flatmap(_of)
_BURST = st.tuples(
    st.integers(0, len(SONGS) - 1),
    st.integers(0, 60),
    st.integers(1, 9),
    st.integers(1, 4),
    _PLAY,
)
_ENTRY = st.fixed_dictionaries(
    {
        "popularity": st.sampled_from((None, 74, 75, 100, 0)),
        "followers": st.sampled_from((None, 1_000, 10_000_000)),
    }
)
_LIST = st.tuples(
    st.sampled_from((0, 1, 9, 40)),
    st.sampled_from(("tracks", "artists")),
    st.sampled_from(("short", "long", "long", "medium")),
    st.lists(
        st.tuples(st.integers(0, 6), _ENTRY), min_size=1, max_size=4, unique_by=lambda e: e[0]
    ),
)
_GAP = st.tuples(st.integers(-30, 2000), st.sampled_from((0.1, 1, 26, 400)), st.booleans())


_CHANGES = st.lists(
    st.builds(
        lambda uri, counts, isrc: change(uri, *counts, isrc=isrc),
        st.sampled_from(("", "spotify:track:a", "spotify:track:b", "spotify:track:c")),
        st.sampled_from(((0, 1), (2, 0), (1, 3), (3, 1))),
        st.sampled_from((None, ISRC)),
    ),
    unique_by=lambda row: row["track_uri"],
)


def _plays(begin: datetime, bursts: list[Any]) -> list[Row]:
    return [
        heard(begin + timedelta(days=first + day, minutes=31 * time + which), SONGS[which] | told)
        for which, first, days, times, told in bursts
        for day in range(days)
        for time in range(times)
    ]


def _lists(begin: datetime, told: list[Any]) -> list[Row]:
    return [
        {
            "date": begin.date() + timedelta(days=day),
            "kind": kind,
            "time_range": time_range,
            "entries": [
                {
                    "id": TOP[kind][which][0],
                    "name": TOP[kind][which][1],
                    "popularity": entry["popularity"],
                    "followers": entry["followers"] if kind == "artists" else None,
                }
                for which, entry in entries
            ],
        }
        for day, kind, time_range, entries in told
    ]


def _gaps(begin: datetime, told: list[Any]) -> list[Row]:
    return [
        {
            "gap_start": begin + timedelta(hours=start),
            "gap_end": begin + timedelta(hours=start + lasting),
            "detected_at": begin,
            "closed_at": begin if closed else None,
        }
        for start, lasting, closed in told
    ]


@st.composite
def lives(draw: st.DrawFn) -> Life:
    """A life of up to three months."""
    begin = draw(st.sampled_from(BEGINS))
    silence = draw(st.sampled_from((None, 0, 90, 130)))
    lists = draw(st.lists(_LIST, max_size=6, unique_by=lambda one: one[:3]))
    gaps = draw(st.lists(_GAP, max_size=3, unique_by=lambda gap: gap[0]))
    return Life(
        plays=_plays(begin, draw(st.lists(_BURST, max_size=12))),
        gaps=_gaps(begin, gaps),
        known_to=None if silence is None else begin + timedelta(days=silence),
        zones=draw(st.sampled_from(ZONES)),
        exclude=draw(st.sampled_from((("sleep", "kids"), (), CONTEXTS))),
        sounds=SOUNDS,
        artists=ARTISTS,
        lists=_lists(begin, lists),
        rotation=draw(st.sampled_from((DEFAULT_ROTATION, Rotation(3, 2, 2)))),
        entries=draw(playlists(begin)),
        scrobbled=draw(_SCROBBLED),
        everyones=draw(_EVERYONES),
        on_spotify=ON_SPOTIFY,
        readings=[reading("A", 0), reading("empty", 0), reading("C", None)],
        changes=draw(_CHANGES),
    )
