"""Reading a listener's scrobbles from Last.fm, month by month.

The time is divided into months, since deep pages of a long list fail. A month is read from its last
page to its first one, which has the latest scrobbles: a reading counts once its first page is
stored, so a run that is killed goes on where it stopped. As scrobbles may come up to two weeks
late, a month is asked for every day until that is over; usually one page shows that no more than
that page is new. The last reading of a month is of all its pages.

Add here what is asked for, and when. How it is sent is `resources/lastfm/`, how pages are kept
`lastfm_reading.py`, what is made of them `lastfm_imports.py`, what they mean `listening/sources/`.
"""

from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pyarrow as pa

from pipelines.errors import LastfmDown, LastfmError
from pipelines.ingest.lastfm_imports import Scrobbles
from pipelines.ingest.lastfm_reading import BEFORE, LATE, Pages, Reading, Window, midnight
from pipelines.listening.ledger.readings import ReadRows, merged
from pipelines.listening.sources.lastfm import LASTFM
from pipelines.listening.sources.lastfm_pages import page
from pipelines.listening.sources.rows import FIRST_SCROBBLE
from pipelines.listening.sources.source import Reading as Beside
from pipelines.listening.time.months import Month
from pipelines.resources.lake.lakes import ListenerLake
from pipelines.resources.lastfm.client import LastfmClient, ListPage

GONE_ON_WITH = timedelta(hours=2)
"""How long a reading of the running month is gone on with: later, there is more to be read."""

LATEST_PAGES = 4
"""How many pages are looked at before a month is read anew as a whole."""

ATTEMPTS = 3
"""How often a month is read in one run if scrobbles come or go meanwhile."""


@dataclass
class Collected:
    """What one run read.

    Attributes:
        windows: the names of the windows that were read.
        pages: how many pages were stored.
        requests: how many requests were sent.
        total: how many scrobbles Last.fm says there are in all; None where it was not asked.
        problem: why it ended before its end.
        out_of_time: whether more is to be read tomorrow.
    """

    windows: list[str] = field(default_factory=list)
    pages: int = 0
    requests: int = 0
    total: int | None = None
    problem: LastfmError | None = None
    out_of_time: bool = False


class _Changed(Exception):
    """Scrobbles have come or gone while a list of them was read."""


class _OutOfTime(Exception):
    """The run has no time left; what was read stays."""


