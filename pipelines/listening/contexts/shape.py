"""Signs by the shape of a session and the clock: how long, how varied, how regular, when.

A sign is a named yes or no. Add one here, and its weights to `reference_data/`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.arrays import Bools, Ints
from pipelines.listening.catalogue import kinds
from pipelines.listening.contexts.habits import WINDOW_DAYS
from pipelines.listening.contexts.rhythm import since_quiet
from pipelines.listening.contexts.timeline import DAY, HOUR, Timeline
from pipelines.listening.time.intervals import MINUTE

Signs = Iterator[tuple[str, Bools]]

SINCE_QUIET = (0, 2, 5, 9, 12, 14, 16, 18, 20, 24)
HOURS = (0, 2, 5, 7, 9, 12, 14, 17, 19, 21, 23, 24)
SESSION_MINUTES = (
    (0, 15),
    (15, 30),
    (30, 45),
    (45, 75),
    (75, 110),
    (110, 170),
    (170, 280),
    (280, None),
)
TRACK_MINUTES = ((0, 1.5), (1.5, 2.5), (5, 8), (8, None))
SKIPS = ((0, 0.01), (0.01, 0.06), (0.06, 0.15), (0.15, None))
VARIETY = ((0, 0.1), (0.1, 0.35), (0.35, 0.7), (0.95, None))
"""Ranges within which every value is about equally informative. Reasoned."""

FRIDAY, SATURDAY, SUNDAY = 4, 5, 6
NIGHT_BEGINS, NIGHT_ENDS = 19, 5
WORK_BEGINS, WORK_ENDS = 8, 18

HALF = 0.5
MOST = 0.6
A_FEW = 4
MANY_SESSIONS = 4
SESSIONS_TO_COMPARE = 15
"""With fewer sessions nearby, hardly any artist is in another one. Reasoned."""

SPOKEN = "podcast or audiobook"
SPOKEN_MINUTES = 25
"""No song is as long, and few mixes are heard for as long without a pause. Reasoned."""

NEW_ARTISTS = "artists of no other session"

NEARBY = WINDOW_DAYS * DAY
WEEKS = (7, 14, 21)
SAME_SLOT = 45 * MINUTE
SILENCE = 4 * HOUR


@dataclass(frozen=True)
class Repeats:
    """Earlier plays of the same thing, and other sessions with it; one value per play.

    Attributes:
        recording: index of the previous play of the same recording; -1 where there is none.
        artist: the same of the artist.
        album: the same of the album.
        played_from: the same of the playlist or album that it was played from.
        recording_elsewhere: number of other sessions nearby with the recording.
        artist_elsewhere: number of other sessions nearby with the artist.
    """

    recording: Ints
    artist: Ints
    album: Ints
    played_from: Ints
    recording_elsewhere: Ints
    artist_elsewhere: Ints


def play_signs(timeline: Timeline, plays: pa.Table) -> Signs:
    """Signs of single plays: the hour at which they began, the length of the track.

    Args:
        timeline: the plays.
        plays: `plays` rows.

    Yields:
        The name of each sign, and one value per play.
    """
    for start, end in pairwise(HOURS):
        yield f"from {start} to {end} o'clock", (timeline.hour >= start) & (timeline.hour < end)
    since = since_quiet(timeline)
    for start, end in pairwise(SINCE_QUIET):
        yield f"{start} to {end} h after the quiet hours", (since >= start) & (since < end)
    late = (timeline.hour >= NIGHT_BEGINS) & np.isin(timeline.weekday, (FRIDAY, SATURDAY))
    early = (timeline.hour < NIGHT_ENDS) & np.isin(timeline.weekday, (SATURDAY, SUNDAY))
    yield "on a Friday or Saturday night", late | early
    at_work = (timeline.hour >= WORK_BEGINS) & (timeline.hour < WORK_ENDS)
    yield "on a workday from 8 to 18", (timeline.weekday <= FRIDAY) & at_work
    length = np.maximum(pc.fill_null(plays["duration_ms"], 0).to_numpy(), timeline.lasted)
    yield from _ranges("track of {} min", length / MINUTE, TRACK_MINUTES)
    yield SPOKEN, is_spoken(timeline, plays)
    yield "explicit", pc.fill_null(plays["explicit"], False).to_numpy(zero_copy_only=False)


def is_spoken(timeline: Timeline, plays: pa.Table) -> Bools:
    """Which plays are podcasts or audiobooks, or may well be.

    Where a source tells neither ids nor kinds, what was heard for so long is likely to be spoken.
    """
    known = pc.is_in(plays["kind"], pa.array(kinds.SPOKEN))
    untold = pc.and_(plays["track_id"].is_null(), plays["track_uri"].is_null())
    long = timeline.lasted >= SPOKEN_MINUTES * MINUTE
    spoken: Bools = known.to_numpy(zero_copy_only=False) | (
        untold.to_numpy(zero_copy_only=False) & long
    )
    return spoken


def session_signs(timeline: Timeline, plays: pa.Table, repeats: Repeats) -> Signs:
    """Signs of sessions.

    Args:
        timeline: the plays.
        plays: `plays` rows.
        repeats: earlier plays of the same things.

    Yields:
        The name of each sign, and one value per session.
    """
    first, count = timeline.first, timeline.per_session(np.ones(len(timeline), np.bool_))
    begins, ends = timeline.starts[first], timeline.ends[timeline.after - 1]
    minutes = (ends - begins) / MINUTE
    yield from _ranges("session of {} min", minutes, SESSION_MINUTES)
    measured = timeline.per_session(_is(plays, "skipped", None))
    skipped = timeline.per_session(_is(plays, "skipped", True)) / np.maximum(measured, 1)
    yield from _ranges("share of skips {}", np.where(measured > 0, skipped, -1), SKIPS)
    shuffled = timeline.per_session(_is(plays, "shuffle", True)) / count
    yield "mostly shuffled", shuffled > HALF
    yield from _ranges(
        "different tracks {}", timeline.distinct_per_session(repeats.recording) / count, VARIETY
    )
    yield from _ranges(
        "different artists {}", timeline.distinct_per_session(repeats.artist) / count, VARIETY
    )
    one_thing = (timeline.distinct_per_session(repeats.album) == 1) | (
        timeline.distinct_per_session(repeats.played_from) == 1
    )
    yield "one album or playlist", one_thing & (count >= A_FEW)
    new = timeline.per_session(repeats.artist_elsewhere == 0) / count
    comparable = _nearby(begins) >= SESSIONS_TO_COMPARE
    yield NEW_ARTISTS, (new > MOST) & (count > A_FEW) & comparable
    yield (
        "the same recordings as in many sessions",
        timeline.per_session(repeats.recording_elsewhere >= MANY_SESSIONS) / count > MOST,
    )
    silence = np.append(begins[1:], np.iinfo(np.int64).max) - ends
    yield "followed by 4 h of silence", silence > SILENCE
    yield "after 4 h of silence", np.append(True, silence[:-1] > SILENCE)[: len(first)]
    weeks = _same_slot(timeline.local[first], ends - begins)
    for least, name in ((1, "1"), (2, "2 or 3"), (4, "4 or more")):
        most = {1: 1, 2: 3, 4: 99}[least]
        yield f"same weekday and hour in {name} other weeks", (weeks >= least) & (weeks <= most)


def _ranges(
    name: str, values: npt.NDArray[Any], ranges: Iterable[tuple[float, float | None]]
) -> Signs:
    for least, most in ranges:
        inside = values >= least
        if most is not None:
            inside &= values < most
        yield name.format(f"{least}+" if most is None else f"{least} to {most}"), inside


def _is(plays: pa.Table, column: str, value: bool | None) -> Bools:
    values = plays[column]
    same = values.is_valid() if value is None else pc.fill_null(pc.equal(values, value), False)
    return np.asarray(same.to_numpy(zero_copy_only=False), np.bool_)


def _nearby(begins: Ints) -> Ints:
    """The number of sessions that began within the days from which habits are computed."""
    ordered = np.maximum.accumulate(begins)
    after = np.searchsorted(ordered, begins + NEARBY, side="right")
    return np.asarray(after - np.searchsorted(ordered, begins - NEARBY), np.int64)


def _same_slot(begins: Ints, lasted: Ints) -> Ints:
    """In how many of the weeks around a session of similar length began within 45 minutes."""
    count = np.zeros(len(begins), np.int64)
    if not len(begins):
        return count
    order = np.argsort(begins, kind="stable")
    sorted_ = begins[order]
    for days in (*WEEKS, *(-week for week in WEEKS)):
        wanted = begins + days * DAY
        low = np.searchsorted(sorted_, wanted - SAME_SLOT)
        hit = np.zeros(len(begins), np.bool_)
        for beside in range(3):
            at = np.minimum(low + beside, len(begins) - 1)
            other = order[at]
            near = np.abs(begins[other] - wanted) <= SAME_SLOT
            hit |= near & (lasted[other] * 10 >= lasted * 6) & (lasted[other] * 6 <= lasted * 10)
        count += hit
    return count
