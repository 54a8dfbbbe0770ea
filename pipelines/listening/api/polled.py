"""Recently-played responses as plays: one row per play that a date's polls showed.

Add here what is read from such a response. How plays of several dates and exports become one
ledger is `listening/ledger/plays.py`; storing them is `pipelines/ingest/recent_tracks.py`.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pyarrow as pa

from pipelines.listening.api.json_text import storable
from pipelines.listening.api.objects import Context, Play, decode, describe_dropped
from pipelines.listening.api.responses import Page, Response
from pipelines.listening.schema.sql import query
from pipelines.listening.schema.tables import POLLS, RECENT_TRACKS, REFUSED
from pipelines.listening.time.intervals import FIRST_PLAY_EVER, whole_ms

VERSION = 3
"""Raise it when the same responses give other rows: dates are then derived from `raw/` again."""

DEFAULT_LIMIT = 20
"""How many plays Spotify returns for a request without `limit`."""

MAX_ROW = 20_000
"""How many bytes of a refused row are shown; one has some 3,000, and raw/ has all of them."""

A_SECOND = timedelta(seconds=1)

MAX_CLOCK_SKEW = timedelta(minutes=10)
"""How far two machines' clocks may differ, and how much later than its response a play may end.
Reasoned: each may be five minutes from Spotify's before it collects nothing any more."""


@dataclass(frozen=True)
class PolledRows:
    """What responses contain: `recent_tracks` rows, `polls` rows and `refused` rows."""

    plays: pa.Table
    polls: pa.Table
    refused: pa.Table

    @classmethod
    def empty(cls) -> "PolledRows":
        """No rows, as before the first response."""
        return cls(RECENT_TRACKS.empty(), POLLS.empty(), REFUSED.empty())


def parse_response(response: Response, name: str) -> PolledRows:
    """The plays in one response.

    A row is refused only if its time or every name of its track is missing. If a field that merely
    describes it is invalid, or no Unicode, the play is kept, and `refused` names the field. A
    response that is not a list is refused as a whole.

    Args:
        response: a recently-played response.
        name: its file name, as `polls` and `refused` refer to it.
    """
    try:
        page = Page.of(response)
    except msgspec.DecodeError as problem:
        return unreadable_response(name, str(problem), at=response.fetched_at)
    shown = _ResponseRows(name, response)
    for position, item in enumerate(page.items, start=1):
        shown.add(position, item)
    times: list[Any] = [row["played_at"] for row in shown.plays]
    limit = int(response.request.params.get("limit", DEFAULT_LIMIT))
    none_read = bool(page.items) and not shown.plays
    poll = {
        "fetched_at": whole_ms(response.fetched_at),
        "response": name,
        "items": len(page.items),
        "refused": len(page.items) - len(shown.plays),
        # Without one readable row a response covers no more than a damaged one.
        "full": none_read or bool(page.next) or len(page.items) >= limit,
        "known_to": whole_ms(_known_to(response, max(times, default=None))),
        # The last row's time, not the smallest: a play made offline is listed among newer ones
        # with its old time, and does not show what else was played then. The time of a refused
        # row will do, since the row is there and is named. If the last row's time is invalid, the
        # row before might be such an old play: how far back the response reaches is not known.
        "oldest_played_at": None if none_read else shown.oldest,
        "newest_played_at": max(times, default=None),
    }
    return PolledRows(
        RECENT_TRACKS.from_rows(shown.plays),
        POLLS.from_rows([poll]),
        REFUSED.from_rows(shown.refused),
    )


class _ResponseRows:
    """The rows of one response: plays, and refused rows with their reasons."""

    def __init__(self, name: str, response: Response) -> None:
        self.plays: list[dict[str, object]] = []
        self.refused: list[dict[str, object]] = []
        self.oldest: datetime | None = None
        self._name = name
        self._fetched_at = response.fetched_at
        clocks = (response.fetched_at, response.server_date or response.fetched_at)
        self._latest = max(clocks) + MAX_CLOCK_SKEW
        self._occurrences: Counter[tuple[object, ...]] = Counter()

    def add(self, position: int, item: msgspec.Raw) -> None:
        """Add a row; positions are counted from 1."""
        self.oldest = None
        try:
            play, dropped = decode(item, Play)
            self.oldest = _time(play, self._latest)
            row = _row(play, self.oldest)
        except ValueError as problem:
            self.refused.append(_refused(self._name, position, str(problem), bytes(item)))
            return
        if dropped:
            self.refused.append(
                _refused(self._name, position, describe_dropped(dropped), bytes(item))
            )
        same = (row["played_at"], row["track_id"] or row["track_uri"] or row["track_name"])
        self._occurrences[same] += 1
        at = whole_ms(self._fetched_at)
        self.plays.append({**row, "ordinal": self._occurrences[same], "fetched_at": at})


