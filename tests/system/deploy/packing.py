"""A deployment of an earlier version, packed as that version left it, and unpacked.

    .venv/bin/python -m tests.system.deploy.packing v1.0.0

checks the tag out, lives some of a made-up listener's life with its code, and packs what belongs to
its owner into tests/data/deployments/. Pack one for each new MAJOR or MINOR version, and never
change one that is there: it is what that version left behind. What an upgrade must keep of it
belongs in tests.
"""

import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from sqlite3 import connect

import dagster as dg
import pyarrow.csv
import pyarrow.parquet as pq

from sandbox import Sandbox
from sandbox.demo_survey import SHEET_ID, rows
from sandbox.exports import write_export
from sandbox.ledger import audio_features
from tests.support.dagster_processes import until
from tests.support.places import DATA, ROOT
from tests.system.deploy.one_machine import Installation, installed

PACKED = DATA / "deployments"

WHO = "demo"
"""The sandbox's listener who has playlists, too."""

PLANNED = "Everything, once"
STOPPED = f"playlists_{WHO}_schedule"
"""What the operator has turned off."""

LISTENERS = f"""[{WHO}]
timezone = "Europe/Berlin"

[[{WHO}.override]]
artist = "{{artist}}"
context = "focus"
"""
SURVEYS = f"""[class]
title = "Our songs: a made-up class"
sheet = {{ id = "{SHEET_ID}", range = "Form responses 1" }}
timezone = "Europe/Berlin"
"""
BEGAN, MISSING = timedelta(days=34), timedelta(days=18)
"""An export reaches from so long ago until so long ago: what lies between it and polls is a gap."""

FEATURES_SHARE = 0.1
"""How many of the sandbox's tracks have audio features."""

NEVER_COLLECTED = "2026-01-01"
"""A date of which nothing can be had any more: its run fails, and an alert says so."""

WITH_THE_NEXT_RUN = ("report/index.html", "page/index.html", "cards/")
"""Pages and pictures that are left out, being large and written anew by each daily run."""


def pack(tag: str) -> Path:
    """Live with the code of a tag, and pack what is left."""
    with tempfile.TemporaryDirectory() as folder, checked_out(tag, Path(folder) / "code") as code:
        home = Path(folder) / "home"
        home.mkdir()
        with installed(code, home, WHO) as earlier:
            live(earlier)
        for database in home.rglob("*.db"):
            with closing(connect(database)) as opened:
                opened.execute("PRAGMA journal_mode = DELETE")
                opened.execute("VACUUM")
        target = PACKED / f"{tag}.tar.xz"
        with tarfile.open(target, "w:xz", preset=9) as archive:
            for path in sorted(one for one in home.rglob("*") if one.is_file()):
                if not any(part in path.as_posix() for part in WITH_THE_NEXT_RUN):
                    archive.add(path, path.relative_to(home), filter=_of_nobody)
    return target


def unpack(tag: str, home: Path) -> None:
    """Lay a packed deployment into a folder, as it was left."""
    with tarfile.open(PACKED / f"{tag}.tar.xz") as archive:
        archive.extractall(home, filter="data")
    for folder in ("tokens", "survey-keys"):  # an archive of files has no modes of folders
        (home / folder).chmod(0o700)


@contextmanager
def checked_out(tag: str, folder: Path) -> Iterator[Path]:
    """The code of a tag, in a folder that is gone afterwards."""
    git = ("git", "-C", str(ROOT), "worktree")
    subprocess.run([*git, "add", "-q", "--detach", str(folder), tag], check=True)
    try:
        yield folder
    finally:
        subprocess.run([*git, "remove", "--force", str(folder)], check=True)


def live(installed: Installation) -> None:
    """Import, collect, choose; and have something that is wrong told of."""
    code, home = installed.code, installed.home
    for folder in ("dagster", "lake", "tokens"):
        (home / folder).mkdir(mode=0o700)
    shutil.copy(code / "dagster.yaml", home / "dagster")
    (home / "listeners.toml").write_text(f'[{WHO}]\ntimezone = "Europe/Berlin"\n')
    (home / "surveys.toml").write_text(SURVEYS)
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    export, features = home.parent / "export.zip", home.parent / "features.csv"
    write_export(export, WHO, today - BEGAN, today - MISSING)
    pyarrow.csv.write_csv(audio_features(share=FEATURES_SHARE), features)
    installed.do("playledger", "reference", "add", str(features))
    installed.do("playledger", "import", WHO, str(export))
    fill_in_survey(installed.sandbox)
    installed.do("playledger", "survey", "run", "class")
    # A login that is taken from the environment once: from then on the file alone is read.
    seed = {f"SPOTIFY_REFRESH_TOKEN_{WHO.upper()}": installed.sandbox.refresh_token(WHO)}
    of_playlists = ("playledger", "playlists")
    installed.do(*of_playlists, "fetch", WHO, "Shuffle", "Keepers", "liked_songs", **seed)
    sources = ("--from", "Shuffle", "--from", "Keepers")
    installed.do(*of_playlists, "plan", WHO, *sources, "--name", PLANNED)
    choose(installed)
    with installed.services() as webserver, installed.records() as records:
        installed.do("dagster", "schedule", "stop", STOPPED, "-w", "workspace.yaml")
        date = f"{today:%Y-%m-%d}"
        for job in (f"poll_{WHO}", f"poll_{WHO}", f"daily_{WHO}"):
            assert ended(records, webserver.launch(job, date)) == "SUCCESS", job
        assert ended(records, webserver.launch(f"daily_{WHO}", NEVER_COLLECTED)) == "FAILURE"
        until(lambda: len(installed.alerts.told) > 1, "the alerts")
    assert "\nhealthy" in installed.do("playledger", "status")


def fill_in_survey(sandbox: Sandbox) -> None:
    """Have a class answer, the same each time."""
    sandbox.google.sheet(SHEET_ID, rows(audio_features(share=FEATURES_SHARE)))


def choose(installed: Installation) -> None:
    """A rule for the artist played most, and a label of one session without them."""
    folder = installed.home / "lake" / "users" / WHO
    plays = pq.read_table(folder / "labelled_plays").to_pandas()
    artist = plays.artist_name.value_counts().index[0]
    (installed.home / "listeners.toml").write_text(LISTENERS.format(artist=artist))
    with_them = set(plays[plays.artist_name == artist].session_id)
    other = plays[(plays.context == "everyday") & ~plays.session_id.isin(with_them)]
    at = other.sort_values("played_at").local_time.iloc[len(other) // 2]
    installed.do("playledger", "label", WHO, f"{at:%Y-%m-%dT%H:%M:%S}", "party")


def ended(records: dg.DagsterInstance, run_id: str) -> str:
    """How a run ended, once it has."""
    until(lambda: (run := records.get_run_by_id(run_id)) and run.is_finished, f"run {run_id}")
    run = records.get_run_by_id(run_id)
    assert run is not None
    return run.status.value


def _of_nobody(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    return entry


if __name__ == "__main__":
    path = pack(sys.argv[1])
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size:,} bytes")
