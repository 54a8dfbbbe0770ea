"""What goes wrong is one message, and its end another: over a real service and real runs."""

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
import time_machine

from pipelines import run_context
from pipelines.automation.schedules import poll_schedule
from pipelines.errors import CorruptFile, LockedOut, LoginExpired, SpotifyDown, SpotifyError
from pipelines.resources.dagster_resources import resources_from
from pipelines.resources.lake.lakes import Lake
from pipelines.resources.spotify.client import Spotify
from pipelines.settings import Listener, Settings
from tests.ops.made_runs import QUIET, execute, failing, well
from tests.support.receiving import Receiver

Tick = Callable[..., str]
QUARTER = timedelta(minutes=15)
WARN, ERROR = dg.AssetCheckSeverity.WARN, dg.AssetCheckSeverity.ERROR

pytestmark = pytest.mark.usefixtures("all_is_well")


def not_passed(severity: dg.AssetCheckSeverity) -> dg.AssetCheckResult:
    metadata = {"rows": 400, "unexpected_count": 2.0, "examples": "what nico heard"}
    return dg.AssetCheckResult(passed=False, severity=severity, metadata=metadata)


def test_all_is_well_and_nobody_is_told(tick: Tick, service: Receiver) -> None:
    assert tick() == "0 messages delivered; 0 problems"
    assert service.bodies == []


def test_a_lockout_of_20_hours_met_by_80_polls_is_one_alert_and_one_recovery(
    tick: Tick, service: Receiver, lake: Lake, instance: dg.DagsterInstance
) -> None:
    began = datetime.now(UTC)
    lockout: LockedOut = (
        Spotify(Settings(), lake)
        .lockouts()
        .lock("profile", began + timedelta(hours=20), "QUOTA_EXCEEDED")
    )
    execute(instance, "poll_nico", failing(lockout))  # the one that met it first
    for quarter in range(80):
        with time_machine.travel(began + quarter * QUARTER):
            skipped = _poll(instance)
            assert "refuses requests" in str(skipped.skip_message)
            tick()
    assert service.told == [("failure", "Playledger: lockout")]
    assert f"until {began + timedelta(hours=20):%Y-%m-%d %H:%M}" in service.texts[0]
    with time_machine.travel(began + 80 * QUARTER + timedelta(minutes=1)):
        execute(instance, "poll_nico")
        tick()
    assert service.told[1:] == [("success", "Playledger: lockout (resolved)")]


def _poll(instance: dg.DagsterInstance) -> dg.SkipReason:
    resources = dict(resources_from(os.environ))
    with dg.build_schedule_context(
        instance, scheduled_execution_time=datetime.now(UTC), resources=resources
    ) as context:
        answer = poll_schedule(Listener("nico", ()), "poll_nico")(context)
    assert isinstance(answer, dg.SkipReason)
    return answer


def test_an_expired_login_is_one_alert_whatever_fails_for_it(
    tick: Tick, service: Receiver, instance: dg.DagsterInstance, log_in: Callable[..., None]
) -> None:
    log_in(authorized_at=datetime.now(UTC), refused=True)
    for job in ("poll_nico", "daily_nico", "daily_nico"):
        execute(instance, job, failing(LoginExpired("nico")))
        tick()
    assert service.told == [("failure", "Playledger: nico login")]
    assert "playledger login nico" in service.texts[0]
    log_in(authorized_at=datetime.now(UTC))
    execute(instance, "daily_nico")
    with time_machine.travel(datetime.now(UTC) + QUARTER):
        tick()
    assert service.told[1:] == [("success", "Playledger: nico login (resolved)")]


def test_a_login_that_ends_is_a_warning_and_three_days_before_a_failure(
    tick: Tick, service: Receiver, log_in: Callable[..., None], lake: Lake
) -> None:
    now = datetime.now(UTC)
    log_in(authorized_at=now - timedelta(days=170))
    for days in range(14):
        with time_machine.travel(now + timedelta(days=days)):
            tick()
    logins = [told for told in service.told if "login" in told[1]]
    assert logins[:2] == [
        ("warning", "Playledger: nico login (warning)"),
        ("failure", "Playledger: nico login"),
    ]
    assert len(logins) == 2


