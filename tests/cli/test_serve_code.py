"""Several code servers as children of one process: none of them is lost sight of.

They are small ones of this test's; Dagster's are started in `system/deploy/test_many_apps.py`.
"""

import subprocess
import sys

import pytest

from tests.support.environment import Environment

pytestmark = pytest.mark.waits

WITH_SMALL_SERVERS = """
import os, signal, sys, time
from pathlib import Path
from pipelines.cli import serve_code
from pipelines.ops.code_servers import CodeServer
from pipelines.settings import Location

def server(*arguments):
    if "--help" not in arguments:
        time.sleep({lasts})
        print("by itself", flush=True)
    return 3

serve_code._dagster = server
started = []
fork = os.fork

def counted():
    child = fork()
    if child:
        started.append(child)
        {then}
    return child

serve_code.os.fork = counted
servers = [CodeServer(Location(app, (), True), Path("nowhere")) for app in ("main", "second")]
status = serve_code.serve(servers)
living = [child for child in started if Path(f"/proc/{{child}}").exists()]
print(status, len(started), len(living))
"""


def served(*, lasts: float, then: str = "pass") -> str:
    """The exit status, how many children were started, and how many of them are left.

    Args:
        lasts: after so many seconds a child ends by itself.
        then: what happens as soon as one is forked.
    """
    code = WITH_SMALL_SERVERS.format(lasts=lasts, then=then)
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=240, check=False
    )
    return told.stdout.strip() or told.stderr


@pytest.mark.rare
def test_one_that_is_just_being_started_is_ended_too(environment: Environment) -> None:
    asked = "os.kill(os.getpid(), signal.SIGTERM)"
    assert served(lasts=600, then=asked) == "0 1 0"


@pytest.mark.rare
def test_one_that_ends_before_it_is_ready_ends_all(environment: Environment) -> None:
    assert served(lasts=0) == "by itself\n1 1 0"


@pytest.mark.rare
def test_the_end_of_a_process_that_was_only_left_here_ends_nothing(
    environment: Environment,
) -> None:
    assert served(lasts=2, then="fork() or os._exit(0)") == "by itself\n1 1 0"
