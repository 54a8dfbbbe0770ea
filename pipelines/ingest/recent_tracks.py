"""A date's recently played tracks out of its polls, as often as anyone likes.

Both the snapshot of a date and the ledger, when it catches up after a crash, derive through
here. What the rows mean belongs in `listening/api/polled.py`.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from pipelines.errors import NothingCollected
from pipelines.listening.api import polled
from pipelines.listening.api.polled import PolledRows
from pipelines.listening.api.responses import KeptResponse, Response, fetched_at, last_complete_list
from pipelines.listening.api.top_lists import genres_by_artist, playlist_names, top_artists
from pipelines.listening.schema.table import Table
from pipelines.listening.schema.tables import POLLS, RECENT_TRACKS, REFUSED, TIME_RANGES
from pipelines.resources.lake.raw import Raw
from pipelines.resources.lake.tables import Found, Lake, again_on_conflict
from pipelines.run_context import as_date

PLAYLISTS_KEPT_FOR_DAYS = 7
"""How old the playlists' names may be when a date's own are not there yet. Reasoned."""

WRITTEN = (RECENT_TRACKS, POLLS, REFUSED)

VERSION = str(polled.VERSION)

Versions = dict[str, str | None]


@dataclass(frozen=True)
class RecentTracks:
    """What lies in a date's snapshot of its polls, and how to bring it up to date."""

    lake: Lake
    listener: str
    date: str

    def path(self, table: Table) -> str:
        """Where a table of this date lies."""
        return f"users/{self.listener}/{table.path.format(date=self.date)}"

    @property
    def _raw(self) -> Raw:
        return Raw(self.lake, self.listener)

    def up_to_date(self) -> bool:
        """Whether every response of the date has been taken in, and every name it may tell."""
        found = self._found(POLLS)
        if found is None or not self._notes().items() <= found.notes.items():
            return False
        taken = found.rows["response"].to_pylist()
        return set(self._raw.names("recently_played", self.date)) <= set(taken)

    @again_on_conflict
    def derive(self, *, anew: bool) -> PolledRows:
        """Take in the date's responses and write its tables.

        Args:
            anew: from all responses; otherwise only from those that are not taken in yet, which
                gives the same tables.

        Raises:
            NothingCollected: where the date has no response.
        """
        # What lies there is read before raw/ is listed: whoever takes in more meanwhile then
        # writes over a version that is no longer ours, and one of the two starts over.
        before, versions = self._nothing() if anew else self._before()
        names = self._raw.names("recently_played", self.date)
        if not names:
            raise NothingCollected("recently played tracks", self.date)
        taken = set(before.polls["response"].to_pylist())
        notes = self._notes()
        derived = self._named(polled.merge_polled([before, *self._fresh(set(names) - taken)]))
        # polls last: it says which responses the other two have taken in.
        for table, rows in (
            (RECENT_TRACKS, derived.plays),
            (REFUSED, derived.refused),
            (POLLS, derived.polls),
        ):
            told = notes if table is POLLS else None
            self.lake.write(self.path(table), table, rows, over=versions[table.name], notes=told)
        return derived

    def _found(self, table: Table) -> Found | None:
        return self.lake.sound(self.path(table), table)

    def _nothing(self) -> tuple[PolledRows, Versions]:
        versions = {table.name: self.lake.etag(self.path(table)) for table in WRITTEN}
        return PolledRows.empty(), versions

    def _before(self) -> tuple[PolledRows, Versions]:
        recent, polls, refused = (self._found(table) for table in WRITTEN)
        if not (recent and polls and refused) or polls.notes.get("version") != VERSION:
            return self._nothing()
        versions: Versions = {
            RECENT_TRACKS.name: recent.etag,
            POLLS.name: polls.etag,
            REFUSED.name: refused.etag,
        }
        return PolledRows(recent.rows, polls.rows, refused.rows), versions

    def _fresh(self, names: Iterable[str]) -> Iterator[PolledRows]:
        for one in self._raw.sift("recently_played", self.date, sorted(names)):
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
            return datetime.combine(as_date(self.date), time(), UTC)

    def _named(self, derived: PolledRows) -> PolledRows:
        plays = polled.add_names(
            derived.plays, playlists=self._playlist_names(), genres=self._genres()
        )
        return PolledRows(plays, derived.polls, derived.refused)

    def _notes(self) -> dict[str, str]:
        """By what the tables were made: how answers were read, and what told the names in them."""
        return {"version": VERSION, "names": self._known_names()}

    def _known_names(self) -> str:
        """A digest of which responses tell the names of playlists and the genres of artists."""
        dates = self._playlist_dates()
        told = [("playlists", date) for date in dates[-1:]]
        told += [(f"top_artists_{time_range}", self.date) for time_range in TIME_RANGES]
        names = [dates, *(self._raw.names(endpoint, date) for endpoint, date in told)]
        return hashlib.sha256(repr(names).encode()).hexdigest()

    def _playlist_dates(self) -> list[str]:
        oldest = as_date(self.date) - timedelta(days=PLAYLISTS_KEPT_FOR_DAYS)
        dates = self._raw.dates("playlists", since=oldest.isoformat())
        return [date for date in dates if date <= self.date]

    def _genres(self) -> dict[str, list[str]]:
        lists = [
            top_artists(pages, time_range)[0]
            for time_range in TIME_RANGES
            if (pages := complete_list(self._raw, f"top_artists_{time_range}", self.date))
        ]
        return genres_by_artist(lists)

    def _playlist_names(self) -> dict[str, str]:
        for date in reversed(self._playlist_dates()):
            if pages := complete_list(self._raw, "playlists", date):
                return playlist_names(pages)
        return {}


def complete_list(raw: Raw, endpoint: str, date: str) -> list[Response]:
    """The pages of the last complete list of a date; none where there is no such list.

    A list with a damaged file among its pages is not complete.
    """
    return last_complete_list(raw.read(endpoint, date))