def test_a_failed_run_is_told_with_its_sentence_and_its_next_success_ends_it(
    tick: Tick, service: Receiver, instance: dg.DagsterInstance
) -> None:
    problem = CorruptFile("plays/data.parquet cannot be read: delete it")
    failed = [execute(instance, "daily_nico", failing(problem), date="2026-02-03")]
    tick()
    failed.append(execute(instance, "daily_nico", failing(problem), date="2026-02-03"))
    tick()
    assert service.told == [("failure", "Playledger: daily run of nico")]
    (text,) = service.texts
    assert text == (
        "daily run of nico for 2026-02-03 failed at nico/plays: "
        f"plays/data.parquet cannot be read: delete it (run {failed[0].run_id})"
    )
    execute(instance, "poll_nico")
    tick()
    assert len(service.bodies) == 1, "another job's success says nothing of this one"
    execute(instance, "daily_nico")
    tick()
    assert service.told[1:] == [("success", "Playledger: daily run of nico (resolved)")]


def test_what_nobody_expected_is_told_by_its_kind_alone(
    tick: Tick, service: Receiver, instance: dg.DagsterInstance
) -> None:
    run = execute(instance, "poll_nico", failing(KeyError("Bearer BQD-a-token")))
    tick()
    (text,) = service.texts
    assert "BQD" not in text
    assert "failed at nico/plays with an unexpected KeyError" in text
    assert run.run_id in text


def test_a_secret_that_spotify_quotes_is_taken_out(
    tick: Tick, service: Receiver, instance: dg.DagsterInstance
) -> None:
    said = "profile: Spotify answered 400: the-secret-of-the-app, the-refresh-token"
    execute(instance, "poll_nico", failing(SpotifyError(said)))
    tick()
    assert "Spotify answered 400: …, … (run" in service.texts[0]


def test_a_run_whose_process_was_killed_is_told_as_such(
    tick: Tick, service: Receiver, instance: dg.DagsterInstance
) -> None:
    run = dg.DagsterRun(job_name="daily_nico", status=dg.DagsterRunStatus.STARTED)
    instance.add_run(run)
    instance.report_run_failed(run, "its process is gone; AWS_SECRET_ACCESS_KEY=hush")
    tick()
    (text,) = service.texts
    assert text.startswith("daily run of nico was ended from outside: its process was killed")
    assert run.run_id in text
    assert "hush" not in text


def test_a_run_that_ended_with_everything_else_is_no_fault_of_ours(
    tick: Tick, service: Receiver, instance: dg.DagsterInstance
) -> None:
    with suppress(dg.DagsterExecutionInterruptedError):
        execute(instance, "daily_nico", failing(dg.DagsterExecutionInterruptedError()))
    tick()
    (text,) = service.texts
    assert "daily run of nico" in text
    assert "was ended from outside: its process was killed" in text
    assert "unexpected" not in text


def test_a_rebuild_that_was_killed_is_over_with_the_next_good_run(
    tick: Tick, service: Receiver, instance: dg.DagsterInstance
) -> None:
    for _ in range(2):
        run = dg.DagsterRun(
            job_name="__ASSET_JOB",
            status=dg.DagsterRunStatus.STARTED,
            asset_selection={dg.AssetKey(["nico", "gaps"])},
        )
        instance.add_run(run)
        instance.report_run_failed(run, "its process is gone")
        tick()
        execute(instance, "daily_nico")
        tick()
    told = [title for _, title in service.told]
    killed = "Playledger: materialization of nico"
    assert told == [killed, f"{killed} (resolved)"] * 2


