"""A run's process loads its own listener's definitions, in whichever way Dagster started it."""

import multiprocessing
import subprocess
import sys
from multiprocessing.connection import Connection

import dagster as dg
import pytest
from dagster._core.definitions.reconstruct import ReconstructableRepository
from dagster._grpc.types import ExecuteRunArgs

from pipelines.definitions import defs
from pipelines.ops.run_events import subjects_of
from tests.support.environment import Environment

CLI = """
import sys
import pipelines.definitions as ours
make = ours.definitions_of
def told(listener, **more):
    print("made for", listener.name)
    return make(listener, **more)
ours.definitions_of = told
sys.argv[0] = "dagster"
from dagster._cli import main
main()
"""


@pytest.fixture
def told(environment: Environment) -> str:
    """What Dagster hands to the process of a run of nico's, who is not the only listener."""
    environment.listeners("nico", "mira")
    environment.dagster_home("telemetry: {enabled: false}")
    with dg.DagsterInstance.get() as instance:
        job = defs().resolve_job_def("poll_nico")
        origin = (
            ReconstructableRepository.for_module("pipelines.definitions", "defs")
            .get_reconstructable_job(job.name)
            .get_python_origin()
        )
        run = instance.create_run_for_job(
            job, tags={"dagster/partition": "2026-03-01"}, job_code_origin=origin
        )
        return dg.serialize_value(ExecuteRunArgs(origin, run.run_id, instance.get_ref(), None))


def made_in_child(_told: str, answer: Connection) -> None:
    """As a child of the code server does, whose first argument it is."""
    repository = defs().get_repository_def()
    answer.send({key.path[0] for key in repository.asset_graph.materializable_asset_keys})


def test_the_child_of_a_code_server_loads_its_listener_alone(told: str) -> None:
    here, there = multiprocessing.Pipe()
    child = multiprocessing.get_context("spawn").Process(target=made_in_child, args=[told, there])
    child.start()
    assert here.poll(240), "the child answers"
    loaded = here.recv()
    child.join()
    assert "nico" in loaded
    assert "mira" not in loaded


def test_a_run_in_a_container_loads_its_listener_alone(told: str) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", CLI, "api", "execute_run", told],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    made = {line for line in done.stdout.splitlines() if line.startswith("made for")}
    assert made == {"made for nico"}
    assert "RUN_START" in done.stdout + done.stderr, "it did run"


def test_who_executes_no_run_loads_everybody(environment: Environment) -> None:
    environment.listeners("nico", "mira")
    keys = defs().get_repository_def().asset_graph.materializable_asset_keys
    assert {"nico", "mira"} <= {key.path[0] for key in keys}


def key(*path: str) -> dg.AssetKey:
    return dg.AssetKey(path)


@pytest.mark.parametrize(
    ("run", "subjects"),
    [
        (dg.DagsterRun(job_name="daily_nico"), {"nico"}),
        (dg.DagsterRun(job_name="rebuild_the_other_one"), {"the_other_one"}),
        (dg.DagsterRun(job_name="survey_class"), {"survey class"}),
        (
            dg.DagsterRun(
                job_name="__ASSET_JOB",
                asset_selection=frozenset([key("nico", "plays"), key("survey", "class", "dna")]),
            ),
            {"nico", "survey class"},
        ),
        (
            dg.DagsterRun(
                job_name="__ASSET_JOB",
                asset_check_selection=frozenset([dg.AssetCheckKey(key("mira", "plays"), "rows")]),
            ),
            {"mira"},
        ),
        (
            dg.DagsterRun(job_name="__ASSET_JOB", asset_selection=frozenset([key("views")])),
            {"views"},
        ),
        (dg.DagsterRun(job_name="__ASSET_JOB"), set()),
    ],
)
def test_a_run_says_for_whom_it_is(run: dg.DagsterRun, subjects: set[str]) -> None:
    assert subjects_of(run) == subjects