def _known_to(response: Response, newest: datetime | None) -> datetime:
    """The time up to which a response has every play: when it was requested, by the slower clock.

    Spotify's clock corrects ours if ours is ahead, which would cover too much. It has whole
    seconds only, and is ignored if a play ended later than it says.
    """
    server_time = response.server_date
    if server_time is None or (newest and newest > server_time + MAX_CLOCK_SKEW):
        return response.fetched_at
    return min(response.fetched_at, server_time + A_SECOND)


def unreadable_response(name: str, reason: str, *, at: datetime) -> PolledRows:
    """The rows of a damaged response: it covers nothing, but is listed.

    Args:
        name: its file name.
        reason: what is wrong with it.
        at: when it was fetched, if known, or else a time on its date.
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
    return PolledRows(RECENT_TRACKS.empty(), POLLS.from_rows([poll]), REFUSED.from_rows(refused))


def _refused(name: str, item: int, reason: str, row: bytes) -> dict[str, object]:
    text = storable(row[:MAX_ROW].decode(errors="replace"))
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
    return {
        "played_at": played_at,
        "kind": track.kind,
        **track.columns(),
        "album_artist": track.album_artist,
        "genres": None,
        **(play.context or Context()).columns(),
    }


def merge_polled(parts: Sequence[PolledRows]) -> PolledRows:
    """Merge responses, whatever their order and overlap, to one row per play.

    Equal rows (same time, same track) of different responses are one play; equal rows of one
    response are several plays, so over all responses the largest count holds. A play keeps the
    description in the response that showed it first.
    """
    parts = [PolledRows.empty(), *parts]
    return PolledRows(
        RECENT_TRACKS.conform(deduplicate(pa.concat_tables([part.plays for part in parts]))),
        POLLS.conform(_distinct([part.polls for part in parts])),
        REFUSED.conform(_distinct([part.refused for part in parts])),
    )


def _distinct(tables: Sequence[pa.Table]) -> pa.Table:
    rows = pa.concat_tables(tables)
    return rows.group_by(rows.column_names).aggregate([])


def deduplicate(shown: pa.Table, *, kept: pa.Table | None = None) -> pa.Table:
    """One row per play from any number of responses or dates: that of the earliest response.

    Args:
        shown: `recent_tracks` rows.
        kept: `recent_tracks` rows of an earlier run; if the same response has a play in both,
            the row in `shown` is taken, since it may have more names.
    """
    kept = RECENT_TRACKS.empty() if kept is None else kept
    return query(_DEDUPLICATE, shown=shown, kept=kept).cast(RECENT_TRACKS.schema)


_DEDUPLICATE = """
WITH every AS (SELECT *, 0 AS turn FROM shown UNION ALL SELECT *, 1 AS turn FROM kept)
SELECT * EXCLUDE (turn) FROM every
QUALIFY row_number() OVER (
    PARTITION BY played_at, coalesce(track_id, track_uri, track_name), ordinal
    -- All columns, so that of two responses in the same millisecond always the same one wins.
    ORDER BY fetched_at, turn, track_uri, track_name, every::VARCHAR
) = 1
"""


def add_names(
    plays: pa.Table, *, playlists: Mapping[str, str], genres: Mapping[str, Sequence[str]]
) -> pa.Table:
    """Fill in what other responses of the date contain: names of playlists, genres of artists.

    Args:
        plays: `recent_tracks` rows.
        playlists: name by playlist uri.
        genres: genres by artist id, from the date's top artists.
    """
    columns = plays.select(
        ["played_from_uri", "played_from_name", "album_id", "album_name", "artist_id"]
    ).to_pylist()
    names = [
        playlists.get(row["played_from_uri"])
        or (
            row["album_name"]
            if row["played_from_uri"] == f"spotify:album:{row['album_id']}"
            else row["played_from_name"]
        )
        for row in columns
    ]
    artist_genres = [genres.get(row["artist_id"]) for row in columns]
    for column, values in (("played_from_name", names), ("genres", artist_genres)):
        at = plays.schema.get_field_index(column)
        declared = plays.schema.field(column)
        plays = plays.set_column(at, declared, pa.array(values, declared.type))
    return plays
