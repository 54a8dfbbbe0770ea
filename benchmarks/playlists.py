"""What all tables about playlists cost over 100 playlists of 10,000 items.

In processes of their own: DuckDB looking at every value of the items as they lie in the lake (the
floor), and the tables out of them, with a ledger beside it, read from the lake and written there.
"""

import json
import os
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa

os.environ.setdefault("PLAYS", "100_000")
from many import HOME, NICO, in_a_process, most_mb, write_ledger

from pipelines.listening.schema.playlist_tables import (
    LIKED,
    PLAYLIST_CHANGES,
    PLAYLIST_ENTRIES,
    PLAYLIST_READINGS,
)
from pipelines.listening.schema.tables import ARTISTS, UTC_MS
from pipelines.resources.lake.lakes import Lake, ListenerLake
from pipelines.settings import Settings

PLAYLISTS = int(os.environ.get("PLAYLISTS", "100"))
ITEMS = 10_000
MADE_UP = int(os.environ.get("TRACKS", "200_000"))
MOST_TIMES = 3
READ_AT = datetime(2026, 3, 1, tzinfo=UTC)
ADDED_MS = 1_450_000_000_000, 1_770_000_000_000

TABLES = (
    *("playlist_items", "playlist_weights", "playlist_duplicates", "playlist_overlap"),
    *("playlist_dna", "playlist_history"),
)


def main() -> None:
    """Print what it takes, beside the floor."""
    with tempfile.TemporaryDirectory() as temporary:
        os.environ["LAKE_URL"] = os.environ.get("LAKE", temporary)
        if "LAKE" not in os.environ or not Path(os.environ["LAKE"], HOME).exists():
            write_lake(Lake.open(Settings()).of(NICO.name))
            in_a_process(__file__, "label")
        floors = [in_a_process(__file__, "floor") for _ in range(3)]
        told = [in_a_process(__file__, "tables") for _ in range(2)]
    for name, unit in (("seconds", "of the clock"), ("cpu", "of a processor")):
        least, taken = (min(one[name] for one in some) for some in (floors, told))
        times = taken / least
        print(
            f"{least:.2f} s {unit} to look at every value: the floor; all tables in {taken:.2f} s, "
            f"{times:.2f} x the floor; {'within' if times <= MOST_TIMES else 'BEYOND'} the bar of "
            f"{MOST_TIMES}"
        )
    print(f"at most {max(one['mb'] for one in told):,.0f} MB")
    print({name: round(value, 2) for name, value in told[0].items()})


def write_lake(lake: ListenerLake) -> None:
    """A ledger, and playlists of what is in it and of much that was never played."""
    _, heard = write_ledger(lake, new_music=True)
    catalogue = made_up(heard)
    chance = np.random.default_rng(16)
    print(f"{PLAYLISTS * ITEMS:,} items of {len(catalogue):,} tracks")
    changes, readings = [], []
    for number in range(PLAYLISTS):
        name = LIKED if number == 0 else f"playlist{number:014}"
        rows = items(name, catalogue, chance)
        lake.replace(PLAYLIST_ENTRIES, rows, playlist=name)
        came = rows.slice(0, 200)
        lake.replace(PLAYLIST_CHANGES, changed(came), playlist=name)
        changes.append(came)
        readings.append(
            {
                "playlist_id": name,
                "listed": True,
                "changed": False,
                "state": "read",
                "items": ITEMS,
                "read_at": READ_AT,
                "seen_at": READ_AT,
            }
        )
    lake.replace(PLAYLIST_READINGS, PLAYLIST_READINGS.from_rows(readings))


