"""Taking a privacy export into the lake, and telling the truth about it.

From files to typed rows, to their place in `streaming_history/`, to the outcome: how many rows
are new and what became of the others. How files are opened is `archive.py`, what their rows say
`listening/privacy_export/parser.py`, how they become plays `listening/ledger/plays.py`.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.errors import RefusedExport
from pipelines.ingest.archive import EXPECTED, Export, ExportFile, chunks
from pipelines.listening.ledger import plays
from pipelines.listening.ledger.export_union import (
    ImportedExport,
    deduplicate_exports,
    with_ordinals,
)
from pipelines.listening.privacy_export.coverage import FileInterval, covered_intervals
from pipelines.listening.privacy_export.parser import NotAnExport, Part, read_file
from pipelines.listening.schema.tables import HISTORY, POLLED, REFUSED_HISTORY, UTC_MS
from pipelines.listening.time.intervals import instants, whole_ms
from pipelines.listening.time.months import MARGIN, Month
from pipelines.resources.lake.imported_exports import Import, ImportedExports
from pipelines.resources.lake.lakes import ListenerLake

MOST_REFUSED = 500_000
"""Rows of one export that are refused, each with its reason: more would fill the memory."""

Progress = Callable[[int, int], None]
"""Told how many bytes of how many have been read."""

Outcome = dict[str, Any]

BECAME = ("new", "seen_before", "merged_with_polled", "refused")
"""What can become of a row; every row that was read is counted as one of these."""


WRITERS = 2
"""While a year is written, the next one is put in order."""


# An export comes in some thousand small tables, for which the system's allocator is a fifth quicker
# and smaller than Arrow's own. Measured.
pa.set_memory_pool(pa.system_memory_pool())


def silent(done: int, total: int) -> None:
    """Progress that nobody looks at."""


@dataclass
class _Read:
    """What an export's files hold."""

    latest: datetime
    rows: dict[str, list[pa.Table]] = field(default_factory=dict)
    refused: list[pa.Table] = field(default_factory=list)
    spans: list[FileInterval] = field(default_factory=list)
    files: list[dict[str, Any]] = field(default_factory=list)

    def take(self, file: ExportFile, pieces: Iterator[bytes]) -> None:
        """One more file."""
        told: dict[str, Any] = {"name": file.name, "rows": 0, "refused": 0}
        parts = []
        try:
            for part in read_file(file.name, pieces, latest=self.latest):
                parts.append(part)
                told["rows"] += len(part.rows) + part.lost
                told["refused"] += part.lost
        except NotAnExport as problem:
            told["problem"] = str(problem)
        else:
            if any(part.damaged for part in parts):
                told["problem"] = f"{file.name} is damaged: {told['refused']} rows are refused"
        self.files.append(told)
        if sum(one["refused"] for one in self.files) > MOST_REFUSED:
            raise RefusedExport(
                f"{file.name}: more than {MOST_REFUSED:,} rows of this export are none: "
                "take it as Spotify sent it"
            )
        # What lies in another folder is another export: the same rows there are the same plays.
        self.rows.setdefault(_folder(file.name), []).extend(part.rows for part in parts)
        self.refused += [part.refused for part in parts]
        self.spans += _file_spans(file.name, parts, self.latest)


def _file_spans(name: str, parts: Sequence[Part], latest: datetime) -> list[FileInterval]:
    """What a file tells without a hole: all of it, or what lies before and behind its damage.

    A play in the future, by a clock that is wrong, tells nothing of the time until then.
    """
    stretches = []
    for damaged, some in groupby(parts, key=lambda part: part.damaged):
        times = [chunk for part in some for chunk in part.rows["played_at"].chunks]
        ends = pc.min_max(pa.chunked_array(times, UTC_MS))
        if not damaged and ends["min"].is_valid and ends["min"].as_py() <= latest:
            stretches.append((ends["min"].as_py(), min(ends["max"].as_py(), latest)))
    complete = not any(part.lost for part in parts)
    holes = any(part.damaged for part in parts)
    return [
        FileInterval(
            name,
            first,
            last,
            complete=complete,
            damaged=holes and (parts[-1].damaged or (first, last) != stretches[-1]),
        )
        for first, last in stretches
    ]


