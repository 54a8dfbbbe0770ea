"""Where the demo keeps its things and how the pipeline finds the sandbox.

Shared by `demo.py` and `dev.py`; nothing of it is used outside the demo.
"""

import os
import shutil
from pathlib import Path

from sandbox import Sandbox

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / "demo"
LAKE = HOME / "lake"


def point_at(sandbox: Sandbox) -> None:
    """Set this process's environment so that the pipeline talks to the sandbox."""
    dagster_home = HOME / "dagster"
    dagster_home.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "dagster.yaml", dagster_home / "dagster.yaml")
    os.environ |= {
        "DAGSTER_HOME": str(dagster_home),
        "LAKE_URL": str(LAKE),
        "TOKENS_DIR": str(HOME / "tokens"),
        "CACHE_FILE": str(HOME / "answers.sqlite"),
        "LISTENERS_FILE": str(ROOT / "sandbox" / "listeners.toml"),
        **sandbox.environment("demo"),
        "PYTHONWARNINGS": "ignore",
    }
