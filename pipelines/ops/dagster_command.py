"""Dagster's daemon or webserver as `playledger up` starts them, who leave each other in peace.

Their code server lives as long as they do, so they need not look every second whether it is another
by now. Add here what such a process does otherwise than by Dagster's own command; which processes
there are is `cli/up.py`.
"""

import sys
from importlib.metadata import entry_points

from pipelines.ops.dagster_internals import watch_code_server_every

WATCH_EVERY_S = 30.0


def main() -> None:
    """Run the command of Dagster's that the arguments are, in this process."""
    del sys.argv[0]
    watch_code_server_every(WATCH_EVERY_S)
    [command] = entry_points(group="console_scripts", name=sys.argv[0])
    command.load()()


if __name__ == "__main__":
    main()
