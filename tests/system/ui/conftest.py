"""The order in which these tests come."""

from pathlib import Path

import pytest

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """First of all: they wait for Dagster's daemon, while other processes test the rest."""
    items.sort(key=lambda item: HERE not in item.path.parents)
