"""What became of the questions to the catalogue, as rows of `cache_outcomes`.

Each run keeps a record of its own questions; a date's rows are the sums of its records. Add here
what else a record says. Who writes it is `ingest/catalogue.py`; what the cache counts by itself,
for this machine alone, is `resources/cache/responses.py`.
"""

from collections.abc import Iterable
from datetime import date, datetime

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.api.responses import Request, Response
from pipelines.listening.schema.tables import CACHE_OUTCOMES

VERSION = "1"
"""Of how records are read."""

RECORD = "cache_outcomes"
"""The name under which records are kept, beside the answers."""


class Times(msgspec.Struct):
    """How often each outcome was, of one kind of questions."""

    hit: int = 0
    miss: int = 0
    stale: int = 0

    @property
    def saved(self) -> int:
        """Requests that were not sent."""
        return self.hit + self.stale


class Record(msgspec.Struct):
    """What became of the questions of one run, and what was kept when it ended.

    Attributes:
        kinds: how often each outcome was, by the kind of questions.
        backend: where answers are kept; None where they are not.
        entries: how many are; None where that is not known.
        bytes: what they take; likewise.
    """

    kinds: dict[str, Times]
    backend: str | None = None
    entries: int | None = None
    bytes: int | None = None


def as_response(record: Record, at: datetime) -> Response:
    """A record as it is kept: like an answer that came at this moment."""
    body = msgspec.Raw(msgspec.json.encode(record))
    return Response(Request(RECORD, ""), at, 200, body)


def cache_outcomes(
    known: pa.Table, days: Iterable[tuple[str, Iterable[Response]]]
) -> tuple[pa.Table, list[str]]:
    """The rows of all days.

    Args:
        known: rows of some days, or none.
        days: others, or the same once more, each with all of its records, oldest first.

    Returns:
        The rows, and what is wrong with records that could not be read.
    """
    rows: list[dict[str, object]] = []
    problems: list[str] = []
    again: list[date] = []
    for day, kept in days:
        again.append(date.fromisoformat(day))
        records = []
        for one in kept:
            try:
                records.append(msgspec.json.decode(one.body, type=Record))
            except msgspec.DecodeError as problem:
                problems.append(f"{RECORD} of {day}: {problem}")
        rows += _of_a_day(again[-1], records)
    others = known.filter(pc.invert(pc.is_in(known["date"], pa.array(again, pa.date32()))))
    return pa.concat_tables([others, CACHE_OUTCOMES.from_rows(rows)]), problems


def _of_a_day(day: date, records: list[Record]) -> list[dict[str, object]]:
    sums: dict[str, Times] = {}
    for record in records:
        for kind, times in record.kinds.items():
            whole = sums.setdefault(kind, Times())
            whole.hit += times.hit
            whole.miss += times.miss
            whole.stale += times.stale
    return [
        {
            "date": day,
            "kind": kind,
            "hits": times.hit,
            "misses": times.miss,
            "stale": times.stale,
            "saved_requests": times.saved,
            "backend": records[-1].backend,
            "entries": records[-1].entries,
            "bytes": records[-1].bytes,
        }
        for kind, times in sums.items()
    ]
