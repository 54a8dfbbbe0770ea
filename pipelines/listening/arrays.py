"""NumPy types of the domain, and the one number that stands for a missing row or code.

Add here what every room may need of arrays. What an array means belongs to the room that makes it.
"""

import sys

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]

MISSING = -1
"""Stands in arrays of row indices and codes where there is no row or no code."""


class _NoPandasYet:
    """Finds no pandas."""

    @staticmethod
    def find_spec(name: str, *_: object) -> None:
        """See `importlib.abc.MetaPathFinder`."""
        if name == "pandas":
            raise ImportError(name)


def keep_pandas_out() -> None:
    """Let Arrow make arrays of Python's lists without importing pandas, which takes a second.

    Arrow looks for pandas once, at the first such list, since it might be a series. It looks again
    when a table is to become a data frame, as in checks.
    """
    if "pandas" not in sys.modules:
        sys.meta_path.insert(0, _NoPandasYet)
        try:
            pa.array([])
        finally:
            sys.meta_path.remove(_NoPandasYet)


keep_pandas_out()
