"""What we use of Dagster and it has not promised: few names, in one module, all still there."""

import ast
import importlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import dagster as dg
import pytest

from pipelines.ops import dagster_records as records
from pipelines.ops.sensors import deployment_sensors

CODE = Path(__file__).parents[2] / "pipelines"
ONLY_IN = CODE / "ops" / "dagster_internals.py"
MOST = 8


def imported(path: Path) -> Iterator[tuple[str, str]]:
    """The private modules of Dagster's that a file imports, each with the name that it takes."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            found = [(node.module or "", one.name) for one in node.names]
        elif isinstance(node, ast.Import):
            found = [(one.name, "") for one in node.names]
        else:
            continue
        yield from ((module, name) for module, name in found if is_private(module, name))


def is_private(module: str, name: str) -> bool:
    """Whether it is Dagster's and not meant for others."""
    first, *parts = module.split(".")
    if not first.startswith("dagster"):
        return False
    return first == "dagster_shared" or any(part.startswith("_") for part in (*parts, name))


def attributes(path: Path) -> Iterator[str]:
    """Private attributes of other objects than `self` and `cls` that a file uses."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Attribute) and node.attr.startswith("_"):
            own = isinstance(node.value, ast.Name) and node.value.id in {"self", "cls"}
            if not own and not node.attr.endswith("__"):
                yield node.attr


def test_private_names_of_dagster_are_few_and_stand_in_one_module() -> None:
    elsewhere = {
        str(path.relative_to(CODE)): sorted(imported(path))
        for path in CODE.rglob("*.py")
        if path != ONLY_IN and any(imported(path))
    }
    assert elsewhere == {}, "import them from ops/dagster_internals.py"
    assert 0 < len([*imported(ONLY_IN), *attributes(ONLY_IN)]) <= MOST


@pytest.mark.parametrize(("module", "name"), sorted(imported(ONLY_IN)))
def test_a_private_name_is_still_where_it_was(module: str, name: str) -> None:
    try:
        there = hasattr(importlib.import_module(module), name)
    except ModuleNotFoundError:
        there = False
    assert there, (
        f"Dagster {dg.__version__} has no {name} in {module} any more: "
        "pipelines/ops/dagster_internals.py says what it is needed for"
    )


@pytest.mark.parametrize("name", sorted(set(attributes(ONLY_IN))))
def test_the_launcher_still_knows_a_runs_code_server(name: str) -> None:
    assert hasattr(dg.DefaultRunLauncher, name), (
        f"Dagster {dg.__version__} has no DefaultRunLauncher.{name} any more: "
        "pipelines/ops/dagster_internals.py says what it is needed for"
    )


def test_every_table_of_dagsters_is_known_to_what_forgets_a_listener(tmp_path: Path) -> None:
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        instance.get_run_records(limit=1)
        instance.all_asset_keys()
        instance.all_instigator_state()
    tables: set[str] = set()
    for path in tmp_path.rglob("*.db"):
        with closing(sqlite3.connect(path)) as database:
            tables |= {
                name
                for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type='table'")
            }
    known = records.RUN_TABLES | records.EVENT_TABLES | records.SCHEDULE_TABLES
    new, gone = tables - known - records.WITHOUT_LISTENERS, known - tables
    assert not new, f"Dagster has new tables, {new}: say in ops/dagster_records.py what is in them"
    assert not gone, f"Dagster has no tables {gone} any more: see ops/dagster_records.py"


def test_the_sensors_of_everyone_are_those_that_there_are() -> None:
    assert set(records.DEPLOYMENT_SENSORS) == {sensor.name for sensor in deployment_sensors()}
