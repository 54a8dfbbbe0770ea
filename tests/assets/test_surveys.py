"""A survey in Dagster: its assets beside those of listeners, and what its runs say and leave."""

import subprocess
import sys
from collections.abc import Callable

import dagster as dg
import pytest

from pipelines.cli.import_history import QUIET
from pipelines.definitions import defs
from pipelines.listening.schema.survey_tables import RESPONSES
from pipelines.ops.health import survey_topic
from pipelines.ops.run_events import read
from pipelines.resources.lake.lakes import Lake
from sandbox import Sandbox
from testing.pipeline import failures
from tests.support.environment import Environment
from tests.surveys import classes

SHEET = "1234567890abcdef"
SURVEY = f'[nico]\ntitle = "Our songs"\nsheet = {{ id = "{SHEET}" }}\n'

Run = Callable[[], dg.ExecuteInProcessResult]


@pytest.fixture
def run(sandbox: Sandbox, environment: Environment, instance: dg.DagsterInstance) -> Run:
    """Runs the job of a survey that is called like the listener, whose sheet is at Google."""
    environment.surveys(SURVEY)
    sandbox.google.sheet(SHEET, classes.rows(12))
    return lambda: (
        defs()
        .resolve_job_def("survey_nico")
        .execute_in_process(instance=instance, run_config=QUIET, raise_on_error=False)
    )


def bodies(lake: Lake) -> dict[str, bytes]:
    own = lake.survey("nico").store
    stored = {entry.key: own.get(entry.key) for entry in own.list("")}
    return {key: one.body for key, one in stored.items() if one}


def test_a_sheet_at_google_becomes_assets_with_checks_and_one_request(
    run: Run, sandbox: Sandbox, lake: Lake
) -> None:
    sandbox.requests.clear()
    result = run()
    assert failures(result) == []
    made = {
        "/".join(event.asset_key.path): event.materialization.metadata
        for event in result.get_asset_materialization_events()
        if event.asset_key
    }
    assert {"survey/nico/responses", "survey/nico/music_dna", "survey/nico/page"} <= set(made)
    assert made["survey/nico/responses"]["dagster/row_count"].value == 12
    assert len([one for one in sandbox.requests if SHEET in one.path]) == 1
    checks = result.get_asset_check_evaluations()
    assert {check.asset_key.path[:2] == ["survey", "nico"] for check in checks} == {True}
    # There is no reference data: nothing is wrong, and a person should know.
    [red] = [check for check in checks if not check.passed]
    assert red.check_name == "most_songs_have_audio_features"
    assert red.severity is dg.AssetCheckSeverity.WARN
    assert lake.survey("nico").read(RESPONSES).num_rows == 12
    assert not list(lake.store.list("users/nico/"))


@pytest.mark.parametrize("wrong", ["unshared", "deleted", "key", "moved"])
def test_a_sheet_that_google_does_not_give_out_leaves_all_as_it_was(
    run: Run, sandbox: Sandbox, lake: Lake, instance: dg.DagsterInstance, wrong: str
) -> None:
    assert run().success
    before = bodies(lake)
    google = sandbox.google
    match wrong:
        case "unshared":
            google.share(SHEET, shared=False)
        case "deleted":
            google.delete(SHEET)
        case "key":
            google.valid = False
        case "moved":
            rows = [list(row) for row in classes.rows(12)]
            rows[0] = ["?" for _ in rows[0]]
            google.sheet(SHEET, rows)
    result = run()
    [told] = failures(result)
    assert "Traceback" not in told
    assert "\n" not in told
    assert bodies(lake) == before
    stored = instance.get_run_by_id(result.run_id)
    assert stored
    assert read(instance, stored, {"nico"}) is None
    of_survey = read(instance, stored, {"nico", survey_topic("nico")})
    assert of_survey
    assert of_survey.failure
    _, problem = of_survey.failure
    assert problem.topic == "run of survey nico"
    assert told in problem.sentence


def test_answers_that_google_gives_after_some_tries_are_taken(
    run: Run, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipelines.resources.google import client

    monkeypatch.setattr(client, "FIRST_WAIT_S", 0.01)
    sandbox.faults.add("status", "google", code=429, times=1)
    sandbox.faults.add("status", "google", code=503, times=1)
    assert failures(run()) == []


def names() -> set[str]:
    return {job.name for job in defs().resolve_all_job_defs()}


def test_a_broken_file_of_surveys_does_not_stop_the_listeners(
    environment: Environment, caplog: pytest.LogCaptureFixture
) -> None:
    environment.surveys("[spring\n")
    assert {"daily_nico", "poll_nico"} <= names()
    assert not any(name.startswith("survey_") for name in names())
    assert "surveys are left out" in caplog.text


def test_a_listener_called_survey_keeps_their_assets(
    environment: Environment, caplog: pytest.LogCaptureFixture
) -> None:
    environment.listeners("survey")
    environment.surveys(SURVEY)
    assert "daily_survey" in names()
    assert "survey_nico" not in names()
    assert "named like those of listener" in caplog.text


def test_definitions_with_surveys_load_without_credentials_or_heavy_libraries(
    environment: Environment,
) -> None:
    environment.surveys(SURVEY)
    environment.unset("SPOTIFY_CLIENT_ID", "SPOTIFY_CLIENT_SECRET", "GOOGLE_SERVICE_ACCOUNT_FILE")
    code = "import sys, pipelines.definitions as d; d.defs(); print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    heavy = {"sklearn", "scipy", "google.auth", "python_calamine", "boto3"}
    heavy |= {"great_expectations", "duckdb", "matplotlib"}
    assert not heavy & set(loaded)
