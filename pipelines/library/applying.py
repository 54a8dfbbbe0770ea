"""Applying a plan: logins and sources are checked, the parts are written, and read back.

Nothing but the command of a person calls this; no schedule does. Add a step here; how a part is
written is `writing.py`.
"""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pipelines.ingest.collector import Collection, Collector
from pipelines.library.journal import Journal
from pipelines.library.kept import Readings
from pipelines.library.reading import refresh
from pipelines.library.sources import check_sources, entries_in
from pipelines.library.writing import Progress, Writer, no_progress
from pipelines.listening.api.objects import Playlist, decode
from pipelines.listening.api.responses import LARGEST_PAGE
from pipelines.listening.playlists.plan import Plan, uris_to_write
from pipelines.listening.playlists.written import ReadBack, Written, differences
from pipelines.resources.lake.lakes import ListenerLake
from pipelines.resources.spotify.client import Spotify

SNAPSHOT_SHOWS = timedelta(seconds=35)
"""After a write Spotify tells the old snapshot id for half a minute; a reading during which it
changes would have to be done twice."""


@dataclass
class Applying:
    """Applies one plan.

    Attributes:
        lake: the listener's.
        spotify: creates clients, with the login that reads and the one that writes.
        plan: the plan.
    """

    lake: ListenerLake
    spotify: Spotify
    plan: Plan

    def __post_init__(self) -> None:
        self.journal = Journal(self.lake, self.plan)

    @property
    def written(self) -> Written:
        """How far it is."""
        return self.journal.written

    def check_logins(self) -> None:
        """Pass where both logins are there; no request is sent.

        Raises:
            LoginError: where one is missing or has expired; says the command.
        """
        for purpose in ("read", "write"):
            self.spotify.client(self.lake.listener, purpose).login.current()

    def check(self, progress: Progress = no_progress) -> None:
        """Pass where the login is that of the account, and the sources are as they were.

        A plan that was begun is finished as it was confirmed, whatever became of its sources.

        Raises:
            WrongAccount: where the login that writes is another account's.
            RefusedPlan: where a source has changed since.
            PlayledgerError: where that cannot be found out now.
        """
        self.check_logins()
        today = f"{datetime.now(UTC):%Y-%m-%d}"
        collection = Collection(today, is_open=True, is_backfill=False)
        Collector(self.lake, self.spotify, collection, "write").verify_account()
        if not self.written.begun:
            check_sources(
                self.lake, self.spotify, self.plan, lambda told: progress(told.pages, told.of)
            )

    def write(self, progress: Progress = no_progress) -> None:
        """Write everything that is not written yet; see `Writer.write`."""
        self._writer(progress).write()

    def read_back(self, progress: Progress = no_progress) -> None:
        """Read what was written, as far as it was not seen to be as planned, and compare.

        Raises:
            TargetDiffers: where a playlist lacks what was written last.
            PlayledgerError: where that cannot be found out now.
        """
        for number, part in enumerate(self.written.parts):
            if not part.done:
                self._read_back(number, progress)

    def apply(self) -> Written:
        """Do everything that is not done yet; returns what is done now."""
        if not self.written.done:
            self.check()
            self.write()
            self.read_back()
        return self.written

    def _writer(self, progress: Progress = no_progress) -> Writer:
        client = self.spotify.client(self.lake.listener, "write")
        return Writer(self.lake, client, self.journal, progress)

    def _read_back(self, number: int, progress: Progress) -> None:
        """Read all of a playlist, which keeps its state too, and compare it with the plan."""
        part = self.written.parts[number]
        if part.read_back is None:
            self._writer().settle(number)
            self._wait_for_snapshot(number, len(part.in_the_end))
        kept = Readings(self.lake).last_complete(part.playlist_id or "")
        reading = refresh(
            self.lake,
            self.spotify,
            part.playlist_id or "",
            # Its snapshot id may still be that of a reading before the last write.
            force=not (kept and part.applied_at and kept.started_at > part.applied_at),
            progress=lambda told: progress(told.pages, told.of),
        )
        entries = entries_in(self.lake, reading)
        found = [uri or "" for uri in uris_to_write(entries).to_pylist()]
        told, _ = decode(Readings(self.lake).one(reading, "begin").body, Playlist)
        self.journal.add(
            ReadBack(
                number,
                len(found),
                differences(found, part.in_the_end),
                told.public,
                datetime.now(UTC),
            )
        )

    def _wait_for_snapshot(self, number: int, items: int) -> None:
        """Wait until the snapshot id is the new one, where it would change during the reading."""
        since = self.written.parts[number].applied_at
        interval_s = self.spotify.client(self.lake.listener).throttle.interval_s
        takes = timedelta(seconds=interval_s * (items / LARGEST_PAGE + 2))
        left = since + SNAPSHOT_SHOWS - datetime.now(UTC) if since else timedelta()
        if timedelta() < left < takes:
            time.sleep(left.total_seconds())
