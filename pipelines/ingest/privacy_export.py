"""Importing a privacy export into the lake, with an outcome that accounts for every row.

From files to typed rows, to their files in `streaming_history/`, to the outcome: how many rows
are new and what became of the others. How files are opened is `archive.py`, what their rows mean
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
from pipelines.ingest.archive import EXPECTED_FILES, Export, ExportFile, chunks
from pipelines.listening.catalogue.kinds import SPOKEN
from pipelines.listening.ledger import plays
from pipelines.listening.ledger.export_union import (
    ImportedExport,
    deduplicate_exports,
    with_ordinals,
)
from pipelines.listening.privacy_export.coverage import FileInterval, covered_intervals
from pipelines.listening.privacy_export.filenames import export_of, parse_file_name
from pipelines.listening.privacy_export.parser import MAX_LISTED, NotAnExport, Part, read_file
from pipelines.listening.schema.tables import HISTORY, POLLED, REFUSED_HISTORY, UTC_MS
from pipelines.listening.time.intervals import instants, whole_ms
from pipelines.listening.time.months import MARGIN, Month
from pipelines.resources.lake.imported_exports import Import, ImportedExports
from pipelines.resources.lake.lakes import ListenerLake

ProgressCallback = Callable[[int, int], None]
"""Called with the bytes read so far and their total."""

ImportOutcome = dict[str, Any]
"""The content of an import's `outcome.json`."""

BECAME = ("new", "seen_before", "merged_with_polled", "refused")
"""What can become of a row: each row read is counted under exactly one of these."""

WRITERS = 2
"""While one year is written, the next one is prepared."""


# An export is parsed into some thousand small tables, for which the system's allocator takes a
# fifth less time and memory than Arrow's own. Measured.
pa.set_memory_pool(pa.system_memory_pool())


def no_progress(done: int, total: int) -> None:
    """Report nothing, where nobody is watching.

    Args:
        done: bytes read so far.
        total: bytes to read.
    """


@dataclass
class _Contents:
    """The contents of an export's files."""

    latest: datetime
    rows: dict[str, list[pa.Table]] = field(default_factory=dict)
    refused: list[pa.Table] = field(default_factory=list)
    spans: list[FileInterval] = field(default_factory=list)
    files: list[dict[str, Any]] = field(default_factory=list)

    def add(self, file: ExportFile, pieces: Iterator[bytes]) -> None:
        """Parse one more file."""
        summary: dict[str, Any] = {"name": file.name, "rows": 0, "refused": 0}
        if file.problem:
            self.files.append(summary | {"problem": file.problem})
            return
        parts: list[Part] = []
        try:
            listed = MAX_LISTED - sum(map(len, self.refused))
            for part in read_file(file.name, pieces, latest=self.latest, listed=listed):
                parts.append(part)
                summary["rows"] += len(part.rows) + part.lost
                summary["refused"] += part.lost
        except NotAnExport as problem:
            summary["problem"] = str(problem)
        else:
            summary |= _remarks(file.name, parts)
        self.files.append(summary)
        # Equal rows of another export are the same plays.
        self.rows.setdefault(export_of(file.name), []).extend(part.rows for part in parts)
        self.refused += [part.refused for part in parts]
        self.spans += _file_spans(file.name, parts, self.latest)


def _remarks(name: str, parts: Sequence[Part]) -> dict[str, str]:
    """What keeps a file from having been read in full, and what a person should know of it."""
    lost = sum(part.lost for part in parts)
    characters = sum(part.lost_characters for part in parts)
    encodings = {part.encoding for part in parts} - {""}
    remarks = {}
    if encodings:
        remarks["note"] = (
            f"{name} was read as {', '.join(encodings)}, not as UTF-8, in which Spotify writes: if "
            "names are wrong, import the file as Spotify sent it"
        )
    if any(part.damaged for part in parts):
        remarks["problem"] = f"{name} is damaged: {lost} rows are refused"
    elif lost:
        remarks["problem"] = f"{name}: {lost} rows are refused, such as: {_reason_of_loss(parts)}"
    elif characters:
        remarks["problem"] = (
            f"{name} is in an encoding that is not known: {characters} characters are lost; import "
            "the file as Spotify sent it"
        )
    return remarks