def _read(export: Export, now: datetime, progress: Progress) -> _Read:
    found = _Read(now)
    total = sum(file.size for file in export.files)
    done = 0

    def counted(file: ExportFile) -> Iterator[bytes]:
        nonlocal done
        for piece in chunks(file):
            yield piece
            done += len(piece)
            progress(done, total)

    with ThreadPoolExecutor(1) as unpacking:
        for file in export.files:
            found.take(file, _ahead(counted(file), unpacking))
    if not any(file["rows"] for file in found.files) and any("problem" in f for f in found.files):
        problems = "; ".join(file["problem"] for file in found.files if "problem" in file)
        raise RefusedExport(f"{problems}: {EXPECTED}")
    return found


def _ahead(pieces: Iterator[bytes], unpacking: ThreadPoolExecutor) -> Iterator[bytes]:
    """Pieces, of which the next is unpacked while one is read."""
    coming = unpacking.submit(next, pieces, None)
    while (piece := coming.result()) is not None:
        coming = unpacking.submit(next, pieces, None)
        yield piece


def import_export(
    lake: ListenerLake, export: Export, *, now: datetime, progress: Progress = silent
) -> Outcome:
    """Store what an export tells, unless that was done before, and tell what became of its rows.

    The rows are there for the ledger when the outcome is, which is written last: an import that
    was killed is as if it had never begun, and the next one does it all.

    Args:
        lake: the listener's.
        export: open.
        now: when it is imported.
        progress: told how much has been read.

    Raises:
        RefusedExport: where no file of it holds listening history.
    """
    imports = ImportedExports(lake)
    if before := imports.outcome(export.id):
        return _publish(lake, _nothing_new(before, now))
    found = _read(export, now, progress)
    rows = _typed(found, now)
    mine = Import(export.id, whole_ms(now), covered_intervals(found.spans), _months(rows))
    refused_rows = pa.concat_tables([REFUSED_HISTORY.empty(), *found.refused])
    with ThreadPoolExecutor(1) as storing:
        stored = storing.submit(_store, lake, mine, rows, refused_rows)
        became, ambiguous = _became(imports, mine, rows)
        stored.result()
    read_in_all = sum(file["rows"] for file in found.files)
    refused = sum(file["refused"] for file in found.files)
    repeated = read_in_all - refused - len(rows)
    times = pc.min_max(rows["played_at"])
    outcome = {
        "import_id": mine.id,
        "imported_at": mine.imported_at.isoformat(),
        "told_at": mine.imported_at.isoformat(),
        "rows_read": read_in_all,
        "new": became["new"],
        "seen_before": became["seen_before"] + repeated,
        "merged_with_polled": became["merged_with_polled"],
        "refused": refused,
        "ambiguous": ambiguous,
        "first_played_at": _iso(times["min"].as_py()),
        "last_played_at": _iso(times["max"].as_py()),
        "kinds": _counts(rows["kind"]),
        "files": found.files,
        "left_aside": list(export.left_aside),
        "vouches_for": [[_iso(span.start), _iso(span.end), span.complete] for span in mine.spans],
        "months": [str(month) for month in mine.months],
    }
    _publish(lake, outcome)
    lake.write_document(imports.outcome_path(mine.id), outcome)
    return outcome


def _nothing_new(before: Outcome, now: datetime) -> Outcome:
    """The outcome of importing the same bytes once more."""
    seen = before["rows_read"] - before["refused"]
    again = {"new": 0, "merged_with_polled": 0, "seen_before": seen, "ambiguous": 0}
    return {**before, **again, "told_at": whole_ms(now).isoformat()}


def _publish(lake: ListenerLake, outcome: Outcome) -> Outcome:
    """Put the outcome beside the box in which exports are dropped, for whoever dropped one."""
    counted = sum(outcome[what] for what in BECAME)
    if counted != outcome["rows_read"]:
        raise RuntimeError(f"{outcome['rows_read']} rows were read, {counted} accounted for")
    lake.write_document(f"imports/{outcome['import_id']}/outcome.json", outcome)
    return outcome


