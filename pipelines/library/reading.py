"""Reading one playlist from Spotify, page by page: from where on, and when it is done.

A page is stored as soon as it came, so a run that is killed, or stopped by a lockout, is gone on
with where it ended, as long as the playlist is the same. What is in a playlist counts once a look
after its last page shows that it has not changed meanwhile. Add here what is asked for of one.
Which ones a run reads is `fetching.py`.
How it is sent is `resources/spotify/`, how it is kept `kept.py`, what is made of it `derive.py`.
"""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Literal

import msgspec
import spotipy

from pipelines.errors import (
    CorruptFile,
    RefusedRequest,
    SpotifyDown,
    SpotifyError,
    UnreadableAnswer,
    UnreadableResponse,
)
from pipelines.ingest.collector import (
    PLAYLIST_SNAPSHOTS,
    Collection,
    Collector,
    playlists_request,
)
from pipelines.library.derive import (
    Derived,
    refusal_in_words,
    update_entries,
)
from pipelines.library.kept import ITEMS, PLAYABLE, Reading, Readings, version_of
from pipelines.library.wanted import Wanted
from pipelines.listening.api.objects import LIKED_SONGS_NAME, Playlist, PlaylistItem, decode
from pipelines.listening.api.responses import LARGEST_PAGE, Page, Response, odd_fields, page_of
from pipelines.listening.playlists.items import following, is_short, total_of
from pipelines.listening.schema.playlist_tables import LIKED
from pipelines.resources.lake.lakes import ListenerLake
from pipelines.resources.lake.raw import RawResponses
from pipelines.resources.spotify.client import MAX_FAILURES_IN_A_ROW, Spotify

LOOK_FIELDS = "id,uri,name,snapshot_id,owner(id),collaborative,public,items(total),tracks(total)"
"""What a look at a playlist asks for: without this, it would have the first items too."""

SETTLED_AFTER = timedelta(seconds=60)
"""After a write Spotify goes on telling the old snapshot id for half a minute."""

FRESH_S = 60
"""For so long the list of playlists will do as the look with which a reading begins."""

A_MOMENT_S = 0.2
"""How long others have to be first, before each request."""

ATTEMPTS = 3
"""How often a playlist is read in one run, if it changes meanwhile."""

MOST_ITEMS = 200_000
"""A list that goes on after so many items never ends; of liked songs there may be very many."""

log = logging.getLogger("playledger")

State = Literal["read", "unchanged", "not_readable", "goes_on", "later", "failed"]


@dataclass(frozen=True)
class Progress:
    """How far a run is.

    Attributes:
        playlist: what is being read, by name.
        pages: how many pages it has by now.
        of: how many there are, as far as that is known.
        requests: how many requests the run has sent.
        done: how many pages the run is through with, over all playlists.
        total: of how many.
        seconds_left: at the present pace; None where nothing was read yet.
    """

    playlist: str
    pages: int
    of: int
    requests: int
    done: int
    total: int
    seconds_left: float | None


ProgressCallback = Callable[[Progress], None]


def no_progress(_: Progress) -> None:
    """Tell nobody."""


@dataclass
class Outcome:
    """What became of one playlist.

    Attributes:
        playlist_id: Spotify's, or `LIKED`.
        name: as Spotify tells it, or as it was asked for.
        state: `read` now; `unchanged` since it was read; `not_readable`; `goes_on` with the next
            run; `later`, since it was read within a week; or `failed`.
        pages: how many were stored now.
        items: how many came in these.
        problem: why it is not readable, or failed.
    """

    playlist_id: str
    name: str
    state: State
    pages: int = 0
    items: int = 0
    problem: str | None = None


class OutOfRequests(Exception):
    """The run may send no more; what was stored stays."""


class _Changed(Exception):
    """The playlist has changed while it was read."""

    def __init__(self, look: "Look") -> None:
        super().__init__("the playlist has changed while it was read")
        self.look = look


@dataclass(frozen=True)
class Look:
    """What a playlist was like at a moment.

    Attributes:
        response: as it was received.
        version: `version_of` what tells it from how it is at another time.
        total: how many items it has, as Spotify says.
        name: as Spotify tells it.
    """

    response: Response
    version: str
    total: int | None
    name: str | None


