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
    """End all of a group: first by asking, then by killing.

    Args:
        group: its id.
        keep: processes in it that need not have ended: the guard, who comes last.
        grace_s: for how long they are asked.
    """
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGTERM)
    deadline = time.monotonic() + grace_s
    while time.monotonic() < deadline:
        living = members(group)
        if living is not None and not living - keep:
            break
        time.sleep(0.1)
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def main() -> None:
    """Wait for the end of the one who started this, then end the rest."""
    for ignored in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    while sys.stdin.buffer.read(1):
        pass
    end_group(os.getpgrp(), keep={os.getpid()})


if __name__ == "__main__":
    main()
