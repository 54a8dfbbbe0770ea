"""Plays out of recently-played answers: one row per play that a date's polls showed.

Decoding an answer, uniting the answers of a date and naming what was played from live here.
How several dates and exports become one ledger is `listening/ledger/plays.py`.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pyarrow as pa

from pipelines.listening.api.objects import Play, decode, without
from pipelines.listening.api.responses import Page, Response
from pipelines.listening.schema.sql import query
from pipelines.listening.schema.tables import POLLS, RECENT_TRACKS, REFUSED
from pipelines.listening.time.intervals import FIRST_PLAY_EVER, whole_ms

VERSION = 2
"""Raise it when the same answers give other rows: dates are then read anew from `raw/`."""

LIMIT = 20
"""How many plays Spotify shows where no `limit` was asked for."""

A_SECOND = timedelta(seconds=1)

CLOCKS_DIFFER = timedelta(minutes=10)
"""How far two machines' clocks may differ, and a play may lie after the answer that showed it.
Reasoned."""


@dataclass(frozen=True)
class Polled:
    """What answers showed: `recent_tracks` rows, `polls` rows and `refused` rows."""

    plays: pa.Table
    polls: pa.Table
    refused: pa.Table

    @classmethod
    def nothing(cls) -> "Polled":
        """Before the first answer."""
        return cls(RECENT_TRACKS.empty(), POLLS.empty(), REFUSED.empty())


def read(response: Response, name: str) -> Polled:
    """The plays in one answer.

    Only a row without a readable time or any name of its track is refused: a play is not lost
    because a field that describes it is odd, but stands in `refused` with that field's name. An
    answer that is no list at all is refused as a whole.

    Args:
        response: a recently-played answer as kept.
        name: its file's name, by which `polls` and `refused` point to it.
    """
    try:
        page = Page.of(response)
    except msgspec.DecodeError as problem:
        return unreadable(name, str(problem), at=response.fetched_at)
    shown = _Shown(name, response)
    for position, item in enumerate(page.items, start=1):
        shown.take(position, item)
    times: list[Any] = [row["played_at"] for row in shown.plays]
    limit = int(response.request.params.get("limit", LIMIT))
    none_read = bool(page.items) and not shown.plays
    poll = {
        "fetched_at": whole_ms(response.fetched_at),
        "response": name,
        "items": len(page.items),
        "refused": len(page.items) - len(shown.plays),
        # Rows of which none could be read say no more than a damaged answer.
        "full": none_read or bool(page.next) or len(page.items) >= limit,
        "known_to": whole_ms(_known_to(response, max(times, default=None))),
        # The last row's time, not the smallest: a play made offline may stand among newer ones
        # with its old time, and says nothing about what else was played then. A refused row's
        # time does as well, since the row was shown and is named. Where the last one's cannot
        # be read, the row before might be such an old play: how far back is then not known.
        "oldest_played_at": None if none_read else shown.last_time,
        "newest_played_at": max(times, default=None),
    }
    return Polled(
        RECENT_TRACKS.from_rows(shown.plays),
        POLLS.from_rows([poll]),
        REFUSED.from_rows(shown.refused),
    )


class _Shown:
    """The rows of one answer: plays, and what could not be read of which row."""

    def __init__(self, name: str, response: Response) -> None:
        self.plays: list[dict[str, object]] = []
        self.refused: list[dict[str, object]] = []
        self.last_time: datetime | None = None
        self._name = name
        self._fetched_at = response.fetched_at
        clocks = (response.fetched_at, response.server_date or response.fetched_at)
        self._latest = max(clocks) + CLOCKS_DIFFER
        self._equal: Counter[tuple[object, ...]] = Counter()

    def take(self, position: int, item: msgspec.Raw) -> None:
        """One more row, counted from 1."""
        self.last_time = None
        try:
            play, dropped = decode(item, Play)
            self.last_time = _time(play, self._latest)
            row = _row(play, self.last_time)
        except ValueError as problem:
            self.refused.append(_refused(self._name, position, str(problem), bytes(item)))
            return
        if dropped:
            self.refused.append(_refused(self._name, position, without(dropped), bytes(item)))
        same = (row["played_at"], row["track_id"] or row["track_uri"] or row["track_name"])
        self._equal[same] += 1
        at = whole_ms(self._fetched_at)
        self.plays.append({**row, "ordinal": self._equal[same], "fetched_at": at})


def _known_to(response: Response, newest: datetime | None) -> datetime:
    """Until when an answer knows every play: when the question was sent, by the slower clock.

    Spotify's own clock corrects one here that is ahead, which would claim too much. It is
    told in whole seconds; and where a play lies later than it, it is no clock to go by.
    """
    told = response.server_date
    if told is None or (newest and newest > told + CLOCKS_DIFFER):
        return response.fetched_at
    return min(response.fetched_at, told + A_SECOND)


def unreadable(name: str, reason: str, *, at: datetime) -> Polled:
    """What a damaged answer lets us know: nothing, but that there was one.

    Args:
        name: its file's name.
        reason: what is wrong with it.
        at: when it was fetched, as far as that is known.
    """
    poll = {
        "fetched_at": whole_ms(at),
        "response": name,
        "items": 0,
        "refused": 1,
        "full": True,
        "known_to": whole_ms(at),
    }
    refused = [_refused(name, 0, reason, b"")]
    return Polled(RECENT_TRACKS.empty(), POLLS.from_rows([poll]), REFUSED.from_rows(refused))


def _refused(name: str, item: int, reason: str, row: bytes) -> dict[str, object]:
    text = row.decode(errors="replace")
    return {"response": name, "item": item, "reason": reason, "row": text}


def _time(play: Play, latest: datetime) -> datetime:
    if play.played_at.tzinfo is None:
        raise ValueError(f"played_at has no time zone: {play.played_at.isoformat()}")
    if not FIRST_PLAY_EVER <= play.played_at <= latest:
        raise ValueError(
            f"played_at {play.played_at.isoformat()} is not between 2006 and the answer's own time"
        )
    return whole_ms(play.played_at)


def _row(play: Play, played_at: datetime) -> dict[str, object]:
    if play.track is None:
        raise ValueError("track is null")
    track = play.track
    if not (track.id or track.uri or track.name):
        raise ValueError("track has no id, uri or name")
    context = play.context
    return {
        "played_at": played_at,
        "kind": track.kind,
        **track.columns(),
        "album_artist": track.album_artist,
        "genres": None,
        "played_from_type": context.type if context else None,
        "played_from_uri": context.uri if context else None,
        "played_from_name": None,
    }


def unite(parts: Sequence[Polled]) -> Polled:
    """Several answers as one: whatever their order and overlap, each play once.

    Equal rows (same time, same track) of different answers are one play; equal rows of one
    answer are as many plays as they stand there, so over all answers the largest count holds.
    A play keeps the description of the answer that showed it first.
    """
    parts = [Polled.nothing(), *parts]
    return Polled(
        RECENT_TRACKS.conform(once(pa.concat_tables([part.plays for part in parts]))),
        POLLS.conform(_different([part.polls for part in parts])),
        REFUSED.conform(_different([part.refused for part in parts])),
    )


def _different(tables: Sequence[pa.Table]) -> pa.Table:
    rows = pa.concat_tables(tables)
    return rows.group_by(rows.column_names).aggregate([])


def once(shown: pa.Table, *, kept: pa.Table | None = None) -> pa.Table:
    """Rows of any number of answers or dates, each play once, as it was shown first.

    Args:
        shown: `recent_tracks` rows.
        kept: such rows as an earlier run derived them: where the same answer showed a play in
            both, `shown` knows its names better.
    """
    kept = RECENT_TRACKS.empty() if kept is None else kept
    return query(_ONCE, shown=shown, kept=kept).cast(RECENT_TRACKS.schema)


_ONCE = """
WITH every AS (SELECT *, 0 AS turn FROM shown UNION ALL SELECT *, 1 AS turn FROM kept)
SELECT * EXCLUDE (turn) FROM every
QUALIFY row_number() OVER (
    PARTITION BY played_at, coalesce(track_id, track_uri, track_name), ordinal
    -- All that an answer says, so that of two in the same millisecond always the same one wins.
    ORDER BY fetched_at, turn, track_uri, track_name, every::VARCHAR
) = 1
"""


def name_sources(
    plays: pa.Table, *, playlists: Mapping[str, str], genres: Mapping[str, Sequence[str]]
) -> pa.Table:
    """Fill in what other answers of the same date tell: names of playlists, genres of artists.

    Args:
        plays: `recent_tracks` rows.
        playlists: name by playlist uri.
        genres: genres by artist id, from the date's top artists.
    """
    columns = plays.select(["played_from_uri", "album_id", "album_name", "artist_id"]).to_pylist()
    names = [
        playlists.get(row["played_from_uri"])
        or (
            row["album_name"]
            if row["played_from_uri"] == f"spotify:album:{row['album_id']}"
            else None
        )
        for row in columns
    ]
    told = [genres.get(row["artist_id"]) for row in columns]
    for column, values in (("played_from_name", names), ("genres", told)):
        at = plays.schema.get_field_index(column)
        declared = plays.schema.field(column)
        plays = plays.set_column(at, declared, pa.array(values, declared.type))
    return plays
