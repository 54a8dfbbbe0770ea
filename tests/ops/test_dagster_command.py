"""Dagster's own commands, run by ours: the same, but that they ask their code server less often."""

import subprocess
import sys
from pathlib import Path

import pytest
from dagster._daemon import controller

from pipelines.ops.dagster_command import RELOAD_EVERY_S, WATCH_EVERY_S
from pipelines.ops.dagster_internals import (
    reload_workspace_every,
    server_watcher,
    watch_code_server_every,
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


def test_it_asks_less_often_whether_the_code_server_is_another_one() -> None:
    by_itself = server_watcher.WATCH_INTERVAL
    assert 0 < by_itself < WATCH_EVERY_S, "Dagster's own, in seconds"
    try:
        watch_code_server_every(WATCH_EVERY_S)
        assert server_watcher.WATCH_INTERVAL == WATCH_EVERY_S
    finally:
        watch_code_server_every(by_itself)


def test_it_asks_less_often_for_all_that_the_code_servers_have() -> None:
    by_itself = controller.RELOAD_WORKSPACE_INTERVAL
    assert 0 < by_itself < RELOAD_EVERY_S, "Dagster's own, in seconds"
    try:
        reload_workspace_every(RELOAD_EVERY_S)
        assert controller.RELOAD_WORKSPACE_INTERVAL == RELOAD_EVERY_S
    finally:
        reload_workspace_every(by_itself)
