"""Ticks of the schedules: when a run is started, when it had better not, and what is said then."""

import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg
import pytest
import time_machine

from pipelines.automation import schedules
from pipelines.automation.schedules import (
    daily_schedule,
    playlists_schedule,
    poll_schedule,
    survey_schedule,
)
from pipelines.errors import LoginMissing
from pipelines.resources.lake.folder import Folder
from pipelines.resources.lake.lakes import Lake
from pipelines.resources.spotify.lockouts import Lockouts
from pipelines.settings import Settings
from pipelines.surveys.closing import close
from sandbox import Sandbox
from testing.pipeline import Pipeline
from tests.support.environment import Environment
from tests.support.ticks import tick


@pytest.mark.parametrize("schedule", [poll_schedule, daily_schedule, playlists_schedule])
def test_schedules_skip_with_the_time(
    schedule: Callable[..., dg.ScheduleDefinition],
    lockouts: Lockouts,
    daemon: dg.DagsterInstance,
) -> None:
    lockouts.lock("profile", datetime(2100, 1, 2, 3, 4, 5, tzinfo=UTC), "QUOTA_EXCEEDED")
    skipped = tick(schedule, daemon)
    assert isinstance(skipped, dg.SkipReason)
    assert "Spotify refuses requests until 2100-01-02 03:04:05 UTC" in str(skipped.skip_message)


def test_without_a_lockout_schedules_start_today(
    sandbox: object, daemon: dg.DagsterInstance
) -> None:
    for schedule in (poll_schedule, daily_schedule):
        request = tick(schedule, daemon)
        assert isinstance(request, dg.RunRequest)
        assert request.partition_key == f"{datetime.now(UTC):%Y-%m-%d}"


