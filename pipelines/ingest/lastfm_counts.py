"""Asking Last.fm how often the listener, and everyone, played a track; and keeping the answers.

The list of the listener's top tracks is read in full or not at all, and only the last one is kept.
What everyone played is asked name by name, some of them a day. Last.fm lets nobody keep more than
100 MB of its data: what a later answer has replaced is deleted, so what is kept grows with the
number of tracks and not with the years.

Add here what is asked for, and when. How it is sent is `resources/lastfm/`, what it means, and what
is due, `listening/sources/lastfm_counts.py`.
"""

import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property

import msgspec
import pyarrow as pa

from pipelines.errors import CorruptFile, LastfmDown, LastfmError, UnreadableResponse
from pipelines.listening.api.responses import Request, Response, fetched_at, file_name, unpack
from pipelines.listening.schema.count_tables import LASTFM_TRACKS, LASTFM_USER_TRACKS
from pipelines.listening.schema.tables import UNIQUE_TRACKS
from pipelines.listening.sources.lastfm_counts import (
    TRACKS_COLUMNS,
    Asked,
    Name,
    latest,
    listed,
    names_due,
    packed,
    tracks,
    unpacked,
    user_tracks,
)
from pipelines.resources.lake.lakes import READERS, ListenerLake
from pipelines.resources.lake.object_store import Conflict
from pipelines.resources.lastfm.client import PAGE_SIZE, TOP_PAGE_SIZE, LastfmClient, ListPage

TOP_TRACKS, TRACK = "lastfm_top_tracks", "lastfm_track"

REQUESTS_A_RUN = 200
"""What everyone played is asked for so often a day: three minutes, and far from what Last.fm calls
too much."""

LIST_EVERY = timedelta(hours=20)
"""A daily run reads the listener's list, one that is repeated does not."""

ANSWERS_A_FILE = 50
"""So many answers are lost where a run is killed; each in a file of its own would be many files."""

ATTEMPTS = 3
"""How often the list is read in one run if it changes meanwhile."""


@dataclass
class Collected:
    """What one run read.

    Attributes:
        pages: of the list of top tracks.
        names: how many names were asked for.
        requests: how many requests were sent.
        left: how many names are due, and were not asked for.
        problem: what was refused or did not come.
    """

    pages: int = 0
    names: int = 0
    requests: int = 0
    left: int = 0
    problem: LastfmError | None = None


@dataclass(frozen=True)
class Updated:
    """The tables as they are made of what is kept.

    Attributes:
        user: `lastfm_user_tracks`.
        world: `lastfm_tracks`.
        damaged: what is wrong with files that cannot be read.
    """

    user: pa.Table
    world: pa.Table
    damaged: Sequence[CorruptFile] = ()


