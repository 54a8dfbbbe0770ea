"""What is expensive to make is made by one process of the run, and read by all of them."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock


def made_once(
    tmp_path_factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]
) -> Path:
    """A folder that is there already where another worker was the first to want it.

    Args:
        tmp_path_factory: the session's.
        name: what every process of this run calls it.
        make: fills the folder; where it fails, the next one tries again.

    Returns:
        The folder, which nobody may change: copy it.
    """
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder, made = shared / f"once-{name}", shared / f"once-{name}.made"
    with FileLock(f"{folder}.lock"):
        if not made.exists():
            shutil.rmtree(folder, ignore_errors=True)  # of somebody who failed
            folder.mkdir()
            make(folder)
            made.touch()
    return folder