def made_up(heard: pa.Table) -> pa.Table:
    """The tracks of the ledger, and as many others with names like people give."""
    numbers = np.arange(MADE_UP)
    artist = numbers % (MADE_UP // 12)
    names = pa.array([f"Somebody {n * 7919 % MADE_UP} & the {n} Others" for n in artist])
    words = ["", " (Live)", " - Remastered 2011", " (feat. Nobody)", " - Radio Edit", "", "", ""]
    title = [f"About the {n // 3} Things{words[n * 31 % 8]}" for n in numbers]
    columns = {
        "track_id": pa.array([f"t{n:021}" for n in numbers]),
        "track_name": pa.array(title),
        "album_id": pa.array([f"a{n // 9:021}" for n in numbers]),
        "album_name": pa.array([f"Album No. {n // 9}" for n in numbers]),
        "album_type": pa.array(["album", "single", "compilation"]).take(pa.array(numbers % 3)),
        "release_date": pa.array([f"{1960 + n % 65}-05-0{1 + n % 9}" for n in numbers]),
        "isrc": pa.array([f"USABC{n * 4 // 5:07}" if n % 50 else None for n in numbers]),
        "artist_id": pa.array([f"b{n:021}" for n in artist]),
        "artist_name": names,
        "duration_ms": pa.array((150_000 + numbers % 977 * 173).astype(np.int32)),
        "explicit": pa.array(numbers % 7 == 0),
    }
    fresh = pa.table(columns)
    known = heard.filter(heard["track_id"].is_valid())
    return pa.concat_tables([known.select(fresh.column_names), fresh], promote_options="permissive")


def items(name: str, catalogue: pa.Table, chance: np.random.Generator) -> pa.Table:
    """A playlist: many songs once, some of them often; and a few oddities."""
    half = chance.integers(0, len(catalogue), ITEMS // 2)
    rows = np.concatenate([half, half[(chance.zipf(1.4, ITEMS - len(half)) - 1) % len(half)]])
    chance.shuffle(rows)
    tracks = catalogue.take(pa.array(rows))
    numbers = np.arange(ITEMS)
    gone, local = numbers % 200 == 7, numbers % 100 == 3
    uri = pa.array([f"spotify:track:{one}" for one in tracks["track_id"].to_pylist()])
    by = pa.StructArray.from_arrays(
        [column.combine_chunks() for column in (tracks["artist_id"], tracks["artist_name"])],
        fields=list(ARTISTS.value_type),
    )
    columns = {
        **{column: tracks[column].combine_chunks() for column in tracks.column_names},
        "track_uri": uri,
        "artists": pa.ListArray.from_arrays(pa.array(np.arange(ITEMS + 1, dtype=np.int32)), by),
        "release_year": pa.array(
            [int(one[:4]) if one else None for one in tracks["release_date"].to_pylist()],
            pa.int16(),
        ),
        "popularity": pa.nulls(ITEMS, pa.int16()),
    }
    columns = {
        column: pa.chunked_array([values]).combine_chunks() for column, values in columns.items()
    }
    table = pa.table(columns).take(pa.array(numbers, mask=gone))
    at = np.sort(chance.integers(*ADDED_MS, ITEMS))
    kind = np.where(gone, "unknown", np.where(local, "local", "track"))
    track_id = pa.array(
        [
            None if skip else one
            for one, skip in zip(table["track_id"].to_pylist(), local, strict=True)
        ]
    )
    table = table.set_column(table.column_names.index("track_id"), "track_id", track_id)
    added = {
        "playlist_id": pa.repeat(name, ITEMS),
        "position": pa.array((numbers + 1).astype(np.int32)),
        "kind": pa.array(kind),
        "state": pa.array(np.where(gone, "gone", "unknown")),
        "relinked_from": pa.nulls(ITEMS, pa.string()),
        "added_at": pa.array(at, UTC_MS),
        "added_by": pa.repeat("3f7a2c9d51e04b68", ITEMS),
    }
    for column, values in added.items():
        table = table.append_column(column, values)
    return PLAYLIST_ENTRIES.conform(table.select(PLAYLIST_ENTRIES.schema.names))


def changed(came: pa.Table) -> pa.Table:
    """Some of the items, as having come since an earlier reading."""
    came = came.filter(came["track_id"].is_valid())
    _, first = np.unique(came["track_uri"].to_numpy(zero_copy_only=False), return_index=True)
    came = came.take(pa.array(first))
    columns = {
        name: came[name] for name in PLAYLIST_CHANGES.schema.names if name in came.column_names
    }
    columns |= {
        "read_at": pa.array([READ_AT] * len(came), UTC_MS),
        "before_at": pa.array([datetime(2026, 2, 1, tzinfo=UTC)] * len(came), UTC_MS),
        "before": pa.array([0] * len(came), pa.int32()),
        "after": pa.array([1] * len(came), pa.int32()),
    }
    return PLAYLIST_CHANGES.conform(pa.table(columns).select(PLAYLIST_CHANGES.schema.names))


def once(what: str) -> None:
    """What one process does: prints seconds, and what else is told of it."""
    import duckdb  # noqa: PLC0415 what is measured loads it when it needs it

    from pipelines.assets import contexts, insights  # noqa: PLC0415 Dagster takes a second

    lake = Lake.open(Settings()).of(NICO.name)
    told: dict[str, float] = {}
    began, cpu = time.perf_counter(), time.process_time()
    if what == "label":
        contexts.update_labelled_plays(lake, NICO)
    elif what == "tables":
        for name, rows in insights.update_insights(lake, NICO, TABLES):
            told[name] = time.perf_counter() - began
            told[f"{name} rows"] = len(rows)
            del rows  # as the asset does
    else:
        files = f"{os.environ['LAKE_URL']}/{HOME}/playlists/*/entries.parquet"
        with duckdb.connect() as db:
            db.execute("SELECT sum(hash(COLUMNS(*))) FROM read_parquet(?)", [files]).fetchall()
    told |= {"seconds": time.perf_counter() - began, "cpu": time.process_time() - cpu}
    print(json.dumps(told | {"mb": most_mb()}))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        once(sys.argv[1])
    else:
        main()
