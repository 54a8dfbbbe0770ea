"""A lake with labelled months, made once."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.labelled import evenings, imported
from tests.support.world import World


@pytest.fixture(scope="session")
def template(once: Callable[[str, Callable[[Path], object]], Path]) -> Path:
    """Eight months, labelled."""

    def make(folder: Path) -> None:
        world = World(folder / "lake")
        imported(world, evenings(8))
        world.follow()

    return once("labelled", make) / "lake"


@pytest.fixture
def world(template: Path, tmp_path: Path) -> World:
    """A copy of them."""
    shutil.copytree(template, tmp_path / "lake")
    return World(tmp_path / "lake")
