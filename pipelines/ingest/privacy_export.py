"""Importing files of any source into the lake, with an outcome that accounts for every row.

From files to typed rows, to their files in `streaming_history/`, to the outcome: how many rows
are new and what became of the others. How files are opened and recognised is `archive.py`, what
their rows mean `listening/sources/`, how they become plays `listening/ledger/plays.py`.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import groupby
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.errors import RefusedExport
from pipelines.ingest.archive import Export, ExportFile, chunks, expected_files
from pipelines.listening.arrays import Bools, Ints
from pipelines.listening.catalogue.kinds import SPOKEN
from pipelines.listening.ledger import plays
from pipelines.listening.ledger.export_union import (
    ImportedExport,
    deduplicate_exports,
    with_ordinals,
)
from pipelines.listening.privacy_export.coverage import FileInterval, covered_intervals
from pipelines.listening.privacy_export.filenames import export_of, parse_file_name
from pipelines.listening.privacy_export.parser import LEFT_OUT, MAX_LISTED, NotAnExport, Part
from pipelines.listening.schema.tables import HISTORY, POLLED, REFUSED_HISTORY, UTC_MS
from pipelines.listening.sources.registry import source_named
from pipelines.listening.sources.source import Reading, Source, SourceFile
from pipelines.listening.time.intervals import instants, whole_ms
from pipelines.listening.time.local_time import Zone
from pipelines.listening.time.months import MARGIN, Month
from pipelines.resources.lake.imported_exports import Import, ImportedExports
from pipelines.resources.lake.lakes import ListenerLake
from pipelines.resources.lake.tables import retry_on_conflict

ProgressCallback = Callable[[int, int], None]
"""Called with the bytes read so far and their total."""

ImportOutcome = dict[str, Any]
"""The content of an import's `outcome.json`."""

BECAME = ("new", "seen_before", "merged_with_polled", "merged", "refused")
"""What can become of a row: each row read is counted under exactly one of these."""

UTC_CLOCK = (Zone("UTC"),)

MAX_REASONS = 20
"""Different reasons for refused rows that are told of each file."""

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
    """The contents of an export's files.

    Attributes:
        reading: what parsers are told.
        beside: files without plays that describe those of others.
        exports: rows of sources that cover time, by the export that they are of.
        others: rows of all other sources, by the source.
        refused: `refused_history` rows.
        spans: which time each file covers.
        files: what became of each file.
    """

    reading: Reading
    beside: Sequence[ExportFile] = ()
    exports: dict[str, list[pa.Table]] = field(default_factory=dict)
    others: dict[str, list[pa.Table]] = field(default_factory=dict)
    refused: list[pa.Table] = field(default_factory=list)
    spans: list[FileInterval] = field(default_factory=list)
    files: list[dict[str, Any]] = field(default_factory=list)

    def add(self, file: ExportFile, pieces: Callable[[], Iterator[bytes]]) -> None:
        """Parse one more file."""
        summary: dict[str, Any] = {"name": file.name, "rows": 0, "refused": 0}
        if file.problem:
            self.files.append(summary | {"problem": file.problem})
            return
        source = source_named(file.source)
        parts: list[Part] = []
        try:
            for part in self._parts(source, SourceFile(file.name, pieces)):
                parts.append(part)
                summary["rows"] += len(part.rows) + part.lost
                summary["refused"] += part.lost
        except NotAnExport as problem:
            summary["problem"] = str(problem)
        else:
            summary |= _remarks(file.name, parts)
        summary["reasons"] = _reasons(parts)
        self.files.append(summary | _stated(summary, parts))
        rows = [part.rows for part in parts]
        if source.covers:
            # Equal rows of another export are the same plays.
            self.exports.setdefault(export_of(file.name), []).extend(rows)
            self.spans += _file_spans(file.name, parts, self.reading.latest)
        else:
            self.others.setdefault(source.name, []).extend(rows)
        self.refused += [part.refused for part in parts]

    def _parts(self, source: Source, file: SourceFile) -> Iterator[Part]:
        if source.read is None:
            raise RuntimeError(f"{source.name} recognises files that it cannot read")
        beside = tuple(
            SourceFile(one.name, partial(chunks, one))
            for one in self.beside
            if source.beside(one.name, one.head)
        )
        listed = MAX_LISTED - sum(map(len, self.refused))
        yield from source.read(file, replace(self.reading, beside=beside, listed=listed))


