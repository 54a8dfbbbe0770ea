"""How many examples a test may have."""

import os

from hypothesis import settings


def of_whole_runs(everyday: int, *, rare: int) -> settings:
    """Examples of what runs all that is derived, each of which takes seconds.

    Args:
        everyday: how many in `make test`.
        rare: how many in `make test-all`.
    """
    full = os.environ.get("HYPOTHESIS_PROFILE") == "all"
    return settings(max_examples=rare if full else everyday)
