"""Pages of Last.fm's lists as they are kept in `raw/lastfm_recent_tracks/`, and readings of them.

What was read is known from the names of the pages, and from nothing else. Add here what concerns
one stored page or one reading. Which are asked for is `lastfm.py`; what is made of them
`lastfm_imports.py`.
"""

import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec

from pipelines.errors import CorruptFile, UnreadableResponse
from pipelines.listening.api.responses import Request, Response, unpack
from pipelines.listening.privacy_export.parser import NotAnExport, Part
from pipelines.listening.sources.lastfm import LASTFM
from pipelines.listening.sources.lastfm_pages import page
from pipelines.listening.sources.rows import FIRST_SCROBBLE
from pipelines.listening.sources.source import Reading as Beside
from pipelines.listening.time.months import Month
from pipelines.resources.lake.lakes import READERS, ListenerLake
from pipelines.resources.lastfm.client import ListPage

ENDPOINT = "lastfm_recent_tracks"
RAW = f"raw/{ENDPOINT}/"

LATE = timedelta(days=15)
"""Last.fm takes scrobbles of the last two weeks: after a day more, a month does not change."""

BEFORE = "before"
"""The stretch before the first scrobble that can be one: what is in it is a broken clock's."""

TIME_OF_READING = "%Y%m%dT%H%M%SZ"

_PAGE = re.compile(
    r"(?P<window>before|\d{4}-\d\d)/(?P<started>\d{8}T\d{6}Z)/"
    r"(?P<page>\d{5})-of-(?P<pages>\d{5})-(?P<total>\d+)\.json\.gz"
)


@dataclass(frozen=True)
class Window:
    """A stretch of time that is read at once: a month, UTC, or all that is too early.

    Attributes:
        name: YYYY-MM, or `before`.
        start: its first moment.
        end: the first moment after it.
    """

    name: str
    start: datetime
    end: datetime

    @classmethod
    def of(cls, name: str) -> "Window":
        """The window of a name."""
        if name == BEFORE:
            return cls(name, datetime(1970, 1, 1, tzinfo=UTC), FIRST_SCROBBLE)
        month = Month(*map(int, name.split("-")))
        return cls(name, midnight(month), midnight(month.plus_months(1)))

    @property
    def year(self) -> str:
        """The year that it is in."""
        return self.name.partition("-")[0]


def midnight(month: Month) -> datetime:
    """The first moment of a month, UTC."""
    return datetime(month.year, month.month, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Reading:
    """One reading of a window, done or begun.

    Attributes:
        window: which.
        started_at: when it began: nothing later than this is in it.
        pages: names of the stored pages, by number.
        count: how many pages it has.
        total: how many scrobbles Last.fm said that there are.
    """

    window: Window
    started_at: datetime
    pages: Mapping[int, str]
    count: int
    total: int

    @property
    def done(self) -> bool:
        """Whether its first page is stored, which comes last."""
        return 1 in self.pages

    @property
    def complete(self) -> bool:
        """Whether it has every page, and not only the latest."""
        return len(self.pages) == self.count

    @property
    def whole(self) -> bool:
        """Whether it is done and has every page."""
        return self.done and self.complete

    @property
    def final(self) -> bool:
        """Whether nothing can be added to the window after it."""
        return self.whole and self.started_at >= self.window.end + LATE


@dataclass
class Pages:
    """The pages of one listener in `raw/`.

    Attributes:
        lake: the listener's.
        user: their name at Last.fm: another one has other scrobbles.
    """

    lake: ListenerLake
    user: str

    @property
    def folder(self) -> str:
        """Where they are, ending in '/'; to Last.fm, capitals are small letters."""
        return f"{RAW}{self.user.lower()}/"

    def readings(self) -> dict[str, list[Reading]]:
        """All readings by the name of the window, each window's in order of time."""
        found: dict[tuple[str, str], dict[int, re.Match[str]]] = {}
        for entry in self.lake.store.list(self.folder):
            if match := _PAGE.fullmatch(entry.key.removeprefix(self.folder)):
                pages = found.setdefault((match["window"], match["started"]), {})
                pages[int(match["page"])] = match
        windows: dict[str, list[Reading]] = {}
        for (window, started), pages in sorted(found.items()):
            one = next(iter(pages.values()))
            reading = Reading(
                Window.of(window),
                _time(started),
                {number: match.string for number, match in pages.items()},
                int(one["pages"]),
                int(one["total"]),
            )
            windows.setdefault(window, []).append(reading)
        return windows

    def last_read_at(self) -> datetime | None:
        """When the last reading began that is done; None where there never was one."""
        readings = self.readings().values()
        return max((one.started_at for some in readings for one in some if one.done), default=None)

    def keep(self, window: Window, started_at: datetime, answer: ListPage) -> str:
        """Store a page; returns its name."""
        name = (
            f"{window.name}/{started_at.strftime(TIME_OF_READING)}/"
            f"{answer.page:05}-of-{answer.pages:05}-{answer.total}.json.gz"
        )
        request = Request(ENDPOINT, "user.getRecentTracks", answer.params)
        response = Response(request, answer.fetched_at, 200, msgspec.Raw(answer.body))
        self.lake.store.put(self.folder + name, response.pack())
        return name

    def parts(self, reading: Reading) -> list[Part]:
        """The rows of a reading, page by page, the latest first."""
        names = [reading.pages[number] for number in sorted(reading.pages)]
        with ThreadPoolExecutor(READERS) as readers:
            return list(readers.map(lambda name: self._part(name, reading.started_at), names))

    def _part(self, name: str, latest: datetime) -> Part:
        path = self.folder + name
        stored, where = self.lake.store.get(path), self.lake.store.url(path)
        repair = "Last.fm is asked again for its month by the next run"
        if stored is None:
            raise CorruptFile(f"{where} has disappeared since it was listed")
        try:
            body = bytes(unpack(stored.body, where).body)
            return page(body, path.removeprefix("raw/"), Beside(latest, ()), LASTFM)
        except (UnreadableResponse, NotAnExport) as problem:
            raise CorruptFile(f"{where} cannot be read ({problem}): {repair}") from None


def _time(text: str) -> datetime:
    return datetime.strptime(text, TIME_OF_READING).replace(tzinfo=UTC)