def _stated(summary: ImportOutcome, parts: Sequence[Part]) -> dict[str, Any]:
    """Of a file that says how many plays it has: the number, and what to know if it is another."""
    totals = [part.stated for part in parts if part.stated is not None]
    if not totals:
        return {}
    stated, read = max(totals), summary["rows"]
    told = {"stated": stated}
    if stated == read:
        return told
    differs = f"{summary['name']} says that it has {stated:,} plays, and {read:,} are in it"
    notes = [summary["note"]] if "note" in summary else []
    return told | {"note": "; ".join([*notes, differs])}


def _remarks(name: str, parts: Sequence[Part]) -> dict[str, str]:
    """What keeps a file from having been read in full, and what a person should know of it."""
    lost = sum(part.lost for part in parts)
    characters = sum(part.lost_characters for part in parts)
    encodings = {part.encoding for part in parts} - {""}
    remarks = {}
    notes = [f"{name}: {part.note}" for part in parts if part.note]
    if encodings:
        notes.append(
            f"{name} was read as {', '.join(encodings)}, not as UTF-8: if names are wrong, import "
            "the file as it was before a program saved it"
        )
    if notes:
        remarks["note"] = "; ".join(notes)
    if lost or any(part.damaged for part in parts):
        first = next((reason for part in parts for reason in _reasons([part])), "")
        is_damaged = any(part.damaged for part in parts)
        damaged = " is damaged" if is_damaged else ""
        such = f", such as: {first.removeprefix('is damaged: ')}" if first else ""
        rows = "1 row is" if lost == 1 else f"{lost} rows are"
        remarks["problem"] = f"{name}{damaged}: {rows} refused{such}"
    elif characters:
        remarks["problem"] = (
            f"{name} is in an encoding that is not known: {characters} characters are lost; import "
            "the file as it was before a program saved it"
        )
    return remarks


def _reasons(parts: Sequence[Part]) -> dict[str, int]:
    """Why rows are not taken, and how many of those that are listed; others lack a field only."""
    told: Counter[str] = Counter()
    for part in parts:
        if part.lost:
            refused = part.refused.filter(pc.invert(pc.ends_with(part.refused["reason"], LEFT_OUT)))
            kept = pc.is_in(refused["row"], part.rows["row"].cast(refused["row"].type))
            told.update(refused.filter(pc.invert(kept))["reason"].to_pylist())
    return dict(told.most_common(MAX_REASONS))


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


def _read_files(
    export: Export, now: datetime, zones: Sequence[Zone], progress: ProgressCallback
) -> _Contents:
    contents = _Contents(Reading(now, zones), export.beside)
    total = sum(file.size for file in export.files)
    done = 0

    def counted(file: ExportFile) -> Iterator[bytes]:
        nonlocal done
        for piece in chunks(file):
            yield piece
            done = min(done + len(piece), total)  # a parser may read a file twice
            progress(done, total)

    with ThreadPoolExecutor(1) as unpacking:
        for file in export.files:
            contents.add(file, lambda file=file: _ahead(counted(file), unpacking))  # type: ignore[misc]
    is_empty = not any(file["rows"] for file in contents.files)
    if is_empty and any("problem" in file for file in contents.files):
        problems = "; ".join(file["problem"] for file in contents.files if "problem" in file)
        raise RefusedExport(f"{problems}: {expected_files()}")
    return contents


def _ahead(pieces: Iterator[bytes], unpacking: ThreadPoolExecutor) -> Iterator[bytes]:
    """The pieces; while one is parsed, the next is unpacked."""
    coming = unpacking.submit(next, pieces, None)
    while (piece := coming.result()) is not None:
        coming = unpacking.submit(next, pieces, None)
        yield piece


