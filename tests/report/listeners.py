"""Listeners for the report: a small one whose plays tell of everything, and a large one.

Add a listener here when two modules need it. What a report should show belongs to the test.
"""

import random
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from hashlib import sha256
from itertools import groupby
from operator import itemgetter
from typing import Any

import numpy as np
import pyarrow as pa

from pipelines.listening.all_tables import TABLES
from pipelines.listening.catalogue.names import normal_name
from pipelines.listening.contexts import CONTEXTS
from pipelines.listening.schema.context_tables import SESSIONS
from pipelines.listening.schema.table import Table
from pipelines.report.packed import SELECTIONS
from tests.report.libraries import library, many_playlists
from tests.support.insights.lives import Life, daily, gap, heard, inputs, song, tables

Tables = dict[str, pa.Table]

HOSTILE = "</script><script>alert(1)</script>"
LINKED = '<a href="https://example.com">click</a> & <b>more</b> %{y}'
BAND = song("A Song", "The Band", duration_ms=200_000, release_date="1999-05-01")
LULLABY = song("Hush", "Nobody", duration_ms=200_000)

_DECLARED: dict[str, Table] = {table.name: table for table in TABLES if table.name in SELECTIONS}
_MONTHS = 120
_YEARS = 11
"""Ten, and all time."""
_FIRST = date(2016, 1, 1)


def told_by(life: Life) -> Tables:
    """What the report is made of, for some plays."""
    given = inputs(life)
    return {
        **tables(life),
        "sessions": _sessions(given["labelled_plays"].to_pylist()),
        "gaps": given["gaps"],
    }


def _sessions(plays: list[dict[str, Any]]) -> pa.Table:
    """Sessions of one context each, as far as the report asks for them."""
    rows = []
    for _, same in groupby(plays, key=itemgetter("session")):
        first, *others = same
        heard_ms = sum(play["ms_played"] or 0 for play in (first, *others))
        rows.append(
            {name: first[name] for name in ("local_date", "context", "mine")}
            | {"minutes": heard_ms / 60_000, "plays": 1 + len(others)}
        )
    return SESSIONS.from_rows(rows)


def small_life() -> Life:
    """Three months: two by an export with skips, then a month of polls in which a gap is open.

    A sleeper's song is the most played one; names are as hostile as names can be.
    """
    return Life(
        plays=[
            *daily("2026-01-05", 20, BAND, times=3, skipped=False),
            *daily("2026-01-06", 12, song(HOSTILE, LINKED), skipped=True),
            *daily("2026-02-02", 20, LULLABY, times=6, context="sleep", skipped=False),
            *daily("2026-02-03", 15, BAND, times=2, skipped=False),
            *daily("2026-03-01", 20, song("New", "Another"), times=2, source="api"),
            *daily("2026-03-02", 12, song(HOSTILE, LINKED), source="api", context="focus"),
        ],
        gaps=[gap("2026-03-22 10:00", "2026-03-23 16:00")],
    )


def one_play() -> Life:
    """A listener who has just begun."""
    return Life(plays=[heard("2026-03-01", BAND, source="api")])


def asleep() -> Life:
    """A listener who listens only to sleep, which is not counted as theirs."""
    return Life(plays=daily("2026-01-30", 5, LULLABY, times=3, context="sleep"))


_SONGS = 36
_ARTISTS = 13
_GENRES = ("pop", "rock", "jazz", "folk", "noise", "house", "soul", "metal", "ambient")
_ONCE, _MARKUP = _SONGS - 2, _SONGS - 1
_OF_UNKNOWN = 4
MARKUP = "<b>&amp; %{x}</b>"


def full_life() -> Life:
    """Fourteen months with something for every chart to show, the favourites drifting.

    An export with a gap in it tells up to the middle of February 2026, polls with another gap from
    there on. Of every fourth song nothing is known, and Aprils play only those. One has markup for
    its title, one is looped for a week and never heard again.
    """
    chance = random.Random(11)
    first, days = date(2025, 2, 10), 404
    plays = [
        play
        for day in range(days)
        if chance.random() < 0.8
        for play in _one_day(first + timedelta(days=day), day / days, chance)
    ]
    looped = daily("2025-09-08", 6, _song(_ONCE), times=3, skipped=False)
    return Life(
        plays=sorted([*plays, *looped], key=itemgetter("played_at")),
        gaps=[
            gap("2025-06-03 10:00", "2025-06-04 09:00", closed=True),
            gap("2025-10-30 10:00", "2025-11-02 16:00"),
            gap("2026-03-09 01:00", "2026-03-11 06:00"),
        ],
        sounds=[_reference(n, chance) for n in range(_SONGS) if n % 4],
        lists=[_list_of_tops("short", 6), _list_of_tops("long", 0)],
        scrobbled=[_scrobbled(n) for n in range(0, _SONGS, 2)],
        everyones=[_everyones(n) for n in range(_SONGS) if n % 4],
        **library(_song, _MARKUP),
    )


