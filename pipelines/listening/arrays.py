"""NumPy types of the domain, and the one number that stands for a missing row or code.

Add here what every room may need of arrays. What an array means belongs to the room that makes it.
"""

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]

MISSING = -1
"""Stands in arrays of row indices and codes where there is no row or no code."""
