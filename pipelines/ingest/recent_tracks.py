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
from pipelines.listening.schema.table import Table
from pipelines.listening.schema.tables import POLLS, RECENT_TRACKS, REFUSED, TIME_RANGES
from pipelines.resources.lake.lakes import ListenerLake
from pipelines.resources.lake.manifest import Manifest
from pipelines.resources.lake.raw import RawResponses
from pipelines.resources.lake.tables import StoredTable, as_stored, retry_on_conflict

ENDPOINT = "recently_played"

MAX_PLAYLISTS_AGE_DAYS = 7
"""How old playlists may be whose names are used while a date lacks its own. Reasoned."""

LOOK_BACK_DAYS = 60
"""How far back dates that a killed run did not derive are searched. Reasoned: a long holiday."""

TABLES = (RECENT_TRACKS, POLLS, REFUSED)

VERSION = str(polled.VERSION)

NAMES = "names of playlists, genres of artists"
"""The input of `recent_tracks` that stands in other responses."""


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

    def manifest(self) -> Manifest:
        """Of what the date's files were made."""
        manifest = Manifest(self.lake, f"snapshots/date={self.date}/")
        if self._path(POLLS) not in manifest.entries:
            self._adopt(manifest)
        return manifest

    def _adopt(self, manifest: Manifest) -> None:
        """Enter what earlier versions wrote into the footer of `polls`, and nothing into others."""
        polls = self.lake.find_if_valid(POLLS, date=self.date)
        if polls and "version" in polls.notes:
            inputs = self._inputs(len(polls.rows), polls.notes.get("names", ""))
            for table in TABLES:
                manifest.record((inputs, polls.notes["version"]), path=self._path(table))

    def _path(self, table: Table) -> str:
        return table.path.format(date=self.date)

    def _inputs(self, responses: int, names: str) -> dict[str, str]:
        # A response is stored once and never changed: their number is their version.
        return {f"raw/{ENDPOINT}/date={self.date}/": f"{responses} responses", NAMES: names}

    def is_up_to_date(self) -> bool:
        """Whether it includes every response of the date, and the names from other responses."""
        manifest = self.manifest()
        return self._stored(manifest) is not None and self._is_complete(manifest)

    def _is_complete(
        self, manifest: Manifest, table: Table = RECENT_TRACKS, *, with_names: bool = True
    ) -> bool:
        entry = manifest.entry(self._path(table))
        names = self._names_digest() if with_names else entry["inputs"][NAMES]
        return manifest.is_current(
            (self._inputs(self._count(), names), VERSION), path=self._path(table)
        )

    def _count(self) -> int:
        return len(self._raw.names(ENDPOINT, self.date))

    def plays(self, *, with_names: bool = True) -> StoredTable:
        """`recent_tracks`; where it is out of date, derived from all responses but not written.

        Args:
            with_names: whether it is out of date, too, where other responses have other names.

        Raises:
            NothingCollected: where the date has no response.
        """
        manifest = self.manifest()
        stored = self._current(manifest, RECENT_TRACKS)
        if stored and self._is_complete(manifest, with_names=with_names):
            return stored
        return as_stored(RECENT_TRACKS, self._derived().plays)

    def polls(self) -> pa.Table:
        """The `polls` rows of all of the date's responses, like `plays`."""
        manifest = self.manifest()
        stored = self._current(manifest, POLLS)
        if stored and self._is_complete(manifest, POLLS, with_names=False):
            return stored.rows
        return self._derived().polls

    def _derived(self) -> PolledRows:
        return self._named(self._merged(PolledRows.empty(), self._names()))

    @retry_on_conflict
    def update(self, *, full_refresh: bool) -> PolledRows:
        """Derive the date's tables from its responses and write them.

        Args:
            full_refresh: derive them from all responses; otherwise add those that are missing,
                which gives the same tables. Where these show no play that is new, nobody looks
                for names.

        Raises:
            NothingCollected: where the date has no response.
        """
        # The stored rows are read before raw/ is listed: if another run adds responses in between,
        # one of the two writes has a conflict and starts over.
        manifest = self.manifest()
        stored = None if full_refresh else self._stored(manifest)
        if stored is None:
            if self.lake.forget():
                manifest = self.manifest()
            over = {table: self.lake.etag(table, date=self.date) for table in TABLES}
            before = PolledRows.empty()
        else:
            over = {table: one.etag for table, one in stored.items()}
            before = PolledRows(*(one.rows for one in stored.values()))
        derived = self._merged(before, self._names())
        if stored is None or not derived.plays.equals(before.plays):
            derived, names = self._named(derived), self._names_digest()
        else:
            names = manifest.entry(self._path(RECENT_TRACKS))["inputs"][NAMES]
        inputs = self._inputs(len(derived.polls), names), VERSION
        for table, rows in zip(
            TABLES, (derived.plays, derived.polls, derived.refused), strict=True
        ):
            written = self.lake.write(table, rows, over=over[table], date=self.date)
            manifest.record(inputs, written, path=self._path(table))
        manifest.save()
        return derived

    def _names(self) -> list[str]:
        names = self._raw.names(ENDPOINT, self.date)
        if not names:
            raise NothingCollected("recently played tracks", self.date)
        return names

    def _merged(self, before: PolledRows, names: Iterable[str]) -> PolledRows:
        read = set(before.polls["response"].to_pylist())
        return polled.merge_polled([before, *self._parsed(set(names) - read)])

    def _named(self, rows: PolledRows) -> PolledRows:
        plays = polled.add_names(
            rows.plays, playlists=self._playlist_names(), genres=self._genres()
        )
        return PolledRows(plays, rows.polls, rows.refused)

    def _stored(self, manifest: Manifest) -> dict[Table, StoredTable] | None:
        found = {table: self._current(manifest, table) for table in TABLES}
        stored = {table: one for table, one in found.items() if one}
        return stored if len(stored) == len(TABLES) else None

    def _current(self, manifest: Manifest, table: Table) -> StoredTable | None:
        """A stored table, if this version made it and its manifest speaks of it."""
        entry = manifest.entry(self._path(table))
        if entry.get("code") != VERSION:
            return None
        stored = self.lake.find_if_valid(table, date=self.date)
        return stored if stored and entry["etag"] in {None, stored.etag} else None

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