@dataclass
class Counts:
    """The counts of one listener.

    Attributes:
        lake: the listener's.
        user: their name at Last.fm.
    """

    lake: ListenerLake
    user: str

    def collect(self, client: LastfmClient, now: datetime) -> Collected:
        """Ask for what is due, and keep the answers.

        Args:
            client: of Last.fm.
            now: the present.
        """
        collected = Collected()
        before = client.sent
        try:
            self._collect_list(client, now, collected)
        except LastfmError as problem:
            collected.problem = problem
        if not isinstance(collected.problem, LastfmDown):
            # Also where it refuses the list, which a user may hide.
            self._collect_tracks(client, now, collected)
        collected.requests = client.sent - before
        return collected

    def update(self) -> Updated:
        """Make the tables of what is kept, and delete what later answers have replaced."""
        kept = self._kept()
        user, world = kept.user_tracks, tracks(kept.latest)
        self.lake.replace(LASTFM_USER_TRACKS, user)
        self.lake.replace(LASTFM_TRACKS, world)
        for path in kept.replaced:
            self.lake.store.delete(path)
        return Updated(user, world, tuple(kept.damaged.values()))

    @property
    def _lists(self) -> str:
        """Where lists are, ending in '/'; to Last.fm, capitals are small letters."""
        return f"raw/{TOP_TRACKS}/{self.user.lower()}/"

    @property
    def _answers(self) -> str:
        return f"raw/{TRACK}/"

    def _collect_list(self, client: LastfmClient, now: datetime, collected: Collected) -> None:
        names = self._names(self._lists)
        is_new = names and abs(now - fetched_at(names[-1])) < LIST_EVERY
        if is_new and self._is_readable(names[-1]):
            return
        pages = self._whole_list(client)
        collected.pages = len(pages)
        body = b"[" + b",".join(page.body for page in pages) + b"]"
        request = Request(TOP_TRACKS, "user.getTopTracks", {"user": self.user, "period": "overall"})
        self._keep(self._lists, Response(request, pages[0].fetched_at, 200, msgspec.Raw(body)))
        for name in names:
            self.lake.store.delete(self._lists + name)

    def _whole_list(self, client: LastfmClient) -> list[ListPage]:
        """All pages; what changed while they were read is read anew."""
        pages: list[ListPage] = []
        for _ in range(ATTEMPTS):
            pages = self._list_once(client)
            names = [name for name, _ in listed(json.loads(page.body) for page in pages)]
            # A track that moves to the next page stands on both, and another on neither.
            if len({page.total for page in pages}) == 1 and len(set(names)) == len(names):
                break
        return pages

    def _list_once(self, client: LastfmClient) -> list[ListPage]:
        limit = TOP_PAGE_SIZE
        try:
            first = client.top_tracks(limit=limit)
        except LastfmDown:  # so it is where an account has too many for a page
            limit = PAGE_SIZE
            first = client.top_tracks(limit=limit)
        rest = (client.top_tracks(page=number, limit=limit) for number in range(2, first.pages + 1))
        return [first, *rest]

    def _collect_tracks(self, client: LastfmClient, now: datetime, collected: Collected) -> None:
        played = self.lake.read(UNIQUE_TRACKS, TRACKS_COLUMNS)
        kept = self._kept()
        due = names_due(played, kept.user_tracks, tracks(kept.latest), now)
        collected.left = len(due)
        begun, answers = client.sent, list[Asked]()
        try:
            for name in due:
                if client.sent - begun >= REQUESTS_A_RUN or client.time_left() <= 0:
                    break
                answers.append(_asked(client, name))
                collected.names += 1
                if len(answers) == ANSWERS_A_FILE:
                    self._keep_answers(answers)
                    answers = []
        except LastfmError as problem:
            collected.problem = collected.problem or problem
        finally:
            if answers:
                self._keep_answers(answers)
            collected.left -= collected.names

    def _keep_answers(self, answers: Sequence[Asked]) -> None:
        request = Request(TRACK, "track.getInfo")
        self._keep(
            self._answers, Response(request, answers[0].at, 200, msgspec.Raw(packed(answers)))
        )

    def _keep(self, folder: str, response: Response) -> None:
        while True:
            try:
                path = folder + file_name(response.fetched_at)
                self.lake.store.put_if_absent(path, response.pack())
            except Conflict:
                later = response.fetched_at + timedelta(microseconds=1)
                response = Response(response.request, later, response.status, response.body)
            else:
                return

    def _names(self, folder: str) -> list[str]:
        """Names of the files in a folder, oldest first; anything else in it is left alone."""
        names = (entry.key.removeprefix(folder) for entry in self.lake.store.list(folder))
        return [name for name in names if _is_kept(name)]

    def _kept(self) -> "_Kept":
        lists, answers = (
            [folder + name for name in self._names(folder)]
            for folder in (self._lists, self._answers)
        )
        with ThreadPoolExecutor(READERS) as readers:
            answered = dict(zip(answers, readers.map(self._some, answers), strict=True))
        last = {path: self._list(path) for path in lists[-1:]}
        return _Kept(last, lists[:-1], answered)

    def _is_readable(self, name: str) -> bool:
        return isinstance(self._list(self._lists + name), pa.Table)

    def _list(self, path: str) -> pa.Table | CorruptFile:
        try:
            return user_tracks(json.loads(self._body(path)), fetched_at(path.rpartition("/")[2]))
        except (UnreadableResponse, ValueError) as problem:
            return self._corrupt(path, problem)

    def _some(self, path: str) -> list[Asked] | CorruptFile:
        try:
            return unpacked(self._body(path))
        except (UnreadableResponse, ValueError) as problem:
            return self._corrupt(path, problem)

    def _body(self, path: str) -> bytes:
        stored = self.lake.store.get(path)
        return bytes(unpack(stored.body if stored else b"", self.lake.store.url(path)).body)

    def _corrupt(self, path: str, problem: Exception) -> CorruptFile:
        where = self.lake.store.url(path)
        return CorruptFile(f"{where} cannot be read ({problem}): Last.fm is asked again")


@dataclass(frozen=True)
class _Kept:
    """What is kept of a listener's counts.

    Attributes:
        last: the last list by its path, or what is wrong with it; empty where none was read yet.
        before: paths of the lists before it.
        answers: by the path of their file, or what is wrong with that.
    """

    last: Mapping[str, pa.Table | CorruptFile]
    before: Sequence[str]
    answers: Mapping[str, list[Asked] | CorruptFile]

    @property
    def user_tracks(self) -> pa.Table:
        """`lastfm_user_tracks`."""
        tables = [one for one in self.last.values() if isinstance(one, pa.Table)]
        return tables[0] if tables else LASTFM_USER_TRACKS.empty()

    @cached_property
    def latest(self) -> list[Asked]:
        """Of each name the last answer."""
        readable = (some for some in self.answers.values() if isinstance(some, list))
        return latest(one for some in readable for one in some)

    @property
    def damaged(self) -> dict[str, CorruptFile]:
        """What is wrong with files, by their path."""
        files = {**self.last, **self.answers}
        return {path: one for path, one in files.items() if isinstance(one, CorruptFile)}

    @property
    def replaced(self) -> list[str]:
        """Paths of files that say nothing any more."""
        said = {id(one) for one in self.latest}
        old = [
            path
            for path, some in self.answers.items()
            if isinstance(some, list) and not any(id(one) in said for one in some)
        ]
        return [*self.before, *old, *self.damaged]


def _asked(client: LastfmClient, name: Name) -> Asked:
    told = client.track(name.artist, name.title)
    at = told.fetched_at.astimezone(UTC)
    track = json.loads(told.body) if told.body else None
    return Asked(name.artist, name.title, at, told.corrected, track)


def _is_kept(name: str) -> bool:
    try:
        fetched_at(name)
    except ValueError:
        return False
    return True
