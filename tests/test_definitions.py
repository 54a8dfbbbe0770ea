"""What loading the definitions costs."""

import subprocess
import sys

import dagster as dg
import pytest

from pipelines.definitions import build_definitions, shape
from pipelines.settings import Listener

NAMES = ("nico", "mira", "zoe", "ada")


def test_loading_the_definitions_reads_neither_boto3_nor_great_expectations() -> None:
    code = "import sys, pipelines.definitions as d; d.defs(); print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"boto3", "great_expectations", "duckdb", "scipy"} & set(loaded)


@pytest.fixture(scope="module")
def everybody() -> dg.RepositoryDefinition:
    """The definitions of four listeners, of whom two have a name at Last.fm."""
    shape.cache_clear()
    listeners = [
        Listener(name, (), lastfm_user=name if name in {"nico", "ada"} else None) for name in NAMES
    ]
    return build_definitions(listeners).get_repository_def()


def test_what_listeners_have_is_computed_once_for_all_who_read_the_same(
    everybody: dg.RepositoryDefinition,
) -> None:
    loaded = {key.path[0] for key in everybody.asset_graph.materializable_asset_keys}
    assert loaded >= set(NAMES)
    assert shape.cache_info().misses == len(["with Last.fm", "without"])


def test_who_has_lastfm_and_who_has_not_are_loaded_together(
    everybody: dg.RepositoryDefinition,
) -> None:
    everybody.load_all_definitions()
    jobs = {name for name in everybody.job_names if name.startswith("scrobbles_")}
    assert jobs == {"scrobbles_nico", "scrobbles_ada"}

    def read(listener: str) -> set[str]:
        plays = everybody.asset_graph.get(dg.AssetKey([listener, "plays"]))
        return {key.to_user_string() for key in plays.parent_keys}

    assert read("mira") == {"mira/polled", "mira/streaming_history"}
    assert read("nico") == {"nico/polled", "nico/streaming_history", "nico/lastfm_scrobbles"}


@pytest.mark.parametrize("job", ["daily", "poll", "import", "rebuild", "playlists"])
def test_a_job_is_made_among_the_assets_of_its_own_listener(
    everybody: dg.RepositoryDefinition, job: str
) -> None:
    own = everybody.get_job(f"{job}_mira").asset_layer.asset_graph
    assert {key.path[0] for key in own.get_all_asset_keys()} <= {"mira", "reference", "views"}
    # Of what it can be made a part, and what it was made from.
    whole = own.source_asset_graph.get_all_asset_keys()
    assert {key.path[0] for key in whole} <= {"mira", "reference", "views"}
