"""Dagster's own commands, run by ours: the same, but that they ask their code server less often."""

import logging
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from dagster._daemon import controller

from pipelines.ops.dagster_command import RELOAD_EVERY_S, WATCH_EVERY_S
from pipelines.ops.dagster_internals import (
    reload_workspace_every,
    server_watcher,
)

COMMAND = "pipelines.ops.dagster_command"


@pytest.mark.parametrize("name", ["dagster-daemon", "dagster-webserver"])
def test_a_command_of_dagsters_is_run_as_it_would_run_by_itself(name: str) -> None:
    ours = [sys.executable, "-m", COMMAND, name]
    by_itself = [str(Path(sys.executable).with_name(name))]
    told, expected = (
        subprocess.run([*one, "--help"], capture_output=True, text=True, check=True).stdout
        for one in (ours, by_itself)
    )
    assert "Options:" in told
    # All but the first line, which calls the command by the name of who runs it.
    assert told.splitlines()[1:] == expected.splitlines()[1:]


TOLD = """
import sys
from dagster._daemon import controller
from pipelines.ops import dagster_command
from pipelines.ops.dagster_internals import server_watcher
by_itself = controller.DagsterDaemonController.check_workspace_freshness
sys.argv = ["", sys.argv[1], "--version"]
try:
    dagster_command.main()
except SystemExit:
    pass
is_ours = controller.DagsterDaemonController.check_workspace_freshness is not by_itself
print(server_watcher.WATCH_INTERVAL, is_ours, controller.RELOAD_WORKSPACE_INTERVAL)
"""


@pytest.mark.parametrize("name", ["dagster-daemon", "dagster-webserver"])
def test_a_code_server_is_asked_less_often(name: str) -> None:
    by_itself = server_watcher.WATCH_INTERVAL
    assert 0 < by_itself < WATCH_EVERY_S, "Dagster's own, in seconds"
    told = subprocess.run(
        [sys.executable, "-c", TOLD, name], capture_output=True, text=True, check=True
    ).stdout
    # Backfills wait for the last one.
    expected = f"{WATCH_EVERY_S} {name == 'dagster-daemon'} {controller.RELOAD_WORKSPACE_INTERVAL}"
    assert told.splitlines()[-1] == expected


class Workspace:
    """What the daemon looks after, here without a server."""

    def __init__(self) -> None:
        self.reloaded = 0
        self.fails = False

    def refresh_workspace(self) -> None:
        if self.fails:
            raise OSError
        self.reloaded += 1


def test_the_daemon_reloads_all_once_it_began_then_hourly_and_again_where_that_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(  # and put back what it was
        controller.DagsterDaemonController,
        "check_workspace_freshness",
        controller.DagsterDaemonController.check_workspace_freshness,
    )
    reload_workspace_every(RELOAD_EVERY_S)
    daemon, workspace = object.__new__(controller.DagsterDaemonController), Workspace()
    vars(daemon).update(
        _grpc_server_registry=None,
        _workspace_process_context=workspace,
        _logger=logging.getLogger("test"),
    )
    began = datetime(2026, 11, 30, 12, tzinfo=UTC)
    last = began.timestamp()
    with time_machine.travel(began, tick=False) as clock:
        for minute in range(1, 122):
            clock.move_to(began + timedelta(minutes=minute, seconds=1))
            last = daemon.check_workspace_freshness(last)
            # A code server may have been replaced while the daemon began.
            assert workspace.reloaded >= 1
        assert workspace.reloaded == 2
        workspace.fails = True
        clock.move_to(began + timedelta(hours=2, minutes=4))
        assert daemon.check_workspace_freshness(last) == last, "it is not the end of the daemon"
        workspace.fails = False
        assert daemon.check_workspace_freshness(last) > last
        assert workspace.reloaded == 3
