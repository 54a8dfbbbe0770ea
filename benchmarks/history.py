"""What it costs to import 1,000,000 rows of extended history, and what it costs once more.

An export is made up and zipped, then imported into an empty lake by the assets that
`playledger import` runs. Beside it, as a floor, DuckDB reads the same files, unzipped, with given
columns. Printed: seconds, their ratio, memory, and month files written.
"""

import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from itertools import islice
from pathlib import Path

ROWS = int(os.environ.get("ROWS", "1_000_000"))
ROWS_PER_FILE = 16_000
YEARS = 14
END = datetime(2026, 11, 1, tzinfo=UTC)
COLUMNS = {
    "ts": "TIMESTAMP",
    "ms_played": "INTEGER",
    "platform": "VARCHAR",
    "conn_country": "VARCHAR",
    "master_metadata_track_name": "VARCHAR",
    "master_metadata_album_artist_name": "VARCHAR",
    "master_metadata_album_album_name": "VARCHAR",
    "spotify_track_uri": "VARCHAR",
    "reason_start": "VARCHAR",
    "reason_end": "VARCHAR",
    "shuffle": "BOOLEAN",
    "skipped": "BOOLEAN",
    "offline": "BOOLEAN",
    "offline_timestamp": "BIGINT",
    "incognito_mode": "BOOLEAN",
}


def rows() -> Iterator[dict[str, object]]:
    """A made-up life of 40,000 tracks, some of them loved more than others."""
    chance = random.Random(1)  # noqa: S311 a made-up life, no secret
    span = timedelta(days=365.25 * YEARS)
    for number in range(ROWS):
        track = int(chance.paretovariate(0.3)) % 40_000
        skipped = chance.random() < 0.2
        at = END - span + span * (number / ROWS) + timedelta(seconds=chance.randrange(90))
        yield {
            "ts": f"{at:%Y-%m-%dT%H:%M:%SZ}",
            "platform": chance.choice(("ios", "android", "web_player windows 10;chrome")),
            "ms_played": chance.randrange(30_000) if skipped else 120_000 + track,
            "conn_country": "DE",
            "ip_addr": f"203.0.113.{track % 256}",
            "master_metadata_track_name": f"A song that is number {track}",
            "master_metadata_album_artist_name": f"The Band {track % 3000}",
            "master_metadata_album_album_name": f"Long Player {track % 7000}",
            "spotify_track_uri": f"spotify:track:{track:022}",
            "episode_name": None,
            "episode_show_name": None,
            "spotify_episode_uri": None,
            "audiobook_title": None,
            "audiobook_uri": None,
            "audiobook_chapter_uri": None,
            "audiobook_chapter_title": None,
            "reason_start": "trackdone",
            "reason_end": "fwdbtn" if skipped else "trackdone",
            "shuffle": chance.random() < 0.5,
            "skipped": skipped,
            "offline": False,
            "offline_timestamp": int(at.timestamp()),
            "incognito_mode": False,
        }