class Collector:
    """Reads what is missing of a listener's scrobbles.

    Args:
        lake: the listener's.
        client: of Last.fm.
        now: the present.
        anew: names of windows to read as a whole, since a page of theirs is damaged.
    """

    def __init__(
        self,
        lake: ListenerLake,
        client: LastfmClient,
        now: datetime,
        anew: Collection[str] = (),
    ) -> None:
        self._client, self._anew = client, anew
        self._now = now.replace(microsecond=0)
        self._pages = Pages(lake, client.user)
        self._stored = Scrobbles(lake, client.user)
        self._collected = Collected()

    def collect(self) -> Collected:
        """Read all windows that are not final, the oldest first."""
        try:
            self._collect()
        except LastfmError as problem:
            self._collected.problem = problem
        except _OutOfTime:
            self._collected.out_of_time = True
        self._collected.requests = self._client.sent
        return self._collected

    def _collect(self) -> None:
        self._collected.total = self._total(self._now)
        if not self._collected.total:
            return
        readings = self._pages.readings()
        for window in self._windows(readings):
            before = readings.get(window.name, [])
            if window.name in self._anew or not any(one.final for one in before):
                self._read(window, before)

    def _total(self, until: datetime) -> int:
        """How many scrobbles there are before a moment."""
        return self._client.scrobbles(end=_seconds(until), limit=1).total

    def _windows(self, readings: Mapping[str, Sequence[Reading]]) -> Iterator[Window]:
        last = Month(self._now.year, self._now.month)
        stored = self._stored.windows()
        before = BEFORE in readings or BEFORE in stored
        # Of a month whose pages somebody has deleted there still are rows.
        known = sorted({*readings, *stored} - {BEFORE})
        first = Month(*map(int, known[0].split("-"))) if known else None
        if not readings.keys() - {BEFORE}:
            too_early = self._total(FIRST_SCROBBLE)
            before = before or bool(too_early)
            found = self._first_month(too_early, last)
            first = min(found, first) if first else found
        if before:
            yield Window.of(BEFORE)
        month = first or last
        while month <= last:
            yield Window.of(str(month))
            month = month.plus_months(1)

    def _first_month(self, too_early: int, last: Month) -> Month:
        """The month of the first scrobble, by halving the time in which it may be."""
        first = Month(FIRST_SCROBBLE.year, FIRST_SCROBBLE.month)
        count = (last.year - first.year) * 12 + last.month - first.month
        at = bisect_left(
            range(count),
            True,
            key=lambda n: self._total(midnight(first.plus_months(n + 1))) > too_early,
        )
        return first.plus_months(at)

    def _read(self, window: Window, before: Sequence[Reading]) -> None:
        begun = next((one for one in reversed(before) if not one.done), None)
        if begun and self._is_outdated(begun, before):
            begun = None
        whole = window.name in self._anew or not any(one.whole for one in before)
        for _ in range(ATTEMPTS):
            try:
                self._read_once(window, begun, whole=whole)
            except _Changed:
                begun = None
            else:
                self._collected.windows.append(window.name)
                return
        raise LastfmDown(
            f"the scrobbles of {window.name} changed while they were read, {ATTEMPTS} times in a "
            "row: the next run tries again"
        )

    def _is_outdated(self, begun: Reading, before: Sequence[Reading]) -> bool:
        """Whether a reading that was begun is not worth to be gone on with."""
        later = any(one.done and one.started_at > begun.started_at for one in before)
        runs_on = begun.started_at < begun.window.end
        return later or (runs_on and self._now - begun.started_at > GONE_ON_WITH)

    def _read_once(self, window: Window, begun: Reading | None, *, whole: bool) -> None:
        """Read a window, or the rest of what was begun.

        The last reading of a window is of all its pages: where a scrobble came late and another
        was deleted, there are as many as before.

        Args:
            window: which.
            begun: its reading that is not done.
            whole: whether all pages are read, whatever the latest show.

        Raises:
            _Changed: where scrobbles have come or gone meanwhile.
        """
        started_at = begun.started_at if begun else self._fresh()
        latest = [self._page(window, started_at, 1)]
        if begun and (begun.count, begun.total) != (latest[0].pages, latest[0].total):
            raise _Changed
        new = None
        if begun is None and not whole and started_at < window.end + LATE:
            new = self._new_if_all_known(window, started_at, latest)
        if new == 0 and window.end <= started_at < window.end + LATE:
            return  # one more page would say nothing
        stored = begun.pages if begun else {}
        oldest = len(latest) if new is not None else latest[0].pages
        for number in range(oldest, len(latest), -1):
            if number not in stored:
                self._keep(window, started_at, self._page(window, started_at, number, latest[0]))
        for answer in reversed(latest):
            self._keep(window, started_at, answer)

    def _fresh(self) -> datetime:
        """When a new reading begins: each of a run has its own second, and so its own folder."""
        at = self._now
        self._now += timedelta(seconds=1)
        return at

    def _page(
        self, window: Window, started_at: datetime, number: int, first: ListPage | None = None
    ) -> ListPage:
        """A page of a window; it must be of the same list as the first one."""
        if self._client.time_left() <= 0:
            raise _OutOfTime
        end = min(window.end, started_at)
        start = max(_seconds(window.start) - 1, 0)
        answer = self._client.scrobbles(start=start, end=_seconds(end), page=number)
        if first and (answer.pages, answer.total) != (first.pages, first.total):
            raise _Changed
        return answer

    def _keep(self, window: Window, started_at: datetime, answer: ListPage) -> None:
        self._pages.keep(window, started_at, answer)
        self._collected.pages += 1

    def _new_if_all_known(
        self, window: Window, started_at: datetime, latest: list[ListPage]
    ) -> int | None:
        """How many scrobbles of the latest pages are new; None where others may be missing too.

        None are missing where what is stored of the window, and these pages, are as many as
        Last.fm has.

        Args:
            window: which.
            started_at: when its reading began.
            latest: its first page; those after it are added as long as there is hope.
        """
        if (stored := self._stored.stored(window)) is None:
            return None
        while True:
            parts = [page(one.body, f"{one.page}", Beside(self._now, ()), LASTFM) for one in latest]
            complete = len(latest) == latest[0].pages
            told = pa.concat_tables(part.rows for part in parts)
            shown = ReadRows.of(told, started_at, complete=complete)
            rows = merged([ReadRows(stored.rows, complete=True), shown])
            known = len(rows) + max(stored.refused, sum(part.lost for part in parts))
            if known == latest[0].total:
                return len(rows) - len(stored.rows)
            if complete or len(latest) == LATEST_PAGES:
                return None
            latest.append(self._page(window, started_at, len(latest) + 1, latest[0]))


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
