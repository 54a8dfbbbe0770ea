"""Every kind of file in the lake, damaged in every way: mended by itself, or by what is said.

The sentence is followed to the letter; then everything is as it was. One bit of a JSON document may
be flipped unnoticed, since it has no checksum.
"""

import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

import dagster as dg
import pytest
import time_machine

from pipelines.cli.import_history import QUIET
from pipelines.definitions import defs
from pipelines.ingest import reference_files
from pipelines.resources.lake.lakes import Lake
from pipelines.settings import Settings
from sandbox import Sandbox
from testing.pipeline import FROM_NOTHING, GROWING, Pipeline, failures
from tests.support.environment import Environment
from tests.system.faults import whole_lake
from tests.system.faults.whole_lake import BEFORE, DAY, NOON, make, tables

pytestmark = pytest.mark.rare

MAY = "year=2026/month=05/data.parquet"
ONE_INSIGHT = "aggregated/contexts_by_month.parquet"
VIEWS = "../../views.sql"
RECENT = f"snapshots/date={BEFORE}/recent_tracks.parquet"
DATED = {"recent_tracks", "top_tracks", "top_artists", "snapshot_metrics"}

FILES: dict[str, tuple[str, ...]] = {
    "polled/_manifest.json": ("polled", "plays"),
    f"polled/{MAY}": ("polled", "plays"),
    f"plays/{MAY}": ("plays",),
    "plays/_manifest.json": ("plays", "last_updated"),
    f"labelled_plays/{MAY}": ("labelled_plays",),
    "labelled_plays/_manifest.json": ("labelled_plays",),
    "aggregated/covered.parquet": ("covered", "gaps"),
    "aggregated/covered.parquet.manifest.json": ("covered", "gaps"),
    "aggregated/gaps.parquet": ("gaps",),
    "aggregated/sessions.parquet": ("labelled_plays", "sessions"),
    ONE_INSIGHT: ("contexts_by_month",),
    "aggregated/known_artists.parquet": ("known_artists", "unique_artists"),
    "aggregated/top_lists.parquet": ("top_lists",),
    "aggregated/all_snapshots_metrics.parquet": ("all_snapshots_metrics",),
    "aggregated/last_updated.json": ("last_updated",),
    f"snapshots/date={DAY}/recent_tracks.parquet": ("recent_tracks", "polled", "plays"),
    f"snapshots/date={DAY}/polls.parquet": ("recent_tracks", "polled", "gaps"),
    f"snapshots/date={DAY}/top_tracks_long.parquet": ("top_tracks", "top_lists"),
    f"snapshots/date={DAY}/metadata.json": ("snapshot_metrics",),
    f"snapshots/date={DAY}/computed_metrics.json": ("snapshot_metrics", "all_snapshots_metrics"),
    "labels/data.parquet": ("labelled_plays",),
    "streaming_history/*/outcome.json": ("streaming_history", "plays", "gaps"),
    "streaming_history/*/year=2026/data.parquet": ("streaming_history", "plays"),
    VIEWS: ("views",),
    "../../reference/artist_genres.parquet": ("labelled_plays",),
}
"""Which of the day's assets read or write a file."""

REBUILT = {
    RECENT: ("polled", "plays"),
    f"snapshots/date={BEFORE}/top_tracks_long.parquet": ("top_lists",),
    f"snapshots/date={BEFORE}/computed_metrics.json": ("all_snapshots_metrics",),
}
"""What lies longer ago is read only when everything is made anew."""

OTHER = b"PAR1 of somebody else"


def flipped(body: bytes) -> bytes:
    at = len(body) * 2 // 3
    return body[:at] + bytes([body[at] ^ 4]) + body[at + 1 :]


