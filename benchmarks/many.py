"""A lake of very many plays, and how what is done with it is measured: shared by benchmarks.

Lives of all of the sandbox's people on end, as one listener's of two decades. Add here what two
benchmarks need; what one of them measures belongs in it.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path

import pyarrow as pa

from pipelines.listening.catalogue.audio_features import artist_genres, merge_tracks, parse_tracks
from pipelines.listening.catalogue.tracks_and_artists import unique_tracks
from pipelines.listening.schema.reference_tables import ARTIST_GENRES, AUDIO_FEATURES
from pipelines.listening.schema.sql import query
from pipelines.listening.schema.tables import PLAYS, UNIQUE_TRACKS
from pipelines.listening.time.local_time import Zone
from pipelines.listening.time.months import split_by_month
from pipelines.resources.lake.lakes import ListenerLake
from pipelines.settings import Listener
from sandbox.ledger import audio_features, plays_of
from sandbox.people import people

PLAYS_IN_ALL = int(os.environ.get("PLAYS", "1_000_000"))
START = datetime(2026, 3, 1, tzinfo=UTC)
YEAR = timedelta(days=26 * 14)
NICO = Listener("nico", (Zone("Europe/Berlin"),))
HOME = f"users/{NICO.name}"

_NEW_MUSIC_EACH_YEAR = """
SELECT * REPLACE (
    track_id || year(local_date) AS track_id,
    track_uri || year(local_date) AS track_uri,
    isrc || year(local_date) AS isrc,
    track_name || ' ' || year(local_date) AS track_name,
    artist_id || year(local_date) // 3 AS artist_id,
    artist_name || ' ' || year(local_date) // 3 AS artist_name
)
FROM plays
"""


def reference() -> pa.Table:
    """`audio_features` rows, by the way that a file takes."""
    rows = audio_features()
    texts = [column.cast(pa.string()) for column in rows.columns]
    numbered = pa.table(texts, names=rows.column_names).append_column(
        "row", pa.array(range(1, len(rows) + 1), pa.int64())
    )
    return merge_tracks(AUDIO_FEATURES.empty(), parse_tracks(numbered).tracks)


def lives() -> Iterator[pa.Table]:
    """A year of one person after a year of another, going back in time, as one listener's."""
    for number, person in enumerate(cycle(people())):
        end = START - number * YEAR
        yield plays_of(f"{person}/speed{number}", end - YEAR, end)[0]


def many_plays(*, new_music: bool = False) -> pa.Table:
    """As many plays as are wanted; people's clocks differ, as those of travellers do.

    Args:
        new_music: other tracks each year, and other artists every third, so that there are some
            16,000 of the former instead of 3,000.
    """
    parts, count = [], 0
    for life in lives():
        parts.append(life)
        count += len(life)
        if count >= PLAYS_IN_ALL:
            break
    plays = pa.concat_tables(parts)
    at = plays.schema.get_field_index("listener")
    plays = plays.set_column(at, PLAYS.schema.field(at), pa.repeat(NICO.name, len(plays)))
    plays = plays.sort_by("played_at").slice(len(plays) - PLAYS_IN_ALL)
    if new_music:
        plays = query(_NEW_MUSIC_EACH_YEAR, plays=plays)
    return PLAYS.conform(plays)


def write_ledger(lake: ListenerLake, *, new_music: bool = False) -> tuple[pa.Table, pa.Table]:
    """Many plays and their tracks into a listener's lake, and reference data beside it.

    Returns:
        The plays and the tracks.
    """
    plays, features = many_plays(new_music=new_music), reference()
    tracks = unique_tracks(plays)
    for month, rows in split_by_month(plays).items():
        lake.replace(PLAYS, rows, **month.parts)
    lake.replace(UNIQUE_TRACKS, tracks)
    lake.lake.replace(AUDIO_FEATURES, features)
    lake.lake.replace(ARTIST_GENRES, artist_genres(features))
    return plays, tracks


def in_a_process(script: str, what: str) -> dict[str, float]:
    """What a script, called with one word, prints as JSON in its last line."""
    done = subprocess.run([sys.executable, script, what], stdout=subprocess.PIPE, check=True)
    told: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return told


def look_at(files: str) -> None:
    """The smallest and the largest value of every column: the floor of all that reads them."""
    import duckdb  # noqa: PLC0415 what is measured loads it when it needs it

    with duckdb.connect() as db:
        db.execute(
            "SELECT min(COLUMNS(*)), max(COLUMNS(*)) FROM read_parquet(?)", [files]
        ).fetchall()


def most_mb() -> float:
    """The most memory that this process ever held, as Linux tells it.

    `getrusage` is no use here: a process inherits the mark of the one that started it.
    """
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    [most] = [line.split()[1] for line in lines if line.startswith("VmHWM:")]
    return int(most) / 1024