def test_what_cannot_be_looked_at_is_not_over(
    tick: Tick,
    service: Receiver,
    lake: Lake,
    log_in: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    log_in(authorized_at=datetime.now(UTC), refused=True)
    lockouts = Spotify(Settings(), lake).lockouts()
    lockouts.lock("profile", datetime.now(UTC) + timedelta(hours=20), "429")
    tick()
    good = Settings().lake_url
    for variable, broken, restored, about in (
        ("LAKE_URL", "s3://bucket/ledger", good, "lake"),
        ("LISTENERS_FILE", "nowhere.toml", str(Settings().listeners_file), "settings"),
    ):
        service.bodies.clear()
        for hours, value in ((0, broken), (1, restored)):
            monkeypatch.setenv(variable, value)
            monkeypatch.setenv("S3_ENDPOINT_URL", "http://127.0.0.1:9")
            lockouts_last = datetime.now(UTC) + QUARTER + timedelta(hours=hours)
            with time_machine.travel(lockouts_last):
                tick()
        assert service.told == [
            ("failure", f"Playledger: {about}"),
            ("success", f"Playledger: {about} (resolved)"),
        ]
        with time_machine.travel(datetime.now(UTC) + timedelta(hours=2)):
            tick()


def test_a_failure_among_hundreds_of_good_runs_is_told(
    tick: Tick, service: Receiver, instance: dg.DagsterInstance
) -> None:
    execute(instance, "daily_nico", failing(CorruptFile("unreadable: delete it")))
    for _ in range(250):
        tags = {run_context.POLL_TAG: "true"}
        status = dg.DagsterRunStatus.SUCCESS
        instance.add_run(dg.DagsterRun(job_name="poll_nico", status=status, tags=tags))
    tick()
    assert service.told == [("failure", "Playledger: daily run of nico")]


@pytest.mark.parametrize(
    ("severity", "told"),
    [(WARN, ("warning", "Playledger: checks of nico (warning)")),
     (ERROR, ("failure", "Playledger: checks of nico"))],
)  # fmt: skip
def test_a_check_is_told_when_it_fails_and_when_it_passes_again(
    severity: dg.AssetCheckSeverity,
    told: tuple[str, str],
    tick: Tick,
    service: Receiver,
    instance: dg.DagsterInstance,
) -> None:
    for _ in range(2):
        execute(instance, check=not_passed(severity))
        tick()
    assert service.told == [told]
    assert "nico/plays key_is_unique failed, 2 of 400 rows" in service.texts[0]
    assert "heard" not in service.texts[0], "examples are nobody's business but the listener's"
    execute(instance, check=dg.AssetCheckResult(passed=True))
    tick()
    assert service.told[1:] == [("success", "Playledger: checks of nico (resolved)")]


def test_a_check_that_stops_a_run_is_one_alert(
    tick: Tick, service: Receiver, instance: dg.DagsterInstance
) -> None:
    result = execute(instance, check=not_passed(ERROR), blocking=True)
    assert not result.success
    tick()
    assert service.told == [("failure", "Playledger: checks of nico")]


def test_a_backfill_of_which_many_dates_fail_is_one_message_and_no_recovery(
    tick: Tick, service: Receiver, instance: dg.DagsterInstance
) -> None:
    backfill = {run_context.BACKFILL_TAG: "abcdefgh"}
    problem = CorruptFile("unreadable: delete it")
    for day in range(1, 4):
        execute(instance, "daily_nico", failing(problem), date=f"2026-02-0{day}", tags=backfill)
        tick()
    check = not_passed(ERROR)
    execute(instance, check=check, blocking=True, date="2026-02-05", tags=backfill)
    execute(instance, "daily_nico")
    tick()
    assert service.told == [("failure", "Playledger: backfill of nico")]


def test_a_backfill_that_a_check_stops_is_told(
    tick: Tick, service: Receiver, instance: dg.DagsterInstance
) -> None:
    tags = {run_context.BACKFILL_TAG: "abcdefgh"}
    execute(instance, check=not_passed(ERROR), blocking=True, date="2026-02-05", tags=tags)
    tick()
    assert service.told == [("failure", "Playledger: backfill of nico")]
    assert "for 2026-02-05 was stopped by a check" in service.texts[0]


def test_a_spotify_that_is_down_is_told_in_its_words(
    tick: Tick, service: Receiver, instance: dg.DagsterInstance
) -> None:
    execute(instance, "poll_nico", failing(SpotifyDown("recently_played: Spotify answered 500")))
    tick()
    assert "failed at nico/plays: recently_played: Spotify answered 500" in service.texts[0]


def test_a_rebuild_that_fails_is_over_when_its_step_succeeds(
    tick: Tick, service: Receiver, instance: dg.DagsterInstance
) -> None:
    def rebuild(does: Callable[[], None]) -> None:
        @dg.asset(key_prefix="nico")
        def gaps() -> None:
            does()

        job = dg.Definitions(assets=[gaps]).resolve_implicit_global_asset_job_def()
        job.execute_in_process(instance=instance, raise_on_error=False, run_config=QUIET)

    rebuild(failing(ZeroDivisionError()))
    execute(instance, "daily_nico")  # its steps are others
    tick()
    assert service.told == [("failure", "Playledger: materialization of nico")]
    assert "at nico/gaps with an unexpected ZeroDivisionError" in service.texts[0]
    rebuild(well)
    tick()
    assert service.told[1:] == [("success", "Playledger: materialization of nico (resolved)")]


def test_a_rebuild_after_a_backfill_has_a_name_of_its_own(
    tick: Tick, service: Receiver, instance: dg.DagsterInstance
) -> None:
    execute(instance, "rebuild_nico", failing(CorruptFile("plays is unreadable: delete it")))
    execute(instance, "daily_nico")  # whose dates come later than those that were to be rebuilt
    tick()
    assert service.told == [("failure", "Playledger: rebuild of nico")]
    assert "failed at nico/plays: plays is unreadable: delete it" in service.texts[0]
    execute(instance, "rebuild_nico")
    tick()
    assert service.told[1:] == [("success", "Playledger: rebuild of nico (resolved)")]


def test_views_of_all_locations_that_fail_are_told_and_over(
    tick: Tick, service: Receiver, instance: dg.DagsterInstance
) -> None:
    execute(instance, "views_of_all", failing(CorruptFile("a table cannot be read")))
    tick()
    assert service.told == [("failure", "Playledger: making of the views of all listeners")]
    execute(instance, "daily_nico")
    tick()
    assert len(service.told) == 1, "another job's success says nothing of this one"
    execute(instance, "views_of_all")
    tick()
    assert service.told[1:] == [
        ("success", "Playledger: making of the views of all listeners (resolved)")
    ]


def test_a_listener_of_another_deployment_is_nobody(
    tick: Tick, service: Receiver, instance: dg.DagsterInstance
) -> None:
    execute(instance, "daily_mira", failing(CorruptFile("unreadable")))
    tick()
    assert service.bodies == []


def test_settings_that_cannot_be_read_are_told(
    tick: Tick, service: Receiver, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LISTENERS_FILE", str(tmp_path / "nowhere.toml"))
    tick()
    assert service.told == [("failure", "Playledger: settings")]
    assert service.texts[0].startswith("LISTENERS_FILE: there is no file")


def test_a_month_of_downtime_is_no_flood(
    tick: Tick, service: Receiver, instance: dg.DagsterInstance
) -> None:
    execute(instance, "daily_nico", well)
    tick()
    execute(instance, "poll_nico", failing(SpotifyError("profile: Spotify answered 500")))
    with time_machine.travel(datetime.now(UTC) + timedelta(days=31)):
        tick()
        tick()
    assert service.told == [("failure", "Playledger: nico collecting")]


def test_a_clock_that_was_ahead_makes_nobody_blind(
    tick: Tick, service: Receiver, instance: dg.DagsterInstance, log_in: Callable[..., None]
) -> None:
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=20)):
        tick()
    execute(instance, "poll_nico", failing(SpotifyError("profile: Spotify answered 500")))
    log_in(authorized_at=datetime.now(UTC), refused=True)
    tick()
    assert {title for _, title in service.told} == {
        "Playledger: poll of nico",
        "Playledger: nico login",
    }


