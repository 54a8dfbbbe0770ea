"""The sensor reads Dagster's storage as it is: small jobs on an instance, without a daemon."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from pipelines import run_context
from pipelines.automation.rebuild_sensor import Family, rebuild_sensor
from pipelines.run_context import BACKFILL_TAG

NICO = Family("nico", frozenset({"recent_tracks"}), frozenset({"plays", "report"}))
DONE = "everything is rebuilt since dates were last derived"
NOTHING = "nothing to rebuild: no date was derived since the last rebuild"
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}

broken: set[str] = set()


@pytest.fixture(autouse=True)
def nothing_is_broken() -> Iterator[None]:
    yield
    broken.clear()


def made() -> dg.Definitions:
    @dg.asset(key_prefix="nico", partitions_def=run_context.dates)
    def recent_tracks() -> None:
        if "recent_tracks" in broken:
            raise dg.Failure

    @dg.asset(key_prefix="nico", deps=[recent_tracks])
    def plays() -> None:
        pass

    @dg.asset(key_prefix="nico", deps=[plays])
    def report() -> None:
        if "report" in broken:
            raise dg.Failure

    @dg.asset_check(asset=plays)
    def is_good() -> dg.AssetCheckResult:
        return dg.AssetCheckResult(passed=True)

    return dg.Definitions(
        assets=[recent_tracks, plays, report],
        asset_checks=[is_good],
        jobs=[
            dg.define_asset_job("daily_nico", dg.AssetSelection.all()),
            dg.define_asset_job("rebuild_nico", dg.AssetSelection.assets(plays, report)),
        ],
    )


class Deployment:
    """An instance, jobs, and the sensor with the cursor that it left."""

    def __init__(self, instance: dg.DagsterInstance) -> None:
        self.instance, self.cursor, self.defs = instance, None, made()

    def run(self, job: str, *assets: str, **how: object) -> dg.ExecuteInProcessResult:
        found = self.defs.resolve_job_def(job)
        if assets:
            how["asset_selection"] = [dg.AssetKey(["nico", name]) for name in assets]
        how = {"run_config": QUIET, "raise_on_error": False} | how
        return found.execute_in_process(instance=self.instance, **how)

    def date(self, date: str = "2026-03-01", **tags: str) -> dg.ExecuteInProcessResult:
        return self.run("daily_nico", "recent_tracks", partition_key=date, tags=tags)

    def tick(self) -> dg.RunRequest | str:
        with dg.build_sensor_context(self.instance, self.cursor) as context:
            answer = rebuild_sensor(NICO).evaluate_tick(context)
        self.cursor = answer.cursor
        if answer.run_requests:
            [request] = answer.run_requests
            return request
        return str(answer.skip_message)

    def rebuild(self) -> None:
        request = self.tick()
        assert isinstance(request, dg.RunRequest), request
        self.run("rebuild_nico", tags=request.tags)


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[Deployment]:
    overrides = {"telemetry": {"enabled": False}}
    with dg.DagsterInstance.local_temp(str(tmp_path), overrides=overrides) as instance:
        yield Deployment(instance)


def test_it_looks_by_itself_and_names_its_job() -> None:
    sensor = rebuild_sensor(NICO)
    assert sensor.name == "rebuild_nico_sensor"
    assert sensor.job_name == "rebuild_nico"
    assert sensor.default_status is dg.DefaultSensorStatus.RUNNING


def test_dates_of_a_backfill_are_followed_by_one_run(deployment: Deployment) -> None:
    assert deployment.tick() == NOTHING
    for date in ("2026-03-01", "2026-03-02"):
        deployment.date(date, **{BACKFILL_TAG: "abcdefgh"})
    deployment.rebuild()
    assert deployment.tick() == DONE
    deployment.date()
    deployment.rebuild()
    assert deployment.tick() == DONE


@pytest.mark.parametrize("tags", [{BACKFILL_TAG: "abcdefgh"}, {}])
def test_a_whole_run_for_a_date_needs_no_rebuild_unless_it_failed(
    deployment: Deployment, tags: dict[str, str]
) -> None:
    assert deployment.run("daily_nico", partition_key="2026-03-01", tags=tags).success
    assert deployment.tick() == NOTHING
    broken.add("report")
    assert not deployment.run("daily_nico", partition_key="2026-03-01", tags=tags).success
    assert isinstance(deployment.tick(), dg.RunRequest)


def test_a_failed_date_counts_where_it_made_something(deployment: Deployment) -> None:
    broken.add("recent_tracks")
    assert not deployment.date().success
    assert deployment.tick() == NOTHING


def test_checks_alone_and_assets_without_dates_start_nothing(deployment: Deployment) -> None:
    check = dg.AssetCheckKey(dg.AssetKey(["nico", "plays"]), "is_good")
    job = deployment.defs.resolve_implicit_global_asset_job_def()
    alone = job.get_subset(asset_selection=frozenset(), asset_check_selection={check})
    assert alone.execute_in_process(instance=deployment.instance, run_config=QUIET).success
    assert deployment.run("rebuild_nico", "plays").success
    assert deployment.tick() == NOTHING


def test_a_rebuild_that_failed_is_tried_again_with_another_key(deployment: Deployment) -> None:
    deployment.date()
    broken.add("report")
    keys = []
    for _ in range(2):
        request = deployment.tick()
        assert isinstance(request, dg.RunRequest)
        assert isinstance(deployment.tick(), dg.RunRequest), "not yet started"
        keys.append(request.run_key)
        deployment.run("rebuild_nico", tags=request.tags)
    assert keys == ["1-0", "1-1"]
    assert deployment.tick() == "the rebuild has failed 2 times: next try after ten minutes"
    broken.clear()
    deployment.run("rebuild_nico")
    assert deployment.tick() == DONE, "a person launched it"


@pytest.mark.parametrize("cursor", ["eNrT08MAAGTvBe8=", "{}", '{"seen": 5}', "[1]", ""])
def test_another_versions_cursor_is_no_obstacle(deployment: Deployment, cursor: str) -> None:
    deployment.cursor = cursor
    deployment.date()
    deployment.rebuild()
    deployment.cursor = cursor
    assert deployment.tick() == DONE


def test_a_backfill_that_is_not_over_is_waited_for(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployment.date()

    class Backfill:
        backfill_id = "abcdefgh"
        status = type("Status", (), {"value": "REQUESTED"})
        asset_selection = (dg.AssetKey(["mira", "recent_tracks"]),)
        job_name = None

    monkeypatch.setattr(type(deployment.instance), "get_backfills", lambda *_, **__: [Backfill])
    assert isinstance(deployment.tick(), dg.RunRequest), "another listener's"
    Backfill.asset_selection = (dg.AssetKey(["nico", "recent_tracks"]),)
    assert deployment.tick() == "waiting for backfill abcdefgh"
    Backfill.asset_selection, Backfill.job_name = (), "daily_nico"
    assert deployment.tick() == "waiting for backfill abcdefgh"
    Backfill.status = type("Status", (), {"value": "COMPLETED_SUCCESS"})
    assert isinstance(deployment.tick(), dg.RunRequest)