DAMAGES: dict[str, Callable[[bytes], bytes | None]] = {
    "cut off": lambda body: body[: len(body) // 2],
    "zeroes": lambda body: bytes(len(body)),
    "a flipped bit": flipped,
    "empty": lambda _: b"",
    "another table": lambda _: OTHER,
    "a folder": lambda _: None,
}


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with a healthy lake."""
    folder = tmp_path_factory.mktemp("damaged")
    with pytest.MonkeyPatch.context() as patch, Sandbox("nico") as sandbox:
        Environment(folder, patch).ask(sandbox, "nico")
        with dg.DagsterInstance.ephemeral() as instance:
            make(folder, instance)
            assert run(instance, DAY, assets=("views",)) == []
        yield folder


def run(instance: dg.DagsterInstance, date: str | None, *, assets: Iterable[str]) -> list[str]:
    """As in `whole_lake`; `views` is no listener's and is made by itself."""
    if "views" in assets:
        return made_anew(instance, [dg.AssetKey("views")])
    return whole_lake.run(instance, date, assets=assets)


def made_anew(instance: dg.DagsterInstance, keys: list[dg.AssetKey]) -> list[str]:
    """These assets as a rebuild makes them, from nothing; what each failed step said."""
    growing = {key.path[-1] for key in keys} & set(GROWING)
    config = {"ops": {name: FROM_NOTHING["ops"][name] for name in growing}}
    job = defs().resolve_implicit_global_asset_job_def()
    job = job.get_subset(asset_selection=set(keys), asset_check_selection=frozenset())
    result = job.execute_in_process(
        instance=instance, raise_on_error=False, run_config=QUIET | config
    )
    return failures(result)


class Operator:
    """Someone who does what a sentence says, and nothing else."""

    def __init__(self, folder: Path, lake: Path, instance: dg.DagsterInstance) -> None:
        self._folder, self._lake, self._instance = folder, lake, instance

    def follow(self, sentence: str, file: Path, body: bytes) -> None:
        """Do what is advised about a file.

        Raises:
            AssertionError: where it says nothing that one can do.
        """
        if "put a copy of it back" in sentence:
            file.write_bytes(body)
        elif "delete the folder of its import and import the export again" in sentence:
            shutil.rmtree(file.parents[1] if file.name == "data.parquet" else file.parent)
            box = self._lake / "users/nico/imports"
            shutil.copy(self._folder / "export.zip", box)
        elif "delete it and add the reference data again" in sentence:
            self._delete(file)
            reference_files.add(self._folder / "features.csv", Lake.open(Settings()))
        elif told := re.search(r"delete it and materialize (\w+) again", sentence):
            self._delete(file)
            assert run(self._instance, None, assets=[told[1]]) == []
        elif "delete it and backfill its date" in sentence:
            self._delete(file)
            date = re.search(r"date=([\d-]+)", str(file))
            assert date
            assert run(self._instance, date[1], assets=DATED) == []
        else:
            assert re.search(r": delete it$|a folder is in the place of a file$", sentence)
            self._delete(file)
            if file.parts[-2] in {"labels", "reference"} or "streaming_history" in file.parts:
                file.write_bytes(body)  # what nothing else knows: they have a copy, or not

    def _delete(self, file: Path) -> None:
        shutil.rmtree(file) if file.is_dir() else file.unlink()


def damage(file: Path, body: bytes | None) -> None:
    if body is None:
        file.unlink()
        file.mkdir()
        (file / "stray").touch()
    else:
        file.write_bytes(body)


@pytest.mark.parametrize("pattern", [*FILES, *REBUILT])
def test_a_damaged_file_is_mended_by_itself_or_by_what_is_said(
    pattern: str,
    prepared: Path,
    environment: Environment,
    tmp_path: Path,
    instance: dg.DagsterInstance,
) -> None:
    folder = prepared
    if pattern in FILES:
        again = partial(run, date=DAY, assets=FILES[pattern])
    else:
        again = partial(made_anew, keys=[dg.AssetKey(["nico", one]) for one in REBUILT[pattern]])
    healthy = tables(folder / "lake")
    for name, spoil in DAMAGES.items():
        if name == "a flipped bit" and pattern.endswith(".json"):
            continue
        if name == "a folder" and pattern in REBUILT:
            continue  # once it is gone the date lacks a file, which nobody misses
        lake = tmp_path / name
        shutil.copytree(folder / "lake", lake)
        environment.set(LAKE_URL=str(lake))
        [file] = [one.resolve() for one in (lake / "users/nico").glob(pattern)]
        body = file.read_bytes()
        damage(file, spoil(body))

        with time_machine.travel(NOON, tick=True):
            told = again(instance)
            assert all("\n" not in sentence and str(file) in sentence for sentence in told), told
            for sentence in told[:1]:  # whoever else reads it says the same
                Operator(folder, lake, instance).follow(sentence, file, body)
            assert again(instance) == [], name
            if pattern == RECENT:  # the ledger does without it; the next daily run writes it
                assert differing(healthy, tables(lake)) <= {RECENT}, name
                assert run(instance, DAY, assets=["recent_tracks"]) == [], name
        if "streaming_history" in pattern:
            assert heard(lake) == heard(folder / "lake"), name
        else:
            now = tables(lake)
            if name == "a flipped bit" and pattern in REBUILT:
                now.update({pattern: healthy[pattern]})  # in its notes, where it harms nobody
            assert differing(healthy, now) == set(), name
        if pattern == VIEWS:
            assert file.read_text().replace(str(lake), str(folder / "lake")) == body.decode(), name


def differing(healthy: dict[str, bytes], now: dict[str, bytes]) -> set[str]:
    """Files that are not as they were."""
    return {path for path in healthy if now.get(path) != healthy[path]}


def heard(lake: Path) -> list[str]:
    """The names of all plays; what was imported again was imported at another time."""
    plays = Pipeline(None, Lake.open(Settings({"LAKE_URL": str(lake)}))).plays()  # type: ignore[arg-type]
    return sorted(play["play_id"] for play in plays)


@pytest.mark.parametrize("name", [name for name in DAMAGES if name != "a flipped bit"])
def test_a_damaged_response_is_named_and_its_plays_stay(
    name: str,
    prepared: Path,
    environment: Environment,
    tmp_path: Path,
    instance: dg.DagsterInstance,
) -> None:
    folder = prepared
    shutil.copytree(folder / "lake", tmp_path / "lake")
    before = heard(tmp_path / "lake")
    [file] = (tmp_path / "lake/users/nico/raw/recently_played").glob(f"date={DAY}/*")
    damage(file, DAMAGES[name](file.read_bytes()))
    assert run(instance, DAY, assets=("recent_tracks", "polled", "plays", "gaps")) == []

    pipeline = Pipeline(instance, Lake.open(Settings()))
    refused = pipeline.table(f"snapshots/date={DAY}/refused.parquet")
    assert [row["response"].split("/")[0] for row in refused] == [file.name]
    assert heard(tmp_path / "lake") == before
