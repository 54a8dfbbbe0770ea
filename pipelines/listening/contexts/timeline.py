"""Plays as arrays of numbers: when, how long, in which session, and what was played.

Add here what several steps compute with. What it means for a context belongs to these steps.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.arrays import MISSING, Bools, Ints
from pipelines.listening.catalogue.names import normal_names
from pipelines.listening.contexts.sessions import PAUSE, session_numbers, starts_of
from pipelines.listening.time.intervals import instants

HOUR = 3_600_000
DAY = 24 * HOUR
UNKNOWN_LENGTH = 180_000
"""Milliseconds assumed for a play of unknown length, as ListenBrainz does."""


@dataclass(frozen=True)
class Timeline:
    """Plays in order of time; arrays have one value per play unless stated otherwise.

    Attributes:
        starts: milliseconds since 1970.
        ends: milliseconds since 1970.
        lasted: milliseconds played.
        local: start on the listener's clock, as milliseconds since 1970 on that clock.
        session: number of the session, from 0, ascending.
        first: index of each session's first play; one value per session.
        recording: code of the recording; -1 where it is not known.
        artist: code of the artist; likewise.
        album: code of the album; likewise.
        played_from: code of the playlist or album that it was played from; likewise.
    """

    starts: Ints
    ends: Ints
    lasted: Ints
    local: Ints
    session: Ints
    first: Ints
    recording: Ints
    artist: Ints
    album: Ints
    played_from: Ints

    @classmethod
    def of(cls, plays: pa.Table, gaps: pa.Table, pause: timedelta = PAUSE) -> "Timeline":
        """The timeline of plays.

        Args:
            plays: `plays` rows with a `recording_id` and an `artist_key`, in order of `played_at`.
            gaps: `gaps` rows.
            pause: the longest silence within a session.
        """
        starts, ends = starts_of(plays), instants(plays["played_at"])
        session = session_numbers(plays, gaps, pause)
        lasted = pc.fill_null(plays["ms_played"], UNKNOWN_LENGTH).to_numpy().astype(np.int64)
        artist = plays["artist_key"]
        of_artist = pc.fill_null(artist, "")  # an album of several artists is one, too
        album = pc.binary_join_element_wise(of_artist, normal_names(plays["album_name"]), "|")
        return cls(
            starts=starts,
            ends=ends,
            lasted=np.maximum(lasted, 1),
            local=instants(plays["local_time"]) - (ends - starts),
            session=session,
            first=np.flatnonzero(np.diff(session, prepend=-1)),
            recording=dictionary_codes(plays["recording_id"])[0],
            artist=dictionary_codes(artist)[0],
            album=dictionary_codes(album)[0],
            played_from=dictionary_codes(plays["played_from_uri"])[0],
        )

    def __len__(self) -> int:
        return len(self.starts)

    def with_parts(self, part: Ints) -> "Timeline":
        """The same plays with parts, numbered from 0 and ascending, instead of sessions."""
        return replace(self, session=part, first=np.flatnonzero(np.diff(part, prepend=-1)))

    @property
    def sessions(self) -> int:
        """The number of sessions."""
        return len(self.first)

    @property
    def after(self) -> Ints:
        """For each session the index after its last play."""
        return np.append(self.first, len(self))[1:]

    @property
    def day(self) -> Ints:
        """Days since 1970 on the listener's calendar."""
        return self.local // DAY

    @property
    def hour(self) -> Ints:
        """Hour of the listener's clock, 0 to 23."""
        return self.local % DAY // HOUR

    @property
    def weekday(self) -> Ints:
        """0 is Monday."""
        return weekday(self.day)

    def range_around(self, reach: int) -> tuple[Ints, Ints]:
        """For each play the plays of its session that ended within `reach` milliseconds of it.

        Returns:
            The index of the first of them, and the index after the last.
        """
        begins, ends = self.first[self.session], self.after[self.session]
        first = np.maximum(np.searchsorted(self.ends, self.ends - reach), begins)
        after = np.searchsorted(self.ends, self.ends + reach, side="right")
        return first, np.minimum(after, ends)

    def distinct_per_session(self, before: Ints) -> Ints:
        """The number of distinct things in each session.

        Args:
            before: for each play the previous one of the same thing, from `previous_same`.
        """
        return self.per_session(before < self.first[self.session])

    def per_session(self, values: Ints | Bools) -> Ints:
        """Sums over the plays of each session; of one column or of several."""
        if not len(self):
            return np.zeros((0, *values.shape[1:]), np.int64)
        sums: Ints = np.add.reduceat(values.astype(np.int64), self.first, axis=0)
        return sums


def previous_same(thing: Ints) -> Ints:
    """For each play the index of the previous one of the same thing; -1 where it is the first.

    Unknown things (-1) are never the same.
    """
    order = np.argsort(thing, kind="stable")
    before = np.full(len(thing), MISSING, np.int64)
    again = (thing[order[1:]] == thing[order[:-1]]) & (thing[order[1:]] != MISSING)
    before[order[1:][again]] = order[:-1][again]
    return before


def weekday(day: Ints) -> Ints:
    """The weekday (0 is Monday) of days since 1970, which began on a Thursday."""
    return (day + 3) % 7


def dictionary_codes(names: pa.ChunkedArray | pa.Array) -> tuple[Ints, pa.Array]:
    """A code for each distinct name, -1 for null; and the names by code."""
    encoded = pc.dictionary_encode(names)
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    numbers = encoded.indices.fill_null(MISSING).to_numpy(zero_copy_only=False)
    return numbers.astype(np.int64), encoded.dictionary


def rolling_sum(by_day: Ints, reach: int) -> Ints:
    """Rolling sums over days.

    Args:
        by_day: one row per day.
        reach: days before and after each day that are included.
    """
    count = len(by_day)
    running = np.concatenate([np.zeros((1, *by_day.shape[1:]), np.int64), by_day.cumsum(axis=0)])
    days = np.arange(count)
    sums: Ints = running[np.minimum(days + reach + 1, count)] - running[np.maximum(days - reach, 0)]
    return sums
