"""Adding a public file of audio features to the lake, for `playledger reference add`.

The file is read here and the tables are written; how its rows become tracks is
`listening/catalogue/audio_features.py`. Spotify's own data about tracks does not belong here.
"""

import gzip
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from pipelines.errors import RefusedReference
from pipelines.listening.catalogue.audio_features import (
    EXAMPLES,
    ParsedTracks,
    RejectedRows,
    artist_genres,
    merge_tracks,
    missing_columns,
    parse_tracks,
    read_header,
)
from pipelines.listening.schema.reference_tables import ARTIST_GENRES, AUDIO_FEATURES
from pipelines.resources.lake.lakes import Lake
from pipelines.resources.lake.tables import WriteResult, retry_on_conflict

PARQUET, GZIP = b"PAR1", b"\x1f\x8b"

WRONG_WIDTH = "not as many fields as the header"


@dataclass(frozen=True)
class ReferenceOutcome:
    """The result of adding a file.

    Attributes:
        name: of the file.
        rows_read: rows of the file, refused ones included.
        tracks: how many tracks it has.
        folded: rows of a track that has another row too.
        refused: refused rows, by reason.
        kept_without: rows with a null in a column that could not be parsed, by column.
        ignored: names of the file's columns that are not read.
        features: the lake's table of tracks, as written.
        artists: the lake's table of artists with genres, as written.
    """

    name: str
    rows_read: int
    tracks: int
    folded: int
    refused: tuple[RejectedRows, ...]
    kept_without: tuple[RejectedRows, ...]
    ignored: tuple[str, ...]
    features: WriteResult
    artists: WriteResult


def add(path: Path, lake: Lake) -> ReferenceOutcome:
    """Merge a file's tracks with those in the lake; unchanged tables are not written again.

    Args:
        path: a CSV, also with gzip, or a Parquet file; recognized by its content.
        lake: the whole lake.

    Raises:
        RefusedReference: where it is neither, lacks columns, or has no valid row; then nothing is
            written.
    """
    rows, misshapen, ignored = read(path)
    parsed = parse_tracks(rows)
    refused = (*parsed.refused, *misshapen)
    if not len(parsed.tracks):
        raise RefusedReference(f"{path.name} {_why_empty(parsed, refused)}")
    features = lake.update(AUDIO_FEATURES, lambda stored: merge_tracks(stored, parsed.tracks))
    return ReferenceOutcome(
        name=path.name,
        rows_read=len(rows) + sum(one.rows for one in misshapen),
        tracks=len(parsed.tracks),
        folded=parsed.folded,
        refused=refused,
        kept_without=parsed.kept_without,
        ignored=ignored,
        features=features,
        artists=_write_artists(lake),
    )


def read(path: Path) -> tuple[pa.Table, tuple[RejectedRows, ...], tuple[str, ...]]:
    """The known columns of a file, as text, and the rows that cannot be split into fields.

    Returns:
        The input of `parse_tracks`, rows that are refused already, and names of ignored columns.

    Raises:
        RefusedReference: where the file is neither CSV nor Parquet, or lacks columns.
    """
    try:
        body = path.read_bytes()
        if body.startswith(GZIP):
            body = gzip.decompress(body)
        if body.startswith(PARQUET):
            rows = pq.ParquetFile(pa.BufferReader(body)).read()
            known, ignored = _known_columns(rows, path.name, np.arange(1, len(rows) + 1))
            return known, (), ignored
        return _from_csv(body, path.name)
    except (pa.ArrowException, OSError, EOFError, zlib.error) as problem:
        reason = str(problem).splitlines()[0]
        raise RefusedReference(f"{path.name} cannot be read: {reason}") from None


@retry_on_conflict
def _write_artists(lake: Lake) -> WriteResult:
    # The ETag is read first: if someone adds tracks in between, they write this table after us, or
    # the write has a conflict and starts over.
    version = lake.etag(ARTIST_GENRES)
    rows = artist_genres(lake.read(AUDIO_FEATURES))
    return lake.write(ARTIST_GENRES, rows, over=version)


def _from_csv(body: bytes, name: str) -> tuple[pa.Table, tuple[RejectedRows, ...], tuple[str, ...]]:
    if b"\0" in body[:4096]:
        raise RefusedReference(f"{name} is neither CSV nor Parquet")
    misshapen: list[pa_csv.InvalidRow] = []

    def skip(row: pa_csv.InvalidRow) -> str:
        misshapen.append(row)
        return "skip"

    # Invalid bytes cost one name, not the file: `parse_tracks` drops texts with U+FFFD in them.
    utf8 = body.decode(errors="replace").encode()
    with pa_csv.open_csv(pa.BufferReader(utf8), parse_options=_LENIENT) as start:
        header = start.schema.names
    rows = pa_csv.read_csv(
        pa.BufferReader(utf8),
        # With several threads, the number of a misshapen row is unknown.
        read_options=pa_csv.ReadOptions(use_threads=False),
        parse_options=pa_csv.ParseOptions(newlines_in_values=True, invalid_row_handler=skip),
        convert_options=pa_csv.ConvertOptions(column_types=dict.fromkeys(header, pa.string())),
    )
    # These count the header as row 1.
    numbers = [row.number - 1 for row in misshapen]
    row_numbers = np.delete(np.arange(1, len(rows) + len(numbers) + 1), np.array(numbers, int) - 1)
    examples = tuple(f"row {number}" for number in numbers[:EXAMPLES])
    refused = (RejectedRows(WRONG_WIDTH, len(numbers), examples),) if numbers else ()
    known, ignored = _known_columns(rows, name, row_numbers)
    return known, refused, ignored


_LENIENT = pa_csv.ParseOptions(newlines_in_values=True, invalid_row_handler=lambda _: "skip")


def _known_columns(
    rows: pa.Table, name: str, row_numbers: np.ndarray
) -> tuple[pa.Table, tuple[str, ...]]:
    """The known columns as text, under our names, and the row numbers; and what is ignored."""
    header = read_header(rows.column_names)
    missing = missing_columns(header.names)
    if missing:
        has = ", ".join(column.strip() or "(no name)" for column in rows.column_names[:30])
        raise RefusedReference(f"{name} lacks {' and '.join(missing)}; it has {has}")
    twice = [column for column, places in header.names.items() if len(places) > 1]
    if twice:
        raise RefusedReference(f"{name} has more than one column {', '.join(twice)}")
    columns = {
        column: _text(rows.column(place), column, name) for column, [place] in header.names.items()
    }
    return pa.table({**columns, "row": pa.array(row_numbers, pa.int64())}), header.ignored


def _text(column: pa.ChunkedArray, what: str, name: str) -> pa.ChunkedArray:
    try:
        if pa.types.is_list(column.type) or pa.types.is_large_list(column.type):
            return pc.binary_join(column, ";").cast(pa.string())
        return column.cast(pa.string())
    except pa.ArrowException:
        raise RefusedReference(
            f"{name} has neither text nor numbers in {what}, but {column.type}"
        ) from None


def _why_empty(parsed: ParsedTracks, refused: tuple[RejectedRows, ...]) -> str:
    if not refused:
        return "has no rows"
    reasons = (*refused, *parsed.kept_without)
    return "has no valid row: " + "; ".join(reason_with_examples(one) for one in reasons)


def reason_with_examples(one: RejectedRows) -> str:
    """Why rows were refused, or are without a column, with the first of them."""
    return f"{one.what}: {', '.join(one.examples)}" + (", …" if one.rows > EXAMPLES else "")
