"""Five listeners on one deployment: Postgres, gRPC, and one request budget for them all."""

import itertools
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pyarrow.parquet as pq
import pytest
from dagster._core.launcher import WorkerStatus
from dagster._core.storage.dagster_run import NOT_FINISHED_STATUSES

from pipelines.resources.lake.lakes import Lake
from pipelines.resources.spotify.client import Spotify
from pipelines.settings import Settings
from sandbox import Sandbox, truth
from testing.pipeline import today
from tests.support.dagster_processes import ROOT, until
from tests.support.environment import Environment
from tests.system.deploy.deployment import deployment, in_postgres, postgres, postgres_bin

LISTENERS = ("ana", "ben", "cleo", "dora", "emil")
LEDGER = (
    *("profile", "recently_played", "top_items", "playlists"),
    *("recent_tracks", "top_tracks", "top_artists", "snapshot_metrics"),
    *("polled", "plays", "gaps"),
)
"""A daily run up to the ledger: what follows asks nobody, and would take a minute for five."""

NOT_OVER = dg.RunsFilter(statuses=NOT_FINISHED_STATUSES)

PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")

INTERVAL_S = 0.1
ON_THE_WAY_S = 0.01
"""The throttle counts to when a request is sent, the sandbox from when one arrives."""

pytestmark = [
    pytest.mark.rare,
    pytest.mark.waits,
    pytest.mark.skipif(
        postgres_bin() is None, reason="Postgres is not installed: run `make postgres`"
    ),
]


@pytest.fixture
def sandbox(environment: Environment) -> Iterator[Sandbox]:
    environment.listeners(*LISTENERS)
    with Sandbox(*LISTENERS) as running:
        environment.ask(running, *LISTENERS)
        yield running


@pytest.fixture
def given(sandbox: Sandbox, environment: Environment) -> Iterator[dict[str, str]]:
    """What the code server is given; this process has it too, for a look at the same instance."""
    with postgres() as database:
        environment.set(REQUEST_INTERVAL_S=str(INTERVAL_S), **database)
        yield environment.variables


def are(status: dg.DagsterRunStatus, runs: list[str], instance: dg.DagsterInstance) -> bool:
    """Whether all runs have come so far; fails where one has failed."""
    records = instance.get_run_records(dg.RunsFilter(run_ids=runs))
    now = [record.dagster_run.status for record in records]
    assert dg.DagsterRunStatus.FAILURE not in now
    return now == [status] * len(runs)


def whether_alive(runs: list[str], instance: dg.DagsterInstance) -> list[WorkerStatus]:
    """Whether the runs' processes live, as run monitoring asks it."""
    found = [instance.get_run_by_id(one) for one in runs]
    return [instance.run_launcher.check_run_worker_health(one).status for one in found]


@pytest.mark.timeout(900)
def test_five_listeners_runs_share_one_request_budget_and_outlive_a_reload_of_the_code(
    sandbox: Sandbox, given: dict[str, str], tmp_path: Path
) -> None:
    home = tmp_path / "dagster"
    home.mkdir()
    lake = Lake.open(Settings())
    turns = Spotify(Settings(), lake).client(LISTENERS[0]).throttle
    with (
        deployment(home, given) as deployed,
        dg.DagsterInstance.from_config(str(home)) as instance,
    ):
        web = deployed.webserver
        # A poll that is due meanwhile would wait for its turn in the place of one of the five.
        web.stop_schedules()
        until(lambda: not instance.get_runs_count(NOT_OVER), "the end of what was due")
        sandbox.requests.clear()
        with turns.slot():  # of this machine: whoever wants to ask waits until it is given back
            runs = [
                web.launch(f"daily_{name}", today(), [(name, one) for one in LEDGER])
                for name in LISTENERS
            ]
            until(lambda: are(dg.DagsterRunStatus.STARTED, runs, instance), "five runs")
            assert sandbox.requests == []
            web.reload()
            assert whether_alive(runs, instance) == [WorkerStatus.RUNNING] * len(runs)
        until(lambda: are(dg.DagsterRunStatus.SUCCESS, runs, instance), "their end")
        assert [deployed.is_healthy(name) for name in ("code", "webserver", "daemon")] == [True] * 3
        migrated = deployed.run("dagster", "instance", "migrate")
        assert migrated.returncode == 0, migrated.stderr
    assert_that_a_dump_holds(runs, given, home)
    assert_that_requests_were_spaced(sandbox)
    for name in LISTENERS:
        assert_that_all_plays_are_their_own(name, lake)


def assert_that_a_dump_holds(runs: list[str], environment: dict[str, str], home: Path) -> None:
    """Dump and restore as the page says, though no container is here."""
    told = re.findall(r"^docker compose exec -T postgres (.*)$", PAGE, flags=re.MULTILINE)
    dump, restore = told
    # As the page drops it: this process, which has looked at the runs, keeps its connection.
    in_postgres(f"{dump}\ndropdb --force dagster\ncreatedb dagster\n{restore}", environment, home)
    with dg.DagsterInstance.from_config(str(home)) as instance:
        assert are(dg.DagsterRunStatus.SUCCESS, runs, instance)


def assert_that_requests_were_spaced(sandbox: Sandbox) -> None:
    """All of them, whoever sent them."""
    times = sorted(one.time for one in sandbox.requests)
    assert len(times) > 10 * len(LISTENERS)
    assert min(b - a for a, b in itertools.pairwise(times)) >= INTERVAL_S - ON_THE_WAY_S
    # Nobody waits until another is done: who asks changes far more often than four times.
    users = [one.user for one in sandbox.requests if one.user]
    assert set(users) == set(LISTENERS)
    assert sum(a != b for a, b in itertools.pairwise(users)) > 3 * len(LISTENERS)


def assert_that_all_plays_are_their_own(name: str, lake: Lake) -> None:
    since = datetime.now(UTC) - timedelta(days=30)
    lived = {(play.played_at, play.track.id) for play in truth(name, since, datetime.now(UTC))}
    rows = plays(name, lake)
    assert len(rows) >= 50
    assert {row["listener"] for row in rows} == {name}
    assert {(row["played_at"], row["track_id"]) for row in rows} <= lived


def plays(name: str, lake: Lake) -> list[dict[str, Any]]:
    folder = Path(lake.store.url(f"users/{name}/plays"))
    files = sorted(folder.glob("year=*/month=*/data.parquet"))
    return [row for file in files for row in pq.ParquetFile(file).read().to_pylist()]
