"""Where this repository and its recorded data lie."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
DATA = ROOT / "tests" / "data"
RECORDED = DATA / "web_api_responses"
