"""Last.fm in the daily run: part of it where a listener has a name there, and never in its way."""

from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg
import pytest

from pipelines.assets.lastfm import WAS_READ
from pipelines.automation.schedules import daily_schedule, poll_schedule, scrobbles_schedule
from pipelines.cli.status import health_json
from pipelines.definitions import defs
from pipelines.ops.health import check_health
from pipelines.ops.run_events import _not_passed
from pipelines.resources.lake.lakes import Lake
from pipelines.resources.lastfm import client as policy
from pipelines.settings import Settings
from sandbox import Sandbox
from testing.pipeline import Pipeline
from tests.support.environment import Environment
from tests.support.ticks import tick

HERE = dg.AssetKey(["nico", "lastfm_scrobbles"])


@pytest.fixture
def _scrobbling(
    environment: Environment, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    (environment.folder / "listeners.toml").write_text(
        '[nico]\ntimezone = "Europe/Berlin"\n[nico.lastfm]\nuser = "nico"\n[mira]\n'
    )
    monkeypatch.setattr(policy, "FIRST_WAIT_S", 0.001)
    sandbox.lastfm.begin(datetime.now(UTC) - timedelta(days=3))


def asked(sandbox: Sandbox, method: str = "") -> int:
    paths = [one.path for one in sandbox.requests if one.path.startswith("/2.0")]
    return sum(f"method={method}" in path for path in paths)


def metadata(result: dg.ExecuteInProcessResult) -> dict[str, Any]:
    [made] = result.asset_materializations_for_node("lastfm_scrobbles")
    return {name: value.value for name, value in made.metadata.items()}


def check(result: dg.ExecuteInProcessResult) -> dg.AssetCheckEvaluation:
    [found] = [one for one in result.get_asset_check_evaluations() if one.check_name == WAS_READ]
    return found


@pytest.mark.usefixtures("_scrobbling")
def test_only_who_has_a_name_there_has_the_asset_and_plays_follow_it() -> None:
    graph = defs().resolve_asset_graph()
    keys = [key for key in graph.get_all_asset_keys() if key.path[-1] == "lastfm_scrobbles"]
    assert keys == [HERE]
    assert HERE in graph.get(dg.AssetKey(["nico", "plays"])).parent_keys
    jobs = {job.name for job in defs().jobs or ()}
    assert "scrobbles_nico" in jobs
    assert "scrobbles_mira" not in jobs
    for job in ("poll_nico", "import_nico", "rebuild_nico"):
        assert HERE not in defs().resolve_job_def(job).asset_layer.executable_asset_keys


def test_who_has_none_costs_no_request(pipeline: Pipeline, sandbox: Sandbox) -> None:
    assert pipeline.run("daily_nico").success
    assert asked(sandbox) == 0


@pytest.mark.usefixtures("_scrobbling")
def test_the_daily_run_reads_scrobbles_and_makes_plays_of_them(
    pipeline: Pipeline, sandbox: Sandbox
) -> None:
    result = pipeline.run("daily_nico")
    assert result.success
    assert check(result).passed
    told = metadata(result)
    assert told["new"] == told["dagster/row_count"] == told["total_at_lastfm"] > 0
    assert told["requests"] == asked(sandbox, "user.getRecentTracks")
    assert told["pages"] > 0
    assert told["refused"] == 0
    plays = pipeline.plays()
    assert any("lastfm" in play["source"] for play in plays)
    assert any(play["source"] == "api+lastfm" for play in plays)
    again = metadata(pipeline.run("daily_nico"))
    assert again["new"] <= 5
    health = check_health(Settings(), pipeline.lake)
    [nico, _] = health.listeners
    assert nico.scrobbles_read_at is not None
    assert '"scrobbles_read_at": "20' in health_json(health)


@pytest.mark.parametrize(
    ("number", "level", "says"),
    [
        (17, "failure", "switch off 'Hide recent listening information'"),
        (29, "warning", "Last.fm answered error 29"),
    ],
)
@pytest.mark.usefixtures("_scrobbling")
def test_last_fm_is_never_in_the_way_and_an_alert_says_what_to_do(
    number: int, level: str, says: str, pipeline: Pipeline, sandbox: Sandbox
) -> None:
    sandbox.faults.add("lastfm_error", "lastfm", number=number, code=403, times=None)
    result = pipeline.run("daily_nico")
    assert result.success
    assert pipeline.plays()
    failed = check(result)
    assert not failed.passed
    problem = _not_passed("nico/lastfm_scrobbles lastfm_was_read", failed)
    assert says in problem.sentence
    assert problem.level == level
    assert sandbox.lastfm.api_key not in problem.sentence


@pytest.mark.usefixtures("_scrobbling")
def test_a_missing_key_is_told_likewise(
    pipeline: Pipeline, sandbox: Sandbox, environment: Environment
) -> None:
    environment.unset("LASTFM_API_KEY")
    result = pipeline.run("daily_nico")
    assert result.success
    assert "LASTFM_API_KEY is not set" in str(check(result).description)
    assert asked(sandbox) == 0


@pytest.mark.usefixtures("_scrobbling")
def test_without_a_login_scrobbles_are_read_all_the_same(
    new_pipeline: Any, environment: Environment, instance: dg.DagsterInstance
) -> None:
    assert isinstance(tick(scrobbles_schedule, instance), dg.SkipReason)
    environment.unset("SPOTIFY_REFRESH_TOKEN_NICO", "SPOTIFY_CLIENT_ID", "SPOTIFY_CLIENT_SECRET")
    for other in (daily_schedule, poll_schedule):
        assert isinstance(tick(other, instance), dg.SkipReason)
    assert isinstance(tick(scrobbles_schedule, instance), dg.RunRequest)
    pipeline = new_pipeline()
    job = defs().resolve_job_def("scrobbles_nico")
    result = job.execute_in_process(instance=pipeline.instance, raise_on_error=False)
    assert result.success
    assert {play["source"] for play in pipeline.plays()} == {"lastfm"}


def test_a_name_that_is_none_is_told() -> None:
    from pipelines.errors import SettingsError
    from pipelines.settings import parse_listeners

    [nico] = parse_listeners('[nico.lastfm]\nuser = "Some_One-1"\n')
    assert nico.lastfm_user == "Some_One-1"
    for wrong in ('user = "a/b"', "user = 5", 'name = "x"', 'user = "x"\nkey = "y"'):
        with pytest.raises(SettingsError, match=r"nico\.lastfm"):
            parse_listeners(f"[nico.lastfm]\n{wrong}\n")
    with pytest.raises(SettingsError, match=r"nico\.lastfm"):
        parse_listeners('[nico]\nlastfm = "me"\n')


@pytest.mark.usefixtures("_scrobbling")
def test_a_damaged_page_is_told_and_the_run_goes_on(pipeline: Pipeline) -> None:
    assert pipeline.run("daily_nico").success
    store = pipeline.lake.of("nico").store
    for entry in list(store.list("raw/lastfm_recent_tracks/nico/")):
        store.put(entry.key, b"damaged")
    before = len(pipeline.plays())
    result = pipeline.run("daily_nico")
    assert result.success
    assert len(pipeline.plays()) >= before
    told = check(result)
    assert not told.passed
    assert told.severity == dg.AssetCheckSeverity.WARN
    assert "Last.fm is asked again" in str(told.description)
    assert check(pipeline.run("daily_nico")).passed


@pytest.mark.usefixtures("_scrobbling")
def test_that_last_fm_was_never_read_is_told_and_a_missing_key_is_a_failure(
    lake: Lake, environment: Environment
) -> None:
    def told() -> tuple[str, str]:
        problems = check_health(Settings(), lake).problems
        [one] = [one for one in problems if one.topic == "nico scrobbles"]
        return one.level, one.sentence

    level, sentence = told()
    assert level == "warning"
    assert "has not been read for nico yet" in sentence
    environment.unset("LASTFM_API_KEY")
    level, sentence = told()
    assert level == "failure"
    assert "LASTFM_API_KEY is not set" in sentence


@pytest.mark.usefixtures("_scrobbling")
def test_that_last_fm_was_not_read_for_months_does_not_heal_by_itself(
    pipeline: Pipeline,
) -> None:
    assert pipeline.run("daily_nico").success
    for days in (4, 45, 200):
        health = check_health(Settings(), pipeline.lake, datetime.now(UTC) + timedelta(days=days))
        assert "nico scrobbles" in {one.topic for one in health.problems}
        assert health.listeners[0].scrobbles_read_at is not None
