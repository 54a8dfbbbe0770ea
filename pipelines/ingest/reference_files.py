"""A public file of audio features into the lake, as `playledger reference add` asks for.

The file is read here and the tables are written; by which rule its rows become tracks is
`listening/catalogue/audio_features.py`. What Spotify itself tells of tracks does not belong here.
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
    COLUMNS,
    EXAMPLES,
    ParsedTracks,
    RejectedRows,
    artist_genres,
    merge_tracks,
    missing_columns,
    parse_tracks,
)
from pipelines.listening.schema.reference_tables import ARTIST_GENRES, AUDIO_FEATURES
from pipelines.resources.lake.lakes import Lake
from pipelines.resources.lake.tables import WriteResult, retry_on_conflict

PARQUET, GZIP = b"PAR1", b"\x1f\x8b"

OTHER_WIDTH = "not as many fields as the header"


@dataclass(frozen=True)
class Outcome:
    """What became of a file, and what the lake holds now.

    Attributes:
        name: of the file.
        rows_read: rows of the file, refused ones included.
        tracks: tracks that it tells of.
        folded: rows that told of a track of which another row tells too.
        refused: rows left out, by reason.
        kept_without: rows of which a column is null since it could not be read, by column.
        features: the lake's table of tracks.
        artists: the lake's table of artists with genres.
    """

    name: str
    rows_read: int
    tracks: int
    folded: int
    refused: tuple[RejectedRows, ...]
    kept_without: tuple[RejectedRows, ...]
    features: WriteResult
    artists: WriteResult


def add(path: Path, lake: Lake) -> Outcome:
    """Unite a file's tracks with those in the lake; what is there already is not written again.

    Args:
        path: a CSV, also with gzip, or a Parquet file, as told by its content.
        lake: where `reference/` lies.

    Raises:
        RefusedReference: where it is neither, lacks columns, or no row of it can be used;
            then nothing is written.
    """
    rows, misshapen = read(path)
    found = parse_tracks(rows)
    refused = (*found.refused, *misshapen)
    if not len(found.tracks):
        raise RefusedReference(f"{path.name} {_why_nothing(found, refused)}")
    features = lake.update(AUDIO_FEATURES, lambda known: merge_tracks(known, found.tracks))
    return Outcome(
        name=path.name,
        rows_read=len(rows) + sum(one.rows for one in misshapen),
        tracks=len(found.tracks),
        folded=found.folded,
        refused=refused,
        kept_without=found.kept_without,
        features=features,
        artists=_write_artists(lake),
    )


def read(path: Path) -> tuple[pa.Table, tuple[RejectedRows, ...]]:
    """The columns of a file that mean something here, as text, and the rows that are misshapen.

    Returns:
        What `parse_tracks` expects, and what is to be refused besides.

    Raises:
        RefusedReference: where the file is neither CSV nor Parquet, or lacks columns.
    """
    try:
        body = path.read_bytes()
        if body.startswith(GZIP):
            body = gzip.decompress(body)
        if body.startswith(PARQUET):
            rows = pq.ParquetFile(pa.BufferReader(body)).read()
            return _chosen(rows, path.name, np.arange(1, len(rows) + 1)), ()
        return _from_csv(body, path.name)
    except (pa.ArrowException, OSError, EOFError, zlib.error) as problem:
        said = str(problem).splitlines()[0]
        raise RefusedReference(f"{path.name} cannot be read: {said}") from None


@retry_on_conflict
def _write_artists(lake: Lake) -> WriteResult:
    # The version is asked for first: whoever adds tracks meanwhile writes this table after us,
    # or makes us start over.
    version = lake.etag(ARTIST_GENRES)
    rows = artist_genres(lake.read(AUDIO_FEATURES))
    return lake.write(ARTIST_GENRES, rows, over=version)


def _from_csv(body: bytes, name: str) -> tuple[pa.Table, tuple[RejectedRows, ...]]:
    if b"\0" in body[:4096]:
        raise RefusedReference(f"{name} is neither CSV nor Parquet")
    misshapen: list[pa_csv.InvalidRow] = []

    def set_aside(row: pa_csv.InvalidRow) -> str:
        misshapen.append(row)
        return "skip"

    # Odd bytes cost a name, not the file: `parse_tracks` leaves out a text with U+FFFD in it.
    utf8 = body.decode(errors="replace").encode()
    with pa_csv.open_csv(pa.BufferReader(utf8), parse_options=_LENIENT) as start:
        header = start.schema.names
    rows = pa_csv.read_csv(
        pa.BufferReader(utf8),
        # Only one thread alone knows the number of a misshapen row.
        read_options=pa_csv.ReadOptions(use_threads=False),
        parse_options=pa_csv.ParseOptions(newlines_in_values=True, invalid_row_handler=set_aside),
        convert_options=pa_csv.ConvertOptions(column_types=dict.fromkeys(header, pa.string())),
    )
    # The header is row 1 there.
    numbers = [row.number - 1 for row in misshapen]
    places = np.delete(np.arange(1, len(rows) + len(numbers) + 1), np.array(numbers, int) - 1)
    examples = tuple(f"row {number}" for number in numbers[:EXAMPLES])
    refused = (RejectedRows(OTHER_WIDTH, len(numbers), examples),) if numbers else ()
    return _chosen(rows, name, places), refused


_LENIENT = pa_csv.ParseOptions(newlines_in_values=True, invalid_row_handler=lambda _: "skip")


def _chosen(rows: pa.Table, name: str, places: np.ndarray) -> pa.Table:
    """Columns that mean something, as text, whatever case their names have."""
    rows = rows.rename_columns([column.strip().lower() for column in rows.column_names])
    lacks = missing_columns(rows.column_names)
    if lacks:
        has = ", ".join(column or "(no name)" for column in rows.column_names[:30])
        raise RefusedReference(f"{name} lacks {' and '.join(lacks)}; it has {has}")
    twice = [column for column in COLUMNS if rows.column_names.count(column) > 1]
    if twice:
        raise RefusedReference(f"{name} has more than one column {', '.join(twice)}")
    wanted = [column for column in COLUMNS if column in rows.column_names]
    columns = {column: _text(rows[column], column, name) for column in wanted}
    return pa.table({**columns, "row": pa.array(places, pa.int64())})


def _text(column: pa.ChunkedArray, what: str, name: str) -> pa.ChunkedArray:
    try:
        if pa.types.is_list(column.type) or pa.types.is_large_list(column.type):
            return pc.binary_join(column, ";").cast(pa.string())
        return column.cast(pa.string())
    except pa.ArrowException:
        raise RefusedReference(
            f"{name} has neither text nor numbers in {what}, but {column.type}"
        ) from None


def _why_nothing(found: ParsedTracks, refused: tuple[RejectedRows, ...]) -> str:
    if not refused:
        return "holds no rows"
    spoilt = (*refused, *found.kept_without)
    return "holds no row that can be used: " + "; ".join(
        reason_with_examples(one) for one in spoilt
    )


def reason_with_examples(one: RejectedRows) -> str:
    """Why rows were refused, or a column left out, with the first of them."""
    return f"{one.what}: {', '.join(one.examples)}" + (", …" if one.rows > EXAMPLES else "")
