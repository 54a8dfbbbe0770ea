"""One run that reads playlists: which ones, in which order, and what became of each.

Add here what concerns several playlists, or a run as a whole. How one is read is `reading.py`,
which are wanted `wanted.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from pipelines.errors import (
    BudgetSpent,
    PlayledgerError,
    RefusedRequest,
    SpotifyError,
    Subject,
)
from pipelines.library.derive import Derived, is_own, listed, own_ids, update_entries
from pipelines.library.kept import PLAYABLE, Readings
from pipelines.library.reading import (
    Known,
    Look,
    Outcome,
    OutOfRequests,
    ProgressCallback,
    Reader,
    State,
    look_at,
    no_progress,
)
from pipelines.library.wanted import WEEK, Named, Wanted, find_wanted
from pipelines.resources.lake.lakes import ListenerLake
from pipelines.resources.spotify.client import Spotify
from pipelines.settings import PlaylistsToRead

ENDS_THE_RUN = {
    *(Subject.LOCKOUT, Subject.LOGIN, Subject.LAKE, Subject.SETTINGS),
    Subject.CLOCK,
}
"""Subjects of errors that the next playlist would have too."""


@dataclass
class ReadResult:
    """What one run read.

    Attributes:
        outcomes: of each playlist that was wanted and found.
        unknown: what was asked for and fits no playlist, or several, in words.
        requests: how many requests were sent.
        waited_s: seconds that the rate limit took.
        stopped: why the run ended before its end; nothing that was stored is lost.
        out_of_requests: whether it stopped at its own limit.
        derived: the tables as they are now.
    """

    outcomes: list[Outcome] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    requests: int = 0
    waited_s: float = 0.0
    stopped: PlayledgerError | None = None
    out_of_requests: bool = False
    derived: Derived = field(default_factory=Derived)

    def count(self, *states: State) -> int:
        """How many playlists ended in one of these states."""
        return sum(one.state in states for one in self.outcomes)

    @property
    def pages(self) -> int:
        """How many pages were stored."""
        return sum(one.pages for one in self.outcomes)

    @property
    def items(self) -> int:
        """How many items are in them."""
        return sum(one.items for one in self.outcomes)

    @property
    def problems(self) -> list[str]:
        """What went wrong with single playlists, in words."""
        failed = [f"{one.name}: {one.problem}" for one in self.outcomes if one.state == "failed"]
        return [*self.unknown, *failed]


def read_playlists(
    lake: ListenerLake,
    spotify: Spotify,
    wanted: PlaylistsToRead,
    *,
    names: Sequence[str] = (),
    force: bool = False,
    playable: bool = False,
    scheduled: bool = False,
    progress: ProgressCallback = no_progress,
) -> ReadResult:
    """Read the playlists that are wanted, as far as they have changed, and update the tables.

    Args:
        lake: the listener's.
        spotify: creates the client that sends requests.
        wanted: the listener's settings.
        names: names, ids, uris or addresses, in place of those in the settings.
        force: read them even if they have not changed.
        playable: read them a second time, with a market: that says what can be played.
        scheduled: read nothing that was read within a week, and no more than
            `wanted.requests_per_run`; what is left goes on with the next run.
        progress: is told after every page.
    """
    result = ReadResult(derived=update_entries(lake))
    reader = Reader(lake, spotify, wanted.requests_per_run if scheduled else None, progress)
    run = _Run(lake, reader, result, force=force, playable=playable, scheduled=scheduled)
    try:
        run.read(wanted, names)
    except PlayledgerError as problem:
        result.stopped = problem
    result.requests, result.waited_s = reader.requests, reader.waited_s
    result.derived = update_entries(lake)
    return result


@dataclass
class _Run:
    lake: ListenerLake
    reader: Reader
    result: ReadResult
    force: bool
    playable: bool
    scheduled: bool

    def read(self, settings: PlaylistsToRead, names: Sequence[str]) -> None:
        self.reader.list_anew()
        library = listed(self.lake)
        shown = library.playlists if library else {}
        own = own_ids(self.lake)
        some, self.result.unknown = find_wanted(
            names or settings.read,
            [Named(key, one.name, is_own(one, own)) for key, one in shown.items()],
            liked=settings.liked and not names,
        )
        looks = {
            key: look
            for key, answer in (library.answers if library else {}).items()
            if (look := look_at(answer))
        }
        kept = Readings(self.lake).by_playlist()
        known = {
            one.playlist_id: Known.of(
                one.playlist_id, kept.get(one.playlist_id, []), self.result.derived
            )
            for one in some
        }
        self.reader.plan(
            {
                one.playlist_id: looks[one.playlist_id].total or 0
                for one in some
                if one.playlist_id in looks
                and not self._need_not(known[one.playlist_id], looks[one.playlist_id])
            }
        )
        for one in sorted(some, key=lambda one: _turn(known[one.playlist_id])):
            outcome = Outcome(one.playlist_id, one.name, "goes_on")
            self.result.outcomes.append(outcome)
            if not (self.result.out_of_requests or self.reader.has_failed_too_often):
                self._read_one(one, known[one.playlist_id], looks.get(one.playlist_id), outcome)

    def _read_one(self, one: Wanted, known: Known, look: Look | None, outcome: Outcome) -> None:
        if state := self._need_not(known, look):
            outcome.state = state
            return
        try:
            self.reader.read(one, known, outcome, look=look, force=self.force)
            if self.playable:
                again = Readings(self.lake, PLAYABLE).by_playlist(one.playlist_id)
                played = Known(again.get(one.playlist_id, []), None, is_settled=False)
                state = outcome.state
                try:
                    self.reader.read(one, played, outcome, force=True, endpoint=PLAYABLE)
                except RefusedRequest as refusal:  # its items are read all the same
                    raise SpotifyError(f"what can be played is not known: {refusal}") from None
                outcome.state = state
        except OutOfRequests:
            outcome.state = "goes_on"
            self.result.out_of_requests = True
        except RefusedRequest as refusal:
            outcome.state = "not_readable"
            outcome.problem = self.reader.keep_refusal(one, known, refusal)
        except BudgetSpent:
            if not self.scheduled:
                raise
            self.result.out_of_requests = True
        except PlayledgerError as problem:
            if problem.subject in ENDS_THE_RUN:
                raise
            outcome.state, outcome.problem = "failed", str(problem)

    def _need_not(self, known: Known, look: Look | None) -> State | None:
        """What to say of a playlist without a request; None where one is to be sent."""
        last = known.readings[-1] if known.readings else None
        if not self.scheduled or (last and last.can_go_on):
            return None
        now = datetime.now(UTC)
        if last and last.refused and now - last.started_at < WEEK:
            return "not_readable"
        if known.used is None:
            return None
        if look and known.is_as_read(look.version):
            return "unchanged"
        since = known.used.started_at if look else known.used.seen_at
        return "later" if now - since < WEEK else None


def _turn(known: Known) -> tuple[int, str]:
    """What is read first: what was begun, then what was never read, then what is oldest."""
    last = known.readings[-1] if known.readings else None
    if last and last.can_go_on:
        return 0, ""
    return (2, known.used.started_at.isoformat()) if known.used else (1, "")