def _typed(found: _Read, now: datetime) -> pa.Table:
    """`streaming_history` rows in order of time, each play once."""
    exports = []
    for folder, parts in found.rows.items():
        spans = covered_intervals([span for span in found.spans if _folder(span.name) == folder])
        if parts:
            rows = _stamped(with_ordinals(pa.concat_tables(parts)), now)
            exports.append(ImportedExport(folder, now, spans, rows))
    return deduplicate_exports(exports)


def _folder(name: str) -> str:
    return name.rpartition("/")[0]


def _stamped(rows: pa.Table, now: datetime) -> pa.Table:
    at = pa.repeat(pa.scalar(whole_ms(now), UTC_MS), len(rows))
    return rows.append_column("imported_at", at).select(HISTORY.schema.names).cast(HISTORY.schema)


def _store(lake: ListenerLake, mine: Import, rows: pa.Table, refused: pa.Table) -> None:
    """Write the rows, year by year, over what a killed run may have left."""

    def write(stretch: tuple[int, int, str]) -> None:
        first, last, year = stretch
        parts = {"import": mine.id, "year": year}
        lake.replace(HISTORY, rows.slice(first, last - first), **parts)

    with ThreadPoolExecutor(WRITERS) as writers:
        list(writers.map(write, _stretches(rows, "Y")))
    lake.replace(REFUSED_HISTORY, refused, **{"import": mine.id})


def _stretches(rows: pa.Table, unit: str) -> Iterator[tuple[int, int, str]]:
    """First row, row after the last and name of each year (Y) or month (M), UTC."""
    units = rows["played_at"].to_numpy().astype(f"datetime64[{unit}]")
    names, starts = np.unique(units, return_index=True)
    ends = [*starts[1:].tolist(), len(rows)][: len(starts)]
    yield from zip(starts.tolist(), ends, names.astype(str).tolist(), strict=True)


def _months(rows: pa.Table) -> tuple[Month, ...]:
    return tuple(Month.of(date.fromisoformat(f"{m}-01")) for _, _, m in _stretches(rows, "M"))


def _became(imports: ImportedExports, mine: Import, rows: pa.Table) -> tuple[dict[str, int], int]:
    """How many of an import's rows are new, seen before or merged; how many polled rows unclear."""
    became = dict.fromkeys(BECAME, 0)
    ambiguous = 0
    times = instants(rows["played_at"])
    lake = imports.lake
    shown = lake.month_versions(POLLED)
    alike = len(pc.unique(rows["source"])) <= 1
    for first, last, name in _stretches(rows, "M"):
        month = Month.of(date.fromisoformat(f"{name}-01"))
        if alike and month not in shown and not imports.touching(month):
            became["new"] += last - first  # as nearly all, the first time
            continue
        polled = lake.read(POLLED, **month.parts) if month in shown else POLLED.empty()
        others = [imports.rows(one, month) for one in imports.touching(month)]
        edge = int(MARGIN / timedelta(milliseconds=1))
        begin, end = np.searchsorted(times, [times[first] - edge, times[last - 1] + edge])
        near = ImportedExport(mine.id, mine.imported_at, mine.spans, rows.slice(begin, end - begin))
        found = plays.assemble(polled, [*others, near])
        places = found.exports.play_of_rows[-1]
        earlier = np.concatenate([*found.exports.play_of_rows[:-1], np.empty(0, np.int64)])
        seen = np.isin(places, earlier)
        # Account data beside the same export's extended rows: one play told twice.
        seen |= ~np.isin(np.arange(len(places)), np.unique(places, return_index=True)[1])
        merged = ~seen & (found.polled_of[places] >= 0)
        seen, merged = seen[first - begin : last - begin], merged[first - begin : last - begin]
        became["seen_before"] += int(seen.sum())
        became["merged_with_polled"] += int(merged.sum())
        became["new"] += int((~seen & ~merged).sum())
        at = instants(polled["played_at"])
        here = (at >= times[first]) & (at <= times[last - 1])
        ambiguous += int((found.matches.ambiguous & here).sum())
    return became, ambiguous


def _counts(column: pa.ChunkedArray) -> dict[str, int]:
    return {one["values"]: one["counts"] for one in pc.value_counts(column).to_pylist()}


def _iso(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat() if moment else None
