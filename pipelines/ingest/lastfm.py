"""Reading a listener's scrobbles from Last.fm, month by month, and storing them as rows.

The time is divided into months, since deep pages of a long list fail. A month is read from its last
page to its first one, which has the latest scrobbles: a reading counts once its first page is
stored, so a run that is killed goes on where it stopped. As scrobbles may come up to two weeks
late, a month is asked for every day until that is over; usually one page shows that no more than
that page is new. What was read is known from the names of the pages in `raw/lastfm_recent_tracks/`,
and from nothing else.

The rows of a year, or of a month of a year that is not over, are an import in `streaming_history/`,
named after what it is made of: where that changes, another import takes its place. Add here what is
asked for, and when. How it is sent is `resources/lastfm/`, what it means `listening/sources/`.
"""

import hashlib
import logging
import re
from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.errors import CorruptFile, LastfmDown, LastfmError, UnreadableResponse
from pipelines.ingest.privacy_export import BECAME
from pipelines.listening.api.responses import Request, Response, unpack
from pipelines.listening.ledger.export_union import with_ordinals
from pipelines.listening.ledger.readings import SCHEMA, ReadRows, merged
from pipelines.listening.privacy_export.parser import NotAnExport, Part
from pipelines.listening.schema.tables import HISTORY, REFUSED_HISTORY, UTC_MS
from pipelines.listening.sources.lastfm import LASTFM
from pipelines.listening.sources.lastfm_pages import page
from pipelines.listening.sources.lastfm_rows import PLAYING
from pipelines.listening.sources.rows import FIRST_SCROBBLE
from pipelines.listening.sources.source import Reading as Beside
from pipelines.listening.time.months import Month
from pipelines.resources.lake.lakes import READERS, ListenerLake
from pipelines.resources.lake.tables import to_parquet
from pipelines.resources.lastfm.client import LastfmClient, Scrobbled

ENDPOINT = "lastfm_recent_tracks"
RAW = f"raw/{ENDPOINT}/"
IMPORTS = "streaming_history/"

LATE = timedelta(days=15)
"""Last.fm takes scrobbles of the last two weeks: after a day more, a month does not change."""

BEFORE = "before"
"""The stretch before the first scrobble that can be one: what is in it is a broken clock's."""

READ_BY = "2"
"""Raise it when other rows are made of the same pages: then all imports are made again."""

GONE_ON_WITH = timedelta(hours=2)
"""How long a reading of the running month is gone on with: later, there is more to be read."""

LATEST_PAGES = 4
"""How many pages are looked at before a month is read anew as a whole."""

ATTEMPTS = 3
"""How often a month is read in one run if scrobbles come or go meanwhile."""

TIME_OF_READING = "%Y%m%dT%H%M%SZ"

_PAGE = re.compile(
    r"(?P<window>before|\d{4}-\d\d)/(?P<started>\d{8}T\d{6}Z)/"
    r"(?P<page>\d{5})-of-(?P<pages>\d{5})-(?P<total>\d+)\.json\.gz"
)
_PERIOD = r"(before|\d{4}(?:-\d\d)?)-[0-9a-f]{16}"

log = logging.getLogger("playledger")


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
        return cls(name, _midnight(month), _midnight(month.plus_months(1)))

    @property
    def year(self) -> str:
        """The year that it is in."""
        return self.name.partition("-")[0]


def _midnight(month: Month) -> datetime:
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

    def keep(self, window: Window, started_at: datetime, answer: Scrobbled) -> str:
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
        repair = "delete its folder, and Last.fm is asked again"
        if stored is None:
            raise CorruptFile(f"{where} has disappeared since it was listed")
        try:
            body = bytes(unpack(stored.body, where).body)
            return page(body, path.removeprefix("raw/"), Beside(latest, ()), LASTFM)
        except (UnreadableResponse, NotAnExport) as problem:
            raise CorruptFile(f"{where} cannot be read ({problem}): {repair}") from None


