"""The code servers of several locations on one machine, as children of one process.

They import the same before each loads what its listeners have. Here that is imported once: the
children are forked from a process that has done it, and share its memory as long as nobody changes
it. One of them ends: all end, as services of `ops/services.py` do. Where they listen is
`ops/code_servers.py`; add here what it takes to keep them running.

    python -m pipelines.cli.serve_code FOLDER      on sockets in a folder
    python -m pipelines.cli.serve_code HOST PORT   on ports, this one and the next

It is a program of its own and no command of `playledger`: the processes of runs are started anew
by these children, and import their program again. All that it imports, a run needs too.
"""

import gc
import math
import os
import runpy
import signal
import sys
import time
from collections.abc import Iterable, Sequence
from contextlib import redirect_stdout, suppress
from io import StringIO
from pathlib import Path

import pipelines.definitions  # noqa: F401 for all children, once
from pipelines.ops.code_servers import CodeServer, servers_in_folder, servers_on_ports
from pipelines.ops.guard import GRACE_S
from pipelines.ops.services import is_taken
from pipelines.settings import Settings, become, locations

READY_S = 300
"""What a slow machine takes to load the definitions of all."""


ENDING = (signal.SIGTERM, signal.SIGINT)
"""What asks this process to end."""


class _Ended(Exception):
    """Somebody wants all of this to end."""


def serve(servers: Sequence[CodeServer]) -> int:
    """Serve until one of them ends, or this is asked to; returns the exit status.

    The first one comes last: who sees that it is ready may ask all of them.

    Args:
        servers: one for each location.
    """

    def end(*_: object) -> None:
        raise _Ended

    for number in ENDING:
        signal.signal(number, end)
    children: set[int] = set()
    grace_s = GRACE_S
    try:
        with redirect_stdout(StringIO()):  # what the children need is imported on the way
            _dagster("api", "grpc", "--help")
        gc.collect()
        gc.freeze()  # whoever searches it for garbage changes it, and then has a copy
        first, *others = servers
        for some in (others, [first]):
            for one in some:
                _fork(one, children)
            if not _are_ready(some, children):
                return 1
        while not _has_ended(children):
            pass
    except _Ended:
        grace_s = math.inf
        return 0
    finally:
        for number in ENDING:
            signal.signal(number, signal.SIG_IGN)
        _end(children, grace_s)
    return 1


def _end(children: set[int], grace_s: float) -> None:
    """End all that still live, and wait for it.

    A code server that is asked to end does so when its runs have. Where one has ended by itself,
    nothing is collected until all are started again: the others cannot have hours for that.

    Args:
        children: their ids.
        grace_s: after so many seconds they are killed.
    """
    deadline = time.monotonic() + grace_s
    with suppress(ChildProcessError):
        _signal(children, signal.SIGTERM)
        while children and time.monotonic() < deadline:
            if not _has_ended(children, os.WNOHANG):
                time.sleep(0.1)
        _signal(children, signal.SIGKILL)
        while children:
            _has_ended(children)


def _has_ended(children: set[int], options: int = 0) -> bool:
    """Whether one of them has, which is then taken from them; without options it is waited for."""
    child, _ = os.waitpid(-1, options)
    # The first process of a container gets those of runs too, when their parent has ended.
    is_own = child in children
    children.discard(child)
    return is_own


def _signal(children: Iterable[int], number: signal.Signals) -> None:
    for child in children:
        with suppress(ProcessLookupError):
            os.kill(child, number)


def _fork(server: CodeServer, children: set[int]) -> None:
    """Start one, and add its process's id to the children."""
    # Nobody may end this before the child is among those that are ended with it.
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    if child := os.fork():
        children.add(child)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
        return
    status = 1
    try:
        for number in ENDING:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
        become(server.location)
        status = _dagster(*server.arguments)
    finally:
        os._exit(status)  # whatever was raised: what its parent does in the end is not its to do


def _dagster(*arguments: str) -> int:
    """Dagster's own command in this process, as `python -m dagster`; returns its exit status."""
    sys.argv = ["dagster", *arguments]
    try:
        runpy.run_module("dagster", run_name="__main__")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


def _are_ready(servers: Sequence[CodeServer], children: set[int]) -> bool:
    """Wait until all take connections; False where one has ended, or takes too long."""
    deadline = time.monotonic() + READY_S
    while not all(is_taken(one.listens) for one in servers):
        if _has_ended(children, os.WNOHANG) or time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True


def main(where: Sequence[str]) -> int:
    """Serve the locations of the settings; returns the exit status.

    Args:
        where: a folder; or a host, and the port of the first.
    """
    divided = locations(Settings.of_program().listeners)
    match where:
        case [folder]:
            return serve(servers_in_folder(divided, Path(folder)))
        case [host, port]:
            return serve(servers_on_ports(divided, host, int(port)))
    sys.stderr.write("say a folder, or a host and a port\n")
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
