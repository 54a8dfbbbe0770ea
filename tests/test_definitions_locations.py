"""Code locations of several Spotify apps: together they are what one location would be."""

from collections import Counter

import dagster as dg
import pytest

from pipelines.definitions import build_definitions, defs
from pipelines.settings import Settings, locations
from tests.support.environment import Environment

LISTENERS = "[nico]\n[mira]\napp = 'second'\n[otto]\napp = 'third'\n"
SURVEY = '[spring]\nfile = "answers.csv"\n'


@pytest.fixture(autouse=True)
def _three_apps(environment: Environment) -> None:
    (environment.folder / "listeners.toml").write_text(LISTENERS)
    environment.surveys(SURVEY)


def loaded(environment: Environment, app: str = "") -> dg.Definitions:
    """What a code server with this variable loads."""
    environment.set(PLAYLEDGER_APP=app)
    found = defs()
    assert isinstance(found, dg.Definitions)
    dg.Definitions.validate_loadable(found)
    return found


def kept(found: dg.Definitions) -> Counter[str]:
    """The names of all that a location has itself."""
    repository = found.get_repository_def()
    named = [
        *repository.get_all_jobs(),
        *repository.schedule_defs,
        *repository.sensor_defs,
    ]
    graph = repository.asset_graph
    keys = [key for key in graph.get_all_asset_keys() if graph.get(key).is_executable]
    observed = [key for key in graph.get_all_asset_keys() if graph.get(key).is_observable]
    checks = graph.asset_check_keys
    return Counter(
        [f"{type(one).__name__} {one.name}" for one in named if not one.name.startswith("__")]
        + [f"asset {key.to_user_string()}" for key in {*keys, *observed}]
        + [f"check {key.to_user_string()}" for key in checks]
    )


def test_what_is_in_the_locations_is_what_is_in_one_and_nothing_is_there_twice(
    environment: Environment,
) -> None:
    divided = sum(
        (kept(loaded(environment, one)) for one in ("main", "second", "third")), Counter()
    )
    assert max(divided.values()) == 1
    whole = kept(loaded(environment))
    assert set(divided) - set(whole) == {
        "JobDefinition views_of_all",
        "ScheduleDefinition views_of_all_schedule",
    }
    assert not set(whole) - set(divided)


def test_an_app_that_nobody_names_is_told(
    environment: Environment, caplog: pytest.LogCaptureFixture
) -> None:
    assert not any(name.startswith("asset") for name in kept(loaded(environment, "secnod")))
    assert (
        "PLAYLEDGER_APP: no listener's app is 'secnod', and so nothing is collected here: "
        "there are main, second, third"
    ) in caplog.messages


def test_a_daily_run_makes_the_views_only_where_they_are(environment: Environment) -> None:
    views = dg.AssetKey("views")
    for app, listener, there in (("main", "nico", True), ("second", "mira", False)):
        job = loaded(environment, app).resolve_job_def(f"daily_{listener}")
        assert (views in job.asset_layer.executable_asset_keys) is there


def test_with_one_app_there_is_one_location_and_it_is_as_before(environment: Environment) -> None:
    (environment.folder / "listeners.toml").write_text("[nico]\n[mira]\n")
    [only] = locations(Settings().listeners)
    assert only.app == ""
    assert "JobDefinition views_of_all" not in kept(
        build_definitions(only.listeners, Settings().surveys)
    )
