"""A date's recently played tracks out of its polls, as often as anyone likes.

The snapshot of a date is written here; the ledger, when it catches up after a crash, derives what
was not written in the same way. What the rows mean belongs in `listening/api/polled.py`.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

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

PLAYLISTS_KEPT_FOR_DAYS = 7
"""How old the playlists' names may be when a date's own are not there yet. Reasoned."""

LOOK_BACK_DAYS = 60
"""How far back dates that a killed run left are looked for. Reasoned: a holiday, and more."""

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
        """Whether every response of the date is in it, and every name that others give."""
        stored = self._stored()
        return stored is not None and self._covers_everything(stored[1])

    def _covers_everything(self, polls: StoredTable) -> bool:
        if not self._notes().items() <= polls.notes.items():
            return False
        read = polls.rows["response"].to_pylist()
        return set(self._raw.names(ENDPOINT, self.date)) <= set(read)

    def load(self) -> PolledRows:
        """What is stored; derived from all responses, and not written, where that is out of date.

        Raises:
            NothingCollected: where the date has no response.
        """
        stored = self._stored()
        if stored and self._covers_everything(stored[1]):
            return PolledRows(*(table.rows for table in stored))
        return self._derived(PolledRows.empty(), self._names())

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
            full_refresh: from all responses; otherwise only from those that are not in them yet,
                which gives the same tables.

        Raises:
            NothingCollected: where the date has no response.
        """
        # What is stored is read before raw/ is listed: whoever adds more meanwhile then writes
        # over a version that is no longer ours, and one of the two starts over.
        before, versions = self._nothing() if full_refresh else self._before()
        derived = self._derived(before, self._names())
        # polls last: it says which responses are in the other two.
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

    def _derived(self, before: PolledRows, names: Iterable[str]) -> PolledRows:
        read = set(before.polls["response"].to_pylist())
        parts = polled.merge_polled([before, *self._fresh(set(names) - read)])
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

    def _nothing(self) -> tuple[PolledRows, Versions]:
        versions = {table.name: self.lake.etag(table, date=self.date) for table in TABLES}
        return PolledRows.empty(), versions

    def _before(self) -> tuple[PolledRows, Versions]:
        stored = self._stored()
        if stored is None:
            return self._nothing()
        versions: Versions = {
            table.name: one.etag for table, one in zip(TABLES, stored, strict=True)
        }
        return PolledRows(*(one.rows for one in stored)), versions

    def _fresh(self, names: Iterable[str]) -> Iterator[PolledRows]:
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
        except ValueError:  # someone else's file, between the responses
            return datetime.combine(date.fromisoformat(self.date), time(), UTC)

    def _notes(self) -> dict[str, str]:
        """By what the tables were made: how responses were read, and where names came from."""
        return {"version": VERSION, "names": self._names_digest()}

    def _names_digest(self) -> str:
        """A digest of which responses give the names of playlists and the genres of artists."""
        dates = self._playlist_dates()
        sources = [("playlists", day) for day in dates[-1:]]
        sources += [(f"top_artists_{time_range}", self.date) for time_range in TIME_RANGES]
        names = [dates, *(self._raw.names(endpoint, day) for endpoint, day in sources)]
        return hashlib.sha256(repr(names).encode()).hexdigest()

    def _playlist_dates(self) -> list[str]:
        oldest = date.fromisoformat(self.date) - timedelta(days=PLAYLISTS_KEPT_FOR_DAYS)
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
        for day in reversed(self._playlist_dates()):
            if pages := self._raw.complete_list("playlists", day):
                return playlist_names(pages)
        return {}


def update_dates_left_behind(lake: ListenerLake, before: str) -> list[str]:
    """Bring dates up to date whose run was killed after it had collected.

    Goes back from a date until one is up to date: earlier ones were looked at by its own run.

    Args:
        lake: the listener's.
        before: a date, YYYY-MM-DD; it and later ones are left to their own runs.

    Returns:
        The dates that were behind.
    """
    since = date.fromisoformat(before) - timedelta(days=LOOK_BACK_DAYS)
    behind = []
    for day in reversed(RawResponses(lake).dates(ENDPOINT, since=since.isoformat())):
        if day >= before:
            continue
        snapshot = RecentTracks(lake, day)
        if snapshot.is_up_to_date():
            break
        snapshot.update(full_refresh=True)
        behind.append(day)
    return behind
