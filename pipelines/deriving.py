"""A date's recently played tracks out of its polls, as often as anyone likes.

Both the snapshot of a date and the ledger, when it catches up after a crash, derive through
here. What the rows mean belongs in `listening/polled.py`.
"""

from dataclasses import dataclass
from datetime import timedelta

from pipelines.failures import NothingCollected
from pipelines.listening import polled
from pipelines.listening.polled import Polled
from pipelines.listening.responses import Response, last_complete_list
from pipelines.listening.table import Table
from pipelines.listening.tables import POLLS, RECENT_TRACKS, REFUSED, TIME_RANGES
from pipelines.listening.top_lists import genres_by_artist, playlist_names, top_artists
from pipelines.resources.lake import Found, Lake, again_on_conflict
from pipelines.resources.raw import Raw
from pipelines.runs import as_date

PLAYLISTS_KEPT_FOR_DAYS = 7
"""How old the playlists' names may be when a date's own are not there yet. Reasoned."""


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
        """Whether every response of the date has been taken in."""
        taken = self.lake.read(self.path(POLLS), POLLS)["response"].to_pylist()
        return set(self._raw.names("recently_played", self.date)) <= set(taken)

    @again_on_conflict
    def derive(self, *, anew: bool) -> Polled:
        """Take in the date's responses and write its tables.

        Args:
            anew: from all responses; otherwise only from those that are not taken in yet, which
                gives the same tables.

        Raises:
            NothingCollected: where the date has no response.
        """
        names = self._raw.names("recently_played", self.date)
        if not names:
            raise NothingCollected("recently played tracks", self.date)
        tables = (RECENT_TRACKS, REFUSED, POLLS)
        if anew:
            before = Polled.nothing()
            versions = [self.lake.etag(self.path(table)) for table in tables]
        else:
            found = [self.lake.find(self.path(table), table) for table in tables]
            before = _polled(*found)
            versions = [one.etag if one else None for one in found]
        taken = set(before.polls["response"].to_pylist())
        fresh = self._raw.read("recently_played", self.date, [n for n in names if n not in taken])
        parts = [polled.read(one.response, one.name) for one in fresh]
        derived = polled.unite([before, *parts])
        plays = polled.name_sources(
            derived.plays, playlists=self._playlist_names(), genres=self._genres()
        )
        derived = Polled(plays, derived.polls, derived.refused)
        # polls last: it says which responses the other two have taken in.
        for table, rows, version in zip(
            tables, (derived.plays, derived.refused, derived.polls), versions, strict=True
        ):
            self.lake.write(self.path(table), table, rows, over=version)
        return derived

    def _genres(self) -> dict[str, list[str]]:
        lists = [
            top_artists(pages, time_range)[0]
            for time_range in TIME_RANGES
            if (pages := complete_list(self._raw, f"top_artists_{time_range}", self.date))
        ]
        return genres_by_artist(lists)

    def _playlist_names(self) -> dict[str, str]:
        oldest = as_date(self.date) - timedelta(days=PLAYLISTS_KEPT_FOR_DAYS)
        dates = self._raw.dates("playlists", since=oldest.isoformat())
        for date in reversed([date for date in dates if date <= self.date]):
            if pages := complete_list(self._raw, "playlists", date):
                return playlist_names(pages)
        return {}


def complete_list(raw: Raw, endpoint: str, date: str) -> list[Response]:
    """The pages of the last complete list of a date; none where there is no such list."""
    return last_complete_list(one.response for one in raw.read(endpoint, date))


def _polled(recent: Found | None, refused: Found | None, polls: Found | None) -> Polled:
    empty = Polled.nothing()
    if recent is None or refused is None or polls is None:
        return empty
    return Polled(recent.rows, polls.rows, refused.rows)
