"""`make dev`: the Dagster UI on the demo's lake, with the sandbox running beside it."""

import subprocess
import sys
from pathlib import Path

from demo_setting import FEATURES, HOME, ROOT, fill_in_survey, point_at

from sandbox import Sandbox


def main() -> int:
    """Run until Ctrl-C."""
    with Sandbox("demo") as sandbox:
        point_at(sandbox)
        if (HOME / FEATURES).exists():  # else there was no demo yet
            fill_in_survey(sandbox)
        print("Dagster will be at http://127.0.0.1:3000 (Ctrl-C ends it)")  # noqa: T201
        dagster = Path(sys.executable).with_name("dagster")
        workspace = str(ROOT / "workspace.yaml")
        command = [str(dagster), "dev", "-w", workspace, "--host", "127.0.0.1", *sys.argv[1:]]
        # Not where a person's own `.env` may lie, which Dagster would prefer to the sandbox.
        with subprocess.Popen(command, cwd=HOME) as process:  # noqa: S603 our own command
            try:
                return process.wait()
            except KeyboardInterrupt:
                return process.wait()


if __name__ == "__main__":
    raise SystemExit(main())
