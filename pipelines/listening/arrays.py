"""NumPy types of the domain, and the one number that stands for a missing row or code.

Add here what every room may need of arrays. What an array means belongs to the room that makes it.
"""

import sys
from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]

MISSING = -1
"""Stands in arrays of row indices and codes where there is no row or no code."""


def distinct(values: Ints) -> Ints:
    """The distinct values in order; `np.unique` hashes, which takes ten times as long as sorting.

    Args:
        values: in any order.
    """
    ordered = np.sort(values)
    different: Ints = ordered[np.diff(ordered, prepend=ordered[:1] - 1) != 0]
    return different


def placed(values: pa.ChunkedArray, rows: Ints, length: int) -> pa.Array:
    """Values at some rows of a column, which is null elsewhere.

    Args:
        values: in any order.
        rows: the row of each.
        length: of the column.
    """
    at = np.full(length, MISSING)
    at[rows] = np.arange(len(rows))
    return values.combine_chunks().take(pa.array(at, mask=at == MISSING))


def sums_of_rows(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Sums along the last axis, kept as one of length 1.

    Args:
        values: with few columns: adding these up takes a third of what NumPy takes row by row.
    """
    sums: npt.NDArray[Any] = reduce(np.add, np.moveaxis(values, -1, 0))[..., None]
    return sums


def maxima_of_rows(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The largest value along the last axis, kept as one of length 1.

    Args:
        values: with few columns, as for `sums_of_rows`.
    """
    largest: npt.NDArray[Any] = reduce(np.maximum, np.moveaxis(values, -1, 0))[..., None]
    return largest


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
