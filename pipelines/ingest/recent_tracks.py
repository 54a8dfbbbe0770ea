"""The recently played tracks of a date, derived from its polls; deriving again changes nothing.

The snapshot of a date is written here; the ledger, when it catches up after a crash, derives
missing ones in the same way. What the rows mean belongs in `listening/api/polled.py`.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property

import pyarrow as pa

from pipelines.errors import NothingCollected
from pipelines.listening.api import polled
from pipelines.listening.api.polled import PolledRows
from pipelines.listening.api.responses import KeptResponse, fetched_at
from pipelines.listening.api.top_lists import genres_by_artist, playlist_names, top_artists
from pipelines.listening.schema.tables import POLLS, RECENT_TRACKS, REFUSED, TIME_RANGES
from pipelines.resources.lake.lakes import ListenerLake
from pipelines.resources.lake.raw import RawResponses
from pipelines.resources.lake.tables import StoredTable, retry_on_conflict

ENDPOINT = "recently_played"

MAX_PLAYLISTS_AGE_DAYS = 7
"""How old playlists may be whose names are used while a date lacks its own. Reasoned."""

LOOK_BACK_DAYS = 60
"""How far back dates that a killed run did not derive are searched. Reasoned: a long holiday."""

TABLES = (RECENT_TRACKS, POLLS, REFUSED)

VERSION = str(polled.VERSION)

Versions = dict[str, str | None]


@dataclass(frozen=True)
class RecentTracks:
    """The snapshot of a date's polls.

    Attributes:
        lake: the listener's.
        date: YYYY-MM-DD.
    """

    lake: ListenerLake
    date: str

    @property
    def _raw(self) -> RawResponses:
        return RawResponses(self.lake)

    def is_up_to_date(self) -> bool:
        """Whether it includes every response of the date, and the names from other responses."""
        stored = self._stored()
        return stored is not None and self._is_complete(stored[1])

    def _is_complete(self, polls: StoredTable) -> bool:
        if not self._notes().items() <= polls.notes.items():
            return False
        parsed = polls.rows["response"].to_pylist()
        return set(self._raw.names(ENDPOINT, self.date)) <= set(parsed)

    def load(self) -> PolledRows:
        """The stored rows; where these are out of date, derived from all responses but not written.

        Raises:
            NothingCollected: where the date has no response.
        """
        stored = self._stored()
        if stored and self._is_complete(stored[1]):
            return PolledRows(*(table.rows for table in stored))
        return self._derive(PolledRows.empty(), self._names())

    def plays(self) -> pa.Table:
        """The `recent_tracks` rows, like `load`, with one file fewer to read."""
        polls = self.lake.find_if_valid(POLLS, date=self.date)
        if polls and self._is_complete(polls):
            stored = self.lake.find_if_valid(RECENT_TRACKS, date=self.date)
            if stored:
                return stored.rows
        return self.load().plays

    def polls(self) -> pa.Table:
        """The `polls` rows of all of the date's responses, like `load`."""
        stored = self.lake.find_if_valid(POLLS, date=self.date)
        if stored and set(self._names()) <= set(stored.rows["response"].to_pylist()):
            return stored.rows
        return self.load().polls

    @retry_on_conflict
    def update(self, *, full_refresh: bool) -> PolledRows:
        """Derive the date's tables from its responses and write them.

        Args:
            full_refresh: derive them from all responses; otherwise add those that are missing,
                which gives the same tables.

        Raises:
            NothingCollected: where the date has no response.
        """
        # The stored rows are read before raw/ is listed: if another run adds responses in between,
        # one of the two writes has a conflict and starts over.
        before, versions = self._empty() if full_refresh else self._stored_or_empty()
        derived = self._derive(before, self._names())
        # polls last: it lists which responses are in the other two.
        for table, rows, notes in (
            (RECENT_TRACKS, derived.plays, None),
            (REFUSED, derived.refused, None),
            (POLLS, derived.polls, self._notes()),
        ):
            self.lake.write(table, rows, over=versions[table.name], notes=notes, date=self.date)
        return derived

    def _names(self) -> list[str]:
        names = self._raw.names(ENDPOINT, self.date)
        if not names:
            raise NothingCollected("recently played tracks", self.date)
        return names

    def _derive(self, before: PolledRows, names: Iterable[str]) -> PolledRows:
        read = set(before.polls["response"].to_pylist())
        parts = polled.merge_polled([before, *self._parsed(set(names) - read)])
        plays = polled.add_names(
            parts.plays, playlists=self._playlist_names(), genres=self._genres()
        )
        return PolledRows(plays, parts.polls, parts.refused)

    def _stored(self) -> tuple[StoredTable, StoredTable, StoredTable] | None:
        recent, polls, refused = (
            self.lake.find_if_valid(table, date=self.date) for table in TABLES
        )
        if not (recent and polls and refused) or polls.notes.get("version") != VERSION:
            return None
        return recent, polls, refused

    def _empty(self) -> tuple[PolledRows, Versions]:
        versions = {table.name: self.lake.etag(table, date=self.date) for table in TABLES}
        return PolledRows.empty(), versions

    def _stored_or_empty(self) -> tuple[PolledRows, Versions]:
        stored = self._stored()
        if stored is None:
            return self._empty()
        versions: Versions = {
            table.name: one.etag for table, one in zip(TABLES, stored, strict=True)
        }
        return PolledRows(*(one.rows for one in stored)), versions

    def _parsed(self, names: Iterable[str]) -> Iterator[PolledRows]:
        for one in self._raw.load(ENDPOINT, self.date, sorted(names)):
            if isinstance(one, KeptResponse):
                yield polled.parse_response(one.response, one.name)
            else:
                yield polled.unreadable_response(
                    one.name, str(one.problem), at=self._time(one.name)
                )

    def _time(self, name: str) -> datetime:
        try:
            return fetched_at(name)
        except ValueError:  # a file of someone else among the responses
            return datetime.combine(date.fromisoformat(self.date), time(), UTC)

    def _notes(self) -> dict[str, str]:
        """The version of the parser, and which responses the names came from."""
        return {"version": VERSION, "names": self._names_digest()}

    def _names_digest(self) -> str:
        """A digest of the responses with the names of playlists and the genres of artists."""
        dates = self._playlist_dates
        sources = [("playlists", day) for day in dates[-1:]]
        sources += [(f"top_artists_{time_range}", self.date) for time_range in TIME_RANGES]
        names = [dates, *(self._raw.names(endpoint, day) for endpoint, day in sources)]
        return hashlib.sha256(repr(names).encode()).hexdigest()

    @cached_property
    def _playlist_dates(self) -> list[str]:
        """Dates with playlists; listed once, so that the names and their digest agree."""
        oldest = date.fromisoformat(self.date) - timedelta(days=MAX_PLAYLISTS_AGE_DAYS)
        dates = self._raw.dates("playlists", since=oldest.isoformat())
        return [day for day in dates if day <= self.date]

    def _genres(self) -> dict[str, list[str]]:
        lists = [
            top_artists(pages, time_range)[0]
            for time_range in TIME_RANGES
            if (pages := self._raw.complete_list(f"top_artists_{time_range}", self.date))
        ]
        return genres_by_artist(lists)

    def _playlist_names(self) -> dict[str, str]:
        for day in reversed(self._playlist_dates):
            if pages := self._raw.complete_list("playlists", day):
                return playlist_names(pages)
        return {}


def update_interrupted_dates(lake: ListenerLake, before: str) -> list[str]:
    """Update dates whose run was killed after it had collected.

    Goes back from a date until one is up to date, as a date is that had a daily run. A date before
    one that had only polls is not found; the ledger has its plays all the same, since it derives
    them from the responses.

    Args:
        lake: the listener's.
        before: a date, YYYY-MM-DD; it and later ones are updated by their own runs.

    Returns:
        The dates that were out of date, YYYY-MM-DD.
    """
    since = date.fromisoformat(before) - timedelta(days=LOOK_BACK_DAYS)
    updated = []
    for day in reversed(RawResponses(lake).dates(ENDPOINT, since=since.isoformat())):
        if day >= before:
            continue
        snapshot = RecentTracks(lake, day)
        if snapshot.is_up_to_date():
            break
        snapshot.update(full_refresh=True)
        updated.append(day)
    return updated