def make_export(home: Path) -> tuple[Path, Path]:
    """The zip, and a folder with the same files."""
    folder, zipped = home / "MyData", home / "my_spotify_data.zip"
    folder.mkdir()
    every = rows()
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(-(-ROWS // ROWS_PER_FILE)):
            part = list(islice(every, ROWS_PER_FILE))
            file = folder / f"Streaming_History_Audio_{part[0]['ts']:.4}_{number}.json"
            file.write_text(json.dumps(part, indent=2))
            archive.write(file, f"Spotify Extended Streaming History/{file.name}")
    return zipped, folder


def floor(folder: Path) -> float:
    """Seconds that DuckDB takes to parse the same files, on the same processors."""
    import duckdb  # noqa: PLC0415 what is measured comes first

    columns = ", ".join(f"{name}: '{type_}'" for name, type_ in COLUMNS.items())
    began = time.perf_counter()
    with duckdb.connect() as db:
        query = f"SELECT * FROM read_json('{folder}/*.json', format='array', columns={{{columns}}})"  # noqa: S608
        assert len(db.sql(query).to_arrow_table()) == ROWS
    return time.perf_counter() - began


def maloja(folder: Path) -> float | None:
    """Seconds that Maloja takes to read the same files, where it is installed."""
    if not find_spec("maloja"):
        return None
    from maloja.proccontrol.tasks.import_scrobbles import parse_spotify  # noqa: PLC0415

    began = time.perf_counter()
    for file in folder.iterdir():
        for _ in parse_spotify(str(file)):
            pass
    return time.perf_counter() - began


def import_once(zipped: Path) -> None:
    """What one process does that imports: prints seconds, MB and months written."""
    import warnings  # noqa: PLC0415

    warnings.simplefilter("ignore")
    began = time.perf_counter()
    import dagster as dg  # noqa: PLC0415

    from pipelines.assets import history, ledger  # noqa: PLC0415
    from pipelines.ingest.privacy_export import no_progress  # noqa: PLC0415
    from pipelines.resources.dagster_resources import resources_from  # noqa: PLC0415

    loaded = time.perf_counter() - began
    wanted = [history.streaming_history, ledger.plays]
    every = dg.load_assets_from_modules([history, ledger], key_prefix="nico")
    with dg.DagsterInstance.ephemeral() as instance:
        result = dg.materialize(
            list(every),
            selection=dg.AssetSelection.assets(*(["nico", *one.key.path] for one in wanted)),
            resources=resources_from(os.environ) | {"progress": no_progress},
            tags={"playledger/import": "true"},
            instance=instance,
            run_config={
                "ops": {"streaming_history": {"config": {"path": str(zipped)}}},
                "loggers": {"console": {"config": {"log_level": "ERROR"}}},
            },
        )
    seconds = time.perf_counter() - began
    [made] = result.asset_materializations_for_node("plays")
    [told] = result.asset_materializations_for_node("streaming_history")
    print(
        json.dumps(
            {
                "loading": loaded,
                "seconds": seconds,
                "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
                "plays": made.metadata["dagster/row_count"].value,
                "months_changed": made.metadata["months_changed"].value,
                "new": told.metadata["new"].value,
                "seen_before": told.metadata["seen_before"].value,
            }
        )
    )


def main() -> None:
    """Measure an import, the same import again, and the floor."""
    with tempfile.TemporaryDirectory() as temporary:
        home = Path(temporary)
        (home / "listeners.toml").write_text('[nico]\ntimezone = "Europe/Berlin"\n')
        zipped, folder = make_export(home)
        unzipped = sum(file.stat().st_size for file in folder.iterdir())
        print(
            f"{ROWS:,} rows, {unzipped / 1e6:.0f} MB of JSON, "
            f"{zipped.stat().st_size / 1e6:.0f} MB zipped"
        )
        least = min(floor(folder) for _ in range(2))
        print(f"DuckDB reads the files in {least:.1f} s: the floor")
        if (peer := maloja(folder)) is not None:
            print(f"Maloja reads the files in {peer:.1f} s")
        environment = os.environ | {
            "LAKE_URL": str(home / "lake"),
            "LISTENERS_FILE": str(home / "listeners.toml"),
        }
        for name in ("first import", "the same zip again"):
            done = subprocess.run(
                [sys.executable, __file__, str(zipped)],
                env=environment,
                capture_output=True,
                text=True,
                check=True,
            )
            told = json.loads(done.stdout.splitlines()[-1])
            work = told["seconds"] - told["loading"]
            print(
                f"{name}: {told['seconds']:.1f} s, of which {told['loading']:.1f} s load the "
                f"libraries; without them {work / least:.1f} x the floor; {told['mb']:.0f} MB; "
                f"{told['new']:,} new, {told['seen_before']:,} seen before; "
                f"{told['plays']:,} plays, {told['months_changed']} months written"
            )


if __name__ == "__main__":
    if len(sys.argv) > 1:
        import_once(Path(sys.argv[1]))
    else:
        main()