@dataclass
class Reader:
    """Reads playlists of one listener.

    Attributes:
        lake: the listener's.
        spotify: creates the client that sends requests.
        most_requests: after so many it stops; None for no limit.
        progress: is told after every page.
    """

    lake: ListenerLake
    spotify: Spotify
    most_requests: int | None = None
    progress: ProgressCallback = no_progress

    def __post_init__(self) -> None:
        today = f"{datetime.now(UTC):%Y-%m-%d}"
        self._collector = Collector(
            self.lake, self.spotify, Collection(today, is_open=True, is_backfill=False)
        )
        self._client = self.spotify.client(self.lake.listener)
        self._is_verified = False
        self._own_requests = 0
        self._began = time.monotonic()
        self._read_now = 0
        self._planned: dict[str, int] = {}
        self._passed: dict[str, int] = {}

    @property
    def requests(self) -> int:
        """How many requests were sent."""
        return self._own_requests + self._collector.requested

    @property
    def waited_s(self) -> float:
        """Seconds that the rate limit took."""
        return round(self._client.throttle.total_wait_s + self._collector.waited_s, 3)

    @property
    def has_failed_too_often(self) -> bool:
        """Whether nothing more is sent, since Spotify failed several times in a row."""
        return self._client.streak.length >= MAX_FAILURES_IN_A_ROW

    def list_anew(self) -> None:
        """Ask for the listener's list of playlists, to its end."""
        self._collector.lists({PLAYLIST_SNAPSHOTS: playlists_request}, force=True)

    def plan(self, totals: Mapping[str, int]) -> None:
        """Say how many items are to be read, so that progress can be told.

        Args:
            totals: by the playlist's id.
        """
        self._planned = {key: max(1, -(-total // LARGEST_PAGE)) for key, total in totals.items()}

    def read(
        self,
        wanted: Wanted,
        known: "Known",
        outcome: Outcome,
        *,
        look: Look | None = None,
        force: bool = False,
        endpoint: str = ITEMS,
    ) -> None:
        """Read a playlist to its end, unless it is as it was read last.

        Args:
            wanted: which.
            known: what is kept of it.
            outcome: is filled.
            look: what it is like now; None to ask.
            force: read it even if it is as it was read last.
            endpoint: `PLAYABLE` for a reading with a market.
        """
        kept = Readings(self.lake, endpoint)
        current = look or self._look(wanted)
        outcome.name = current.name or outcome.name
        last = known.readings[-1] if known.readings else None
        is_begun = last is not None and last.can_go_on and last.version == current.version
        if not is_begun and not force and known.is_as_read(current.version):
            if look is None and known.used:
                kept.keep_seen(known.used, current.response)
            outcome.state = "unchanged"
            return
        if look and not is_begun and _age_s(current) > FRESH_S:
            current = self._look(wanted)
        begun = last if is_begun else None
        for _ in range(ATTEMPTS):
            try:
                self._read_once(wanted, current, begun, kept, outcome)
            except _Changed as changed:
                current, begun = changed.look, None
                log.info("%s changed while it was read: it is read anew", wanted.name)
            except CorruptFile as damaged:
                log.warning("read anew: %s", damaged)
                current, begun = self._look(wanted), None
            else:
                outcome.state = "read"
                return
        raise SpotifyDown(
            f"it changed while it was read, {ATTEMPTS} times in a row: the next run tries again"
        )

    def _read_once(
        self,
        wanted: Wanted,
        look: Look,
        begun: Reading | None,
        kept: Readings,
        outcome: Outcome,
    ) -> None:
        """Read a playlist, or the rest of what was begun.

        Raises:
            _Changed: where it is not the same at the end.
            CorruptFile: where a page of what was begun is damaged.
        """
        reading = begun or Reading(
            wanted.playlist_id, look.response.fetched_at, look.version, frozenset(), kept.endpoint
        )
        if begun is None:
            reading = kept.keep(reading, "begin", look.response)
        offset: int | None = 0
        totals: list[int | None] = []
        was_short = False
        if offsets := reading.offsets:
            pages = [kept.one(reading, f"{one:08}") for one in (offsets[0], offsets[-1])]
            totals, offset = [total_of(page) for page in pages], _after(reading, pages[-1])
        elif wanted.playlist_id == LIKED and kept.endpoint == ITEMS:  # the look is its first page
            reading, offset = self._keep(reading, look.response, kept, outcome)
            totals.append(look.total)
        while offset is not None:
            self._refuse_endless(offset, totals)
            response = self._page(wanted, offset, kept.endpoint)
            if not was_short and (was_short := _is_short(response)):
                # Items may be hidden from this app for good, or from this one answer.
                response = max(
                    response, self._page(wanted, offset, kept.endpoint), key=_number_of_items
                )
            reading, offset = self._keep(reading, response, kept, outcome)
            totals.append(total_of(response))
            self._tell(wanted, len(reading.offsets), totals[-1])
        after = self._look(wanted)
        # The snapshot id may lag behind; how many items there are does not.
        if after.version == look.version and totals[0] == totals[-1]:
            kept.keep(reading, "end", after.response)
            return
        kept.keep(reading, "changed", after.response)
        raise _Changed(after)

    def _refuse_endless(self, offset: int, totals: Sequence[int | None]) -> None:
        total = max((one for one in totals if one is not None), default=MOST_ITEMS)
        if offset > min(2 * total + 1_000, MOST_ITEMS):
            raise UnreadableAnswer(
                f"its pages go on after {offset:,} items, and Spotify says that there are "
                f"{total:,}: they are not asked for any further"
            )

    def _keep(
        self, reading: Reading, response: Response, kept: Readings, outcome: Outcome
    ) -> tuple[Reading, int | None]:
        """Store a page; the reading with it, and the offset of the next one."""
        offset = int(response.request.params.get("offset", 0))
        page = page_of(response)
        if page is None:
            raise self._kept_aside(response, f"the page at {offset:,} is no list of items")
        if page.is_repeat:
            raise self._kept_aside(
                response,
                f"asked for the page at {offset:,}, Spotify sent that at {page.actual_offset:,}",
            )
        try:
            next_offset = following(page)
        except UnreadableResponse as problem:
            raise self._kept_aside(response, str(problem)) from None
        if odd := odd_fields(response, PlaylistItem):
            log.warning("%s: %d fields are not readable: %s", reading.folder, len(odd), odd[0])
        reading = kept.keep(reading, f"{offset:08}", response)
        outcome.pages += 1
        outcome.items += len(page.items)
        return reading, next_offset

    def _kept_aside(self, response: Response, problem: str) -> UnreadableAnswer:
        path = RawResponses(self.lake).keep_aside(f"{response.fetched_at:%Y-%m-%d}", response)
        return UnreadableAnswer(
            f"{problem}; what it sent is in {path}, and the next run asks again"
        )

    def _page(self, wanted: Wanted, offset: int, endpoint: str) -> Response:
        market = "from_token" if endpoint == PLAYABLE else None
        if wanted.playlist_id == LIKED:
            return self._get(endpoint, partial(_liked_songs, offset=offset, market=market))
        request = partial(
            _playlist_items, playlist_id=wanted.playlist_id, offset=offset, market=market
        )
        return self._get(endpoint, request)

    def _look(self, wanted: Wanted) -> Look:
        """Ask what a playlist is like now: without a market, so that looks can be compared."""
        if wanted.playlist_id == LIKED:
            response = self._page(wanted, 0, ITEMS)
            if page_of(response) is None:
                raise self._kept_aside(response, "the page at 0 is no list of items")
            return _look_at_liked(response)
        response = self._get(ITEMS, partial(_playlist, playlist_id=wanted.playlist_id))
        look = look_at(response)
        if look is None:
            raise self._kept_aside(response, "it was asked for, and Spotify tells no snapshot id")
        return look

    def _get(self, endpoint: str, call: Callable[[spotipy.Spotify], object]) -> Response:
        if self.most_requests is not None and self.requests >= self.most_requests:
            raise OutOfRequests
        if not self._is_verified:
            self._collector.verify_account()
            self._is_verified = True
        # Outside the slot, and shorter than the interval: whoever waits for a slot, such as a poll,
        # gets one before this asks for the next.
        time.sleep(min(self._client.throttle.interval_s / 10, A_MOMENT_S))
        self._own_requests += 1
        return self._client.get(endpoint, call)

    def _tell(self, wanted: Wanted, pages: int, total: int | None) -> None:
        key = wanted.playlist_id
        self._read_now += 1
        self._passed[key] = pages
        if total is not None:
            self._planned[key] = max(pages, -(-total // LARGEST_PAGE))
        done = sum(self._passed.values())
        every = max(done, sum(self._planned.values()))
        pace = (time.monotonic() - self._began) / self._read_now
        of = self._planned.get(key, pages)
        self.progress(
            Progress(wanted.name, pages, of, self.requests, done, every, (every - done) * pace)
        )

    def keep_refusal(self, wanted: Wanted, known: "Known", refusal: RefusedRequest) -> str:
        """Store that Spotify does not give out a playlist; returns why, in words."""
        last = known.readings[-1] if known.readings else None
        answer: Response = refusal.answer
        reading = (
            last
            if last and last.can_go_on
            else Reading(wanted.playlist_id, answer.fetched_at, version_of(""), frozenset())
        )
        Readings(self.lake).keep(reading, "refused", answer)
        return refusal_in_words(answer, self.lake.listener)


def _playlist(spotify: spotipy.Spotify, *, playlist_id: str) -> object:
    return spotify.playlist(playlist_id, fields=LOOK_FIELDS)


def _playlist_items(
    spotify: spotipy.Spotify, *, playlist_id: str, offset: int, market: str | None
) -> object:
    return spotify.playlist_items(playlist_id, limit=LARGEST_PAGE, offset=offset, market=market)


def _liked_songs(spotify: spotipy.Spotify, *, offset: int, market: str | None) -> object:
    return spotify.current_user_saved_tracks(limit=LARGEST_PAGE, offset=offset, market=market)


def _is_short(response: Response) -> bool:
    page = page_of(response)
    try:
        return page is not None and is_short(page, total_of(response))
    except UnreadableResponse:
        return False


def _number_of_items(response: Response) -> int:
    page = page_of(response)
    return len(page.items) if page else 0


def _after(reading: Reading, last: Response) -> int | None:
    """The offset to go on at, after the last page that is kept."""
    try:
        return following(Page.of(last))
    except (msgspec.DecodeError, UnreadableResponse) as problem:
        raise CorruptFile(f"{reading.folder}: {problem}") from None


def look_at(response: Response) -> Look | None:
    """What a playlist is like, by an answer about it; None where it has no snapshot id."""
    try:
        told, _ = decode(response.body, Playlist)
    except msgspec.DecodeError:
        return None
    if not told.snapshot_id:
        return None
    return Look(response, version_of(told.snapshot_id), told.total, told.name)


def _look_at_liked(response: Response) -> Look:
    """What liked songs are like, which have no snapshot id: how many, and which are the first."""
    page = page_of(response)
    firsts: list[Any] = []
    for raw in page.items if page else []:
        try:
            item, _ = decode(raw, PlaylistItem)
        except msgspec.DecodeError:
            item = PlaylistItem()
        track = item.item or item.track
        firsts.append((item.added_at, track and (track.uri or track.id)))
    total = total_of(response)
    return Look(response, version_of(repr((total, firsts))), total, LIKED_SONGS_NAME)


def _age_s(look: Look) -> float:
    return (datetime.now(UTC) - look.response.fetched_at).total_seconds()


@dataclass(frozen=True)
class Known:
    """What is kept of a playlist.

    Attributes:
        readings: in order of time.
        used: the one that its tables are made of.
        is_settled: whether nothing was added to it shortly before that one began, or since, and
            it has as many items as Spotify told, or was read twice to the same end: only then
            does an unchanged snapshot id say that there is nothing to read.
    """

    readings: Sequence[Reading]
    used: Reading | None
    is_settled: bool

    @classmethod
    def of(cls, playlist_id: str, readings: Sequence[Reading], derived: Derived) -> "Known":
        """What is kept, given the tables that were made of it."""
        folder = derived.used.get(playlist_id)
        used = next((one for one in readings if one.folder == folder), None)
        newest = derived.newest.get(playlist_id)
        settled = used is not None and (newest is None or newest + SETTLED_AFTER <= used.started_at)
        alike = [one for one in readings if used and one.complete and one.version == used.version]
        is_equal = playlist_id not in derived.unequal or len(alike) > 1
        return cls(readings, used, settled and is_equal)

    def is_as_read(self, version: str) -> bool:
        """Whether the playlist is as its tables show it, for certain."""
        return self.used is not None and self.used.version == version and self.is_settled


def refresh(
    lake: ListenerLake,
    spotify: Spotify,
    playlist_id: str,
    *,
    force: bool = False,
    progress: ProgressCallback = no_progress,
) -> Reading:
    """Read one playlist if it has changed, and bring its tables up to date.

    Args:
        lake: the listener's.
        spotify: creates the client that sends requests.
        playlist_id: Spotify's, or `LIKED`.
        force: read it even if nothing says that it has changed.
        progress: is told after every page.

    Returns:
        Its last complete reading, which is now.

    Raises:
        RefusedRequest: where Spotify does not give it out.
        PlayledgerError: whatever else prevents it; what was read is kept.
    """
    derived = update_entries(lake)
    readings = Readings(lake).by_playlist(playlist_id).get(playlist_id, [])
    known = Known.of(playlist_id, readings, derived)
    wanted = Wanted(playlist_id, playlist_id)
    reader = Reader(lake, spotify, progress=progress)
    try:
        reader.read(wanted, known, Outcome(playlist_id, playlist_id, "goes_on"), force=force)
    except RefusedRequest as refusal:
        reader.keep_refusal(wanted, known, refusal)
        update_entries(lake)
        raise
    update_entries(lake)
    last = Readings(lake).last_complete(playlist_id)
    if last is None:
        raise SpotifyError(f"{playlist_id} was not read to its end: try again")
    return last
