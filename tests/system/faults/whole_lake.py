"""A small lake with a file of every kind in it, and the daily run on a copy of it.

Here live making it, running on it and what it comes to. What is damaged, and what is to be expected
then, belongs in tests.
"""

import shutil
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import time_machine

from pipelines.cli.import_history import QUIET
from pipelines.definitions import defs
from pipelines.ingest import manual_labels, reference_files
from pipelines.listening.schema.context_tables import SESSIONS
from pipelines.resources.lake.folder import Folder
from pipelines.resources.lake.lakes import Lake
from pipelines.settings import Settings
from sandbox.exports import write_export
from testing.pipeline import failures
from tests.support.reference_rows import GOOD, as_csv

BEFORE, DAY = "2026-05-19", "2026-05-20"
NOON = datetime(2026, 5, 20, 12, tzinfo=UTC)
FRESH = ("aggregated/last_updated.json",)
"""What tells when it was written."""

MADE = (
    *("profile", "recently_played", "top_items", "playlists", "streaming_history"),
    *("recent_tracks", "top_tracks", "top_artists", "snapshot_metrics", "polled", "plays", "gaps"),
    *("unique_tracks", "known_artists", "unique_artists", "all_snapshots_metrics", "top_lists"),
    *("labelled_plays", "sessions", "contexts_by_month", "last_updated"),
)
"""The assets that make a file of every kind; the other insights are as this one."""


def run(instance: dg.DagsterInstance, date: str | None, *, assets: Iterable[str]) -> list[str]:
    """These assets as the daily run for a date makes them, or as a rebuild does, without checks.

    Returns:
        What each failed step said.
    """
    definitions = defs()
    job = (
        definitions.resolve_job_def("daily_nico")
        if date
        else definitions.resolve_implicit_global_asset_job_def()
    )
    keys = {dg.AssetKey(["nico", name]) for name in assets}
    job = job.get_subset(asset_selection=keys, asset_check_selection=frozenset())
    result = job.execute_in_process(
        instance=instance, raise_on_error=False, run_config=QUIET, partition_key=date
    )
    return failures(result)


def make(folder: Path, instance: dg.DagsterInstance) -> Lake:
    """Two days of polls and dailies, an export of the weeks before, a label, audio features."""
    lake = Lake.open(Settings())
    export, features = folder / "export.zip", folder / "features.csv"
    write_export(export, "nico", NOON - timedelta(days=40), NOON - timedelta(days=2))
    (folder / "features.csv").write_bytes(as_csv([GOOD]))
    reference_files.add(features, lake)
    listener = Settings().listener("nico")
    for date, at in ((BEFORE, NOON - timedelta(days=1)), (DAY, NOON)):
        with time_machine.travel(at, tick=True):
            if date == DAY:
                lake.store.put("users/nico/imports/export.zip", export.read_bytes())
            assert run(instance, date, assets=MADE) == []
            if date == BEFORE:
                told = lake.of("nico").read(SESSIONS)
                began = told["started_at"][0].as_py()
                manual_labels.set_label(began, "focus", listener, lake.of("nico"))
    return lake


def tables(root: Path) -> dict[str, bytes]:
    """Every file that is derived, but for those that tell when they were written."""
    home = root / "users/nico"
    files = {path.relative_to(home).as_posix(): path for path in home.rglob("*") if path.is_file()}
    return {
        name: path.read_bytes()
        for name, path in files.items()
        if not name.startswith(("raw/", "report/")) and name not in FRESH
    }


def copy(lake: Path, to: Path) -> Lake:
    """The same lake somewhere else, to be damaged."""
    shutil.copytree(lake, to)
    return Lake(Folder(to))