def _reason_of_loss(parts: Sequence[Part]) -> str:
    """Why the first row that is not taken is refused; others are kept without a field."""
    for part in parts:
        kept = pc.is_in(part.refused["row"], part.rows["row"].cast(part.refused["row"].type))
        if reasons := part.refused.filter(pc.invert(kept))["reason"].to_pylist():
            return str(reasons[0])
    return ""


def _file_spans(name: str, parts: Sequence[Part], latest: datetime) -> list[FileInterval]:
    """The intervals that a file covers: all of it, or what is before and after its damage.

    A play in the future, by a clock that is wrong, covers nothing of the time until then. A file
    under another name than Spotify's covers nothing if there is no music in it.
    """
    kinds = {kind for part in parts for kind in pc.unique(part.rows["kind"]).to_pylist()}
    if not parse_file_name(name) and kinds <= {*SPOKEN}:
        return []
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


def _read_files(export: Export, now: datetime, progress: ProgressCallback) -> _Contents:
    contents = _Contents(now)
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
            contents.add(file, _ahead(counted(file), unpacking))
    is_empty = not any(file["rows"] for file in contents.files)
    if is_empty and any("problem" in file for file in contents.files):
        problems = "; ".join(file["problem"] for file in contents.files if "problem" in file)
        raise RefusedExport(f"{problems}: {EXPECTED_FILES}")
    return contents


def _ahead(pieces: Iterator[bytes], unpacking: ThreadPoolExecutor) -> Iterator[bytes]:
    """The pieces; while one is parsed, the next is unpacked."""
    coming = unpacking.submit(next, pieces, None)
    while (piece := coming.result()) is not None:
        coming = unpacking.submit(next, pieces, None)
        yield piece


def import_export(
    lake: ListenerLake, export: Export, *, now: datetime, progress: ProgressCallback = no_progress
) -> ImportOutcome:
    """Store an export's rows, unless it was imported before, and account for every row.

    The ledger uses the rows once the outcome exists, which is written last: an import that was
    killed has no effect, and the next one starts over.

    Args:
        lake: the listener's.
        export: open.
        now: when it is imported, UTC.
        progress: called with the bytes read so far and their total.

    Returns:
        The outcome, also where the export was imported before.

    Raises:
        RefusedExport: where no file of it holds listening history.
    """
    imports = ImportedExports(lake)
    if before := imports.outcome(export.id):
        return _publish(lake, _imported_again(before, now))
    contents = _read_files(export, now, progress)
    rows = _typed(contents, now)
    mine = Import(export.id, whole_ms(now), covered_intervals(contents.spans), _months(rows))
    refused_rows = pa.concat_tables([REFUSED_HISTORY.empty(), *contents.refused])
    with ThreadPoolExecutor(1) as storing:
        stored = storing.submit(_store, lake, mine, rows, refused_rows)
        counts, ambiguous = _count_rows(imports, mine, rows)
        stored.result()
    rows_read = sum(file["rows"] for file in contents.files)
    refused = sum(file["refused"] for file in contents.files)
    repeated = rows_read - refused - len(rows)
    times = pc.min_max(rows["played_at"])
    outcome = {
        "import_id": mine.id,
        "imported_at": mine.imported_at.isoformat(),
        "told_at": mine.imported_at.isoformat(),
        "rows_read": rows_read,
        "new": counts["new"],
        "seen_before": counts["seen_before"] + repeated,
        "merged_with_polled": counts["merged_with_polled"],
        "refused": refused,
        "ambiguous": ambiguous,
        "first_played_at": _iso(times["min"].as_py()),
        "last_played_at": _iso(times["max"].as_py()),
        "kinds": _counts(rows["kind"]),
        "files": contents.files,
        "left_aside": list(export.left_aside),
        "vouches_for": [[_iso(span.start), _iso(span.end), span.complete] for span in mine.spans],
        "months": [str(month) for month in mine.months],
    }
    _publish(lake, outcome)
    lake.write_document(imports.outcome_path(mine.id), outcome)
    return outcome


