"""Adding a file of Spotify's play counts to the lake, for `playledger reference add-counts`.

The file is read here and the table is written; what its rows mean is
`listening/catalogue/spotify_counts.py`.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv

from pipelines.errors import RefusedReference
from pipelines.ingest.reference_files import WRONG_WIDTH, reason_with_examples
from pipelines.listening.catalogue.audio_features import RejectedRows
from pipelines.listening.catalogue.spotify_counts import (
    COLUMNS,
    merge_counts,
    missing_columns,
    parse_counts,
)
from pipelines.listening.schema.reference_tables import SPOTIFY_PLAY_COUNTS
from pipelines.resources.lake.lakes import Lake
from pipelines.resources.lake.tables import WriteResult


@dataclass(frozen=True)
class CountsOutcome:
    """The result of adding a file.

    Attributes:
        name: of the file.
        rows_read: rows of the file, refused ones included.
        tracks: how many tracks it has.
        refused: refused rows, by reason.
        written: the lake's table, as written.
    """

    name: str
    rows_read: int
    tracks: int
    refused: tuple[RejectedRows, ...]
    written: WriteResult


def add(path: Path, lake: Lake) -> CountsOutcome:
    """Merge a file's counts with those in the lake.

    Args:
        path: a CSV.
        lake: the whole lake.

    Raises:
        RefusedReference: where it is none, lacks columns, or has no valid row; then nothing is
            written.
    """
    rows, misshapen = _read(path)
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date()  # it may be that day somewhere
    counts, refused = parse_counts(rows, tomorrow)
    if misshapen:
        refused = (*refused, RejectedRows(WRONG_WIDTH, misshapen, ()))
    if not len(counts):
        why = "; ".join(map(reason_with_examples, refused)) or "no rows"
        raise RefusedReference(f"{path.name} has no valid row: {why}")
    written = lake.update(SPOTIFY_PLAY_COUNTS, lambda stored: merge_counts(stored, counts))
    return CountsOutcome(path.name, len(rows) + misshapen, len(counts), refused, written)


def _read(path: Path) -> tuple[pa.Table, int]:
    """The known columns as text with `row`, counted from 1, and how many rows are no rows."""
    misshapen = list[object]()

    def skip(row: pa_csv.InvalidRow) -> str:
        misshapen.append(row)
        return "skip"

    try:
        utf8 = path.read_bytes().decode("utf-8-sig", errors="replace").encode()
        options = pa_csv.ParseOptions(newlines_in_values=True, invalid_row_handler=skip)
        with pa_csv.open_csv(pa.BufferReader(utf8), parse_options=options) as start:
            names = start.schema.names
        misshapen.clear()
        as_text = pa_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()))
        rows = pa_csv.read_csv(
            pa.BufferReader(utf8), parse_options=options, convert_options=as_text
        )
    except (pa.ArrowException, OSError) as problem:
        reason = str(problem).splitlines()[0]
        raise RefusedReference(f"{path.name} cannot be read as CSV: {reason}") from None
    plain = [re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") for name in names]
    found = {
        name: rows.column(plain.index(called))
        for name, near in COLUMNS.items()
        if (called := next((one for one in near if one in plain), None))
    }
    if missing := missing_columns([*found]):
        raise RefusedReference(
            f"{path.name} lacks {' and '.join(missing)}; it has {', '.join(names[:30])}"
        )
    return pa.table({**found, "row": pa.array(range(1, len(rows) + 1), pa.int64())}), len(misshapen)
