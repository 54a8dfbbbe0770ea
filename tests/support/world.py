"""A listener's lake with a life in it: polls put into raw/, and runs as the jobs make them.

`Watched` counts what a store is asked for and can crash at a write. Expectations belong in tests.
"""

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from pipelines.assets import contexts, insights
from pipelines.assets.catalogue import update_tracks
from pipelines.assets.ledger import update_gaps, update_plays, update_polled
from pipelines.ingest.archive import open_files
from pipelines.ingest.privacy_export import import_export
from pipelines.ingest.recent_tracks import ENDPOINT, RecentTracks, update_interrupted_dates
from pipelines.listening.api.responses import Response
from pipelines.listening.schema.tables import PLAYS
from pipelines.listening.time.local_time import Zone
from pipelines.resources.lake.folder import Folder
from pipelines.resources.lake.lakes import Lake
from pipelines.resources.lake.object_store import Entry, Stored
from pipelines.resources.lake.raw import RawResponses
from pipelines.settings import Listener
from tests.support.export_files import in_lake
from tests.support.spotify_answers import Heard, poll, shown_at

NAME = "nico"
HOME = f"users/{NAME}/"
DERIVED = ("snapshots/", "polled/", "plays/", "labelled_plays/", "aggregated/")


class Crash(BaseException):
    """The process dies here."""


@dataclass
class Watched:
    """A folder that keeps count, and dies at a write if it is told to."""

    root: Path
    reads: Counter[str] = field(default_factory=Counter)
    writes: Counter[str] = field(default_factory=Counter)
    crash_after: int | None = None

    def __post_init__(self) -> None:
        self._folder = Folder(self.root)

    def _about_to_write(self, key: str) -> None:
        if self.crash_after is not None:
            if self.crash_after == 0:
                self.crash_after = None
                raise Crash(key)
            self.crash_after -= 1
        self.writes[key] += 1

    def url(self, key: str) -> str:
        return self._folder.url(key)

    def check(self) -> None:
        self._folder.check()

    def get(self, key: str) -> Stored | None:
        self.reads[key] += 1
        return self._folder.get(key)

    def put(self, key: str, body: bytes) -> str:
        self._about_to_write(key)
        return self._folder.put(key, body)

    def put_if_absent(self, key: str, body: bytes) -> str:
        self._about_to_write(key)
        return self._folder.put_if_absent(key, body)

    def put_if_match(self, key: str, body: bytes, etag: str | None) -> str:
        self._about_to_write(key)
        return self._folder.put_if_match(key, body, etag)

    def list(self, prefix: str, *, start_after: str = "") -> Iterator[Entry]:
        return self._folder.list(prefix, start_after=start_after)

    def folders(self, prefix: str, *, start_after: str = "") -> Iterator[str]:
        return self._folder.folders(prefix, start_after=start_after)

    def delete(self, prefix: str) -> int:
        self._about_to_write(prefix)
        return self._folder.delete(prefix)


