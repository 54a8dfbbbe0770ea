"""The process that outlives `playledger up` by a moment, so that nothing else does.

`services.py` starts it first, as the leader of the group of all that follows. It waits until the
other end of its input is closed, which the kernel does when `up` dies, by whatever signal. Then it
ends its group. It imports nothing that takes time or memory; add nothing here that could fail.
"""

import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

GRACE_S = 10.0
"""How long others have to end in order before they are killed."""

KILLED_S = 4.0
"""How long the end of one that was killed is waited for: longer takes a disk that hangs."""


def members(group: int) -> set[int] | None:
    """The living processes of a group; None where this machine does not list them."""
    found = set()
    if not Path("/proc/self/stat").exists():
        return None
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, ValueError):
            # The name in the parentheses may have spaces and parentheses of its own.
            state, _, of = stat.read_text(errors="replace").rpartition(")")[2].split()[:3]
            if int(of) == group and state not in "ZX":
                found.add(int(stat.parent.name))
    return found


def end_group(group: int, keep: set[int], grace_s: float = GRACE_S) -> None:
    """End all of a group: first by asking, then by killing, and then those who were kept.

    Args:
        group: its id.
        keep: processes in it that end last: the guard, whose end frees the folder for a successor.
        grace_s: for how long they are asked.
    """
    with suppress(OSError):  # nobody is there, or nobody of ours
        os.killpg(group, signal.SIGTERM)
    deadline = time.monotonic() + grace_s
    while (living := _others(group, keep)) != set() and time.monotonic() < deadline:
        time.sleep(0.1)
    # Who is killed holds its ports, files and memory until the system has taken them back.
    deadline = time.monotonic() + KILLED_S
    while living and time.monotonic() < deadline:
        for process in living:
            with suppress(OSError):
                os.kill(process, signal.SIGKILL)
        time.sleep(0.02)
        living = _others(group, keep)
    with suppress(OSError):
        os.killpg(group, signal.SIGKILL)


def _others(group: int, keep: set[int]) -> set[int] | None:
    living = members(group)
    return None if living is None else living - keep


def main() -> None:
    """Wait for the end of the one who started this, then end the rest."""
    for ignored in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    while sys.stdin.buffer.read(1):
        pass
    end_group(os.getpgrp(), keep={os.getpid()})


if __name__ == "__main__":
    main()