def test_checks_that_a_person_executes_alone_are_told_and_over(
    tick: Tick, service: Receiver, instance: dg.DagsterInstance
) -> None:
    def execute_checks(result: dg.AssetCheckResult) -> None:
        @dg.asset(key_prefix="nico")
        def plays() -> None: ...

        @dg.multi_asset_check(
            name="plays_checks", specs=[dg.AssetCheckSpec("key_is_unique", asset=plays)]
        )
        def checks() -> Iterator[dg.AssetCheckResult]:
            yield result

        defined = dg.Definitions(assets=[plays], asset_checks=[checks])
        key = dg.AssetCheckKey(plays.key, "key_is_unique")
        job = defined.resolve_implicit_global_asset_job_def()
        alone = job.get_subset(asset_selection=set(), asset_check_selection={key})
        ran = alone.execute_in_process(instance=instance, run_config=QUIET)
        assert ran.get_asset_check_evaluations()

    execute_checks(not_passed(ERROR)._replace(check_name="key_is_unique"))
    tick()
    assert service.told == [("failure", "Playledger: checks of nico")]
    execute_checks(dg.AssetCheckResult(passed=True, check_name="key_is_unique"))
    tick()
    assert service.told[1:] == [("success", "Playledger: checks of nico (resolved)")]
