"""Sources that are made up, for every test of what several sources tell."""

from collections.abc import Iterator

import pytest

from tests.support.elsewhere import made_up


@pytest.fixture
def from_elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The product with sources of its own."""
    with made_up(tmp_path_factory.mktemp("sources")):
        yield