def _time(text: str) -> datetime:
    return datetime.strptime(text, TIME_OF_READING).replace(tzinfo=UTC)


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
            key=lambda n: self._total(_midnight(first.plus_months(n + 1))) > too_early,
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
        self, window: Window, started_at: datetime, number: int, first: Scrobbled | None = None
    ) -> Scrobbled:
        """A page of a window; it must be of the same list as the first one."""
        if self._client.time_left() <= 0:
            raise _OutOfTime
        end = min(window.end, started_at)
        start = max(_seconds(window.start) - 1, 0)
        answer = self._client.scrobbles(start=start, end=_seconds(end), page=number)
        if first and (answer.pages, answer.total) != (first.pages, first.total):
            raise _Changed
        return answer

    def _keep(self, window: Window, started_at: datetime, answer: Scrobbled) -> None:
        self._pages.keep(window, started_at, answer)
        self._collected.pages += 1

    def _new_if_all_known(
        self, window: Window, started_at: datetime, latest: list[Scrobbled]
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


@dataclass(frozen=True)
class StoredWindow:
    """What was read of a window.

    Attributes:
        rows: as parts have them.
        refused: how many others there are.
    """

    rows: pa.Table
    refused: int


@dataclass(frozen=True)
class StoredImport:
    """What is stored of a period.

    Attributes:
        period: a year, a month or `before`.
        outcome: of the import.
    """

    period: str
    outcome: Mapping[str, Any]

    @property
    def windows(self) -> set[str]:
        """Names of the windows of which it has rows, and the period's own if it is `before`."""
        return {*self.outcome.get("months", ()), *([BEFORE] if self.period == BEFORE else ())}

    def is_of(self, period: str, made_of: str) -> bool:
        """Whether it is a period's, and made of these pages."""
        return (self.period, self.outcome.get("made_of")) == (period, made_of)

    def meets(self, period: str) -> bool:
        """Whether a period is this one, the year of it, or a month in it."""
        mine, other = self.period, period
        return mine == other or other == mine[:4] or mine == other[:4]


@dataclass(frozen=True)
class Updated:
    """What an update of the imports found.

    Attributes:
        scrobbles: how many there are.
        refused: how many others.
        written: how many imports were written.
        damaged: what is wrong with a page, by the name of its window, which is to be read anew.
    """

    scrobbles: int
    refused: int
    written: int
    damaged: Mapping[str, CorruptFile]


@dataclass
class Scrobbles:
    """The rows of a listener's scrobbles as imports.

    Attributes:
        lake: the listener's.
        user: their name at Last.fm.
    """

    lake: ListenerLake
    user: str

    @property
    def _name(self) -> str:
        """How the ids of the imports begin."""
        return f"lastfm-{self.user.lower()}-"

    def _folders(self) -> dict[str, StoredImport | None]:
        """All imports by id; None for what is left of one that has no outcome."""
        known = re.compile(f"({re.escape(self._name)}{_PERIOD})/(.+)")
        keys = (entry.key for entry in self.lake.store.list(f"{IMPORTS}{self._name}"))
        found: dict[str, StoredImport | None] = {}
        for match in (known.fullmatch(key.removeprefix(IMPORTS)) for key in keys):
            if match:
                found.setdefault(match[1], None)
                if match[3] == "outcome.json":
                    outcome = self.lake.document(f"{IMPORTS}{match[1]}/outcome.json")
                    found[match[1]] = StoredImport(match[2], outcome or {})
        return found

    def _imports(self) -> dict[str, StoredImport]:
        return {one: stored for one, stored in self._folders().items() if stored}

    def windows(self) -> set[str]:
        """Names of all windows of which rows are stored."""
        return {name for one in self._imports().values() for name in one.windows}

    def stored(self, window: Window) -> "StoredWindow | None":
        """What is stored of a month of a year that is not over; None where it was never read."""
        imports = self._imports().items()
        one = next((one for one, stored in imports if stored.period == window.name), None)
        if one is None:
            return None
        rows = self.lake.read(HISTORY, **{"import": one, "year": window.year})
        refused = self.lake.read(REFUSED_HISTORY, ["file"], **{"import": one})
        return StoredWindow(rows.select(SCHEMA.names), len(refused))

    def update(self) -> Updated:
        """Make the imports of what is in `raw/`, and delete those that they replace.

        An import stays as long as pages are missing of a month that it has, or cannot be read:
        so nothing is lost of a month until it was read anew.
        """
        pages = Pages(self.lake, self.user)
        folders = self._folders()
        stored = {one: known for one, known in folders.items() if known}
        damaged: dict[str, CorruptFile] = {}
        written = 0
        for period, windows in _periods(pages.readings()).items():
            over = {one: known for one, known in stored.items() if known.meets(period)}
            if not {name for one in over.values() for name in one.windows} <= windows.keys():
                continue
            made_of = _digest(windows)
            alike = (id_ for id_, one in over.items() if one.is_of(period, made_of))
            current = next(alike, None)
            if current is None:
                made = _rows(pages, windows)
                if made.damaged:
                    damaged |= made.damaged
                    continue
                current = f"{self._name}{period}-{made.digest}"
                outcome = _store(self.lake, current, made, made_of, known=current in over)
                stored[current] = StoredImport(period, outcome)
                written += current not in over
            for replaced in over.keys() - {current}:
                del stored[replaced]
        for gone in folders.keys() - stored.keys():
            # Its outcome goes first: without one, what is left of it is no import.
            self.lake.store.delete(f"{IMPORTS}{gone}/outcome.json")
            self.lake.store.delete(f"{IMPORTS}{gone}/")
        outcomes = [one.outcome for one in stored.values()]
        return Updated(
            sum(one.get("new", 0) for one in outcomes),
            sum(one.get("refused", 0) for one in outcomes),
            written,
            damaged,
        )


Windows = dict[str, list[Reading]]
"""Readings that are done, by the name of the window."""


def _periods(readings: Mapping[str, Sequence[Reading]]) -> dict[str, Windows]:
    """What is one import: a year of which every month is final, and any other month."""
    done = {name: [one for one in some if one.done] for name, some in sorted(readings.items())}
    # Without a reading of all its pages, a window would have the latest scrobbles only.
    done = {name: some for name, some in done.items() if any(one.whole for one in some)}
    years: dict[str, Windows] = {}
    for name, some in done.items():
        years.setdefault(name.partition("-")[0], {})[name] = some
    periods: dict[str, Windows] = {}
    for year, windows in years.items():
        ended = f"{year}-12" in windows or year == BEFORE
        if ended and all(any(one.final for one in some) for some in windows.values()):
            periods[year] = windows
        else:
            periods |= {name: {name: some} for name, some in windows.items()}
    return periods


def _digest(windows: Windows) -> str:
    names = sorted(name for some in windows.values() for one in some for name in one.pages.values())
    return hashlib.sha256("\n".join([READ_BY, *names]).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class _Rows:
    """What is stored as one import.

    Attributes:
        rows: as `streaming_history` has them.
        refused: rows of `refused_history`.
        read_at: when it was first read.
        damaged: what is wrong with a page, by the name of its window: then this is not all.
    """

    rows: pa.Table
    refused: pa.Table
    read_at: datetime
    damaged: Mapping[str, CorruptFile]

    @property
    def digest(self) -> str:
        """It is named after what is in it: what only repeats it is no other import."""
        tables = ((HISTORY, self.rows), (REFUSED_HISTORY, self.refused))
        bodies = (to_parquet(table.conform(rows), {}) for table, rows in tables)
        return hashlib.sha256(b"".join(bodies)).hexdigest()[:16]


def _rows(pages: Pages, windows: Windows) -> _Rows:
    rows, refused = [], [REFUSED_HISTORY.empty()]
    damaged: dict[str, CorruptFile] = {}
    for name, readings in windows.items():
        window = Window.of(name)
        read = []
        for reading in readings:
            try:
                parts = pages.parts(reading)
            except CorruptFile as problem:
                log.warning("%s", problem)
                damaged[name] = problem
                continue
            if reading.complete:
                damaged.pop(name, None)  # it has what the damaged ones before it had
            told = _within(window, parts)
            read.append(ReadRows.of(told, reading.started_at, complete=reading.complete))
            refused += [part.refused for part in parts]
        rows.append(merged(read))
    read_at = min(one.started_at for some in windows.values() for one in some)
    every = pa.concat_tables(rows)
    numbered = with_ordinals(every) if len(every) else HISTORY.empty()
    typed = numbered.select(HISTORY.schema.names).cast(HISTORY.schema)
    return _Rows(typed, _once(pa.concat_tables(refused)), read_at, damaged)


def _within(window: Window, parts: Sequence[Part]) -> pa.Table:
    """Rows without those of the neighbours, which may have been asked for too."""
    rows = pa.concat_tables(part.rows for part in parts)
    start, end = (pa.scalar(at, UTC_MS) for at in (window.start, window.end))
    told = rows["started_at"]
    return rows.filter(pc.and_(pc.greater_equal(told, start), pc.less(told, end)))


def _once(refused: pa.Table) -> pa.Table:
    """Refused rows once, whichever readings showed them; without what was playing."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for row in refused.to_pylist():
        if row["reason"] != PLAYING:
            found.setdefault((row["reason"], row["text"]), row)
    return REFUSED_HISTORY.from_rows(list(found.values()))


def _store(
    lake: ListenerLake, import_id: str, made: _Rows, made_of: str, *, known: bool
) -> dict[str, Any]:
    """Write an import; it exists once its outcome does, which is written last.

    Args:
        lake: the listener's.
        import_id: its name.
        made: what is in it.
        made_of: digest of the pages that it is made of.
        known: whether it is stored, made of other pages: then only its outcome is written.

    Returns:
        The outcome.
    """
    rows = made.rows
    years = pc.year(rows["played_at"])
    for year in () if known else sorted(pc.unique(years).to_pylist()):
        some = rows.filter(pc.equal(years, year))
        lake.replace(HISTORY, some, **{"import": import_id, "year": f"{year}"})
    if not known:
        lake.replace(REFUSED_HISTORY, made.refused, **{"import": import_id})
    months = pc.unique(pc.strftime(rows["played_at"], format="%Y-%m")).to_pylist()
    times = pc.min_max(rows["played_at"])
    outcome = {
        "import_id": import_id,
        "made_of": made_of,
        "imported_at": made.read_at.isoformat(),
        "told_at": made.read_at.isoformat(),
        "rows_read": len(rows) + len(made.refused),
        # Which of them other sources tell of too is in the ledger: here, it would change daily.
        **dict.fromkeys(BECAME, 0),
        "new": len(rows),
        "refused": len(made.refused),
        "ambiguous": 0,
        "probable_doubles": 0,
        "first_played_at": times["min"].as_py() and times["min"].as_py().isoformat(),
        "last_played_at": times["max"].as_py() and times["max"].as_py().isoformat(),
        "kinds": {"track": len(rows)},
        "sources": {LASTFM.name: len(rows)},
        "files": [],
        "left_aside": [],
        "vouches_for": [],
        "months": sorted(months),
    }
    lake.write_document(f"{IMPORTS}{import_id}/outcome.json", outcome)
    return outcome