class World:
    """A lake of one listener and what was put into it."""

    def __init__(self, root: Path, *zones: Zone, store: Watched | None = None) -> None:
        self.root = root
        self.store = store or Watched(root)
        self.lake = Lake(self.store)
        self.own = self.lake.of(NAME)
        self.listener = Listener(NAME, zones or (Zone("Europe/Berlin"),))
        self.shown: set[Heard] = set()

    @property
    def raw(self) -> RawResponses:
        return RawResponses(self.own)

    def keep(self, life: Sequence[Heard], at: datetime) -> str:
        """Poll at a moment; returns the date under which the answer is kept."""
        seen = shown_at(life, at)
        self.shown |= set(seen)
        return self.keep_answer(poll(seen, at))

    def keep_answer(self, answer: Response) -> str:
        """Keep what a poll was answered; returns the date under which it is kept."""
        day = f"{answer.fetched_at.astimezone(UTC):%Y-%m-%d}"
        self.raw.keep(day, answer)
        return day

    def import_export(self, files: Mapping[str, bytes], at: datetime) -> dict[str, Any]:
        """Store a privacy export; returns what became of its rows."""
        with open_files(in_lake(files)) as export:
            return import_export(self.own, export, now=at, zones=self.listener.zones)

    def run_import(self, files: Mapping[str, bytes], at: datetime) -> dict[str, Any]:
        """What an import's run does."""
        outcome = self.import_export(files, at)
        update_plays(self.own, self.listener)
        update_gaps(self.own, date=None, full_refresh=False)
        return outcome

    def poll(self, day: str) -> dict[str, int]:
        """What a poll's run does, which asks the lake for nothing twice."""
        own = Lake(self.store).remembered(NAME)
        RecentTracks(own, day).update(full_refresh=False)
        update_polled(own, self.listener, date=day, full_refresh=False, quick=True)
        outcome = update_plays(own, self.listener, quick=True)
        update_gaps(own, date=day, full_refresh=False, quick=True)
        return outcome

    def run(self, day: str | None, *, daily: bool = False) -> dict[str, int]:
        """What the daily run (or another's for a date, or without one a rebuild of all) does."""
        if day is not None:
            RecentTracks(self.own, day).update(full_refresh=daily)
            if daily:
                update_interrupted_dates(self.own, day)
        update_polled(self.own, self.listener, date=day, full_refresh=day is None)
        outcome = update_plays(self.own, self.listener)
        update_gaps(self.own, date=None, full_refresh=day is None)
        if day is None:
            # Last, so that the ledger is seen to need none of them.
            for each in self.raw.dates(ENDPOINT):
                RecentTracks(self.own, each).update(full_refresh=True)
        return outcome

    def follow(self) -> dict[str, int]:
        """What the daily and an import's run do with plays afterwards."""
        self.find_tracks()
        outcome = self.label()
        self.sum_up()
        return outcome

    def find_tracks(self) -> None:
        """What the asset `unique_tracks` does."""
        update_tracks(self.own)

    def label(self) -> dict[str, int]:
        """What the asset `labelled_plays` does."""
        return contexts.update_labelled_plays(self.own, self.listener)

    def sum_up(self) -> None:
        """What the assets do that sum up labelled plays."""
        summed = contexts.Summaries(self.own)
        for name, table in contexts.TABLES.items():
            rows, _ = getattr(summed, name)()
            self.own.replace(table, rows)
        list(insights.update_insights(self.own, self.listener, ["contexts_by_month"]))

    def months(self) -> dict[str, pa.Table]:
        return {
            f"year={month.parts['year']}/month={month.parts['month']}": self.own.read(
                PLAYS, **month.parts
            )
            for month in sorted(self.own.month_versions(PLAYS))
        }

    def plays(self) -> list[dict[str, object]]:
        return [row for rows in self.months().values() for row in rows.to_pylist()]

    def rows(self) -> list[tuple[datetime, str]]:
        return sorted((row["played_at"], row["track_id"]) for row in self.plays())  # type: ignore[misc]

    def truth(self) -> list[tuple[datetime, str]]:
        return sorted(heard.row for heard in self.shown)

    def files(self, *folders: str) -> dict[str, bytes]:
        """Every derived file and its bytes."""
        return {
            entry.key: stored.body
            for folder in folders or DERIVED
            for entry in self.store.list(f"{HOME}{folder}")
            if (stored := self.store.get(entry.key))
        }

    def forget_derived(self) -> None:
        for folder in DERIVED:
            self.store.delete(f"{HOME}{folder}")


def local_date(moment: datetime, zones: Sequence[Zone]) -> date:
    """A date on the listener's calendar, counted by Python's own zone database."""
    chosen = zones[0]
    for zone in zones[1:]:
        since = zone.since
        if since and moment.astimezone(ZoneInfo(zone.name)).date() >= since:
            chosen = zone
    return moment.astimezone(ZoneInfo(chosen.name)).date()


def life(
    start: datetime, days: float, *, chance: random.Random, a_day: int = 12, tracks: int = 9
) -> list[Heard]:
    """Plays over some days, with loops of 31 seconds and songs heard twice in a row."""
    heard: list[Heard] = []
    now, end = start, start + timedelta(days=days)
    while now < end:
        track = f"t{chance.randrange(tracks)}"
        for _ in range(chance.choice((1, 1, 2, 6))):
            now += timedelta(milliseconds=chance.choice((31_000, 180_123, 240_999)))
            heard.append(Heard(now, track))
        now += timedelta(days=1) * chance.random() * 4 / a_day
    return heard