def import_export(
    lake: ListenerLake,
    export: Export,
    *,
    now: datetime,
    zones: Sequence[Zone] = UTC_CLOCK,
    progress: ProgressCallback = no_progress,
) -> ImportOutcome:
    """Store an export's rows, unless it was imported before, and account for every row.

    The ledger uses the rows once the outcome exists, which is written last: an import that was
    killed has no effect, and the next one starts over.

    Args:
        lake: the listener's.
        export: open.
        now: when it is imported, UTC.
        zones: the listener's time zones, for files that tell local time.
        progress: called with the bytes read so far and their total.

    Returns:
        The outcome, also where the export was imported before.

    Raises:
        RefusedExport: where no file of it holds listening history.
    """
    imports = ImportedExports(lake)
    if before := imports.outcome(export.id):
        return _publish(lake, _imported_again(before, now))
    contents = _read_files(export, now, zones, progress)
    rows = _typed(contents, now)
    mine = Import(export.id, whole_ms(now), covered_intervals(contents.spans), _months(rows))
    refused_rows = pa.concat_tables([REFUSED_HISTORY.empty(), *contents.refused])
    with ThreadPoolExecutor(1) as storing:
        stored = storing.submit(_store, lake, mine, rows, refused_rows)
        counted = _count_rows(lake, mine, rows)
        stored.result()
    files = _with_counts(contents.files, rows, counted)
    times = pc.min_max(rows["played_at"])
    outcome = {
        "import_id": mine.id,
        "imported_at": mine.imported_at.isoformat(),
        "told_at": mine.imported_at.isoformat(),
        "rows_read": sum(file["rows"] for file in files),
        **{kind: sum(file[kind] for file in files) for kind in BECAME},
        "ambiguous": counted.ambiguous,
        "probable_doubles": int(counted.double.sum()),
        "first_played_at": _iso(times["min"].as_py()),
        "last_played_at": _iso(times["max"].as_py()),
        "kinds": _counts(rows["kind"]),
        "sources": _counts(rows["source"]),
        "files": files,
        "left_aside": list(export.left_aside),
        "vouches_for": [[_iso(span.start), _iso(span.end), span.complete] for span in mine.spans],
        "months": [str(month) for month in mine.months],
    }
    _publish(lake, outcome)
    lake.write_document(imports.outcome_path(mine.id), outcome)
    return outcome


def _imported_again(before: ImportOutcome, now: datetime) -> ImportOutcome:
    """The outcome of importing the same bytes again."""
    files = [{**file, **_all_seen(file["rows"], file["refused"])} for file in before["files"]]
    seen = _all_seen(before["rows_read"], before["refused"])
    told = {"ambiguous": 0, "told_at": whole_ms(now).isoformat(), "files": files}
    return {**before, **seen, **told}


def _all_seen(rows: int, refused: int) -> dict[str, int]:
    return dict.fromkeys(BECAME, 0) | {"seen_before": rows - refused, "refused": refused}


def _publish(lake: ListenerLake, outcome: ImportOutcome) -> ImportOutcome:
    """Write the outcome into the inbox, for the person who dropped the export there."""
    counted = sum(outcome[kind] for kind in BECAME)
    if counted != outcome["rows_read"]:
        raise RuntimeError(f"{outcome['rows_read']} rows were read, {counted} accounted for")
    lake.write_document(f"imports/{outcome['import_id']}/outcome.json", outcome)
    return outcome


def _typed(contents: _Contents, now: datetime) -> pa.Table:
    """`streaming_history` rows in order of time, each play once."""
    exports = []
    for export, parts in contents.exports.items():
        spans = covered_intervals([one for one in contents.spans if export_of(one.name) == export])
        if parts:
            exports.append(ImportedExport(export, now, spans, _numbered(parts, now)))
    told = [_numbered(parts, now) for parts in contents.others.values() if parts]
    if not told:
        return deduplicate_exports(exports)
    rows = pa.concat_tables([deduplicate_exports(exports), *told])
    return rows.sort_by([(name, "ascending") for name in HISTORY.order])


