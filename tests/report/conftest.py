"""The browser that modules of this folder share; add here what more than one of them opens."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.report.browsing import Browser


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    """Chromium, for one module: as long as it runs nothing else can have a loop of events."""
    # Not above: what has no need of a browser should not be skipped where there is none.
    from tests.report.browsing import started

    with started() as browser:
        yield browser