def _one_day(day: date, passed: float, chance: random.Random) -> Iterator[dict[str, Any]]:
    source = "export" if day < date(2026, 2, 15) else "api"
    for hour in chance.sample(range(24), 2):
        context = chance.choice(CONTEXTS)
        for turn in range(chance.randint(1, 6)):
            number = int(abs(chance.gauss(passed * 24, chance.choice((2, 2, 8))))) % _ONCE
            number -= number % 4 if day.month == _OF_UNKNOWN else 0
            yield heard(
                datetime.combine(day, time(hour, 4 * turn), UTC),
                _song(_MARKUP if chance.random() < 0.05 else number),
                source=source,
                skipped=chance.random() < 0.2 if source == "export" else None,
                ms_played=chance.choice((9_000, 100_000, 230_000)),
                context=context,
                context_confidence=round(chance.random(), 2),
                **_whence(chance.randint(0, 5)),
            )
    if chance.random() < 0.1:
        talk = song("Talk", None, kind="episode", track_id=None, track_uri="spotify:episode:e")
        yield heard(datetime.combine(day, time(23, 59), UTC), talk, source=source)


def _song(number: int) -> dict[str, Any]:
    told = {
        "album_type": ("album", "album", "single", "compilation")[number % 4],
        "explicit": number % 3 == 0,
        "release_date": f"{1955 + 2 * number}-01-01",
        "release_year": 1955 + 2 * number,
    }
    return song(
        MARKUP if number == _MARKUP else f"Song {number}",
        f"Artist {number % _ARTISTS}",
        duration_ms=30_000 * (number + 3),
        **(told if number % 4 else {}),
    )


def _reference(number: int, chance: random.Random) -> dict[str, Any]:
    sounds = ("danceability", "energy", "speechiness", "acousticness", "instrumentalness")
    return {
        "track_key": str(number),
        "track_id": _song(number)["track_id"],
        "popularity": (number * 36) % 101,
        "genres": [_GENRES[number % 9], _GENRES[number % 7]],
        **{name: round(chance.random(), 3) for name in (*sounds, "liveness", "valence")},
        "loudness": -7.0,
        "tempo": 90.0 + number,
        "mood_score": round(chance.random(), 3),
    }


def _names(number: int) -> tuple[str, str]:
    """How Last.fm spells a song."""
    told = _song(number)
    return told["artist_name"], told["track_name"]


def _scrobbled(number: int) -> dict[str, Any]:
    artist, title = _names(number)
    return {
        "artist_name": artist,
        "track_name": title,
        "name_key": f"{normal_name(artist)}|{normal_name(title)}",
        "plays": 3 * number,
        "as_of": datetime(2026, 3, 20, tzinfo=UTC),
    }


def _everyones(number: int) -> dict[str, Any]:
    artist, title = _names(number)
    return {
        "asked_artist": artist,
        "asked_title": title,
        "name_key": f"{normal_name(artist)}|{normal_name(title)}",
        "artist_name": artist,
        "track_name": title,
        "corrected": number % 5 == 0,
        "plays": 10**number if number < 11 else number,
        "listeners": number,
        "url": "https://www.last.fm/music/-/_/-",
        "as_of": datetime(2026, 3, 1 + number % 20, tzinfo=UTC),
    }


def _whence(number: int) -> dict[str, Any]:
    kind = (None, "playlist", "playlist", "album", "artist", "artist")[number]
    name = None if kind is None else f"{kind} {number}"
    return {"played_from_type": kind, "played_from_uri": name, "played_from_name": name}


def _list_of_tops(time_range: str, start: int) -> dict[str, Any]:
    entries = [
        {"id": _song(n)["track_id"], "name": _song(n)["track_name"]}
        for n in range(start, start + 20)
    ]
    return {
        "date": date(2026, 3, 18),
        "kind": "tracks",
        "time_range": time_range,
        "entries": entries,
    }


def nothing() -> Tables:
    """Every table that the report shows, without a row."""
    return {name: table.empty() for name, table in _DECLARED.items()}


@cache
def ten_years() -> Tables:
    """Every table that the report shows, as full as those of a listener who never stops.

    Values are independent of each other: real ones have more order, and pack better.
    """
    chance = random.Random(7)
    playlists = many_playlists()
    filled = (table for name, table in _DECLARED.items() if name not in playlists)
    return {table.name: _filled(table, chance) for table in filled} | playlists


_ROWS_A_MONTH = {
    "top_artists_by_month": 100,
    "top_tracks_by_month": 100,
    "genres_by_month": 60,
    "contexts_by_month": len(CONTEXTS),
    "played_from_by_month": 40,
    "taste_overlap": 4,
    "top_artists_by_year": 100,
    "top_tracks_by_year": 100,
}
_ROWS = {
    "stories": 11,
    "listening_by_year": _YEARS,
    "top_artists_by_year": 100 * _YEARS,
    "top_tracks_by_year": 100 * _YEARS,
    "phases": 60,
    "listening_by_hour": 168,
    "listening_by_day": 3653,
    "favourite_tracks": 200,
    "play_counts": 200,
    "heavy_rotation": 4500,
    "obsessions": 150,
    "forgotten_favourites": 50,
    "sessions": 16_000,
    "gaps": 60,
}


