"""What a click starts through a real webserver and daemon: one run, never a second beside it."""

import os
import time

import pytest

from pipelines.errors import DagsterAway, DagsterRefused, LoginMissing
from pipelines.ops import starting
from pipelines.ops.dagster_server import ASSET_JOB, DagsterServer, Run
from pipelines.resources.lake.lakes import Lake
from pipelines.settings import Settings
from sandbox import Sandbox
from tests.support.dagster_processes import ROOT, daemon, until, webserver
from tests.support.environment import Environment


def ended(server: DagsterServer, started: starting.Started) -> Run:
    """The run, once it is over."""
    # A day's run takes minutes where all tests run at once; the test's own limit ends the wait.
    while (run := server.run(started.run.id)).is_under_way:
        time.sleep(1)
    return run


@pytest.mark.rare
@pytest.mark.timeout(900)
def test_all_is_collected_once_a_day_unless_forced_and_nothing_runs_twice(
    environment: Environment, sandbox: Sandbox
) -> None:
    environment.dagster_home((ROOT / "dagster.yaml").read_text())
    environment.set(PYTHONWARNINGS="ignore")
    given = dict(os.environ)
    with webserver(environment.folder, given) as (_, web):
        web.stop_schedules()
        server = DagsterServer(web.url)
        with daemon(environment.folder, given):
            first = starting.collect_now(server, "nico")
            assert isinstance(first, starting.Started)
            assert first.is_new
            beside = [
                starting.collect_now(server, "nico", force=True),
                starting.derive_now(server, "nico"),
                starting.import_now(server, "nico"),
            ]
            assert beside == [starting.Started(one.run, is_new=False) for one in beside]  # type: ignore[union-attr]
            assert {one.run.id for one in beside} == {first.run.id}  # type: ignore[union-attr]
            assert starting.what_runs(first.run, "nico") == "collecting"
            run = ended(server, first)
            assert run.is_good
            assert run.steps_done == run.steps > 30
            assert run.share_done == 1

            asked = len(sandbox.requests)
            assert starting.collect_now(server, "nico") == starting.NotYet(run.ended_at)  # type: ignore[arg-type]
            derived = ended(server, starting.derive_now(server, "nico"))
            assert (derived.is_good, derived.job) == (True, ASSET_JOB)
            assert ("nico", "sessions") in derived.assets
            assert ("nico", "recently_played") not in derived.assets
            assert len(sandbox.requests) == asked

            for file in environment.tokens.iterdir():
                file.unlink()
            environment.unset("SPOTIFY_REFRESH_TOKEN_NICO")
            with pytest.raises(LoginMissing):
                starting.check_can_collect(Settings(), Lake.open(Settings()), "nico")

        with pytest.raises(DagsterRefused, match="has no job daily_ora: was it started again"):
            starting.collect_now(server, "ora")
    with pytest.raises(DagsterAway, match="does not answer at http://127"):
        starting.collect_now(server, "nico")


@pytest.mark.rare
@pytest.mark.timeout(900)
def test_without_a_webserver_deriving_is_done_here_and_once(
    environment: Environment,
) -> None:
    environment.set(PYTHONWARNINGS="ignore")
    processes = starting.OwnProcesses()
    first = processes.import_inbox("nico")
    assert processes.derive("nico") is first
    assert "an import" in starting.process_instead_words(first, starting.DERIVING)
    assert not starting.process_instead_words(first, starting.WORDS["import"])
    until(lambda: not first.is_under_way, "an import of nothing")
    assert processes.of("nico") is first
    assert first.is_good, first.why_failed()
    assert first.steps_done > 0


def a_run(job: str) -> Run:
    return Run("a", job, "STARTED", 0, 9, None, None, {}, ())


def test_a_click_tells_where_something_else_is_under_way_and_nothing_was_started() -> None:
    poll = starting.Started(a_run("poll_nico"), is_new=False)
    for wanted in (starting.DERIVING, starting.WORDS["import"]):
        assert starting.instead_words(poll, wanted, "nico") == (
            "Already under way: a poll. Nothing else was started beside it."
        )
    again = starting.Started(a_run("import_nico"), is_new=False)
    new = starting.Started(a_run("import_nico"), is_new=True)
    for begun in (again, new):
        assert starting.instead_words(begun, starting.WORDS["import"], "nico") == ""
    assert "an import" in starting.instead_words(again, starting.DERIVING, "nico")


def test_of_all_runs_a_poll_alone_makes_no_tables() -> None:
    jobs = [ASSET_JOB, *(f"{kind}_nico" for kind in starting.JOBS)]
    lacking = [job for job in jobs if not starting.makes_tables(a_run(job), "nico")]
    assert lacking == ["poll_nico"]
