"""Files of any source, as a parser meets them: recognised by their bytes, read row by row."""

from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from pipelines.listening.privacy_export.encodings import as_utf8
from pipelines.listening.sources.registry import all_sources, source_named
from pipelines.listening.sources.source import HEAD_BYTES, Reading, SourceFile
from pipelines.listening.time.local_time import Zone

LATEST = datetime(2026, 11, 20, tzinfo=UTC)
BERLIN = (Zone("Europe/Berlin"),)


def recognised(body: bytes, name: str = "") -> list[str]:
    """The names of all sources that take a file for theirs."""
    head = b"".join(as_utf8([body[:HEAD_BYTES]]))
    return [one.name for one in all_sources() if one.read and one.recognise(name, head)]


class Parsed:
    """What a source reads out of a file.

    Attributes:
        rows: the rows, as dictionaries without nulls.
        refused: `refused_history` rows.
        lost: how many rows are not in `rows`.
        damaged: whether stretches of unknown length are.
        notes: what a person should know of the file.
        encodings: what its text was taken for.
    """

    def __init__(
        self, source: str, body: bytes, zones: tuple[Zone, ...] = BERLIN, split: int = 1000
    ) -> None:
        def chunks() -> list[bytes]:
            return [body[at : at + split] for at in range(0, len(body), split)]

        read = source_named(source).read
        assert read
        parts = list(read(SourceFile("a file", chunks), Reading(LATEST, zones)))
        found = pa.concat_tables(part.rows for part in parts).to_pylist()
        self.rows: list[dict[str, Any]] = [
            {key: value for key, value in row.items() if value is not None} for row in found
        ]
        self.refused = pa.concat_tables(part.refused for part in parts).to_pylist()
        self.lost = sum(part.lost for part in parts)
        self.damaged = any(part.damaged for part in parts)
        self.notes = {part.note for part in parts} - {""}
        self.encodings = {part.encoding for part in parts} - {""}

    def column(self, name: str) -> list[Any]:
        return [row.get(name) for row in self.rows]

    @property
    def reasons(self) -> list[str]:
        return [row["reason"] for row in self.refused]
