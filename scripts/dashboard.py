"""`make dashboard`: the dashboard on the demo's lake, with the sandbox as Spotify beside it.

The demo's listener logs in with the link that is printed, or at the sandbox, which lets them in
without a question. `make demo` makes the lake first.
"""

import sys
from datetime import timedelta

from demo_setting import FEATURES, HOME, LAKE, fill_in_survey, point_at

from sandbox import Sandbox

LISTENER = "demo"
PORT = 8501


def main() -> int:
    """Run until Ctrl-C."""
    port = int(sys.argv[1]) if len(sys.argv) > 1 else PORT
    with Sandbox(LISTENER) as sandbox:
        point_at(sandbox)
        from pipelines.cli.dashboard import invitation_link  # noqa: PLC0415 after the environment
        from pipelines.dashboard.app import serve  # noqa: PLC0415
        from pipelines.settings import Settings  # noqa: PLC0415

        if (HOME / FEATURES).exists():  # else there was no demo yet
            fill_in_survey(sandbox)
        if not LAKE.exists():
            print("There is nothing to see yet: `make demo` makes it")  # noqa: T201
        settings = Settings()

        def say_where(url: str) -> None:
            link = invitation_link(settings, LISTENER, timedelta(hours=1), url)
            print(f"The dashboard is at {url} (Ctrl-C ends it)")  # noqa: T201
            print(f"Log in, once within an hour, with {link}", flush=True)  # noqa: T201

        serve(settings, "127.0.0.1", port, on_start=say_where)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
