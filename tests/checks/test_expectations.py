"""Great Expectations comes without what no check of ours needs."""

import subprocess
import sys

WITHOUT = """
import sys, warnings
warnings.simplefilter("ignore")
from pipelines.checks.expectations import data_frames, great_expectations
assert data_frames() and great_expectations() is sys.modules["great_expectations"]
print(sorted(name for name in ("altair", "scipy.stats") if name in sys.modules))
"""
USED = (
    WITHOUT
    + """
from great_expectations.expectations.core import (
    expect_column_kl_divergence_to_be_less_than as distributions,
)
import altair, scipy.stats
print(distributions.stats.entropy is scipy.stats.entropy, distributions.alt.Chart is altair.Chart)
"""
)


def told(source: str) -> str:
    command = [sys.executable, "-c", source]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_great_expectations_is_there_without_statistics_and_charts() -> None:
    assert told(WITHOUT).split() == ["[]"]


def test_who_uses_statistics_or_charts_all_the_same_gets_the_real_ones() -> None:
    assert told(USED).splitlines()[-1] == "True True"
