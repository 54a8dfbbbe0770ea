"""Files of scrobbles read by their source, as an import would; add here another way to look."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from pipelines.listening.privacy_export.parser import Part
from pipelines.listening.sources.source import Reading, Source, SourceFile

LATEST = datetime(2026, 11, 28, tzinfo=UTC)


def read(source: Source, body: bytes | str, name: str = "file", chunk: int = 1000) -> list[Part]:
    """The parts of a file whose bytes come in small chunks."""
    data = body.encode() if isinstance(body, str) else body

    def chunks() -> Iterator[bytes]:
        yield from (data[at : at + chunk] for at in range(0, len(data), chunk))

    assert source.read is not None
    return list(source.read(SourceFile(name, chunks), Reading(LATEST, ())))


def rows_of(parts: list[Part]) -> list[dict[str, Any]]:
    """Their rows."""
    return pa.concat_tables([part.rows for part in parts]).to_pylist()


def heard(parts: list[Part]) -> list[tuple[str, str, str]]:
    """When each began, its artist and its title."""
    return [
        (f"{row['started_at']:%Y-%m-%d %H:%M:%S}", row["artist_name"], row["track_name"])
        for row in rows_of(parts)
    ]


def refused(parts: list[Part]) -> dict[int, str]:
    """Why rows are refused, or left out, by their number."""
    every = pa.concat_tables([part.refused for part in parts]).to_pylist()
    return {row["row"]: row["reason"] for row in every}


def lost(parts: list[Part]) -> int:
    """How many rows of the file are not among its rows, without what was playing."""
    return sum(part.lost for part in parts)


def stated(parts: list[Part]) -> int | None:
    """How many rows the file says that it has."""
    return next((part.stated for part in parts if part.stated is not None), None)