def _imported_again(before: ImportOutcome, now: datetime) -> ImportOutcome:
    """The outcome of importing the same bytes again."""
    seen = before["rows_read"] - before["refused"]
    again = {"new": 0, "merged_with_polled": 0, "seen_before": seen, "ambiguous": 0}
    return {**before, **again, "told_at": whole_ms(now).isoformat()}


def _publish(lake: ListenerLake, outcome: ImportOutcome) -> ImportOutcome:
    """Write the outcome into the inbox, for the person who dropped the export there."""
    counted = sum(outcome[what] for what in BECAME)
    if counted != outcome["rows_read"]:
        raise RuntimeError(f"{outcome['rows_read']} rows were read, {counted} accounted for")
    lake.write_document(f"imports/{outcome['import_id']}/outcome.json", outcome)
    return outcome


def _typed(contents: _Contents, now: datetime) -> pa.Table:
    """`streaming_history` rows in order of time, each play once."""
    exports = []
    for export, parts in contents.rows.items():
        spans = covered_intervals([one for one in contents.spans if export_of(one.name) == export])
        if parts:
            rows = _stamped(with_ordinals(pa.concat_tables(parts)), now)
            exports.append(ImportedExport(export, now, spans, rows))
    return deduplicate_exports(exports)


def _stamped(rows: pa.Table, now: datetime) -> pa.Table:
    at = pa.repeat(pa.scalar(whole_ms(now), UTC_MS), len(rows))
    return rows.append_column("imported_at", at).select(HISTORY.schema.names).cast(HISTORY.schema)


def _store(lake: ListenerLake, mine: Import, rows: pa.Table, refused: pa.Table) -> None:
    """Write the rows, year by year, replacing what a killed run may have left."""

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


def _count_rows(
    imports: ImportedExports, mine: Import, rows: pa.Table
) -> tuple[dict[str, int], int]:
    """How many of an import's rows are new, seen before or merged; how many polls are ambiguous."""
    counts = dict.fromkeys(BECAME, 0)
    ambiguous = 0
    times = instants(rows["played_at"])
    lake = imports.lake
    shown = lake.month_versions(POLLED)
    alike = len(pc.unique(rows["source"])) <= 1
    for first, last, name in _stretches(rows, "M"):
        month = Month.of(date.fromisoformat(f"{name}-01"))
        if alike and month not in shown and not imports.touching(month):
            counts["new"] += last - first  # true of nearly all months at the first import
            continue
        polled = lake.read(POLLED, **month.parts) if month in shown else POLLED.empty()
        others = [imports.rows(one, month) for one in imports.touching(month)]
        edge = int(MARGIN / timedelta(milliseconds=1))
        begin, end = np.searchsorted(times, [times[first] - edge, times[last - 1] + edge])
        near = ImportedExport(mine.id, mine.imported_at, mine.spans, rows.slice(begin, end - begin))
        assembled = plays.assemble(polled, [*others, near])
        became = assembled.became(len(others))
        month_rows = slice(first - begin, last - begin)
        seen, merged = became.seen[month_rows], became.merged[month_rows]
        counts["seen_before"] += int(seen.sum())
        counts["merged_with_polled"] += int(merged.sum())
        counts["new"] += int((~seen & ~merged).sum())
        at = instants(polled["played_at"])
        here = (at >= times[first]) & (at <= times[last - 1])
        ambiguous += int((assembled.matches.ambiguous & here).sum())
    return counts, ambiguous


def _counts(column: pa.ChunkedArray) -> dict[str, int]:
    return {one["values"]: one["counts"] for one in pc.value_counts(column).to_pylist()}


def _iso(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat() if moment else None
