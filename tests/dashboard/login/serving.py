"""`playledger dashboard` with `a_script.py` for its pages: a process that a test starts."""

import sys
from pathlib import Path

from pipelines.dashboard.app import serve
from pipelines.settings import Settings


def main() -> None:
    serve(
        Settings(),
        "127.0.0.1",
        0,
        on_start=lambda url: print(f"The dashboard is at {url} ", flush=True),
        script=Path(sys.argv[1]),
    )


if __name__ == "__main__":
    main()
