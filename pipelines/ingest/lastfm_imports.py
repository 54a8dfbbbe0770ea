"""Scrobbles read from Last.fm as imports in `streaming_history/`, made of the pages in `raw/`.

The rows of a year, or of a month of a year that is not over, are one import. It is named after its
rows: where those change, another import takes its place, and only if nothing is missing in it. Add
here what is made of readings. What readings are is `lastfm_reading.py`; what is read, and when,
`lastfm.py`.
"""

import hashlib
import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.errors import CorruptFile
from pipelines.ingest.lastfm_reading import BEFORE, Pages, Reading, Window
from pipelines.ingest.privacy_export import BECAME
from pipelines.listening.ledger.export_union import with_ordinals
from pipelines.listening.ledger.readings import SCHEMA, ReadRows, merged
from pipelines.listening.privacy_export.parser import Part
from pipelines.listening.schema.tables import HISTORY, REFUSED_HISTORY, UTC_MS
from pipelines.listening.sources.lastfm import LASTFM
from pipelines.listening.sources.lastfm_rows import PLAYING
from pipelines.resources.lake.imported_exports import IMPORTS
from pipelines.resources.lake.lakes import ListenerLake
from pipelines.resources.lake.tables import to_parquet

READ_BY = "2"
"""Raise it when other rows are made of the same pages: then all imports are made again."""

_PERIOD = r"(before|\d{4}(?:-\d\d)?)-[0-9a-f]{16}"

log = logging.getLogger("playledger")


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
