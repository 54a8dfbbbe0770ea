"""Applying a plan: logins and sources are checked, the parts are written, and read back.

Nothing but what a person does calls this, who types the plan's id; no schedule does. Add a step
here; how a part is written is `writing.py`.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pipelines.errors import ApplyFailed, PlayledgerError, RefusedPlan, Subject
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


UNLISTED = (
    "New playlists are unlisted: neither on the profile nor in the search. Spotify may show them "
    "as public all the same, and whoever has the address can see them."
)

GOES_ON = {Subject.SPOTIFY, Subject.LOCKOUT, Subject.LAKE, Subject.LOGIN, Subject.CLOCK}
"""What errors are about after which the same command goes on where it stopped."""

Step = Callable[[str], AbstractContextManager[Progress]]
"""Opens a step, by what is counted in it, and gives whom to tell how far it is."""


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

    def apply_confirmed(self, typed: str, step: "Step") -> None:
        """Do everything that is not done yet, if a person has typed in the plan's id.

        Args:
            typed: what they typed.
            step: opens each step, by what is counted in it.

        Raises:
            RefusedPlan: where it is not the id; nothing was sent.
            ApplyFailed: where it stops in between, or Spotify shows something else than was
                written; says how to go on.
            PlayledgerError: where it cannot begin.
        """
        if typed.strip() != self.plan.id:
            raise RefusedPlan(f"{typed.strip()!r} is not the id of this plan: nothing was sent")
        with self._going_on():
            with step("Looking at the sources: pages") as progress:
                self.check(progress)
            with step(f"Writing plan {self.plan.id}: songs") as progress:
                self.write(progress)
            with step("Reading it back: pages") as progress:
                self.read_back(progress)

    def check_done(self) -> None:
        """Pass where what Spotify showed in the end is what the plan says.

        Raises:
            ApplyFailed: where it is not.
        """
        if not self.written.done:
            raise ApplyFailed(
                "what Spotify shows is not what the plan says, see above; nothing is changed there "
                f"any more: run `{self._command}` again to look again"
            )

    @property
    def _command(self) -> str:
        return f"playledger playlists apply {self.plan.listener} {self.plan.id}"

    @contextmanager
    def _going_on(self) -> Iterator[None]:
        """Say, of what may pass, how far it is and how it goes on."""
        try:
            yield
        except PlayledgerError as problem:
            if problem.subject not in GOES_ON or not self.written.begun:
                raise
            total = sum(len(part.uris) for part in self.plan.parts)
            raise ApplyFailed(
                f"{problem}; {self.written.items_written:,} of {total:,} songs are written, and "
                f"`{self._command}` goes on from there, here or on another machine"
            ) from None

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