def test_a_poll_without_a_login_is_skipped_and_a_daily_run_fails_for_someone_to_see(
    sandbox: object, daemon: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SPOTIFY_REFRESH_TOKEN_NICO")
    skipped = tick(poll_schedule, daemon)
    assert isinstance(skipped, dg.SkipReason)
    assert skipped.skip_message == str(LoginMissing("nico"))
    assert isinstance(tick(daily_schedule, daemon), dg.RunRequest)


@pytest.mark.parametrize("app", [True, False], ids=["with an app", "without one"])
@pytest.mark.parametrize("schedule", [poll_schedule, daily_schedule, playlists_schedule])
def test_for_who_only_imports_no_run_is_started_that_could_only_fail(
    schedule: Callable[..., dg.ScheduleDefinition],
    app: bool,
    environment: Environment,
    imported: Callable[[str], None],
    daemon: dg.DagsterInstance,
) -> None:
    if not app:
        environment.unset("SPOTIFY_CLIENT_ID", "SPOTIFY_CLIENT_SECRET")
    imported("nico")
    skipped = tick(schedule, daemon)
    assert isinstance(skipped, dg.SkipReason)
    assert str(skipped.skip_message).startswith("nico only imports: there is no login")


def test_playlists_are_read_once_a_week_and_what_is_unfinished_the_next_day(
    sandbox: Sandbox, pipeline: Pipeline, daemon: dg.DagsterInstance
) -> None:
    due = tick(playlists_schedule, daemon)
    assert isinstance(due, dg.RunRequest)
    assert due.run_config == {"ops": {"playlist_tables": {"config": {"scheduled": True}}}}
    sandbox.requests.clear()
    assert pipeline.read_playlists(scheduled=True).success
    asked = len(sandbox.requests)
    skipped = tick(playlists_schedule, daemon)
    assert isinstance(skipped, dg.SkipReason)
    assert "every playlist was looked at within the last week" in str(skipped.skip_message)
    assert len(sandbox.requests) == asked, "a tick asks Spotify for nothing"
    with time_machine.travel(datetime.now(UTC) + timedelta(days=7)):
        assert isinstance(tick(playlists_schedule, daemon), dg.RunRequest)


def test_playlists_that_were_read_in_part_go_on_with_the_next_tick(
    sandbox: Sandbox, environment: Environment, pipeline: Pipeline, daemon: dg.DagsterInstance
) -> None:
    (environment.folder / "listeners.toml").write_text("[nico.playlists]\nrequests_per_run = 4\n")
    run = pipeline.read_playlists(scheduled=True)
    assert run.success
    [readings] = [
        one for one in run.get_asset_materialization_events() if "readings" in str(one.asset_key)
    ]
    metadata = readings.materialization.metadata
    assert metadata["requests"].value == 4
    assert "go on with the next run" in str(metadata["outcome"].value)
    assert isinstance(tick(playlists_schedule, daemon), dg.RunRequest)


def test_a_tick_for_playlists_costs_the_lake_a_handful_of_operations(
    pipeline: Pipeline, daemon: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline.read_playlists(scheduled=True)
    asked: list[str] = []
    for name in ("get", "list", "folders"):
        method = getattr(Folder, name)

        def counted(store: Folder, key: str, method: Any = method, **options: Any) -> Any:
            asked.append(key)
            return method(store, key, **options)

        monkeypatch.setattr(Folder, name, counted)
    assert isinstance(tick(playlists_schedule, daemon), dg.SkipReason)
    assert len(asked) <= 4, asked


def test_a_folder_of_tokens_that_cannot_be_used_does_not_end_a_tick(
    sandbox: object, daemon: dg.DagsterInstance
) -> None:
    Settings().tokens_dir.touch()
    skipped = tick(poll_schedule, daemon)
    assert isinstance(skipped, dg.SkipReason)
    assert str(skipped.skip_message).startswith("TOKENS_DIR: cannot read ")
    assert isinstance(tick(daily_schedule, daemon), dg.RunRequest), "it fails, for all to see"


def test_a_days_run_that_failed_three_times_is_tried_less_often(
    sandbox: object, daemon: dg.DagsterInstance
) -> None:
    at = datetime.now(UTC).replace(hour=8)
    with time_machine.travel(at):
        for _ in range(3):
            _run(daemon, dg.DagsterRunStatus.FAILURE)
    with time_machine.travel(at.replace(hour=9)):
        skipped = tick(daily_schedule, daemon)
    assert isinstance(skipped, dg.SkipReason)
    assert "has failed 3 times" in str(skipped.skip_message)
    with time_machine.travel(at.replace(hour=23)):
        assert isinstance(tick(daily_schedule, daemon), dg.RunRequest)


@pytest.mark.parametrize(
    ("status", "told"),
    [(dg.DagsterRunStatus.SUCCESS, "is done"), (dg.DagsterRunStatus.STARTED, "is running")],
)
def test_a_date_that_is_done_or_under_way_is_not_started_again(
    status: dg.DagsterRunStatus, told: str, sandbox: object, daemon: dg.DagsterInstance
) -> None:
    _run(daemon, status)
    skipped = tick(daily_schedule, daemon)
    assert isinstance(skipped, dg.SkipReason)
    assert skipped.skip_message == f"{datetime.now(UTC):%Y-%m-%d} {told}"


def test_a_run_that_was_lost_hours_ago_does_not_stop_the_next(
    sandbox: object, daemon: dg.DagsterInstance
) -> None:
    morning = datetime(2026, 11, 20, 5, 10, tzinfo=UTC)
    with time_machine.travel(morning, tick=True):
        _run(daemon, dg.DagsterRunStatus.STARTED)
    with time_machine.travel(morning + timedelta(hours=2, minutes=1), tick=True):
        assert isinstance(tick(daily_schedule, daemon), dg.RunRequest)


def _run(daemon: dg.DagsterInstance, status: dg.DagsterRunStatus) -> None:
    daemon.add_run(
        dg.DagsterRun(
            job_name="a_job",
            status=status,
            tags={"dagster/partition": f"{datetime.now(UTC):%Y-%m-%d}"},
        )
    )


def test_a_bucket_that_hangs_is_told_in_time_and_holds_up_nobody_else(
    sandbox: object, daemon: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedules, "LOCKOUT_TIMEOUT_S", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes connections, says nothing
        monkeypatch.setenv("LAKE_URL", "s3://bucket/ledger")
        monkeypatch.setenv("S3_ENDPOINT_URL", f"http://127.0.0.1:{silent.getsockname()[1]}")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        began = time.monotonic()
        skipped = tick(poll_schedule, daemon)
        assert time.monotonic() - began < 50  # it would wait for a minute
    assert isinstance(skipped, dg.SkipReason)
    assert "s3://bucket/ledger does not answer" in str(skipped.skip_message)


SURVEY = '[spring]\nfile = "answers.csv"\n'


def survey_tick(instance: dg.DagsterInstance, hour: int = 5) -> dg.RunRequest | dg.SkipReason:
    def schedule(_: object, job: str) -> dg.ScheduleDefinition:
        return survey_schedule(Settings().survey("spring"), job)

    due = datetime.now(UTC).replace(hour=hour, minute=10)
    return tick(schedule, instance, "survey_spring", due=due)


def test_a_survey_is_read_once_a_day_whatever_listeners_do(
    environment: Environment, daemon: dg.DagsterInstance
) -> None:
    environment.surveys(SURVEY)
    request = survey_tick(daemon)
    assert isinstance(request, dg.RunRequest)
    daemon.create_run_for_job(
        dg.JobDefinition(name="survey_spring", graph_def=dg.GraphDefinition(name="survey_spring")),
        status=dg.DagsterRunStatus.SUCCESS,
        tags=dict(request.tags),
    )
    skipped = survey_tick(daemon, hour=6)
    assert isinstance(skipped, dg.SkipReason)
    assert "is done" in str(skipped.skip_message)


def test_a_survey_whose_time_is_over_or_that_was_forgotten_is_not_read(
    environment: Environment, daemon: dg.DagsterInstance, lake: Lake
) -> None:
    environment.surveys(SURVEY + "keep_until = 2026-01-01\n")
    skipped = survey_tick(daemon)
    assert isinstance(skipped, dg.SkipReason)
    assert "to be kept until 2026-01-01" in str(skipped.skip_message)
    environment.surveys(SURVEY)
    close(lake.survey("spring"))
    skipped = survey_tick(daemon)
    assert isinstance(skipped, dg.SkipReason)
    assert "survey spring was closed" in str(skipped.skip_message)