def _filled(table: Table, chance: random.Random) -> pa.Table:
    scopes = ("all", "mine") if "scope" in table.schema.names else (None,)
    return pa.concat_tables(_scope(table, scope, chance) for scope in scopes)


def _scope(table: Table, scope: str | None, chance: random.Random) -> pa.Table:
    a_month = _ROWS_A_MONTH.get(table.name, 1)
    count = _ROWS.get(table.name, a_month * _MONTHS)
    ordinary = [_value(field.name, field.type, count, a_month, chance) for field in table.schema]
    columns = [
        [scope] * count if field.name == "scope" else values
        for field, values in zip(table.schema, ordinary, strict=True)
    ]
    names = table.schema.names
    if {"artist_name", "artist_id"} <= {*names}:  # whoever has a name has one id
        of_names = columns[names.index("artist_name")]
        ids = [sha256(name.encode()).hexdigest()[:22] for name in of_names]
        columns[names.index("artist_id")] = ids
    arrays = [
        pa.array(values, field.type) for values, field in zip(columns, table.schema, strict=True)
    ]
    return pa.Table.from_arrays(arrays, schema=table.schema)


def _value(
    name: str, type_: pa.DataType, count: int, a_month: int, chance: random.Random
) -> list[Any]:
    if name in _ORDERED:
        return [_ORDERED[name](n, count, a_month) for n in range(count)]
    if pa.types.is_date(type_) or pa.types.is_timestamp(type_):
        days = [_day(n, count, a_month) for n in range(count)]
        return pa.array(days, pa.date32()).cast(type_).to_pylist()  # type: ignore[no-any-return]
    return [_any(name, type_, chance) for _ in range(count)]


def _any(name: str, type_: pa.DataType, chance: random.Random) -> Any:
    if pa.types.is_string(type_):
        return _text(name, chance)
    if pa.types.is_boolean(type_):
        return chance.random() < 0.01
    if pa.types.is_floating(type_):
        return chance.random() * (900 if "minutes" in name else 1)
    if pa.types.is_list(type_):
        return _list(type_, chance)
    if name in _SELDOM and chance.random() > _SELDOM[name]:
        return None
    return chance.randint(0, int(min(3000, np.iinfo(type_.to_pandas_dtype()).max)))


def _rank(number: int, count: int, a_month: int) -> int:
    return number % (count if a_month == 1 else a_month) + 1


def _month(number: int, count: int, a_month: int) -> date:
    month = number // a_month
    return date(_FIRST.year + month // 12, month % 12 + 1, 1)


def _day(number: int, count: int, a_month: int) -> date:
    return _FIRST + timedelta(days=number * 3653 // count)


def _after_weeks(number: int, count: int, a_month: int) -> date:
    return _day(number, count, a_month) + timedelta(days=7 + number * 31 % 50)


def _year(number: int, count: int, a_month: int) -> int:
    year = number // a_month
    return year and _FIRST.year - 1 + year


_ORDERED: dict[str, Callable[[int, int, int], Any]] = {
    "rank": _rank,
    "month": _month,
    "year": _year,
    "weekday": lambda number, *_: number // 24,
    "hour": lambda number, *_: number % 24,
    "left_on": _after_weeks,
    "state": lambda *_: "dropped",  # as is whatever has left
    "days": lambda number, *_: 3 + number * 17 % 60,
}
"""Columns whose values follow from the place of the row, the number of rows and that a month."""


def _list(type_: pa.DataType, chance: random.Random) -> list[Any]:
    if pa.types.is_string(type_.value_type):
        return []
    return [
        {
            one.name: _text(one.name, chance)
            if pa.types.is_string(one.type)
            else chance.randint(0, 300)
            for one in type_.value_type
        }
        for _ in range(10)
    ]


_SELDOM = {"away_months": 0.2, "away_years": 0.2}
"""Columns that mostly say nothing, and in what share of the rows they do."""

_FEW = {
    "context": CONTEXTS,
    "kind": ("tracks", "artists"),
    "time_range": ("short", "medium", "long"),
    "played_from_type": ("playlist", "album", "artist"),
    "loop": ("sleep", "kids"),
    "move": ("new", "back", "up", "down", "same"),
}


def _text(name: str, chance: random.Random) -> str:
    if name == "coverage":
        return "export"
    if name in _FEW:
        return chance.choice(list(_FEW[name]))
    if name == "genre":
        return f"genre of number {chance.randint(0, 300)}"
    if name == "artist_name":
        return f"An Artist Called {int(chance.random() ** 2 * 1500)}"
    return f"Title of twenty {int(chance.random() ** 2 * 4000)}"
