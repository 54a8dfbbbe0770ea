"""What it costs to import scrobbles into a ledger that is full already.

A made-up export is imported first, as in `history.py`; then a file of half as many scrobbles, nine
of ten of which are plays of it. Beside that, as a floor, DuckDB reads both: the file of scrobbles,
and the plays that are there already, or the export's files. Printed: seconds of all processors,
their ratios to these floors, memory, and what the scrobbles became. `ROWS=100_000` makes it small.
"""

import csv
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from benchmarks.history import COLUMNS, END, ROWS, YEARS, make_export, rows

SHARE_OF_PLAYS = 0.45
HEADER = ("uts", "utc_time", "artist", "artist_mbid", "album", "album_mbid", "track", "track_mbid")


def scrobbles() -> Iterator[tuple[int, str, str, str]]:
    """When each began, its artist, album and title: most are plays of the export, some are not."""
    chance = random.Random(2)  # noqa: S311 a made-up life, no secret
    span = timedelta(days=365.25 * YEARS)
    for one in rows():
        if not one["skipped"] and chance.random() < SHARE_OF_PLAYS / 0.8:
            ended = datetime.fromisoformat(str(one["ts"]))
            began = ended - timedelta(milliseconds=int(str(one["ms_played"])))
            yield (
                int(began.timestamp()) + chance.randrange(-1, 2),
                str(one["master_metadata_album_artist_name"]),
                str(one["master_metadata_album_album_name"]),
                str(one["master_metadata_track_name"]),
            )
    for number in range(ROWS // 20):
        at = int((END - span * chance.random()).timestamp())
        yield at, f"Another band {number % 500}", "Elsewhere", f"Heard on vinyl {number % 9000}"


def make_scrobbles(home: Path) -> tuple[Path, int]:
    """A file as lastfm.ghan.nl writes it, newest first, and how many scrobbles are in it."""
    path = home / "recenttracks-nico-1793491200.csv"
    every = sorted(scrobbles(), reverse=True)
    with path.open("w", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerow(HEADER)
        for at, artist, album, track in every:
            told = datetime.fromtimestamp(at, END.tzinfo)
            writer.writerow((at, f"{told:%d %b %Y, %H:%M}", artist, "", album, "", track, ""))
    return path, len(every)


def cpu(who: int = resource.RUSAGE_SELF) -> float:
    """Seconds that processors have worked."""
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


def least(work: Callable[[], object]) -> float:
    """Seconds that processors work for something, the better of two times."""
    taken = []
    for _ in range(2):
        before = cpu()
        work()
        taken.append(cpu() - before)
    return min(taken)


def read(sql: str) -> Callable[[], object]:
    """What reads everything that a query gives."""
    import duckdb  # noqa: PLC0415 what is measured comes first

    def work() -> None:
        with duckdb.connect() as database:
            database.sql(sql).to_arrow_table()

    return work


def import_file(path: Path, environment: dict[str, str]) -> tuple[dict[str, float], float]:
    """What an import in a process of its own tells, and how long processors worked for it."""
    before = cpu(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("history.py")), str(path)],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1]), cpu(resource.RUSAGE_CHILDREN) - before


def main() -> None:
    """Measure the import of scrobbles, the same import again, and the floors."""
    with tempfile.TemporaryDirectory() as temporary:
        home = Path(temporary)
        (home / "listeners.toml").write_text('[nico]\ntimezone = "Europe/Berlin"\n')
        environment = os.environ | {
            "LAKE_URL": str(home / "lake"),
            "LISTENERS_FILE": str(home / "listeners.toml"),
        }
        zipped, folder = make_export(home)
        told, _ = import_file(zipped, environment)
        path, count = make_scrobbles(home)
        print(f"{told['plays']:,} plays in the ledger, {count:,} scrobbles to import")
        columns = ", ".join(f"{name}: '{type_}'" for name, type_ in COLUMNS.items())
        scrobbled = least(read(f"SELECT * FROM read_csv('{path}')"))  # noqa: S608
        ledger = f"{home}/lake/users/nico/plays/**/*.parquet"
        plays = least(read(f"SELECT * FROM read_parquet('{ledger}')"))  # noqa: S608
        exported = least(
            read(
                f"SELECT * FROM read_json('{folder}/*.json', format='array', columns={{{columns}}})"  # noqa: S608
            )
        )
        floors = {"the plays": scrobbled + plays, "the export's files": scrobbled + exported}
        for name, floor in floors.items():
            print(f"DuckDB reads the scrobbles and {name} in {floor:.2f} s: a floor")
        loading = least_of_loading(environment)
        for name in ("first import", "the same file again"):
            told, taken = import_file(path, environment)
            work = taken - loading
            ratios = ", ".join(
                f"{work / floor:.1f} x the scrobbles and {what}" for what, floor in floors.items()
            )
            print(
                f"{name}: {work:.1f} s beside {loading:.1f} s that load the libraries: {ratios}; "
                f"{told['mb']:.0f} MB; {told['new']:,} new, {told['seen_before']:,} seen before; "
                f"{told['plays']:,} plays, {told['months_changed']} months written"
            )


def least_of_loading(environment: dict[str, str]) -> float:
    """Seconds that processors work to load what an import needs."""
    before = cpu(resource.RUSAGE_CHILDREN)
    libraries = "import dagster, pipelines.assets.history, pipelines.assets.ledger"
    subprocess.run([sys.executable, "-W", "ignore", "-c", libraries], env=environment, check=True)
    return cpu(resource.RUSAGE_CHILDREN) - before


if __name__ == "__main__":
    main()
