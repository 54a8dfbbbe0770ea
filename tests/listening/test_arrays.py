"""What is imported by whoever makes arrays."""

import subprocess
import sys

LOADED = """
import sys
import pipelines.definitions
import pyarrow as pa

pa.array([[1]])
assert "pandas" not in sys.modules
table = pa.table({"a": [1, 2]})
assert table.to_pandas()["a"].sum() == 3
assert pa.Table.from_pandas(table.to_pandas(), preserve_index=False).equals(table)
"""


def test_lists_become_arrays_without_pandas_and_frames_are_made_with_it() -> None:
    subprocess.run([sys.executable, "-W", "ignore", "-c", LOADED], check=True)
