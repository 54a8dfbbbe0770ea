"""What loading the definitions costs."""

import subprocess
import sys


def test_loading_the_definitions_reads_neither_boto3_nor_great_expectations() -> None:
    code = "import sys, pipelines.definitions as d; d.defs(); print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"boto3", "great_expectations", "duckdb", "scipy"} & set(loaded)
