"""Where the demo keeps its things and how the pipeline finds the sandbox.

Shared by `demo.py`, `dev.py` and `dashboard.py`; nothing of it is used outside the demo.
"""

import os
import shutil
from pathlib import Path

from sandbox import Sandbox
from testing.variables import OF_A_PIPELINE

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / "demo"
LAKE = HOME / "lake"
FEATURES = "audio_features.csv"
"""Of the sandbox's music, in `HOME`."""


def fill_in_survey(sandbox: Sandbox) -> int:
    """Have a class answer the demo's survey; returns how many rows its sheet has."""
    import pyarrow.csv  # noqa: PLC0415 after the environment is set

    from sandbox.demo_survey import SHEET_ID, rows  # noqa: PLC0415

    sheet = rows(pyarrow.csv.read_csv(HOME / FEATURES))
    sandbox.google.sheet(SHEET_ID, sheet)
    return len(sheet) - 1


def point_at(sandbox: Sandbox) -> None:
    """Set this process's environment so that the pipeline talks to the sandbox, and to nobody else.

    Who runs the demo may have the settings of a pipeline of their own, which it must not alert.
    """
    for name in [one for one in os.environ if one.startswith(OF_A_PIPELINE)]:
        del os.environ[name]
    dagster_home = HOME / "dagster"
    dagster_home.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "dagster.yaml", dagster_home / "dagster.yaml")
    os.environ |= {
        "ENV_FILE": os.devnull,  # nothing of a person's own set-up
        "DAGSTER_HOME": str(dagster_home),
        "LAKE_URL": str(LAKE),
        "TOKENS_DIR": str(HOME / "tokens"),
        "CACHE_FILE": str(HOME / "answers.sqlite"),
        "DASHBOARD_FILE": str(HOME / "dashboard.sqlite"),
        "LISTENERS_FILE": str(ROOT / "sandbox" / "listeners.toml"),
        "SURVEYS_FILE": str(ROOT / "sandbox" / "surveys.toml"),
        "SURVEY_KEYS_DIR": str(HOME / "survey-keys"),
        **sandbox.environment("demo"),
        "PYTHONWARNINGS": "ignore",
    }
