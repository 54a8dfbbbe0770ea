"""Plays as columns of numbers: when, how long, in which session, and what was heard.

What later steps compute with is prepared here, once. Nothing here judges.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.arrays import MISSING, Bools, Ints
from pipelines.listening.contexts.sessions import PAUSE, session_numbers, starts_of
from pipelines.listening.time.intervals import instants

HOUR = 3_600_000
DAY = 24 * HOUR
UNKNOWN_LENGTH = 180_000
"""Milliseconds that a play of unknown length is taken to last, as ListenBrainz does."""


@dataclass(frozen=True)
class Timeline:
    """Plays in order of time; all arrays are as long as there are plays.

    Attributes:
        starts, ends: milliseconds since 1970.
        lasted: milliseconds heard.
        local: start on the listener's clock, as milliseconds since 1970 on that clock.
        session: number of the session, from 0, never falling.
        first: for each session its first play.
        recording, artist, album, played_from: numbers of what was heard, and of the playlist
            or album that it was played from; -1 where that is not known.
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
        """The timeline of plays with a `recording_id`, in order of `played_at`."""
        starts, ends = starts_of(plays), instants(plays["played_at"])
        session = session_numbers(plays, gaps, pause)
        lasted = pc.fill_null(plays["ms_played"], UNKNOWN_LENGTH).to_numpy().astype(np.int64)
        artist = pc.utf8_lower(plays["artist_name"])
        album = pc.binary_join_element_wise(artist, pc.utf8_lower(plays["album_name"]), "|")
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
        """The same plays with other sessions: parts, numbered from 0, never falling."""
        return replace(self, session=part, first=np.flatnonzero(np.diff(part, prepend=-1)))

    @property
    def sessions(self) -> int:
        """How many sessions there are."""
        return len(self.first)

    @property
    def after(self) -> Ints:
        """For each session the play that follows its last one."""
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

    def distinct_per_session(self, before: Ints) -> Ints:
        """How many different things were heard in each session.

        Args:
            before: for each play the last play before it of the same thing, as `last_before`
                gives them.
        """
        return self.per_session(before < self.first[self.session])

    def per_session(self, values: Ints | Bools) -> Ints:
        """Sums over the plays of each session; of one column or of several."""
        if not len(self):
            return np.zeros((0, *values.shape[1:]), np.int64)
        sums: Ints = np.add.reduceat(values.astype(np.int64), self.first, axis=0)
        return sums


def previous_same(thing: Ints) -> Ints:
    """For each play the last one before it of the same thing; -1 where it is the first.

    Things that are not known are never the same.
    """
    order = np.argsort(thing, kind="stable")
    before = np.full(len(thing), MISSING, np.int64)
    again = (thing[order[1:]] == thing[order[:-1]]) & (thing[order[1:]] != MISSING)
    before[order[1:][again]] = order[:-1][again]
    return before


def weekday(day: Ints) -> Ints:
    """The weekday of days since 1970, 0 is Monday: 1970 began on a Thursday."""
    return (day + 3) % 7


def dictionary_codes(names: pa.ChunkedArray | pa.Array) -> tuple[Ints, pa.Array]:
    """A number for each different name, -1 for null, and the names by number."""
    encoded = pc.dictionary_encode(names)
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    numbers = encoded.indices.fill_null(MISSING).to_numpy(zero_copy_only=False)
    return numbers.astype(np.int64), encoded.dictionary


def rolling_sum(by_day: Ints, reach: int) -> Ints:
    """Sums over the days up to `reach` before and after each day."""
    count = len(by_day)
    running = np.concatenate([np.zeros((1, *by_day.shape[1:]), np.int64), by_day.cumsum(axis=0)])
    days = np.arange(count)
    sums: Ints = running[np.minimum(days + reach + 1, count)] - running[np.maximum(days - reach, 0)]
    return sums