def _numbered(parts: Sequence[pa.Table], now: datetime) -> pa.Table:
    return _stamped(with_ordinals(pa.concat_tables(parts)), now)


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


@dataclass(frozen=True)
class _Counted:
    """What an import's rows are in the ledger.

    Attributes:
        kind: of each row, its index in `BECAME`.
        double: which rows are probably a play of their source once more.
        ambiguous: how many polled plays of the period cannot be matched for certain.
    """

    kind: Ints
    double: Bools
    ambiguous: int


@retry_on_conflict
def _count_rows(lake: ListenerLake, mine: Import, rows: pa.Table) -> _Counted:
    """Which of an import's rows are new, seen before or merged with what is there."""
    imports = ImportedExports(lake)
    kind = np.full(len(rows), BECAME.index("new"))
    double = np.zeros(len(rows), np.bool_)
    ambiguous = 0
    times = instants(rows["played_at"])
    shown = lake.month_versions(POLLED)
    sources = pc.unique(rows["source"]).to_pylist()
    alike = len(sources) <= 1 and all(source_named(name).covers for name in sources)
    for first, last, year in _stretches(rows, "Y"):
        months = [Month(int(year), month) for month in range(1, 13)]
        polled = [lake.read(POLLED, **month.parts) for month in months if month in shown]
        near = [one for one in imports.all if any(map(one.touches, months))]
        if alike and not polled and not near:
            continue  # true of nearly all years at the first import
        edge = int(MARGIN / timedelta(milliseconds=1))
        begin, end = np.searchsorted(times, [times[first] - edge, times[last - 1] + edge])
        around = [_at(times[first] - edge), _at(times[last - 1] + edge + 1)]
        assembled = plays.assemble(
            pa.concat_tables([POLLED.empty(), *polled]),
            [
                *(imports.rows_between(one, *around) for one in near),
                replace(_rows_of(mine), rows=rows.slice(begin, end - begin)),
            ],
        )
        became = assembled.became(len(near))
        of_year = slice(first - begin, last - begin)
        for name, which in (
            ("merged", became.merged),
            ("merged_with_polled", became.merged & became.polled),
            ("seen_before", became.seen),
        ):
            kind[first:last][which[of_year]] = BECAME.index(name)
        double[first:last] = became.double[of_year]
        at = instants(assembled.polled["played_at"])
        here = (at >= times[first]) & (at <= times[last - 1])
        ambiguous += int((assembled.matches.ambiguous & here).sum())
    return _Counted(kind, double, ambiguous)


def _rows_of(mine: Import) -> ImportedExport:
    return ImportedExport(mine.id, mine.imported_at, mine.spans, HISTORY.empty())


def _at(ms: int) -> datetime:
    return datetime.fromtimestamp(int(ms) / 1000, UTC)


def _with_counts(
    files: Sequence[dict[str, Any]], rows: pa.Table, counted: _Counted
) -> list[dict[str, Any]]:
    """What became of each file, with what became of its rows."""
    codes = rows["file"].combine_chunks().dictionary_encode()
    names = codes.dictionary.to_pylist()
    at = codes.indices.to_numpy()
    size = len(BECAME) * len(names)
    kinds = np.bincount(at * len(BECAME) + counted.kind, minlength=size).reshape(-1, len(BECAME))
    doubles = np.bincount(at[counted.double], minlength=len(names))
    told = []
    for file in files:
        of_file = kinds[names.index(file["name"])].tolist() if file["name"] in names else []
        became = dict.fromkeys(BECAME, 0) | dict(zip(BECAME, of_file, strict=False))
        # What only repeats a row that came with it is one row.
        repeated = file["rows"] - file["refused"] - sum(became.values())
        became["seen_before"] += repeated
        more = int(doubles[names.index(file["name"])]) if file["name"] in names else 0
        told.append(file | became | {"refused": file["refused"], "probable_doubles": more})
    return told


def _counts(column: pa.ChunkedArray) -> dict[str, int]:
    return {one["values"]: one["counts"] for one in pc.value_counts(column).to_pylist()}


def _iso(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat() if moment else None
