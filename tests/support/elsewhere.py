"""Made-up sources of plays from elsewhere, and rows of theirs in miniature.

`scrobbler` and `listens` tell when a play began, `diary` the minute only, `jukebox` measures. What
a test expects of them does not belong here.
"""

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipelines.listening import sources
from pipelines.listening.ledger.export_union import ImportedExport, with_ordinals
from pipelines.listening.schema.tables import HISTORY, UTC_MS
from pipelines.listening.sources.registry import all_sources, source_named
from pipelines.listening.sources.rows import part_of
from pipelines.listening.sources.source import Reading
from pipelines.listening.time.local_time import Zone
from tests.support.lives import MINUTE, SECOND, Fact, millis, moment
from tests.support.sources import LATER, at
from tests.support.spotify_answers import NOON

Json = dict[str, Any]

MODULE = '''
"""A source that is made up."""

from datetime import timedelta

from pipelines.listening.sources.source import ISRC, NAMES, START, URI, Source

SOURCES = tuple(
    Source(
        name=name,
        title=name,
        rank=rank,
        place=rank,
        stamp=START,
        precision=timedelta(seconds=seconds),
        measures=measures,
        covers=False,
        identities=(URI, ISRC, NAMES),
    )
    for name, rank, seconds, measures in (
        ("jukebox", 904, 1, True),
        ("scrobbler", 905, 1, False),
        ("listens", 906, 1, False),
        ("diary", 907, 60, False),
    )
)
'''

ADDED_TO_TITLES = (" - Remastered 2011", " (feat. Guest)")
"""What sources add to a title at times."""


@contextmanager
def made_up(folder: Path) -> Iterator[None]:
    """The product with these sources, from a module in a folder of its own."""
    (folder / "made_up.py").write_text(MODULE)
    sources.__path__.append(str(folder))
    all_sources.cache_clear()
    try:
        yield
    finally:
        sources.__path__.remove(str(folder))
        all_sources.cache_clear()


def heard(second: float, key: str = "a", **changed: Any) -> Json:
    """A row that tells that a track began at a second: the same track as `sources.item`."""
    named: Json = {"track_name": f"Song {key}", "artist_name": f"Artist {key}"}
    return {"started_at": at(second), **named, **changed}


def ended(second: float, key: str = "a", **changed: Any) -> Json:
    """A row that tells that a track ended."""
    return heard(second, key, started_at=None, played_at=at(second), **changed)


def told(
    source: str,
    *rows: Json,
    name: str = "",
    made: float = LATER,
    files: Sequence[Sequence[Json]] = (),
) -> ImportedExport:
    """An import of one file or several, each in any order."""
    parts = []
    for number, each in enumerate(files or [rows]):
        names = {key for row in each for key in row}
        columns = {
            key: pa.array([row.get(key) for row in each], HISTORY.schema.field(key).type)
            for key in sorted(names)
        }
        reading = Reading(at(LATER) + timedelta(days=365), [Zone("UTC")])
        part = part_of(
            source_named(source),
            f"{source}-{number}",
            columns,
            reading,
            text=lambda _: {},
            needs_artist=False,
        )
        assert not part.lost, part.refused.to_pylist()
        parts.append(part.rows)
    return stamped(parts, name or source, at(made))


def stamped(parts: Sequence[pa.Table], name: str, when: datetime) -> ImportedExport:
    """Rows as an import stores them."""
    table = with_ordinals(pa.concat_tables(parts))
    table = table.append_column("imported_at", pa.repeat(pa.scalar(when, UTC_MS), len(table)))
    table = table.select(HISTORY.schema.names).cast(HISTORY.schema)
    return ImportedExport(name, when, (), table)


def life_told(
    source: str,
    facts: Sequence[Fact],
    chance: random.Random,
    *,
    made: int,
    lost: float = 0,
    lengths: bool = False,
    ends: float = 0,
    spelled: bool = False,
) -> tuple[ImportedExport, list[Fact]]:
    """What a source tells of a life, and which plays of it.

    Args:
        source: which one.
        facts: the life.
        chance: decides what it lacks, and how it spells.
        made: until when it tells, milliseconds.
        lost: the share of stretches that it lacks.
        lengths: whether it knows how long a track is.
        ends: the share of stretches that it took from the polled service, as that tells them.
        spelled: whether it adds to names at times.
    """
    declared = source_named(source)
    rows, seen = [], []
    gone = by_end = False
    for one in facts:
        if chance.random() < 0.1:
            gone, by_end = chance.random() < lost, chance.random() < ends
        if gone or one.end > made or not (declared.measures or is_scrobbled(one)):
            continue
        seen.append(one)
        precision = round(declared.precision.total_seconds()) * SECOND
        row: Json = {
            "started_at": moment(one.began // precision * precision),
            "track_name": one.song.name,
            "artist_name": one.song.artist,
            "album_name": f"Album {one.song.export_key}",
        }
        if declared.measures:
            row |= {"ms_played": one.ms_played, "played_at": moment(one.end)}
        elif by_end and one.whole:
            row |= {"started_at": None, "played_at": moment(one.shown // SECOND * SECOND)}
        if lengths:
            row["duration_ms"] = one.song.length
        if spelled and chance.random() < 0.2:
            row["track_name"] += chance.choice(ADDED_TO_TITLES)
        if spelled and chance.random() < 0.2:
            row["artist_name"] += chance.choice((", Guest", " & Guest", " feat. Guest"))
        rows.append(row)
    return told(source, *rows, made=(made - millis(NOON)) / SECOND), seen


def is_scrobbled(one: Fact) -> bool:
    """Whether programs would tell of a play: half of it or four minutes, and at least 30 s."""
    enough = min(one.song.length / 2, 4 * MINUTE)
    return one.ms_played >= max(30 * SECOND, enough)
