"""Which runs say something about everything of a listener, and whose a run is."""

import dagster as dg
import pytest

from pipelines.errors import SurveyError
from pipelines.ops import run_events
from pipelines.ops.alerts import State
from pipelines.ops.health import survey_topic
from pipelines.ops.starting import JOBS
from pipelines.run_context import BACKFILL_TAG, expected_failures
from tests.ops.made_runs import QUIET, execute, failing


def is_whole(instance: dg.DagsterInstance, **options: object) -> bool:
    result = execute(instance, **options)  # type: ignore[arg-type]
    run = instance.get_run_by_id(result.run_id)
    assert run
    read = run_events.read(instance, run, ["nico"])
    assert read
    return read.is_whole


def test_only_a_whole_daily_run_tells_which_checks_are_gone(instance: dg.DagsterInstance) -> None:
    assert is_whole(instance)
    assert not is_whole(instance, job="poll_nico")
    assert not is_whole(instance, tags={BACKFILL_TAG: "abcdefgh"})


def test_a_run_that_repeats_what_had_failed_is_not_whole(instance: dg.DagsterInstance) -> None:
    run = instance.get_run_by_id(execute(instance).run_id)
    assert run
    again = run._replace(parent_run_id="earlier", root_run_id="earlier")
    read = run_events.read(instance, again, ["nico"])
    assert read
    assert not read.is_whole


@pytest.mark.parametrize("listener", ["anna", "zoe"])
def test_a_run_with_what_all_share_belongs_to_the_listener_in_it(
    instance: dg.DagsterInstance, listener: str
) -> None:
    @dg.asset(key_prefix=listener)
    def plays() -> None:
        raise ValueError

    @dg.asset
    def views() -> None: ...

    result = dg.materialize(
        [plays, views], instance=instance, raise_on_error=False, run_config=QUIET
    )
    run = instance.get_run_by_id(result.run_id)
    assert run
    read = run_events.read(instance, run, ["anna", "zoe"])
    assert read
    assert read.listener == listener
    assert read.failure


@pytest.mark.parametrize("kind", JOBS)
def test_a_job_of_a_listener_that_fails_is_called_by_its_name(
    instance: dg.DagsterInstance, kind: str
) -> None:
    result = execute(instance, f"{kind}_nico", failing(ValueError()))
    run = instance.get_run_by_id(result.run_id)
    assert run
    read = run_events.read(instance, run, ["nico"])
    assert read
    assert read.failure
    key, problem = read.failure
    assert key == problem.topic == f"{run_events.JOBS[kind]} of nico"
    done = instance.get_run_by_id(execute(instance, f"{kind}_nico").run_id)
    assert done
    resolved = run_events.read(instance, done, ["nico"])
    assert resolved
    assert key in resolved.resolves


def run_of_survey(instance: dg.DagsterInstance, job: str | None) -> dg.DagsterRun:
    """A failed run of a survey that is called like a listener: of its job, or of an asset."""

    @dg.multi_asset(name="survey__nico__answers", specs=[dg.AssetSpec(["survey", "nico", "songs"])])
    def songs() -> None:
        with expected_failures():
            raise SurveyError("the sheet of survey nico is not shared any more: share it")

    name = job or "__ASSET_JOB"
    defined = dg.Definitions(
        assets=[songs],
        jobs=[dg.define_asset_job(job, selection=dg.AssetSelection.all())] if job else [],
    )
    result = defined.resolve_job_def(name).execute_in_process(
        instance=instance, run_config=QUIET, raise_on_error=False
    )
    run = instance.get_run_by_id(result.run_id)
    assert run
    return run


@pytest.mark.parametrize("job", ["survey_nico", None])
def test_a_survey_that_fails_is_never_taken_for_the_listener_of_its_name(
    instance: dg.DagsterInstance, job: str | None
) -> None:
    run = run_of_survey(instance, job)
    assert run_events.read(instance, run, ["nico"]) is None
    read = run_events.read(instance, run, ["nico", survey_topic("nico")])
    assert read
    assert read.listener == "survey nico"
    assert read.failure
    _, problem = read.failure
    assert problem.topic == ("run of survey nico" if job else "materialization of survey nico")
    assert "at survey/nico/answers: the sheet of survey nico is not shared" in problem.sentence
    state = State()
    state.add_run(read)
    state.drop_others({"nico", survey_topic("nico")})
    assert state.current_problems
    state.drop_others({"nico"})
    assert not state.current_problems
