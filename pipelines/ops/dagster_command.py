"""Dagster's daemon or webserver as `up`, systemd and Compose start them, who ask little.

A code server has the same definitions as long as it lives. So they need not look every second
whether it is another by now, nor ask every minute for all that it has: with 25 of them, the answers
were three quarters of what the daemon did. Add here what such a process does otherwise than by
Dagster's own command; which processes there are is `cli/up.py`.
"""

import sys
from importlib.metadata import entry_points

from pipelines.ops.dagster_internals import reload_workspace_every, watch_code_server_every

WATCH_EVERY_S = 30.0
RELOAD_EVERY_S = 3600.0

DAEMON = "dagster-daemon"


def main() -> None:
    """Run the command of Dagster's that the arguments are, in this process."""
    del sys.argv[0]
    watch_code_server_every(WATCH_EVERY_S)
    if sys.argv[0] == DAEMON:
        reload_workspace_every(RELOAD_EVERY_S)
    [command] = entry_points(group="console_scripts", name=sys.argv[0])
    command.load()()


if __name__ == "__main__":
    main()
