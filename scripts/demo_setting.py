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
        "LISTENERS_FILE": str(ROOT / "sandbox" / "listeners.toml"),
        "SPOTIFY_CLIENT_ID": sandbox.client_id,
        "SPOTIFY_CLIENT_SECRET": sandbox.client_secret,
        "SPOTIFY_API_URL": sandbox.api_url,
        "SPOTIFY_ACCOUNTS_URL": sandbox.accounts_url,
        "SPOTIFY_REFRESH_TOKEN_DEMO": sandbox.refresh_token("demo"),
        # The sandbox does not mind being asked quickly; Spotify would.
        "REQUEST_INTERVAL_S": "0",
        "PYTHONWARNINGS": "ignore",
    }
