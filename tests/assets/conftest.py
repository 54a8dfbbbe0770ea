"""A lake with labelled months, made once."""

import shutil
from pathlib import Path

import pytest

from tests.support.labelled import evenings, imported
from tests.support.world import World


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight months, labelled."""
    root = tmp_path_factory.mktemp("labelled") / "lake"
    world = World(root)
    imported(world, evenings(8))
    world.follow()
    return root


@pytest.fixture
def world(template: Path, tmp_path: Path) -> World:
    """A copy of them."""
    shutil.copytree(template, tmp_path / "lake")
    return World(tmp_path / "lake")
