"""Kept states of playlists, and plans that make one of them again as a new playlist.

Every complete reading is such a state: the last one before a playlist was changed, and what was
read back of one that a plan made. Add here what concerns going back; how a plan is written is
`applying.py`.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.errors import RefusedPlan
from pipelines.library.kept import Reading, Readings
from pipelines.library.sources import entries_in
from pipelines.library.wanted import Named, find_wanted
from pipelines.listening.api.objects import LIKED_SONGS_NAME, Playlist, decode
from pipelines.listening.playlists.items import total_of
from pipelines.listening.playlists.items_to_write import WHY, counted, left_out
from pipelines.listening.playlists.parts import Pace, Planned, cost_of, parts_of, preview_of
from pipelines.listening.playlists.plan import (
    RESTORE,
    Options,
    new_plan,
    uris_to_write,
)
from pipelines.listening.schema.playlist_tables import LIKED
from pipelines.listening.schema.sql import query
from pipelines.resources.lake.lakes import READERS, ListenerLake

LOST = (
    "What cannot come back: when each item was added and by whom (they all get today's date; the "
    "old ones stay in the lake), local files, and items that Spotify shows as empty."
)

LATEST = "latest"


@dataclass(frozen=True)
class State:
    """A state of a playlist that is kept.

    Attributes:
        reading: the reading.
        name: of the playlist by then.
        items: how many it had by then, as Spotify said.
    """

    reading: Reading
    name: str
    items: int | None


def states(lake: ListenerLake, playlist_id: str = "") -> list[State]:
    """The kept states of a listener's playlists, each playlist's in order of time.

    Args:
        lake: the listener's.
        playlist_id: of this playlist only; empty for all.
    """
    kept = Readings(lake)
    complete = [
        reading
        for of_one in kept.by_playlist(playlist_id).values()
        for reading in of_one
        if reading.complete
    ]
    with ThreadPoolExecutor(READERS) as readers:
        return list(readers.map(lambda reading: _state(kept, reading), complete))


def _state(kept: Readings, reading: Reading) -> State:
    begun = kept.one(reading, "begin")
    if reading.playlist_id == LIKED:
        return State(reading, LIKED_SONGS_NAME, total_of(begun))
    try:
        told, _ = decode(begun.body, Playlist)
    except msgspec.DecodeError:
        told = Playlist()
    return State(reading, told.name or reading.playlist_id, told.total)


def state_of(lake: ListenerLake, named: str, at: str = LATEST) -> State:
    """The state of a playlist at a time: that of the last complete reading by then.

    Args:
        lake: the listener's.
        named: its name, id, uri or address.
        at: `latest`, or a time in ISO 8601; without an offset it is UTC, without a time of day the
            end of that day.

    Raises:
        RefusedPlan: where there is no such playlist or state, or it is no time.
    """
    every = states(lake)
    names = {one.reading.playlist_id: one.name for one in every}
    found, problems = find_wanted([named], [Named(key, name) for key, name in names.items()])
    if problems:
        raise RefusedPlan(f"{problems[0]}: `{_command(lake)} --list` shows what is kept")
    [wanted] = found
    own = [one for one in every if one.reading.playlist_id == wanted.playlist_id]
    until = _time(at)
    before = [one for one in own if until is None or one.reading.started_at <= until]
    if not before:
        first = own[0].reading.started_at if own else None
        since = f"; the first one is of {first:%Y-%m-%d %H:%M} UTC" if first else ""
        by_then = "" if until is None else f" of {until:%Y-%m-%d %H:%M} UTC or before"
        raise RefusedPlan(
            f"no complete reading of {wanted.name!r}{by_then} is kept{since}: "
            f"`{_command(lake)} --list` shows those that are"
        )
    return before[-1]


def _command(lake: ListenerLake) -> str:
    return f"playledger playlists restore {lake.listener}"


def _time(text: str) -> datetime | None:
    if text == LATEST:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise RefusedPlan(
            f"{text!r} is no time: write it like 2026-11-28 or 2026-11-28T17:30, or `latest`"
        ) from None
    if "T" not in text and " " not in text:
        moment = moment.replace(hour=23, minute=59, second=59, microsecond=999_999)
    if not moment.microsecond:  # readings are shown by the second in which they began
        moment = moment.replace(microsecond=999_999)
    return moment.replace(tzinfo=moment.tzinfo or UTC)


def restoring(lake: ListenerLake, state: State, *, name: str | None, pace: Pace) -> Planned:
    """A plan for a new playlist with the items of a kept state, each as often as it stood there.

    It has no sources: whatever the playlist is now, it is the state that is made again.

    Args:
        lake: the listener's.
        state: which.
        name: of the new playlist; by default the old one with the date.
        pace: of this machine.

    Raises:
        RefusedPlan: where nothing of it can be added to a playlist.
    """
    reading = state.reading
    entries = entries_in(lake, reading)
    entries = entries.append_column("uri", uris_to_write(entries))
    judged = query(_JUDGED, entries=entries, asked=pa.table({"unplayable": [True]}))
    stays = judged.filter(pc.is_null(judged["why"]))
    if not len(stays):
        raise RefusedPlan(
            f"none of the {len(entries):,} items of {state.name!r} can be added to a playlist"
        )
    picked = {
        "kind": RESTORE,
        "of": state.name,
        "playlist_id": reading.playlist_id,
        "at": reading.started_at.isoformat(timespec="milliseconds"),
        "scope": "mine",
    }
    options = Options(
        name=name or f"{state.name} as of {reading.started_at:%Y-%m-%d}",
        keep_weights=True,
        unplayable=True,
        picked=picked,
    )
    items, parts = parts_of(options, stays, np.arange(len(stays)))
    items = items.append_column("weight", pa.repeat(1, len(items)))
    left = left_out(judged, ())
    figures = {
        "before": len(entries),
        "unique": pc.count_distinct(items["uri"]).as_py(),
        "items": len(items),
        "dropped": 0,
        "left": {
            "anyway": 0,
            "total": len(left),
            "reasons": counted(judged["why"].drop_null().to_pylist()),
        },
        "confidence": None,
        "requests": cost_of([len(part.uris) for part in parts], 0, pace),
        "preview": preview_of(items),
        "notes": [LOST],
    }
    made_at = datetime.now(UTC).replace(microsecond=0)
    plan = new_plan(lake.listener, options, parts, left=left, figures=figures, made_at=made_at)
    return Planned(plan, items, items.slice(0, 0))


_JUDGED = f"""
SELECT rows.*, {WHY} AS why
FROM (SELECT *, 0 AS plays, 0 AS inside FROM entries) AS rows CROSS JOIN asked ORDER BY position
"""  # noqa: S608 built from a constant
