"""`python -m sandbox`: start a sandbox and keep it until SIGTERM or Ctrl-C.

Add command-line options here, and nothing that tests would want in process.
"""

import argparse
import signal
import sys
from collections.abc import Sequence
from threading import Event

from sandbox import hoard
from sandbox.listeners import Listener
from sandbox.recordings import Recordings
from sandbox.server import Sandbox
from sandbox.shapes import SHAPES


def main(argv: Sequence[str] | None = None) -> int:
    """Run a sandbox; returns the exit status."""
    options = _parser().parse_args(argv)
    try:
        with _sandbox(options) as sandbox:
            if options.now:
                sandbox.clock.fix(options.now)
            for user in sandbox.app.listeners if options.hoard else ():
                hoard.add(sandbox.playlists, user, options.hoard)
            done = _at_signal()
            sys.stdout.write(_greeting(sandbox, options.user) + "\n")
            sys.stdout.flush()
            done.wait()
    except (OSError, ValueError, KeyError) as wrong:
        sys.stderr.write(f"sandbox: {wrong}\n")
        return 1
    return 0


def _at_signal() -> Event:
    """An event that SIGTERM and Ctrl-C set."""
    done = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: done.set())
    return done


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=8765, help="0 takes a free one")
    parser.add_argument(
        "--user", action="append", help="a name, or a kind such as student; may be repeated"
    )
    parser.add_argument("--timezone", help="where they live; by default as their kind does")
    parser.add_argument("--shape", choices=SHAPES, help="response shapes")
    parser.add_argument("--recordings", metavar="FOLDER", help="play these responses back")
    parser.add_argument(
        "--hoard", type=int, metavar="ENTRIES", help="give each two playlists of so many entries"
    )
    parser.add_argument("--now", metavar="INSTANT", help="stand still at this time (ISO 8601)")
    return parser


def _sandbox(options: argparse.Namespace) -> Sandbox:
    options.user = options.user or ["demo"]
    return Sandbox(
        *(Listener(name, options.timezone) for name in options.user),
        port=options.port,
        shape=options.shape,
        recordings=Recordings(options.recordings) if options.recordings else None,
    )


def _greeting(sandbox: Sandbox, users: Sequence[str]) -> str:
    told = " ".join(f"{name}={value}" for name, value in sandbox.environment(*users).items())
    return f"Sandbox at {sandbox.accounts_url} {told}"


if __name__ == "__main__":
    sys.exit(main())
